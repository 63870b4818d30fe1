//! What an agent asks of its host besides sending datagrams: names to look up, connections to open and to close. Not here: when it does.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::output::Because;
use crate::reason::Reason;

/// A connection of a TCP candidate, by the agent's own count. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u32);

/// What a connection is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionUse {
    /// A pair of TCP candidates (RFC 6544): checks and data, in frames.
    Pair,
    /// STUN, from the port of a socket that listens, too: a NAT maps both alike (RFC 6544 §5.2).
    StunServer,
    /// TURN (RFC 8656 §2.1). If only a proxy leads out, it is asked to connect (RFC 9110 §9.3.6).
    TurnServer {
        /// Whether TLS goes first; what is written and read here is what TLS carries.
        tls: bool,
        /// The name that the server's certificate has to be for; without one, its address.
        name: Option<Arc<str>>,
    },
}

/// Something that the host is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostRequest {
    /// Look this name up, over mDNS if it ends in `.local`, and call [`Agent::handle_resolved`](super::Agent::handle_resolved).
    Resolve {
        /// The name, as the peer signaled it.
        name: Arc<str>,
    },
    /// Have the gateway map an outside port to this socket, and call [`Agent::handle_mapped`](super::Agent::handle_mapped), whatever comes
    /// of it: gathering waits for that.
    MapPort {
        /// The socket's address.
        base: SocketAddr,
    },
    /// Open a TCP connection, and call [`Agent::handle_connected`](super::Agent::handle_connected) or
    /// [`Agent::handle_disconnected`](super::Agent::handle_disconnected).
    Connect {
        /// What the connection is called from now on.
        connection: ConnectionId,
        /// From this address: with port 9 (an active candidate), any port of it; else exactly this one, which listens, too
        /// (simultaneous open).
        from: SocketAddr,
        /// To this one.
        to: SocketAddr,
        /// What it is for.
        purpose: ConnectionUse,
        /// What made it necessary.
        because: Because,
    },
    /// Write these bytes as they are.
    Write {
        /// To this connection.
        connection: ConnectionId,
        /// For a pair, a length of two bytes and what it counts (RFC 4571 §2); for a TURN server, a message, padded if need be.
        bytes: Vec<u8>,
        /// What made it necessary.
        because: Because,
        /// Why it is sent, where there is more to say.
        reason: Option<Reason>,
    },
    /// Close this connection. Nothing about it needs to be reported any more.
    Close {
        /// Which one.
        connection: ConnectionId,
    },
}
