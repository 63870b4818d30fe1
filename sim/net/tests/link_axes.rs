//! What links do to packets besides taking time, as hosts and the trace see it. The draws themselves are tested beside the code.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::*;
use rtclab_net::*;
use rtclab_trace::{Change, Entity, NetReason, Reason};

/// alice and bob, with a link between them.
fn pair(link: LinkProperties) -> (Lab, SocketAddr) {
    let draft = Draft::new().host("alice", &[]).host("bob", &[]).connect("alice", "bob", link);
    let mut lab = draft.lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    (lab, bob)
}

/// Sends so many numbered datagrams, one a millisecond, and waits.
fn send_numbered(lab: &mut Lab, to: SocketAddr, count: u16) {
    for number in 0..count {
        lab.send("alice", to, &number.to_be_bytes());
        lab.run_ms(1);
    }
    lab.run_ms(1_000);
}

fn numbers_heard(lab: &Lab) -> Vec<u16> {
    lab.heard("bob").iter().map(|(_, payload)| u16::from_be_bytes([payload[0], payload[1]])).collect()
}

#[test]
fn a_corrupted_packet_is_noted_where_it_happened_and_dropped_by_whoever_checks_it() {
    let (mut lab, bob) = pair(millis(5).with_corruption(1.0));
    send_numbered(&mut lab, bob, 200);
    assert!(numbers_heard(&lab).is_empty());
    let drops = lab.drops();
    assert_eq!(drops.len(), 200);
    let unreadable = |reason| matches!(reason, NetReason::WrongChecksum | NetReason::Malformed);
    assert!(drops.iter().all(|(reason, _)| unreadable(*reason)), "{drops:?}");
    assert!(drops.iter().filter(|(reason, _)| *reason == NetReason::WrongChecksum).count() > 150);
    let trace = lab.world.trace();
    for (id, entry) in trace.entries().filter(|(_, entry)| matches!(entry.change, Change::Altered { .. })) {
        let hop = entry.cause.expect("its hop");
        let (before, after) = (trace.bytes_at(hop).expect("bytes"), trace.bytes_at(id).expect("bytes"));
        let flipped: u32 = before.iter().zip(after.iter()).map(|(a, b)| (a ^ b).count_ones()).sum();
        assert_eq!(flipped, 1);
    }
    assert_eq!(lab.times_of(NetReason::LinkCorrupted).len(), 200);
}

#[test]
fn a_router_passes_on_what_is_wrong_behind_the_header_and_the_host_notices() {
    let draft = Draft::new()
        .host("alice", &[])
        .router("r1", &[])
        .host("bob", &[])
        .connect("alice", "r1", millis(1).with_corruption(1.0))
        .connect("r1", "bob", millis(1));
    let mut lab = draft.lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    for _ in 0..20 {
        lab.send("alice", bob, &[7; 400]);
    }
    lab.run_ms(100);
    assert_eq!(lab.heard("bob"), []);
    assert!(lab.places_of_drops().iter().filter(|place| *place == "bob").count() > 10);
}

#[test]
fn a_duplicate_is_a_packet_of_its_own_because_of_the_first() {
    let (mut lab, bob) = pair(millis(5).with_duplicates(1.0));
    send_numbered(&mut lab, bob, 3);
    assert_eq!(numbers_heard(&lab), [0, 0, 1, 1, 2, 2]);
    let counters = lab.world.trace().counters();
    assert_eq!((counters.packets_sent, counters.packets_delivered), (6, 6));
    let trace = lab.world.trace();
    let is_copy = |reason| reason == Some(Reason::Net(NetReason::LinkDuplicated));
    let copies: Vec<_> = trace.entries().filter(|(_, entry)| is_copy(entry.reason)).collect();
    assert_eq!(copies.len(), 3);
    for (id, entry) in copies {
        let first = trace.entry(entry.cause.expect("the first hop"));
        assert!(matches!(first.change, Change::Hop { .. }) && first.entity != entry.entity);
        assert_eq!(trace.bytes_at(id), trace.bytes_at(entry.cause.expect("the first hop")));
    }
}

#[test]
fn datagrams_overtake_each_other_where_the_link_lets_them() {
    let spread = Latency::Uniform { least: Duration::from_millis(1), most: Duration::from_millis(20) };
    let (mut lab, bob) = pair(LinkProperties::latency(spread.clone()));
    send_numbered(&mut lab, bob, 100);
    assert!(numbers_heard(&lab).is_sorted());
    let (mut lab, bob) = pair(LinkProperties::latency(spread).with_reordering());
    send_numbered(&mut lab, bob, 100);
    let mut numbers = numbers_heard(&lab);
    assert!(!numbers.is_sorted());
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..100));
}

#[test]
fn the_listed_packets_are_lost_and_the_trace_says_which_rule_did_it() {
    let (mut lab, bob) = pair(millis(5).with_loss(Loss::Listed(vec![2, 4])));
    send_numbered(&mut lab, bob, 5);
    assert_eq!(numbers_heard(&lab), [0, 2, 4]);
    let rule = "2 packets that are listed".to_string();
    assert_eq!(lab.drops(), [(NetReason::LinkLoss, rule.clone()), (NetReason::LinkLoss, rule)]);
}

#[test]
fn each_direction_of_a_link_has_its_own_latency_loss_and_rate() {
    let forward = LinkWay { latency: Duration::from_millis(30).into(), ..LinkWay::default() };
    let backward = LinkWay { loss: 1.0.into(), ..LinkWay::default() };
    let (mut lab, bob) = pair(LinkProperties { forward, backward });
    lab.send("alice", bob, b"there");
    lab.run_ms(100);
    let alice = SocketAddr::new(lab.address("alice"), 4000);
    lab.send("bob", alice, b"and back");
    lab.run_ms(100);
    assert_eq!(lab.talker("bob").seen[0].0.as_nanos(), 30_000_000);
    assert_eq!(lab.seen("alice"), []);
    assert_eq!(lab.drops(), [(NetReason::LinkLoss, "loss 100 %".to_string())]);
}

#[test]
fn properties_can_change_while_packets_are_under_way() {
    let (mut lab, bob) = pair(millis(50));
    let link = lab.world.trace().topology().links().next().expect("one link").0;
    lab.send("alice", bob, &[0, 0]);
    lab.world.set_link(link, millis(1).with_loss(1.0), None).expect("a link");
    lab.send("alice", bob, &[0, 1]);
    lab.world.set_link(link, millis(1), None).expect("a link");
    lab.send("alice", bob, &[0, 2]);
    lab.run_ms(100);
    assert_eq!(numbers_heard(&lab), [0, 2], "order is kept though the link became shorter");
    let states = lab.world.trace().entries_of(Entity::Link(link)).len();
    assert_eq!(states, 3);
}

#[test]
fn what_packets_met_on_a_link_can_be_read_from_the_trace() {
    let link = millis(1).with_rate(1_000_000, 2).with_loss(Loss::Listed(vec![1])).with_duplicates(1.0);
    let (mut lab, bob) = pair(link);
    for _ in 0..5 {
        lab.send("alice", bob, &[0; 97]);
    }
    lab.run_ms(100);
    let loads = lab.world.trace().link_loads();
    let load = &loads[0];
    assert_eq!((load.packets, load.bytes), (5, 5 * 125), "three went on the link, two of them twice");
    assert_eq!((load.waited, load.queue_full, load.lost, load.duplicates), (2, 2, 1, 2));
    assert_eq!((load.fullest.packets, load.fullest.bytes), (2, 250));
    assert_eq!(load.longest_wait, Duration::from_millis(2));
    let words =
        "5 packets; queue up to 2 packets, 250 bytes, 2ms; 2 dropped: queue full; 1 lost; 2 duplicated";
    assert_eq!(load.to_string(), words);
}
