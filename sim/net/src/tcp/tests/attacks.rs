//! Segments that do not belong: blind RST, SYN and ACK (RFC 5961), old timestamps (RFC 7323 §5), data outside the window.

use std::time::Duration;

use rtclab_trace::NetReason;

use super::pair::{Pair, Side, pattern};
use crate::tcp::segment::Timestamps;
use crate::tcp::{Codepoint, Config, Flags, Header, Segment, SequenceNumber, State, TcpError, Verdict};

/// A pair that has exchanged something, so that windows and numbers are not at their beginning.
fn pair() -> Pair {
    let mut pair = Pair::established(10, Config::default(), Config::default());
    pair.client.to_write = pattern(1000);
    pair.server.to_write = pattern(2000);
    pair.run_for(Duration::from_secs(1));
    pair.log.clear();
    pair
}

/// A segment to the client whose number lies so far from the expected one, and whose acknowledgment so far from SND.NXT.
fn forge(pair: &mut Pair, flags: Flags, sequence: i64, acknowledgment: i64) -> Header {
    let state = pair.on(Side::Client).snapshot();
    let clock = pair.on(Side::Client).clock.recent();
    let number = |initial: u32, position: i64| SequenceNumber(initial.wrapping_add(position as u32));
    let mut header = Header {
        source_port: 80,
        destination_port: 5000,
        sequence: number(state.receive.initial, state.receive.next as i64 + sequence),
        acknowledgment: number(state.send.initial, state.send.next as i64 + acknowledgment),
        flags,
        window: 5000,
        ..Header::default()
    };
    header.options.timestamps = Some(Timestamps { value: clock, echo: 0 });
    header
}

fn arrives(pair: &mut Pair, header: Header, payload: &[u8]) -> Verdict {
    let now = pair.now;
    let segment = Segment { header, payload };
    pair.call(Side::Client, |client| client.handle_segment(now, Codepoint::NotEct, &segment))
}

#[test]
fn a_rst_with_exactly_the_expected_number_resets() {
    let mut pair = pair();
    let rst = forge(&mut pair, Flags::RST, 0, 0);
    assert_eq!(arrives(&mut pair, rst, b""), Verdict::Accepted);
    assert_eq!(pair.on(Side::Client).error(), Some(TcpError::Reset));
    assert!(pair.log.is_empty(), "a RST is not answered");
}

#[test]
fn a_rst_elsewhere_in_the_window_is_only_challenged() {
    let mut pair = pair();
    let rst = forge(&mut pair, Flags::RST, 100, 0);
    assert_eq!(arrives(&mut pair, rst, b""), Verdict::Dropped(NetReason::TcpChallengeAck));
    assert_eq!(pair.states()[0], State::Established);
    assert_eq!(pair.reasons(Side::Client), [NetReason::TcpChallengeAck]);
}

#[test]
fn a_rst_outside_the_window_is_dropped_in_silence() {
    let mut pair = pair();
    let rst = forge(&mut pair, Flags::RST, -100, 0);
    assert_eq!(arrives(&mut pair, rst, b""), Verdict::Dropped(NetReason::TcpOutsideWindow));
    assert!(pair.log.is_empty());
}

#[test]
fn a_syn_in_an_open_connection_is_challenged() {
    let mut pair = pair();
    let syn = forge(&mut pair, Flags::SYN, 0, 0);
    assert_eq!(arrives(&mut pair, syn, b""), Verdict::Dropped(NetReason::TcpChallengeAck));
    assert_eq!(pair.states()[0], State::Established);
}

#[test]
fn challenges_do_not_answer_each_other_for_ever() {
    let mut pair = pair();
    for _ in 0..10 {
        let syn = forge(&mut pair, Flags::SYN, 0, 0);
        arrives(&mut pair, syn, b"");
    }
    assert_eq!(pair.log.len(), 1);
    pair.run_for(Duration::from_millis(600));
    let before = pair.log.len();
    let syn = forge(&mut pair, Flags::SYN, 0, 0);
    arrives(&mut pair, syn, b"");
    assert_eq!(pair.log.len(), before + 1);
}

#[test]
fn a_restarted_peer_is_found_out_by_its_answer_to_the_challenge() {
    let mut pair = pair();
    // The server has forgotten everything and connects again with the same ports.
    pair.server.connection = None;
    pair.listener = None;
    pair.connect(Side::Server, Config::default());
    pair.run_for(Duration::from_millis(100));
    assert_eq!(pair.states()[0], State::Closed);
    assert_eq!(pair.on(Side::Client).error(), Some(TcpError::Reset));
}

#[test]
fn data_before_and_after_the_window_is_dropped_and_acknowledged() {
    for sequence in [-500, 1 << 30] {
        let mut pair = pair();
        let data = forge(&mut pair, Flags::ACK, sequence, 0);
        assert_eq!(arrives(&mut pair, data, b"old"), Verdict::Dropped(NetReason::TcpOutsideWindow));
        assert_eq!(pair.log.len(), 1);
        assert_eq!(pair.log[0].flags, Flags::ACK);
        assert_eq!(pair.client.received, pattern(2000));
    }
}

#[test]
fn data_that_reaches_beyond_the_window_is_cut() {
    let small = Config { receive_buffer: 3000, ..Config::default() };
    let mut pair = Pair::established(10, small, Config::default());
    pair.client.reads = false;
    let data = forge(&mut pair, Flags::ACK, 0, 0);
    arrives(&mut pair, data, &pattern(5000));
    assert_eq!(pair.on(Side::Client).readable(), 3000);
    assert_eq!(pair.log.last().map(|logged| logged.ack), Some(3001));
}

#[test]
fn an_acknowledgment_of_what_was_never_sent_is_challenged() {
    let mut pair = pair();
    let ack = forge(&mut pair, Flags::ACK, 0, 10);
    assert_eq!(arrives(&mut pair, ack, b"x"), Verdict::Dropped(NetReason::TcpChallengeAck));
    assert_eq!(pair.on(Side::Client).readable(), 0, "and its data is not taken");
}

#[test]
fn an_acknowledgment_from_long_ago_is_challenged() {
    let mut pair = pair();
    let ack = forge(&mut pair, Flags::ACK, 0, -(1 << 30));
    assert_eq!(arrives(&mut pair, ack, b"x"), Verdict::Dropped(NetReason::TcpChallengeAck));
}

#[test]
fn an_old_timestamp_makes_a_segment_an_old_duplicate() {
    let mut pair = pair();
    let mut data = forge(&mut pair, Flags::ACK, 0, 0);
    let clock = pair.on(Side::Client).clock.recent();
    data.options.timestamps = Some(Timestamps { value: clock.wrapping_sub(1), echo: 0 });
    assert_eq!(arrives(&mut pair, data, b"x"), Verdict::Dropped(NetReason::TcpOldTimestamp));
    assert_eq!(pair.reasons(Side::Client), [NetReason::TcpOldTimestamp]);
}

#[test]
fn a_segment_without_the_timestamp_that_was_agreed_on_is_dropped() {
    let mut pair = pair();
    let mut data = forge(&mut pair, Flags::ACK, 0, 0);
    data.options.timestamps = None;
    assert_eq!(arrives(&mut pair, data, b"x"), Verdict::Dropped(NetReason::TcpNoTimestamp));
    assert!(pair.log.is_empty());
}

#[test]
fn a_segment_without_ack_is_dropped() {
    let mut pair = pair();
    let data = forge(&mut pair, Flags::PSH, 0, 0);
    assert_eq!(arrives(&mut pair, data, b"x"), Verdict::Dropped(NetReason::TcpNoAck));
}

#[test]
fn urgent_data_is_announced_and_read_in_its_place() {
    let mut pair = pair();
    pair.client.received.clear();
    let mut data = forge(&mut pair, Flags::ACK | Flags::URG, 0, 0);
    data.urgent = 2;
    arrives(&mut pair, data, b"urgent");
    assert!(pair.client.events.contains(&crate::tcp::Event::Urgent));
    assert_eq!(pair.client.received, b"urgent");
}

#[test]
fn a_repeated_segment_is_reported_as_a_duplicate() {
    let mut pair = pair();
    pair.channel.duplicate = 1000;
    pair.client.to_write = pattern(100);
    pair.run_for(Duration::from_millis(100));
    assert_eq!(pair.count(Side::Server, NetReason::TcpAckOfDuplicate), 1);
}

#[test]
fn more_gaps_than_are_tracked_are_refused() {
    let mut pair = pair();
    let mut refused = 0;
    for gap in 0..1100 {
        let data = forge(&mut pair, Flags::ACK, 2 + 2 * gap, 0);
        refused += i32::from(arrives(&mut pair, data, b"x") == Verdict::Dropped(NetReason::TcpTooManyGaps));
    }
    assert_eq!(refused, 1100 - 1024);
}
