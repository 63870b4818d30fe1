//! An observer of a world: reads new entries of its trace and holds them against the rules.

mod nat;

use std::collections::{BTreeMap, BTreeSet};

use rtclab_net::wire::arp::Arp;
use rtclab_net::wire::ip::{self, Header};
use rtclab_net::wire::{icmp, udp};
use rtclab_net::{NatConfig, World};
use rtclab_trace::{
    Change, Encapsulation, Entity, Entry, EntryId, Frame, LinkId, NetReason, NodeId, PacketId, Place,
    SimTime, Trace,
};

use nat::NatModel;

/// Where a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// On a link, as this entry has it, until this time.
    OnLink(Crossing, SimTime),
    /// In the queue of a link, since this entry.
    Queued(EntryId),
    /// At a node since this entry: with other fragments at its destination, or because nobody knows yet where the next hop is.
    Held(EntryId),
    /// Delivered, dropped, or made into others.
    Ended,
}

impl Life {
    /// The last entry about it.
    fn last(self) -> Option<EntryId> {
        match self {
            Life::OnLink(crossing, _) => Some(crossing.entry),
            Life::Queued(entry) | Life::Held(entry) => Some(entry),
            Life::Ended => None,
        }
    }
}

/// A packet on a link that it takes to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crossing {
    pub(crate) link: LinkId,
    /// Has its bytes as they arrive.
    pub(crate) entry: EntryId,
}

/// What it has seen so far.
#[derive(Debug)]
pub(crate) struct Checker {
    seen: usize,
    now: SimTime,
    packets: BTreeMap<PacketId, Life>,
    /// Packets in which a link flipped a bit.
    altered: BTreeSet<PacketId>,
    /// Where and when a corrupted part was last put together with others.
    tainted: Option<(NodeId, SimTime)>,
    /// Where packets came from that were made into fragments: by the entry that says so.
    origins: BTreeMap<EntryId, Crossing>,
    nats: Vec<NatModel>,
}

impl Checker {
    pub(crate) fn new(world: &World, nats: &[(String, NatConfig)]) -> Checker {
        let model = |(name, config): &(String, NatConfig)| NatModel::new(world.trace(), name, config.clone());
        let nats = nats.iter().map(model).collect();
        Checker {
            seen: 0,
            now: SimTime::ZERO,
            packets: BTreeMap::new(),
            altered: BTreeSet::new(),
            tainted: None,
            origins: BTreeMap::new(),
            nats,
        }
    }

    /// Rebinds one of the NATs.
    pub(crate) fn rebind(&mut self, world: &mut World, nat: usize) {
        let count = self.nats.len();
        let model = &mut self.nats[nat % count];
        world.rebind_nat(model.node, None).expect("a NAT");
        model.forget();
    }

    /// Looks at everything new.
    pub(crate) fn check(&mut self, world: &World) {
        let trace = world.trace();
        while let Some(id) = trace.id_at(self.seen) {
            let entry = trace.entry(id);
            assert!(entry.at >= self.now, "time goes back at {}", trace.line(id));
            self.now = entry.at;
            assert!(entry.cause.is_none_or(|cause| cause < id), "{}", trace.line(id));
            if let Entity::Packet(packet) = entry.entity {
                self.check_packet(world, packet, id, entry);
            }
            self.seen += 1;
        }
        let under_way = self.packets.values().filter(|life| **life != Life::Ended).count() as u64;
        let looping = trace.packets().len() as u64 - self.packets.len() as u64;
        assert_eq!(world.packets_in_flight(), under_way + looping, "packets are neither lost nor made up");
    }

    /// Nothing is left to happen.
    pub(crate) fn check_end(&mut self, world: &World) {
        self.check(world);
        assert_eq!(world.packets_in_flight(), 0);
        let counters = world.trace().counters();
        let ended = counters.packets_delivered + counters.packets_dropped + counters.packets_replaced;
        assert_eq!(counters.packets_sent, ended);
    }

    fn check_packet(&mut self, world: &World, packet: PacketId, id: EntryId, entry: &Entry) {
        let trace = world.trace();
        let before = self.packets.get(&packet).copied();
        assert_ne!(before, Some(Life::Ended), "{} comes after the packet's end", trace.line(id));
        if let Some(before) = before {
            assert_eq!(entry.cause, before.last(), "{}", trace.line(id));
        }
        if let Some(Life::OnLink(_, arrives_at)) = before {
            assert_eq!(entry.at, arrives_at, "{}", trace.line(id));
        }
        // A fragment goes on where the packet was that it was made of.
        let from = match (before, entry.cause) {
            (Some(Life::OnLink(crossing, _)), _) => Some(crossing),
            (None, Some(cause)) => self.origins.get(&cause).copied(),
            _ => None,
        };
        let after = match &entry.change {
            Change::Hop { link, transit, .. } => {
                self.check_hop(trace, packet, id, *link, from);
                Life::OnLink(Crossing { link: *link, entry: id }, transit.after(entry.at))
            }
            Change::Waiting { place: Place::Link(link, _), .. } => {
                self.check_hop(trace, packet, id, *link, from);
                Life::Queued(id)
            }
            Change::Waiting { place: Place::Node(node), .. } => {
                if entry.reason == Some(NetReason::NeighborUnknown.into()) {
                    self.nats.iter_mut().for_each(|nat| nat.wait(trace, *node, from, id));
                }
                Life::Held(id)
            }
            Change::Altered { .. } => {
                self.altered.insert(packet);
                let link = from.expect("on a link").link;
                Life::OnLink(Crossing { link, entry: id }, entry.at)
            }
            Change::Replaced { node, .. } => {
                self.nats.iter_mut().for_each(|nat| nat.put_together(trace, *node, id));
                // What a corrupted part is put together with is wrong as a whole.
                let here = Some((*node, entry.at));
                if self.altered.contains(&packet) {
                    self.tainted = here;
                } else if self.tainted == here {
                    self.altered.insert(packet);
                }
                if let Some(from) = from {
                    self.origins.insert(id, from);
                }
                Life::Ended
            }
            Change::Delivered { .. } => Life::Ended,
            Change::Dropped(dropped) => {
                assert!(!dropped.rule.is_empty() && entry.reason.is_some(), "{}", trace.line(id));
                if let Some(from) = from {
                    self.nats.iter_mut().for_each(|nat| nat.drop(trace, from, entry));
                }
                Life::Ended
            }
            other => panic!("{other:?} is not about a packet"),
        };
        self.packets.insert(packet, after);
    }

    /// A packet is put on a link, or in its queue, after it came `from` another.
    fn check_hop(
        &mut self,
        trace: &Trace,
        packet: PacketId,
        id: EntryId,
        link: LinkId,
        from: Option<Crossing>,
    ) {
        // What a link has corrupted is wrong by intent, and so is what quotes it or was made of it.
        let altered = |entity| matches!(entity, Entity::Packet(packet) if self.altered.contains(&packet));
        let by_intent = self.altered.contains(&packet)
            || trace.causes_of(id).any(|cause| altered(trace.entry(cause).entity));
        if !by_intent {
            check_frame(trace, packet, id, link);
        }
        self.nats.iter_mut().for_each(|nat| nat.hop(trace, from, Crossing { link, entry: id }));
    }
}

/// What is on a link begins as the link does, and what a frame carries is right.
fn check_frame(trace: &Trace, packet: PacketId, id: EntryId, link: LinkId) {
    let (bytes, line) = (trace.bytes_at(id).expect("of a packet"), trace.line(id));
    let framed = trace.topology().link(link).encapsulation == Encapsulation::Ethernet;
    let is_hop = matches!(trace.entry(id).change, Change::Hop { .. });
    if trace.packets().info(packet).encapsulation == Encapsulation::Ethernet {
        assert!(framed, "{line}");
        assert!(Arp::parse(&bytes).is_some(), "{line}");
        return;
    }
    let frame = trace.frame(id);
    assert_eq!(frame.is_some(), framed && is_hop, "{line}");
    if let Some(frame) = frame {
        let expected = if bytes[0] >> 4 == 4 { Frame::IPV4 } else { Frame::IPV6 };
        assert!(frame.ether_type == expected && !frame.from.is_group() && frame.to != frame.from, "{line}");
    }
    check_bytes(&bytes, &line);
}

/// Everything that was sent right is right on every link.
fn check_bytes(bytes: &[u8], line: &str) {
    let header = Header::parse(bytes).unwrap_or_else(|error| panic!("{error} at {line}"));
    assert!(header.ttl > 0, "{line}");
    // Checksums of what is behind the header cover the whole datagram, which its destination will look at.
    if header.fragment.is_some() {
        return;
    }
    if header.protocol == ip::UDP {
        udp::parse(bytes, &header).unwrap_or_else(|error| panic!("{error} at {line}"));
    } else {
        let message = icmp::parse(bytes, &header).unwrap_or_else(|error| panic!("{error} at {line}"));
        if let icmp::Message::Error(_) = message.message {
            let quoted = &bytes[message.body..message.end];
            // RFC 792, RFC 5508 §4: whoever gets an error is told of a packet that it sent itself, on either side of a NAT.
            let sender = Header::parse_quoted(quoted).map(|quoted| quoted.source);
            assert_eq!(sender, Ok(header.destination), "{line}");
            check_quotation(quoted, line);
        }
    }
}

/// What an error quotes is a packet as it once was: its checksums are right too, except that a long one is cut short.
fn check_quotation(quoted: &[u8], line: &str) {
    if Header::parse(quoted).is_err() {
        let header = Header::parse_quoted(quoted).unwrap_or_else(|error| panic!("{error} at {line}"));
        assert_eq!(header.end, quoted.len(), "cut short, not wrong, at {line}");
        return;
    }
    check_bytes(quoted, line);
}
