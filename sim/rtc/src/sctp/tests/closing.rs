//! The end: in order, at once, and by breach of the rules.

use std::time::Duration;

use super::line::Line;
use crate::reason::Reason;
use crate::sctp::Phase;
use crate::sctp::wire::{Chunk, Data, Packet, Sack};

#[test]
fn a_shutdown_waits_for_what_is_out() {
    let mut line = Line::up(1);
    line.send(0, 0, vec![7; 30_000]);
    line.ends[0].association.shutdown(line.now);
    line.collect(0);
    assert_eq!(line.phases()[0], Phase::ShutdownPending);
    line.run(Duration::from_secs(5));
    assert_eq!(line.phases(), [Phase::Closed; 2]);
    assert_eq!(line.ends[1].messages.len(), 1);
    for reason in [Reason::SctpShutdown, Reason::SctpShutdownComplete] {
        assert!(line.has_reason(0, reason), "{reason:?}");
    }
    assert!(line.has_reason(1, Reason::SctpPeerShutsDown) && line.has_reason(1, Reason::SctpShutdownAck));
}

#[test]
fn a_lost_shutdown_is_repeated() {
    let mut line = Line::up(2);
    line.lost.push((0, line.sent[0]));
    line.ends[0].association.shutdown(line.now);
    line.run(Duration::from_secs(5));
    assert!(line.has_reason(0, Reason::SctpShutdownAgain));
    assert_eq!(line.phases(), [Phase::Closed; 2]);
}

#[test]
fn both_may_shut_down_at_once() {
    let mut line = Line::up(3);
    for end in [0, 1] {
        line.ends[end].association.shutdown(line.now);
    }
    line.run(Duration::from_secs(5));
    assert_eq!(line.phases(), [Phase::Closed; 2]);
}

#[test]
fn an_abort_ends_both_ends_at_once() {
    let mut line = Line::up(4);
    line.ends[0].association.abort(line.now);
    line.run(Duration::from_millis(30));
    assert_eq!(line.phases(), [Phase::Closed; 2]);
    assert!(line.has_reason(0, Reason::SctpAbort) && line.has_reason(1, Reason::SctpAborted));
}

fn sack(line: &Line, tsn: u32) -> Vec<u8> {
    let chunk = Chunk::Sack(Sack { cumulative_tsn: tsn, window: 1_000, ..Sack::default() });
    let tag = line.ends[0].association.snapshot().local_tag;
    Packet { source_port: 5000, destination_port: 5000, verification_tag: tag, chunks: vec![chunk] }
        .to_bytes()
}

/// The TSN of the first DATA chunk that an end sent.
fn first_tsn(line: &Line) -> u32 {
    let data = |packet: &&[u8]| match Packet::parse(packet).ok()?.chunks.into_iter().next()? {
        Chunk::Data(data) => Some(data.tsn),
        _ => None,
    };
    line.packets(0).iter().find_map(data).expect("DATA was sent")
}

#[test]
fn acknowledging_what_was_never_sent_ends_the_association() {
    let mut line = Line::up(5);
    line.send(0, 0, "one");
    let bytes = sack(&line, first_tsn(&line).wrapping_add(1));
    line.inject(0, &bytes);
    assert!(line.has_reason(0, Reason::SctpProtocolViolation));
    assert_eq!(line.phases()[0], Phase::Closed);
}

#[test]
fn an_old_acknowledgment_changes_nothing() {
    let mut line = Line::up(6);
    line.send(0, 0, "one");
    line.run(Duration::from_secs(1));
    let bytes = sack(&line, first_tsn(&line).wrapping_sub(1));
    line.inject(0, &bytes);
    assert!(line.has_reason(0, Reason::SctpOldSack));
    assert_eq!(line.phases()[0], Phase::Established);
}

/// The first packet with DATA that end 0 sent, with something in it changed.
fn first_data_but(line: &Line, change: impl Fn(&mut Data)) -> Vec<u8> {
    let sent = line.packets(0);
    let mut packets = sent.iter().filter_map(|packet| Packet::parse(packet).ok());
    let mut packet =
        packets.find(|packet| matches!(packet.chunks[0], Chunk::Data(_))).expect("DATA was sent");
    if let Chunk::Data(data) = &mut packet.chunks[0] {
        change(data);
    }
    packet.to_bytes()
}

#[test]
fn what_comes_beyond_the_reach_of_an_acknowledgment_is_not_taken() {
    let mut line = Line::up(7);
    line.send(0, 0, "one");
    line.run(Duration::from_secs(1));
    let later = first_data_but(&line, |data| data.tsn = data.tsn.wrapping_add(70_000));
    line.inject(1, &later);
    assert!(line.has_reason(1, Reason::SctpNoRoom));
}

#[test]
fn a_sender_that_wants_to_know_is_told_at_once() {
    let mut line = Line::up(8);
    line.send(0, 0, "one");
    line.run(Duration::from_secs(1));
    let next = first_data_but(&line, |data| {
        data.tsn = data.tsn.wrapping_add(1);
        data.sequence += 1;
        data.immediate = true;
    });
    line.inject(1, &next);
    assert!(line.has_reason(1, Reason::SctpImmediateSack));
}
