//! Packets over networks and routers: that they arrive, when, and what stops them.

mod common;

use std::net::SocketAddr;

use common::*;
use rtclab_net::wire::{checksum, icmp, udp};
use rtclab_net::{Attachment, UnreachableKind};
use rtclab_trace::{NetReason, SimTime};

/// Two hosts on one network, 2 ms from its middle.
fn lan() -> Draft {
    Draft::new().network("lan", millis(2)).host("alice", &["lan"]).host("bob", &["lan"])
}

/// alice – left – r1 – r2 – right – bob.
fn two_routers() -> Draft {
    Draft::new()
        .network("left", millis(1))
        .network("right", millis(1))
        .router("r1", &["left"])
        .router("r2", &["right"])
        .connect("r1", "r2", millis(10))
        .host("alice", &["left"])
        .host("bob", &["right"])
}

#[test]
fn neighbors_reach_each_other_through_the_network_in_between() {
    let mut lab = lan().lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::echo("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(100);
    let expected = Seen::Datagram {
        from: bob,
        to: SocketAddr::new(lab.address("alice"), 4000),
        payload: b"hello".to_vec(),
        ttl: 64,
    };
    assert_eq!(lab.talker("alice").seen, [(SimTime::from_millis(8), expected)]);
}

#[test]
fn each_router_on_the_way_takes_one_from_the_ttl() {
    let mut lab = two_routers().lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(100);
    let [(at, Seen::Datagram { ttl: 62, .. })] = lab.talker("bob").seen[..] else {
        panic!("{:?}", lab.talker("bob").seen)
    };
    assert_eq!(at, SimTime::from_millis(14));
}

#[test]
fn a_ttl_that_runs_out_is_told_by_the_router_where_it_did() {
    let mut lab = two_routers().lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.set_ttl("alice", 2);
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(100);
    assert_eq!(lab.drops(), [(NetReason::TtlExceeded, "TTL reached zero".to_string())]);
    assert_eq!(lab.places_of_drops(), ["r2"]);
    assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::TimeExceeded, bob)]);
}

#[test]
fn a_router_without_a_route_says_that_the_network_is_unreachable() {
    let mut lab = two_routers().lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let nowhere = "8.8.8.8:53".parse().expect("an address");
    lab.send("alice", nowhere, b"hello");
    lab.run_ms(100);
    assert_eq!(lab.drops(), [(NetReason::NoRoute, "no route to 8.8.8.8".to_string())]);
    assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::Network, nowhere)]);
}

#[test]
fn a_router_that_finds_nobody_says_that_the_host_is_unreachable() {
    let mut lab = two_routers().lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let mut octets = lab.address("bob").to_string();
    octets.push('9');
    let nobody: SocketAddr = format!("{octets}:5000").parse().expect("an address");
    lab.send("alice", nobody, b"hello");
    lab.run_ms(100);
    assert_eq!(lab.drops(), [(NetReason::NoNeighbor, format!("nobody answers for {octets}"))]);
    assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::Host, nobody)]);
}

#[test]
fn a_packet_larger_than_the_next_link_is_refused_with_its_mtu() {
    let draft = Draft::new()
        .network("left", millis(1))
        .router("r1", &["left"])
        .host("alice", &["left"])
        .host("bob", &[])
        .connect("r1", "bob", millis(1).with_mtu(1_280));
    let mut lab = draft.lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, &[0; 1_252]);
    lab.send("alice", bob, &[0; 1_253]);
    lab.run_ms(100);
    assert_eq!(lab.heard("bob").len(), 1);
    assert_eq!(lab.drops(), [(NetReason::TooBig, "MTU 1280".to_string())]);
    assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::TooBig { mtu: 1_280 }, bob)]);
}

#[test]
fn the_middle_of_a_network_reports_what_an_attachment_is_too_narrow_for() {
    let draft = Draft::new().network("lan", millis(1)).host("alice", &["lan"]).host("bob", &[]);
    let narrow = Attachment::new().link(millis(1).with_mtu(1_000));
    let mut lab = draft.attach("bob", "lan", narrow).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, &[0; 1_200]);
    lab.run_ms(100);
    assert_eq!(lab.drops(), [(NetReason::TooBig, "MTU 1000".to_string())]);
    assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::TooBig { mtu: 1_000 }, bob)]);
}

#[test]
fn no_error_answers_an_error_or_a_source_that_is_nobody() {
    let mut lab = two_routers().lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let (alice, bob) = (lab.address("alice"), lab.address("bob"));
    let mut error = Vec::new();
    icmp::build_error(&mut error, alice, bob, icmp::ErrorKind::PortUnreachable, &[0x45; 28]);
    error[8] = 1;
    error[10..12].copy_from_slice(&[0, 0]);
    let sum = checksum::of(&error[..20]);
    error[10..12].copy_from_slice(&sum.to_be_bytes());
    lab.send_raw("alice", &error);
    let mut from_nobody = Vec::new();
    let nobody = SocketAddr::from(([0, 0, 0, 0], 1));
    udp::build(&mut from_nobody, nobody, SocketAddr::new(bob, 9), 64, b"hello");
    lab.send_raw("alice", &from_nobody);
    lab.run_ms(100);
    let reasons: Vec<NetReason> = lab.drops().into_iter().map(|(reason, _)| reason).collect();
    assert_eq!(reasons, [NetReason::TtlExceeded, NetReason::PortClosed]);
    assert_eq!(lab.times_of(NetReason::IcmpGenerated), []);
}

#[test]
fn a_packet_with_a_wrong_checksum_is_dropped_where_it_is_read() {
    let mut lab = two_routers().lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let (alice, bob) = (lab.address("alice"), SocketAddr::new(lab.address("bob"), 5000));
    let mut bytes = Vec::new();
    udp::build(&mut bytes, SocketAddr::new(alice, 4000), bob, 64, b"hello");
    let mut header_wrong = bytes.clone();
    header_wrong[4] ^= 1;
    let mut payload_wrong = bytes;
    payload_wrong[30] ^= 1;
    lab.send_raw("alice", &header_wrong);
    lab.send_raw("alice", &payload_wrong);
    lab.run_ms(100);
    let expected = [
        (NetReason::WrongChecksum, "wrong IPv4 header checksum".to_string()),
        (NetReason::WrongChecksum, "wrong checksum".to_string()),
    ];
    assert_eq!(lab.drops(), expected);
    assert_eq!(lab.places_of_drops(), ["r1", "bob"]);
}

#[test]
fn a_host_drops_what_is_not_for_it() {
    let draft = Draft::new().network("lan", millis(1)).host("alice", &["lan"]).host("bob", &["lan"]);
    let mut draft = draft;
    let (alice, elsewhere) = (draft.id("alice"), "10.0.0.0/8".parse().expect("a prefix"));
    draft.0.add_route(alice, elsewhere, "203.0.113.11".parse().expect("bob")).expect("added");
    let mut lab = draft.lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.send("alice", "10.0.0.1:9".parse().expect("an address"), b"hello");
    lab.run_ms(100);
    let rule = "10.0.0.1 is not an address of this host".to_string();
    assert_eq!(lab.drops(), [(NetReason::NotForMe, rule)]);
}

#[test]
fn a_lost_packet_is_told_at_the_time_it_would_have_arrived() {
    let draft = Draft::new().network("lan", millis(2).with_loss(1.0));
    let mut lab = draft.host("alice", &["lan"]).host("bob", &["lan"]).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(100);
    assert_eq!(lab.drops(), [(NetReason::LinkLoss, "loss 100 %".to_string())]);
    assert_eq!(lab.times_of(NetReason::LinkLoss), [SimTime::from_millis(2)]);
}

#[test]
fn a_queue_that_is_full_drops_the_newest() {
    // 1,000 bytes take 8 ms; one packet leaves, two wait.
    let draft = Draft::new().network("lan", millis(0).with_rate(1_000_000, 2));
    let mut lab = draft.host("alice", &["lan"]).host("bob", &["lan"]).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    for number in 0..4u8 {
        lab.send("alice", bob, &[number; 972]);
    }
    lab.run_ms(100);
    let heard: Vec<u8> = lab.heard("bob").iter().map(|(_, payload)| payload[0]).collect();
    assert_eq!(heard, [0, 1, 2]);
    assert_eq!(lab.drops(), [(NetReason::QueueFull, "queue of 2 packets".to_string())]);
    let arrivals: Vec<SimTime> = lab.talker("bob").seen.iter().map(|(at, _)| *at).collect();
    assert_eq!(arrivals, [16, 24, 32].map(SimTime::from_millis));
}

#[test]
fn every_entry_of_a_packet_is_caused_by_the_one_before_it() {
    let mut lab = two_routers().lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::echo("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(100);
    let trace = lab.world.trace();
    let last = trace.id_at(trace.len() - 1).expect("not empty");
    let chain: Vec<String> = trace.causes_of(last).map(|id| trace.describe(id)).collect();
    // Back over the answer's five hops, the delivery of the question, and its five hops.
    assert_eq!(chain.len(), 11);
    assert_eq!(chain[5], "delivered on bob");
    assert!(chain[10].starts_with("alice → left"), "{chain:?}");
}
