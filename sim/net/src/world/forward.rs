//! A packet reaches a node: for itself, or to be passed on. Not here: what NATs ([`super::translate`]) and firewalls
//! ([`super::filter`]) decide.

use rtclab_trace::{NetReason, NodeId, Place};

use super::Net;
use super::send::{Blocked, Out};
use crate::node::Kind;
use crate::packet::Packet;
use crate::wire::icmp;
use crate::wire::ip::{self, Header};

impl Net {
    /// A packet reaches a node on an interface.
    pub(super) fn receive(&mut self, node: NodeId, interface: u16, packet: Box<Packet>) {
        let parsed = Header::parse(&packet.bytes);
        // Borrowed, not moved: a header is too large to be copied for every hop.
        let header = match &parsed {
            Ok(header) => header,
            Err(problem) => return self.malformed(node, packet, problem),
        };
        let own = self.node(node);
        if matches!(own.kind, Kind::Nat(_)) && header.is_ipv4() {
            return self.receive_at_nat(node, interface, packet, header);
        }
        if matches!(own.kind, Kind::Nat(_)) && self.is_for_nat64(node, interface, header) {
            return self.receive_at_nat64(node, packet, header);
        }
        if own.has_address(header.destination) {
            return self.deliver(node, packet, header);
        }
        match own.kind {
            Kind::Host if self.listens(node, interface, header.destination) => {
                self.deliver(node, packet, header);
            }
            Kind::Host => {
                let rule = |_: &Net| format!("{} is not an address of this host", header.destination);
                self.end(packet, Place::Node(node), NetReason::NotForMe, rule);
            }
            Kind::Firewall(_) => self.forward_at_firewall(node, interface, packet, header),
            Kind::Router | Kind::Switch(_) | Kind::Nat(_) => self.forward(node, packet, header),
        }
    }

    /// A node passes a packet on by its routes.
    pub(super) fn forward(&mut self, node: NodeId, packet: Box<Packet>, header: &Header) {
        if header.ttl <= 1 {
            return self.refuse_ttl(node, packet, header);
        }
        let path = self.path(node, header.destination, None);
        match path.and_then(|path| self.reach(node, path, &packet.bytes)) {
            Ok(out) => self.pass_on(node, out, packet),
            Err(blocked) => self.refuse_blocked(node, packet, header, blocked),
        }
    }

    /// The last thing that a forwarding node does with a packet.
    pub(super) fn pass_on(&mut self, node: NodeId, out: Out, mut packet: Box<Packet>) {
        ip::decrement_ttl(&mut packet.bytes);
        self.emit(node, out, packet, None);
    }

    /// The same of a packet that a NAT has translated; `original` is how its sender knows it.
    pub(super) fn pass_on_translated(
        &mut self,
        node: NodeId,
        out: Out,
        mut packet: Box<Packet>,
        original: Option<Vec<u8>>,
    ) {
        ip::decrement_ttl(&mut packet.bytes);
        self.emit_as(node, out, packet, (None, None), original);
    }

    /// RFC 1812 §5.3.1: a router does not pass on what would leave with a TTL of zero.
    pub(super) fn refuse_ttl(&mut self, node: NodeId, packet: Box<Packet>, header: &Header) {
        let rule = |_: &Net| "TTL reached zero".into();
        let error = icmp::ErrorKind::TimeExceeded;
        self.refuse(node, packet, header, NetReason::TtlExceeded, error, rule);
    }

    /// There is no way on for a packet.
    pub(super) fn refuse_blocked(
        &mut self,
        node: NodeId,
        packet: Box<Packet>,
        header: &Header,
        blocked: Blocked,
    ) {
        let destination = header.destination;
        let rule = move |_: &Net| blocked.rule(destination);
        self.refuse(node, packet, header, blocked.reason(), blocked.error(), rule);
    }
}
