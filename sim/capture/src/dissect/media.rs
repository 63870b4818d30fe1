//! RTP and RTCP headers as fields. What follows them is usually encrypted (SRTP, SRTCP), and is left alone.

use std::ops::Range;

use super::Field;
use super::scribe::{Scribe, decimal};
use crate::words::{self, some_hex};

/// RTP (RFC 3550 §5.1, §5.3.1).
pub(super) fn rtp(bytes: &[u8], range: Range<usize>) -> Field {
    let mut scribe = Scribe::new("RTP", bytes, range);
    let value = rtp_fields(&mut scribe).unwrap_or_default();
    let rest = scribe.rest().len();
    if rest > 0 {
        scribe.take("Payload", rest, some_hex);
    }
    scribe.finish(value)
}

fn rtp_fields(scribe: &mut Scribe<'_>) -> Option<String> {
    let first = scribe.u8("Version, padding, extension, sources", |bits| format!("{bits:#04x}"))?;
    scribe.part("Version", decimal(first >> 6));
    scribe.part("Padding", decimal(first >> 5 & 1));
    scribe.part("Extension", decimal(first >> 4 & 1));
    scribe.part("Contributing sources", decimal(first & 15));
    let second = scribe.u8("Marker and payload type", |bits| format!("{bits:#04x}"))?;
    scribe.part("Marker", decimal(second >> 7));
    scribe.part("Payload type", decimal(second & 0x7f));
    let sequence = scribe.u16("Sequence number", decimal)?;
    scribe.u32("Time stamp", decimal)?;
    let ssrc = scribe.u32("SSRC", |number| format!("{number:#010x}"))?;
    for _ in 0..first & 15 {
        scribe.u32("CSRC", |number| format!("{number:#010x}"))?;
    }
    if first & 0x10 != 0 {
        extension(scribe)?;
    }
    Some(format!("payload type {}, sequence {sequence}, SSRC {ssrc:#010x}", second & 0x7f))
}

/// The header extension; of the one-byte form (RFC 8285 §4.2) each element.
fn extension(scribe: &mut Scribe<'_>) -> Option<()> {
    let profile = scribe.u16("Extension profile", |number| format!("{number:#06x}"))?;
    let length = usize::from(scribe.u16("Extension length", |words| format!("{words} words"))?) * 4;
    let end = scribe.at() + length;
    if profile != 0xbede {
        return scribe.take("Extension data", length, some_hex).map(|_| ());
    }
    while scribe.at() < end {
        let first = *scribe.rest().first()?;
        if first == 0 {
            scribe.take("Padding", 1, |_| String::new())?;
            continue;
        }
        let length = usize::from(first & 15) + 2;
        let length = length.min(end - scribe.at());
        scribe.take("Element", length, |element| {
            format!("id {}: {}", first >> 4, words::hex(element.get(1..).unwrap_or(&[])))
        })?;
    }
    Some(())
}

/// RTCP (RFC 3550 §6.4), packet after packet as long as they look like one: in SRTCP only the first header is in clear.
pub(super) fn rtcp(bytes: &[u8], range: Range<usize>) -> Field {
    let mut scribe = Scribe::new("RTCP", bytes, range);
    let mut names = Vec::new();
    while let [first, kind @ 192..=223, high, low, ..] = scribe.rest() {
        let length = usize::from(u16::from_be_bytes([*high, *low])) * 4 + 4;
        if first >> 6 != 2 || length > scribe.rest().len() {
            break;
        }
        names.push(words::rtcp(*kind));
        let end = scribe.at() + length;
        let mut packet = Scribe::new("RTCP packet", bytes, scribe.at()..end);
        let value = rtcp_fields(&mut packet, *kind).unwrap_or_default();
        scribe.push(packet.finish(value));
        scribe.skip_to(end);
    }
    let rest = scribe.rest().len();
    if rest > 0 {
        scribe.take("Encrypted or unknown", rest, some_hex);
    }
    scribe.finish(names.join(", "))
}

fn rtcp_fields(scribe: &mut Scribe<'_>, kind: u8) -> Option<String> {
    let first = scribe.u8("Version, padding, count", |bits| format!("{bits:#04x}"))?;
    scribe.part("Count or format", decimal(first & 31));
    scribe.u8("Packet type", |kind| format!("{} ({kind})", words::rtcp(kind)))?;
    scribe.u16("Length", |words| format!("{words} words"))?;
    // RFC 3550 §6.6: a goodbye of nobody has no SSRC.
    if scribe.rest().len() >= 4 {
        scribe.u32("SSRC", |number| format!("{number:#010x}"))?;
    }
    let rest = scribe.rest().len();
    if rest > 0 {
        scribe.take("Content", rest, some_hex)?;
    }
    Some(words::rtcp(kind).into())
}
