//! What a run says of ICE at the end: pairs of several streams, what runs out and when, as text and as JSON.

mod common;

use common::{run, shipped};
use rtclab_lab::ladder::{Style, text};
use rtclab_lab::run::Outcome;
use serde_json::Value;

fn side(outcome: &Outcome, peer: &str) -> Value {
    outcome.to_json()["calls"][0]["ice"][peer].clone()
}

fn list<'a>(json: &'a Value, key: &str) -> &'a [Value] {
    json[key].as_array().expect("a list")
}

#[test]
fn each_component_of_each_stream_nominates_a_pair_of_its_own() {
    let outcome = run(&shipped("separate-streams.toml", &[]));
    for peer in ["alice", "bob"] {
        let side = side(&outcome, peer);
        assert_eq!(list(&side, "check_lists").len(), 2);
        let nominated = list(&side, "pairs").iter().filter(|pair| pair["nominated"] == true);
        let mut places: Vec<(u64, u64)> = nominated
            .map(|pair| {
                (pair["stream"].as_u64().expect("a number"), pair["component"].as_u64().expect("a number"))
            })
            .collect();
        places.sort_unstable();
        assert_eq!(places, [(0, 1), (0, 2), (1, 1), (1, 2)], "{peer}");
    }
    let text = text(&outcome, &Style { width: 200, ..Style::default() });
    assert!(text.contains("pairs of stream.component"), "{text}");
}

#[test]
fn fewer_components_are_connected_sooner() {
    let at = |overrides: &[&str]| {
        let outcome = run(&shipped("separate-streams.toml", overrides));
        outcome.calls[0].both_connected_at().expect("connected")
    };
    let one = |key: &str| ["alice", "bob"].map(|peer| format!("node.{peer}.run.peer.{key}=1"));
    let (streams, components) = (one("streams"), one("components"));
    let bundled = at(&[&streams[0], &streams[1], &components[0], &components[1]]);
    let muxed = at(&[&components[0], &components[1]]);
    assert!(bundled < muxed && muxed < at(&[]), "{bundled} {muxed}");
}

#[test]
fn permissions_channels_and_consent_tell_how_long_they_last() {
    let outcome = run(&shipped("symmetric-vs-port-restricted.toml", &[]));
    let bob = side(&outcome, "bob");
    let [allocation] = list(&bob, "allocations") else { panic!("one allocation: {bob}") };
    let left = |value: &Value| value["expires_in_ms"].as_f64().expect("a number");
    assert!((0.0..=600_000.0).contains(&left(allocation)), "{allocation}");
    assert!(list(allocation, "permissions").iter().all(|each| (0.0..=300_000.0).contains(&left(each))));
    let [channel] = list(allocation, "channels") else { panic!("one channel: {allocation}") };
    assert!(channel["number"] == 0x4000 && left(channel) <= 600_000.0, "{channel}");
    assert_eq!(bob["consent"]["state"], "granted");
    assert!((0.0..=30_000.0).contains(&left(&bob["consent"])));
    let text = text(&outcome, &Style { width: 200, ..Style::default() });
    assert!(text.contains("0x4000 203.0.113.1") && text.contains("granted, "), "{text}");
}

#[test]
fn the_formula_of_a_pairs_priority_comes_to_its_number() {
    let outcome = run(&shipped("hole-punching.toml", &[]));
    let alice = side(&outcome, "alice");
    for pair in list(&alice, "pairs") {
        let formula = pair["formula"].as_str().expect("words");
        assert!(formula.ends_with(&format!("= {}", pair["priority"])), "{pair}");
    }
}
