//! Other ICE stacks as guests in the lab: who connects to whom through which NATs, and how fast, ours among them.
//!
//! They are built only with the feature `guests`: `cargo test -p rtclab-tests --features guests --test ice_guests`.

#![cfg(feature = "guests")]

mod departures;
mod guest;
mod is_agent;
mod matrix;
mod ours;
mod rice_agent;
mod rtc_agent;
mod seat;
mod table;
mod timing;
