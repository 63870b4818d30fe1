//! Data channels (RFC 8831) and the protocol that opens them (RFC 8832, DCEP) over one SCTP association, sans-IO. [`Channels`] says how
//! they are driven. Not here: SCTP itself ([`crate::sctp`]), and who gives streams to channels ([`crate::jsep`]).
//!
//! | RFC | what | done | where |
//! |---|---|---|---|
//! | 8832 §5 | DATA_CHANNEL_OPEN and DATA_CHANNEL_ACK | yes | `dcep` |
//! | 8832 §6 | opening: parity of streams by DTLS role, messages before the acknowledgment stay in order | yes | `channels`, `receive` |
//! | 8832 §6 | closing what was opened against the rules | yes | `receive` |
//! | 8831 §6.2 | one association, as many streams as were agreed | yes | `channels` |
//! | 8831 §6.4 | ordered or not, reliable or limited by retransmissions or lifetime | yes; priorities are told and order nothing | `channel` |
//! | 8831 §6.5 | channels that were agreed on by other means | yes | `channels` |
//! | 8831 §6.6 | text, binary and empty messages | yes; the deprecated partial ones are dropped | `message` |
//! | 8831 §6.7 | closing by the reset of both streams | yes | `closing` |
//! | webrtc-pc §6.2 | states, `bufferedAmount` and its threshold, errors of `send` | yes | `channel`, `send` |

mod channel;
mod channels;
mod closing;
pub mod dcep;
mod message;
mod output;
mod receive;
mod send;
#[cfg(test)]
mod tests;

pub use channel::{ChannelId, ChannelInit, ChannelState, OpenedBy, Persistence, ReadyState};
pub use channels::Channels;
pub use message::{Message, ppid};
pub use output::{Output, SendError};
