//! Hairpinning (RFC 4787 §6): inside hosts that use each other's external endpoints.

mod common;

use std::net::SocketAddr;

use common::*;
use rtclab_net::nat::Hairpin;
use rtclab_net::{NatConfig, UnreachableKind};
use rtclab_trace::NetReason;

/// alice and carol have told bob hello, so both have mappings; their external endpoints.
fn both_known(config: NatConfig) -> (Lab, SocketAddr, SocketAddr) {
    let mut lab = home(config).lab();
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let to_bob = SocketAddr::new(lab.address("bob"), 5000);
    for (name, port) in [("alice", 4000), ("carol", 4001)] {
        lab.talk(name, Talker::new(&format!("0.0.0.0:{port}")));
        lab.send(name, to_bob, b"hello");
        lab.run_ms(50);
    }
    let [alice, carol] = [0, 1].map(|place| lab.heard("bob")[place].0);
    (lab, alice, carol)
}

#[test]
fn without_hairpinning_it_is_dropped_and_the_rule_says_so() {
    let (mut lab, _, carol) = both_known(NatConfig::full_cone());
    lab.send("alice", carol, b"hello");
    lab.run_ms(50);
    assert_eq!(lab.heard("carol"), []);
    assert_eq!(lab.drops(), [(NetReason::NoHairpin, "hairpinning: off".to_string())]);
}

#[test]
fn it_arrives_from_the_external_endpoint_and_can_be_answered() {
    let (mut lab, alice, carol) = both_known(hairpinning(NatConfig::full_cone()));
    lab.send("alice", carol, b"hello");
    lab.run_ms(50);
    assert_eq!(lab.heard("carol"), [(alice, b"hello".to_vec())]);
    lab.send("carol", alice, b"answer");
    lab.run_ms(50);
    assert_eq!(lab.heard("alice"), [(carol, b"answer".to_vec())]);
}

#[test]
fn with_the_known_fault_it_arrives_from_the_internal_endpoint() {
    let faulty = NatConfig { hairpin: Hairpin::InternalSource, ..NatConfig::full_cone() };
    let (mut lab, _, carol) = both_known(faulty);
    let internal = SocketAddr::new(lab.address("alice"), 4000);
    lab.send("alice", carol, b"hello");
    lab.run_ms(50);
    assert_eq!(lab.heard("carol"), [(internal, b"hello".to_vec())]);
}

#[test]
fn the_filter_applies_to_it_and_is_opened_by_it() {
    let (mut lab, alice, carol) = both_known(hairpinning(NatConfig::port_restricted()));
    lab.send("alice", carol, b"refused: carol has not sent to alice");
    lab.run_ms(50);
    assert_eq!(lab.heard("carol"), []);
    lab.send("carol", alice, b"let in: alice has sent to carol");
    lab.run_ms(50);
    assert_eq!(lab.heard("alice").len(), 1);
    lab.send("alice", carol, b"let in now");
    lab.run_ms(50);
    assert_eq!(lab.heard("carol"), [(alice, b"let in now".to_vec())]);
}

#[test]
fn an_error_about_it_finds_its_way_back() {
    let (mut lab, _, carol) = both_known(hairpinning(NatConfig::full_cone()));
    let node = lab.node("carol");
    let close = |talker: &mut Talker, host: &mut rtclab_net::Host<'_>| {
        host.close(talker.socket.expect("started"));
    };
    lab.world.with_program(node, rtclab_net::ProgramId(0), None, close).expect("a talker");
    lab.send("alice", carol, b"hello");
    lab.run_ms(50);
    assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::Port, carol)]);
}
