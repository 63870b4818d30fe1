//! The protocols of `rtclab-rtc` over real sockets: what `rtclab serve`, `rtclab probe` and `rtclab gather` do, and an ICE agent for
//! programs. Native only.
//!
//! The protocols stay sans-IO. Here are the three things that a world hands in and an operating system has to: time ([`clock`]),
//! randomness ([`randomness`]) and sockets ([`wire`]). Everything else is a loop that carries datagrams between them.
//!
//! Not here: any decision of a protocol, and any reading of the command line.

pub mod clock;
pub mod gather;
pub mod interfaces;
pub mod probe;
pub mod randomness;
pub mod resolve;
pub mod runtime;
pub mod serve;
pub mod session;

pub mod wire;

pub use clock::Clock;
pub use randomness::SystemRandomness;
pub use session::{Protocol, Session};

pub use wire::{Event, Identity, TlsError, Trust, Wire};
