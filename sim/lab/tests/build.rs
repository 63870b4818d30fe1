//! From a document to a network: what the keys come to.

use std::time::Duration;

use rtclab_lab::build::{Build, Change, LinkTarget, ProgramSpec, build};
use rtclab_lab::document::Scenario;
use rtclab_net::World;
use rtclab_trace::{Entity, Latency, LinkWay, Loss, NodeKind, NodeState, Observe, SimTime, Trace};

fn built(text: &str) -> Build {
    match Scenario::parse("test.toml", text, &[]) {
        Ok(scenario) => build(&scenario).expect("the network can be made"),
        Err(problems) => panic!("{problems}"),
    }
}

fn trace(text: &str) -> (Build, Trace) {
    let build = built(text);
    let world = World::new(build.plan.clone(), 1, Observe::Full).expect("the plan is good");
    (build, world.into_trace())
}

fn node(build: &Build, trace: &Trace, name: &str) -> NodeState {
    let entity = Entity::Node(build.names[name]);
    let id = trace.latest_at(entity, SimTime::ZERO).expect("a node is recorded at the start");
    match &trace.entry(id).change {
        rtclab_trace::Change::Node(state) => *state.clone(),
        other => panic!("{other:?}"),
    }
}

fn addresses(build: &Build, trace: &Trace, name: &str) -> Vec<String> {
    let state = node(build, trace, name);
    state
        .interfaces
        .iter()
        .flat_map(|interface| &interface.addresses)
        .map(|(own, _)| own.to_string())
        .collect()
}

/// Two NATs, one behind the other, and a host on either side.
const DOUBLE: &str = r#"
    [network.internet]
    [node.server]
    network = "internet"
    run = { stun-server = {} }
    [node.outer]
    nat = "full-cone"
    inside = "carrier"
    outside = "internet"
    [node.inner]
    nat = "port-restricted"
    inside = "home"
    outside = "carrier"
    [node.alice]
    network = "home"
    run = { peer = { stun = "server" } }
"#;

#[test]
fn a_document_with_most_keys_becomes_a_world() {
    let (build, trace) = trace(include_str!("rich.toml"));
    assert_eq!(build.until, SimTime::from_millis(30_000));
    assert_eq!(build.programs.len(), 8);
    assert_eq!(addresses(&build, &trace, "servers"), ["203.0.113.10", "2001:db8:1::10"]);
    assert_eq!(addresses(&build, &trace, "source"), ["10.9.0.1"]);
    assert!(node(&build, &trace, "wall").rules.iter().any(|rule| rule.contains("reject ICMP")));
}

#[test]
fn networks_are_numbered_by_where_they_are() {
    let (build, trace) = trace(DOUBLE);
    assert_eq!(addresses(&build, &trace, "server"), ["203.0.113.10"]);
    assert_eq!(addresses(&build, &trace, "outer"), ["100.64.0.1", "203.0.113.1"]);
    assert_eq!(addresses(&build, &trace, "alice"), ["192.168.1.10"]);
}

#[test]
fn nodes_come_in_the_order_of_the_document_and_networks_after_them() {
    let build = built(DOUBLE);
    let names: Vec<&str> = build.names.keys().map(String::as_str).collect();
    assert_eq!(names, ["server", "outer", "inner", "alice", "internet", "carrier", "home"]);
    assert!(build.names.values().enumerate().all(|(index, id)| usize::from(id.0) == index));
}

#[test]
fn a_nat_without_translation_is_a_router() {
    let (build, trace) = trace(&DOUBLE.replace("full-cone", "none"));
    let (_, kind) = build.plan.describe(build.names["outer"]).expect("it is in the plan");
    assert_eq!(kind, NodeKind::Router);
    assert_eq!(addresses(&build, &trace, "outer")[0], "198.51.100.1", "what is not behind a NAT is public");
}

#[test]
fn axes_that_are_left_out_come_from_the_preset() {
    let text = DOUBLE.replace(
        "nat = \"full-cone\"",
        "nat = { preset = \"symmetric\", filtering = \"endpoint-independent\", timeout_s = 20 }",
    );
    let (build, trace) = trace(&text);
    let rules = node(&build, &trace, "outer").rules;
    assert_eq!(rules[0], "mapping: address and port-dependent");
    assert_eq!(rules[1], "filtering: endpoint-independent");
    assert!(rules.iter().any(|rule| rule.contains("UDP 20s")), "{rules:?}");
}

#[test]
fn an_attachment_inherits_from_its_network_what_it_does_not_say() {
    let text = r#"
        [network.lan]
        latency_ms = 7
        loss_percent = 1
        [node.a]
        network = "lan"
        link = { loss_percent = 5 }
        [node.b]
        network = "lan"
    "#;
    let (_, trace) = trace(text);
    let ways: Vec<LinkWay> = trace
        .entries()
        .filter_map(|(_, entry)| match &entry.change {
            rtclab_trace::Change::Link(state) => Some(state.ways[0].clone()),
            _ => None,
        })
        .collect();
    assert_eq!(ways.iter().map(|way| way.loss.clone()).collect::<Vec<_>>(), [0.05, 0.01].map(Loss::from));
    assert!(ways.iter().all(|way| way.latency == Latency::Constant(Duration::from_millis(7))));
}

#[test]
fn actions_come_in_the_order_of_time_and_a_network_stands_for_all_of_its_links() {
    let text = format!(
        "{DOUBLE}
        [[action]]
        at_ms = 2000
        link_up = \"internet\"
        [[action]]
        at_ms = 1000
        rebind = \"inner\"
        [[action]]
        at_ms = 3000
        restart_ice = \"alice\""
    );
    let build = built(&text);
    let texts: Vec<&str> = build.actions.iter().map(|action| action.text.as_str()).collect();
    assert_eq!(texts, ["inner forgets its mappings", "the link internet comes up", "alice restarts ICE"]);
    assert_eq!(build.actions[1].changes.len(), 2);
    assert_eq!(build.until, SimTime::from_millis(13_000));
}

#[test]
fn a_host_that_moves_takes_its_interface_along_and_is_found_on_its_new_network() {
    let text = format!(
        "{DOUBLE}
        [[action]]
        at_ms = 1000
        move = {{ node = \"alice\", to = \"carrier\" }}
        [[action]]
        at_ms = 2000
        link_down = \"alice\"
        [[action]]
        at_ms = 3000
        move = {{ node = \"alice\", to = \"home\" }}"
    );
    let build = built(&text);
    let (alice, carrier, home) = (build.names["alice"], build.names["carrier"], build.names["home"]);
    let is_move_to = |change: &Change, to| matches!(change, Change::Move { network, .. } if *network == to);
    assert!(is_move_to(&build.actions[0].changes[0], carrier));
    let link = LinkTarget::Attachment { node: alice, network: carrier };
    assert_eq!(build.actions[1].changes, [Change::LinkUp { link, up: false }]);
    assert!(is_move_to(&build.actions[2].changes[0], home));
}

#[test]
fn a_rebind_of_a_nat_that_translates_nothing_changes_nothing() {
    let text =
        format!("{}\n[[action]]\nat_ms = 1000\nrebind = \"outer\"", DOUBLE.replace("full-cone", "none"));
    assert_eq!(built(&text).actions[0].changes, []);
}

#[test]
fn a_host_runs_its_servers_before_its_peer() {
    let text =
        DOUBLE.replace("{ peer = { stun = \"server\" } }", "{ peer = { stun = \"server\" }, udp-echo = {} }");
    let programs = built(&text).programs;
    assert!(matches!(programs[1].1, ProgramSpec::UdpEcho(_)));
    assert!(matches!(programs[2].1, ProgramSpec::Peer(_)));
}

#[test]
fn a_prefix_that_is_too_small_is_said_before_the_run() {
    let text = r#"
        [network.lan]
        prefix = "10.0.0.0/30"
        [node.a]
        network = "lan"
        [node.b]
        network = "lan"
        [node.c]
        network = "lan"
    "#;
    let error = World::new(built(text).plan, 1, Observe::Full).expect_err("three hosts do not fit");
    assert_eq!(error.to_string(), "`lan` has no free address left in 10.0.0.0/30");
}
