//! Packets that are longer than a link on the way takes: fragments, reassembly, path MTU discovery.

mod common;

use std::net::{IpAddr, SocketAddr};

use common::*;
use rtclab_net::wire::{fragment, icmp, ip, udp};
use rtclab_net::*;
use rtclab_trace::{Change, Entity, NetReason, PathMtuState};

const MINUTE_MS: u64 = 60_000;

/// alice – left – r1 – narrow – r2 – right – bob; the middle takes 1280 bytes.
fn narrow(families: Families, middle: LinkProperties) -> Draft {
    let mut draft = Draft::new()
        .network("left", millis(1))
        .network("middle", middle.with_mtu(1_280))
        .network("right", millis(1));
    for network in ["left", "middle", "right"] {
        draft = draft.families(network, families);
    }
    draft
        .router("r1", &["left", "middle"])
        .router("r2", &["middle", "right"])
        .host("alice", &["left"])
        .host("bob", &["right"])
}

struct Path {
    lab: Lab,
    bob: SocketAddr,
}

fn path(families: Families, middle: LinkProperties) -> Path {
    let mut lab = narrow(families, middle).lab();
    let any = if families == Families::V6 { "[::]" } else { "0.0.0.0" };
    lab.talk("alice", Talker::new(&format!("{any}:4000")));
    lab.talk("bob", Talker::new(&format!("{any}:5000")));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    Path { lab, bob }
}

fn payload(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

impl Path {
    fn send(&mut self, length: usize) -> Result<(), SendError> {
        let sent = self.lab.try_send("alice", self.bob, &payload(length));
        self.lab.run_ms(100);
        sent
    }

    /// The lengths of the datagrams that came, all of them right.
    fn heard(&self) -> Vec<usize> {
        let heard = self.lab.heard("bob");
        assert!(heard.iter().all(|(_, bytes)| *bytes == payload(bytes.len())));
        heard.iter().map(|(_, bytes)| bytes.len()).collect()
    }

    fn fragmentation(&mut self, fragmentation: Fragmentation) {
        self.lab.with_socket("alice", |host, socket| host.set_fragmentation(socket, fragmentation));
    }

    fn path_mtu(&mut self) -> Option<u32> {
        let mut mtu = None;
        let bob = self.bob.ip();
        self.lab.with_socket("alice", |host, _| mtu = host.path_mtu(bob));
        mtu
    }

    /// Everything that was told of path MTUs.
    fn told(&self) -> Vec<PathMtuState> {
        let told = self.lab.world.trace().entries().filter_map(|(_, entry)| match &entry.change {
            Change::PathMtu(state) => Some((**state).clone()),
            _ => None,
        });
        told.collect()
    }
}

#[test]
fn a_router_fragments_what_it_may_and_the_destination_puts_it_together() {
    let mut path = path(Families::V4, millis(1));
    path.fragmentation(Fragmentation::Anywhere);
    path.send(1_400).expect("it fits the first link");
    assert_eq!(path.heard(), [1_400]);
    let fragmented = path.lab.times_of(NetReason::Fragmented);
    assert_eq!(fragmented.len(), 3, "the packet's end, and two fragments");
    let counters = path.lab.world.trace().counters();
    assert_eq!((counters.packets_sent, counters.packets_delivered, counters.packets_replaced), (4, 1, 3));
    assert_eq!(path.lab.world.packets_in_flight(), 0);
}

#[test]
fn the_datagram_that_is_delivered_is_because_of_its_fragments_and_they_because_of_what_was_sent() {
    let mut path = path(Families::V4, millis(1));
    path.fragmentation(Fragmentation::Anywhere);
    path.send(1_400).expect("it fits the first link");
    let trace = path.lab.world.trace();
    let delivered = trace.entries().find(|(_, entry)| matches!(entry.change, Change::Delivered { .. }));
    let (delivered, _) = delivered.expect("delivered");
    let packets: Vec<Entity> = trace.causes_of(delivered).map(|cause| trace.entry(cause).entity).collect();
    let mut chain: Vec<Entity> = packets.clone();
    chain.dedup();
    assert_eq!(chain.len(), 2, "a fragment, and before it the packet: {packets:?}");
}

#[test]
fn fragments_that_overtake_each_other_still_make_their_datagram() {
    let spread =
        Latency::Uniform { least: std::time::Duration::ZERO, most: std::time::Duration::from_millis(40) };
    let mut path = path(Families::V4, LinkProperties::latency(spread).with_reordering());
    path.fragmentation(Fragmentation::Anywhere);
    for _ in 0..20 {
        path.send(1_400).expect("it fits the first link");
    }
    assert_eq!(path.heard(), [1_400; 20]);
}

#[test]
fn without_permission_the_first_long_packet_is_lost_and_the_host_learns() {
    let mut path = path(Families::V4, millis(1));
    assert_eq!(path.path_mtu(), Some(1_500));
    path.send(1_400).expect("as far as alice knows");
    assert_eq!(path.heard(), Vec::<usize>::new());
    assert_eq!(path.lab.drops(), [(NetReason::TooBig, "MTU 1280".to_string())]);
    assert_eq!(path.path_mtu(), Some(1_280));
    path.send(1_400).expect("in fragments");
    path.send(1_252).expect("whole");
    assert_eq!(path.heard(), [1_400, 1_252]);
    assert_eq!(path.lab.times_of(NetReason::FragmentedAtSource).len(), 2);
    assert_eq!(path.lab.times_of(NetReason::Fragmented).len(), 0);
}

#[test]
fn an_ipv6_host_fragments_for_the_path_because_routers_never_do() {
    let mut path = path(Families::V6, millis(1));
    path.fragmentation(Fragmentation::Anywhere);
    path.send(1_400).expect("as far as alice knows");
    assert_eq!(path.heard(), Vec::<usize>::new());
    assert_eq!(path.path_mtu(), Some(1_280));
    path.send(4_000).expect("in fragments");
    assert_eq!(path.heard(), [4_000]);
    assert_eq!(path.lab.times_of(NetReason::FragmentedAtSource).len(), 4);
    let told = path.told();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].destination, told[0].mtu, told[0].active), (path.bob.ip(), 1_280, true));
}

#[test]
fn a_socket_that_never_fragments_is_told_the_mtu_of_the_path() {
    let mut path = path(Families::V4, millis(1));
    path.fragmentation(Fragmentation::Never);
    assert_eq!(path.send(1_473), Err(SendError::TooBig { mtu: 1_500 }));
    path.send(1_400).expect("as far as alice knows");
    assert_eq!(path.send(1_400), Err(SendError::TooBig { mtu: 1_280 }));
    path.send(1_252).expect("it fits");
    assert_eq!(path.heard(), [1_252]);
}

#[test]
fn a_host_fragments_what_its_own_link_is_too_narrow_for() {
    let mut path = path(Families::V4, millis(1));
    path.fragmentation(Fragmentation::Anywhere);
    path.send(9_000).expect("in fragments");
    assert_eq!(path.heard(), [9_000]);
    // Seven leave alice, and those that the middle is too narrow for are split again.
    assert_eq!(path.lab.times_of(NetReason::FragmentedAtSource).len(), 7);
    assert!(!path.lab.times_of(NetReason::Fragmented).is_empty());
}

#[test]
fn a_path_mtu_is_forgotten_after_ten_minutes_and_learnt_again() {
    let mut path = path(Families::V4, millis(1));
    path.send(1_400).expect("as far as alice knows");
    path.lab.run_ms(10 * MINUTE_MS - 200);
    assert_eq!(path.path_mtu(), Some(1_280));
    path.lab.run_ms(200);
    assert_eq!(path.path_mtu(), Some(1_500));
    let told = path.told();
    assert_eq!(told.iter().map(|state| state.active).collect::<Vec<_>>(), [true, false]);
    assert_eq!(path.lab.times_of(NetReason::PathMtuExpired).len(), 1);
    path.send(1_400).expect("as far as alice knows");
    assert_eq!(path.told().len(), 3);
}

#[test]
fn a_report_about_a_packet_of_somebody_else_teaches_nothing() {
    let mut path = path(Families::V4, millis(1));
    let alice = path.lab.address("alice");
    let forged = |source: IpAddr| {
        let mut quoted = Vec::new();
        udp::build(&mut quoted, SocketAddr::new(source, 4000), path.bob, 64, &[0; 1_400]);
        let mut bytes = Vec::new();
        icmp::build_error(&mut bytes, path.bob.ip(), alice, icmp::ErrorKind::TooBig { mtu: 500 }, &quoted);
        bytes
    };
    let (of_another, of_alice) = (forged("192.0.2.1".parse().expect("an address")), forged(alice));
    path.lab.send_raw("bob", &of_another);
    path.lab.run_ms(100);
    assert_eq!(path.path_mtu(), Some(1_500));
    path.lab.send_raw("bob", &of_alice);
    path.lab.run_ms(100);
    assert_eq!(path.path_mtu(), Some(500));
}

#[test]
fn fragments_whose_others_are_lost_wait_a_minute_and_the_sender_is_told() {
    let loses_second = millis(1).with_loss(Loss::Listed(vec![2]));
    let mut path = path(Families::V4, loses_second);
    path.fragmentation(Fragmentation::Anywhere);
    path.send(1_400).expect("it fits the first link");
    assert_eq!(path.lab.world.packets_in_flight(), 1, "a fragment waits at bob");
    path.lab.run_ms(MINUTE_MS);
    assert_eq!(path.lab.world.packets_in_flight(), 0);
    let rule = "the rest did not come within 60 s".to_string();
    assert_eq!(path.lab.drops()[1], (NetReason::ReassemblyTimeout, rule));
    let told = Seen::Unreachable(UnreachableKind::ReassemblyTimeExceeded, path.bob);
    assert_eq!(path.lab.seen("alice"), [told]);
}

#[test]
fn nobody_is_told_when_it_is_the_first_fragment_that_is_missing() {
    // Only into the network: out of it, the second fragment is the first to come.
    let loses_first = LinkProperties {
        forward: millis(1).with_loss(Loss::Listed(vec![1])).forward,
        backward: millis(1).backward,
    };
    let mut path = path(Families::V4, loses_first);
    path.fragmentation(Fragmentation::Anywhere);
    path.send(1_400).expect("it fits the first link");
    path.lab.run_ms(MINUTE_MS);
    assert_eq!(path.lab.times_of(NetReason::ReassemblyTimeout).len(), 1);
    assert_eq!(path.lab.seen("alice"), []);
}

#[test]
fn overlapping_ipv6_fragments_are_all_discarded_without_a_word() {
    let mut path = path(Families::V6, millis(1));
    let mut parts = parts(&path, 1);
    parts[1][43] -= 8;
    for part in &parts {
        path.lab.send_raw("alice", part);
    }
    path.lab.run_ms(2 * MINUTE_MS);
    assert_eq!(path.lab.times_of(NetReason::FragmentOverlap).len(), parts.len());
    assert_eq!((path.heard(), path.lab.seen("alice")), (vec![], vec![]));
    assert_eq!(path.lab.world.packets_in_flight(), 0);
}

/// The fragments of a datagram of 1,000 bytes from alice to bob, over IPv6.
fn parts(path: &Path, identification: u32) -> Vec<Vec<u8>> {
    let alice = SocketAddr::new(path.lab.address("alice"), 4000);
    let mut whole = Vec::new();
    udp::build(&mut whole, alice, path.bob, 64, &payload(1_000));
    fragment::split(&whole, 600, identification).expect("split")
}

#[test]
fn a_fragment_that_is_there_already_is_dropped() {
    let mut path = path(Families::V6, millis(1));
    let parts = parts(&path, 1);
    path.lab.send_raw("alice", &parts[0]);
    for part in &parts {
        path.lab.send_raw("alice", part);
    }
    path.lab.run_ms(100);
    assert_eq!(path.lab.times_of(NetReason::FragmentDuplicate).len(), 1);
    assert_eq!(path.heard(), [1_000]);
}

#[test]
fn a_fragment_that_no_datagram_can_have_is_dropped() {
    let mut path = path(Families::V6, millis(1));
    let mut odd = parts(&path, 1).swap_remove(0);
    odd.pop();
    let length = (odd.len() - 40) as u16;
    odd[4..6].copy_from_slice(&length.to_be_bytes());
    path.lab.send_raw("alice", &odd);
    path.lab.run_ms(100);
    assert_eq!(path.lab.times_of(NetReason::FragmentInvalid).len(), 1);
}

#[test]
fn fragments_that_are_marked_and_not_capable_of_marks_make_nothing() {
    let mut path = path(Families::V6, millis(1));
    let mut parts = parts(&path, 1);
    // Congestion experienced, which a router may only write over what is capable of it (RFC 3168 §5.3).
    parts[0][1] |= 0x30;
    for part in &parts {
        path.lab.send_raw("alice", part);
    }
    path.lab.run_ms(100);
    assert_eq!(path.lab.times_of(NetReason::FragmentEcnMixed).len(), parts.len());
    assert_eq!(path.heard(), Vec::<usize>::new());
}

#[test]
fn the_oldest_datagrams_go_when_too_much_waits_for_its_rest() {
    let mut path = path(Families::V6, millis(1));
    for identification in 0..6_000 {
        let first = parts(&path, identification).swap_remove(0);
        path.lab.send_raw("alice", &first);
    }
    path.lab.run_ms(100);
    assert!(!path.lab.times_of(NetReason::ReassemblyFull).is_empty());
    assert!(path.lab.world.packets_in_flight() > 4_000, "what is younger still waits");
}

#[test]
fn a_long_echo_comes_back_whole() {
    let mut path = path(Families::V4, millis(1));
    let bob = path.bob.ip();
    for _ in 0..3 {
        path.lab.with_socket("alice", |host, _| {
            host.send_echo(bob, 9, 1, &payload(3_000), None, None).expect("sent");
        });
        path.lab.run_ms(200);
    }
    // The first is lost on the way there, for alice did not know the path; the second's answer, for bob did not.
    assert_eq!(path.lab.seen("alice").iter().filter(|seen| matches!(seen, Seen::Echo(..))).count(), 3);
}

#[test]
fn a_mark_on_a_fragment_is_a_mark_on_the_datagram() {
    let mut path = path(Families::V4, millis(1));
    let alice = SocketAddr::new(path.lab.address("alice"), 4000);
    let mut whole = Vec::new();
    udp::build(&mut whole, alice, path.bob, 64, &payload(1_000));
    ip::set_ecn(&mut whole, Ecn::Ect0);
    fragment::allow(&mut whole, 5);
    let mut parts = fragment::split(&whole, 600, 0).expect("split");
    ip::set_ecn(&mut parts[1], Ecn::CongestionExperienced);
    for part in &parts {
        path.lab.send_raw("alice", part);
    }
    path.lab.run_ms(100);
    let trace = path.lab.world.trace();
    let delivered = trace.entries().find(|(_, entry)| matches!(entry.change, Change::Delivered { .. }));
    let bytes = trace.bytes_at(delivered.expect("delivered").0).expect("of a packet");
    assert_eq!(ip::ecn(&bytes), Ecn::CongestionExperienced);
}
