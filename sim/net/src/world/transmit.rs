//! Putting packets on links and taking them off; networks. Not here: IP.

use rtclab_trace::packets::ttl_of;
use rtclab_trace::{
    Change, Direction, Entity, EntryId, Frame, LinkId, Nanos, NetReason, NodeId, Observe, Place, Reason,
    SimTime,
};

use super::{NO_INTERFACE, Net, multicast};
use crate::link::{Carried, Lost, Travel, flip};
use crate::packet::{Event, Fate, Packet};
use crate::wire::ip;

impl Net {
    /// Puts a packet on a link. Returns the entry of the hop, of the wait before it, or of the drop.
    pub(super) fn transmit(
        &mut self,
        link: LinkId,
        direction: Direction,
        packet: Box<Packet>,
        reason: Option<Reason>,
    ) -> Option<EntryId> {
        let now = self.now;
        let on = &mut self.links[link.0 as usize];
        if on.up
            && let Some(at) = on.way_mut(direction).pass(now, packet.bytes.len())
        {
            return self.send_on(link, direction, packet, at, reason);
        }
        if !on.up {
            return self.end_on_link(packet, link, direction, NetReason::LinkDown, |_| "link down".into());
        }
        match on.way_mut(direction).carry(now, packet.bytes.len()) {
            Carried::Travels(travel) => self.send_off(link, direction, packet, travel, reason),
            Carried::Waits => self.wait(link, direction, packet, reason),
            Carried::QueueFull => self.end_on_link(packet, link, direction, NetReason::QueueFull, |net| {
                net.link(link).way(direction).properties().queue.to_string()
            }),
            Carried::TooBig => self.end_on_link(packet, link, direction, NetReason::TooBig, |net| {
                format!("MTU {}", net.link(link).way(direction).properties().mtu)
            }),
        }
    }

    /// A packet leaves at once, and nothing happens to it on the way: what most packets do.
    fn send_on(
        &mut self,
        link: LinkId,
        direction: Direction,
        mut packet: Box<Packet>,
        at: SimTime,
        reason: Option<Reason>,
    ) -> Option<EntryId> {
        let travel = Travel { at, queued_ns: 0, lost: false, flipped: None, copy_at: None };
        let entry = self.record_hop(link, direction, &packet, travel, reason);
        packet.last = entry;
        self.push_arrival(link, direction, packet, Fate::Arrives, at);
        entry
    }

    /// A packet leaves, now or as soon as those before it have left.
    fn send_off(
        &mut self,
        link: LinkId,
        direction: Direction,
        mut packet: Box<Packet>,
        travel: Travel,
        reason: Option<Reason>,
    ) -> Option<EntryId> {
        let entry = self.record_hop(link, direction, &packet, travel, reason);
        packet.last = entry;
        let copy = travel.copy_at.map(|at| (at, self.copy_of(link, direction, &packet)));
        let fate = match (travel.lost, travel.flipped) {
            (true, _) => Fate::Lost,
            (false, None) => Fate::Arrives,
            (false, Some(bit)) => {
                // Whoever receives a frame sees that it is wrong, and never looks inside.
                if packet.frame.is_none() {
                    flip(&mut packet.bytes, bit);
                }
                Fate::Corrupted
            }
        };
        self.push_arrival(link, direction, packet, fate, travel.at);
        if let Some((at, mut copy)) = copy {
            let reason = Some(NetReason::LinkDuplicated.into());
            let travel = Travel { at, queued_ns: 0, lost: false, ..travel };
            copy.last = self.record_hop(link, direction, &copy, travel, reason);
            self.push_arrival(link, direction, copy, Fate::Arrives, at);
        }
        entry
    }

    #[inline]
    fn record_hop(
        &mut self,
        link: LinkId,
        direction: Direction,
        packet: &Packet,
        travel: Travel,
        reason: Option<Reason>,
    ) -> Option<EntryId> {
        let transit = Nanos(travel.at.as_nanos() - self.now.as_nanos());
        let entry =
            self.trace.record_hop(self.now, packet.id, transit, reason, packet.last, || Change::Hop {
                link,
                direction,
                ttl: ttl_of(&packet.bytes).unwrap_or(0),
                version: packet.version,
                lost: travel.lost,
                queued_us: u32::try_from(travel.queued_ns / 1_000).unwrap_or(u32::MAX),
                transit,
            });
        // What is no IP packet has its frame among its bytes.
        if let (Some(entry), Some(frame)) =
            (entry, packet.frame.filter(|frame| frame.ether_type != Frame::ARP))
        {
            self.trace.note_frame(entry, frame);
        }
        entry
    }

    #[inline]
    fn push_arrival(
        &mut self,
        link: LinkId,
        direction: Direction,
        packet: Box<Packet>,
        fate: Fate,
        at: SimTime,
    ) {
        let cuts = self.links[link.0 as usize].cuts;
        let lane = link.0 as usize * 2 + direction.from_end();
        self.queue.push_in_lane(lane, at, Event::Arrive { packet, link, direction, fate, cuts });
    }

    /// The copy that a link makes of a packet: a packet of its own, because of the hop of the first.
    fn copy_of(&mut self, link: LinkId, direction: Direction, packet: &Packet) -> Box<Packet> {
        // Nobody made it on purpose: it comes from where it was put on the link.
        let origin = self.ends[link.0 as usize][direction.from_end()];
        self.twin(origin, packet)
    }

    /// A packet waits in a queue that decides when it is about to leave.
    fn wait(
        &mut self,
        link: LinkId,
        direction: Direction,
        mut packet: Box<Packet>,
        reason: Option<Reason>,
    ) -> Option<EntryId> {
        let ttl = ttl_of(&packet.bytes).unwrap_or(0);
        let waiting = Change::Waiting { place: Place::Link(link, direction), ttl, version: packet.version };
        let entry = self.record(Entity::Packet(packet.id), waiting, reason, packet.last);
        packet.last = entry;
        let (now, own) = (self.now, &mut self.links[link.0 as usize]);
        let cuts = own.cuts;
        if let Some(at) = own.way_mut(direction).hold(packet, now, cuts) {
            self.queue.push(at, Event::Leave { link, direction });
        }
        entry
    }

    /// A link is free for those that wait.
    pub(super) fn leave(&mut self, link: LinkId, direction: Direction) {
        let (now, mut lost) = (self.now, Vec::new());
        let own = &mut self.links[link.0 as usize];
        // What waits for a link that is down is cut off like what is on it.
        let cuts = own.cuts;
        let left = own.way_mut(direction).leave(now, cuts, &mut lost);
        for lost in lost {
            match lost {
                Lost::Cut(packet) => {
                    self.end_on_link(packet, link, direction, NetReason::LinkDown, |_| {
                        "link cut while the packet waited for it".into()
                    });
                }
                Lost::Waited(packet, sojourn) => {
                    self.end_on_link(packet, link, direction, NetReason::CodelDropped, |net| {
                        let codel = net.link(link).way(direction).properties().codel;
                        let codel = codel.map_or(String::new(), |codel| codel.to_string());
                        format!("waited {sojourn:?}: {codel}")
                    });
                }
            }
        }
        if let Some((mut packet, marked, travel)) = left {
            let reason = marked.then_some(NetReason::EcnMarked.into());
            if marked {
                ip::set_ecn(&mut packet.bytes, ip::Ecn::CongestionExperienced);
                packet.version = self.trace.add_version(packet.id, packet.version, &packet.bytes);
            }
            self.send_off(link, direction, packet, travel, reason);
        }
        if let Some(at) = self.links[link.0 as usize].way_mut(direction).look_after_at() {
            self.queue.push(at, Event::Leave { link, direction });
        }
    }

    /// A packet reaches the far end of a link.
    pub(super) fn arrive(
        &mut self,
        mut packet: Box<Packet>,
        link: LinkId,
        direction: Direction,
        fate: Fate,
        cuts: u32,
    ) {
        if fate == Fate::Lost {
            self.end_on_link(packet, link, direction, NetReason::LinkLoss, |net| {
                net.link(link).way(direction).properties().loss.to_string()
            });
            return;
        }
        if self.link(link).cuts != cuts {
            self.end_on_link(packet, link, direction, NetReason::LinkDown, |_| {
                "link cut while the packet was on it".into()
            });
            return;
        }
        if let Some(frame) = packet.frame {
            return self.arrive_in_frame(packet, frame, (link, direction), fate);
        }
        if fate == Fate::Corrupted {
            packet.version = self.trace.add_version(packet.id, packet.version, &packet.bytes);
            let altered = Change::Altered { place: Place::Link(link, direction), version: packet.version };
            let reason = Some(NetReason::LinkCorrupted.into());
            packet.last = self.record(Entity::Packet(packet.id), altered, reason, packet.last);
        }
        let end = direction.to_end();
        let node = self.ends[link.0 as usize][end];
        if self.node(node).is_switch() {
            self.switch(node, link, packet);
            return;
        }
        match self.end_interfaces[link.0 as usize][end] {
            NO_INTERFACE => self.end_unplugged(node, packet),
            interface => self.receive(node, interface, packet),
        }
    }

    /// A network passes a packet on to the attachment that its frame names. `from` is the attachment that it came by.
    fn switch(&mut self, node: NodeId, from: LinkId, packet: Box<Packet>) {
        let to = packet.to;
        if to == multicast::EVERYONE {
            return self.switch_to_group(node, from, packet);
        }
        // By the numbers of interfaces: the node itself may lie far behind the caches, and is not needed yet.
        let is_plugged = |_: &&[NodeId; 2]| self.end_interfaces[to.0 as usize][0] != NO_INTERFACE;
        let ends = self.ends.get(to.0 as usize).filter(|ends| ends[1] == node);
        let Some(&[owner, _]) = ends.filter(is_plugged) else {
            let place = Place::Node(node);
            self.end(packet, place, NetReason::NoNeighbor, |_| "the next hop has left the network".into());
            return;
        };
        let mtu = self.link(to).way(Direction::Backward).properties().mtu;
        if packet.bytes.len() > mtu as usize {
            return self.switch_too_big(node, from, owner, packet, mtu);
        }
        self.transmit(to, Direction::Backward, packet, None);
    }

    /// A packet reaches a node that has no interface there any more, though its link was joined again.
    pub(super) fn end_unplugged(&mut self, node: NodeId, packet: Box<Packet>) {
        let rule = |_: &Net| "not plugged in any more".into();
        self.end(packet, Place::Node(node), NetReason::NoNeighbor, rule);
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
