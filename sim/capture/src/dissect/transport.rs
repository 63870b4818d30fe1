//! UDP, TCP with its options, and ICMP for both versions of IP, as fields.

use std::net::Ipv6Addr;

use super::Field;
use super::ip::remark;
use super::scribe::{Scribe, decimal, hex16};
use crate::checksum::{self, Verdict};
use crate::finding::FindingKind;
use crate::outline::{Outline, Segment, Transport, flags, is_icmp_error};
use crate::words::{self, some_hex};

/// The transport layer, without what it carries.
pub(super) fn layer(outline: &Outline<'_>) -> Option<Field> {
    let verdict = checksum::transport(outline).map_or(Verdict::Unverifiable, |(_, verdict)| verdict);
    let end = outline.network.as_ref()?.payload.end;
    match outline.transport.as_ref()? {
        Transport::Udp { start, length, .. } => {
            let mut scribe = Scribe::new("UDP", outline.bytes, *start..(start + 8).min(end));
            let has = end - start;
            let value = udp_fields(&mut scribe, usize::from(*length), has, verdict);
            Some(scribe.finish(value.unwrap_or_default()))
        }
        Transport::Tcp(segment) => {
            let header_end = (segment.start + segment.header_length.max(20)).min(end);
            let mut scribe = Scribe::new("TCP", outline.bytes, segment.start..header_end);
            let _ = tcp_fields(&mut scribe, segment, verdict);
            Some(scribe.finish(tcp_words(segment, outline.payload.len())))
        }
        Transport::Icmp { version, kind, code, start } => {
            let name = if *version == 4 { "ICMP" } else { "ICMPv6" };
            let mut scribe = Scribe::new(name, outline.bytes, *start..end);
            let _ = icmp_fields(&mut scribe, *version, *kind, verdict);
            Some(scribe.finish(words::icmp(*version, *kind, *code)))
        }
    }
}

fn udp_fields(scribe: &mut Scribe<'_>, length: usize, has: usize, verdict: Verdict) -> Option<String> {
    let source = scribe.u16("Source port", decimal)?;
    let destination = scribe.u16("Destination port", decimal)?;
    scribe.u16("Length", decimal)?;
    if length > 0 && length < 8 {
        scribe.finding(FindingKind::Malformed, "a UDP header alone has 8 bytes");
    } else if length > has && verdict != Verdict::Unverifiable {
        let text = format!("the length is {length}, but IP carries {has} bytes");
        scribe.finding(FindingKind::Malformed, text);
    }
    scribe.u16("Checksum", |found| format!("{found:#06x} ({})", verdict.words()))?;
    remark(scribe, verdict);
    Some(format!("{source} → {destination}, {}", words::count(length.saturating_sub(8), "byte")))
}

/// `[SYN, ACK] seq 1 ack 2, 0 bytes`.
pub(crate) fn tcp_words(segment: &Segment, payload: usize) -> String {
    let names: Vec<&str> =
        flags::NAMES.iter().filter(|(bit, _)| segment.flags & bit != 0).map(|(_, name)| *name).collect();
    let ack = if segment.flags & flags::ACK == 0 {
        String::new()
    } else {
        format!(" ack {}", segment.acknowledgment)
    };
    format!("[{}] seq {}{ack}, {}", names.join(", "), segment.sequence, words::count(payload, "byte"))
}

fn tcp_fields(scribe: &mut Scribe<'_>, segment: &Segment, verdict: Verdict) -> Option<()> {
    scribe.u16("Source port", decimal)?;
    scribe.u16("Destination port", decimal)?;
    scribe.u32("Sequence number", decimal)?;
    scribe.u32("Acknowledgment number", decimal)?;
    scribe.u8("Header length", |_| format!("{} bytes", segment.header_length))?;
    if segment.header_length < 20 {
        scribe.finding(FindingKind::Malformed, "a TCP header has at least 20 bytes");
    }
    scribe.u8("Flags", |bits| format!("{bits:#04x}"))?;
    for (bit, name) in flags::NAMES {
        scribe.part(name, if segment.flags & bit == 0 { "0" } else { "1" });
    }
    scribe.u16("Window", decimal)?;
    scribe.u16("Checksum", |found| format!("{found:#06x} ({})", verdict.words()))?;
    remark(scribe, verdict);
    scribe.u16("Urgent pointer", decimal)?;
    while !scribe.rest().is_empty() {
        tcp_option(scribe)?;
    }
    Some(())
}

/// One option (RFC 9293 §3.2, RFC 7323, RFC 2018).
fn tcp_option(scribe: &mut Scribe<'_>) -> Option<()> {
    let kind = *scribe.rest().first()?;
    match kind {
        0 => {
            let rest = scribe.rest().len();
            return scribe.take("Option", rest, |_| "end of options".into()).map(|_| ());
        }
        1 => return scribe.take("Option", 1, |_| "no operation".into()).map(|_| ()),
        _ => {}
    }
    // The length counts the kind and itself.
    let length = scribe.rest().get(1).map_or(2, |length| usize::from(*length)).max(2);
    let taken =
        scribe.take("Option", length, |option| tcp_option_words(kind, option.get(2..).unwrap_or(&[])))?;
    if taken.get(1).is_some_and(|length| *length < 2) {
        scribe.finding(FindingKind::Malformed, "the length of an option counts its first two bytes");
    }
    Some(())
}

fn tcp_option_words(kind: u8, value: &[u8]) -> String {
    let number = |at| crate::outline::be32(value, at);
    match (kind, value.len()) {
        (2, 2) => format!("maximum segment size {}", u16::from_be_bytes([value[0], value[1]])),
        (3, 1) => format!("window scale {} (times {})", value[0], 1u32 << value[0].min(14)),
        (4, 0) => "SACK permitted".into(),
        (5, _) => {
            let edges: Vec<String> = (0..value.len() / 8)
                .filter_map(|block| Some(format!("{}–{}", number(block * 8)?, number(block * 8 + 4)?)))
                .collect();
            format!("SACK {}", edges.join(", "))
        }
        (8, 8) => {
            format!("time stamps {} (echoes {})", number(0).unwrap_or(0), number(4).unwrap_or(0))
        }
        _ => format!("kind {kind}: {}", some_hex(value)),
    }
}

fn icmp_fields(scribe: &mut Scribe<'_>, version: u8, kind: u8, verdict: Verdict) -> Option<()> {
    scribe.u8("Type", decimal)?;
    scribe.u8("Code", decimal)?;
    scribe.u16("Checksum", |found| format!("{found:#06x} ({})", verdict.words()))?;
    remark(scribe, verdict);
    match (version, kind) {
        (4, 0 | 8) | (6, 128 | 129) => {
            scribe.u16("Identifier", hex16)?;
            scribe.u16("Sequence number", decimal)?;
        }
        // RFC 1191 §4: the lower half of the field that is otherwise unused.
        (4, 3) => {
            scribe.u16("Unused", hex16)?;
            scribe.u16("Next-hop MTU", decimal)?;
        }
        (6, 2) => {
            scribe.u32("MTU", decimal)?;
        }
        (6, 135 | 136) => {
            scribe.u32("Flags", |bits| format!("{bits:#010x}"))?;
            scribe.take("Target address", 16, |field| {
                <[u8; 16]>::try_from(field)
                    .map_or_else(|_| some_hex(field), |octets| Ipv6Addr::from(octets).to_string())
            })?;
        }
        _ => {
            scribe.u32("Rest of header", |number| format!("{number:#010x}"))?;
        }
    }
    if !is_icmp_error(version, kind) && !scribe.rest().is_empty() {
        let rest = scribe.rest().len();
        scribe.take("Data", rest, some_hex)?;
    }
    Some(())
}
