//! Messages that are given up (RFC 3758): the others do not wait for them.

use std::time::Duration;

use super::line::Line;
use crate::reason::Reason;
use crate::sctp::Reliability;

const ONCE: Reliability = Reliability { retransmissions_max: Some(0), lifetime: None };

#[test]
fn a_message_that_may_not_be_sent_again_is_skipped() {
    let mut line = Line::up(1);
    line.lost.push((0, line.sent[0]));
    line.send_with(0, 4, "lost", false, ONCE);
    line.send_with(0, 4, "after it", false, ONCE);
    line.run(Duration::from_secs(3));
    let seen: Vec<_> = line.ends[1].messages.iter().map(|message| message.payload.as_slice()).collect();
    assert_eq!(seen, [&b"after it"[..]]);
    assert!(line.has_reason(0, Reason::SctpAbandoned) && line.has_reason(0, Reason::SctpForwardTsn));
    let state = line.ends[0].association.snapshot();
    assert_eq!((state.abandoned, state.retransmissions, state.in_flight), (1, 0, 0));
}

#[test]
fn a_long_message_is_given_up_as_a_whole() {
    let mut line = Line::up(2);
    line.lost.push((0, line.sent[0] + 2));
    line.send_with(0, 4, vec![1; 50_000], false, ONCE);
    line.send(0, 4, "after it");
    line.run(Duration::from_secs(5));
    let seen: Vec<_> = line.ends[1].messages.iter().map(|message| message.payload.len()).collect();
    assert_eq!(seen, [8]);
    assert_eq!(line.ends[1].association.snapshot().unassembled, 0);
}

#[test]
fn a_message_whose_time_is_over_is_not_sent() {
    let mut line = Line::up(3);
    let brief = Reliability { retransmissions_max: None, lifetime: Some(Duration::from_millis(40)) };
    line.send(0, 0, vec![0; 150_000]);
    line.send_with(0, 1, "too late", false, brief);
    line.run(Duration::from_secs(5));
    assert_eq!(line.ends[1].messages.len(), 1);
    assert_eq!(line.ends[0].association.snapshot().abandoned, 1);
    line.send_with(0, 1, "in time", false, brief);
    line.run(Duration::from_secs(1));
    assert_eq!(line.ends[1].messages.len(), 2);
}

#[test]
fn a_lost_forward_tsn_is_repeated() {
    let mut line = Line::up(4);
    line.lost.push((0, line.sent[0]));
    line.lost.push((0, line.sent[0] + 1));
    line.send_with(0, 4, "lost", false, ONCE);
    line.run(Duration::from_secs(10));
    line.send(0, 4, "next");
    line.run(Duration::from_secs(1));
    assert_eq!(line.ends[1].messages.len(), 1);
}
