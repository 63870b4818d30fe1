//! Firewalls: rules in order, flows that are remembered, verdicts that name their rule.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::*;
use rtclab_net::firewall::{Action, Rule, Way};
use rtclab_net::{Families, FirewallConfig, UnreachableKind};
use rtclab_trace::{Change, Entity, FlowState, NetReason, Protocol, SimTime};

/// alice at the office behind `wall`; bob and dave outside.
fn office(config: FirewallConfig) -> Lab {
    office_in(config, Families::V4)
}

fn office_in(config: FirewallConfig, families: Families) -> Lab {
    let mut lab = Draft::new()
        .network("office", millis(5))
        .families("office", families)
        .network("internet", millis(5))
        .families("internet", families)
        .firewall("wall", config, "office", "internet")
        .host("alice", &["office"])
        .host("bob", &["internet"])
        .host("dave", &["internet"])
        .lab();
    let any = if families == Families::V6 { "[::]" } else { "0.0.0.0" };
    for (name, port) in [("alice", 4000), ("bob", 5000), ("dave", 5000)] {
        lab.talk(name, Talker::new(&format!("{any}:{port}")));
    }
    lab
}

fn endpoint(lab: &Lab, name: &str, port: u16) -> SocketAddr {
    SocketAddr::new(lab.address(name), port)
}

fn flows(lab: &Lab) -> Vec<(SimTime, FlowState)> {
    let wall = lab.node("wall");
    let flow = |entry: &rtclab_trace::Entry| match (&entry.change, entry.entity) {
        (Change::Flow(state), Entity::Flow(node, _)) if node == wall => Some((entry.at, (**state).clone())),
        _ => None,
    };
    lab.world.trace().entries().filter_map(|(_, entry)| flow(entry)).collect()
}

#[test]
fn at_home_answers_come_in_and_strangers_do_not() {
    for families in [Families::V4, Families::V6] {
        let mut lab = office_in(FirewallConfig::home(), families);
        let (alice, bob) = (endpoint(&lab, "alice", 4000), endpoint(&lab, "bob", 5000));
        lab.send("alice", bob, b"question");
        lab.run_ms(50);
        lab.send("bob", alice, b"answer");
        lab.send("dave", alice, b"knock");
        lab.run_ms(50);
        assert_eq!(lab.heard("bob").len(), 1);
        assert_eq!(lab.heard("alice"), [(bob, b"answer".to_vec())]);
        assert_eq!(lab.drops(), [(NetReason::DeniedByFirewall, "rule 2: block inbound".to_string())]);
        assert_eq!(lab.places_of_drops(), ["wall"]);
    }
}

#[test]
fn a_flow_names_its_ends_and_the_rule_that_let_it_pass() {
    let mut lab = office(FirewallConfig::home());
    let (alice, bob) = (endpoint(&lab, "alice", 4000), endpoint(&lab, "bob", 5000));
    lab.send("alice", bob, b"hello");
    lab.run_ms(50);
    let expected = FlowState {
        protocol: Protocol::Udp,
        internal: alice,
        external: bob,
        expires_at: SimTime::from_millis(300_010),
        active: true,
        tcp: None,
        rule: "rule 1: allow outbound".into(),
    };
    assert_eq!(flows(&lab), [(SimTime::from_millis(10), expected)]);
}

#[test]
fn an_idle_flow_is_forgotten_and_traffic_either_way_keeps_it() {
    let config = FirewallConfig { udp_idle: Duration::from_secs(30), ..FirewallConfig::home() };
    let mut lab = office(config);
    let (alice, bob) = (endpoint(&lab, "alice", 4000), endpoint(&lab, "bob", 5000));
    lab.send("alice", bob, b"hello");
    lab.run_ms(20_000);
    lab.send("bob", alice, b"still here");
    lab.run_ms(40_000);
    // bob's packet took 10 ms to the firewall.
    assert_eq!(lab.times_of(NetReason::FlowRefreshed), [SimTime::from_millis(20_010)]);
    assert_eq!(lab.times_of(NetReason::FlowExpired), [SimTime::from_millis(50_010)]);
    lab.send("bob", alice, b"too late");
    lab.run_ms(50);
    assert_eq!(lab.heard("alice").len(), 1);
}

#[test]
fn blocked_udp_is_blocked_both_ways_and_echoes_still_pass() {
    let mut lab = office(FirewallConfig::udp_blocked());
    let (bob, bob_address) = (endpoint(&lab, "bob", 5000), lab.address("bob"));
    lab.send("alice", bob, b"hello");
    lab.ping("alice", bob_address, 7);
    lab.run_ms(100);
    assert_eq!(lab.heard("bob"), []);
    assert_eq!(lab.seen("alice"), [Seen::Echo(bob_address, 1)]);
    assert_eq!(lab.drops(), [(NetReason::DeniedByFirewall, "rule 1: block UDP".to_string())]);
}

#[test]
fn the_first_rule_that_matches_decides() {
    let port = |name, port, action| Rule::new(name, action).protocol(Protocol::Udp).ports(port..=port);
    let rules = vec![
        port("web", 443, Action::Allow).way(Way::Outbound),
        port("mail", 25, Action::Reject),
        Rule::new("rest of bob", Action::Allow).to("198.51.100.10".parse().expect("bob")),
    ];
    let mut lab = office(FirewallConfig::new(rules));
    let (bob, dave) = (lab.address("bob"), lab.address("dave"));
    assert_eq!(bob.to_string(), "198.51.100.10");
    for to in [(bob, 443), (dave, 443), (bob, 25), (bob, 5000), (dave, 5000)] {
        lab.send("alice", to.into(), b"hello");
    }
    lab.run_ms(100);
    let denied: Vec<String> = lab
        .drops()
        .into_iter()
        .filter(|(reason, _)| *reason == NetReason::DeniedByFirewall)
        .map(|(_, rule)| rule)
        .collect();
    assert_eq!(denied, ["rule 2: mail", "default: drop"]);
    assert_eq!(lab.heard("bob").len(), 1, "port 5000");
    let refused = SocketAddr::new(bob, 25);
    assert!(lab.seen("alice").contains(&Seen::Unreachable(UnreachableKind::Prohibited, refused)));
}

#[test]
fn errors_about_a_flow_come_back_through_it() {
    let mut lab = office(FirewallConfig::home());
    let closed = endpoint(&lab, "bob", 9);
    lab.send("alice", closed, b"hello");
    lab.run_ms(50);
    assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::Port, closed)]);
}

#[test]
fn without_state_answers_need_a_rule_of_their_own() {
    let config = FirewallConfig { stateful: false, ..FirewallConfig::home() };
    let mut lab = office(config);
    let (alice, bob) = (endpoint(&lab, "alice", 4000), endpoint(&lab, "bob", 5000));
    lab.send("alice", bob, b"question");
    lab.run_ms(50);
    lab.send("bob", alice, b"answer");
    lab.run_ms(50);
    assert_eq!(lab.heard("alice"), []);
    assert_eq!(flows(&lab), []);
}

#[test]
fn what_the_rules_deny_does_not_learn_whether_its_destination_exists() {
    let mut lab = office(FirewallConfig::home());
    let mut nobody = lab.address("alice").to_string();
    nobody.push_str("9:1");
    lab.send("bob", nobody.parse().expect("an address"), b"knock");
    lab.run_ms(50);
    assert_eq!(lab.drops()[0].0, NetReason::DeniedByFirewall);
    assert_eq!(lab.seen("bob"), []);
}

#[test]
fn a_full_state_table_refuses_new_flows_and_keeps_the_old() {
    let mut lab = office(FirewallConfig::home());
    let bob = lab.address("bob");
    for port in 0..=u16::MAX {
        lab.send("alice", SocketAddr::new(bob, port), b"");
    }
    let dave = endpoint(&lab, "dave", 5000);
    lab.send("alice", dave, b"one too many");
    lab.run_ms(100);
    assert_eq!(lab.heard("dave"), []);
    assert_eq!(lab.times_of(NetReason::FlowTableFull).len(), 1);
    lab.send("bob", endpoint(&lab, "alice", 4000), b"old flow");
    lab.run_ms(100);
    assert_eq!(lab.heard("alice").len(), 1);
}

#[test]
fn its_rules_can_be_read_in_the_state_of_the_node() {
    let lab = office(FirewallConfig::udp_blocked());
    let trace = lab.world.trace();
    let entry = trace.latest_at(Entity::Node(lab.node("wall")), SimTime::ZERO).expect("recorded");
    let Change::Node(state) = &trace.entry(entry).change else { panic!("a node's state") };
    let expected = [
        "established: allow answers",
        "1: block UDP (drop UDP)",
        "2: allow outbound (allow outbound)",
        "3: block inbound (drop inbound)",
        "default: drop",
    ];
    assert_eq!(state.rules, expected);
}
