//! What a transport carries, as layers: STUN and TURN (with what they carry in turn), and the others by their own modules.

use std::ops::Range;

use rtclab_rtc::stun;

use super::scribe::{Scribe, decimal};
use super::{Field, dns, media, records};
use crate::finding::{Finding, FindingKind};
use crate::outline::{Application, be16, over_udp};
use crate::words::{self, some_hex};

/// TURN inside of TURN inside of …: deeper than anyone goes.
const DEPTH_MAX: usize = 4;

/// The layers of a payload that has been recognised.
pub(super) fn layers(
    bytes: &[u8],
    range: Range<usize>,
    application: &Application,
    depth: usize,
) -> Vec<Field> {
    match application {
        Application::Stun(_) => stun_and_more(bytes, range, depth),
        Application::FramedStun(_) => framed(bytes, range, depth),
        Application::ClassicStun { .. } => vec![classic(bytes, range)],
        Application::ChannelData { .. } => stun_and_more(bytes, range, depth),
        Application::Dtls(_) => records::dtls(bytes, range),
        Application::Rtp(_) => vec![media::rtp(bytes, range)],
        Application::Rtcp { .. } => vec![media::rtcp(bytes, range)],
        Application::Dns => vec![dns::layer(bytes, range)],
        Application::Tls { .. } => records::tls(bytes, range),
        Application::Http => vec![http(bytes, range)],
        Application::None | Application::Data => data(bytes, range).into_iter().collect(),
    }
}

/// Bytes that nothing is known of.
pub(super) fn data(bytes: &[u8], range: Range<usize>) -> Option<Field> {
    let content = bytes.get(range.clone()).filter(|content| !content.is_empty())?;
    let mut field = Field::new("Data", range.clone(), words::count(content.len(), "byte"));
    field.children.push(Field::new("Bytes", range, some_hex(content)));
    Some(field)
}

/// STUN messages and channel data, one after the other as TCP has them; over UDP there is one.
fn stun_and_more(bytes: &[u8], range: Range<usize>, depth: usize) -> Vec<Field> {
    let mut layers = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let rest = at..range.end;
        let content = bytes.get(rest.clone()).unwrap_or(&[]);
        let layer = match content.first() {
            _ if stun::Header::peek(content).is_ok() => Some(message(bytes, rest, depth)),
            Some(0x40..=0x4f) if content.len() >= 4 => Some(channel_data(bytes, rest, depth)),
            _ => data(bytes, rest),
        };
        let Some(layer) = layer else { break };
        at = layer.range.end.max(at + 1);
        layers.push(layer);
    }
    layers
}

/// RFC 4571 §2: two bytes of length before each message.
fn framed(bytes: &[u8], range: Range<usize>, depth: usize) -> Vec<Field> {
    let mut scribe = Scribe::new("Framing", bytes, range.start..range.start + 2);
    let length = scribe.u16("Length", decimal).unwrap_or(0);
    let end = (range.start + 2 + usize::from(length)).min(range.end);
    let mut layers = vec![scribe.finish(format!("{length} bytes follow (RFC 4571)"))];
    layers.push(message(bytes, range.start + 2..end, depth));
    layers.extend(data(bytes, end..range.end));
    layers
}

/// A STUN message. Its fields come from the table of the protocol crate; what a TURN indication carries becomes part of the tree.
fn message(bytes: &[u8], range: Range<usize>, depth: usize) -> Field {
    let content = bytes.get(range.clone()).unwrap_or(&[]);
    let says = be16(content, 2).map_or(0, |length| stun::HEADER_LENGTH + usize::from(length));
    let content = content.get(..says).unwrap_or(content);
    let range = range.start..range.start + content.len();
    let mut layer = Field::new("STUN", range.clone(), "");
    if let Ok(header) = stun::Header::peek(content) {
        layer.value = format!("{} {}", header.method.name(), header.class.word());
    }
    for field in stun::fields(content) {
        let place = range.start + field.range.start..range.start + field.range.end;
        let mut made = Field::new(field.name.clone(), place.clone(), field.value);
        made.finding =
            field.problem.map(|text| Finding::new(FindingKind::StunProblem, text).at(place.clone()));
        if field.depth == 0 {
            layer.children.push(made);
        } else if let Some(whole) = layer.children.last_mut() {
            whole.children.push(made);
        }
    }
    if depth < DEPTH_MAX {
        for attribute in layer.children.iter_mut().filter(|attribute| attribute.name == "DATA") {
            let value = attribute.range.start + 4..attribute.range.end;
            attribute.children.extend(relayed(bytes, value, depth));
        }
    }
    layer
}

/// What stands in a DATA attribute (RFC 8656 §18.4), without its padding.
fn relayed(bytes: &[u8], range: Range<usize>, depth: usize) -> Vec<Field> {
    // The length stands in the two bytes before the value.
    let length = range.start.checked_sub(2).and_then(|at| be16(bytes, at)).map_or(0, usize::from);
    let end = (range.start + length).min(range.end);
    carried(bytes, range.start..end, depth)
}

fn carried(bytes: &[u8], range: Range<usize>, depth: usize) -> Vec<Field> {
    let content = bytes.get(range.clone()).unwrap_or(&[]);
    // What TURN relays came from UDP; its ports are not in the packet.
    let application = over_udp(content, u16::MAX, u16::MAX);
    layers(bytes, range, &application, depth + 1)
}

/// RFC 8656 §12.4, and the padding of §12.5 where it is there.
fn channel_data(bytes: &[u8], range: Range<usize>, depth: usize) -> Field {
    let mut scribe = Scribe::new("TURN channel data", bytes, range.clone());
    let channel = scribe.u16("Channel number", |number| format!("{number:#06x}")).unwrap_or(0);
    let length = usize::from(scribe.u16("Length", decimal).unwrap_or(0));
    let start = scribe.at();
    let end = (start + length).min(range.end);
    if end - start < length {
        let text = format!("{} of {length} bytes are in this packet", end - start);
        scribe.finding(FindingKind::CutShort, text);
    }
    if depth < DEPTH_MAX {
        carried(bytes, start..end, depth).into_iter().for_each(|layer| scribe.push(layer));
    }
    scribe.skip_to(end);
    let padding = (4 - length % 4) % 4;
    if padding > 0 && end + padding <= range.end {
        scribe.take("Padding", padding, |_| String::new());
    }
    scribe.finish(format!("channel {channel:#06x}, {}", words::count(length, "byte")))
}

/// RFC 3489 §11: like STUN today, but the cookie's place belongs to a transaction id of 16 bytes.
fn classic(bytes: &[u8], range: Range<usize>) -> Field {
    let mut scribe = Scribe::new("Classic STUN", bytes, range);
    let value = (|| {
        let kind = scribe.u16("Message Type", |kind| format!("{} ({kind:#06x})", classic_words(kind)))?;
        scribe.u16("Message Length", decimal)?;
        scribe.take("Transaction ID", 16, words::hex)?;
        while scribe.rest().len() >= 4 {
            let length = be16(scribe.rest(), 2).map_or(0, usize::from);
            let kind = be16(scribe.rest(), 0).map(stun::AttributeType)?;
            scribe.take("Attribute", (4 + length).min(scribe.rest().len()), |attribute| {
                let value = attribute.get(4..).unwrap_or(&[]);
                let id = stun::TransactionId([0; 12]);
                // Without the cookie there are no XORed addresses; all other values are as they are today.
                stun::Attribute::decode(kind, value, &id)
                    .map_or_else(|_| some_hex(value), |attribute| format!("{kind}: {attribute}"))
            })?;
        }
        Some(classic_words(kind))
    })();
    scribe.finish(value.unwrap_or_default())
}

/// RFC 3489 §11.1.
pub(crate) const fn classic_words(kind: u16) -> &'static str {
    match kind {
        0x0001 => "Binding request",
        0x0101 => "Binding response",
        0x0111 => "Binding error response",
        0x0002 => "Shared Secret request",
        0x0102 => "Shared Secret response",
        0x0112 => "Shared Secret error response",
        _ => "unknown message",
    }
}

/// The lines of an HTTP header, as far as they lie in this segment.
fn http(bytes: &[u8], range: Range<usize>) -> Field {
    const LINES_MAX: usize = 64;
    let content = bytes.get(range.clone()).unwrap_or(&[]);
    let mut layer = Field::new("HTTP", range.clone(), http_line(content));
    let mut at = range.start;
    for line in content.split_inclusive(|byte| *byte == b'\n').take(LINES_MAX) {
        let place = at..at + line.len();
        at = place.end;
        let text = words::text(line.trim_ascii_end());
        if text.is_empty() {
            layer.children.extend(data(bytes, at..range.end));
            break;
        }
        layer.children.push(Field::new("Line", place, text));
    }
    layer
}

/// The first line of an HTTP message.
pub(crate) fn http_line(content: &[u8]) -> String {
    const SHOWN: usize = 120;
    let line = content.split(|byte| *byte == b'\r' || *byte == b'\n').next().unwrap_or(&[]);
    words::text(line.get(..SHOWN).unwrap_or(line))
}
