//! Files of packets: pcap and pcapng in and out, dissection, inference.

pub mod finding;
pub mod link_type;
pub mod read;

pub use finding::{Finding, FindingKind, Findings, Severity};
pub use link_type::LinkType;
pub use read::{CaptureFile, Interface, Packet};
