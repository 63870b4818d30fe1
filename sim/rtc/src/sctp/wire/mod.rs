//! SCTP's bytes (RFC 9260 §3): packets and chunks, read strictly and written. Not here: what they mean to an association.

mod chunk;
mod data;
mod fields;
mod init;
mod packet;
mod reconfiguration;

pub use chunk::{Chunk, ForwardTsn, Reconfig, Sack, error_name};
pub(crate) use data::DATA_HEADER;
pub use data::Data;
pub use fields::fields;
pub use init::Init;
pub use packet::{HEADER_LENGTH, Packet, ParseError};
pub(crate) use reconfiguration::Parameter;
pub use reconfiguration::{ResetOutcome, ResetRequest, ResetResponse};

/// The length of `length` bytes with the padding behind them: to a multiple of four (RFC 9260 §3.2).
pub(crate) const fn padded(length: usize) -> usize {
    length.next_multiple_of(4)
}

/// A big-endian reader that answers none where the bytes end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn u8(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*first))
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*first))
    }

    /// So many bytes.
    pub(crate) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }

    /// The next type-length-value with 16 bits each of type and length (RFC 9260 §3.2.1): type, and value without padding. The padding of
    /// the last one may be missing.
    pub(crate) fn parameter(&mut self) -> Option<(u16, &'a [u8])> {
        let kind = self.u16()?;
        let length = usize::from(self.u16()?).checked_sub(4)?;
        let value = self.bytes(length)?;
        let padding = padded(length) - length;
        self.0 = self.0.get(padding..).unwrap_or(&[]);
        Some((kind, value))
    }
}

/// Writes a type-length-value with its padding.
pub(crate) fn write_parameter(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    out.extend(kind.to_be_bytes());
    out.extend(u16::try_from(value.len() + 4).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(value);
    out.resize(padded(out.len()), 0);
}
