//! A packet reaches a node: for itself, or to be passed on. Not here: what NATs and firewalls decide (`nat`, `firewall`).

use rtclab_trace::{NetReason, NodeId, Place};

use super::{Call, Net};
use crate::node::Kind;
use crate::packet::Packet;
use crate::wire::icmp;
use crate::wire::ip::{self, Header};

impl Net {
    /// A packet reaches a node on an interface.
    pub(super) fn receive(&mut self, node: NodeId, interface: u16, packet: Packet) -> Option<Call> {
        let header = match Header::parse(&packet.bytes) {
            Ok(header) => header,
            Err(problem) => {
                let rule = |_: &Net| problem.to_string();
                self.end(packet, Place::Node(node), NetReason::Malformed, rule);
                return None;
            }
        };
        if self.node(node).has_address(header.destination) {
            return self.deliver(node, packet, &header);
        }
        if matches!(self.node(node).kind, Kind::Host) {
            let rule = |_: &Net| format!("{} is not an address of this host", header.destination);
            self.end(packet, Place::Node(node), NetReason::NotForMe, rule);
            return None;
        }
        self.forward(node, interface, packet, &header);
        None
    }

    /// A node passes a packet on.
    fn forward(&mut self, node: NodeId, _interface: u16, mut packet: Packet, header: &Header) {
        // RFC 1812 §5.3.1: a router does not pass on what would leave with a TTL of zero.
        if header.ttl <= 1 {
            let rule = |_: &Net| "TTL reached zero".into();
            return self.refuse(
                node,
                packet,
                header,
                NetReason::TtlExceeded,
                icmp::ErrorKind::TimeExceeded,
                rule,
            );
        }
        match self.way_out(node, header.destination, packet.bytes.len(), None) {
            Ok(out) => {
                ip::decrement_ttl(&mut packet.bytes);
                self.emit(node, out, packet, None);
            }
            Err(blocked) => {
                let destination = header.destination;
                let rule = move |_: &Net| blocked.rule(destination);
                self.refuse(node, packet, header, blocked.reason(), blocked.error(), rule);
            }
        }
    }
}
