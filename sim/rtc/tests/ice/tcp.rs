//! ICE over TCP connections (RFC 6544).

use rtclab_rtc::ice::{
    AgentConfig, CandidateKind, CandidateTransport, ConnectionState, HostRequest, LocalSocket, PairState,
    Role,
};
use rtclab_rtc::{Reason, Time};

use crate::duo::{Duo, at, socket, wire};

/// The TCP sockets of a side: one that opens, one that listens, one that does both.
fn tcp(side: u8, kinds: &[CandidateTransport]) -> Vec<LocalSocket> {
    let one = |transport: &CandidateTransport| {
        let port = match transport {
            CandidateTransport::TcpActive => 9,
            CandidateTransport::TcpPassive => 6000,
            _ => 7000,
        };
        socket(&format!("10.0.0.{side}:{port}"), 65535).over(*transport)
    };
    kinds.iter().map(one).collect()
}

fn sides(left: &[CandidateTransport], right: &[CandidateTransport]) -> [AgentConfig; 2] {
    let left = AgentConfig::new(Role::Controlling, tcp(1, left));
    [left, AgentConfig::new(Role::Controlled, tcp(2, right))]
}

use CandidateTransport::{TcpActive, TcpPassive, TcpSimultaneousOpen};

#[test]
fn who_opens_meets_who_listens_whichever_side_is_controlling() {
    for (left, right) in [(TcpActive, TcpPassive), (TcpPassive, TcpActive)] {
        let mut duo = Duo::new(sides(&[left], &[right]), wire(20));
        duo.start();
        assert!(duo.drive(Time::from_millis(2000)), "{left:?} and {right:?}");
        let active = usize::from(left == TcpPassive);
        let (_, local, remote) = duo.sides[active].agent.selected().expect("a pair");
        assert_eq!(local.kind, CandidateKind::PeerReflexive, "its port is known once the peer has seen it");
        assert_eq!(remote.address.port(), 6000);
    }
}

#[test]
fn a_connection_comes_before_the_check_and_the_check_is_framed() {
    let mut duo = Duo::new(sides(&[TcpActive], &[TcpPassive]), wire(20));
    duo.start();
    assert!(
        matches!(duo.wires.asked[..], [(0, HostRequest::Connect { to, .. })] if to == at("10.0.0.2:6000"))
    );
    let pair = &duo.sides[0].pair_list()[0].1;
    assert_eq!(pair.state, PairState::InProgress);
    assert!(duo.sides[0].told.reasons().contains(&Reason::ConnectionFirst));
    assert!(duo.sides[1].pair_list().is_empty(), "a passive candidate is not checked from");
    duo.run_until(Time::from_millis(40));
    let written = duo.wires.asked.iter().find_map(|(side, request)| match request {
        HostRequest::Write { bytes, .. } if *side == 0 => Some(bytes.clone()),
        _ => None,
    });
    let written = written.expect("a check");
    let (length, check) = written.split_first_chunk::<2>().expect("a length");
    assert_eq!(usize::from(u16::from_be_bytes(*length)), check.len());
    assert!(rtclab_rtc::stun::is_stun(check));
}

#[test]
fn both_may_open_at_once() {
    let mut duo = Duo::new(sides(&[TcpSimultaneousOpen], &[TcpSimultaneousOpen]), wire(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(2000)));
    assert!(duo.agrees());
}

#[test]
fn transports_that_do_not_meet_make_no_pair() {
    for kinds in [[TcpActive, TcpActive], [TcpPassive, TcpPassive], [TcpActive, TcpSimultaneousOpen]] {
        let mut duo = Duo::new(sides(&kinds[..1], &kinds[1..]), wire(20));
        duo.start();
        duo.run_until(Time::from_millis(1000));
        assert_eq!(duo.sides[0].agent.pairs().count(), 0, "{kinds:?}");
    }
}

#[test]
fn datagrams_go_before_connections_where_both_get_through() {
    let mut configs = sides(&[TcpActive, TcpPassive], &[TcpActive, TcpPassive]);
    for (side, config) in (1_u8..).zip(&mut configs) {
        config.sockets.push(socket(&format!("10.0.0.{side}:5000"), 65535));
    }
    let mut duo = Duo::new(configs, wire(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(2000)));
    let (_, local, _) = duo.sides[0].agent.selected().expect("a pair");
    assert_eq!(local.transport, CandidateTransport::Udp);
}

#[test]
fn where_datagrams_do_not_get_through_a_connection_does() {
    let mut configs = sides(&[TcpActive, TcpPassive], &[TcpActive, TcpPassive]);
    for (side, config) in (1_u8..).zip(&mut configs) {
        config.sockets.push(socket(&format!("10.0.0.{side}:5000"), 65535));
    }
    let mut duo = Duo::new(configs, Box::new(|_, _| None));
    duo.start();
    assert!(duo.drive(Time::from_millis(5000)));
    let now = duo.now;
    duo.act(0, |agent| agent.send(b"over tcp", now)).expect("connected");
    duo.run_until(now + std::time::Duration::from_millis(100));
    assert_eq!(duo.sides[1].told.data.last().map(|data| data.2.clone()), Some(b"over tcp".to_vec()));
}

#[test]
fn a_socket_of_each_transport_may_have_one_address() {
    let mut configs = sides(&[TcpPassive], &[TcpActive]);
    configs[0].sockets.push(socket("10.0.0.1:6000", 65535));
    configs[1].sockets.push(socket("10.0.0.2:6000", 65535));
    let mut duo = Duo::new(configs, wire(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(2000)));
}

#[test]
fn a_refused_connection_fails_the_pair() {
    let mut duo = Duo::new(sides(&[TcpActive], &[TcpPassive]), wire(20));
    duo.wires.refused.push(at("10.0.0.2:6000"));
    duo.start();
    duo.run_until(Time::from_millis(100));
    assert_eq!(duo.sides[0].pair_list()[0].1.state, PairState::Failed);
    assert!(duo.sides[0].told.reasons().contains(&Reason::NoConnection));
}

#[test]
fn connections_that_carry_nothing_are_closed_once_all_is_decided() {
    let mut duo = Duo::new(sides(&[TcpActive, TcpPassive], &[TcpActive, TcpPassive]), wire(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(2000)));
    duo.run_until(Time::from_millis(3000));
    let opened = duo.wires.asked.iter().filter(|(_, request)| matches!(request, HostRequest::Connect { .. }));
    let closed = duo.wires.asked.iter().filter(|(_, request)| matches!(request, HostRequest::Close { .. }));
    assert!(opened.count() > 1);
    assert!(closed.count() >= 1);
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Completed);
}

#[test]
fn a_connection_that_ends_leaves_the_peer_unreachable() {
    let mut duo = Duo::new(sides(&[TcpActive], &[TcpPassive]), wire(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(2000)));
    let now = duo.now;
    duo.wires.cut(now);
    duo.run_until(now + std::time::Duration::from_millis(100));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Disconnected);
    duo.run_until(Time::from_millis(60_000));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Failed, "consent runs out (RFC 7675 §5.1)");
}

#[test]
fn strangers_cannot_open_connections_without_end() {
    let mut duo = Duo::new(sides(&[TcpPassive], &[TcpActive]), wire(20));
    duo.start();
    let mut accepted = 0;
    for port in 1..1000 {
        let from = at(&format!("192.0.2.1:{port}"));
        accepted +=
            usize::from(duo.act(0, |agent| agent.handle_accepted(at("10.0.0.1:6000"), from)).is_some());
    }
    assert!(accepted <= 64, "{accepted}");
    let elsewhere = duo.act(0, |agent| agent.handle_accepted(at("10.0.0.1:1"), at("192.0.2.1:1")));
    assert_eq!(elsewhere, None);
}
