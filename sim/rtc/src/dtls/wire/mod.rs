//! DTLS's bytes, read from outside: records (RFC 6347 §4.1, RFC 9147 §4), handshake fragments and hellos. Lenient and without keys. Not here: what
//! an endpoint does with them; that is `dimpl`'s.

mod fields;
mod handshake;
mod hello;
mod names;
mod record;

pub use fields::fields;
pub use handshake::{Fragment, fragments};
pub use hello::{ClientHello, ServerHello};
pub use names::{alert_name, cipher_suite_name, group_name, handshake_name, srtp_profile_name, version_name};
pub use record::{ContentType, Record, records};

/// Whether a datagram is one of DTLS, by its first byte (RFC 7983 §7, RFC 9147 §4.1).
pub fn is_dtls(payload: &[u8]) -> bool {
    matches!(payload.first(), Some(20..=63))
}

/// A big-endian reader that answers none where the bytes end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn u8(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.number(2).map(|number| number as u16)
    }

    /// So many bytes as a number; eight at most.
    pub(super) fn number(&mut self, length: usize) -> Option<u64> {
        Some(self.bytes(length)?.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// So many bytes.
    pub(super) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }

    /// A vector with so many bytes of length before it (RFC 8446 §3.4).
    pub(super) fn vector(&mut self, length_bytes: usize) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number(length_bytes)?).ok()?;
        self.bytes(length)
    }
}
