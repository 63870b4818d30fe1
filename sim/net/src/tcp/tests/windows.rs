//! The receive window: closed, silly, probed and opened again (RFC 9293 §3.8.6); Nagle's algorithm; delayed acknowledgments.

use std::time::Duration;

use rtclab_trace::{NetReason, SimTime};

use super::pair::{Logged, Pair, Side, pattern};
use crate::tcp::{Config, Event, Keepalive, Nagle, State, TcpError};

fn with_buffer(receive_buffer: usize) -> Config {
    Config { receive_buffer, ..Config::default() }
}

/// An established pair whose server does not read, and has been sent more than it takes.
fn stuffed() -> Pair {
    let mut pair = Pair::established(10, Config::default(), with_buffer(4000));
    pair.server.reads = false;
    pair.client.to_write = pattern(20_000);
    pair.run_for(Duration::from_millis(300));
    assert_eq!(pair.on(Side::Server).readable(), 4000);
    pair
}

#[test]
fn a_window_that_stays_silly_is_used_after_all() {
    let pair = stuffed();
    // Two full segments, and then the 1104 bytes that are left, which are less than half of the window there was.
    assert_eq!(pair.count(Side::Client, NetReason::TcpSillyWindowOverride), 1);
    let slivers = |logged: &&Logged| logged.reason == NetReason::TcpSillyWindowOverride;
    assert_eq!(pair.log.iter().find(slivers).map(|logged| logged.length), Some(4000 - 2 * 1448));
}

#[test]
fn a_closed_window_is_probed_with_one_byte_ever_more_rarely() {
    let mut pair = stuffed();
    pair.log.clear();
    pair.run_for(Duration::from_secs(10));
    let probes: Vec<_> = pair.log.iter().filter(|logged| logged.from == Side::Client).collect();
    assert!(probes.iter().all(|probe| probe.reason == NetReason::TcpZeroWindowProbe && probe.length == 1));
    let gaps: Vec<_> = probes.windows(2).map(|pair| pair[1].at.since(pair[0].at)).collect();
    assert!(gaps.len() >= 3 && gaps.windows(2).all(|gap| gap[1] >= gap[0] * 19 / 10), "{gaps:?}");
    assert_eq!(pair.on(Side::Server).readable(), 4000, "nothing beyond the window was taken");
}

#[test]
fn a_window_may_stay_closed_for_hours_as_long_as_probes_are_answered() {
    let mut pair = stuffed();
    pair.run_for(Duration::from_secs(7200));
    assert_eq!(pair.states(), [State::Established; 2]);
}

#[test]
fn probes_that_nobody_answers_end_the_connection() {
    let mut pair = stuffed();
    pair.filter = Box::new(|logged| logged.from == Side::Server);
    pair.run_for(Duration::from_secs(7200));
    assert_eq!(pair.on(Side::Client).error(), Some(TcpError::TimedOut));
}

#[test]
fn reading_opens_the_window_with_an_update() {
    let mut pair = stuffed();
    pair.log.clear();
    pair.server.reads = true;
    pair.run_for(Duration::from_secs(5));
    assert_eq!(pair.server.received, pattern(20_000));
    assert!(pair.count(Side::Server, NetReason::TcpWindowUpdate) > 0);
}

#[test]
fn a_lost_window_update_is_found_by_the_next_probe() {
    let mut pair = stuffed();
    pair.filter = Box::new(|logged| logged.reason == NetReason::TcpWindowUpdate);
    pair.server.reads = true;
    pair.run_for(Duration::from_secs(30));
    assert_eq!(pair.server.received, pattern(20_000));
}

#[test]
fn a_probe_byte_that_was_not_taken_goes_again_when_the_window_opens() {
    let mut pair = stuffed();
    pair.run_for(Duration::from_millis(500));
    assert!(pair.count(Side::Client, NetReason::TcpZeroWindowProbe) > 0);
    pair.server.reads = true;
    pair.run_for(Duration::from_secs(5));
    assert_eq!(pair.server.received, pattern(20_000));
    assert_eq!(pair.count(Side::Client, NetReason::TcpWindowReopened), 1);
}

#[test]
fn only_a_fin_can_be_left_to_probe_with() {
    let mut pair = Pair::established(10, Config::default(), with_buffer(4000));
    pair.server.reads = false;
    pair.client.to_write = pattern(4000);
    pair.run_for(Duration::from_millis(100));
    pair.call(Side::Client, |client| client.shutdown());
    pair.run_for(Duration::from_secs(3));
    pair.server.reads = true;
    pair.run_for(Duration::from_secs(10));
    assert_eq!(pair.server.received, pattern(4000));
    assert_eq!(pair.states(), [State::FinWait2, State::CloseWait]);
}

#[test]
fn tiny_windows_carry_everything() {
    for buffer in [1, 2, 7, 100, 535, 1500] {
        let mut pair = Pair::established(2, Config::default(), with_buffer(buffer));
        pair.client.to_write = pattern(2000);
        pair.client.shuts_down = true;
        pair.run_for(Duration::from_secs(3000));
        assert_eq!(pair.server.received, pattern(2000), "buffer {buffer}");
        assert_eq!(pair.states()[1], State::CloseWait, "buffer {buffer}");
    }
}

#[test]
fn a_receiver_that_reads_byte_by_byte_does_not_make_silly_segments() {
    let mut pair = Pair::established(5, Config::default(), with_buffer(8000));
    pair.server.reads = false;
    pair.client.to_write = pattern(40_000);
    let mut read = Vec::new();
    for _ in 0..40_000 {
        pair.run_for(Duration::from_micros(200));
        let mut byte = [0];
        let count = pair.call(Side::Server, |server| server.read(&mut byte));
        read.extend(&byte[..count]);
    }
    pair.server.reads = true;
    pair.run_for(Duration::from_secs(30));
    read.append(&mut pair.server.received);
    assert_eq!(read, pattern(40_000));
    let sizes: Vec<_> =
        pair.log.iter().filter(|logged| logged.length > 1).map(|logged| logged.length).collect();
    let small = sizes.iter().filter(|size| **size < 1000).count();
    assert!(small <= 8, "{small} of {} segments are small", sizes.len());
}

#[test]
fn a_writer_is_told_when_there_is_room_again() {
    let small = Config { send_buffer: 1000, ..Config::default() };
    let mut pair = Pair::established(10, small, Config::default());
    let written = pair.call(Side::Client, |client| client.write(&pattern(1500))).unwrap();
    assert_eq!(written, 1000);
    assert!(!pair.client.events.contains(&Event::Writable));
    pair.run_for(Duration::from_millis(100));
    assert!(pair.client.events.contains(&Event::Writable));
}

/// How many data segments it takes to send ten small writes, a millisecond apart, at a round trip of 40 ms.
fn small_writes(nagle: Nagle) -> usize {
    let mut pair = Pair::established(20, Config { nagle, ..Config::default() }, Config::default());
    for _ in 0..10 {
        pair.call(Side::Client, |client| client.write(b"tiny")).unwrap();
        pair.run_for(Duration::from_millis(1));
    }
    pair.run_for(Duration::from_secs(1));
    assert_eq!(pair.server.received.len(), 40);
    pair.log.iter().filter(|logged| logged.length > 0).count()
}

#[test]
fn nagle_gathers_small_writes_and_nodelay_does_not() {
    assert_eq!(small_writes(Nagle::Classic), 2);
    assert_eq!(small_writes(Nagle::Minshall), 2);
    assert_eq!(small_writes(Nagle::Off), 10);
}

#[test]
fn the_variant_of_linux_lets_one_small_segment_follow_full_ones() {
    let segments_at_once = |nagle| {
        let mut pair = Pair::established(20, Config { nagle, ..Config::default() }, Config::default());
        pair.log.clear();
        pair.call(Side::Client, |client| client.write(&pattern(3000))).unwrap();
        pair.log.len()
    };
    assert_eq!(segments_at_once(Nagle::Minshall), 3);
    assert_eq!(segments_at_once(Nagle::Classic), 2);
}

#[test]
fn a_lone_segment_late_in_a_stream_is_acknowledged_after_40_ms() {
    let mut pair = Pair::established(10, Config::default(), Config::default());
    pair.server.reads = false;
    for _ in 0..20 {
        pair.call(Side::Client, |client| client.write(&pattern(100))).unwrap();
        pair.run_for(Duration::from_millis(100));
    }
    let last = pair.log.iter().rev().find(|logged| logged.length > 0).map(|logged| logged.at);
    let answer = pair.log.last().unwrap();
    assert_eq!(answer.reason, NetReason::TcpDelayedAck);
    assert_eq!(Some(answer.at), last.map(|at| at + Duration::from_millis(50)));
}

#[test]
fn at_the_start_every_segment_is_acknowledged_at_once() {
    let mut pair = Pair::established(10, Config::default(), Config::default());
    pair.client.to_write = pattern(5 * 1448);
    pair.run_for(Duration::from_millis(100));
    assert_eq!(pair.count(Side::Server, NetReason::TcpQuickAck), 5);
}

#[test]
fn a_program_that_reads_what_was_pushed_acknowledges_it_by_reading() {
    let mut pair = Pair::established(10, Config::default(), Config::default());
    for _ in 0..20 {
        pair.call(Side::Client, |client| client.write(&pattern(100))).unwrap();
        pair.run_for(Duration::from_millis(100));
    }
    assert_eq!(pair.log.last().map(|logged| logged.reason), Some(NetReason::TcpAckAfterRead));
}

#[test]
fn a_silent_peer_is_probed_and_then_given_up() {
    let keepalive =
        Keepalive { idle: Duration::from_secs(60), interval: Duration::from_secs(10), probes_max: 3 };
    let mut pair =
        Pair::established(10, Config { keepalive: Some(keepalive), ..Config::default() }, Config::default());
    pair.log.clear();
    pair.run_for(Duration::from_secs(200));
    assert_eq!(pair.states(), [State::Established; 2]);
    assert_eq!(pair.count(Side::Client, NetReason::TcpKeepaliveProbe), 3, "each answer starts a new silence");
    pair.filter = Box::new(|logged| logged.from == Side::Server);
    pair.run_for(Duration::from_secs(100));
    assert_eq!(pair.on(Side::Client).error(), Some(TcpError::TimedOut));
    assert_eq!(pair.client.changes.last().map(|change| change.reason), Some(NetReason::TcpKeepaliveFailed));
}

#[test]
fn after_a_pause_the_congestion_window_is_small_again() {
    let mut pair = Pair::established(20, Config::default(), Config::default());
    pair.client.to_write = pattern(1_000_000);
    pair.run_for(Duration::from_secs(5));
    let before = pair.on(Side::Client).snapshot().cwnd;
    pair.run_for(Duration::from_secs(10));
    pair.client.to_write = pattern(100);
    pair.run_for(Duration::from_millis(1));
    let after = pair.on(Side::Client).snapshot().cwnd;
    assert!(before > 100_000 && after == 14_480, "{before} then {after}");
    assert!(pair.client.changes.iter().any(|change| change.reason == NetReason::TcpIdleRestart));
    assert!(pair.now > SimTime::ZERO);
}
