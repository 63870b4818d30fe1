//! Media without pictures: frames of the sizes that an encoder makes ([`encoder`]), RTP packets that carry them ([`rtp`]), and
//! the time that each frame spent at each stage ([`latency`]).
//!
//! Every byte is real on the wire; only the picture inside is not. Not here: the network, and who sends to whom.

pub mod encoder;
pub mod latency;
pub mod rtp;

pub use encoder::{Encoder, EncoderConfig, Frame};
pub use latency::{FrameLatency, LatencySummary};
pub use rtp::{FrameAssembler, Packetizer, RtpError};
