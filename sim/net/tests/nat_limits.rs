//! What a NAT does at its limits, when it restarts, and with packets that nobody asked for, connection tracking included.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::*;
use rtclab_net::nat::{Limits, MappingBehavior, PortAllocation, Refresh, Timers, Unsolicited};
use rtclab_net::{NatConfig, UnreachableKind};
use rtclab_trace::{MappingPhase, NetReason, SimTime};

fn talking(config: NatConfig) -> Lab {
    let mut lab = home(config).lab();
    for name in ["alice", "carol"] {
        lab.talk(name, Talker::new("0.0.0.0:4000"));
    }
    for name in ["bob", "dave"] {
        lab.talk(name, Talker::new("0.0.0.0:5000"));
    }
    lab
}

fn to(lab: &Lab, host: &str) -> SocketAddr {
    SocketAddr::new(lab.address(host), 5_000)
}

/// alice sends to three endpoints, then carol to one; how many mappings that made, and the drops.
fn four_mappings(limits: Limits) -> (usize, Vec<(NetReason, String)>) {
    let mut lab = talking(NatConfig { limits, ..NatConfig::symmetric() });
    let bob = lab.address("bob");
    for port in [5_000, 5_001, 5_002] {
        lab.send("alice", SocketAddr::new(bob, port), b"");
        lab.run_ms(50);
    }
    lab.send("carol", SocketAddr::new(bob, 5_000), b"");
    lab.run_ms(50);
    let refused = |(reason, _): &(NetReason, String)| *reason != NetReason::PortClosed;
    (lab.mappings("nat").len(), lab.drops().into_iter().filter(refused).collect())
}

#[test]
fn a_full_table_makes_no_new_mapping_and_says_so() {
    assert_eq!(four_mappings(Limits::default()), (4, vec![]));
    let (made, drops) = four_mappings(Limits { mappings: 2, ..Limits::default() });
    assert_eq!(made, 2);
    assert_eq!(drops, vec![(NetReason::NatTableFull, "table: 2 mappings".to_string()); 2]);
}

#[test]
fn a_host_at_its_limit_gets_no_new_mapping_while_another_one_does() {
    let (made, drops) = four_mappings(Limits { per_host: Some(2), ..Limits::default() });
    assert_eq!(made, 3);
    assert_eq!(drops, [(NetReason::NatHostLimit, "limit: 2 mappings of 192.168.1.10".to_string())]);
}

#[test]
fn the_end_of_a_mapping_makes_room() {
    let limits = Limits { mappings: 1, per_host: Some(1) };
    let mut lab = talking(NatConfig { limits, ..NatConfig::symmetric() });
    let (bob, dave) = (to(&lab, "bob"), to(&lab, "dave"));
    lab.send("alice", bob, b"");
    lab.run_ms(301_000);
    lab.send("alice", dave, b"");
    lab.run_ms(50);
    assert_eq!(lab.heard("dave").len(), 1);
}

#[test]
fn a_mapping_that_was_answered_lives_longer_than_one_that_was_not() {
    let timers = Timers {
        udp: Duration::from_secs(120),
        udp_unreplied: Some(Duration::from_secs(30)),
        ..Timers::default()
    };
    for answered in [false, true] {
        let refresh = Refresh { outbound: true, inbound: true };
        let mut lab = talking(NatConfig { timers, refresh, ..NatConfig::port_restricted() });
        let bob = to(&lab, "bob");
        lab.send("alice", bob, b"hello");
        lab.run_ms(1_000);
        if answered {
            let external = lab.heard("bob")[0].0;
            lab.send("bob", external, b"answer");
        }
        lab.run_ms(200_000);
        let expected = if answered { 121_010 } else { 30_010 };
        assert_eq!(lab.times_of(NetReason::MappingExpired), [SimTime::from_millis(expected)]);
        let statuses: Vec<String> = lab.mappings("nat").into_iter().map(|(_, state)| state.status).collect();
        assert_eq!(statuses[0], "unreplied");
        assert_eq!(statuses.last().expect("told"), if answered { "replied" } else { "unreplied" });
    }
}

#[test]
fn after_a_restart_with_a_new_address_the_old_one_leads_nowhere() {
    let mut lab = talking(NatConfig::full_cone());
    let bob = to(&lab, "bob");
    lab.send("alice", bob, b"before");
    lab.run_ms(50);
    let old = lab.heard("bob")[0].0;
    let nat = lab.node("nat");
    lab.world.readdress_nat(nat, [203, 0, 113, 77].into(), None).expect("a NAT");
    assert_eq!(lab.mappings("nat").last().expect("told").1.phase, MappingPhase::Removed);
    assert!(lab.try_send("bob", old, b"too late").is_err(), "nobody has that address any more");
    lab.send("alice", bob, b"after");
    lab.run_ms(50);
    assert_eq!(lab.heard("bob")[1].0, SocketAddr::new([203, 0, 113, 77].into(), 4_000));
    assert_eq!(lab.heard("alice"), []);
    let new = lab.heard("bob")[1].0;
    lab.send("bob", new, b"here you are");
    lab.run_ms(50);
    assert_eq!(lab.heard("alice").len(), 1);
}

#[test]
fn a_restart_cannot_take_the_address_of_a_neighbour() {
    let mut lab = talking(NatConfig::full_cone());
    let (nat, bob) = (lab.node("nat"), lab.address("bob"));
    let std::net::IpAddr::V4(bob) = bob else { panic!("IPv4") };
    assert!(lab.world.readdress_nat(nat, bob, None).is_err());
}

/// Per-flow mapping as netfilter has it.
fn tracking(unsolicited: Unsolicited) -> NatConfig {
    NatConfig {
        mapping: MappingBehavior::AddressAndPortDependent,
        ports: PortAllocation::PreserveOverload,
        unsolicited,
        ..NatConfig::default()
    }
}

/// bob's packet reaches alice's NAT before alice has sent hers: the port that bob sees her at then.
fn crossed(unsolicited: Unsolicited) -> (Lab, u16) {
    let mut lab = talking(tracking(unsolicited));
    let (bob, dave) = (to(&lab, "bob"), to(&lab, "dave"));
    // dave learns where alice is, and bob learns it from him.
    lab.send("alice", dave, b"hello");
    lab.run_ms(50);
    let external = lab.heard("dave")[0].0;
    assert_eq!(external.port(), 4_000);
    lab.send("bob", external, b"too early");
    lab.run_ms(50);
    lab.send("alice", bob, b"punch");
    lab.run_ms(50);
    let port = lab.heard("bob").last().expect("heard").0.port();
    (lab, port)
}

#[test]
fn an_early_packet_that_the_box_accepts_moves_the_next_flow_to_another_port() {
    let (lab, port) = crossed(Unsolicited::Track);
    assert_ne!(port, 4_000, "the tuple is taken");
    assert_eq!(lab.times_of(NetReason::NatTrackedOwn).len(), 1);
    let own = lab
        .mappings("nat")
        .into_iter()
        .find(|(_, state)| state.status == "the box's own")
        .expect("tracked")
        .1;
    assert_eq!(own.bound_to, Some(to(&lab, "bob").to_string()));
}

#[test]
fn an_early_packet_that_the_box_drops_or_refuses_untracked_changes_nothing() {
    for unsolicited in [Unsolicited::Drop, Unsolicited::Reject] {
        let (lab, port) = crossed(unsolicited);
        assert_eq!(port, 4_000, "{unsolicited:?}");
        assert_eq!(lab.times_of(NetReason::NatTrackedOwn), []);
    }
}

#[test]
fn only_a_box_that_takes_it_for_its_own_tells_the_sender() {
    for (unsolicited, told) in [(Unsolicited::Drop, 0), (Unsolicited::Reject, 1), (Unsolicited::Track, 1)] {
        let (lab, _) = crossed(unsolicited);
        let told_bob = lab
            .seen("bob")
            .iter()
            .filter(|seen| matches!(seen, Seen::Unreachable(UnreachableKind::Port, _)))
            .count();
        assert_eq!(told_bob, told, "{unsolicited:?}");
    }
}

#[test]
fn the_taken_tuple_is_free_again_after_its_timer() {
    let timers = Timers { udp_unreplied: Some(Duration::from_secs(30)), ..Timers::default() };
    let mut lab = talking(NatConfig { timers, ..tracking(Unsolicited::Track) });
    let bob = to(&lab, "bob");
    let external = SocketAddr::new(lab.addresses("nat")[1], 4_000);
    lab.send("bob", external, b"too early");
    lab.run_ms(31_000);
    lab.send("alice", bob, b"punch");
    lab.run_ms(50);
    assert_eq!(lab.heard("bob")[0].0.port(), 4_000);
}

#[test]
fn per_flow_mapping_looks_endpoint_independent_until_a_flow_clashes() {
    let mut lab = talking(tracking(Unsolicited::Drop));
    for name in ["bob", "dave"] {
        let to = to(&lab, name);
        lab.send("alice", to, b"");
        lab.run_ms(50);
        assert_eq!(lab.heard(name)[0].0.port(), 4_000);
    }
    let bob = to(&lab, "bob");
    lab.send("carol", bob, b"");
    lab.run_ms(50);
    assert_ne!(lab.heard("bob")[1].0.port(), 4_000);
}
