//! Relayed candidates from TURN servers that are reached over TCP and TLS (RFC 8656 §2.1, §3.1).

use std::time::Duration;

use rtclab_rtc::ice::{
    AgentConfig, CandidateKind, CandidatePolicy, Change, ConnectionState, ConnectionUse, GatheringState,
    HostRequest, PairState, TurnServer,
};
use rtclab_rtc::stun::Transport;
use rtclab_rtc::turn::{self, AllocationState, TurnServerConfig};
use rtclab_rtc::{Reason, Subject, Time};

use crate::duo::{Duo, Path, Seeded, TURN, Turn, at, hosts, wire};

/// A side that knows the server over each of these.
fn knows(config: AgentConfig, transports: &[Transport]) -> AgentConfig {
    let server = |transport: &Transport| TurnServer::new(at(TURN), "user", "secret").over(*transport);
    AgentConfig { turn_servers: transports.iter().map(server).collect(), ..config }
}

fn duo(configs: [AgentConfig; 2], path: Path) -> Duo {
    let mut duo = Duo::new(configs, path);
    duo.turn = Some(Turn::new(Vec::new()));
    duo
}

/// A path on which no host sends or gets a datagram; between relayed addresses of the server they pass.
fn no_datagrams() -> Path {
    Box::new(|_, transmit| {
        let server = at(TURN).ip();
        let passes = transmit.from.ip() == server && transmit.to.ip() == server;
        passes.then(|| (Duration::from_millis(1), transmit.clone()))
    })
}

fn both_over(transports: &[Transport], path: Path) -> Duo {
    duo(hosts(1).map(|config| knows(config, transports)), path)
}

fn relayed(duo: &Duo, side: usize) -> Vec<(Transport, u32)> {
    let locals = duo.sides[side].agent.local_candidates();
    locals.filter_map(|(_, local)| Some((local.relay_protocol?, local.priority))).collect()
}

fn gather(duo: &mut Duo) {
    duo.act(0, |agent| agent.gather(Time::ZERO));
    duo.run_until(Time::from_millis(1000));
}

#[test]
fn where_no_datagram_passes_a_call_is_relayed_over_connections() {
    for transport in [Transport::Tcp, Transport::Tls] {
        let mut duo = both_over(&[transport], no_datagrams());
        duo.start();
        assert!(duo.drive(Time::from_millis(5000)), "{transport}");
        assert!(duo.agrees());
        let (_, local, _) = duo.sides[0].agent.selected().expect("selected");
        assert_eq!((local.kind, local.relay_protocol), (CandidateKind::Relayed, Some(transport)));
        for side in [0, 1] {
            let now = duo.now;
            duo.act(side, |agent| agent.send(b"odd", now)).expect("connected");
        }
        duo.run_until(duo.now + Duration::from_millis(200));
        for side in &duo.sides {
            assert_eq!(side.told.data.last().map(|data| &data.2[..]), Some(&b"odd"[..]));
        }
    }
}

#[test]
fn data_goes_over_channels_that_are_padded_to_four_bytes() {
    let mut duo = both_over(&[Transport::Tcp], no_datagrams());
    duo.start();
    assert!(duo.drive(Time::from_millis(5000)));
    duo.run_until(duo.now + Duration::from_secs(1));
    let now = duo.now;
    duo.act(0, |agent| agent.send(b"frame", now)).expect("connected");
    let Some((0, HostRequest::Write { bytes, .. })) = duo.wires.asked.last() else {
        panic!("nothing was written")
    };
    assert_eq!(bytes[0] & 0xF0, 0x40);
    assert_eq!(bytes.len(), 4 + 8, "RFC 8656 §12.5");
}

#[test]
fn the_connection_goes_first_and_says_what_it_is_for() {
    let configs = hosts(1).map(|config| {
        let server = TurnServer::new(at(TURN), "user", "secret").over(Transport::Tls).named("turn.example");
        AgentConfig { turn_servers: vec![server], ..config }
    });
    let mut duo = duo(configs, wire(20));
    duo.act(0, |agent| agent.gather(Time::ZERO));
    let [(0, HostRequest::Connect { from, to, purpose, .. })] = &duo.wires.asked[..] else {
        panic!("something else was asked: {:?}", duo.wires.asked);
    };
    assert_eq!((*from, *to), (at("10.1.0.1:9"), at(TURN)), "from any port");
    assert_eq!(*purpose, ConnectionUse::TurnServer { tls: true, name: Some("turn.example".into()) });
    duo.run_until(Time::from_millis(1000));
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
    assert_eq!(relayed(&duo, 0).len(), 1);
}

#[test]
fn relays_over_datagrams_come_before_those_over_tcp_and_these_before_tls() {
    let mut duo = both_over(&[Transport::Tls, Transport::Tcp, Transport::Udp], wire(20));
    gather(&mut duo);
    let mut found = relayed(&duo, 0);
    found.sort_by_key(|(_, priority)| std::cmp::Reverse(*priority));
    let order: Vec<_> = found.into_iter().map(|(protocol, _)| protocol).collect();
    assert_eq!(order, [Transport::Udp, Transport::Tcp, Transport::Tls]);
}

#[test]
fn what_a_server_sees_of_a_connection_is_no_candidate_of_the_socket() {
    let mut duo = both_over(&[Transport::Tcp], wire(20));
    gather(&mut duo);
    let kinds: Vec<_> = duo.sides[0].agent.local_candidates().map(|(_, local)| local.kind).collect();
    assert_eq!(kinds, [CandidateKind::Host, CandidateKind::Relayed]);
}

#[test]
fn a_server_that_refuses_connections_ends_gathering() {
    let mut duo = both_over(&[Transport::Tcp], wire(20));
    duo.wires.refused.push(at(TURN));
    gather(&mut duo);
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
    assert!(relayed(&duo, 0).is_empty());
    assert!(duo.sides[0].told.reasons().contains(&Reason::TurnStreamClosed));
}

#[test]
fn a_server_that_never_answers_is_given_up_as_a_transaction_is() {
    let mut config = hosts(1).map(|config| knows(config, &[Transport::Tcp]));
    config[0].policy = CandidatePolicy::Relayed;
    let mut duo = duo(config, wire(20));
    // The connection is asked for, and neither opens nor fails.
    duo.sides[0].agent.gather(Time::ZERO);
    while duo.sides[0].agent.poll_request().is_some() {}
    let last = Time::from_millis(39_500);
    let mut now = Time::ZERO;
    while let Some(at) = duo.sides[0].agent.poll_timeout().filter(|at| *at <= last) {
        now = now.max(at);
        duo.act(0, |agent| agent.handle_timeout(now));
    }
    assert_eq!(now, last, "Ti of RFC 8489 §6.2.2, from the attempt to connect");
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
    assert!(matches!(duo.wires.asked[..], [(0, HostRequest::Close { .. })]));
}

#[test]
fn the_pairs_of_a_lost_connection_fail_with_it() {
    let mut duo = both_over(&[Transport::Tcp], no_datagrams());
    duo.start();
    assert!(duo.drive(Time::from_millis(5000)));
    let now = duo.now;
    duo.wires.cut(now);
    duo.run_until(now + Duration::from_millis(10));
    let told = &duo.sides[0].told;
    assert!(told.reasons().contains(&Reason::TurnStreamClosed));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Disconnected);
    let Some(Change::Allocation(allocation)) = told.newest.get(&Subject::Allocation(0)) else {
        panic!("no allocation was told");
    };
    assert_eq!(allocation.state, AllocationState::Expired);
}

#[test]
fn pairs_that_are_still_checked_fail_when_the_connection_is_lost() {
    // The peer never answers.
    let mut configs = hosts(1);
    configs[0] = knows(configs[0].clone(), &[Transport::Tcp]);
    let mut duo = duo(configs, no_datagrams());
    duo.start();
    duo.run_until(Time::from_millis(600));
    let now = duo.now;
    duo.wires.cut(now);
    duo.run_until(now + Duration::from_millis(10));
    let pairs = duo.sides[0].pair_list();
    let (_, pair) = pairs.iter().find(|(_, pair)| pair.local.kind == CandidateKind::Relayed).expect("a pair");
    assert_eq!(pair.state, PairState::Failed);
    assert!(!duo.sides[0].told.changes_for(Reason::RelayDoesNotCarry).is_empty());
}

#[test]
fn bytes_that_are_not_turn_end_the_connection() {
    let mut duo = both_over(&[Transport::Tcp], wire(20));
    duo.act(0, |agent| agent.gather(Time::ZERO));
    let Some((_, HostRequest::Connect { connection, .. })) = duo.wires.asked.first().cloned() else {
        panic!("nothing was asked");
    };
    duo.act(0, |agent| agent.handle_connected(connection, Time::ZERO));
    duo.act(0, |agent| agent.handle_stream(connection, b"SSH-2.0-something", Time::ZERO));
    assert!(duo.wires.asked.contains(&(0, HostRequest::Close { connection })));
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
}

#[test]
fn closing_gives_the_allocation_back_before_the_connection_is_closed() {
    let mut duo = both_over(&[Transport::Tcp], no_datagrams());
    duo.start();
    assert!(duo.drive(Time::from_millis(5000)));
    let now = duo.now;
    duo.act(0, |agent| agent.close(now));
    duo.run_until(now + Duration::from_secs(1));
    assert_eq!(duo.turn.as_ref().map(|turn| turn.server.allocations().count()), Some(1));
    let mut of_side = duo.wires.asked.iter().filter(|(side, _)| *side == 0);
    assert!(matches!(of_side.next_back(), Some((0, HostRequest::Close { .. }))));
    assert!(duo.sides[0].told.reasons().contains(&Reason::TurnReleased));
    assert_eq!(duo.sides[0].agent.poll_timeout(), None);
}

#[test]
fn a_server_that_names_another_one_is_left_for_it() {
    let mut duo = both_over(&[Transport::Tls], wire(20));
    let user = turn::Credentials { username: "user".into(), password: "secret".into() };
    let mut config = TurnServerConfig::new("lab", vec![user]);
    let other = at("198.51.100.2:5349");
    config.alternate = Some((other, Some("turn2.example".into())));
    duo.turn.as_mut().expect("a server").server = turn::TurnServer::new(config, Box::new(Seeded(7)));
    gather(&mut duo);
    let asked: Vec<_> = duo.wires.asked.iter().map(|(_, request)| request.clone()).collect();
    let tried: Vec<_> = asked
        .iter()
        .filter_map(|request| match request {
            HostRequest::Connect { connection, to, purpose, .. } => Some((*connection, *to, purpose.clone())),
            _ => None,
        })
        .collect();
    let [(first, ..), (_, to, ConnectionUse::TurnServer { tls: true, name })] = &tried[..] else {
        panic!("{tried:?}");
    };
    assert_eq!(
        (*to, name.as_deref()),
        (other, Some("turn2.example")),
        "the name that its certificate is for"
    );
    assert!(asked.contains(&HostRequest::Close { connection: *first }));
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete, "nobody is there");
}
