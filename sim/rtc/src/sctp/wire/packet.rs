//! A packet: the common header, its checksum, and the chunks behind it (RFC 9260 §3.1, §6.8).

use crc::{CRC_32_ISCSI, Crc, Table};

use super::chunk::Chunk;
use super::{Reader, padded};

/// The common header.
pub const HEADER_LENGTH: usize = 12;

/// CRC32c (RFC 9260 Appendix A). Four lanes of a table: an association writes every byte it sends through it.
const CRC32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// Why bytes are not an SCTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Too short for the common header.
    #[error("an SCTP packet has a header of 12 bytes, these are {0}")]
    TooShort(usize),
    /// The checksum is another one.
    #[error("the checksum is {found:#010x}, these bytes have {computed:#010x}")]
    Checksum {
        /// In the packet.
        found: u32,
        /// Of the packet.
        computed: u32,
    },
    /// A chunk's length does not fit.
    #[error("the chunk at byte {at} is {length} bytes long, of which {left} are there")]
    ChunkLength {
        /// Where it begins.
        at: usize,
        /// What it says.
        length: usize,
        /// What there is.
        left: usize,
    },
    /// A chunk lacks what its type must have.
    #[error("the {name} chunk at byte {at} is malformed")]
    Chunk {
        /// Where it begins.
        at: usize,
        /// Its type.
        name: &'static str,
    },
}

/// A packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The port it comes from. WebRTC always says 5000 (RFC 8841 §5.1).
    pub source_port: u16,
    /// The port it goes to.
    pub destination_port: u16,
    /// The tag that the receiver chose for this association; zero with INIT (RFC 9260 §8.5).
    pub verification_tag: u32,
    /// What it carries.
    pub chunks: Vec<Chunk>,
}

impl Packet {
    /// Reads a packet. Its checksum, the lengths of chunks and what each type must have are checked.
    ///
    /// # Errors
    ///
    /// Whatever is wrong first.
    pub fn parse(bytes: &[u8]) -> Result<Packet, ParseError> {
        let too_short = ParseError::TooShort(bytes.len());
        let mut header = Reader(bytes);
        let (Some(source_port), Some(destination_port), Some(verification_tag), Some(_)) =
            (header.u16(), header.u16(), header.u32(), header.u32())
        else {
            return Err(too_short);
        };
        let (found, computed) = (checksum_in(bytes), checksum(bytes));
        if found != computed {
            return Err(ParseError::Checksum { found, computed });
        }
        let mut chunks = Vec::new();
        let mut at = HEADER_LENGTH;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let length =
                length_of_chunk(rest).ok_or(ParseError::ChunkLength { at, length: 0, left: rest.len() })?;
            let whole = rest.get(..length).filter(|_| length >= 4);
            let whole = whole.ok_or(ParseError::ChunkLength { at, length, left: rest.len() })?;
            let chunk = Chunk::parse(whole[0], whole[1], &whole[4..]);
            chunks.push(chunk.map_err(|name| ParseError::Chunk { at, name })?);
            // The padding of the last chunk may be missing: it says nothing.
            at += padded(length);
        }
        Ok(Packet { source_port, destination_port, verification_tag, chunks })
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1200);
        out.extend(self.source_port.to_be_bytes());
        out.extend(self.destination_port.to_be_bytes());
        out.extend(self.verification_tag.to_be_bytes());
        out.extend([0; 4]);
        for chunk in &self.chunks {
            chunk.write(&mut out);
        }
        let sum = checksum(&out);
        out[8..12].copy_from_slice(&sum.to_le_bytes());
        out
    }
}

/// Length of the chunk at the start of `bytes`, as it says itself.
pub(super) fn length_of_chunk(bytes: &[u8]) -> Option<usize> {
    let length: &[u8; 2] = bytes.get(2..4)?.try_into().ok()?;
    Some(usize::from(u16::from_be_bytes(*length)))
}

/// The checksum that stands in a packet. It is the only number of SCTP that is written with its least byte first (RFC 9260 Appendix A).
pub(super) fn checksum_in(bytes: &[u8]) -> u32 {
    bytes.get(8..12).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// The checksum that a packet should have: over itself with zeros in its place.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let mut digest = CRC32C.digest();
    digest.update(&bytes[..8.min(bytes.len())]);
    digest.update(&[0; 4]);
    digest.update(bytes.get(HEADER_LENGTH..).unwrap_or(&[]));
    digest.finalize()
}
