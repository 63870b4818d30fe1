//! Streams begin anew (RFC 6525).

use std::time::Duration;

use super::line::Line;
use crate::reason::Reason;
use crate::sctp::wire::{Chunk, Packet, Parameter, Reconfig, ResetRequest};
use crate::sctp::{Message, Output, Reliability, ResetOutcome, SendError};

fn reset_streams(line: &Line, end: usize) -> Vec<Vec<u16>> {
    let streams = |output: &Output| match output {
        Output::StreamsReset(streams) => Some(streams.clone()),
        _ => None,
    };
    line.ends[end].outputs.iter().filter_map(streams).collect()
}

fn answers(line: &Line, end: usize) -> Vec<ResetOutcome> {
    let outcome = |output: &Output| match output {
        Output::ResetAnswered { outcome, .. } => Some(*outcome),
        _ => None,
    };
    line.ends[end].outputs.iter().filter_map(outcome).collect()
}

#[test]
fn a_stream_begins_anew_at_both_ends() {
    let mut line = Line::up(1);
    line.send(0, 5, "before");
    line.ends[0].association.reset_stream(5, line.now);
    line.collect(0);
    let message = Message { stream: 5, protocol: 53, unordered: false, payload: vec![1] };
    let refused = line.ends[0].association.send(message, Reliability::default(), line.now);
    assert_eq!(refused, Err(SendError::Resetting(5)));
    line.run(Duration::from_secs(1));
    assert_eq!(reset_streams(&line, 1), [vec![5]]);
    assert_eq!(answers(&line, 0), [ResetOutcome::Performed]);
    assert!(line.has_reason(0, Reason::SctpReset) && line.has_reason(1, Reason::SctpResetDone));
    line.send(0, 5, "after");
    line.run(Duration::from_secs(1));
    let seen: Vec<_> = line.ends[1].messages.iter().map(|message| message.payload.as_slice()).collect();
    assert_eq!(seen, [&b"before"[..], b"after"]);
}

#[test]
fn what_is_missing_is_waited_for() {
    let mut line = Line::up(2);
    line.lost.push((0, line.sent[0]));
    line.send(0, 5, "lost at first");
    line.ends[0].association.reset_stream(5, line.now);
    line.collect(0);
    line.run(Duration::from_millis(30));
    assert!(line.has_reason(1, Reason::SctpResetWaits));
    assert!(reset_streams(&line, 1).is_empty());
    line.run(Duration::from_secs(10));
    assert_eq!(reset_streams(&line, 1), [vec![5]]);
    assert_eq!(line.ends[1].messages.len(), 1);
    assert_eq!(answers(&line, 0), [ResetOutcome::Performed]);
}

#[test]
fn a_lost_request_and_a_lost_answer_are_repeated() {
    for end in [0, 1] {
        let mut line = Line::up(3);
        line.lost.push((end, line.sent[end]));
        line.ends[0].association.reset_stream(9, line.now);
        line.collect(0);
        line.run(Duration::from_secs(10));
        assert!(line.has_reason(0, Reason::SctpResetAgain));
        assert_eq!(reset_streams(&line, 1), [vec![9]], "done once, though asked twice");
        assert_eq!(answers(&line, 0), [ResetOutcome::Performed]);
    }
}

#[test]
fn a_request_out_of_turn_is_refused() {
    let mut line = Line::up(4);
    let request = ResetRequest { number: 12345, answers: 0, last_tsn: 0, streams: vec![1] };
    let packet = Packet {
        source_port: 5000,
        destination_port: 5000,
        verification_tag: line.ends[1].association.snapshot().local_tag,
        chunks: vec![Chunk::Reconfig(Reconfig(vec![Parameter::Request(request)]))],
    };
    line.inject(1, &packet.to_bytes());
    assert!(line.has_reason(1, Reason::SctpResetDenied));
    assert!(reset_streams(&line, 1).is_empty());
}
