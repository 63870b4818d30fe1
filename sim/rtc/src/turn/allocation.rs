//! An allocation as a reader sees it, on either side, and the lifetimes that both sides go by.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::stun::TransactionSnapshot;
use crate::time::Time;

/// How long an allocation lives if nobody asks for more (RFC 8656 §3.2).
pub const LIFETIME: Duration = Duration::from_secs(600);
/// How long a server lets one live at most between refreshes (RFC 8656 §7.2 recommends an hour).
pub const LIFETIME_MAX: Duration = Duration::from_secs(3600);
/// How long a permission lives (RFC 8656 §9).
pub const PERMISSION_LIFETIME: Duration = Duration::from_secs(300);
/// How long a channel binding lives (RFC 8656 §12).
pub const CHANNEL_LIFETIME: Duration = Duration::from_secs(600);

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

/// An allocation as a reader sees it, on either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocationSnapshot {
    /// The client's address as the server sees it; on the client, its own socket until it learns better.
    pub client: SocketAddr,
    /// The server's address.
    pub server: SocketAddr,
    /// The relayed transport address, once there is one.
    pub relayed: Option<SocketAddr>,
    /// Where it stands.
    pub state: AllocationState,
    /// When it expires unless refreshed.
    pub expires_at: Option<Time>,
    /// Peers (by address only, RFC 8656 §9) that may send to it, and until when.
    pub permissions: Vec<(IpAddr, Time)>,
    /// Channel numbers, the peers they are bound to, and until when.
    pub channels: Vec<(u16, SocketAddr, Time)>,
}

/// A change inside a TURN client or server; the whole new state of its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An allocation: the client's only one, or one of many on the server.
    Allocation(AllocationSnapshot),
    /// A request of the client.
    Transaction(TransactionSnapshot),
}
