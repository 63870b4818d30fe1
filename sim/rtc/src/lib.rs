//! The protocols of a WebRTC call, sans-IO: STUN ([`stun`]), NAT behavior discovery
//! ([`behavior`]), TURN ([`turn`]), ICE ([`ice`]), DTLS ([`dtls`]) and SCTP ([`sctp`]) above it, session descriptions ([`sdp`])
//! and their negotiation ([`jsep`]); data channels ([`data`]), and the whole call ([`session`]);
//! DNS ([`dns`]), which finds their servers; port mapping on request ([`pcp`]);
//! and what carries signaling: HTTP ([`http`]), WebSocket ([`websocket`]), SIP ([`sip`]) and WHIP ([`whip`]).
//!
//! Nothing here reads a clock, opens a socket or draws a random number on its own. Time is handed in as
//! [`Time`], randomness as a [`Randomness`]; datagrams go in through `handle_*` and come out of `poll_*`.
//! So the same code runs in the simulator, byte for byte repeatable, and over real sockets.
//!
//! What is told about a decision lives here too: every change of state is an event about a [`Subject`], with
//! a [`Reason`] that carries its RFC section and a sentence in English and Korean.
//!
//! Not here: the network (`rtclab-net`), the log of what happened (`rtclab-trace`), scenarios (`rtclab-lab`).

pub mod behavior;
pub mod data;
pub mod dns;
pub mod dtls;
pub mod http;
pub mod ice;
pub mod jsep;
pub mod output;
pub mod pcp;
pub mod randomness;
pub mod reason;
pub mod sctp;
pub mod sdp;
pub mod session;
pub mod sip;
pub mod stun;
pub mod time;
pub mod turn;
pub mod websocket;
pub mod whip;

pub use output::{Because, Output, Subject, Transmit};
pub use randomness::Randomness;
pub use reason::Reason;
pub use time::Time;
