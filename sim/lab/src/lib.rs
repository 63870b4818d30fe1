//! Scenarios: the documents that describe them, the programs that nodes run, what happens at which time, what is expected, and
//! what a run came to.
//!
//! Not here: the protocols (`rtclab-rtc`), the network that carries them (`rtclab-net`), and the views (`app`).

pub mod build;
pub mod diagnosis;
pub mod document;
pub mod expect;
pub mod explain;
pub mod ladder;
mod language;
pub mod presets;
pub mod programs;
pub mod reading;
pub mod run;

pub use language::Language;
