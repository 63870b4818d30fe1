//! What the owner of a world does to it: links that change, hosts that move.

mod common;

use std::net::SocketAddr;

use common::*;
use rtclab_net::*;
use rtclab_trace::{Change, Entity, NetReason, SimTime};

fn lan() -> Draft {
    Draft::new().network("lan", millis(2)).host("alice", &["lan"]).host("bob", &["lan"])
}

/// wifi and cell joined by a router each to the core, where bob is; alice on wifi.
fn two_networks() -> Lab {
    let mut lab = Draft::new()
        .network("wifi", millis(1))
        .network("cell", millis(20))
        .network("core", millis(1))
        .router("r1", &["wifi", "core"])
        .router("r2", &["cell", "core"])
        .host("alice", &["wifi"])
        .host("bob", &["core"])
        .lab();
    lab.talk("bob", Talker::echo("0.0.0.0:5000"));
    lab
}

fn action(lab: &mut Lab, words: &str) -> Option<rtclab_trace::EntryId> {
    lab.world.record(Entity::World, Change::action(words), None, None)
}

#[test]
fn new_properties_hold_for_what_is_sent_from_now_on() {
    let draft = lan();
    let link = draft.link("alice", "lan");
    let mut lab = draft.lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"before");
    let cause = action(&mut lab, "slow down");
    let entry = lab.world.set_link(link, millis(10), cause).expect("a link").expect("recorded");
    lab.send("alice", bob, b"after");
    lab.run_ms(100);
    let arrivals: Vec<SimTime> = lab.talker("bob").seen.iter().map(|(at, _)| *at).collect();
    assert_eq!(arrivals, [4, 12].map(SimTime::from_millis));
    assert_eq!(lab.world.trace().entry(entry).cause, cause);
    let bad = lab.world.set_link(link, millis(1).with_loss(2.0), None);
    assert!(matches!(bad, Err(ActionError::Plan(PlanError::BadLink(_)))));
}

#[test]
fn each_way_of_a_link_has_properties_of_its_own() {
    let draft = lan();
    let link = draft.link("alice", "lan");
    let mut lab = draft.lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::echo("0.0.0.0:5000"));
    let slow_back = LinkProperties { backward: millis(30).backward, ..millis(1) };
    lab.world.set_link(link, slow_back, None).expect("a link");
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(100);
    assert_eq!(lab.talker("bob").seen[0].0, SimTime::from_millis(3));
    assert_eq!(lab.talker("alice").seen[0].0, SimTime::from_millis(3 + 2 + 30));
}

#[test]
fn a_cut_link_drops_what_is_on_it_and_what_comes_until_it_is_joined_again() {
    let draft = lan();
    let link = draft.link("bob", "lan");
    let mut lab = draft.lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"on the link when it is cut");
    lab.run_ms(3);
    lab.world.set_link_up(link, false, None).expect("a link");
    lab.send("alice", bob, b"while it is cut");
    lab.run_ms(10);
    lab.world.set_link_up(link, true, None).expect("a link");
    lab.send("alice", bob, b"afterwards");
    lab.run_ms(10);
    let payloads: Vec<Vec<u8>> = lab.heard("bob").into_iter().map(|(_, payload)| payload).collect();
    assert_eq!(payloads, [b"afterwards".to_vec()]);
    let drop = |rule: &str| (NetReason::LinkDown, rule.to_string());
    assert_eq!(lab.drops(), [drop("link cut while the packet was on it"), drop("link down")]);
}

#[test]
fn a_host_that_moves_has_the_addresses_of_its_new_network_and_its_programs_know() {
    let mut lab = two_networks();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let before = lab.addresses("alice");
    let cause = action(&mut lab, "move alice to cell");
    let (alice, cell) = (lab.node("alice"), lab.node("cell"));
    let entry = lab.world.move_node(alice, cell, Attachment::new(), cause).expect("moved").expect("recorded");
    let after = lab.addresses("alice");
    assert_ne!(before, after);
    assert_eq!(lab.seen("alice"), [Seen::Addresses(after)]);
    assert_eq!(lab.world.trace().entry(entry).cause, cause);
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"from cell");
    lab.run_ms(200);
    assert_eq!(lab.heard("alice"), [(bob, b"from cell".to_vec())]);
    // The properties of the new network: 20 ms to the middle of cell, on both ways.
    assert_eq!(lab.talker("alice").seen[1].0, SimTime::from_millis(2 * (20 + 20 + 1 + 1)));
}

#[test]
fn a_socket_bound_to_an_address_that_is_gone_cannot_send() {
    let mut lab = two_networks();
    let bound = SocketAddr::new(lab.address("alice"), 4000);
    lab.talk("alice", Talker::new(&bound.to_string()));
    let (alice, cell) = (lab.node("alice"), lab.node("cell"));
    lab.world.move_node(alice, cell, Attachment::new(), None).expect("moved");
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    assert_eq!(lab.try_send("alice", bob, b"hello"), Err(SendError::AddressGone));
    assert_eq!(lab.drops(), [(NetReason::AddressGone, format!("{} is gone", bound.ip()))]);
}

#[test]
fn what_was_on_its_way_to_the_old_place_does_not_arrive() {
    let mut lab = two_networks();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let old = SocketAddr::new(lab.address("alice"), 4000);
    lab.send("bob", old, b"in flight");
    lab.run_ms(2);
    let (alice, cell) = (lab.node("alice"), lab.node("cell"));
    lab.world.move_node(alice, cell, Attachment::new(), None).expect("moved");
    lab.send("bob", old, b"to the old address");
    lab.run_ms(100);
    assert_eq!(lab.heard("alice"), []);
    let reasons: Vec<NetReason> = lab.drops().into_iter().map(|(reason, _)| reason).collect();
    assert_eq!(reasons, [NetReason::NoNeighbor, NetReason::NoNeighbor]);
    let reported = lab.seen("bob").contains(&Seen::Unreachable(UnreachableKind::Host, old));
    assert!(reported, "{:?}", lab.seen("bob"));
}

#[test]
fn a_host_that_comes_back_uses_its_old_link_again() {
    let mut lab = two_networks();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let (alice, wifi, cell) = (lab.node("alice"), lab.node("wifi"), lab.node("cell"));
    let home = lab.address("alice");
    for _ in 0..3 {
        lab.world.move_node(alice, cell, Attachment::new(), None).expect("moved");
        lab.world.move_node(alice, wifi, Attachment::new(), None).expect("moved back");
    }
    assert_eq!(lab.address("alice"), home);
    let links = lab.world.trace().topology().links().filter(|(_, link)| link.nodes[0] == alice).count();
    assert_eq!(links, 2);
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"home again");
    lab.run_ms(100);
    assert_eq!(lab.heard("alice").len(), 1);
}

#[test]
fn a_host_can_be_given_another_address_where_it_is() {
    let mut lab = lan().lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let (alice, lan) = (lab.node("alice"), lab.node("lan"));
    let old = SocketAddr::new(lab.address("alice"), 4000);
    let new = "203.0.113.77".parse().expect("an address");
    lab.world.move_node(alice, lan, Attachment::new().address(new, 24), None).expect("readdressed");
    lab.send("bob", SocketAddr::new(new, 4000), b"new");
    assert_eq!(lab.try_send("bob", old, b"old"), Err(SendError::NoNeighbor));
    lab.run_ms(50);
    assert_eq!(lab.heard("alice").len(), 1);
}

#[test]
fn actions_that_make_no_sense_are_refused_and_change_nothing() {
    let mut lab = two_networks();
    let [alice, bob, r1, wifi, core] = ["alice", "bob", "r1", "wifi", "core"].map(|name| lab.node(name));
    let entries = lab.world.trace().len();
    let bob_address = lab.address("bob");
    let new = Attachment::new;
    let moves = [
        lab.world.move_node(r1, wifi, new(), None),
        lab.world.move_node(alice, r1, new(), None),
        lab.world.move_node(alice, core, new().interface("wlan9"), None),
        lab.world.move_node(alice, core, new().address(bob_address, 24), None),
        lab.world.move_node(rtclab_trace::NodeId(999), core, new(), None),
    ];
    assert!(moves.iter().all(Result::is_err), "{moves:?}");
    assert_eq!(lab.world.rebind_nat(bob, None), Err(ActionError::NotANat("bob".into())));
    assert!(lab.world.set_link_up(rtclab_trace::LinkId(999), false, None).is_err());
    assert_eq!(lab.world.trace().len(), entries);
}

#[test]
fn a_program_that_has_not_started_is_not_told_of_a_move_but_finds_the_new_addresses() {
    let mut lab = two_networks();
    let (alice, cell) = (lab.node("alice"), lab.node("cell"));
    let program = lab.world.install(alice, Box::new(Talker::new("0.0.0.0:4000"))).expect("a host");
    lab.world.move_node(alice, cell, Attachment::new(), None).expect("moved");
    lab.run_ms(1);
    let talker = lab.world.program::<Talker>(alice, program).expect("a talker");
    assert_eq!(talker.seen, []);
    assert!(talker.local.is_some(), "it has started");
}
