//! SCTP over DTLS (RFC 8261), sans-IO: what data channels run on. One association, one path.
//!
//! | RFC | what | done | where |
//! |---|---|---|---|
//! | 9260 §3 | packets, chunks, parameters, error causes | yes; address parameters are passed over: there is one path | `wire` |
//! | 9260 §5.1 | four-way handshake with a signed cookie | yes | `handshake`, `cookie` |
//! | 9260 §5.2 | both ends begin at once, duplicates, restart | yes | `handshake` |
//! | 9260 §6.1, §6.3 | sending, T3-rtx, RTO | yes | `outbound`, `transmit`, `timers`, `rto` |
//! | 9260 §6.2 | acknowledgments, delayed and selective | yes | `inbound`, `acknowledge` |
//! | 9260 §6.5–6.9 | streams, order, fragments, bundling | yes; one message after the other, without interleaving | `inbound`, `transmit` |
//! | 9260 §7.2 | slow start, congestion avoidance, fast recovery | yes | `congestion` |
//! | 9260 §7.3 | path MTU discovery | no: the packet size is given, as DTLS wants it (RFC 8261 §5) | |
//! | 9260 §8 | heartbeats, failure, tags, packets out of the blue | yes, for one path | `timers`, `receive` |
//! | 9260 §9 | abort, shutdown | yes | `closing` |
//! | 3758, 7496 | partial reliability by retransmissions and by lifetime | yes | `outbound` |
//! | 6525 | reset of outgoing streams | yes; other requests are denied | `reset` |
//! | 8260 | interleaving of messages (I-DATA) | no | |
//! | 9653 | no checksum over DTLS | no: checksums are written and checked | |
//!
//! It is our own because a world is a function of its seed: the implementations at hand draw tags, TSNs and cookies from the system's
//! generator, and one of them reads the clock when it connects.

mod acknowledge;
mod association;
mod closing;
mod config;
mod congestion;
mod cookie;
mod handshake;
mod inbound;
mod outbound;
mod receive;
mod reset;
mod rto;
mod state;
#[cfg(test)]
mod tests;
mod timers;
mod transmit;
mod tsn;
pub mod wire;

pub use association::Association;
pub use config::Config;
pub use state::{AssociationState, Message, Output, Phase, Reliability, SendError};
pub use wire::{ResetOutcome, error_name, fields};
