//! Tests of SCTP: two associations over a line that loses, delays, reorders and duplicates as it is told.

mod closing;
mod handshake;
mod line;
mod numbers;
mod partial;
mod resets;
mod transfer;
mod vectors;
