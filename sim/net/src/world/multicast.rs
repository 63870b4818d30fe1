//! Groups of a link: multicast that stays on one network, to everyone who listens there (RFC 1112, RFC 4291 §2.7). Not here: groups beyond
//! a link, which nothing routes.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use rtclab_trace::{Direction, LinkId, NetReason, NodeId, Place};

use super::Net;
use super::send::Blocked;
use crate::host::sockets::Socket;
use crate::node::Kind;
use crate::packet::Packet;
use crate::routing::Path;
use crate::wire::ip::Header;

/// In the place of an attachment: every one whose node listens.
pub(super) const EVERYONE: LinkId = LinkId(u32::MAX - 1);

/// Whether an address is that of a group that no router passes on (RFC 5771 §4, RFC 4291 §2.7).
pub(super) fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => matches!(v4.octets(), [224, 0, 0, _]),
        IpAddr::V6(v6) => v6.segments()[0] & 0xff0f == 0xff02,
    }
}

impl Net {
    /// The way to a group of the link: out of the interface of the socket, or of the first one of the family. Only hosts and NATs have
    /// anything to say to groups.
    pub(super) fn path_to_group(
        &self,
        node: NodeId,
        group: IpAddr,
        only: Option<u16>,
    ) -> Result<Path, Blocked> {
        let own = self.node(node);
        if !matches!(own.kind, Kind::Host | Kind::Nat(_)) {
            return Err(Blocked::NoRoute);
        }
        let speaks = |interface: &crate::node::Interface| interface.first(group.is_ipv4()).is_some();
        let first = || own.interfaces.iter().position(speaks).map(|place| place as u16);
        let interface = only.or_else(first).ok_or(Blocked::NoRoute)?;
        Ok(Path { interface, neighbor: Some(EVERYONE) })
    }

    /// Whether a node has a socket that listens to a group on an interface.
    pub(super) fn listens(&self, node: NodeId, interface: u16, group: IpAddr) -> bool {
        let own = self.node(node);
        let has = |address: IpAddr| own.interface(interface).has(address);
        group.is_multicast() && own.sockets.members(group, has).next().is_some()
    }

    /// The socket for a datagram to a group: the senders of a link's groups are on the link, which tells the interface.
    pub(super) fn member_for(&self, node: NodeId, from: IpAddr, to: SocketAddr) -> Option<&Socket> {
        let own = self.node(node);
        let is_here = |address: IpAddr| {
            let interface = own.interfaces.iter().find(|interface| interface.has(address));
            interface.and_then(|interface| interface.address_towards(from)) == Some(address)
        };
        own.sockets.members(to.ip(), is_here).find(|socket| socket.local.port() == to.port())
    }

    /// A network passes a packet to a group on to every attachment whose node listens, but not back to where it came from. The others'
    /// interfaces would not let it in (RFC 1112 §7.4), so it is not sent to them.
    pub(super) fn switch_to_group(&mut self, node: NodeId, from: LinkId, packet: Box<Packet>) {
        let Ok(header) = Header::parse(&packet.bytes) else {
            return self.end_in_group(node, packet);
        };
        let group = header.destination;
        let Kind::Switch(switch) = &self.node(node).kind else { return self.end_in_group(node, packet) };
        let attached: BTreeSet<LinkId> =
            switch.neighbors.values().copied().filter(|link| *link != from).collect();
        let listening = attached.into_iter().filter(|link| {
            let [owner, _] = self.ends[link.0 as usize];
            let interface = self.node(owner).interface_on(*link);
            interface.is_some_and(|interface| self.listens(owner, interface, group))
        });
        let listening: Vec<LinkId> = listening.collect();
        let Some((last, others)) = listening.split_last() else {
            return self.end_in_group(node, packet);
        };
        for link in others {
            let mut copy = self.blank();
            copy.bytes.extend_from_slice(&packet.bytes);
            copy.id = self.trace.add_packet(node, &copy.bytes);
            copy.last = packet.last;
            copy.to = *link;
            self.transmit(*link, Direction::Backward, copy, Some(NetReason::CopiedToGroup.into()));
        }
        self.transmit(*last, Direction::Backward, packet, None);
    }

    fn end_in_group(&mut self, node: NodeId, packet: Box<Packet>) {
        let rule = |_: &Net| "nobody on the network listens to the group".into();
        self.end(packet, Place::Node(node), NetReason::NobodyInGroup, rule);
    }
}
