//! What is written can be read back: interfaces, times, directions, bytes and comments.

use rtclab_trace::{
    Direction, Encapsulation, Entity, LinkInfo, Nanos, NetReason, NodeId, NodeInfo, NodeKind, Observe,
    PacketId, Place, Topology,
};

use super::*;
use crate::read::{CaptureFile, PacketDirection};

/// Two hosts with a link between them.
fn two_hosts() -> (Trace, LinkId) {
    let mut topology = Topology::default();
    let mut host = |name: &str| {
        topology.add_node(NodeInfo { name: name.into(), kind: NodeKind::Host, role: String::new() })
    };
    let nodes = [host("alice"), host("bob")];
    let interfaces = ["eth0".to_string(), "wlan0".to_string()];
    let link = topology.add_link(LinkInfo { nodes, interfaces, encapsulation: Encapsulation::Ip });
    (Trace::new(topology, Observe::Full), link)
}

/// A packet from 192.0.2.1 to 192.0.2.2 with a right checksum.
fn packet() -> Vec<u8> {
    let mut packet = Vec::new();
    etherparse::PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
        .udp(4000, 5000)
        .write(&mut packet, b"hello")
        .unwrap();
    packet
}

fn hop(link: LinkId, queued_us: u32, lost: bool) -> Change {
    let (direction, transit) = (Direction::Forward, Nanos(20_000_007));
    Change::Hop { link, direction, ttl: 63, version: 0, lost, queued_us, transit }
}

/// Sends a packet at 1 s; it waits for 5 ms, and is then delivered or lost after 20 ms.
fn send(trace: &mut Trace, link: LinkId, lost: bool) -> PacketId {
    let at = SimTime::from_millis(1_000);
    let asked = trace.record(at, Entity::World, Change::action("say hello"), None, None);
    let id = trace.add_packet(NodeId(0), &packet());
    let entity = Entity::Packet(id);
    let hop = trace.record(at, entity, hop(link, 5_000, lost), None, asked);
    let arrives = Nanos(20_000_007).after(at);
    if lost {
        let change = Change::dropped(Place::Link(link, Direction::Forward), "loss 5 %");
        trace.record(arrives, entity, change, Some(NetReason::LinkLoss.into()), hop);
    } else {
        trace.record(arrives, entity, Change::Delivered { node: NodeId(1), version: 0 }, None, hop);
    }
    id
}

fn written(trace: &Trace, about: About<'_>) -> Vec<u8> {
    let mut file = Vec::new();
    write_pcapng(trace, &mut file, about).unwrap();
    file
}

#[test]
fn a_delivered_packet_is_seen_at_both_ends() {
    let (mut trace, link) = two_hosts();
    send(&mut trace, link, false);
    let about = About { comment: "two hosts, seed 7", start: Duration::from_secs(100) };
    let file = written(&trace, about);
    let capture = CaptureFile::read(&file);
    assert!(capture.findings.is_empty(), "{:?}", capture.findings);
    assert_eq!(capture.comments, ["two hosts, seed 7"]);
    let names: Vec<_> = capture.interfaces.iter().map(|interface| interface.name.as_str()).collect();
    assert_eq!(names, ["alice.eth0", "bob.wlan0"]);
    assert!(capture.interfaces.iter().all(|interface| interface.link_type == LinkType::RAW));
    let seen: Vec<_> = capture
        .packets
        .iter()
        .map(|packet| (packet.interface, packet.at_ns.unwrap(), packet.direction))
        .collect();
    assert_eq!(
        seen,
        [
            (0, 101_005_000_000, Some(PacketDirection::Outbound)),
            (1, 101_020_000_007, Some(PacketDirection::Inbound)),
        ]
    );
    assert_eq!(capture.packets[0].data[8], 63, "with the TTL of the hop");
    assert_eq!(capture.comments_of(0), ["Because of entry 0, world: say hello."]);
    assert!(capture.comments_of(1).is_empty());
}

#[test]
fn written_packets_have_right_checksums() {
    let (mut trace, link) = two_hosts();
    send(&mut trace, link, false);
    let file = written(&trace, About::default());
    for packet in CaptureFile::read(&file).packets {
        let dissection = crate::dissect(Encapsulation::Ip, packet.data);
        assert!(dissection.findings().is_empty(), "{}", dissection.to_text());
    }
}

#[test]
fn a_lost_packet_is_only_seen_leaving_and_says_why() {
    let (mut trace, link) = two_hosts();
    send(&mut trace, link, true);
    let file = written(&trace, About::default());
    let capture = CaptureFile::read(&file);
    assert_eq!(capture.packets.len(), 1);
    let comment = &capture.comments_of(0)[0];
    assert!(
        comment.starts_with("Dropped at alice.eth0 → bob.wlan0 (loss 5 %). The link lost it"),
        "{comment}"
    );
    assert!(comment.ends_with("[link-loss]"), "{comment}");
}

#[test]
fn a_packet_that_is_dropped_where_it_arrives_says_why_there() {
    let (mut trace, link) = two_hosts();
    let id = trace.add_packet(NodeId(0), &packet());
    let entity = Entity::Packet(id);
    let hop = trace.record(SimTime::ZERO, entity, hop(link, 0, false), None, None);
    let change = Change::dropped(Place::Node(NodeId(1)), "port 5000");
    trace.record(SimTime::from_nanos(20_000_007), entity, change, Some(NetReason::PortClosed.into()), hop);
    let file = written(&trace, About::default());
    let capture = CaptureFile::read(&file);
    assert!(capture.comments_of(0).is_empty());
    assert_eq!(
        capture.comments_of(1),
        [
            "Dropped at bob (port 5000). No socket is bound to the destination port. [port-closed, RFC 1122 §4.1.3.1]"
        ]
    );
}

#[test]
fn a_packet_that_is_passed_on_says_by_whom_and_since_when() {
    let (mut trace, link) = two_hosts();
    let id = trace.add_packet(NodeId(0), &packet());
    let entity = Entity::Packet(id);
    let first = trace.record(SimTime::ZERO, entity, hop(link, 0, false), None, None);
    trace.record(SimTime::from_nanos(20_000_007), entity, hop(link, 0, false), None, first);
    let file = written(&trace, About::default());
    assert_eq!(CaptureFile::read(&file).comments_of(2), ["Forwarded by alice; it came with entry 0."]);
}

#[test]
fn what_is_under_way_when_the_trace_ends_has_not_arrived() {
    let (mut trace, link) = two_hosts();
    let id = trace.add_packet(NodeId(0), &packet());
    trace.record(SimTime::ZERO, Entity::Packet(id), hop(link, 0, false), None, None);
    let file = written(&trace, About::default());
    assert_eq!(CaptureFile::read(&file).packets.len(), 1);
}

#[test]
fn blocks_are_in_order_of_time() {
    let (mut trace, link) = two_hosts();
    for at in 0..10 {
        let id = trace.add_packet(NodeId(0), &packet());
        let queued_us = if at == 0 { 15_000 } else { 0 };
        trace.record(SimTime::from_millis(at), Entity::Packet(id), hop(link, queued_us, false), None, None);
    }
    trace.record(SimTime::from_millis(100), Entity::World, Change::action("the end"), None, None);
    let file = written(&trace, About::default());
    let times: Vec<_> = CaptureFile::read(&file).packets.iter().map(|packet| packet.at_ns).collect();
    assert_eq!(times.len(), 20);
    assert!(times.is_sorted());
}

#[test]
fn a_capture_survives_becoming_a_trace_and_a_capture_again() {
    let (mut trace, link) = two_hosts();
    send(&mut trace, link, false);
    let file = written(&trace, About::default());
    let first = CaptureFile::read(&file);
    let (inferred, _) = crate::trace_of(&first);
    let again = written(&inferred, About::default());
    let second = CaptureFile::read(&again);
    let packets = |capture: &CaptureFile<'_>| -> Vec<(i64, Vec<u8>)> {
        let start = capture.packets[0].at_ns.unwrap();
        capture.packets.iter().map(|packet| (packet.at_ns.unwrap() - start, packet.data.to_vec())).collect()
    };
    assert_eq!(packets(&first), packets(&second));
}

#[test]
fn a_very_long_comment_is_cut() {
    let (mut trace, link) = two_hosts();
    let asked = trace.record(SimTime::ZERO, Entity::World, Change::action("é".repeat(100_000)), None, None);
    let id = trace.add_packet(NodeId(0), &packet());
    trace.record(SimTime::ZERO, Entity::Packet(id), hop(link, 0, false), None, asked);
    let file = written(&trace, About::default());
    assert!(CaptureFile::read(&file).comments_of(0)[0].ends_with('…'));
}
