//! An observer of a world: reads new entries of its trace and holds them against the rules.

mod nat;

use std::collections::BTreeMap;

use rtclab_net::wire::ip::{self, Header};
use rtclab_net::wire::{icmp, udp};
use rtclab_net::{NatConfig, World};
use rtclab_trace::{Change, Entity, Entry, EntryId, PacketId, SimTime};

use nat::NatModel;

/// Where a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// On a link, since this entry, until this time.
    OnLink(EntryId, SimTime),
    /// Delivered or dropped.
    Ended,
}

/// What it has seen so far.
#[derive(Debug)]
pub(crate) struct Checker {
    seen: usize,
    now: SimTime,
    packets: BTreeMap<PacketId, Life>,
    nats: Vec<NatModel>,
}

impl Checker {
    pub(crate) fn new(world: &World, nats: &[(String, NatConfig)]) -> Checker {
        let model = |(name, config): &(String, NatConfig)| NatModel::new(world.trace(), name, config.clone());
        let nats = nats.iter().map(model).collect();
        Checker { seen: 0, now: SimTime::ZERO, packets: BTreeMap::new(), nats }
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
        let on_links = self.packets.values().filter(|life| **life != Life::Ended).count() as u64;
        let looping = trace.packets().len() as u64 - self.packets.len() as u64;
        assert_eq!(world.packets_in_flight(), on_links + looping, "packets are neither lost nor made up");
    }

    /// Nothing is left to happen.
    pub(crate) fn check_end(&mut self, world: &World) {
        self.check(world);
        assert_eq!(world.packets_in_flight(), 0);
        let counters = world.trace().counters();
        assert_eq!(counters.packets_sent, counters.packets_delivered + counters.packets_dropped);
    }

    fn check_packet(&mut self, world: &World, packet: PacketId, id: EntryId, entry: &Entry) {
        let trace = world.trace();
        let before = self.packets.get(&packet).copied();
        match before {
            Some(Life::Ended) => panic!("{} comes after the packet's end", trace.line(id)),
            Some(Life::OnLink(hop, arrives_at)) => {
                assert_eq!(entry.cause, Some(hop), "{}", trace.line(id));
                assert_eq!(entry.at, arrives_at, "{}", trace.line(id));
            }
            None => {}
        }
        let after = match &entry.change {
            Change::Hop { transit, .. } => {
                check_bytes(&trace.bytes_at(id).expect("of a packet"), &trace.line(id));
                let from = match before {
                    Some(Life::OnLink(hop, _)) => Some(hop),
                    _ => None,
                };
                self.nats.iter_mut().for_each(|nat| nat.hop(trace, from, id));
                Life::OnLink(id, transit.after(entry.at))
            }
            Change::Delivered { .. } => Life::Ended,
            Change::Dropped(dropped) => {
                assert!(!dropped.rule.is_empty() && entry.reason.is_some(), "{}", trace.line(id));
                if let Some(Life::OnLink(hop, _)) = before {
                    self.nats.iter_mut().for_each(|nat| nat.drop(trace, hop, entry));
                }
                Life::Ended
            }
            other => panic!("{other:?} is not about a packet"),
        };
        self.packets.insert(packet, after);
    }
}

/// Everything that was sent right is right on every link.
fn check_bytes(bytes: &[u8], line: &str) {
    let header = Header::parse(bytes).unwrap_or_else(|error| panic!("{error} at {line}"));
    assert!(header.ttl > 0, "{line}");
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
