//! A packet is for the node that it reached: sockets, echoes, errors. Not here: what programs do with it.

use std::net::SocketAddr;

use rtclab_trace::{Change, Entity, EntryId, NetReason, NodeId, Place};

use super::{Call, Net, What};
use crate::packet::Packet;
use crate::program::{Unreachable, UnreachableKind};
use crate::wire::icmp::{self, ErrorKind, Icmp, Message};
use crate::wire::ip::{self, Header, Malformed};
use crate::wire::udp;

impl Net {
    /// A packet that the node sent to itself.
    pub(super) fn loop_back(&mut self, node: NodeId, packet: Box<Packet>) {
        match Header::parse(&packet.bytes) {
            Ok(header) if self.node(node).has_address(header.destination) => {
                self.deliver(node, packet, &header)
            }
            Ok(header) => {
                let rule = |_: &Net| format!("{} is gone", header.destination);
                self.end(packet, Place::Node(node), NetReason::NotForMe, rule);
            }
            Err(problem) => self.malformed(node, packet, &problem),
        }
    }

    /// A packet to one of the node's addresses.
    pub(super) fn deliver(&mut self, node: NodeId, packet: Box<Packet>, header: &Header) {
        if let Some(fragment) = header.fragment {
            return self.reassemble(node, packet, header, fragment);
        }
        if let Some(program) = self.node(node).sockets.taker_of(header.protocol) {
            let input = self.delivered(node, &packet);
            self.call = Some(Call { node, program, input, what: What::Packet(packet) });
            return;
        }
        if header.protocol == ip::UDP {
            return self.deliver_udp(node, packet, header);
        }
        if header.protocol == ip::TCP {
            return self.deliver_tcp(node, packet, header);
        }
        if icmp::is_icmp(header) {
            return self.deliver_icmp(node, packet, header);
        }
        let rule = |_: &Net| format!("protocol {}", header.protocol);
        let from = Some(header.destination);
        let (reason, error) = (NetReason::ProtocolUnknown, ErrorKind::ProtocolUnreachable);
        self.refuse_as(node, from, packet, header, reason, error, rule);
    }

    fn deliver_udp(&mut self, node: NodeId, packet: Box<Packet>, header: &Header) {
        let datagram = match udp::parse(&packet.bytes, header) {
            Ok(datagram) => datagram,
            Err(problem) => return self.malformed(node, packet, &problem),
        };
        let from = SocketAddr::new(header.source, datagram.source);
        let to = SocketAddr::new(header.destination, datagram.destination);
        let socket = match to.ip().is_multicast() {
            false => self.node(node).sockets.for_datagram(to),
            true => self.member_for(node, from.ip(), to),
        };
        let Some(socket) = socket else {
            let rule = |_: &Net| format!("no socket on UDP port {}", to.port());
            // RFC 1122 §3.2.2: the error comes from the address that the datagram was for.
            let (reason, error) = (NetReason::PortClosed, ErrorKind::PortUnreachable);
            return self.refuse_as(node, Some(to.ip()), packet, header, reason, error, rule);
        };
        let (program, socket) = (socket.program, socket.id);
        let input = self.delivered(node, &packet);
        let payload = datagram.payload..datagram.end;
        let ecn = ip::ecn(&packet.bytes);
        let what = What::Datagram { packet, payload, socket, ends: [from, to], ttl: header.ttl, ecn };
        self.call = Some(Call { node, program, input, what });
    }

    fn deliver_icmp(&mut self, node: NodeId, packet: Box<Packet>, header: &Header) {
        let icmp = match icmp::parse(&packet.bytes, header) {
            Ok(icmp) => icmp,
            Err(problem) => return self.malformed(node, packet, &problem),
        };
        let input = self.delivered(node, &packet);
        match icmp.message {
            Message::EchoRequest { identifier, sequence } => {
                let why = (Some(NetReason::EchoReplied.into()), input);
                let reply = Message::EchoReply { identifier, sequence };
                let (from, to) = (Some(header.destination), header.source);
                // A reply that finds no way is dropped, which the trace says.
                let _ = self.send_echo(node, from, to, reply, &packet.bytes[icmp.body..icmp.end], why);
            }
            Message::EchoReply { identifier, sequence } => {
                if let Some(program) = self.node(node).sockets.echo(identifier) {
                    let (from, ttl, data) = (header.source, header.ttl, icmp.body..icmp.end);
                    let what = What::EchoReply { packet, data, from, identifier, sequence, ttl };
                    self.call = Some(Call { node, program, input, what });
                    return;
                }
            }
            Message::Error(kind) => {
                if let ErrorKind::TooBig { mtu } = kind {
                    self.learn_path_mtu(node, &packet.bytes[icmp.body..icmp.end], mtu, input);
                }
                if !self.error_for_stream(node, &packet, icmp, kind, input) {
                    self.call = self.error_for_socket(node, &packet, header, icmp, kind, input);
                }
            }
            Message::Other => {}
        }
        self.recycle(packet);
    }

    /// RFC 1122 §4.1.3.3: an error about a datagram is passed to the socket that sent it.
    fn error_for_socket(
        &self,
        node: NodeId,
        packet: &Packet,
        header: &Header,
        icmp: Icmp,
        kind: ErrorKind,
        input: Option<EntryId>,
    ) -> Option<Call> {
        let kind = match kind {
            ErrorKind::NetworkUnreachable => UnreachableKind::Network,
            ErrorKind::HostUnreachable => UnreachableKind::Host,
            ErrorKind::ProtocolUnreachable => UnreachableKind::Protocol,
            ErrorKind::PortUnreachable => UnreachableKind::Port,
            ErrorKind::Prohibited => UnreachableKind::Prohibited,
            ErrorKind::TimeExceeded => UnreachableKind::TimeExceeded,
            ErrorKind::ReassemblyTimeExceeded => UnreachableKind::ReassemblyTimeExceeded,
            ErrorKind::TooBig { mtu } => UnreachableKind::TooBig { mtu },
            ErrorKind::Other => return None,
        };
        let quoted = &packet.bytes[icmp.body..icmp.end];
        let inner = Header::parse_quoted(quoted).ok()?;
        if inner.protocol != ip::UDP || inner.later_fragment {
            return None;
        }
        let (source, destination) = udp::ports(quoted, &inner)?;
        let socket = self.node(node).sockets.for_datagram(SocketAddr::new(inner.source, source))?;
        let to = SocketAddr::new(inner.destination, destination);
        let report = Unreachable { socket: socket.id, to, kind, reported_by: header.source };
        Some(Call { node, program: socket.program, input, what: What::Unreachable(report) })
    }

    pub(super) fn delivered(&mut self, node: NodeId, packet: &Packet) -> Option<EntryId> {
        let change = Change::Delivered { node, version: packet.version };
        self.record(Entity::Packet(packet.id), change, None, packet.last)
    }

    /// A packet cannot be read.
    pub(super) fn malformed(&mut self, node: NodeId, packet: Box<Packet>, problem: &Malformed) {
        let altered = matches!(problem, Malformed::HeaderChecksum | Malformed::Checksum);
        self.unreadable(node, packet, altered, problem);
    }

    /// The same, in the words of any protocol; `altered` if a checksum says that its bytes are not those that were sent.
    pub(super) fn unreadable(
        &mut self,
        node: NodeId,
        packet: Box<Packet>,
        altered: bool,
        problem: &dyn std::fmt::Display,
    ) {
        let reason = if altered { NetReason::WrongChecksum } else { NetReason::Malformed };
        self.end(packet, Place::Node(node), reason, |_| problem.to_string());
    }
}
