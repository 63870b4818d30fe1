//! Segments: the header, its checked reading and its writing (RFC 9293 §3.1).
//! Not here: IP headers (`wire`), and what a connection does with a segment.

pub mod checksum;
mod flags;
mod options;

use std::fmt;
use std::net::IpAddr;

pub use flags::Flags;
pub(crate) use options::{OPTIONS_LENGTH_MAX, TIMESTAMPS_LENGTH};
pub use options::{Options, SACK_BLOCKS_MAX, SackBlock, SackBlocks, Timestamps};

use super::sequence::SequenceNumber;

/// A header without options.
pub const HEADER_LENGTH: usize = 20;

/// Why bytes are not a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// Fewer bytes than a header has.
    #[error("a segment has at least 20 bytes, this has {0}")]
    Short(usize),
    /// The data offset points into the header or past the end.
    #[error("the data offset says that the header has {header} bytes; the segment has {length}")]
    DataOffset {
        /// Bytes of header that the field claims.
        header: usize,
        /// Bytes there are.
        length: usize,
    },
    /// The checksum over segment and pseudo-header is wrong.
    #[error("the checksum is wrong")]
    Checksum,
}

/// The header of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Header {
    /// From this port.
    pub source_port: u16,
    /// To this port.
    pub destination_port: u16,
    /// The number of the first byte of data, or of the SYN.
    pub sequence: SequenceNumber,
    /// The next number that the sender expects; counts with ACK.
    pub acknowledgment: SequenceNumber,
    /// The control bits.
    pub flags: Flags,
    /// The receive window as it stands in the header, before it is scaled.
    pub window: u16,
    /// The urgent pointer; counts with URG.
    pub urgent: u16,
    /// Its options.
    pub options: Options,
}

impl Header {
    /// Its length in bytes, options included.
    pub fn length(&self) -> usize {
        HEADER_LENGTH + self.options.length()
    }

    /// Writes the segment with its checksum.
    pub fn emit(&self, payload: &[u8], source: IpAddr, destination: IpAddr) -> Vec<u8> {
        let length = self.length();
        debug_assert!(length <= HEADER_LENGTH + OPTIONS_LENGTH_MAX, "options fit a header: {self:?}");
        let mut out = Vec::with_capacity(length + payload.len());
        out.extend(self.source_port.to_be_bytes());
        out.extend(self.destination_port.to_be_bytes());
        out.extend(self.sequence.0.to_be_bytes());
        out.extend(self.acknowledgment.0.to_be_bytes());
        out.extend([((length / 4) << 4) as u8, self.flags.0]);
        out.extend(self.window.to_be_bytes());
        out.extend([0, 0]);
        out.extend(self.urgent.to_be_bytes());
        self.options.emit(&mut out);
        out.extend(payload);
        let sum = checksum::checksum(source, destination, &out);
        out[16..18].copy_from_slice(&sum.to_be_bytes());
        out
    }
}

/// A segment that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Its header.
    pub header: Header,
    /// Its data.
    pub payload: &'a [u8],
}

impl<'a> Segment<'a> {
    /// Reads a segment and checks its checksum.
    pub fn parse(bytes: &'a [u8], source: IpAddr, destination: IpAddr) -> Result<Segment<'a>, SegmentError> {
        let segment = Segment::parse_unchecked(bytes)?;
        if !checksum::is_intact(source, destination, bytes) {
            return Err(SegmentError::Checksum);
        }
        Ok(segment)
    }

    /// Reads a segment whatever its checksum says.
    pub fn parse_unchecked(bytes: &'a [u8]) -> Result<Segment<'a>, SegmentError> {
        let Some((fixed, _)) = bytes.split_first_chunk::<HEADER_LENGTH>() else {
            return Err(SegmentError::Short(bytes.len()));
        };
        let length = usize::from(fixed[12] >> 4) * 4;
        if length < HEADER_LENGTH || length > bytes.len() {
            return Err(SegmentError::DataOffset { header: length, length: bytes.len() });
        }
        let (header, payload) = bytes.split_at(length);
        let half = |at: usize| u16::from_be_bytes([fixed[at], fixed[at + 1]]);
        let word = |at: usize| u32::from_be_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
        let header = Header {
            source_port: half(0),
            destination_port: half(2),
            sequence: SequenceNumber(word(4)),
            acknowledgment: SequenceNumber(word(8)),
            flags: Flags(fixed[13]),
            window: half(14),
            urgent: half(18),
            options: Options::parse(&header[HEADER_LENGTH..]),
        };
        Ok(Segment { header, payload })
    }

    /// Sequence numbers that it occupies: its data, SYN and FIN (RFC 9293 §3.4).
    pub fn length(&self) -> u32 {
        let flags = self.header.flags;
        self.payload.len() as u32 + u32::from(flags.has(Flags::SYN)) + u32::from(flags.has(Flags::FIN))
    }
}

/// `SYN,ACK seq 100 ack 301 win 65535 len 0`.
impl fmt::Display for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Header { flags, sequence, acknowledgment, window, .. } = self.header;
        write!(f, "{flags} seq {sequence}")?;
        if flags.has(Flags::ACK) {
            write!(f, " ack {acknowledgment}")?;
        }
        write!(f, " win {window} len {}", self.payload.len())
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const DESTINATION: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

    fn header() -> Header {
        Header {
            source_port: 5000,
            destination_port: 80,
            sequence: SequenceNumber(1),
            acknowledgment: SequenceNumber(2),
            flags: Flags::PSH | Flags::ACK,
            window: 100,
            ..Header::default()
        }
    }

    #[test]
    fn a_segment_is_read_as_it_was_written() {
        let bytes = header().emit(b"hello", SOURCE, DESTINATION);
        let segment = Segment::parse(&bytes, SOURCE, DESTINATION).unwrap();
        assert_eq!(segment, Segment { header: header(), payload: b"hello" });
        assert_eq!(segment.to_string(), "PSH,ACK seq 1 ack 2 win 100 len 5");
    }

    #[test]
    fn each_flipped_bit_breaks_the_checksum() {
        let bytes = header().emit(b"hello", SOURCE, DESTINATION);
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(Segment::parse(&bytes, SOURCE, DESTINATION).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn the_pseudo_header_is_part_of_the_checksum() {
        let bytes = header().emit(b"", SOURCE, DESTINATION);
        let elsewhere = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 3));
        assert_eq!(Segment::parse(&bytes, SOURCE, elsewhere), Err(SegmentError::Checksum));
    }

    #[test]
    fn syn_and_fin_take_a_sequence_number_each() {
        let header = Header { flags: Flags::SYN | Flags::FIN, ..Header::default() };
        assert_eq!(Segment { header, payload: b"abc" }.length(), 5);
    }

    #[test]
    fn a_data_offset_outside_the_segment_is_refused() {
        let mut bytes = header().emit(b"", SOURCE, DESTINATION);
        for offset in [0x40, 0x60] {
            bytes[12] = offset;
            assert!(matches!(Segment::parse_unchecked(&bytes), Err(SegmentError::DataOffset { .. })));
        }
        assert_eq!(Segment::parse_unchecked(&bytes[..19]), Err(SegmentError::Short(19)));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Segment::parse_unchecked(&bytes);
        }
    }
}
