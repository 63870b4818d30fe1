//! Server-reflexive TCP candidates (RFC 6544 §5.2).

use std::time::Duration;

use rtclab_rtc::ice::{
    AgentConfig, CandidateKind, CandidateTransport, ConnectionUse, GatheringState, HostRequest, Role,
};
use rtclab_rtc::{Reason, Time};

use crate::duo::{Duo, TURN, Turn, at, socket, wire};

use CandidateTransport::{TcpActive, TcpPassive, TcpSimultaneousOpen};

/// A side with these TCP sockets, which knows a STUN server over TCP.
fn side(number: u8, kinds: &[CandidateTransport]) -> AgentConfig {
    let one = |transport: &CandidateTransport| {
        let port = match transport {
            TcpActive => 9,
            TcpPassive => 6000,
            _ => 7000,
        };
        socket(&format!("10.0.0.{number}:{port}"), 65535).over(*transport)
    };
    let role = if number == 1 { Role::Controlling } else { Role::Controlled };
    let config = AgentConfig::new(role, kinds.iter().map(one).collect());
    AgentConfig { stun_servers_over_tcp: vec![at(TURN)], ..config }
}

/// Two sides, and a server that answers Binding requests over TCP; a NAT gives each connection to it another address.
fn duo(left: &[CandidateTransport], right: &[CandidateTransport]) -> Duo {
    let mut duo = Duo::new([side(1, left), side(2, right)], wire(20));
    duo.turn = Some(Turn::new(Vec::new()));
    for (inside, outside) in [("10.0.0.1:6000", "192.0.2.1:16000"), ("10.0.0.1:7000", "192.0.2.1:17000")] {
        duo.wires.mapped.insert(at(inside), at(outside));
    }
    duo
}

fn gather(duo: &mut Duo) {
    duo.act(0, |agent| agent.gather(Time::ZERO));
    duo.run_until(Time::from_millis(500));
}

#[test]
fn sockets_that_others_connect_to_learn_their_mapping_and_active_ones_have_none() {
    let mut duo = duo(&[TcpActive, TcpPassive, TcpSimultaneousOpen], &[]);
    gather(&mut duo);
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
    let reflexive: Vec<_> = duo.sides[0]
        .agent
        .local_candidates()
        .filter(|(_, local)| local.kind == CandidateKind::ServerReflexive)
        .map(|(_, local)| (local.transport, local.address, local.base))
        .collect();
    let expected = [
        (TcpPassive, at("192.0.2.1:16000"), at("10.0.0.1:6000")),
        (TcpSimultaneousOpen, at("192.0.2.1:17000"), at("10.0.0.1:7000")),
    ];
    assert_eq!(reflexive, expected);
}

#[test]
fn the_server_is_asked_from_the_port_that_listens() {
    let mut duo = duo(&[TcpPassive], &[]);
    duo.act(0, |agent| agent.gather(Time::ZERO));
    let [(0, HostRequest::Connect { from, to, purpose, .. })] = &duo.wires.asked[..] else {
        panic!("{:?}", duo.wires.asked);
    };
    assert_eq!((*from, *to, purpose), (at("10.0.0.1:6000"), at(TURN), &ConnectionUse::StunServer));
}

#[test]
fn a_peer_connects_to_the_mapping() {
    let mut duo = duo(&[TcpPassive], &[TcpActive]);
    duo.start();
    assert!(duo.drive(Time::from_millis(3000)));
    let mapped = at("192.0.2.1:16000");
    let tried = |request: &HostRequest| matches!(request, HostRequest::Connect { to, .. } if *to == mapped);
    assert!(duo.wires.asked.iter().any(|(side, request)| *side == 1 && tried(request)));
}

#[test]
fn the_mapping_is_kept_while_checks_run_and_given_up_when_all_is_decided() {
    let mut duo = duo(&[TcpPassive], &[TcpActive]);
    gather(&mut duo);
    let closed = |duo: &Duo| {
        duo.wires
            .asked
            .iter()
            .any(|(side, request)| *side == 0 && matches!(request, HostRequest::Close { .. }))
    };
    assert!(!closed(&duo));
    duo.start();
    assert!(duo.drive(Time::from_millis(5000)));
    duo.run_until(duo.now + Duration::from_secs(60));
    assert!(closed(&duo));
}

#[test]
fn a_server_that_refuses_leaves_the_host_candidates() {
    let mut duo = duo(&[TcpPassive], &[]);
    duo.wires.refused.push(at(TURN));
    gather(&mut duo);
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
    assert_eq!(duo.sides[0].agent.local_candidates().count(), 1);
    assert!(duo.sides[0].told.reasons().contains(&Reason::NoConnection));
}

#[test]
fn without_a_nat_the_candidate_would_be_redundant() {
    let mut duo = duo(&[TcpPassive], &[]);
    duo.wires.mapped.clear();
    gather(&mut duo);
    assert_eq!(duo.sides[0].agent.local_candidates().count(), 1);
    assert!(duo.sides[0].told.reasons().contains(&Reason::RedundantCandidate));
}

#[test]
fn closing_ends_what_is_asked() {
    let mut duo = duo(&[TcpPassive], &[]);
    duo.act(0, |agent| agent.gather(Time::ZERO));
    duo.act(0, |agent| agent.close(Time::from_millis(1)));
    assert!(matches!(
        duo.wires.asked[..],
        [(0, HostRequest::Connect { .. }), (0, HostRequest::Close { .. })]
    ));
    assert!(duo.sides[0].told.reasons().contains(&Reason::SessionOver));
}
