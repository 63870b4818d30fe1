//! Coming up: four ways, both at once, again, with losses, with strangers.

use std::time::Duration;

use super::line::{Line, Seed};
use crate::reason::Reason;
use crate::sctp::wire::{Chunk, Init, Packet};
use crate::sctp::{Association, Config, Phase};
use crate::time::Time;

#[test]
fn four_messages_bring_an_association_up() {
    let mut line = Line::new(1);
    line.ends[0].association.connect(line.now);
    line.run(Duration::from_millis(150));
    assert_eq!(line.phases(), [Phase::Established; 2]);
    assert_eq!(line.ends[0].reasons[..1], [Reason::SctpInit]);
    assert!(line.has_reason(0, Reason::SctpCookieEcho) && line.has_reason(0, Reason::SctpUp));
    assert!(line.has_reason(1, Reason::SctpInitAck) && line.has_reason(1, Reason::SctpCookieAck));
    // INIT, INIT ACK, COOKIE ECHO, COOKIE ACK: two round trips of 50 ms.
    assert_eq!(line.sent, [2, 2]);
}

#[test]
fn an_init_is_answered_without_remembering_it() {
    let mut line = Line::new(2);
    line.ends[0].association.connect(line.now);
    line.run(Duration::from_millis(26));
    assert_eq!(line.ends[1].association.phase(), Phase::Closed);
    assert_eq!(line.ends[1].association.poll_timeout(), None);
}

#[test]
fn both_ends_may_begin_at_once() {
    let mut line = Line::new(3);
    line.ends[0].association.connect(line.now);
    line.ends[1].association.connect(line.now);
    line.run(Duration::from_secs(3));
    assert_eq!(line.phases(), [Phase::Established; 2]);
    assert!(line.has_reason(0, Reason::SctpInitCollision) || line.has_reason(1, Reason::SctpInitCollision));
    line.send(0, 1, "a");
    line.send(1, 1, "b");
    line.run(Duration::from_secs(1));
    assert_eq!(line.ends[0].messages[0].payload, b"b");
    assert_eq!(line.ends[1].messages[0].payload, b"a");
}

#[test]
fn what_is_lost_of_the_handshake_is_sent_again() {
    for lost in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        let mut line = Line::new(4);
        line.lost.push(lost);
        line.ends[0].association.connect(line.now);
        line.run(Duration::from_secs(5));
        assert_eq!(line.phases(), [Phase::Established; 2], "{lost:?}");
        assert!(line.has_reason(0, Reason::SctpHandshakeAgain), "{lost:?}");
    }
}

#[test]
fn nobody_there_is_found_out_after_nine_inits() {
    let mut line = Line::new(5);
    line.faults.loss = 100;
    line.ends[0].association.connect(line.now);
    line.run(Duration::from_secs(600));
    assert_eq!(line.ends[0].association.phase(), Phase::Closed);
    assert_eq!(line.sent[0], 9);
    assert!(line.has_reason(0, Reason::SctpUnreachable));
}

#[test]
fn a_peer_that_begins_again_gets_a_new_association() {
    let mut line = Line::up(6);
    line.send(1, 3, "old");
    line.run(Duration::from_secs(1));
    line.ends[0].association = Association::new(Config::default(), Box::new(Seed(77)));
    line.ends[0].association.connect(line.now);
    line.run(Duration::from_secs(2));
    assert_eq!(line.phases(), [Phase::Established; 2]);
    assert!(line.has_reason(1, Reason::SctpRestartAsked) && line.has_reason(1, Reason::SctpRestart));
    line.send(1, 3, "new");
    line.run(Duration::from_secs(1));
    assert_eq!(line.ends[0].messages.last().map(|message| message.payload.clone()), Some(b"new".to_vec()));
}

#[test]
fn a_cookie_that_is_too_old_is_refused() {
    let mut line = Line::new(7);
    line.ends[0].association.connect(line.now);
    line.run(Duration::from_millis(60));
    let echo = line.packets(0)[1].to_vec();
    let mut late = Association::new(Config::default(), Box::new(Seed(7 * 2 + 1)));
    late.handle_packet(line.packets(0)[0], Time::ZERO);
    line.ends[1].association = late;
    line.now = Time::ZERO + Duration::from_secs(3600);
    line.collect(1);
    line.inject(1, &echo);
    assert!(line.has_reason(1, Reason::SctpStaleCookie));
    assert_eq!(line.ends[1].association.phase(), Phase::Closed);
}

#[test]
fn a_cookie_of_somebody_else_is_dropped() {
    let mut line = Line::up(8);
    let echo = Line::up(9).packets(0)[1].to_vec();
    line.inject(1, &echo);
    assert!(line.has_reason(1, Reason::SctpForeignCookie));
    assert_eq!(line.phases(), [Phase::Established; 2]);
}

#[test]
fn an_init_without_a_tag_is_refused() {
    let mut line = Line::new(10);
    let init = Init { inbound_streams: 1, outbound_streams: 1, ..Init::default() };
    let packet = Packet {
        source_port: 5000,
        destination_port: 5000,
        verification_tag: 0,
        chunks: vec![Chunk::Init(init)],
    };
    line.inject(1, &packet.to_bytes());
    assert!(line.has_reason(1, Reason::SctpInvalidInit));
}

#[test]
fn packets_of_strangers_change_nothing() {
    let mut line = Line::up(11);
    let before = line.ends[1].association.snapshot();
    let packet = |tag, port, chunks| Packet {
        source_port: port,
        destination_port: 5000,
        verification_tag: tag,
        chunks,
    };
    let tag = before.local_tag;
    line.inject(1, &packet(tag ^ 1, 5000, vec![Chunk::CookieAck]).to_bytes());
    line.inject(1, &packet(tag, 5001, vec![Chunk::CookieAck]).to_bytes());
    line.inject(1, b"not SCTP");
    line.inject(1, &packet(tag, 5000, vec![Chunk::CookieAck]).to_bytes());
    line.inject(1, &packet(tag, 5000, vec![Chunk::Unknown { kind: 77, flags: 0, value: vec![] }]).to_bytes());
    line.inject(1, &packet(tag, 5000, vec![Chunk::Error(vec![0, 6, 0, 4])]).to_bytes());
    for reason in [
        Reason::SctpWrongTag,
        Reason::SctpWrongPort,
        Reason::SctpMalformed,
        Reason::SctpUnexpectedChunk,
        Reason::SctpUnknownChunk,
        Reason::SctpErrorReported,
    ] {
        assert!(line.has_reason(1, reason), "{reason:?}");
    }
    assert_eq!(line.ends[1].association.snapshot(), before);
}
