//! Every NAT against every NAT: the class of the path is what the rule of the design says, 49 times.

use std::fmt::Write as _;

use rtclab_lab::document::Scenario;
use rtclab_lab::run::{Options, run};

/// What stands between a peer and the internet: presets from the inside out.
const SIDES: [(&str, &[&str]); 7] = [
    ("no NAT", &[]),
    ("full cone", &["full-cone"]),
    ("address-restricted", &["address-restricted"]),
    ("port-restricted", &["port-restricted"]),
    ("symmetric", &["symmetric"]),
    ("full cone behind full cone", &["full-cone", "full-cone"]),
    ("full cone behind symmetric", &["full-cone", "symmetric"]),
];

/// A mapping depends on the destination if that of any NAT on the way does.
fn symmetric(nats: &[&str]) -> bool {
    nats.contains(&"symmetric")
}

/// Packets are admitted by address and port if any NAT on the way does so.
fn port_filtered(nats: &[&str]) -> bool {
    nats.iter().any(|nat| ["symmetric", "port-restricted"].contains(nat))
}

/// The rule: a direct path needs a side that can learn where the other one's packets come from before it must admit them.
fn direct(a: &[&str], b: &[&str]) -> bool {
    !(symmetric(a) && port_filtered(b) || symmetric(b) && port_filtered(a))
}

/// The networks and NATs of one side, and the network that its peer is on.
fn side(document: &mut String, name: &str, nats: &[&str]) -> String {
    let mut outside = "internet".to_string();
    for (depth, nat) in nats.iter().enumerate().rev() {
        let inside = format!("{name}-lan-{depth}");
        let _ = write!(
            document,
            "[network.{inside}]\nlatency_ms = 1\n[node.{name}-nat-{depth}]\nnat = \"{nat}\"\ninside = \"{inside}\"\noutside = \"{outside}\"\n"
        );
        outside = inside;
    }
    outside
}

fn document(a: &[&str], b: &[&str]) -> String {
    let mut document = String::from(
        "title = \"a pair\"\nuntil_ms = 20000\n[network.internet]\nlatency_ms = 10\n[node.stun]\nnetwork = \"internet\"\nrun = { stun-server = {} }\n\
         [node.turn]\nnetwork = \"internet\"\nrun = { turn-server = {} }\n[node.signaling]\nnetwork = \"internet\"\nrun = { signaling-server = {} }\n",
    );
    let (network_a, network_b) = (side(&mut document, "a", a), side(&mut document, "b", b));
    let servers = "stun = \"stun\", turn = \"turn\", signaling = \"signaling\"";
    let _ = write!(
        document,
        "[node.alice]\nnetwork = \"{network_a}\"\nrun = {{ peer = {{ {servers}, offers_to = \"bob\" }} }}\n\
         [node.bob]\nnetwork = \"{network_b}\"\nrun = {{ peer = {{ {servers} }} }}\n"
    );
    document
}

/// `direct`, `relayed` or what became of the call instead.
fn path_class(a: &[&str], b: &[&str]) -> String {
    let text = document(a, b);
    let scenario =
        Scenario::parse("pair.toml", &text, &[]).unwrap_or_else(|problems| panic!("{problems}\n{text}"));
    let outcome = run(&scenario, Options::default()).expect("a checked scenario runs").to_json();
    let call = &outcome["calls"][0];
    match call["path"].as_str() {
        Some(path) => path.to_string(),
        None => call["state"].to_string(),
    }
}

#[test]
fn the_class_of_the_path_follows_the_rule_for_all_pairs() {
    let mut table = format!("{:28}", "alice \\ bob");
    for (name, _) in SIDES {
        let _ = write!(table, "{name:28}");
    }
    let mut wrong = Vec::new();
    for (name_a, a) in SIDES {
        let _ = write!(table, "\n{name_a:28}");
        for (name_b, b) in SIDES {
            let class = path_class(a, b);
            let expected = if direct(a, b) { "direct" } else { "relayed" };
            if class != expected {
                wrong.push(format!("{name_a} / {name_b}: {class}, not {expected}"));
            }
            let _ = write!(table, "{class:28}");
        }
    }
    assert!(wrong.is_empty(), "{}\n{table}", wrong.join("\n"));
    let table: Vec<&str> = table.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(table.join("\n"));
}
