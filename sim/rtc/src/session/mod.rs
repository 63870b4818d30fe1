//! A call, whole: one [`PeerConnection`](crate::jsep::PeerConnection), and for each of its transports an ICE agent, DTLS, and SCTP with data
//! channels above it. What each layer says moves the next one; states go back up, so that the connection's attributes are right. [`Session`]
//! says how it is driven. Not here: the layers themselves, signaling, sockets, and media, whose packets are handed out as they are.
//!
//! | RFC | what | done | where |
//! |---|---|---|---|
//! | 9429 §5.9 to §5.11 | what transports do when descriptions are applied | yes | `commands` |
//! | 9429 §3.5.4, §5.2.3.1, §5.7 | pool, restart, and taking it back | yes | `commands` |
//! | 7983 §7 | telling STUN, DTLS and SRTP apart by the first byte | yes; STUN and TURN by the ICE agent | `demux` |
//! | 8842 §5, §6 | DTLS begins when ICE has a path; a new association for a new certificate | yes | `dtls`, `commands` |
//! | 8842 §5.1 | DTLS that arrives before the description that allows it | kept, a flight at most | `dtls` |
//! | 8261, 8841 §5 | SCTP begins when DTLS is up; one association | yes | `data` |
//! | 8831, 8832 | data channels | yes | `data` |
//! | 7675 | consent | by the ICE agent; its loss fails the connection | `ice` |
//! | 5764, 8834 | SRTP | its keys are told; packets are handed out | `dtls`, `demux` |
//! | 9429 §4.1.1 | a second component for RTCP | no: RTCP shares its port | – |
//! | webrtc-pc §4.3 | the state attributes | yes | `ice`, `dtls`, `data` |
//! | webrtc-stats | peer-connection, transport, candidate-pair, local- and remote-candidate, certificate, data-channel | yes, with round trips | `stats` |

mod call;
mod candidates;
mod commands;
mod config;
mod data;
mod demux;
mod dtls;
mod ice;
mod output;
mod stats;
#[cfg(test)]
mod tests;
mod transport;

pub use call::Session;
pub use config::Config;
pub use demux::{Kind, kind_of};
pub use output::{Layer, Output};
pub use stats::{Stats, StatsValue};
