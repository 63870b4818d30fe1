//! A transaction as a reader sees it. Not here: its timer ([`Retransmission`](super::Retransmission)).

use std::net::SocketAddr;

use crate::reason::Reason;

/// Where a transaction that we started stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// Sent, and not answered yet.
    Pending,
    /// Answered with a success response.
    Succeeded,
    /// Answered with an error response of this code.
    Refused(u16),
    /// Never answered.
    TimedOut,
    /// Given up by its owner before an answer came (RFC 8445 §7.3.1.4).
    Cancelled,
}

/// A transaction as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionSnapshot {
    /// The 96-bit id on the wire.
    pub id: [u8; 12],
    /// The method's name in the RFC's words: `Binding`, `Allocate`, …
    pub method: &'static str,
    /// To whom.
    pub to: SocketAddr,
    /// How often the request has been sent so far.
    pub transmissions: u32,
    /// Where it stands.
    pub state: TransactionState,
    /// Why it was started or ended, if there is more to say.
    pub reason: Option<Reason>,
}
