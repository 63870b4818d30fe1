//! What a host runs. Not here: what it may do (`host`), when it is called (`world`).

use std::any::Any;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use rtclab_trace::PacketId;

use crate::host::{Host, ListenerId, SocketId, StreamId};
use crate::tcp::TcpError;
use crate::wire::ip::Ecn;

/// The place of a program on its node, from 0; `Entity::Program` carries the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgramId(pub u32);

/// A datagram that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// At this socket.
    pub socket: SocketId,
    /// From.
    pub from: SocketAddr,
    /// To: for a socket that is bound to any address, the one that the sender used.
    pub to: SocketAddr,
    /// What it carries.
    pub payload: &'a [u8],
    /// TTL or hop limit as it arrived.
    pub ttl: u8,
    /// What its ECN bits say as it arrived: whether it met congestion.
    pub ecn: Ecn,
    /// The packet.
    pub packet: PacketId,
}

/// What an ICMP error says about a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnreachableKind {
    /// A router has no route.
    Network,
    /// A router has no neighbor of that address.
    Host,
    /// The destination does not speak UDP.
    Protocol,
    /// Nobody listens on the port.
    Port,
    /// A firewall refused it.
    Prohibited,
    /// TTL or hop limit reached zero.
    TimeExceeded,
    /// Fragments of it were lost, and the others waited in vain.
    ReassemblyTimeExceeded,
    /// A link on the way takes packets up to `mtu` bytes.
    TooBig {
        /// That many.
        mtu: u32,
    },
}

/// An ICMP error about a datagram that a socket sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// The socket.
    pub socket: SocketId,
    /// Where the datagram went.
    pub to: SocketAddr,
    /// What became of it.
    pub kind: UnreachableKind,
    /// Who says so.
    pub reported_by: IpAddr,
}

/// An answer to an ICMP echo request of a program.
#[derive(Clone, Copy, Debug)]
pub struct EchoReply<'a> {
    /// Who answered.
    pub from: IpAddr,
    /// As in the request.
    pub identifier: u16,
    /// As in the request.
    pub sequence: u16,
    /// TTL or hop limit as it arrived.
    pub ttl: u8,
    /// The data of the request.
    pub data: &'a [u8],
}

/// What a host runs: it is called when something happens, and acts through the [`Host`] at once.
///
/// [`Program::start`] comes first, at the time of its installation; the others as things happen. What a program does is caused by what
/// led to the call ([`Host::input`]) unless it names another cause. Within one call time stands still.
pub trait Program: Any + fmt::Debug + Send {
    /// The run begins.
    fn start(&mut self, host: &mut Host<'_>) {
        let _ = host;
    }

    /// A datagram arrived at one of its sockets.
    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        let _ = (host, datagram);
    }

    /// A packet of a protocol that the program [has taken](Host::take_protocol), from its IP header on.
    fn packet(&mut self, host: &mut Host<'_>, packet: PacketId, bytes: &[u8]) {
        let _ = (host, packet, bytes);
    }

    /// The time of [`Host::set_timer`] has come.
    fn timer(&mut self, host: &mut Host<'_>, token: u64) {
        let _ = (host, token);
    }

    /// An ICMP error arrived about a datagram that one of its sockets sent.
    fn unreachable(&mut self, host: &mut Host<'_>, report: &Unreachable) {
        let _ = (host, report);
    }

    /// The answer to an echo request arrived.
    fn echo_reply(&mut self, host: &mut Host<'_>, reply: &EchoReply<'_>) {
        let _ = (host, reply);
    }

    /// Connections wait at a listener for [`Host::accept`]. Unless a program wants to let them wait, all are taken, and
    /// [`stream_accepted`](Program::stream_accepted) is called for each.
    fn stream_waiting(&mut self, host: &mut Host<'_>, listener: ListenerId) {
        while let Some((stream, peer)) = host.accept(listener) {
            self.stream_accepted(host, stream, peer);
        }
    }

    /// A connection of `peer` was taken from a listener.
    fn stream_accepted(&mut self, host: &mut Host<'_>, stream: StreamId, peer: SocketAddr) {
        let _ = (host, stream, peer);
    }

    /// A connection that the program opened is established.
    fn stream_opened(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let _ = (host, stream);
    }

    /// There is something to read.
    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let _ = (host, stream);
    }

    /// There is room again, after a write did not fit.
    fn stream_writable(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let _ = (host, stream);
    }

    /// The other side points to urgent data, which is read in its place.
    fn stream_urgent(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let _ = (host, stream);
    }

    /// The other side will write no more: after what can be read comes the end.
    fn stream_ended(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let _ = (host, stream);
    }

    /// A stream is over: closed by both, or failed. After this call it is gone. A program that has closed a stream itself is not told.
    fn stream_closed(&mut self, host: &mut Host<'_>, stream: StreamId, error: Option<TcpError>) {
        let _ = (host, stream, error);
    }

    /// The NAT that the program runs on has forgotten its mappings, as a restart does.
    fn nat_restarted(&mut self, host: &mut Host<'_>) {
        let _ = host;
    }

    /// The host has other addresses than before. Sockets bound to those that are gone cannot send any more.
    fn addresses_changed(&mut self, host: &mut Host<'_>) {
        let _ = host;
    }
}
