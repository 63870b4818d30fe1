//! What a reader expects of a map, on topologies like those of the shipped scenarios.

use egui::{Rect, Vec2, pos2, vec2};
use rtclab_trace::{Encapsulation, LinkInfo, NodeInfo, NodeKind};

use super::*;

fn topology(nodes: &[(&str, NodeKind, &str)], links: &[(&str, &str)]) -> Topology {
    let mut topology = Topology::default();
    for (name, kind, role) in nodes {
        topology.add_node(NodeInfo { name: (*name).into(), kind: *kind, role: (*role).into() });
    }
    for (a, b) in links {
        let [a, b] = [a, b].map(|name| topology.find(name).expect("a node of the list"));
        topology.add_link(LinkInfo {
            nodes: [a, b],
            interfaces: ["eth0".into(), "eth0".into()],
            encapsulation: Encapsulation::Ip,
        });
    }
    topology
}

fn two_homes() -> Topology {
    use NodeKind::{Host, Nat, Switch};
    topology(
        &[
            ("internet", Switch, ""),
            ("home-a", Switch, ""),
            ("home-b", Switch, ""),
            ("alice", Host, "peer"),
            ("bob", Host, "peer"),
            ("nat-a", Nat, "port-restricted NAT"),
            ("nat-b", Nat, "port-restricted NAT"),
            ("stun", Host, "STUN server"),
            ("signaling", Host, "signaling server"),
        ],
        &[
            ("alice", "home-a"),
            ("bob", "home-b"),
            ("nat-a", "home-a"),
            ("nat-a", "internet"),
            ("nat-b", "home-b"),
            ("nat-b", "internet"),
            ("stun", "internet"),
            ("signaling", "internet"),
        ],
    )
}

fn placed(topology: &Topology) -> Placed {
    let area = Rect::from_min_size(pos2(10.0, 20.0), vec2(690.0, 330.0));
    Placed::new(&Map::of(topology), area, 1.0, Vec2::ZERO)
}

fn assert_no_overlap(topology: &Topology) {
    let placed = placed(topology);
    let rects: Vec<(NodeId, Rect)> = placed.nodes().collect();
    for (index, (a, first)) in rects.iter().enumerate() {
        for (b, second) in &rects[index + 1..] {
            assert!(
                !first.shrink(0.5).intersects(*second),
                "{} {first} overlaps {} {second}",
                topology.node(*a).name,
                topology.node(*b).name
            );
        }
    }
}

#[test]
fn two_homes_stand_under_the_internet_with_the_servers_above() {
    let topology = two_homes();
    let placed = placed(&topology);
    let at = |name| placed.node(topology.find(name).expect("there")).center();
    assert!(at("stun").y < at("internet").y && at("internet").y < at("nat-a").y);
    assert!(at("nat-a").y < at("home-a").y && at("home-a").y < at("alice").y);
    assert!(at("alice").x < at("bob").x, "in the order of their names");
    assert!((at("alice").x - at("nat-a").x).abs() < 1.0, "a home is a column");
    assert_no_overlap(&topology);
}

#[test]
fn a_chain_is_a_row() {
    use NodeKind::{Host, Router};
    let topology = topology(
        &[("source", Host, "UDP source"), ("r1", Router, ""), ("r2", Router, ""), ("sink", Host, "UDP sink")],
        &[("source", "r1"), ("r1", "r2"), ("r2", "sink")],
    );
    let placed = placed(&topology);
    let rows: Vec<f32> = placed.nodes().map(|(_, rect)| rect.center().y).collect();
    assert!(rows.iter().all(|y| (y - rows[0]).abs() < 1.0), "{rows:?}");
    assert_no_overlap(&topology);
}

#[test]
fn forty_hosts_on_one_network_do_not_overlap() {
    let names: Vec<String> = (0..40).map(|n| format!("host-{n}")).collect();
    let mut nodes = vec![("lan", NodeKind::Switch, "")];
    nodes.extend(names.iter().map(|name| (name.as_str(), NodeKind::Host, "")));
    let links: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "lan")).collect();
    assert_no_overlap(&topology(&nodes, &links));
}

#[test]
fn a_packet_moves_along_its_wire_from_end_to_end() {
    let topology = two_homes();
    let placed = placed(&topology);
    let (link, ends) = (LinkId(0), [topology.find("alice"), topology.find("home-a")]);
    let [alice, home] = ends.map(|node| placed.node(node.expect("there")));
    let along = |share| placed.along(link, rtclab_trace::Direction::Forward, share).expect("a line");
    assert!(
        alice.expand(12.0).contains(along(0.0)) && !alice.contains(along(0.0)),
        "beside the card, not on it"
    );
    assert!(home.expand(1.0).contains(along(1.0)));
    assert!(along(0.5).y < along(0.0).y && along(0.5).y > along(1.0).y);
}

#[test]
fn unconnected_nodes_have_places_of_their_own() {
    let topology = topology(&[("a", NodeKind::Host, ""), ("b", NodeKind::Address, "")], &[]);
    assert_no_overlap(&topology);
}

#[test]
fn a_chain_of_many_thousand_nodes_is_laid_out_in_no_time_and_without_deep_recursion() {
    let names: Vec<String> = (0..20_000).map(|n| format!("n{n}")).collect();
    let mut topology = Topology::default();
    for name in &names {
        topology.add_node(NodeInfo { name: name.clone(), kind: NodeKind::Address, role: String::new() });
    }
    for n in 1..20_000u16 {
        topology.add_link(LinkInfo {
            nodes: [NodeId(n - 1), NodeId(n)],
            interfaces: ["eth0".into(), "eth0".into()],
            encapsulation: Encapsulation::Ip,
        });
    }
    assert_eq!(Map::of(&topology).spots.len(), 20_000);
}

#[test]
fn what_is_not_connected_goes_to_a_shelf_below_when_the_width_is_used_up() {
    let names: Vec<String> = (0..30).map(|n| format!("n{n}")).collect();
    let nodes: Vec<(&str, NodeKind, &str)> =
        names.iter().map(|name| (name.as_str(), NodeKind::Address, "")).collect();
    let map = Map::of(&topology(&nodes, &[]));
    assert!(map.slots <= 8.0, "{}", map.slots);
    assert!(map.levels.len() > 1);
}
