//! What a server wants of its host. Not here: why.

use std::net::SocketAddr;

use crate::output::{Output, Transmit};
use crate::stun::AddressFamily;
use crate::turn::Change;

/// One step of a server's output.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerOutput {
    /// Send, tell or ignore, as with every endpoint here. What is sent like this are UDP datagrams.
    Endpoint(Output<Change>),
    /// Open a UDP socket for an allocation, and say so with [`TurnServer::relay_opened`](super::TurnServer::relay_opened) or
    /// [`TurnServer::relay_refused`](super::TurnServer::relay_refused), in the order in which it was asked for.
    OpenRelay {
        /// For which allocation.
        allocation: u32,
        /// Of which family its address must be.
        family: AddressFamily,
        /// Whether its port must be even (RFC 8656 §18.7).
        even_port: bool,
    },
    /// Open two UDP sockets, at an even port and at the next one, and say so with
    /// [`TurnServer::relays_opened`](super::TurnServer::relays_opened). Only if the configuration says that the host can.
    OpenRelayPair {
        /// For which allocation.
        allocation: u32,
        /// Of which family their address must be.
        family: AddressFamily,
    },
    /// Listen for TCP connections, and say so with [`TurnServer::relay_opened`](super::TurnServer::relay_opened) (RFC 6062). Only if the
    /// configuration says that the host can.
    OpenListener {
        /// For which allocation.
        allocation: u32,
        /// Of which family its address must be.
        family: AddressFamily,
    },
    /// Close the UDP socket with this address.
    CloseRelay {
        /// The relayed address that is not needed any more.
        address: SocketAddr,
    },
    /// Stop listening for TCP connections here.
    CloseListener {
        /// The relayed address that is not needed any more.
        address: SocketAddr,
    },
    /// Send this datagram to a peer with the DF bit set (RFC 8656 §14). Only if the configuration says that the host can.
    Unfragmented(Transmit),
    /// Write these bytes to a client's stream.
    ToStream {
        /// The stream, as the host numbered it.
        stream: u32,
        /// The bytes, and what made them necessary.
        transmit: Transmit,
    },
    /// Close a client's stream, once what was to be written has been.
    CloseStream {
        /// The stream, as the host numbered it.
        stream: u32,
    },
    /// Connect to a peer, and say so with [`TurnServer::peer_connected`](super::TurnServer::peer_connected) or
    /// [`TurnServer::peer_refused`](super::TurnServer::peer_refused).
    ConnectPeer {
        /// The number of the connection.
        connection: u32,
        /// From which address.
        from: SocketAddr,
        /// To which one.
        to: SocketAddr,
    },
    /// Write these bytes to a peer's connection.
    ToPeer {
        /// The number of the connection.
        connection: u32,
        /// The bytes.
        payload: Vec<u8>,
    },
    /// Close a peer's connection, or stop connecting.
    ClosePeer {
        /// The number of the connection.
        connection: u32,
    },
}
