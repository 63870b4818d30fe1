//! Packets that a node makes: source address, route, first hop. Not here: packets that it passes on ([`super::forward`]).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rtclab_trace::{EntryId, LinkId, NetReason, NodeId, Place, Reason};

use super::{Net, multicast};
use crate::error::SendError;
use crate::host::sockets::{Fragmentation, Handling, Socket};
use crate::node::Kind;
use crate::packet::{Event, Packet};
use crate::routing::Path;
use crate::wire::ip::{self, Header};
use crate::wire::translate64::GROWTH;
use crate::wire::{fragment, icmp, udp};

use super::fragment::Splitting;

/// Why a node makes a packet: the reason and the cause of its first entry.
pub(crate) type Why = (Option<Reason>, Option<EntryId>);

/// The way out of a node for a packet that can take it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Out {
    pub(super) interface: u16,
    /// Whom the frame is for.
    pub(super) to: LinkId,
    /// The packet is longer than this, but may be fragmented.
    split: Option<u32>,
}

/// Why there is no way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    NoRoute,
    NoNeighbor,
    TooBig { mtu: u32 },
}

impl Blocked {
    pub(super) fn reason(self) -> NetReason {
        match self {
            Blocked::NoRoute => NetReason::NoRoute,
            Blocked::NoNeighbor => NetReason::NoNeighbor,
            Blocked::TooBig { .. } => NetReason::TooBig,
        }
    }

    pub(super) fn error(self) -> icmp::ErrorKind {
        match self {
            Blocked::NoRoute => icmp::ErrorKind::NetworkUnreachable,
            Blocked::NoNeighbor => icmp::ErrorKind::HostUnreachable,
            Blocked::TooBig { mtu } => icmp::ErrorKind::TooBig { mtu },
        }
    }

    /// As the sender of a packet that is being translated has to hear it: what fits the other side is twenty bytes more or less on its own.
    pub(super) fn in_other_family(self, from_v4: bool) -> Blocked {
        match self {
            Blocked::TooBig { mtu } if from_v4 => Blocked::TooBig { mtu: mtu.saturating_sub(GROWTH) },
            Blocked::TooBig { mtu } => Blocked::TooBig { mtu: mtu + GROWTH },
            other => other,
        }
    }

    pub(super) fn rule(self, destination: IpAddr) -> String {
        match self {
            Blocked::NoRoute => format!("no route to {destination}"),
            Blocked::NoNeighbor => format!("nobody answers for {destination}"),
            Blocked::TooBig { mtu } => format!("MTU {mtu}"),
        }
    }
}

impl From<Blocked> for SendError {
    fn from(blocked: Blocked) -> SendError {
        match blocked {
            Blocked::NoRoute => SendError::NoRoute,
            Blocked::NoNeighbor => SendError::NoNeighbor,
            Blocked::TooBig { mtu } => SendError::TooBig { mtu },
        }
    }
}

impl Net {
    /// The way out of `node` by its routes; `only` out of one interface, if given.
    pub(super) fn path(&self, node: NodeId, destination: IpAddr, only: Option<u16>) -> Result<Path, Blocked> {
        let routes = &self.node(node).routes;
        if only.is_none()
            && let Some(path) = routes.remembered(destination)
        {
            return Ok(path);
        }
        let broadcast = destination == IpAddr::V4(Ipv4Addr::BROADCAST);
        if multicast::is_link_local(destination) {
            return self.path_to_group(node, destination, only);
        }
        // Groups beyond a link have no route.
        if destination.is_multicast() || destination.is_unspecified() || broadcast {
            return Err(Blocked::NoRoute);
        }
        let route = routes.lookup(destination, only).ok_or(Blocked::NoRoute)?;
        let neighbor = match route.via {
            Some(_) => route.neighbor,
            None => self.neighbor(node, route.interface, destination),
        };
        let path = Path { interface: route.interface, neighbor };
        if only.is_none() {
            routes.remember(destination, path);
        }
        Ok(path)
    }

    /// Whether a packet that a node passes on can go that way.
    pub(super) fn reach(&self, node: NodeId, path: Path, bytes: &[u8]) -> Result<Out, Blocked> {
        let to = path.neighbor.ok_or(Blocked::NoNeighbor)?;
        let mtu = self.link_mtu(node, path);
        let split = match bytes.len() > mtu as usize {
            false => None,
            true if fragment::is_allowed(bytes) => Some(mtu),
            true => return Err(Blocked::TooBig { mtu }),
        };
        Ok(Out { interface: path.interface, to, split })
    }

    /// Whether a packet that a node makes can go that way, and whole.
    fn reach_first(
        &self,
        node: NodeId,
        path: Path,
        to: IpAddr,
        length: usize,
        fragmentation: Fragmentation,
    ) -> Result<Out, Blocked> {
        let neighbor = path.neighbor.ok_or(Blocked::NoNeighbor)?;
        let link_mtu = self.link_mtu(node, path);
        let mtu = match fragmentation {
            Fragmentation::Anywhere if to.is_ipv4() => link_mtu,
            _ => self.path_mtu(node, to, link_mtu),
        };
        let split = match (length > mtu as usize, fragmentation) {
            (false, _) => None,
            (true, Fragmentation::Never) => return Err(Blocked::TooBig { mtu }),
            (true, Fragmentation::AtSource | Fragmentation::Anywhere) => Some(mtu),
        };
        Ok(Out { interface: path.interface, to: neighbor, split })
    }

    pub(super) fn link_mtu(&self, node: NodeId, path: Path) -> u32 {
        let interface = self.node(node).interface(path.interface);
        self.link(interface.link).way(interface.direction).properties().mtu
    }

    fn neighbor(&self, node: NodeId, interface: u16, address: IpAddr) -> Option<LinkId> {
        crate::routing::neighbor(&self.nodes, &self.ends, self.node(node), interface, address)
    }

    /// Puts a packet on the link of an interface.
    pub(super) fn emit(
        &mut self,
        node: NodeId,
        out: Out,
        packet: Box<Packet>,
        reason: Option<Reason>,
    ) -> Option<EntryId> {
        self.emit_as(node, out, packet, (reason, None), None)
    }

    /// The same; `source` says that the node made the packet, and so fragments it as its source. `quoted` is what an error quotes that comes of
    /// it later, where that is not the packet as it leaves.
    pub(super) fn emit_as(
        &mut self,
        node: NodeId,
        out: Out,
        mut packet: Box<Packet>,
        (reason, source): (Option<Reason>, Option<NetReason>),
        quoted: Option<Vec<u8>>,
    ) -> Option<EntryId> {
        packet.to = out.to;
        let interface = self.node(node).interface(out.interface);
        let (link, direction, framed) = (interface.link, interface.direction, interface.mac.is_some());
        let Some(mtu) = out.split else {
            return match framed {
                false => self.transmit(link, direction, packet, reason),
                true => self.send_framed(node, out.interface, packet, reason, quoted),
            };
        };
        let part_reason = source.unwrap_or(NetReason::Fragmented);
        let reason = if source.is_some() { reason } else { Some(part_reason.into()) };
        let framed = framed.then_some(out.interface);
        self.split(Splitting { node, link, direction, framed, mtu, part_reason }, packet, reason)
    }

    /// The address that a packet to `destination` leaves from.
    pub(crate) fn source_towards(&self, node: NodeId, destination: IpAddr) -> Option<IpAddr> {
        let own = self.node(node);
        if own.has_address(destination) {
            return Some(destination);
        }
        let path = self.path(node, destination, None).ok()?;
        own.interface(path.interface).source_for(destination)
    }

    pub(crate) fn send_udp(
        &mut self,
        node: NodeId,
        socket: &Socket,
        to: SocketAddr,
        payload: &[u8],
        why: Why,
    ) -> Result<Option<EntryId>, SendError> {
        if socket.local.is_ipv4() != to.is_ipv4() {
            return Err(SendError::WrongFamily);
        }
        if payload.len() > udp::LONGEST_PAYLOAD {
            return Err(SendError::TooLong);
        }
        let bound = Some(socket.local.ip()).filter(|address| !address.is_unspecified());
        let (port, ttl) = (socket.local.port(), socket.ttl);
        self.originate_as(node, bound, to.ip(), why, socket.handling, |bytes, source| {
            udp::build(bytes, SocketAddr::new(source, port), to, ttl, payload);
        })
    }

    pub(crate) fn send_echo(
        &mut self,
        node: NodeId,
        from: Option<IpAddr>,
        to: IpAddr,
        echo: icmp::Message,
        data: &[u8],
        why: Why,
    ) -> Result<Option<EntryId>, SendError> {
        if data.len() > udp::LONGEST_PAYLOAD {
            return Err(SendError::TooLong);
        }
        self.originate(node, from, to, why, |bytes, source| {
            icmp::build_echo(bytes, source, to, ip::DEFAULT_TTL, echo, data);
        })
    }

    /// Makes a packet and sends it from `bound`, or from the address that the route suggests.
    pub(super) fn originate(
        &mut self,
        node: NodeId,
        bound: Option<IpAddr>,
        to: IpAddr,
        why: Why,
        build: impl FnOnce(&mut Vec<u8>, IpAddr),
    ) -> Result<Option<EntryId>, SendError> {
        self.originate_as(node, bound, to, why, Handling::default(), build)
    }

    /// The same, fragmented and marked as its sender likes.
    pub(super) fn originate_as(
        &mut self,
        node: NodeId,
        bound: Option<IpAddr>,
        to: IpAddr,
        (reason, cause): Why,
        handling: Handling,
        build: impl FnOnce(&mut Vec<u8>, IpAddr),
    ) -> Result<Option<EntryId>, SendError> {
        let to_group = multicast::is_link_local(to);
        let only = match bound {
            Some(bound) if to_group => self.node(node).interface_with(bound),
            Some(bound) => self.strong_interface(node, bound),
            None => None,
        };
        let (path, local) = (self.path(node, to, only), self.node(node).has_address(to));
        let source = match (bound, &path) {
            (Some(bound), _) => Some(bound),
            (None, _) if local => Some(to),
            (None, Ok(path)) => self.node(node).interface(path.interface).source_for(to),
            (None, Err(_)) => None,
        };
        let mut packet = self.blank();
        packet.last = cause;
        build(&mut packet.bytes, source.unwrap_or_else(|| unspecified(to)));
        if handling.ecn.is_capable() {
            ip::set_ecn(&mut packet.bytes, handling.ecn);
        }
        if let Some(bound) = bound
            && !self.node(node).has_address(bound)
        {
            packet.id = self.trace.add_packet(node, &packet.bytes);
            let rule = |_: &Net| format!("{bound} is gone");
            self.end(packet, Place::Node(node), NetReason::AddressGone, rule);
            return Err(SendError::AddressGone);
        }
        let length = packet.bytes.len();
        let out = path.and_then(|path| self.reach_first(node, path, to, length, handling.fragmentation));
        let splits = !local && out.as_ref().is_ok_and(|out| out.split.is_some());
        if splits || handling.fragmentation == Fragmentation::Anywhere {
            fragment::allow(&mut packet.bytes, self.node_mut(node).next_identification() as u16);
        }
        packet.id = self.trace.add_packet(node, &packet.bytes);
        self.dispatch(node, packet, (to, local), out, reason)
    }

    /// Sends a packet that a program wrote itself.
    pub(crate) fn send_raw(
        &mut self,
        node: NodeId,
        bytes: &[u8],
        (reason, cause): Why,
    ) -> Result<Option<EntryId>, SendError> {
        let header = Header::parse_quoted(bytes).map_err(|_| SendError::NotAPacket)?;
        if bytes.len() > usize::from(u16::MAX) {
            return Err(SendError::NotAPacket);
        }
        let mut packet = self.blank();
        packet.bytes.extend_from_slice(bytes);
        packet.id = self.trace.add_packet(node, &packet.bytes);
        packet.last = cause;
        let path = self.path(node, header.destination, None);
        let local = self.node(node).has_address(header.destination);
        let out = path.and_then(|path| self.reach(node, path, bytes));
        self.dispatch(node, packet, (header.destination, local), out, reason)
    }

    /// Lets a packet leave its node, or come back to it if it is for the node itself.
    fn dispatch(
        &mut self,
        node: NodeId,
        packet: Box<Packet>,
        (to, local): (IpAddr, bool),
        out: Result<Out, Blocked>,
        reason: Option<Reason>,
    ) -> Result<Option<EntryId>, SendError> {
        if local {
            self.queue.push(self.now, Event::Loop { node, packet });
            return Ok(None);
        }
        match out {
            Ok(out) => {
                let why = (reason, Some(NetReason::FragmentedAtSource));
                Ok(self.emit_as(node, out, packet, why, None))
            }
            Err(blocked) => {
                self.end(packet, Place::Node(node), blocked.reason(), |_| blocked.rule(to));
                Err(blocked.into())
            }
        }
    }

    /// RFC 1122 §3.3.4.2, the strong model: what is bound to an interface's address leaves by that interface, as on phones and laptops
    /// whose sockets are bound to one of their networks. Routers send by their routes alone.
    pub(super) fn strong_interface(&self, node: NodeId, bound: IpAddr) -> Option<u16> {
        let own = self.node(node);
        matches!(own.kind, Kind::Host).then(|| own.interface_with(bound)).flatten()
    }
}

fn unspecified(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}
