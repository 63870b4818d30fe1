//! A transport: the ICE agent and DTLS of one or more media, and what waits between them. Not here: what moves it.

use std::net::SocketAddr;

use super::output::Layer;
use crate::dtls::Dtls;
use crate::ice::{Agent, ConnectionState};
use crate::jsep::DtlsRole;
use crate::reason::Reason;
use crate::sdp::Fingerprint;

/// Most datagrams that wait: for a path, or for the description that says whose DTLS they may be. A flight, with some to spare.
pub(super) const WAITING_MAX: usize = 16;

/// What DTLS is to be, once ICE has a path.
#[derive(Clone, Debug)]
pub(super) struct DtlsWanted {
    pub(super) role: DtlsRole,
    pub(super) fingerprints: Vec<Fingerprint>,
}

/// Packets and bytes that a transport carried for those above it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Carried {
    pub(super) packets_sent: u64,
    pub(super) bytes_sent: u64,
    pub(super) packets_received: u64,
    pub(super) bytes_received: u64,
    /// How often another pair was selected.
    pub(super) pair_changes: u32,
    /// The pair that was selected last.
    pub(super) selected: Option<u32>,
}

/// A transport.
#[derive(Debug)]
pub(super) struct Transport {
    pub(super) agent: Agent,
    /// The set of sockets that it took, if there was one left.
    pub(super) sockets: Option<usize>,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) wanted: Option<DtlsWanted>,
    pub(super) dtls: Option<Dtls>,
    /// DTLS of the peer that came before it was known who the peer is.
    pub(super) early: Vec<Vec<u8>>,
    /// Datagrams of DTLS that wait for a path.
    pub(super) unsent: Vec<(Vec<u8>, Reason, Layer)>,
    pub(super) carried: Carried,
    /// Nothing uses it any more: it only gives back what it holds on servers.
    pub(super) discarded: bool,
}

impl Transport {
    /// Whether ICE has a path.
    pub(super) fn has_path(&self) -> bool {
        let carries = !matches!(self.agent.state(), ConnectionState::Failed | ConnectionState::Closed);
        carries && self.agent.selected().is_some()
    }

    /// Whether it is gone for good.
    pub(super) fn is_over(&self) -> bool {
        self.discarded && self.agent.poll_timeout().is_none()
    }
}
