//! Packets in parts at a NAT (RFC 4787 §11): in any order, behind the first part, or not at all.

mod common;

use std::net::SocketAddr;

use common::*;
use rtclab_net::NatConfig;
use rtclab_net::nat::Fragments;
use rtclab_net::wire::{fragment, udp};
use rtclab_trace::NetReason;

/// alice sends bob a datagram in three parts, in this order: what bob hears of it, and the drops of the NAT.
fn sent(fragments: Fragments, order: [usize; 3]) -> (usize, usize) {
    let mut lab = home(NatConfig { fragments, ..NatConfig::port_restricted() }).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let [alice, bob] =
        [("alice", 4_000), ("bob", 5_000)].map(|(name, port)| SocketAddr::new(lab.address(name), port));
    let payload: Vec<u8> = (0..1_000).map(|index| (index % 251) as u8).collect();
    let mut bytes = Vec::new();
    udp::build(&mut bytes, alice, bob, 64, &payload);
    fragment::allow(&mut bytes, 77);
    let parts = fragment::split(&bytes, 420, 0).expect("it can be split");
    assert_eq!(parts.len(), 3);
    for part in order {
        lab.send_raw("alice", &parts[part]);
        lab.run_ms(20);
    }
    lab.run_ms(100);
    let heard = lab.heard("bob");
    assert!(heard.iter().all(|(_, bytes)| *bytes == payload));
    if let Some((from, _)) = heard.first() {
        assert_eq!(*from, SocketAddr::new(lab.addresses("nat")[1], 4_000), "translated");
    }
    (heard.len(), lab.times_of(NetReason::NatFragment).len())
}

#[test]
fn the_order_that_a_nat_takes_fragments_in_decides_whether_they_pass() {
    let (in_order, last_first) = ([0, 1, 2], [2, 1, 0]);
    assert_eq!(sent(Fragments::AnyOrder, in_order), (1, 0));
    assert_eq!(sent(Fragments::AnyOrder, last_first), (1, 0));
    assert_eq!(sent(Fragments::InOrder, in_order), (1, 0));
    assert_eq!(sent(Fragments::InOrder, last_first), (0, 2));
    assert_eq!(sent(Fragments::Dropped, in_order), (0, 3));
}

#[test]
fn an_answer_in_parts_comes_in_through_the_mapping() {
    let mut lab = home(NatConfig::port_restricted()).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5_000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(50);
    let external = lab.heard("bob")[0].0;
    let mut bytes = Vec::new();
    udp::build(&mut bytes, bob, external, 64, &[7; 900]);
    fragment::allow(&mut bytes, 5);
    for part in fragment::split(&bytes, 500, 0).expect("it can be split").iter().rev() {
        lab.send_raw("bob", part);
    }
    lab.run_ms(50);
    assert_eq!(lab.heard("alice"), [(bob, vec![7; 900])]);
}

#[test]
fn a_datagram_that_its_host_has_split_leaves_with_a_right_checksum() {
    let mut lab = Draft::new()
        .network("home", millis(5).with_mtu(600))
        .network("internet", millis(5))
        .nat("nat", NatConfig::port_restricted(), "home", "internet")
        .host("alice", &["home"])
        .host("bob", &["internet"])
        .lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5_000);
    lab.ping("alice", bob.ip(), 7);
    lab.send("alice", bob, &[0x5a; 900]);
    lab.run_ms(100);
    assert_eq!(lab.heard("bob").len(), 1);
}
