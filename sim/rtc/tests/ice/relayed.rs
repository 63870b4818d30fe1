//! Calls through a TURN server, and calls that could have gone through one.

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::ice::{
    AgentConfig, CandidateKind, CandidatePolicy, Change, ConnectionState, GatheringState, PairState,
    TurnServer,
};
use rtclab_rtc::turn::{AddressRange, AllocationState, is_channel_data};
use rtclab_rtc::{Reason, Subject, Time, Transmit};

use crate::duo::{Duo, Path, TURN, Turn, at, hosts, wire};

fn with_turn(password: &str) -> [AgentConfig; 2] {
    hosts(1).map(|config| {
        let server = TurnServer::new(at(TURN), "user", password);
        AgentConfig { turn_servers: vec![server], ..config }
    })
}

fn duo(configs: [AgentConfig; 2], path: Path) -> Duo {
    let mut duo = Duo::new(configs, path);
    duo.turn = Some(Turn::new(Vec::new()));
    duo
}

/// Whether this is between the two hosts, past the TURN server.
fn is_direct(transmit: &Transmit) -> bool {
    let server = |address: SocketAddr| address.ip() == at(TURN).ip();
    !server(transmit.from) && !server(transmit.to)
}

/// A path on which hosts reach the TURN server only, until this moment.
fn blocked_until(delay_ms: u64, open: Time) -> Path {
    Box::new(move |now, transmit| {
        let passes = now >= open || !is_direct(transmit);
        passes.then(|| (Duration::from_millis(delay_ms), transmit.clone()))
    })
}

fn blocked(delay_ms: u64) -> Path {
    blocked_until(delay_ms, Time::MAX)
}

#[test]
fn hosts_that_cannot_reach_each_other_connect_through_the_relay() {
    let mut duo = duo(with_turn("secret"), blocked(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(5000)));
    assert!(duo.agrees());
    let (_, local, remote) = duo.sides[0].agent.selected().expect("selected");
    assert!(local.kind == CandidateKind::Relayed || remote.kind == CandidateKind::Relayed);
    assert!(duo.now < Time::from_millis(1500), "direct pairs got a second chance and no more: {}", duo.now);
}

#[test]
fn data_through_the_relay_goes_over_a_channel() {
    let mut duo = duo(with_turn("secret"), blocked(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(5000)));
    let relaying = [0, 1].into_iter().find(|side| {
        duo.sides[*side].agent.selected().is_some_and(|(_, local, _)| local.kind == CandidateKind::Relayed)
    });
    let relaying = relaying.expect("one side sends through its relay");
    duo.run_until(duo.now + Duration::from_secs(1));
    duo.sent.clear();
    for side in [0, 1] {
        let now = duo.now;
        duo.act(side, |agent| agent.send(b"frame", now)).expect("connected");
    }
    let own = duo.sent.iter().find(|(_, side, _)| *side == relaying).expect("sent");
    assert!(is_channel_data(&own.2.payload));
    duo.run_until(duo.now + Duration::from_secs(1));
    for side in &duo.sides {
        assert_eq!(side.told.data.len(), 1);
        assert_eq!(side.told.data[0].2, b"frame");
    }
}

#[test]
fn a_direct_path_that_opens_a_little_later_is_preferred_to_the_relay() {
    let mut duo = duo(with_turn("secret"), blocked_until(20, Time::from_millis(400)));
    duo.start();
    assert!(duo.drive(Time::from_millis(5000)));
    let valid_relayed = duo.sides[0].told.first(|_, change| match change {
        Change::Pair(pair) => pair.valid && pair.local.kind == CandidateKind::Relayed,
        _ => false,
    });
    assert!(valid_relayed.is_some_and(|at| at < Time::from_millis(400)), "the relayed pair was there first");
    for side in &duo.sides {
        let (_, local, remote) = side.agent.selected().expect("selected");
        assert_eq!((local.kind, remote.kind), (CandidateKind::Host, CandidateKind::Host));
    }
}

#[test]
fn with_relayed_candidates_only_there_is_nothing_to_wait_for() {
    let configs =
        with_turn("secret").map(|config| AgentConfig { policy: CandidatePolicy::Relayed, ..config });
    let mut duo = duo(configs, wire(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(5000)));
    for side in &duo.sides {
        assert!(side.agent.local_candidates().all(|(_, local)| local.kind == CandidateKind::Relayed));
    }
    // Allocate 401 and again: 80 ms. Permission: 40 ms. Check over both relays: 160 ms at most; the nomination as much again.
    assert!(duo.now <= Time::from_millis(450), "{}", duo.now);
    assert!(duo.agrees());
}

#[test]
fn checks_from_a_relayed_candidate_wait_for_the_permission() {
    let mut duo = duo(with_turn("secret"), blocked(20));
    duo.start();
    duo.run_until(Time::from_millis(400));
    let told = &duo.sides[0].told;
    let checked = told.first(|_, change| match change {
        Change::Pair(pair) => {
            pair.state == PairState::InProgress && pair.local.kind == CandidateKind::Relayed
        }
        _ => false,
    });
    let permitted = told.first(|_, change| match change {
        Change::Allocation(allocation) => !allocation.permissions.is_empty(),
        _ => false,
    });
    assert!(permitted.is_some() && checked >= permitted, "{permitted:?} {checked:?}");
}

#[test]
fn peers_that_the_server_forbids_fail_at_once() {
    let mut duo = duo(with_turn("secret"), blocked(20));
    let everything = AddressRange { network: at("10.0.0.0:0").ip(), prefix: 8 };
    duo.turn = Some(Turn::new(vec![everything]));
    duo.start();
    duo.run_until(Time::from_millis(500));
    let failed = duo.sides[0].pair_list().into_iter().find(|(_, pair)| {
        pair.local.kind == CandidateKind::Relayed && pair.remote.kind == CandidateKind::Host
    });
    assert_eq!(failed.expect("a pair").1.state, PairState::Failed);
    assert!(duo.sides[0].told.reasons().contains(&Reason::RelayDoesNotCarry));
}

#[test]
fn a_wrong_password_ends_gathering_without_a_relayed_candidate() {
    let mut duo = duo(with_turn("wrong"), wire(20));
    duo.act(0, |agent| agent.gather(Time::ZERO));
    duo.run_until(Time::from_millis(200));
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
    assert_eq!(duo.sides[0].agent.local_candidates().count(), 1);
    let Some(Change::Allocation(allocation)) = duo.sides[0].told.newest.get(&Subject::Allocation(0)) else {
        panic!("no allocation was told");
    };
    assert_eq!(allocation.state, AllocationState::Refused(401));
}

#[test]
fn an_icmp_error_from_the_turn_server_ends_gathering() {
    let mut duo = duo(with_turn("secret"), Box::new(|_, _| None));
    duo.act(0, |agent| agent.gather(Time::ZERO));
    duo.act(0, |agent| agent.handle_unreachable(at("10.1.0.1:5000"), at(TURN), Time::from_millis(1)));
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
}

#[test]
fn an_allocation_tells_the_mapped_address_as_well() {
    let nats = crate::duo::through_nats(20, &[("10.1.0.1:5000", "192.0.2.1:7000")]);
    let mut duo = duo(with_turn("secret"), nats);
    duo.act(0, |agent| agent.gather(Time::ZERO));
    duo.run_until(Time::from_millis(200));
    let kinds: Vec<_> = duo.sides[0].agent.local_candidates().map(|(_, local)| local.kind).collect();
    assert_eq!(kinds, [CandidateKind::Host, CandidateKind::ServerReflexive, CandidateKind::Relayed]);
    let relayed = duo.sides[0].agent.local_candidates().nth(2).expect("relayed").1.clone();
    assert_eq!(relayed.related, Some(at("192.0.2.1:7000")));
}

fn allocations(duo: &Duo) -> usize {
    duo.turn.as_ref().map_or(0, |turn| turn.server.allocations().count())
}

#[test]
fn closing_gives_the_allocation_back() {
    let mut duo = duo(with_turn("secret"), blocked(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(5000)));
    assert_eq!(allocations(&duo), 2);
    let now = duo.now;
    duo.act(0, |agent| agent.close(now));
    duo.run_until(now + Duration::from_secs(1));
    assert_eq!(allocations(&duo), 1);
    assert_eq!(duo.sides[0].agent.poll_timeout(), None);
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Closed);
}

#[test]
fn a_restart_keeps_the_allocation_and_tells_its_candidate_anew() {
    let mut duo = duo(with_turn("secret"), blocked(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(5000)));
    let relayed = |duo: &Duo| {
        let mut locals = duo.sides[0].agent.local_candidates();
        locals.find(|(_, local)| local.kind == CandidateKind::Relayed).map(|(n, local)| (n, local.address))
    };
    let before = relayed(&duo).expect("relayed");
    for side in [0, 1] {
        duo.restart(side);
    }
    for side in [0, 1] {
        duo.exchange_credentials(side);
    }
    let after = relayed(&duo).expect("relayed");
    assert_eq!(before.1, after.1);
    assert_ne!(before.0, after.0);
    assert_eq!(allocations(&duo), 2);
    assert!(duo.drive(Time::from_millis(9000)));
}

#[test]
fn a_relayed_call_lives_through_half_an_hour_of_silence() {
    let mut duo = duo(with_turn("secret"), blocked(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(5000)));
    duo.run_until(Time::from_millis(1_800_000));
    for side in [0, 1] {
        let now = duo.now;
        duo.act(side, |agent| agent.send(b"awake", now)).expect("connected");
    }
    duo.run_until(duo.now + Duration::from_secs(1));
    for side in &duo.sides {
        assert_eq!(side.agent.state(), ConnectionState::Completed);
        assert_eq!(side.told.data.len(), 1);
    }
}

#[test]
fn loss_between_hosts_and_relay_does_not_keep_them_apart() {
    for seed in 0..100 {
        let mut random = crate::duo::Seeded(seed);
        let path: Path = Box::new(move |_, transmit| {
            let passes = !is_direct(transmit) && random.next() % 100 >= 20;
            passes.then(|| (Duration::from_millis(20), transmit.clone()))
        });
        let mut duo = duo(with_turn("secret"), path);
        duo.start();
        assert!(duo.drive(Time::from_millis(300_000)), "seed {seed}");
        assert!(duo.agrees(), "seed {seed}");
    }
}
