//! Groups of a link: who hears what is sent to one, and who does not.

mod common;

use std::net::SocketAddr;

use common::*;
use rtclab_net::*;
use rtclab_trace::NetReason;

const GROUP: &str = "224.0.0.251:5353";

fn group() -> SocketAddr {
    GROUP.parse().expect("an address and port")
}

fn join(lab: &mut Lab, host: &str, group: SocketAddr) {
    let act = |talker: &mut Talker, host: &mut Host<'_>| {
        host.join_group(talker.socket.expect("started"), group.ip());
    };
    lab.world.with_program(lab.node(host), ProgramId(0), None, act).expect("a talker");
}

/// Four hosts on a network behind a router, and one on the other side; alice sends, the others listen on the port.
fn lab(members: &[&str]) -> Lab {
    let draft = Draft::new().network("lan", millis(1)).network("far", millis(1));
    let draft = draft.host("alice", &["lan"]).host("bob", &["lan"]).host("carol", &["lan"]);
    let mut lab = draft.router("router", &["lan", "far"]).host("dave", &["far"]).lab();
    for host in ["alice", "bob", "carol", "dave"] {
        lab.talk(host, Talker::new("0.0.0.0:5353"));
    }
    for member in members {
        join(&mut lab, member, group());
    }
    lab
}

#[test]
fn a_datagram_to_a_group_reaches_every_member_on_the_link_once() {
    let mut lab = lab(&["alice", "bob", "carol", "dave"]);
    let alice = SocketAddr::new(lab.address("alice"), 5353);
    lab.send("alice", group(), b"hello");
    lab.run_ms(50);
    for host in ["bob", "carol"] {
        assert_eq!(lab.heard(host), [(alice, b"hello".to_vec())], "{host}");
    }
    assert!(lab.heard("alice").is_empty(), "not to the sender");
    assert!(lab.heard("dave").is_empty(), "routers pass nothing on");
    assert_eq!(lab.drops(), []);
    assert_eq!(lab.times_of(NetReason::CopiedToGroup).len(), 1, "two members, one copy");
}

#[test]
fn who_has_not_joined_hears_nothing() {
    let mut lab = lab(&["carol"]);
    lab.send("alice", group(), b"hello");
    lab.run_ms(50);
    assert!(lab.heard("bob").is_empty());
    assert_eq!(lab.heard("carol").len(), 1);
}

#[test]
fn a_group_without_members_is_told() {
    let mut lab = lab(&["alice", "dave"]);
    lab.send("alice", group(), b"hello");
    lab.run_ms(50);
    let rule = "nobody on the network listens to the group".to_string();
    assert_eq!(lab.drops(), [(NetReason::NobodyInGroup, rule)]);
}

#[test]
fn an_answer_to_a_group_datagram_goes_to_its_sender_alone() {
    let mut lab = lab(&[]);
    lab.talk("bob", Talker::echo("0.0.0.0:6000"));
    let asked: SocketAddr = "224.0.0.251:6000".parse().expect("an address and port");
    let act = |talker: &mut Talker, host: &mut Host<'_>| {
        host.join_group(talker.socket.expect("started"), asked.ip());
    };
    lab.world.with_program(lab.node("bob"), ProgramId(1), None, act).expect("a talker");
    lab.send("alice", asked, b"who is there?");
    lab.run_ms(50);
    let bob = SocketAddr::new(lab.address("bob"), 6000);
    assert_eq!(lab.heard("alice"), [(bob, b"who is there?".to_vec())]);
}

#[test]
fn groups_of_ipv6_are_heard_too_and_wider_ones_have_no_route() {
    let draft = Draft::new().network("lan", millis(1)).families("lan", Families::V6);
    let mut lab = draft.host("alice", &["lan"]).host("bob", &["lan"]).lab();
    lab.talk("alice", Talker::new("[::]:5353"));
    lab.talk("bob", Talker::new("[::]:5353"));
    let group: SocketAddr = "[ff02::fb]:5353".parse().expect("an address and port");
    join(&mut lab, "bob", group);
    lab.send("alice", group, b"hello");
    lab.run_ms(50);
    assert_eq!(lab.heard("bob").len(), 1);
    let wider: SocketAddr = "[ff05::fb]:5353".parse().expect("an address and port");
    assert_eq!(lab.try_send("alice", wider, b"hello"), Err(SendError::NoRoute));
}
