//! TCP: our own endpoint, sans-IO, and as close to Linux as the RFCs allow.
//!
//! [`Connection`] is one end of a connection, [`Listener`] a port that waits for them. Segments go in as [`Segment`] and come out as
//! [`SegmentOut`], each with the reason why it is sent; time is handed in. Not here: IP packets, sockets by number and programs (`host`).

mod calls;
mod config;
mod congestion;
mod connection;
mod delayed_ack;
mod delivery_rate;
mod ecn;
mod error;
mod event;
mod flight;
mod icmp;
mod initial_sequence;
mod input;
mod keepalive;
mod listen;
mod nagle;
mod output;
mod pacing;
mod persist;
mod receive_buffer;
mod recovery;
mod rtt;
mod sack;
pub mod segment;
mod send_buffer;
pub mod sequence;
mod snapshot;
pub mod state;
mod time_wait;
mod timeout;
mod timers;
mod timestamps;

#[cfg(test)]
mod tests;

pub use config::{Config, Ecn, Keepalive, Nagle};
pub use congestion::Algorithm;
pub use connection::Connection;
pub use ecn::Codepoint;
pub use error::{TcpError, WriteError};
pub use event::{Change, Event};
pub use initial_sequence::{Identity, InitialSequences};
pub use input::Verdict;
pub use listen::{Admission, Listener, reset_for};
pub use output::SegmentOut;
pub use segment::{Flags, Header, Segment, SegmentError};
pub use sequence::SequenceNumber;
pub use state::State;
