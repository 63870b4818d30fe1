//! Which candidates may be used, and how they are signaled.

use rtclab_rtc::ice::{CandidateKind, CandidatePolicy, GatheringState, TrickleMode};
use rtclab_rtc::{Reason, Time};

use crate::duo::{Duo, at, hosts, through_nats, wire};

const STUN: &str = "192.0.2.9:3478";

/// Two interfaces behind a NAT; the second one is not on the default route.
fn with_policy(policy: CandidatePolicy) -> Duo {
    let [mut left, right] = hosts(2);
    left.policy = policy;
    left.stun_servers = vec![at(STUN)];
    left.sockets[1].default_route = false;
    let nat = [("10.1.0.1:5000", "203.0.113.1:40000"), ("10.1.1.1:5001", "203.0.113.1:40001")];
    let mut duo = Duo::new([left, right], through_nats(20, &nat));
    duo.stun = Some(at(STUN));
    duo.start();
    duo.run_until(Time::from_millis(1000));
    duo
}

fn signaled(duo: &Duo) -> Vec<String> {
    let agent = &duo.sides[0].agent;
    let lines = agent.local_candidates().filter_map(|(number, _)| agent.candidate_line(number));
    lines.map(|line| line.candidate.to_string()).collect()
}

#[test]
fn all_interfaces_are_used_and_told() {
    let duo = with_policy(CandidatePolicy::All);
    let expected =
        ["host 10.1.0.1:5000", "host 10.1.1.1:5001", "srflx 203.0.113.1:40000", "srflx 203.0.113.1:40001"];
    assert_eq!(signaled(&duo), expected);
}

#[test]
fn the_default_route_alone_is_used_and_told() {
    let duo = with_policy(CandidatePolicy::DefaultRoute);
    assert_eq!(signaled(&duo), ["host 10.1.0.1:5000", "srflx 203.0.113.1:40000"]);
}

#[test]
fn private_addresses_of_the_default_route_are_used_and_not_told() {
    let duo = with_policy(CandidatePolicy::DefaultRouteOnly);
    assert_eq!(signaled(&duo), ["srflx 203.0.113.1:40000"]);
    assert!(duo.sides[0].told.reasons().contains(&Reason::HostAddressHidden));
    assert!(duo.sides[0].agent.selected().is_some(), "packets still leave from there");
}

#[test]
fn relayed_candidates_alone_need_a_server() {
    let duo = with_policy(CandidatePolicy::Relayed);
    assert!(signaled(&duo).is_empty());
}

#[test]
fn without_a_nat_the_default_route_has_nothing_to_hide() {
    let [mut left, right] = hosts(1);
    left.policy = CandidatePolicy::DefaultRouteOnly;
    left.stun_servers = vec![at(STUN)];
    let mut duo = Duo::new([left, right], wire(20));
    duo.stun = Some(at(STUN));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    assert_eq!(signaled(&duo), ["srflx 10.1.0.1:5000"]);
}

#[test]
fn what_waits_for_all_candidates_depends_on_the_mode() {
    for (mode, offer_waits, answer_waits) in
        [(TrickleMode::Full, false, false), (TrickleMode::Half, true, false), (TrickleMode::Off, true, true)]
    {
        let [mut left, right] = hosts(1);
        left.trickle = mode;
        left.stun_servers = vec![at(STUN)];
        let mut duo = Duo::new([left, right], wire(20));
        duo.stun = Some(at(STUN));
        duo.start();
        let agent = &duo.sides[0].agent;
        assert_eq!(agent.snapshot().gathering, GatheringState::Gathering);
        assert_eq!(
            (agent.may_describe(true), agent.may_describe(false)),
            (!offer_waits, !answer_waits),
            "{mode:?}"
        );
        duo.run_until(Time::from_millis(500));
        assert!(duo.sides[0].agent.may_describe(true));
    }
}

#[test]
fn a_cheaper_network_goes_before_a_higher_priority_if_the_owner_wants_it_so() {
    for (counts, expected) in [(false, "10.1.0.1:5000"), (true, "10.1.1.1:5001")] {
        let [mut left, right] = hosts(2);
        left.network_cost = counts;
        left.sockets[0].cost = 900;
        left.sockets[1].cost = 10;
        let mut duo = Duo::new([left, right], wire(50));
        duo.start();
        assert!(duo.drive(Time::from_millis(2000)));
        let (_, local, _) = duo.sides[0].agent.selected().expect("a pair");
        assert_eq!(local.address, at(expected), "counts: {counts}");
        assert_eq!(local.kind, CandidateKind::Host);
    }
}
