//! Files of packets: pcap and pcapng in and out, dissection, and inference of state from packets.
//!
//! ```text
//! pcap / pcapng ──read──► packets ──dissect──► field trees
//!                            └────infer────► Trace + Report
//! Trace ──write──► pcapng
//! ```
//!
//! Nothing here trusts its input: a damaged file or packet gives findings, never a panic, and memory stays in proportion to the file.
//!
//! Not here: live capture (an edge of the app), the protocols themselves (`rtclab-rtc`), the log (`rtclab-trace`).

pub mod checksum;
pub mod dissect;
pub mod finding;
pub mod infer;
pub mod link_type;
pub mod outline;
pub mod read;
pub mod report;
mod words;
pub mod write;

pub use dissect::{Dissection, Field, dissect, summary};
pub use finding::{Finding, FindingKind, Findings, Severity};
pub use infer::trace_of;
pub use link_type::LinkType;
pub use read::{CaptureFile, Interface, Packet};
pub use report::Report;
pub use write::{About, WriteError, write_pcapng};
