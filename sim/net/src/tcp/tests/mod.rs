//! Tests of whole connections, two and two over a channel that can do harm.

mod attacks;
mod closing;
mod course;
mod handshake;
mod loss;
mod pair;
mod random_segments;
mod transfers;
mod windows;
