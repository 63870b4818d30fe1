//! Packets that are longer than the next link takes: split where that is allowed, reported where it is not. Not here: the bytes
//! (`wire::fragment`), and the other end ([`super::reassemble`]).

use rtclab_trace::{Change, Direction, Entity, EntryId, LinkId, NetReason, NodeId, Place, Reason};

use super::Net;
use crate::packet::Packet;
use crate::wire::fragment;
use crate::wire::icmp::{self, ErrorKind};
use crate::wire::ip::Header;

/// A packet that a node splits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Splitting {
    pub(super) node: NodeId,
    /// Where the fragments go.
    pub(super) link: LinkId,
    pub(super) direction: Direction,
    /// By this interface, where it is one of Ethernet and each has to find its next hop.
    pub(super) framed: Option<u16>,
    pub(super) mtu: u32,
    /// Why the fragments are sent.
    pub(super) part_reason: NetReason,
}

impl Net {
    /// Ends a packet and sends fragments of it. Returns the entry of its end, which is their cause.
    pub(super) fn split(
        &mut self,
        splitting: Splitting,
        packet: Box<Packet>,
        reason: Option<Reason>,
    ) -> Option<EntryId> {
        let Splitting { node, link, direction, framed, mtu, part_reason } = splitting;
        let identification = self.node_mut(node).next_identification();
        let Some(parts) = fragment::split(&packet.bytes, mtu as usize, identification) else {
            let rule = move |_: &Net| format!("MTU {mtu}");
            return self.end(packet, Place::Node(node), NetReason::TooBig, rule);
        };
        let replaced = Change::Replaced { node, version: packet.version };
        let entry = self.record(Entity::Packet(packet.id), replaced, reason, packet.last);
        let to = packet.to;
        self.recycle(packet);
        for bytes in parts {
            let mut part = self.blank();
            part.bytes = bytes;
            part.id = self.trace.add_packet(node, &part.bytes);
            (part.last, part.to) = (entry, to);
            let reason = Some(part_reason.into());
            match framed {
                Some(interface) => self.send_framed(node, interface, part, reason, None),
                None => self.transmit(link, direction, part, reason),
            };
        }
        entry
    }

    /// A packet is longer than the link of the attachment takes that it is for, whose owner is `owner`. In the middle of a network there are
    /// routers, though a plan does not name them: they do what routers do.
    pub(super) fn switch_too_big(
        &mut self,
        node: NodeId,
        from: LinkId,
        owner: NodeId,
        packet: Box<Packet>,
        mtu: u32,
    ) {
        let (link, direction) = (packet.to, Direction::Backward);
        if fragment::is_allowed(&packet.bytes) {
            let (framed, part_reason) = (None, NetReason::Fragmented);
            let splitting = Splitting { node, link, direction, framed, mtu, part_reason };
            self.split(splitting, packet, Some(NetReason::Fragmented.into()));
            return;
        }
        let header = Header::parse(&packet.bytes).ok();
        let header = header.filter(|header| super::report::may_be_reported(&packet.bytes, header));
        // A router in the middle of a network has no address there, so it uses the one at the far end of the narrow link.
        let reporter = header.and_then(|header| {
            let own = self.node(owner);
            let interface = own.interface_on(link)?;
            let address = own.interfaces[usize::from(interface)].first(header.is_ipv4())?;
            Some((address, header.source))
        });
        let quoted = reporter.map(|_| packet.bytes.clone());
        let dropped =
            self.end(packet, Place::Link(link, direction), NetReason::TooBig, |_| format!("MTU {mtu}"));
        if let (Some((address, sender)), Some(quoted)) = (reporter, quoted) {
            let mut report = self.blank();
            icmp::build_error(&mut report.bytes, address, sender, ErrorKind::TooBig { mtu }, &quoted);
            report.id = self.trace.add_packet(node, &report.bytes);
            (report.last, report.to) = (dropped, from);
            self.transmit(from, direction, report, Some(NetReason::IcmpGenerated.into()));
        }
    }
}
