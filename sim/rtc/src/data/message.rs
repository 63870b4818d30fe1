//! User messages, and the payload protocol identifiers that tell their kinds apart (RFC 8831 §6.6, §8).

/// Payload protocol identifiers of data channels (RFC 8831 §8).
pub mod ppid {
    /// A message of the establishment protocol.
    pub const DCEP: u32 = 50;
    /// UTF-8 text.
    pub const TEXT: u32 = 51;
    /// Bytes.
    pub const BINARY: u32 = 53;
    /// Empty text: SCTP has no empty messages, so one byte stands in for nothing.
    pub const TEXT_EMPTY: u32 = 56;
    /// No bytes, likewise.
    pub const BINARY_EMPTY: u32 = 57;
    /// What does not count as user data that waits.
    pub(crate) const UNCOUNTED: &[u32] = &[DCEP, TEXT_EMPTY, BINARY_EMPTY];
}

/// A message of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

impl Message {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes,
        }
    }

    /// Its identifier and the payload that goes on the wire.
    pub(super) fn into_payload(self) -> (u32, Vec<u8>) {
        match self {
            Message::Text(text) if text.is_empty() => (ppid::TEXT_EMPTY, vec![0]),
            Message::Text(text) => (ppid::TEXT, text.into_bytes()),
            Message::Binary(bytes) if bytes.is_empty() => (ppid::BINARY_EMPTY, vec![0]),
            Message::Binary(bytes) => (ppid::BINARY, bytes),
        }
    }

    /// What a payload says; `None` for an identifier that is none of ours. Text that is not UTF-8 gets replacement characters, as the
    /// API decodes it; the byte of an empty message is looked at by nobody (RFC 8831 §6.6).
    pub(super) fn of_payload(protocol: u32, payload: Vec<u8>) -> Option<Message> {
        match protocol {
            ppid::TEXT => Some(Message::Text(match String::from_utf8(payload) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            })),
            ppid::BINARY => Some(Message::Binary(payload)),
            ppid::TEXT_EMPTY => Some(Message::Text(String::new())),
            ppid::BINARY_EMPTY => Some(Message::Binary(Vec::new())),
            _ => None,
        }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Message {
        Message::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Message {
        Message::Binary(bytes)
    }
}
