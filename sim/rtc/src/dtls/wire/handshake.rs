//! Fragments of handshake messages (RFC 6347 §4.2.2, RFC 9147 §5.2). Not here: putting them together.

use super::Reader;

/// A fragment of a handshake message; most messages have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// The type of the message.
    pub kind: u8,
    /// The length of the whole message.
    pub length: usize,
    /// Which message it is, in the order of the sender.
    pub message: u16,
    /// Where the fragment begins in the message.
    pub offset: usize,
    /// Where its header begins in the record's body.
    pub at: usize,
    /// Its bytes.
    pub body: &'a [u8],
}

impl Fragment<'_> {
    /// The length of its header.
    pub const HEADER: usize = 12;

    /// Whether it is the whole message.
    pub fn is_whole(&self) -> bool {
        self.offset == 0 && self.body.len() == self.length
    }
}

/// The fragments in the body of a plaintext handshake record, up to where they stop being some.
pub fn fragments(body: &[u8]) -> Vec<Fragment<'_>> {
    let mut out: Vec<Fragment<'_>> = Vec::new();
    let mut at = 0;
    while let Some(fragment) = body.get(at..).and_then(|rest| fragment(rest, at)) {
        at += Fragment::HEADER + fragment.body.len();
        out.push(fragment);
    }
    out
}

fn fragment(bytes: &[u8], at: usize) -> Option<Fragment<'_>> {
    let mut reader = Reader(bytes);
    let kind = reader.u8()?;
    let length = reader.number(3)? as usize;
    let message = reader.u16()?;
    let offset = reader.number(3)? as usize;
    let body = reader.vector(3)?;
    (offset + body.len() <= length).then_some(Fragment { kind, length, message, offset, at, body })
}
