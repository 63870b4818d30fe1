//! Packets that leave by an Ethernet interface: each needs the hardware address of its next hop, and waits until it is known. Not here: what is
//! known (`neighbor`), and the messages that ask and answer ([`super::discovery`]).

use std::net::IpAddr;

use rtclab_trace::packets::ttl_of;
use rtclab_trace::{
    Change, Entity, EntryId, Frame, MacAddress, NeighborState, NetReason, NodeId, Place, Reason,
};

use super::Net;
use crate::neighbor::{Ask, Held, Key, Neighbors, News};
use crate::packet::{Event, Packet};
use crate::randomness::Stream;
use crate::wire::ethernet;
use crate::wire::icmp::ErrorKind;
use crate::wire::ip::{self, Header};

impl Net {
    /// A packet leaves by an Ethernet interface, as soon as it is known to which station. `quoted` is what an error about it quotes, if not
    /// the packet as it is. Returns the entry of its hop, of its wait, or of its end.
    pub(super) fn send_framed(
        &mut self,
        node: NodeId,
        interface: u16,
        mut packet: Box<Packet>,
        reason: Option<Reason>,
        quoted: Option<Vec<u8>>,
    ) -> Option<EntryId> {
        let Some(destination) = ip::destination(&packet.bytes) else {
            return self.end(packet, Place::Node(node), NetReason::Malformed, |_| "no destination".into());
        };
        if destination.is_multicast() {
            return self.put_in_frame(node, interface, packet, ethernet::group(destination), reason);
        }
        let key = Key { interface, address: self.next_hop(node, interface, destination) };
        let now = self.now;
        let known = self.node(node).neighbors.as_ref().and_then(|neighbors| neighbors.mac_of(key));
        let entry = match known {
            Some(mac) => {
                let entry = self.put_in_frame(node, interface, packet, mac, reason);
                self.neighbors_of(node).used(now, key, entry);
                entry
            }
            None => {
                let ttl = ttl_of(&packet.bytes).unwrap_or(0);
                let waiting = Change::Waiting { place: Place::Node(node), ttl, version: packet.version };
                let why = Some(NetReason::NeighborUnknown.into());
                let entry = self.record(Entity::Packet(packet.id), waiting, why, packet.last);
                packet.last = entry;
                self.neighbors_of(node).hold(now, key, Held { packet, reason, quoted }, entry);
                entry
            }
        };
        self.hear_neighbors(node);
        entry
    }

    /// Who a packet goes to next by the routes of its node, out of an interface that they have named.
    fn next_hop(&self, node: NodeId, interface: u16, destination: IpAddr) -> IpAddr {
        let route = self.node(node).routes.lookup(destination, Some(interface));
        route.and_then(|route| route.via).unwrap_or(destination)
    }

    /// Puts an IP packet on the link of an Ethernet interface.
    fn put_in_frame(
        &mut self,
        node: NodeId,
        interface: u16,
        mut packet: Box<Packet>,
        to: MacAddress,
        reason: Option<Reason>,
    ) -> Option<EntryId> {
        let own = self.node(node).interface(interface);
        let (link, direction) = (own.link, own.direction);
        let ether_type = ethernet::type_of(&packet.bytes);
        packet.frame = own.mac.map(|from| Frame { to, from, ether_type });
        self.transmit(link, direction, packet, reason)
    }

    /// What waited for a neighbor leaves.
    pub(super) fn release(
        &mut self,
        node: NodeId,
        key: Key,
        mac: MacAddress,
        released: impl IntoIterator<Item = Held>,
    ) {
        for held in released {
            self.put_in_frame(node, key.interface, held.packet, mac, held.reason);
        }
    }

    pub(super) fn neighbors_of(&mut self, node: NodeId) -> &mut Neighbors {
        let seed = self.seed;
        let own = self.node_mut(node);
        let random = || Box::new(Neighbors::new(Stream::new(seed, "neighbors", &own.name)));
        own.neighbors.get_or_insert_with(random)
    }

    /// The event that looks after a neighbor. Returns whether anything came of it.
    pub(super) fn look_after_neighbor(&mut self, node: NodeId, number: u32) -> bool {
        let now = self.now;
        let due = self.neighbors_of(node).look_after(now, number);
        self.hear_neighbors(node);
        due
    }

    /// Does what the cache of neighbors of a node asks for.
    pub(super) fn hear_neighbors(&mut self, node: NodeId) {
        let Some(outbox) = self.neighbors_of(node).take_outbox() else { return };
        for News { number, key, mac, phase, reason, cause } in outbox.news {
            let interface = self.node(node).interface(key.interface).name.clone();
            let state = NeighborState { interface, address: key.address, mac, phase };
            let change = Change::Neighbor(Box::new(state));
            let entry = self.record(Entity::Neighbor(node, number), change, Some(reason.into()), cause);
            self.neighbors_of(node).told(number, entry);
        }
        for (at, number) in outbox.wakes {
            self.queue.push(at, Event::Neighbor { node, number });
        }
        for Ask { key, to } in outbox.asks {
            let cause = self.neighbors_of(node).last_told(key);
            self.ask(node, key, to, cause);
        }
        for (held, key, reason) in outbox.lost {
            self.give_up(node, held, key.address, reason);
        }
    }

    /// A packet has waited in vain. RFC 1122 §3.3.2 and RFC 4861 §7.2.2: its sender is told, unless it only had to make room.
    fn give_up(&mut self, node: NodeId, held: Held, neighbor: IpAddr, reason: NetReason) {
        let Held { packet, quoted, .. } = held;
        let tells = reason == NetReason::NeighborUnresolved;
        let quoted = tells.then(|| quoted.unwrap_or_else(|| packet.bytes.clone()));
        let rule = |_: &Net| match tells {
            true => format!("nobody answers for {neighbor}"),
            false => format!("waited for {neighbor}"),
        };
        let dropped = self.end(packet, Place::Node(node), reason, rule);
        let Some(quoted) = quoted else { return };
        if let Ok(header) = Header::parse_quoted(&quoted)
            && super::report::may_be_reported(&quoted, &header)
        {
            self.report(node, None, header.source, ErrorKind::HostUnreachable, &quoted, dropped);
        }
    }
}
