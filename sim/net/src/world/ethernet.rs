//! Frames: what a switch does with them, and which of them an interface lets in. Not here: how packets get into frames ([`super::neighbors`]).

use std::collections::BTreeSet;

use rtclab_trace::{
    Change, Direction, Entity, EntryId, Frame, LinkId, MacEntryState, NetReason, NodeId, Place,
};

use super::{NO_INTERFACE, Net, discovery};
use crate::node::{Kind, Switch};
use crate::packet::{Event, Fate, Packet};
use crate::station::Learnt;
use crate::wire;
use crate::wire::ip;

impl Net {
    /// A frame reaches the far end of a link.
    pub(super) fn arrive_in_frame(
        &mut self,
        packet: Box<Packet>,
        frame: Frame,
        (link, direction): (LinkId, Direction),
        fate: Fate,
    ) {
        if fate == Fate::Corrupted {
            let rule = |_: &Net| "frame check sequence".into();
            self.end(packet, Place::Link(link, direction), NetReason::FrameCheckFailed, rule);
            return;
        }
        let end = direction.to_end();
        let node = self.ends[link.0 as usize][end];
        if self.node(node).is_switch() {
            return self.switch_frame(node, link, packet, frame);
        }
        match self.end_interfaces[link.0 as usize][end] {
            NO_INTERFACE => self.end_unplugged(node, packet),
            interface => self.let_in(node, interface, packet, frame),
        }
    }

    /// A switch learns where a frame comes from, and passes it on to where it goes.
    fn switch_frame(&mut self, node: NodeId, from: LinkId, packet: Box<Packet>, frame: Frame) {
        let now = self.now;
        let learnt = self.switch_mut(node).and_then(|switch| switch.stations.learn(now, frame.from, from));
        if let Some(learnt) = learnt {
            self.tell_station(node, learnt, true, NetReason::SwitchLearnt, packet.last);
        }
        let known = self.switch_mut(node).and_then(|switch| switch.stations.port_of(frame.to));
        // What is behind a port without a link is not there any more.
        match known.filter(|port| self.link(*port).up) {
            Some(port) if port == from => self.end_in_switch(node, packet),
            Some(port) => {
                self.transmit(port, Direction::Backward, packet, None);
            }
            None => self.flood(node, from, packet),
        }
    }

    /// A frame goes out of every port but the one that it came by.
    fn flood(&mut self, node: NodeId, from: LinkId, packet: Box<Packet>) {
        let Kind::Switch(switch) = &self.node(node).kind else { return self.end_in_switch(node, packet) };
        let ports: BTreeSet<LinkId> = switch.neighbors.values().copied().collect();
        let ports: Vec<LinkId> =
            ports.into_iter().filter(|port| *port != from && self.link(*port).up).collect();
        let Some((last, others)) = ports.split_last() else { return self.end_in_switch(node, packet) };
        let reason = Some(NetReason::SwitchFlooded.into());
        for port in others {
            let copy = self.twin(node, &packet);
            self.transmit(*port, Direction::Backward, copy, reason);
        }
        self.transmit(*last, Direction::Backward, packet, reason);
    }

    fn end_in_switch(&mut self, node: NodeId, packet: Box<Packet>) {
        let rule = |_: &Net| "no other port".into();
        self.end(packet, Place::Node(node), NetReason::FrameNowhere, rule);
    }

    /// An interface takes a frame that is for it, or for a group that it listens to (RFC 1122 §2.3.2, RFC 1112 §7.4).
    fn let_in(&mut self, node: NodeId, interface: u16, mut packet: Box<Packet>, frame: Frame) {
        let own = self.node(node).interface(interface);
        let wanted = match frame.to.is_group() {
            false => own.mac == Some(frame.to),
            true if frame.ether_type == Frame::ARP => true,
            true => ip::destination(&packet.bytes).is_some_and(|group| {
                discovery::is_own_group(own, group) || self.listens(node, interface, group)
            }),
        };
        if !wanted {
            let rule = |_: &Net| format!("for {}", frame.to);
            self.end(packet, Place::Node(node), NetReason::FrameNotForMe, rule);
            return;
        }
        // What goes on from here goes without it, or in another.
        packet.frame = None;
        if frame.ether_type == Frame::ARP {
            return self.receive_arp(node, interface, packet);
        }
        let packet = match wire::discovery::is_likely(&packet.bytes) {
            true => self.receive_discovery(node, interface, packet),
            false => Some(packet),
        };
        if let Some(packet) = packet {
            self.receive(node, interface, packet);
        }
    }

    /// Another packet of the same bytes, made by `origin` because of what happened to the first.
    pub(super) fn twin(&mut self, origin: NodeId, packet: &Packet) -> Box<Packet> {
        let mut twin = self.blank();
        twin.bytes.extend_from_slice(&packet.bytes);
        twin.id = match packet.frame {
            Some(Frame { ether_type: Frame::ARP, .. }) => self.trace.add_frame(origin, &twin.bytes),
            _ => self.trace.add_packet(origin, &twin.bytes),
        };
        (twin.last, twin.to, twin.frame) = (packet.last, packet.to, packet.frame);
        twin
    }

    /// The event that looks after a station. Returns whether it was forgotten.
    pub(super) fn look_after_station(&mut self, node: NodeId, number: u32) -> bool {
        let now = self.now;
        match self.switch_mut(node).and_then(|switch| switch.stations.look_after(now, number)) {
            None => false,
            Some(Ok(at)) => {
                self.queue.push(at, Event::Station { node, number });
                false
            }
            Some(Err(forgotten)) => {
                self.tell_station(node, forgotten, false, NetReason::SwitchAged, None);
                true
            }
        }
    }

    fn tell_station(
        &mut self,
        node: NodeId,
        learnt: Learnt,
        active: bool,
        reason: NetReason,
        cause: Option<EntryId>,
    ) {
        let Learnt { number, mac, port, look_at } = learnt;
        let change = Change::MacEntry(Box::new(MacEntryState { mac, port, active }));
        self.record(Entity::MacEntry(node, number), change, Some(reason.into()), cause);
        if let Some(at) = look_at {
            self.queue.push(at, Event::Station { node, number });
        }
    }

    fn switch_mut(&mut self, node: NodeId) -> Option<&mut Switch> {
        match &mut self.node_mut(node).kind {
            Kind::Switch(switch) => Some(switch),
            _ => None,
        }
    }
}
