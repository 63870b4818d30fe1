//! Candidates of ports that the gateway maps on request.

use rtclab_rtc::Reason;
use rtclab_rtc::ice::{AgentConfig, CandidateKind, GatheringState, HostRequest, Role};

use crate::duo::{Duo, at, socket, wire};

fn duo() -> Duo {
    let side = |role, address: &str| {
        let mut config = AgentConfig::new(role, vec![socket(address, 65535)]);
        config.port_mapping = role == Role::Controlling;
        config
    };
    let sides = [side(Role::Controlling, "10.0.0.1:5000"), side(Role::Controlled, "10.0.0.2:5000")];
    Duo::new(sides, wire(20))
}

#[test]
fn gathering_waits_for_the_gateway_and_its_address_is_a_candidate_on_the_sockets_base() {
    let mut duo = duo();
    duo.start();
    let base = at("10.0.0.1:5000");
    assert!(duo.wires.asked.contains(&(0, HostRequest::MapPort { base })));
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Gathering);
    let (gateway, mapped) = (at("10.0.0.254:0").ip(), at("203.0.113.1:5000"));
    duo.act(0, |agent| agent.handle_mapped(base, gateway, Some(mapped), rtclab_rtc::Time::ZERO));
    let agent = &duo.sides[0].agent;
    assert_eq!(agent.snapshot().gathering, GatheringState::Complete);
    let (_, mapped) = agent.local_candidates().last().expect("candidates");
    assert_eq!((mapped.kind, mapped.address), (CandidateKind::ServerReflexive, at("203.0.113.1:5000")));
    assert_eq!((mapped.base, mapped.related), (base, Some(base)));
    assert!(duo.sides[0].told.reasons().contains(&Reason::MappedByGateway));
}

#[test]
fn a_gateway_without_the_service_ends_the_waiting_and_adds_nothing() {
    let mut duo = duo();
    duo.start();
    let agent = &mut duo.sides[0].agent;
    let before = agent.local_candidates().count();
    agent.handle_mapped(at("10.0.0.1:5000"), at("10.0.0.254:0").ip(), None, rtclab_rtc::Time::ZERO);
    assert_eq!(agent.snapshot().gathering, GatheringState::Complete);
    assert_eq!(agent.local_candidates().count(), before);
}

#[test]
fn an_address_that_is_known_already_is_no_second_candidate() {
    let mut duo = duo();
    duo.start();
    let agent = &mut duo.sides[0].agent;
    for _ in 0..2 {
        let (base, gateway) = (at("10.0.0.1:5000"), at("10.0.0.254:0").ip());
        agent.handle_mapped(base, gateway, Some(at("203.0.113.1:5000")), rtclab_rtc::Time::ZERO);
    }
    assert_eq!(agent.local_candidates().count(), 2, "host and mapped");
}
