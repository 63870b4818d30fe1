//! What a program may do: sockets, timers, records. Not here: how packets travel (`world`).

mod gateway;
pub(crate) mod path_mtu;
pub(crate) mod reassembly;
pub(crate) mod sockets;
pub(crate) mod source;
pub(crate) mod streams;
mod tcp;

use std::net::{IpAddr, SocketAddr};

use rtclab_rtc::Randomness;
use rtclab_trace::{Change, Entity, EntryId, NodeId, Reason, SimTime};

use crate::error::{BindError, SendError};
use crate::program::ProgramId;
use crate::wire::ip::Ecn;
use crate::world::Net;

pub use gateway::PortRequest;
pub use sockets::{Fragmentation, SocketId};
pub use streams::{ListenerId, StreamId};

/// An address of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostAddress {
    /// The interface that has it.
    pub interface: String,
    /// The address.
    pub address: IpAddr,
    /// How many of its bits name the network.
    pub prefix_length: u8,
}

/// The host that a program runs on, for the time of one call.
#[derive(Debug)]
pub struct Host<'a> {
    pub(crate) net: &'a mut Net,
    pub(crate) node: NodeId,
    pub(crate) program: ProgramId,
    pub(crate) input: Option<EntryId>,
}

impl Host<'_> {
    /// The time, which stands still during a call.
    pub fn now(&self) -> SimTime {
        self.net.now
    }

    /// The node.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// The name of the node.
    pub fn name(&self) -> &str {
        &self.net.node(self.node).name
    }

    /// The program's own place on the node.
    pub fn program(&self) -> ProgramId {
        self.program
    }

    /// The entry that led to this call: the default cause of what the program does in it. None in summary mode.
    pub fn input(&self) -> Option<EntryId> {
        self.input
    }

    /// The addresses of the host, in order of its interfaces.
    pub fn addresses(&self) -> Vec<HostAddress> {
        self.net.node(self.node).addresses()
    }

    /// A stream of the node's own: each call gives another one, the same ones in each run of the seed.
    pub fn randomness(&mut self) -> Box<dyn Randomness> {
        Box::new(self.net.stream_for(self.node, self.program))
    }

    /// Binds a UDP socket to an address of the host, or to any of the family (the unspecified address); port 0 means any ephemeral
    /// port.
    pub fn bind_udp(&mut self, address: IpAddr, port: u16) -> Result<SocketId, BindError> {
        let node = self.net.node_mut(self.node);
        if !address.is_unspecified() && !node.has_address(address) {
            return Err(BindError::AddressNotAvailable(address));
        }
        node.sockets.bind(self.program, address, port)
    }

    /// Where a socket of this program is bound.
    pub fn local_address(&self, socket: SocketId) -> Option<SocketAddr> {
        self.own(socket).map(|socket| socket.local)
    }

    /// The address that a packet to `destination` would leave from, by the routes.
    pub fn source_towards(&self, destination: IpAddr) -> Option<IpAddr> {
        self.net.source_towards(self.node, destination)
    }

    /// Lets a socket of this program receive what is sent to a group on its link: 224.0.0.0/24 or ff02::/16, which no router passes on.
    /// A datagram that several sockets of a host could take goes to the one that was bound first.
    pub fn join_group(&mut self, socket: SocketId, group: IpAddr) {
        if self.own(socket).is_some_and(|socket| socket.local.is_ipv4() == group.is_ipv4()) {
            self.net.node_mut(self.node).sockets.join(socket, group);
        }
    }

    /// Closes a socket of this program.
    pub fn close(&mut self, socket: SocketId) {
        if self.own(socket).is_some() {
            self.net.node_mut(self.node).sockets.close(socket);
        }
    }

    /// Sets the TTL or hop limit of what a socket sends from now on; zero counts as one (RFC 1122 §3.2.1.7).
    pub fn set_ttl(&mut self, socket: SocketId, ttl: u8) {
        if let Some(socket) = self.own_mut(socket) {
            socket.ttl = ttl.max(1);
        }
    }

    /// Says what becomes of datagrams that are longer than their path takes.
    pub fn set_fragmentation(&mut self, socket: SocketId, fragmentation: Fragmentation) {
        if let Some(socket) = self.own_mut(socket) {
            socket.handling.fragmentation = fragmentation;
        }
    }

    /// Sets the ECN bits of what a socket sends from now on. Whoever sets them answers to marks (RFC 8085 §3.1.7).
    pub fn set_ecn(&mut self, socket: SocketId, ecn: Ecn) {
        if let Some(socket) = self.own_mut(socket) {
            socket.handling.ecn = ecn;
        }
    }

    /// The longest packet that is known to reach a destination whole: the MTU of the first link, or less where a router on the way has
    /// said so (RFC 1191, RFC 8201). None without a route.
    pub fn path_mtu(&self, destination: IpAddr) -> Option<u32> {
        let link = self.net.mtu_towards(self.node, destination, None)?;
        Some(self.net.path_mtu(self.node, destination, link))
    }

    /// Sends a datagram. Without a cause, it is caused by [`Host::input`]. Returns the entry of its first hop (none in summary mode).
    pub fn send_udp(
        &mut self,
        socket: SocketId,
        to: SocketAddr,
        payload: &[u8],
        reason: Option<Reason>,
        cause: Option<EntryId>,
    ) -> Result<Option<EntryId>, SendError> {
        let socket = *self.own(socket).ok_or(SendError::NoSocket)?;
        self.net.send_udp(self.node, &socket, to, payload, (reason, cause.or(self.input)))
    }

    /// Sends an ICMP echo request; the answer comes to [`crate::Program::echo_reply`].
    pub fn send_echo(
        &mut self,
        to: IpAddr,
        identifier: u16,
        sequence: u16,
        data: &[u8],
        reason: Option<Reason>,
        cause: Option<EntryId>,
    ) -> Result<Option<EntryId>, SendError> {
        self.net.node_mut(self.node).sockets.set_echo(identifier, self.program);
        let echo = crate::wire::icmp::Message::EchoRequest { identifier, sequence };
        self.net.send_echo(self.node, None, to, echo, data, (reason, cause.or(self.input)))
    }

    /// Sends bytes as they are, from the IP header on: whatever they claim, and however wrong they are. Only their destination has to be
    /// readable.
    pub fn send_raw(
        &mut self,
        bytes: &[u8],
        reason: Option<Reason>,
        cause: Option<EntryId>,
    ) -> Result<Option<EntryId>, SendError> {
        self.net.send_raw(self.node, bytes, (reason, cause.or(self.input)))
    }

    /// Takes all packets of an IP protocol that come for this host: they go to [`crate::Program::packet`] as they are, and the host's own part for
    /// that protocol hears of them no more. So a program brings a TCP of its own. ICMP errors about such packets still end at the host.
    pub fn take_protocol(&mut self, protocol: u8) {
        self.net.node_mut(self.node).sockets.take_protocol(protocol, self.program);
    }

    /// Asks for a call of [`crate::Program::timer`] with `token` at a time, or now if that has passed. A token has one timer: asking again
    /// moves it. The call is caused by the entry that led to this one.
    pub fn set_timer(&mut self, at: SimTime, token: u64) {
        self.net.set_timer(self.node, self.program, token, at, self.input);
    }

    /// Takes back what was asked of [`Host::set_timer`].
    pub fn cancel_timer(&mut self, token: u64) {
        self.net.cancel_timer(self.node, self.program, token);
    }

    /// Writes an entry. Without a cause, it is caused by [`Host::input`].
    pub fn record(
        &mut self,
        entity: Entity,
        change: Change,
        reason: Option<Reason>,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        self.net.record(entity, change, reason, cause.or(self.input))
    }

    fn own_mut(&mut self, socket: SocketId) -> Option<&mut sockets::Socket> {
        let program = self.program;
        let socket = self.net.node_mut(self.node).sockets.get_mut(socket)?;
        (socket.program == program).then_some(socket)
    }

    fn own(&self, socket: SocketId) -> Option<&sockets::Socket> {
        let socket = self.net.node(self.node).sockets.get(socket)?;
        (socket.program == self.program).then_some(socket)
    }
}
