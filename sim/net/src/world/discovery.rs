//! ARP and neighbor discovery: who asks for a hardware address, who answers, and what is learnt from it. Not here: what becomes of the answer
//! (`neighbor`), and the bytes (`wire::arp`, `wire::discovery`).

use std::net::{IpAddr, Ipv6Addr};

use rtclab_trace::{EntryId, MacAddress, NetReason, NodeId, Place};

use super::Net;
use crate::neighbor::{Answer, Key};
use crate::node::{Interface, Kind};
use crate::packet::Packet;
use crate::wire::arp::{Arp, Operation};
use crate::wire::discovery::{Flags, Message};
use crate::wire::ethernet::{ALL_NODES, solicited_node};
use crate::wire::ip::Header;

/// Whether an interface listens to a group by itself: to all nodes, and to those who look for its addresses (RFC 4861 §7.2.1).
pub(super) fn is_own_group(interface: &Interface, group: IpAddr) -> bool {
    let IpAddr::V6(group) = group else { return false };
    let own = interface.addresses.iter().filter_map(|(address, _)| match address {
        IpAddr::V6(v6) => Some(*v6),
        IpAddr::V4(_) => None,
    });
    own.into_iter().any(|own| group == ALL_NODES || group == solicited_node(own))
}

impl Net {
    /// Asks for a neighbor's hardware address: everybody, or the neighbor itself whether it is still there.
    pub(super) fn ask(&mut self, node: NodeId, key: Key, to: Option<MacAddress>, cause: Option<EntryId>) {
        let own = self.node(node).interface(key.interface);
        let (Some(mac), Some(source)) = (own.mac, own.address_towards(key.address)) else { return };
        match (source, key.address) {
            (IpAddr::V4(source), IpAddr::V4(target)) => {
                let reason = if to.is_some() { NetReason::NeighborDoubted } else { NetReason::ArpRequested };
                let to = to.unwrap_or(MacAddress::BROADCAST);
                self.send_arp(node, key.interface, Arp::request((mac, source), target), to, reason, cause);
            }
            (IpAddr::V6(source), IpAddr::V6(target)) => {
                let message = Message::Solicitation { target, source_mac: Some(mac) };
                // RFC 4861 §7.2.2, §7.3.3: to the few who may have it, or to whoever had it.
                let (to, reason) = match to {
                    Some(_) => (target, NetReason::NeighborDoubted),
                    None => (solicited_node(target), NetReason::NeighborSolicited),
                };
                self.send_discovery(node, key.interface, message, (source, to), reason, cause);
            }
            _ => {}
        }
    }

    /// Tells the network of an interface that its addresses are here now (RFC 5227 §3, RFC 4861 §7.2.6).
    pub(super) fn announce(&mut self, node: NodeId, interface: u16, cause: Option<EntryId>) {
        let own = self.node(node).interface(interface);
        let Some(mac) = own.mac else { return };
        let reason = NetReason::AddressAnnounced;
        for (address, _) in own.addresses.clone() {
            match address {
                IpAddr::V4(v4) => {
                    let everybody = MacAddress::BROADCAST;
                    self.send_arp(node, interface, Arp::request((mac, v4), v4), everybody, reason, cause);
                }
                IpAddr::V6(v6) => {
                    let message = self.advertisement(node, v6, mac, false);
                    self.send_discovery(node, interface, message, (v6, ALL_NODES), reason, cause);
                }
            }
        }
    }

    /// A frame with a message of ARP was let in. RFC 826, "Packet Reception".
    pub(super) fn receive_arp(&mut self, node: NodeId, interface: u16, packet: Box<Packet>) {
        let Some(arp) = Arp::parse(&packet.bytes) else {
            let rule = |_: &Net| "not a message of ARP for IPv4 over Ethernet".into();
            self.end(packet, Place::Node(node), NetReason::Malformed, rule);
            return;
        };
        let entry = self.delivered(node, &packet);
        self.recycle(packet);
        let own = self.node(node).interface(interface);
        let (mac, address) = arp.sender;
        let is_mine = own.has(arp.target.1.into());
        // Whoever claims an address of ours is not believed.
        if own.has(address.into()) {
            return;
        }
        let (now, key) = (self.now, Key { interface, address: address.into() });
        let neighbors = self.neighbors_of(node);
        let released = match arp.operation {
            Operation::Reply => neighbors.answered(now, key, mac, Answer::Reply, entry),
            Operation::Request => neighbors.overheard(now, key, mac, is_mine, entry),
        };
        self.hear_neighbors(node);
        self.release(node, key, mac, released);
        if arp.operation == Operation::Request
            && is_mine
            && let Some(own_mac) = self.node(node).interface(interface).mac
        {
            let reason = NetReason::ArpAnswered;
            self.send_arp(node, interface, arp.answer(own_mac), mac, reason, entry);
        }
    }

    /// A frame with a message of neighbor discovery was let in. Gives it back if it is another one, or does not count.
    pub(super) fn receive_discovery(
        &mut self,
        node: NodeId,
        interface: u16,
        packet: Box<Packet>,
    ) -> Option<Box<Packet>> {
        let header = Header::parse(&packet.bytes).ok();
        let read = header.and_then(|header| Some((header, Message::parse(&packet.bytes, &header)?)));
        let Some((header, message)) = read else { return Some(packet) };
        let entry = self.delivered(node, &packet);
        self.recycle(packet);
        match message {
            Message::Solicitation { target, source_mac } => {
                self.solicited(node, interface, (header.source, source_mac), target, entry);
            }
            Message::Advertisement { target, target_mac, flags } => {
                let Flags { solicited, overrides, .. } = flags;
                let key = Key { interface, address: target.into() };
                let answer = Answer::Advertisement { solicited, overrides };
                // RFC 4861 §7.2.5: without the address there is nothing to learn for whoever does not know it.
                let known = self.neighbors_of(node).mac_of(key);
                if let Some(mac) = target_mac.or(known) {
                    let now = self.now;
                    let released = self.neighbors_of(node).answered(now, key, mac, answer, entry);
                    self.hear_neighbors(node);
                    self.release(node, key, mac, released);
                }
            }
        }
        None
    }

    /// Somebody looks for an address. RFC 4861 §7.2.3, §7.2.4.
    fn solicited(
        &mut self,
        node: NodeId,
        interface: u16,
        (from, source_mac): (IpAddr, Option<MacAddress>),
        target: Ipv6Addr,
        entry: Option<EntryId>,
    ) {
        let own = self.node(node).interface(interface);
        let (Some(mac), IpAddr::V6(asker)) = (own.mac, from) else { return };
        if !own.has(target.into()) || own.has(from) {
            return;
        }
        if let Some(source_mac) = source_mac {
            let (now, key) = (self.now, Key { interface, address: from });
            let released = self.neighbors_of(node).overheard(now, key, source_mac, true, entry);
            self.hear_neighbors(node);
            self.release(node, key, source_mac, released);
        }
        // Whoever has no address yet is answered in front of all.
        let (to, solicited) = if asker.is_unspecified() { (ALL_NODES, false) } else { (asker, true) };
        let message = self.advertisement(node, target, mac, solicited);
        let reason = NetReason::NeighborAdvertised;
        self.send_discovery(node, interface, message, (target, to), reason, entry);
    }

    fn advertisement(&self, node: NodeId, target: Ipv6Addr, mac: MacAddress, solicited: bool) -> Message {
        let router = !matches!(self.node(node).kind, Kind::Host);
        let flags = Flags { router, solicited, overrides: true };
        Message::Advertisement { target, target_mac: Some(mac), flags }
    }

    fn send_arp(
        &mut self,
        node: NodeId,
        interface: u16,
        arp: Arp,
        to: MacAddress,
        reason: NetReason,
        cause: Option<EntryId>,
    ) {
        let own = self.node(node).interface(interface);
        let (link, direction) = (own.link, own.direction);
        let mut packet = self.blank();
        packet.frame = Some(arp.build(&mut packet.bytes, to));
        packet.id = self.trace.add_frame(node, &packet.bytes);
        packet.last = cause;
        self.transmit(link, direction, packet, Some(reason.into()));
    }

    fn send_discovery(
        &mut self,
        node: NodeId,
        interface: u16,
        message: Message,
        (from, to): (Ipv6Addr, Ipv6Addr),
        reason: NetReason,
        cause: Option<EntryId>,
    ) {
        let mut packet = self.blank();
        message.build(&mut packet.bytes, from, to);
        packet.id = self.trace.add_packet(node, &packet.bytes);
        packet.last = cause;
        self.send_framed(node, interface, packet, Some(reason.into()), None);
    }
}
