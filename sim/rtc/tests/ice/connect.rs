//! How soon and over which pair two agents connect.

use std::time::Duration;

use rtclab_rtc::ice::{AgentConfig, CandidateKind, Change, Role};
use rtclab_rtc::{Because, Reason, Subject, Time};

use crate::duo::{Duo, at, hosts, socket, through_nats, wire};

fn nominated_at(duo: &Duo, side: usize) -> Option<Time> {
    duo.sides[side].told.first(|_, change| matches!(change, Change::Pair(pair) if pair.nominated))
}

#[test]
fn two_hosts_50_ms_apart_connect_at_200_ms_controlling_and_150_ms_controlled() {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    assert_eq!(nominated_at(&duo, 0), Some(Time::from_millis(200)));
    assert_eq!(nominated_at(&duo, 1), Some(Time::from_millis(150)));
    assert_eq!(duo.sides[0].connected_at(), Some(Time::from_millis(200)));
    assert_eq!(duo.sides[1].connected_at(), Some(Time::from_millis(150)));
    assert!(duo.agrees());
}

#[test]
fn three_hosts_each_connect_as_fast_and_over_the_best_pair() {
    let mut duo = Duo::new(hosts(3), wire(50));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    assert_eq!(duo.sides[0].connected_at(), Some(Time::from_millis(200)));
    assert_eq!(duo.sides[1].connected_at(), Some(Time::from_millis(150)));
    let (_, local, remote) = duo.sides[0].agent.selected().expect("selected");
    assert_eq!(local.address, at("10.1.0.1:5000"));
    assert_eq!(remote.address, at("10.2.0.1:5000"));
}

#[test]
fn families_are_not_mixed_and_the_preferred_one_wins() {
    let sockets = |side: u8| {
        vec![
            socket(&format!("[2001:db8::{side}]:5000"), 65535),
            socket(&format!("10.0.0.{side}:5000"), 65534),
        ]
    };
    let configs =
        [AgentConfig::new(Role::Controlling, sockets(1)), AgentConfig::new(Role::Controlled, sockets(2))];
    let mut duo = Duo::new(configs, wire(50));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    assert_eq!(duo.sides[0].pair_list().len(), 2, "one pair for each family");
    let (_, local, _) = duo.sides[0].agent.selected().expect("selected");
    assert!(local.address.is_ipv6());
}

#[test]
fn a_path_that_only_the_lower_preference_has_is_found() {
    let mut duo = Duo::new(hosts(2), wire(50));
    duo.path = Box::new(|_, transmit| {
        let second = transmit.from.port() == 5001 && transmit.to.port() == 5001;
        second.then(|| (Duration::from_millis(50), transmit.clone()))
    });
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)), "no wait for pairs that had their time");
    assert!(duo.agrees());
    assert_eq!(duo.sides[0].agent.selected().expect("selected").1.address.port(), 5001);
}

#[test]
fn an_unknown_nat_makes_peer_reflexive_candidates_on_both_sides() {
    let nats = through_nats(50, &[("10.1.0.1:5000", "192.0.2.1:7000")]);
    let mut duo = Duo::new(hosts(1), nats);
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    let (_, ours, _) = duo.sides[0].agent.selected().expect("selected");
    assert_eq!((ours.kind, ours.address.port()), (CandidateKind::PeerReflexive, 7000));
    assert_eq!(ours.base, at("10.1.0.1:5000"));
    let (_, _, theirs) = duo.sides[1].agent.selected().expect("selected");
    assert_eq!((theirs.kind, theirs.address.port()), (CandidateKind::PeerReflexive, 7000));
    // RFC 8445 §7.1.1: what the peer learned is the priority that we computed for that kind.
    assert_eq!(ours.priority, theirs.priority);
    assert!(duo.agrees());
}

#[test]
fn a_nomination_reaches_a_controlled_agent_behind_a_nat() {
    let nats = through_nats(50, &[("10.2.0.1:5000", "192.0.2.2:7000")]);
    let mut configs = hosts(1);
    for config in &mut configs {
        config.stun_servers = vec![at("192.0.2.9:3478")];
    }
    let mut duo = Duo::new(configs, nats);
    duo.stun = Some(at("192.0.2.9:3478"));
    duo.signaling = false;
    duo.start();
    duo.run_until(Time::from_millis(200));
    duo.signaling = true;
    duo.signal();
    assert!(duo.drive(Time::from_millis(2000)));
    let (_, local, _) = duo.sides[1].agent.selected().expect("selected");
    assert_eq!(local.kind, CandidateKind::ServerReflexive, "the valid pair is not the pair that was checked");
    assert!(duo.agrees());
}

#[test]
fn queries_and_checks_take_turns_at_ta() {
    let mut configs = hosts(2);
    configs[0].stun_servers = vec![at("192.0.2.9:3478")];
    let mut duo = Duo::new(configs, Box::new(|_, _| None));
    duo.start();
    duo.run_until(Time::from_millis(200));
    let reasons: Vec<_> =
        duo.sent.iter().filter(|(_, side, _)| *side == 0).map(|sent| sent.2.reason).collect();
    let (query, check) = (Some(Reason::AskForMappedAddress), Some(Reason::OrdinaryCheck));
    assert_eq!(reasons, [query, check, query, check, check]);
}

#[test]
fn data_goes_over_the_selected_pair_in_both_directions() {
    let mut duo = Duo::new(hosts(2), wire(50));
    duo.start();
    assert!(duo.sides[0].agent.send(b"early", Time::ZERO).is_err());
    assert!(duo.drive(Time::from_millis(1000)));
    let now = duo.now;
    duo.act(0, |agent| agent.send(b"ping", now)).expect("connected");
    duo.act(1, |agent| agent.send(b"pong", now)).expect("connected");
    duo.run_until(now + Duration::from_millis(50));
    let payload = |side: usize| duo.sides[side].told.data.iter().map(|(.., bytes)| bytes.clone()).next();
    assert_eq!(payload(0).as_deref(), Some(&b"pong"[..]));
    assert_eq!(payload(1).as_deref(), Some(&b"ping"[..]));
}

#[test]
fn every_packet_can_be_traced_back_to_a_decision() {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    let first = duo.first_sent(0);
    assert_eq!(first.because, Because::Change(Subject::Pair(0)));
    assert_eq!(first.reason, Some(Reason::OrdinaryCheck));
    let formed = duo.sides[0].told.changes.iter().find(|change| change.1 == Subject::Pair(0)).expect("told");
    assert_eq!(formed.4, Because::Change(Subject::RemoteCandidate(0)));
    assert!(duo.sent.iter().all(|(_, _, transmit)| transmit.reason.is_some()));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let run = |seed: u64| {
        let mut duo = Duo::seeded(hosts(3), wire(50), seed);
        duo.start();
        duo.drive(Time::from_millis(1000));
        duo.sent.into_iter().map(|(at, side, transmit)| (at, side, transmit.payload)).collect::<Vec<_>>()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}
