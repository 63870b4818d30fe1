//! What a run says decided its call: the code, and the facts that the sentence names.

mod common;

use common::{run, scenario, shipped};
use rtclab_lab::diagnosis::{Code, Diagnosis};
use rtclab_lab::document::Scenario;
use rtclab_trace::{CallOutcome, CallPath, Entity};

/// The outcome, path and diagnosis of a scenario's only call.
fn call(scenario: &Scenario) -> (CallOutcome, Option<CallPath>, Diagnosis) {
    let mut outcome = run(scenario);
    for fact in &outcome.calls[0].diagnosis.facts {
        assert!(fact.index() < outcome.trace.len(), "a fact is an entry");
    }
    let call = outcome.calls.remove(0);
    (call.state.outcome, call.state.path, call.diagnosis)
}

#[test]
fn a_symmetric_nat_is_named_with_both_ports_that_it_gave() {
    let (outcome, path, diagnosis) = call(&shipped("hole-punching.toml", &["node.nat-a.nat=symmetric"]));
    assert_eq!((outcome, path), (CallOutcome::Connected, Some(CallPath::Relayed)));
    assert_eq!(diagnosis.code, Code::RelayedNatMapping);
    assert!(diagnosis.english.starts_with("nat-a gave alice's socket"), "{}", diagnosis.english);
    assert!(diagnosis.english.contains("nat-b dropped"), "{}", diagnosis.english);
    assert!(diagnosis.korean.contains("nat-a"), "{}", diagnosis.korean);
}

#[test]
fn a_relay_only_policy_is_named() {
    let scenario = shipped("hole-punching.toml", &["node.alice.run.peer.policy=relay"]);
    let (_, path, diagnosis) = call(&scenario);
    assert_eq!((path, diagnosis.code), (Some(CallPath::Relayed), Code::RelayedByPolicy));
    assert!(diagnosis.english.starts_with("alice has relayed candidates only"), "{}", diagnosis.english);
}

#[test]
fn a_wall_that_lets_no_udp_out_is_named_with_its_rule() {
    let (outcome, path, diagnosis) = call(&shipped("udp-blocked.toml", &[]));
    assert_eq!((outcome, path, diagnosis.code), (CallOutcome::Failed, None, Code::UdpBlocked));
    assert!(diagnosis.english.contains("wall denied"), "{}", diagnosis.english);
    assert!(diagnosis.english.contains("block UDP"), "{}", diagnosis.english);
}

#[test]
fn a_refused_allocation_is_named_with_its_error_code() {
    let wrong = "{ server = \"turn\", password = \"wrong\" }";
    let overrides = [
        "until_ms=60000".to_owned(),
        "node.nat-a.nat=symmetric".to_owned(),
        "node.nat-b.nat=symmetric".to_owned(),
        format!("node.alice.run.peer.turn={wrong}"),
        format!("node.bob.run.peer.turn={wrong}"),
    ];
    let overrides: Vec<&str> = overrides.iter().map(String::as_str).collect();
    let (outcome, _, diagnosis) = call(&shipped("hole-punching.toml", &overrides));
    assert_eq!((outcome, diagnosis.code), (CallOutcome::Failed, Code::TurnRefused), "{}", diagnosis.english);
    assert!(diagnosis.english.contains("turn refused alice's allocation with 401"), "{}", diagnosis.english);
}

#[test]
fn nats_without_a_relay_are_named_with_the_mapping_or_the_filter() {
    let scenario = scenario(&SYMMETRIC_WITHOUT_RELAY.replace("NAT-B", "symmetric"));
    let (outcome, _, diagnosis) = call(&scenario);
    assert_eq!((outcome, diagnosis.code), (CallOutcome::Failed, Code::NatMapping), "{}", diagnosis.english);
}

#[test]
fn a_lost_offer_is_named_with_where_its_packets_ended() {
    let text = format!("{SYMMETRIC_WITHOUT_RELAY}\n{SIGNALING_BEHIND_A_CUT}");
    let text =
        text.replace("NAT-B", "port-restricted").replace("stun = \"stun\"", "signaling = \"signaling\"");
    let (outcome, _, diagnosis) = call(&scenario(&text));
    assert_eq!(
        (outcome, diagnosis.code),
        (CallOutcome::Failed, Code::SignalingLost),
        "{}",
        diagnosis.english
    );
    assert!(diagnosis.english.starts_with("alice's offer did not reach bob: "), "{}", diagnosis.english);
    assert!(diagnosis.english.contains("signaling.eth0"), "{}", diagnosis.english);
}

#[test]
fn peers_without_a_family_in_common_have_no_pair() {
    let text = r#"
        until_ms = 60_000
        [network.v4]
        [network.v6]
        ip = "v6"
        [node.alice]
        network = "v4"
        run = { peer = { offers_to = "bob" } }
        [node.bob]
        network = "v6"
        run = { peer = {} }
    "#;
    let (outcome, _, diagnosis) = call(&scenario(text));
    assert_eq!((outcome, diagnosis.code), (CallOutcome::Failed, Code::NoCommonFamily));
    assert!(
        diagnosis.english.contains("alice has IPv4 candidates only and bob IPv6"),
        "{}",
        diagnosis.english
    );
}

#[test]
fn a_call_that_breaks_off_names_what_the_scenario_did() {
    let text = r#"
        until_ms = 90_000
        [network.lan]
        [node.alice]
        network = "lan"
        run = { peer = { offers_to = "bob" } }
        [node.bob]
        network = "lan"
        run = { peer = {} }
        [[action]]
        at_ms = 5_000
        link_down = "bob"
    "#;
    let (outcome, _, diagnosis) = call(&scenario(text));
    assert!(matches!(outcome, CallOutcome::Disconnected | CallOutcome::Failed), "{outcome:?}");
    assert_eq!(diagnosis.code, Code::Interrupted);
    assert!(diagnosis.english.contains("at 5000.000 ms, the link bob goes down"), "{}", diagnosis.english);
}

/// Two peers on one network, with more lines for the document.
fn on_one_network(network: &str, more: &str) -> Scenario {
    scenario(&format!(
        r#"
        until_ms = 90_000
        [network.lan]
        {network}
        [node.alice]
        network = "lan"
        run = {{ peer = {{ offers_to = "bob" }} }}
        [node.bob]
        network = "lan"
        run = {{ peer = {{}} }}
        {more}
        "#
    ))
}

#[test]
fn answers_that_are_still_on_their_way_when_patience_ends_are_no_answers() {
    let (outcome, _, diagnosis) = call(&on_one_network("latency_ms = 60_000", ""));
    assert_eq!((outcome, diagnosis.code), (CallOutcome::Failed, Code::NoAnswer), "{}", diagnosis.english);
}

#[test]
fn links_that_lose_everything_are_named() {
    let (outcome, _, diagnosis) = call(&on_one_network("loss_percent = 100", ""));
    assert_eq!((outcome, diagnosis.code), (CallOutcome::Failed, Code::PacketLoss), "{}", diagnosis.english);
    assert!(!diagnosis.facts.is_empty());
}

#[test]
fn a_link_that_is_down_is_named() {
    let down = "[[action]]\nat_ms = 0\nlink_down = \"bob\"";
    let (outcome, _, diagnosis) = call(&on_one_network("", down));
    assert_eq!((outcome, diagnosis.code), (CallOutcome::Failed, Code::LinkDown), "{}", diagnosis.english);
}

#[test]
fn networks_that_nothing_connects_have_no_route() {
    let text = r#"
        until_ms = 60_000
        [network.here]
        [network.there]
        [node.alice]
        network = "here"
        run = { peer = { offers_to = "bob" } }
        [node.bob]
        network = "there"
        run = { peer = {} }
    "#;
    let (outcome, _, diagnosis) = call(&scenario(text));
    assert_eq!((outcome, diagnosis.code), (CallOutcome::Failed, Code::NoRoute), "{}", diagnosis.english);
}

#[test]
fn a_peer_that_never_comes_to_the_signaling_server_is_named() {
    let text = r#"
        until_ms = 80_000
        [network.lan]
        [node.signaling]
        network = "lan"
        run = { signaling-server = {} }
        [node.alice]
        network = "lan"
        run = { peer = { signaling = "signaling", offers_to = "bob" } }
        [node.bob]
        network = "lan"
        run = { peer = { signaling = "signaling", start_ms = 79_000 } }
    "#;
    let (_, _, diagnosis) = call(&scenario(text));
    assert_eq!(diagnosis.code, Code::SignalingNoPeer, "{}", diagnosis.english);
    assert!(diagnosis.english.contains("bob, who never came"), "{}", diagnosis.english);
}

#[test]
fn why_leads_from_a_check_through_the_signaling_to_the_other_side_s_gathering() {
    let outcome = run(&shipped("hole-punching.toml", &[]));
    let trace = &outcome.trace;
    let [alice, bob] = outcome.calls[0].nodes;
    let is_alices_reflexive =
        |entity: Entity| matches!(entity, Entity::LocalCandidate(node, _) if node == alice);
    let walk = trace.entries().find_map(|(id, entry)| {
        let Entity::Packet(packet) = entry.entity else { return None };
        let is_bobs = trace.packets().info(packet).origin == bob;
        let causes: Vec<Entity> = trace.causes_of(id).map(|cause| trace.entry(cause).entity).collect();
        (is_bobs && causes.iter().any(|cause| matches!(cause, Entity::Pair(..)))).then_some(causes)
    });
    let walk = walk.expect("bob sends a check because of a pair");
    let place = |wanted: &dyn Fn(Entity) -> bool| walk.iter().position(|entity| wanted(*entity));
    let pair =
        place(&|entity| matches!(entity, Entity::Pair(node, _) if node == bob)).expect("a pair of bob's");
    let signal =
        place(&|entity| matches!(entity, Entity::Signal(_))).expect("the signal that brought the candidate");
    let sender = place(&|entity| entity == Entity::Agent(alice) || is_alices_reflexive(entity));
    assert!(pair < signal && Some(signal) < sender, "{walk:?}");
}

const SYMMETRIC_WITHOUT_RELAY: &str = r#"
    until_ms = 60_000
    [network.internet]
    latency_ms = 10
    [node.stun]
    network = "internet"
    run = { stun-server = {} }
    [node.nat-a]
    nat = "symmetric"
    inside = "home-a"
    outside = "internet"
    [node.nat-b]
    nat = "NAT-B"
    inside = "home-b"
    outside = "internet"
    [node.alice]
    network = "home-a"
    run = { peer = { stun = "stun", offers_to = "bob" } }
    [node.bob]
    network = "home-b"
    run = { peer = { stun = "stun" } }
"#;

const SIGNALING_BEHIND_A_CUT: &str = r#"
    [node.signaling]
    network = "internet"
    run = { signaling-server = {} }
    [[action]]
    at_ms = 0
    link_down = "signaling"
"#;
