//! pcapng: sections, interfaces, packets, names. Blocks are framed by `pcap-file`'s raw API; their bodies are read here, leniently,
//! because one malformed option must not cost the packets behind it.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use pcap_file::pcapng::{PcapNgParseError, PcapNgParser};

use super::bytes::Order;
use super::options::{self, COMMENT, FLAGS, ISB_IFDROP, ISB_OSDROP};
use super::{CaptureFile, Interface, Packet, PacketDirection, Resolution};
use crate::finding::{Finding, FindingKind};
use crate::link_type::LinkType;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const NAME_RESOLUTION: u32 = 4;
const INTERFACE_STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

/// The smallest block: type, length, length.
const BLOCK_LENGTH_MIN: usize = 12;

pub(super) fn is_pcapng(file: &[u8]) -> bool {
    Order::Big.u32(file, 0) == Some(SECTION_HEADER)
}

pub(super) fn read<'a>(file: &'a [u8], capture: &mut CaptureFile<'a>) {
    let mut reading = Reading {
        capture,
        order: Order::Little,
        framing: framing(Order::Little),
        first_interface: 0,
        secrets: false,
    };
    let mut at = 0;
    while at < file.len() {
        at = reading.next(file, at);
    }
}

/// The state of reading.
struct Reading<'a, 'c> {
    capture: &'c mut CaptureFile<'a>,
    /// The byte order of the current section.
    order: Order,
    framing: Option<PcapNgParser>,
    /// Index of the first interface of the current section.
    first_interface: usize,
    /// Whether the note about secrets is written.
    secrets: bool,
}

/// A parser in the byte order of a section, whatever the options of its real header are like.
fn framing(order: Order) -> Option<PcapNgParser> {
    let fields: [u32; 4] = [SECTION_HEADER, 28, 0x1a2b_3c4d, 0x0001_0000];
    let big = [&fields[..], &[u32::MAX, u32::MAX, 28]].concat();
    let mut header = Vec::with_capacity(28);
    for (index, field) in big.into_iter().enumerate() {
        // The version is two 16-bit fields: major, then minor.
        let little = if index == 3 { [1, 0, 0, 0] } else { field.to_le_bytes() };
        header.extend_from_slice(&if order == Order::Little { little } else { field.to_be_bytes() });
    }
    PcapNgParser::new(&header).ok().map(|(_, parser)| parser)
}

/// A framed block.
struct Block<'a> {
    kind: u32,
    body: &'a [u8],
    /// All of it, with both lengths.
    length: usize,
}

impl<'a> Reading<'a, '_> {
    /// Reads the block at `at`, and returns where the next one begins.
    fn next(&mut self, file: &'a [u8], at: usize) -> usize {
        let rest = &file[at..];
        if Order::Big.u32(rest, 0) == Some(SECTION_HEADER) {
            self.section_begins(rest);
        }
        let framed = match self.framing.as_mut().map(|parser| parser.next_raw_block(rest)) {
            Some(Ok((behind, raw))) => match raw.body {
                Cow::Borrowed(body) => Ok(Block { kind: raw.type_, body, length: rest.len() - behind.len() }),
                Cow::Owned(_) => Err("the block cannot be framed".to_string()),
            },
            Some(Err(PcapNgParseError::IncompleteBuffer(..))) => {
                Err("it reaches past the end of the file".into())
            }
            Some(Err(error)) => Err(error.to_string()),
            None => Err("the section has no header".into()),
        };
        match framed {
            Ok(block) => {
                self.block(&block, at);
                at + block.length
            }
            Err(problem) => self.recover(file, at, &problem),
        }
    }

    /// A section header comes: its byte order decides how everything behind it is read.
    fn section_begins(&mut self, rest: &[u8]) {
        let order = match Order::Big.u32(rest, 8) {
            Some(0x1a2b_3c4d) => Order::Big,
            Some(0x4d3c_2b1a) => Order::Little,
            _ => return,
        };
        self.order = order;
        self.framing = framing(order);
        self.first_interface = self.capture.interfaces.len();
    }

    /// Goes on behind a block that `pcap-file` refused, or at the next place that looks like a block.
    fn recover(&mut self, file: &'a [u8], at: usize, problem: &str) -> usize {
        let rest = &file[at..];
        if let Some(block) = frame(self.order, rest) {
            let text = format!("a block of type {:#x} is damaged: {problem}", block.kind);
            self.capture
                .findings
                .push(Finding::new(FindingKind::DamagedBlock, text).at(at..at + block.length));
            self.block(&block, at);
            return at + block.length;
        }
        // Blocks are aligned to four bytes; a place qualifies if both of its lengths agree and the type is known.
        let found = (4..rest.len())
            .step_by(4)
            .find(|&skipped| frame(self.order, &rest[skipped..]).is_some_and(|block| is_known(block.kind)));
        match found {
            Some(skipped) => {
                let text = format!("{skipped} bytes are no block and were skipped: {problem}");
                self.capture
                    .findings
                    .push(Finding::new(FindingKind::SkippedBytes, text).at(at..at + skipped));
                at + skipped
            }
            None => {
                let text = format!("the last {} bytes are not a whole block: {problem}", rest.len());
                self.capture.findings.push(Finding::new(FindingKind::Truncated, text).at(at..file.len()));
                file.len()
            }
        }
    }

    fn block(&mut self, block: &Block<'a>, at: usize) {
        let body = block.body;
        let read = match block.kind {
            SECTION_HEADER => self.section(body),
            INTERFACE_DESCRIPTION => self.interface(body),
            ENHANCED_PACKET => self.enhanced_packet(body),
            SIMPLE_PACKET => self.simple_packet(body),
            OBSOLETE_PACKET => self.obsolete_packet(body),
            NAME_RESOLUTION => self.names(body),
            INTERFACE_STATISTICS => self.statistics(body),
            DECRYPTION_SECRETS => {
                if !std::mem::replace(&mut self.secrets, true) {
                    let text =
                        "the file carries decryption secrets: whoever gets it can read what they protect";
                    self.capture
                        .findings
                        .push(Finding::new(FindingKind::Secrets, text).at(at..at + block.length));
                }
                Some(())
            }
            // Custom blocks, journal entries and whatever comes later: their writers know them, packets they are not.
            _ => Some(()),
        };
        if read.is_none() {
            let text = format!("a block of type {:#x} is shorter than its fixed part", block.kind);
            self.capture
                .findings
                .push(Finding::new(FindingKind::DamagedBlock, text).at(at..at + block.length));
        }
    }

    fn section(&mut self, body: &[u8]) -> Option<()> {
        for (code, value) in self.options(body.get(16..)?) {
            if code == COMMENT {
                self.capture.comments.push(options::text(value));
            }
        }
        Some(())
    }

    fn interface(&mut self, body: &[u8]) -> Option<()> {
        let link_type = LinkType(self.order.u16(body, 0)?);
        let snap_length = self.order.u32(body, 4)?;
        let mut interface = Interface::unnamed(link_type, snap_length, Resolution::MICROSECONDS);
        for (code, value) in self.options(body.get(8..)?) {
            if let Err(problem) = options::describe_interface(&mut interface, self.order, code, value) {
                self.capture.findings.push(Finding::new(FindingKind::DamagedBlock, problem));
            }
        }
        self.capture.push_interface(interface);
        Some(())
    }

    fn enhanced_packet(&mut self, body: &'a [u8]) -> Option<()> {
        let u32 = |at| self.order.u32(body, at);
        let (interface, high, low) = (u32(0)?, u32(4)?, u32(8)?);
        let (kept, original) = (u32(12)?, u32(16)?);
        self.packet(interface, Some((high, low)), (kept, original), body.get(20..)?);
        Some(())
    }

    /// The block that came before the enhanced one; some writers still use it.
    fn obsolete_packet(&mut self, body: &'a [u8]) -> Option<()> {
        let u32 = |at| self.order.u32(body, at);
        let interface = u32::from(self.order.u16(body, 0)?);
        let (high, low) = (u32(4)?, u32(8)?);
        let (kept, original) = (u32(12)?, u32(16)?);
        self.packet(interface, Some((high, low)), (kept, original), body.get(20..)?);
        Some(())
    }

    /// A packet of the section's first interface, without time, kept up to that interface's limit.
    fn simple_packet(&mut self, body: &'a [u8]) -> Option<()> {
        let original = self.order.u32(body, 0)?;
        let behind = body.get(4..)?;
        let limit = self.capture.interfaces.get(self.first_interface).map_or(0, |first| first.snap_length);
        let limit = if limit == 0 { u32::MAX } else { limit };
        let kept = original.min(limit).min(u32::try_from(behind.len()).unwrap_or(u32::MAX));
        self.packet(0, None, (kept, original), behind);
        Some(())
    }

    /// Takes in a packet of any of the three kinds. `behind` begins with its bytes; its options follow.
    fn packet(&mut self, interface: u32, stamp: Option<(u32, u32)>, lengths: (u32, u32), behind: &'a [u8]) {
        let index = self.capture.packets.len();
        let number = index as u32 + 1;
        let (mut kept, mut original) = lengths;
        if kept as usize > behind.len() {
            let text = format!("{kept} bytes are announced, the block has {}", behind.len());
            self.push(FindingKind::BadLengths, number, text);
            kept = behind.len() as u32;
        }
        if original < kept {
            let text = format!("{kept} bytes were kept of a packet of {original} bytes");
            self.push(FindingKind::BadLengths, number, text);
            original = kept;
        }
        let (data, rest) = behind.split_at(kept as usize);
        let described = self.capture.interfaces.get(self.first_interface + interface as usize);
        let (unit, offset_s) = described
            .map_or((Resolution::MICROSECONDS, 0), |interface| (interface.resolution, interface.offset_s));
        if described.is_none() {
            self.push(
                FindingKind::UnknownInterface,
                number,
                format!("interface {interface} is not described"),
            );
        }
        let at_ns = stamp.map(|(high, low)| {
            unit.nanos(u64::from(high) << 32 | u64::from(low), offset_s).unwrap_or_else(|| {
                self.push(FindingKind::BadTimestamp, number, "the time is before 1677 or after 2262".into());
                0
            })
        });
        let padding = (4 - data.len() % 4) % 4;
        let mut direction = None;
        for (code, value) in self.options(rest.get(padding..).unwrap_or(&[])) {
            match (code, self.order.u32(value, 0)) {
                (COMMENT, _) => self.capture.push_comment(index, options::text(value)),
                (FLAGS, Some(flags)) => direction = direction_of(flags),
                _ => {}
            }
        }
        // Interfaces of all sections stand in one list, so their numbers move on with each section.
        let interface = u32::try_from(self.first_interface).unwrap_or(u32::MAX).saturating_add(interface);
        self.capture.push(Packet { at_ns, interface, original_length: original, direction, data });
    }

    fn names(&mut self, body: &[u8]) -> Option<()> {
        let mut rest = body;
        // Name records have the form of options.
        while let (Some(kind @ 1..), Some(length)) = (self.order.u16(rest, 0), self.order.u16(rest, 2)) {
            let length = usize::from(length);
            let value = rest.get(4..4 + length)?;
            let (address, names): (IpAddr, &[u8]) = match (kind, value) {
                (1, [a, b, c, d, names @ ..]) => (Ipv4Addr::new(*a, *b, *c, *d).into(), names),
                (2, value) if value.len() >= 16 => {
                    (Ipv6Addr::from(*value.first_chunk::<16>()?).into(), &value[16..])
                }
                _ => (Ipv4Addr::UNSPECIFIED.into(), &[]),
            };
            // An address may have several names, ended by zeros; the first is shown.
            let name = options::text(names.split(|byte| *byte == 0).next().unwrap_or(&[]));
            if !name.is_empty() {
                self.capture.names.entry(address).or_insert(name);
            }
            rest = rest.get(4 + length.next_multiple_of(4)..).unwrap_or(&[]);
        }
        Some(())
    }

    fn statistics(&mut self, body: &[u8]) -> Option<()> {
        let interface = self.order.u32(body, 0)?;
        let mut lost = None;
        for (code, value) in self.options(body.get(12..)?) {
            if let (ISB_IFDROP | ISB_OSDROP, Some(count)) = (code, self.order.u64(value, 0)) {
                lost = Some(lost.unwrap_or(0u64).saturating_add(count));
            }
        }
        let index = self.first_interface + interface as usize;
        if let (Some(lost), Some(interface)) = (lost, self.capture.interfaces.get_mut(index)) {
            interface.lost_by_capture = Some(lost);
            if lost > 0 {
                let text = format!("the capture lost {lost} packets on interface {index}");
                self.capture.findings.push(Finding::new(FindingKind::CaptureLoss, text));
            }
        }
        Some(())
    }

    /// The options in `bytes` that can be read; a cut one is a finding.
    fn options<'b>(&mut self, bytes: &'b [u8]) -> Vec<(u16, &'b [u8])> {
        let mut good = Vec::new();
        for option in options::walk(self.order, bytes) {
            match option {
                Ok(option) => good.push(option),
                Err(problem) => {
                    self.capture.findings.push(Finding::new(FindingKind::DamagedBlock, problem));
                }
            }
        }
        good
    }

    fn push(&mut self, kind: FindingKind, packet: u32, text: String) {
        self.capture.findings.push(Finding { kind, packet: Some(packet), range: None, text });
    }
}

/// The two low bits of `epb_flags`.
const fn direction_of(flags: u32) -> Option<PacketDirection> {
    match flags & 3 {
        1 => Some(PacketDirection::Inbound),
        2 => Some(PacketDirection::Outbound),
        _ => None,
    }
}

const fn is_known(kind: u32) -> bool {
    matches!(kind, SECTION_HEADER | 1..=6 | 9 | DECRYPTION_SECRETS | 0xbad | 0x4000_0bad)
}

/// Frames a block by its lengths alone: aligned, inside the file, and the same at both ends.
fn frame(order: Order, rest: &[u8]) -> Option<Block<'_>> {
    let kind = order.u32(rest, 0)?;
    let length = order.u32(rest, 4)? as usize;
    if length < BLOCK_LENGTH_MIN || !length.is_multiple_of(4) || length > rest.len() {
        return None;
    }
    let again = order.u32(rest, length - 4)?;
    (again as usize == length).then(|| Block { kind, body: &rest[8..length - 4], length })
}
