//! TURN, RFC 8656.

use crate::time::Time;
use std::net::{IpAddr, SocketAddr};

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
