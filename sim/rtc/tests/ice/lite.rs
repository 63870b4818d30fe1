//! Lite agents: with a full one, and with each other (RFC 8445 §2.5).

use rtclab_rtc::ice::{AgentConfig, CandidateKind, CheckListState, ConnectionState, Role};
use rtclab_rtc::stun::{Class, Message};
use rtclab_rtc::{Reason, Time};

use crate::duo::{Duo, at, hosts, socket, wire};

/// The first side is full, the second one lite; each knows what the other is.
fn full_and_lite(role_of_full: Role) -> Duo {
    let [mut full, mut lite] = hosts(2);
    full.role = role_of_full;
    lite.role = role_of_full.opposite();
    lite.lite = true;
    lite.stun_servers = vec![at("192.0.2.9:3478")];
    let mut duo = Duo::new([full, lite], wire(50));
    let now = duo.now;
    duo.act(0, |agent| agent.set_remote_lite(now));
    duo.start();
    duo
}

#[test]
fn a_full_agent_connects_to_a_lite_one() {
    let mut duo = full_and_lite(Role::Controlling);
    assert!(duo.drive(Time::from_millis(1000)));
    assert!(duo.agrees());
    assert_eq!(duo.sides[1].agent.state(), ConnectionState::Completed);
}

#[test]
fn the_full_one_is_controlling_whoever_offered() {
    let mut duo = full_and_lite(Role::Controlled);
    assert_eq!(duo.sides[0].agent.role(), Role::Controlling);
    assert!(duo.sides[0].told.reasons().contains(&Reason::PeerIsLite));
    assert!(duo.drive(Time::from_millis(1000)));
}

#[test]
fn a_lite_agent_sends_no_requests_and_has_host_candidates_only() {
    let mut duo = full_and_lite(Role::Controlling);
    duo.run_until(Time::from_millis(40_000));
    for (_, side, transmit) in &duo.sent {
        let class = Message::parse(&transmit.payload).expect("STUN").class();
        assert!(*side != 1 || class != Class::Request);
    }
    assert!(
        duo.sides[1].agent.local_candidates().all(|(_, candidate)| candidate.kind == CandidateKind::Host)
    );
    assert_eq!(
        duo.sides[1].agent.state(),
        ConnectionState::Completed,
        "the consent checks of the peer are heard"
    );
}

#[test]
fn a_lite_agent_selects_what_is_nominated_as_soon_as_it_has_answered() {
    let mut duo = full_and_lite(Role::Controlling);
    duo.run_until(Time::from_millis(150));
    let (number, _, remote) = duo.sides[1].agent.selected().expect("a pair");
    assert_eq!(remote.address, at("10.1.0.1:5000"));
    assert_eq!(duo.sides[1].agent.check_list().valid, [number]);
}

#[test]
fn a_check_without_a_nomination_moves_nothing_in_a_lite_agent() {
    let mut duo = full_and_lite(Role::Controlling);
    duo.run_until(Time::from_millis(149));
    assert!(duo.sides[1].agent.selected().is_none());
    assert!(duo.sides[1].agent.check_list().pairs.is_empty());
}

#[test]
fn two_lite_agents_take_the_best_pair_without_any_check() {
    let mut configs = hosts(1);
    for (side, config) in (1_u8..).zip(&mut configs) {
        config.lite = true;
        config.sockets.push(socket(&format!("[2001:db8::{side}]:5000"), 65534));
    }
    let mut duo = Duo::new(configs, wire(50));
    for side in [0, 1] {
        let now = duo.now;
        duo.act(side, |agent| agent.set_remote_lite(now));
    }
    duo.start();
    duo.run_until(Time::from_millis(1));
    assert!(duo.agrees());
    assert!(duo.sent.is_empty());
    for side in &duo.sides {
        assert_eq!(side.agent.check_list().state, CheckListState::Completed);
        assert!(side.told.reasons().contains(&Reason::BothLite));
    }
    let now = duo.now;
    duo.act(0, |agent| agent.send(b"frame", now)).expect("connected");
}

#[test]
fn a_full_agent_that_was_not_told_repairs_the_roles_nevertheless() {
    let [mut full, mut lite] = hosts(1);
    full.role = Role::Controlling;
    lite.role = Role::Controlled;
    lite.lite = true;
    let config: [AgentConfig; 2] = [full, lite];
    let mut duo = Duo::new(config, wire(50));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
}
