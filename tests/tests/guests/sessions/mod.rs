//! Peer connections as guests: `str0m` and `rtc` (webrtc-rs), each at a node of a world, with one of ours. Offers and answers cross in both roles, a data
//! channel opens, and messages go both ways, through NATs and over lines that lose packets.

mod calls;
mod ours;
mod rtc_peer;
mod str0m_crypto;
mod str0m_peer;
mod talk;
