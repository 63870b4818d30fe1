//! An allocation as a reader sees it, on either side, and the lifetimes that both sides go by.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::stun::{TransactionSnapshot, Transport};
use crate::time::Time;

/// How long an allocation lives if nobody asks for more (RFC 8656 §3.2).
pub const LIFETIME: Duration = Duration::from_secs(600);
/// How long a server lets one live at most between refreshes (RFC 8656 §7.2 recommends an hour).
pub const LIFETIME_MAX: Duration = Duration::from_secs(3600);
/// How long a permission lives (RFC 8656 §9).
pub const PERMISSION_LIFETIME: Duration = Duration::from_secs(300);
/// How long a channel binding lives (RFC 8656 §12).
pub const CHANNEL_LIFETIME: Duration = Duration::from_secs(600);
/// How long a reserved port is kept for its token (RFC 8656 §7.2).
pub const RESERVATION_LIFETIME: Duration = Duration::from_secs(30);
/// How long a connection to a peer waits to be made, and then to be bound by the client (RFC 6062 §5.2, §5.3).
pub const CONNECTION_PATIENCE: Duration = Duration::from_secs(30);

/// Where an allocation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllocationState {
    /// The client asked for it.
    Requested,
    /// It exists.
    Active,
    /// It was given back with a lifetime of zero.
    Released,
    /// Nobody refreshed it in time.
    Expired,
    /// The server refused it with this error code.
    Refused(u16),
    /// No answer came that could be trusted.
    Unanswered,
}

/// Between a server and the peers of an allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeerTransport {
    /// Datagrams.
    #[default]
    Udp,
    /// Connections (RFC 6062).
    Tcp,
}

impl PeerTransport {
    /// The IP protocol number in REQUESTED-TRANSPORT.
    pub const fn number(self) -> u8 {
        match self {
            PeerTransport::Udp => 17,
            PeerTransport::Tcp => 6,
        }
    }
}

/// Where a connection to a peer stands (RFC 6062 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// The server connects to the peer.
    Connecting,
    /// The peer is connected; the client has to open a connection of its own for it.
    Waiting,
    /// The client has opened it, and asked for the two to be joined.
    Binding,
    /// Bytes go both ways.
    Bound,
}

/// A connection to a peer as a reader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionSnapshot {
    /// Its CONNECTION-ID; zero until the client has been told.
    pub id: u32,
    /// The peer.
    pub peer: SocketAddr,
    /// Where it stands.
    pub state: ConnectionState,
}

/// An allocation as a reader sees it, on either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocationSnapshot {
    /// The client's address as the server sees it; on the client, its own socket until it learns better.
    pub client: SocketAddr,
    /// The server's address.
    pub server: SocketAddr,
    /// What carries TURN between the two.
    pub transport: Transport,
    /// What carries data between server and peers.
    pub peers_over: PeerTransport,
    /// The relayed transport address, once there is one.
    pub relayed: Option<SocketAddr>,
    /// The one of the other family, if both were asked for (RFC 8656 §18.11).
    pub second_relayed: Option<SocketAddr>,
    /// Where it stands.
    pub state: AllocationState,
    /// When it expires unless refreshed.
    pub expires_at: Option<Time>,
    /// Peers (by address only, RFC 8656 §9) that may send to it, and until when.
    pub permissions: Vec<(IpAddr, Time)>,
    /// Channel numbers, the peers they are bound to, and until when.
    pub channels: Vec<(u16, SocketAddr, Time)>,
    /// Connections to peers (RFC 6062).
    pub connections: Vec<ConnectionSnapshot>,
}

impl AllocationSnapshot {
    /// One that was asked for, over UDP both ways, and nothing else.
    pub const fn requested(client: SocketAddr, server: SocketAddr) -> AllocationSnapshot {
        AllocationSnapshot {
            client,
            server,
            transport: Transport::Udp,
            peers_over: PeerTransport::Udp,
            relayed: None,
            second_relayed: None,
            state: AllocationState::Requested,
            expires_at: None,
            permissions: Vec::new(),
            channels: Vec::new(),
            connections: Vec::new(),
        }
    }
}

/// A change inside a TURN client or server; the whole new state of its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An allocation: the client's only one, or one of many on the server.
    Allocation(AllocationSnapshot),
    /// A request of the client.
    Transaction(TransactionSnapshot),
}
