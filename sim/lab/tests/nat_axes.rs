//! NATs in documents: every key reaches its axis and no other, every preset is one, and what does not go together is said.

use rtclab_lab::build::build;
use rtclab_lab::document::{Scenario, schema};
use rtclab_lab::presets::NatPreset;
use rtclab_net::World;
use rtclab_trace::{Change, Entity, Observe};

fn document(nat: &str) -> String {
    format!(
        "[network.internet]\n[node.bob]\nnetwork = \"internet\"\n[node.nat]\nnat = {nat}\ninside = \"home\"\noutside = \"internet\"\n\
         [node.alice]\nnetwork = \"home\"\n"
    )
}

/// The axes of a NAT as its trace tells them.
fn axes(nat: &str) -> Vec<String> {
    let scenario =
        Scenario::parse("nat.toml", &document(nat), &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let plan = build(&scenario).expect("a plan").plan;
    let world = World::new(plan, 1, Observe::Full).expect("a world");
    let trace = world.trace();
    let node = trace.topology().find("nat").expect("the NAT");
    let first = trace.entries_of(Entity::Node(node))[0];
    let Change::Node(state) = &trace.entry(first).change else { panic!("a node's state") };
    state.rules.clone()
}

fn problems(nat: &str) -> String {
    Scenario::parse("nat.toml", &document(nat), &[]).expect_err("it has problems").to_string()
}

#[test]
fn each_key_changes_its_axis_and_no_other() {
    let keys = [
        ("mapping = \"address-dependent\"", "mapping: address-dependent"),
        ("filtering = \"address-dependent\"", "filtering: address-dependent"),
        ("ports = \"preserve-override\"", "taken from whoever had it"),
        ("ports = \"preserve-overload\"", "shared between remote endpoints"),
        ("parity = true", "parity kept"),
        ("contiguity = true", "neighbours kept"),
        ("range_class = false", "1024 to 65535"),
        ("port_range = [5000, 5999]", "5000 to 5999"),
        ("port_block = 512", "1 blocks of 512"),
        ("pooling = \"arbitrary\"", "pooling: arbitrary"),
        ("pooling = \"one-to-one\"", "pooling: one to one"),
        ("hairpin = true", "from the external endpoint"),
        ("hairpin = \"internal-source\"", "from the internal endpoint"),
        ("timeout_s = 30", "UDP 30s"),
        ("unreplied_timeout_s = 30", "30s until something comes in"),
        ("icmp_timeout_s = 10", "ICMP 10s"),
        ("filter_timeout_s = 10", "filter 10s"),
        ("tcp_established_timeout_s = 600", "established 600s"),
        ("tcp_transitory_timeout_s = 60", "transitory 60s"),
        ("inbound_refresh = true", "outbound and inbound"),
        ("outbound_refresh = false", "refreshed by: nothing"),
        ("mappings_max = 100", "at most 100 mappings"),
        ("mappings_per_host_max = 10", "10 for each host"),
        ("unsolicited = \"reject\"", "refused by the box itself"),
        ("unsolicited = \"track\"", "and tracked"),
        ("unsolicited_syn = \"reset\"", "answered with a RST"),
        ("simultaneous_open = false", "no simultaneous open"),
        ("after_reset = \"forget\"", "ends a session at once"),
        ("picks_up = true", "picks connections up"),
        ("fragments = \"in-order\"", "fragments: behind the first one"),
        ("nat64 = \"64:ff9b::/96\"", "NAT64: 64:ff9b::/96"),
    ];
    let plain = axes("{}");
    for (key, words) in keys {
        let changed = axes(&format!("{{ {key} }}"));
        let new: Vec<&String> = changed.iter().filter(|line| !plain.contains(line)).collect();
        let gone = plain.iter().filter(|line| !changed.contains(line)).count();
        assert!(new.len() == 1 && gone <= 1, "{key}: {new:?}");
        assert!(new[0].contains(words), "{key}: {}", new[0]);
    }
}

#[test]
fn every_preset_stands_in_the_schema_and_is_a_nat_without_problems() {
    let schema = schema().to_string();
    for preset in NatPreset::ALL {
        let name = serde_json::to_value(preset).expect("a word");
        assert!(schema.contains(&name.to_string()), "{name}");
        if let Some(config) = preset.config() {
            assert_eq!(config.problem(), None, "{name}");
            assert_eq!(axes(&name.to_string()), config.describe(), "{name}");
        }
    }
}

#[test]
fn what_does_not_go_together_is_said_at_its_place() {
    assert!(problems("{ port_block = 65535 }").contains("does not fit the port range"));
    assert!(problems("{ port_block = 9, ports = \"preserve-overload\" }").contains("do not come in blocks"));
    assert!(
        problems("{ one_to_one = { \"10.0.0.1\" = \"203.0.113.9\" } }")
            .contains("only with one-to-one pooling")
    );
    assert!(
        problems("{ pooling = \"one-to-one\", one_to_one = { \"10.0.0.1\" = \"x\" } }")
            .contains("`x` is no IPv4 address")
    );
    assert!(problems("{ nat64 = \"64:ff9b::/95\" }").contains("64:ff9b::/95 is not a prefix"));
}

#[test]
fn a_restart_names_a_nat_and_an_address() {
    let action = |restart: &str| {
        let text = format!("{}\n[[action]]\nat_ms = 1\nrestart_nat = {restart}\n", document("\"full-cone\""));
        Scenario::parse("nat.toml", &text, &[]).map(|_| ()).map_err(|problems| problems.to_string())
    };
    assert_eq!(action("{ nat = \"nat\", address = \"203.0.113.9\" }"), Ok(()));
    assert!(
        action("{ nat = \"alice\", address = \"203.0.113.9\" }")
            .unwrap_err()
            .contains("`alice` is a host, not a NAT")
    );
    assert!(
        action("{ nat = \"nat\", address = \"nowhere\" }")
            .unwrap_err()
            .contains("`nowhere` is no IPv4 address")
    );
}
