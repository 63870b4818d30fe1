//! Transactions (RFC 3261 §17, with the states of RFC 6026): a request and its responses, repeated where the transport may lose them. Not here:
//! what requests ask for (`agent`, `proxy`).
//!
//! | timer | what | here |
//! |---|---|---|
//! | A, E | repeat a request over UDP | `client` |
//! | B, F | give up a request | `client` |
//! | D, K | absorb repeated final responses | `client` |
//! | M | pass on further 2xx | `client` |
//! | G | repeat a final response to INVITE | `server` |
//! | H | give up waiting for ACK | `server` |
//! | I, J, L | absorb repeated ACK, requests, INVITE | `server` |

mod client;
mod layer;
mod server;

use std::net::SocketAddr;
use std::time::Duration;

use super::Transport;

pub(super) use layer::{ClientKey, Incoming, Layer, ServerKey, Unanswered};

/// An estimate of the round trip (RFC 3261 §17.1.1.1).
pub(super) const T1: Duration = Duration::from_millis(500);
/// The longest interval between repetitions (§17.1.2.1).
pub(super) const T2: Duration = Duration::from_secs(4);
/// How long a message stays in the network (§17.1.2.1).
pub(super) const T4: Duration = Duration::from_secs(5);
/// How long a transaction is waited for: 64 × T1.
pub(super) const PATIENCE: Duration = Duration::from_secs(32);

/// The way to a neighbor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flow {
    /// Datagrams to and from this address.
    Datagram(SocketAddr),
    /// A stream, by a number that the owner chose.
    Stream(Transport, u64),
}

impl Flow {
    /// What it is made of.
    pub const fn transport(self) -> Transport {
        match self {
            Flow::Datagram(_) => Transport::Udp,
            Flow::Stream(transport, _) => transport,
        }
    }
}

/// Bytes for a neighbor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// To whom.
    pub flow: Flow,
    /// One message.
    pub bytes: Vec<u8>,
    /// Whether it was sent before.
    pub again: bool,
}
