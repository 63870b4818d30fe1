//! Classic pcap: both byte orders, micro- and nanoseconds, and the "modified" variant of Alexey Kuznetzov.
//! Records of the usual kind are framed by `pcap-file`'s raw API; what it does not know is framed here.

use pcap_file::pcap::{PcapParser, RawPcapPacket};

use super::bytes::Order;
use super::{CaptureFile, Interface, Packet, Resolution};
use crate::finding::{Finding, FindingKind};
use crate::link_type::LinkType;

const HEADER_LENGTH: usize = 24;
const RECORD_HEADER_LENGTH: usize = 16;

/// What the first four bytes tell.
#[derive(Clone, Copy, Debug)]
struct Magic {
    order: Order,
    resolution: Resolution,
    /// Bytes of each record header behind the usual sixteen.
    extra: usize,
}

fn magic(file: &[u8]) -> Option<Magic> {
    let number = Order::Big.u32(file, 0)?;
    let of = |order, resolution, extra| Some(Magic { order, resolution, extra });
    match number {
        0xa1b2_c3d4 => of(Order::Big, Resolution::MICROSECONDS, 0),
        0xd4c3_b2a1 => of(Order::Little, Resolution::MICROSECONDS, 0),
        0xa1b2_3c4d => of(Order::Big, Resolution::NANOSECONDS, 0),
        0x4d3c_b2a1 => of(Order::Little, Resolution::NANOSECONDS, 0),
        // Interface index, protocol, packet type and a byte of padding.
        0xa1b2_cd34 => of(Order::Big, Resolution::MICROSECONDS, 8),
        0x34cd_b2a1 => of(Order::Little, Resolution::MICROSECONDS, 8),
        _ => None,
    }
}

pub(super) fn is_pcap(file: &[u8]) -> bool {
    magic(file).is_some()
}

pub(super) fn read<'a>(file: &'a [u8], capture: &mut CaptureFile<'a>) {
    let Some(magic) = magic(file) else { return };
    if file.len() < HEADER_LENGTH {
        let text = format!("the file header has 24 bytes, here are {}", file.len());
        capture.findings.push(Finding::new(FindingKind::Truncated, text).at(0..file.len()));
        return;
    }
    let u16 = |at| magic.order.u16(file, at).unwrap_or(0);
    let u32 = |at| magic.order.u32(file, at).unwrap_or(0);
    let version = (u16(4), u16(6));
    // The upper bits of the link type hold the length of the frame check sequence (draft-ietf-opsawg-pcap §4).
    let link_type = LinkType((u32(20) & 0xffff) as u16);
    capture.push_interface(Interface::unnamed(link_type, u32(16), magic.resolution));
    if magic.extra > 0 {
        let text = "this is pcap as modified by A. Kuznetzov: record headers are 8 bytes longer";
        capture.findings.push(Finding::new(FindingKind::ModifiedPcap, text));
    }
    let mut reading = Reading { file, magic, capture };
    let old = version.0 == 2 && version.1 <= 3;
    match PcapParser::new(file) {
        Ok((_, parser)) if magic.extra == 0 && !old => reading.records(|rest| {
            let (behind, record) = parser.next_raw_packet(rest).ok()?;
            Some((rest.len() - behind.len(), Lengths::of(&record)))
        }),
        _ => reading.records(|rest| frame_unusual(rest, magic, old)),
    }
}

/// The header of a record, decoded.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    seconds: u32,
    fraction: u32,
    included: u32,
    original: u32,
}

impl Lengths {
    fn of(record: &RawPcapPacket<'_>) -> Lengths {
        Lengths {
            seconds: record.ts_sec,
            fraction: record.ts_frac,
            included: record.incl_len,
            original: record.orig_len,
        }
    }
}

/// Frames a record of a modified or an old file: its whole length, and its header.
fn frame_unusual(rest: &[u8], magic: Magic, old: bool) -> Option<(usize, Lengths)> {
    let u32 = |at| magic.order.u32(rest, at);
    let mut lengths = Lengths { seconds: u32(0)?, fraction: u32(4)?, included: u32(8)?, original: u32(12)? };
    // Until pcap 2.3 (there on some systems only), the two lengths stood the other way round.
    if old && lengths.included > lengths.original {
        std::mem::swap(&mut lengths.included, &mut lengths.original);
    }
    let whole = (RECORD_HEADER_LENGTH + magic.extra).checked_add(lengths.included as usize)?;
    (whole <= rest.len()).then_some((whole, lengths))
}

struct Reading<'a, 'c> {
    file: &'a [u8],
    magic: Magic,
    capture: &'c mut CaptureFile<'a>,
}

impl<'a> Reading<'a, '_> {
    /// Takes record after record, until the rest holds none. `frame` gives the whole length of the next one, and its header.
    fn records(&mut self, frame: impl Fn(&'a [u8]) -> Option<(usize, Lengths)>) {
        let mut at = HEADER_LENGTH;
        while at < self.file.len() {
            let rest = &self.file[at..];
            let Some((whole, lengths)) = frame(rest).filter(|(whole, _)| (1..=rest.len()).contains(whole))
            else {
                let text = format!("the last {} bytes are not a whole record", rest.len());
                let finding = Finding::new(FindingKind::Truncated, text).at(at..self.file.len());
                self.capture.findings.push(finding);
                return;
            };
            let data = &rest[whole - lengths.included as usize..whole];
            self.packet(at, lengths, data);
            at += whole;
        }
    }

    fn packet(&mut self, at: usize, lengths: Lengths, data: &'a [u8]) {
        let index = self.capture.packets.len();
        let mut original_length = lengths.original;
        if original_length < lengths.included {
            let text = format!("{} bytes were kept of a packet of {original_length} bytes", lengths.included);
            self.finding(FindingKind::BadLengths, index, text, at);
            original_length = lengths.included;
        }
        let unit_ns: i64 = if self.magic.resolution == Resolution::NANOSECONDS { 1 } else { 1_000 };
        let fraction_ns = i64::from(lengths.fraction) * unit_ns;
        if fraction_ns >= 1_000_000_000 {
            let text = format!("the fraction of its time stamp is {fraction_ns} ns, more than a second");
            self.finding(FindingKind::BadTimestamp, index, text, at);
        }
        self.capture.push(Packet {
            at_ns: Some(i64::from(lengths.seconds) * 1_000_000_000 + fraction_ns),
            interface: 0,
            original_length,
            direction: None,
            data,
        });
    }

    fn finding(&mut self, kind: FindingKind, index: usize, text: String, at: usize) {
        let number = index as u32 + 1;
        let range = at..at + RECORD_HEADER_LENGTH + self.magic.extra;
        self.capture.findings.push_with(kind, || Finding {
            kind,
            packet: Some(number),
            range: Some(range),
            text,
        });
    }
}
