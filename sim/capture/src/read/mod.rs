//! Reading capture files: `CaptureFile` and the choice of format. Not here: what the packets mean (`dissect`, `infer`).
//!
//! Reading is lenient: what cannot be read becomes a finding, and reading goes on as far as it can. Packets borrow the bytes of
//! the file, so memory stays in proportion to it.

mod bytes;
mod options;
mod pcap;
mod pcapng;
mod resolution;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::finding::{Finding, FindingKind, Findings};
use crate::link_type::LinkType;

pub use resolution::Resolution;

/// Which file format it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Format {
    /// Neither pcap nor pcapng.
    #[default]
    Unknown,
    /// Classic pcap.
    Pcap,
    /// pcapng.
    PcapNg,
}

impl Format {
    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Format::Unknown => "unknown",
            Format::Pcap => "pcap",
            Format::PcapNg => "pcapng",
        }
    }
}

/// Which way a packet went, from the point of view of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PacketDirection {
    /// Received by it.
    Inbound,
    /// Sent by it.
    Outbound,
}

/// An interface that packets were captured on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name; empty if the file does not tell.
    pub name: String,
    /// Its description; empty if the file does not tell.
    pub description: String,
    /// How its packets begin.
    pub link_type: LinkType,
    /// The most bytes of a packet that were kept; 0 for no limit.
    pub snap_length: u32,
    /// The unit of its time stamps.
    pub resolution: Resolution,
    /// Seconds to be added to its time stamps.
    pub offset_s: i64,
    /// Packets that the capture itself lost, where the file tells.
    pub lost_by_capture: Option<u64>,
    /// Comments of whoever wrote the file.
    pub comments: Vec<String>,
}

impl Interface {
    /// An interface of which nothing is known but the link type.
    pub(crate) const fn unnamed(link_type: LinkType, snap_length: u32, resolution: Resolution) -> Interface {
        Interface {
            name: String::new(),
            description: String::new(),
            link_type,
            snap_length,
            resolution,
            offset_s: 0,
            lost_by_capture: None,
            comments: Vec::new(),
        }
    }
}

/// A packet as the file has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Nanoseconds since 1970-01-01 00:00 UTC; none if the file does not tell (Simple Packet Blocks).
    pub at_ns: Option<i64>,
    /// Index of its interface in the file.
    pub interface: u32,
    /// The length it had on the wire.
    pub original_length: u32,
    /// Which way it went, where the file tells.
    pub direction: Option<PacketDirection>,
    /// What was kept of it.
    pub data: &'a [u8],
}

/// Everything that could be read of a capture file.
#[derive(Clone, Debug, Default)]
pub struct CaptureFile<'a> {
    /// Which format it was.
    pub format: Format,
    /// Its packets, in the order of the file; people number them from 1.
    pub packets: Vec<Packet<'a>>,
    /// Its interfaces; those of all sections one after the other.
    pub interfaces: Vec<Interface>,
    /// Names of addresses, as far as the file brings some.
    pub names: BTreeMap<IpAddr, String>,
    /// Comments about the file as a whole.
    pub comments: Vec<String>,
    /// What could not be read, or is worth knowing.
    pub findings: Findings,
    /// Comments of packets, by the index of the packet.
    packet_comments: BTreeMap<usize, Vec<String>>,
}

impl<'a> CaptureFile<'a> {
    /// Reads a whole file. Never fails: an unreadable file has no packets and a finding that says why.
    pub fn read(file: &'a [u8]) -> CaptureFile<'a> {
        let mut capture = CaptureFile::default();
        if pcapng::is_pcapng(file) {
            capture.format = Format::PcapNg;
            pcapng::read(file, &mut capture);
        } else if pcap::is_pcap(file) {
            capture.format = Format::Pcap;
            pcap::read(file, &mut capture);
        } else {
            capture.findings.push(Finding::new(FindingKind::NotACapture, what_it_is_instead(file)));
        }
        capture
    }

    /// The comments of a packet, by its index.
    pub fn comments_of(&self, index: usize) -> &[String] {
        self.packet_comments.get(&index).map_or(&[], Vec::as_slice)
    }

    /// The interface of a packet.
    pub fn interface_of(&self, packet: &Packet<'_>) -> Option<&Interface> {
        self.interfaces.get(packet.interface as usize)
    }

    /// How a packet begins. A packet without an interface is taken for one of an unknown link type.
    pub fn link_type_of(&self, packet: &Packet<'_>) -> LinkType {
        self.interface_of(packet).map_or(LinkType(u16::MAX), |interface| interface.link_type)
    }

    pub(crate) fn push(&mut self, packet: Packet<'a>) {
        self.packets.push(packet);
    }

    pub(crate) fn push_comment(&mut self, index: usize, comment: String) {
        self.packet_comments.entry(index).or_default().push(comment);
    }

    /// Adds an interface; says so once if its packets cannot be dissected.
    pub(crate) fn push_interface(&mut self, interface: Interface) {
        if !interface.link_type.is_supported() {
            let number = interface.link_type.0;
            let text =
                format!("interface {} has link type {number}, which is not dissected", self.interfaces.len());
            self.findings.push(Finding::new(FindingKind::UnsupportedLinkType, text));
        }
        self.interfaces.push(interface);
    }
}

/// A sentence for files that are often taken for captures.
fn what_it_is_instead(file: &[u8]) -> String {
    let guess = match file {
        [] => "the file is empty",
        [0x1f, 0x8b, ..] => "the file is compressed with gzip; decompress it first",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "the file is compressed with zstd; decompress it first",
        [b'P', b'K', 3, 4, ..] => "the file is a zip archive; unpack it first",
        [b'{' | b'[', ..] => "the file looks like JSON; expected a pcap or pcapng file",
        _ => "the first bytes are neither those of pcap nor those of pcapng",
    };
    guess.to_string()
}
