//! The messages of the Data Channel Establishment Protocol (RFC 8832 §5): parsed strictly, written, and shown field by field. Not here:
//! what is done about them.

use std::ops::Range;

use super::channel::Persistence;

/// The message type of DATA_CHANNEL_ACK (RFC 8832 §8.2.1).
const ACK: u8 = 0x02;
/// The message type of DATA_CHANNEL_OPEN.
const OPEN: u8 = 0x03;
/// The bit of the channel type that means "unordered" (RFC 8832 §5.1).
const UNORDERED: u8 = 0x80;
/// Bytes before the label.
const OPEN_HEADER: usize = 12;

/// The usual priority (RFC 8831 §6.4: 128 below normal, 256 normal, 512 high, 1024 extra high).
pub const PRIORITY_NORMAL: u16 = 256;

/// A message of the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DcepMessage {
    /// DATA_CHANNEL_OPEN.
    Open(Open),
    /// DATA_CHANNEL_ACK.
    Ack,
}

/// DATA_CHANNEL_OPEN (RFC 8832 §5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Whether messages arrive in the order in which they were sent.
    pub ordered: bool,
    /// How hard a message is tried.
    pub persistence: Persistence,
    /// Its priority.
    pub priority: u16,
    /// Its name, for the application.
    pub label: String,
    /// The protocol of the application, from the registry of WebSocket subprotocols.
    pub protocol: String,
}

/// Why bytes are not a message of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DcepError {
    /// There is no message of this type.
    #[error("there is no message of type {0} (RFC 8832 §8.2.1)")]
    UnknownType(u8),
    /// There is no channel of this type.
    #[error("there is no channel of type {0} (RFC 8832 §8.2.2)")]
    UnknownChannel(u8),
    /// It ends too early, or goes on after its end.
    #[error("the message has {found} bytes, and its fields need {wanted} (RFC 8832 §5.1)")]
    Length {
        /// Bytes that there are.
        found: usize,
        /// Bytes that there should be.
        wanted: usize,
    },
    /// Label or protocol is not UTF-8.
    #[error("label and protocol are UTF-8 (RFC 8832 §5.1)")]
    Text,
}

impl DcepMessage {
    /// Reads one.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(bytes: &[u8]) -> Result<DcepMessage, DcepError> {
        match bytes.first() {
            None => Err(DcepError::Length { found: 0, wanted: 1 }),
            Some(&ACK) if bytes.len() == 1 => Ok(DcepMessage::Ack),
            Some(&ACK) => Err(DcepError::Length { found: bytes.len(), wanted: 1 }),
            Some(&OPEN) => Open::parse(bytes).map(DcepMessage::Open),
            Some(&other) => Err(DcepError::UnknownType(other)),
        }
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            DcepMessage::Ack => vec![ACK],
            DcepMessage::Open(open) => open.to_bytes(),
        }
    }
}

impl Open {
    fn parse(bytes: &[u8]) -> Result<Open, DcepError> {
        let short = |wanted| DcepError::Length { found: bytes.len(), wanted };
        let Some((&[_, channel, p1, p0, r3, r2, r1, r0, l1, l0, n1, n0], texts)) =
            bytes.split_first_chunk::<OPEN_HEADER>()
        else {
            return Err(short(OPEN_HEADER));
        };
        let parameter = u32::from_be_bytes([r3, r2, r1, r0]);
        let label = usize::from(u16::from_be_bytes([l1, l0]));
        let protocol = usize::from(u16::from_be_bytes([n1, n0]));
        if texts.len() != label + protocol {
            return Err(short(OPEN_HEADER + label + protocol));
        }
        let persistence = match channel & !UNORDERED {
            // The parameter is ignored for reliable channels (§5.1).
            0 => Persistence::Reliable,
            1 => Persistence::Retransmissions(parameter),
            2 => Persistence::LifetimeMs(parameter),
            _ => return Err(DcepError::UnknownChannel(channel)),
        };
        let (label, protocol) = texts.split_at(label);
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| DcepError::Text);
        Ok(Open {
            ordered: channel & UNORDERED == 0,
            persistence,
            priority: u16::from_be_bytes([p1, p0]),
            label: text(label)?,
            protocol: text(protocol)?,
        })
    }

    fn to_bytes(&self) -> Vec<u8> {
        let (kind, parameter) = match self.persistence {
            Persistence::Reliable => (0, 0),
            Persistence::Retransmissions(count) => (1, count),
            Persistence::LifetimeMs(span) => (2, span),
        };
        let label = clipped(&self.label);
        let protocol = clipped(&self.protocol);
        let mut bytes = vec![OPEN, if self.ordered { kind } else { kind | UNORDERED }];
        bytes.extend(self.priority.to_be_bytes());
        bytes.extend(parameter.to_be_bytes());
        bytes.extend((label.len() as u16).to_be_bytes());
        bytes.extend((protocol.len() as u16).to_be_bytes());
        bytes.extend_from_slice(label.as_bytes());
        bytes.extend_from_slice(protocol.as_bytes());
        bytes
    }
}

/// What of a text the field has room for: the API refuses longer ones, so nothing is lost that got here.
fn clipped(text: &str) -> &str {
    let mut end = text.len().min(usize::from(u16::MAX));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A field of a message, for readers: where it is, what it is called, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its bytes.
    pub range: Range<usize>,
    /// Its name, as RFC 8832 spells it.
    pub name: &'static str,
    /// Its value in words.
    pub value: String,
}

/// The fields of any bytes that were sent as a message of the protocol, as far as they go.
pub fn fields(bytes: &[u8]) -> Vec<Field> {
    let mut shown = Vec::new();
    let mut show = |range: Range<usize>, name, value: &dyn Fn(&[u8]) -> String| {
        let there = range.start..range.end.min(bytes.len());
        let Some(part) = bytes.get(there.clone()).filter(|part| !part.is_empty()) else { return };
        let value = if there.end < range.end { "cut short".to_owned() } else { value(part) };
        shown.push(Field { range: there, name, value });
    };
    show(0..1, "Message Type", &|part| match part {
        [ACK] => "DATA_CHANNEL_ACK".to_owned(),
        [OPEN] => "DATA_CHANNEL_OPEN".to_owned(),
        other => format!("unknown, {}", number(other)),
    });
    if bytes.first() != Some(&OPEN) {
        show(1..bytes.len().max(1), "trailing bytes", &|part| format!("{} bytes", part.len()));
        return shown;
    }
    show(1..2, "Channel Type", &|part| channel_type(part.first().copied().unwrap_or(0)));
    show(2..4, "Priority", &|part| number(part).to_string());
    show(4..8, "Reliability Parameter", &|part| number(part).to_string());
    show(8..10, "Label Length", &|part| number(part).to_string());
    show(10..12, "Protocol Length", &|part| number(part).to_string());
    let length = |at: usize| bytes.get(at..at + 2).map_or(0, number) as usize;
    let label_end = (OPEN_HEADER + length(8)).min(bytes.len());
    let protocol_end = (label_end + length(10)).min(bytes.len());
    let text = |part: &[u8]| format!("{:?}", String::from_utf8_lossy(part));
    show(OPEN_HEADER..label_end, "Label", &text);
    show(label_end..protocol_end, "Protocol", &text);
    show(protocol_end..bytes.len(), "trailing bytes", &|part| format!("{} bytes", part.len()));
    shown
}

fn number(part: &[u8]) -> u32 {
    part.iter().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

fn channel_type(byte: u8) -> String {
    let kind = match byte & !UNORDERED {
        0 => "reliable",
        1 => "limited by retransmissions",
        2 => "limited by lifetime",
        _ => return format!("unknown, {byte}"),
    };
    if byte & UNORDERED == 0 { kind.to_owned() } else { format!("{kind}, unordered") }
}
