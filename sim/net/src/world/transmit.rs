//! Putting packets on links and taking them off; networks. Not here: IP.

use rtclab_trace::packets::ttl_of;
use rtclab_trace::{
    Change, Direction, Entity, EntryId, LinkId, Nanos, NetReason, NodeId, Observe, Place, Reason,
};

use super::Net;
use crate::link::Carried;
use crate::packet::{Event, Packet};

impl Net {
    /// Puts a packet on a link. Returns the entry of the hop, or of the drop.
    pub(super) fn transmit(
        &mut self,
        link: LinkId,
        direction: Direction,
        mut packet: Box<Packet>,
        reason: Option<Reason>,
    ) -> Option<EntryId> {
        let now = self.now;
        let on = &mut self.links[link.0 as usize];
        if !on.up {
            return self.end_on_link(packet, link, direction, NetReason::LinkDown, |_| "link down".into());
        }
        let cuts = on.cuts;
        match on.way_mut(direction).carry(now, packet.bytes.len()) {
            Carried::Arrives { at, queued_ns, lost } => {
                let hop = Change::Hop {
                    link,
                    direction,
                    ttl: ttl_of(&packet.bytes).unwrap_or(0),
                    version: packet.version,
                    lost,
                    queued_us: u32::try_from(queued_ns / 1_000).unwrap_or(u32::MAX),
                    transit: Nanos(at.as_nanos() - now.as_nanos()),
                };
                let entry = self.trace.record(now, Entity::Packet(packet.id), hop, reason, packet.last);
                packet.last = entry;
                let lane = link.0 as usize * 2 + direction.from_end();
                self.queue.push_in_lane(lane, at, Event::Arrive { packet, link, direction, lost, cuts });
                entry
            }
            Carried::QueueFull => self.end_on_link(packet, link, direction, NetReason::QueueFull, |net| {
                let waiting = net.link(link).way(direction).properties().queue_packets;
                format!("queue of {waiting} packets")
            }),
            Carried::TooBig => self.end_on_link(packet, link, direction, NetReason::TooBig, |net| {
                format!("MTU {}", net.link(link).way(direction).properties().mtu)
            }),
        }
    }

    /// A packet reaches the far end of a link.
    pub(super) fn arrive(
        &mut self,
        packet: Box<Packet>,
        link: LinkId,
        direction: Direction,
        lost: bool,
        cuts: u32,
    ) {
        if lost {
            self.end_on_link(packet, link, direction, NetReason::LinkLoss, |net| {
                let loss = net.link(link).way(direction).properties().loss;
                format!("loss {} %", (loss * 1e5).round() / 1e3)
            });
            return;
        }
        if self.link(link).cuts != cuts {
            self.end_on_link(packet, link, direction, NetReason::LinkDown, |_| {
                "link cut while the packet was on it".into()
            });
            return;
        }
        let end = direction.to_end();
        let node = self.ends[link.0 as usize][end];
        if self.node(node).is_switch() {
            self.switch(node, packet);
            return;
        }
        let interface = self.end_interfaces[link.0 as usize][end];
        self.receive(node, interface, packet);
    }

    /// A network passes a packet on to the attachment that its frame names.
    fn switch(&mut self, node: NodeId, packet: Box<Packet>) {
        let to = packet.to;
        let here = self.ends.get(to.0 as usize).is_some_and(|ends| ends[1] == node);
        let attached = here && {
            let [owner, _] = self.ends[to.0 as usize];
            self.node(owner).interface_on(to).is_some()
        };
        if attached {
            self.transmit(to, Direction::Backward, packet, None);
        } else {
            let place = Place::Node(node);
            self.end(packet, place, NetReason::NoNeighbor, |_| "the next hop has left the network".into());
        }
    }

    /// A packet ends on a link.
    fn end_on_link(
        &mut self,
        packet: Box<Packet>,
        link: LinkId,
        direction: Direction,
        reason: NetReason,
        rule: impl FnOnce(&Net) -> String,
    ) -> Option<EntryId> {
        self.end(packet, Place::Link(link, direction), reason, rule)
    }

    /// A packet ends: every drop of a world goes through here. The rule is put into words only if somebody will read them.
    pub(super) fn end(
        &mut self,
        packet: Box<Packet>,
        place: Place,
        reason: NetReason,
        rule: impl FnOnce(&Net) -> String,
    ) -> Option<EntryId> {
        let rule = match self.trace.observe() {
            Observe::Full => rule(self),
            Observe::Summary => String::new(),
        };
        let change = Change::dropped(place, rule);
        let entry = self.record(Entity::Packet(packet.id), change, Some(reason.into()), packet.last);
        self.recycle(packet);
        entry
    }
}
