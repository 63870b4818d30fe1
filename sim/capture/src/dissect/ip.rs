//! IPv4 and IPv6 with their options and extension headers, as fields.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::Field;
use super::scribe::{Scribe, decimal, hex16};
use crate::checksum::{self, Verdict};
use crate::finding::FindingKind;
use crate::outline::{Network, protocol};
use crate::words::some_hex;

/// The network layer: one field for the header, one for each IPv6 extension header.
pub(super) fn layers(bytes: &[u8], network: &Network) -> Vec<Field> {
    let value = format!("{} → {}", network.source, network.destination);
    match network.version {
        4 => vec![ipv4(bytes, network, value)],
        _ => ipv6(bytes, network, value),
    }
}

fn ipv4(bytes: &[u8], network: &Network, value: String) -> Field {
    let mut scribe = Scribe::new("IPv4", bytes, network.header.clone());
    let header = bytes.get(network.header.clone()).unwrap_or(&[]);
    let _ = ipv4_fields(&mut scribe, header, network);
    let mut value = value;
    if let Some(fragment) = network.fragment {
        let last = if fragment.more { "" } else { ", the last one" };
        value += &format!(", fragment at byte {}{last}", fragment.offset);
    }
    scribe.finish(value)
}

fn ipv4_fields(scribe: &mut Scribe<'_>, header: &[u8], network: &Network) -> Option<()> {
    let first = scribe.u8("Version and header length", |number| format!("{number:#04x}"))?;
    scribe.part("Version", decimal(first >> 4));
    scribe.part("Header length", format!("{} bytes", usize::from(first & 15) * 4));
    let service = scribe.u8("Traffic class", |number| format!("{number:#04x}"))?;
    scribe.part("DSCP", decimal(service >> 2));
    scribe.part("ECN", decimal(service & 3));
    let total = scribe.u16("Total length", decimal)?;
    if network.cut {
        let text = format!("the packet has {total} bytes, here are fewer");
        scribe.finding(FindingKind::CutShort, text);
    }
    scribe.u16("Identification", hex16)?;
    let bits = scribe.u16("Flags and fragment offset", hex16)?;
    scribe.part("Don't fragment", decimal(bits >> 14 & 1));
    scribe.part("More fragments", decimal(bits >> 13 & 1));
    scribe.part("Fragment offset", format!("{} bytes", u32::from(bits & 0x1fff) * 8));
    scribe.u8("TTL", decimal)?;
    scribe.u8("Protocol", |number| format!("{} ({number})", protocol::name(number)))?;
    // The sum covers the header up to where its own length says, not an authentication header behind it.
    let covered = header.get(..usize::from(first & 15) * 4).unwrap_or(header);
    let verdict = checksum::ipv4_header(covered);
    scribe.u16("Header checksum", |found| format!("{found:#06x} ({})", verdict.words()))?;
    remark(scribe, verdict);
    address4(scribe, "Source")?;
    address4(scribe, "Destination")?;
    let options = covered.len().saturating_sub(20);
    if options > 0 {
        scribe.take("Options", options, some_hex)?;
    }
    if header.len() > covered.len() {
        scribe.take("Authentication header", header.len() - covered.len(), some_hex)?;
    }
    Some(())
}

/// Says what a verdict on a checksum means, at the field that was taken last.
pub(super) fn remark(scribe: &mut Scribe<'_>, verdict: Verdict) {
    match verdict {
        Verdict::Wrong { expected } => {
            scribe.finding(FindingKind::WrongChecksum, format!("the bytes give {expected:#06x}"));
        }
        Verdict::Missing => {
            let text = "UDP over IPv6 must have a checksum (RFC 8200 §8.1)";
            scribe.finding(FindingKind::WrongChecksum, text);
        }
        Verdict::NotFilledIn => {
            let text = "the packet was captured before the network card filled the checksum in";
            scribe.finding(FindingKind::ChecksumOffload, text);
        }
        Verdict::Right | Verdict::Absent | Verdict::Unverifiable => {}
    }
}

fn address4(scribe: &mut Scribe<'_>, name: &'static str) -> Option<()> {
    scribe.u32(name, |number| Ipv4Addr::from(number).to_string()).map(|_| ())
}

fn address6(scribe: &mut Scribe<'_>, name: &'static str) -> Option<()> {
    let words = |field: &[u8]| {
        <[u8; 16]>::try_from(field)
            .map_or_else(|_| some_hex(field), |octets| Ipv6Addr::from(octets).to_string())
    };
    scribe.take(name, 16, words).map(|_| ())
}

fn ipv6(bytes: &[u8], network: &Network, value: String) -> Vec<Field> {
    let start = network.header.start;
    let mut scribe = Scribe::new("IPv6", bytes, start..start + 40);
    let next = ipv6_fields(&mut scribe, network);
    let mut layers = vec![scribe.finish(value)];
    let (mut kind, mut at) = (next.unwrap_or(protocol::NO_NEXT_HEADER), start + 40);
    while at < network.header.end {
        let length = bytes.get(at + 1).map_or(8, |length| protocol::extension_length(kind, *length));
        let (layer, next) = extension(bytes, kind, at..(at + length).min(network.header.end));
        layers.push(layer);
        (kind, at) = (next, at + length);
    }
    layers
}

fn ipv6_fields(scribe: &mut Scribe<'_>, network: &Network) -> Option<u8> {
    let first = scribe.u32("Version, traffic class, flow label", |number| format!("{number:#010x}"))?;
    scribe.part("Version", decimal(first >> 28));
    scribe.part("DSCP", decimal(first >> 22 & 0x3f));
    scribe.part("ECN", decimal(first >> 20 & 3));
    scribe.part("Flow label", format!("{:#07x}", first & 0xfffff));
    let length = scribe.u16("Payload length", decimal)?;
    if network.cut {
        let text = format!("the payload has {length} bytes, here are fewer");
        scribe.finding(FindingKind::CutShort, text);
    }
    let next = scribe.u8("Next header", |number| format!("{} ({number})", protocol::name(number)))?;
    scribe.u8("Hop limit", decimal)?;
    address6(scribe, "Source")?;
    address6(scribe, "Destination")?;
    Some(next)
}

/// An extension header (RFC 8200 §4) and the kind of what follows it.
fn extension(bytes: &[u8], kind: u8, range: Range<usize>) -> (Field, u8) {
    let name = match kind {
        protocol::HOP_BY_HOP => "IPv6 hop-by-hop options",
        protocol::IPV6_ROUTING => "IPv6 routing header",
        protocol::IPV6_FRAGMENT => "IPv6 fragment header",
        protocol::DESTINATION_OPTIONS => "IPv6 destination options",
        protocol::AUTHENTICATION => "Authentication header",
        protocol::MOBILITY => "IPv6 mobility header",
        protocol::HIP => "Host identity protocol",
        protocol::SHIM6 => "shim6",
        _ => "IPv6 extension header",
    };
    let next = bytes.get(range.start).copied().unwrap_or(protocol::NO_NEXT_HEADER);
    let mut scribe = Scribe::new(name, bytes, range);
    let value = extension_fields(&mut scribe, kind).unwrap_or_default();
    (scribe.finish(value), next)
}

fn extension_fields(scribe: &mut Scribe<'_>, kind: u8) -> Option<String> {
    scribe.u8("Next header", |number| format!("{} ({number})", protocol::name(number)))?;
    if kind == protocol::IPV6_FRAGMENT {
        scribe.u8("Reserved", decimal)?;
        let bits = scribe.u16("Offset and flags", hex16)?;
        scribe.part("Fragment offset", format!("{} bytes", bits & !7));
        scribe.part("More fragments", decimal(bits & 1));
        let identification = scribe.u32("Identification", |number| format!("{number:#010x}"))?;
        return Some(format!("fragment at byte {} of {identification:#010x}", bits & !7));
    }
    scribe.u8("Length", decimal)?;
    let rest = scribe.rest().len();
    scribe.take("Data", rest, some_hex)?;
    Some(String::new())
}
