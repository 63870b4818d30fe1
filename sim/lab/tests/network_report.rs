//! What a run says of its links, NATs and firewalls at the end, as text and as JSON.

mod common;

use common::{run, shipped};
use rtclab_lab::ladder::{Style, text};
use serde_json::Value;

fn list<'a>(json: &'a Value, key: &str) -> &'a [Value] {
    json[key].as_array().expect("a list")
}

#[test]
fn links_tell_their_longest_queue_and_what_was_lost_on_them() {
    let outcome = run(&shipped("bufferbloat.toml", &[]));
    let json = outcome.to_json();
    let fullest = list(&json, "links").iter().map(|link| link["queue_packets_max"].as_u64());
    let fullest = fullest.max().flatten().expect("links");
    assert!(fullest > 10, "{fullest}");
    let dropped = list(&json, "links").iter().filter_map(|link| link["queue_full"].as_u64()).sum::<u64>();
    let counted = list(&json, "links").iter().filter_map(|link| link["codel_dropped"].as_u64()).sum::<u64>();
    let text = text(&outcome, &Style { width: 200, ..Style::default() });
    let rows = text.split("dropped  at").nth(1).expect("a table of drops");
    let rows = rows.split("\n\n").next().unwrap_or_default();
    assert_eq!(rows.matches("codel-dropped").count(), 1, "one row for one rule: {rows}");
    let table = text.split("queue up to").nth(1).expect("a table of links");
    assert!(
        table.lines().any(|line| line.split_whitespace().any(|word| word == fullest.to_string())),
        "{table}"
    );
    assert_eq!(json["packets"]["dropped"].as_u64(), Some(dropped + counted), "nothing else drops here");
}

#[test]
fn nats_tell_which_mappings_they_have_and_when_each_would_end() {
    let outcome = run(&shipped("hole-punching.toml", &[]));
    let json = outcome.to_json();
    let nats = list(&json, "nats");
    assert_eq!(
        nats.iter().map(|nat| nat["node"].as_str()).collect::<Vec<_>>(),
        [Some("nat-a"), Some("nat-b")]
    );
    for mapping in nats.iter().flat_map(|nat| list(nat, "mappings")) {
        assert!(mapping["expires_at_ms"].as_f64() > json["ended_at_ms"].as_f64(), "{mapping}");
        assert!(!list(mapping, "contacted").is_empty(), "{mapping}");
    }
    let text = text(&outcome, &Style { width: 200, ..Style::default() });
    assert!(text.contains("bound to") && text.contains("time left"), "{text}");
}

#[test]
fn firewalls_tell_what_each_rule_has_decided_up_to_the_last_packet() {
    let outcome = run(&shipped("firewall-rules.toml", &[]));
    let json = outcome.to_json();
    let [wall] = list(&json, "firewalls") else { panic!("one firewall: {json}") };
    let rules = list(wall, "rules");
    let of = |name: &str| {
        let rule = rules.iter().find(|rule| rule["rule"].as_str().is_some_and(|rule| rule.contains(name)));
        rule.and_then(|rule| rule["packets"].as_u64()).expect("the rule")
    };
    assert!(of("the relay") > 0);
    let denied = of("reject") + of("block inbound");
    assert_eq!(Some(denied), json["packets"]["dropped"].as_u64(), "{rules:?}");
    let text = text(&outcome, &Style { width: 200, ..Style::default() });
    assert!(text.contains("let in by"), "{text}");
}

#[test]
fn hosts_and_switches_tell_whom_they_know_on_ethernet() {
    let outcome = run(&shipped("ethernet-lan.toml", &[]));
    let json = outcome.to_json();
    let [home, six] = list(&json, "switches") else { panic!("two switches: {json}") };
    let towards: Vec<Option<&str>> =
        list(home, "stations").iter().map(|station| station["towards"].as_str()).collect();
    assert_eq!(towards.len(), 4, "{home}");
    assert!(towards.contains(&Some("router")) && list(six, "stations").len() == 2, "{home}, {six}");
    let alice = list(&json, "neighbors").iter().find(|node| node["node"] == "alice").expect("knows somebody");
    let router = list(alice, "neighbors").iter().find(|known| known["address"] == "192.168.1.1");
    let mac = router.and_then(|router| router["mac"].as_str()).expect("her gateway");
    let text = text(&outcome, &Style { width: 200, ..Style::default() });
    let table = text.split("is at").nth(1).expect("a table of neighbors");
    assert!(table.contains(mac), "{text}");
    assert!(text.contains("ARP: who has 192.168.1.1?") && text.contains("knows 192.168.1.1 at"), "{text}");
    assert!(text.contains("nobody answers for 192.168.1.99") && text.contains("ND: who has"), "{text}");
    assert!(!text.contains("frame-not-for-me"), "what network cards leave out is no line: {text}");
}
