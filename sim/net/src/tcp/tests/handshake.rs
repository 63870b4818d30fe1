//! Opening a connection, flag by flag (RFC 9293 §3.5): the usual way, both at once, with losses, and in vain.

use std::time::Duration;

use rtclab_trace::{NetReason, SimTime};

use super::pair::{Channel, Pair, Side};
use crate::tcp::{Config, Event, Flags, State, TcpError};

#[test]
fn a_handshake_is_syn_then_syn_ack_then_ack() {
    let mut pair = Pair::clean(10);
    pair.drive();
    let ladder =
        ["client SYN seq 0 len 0", "server SYN,ACK seq 0 ack 1 len 0", "client ACK seq 1 ack 1 len 0"];
    assert_eq!(pair.ladder(), ladder);
    assert_eq!(pair.client.states, [State::SynSent, State::Established]);
    assert_eq!(pair.server.states, [State::SynReceived, State::Established]);
    assert_eq!(pair.client.events, [Event::Established]);
    let reasons = [NetReason::TcpConnect, NetReason::TcpHandshakeAck];
    assert_eq!(pair.reasons(Side::Client), reasons);
    assert_eq!(pair.reasons(Side::Server), [NetReason::TcpSynAnswered]);
}

#[test]
fn the_client_is_open_after_one_round_trip_and_the_server_after_one_and_a_half() {
    let mut pair = Pair::clean(10);
    pair.run_for(Duration::from_millis(20));
    assert_eq!(pair.states(), [State::Established, State::SynReceived]);
    pair.run_for(Duration::from_millis(10));
    assert_eq!(pair.states(), [State::Established; 2]);
}

#[test]
fn when_both_open_at_once_both_syns_cross_and_one_connection_comes_of_it() {
    let mut pair = Pair::unconnected(1, Channel::clean(10));
    pair.connect(Side::Client, Config::default());
    pair.connect(Side::Server, Config::default());
    pair.client.to_write = b"from the client".to_vec();
    pair.server.to_write = b"from the server".to_vec();
    pair.run_for(Duration::from_secs(1));
    assert_eq!(pair.client.states, [State::SynSent, State::SynReceived, State::Established]);
    assert_eq!(pair.server.states, [State::SynSent, State::SynReceived, State::Established]);
    assert_eq!(
        pair.ladder()[..4],
        [
            "client SYN seq 0 len 0",
            "server SYN seq 0 len 0",
            "server SYN,ACK seq 0 ack 1 len 0",
            "client SYN,ACK seq 0 ack 1 len 0",
        ]
    );
    assert_eq!(pair.client.received, b"from the server");
    assert_eq!(pair.server.received, b"from the client");
    assert_eq!(pair.count(Side::Client, NetReason::TcpSimultaneousOpen), 1);
}

#[test]
fn a_syn_that_is_lost_is_sent_again_after_one_two_and_four_seconds() {
    let mut pair = Pair::unconnected(1, Channel::clean(10));
    pair.filter = Box::new(|_| true);
    pair.connect(Side::Client, Config::default());
    pair.log.clear();
    pair.run_for(Duration::from_secs(8));
    let times: Vec<_> = pair.log.iter().map(|logged| logged.at).collect();
    assert_eq!(times, [1, 3, 7].map(|seconds| SimTime::from_millis(1000 * seconds)));
    assert!(pair.log.iter().all(|logged| logged.reason == NetReason::TcpSynTimeout));
}

#[test]
fn a_syn_is_given_up_after_six_repetitions() {
    let mut pair = Pair::unconnected(1, Channel::clean(10));
    pair.filter = Box::new(|_| true);
    pair.connect(Side::Client, Config::default());
    pair.drive();
    assert_eq!(pair.log.len(), 7);
    assert_eq!(pair.now, SimTime::from_millis(127_000));
    assert_eq!(pair.on(Side::Client).error(), Some(TcpError::TimedOut));
    assert_eq!(pair.client.events, [Event::Closed]);
    assert_eq!(pair.client.changes.last().map(|change| change.reason), Some(NetReason::TcpGaveUp));
}

#[test]
fn a_lost_syn_ack_is_sent_again() {
    let mut pair = Pair::clean(10);
    let mut first = true;
    pair.filter = Box::new(move |logged| logged.from == Side::Server && std::mem::take(&mut first));
    pair.run_for(Duration::from_secs(2));
    assert_eq!(pair.states(), [State::Established; 2]);
    let reasons = pair.reasons(Side::Server);
    assert!(
        reasons.contains(&NetReason::TcpSynRepeated) || reasons.contains(&NetReason::TcpSynTimeout),
        "{reasons:?}"
    );
}

#[test]
fn data_completes_the_handshake_when_the_last_acknowledgment_is_lost() {
    let mut pair = Pair::clean(10);
    pair.filter = Box::new(|logged| logged.reason == NetReason::TcpHandshakeAck);
    pair.client.to_write = b"hello".to_vec();
    pair.run_for(Duration::from_millis(500));
    assert_eq!(pair.states(), [State::Established; 2]);
    assert_eq!(pair.server.received, b"hello");
}

#[test]
fn a_port_where_nobody_listens_refuses() {
    let mut pair = Pair::unconnected(1, Channel::clean(10));
    pair.connect(Side::Client, Config::default());
    pair.drive();
    assert_eq!(pair.log[1].flags, Flags::RST | Flags::ACK);
    assert_eq!(pair.log[1].reason, NetReason::TcpResetNoConnection);
    assert_eq!(pair.on(Side::Client).error(), Some(TcpError::Refused));
    assert_eq!(pair.client.states, [State::SynSent, State::Closed]);
}

#[test]
fn closing_during_the_handshake_ends_it() {
    let mut pair = Pair::clean(10);
    pair.call(Side::Client, |client| client.close());
    assert_eq!(pair.states()[0], State::Closed);
    pair.drive();
    // The SYN-ACK comes for nobody, and is answered with a RST.
    assert_eq!(pair.states(), [State::Closed; 2]);
    assert_eq!(pair.on(Side::Server).error(), Some(TcpError::Reset));
}

#[test]
fn an_acknowledgment_of_something_never_sent_is_reset_and_changes_nothing() {
    let mut pair = Pair::unconnected(1, Channel::clean(10));
    pair.connect(Side::Client, Config::default());
    let header = crate::tcp::Header {
        source_port: 80,
        destination_port: 5000,
        acknowledgment: crate::tcp::SequenceNumber(12345),
        flags: Flags::SYN | Flags::ACK,
        ..Default::default()
    };
    let segment = crate::tcp::Segment { header, payload: b"" };
    pair.call(Side::Client, |client| {
        client.handle_segment(SimTime::from_millis(1), crate::tcp::Codepoint::NotEct, &segment)
    });
    assert_eq!(pair.states()[0], State::SynSent);
    let last = pair.log.last().unwrap();
    assert_eq!((last.flags, last.reason), (Flags::RST, NetReason::TcpResetBadAck));
}

#[test]
fn options_are_used_only_if_both_ends_have_them() {
    let plain = Config { timestamps: false, sack: false, window_scaling: false, ..Config::default() };
    for (client, server) in [(Config::default(), plain.clone()), (plain, Config::default())] {
        let mut pair = Pair::established(10, client, server);
        pair.client.to_write = vec![7; 100_000];
        pair.run_for(Duration::from_secs(2));
        assert_eq!(pair.server.received.len(), 100_000);
        let snapshot = pair.on(Side::Client).snapshot();
        assert_eq!(snapshot.segment_size, 1460, "no room is kept for timestamps");
        assert!(snapshot.send.window <= 65535, "windows are not shifted");
    }
}

#[test]
fn the_smaller_segment_size_counts() {
    let small = Config { mtu: 576, ..Config::default() };
    let mut pair = Pair::established(10, Config::default(), small);
    pair.client.to_write = vec![7; 10_000];
    pair.run_for(Duration::from_secs(1));
    let largest = pair.log.iter().map(|logged| logged.length).max();
    assert_eq!(largest, Some(576 - 40 - 12));
}

#[test]
fn a_syn_beyond_the_backlog_is_dropped() {
    use crate::tcp::{Admission, Identity, Listener, Segment, SequenceNumber};
    let local = std::net::SocketAddr::from(super::pair::SERVER);
    let mut listener = Listener::new(local, Config::default(), 1);
    let header = crate::tcp::Header { flags: Flags::SYN, ..Default::default() };
    let segment = Segment { header, payload: b"" };
    let identity = Identity { initial: SequenceNumber(1), timestamp_offset: 0, draw: 0 };
    let admit = |listener: &mut Listener, port| {
        let remote = std::net::SocketAddr::from(([10, 0, 0, 9], port));
        listener.admit(SimTime::ZERO, [local, remote], &segment, identity, None)
    };
    assert!(matches!(admit(&mut listener, 1), Admission::Open(_)));
    assert!(matches!(admit(&mut listener, 2), Admission::Dropped(NetReason::TcpBacklogFull)));
    listener.opened();
    assert!(listener.is_full());
    assert!(matches!(admit(&mut listener, 3), Admission::Dropped(NetReason::TcpBacklogFull)));
    listener.taken();
    assert!(matches!(admit(&mut listener, 4), Admission::Open(_)));
}
