//! Packets between IPv6 and IPv4 at a NAT64 (RFC 6146). Not here: what it decides (`nat`), the bytes (`wire::translate64`).

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use rtclab_trace::{NetReason, NodeId, Place};

use super::Net;
use crate::flow::{self, Seen};
use crate::nat::Outbound64;
use crate::packet::Packet;
use crate::plan::Side;
use crate::wire::ip::Header;
use crate::wire::translate64::{self, Ends};

impl Net {
    /// Whether a packet of IPv6 is for the IPv4 side of this NAT.
    pub(super) fn is_for_nat64(&self, node: NodeId, interface: u16, header: &Header) -> bool {
        let IpAddr::V6(destination) = header.destination else { return false };
        self.node(node).side(interface) == Side::Inside
            && self.nat(node).is_some_and(|nat| nat.embedded(destination).is_some())
    }

    /// A packet of IPv6 from inside, to an address below the prefix.
    pub(super) fn receive_at_nat64(&mut self, node: NodeId, packet: Box<Packet>, header: &Header) {
        if header.ttl <= 1 {
            return self.refuse_ttl(node, packet, header);
        }
        let seen = flow::see(&packet.bytes, header);
        let (now, protocol, cause) = (self.now, header.protocol, packet.last);
        let Some(nat) = self.nat_mut(node) else { return };
        let verdict = nat.outbound64(now, seen, protocol, cause);
        self.hear_nat(node);
        match verdict {
            Ok(outbound) => self.send_translated64(node, packet, header, seen, outbound),
            Err(refused) => self.refuse_by_nat(node, packet, header, refused),
        }
    }

    fn send_translated64(
        &mut self,
        node: NodeId,
        packet: Box<Packet>,
        header: &Header,
        seen: Seen,
        outbound: Outbound64,
    ) {
        let Outbound64 { source, destination, returns } = outbound;
        let identification = packet.id.0 as u16;
        let ends = Ends { source: source.into(), destination: destination.into() };
        let bytes = match seen {
            // Who sends the error received what it quotes.
            Seen::Error { .. } => {
                let quoted = Ends { source: destination.into(), destination: source.into() };
                let addresses = (source.ip().to_owned().into(), destination.ip().to_owned().into());
                translate64::translate_error(&packet.bytes, header, addresses, quoted)
            }
            _ => translate64::translate(&packet.bytes, header, ends, identification),
        };
        // RFC 6146 §3.8: for another host inside, it comes back as if from outside.
        let bytes = match (bytes, returns) {
            (Some(bytes), Some(target)) => self.back_to_v6(node, &bytes, source.into(), target),
            (bytes, _) => bytes,
        };
        let to = returns.map_or(IpAddr::V4(*destination.ip()), |target| target.ip());
        self.send_in_other_family(node, packet, header, bytes, to);
    }

    fn back_to_v6(
        &self,
        node: NodeId,
        bytes: &[u8],
        source: SocketAddr,
        target: SocketAddr,
    ) -> Option<Vec<u8>> {
        let IpAddr::V4(address) = source.ip() else { return None };
        let header = Header::parse(bytes).ok()?;
        let source = SocketAddr::new(self.nat(node)?.embed(address).into(), source.port());
        translate64::translate(bytes, &header, Ends { source, destination: target }, 0)
    }

    /// A packet of IPv4 from outside, for an IPv6 host.
    pub(super) fn pass_in64(
        &mut self,
        node: NodeId,
        packet: Box<Packet>,
        header: &Header,
        seen: Seen,
        target: (Ipv6Addr, u16),
    ) {
        let embed = |address: IpAddr| match address {
            IpAddr::V4(address) => self.nat(node).map(|nat| IpAddr::V6(nat.embed(address))),
            IpAddr::V6(_) => None,
        };
        let host = IpAddr::V6(target.0);
        let inside = SocketAddr::new(host, target.1);
        let bytes = embed(header.source).and_then(|from| match seen {
            Seen::Session { flow, .. } => {
                let ends = Ends { source: SocketAddr::new(from, flow.source.port()), destination: inside };
                translate64::translate(&packet.bytes, header, ends, 0)
            }
            Seen::Error { quoted, .. } => {
                let remote = SocketAddr::new(embed(quoted.destination.ip())?, quoted.destination.port());
                let quoted = Ends { source: inside, destination: remote };
                translate64::translate_error(&packet.bytes, header, (from, host), quoted)
            }
            Seen::Other => None,
        });
        self.send_in_other_family(node, packet, header, bytes, host);
    }

    /// Sends what a packet has become, if it has become anything and there is a way for it.
    fn send_in_other_family(
        &mut self,
        node: NodeId,
        mut packet: Box<Packet>,
        header: &Header,
        bytes: Option<Vec<u8>>,
        to: IpAddr,
    ) {
        let Some(bytes) = bytes else {
            let rule = |_: &Net| format!("protocol {} has no form in the other family", header.protocol);
            self.end(packet, Place::Node(node), NetReason::NotTranslatable, rule);
            return;
        };
        match self.path(node, to, None).and_then(|path| self.reach(node, path, &bytes)) {
            Ok(out) => {
                packet.version = self.trace.add_version(packet.id, packet.version, &bytes);
                packet.bytes.clear();
                packet.bytes.extend_from_slice(&bytes);
                self.pass_on(node, out, packet);
            }
            Err(blocked) => {
                self.refuse_blocked(node, packet, header, blocked.in_other_family(header.is_ipv4()))
            }
        }
    }
}
