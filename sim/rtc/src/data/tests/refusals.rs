//! What the peer does against the rules is refused, by closing what it is about.

use super::line::Line;
use crate::data::dcep::{DcepMessage, Open};
use crate::data::{ChannelInit, Persistence, ReadyState, ppid};
use crate::reason::Reason;

fn open() -> Vec<u8> {
    let (label, protocol) = ("stranger".to_owned(), String::new());
    let open = Open { ordered: true, persistence: Persistence::Reliable, priority: 0, label, protocol };
    DcepMessage::Open(open).to_bytes()
}

#[test]
fn a_stream_of_the_wrong_parity_is_refused() {
    let mut line = Line::up(1);
    line.raw(0, 1, ppid::DCEP, open());
    line.raw(1, 2, ppid::DCEP, open());
    line.run(1000);
    for end in &line.ends {
        assert!(end.ignored(Reason::DataWrongParity));
        assert_eq!(end.channels.channels().count(), 0);
    }
}

#[test]
fn a_stream_that_is_in_use_is_closed() {
    let mut line = Line::up(2);
    let [ours, theirs] = line.open(ChannelInit::new("chat"), 0);
    line.raw(0, 0, ppid::DCEP, open());
    line.run(2000);
    assert!(line.ends[1].states(theirs).contains(&(ReadyState::Closing, Reason::DataStreamInUse)));
    assert_eq!(line.ends[0].ready(ours), ReadyState::Closed);
    assert_eq!(line.ends[1].ready(theirs), ReadyState::Closed);
}

#[test]
fn a_message_on_a_stream_without_a_channel_is_refused() {
    let mut line = Line::up(3);
    line.raw(0, 6, ppid::TEXT, "nobody is here");
    line.run(1000);
    assert!(line.ends[1].ignored(Reason::DataUnusedStream));
    assert!(line.ends[1].messages().is_empty());
}

#[test]
fn broken_and_unknown_messages_close_the_channel() {
    for (payload, reason) in [
        (vec![3, 0, 0], Reason::DataMalformed),
        (vec![3, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], Reason::DataMalformed),
        (vec![9], Reason::DataUnknownMessage),
    ] {
        let mut line = Line::up(4);
        let [ours, theirs] = line.open(ChannelInit::new("chat"), 0);
        line.raw(0, 0, ppid::DCEP, payload);
        line.run(2000);
        assert!(line.ends[1].states(theirs).contains(&(ReadyState::Closing, reason)), "{reason:?}");
        assert_eq!(line.ends[0].ready(ours), ReadyState::Closed);
    }
}

#[test]
fn payloads_that_are_not_used_any_more_are_dropped() {
    let mut line = Line::up(5);
    let [_, theirs] = line.open(ChannelInit::new("chat"), 0);
    // 52 and 54 are the deprecated partial ones (RFC 8831 §8).
    for protocol in [0, 52, 54, 99] {
        line.raw(0, 0, protocol, "?");
    }
    line.run(1000);
    assert!(line.ends[1].ignored(Reason::DataUnknownPayload));
    assert!(line.ends[1].messages().is_empty());
    assert_eq!(line.ends[1].ready(theirs), ReadyState::Open);
}

#[test]
fn a_peer_that_does_not_reset_streams_leaves_the_closing_to_us() {
    let mut line = Line::up(6);
    let [ours, _] = line.open(ChannelInit::new("chat"), 0);
    let denied = crate::sctp::ResetOutcome::Denied;
    line.ends[0].channels.on_reset_answered(&[0], denied);
    line.run(1);
    assert_eq!(line.ends[0].states(ours).last(), Some(&(ReadyState::Closed, Reason::DataNoReset)));
}

#[test]
fn a_packet_without_an_association_is_ignored() {
    let mut line = Line::new(7);
    line.ends[0].channels.handle_packet(&[1, 2, 3], line.now);
    line.run(1);
    assert!(line.ends[0].ignored(Reason::SctpUnexpectedChunk));
}
