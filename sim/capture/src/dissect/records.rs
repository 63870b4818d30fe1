//! DTLS and TLS record headers, and the headers of handshake messages that are in clear, as fields.

use std::ops::Range;

use rtclab_rtc::dtls::wire::handshake_name;

use super::Field;
use super::scribe::{Scribe, decimal, hex16};
use crate::words::{some_hex, tls_content};

/// DTLS: every record of a datagram (RFC 6347 §4.1, RFC 9147 §4).
pub(super) fn dtls(bytes: &[u8], range: Range<usize>) -> Vec<Field> {
    let mut layers = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let layer = match bytes.get(at) {
            Some(first) if first & 0xe0 == 0x20 => unified(bytes, at..range.end),
            Some(20..=26) => plain(bytes, at..range.end),
            _ => rest(bytes, at..range.end),
        };
        at = layer.range.end.max(at + 1);
        layers.push(layer);
    }
    layers
}

fn rest(bytes: &[u8], range: Range<usize>) -> Field {
    let mut scribe = Scribe::new("Data", bytes, range);
    let length = scribe.rest().len();
    scribe.take("Bytes", length, some_hex);
    scribe.finish(format!("{length} bytes behind the records"))
}

/// A record with the header of DTLS 1.2, which handshakes of DTLS 1.3 begin with, too.
fn plain(bytes: &[u8], range: Range<usize>) -> Field {
    let mut scribe = Scribe::new("DTLS", bytes, range);
    let value = plain_fields(&mut scribe).unwrap_or_default();
    scribe.finish(value)
}

fn plain_fields(scribe: &mut Scribe<'_>) -> Option<String> {
    let kind = scribe.u8("Content type", |kind| format!("{} ({kind})", tls_content(kind)))?;
    scribe.u16("Version", dtls_version)?;
    let epoch = scribe.u16("Epoch", decimal)?;
    scribe.take("Sequence number", 6, |field| {
        decimal(field.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte)))
    })?;
    // A record with a connection id (RFC 9146 §4) has it here; its length is not in the record.
    if kind == 25 {
        let rest = scribe.rest().len();
        scribe.take("Connection id, length, encrypted record", rest, some_hex)?;
        return Some(tls_content(kind).into());
    }
    let length = usize::from(scribe.u16("Length", decimal)?);
    let end = scribe.at() + length;
    if kind == 22 && epoch == 0 && length >= 12 {
        return handshake_fields(scribe, end);
    }
    scribe.take("Content", length, some_hex)?;
    Some(format!("{}, epoch {epoch}", tls_content(kind)))
}

fn dtls_version(number: u16) -> String {
    let words = match number {
        0xfeff => "DTLS 1.0, or any in a first ClientHello",
        0xfefd => "DTLS 1.2, or 1.3 in disguise",
        0xfefc => "DTLS 1.3",
        _ => "unknown",
    };
    format!("{words} ({number:#06x})")
}

/// RFC 6347 §4.2.2: a handshake message, or a fragment of one.
fn handshake_fields(scribe: &mut Scribe<'_>, end: usize) -> Option<String> {
    let number =
        |field: &[u8]| decimal(field.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte)));
    let kind = scribe.u8("Handshake type", |kind| format!("{} ({kind})", handshake_name(kind)))?;
    scribe.take("Message length", 3, number)?;
    scribe.u16("Message sequence", decimal)?;
    scribe.take("Fragment offset", 3, number)?;
    scribe.take("Fragment length", 3, number)?;
    let left = end.saturating_sub(scribe.at());
    scribe.take("Body", left, some_hex)?;
    Some(format!("handshake: {}", handshake_name(kind)))
}

/// A record with the unified header of DTLS 1.3 (RFC 9147 §4, figure 3): `001CSLEE`.
fn unified(bytes: &[u8], range: Range<usize>) -> Field {
    let mut scribe = Scribe::new("DTLS 1.3", bytes, range);
    let value = unified_fields(&mut scribe).unwrap_or_default();
    scribe.finish(value)
}

fn unified_fields(scribe: &mut Scribe<'_>) -> Option<String> {
    let first = scribe.u8("Unified header", |bits| format!("{bits:#04x}"))?;
    let (has_id, long, has_length) = (first & 0x10 != 0, first & 0x08 != 0, first & 0x04 != 0);
    scribe.part("Connection id follows", decimal(u8::from(has_id)));
    scribe.part("Sequence number of 16 bits", decimal(u8::from(long)));
    scribe.part("Length follows", decimal(u8::from(has_length)));
    scribe.part("Epoch, lowest two bits", decimal(first & 3));
    let value = format!("encrypted record, epoch …{}", first & 3);
    if has_id {
        let rest = scribe.rest().len();
        scribe.take("Connection id and encrypted record", rest, some_hex)?;
        return Some(value);
    }
    // The sequence number is encrypted as well (RFC 9147 §4.2.3).
    scribe.take("Sequence number (encrypted)", if long { 2 } else { 1 }, some_hex)?;
    let length = if has_length { usize::from(scribe.u16("Length", decimal)?) } else { scribe.rest().len() };
    scribe.take("Encrypted record", length, some_hex)?;
    Some(value)
}

/// TLS records over TCP (RFC 8446 §5.1), as far as they lie in this segment.
pub(super) fn tls(bytes: &[u8], range: Range<usize>) -> Vec<Field> {
    let mut layers = Vec::new();
    let mut at = range.start;
    while at < range.end && matches!(bytes.get(at), Some(20..=23)) {
        let mut scribe = Scribe::new("TLS", bytes, at..range.end);
        let value = tls_fields(&mut scribe).unwrap_or_default();
        let layer = scribe.finish(value);
        at = layer.range.end.max(at + 1);
        layers.push(layer);
    }
    if at < range.end {
        layers.push(rest(bytes, at..range.end));
    }
    layers
}

fn tls_fields(scribe: &mut Scribe<'_>) -> Option<String> {
    let kind = scribe.u8("Content type", |kind| format!("{} ({kind})", tls_content(kind)))?;
    scribe.u16("Version", hex16)?;
    let length = usize::from(scribe.u16("Length", decimal)?);
    let here = length.min(scribe.rest().len());
    scribe.take("Content", here, some_hex)?;
    let more = if here < length { ", goes on in the next segment" } else { "" };
    Some(format!("{}, {length} bytes{more}", tls_content(kind)))
}
