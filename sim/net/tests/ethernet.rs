//! Networks drawn as Ethernet: switches that learn, ARP, neighbor discovery, and what becomes of packets meanwhile.

mod common;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use common::*;
use rtclab_net::wire::arp::{Arp, Operation};
use rtclab_net::*;
use rtclab_trace::{
    Change, Encapsulation, Entity, EntryId, Frame, MacAddress, NeighborPhase, NetReason, SimTime,
};

fn at(address: IpAddr) -> SocketAddr {
    SocketAddr::new(address, 5_000)
}

/// alice, bob and carol on a LAN, each with a socket; a millisecond from the switch.
fn lan(families: Families) -> Lab {
    let draft = Draft::new().ethernet("lan", millis(1)).families("lan", families);
    let draft = draft.host("alice", &["lan"]).host("bob", &["lan"]).host("carol", &["lan"]);
    talking(draft.lab(), &["alice", "bob", "carol"], families)
}

fn talking(mut lab: Lab, hosts: &[&str], families: Families) -> Lab {
    let bind = if families == Families::V6 { "[::]:5000" } else { "0.0.0.0:5000" };
    for host in hosts {
        lab.talk(host, Talker::new(bind));
    }
    lab
}

/// A LAN and its way out through a router, a NAT or a firewall on Ethernet on both sides; alice inside, bob outside.
fn two_lans(middle: impl Fn(Draft) -> Draft, families: Families) -> Lab {
    let draft = Draft::new().ethernet("lan", millis(1)).ethernet("wan", millis(1));
    let draft = draft.families("lan", families).families("wan", families);
    let draft = middle(draft).host("alice", &["lan"]).host("bob", &["wan"]);
    talking(draft.lab(), &["alice", "bob"], families)
}

fn router(draft: Draft) -> Draft {
    draft.router("router", &["lan", "wan"])
}

/// The phases that a node has seen its neighbors in, in order, with the time.
fn phases(lab: &Lab, node: &str) -> Vec<(SimTime, IpAddr, NeighborPhase)> {
    let node = lab.node(node);
    let phase = |entry: &rtclab_trace::Entry| match (&entry.change, entry.entity) {
        (Change::Neighbor(state), Entity::Neighbor(on, _)) if on == node => {
            Some((entry.at, state.address, state.phase))
        }
        _ => None,
    };
    lab.world.trace().entries().filter_map(|(_, entry)| phase(entry)).collect()
}

fn phase_words(lab: &Lab, node: &str) -> Vec<&'static str> {
    phases(lab, node).into_iter().map(|(_, _, phase)| phase.word()).collect()
}

/// Every message of ARP that has been put on a link by its sender, with the station that its frame was for.
fn arps(lab: &Lab) -> Vec<(SimTime, MacAddress, Arp)> {
    let trace = lab.world.trace();
    let first = |id: &EntryId| matches!(trace.entry(*id).entity, Entity::Packet(packet) if trace.entries_of(Entity::Packet(packet))[0] == *id);
    let own = |id: &EntryId| trace.entry(*id).reason != Some(NetReason::SwitchFlooded.into());
    let hops = trace.entries().map(|(id, _)| id).filter(|id| first(id) && own(id));
    hops.filter_map(|id| {
        let (encapsulation, bytes) = trace.wire_at(id)?;
        let arp = Arp::parse(&bytes).filter(|_| encapsulation == Encapsulation::Ethernet)?;
        let to = MacAddress(*bytes.first_chunk()?);
        Some((trace.entry(id).at, to, arp))
    })
    .collect()
}

fn ms(millis: u64) -> SimTime {
    SimTime::from_millis(millis)
}

#[test]
fn the_first_packet_waits_for_arp_and_the_second_does_not() {
    let mut lab = lan(Families::V4);
    let (alice, bob) = (at(lab.address("alice")), at(lab.address("bob")));
    lab.send("alice", bob, b"one");
    lab.run_ms(3);
    assert_eq!(lab.heard("bob"), [], "still being asked for");
    lab.run_ms(7);
    lab.send("alice", bob, b"two");
    lab.run_ms(10);
    assert_eq!(lab.heard("bob"), [(alice, b"one".to_vec()), (alice, b"two".to_vec())]);
    let times: Vec<SimTime> = lab.talker("bob").seen.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [ms(6), ms(12)], "three times two links, then once");
    assert_eq!(phase_words(&lab, "alice"), ["incomplete", "reachable"]);
    let [(_, to, question), (_, back, answer)] = arps(&lab)[..] else { panic!("{:?}", arps(&lab)) };
    assert_eq!((to, question.operation), (MacAddress::BROADCAST, Operation::Request));
    assert_eq!((back, answer.operation), (question.sender.0, Operation::Reply));
}

#[test]
fn whoever_is_asked_knows_the_asker_and_has_not_to_ask_back() {
    let mut lab = lan(Families::V4);
    let (alice, bob) = (at(lab.address("alice")), at(lab.address("bob")));
    lab.send("alice", bob, b"one");
    lab.run_ms(10);
    lab.send("bob", alice, b"back");
    lab.run_ms(10);
    assert_eq!(lab.heard("alice").len(), 1);
    assert_eq!(arps(&lab).len(), 2, "one question and its answer");
    assert_eq!(phase_words(&lab, "bob"), ["stale", "delay"]);
    assert_eq!(
        phase_words(&lab, "carol"),
        Vec::<&str>::new(),
        "RFC 826: who is not asked for learns nobody new"
    );
}

#[test]
fn packets_on_ethernet_are_in_frames_and_all_others_are_not() {
    let draft = Draft::new().ethernet("lan", millis(1)).network("far", millis(1));
    let draft = draft.router("router", &["lan", "far"]).host("alice", &["lan"]).host("bob", &["far"]);
    let mut lab = talking(draft.lab(), &["alice", "bob"], Families::V4);
    lab.send("alice", at(lab.address("bob")), b"hello");
    lab.run_ms(20);
    assert_eq!(lab.heard("bob").len(), 1);
    let trace = lab.world.trace();
    let mut seen = [0, 0];
    for (id, entry) in trace.entries() {
        let Change::Hop { link, .. } = entry.change else { continue };
        let (encapsulation, bytes) = trace.wire_at(id).expect("of a packet");
        assert_eq!(encapsulation, trace.topology().link(link).encapsulation, "{}", trace.line(id));
        let ip = trace.bytes_at(id).expect("of a packet");
        match trace.frame(id) {
            Some(frame) => {
                assert_eq!(bytes[..14], frame.header());
                assert_eq!((&bytes[14..], frame.ether_type), (&ip[..], Frame::IPV4));
            }
            None => assert_eq!(bytes, ip),
        }
        seen[usize::from(encapsulation == Encapsulation::Ethernet)] += 1;
    }
    assert!(seen[0] == 2 && seen[1] > 2, "{seen:?}");
}

#[test]
fn a_frame_names_the_router_and_its_packet_the_destination() {
    let mut lab = two_lans(router, Families::V4);
    lab.send("alice", at(lab.address("bob")), b"hello");
    lab.run_ms(20);
    assert_eq!(lab.heard("bob").len(), 1);
    let trace = lab.world.trace();
    let mac = |node: &str, interface: usize| {
        let node = trace.latest_at(Entity::Node(lab.node(node)), SimTime::MAX).expect("told");
        let Change::Node(state) = &trace.entry(node).change else { panic!("a node") };
        state.interfaces[interface].mac.expect("on Ethernet")
    };
    let frames: Vec<(MacAddress, MacAddress)> =
        trace.entries().filter_map(|(id, _)| trace.frame(id)).map(|frame| (frame.from, frame.to)).collect();
    let (near, far) = ((mac("alice", 0), mac("router", 0)), (mac("router", 1), mac("bob", 0)));
    assert_eq!(
        frames,
        [near, near, far, far],
        "the same on both sides of a switch, another behind the router"
    );
}

#[test]
fn a_switch_floods_what_it_does_not_know_and_passes_on_what_it_has_learnt() {
    let mut lab = lan(Families::V4);
    let bob = at(lab.address("bob"));
    lab.send("alice", bob, b"one");
    lab.run_ms(20);
    let to_carol = lab.hops_to("carol");
    assert_eq!(to_carol, 1, "the question of ARP");
    lab.send("alice", bob, b"two");
    lab.run_ms(20);
    assert_eq!(lab.hops_to("carol"), to_carol, "carol hears nothing of it");
    assert_eq!(lab.times_of(NetReason::SwitchLearnt), [ms(1), ms(3)]);
    assert_eq!(lab.times_of(NetReason::SwitchFlooded).len(), 2, "one broadcast, two ports");
}

#[test]
fn a_switch_forgets_a_silent_station_and_floods_again() {
    let mut lab = lan(Families::V4);
    let bob = at(lab.address("bob"));
    lab.send("alice", bob, b"one");
    lab.run_ms(302_000);
    assert_eq!(lab.times_of(NetReason::SwitchAged).len(), 2);
    // alice still knows where bob was, though that is old.
    lab.send("alice", bob, b"two");
    lab.run_ms(10);
    assert_eq!(lab.heard("bob").len(), 2);
    assert_eq!(lab.drops().len(), 1);
    assert_eq!(lab.drops()[0].0, NetReason::FrameNotForMe, "carol's network card does not let it in");
}

#[test]
fn an_address_that_nobody_has_is_asked_for_three_times_and_is_unreachable() {
    let mut lab = lan(Families::V4);
    let dead = match lab.address("bob") {
        IpAddr::V4(bob) => IpAddr::V4((u32::from(bob) + 100).into()),
        IpAddr::V6(_) => panic!("IPv4"),
    };
    lab.send("alice", at(dead), b"one");
    lab.send("alice", at(dead), b"two");
    lab.run_ms(5_000);
    let asked: Vec<SimTime> = arps(&lab).into_iter().map(|(at, _, _)| at).collect();
    assert_eq!(asked, [ms(0), ms(1_000), ms(2_000)]);
    let unreachable = Seen::Unreachable(UnreachableKind::Host, at(dead));
    assert_eq!(lab.talker("alice").seen, [(ms(3_000), unreachable.clone()), (ms(3_000), unreachable)]);
    assert_eq!(lab.times_of(NetReason::NeighborUnresolved).len(), 3, "the neighbor, and two packets");
    assert_eq!(phase_words(&lab, "alice"), ["incomplete", "failed"]);
}

#[test]
fn a_router_says_that_a_host_behind_it_is_not_there() {
    for families in [Families::V4, Families::V6] {
        let mut lab = two_lans(router, families);
        let dead: IpAddr = match lab.address("bob") {
            IpAddr::V4(bob) => IpAddr::V4((u32::from(bob) + 100).into()),
            IpAddr::V6(bob) => IpAddr::V6((u128::from(bob) + 100).into()),
        };
        lab.send("alice", at(dead), b"hello");
        lab.run_ms(4_000);
        assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::Host, at(dead))], "{families:?}");
    }
}

#[test]
fn a_nat_that_finds_nobody_tells_the_inside_host_about_its_own_packet() {
    let nat = |draft: Draft| draft.nat("nat", NatConfig::port_restricted(), "lan", "wan");
    let mut lab = two_lans(nat, Families::V4);
    let bob = lab.address("bob");
    lab.send("alice", at(bob), b"hello");
    lab.run_ms(20);
    assert_eq!(lab.heard("bob").len(), 1, "a NAT asks as a host does");
    let IpAddr::V4(v4) = bob else { panic!("IPv4") };
    let dead = at(IpAddr::V4((u32::from(v4) + 100).into()));
    lab.send("alice", dead, b"hello");
    lab.run_ms(4_000);
    assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::Host, dead)]);
}

#[test]
fn neighbor_discovery_asks_few_and_finds_the_same() {
    let mut lab = lan(Families::V6);
    let (alice, bob) = (at(lab.address("alice")), at(lab.address("bob")));
    lab.send("alice", bob, b"one");
    lab.run_ms(10);
    assert_eq!(lab.heard("bob"), [(alice, b"one".to_vec())]);
    assert_eq!(phase_words(&lab, "alice"), ["incomplete", "reachable"]);
    assert_eq!(lab.times_of(NetReason::NeighborSolicited).len(), 1);
    assert_eq!(lab.times_of(NetReason::NeighborAdvertised), [ms(2)]);
    let groups: Vec<MacAddress> = {
        let trace = lab.world.trace();
        trace.entries().filter_map(|(id, _)| trace.frame(id)).map(|frame| frame.to).collect()
    };
    assert_eq!(groups[0].0[..3], [0x33, 0x33, 0xff], "RFC 2464 §7: the solicited-node group");
    assert_eq!(lab.drops().iter().map(|drop| drop.0).collect::<Vec<_>>(), [NetReason::FrameNotForMe]);
    assert!(arps(&lab).is_empty());
}

#[test]
fn a_neighbor_grows_old_and_is_probed_when_it_is_used_again() {
    for families in [Families::V4, Families::V6] {
        let mut lab = lan(families);
        let bob = at(lab.address("bob"));
        lab.send("alice", bob, b"one");
        lab.run_ms(60_000);
        assert_eq!(phase_words(&lab, "alice"), ["incomplete", "reachable", "stale"]);
        let aged = phases(&lab, "alice")[2].0;
        assert!((ms(15_000)..=ms(45_004)).contains(&aged), "RFC 4861 §6.3.2: {aged}");
        lab.send("alice", bob, b"two");
        lab.run_ms(10_000);
        assert_eq!(lab.heard("bob").len(), 2, "what is old counts meanwhile");
        let all = phases(&lab, "alice");
        let later: Vec<(SimTime, &str)> = all[3..].iter().map(|(at, _, phase)| (*at, phase.word())).collect();
        let expected = [(ms(60_000), "delay"), (ms(65_000), "probe"), (ms(65_004), "reachable")];
        assert_eq!(later, expected, "{families:?}");
        assert!(lab.times_of(NetReason::NeighborUsed).contains(&ms(60_000)));
        assert!(lab.times_of(NetReason::NeighborDoubted).contains(&ms(65_000)));
    }
}

#[test]
fn a_neighbor_that_has_left_is_forgotten_after_its_probes() {
    let mut lab = lan(Families::V4);
    let bob = at(lab.address("bob"));
    lab.send("alice", bob, b"one");
    lab.run_ms(60_000);
    let link = lab.world.trace().topology().links().find(|(_, link)| link.nodes[0] == lab.node("bob"));
    let link = link.expect("linked").0;
    lab.world.set_link_up(link, false, None).expect("a link");
    lab.send("alice", bob, b"two");
    lab.run_ms(20_000);
    assert_eq!(phase_words(&lab, "alice")[3..], ["delay", "probe", "failed"]);
    assert_eq!(lab.times_of(NetReason::NeighborGone), [ms(68_000)]);
}

#[test]
fn a_host_that_moves_announces_itself_and_knows_nobody() {
    let draft = Draft::new().ethernet("lan", millis(1)).ethernet("other", millis(1));
    let draft = draft.host("alice", &["lan"]).host("bob", &["lan"]).host("carol", &["other"]);
    let mut lab = talking(draft.lab(), &["alice", "bob", "carol"], Families::V4);
    lab.send("alice", at(lab.address("bob")), b"one");
    lab.run_ms(100);
    let (alice, other) = (lab.node("alice"), lab.node("other"));
    lab.world.move_node(alice, other, Attachment::new(), None).expect("moved");
    lab.run_ms(100);
    assert_eq!(phase_words(&lab, "alice").last(), Some(&"forgotten"));
    assert_eq!(lab.times_of(NetReason::NeighborForgotten), [ms(100)]);
    let announced: Vec<Arp> =
        arps(&lab).into_iter().map(|(_, _, arp)| arp).filter(Arp::is_announcement).collect();
    assert_eq!(announced.len(), 1);
    assert_eq!(IpAddr::V4(announced[0].sender.1), lab.address("alice"));
    assert_eq!(lab.times_of(NetReason::AddressAnnounced), [ms(100)]);
    lab.send("carol", at(lab.address("alice")), b"hello");
    lab.run_ms(100);
    assert_eq!(lab.heard("alice").len(), 1);
}

#[test]
fn an_announcement_corrects_whoever_knew_the_address_elsewhere() {
    let mut lab = lan(Families::V4);
    let (bob, carol) = (lab.address("bob"), lab.node("carol"));
    lab.send("alice", at(bob), b"one");
    lab.run_ms(100);
    // bob leaves, and carol takes over its address, as a standby does.
    let draft_out = Attachment::new().address("203.0.113.250".parse().expect("an address"), 24);
    let (node, lan) = (lab.node("bob"), lab.node("lan"));
    let moved = lab.world.move_node(node, lan, draft_out, None);
    moved.expect("another address");
    lab.world.move_node(carol, lan, Attachment::new().address(bob, 24), None).expect("takes over");
    lab.run_ms(10);
    lab.send("alice", at(bob), b"two");
    lab.run_ms(10);
    assert_eq!(lab.heard("carol").len(), 1);
    assert_eq!(lab.heard("bob").len(), 1, "only the first");
    let overheard = lab.times_of(NetReason::NeighborOverheard);
    assert!(overheard.contains(&ms(102)), "{overheard:?}");
}

#[test]
fn the_mtu_counts_the_packet_and_the_rate_counts_the_frame() {
    let link = LinkProperties::latency(Duration::ZERO).with_rate(8_000_000, 100).with_mtu(1_500);
    let draft = Draft::new().ethernet("lan", link).host("alice", &["lan"]).host("bob", &["lan"]);
    let mut lab = talking(draft.lab(), &["alice", "bob"], Families::V4);
    let bob = at(lab.address("bob"));
    lab.send("alice", bob, b"");
    lab.run_ms(100);
    // A packet of 1,500 bytes goes whole, and takes as long as 1,518 bytes on each link.
    lab.send("alice", bob, &[0; 1_472]);
    lab.run_ms(100);
    let seen = &lab.talker("bob").seen;
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].0.since(ms(100)), Duration::from_micros(2 * 1_518));
    // Question and answer of ARP and the empty datagram: six times the smallest frame.
    assert_eq!(seen[0].0.since(ms(0)), Duration::from_micros(6 * 64));
    lab.with_socket("alice", |host, socket| host.set_fragmentation(socket, Fragmentation::Never));
    assert_eq!(lab.try_send("alice", bob, &[0; 1_473]), Err(SendError::TooBig { mtu: 1_500 }));
}

#[test]
fn fragments_find_their_next_hop_together() {
    let draft = Draft::new().ethernet("lan", millis(1)).host("alice", &["lan"]).host("bob", &["lan"]);
    let mut lab = talking(draft.lab(), &["alice", "bob"], Families::V4);
    lab.with_socket("alice", |host, socket| host.set_fragmentation(socket, Fragmentation::AtSource));
    let bob = at(lab.address("bob"));
    lab.send("alice", bob, &[7; 4_000]);
    lab.run_ms(20);
    assert_eq!(lab.heard("bob").len(), 1);
    assert_eq!(arps(&lab).len(), 2);
    assert_eq!(
        lab.times_of(NetReason::NeighborUnknown).len(),
        1 + 3,
        "the neighbor, and three parts that wait"
    );
}

#[test]
fn what_a_wire_corrupts_its_receiver_does_not_take() {
    let link = millis(1).with_corruption(1.0);
    let draft = Draft::new().ethernet("lan", link).host("alice", &["lan"]).host("bob", &["lan"]);
    let mut lab = talking(draft.lab(), &["alice", "bob"], Families::V4);
    lab.send("alice", at(lab.address("bob")), b"hello");
    lab.run_ms(10);
    assert_eq!(lab.drops()[0].0, NetReason::FrameCheckFailed);
    assert_eq!(lab.heard("bob"), []);
}

#[test]
fn a_group_is_flooded_and_let_in_where_somebody_listens() {
    let group: SocketAddr = "224.0.0.251:5000".parse().expect("an address and port");
    let mut lab = lan(Families::V4);
    lab.with_socket("bob", |host, socket| host.join_group(socket, group.ip()));
    lab.send("alice", group, b"hello");
    lab.run_ms(10);
    assert_eq!(lab.heard("bob").len(), 1);
    assert_eq!(lab.heard("carol"), []);
    let frame = lab.world.trace().entries().find_map(|(id, _)| lab.world.trace().frame(id)).expect("a frame");
    assert_eq!(frame.to.to_string(), "01:00:5e:00:00:fb");
    assert_eq!(lab.drops()[0].0, NetReason::FrameNotForMe);
}

#[test]
fn a_station_alone_on_its_network_is_heard_by_nobody() {
    let draft = Draft::new().ethernet("lan", millis(1)).host("alice", &["lan"]);
    let mut lab = talking(draft.lab(), &["alice"], Families::V4);
    let IpAddr::V4(alice) = lab.address("alice") else { panic!("IPv4") };
    lab.send("alice", at(IpAddr::V4((u32::from(alice) + 1).into())), b"hello");
    lab.run_ms(10);
    assert_eq!(lab.drops()[0].0, NetReason::FrameNowhere);
}

#[test]
fn an_idle_lan_costs_nothing() {
    let mut lab = lan(Families::Dual);
    lab.send("alice", at(lab.address("bob")), b"one");
    lab.run_ms(400_000);
    assert_eq!(lab.world.next_event_at(), None, "no timer runs for what nobody uses");
}
