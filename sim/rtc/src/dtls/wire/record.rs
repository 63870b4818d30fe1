//! Records: how a datagram is cut. Not here: what is inside of them.

use super::Reader;

/// What a record carries (RFC 8446 §5.1, RFC 9147 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContentType {
    /// The end of the plaintext, in DTLS 1.2.
    ChangeCipherSpec,
    /// A closure or an error.
    Alert,
    /// Fragments of handshake messages.
    Handshake,
    /// Bytes of the application.
    ApplicationData,
    /// Which records arrived, in DTLS 1.3.
    Ack,
    /// Another one.
    Other(u8),
}

impl ContentType {
    pub(crate) fn of(byte: u8) -> ContentType {
        match byte {
            20 => ContentType::ChangeCipherSpec,
            21 => ContentType::Alert,
            22 => ContentType::Handshake,
            23 => ContentType::ApplicationData,
            26 => ContentType::Ack,
            other => ContentType::Other(other),
        }
    }

    pub(crate) fn byte(self) -> u8 {
        match self {
            ContentType::ChangeCipherSpec => 20,
            ContentType::Alert => 21,
            ContentType::Handshake => 22,
            ContentType::ApplicationData => 23,
            ContentType::Ack => 26,
            ContentType::Other(byte) => byte,
        }
    }

    /// As the RFC calls it.
    pub fn name(self) -> &'static str {
        match self {
            ContentType::ChangeCipherSpec => "ChangeCipherSpec",
            ContentType::Alert => "Alert",
            ContentType::Handshake => "Handshake",
            ContentType::ApplicationData => "Application data",
            ContentType::Ack => "ACK",
            ContentType::Other(_) => "Unknown",
        }
    }
}

/// A record as it stands in a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record<'a> {
    /// With the header of 13 bytes: everything in DTLS 1.2, plaintext in DTLS 1.3.
    Full {
        /// What it carries.
        content: ContentType,
        /// 0xfeff, 0xfefd or what else is written.
        version: u16,
        /// 0 is plaintext.
        epoch: u16,
        /// 48 bits.
        sequence: u64,
        /// Where its header begins in the datagram.
        at: usize,
        /// What follows the header.
        body: &'a [u8],
    },
    /// With the header of DTLS 1.3 for ciphertext (RFC 9147 §4): even the content type is protected.
    Unified {
        /// The lowest two bits of the epoch: 2 in the handshake, 3 after it.
        epoch: u8,
        /// Where its header begins in the datagram.
        at: usize,
        /// How long the header is.
        header: usize,
        /// The ciphertext.
        body: &'a [u8],
    },
    /// What cannot be a record, to the end of the datagram.
    Malformed {
        /// Where it begins in the datagram.
        at: usize,
        /// The bytes.
        body: &'a [u8],
    },
}

impl<'a> Record<'a> {
    /// The length of a full header.
    pub const HEADER: usize = 13;

    /// Whether it can be read without keys.
    pub fn is_plaintext(&self) -> bool {
        matches!(self, Record::Full { epoch: 0, .. })
    }

    /// What is inside, if it is a plaintext handshake record.
    pub fn handshake(&self) -> Option<&'a [u8]> {
        match *self {
            Record::Full { content: ContentType::Handshake, epoch: 0, body, .. } => Some(body),
            _ => None,
        }
    }

    /// Where the record ends in the datagram.
    pub fn end(&self) -> usize {
        match *self {
            Record::Full { at, body, .. } => at + Record::HEADER + body.len(),
            Record::Unified { at, header, body, .. } => at + header + body.len(),
            Record::Malformed { at, body } => at + body.len(),
        }
    }
}

/// The records of a datagram, in order. What is malformed is the last one.
pub fn records(datagram: &[u8]) -> Vec<Record<'_>> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < datagram.len() {
        let rest = &datagram[at..];
        let record = record(rest, at).unwrap_or(Record::Malformed { at, body: rest });
        at = record.end();
        out.push(record);
    }
    out
}

fn record(bytes: &[u8], at: usize) -> Option<Record<'_>> {
    let mut reader = Reader(bytes);
    let first = reader.u8()?;
    if first & 0b1110_0000 == 0b0010_0000 {
        return unified(bytes, at, first);
    }
    if !matches!(first, 20..=26) {
        return None;
    }
    let version = reader.u16().filter(|version| version >> 8 == 0xfe)?;
    let (epoch, sequence) = (reader.u16()?, reader.number(6)?);
    let body = reader.vector(2)?;
    Some(Record::Full { content: ContentType::of(first), version, epoch, sequence, at, body })
}

/// RFC 9147 §4: `001CSLEE`. Connection IDs are not negotiated here, so one that is announced takes the rest of the datagram with it.
fn unified(bytes: &[u8], at: usize, first: u8) -> Option<Record<'_>> {
    let mut reader = Reader(bytes.get(1..)?);
    let epoch = first & 0b11;
    if first & 0b1_0000 != 0 {
        return Some(Record::Unified { epoch, at, header: 1, body: reader.0 });
    }
    reader.bytes(if first & 0b1000 != 0 { 2 } else { 1 })?;
    let body = if first & 0b100 != 0 { reader.vector(2)? } else { reader.0 };
    let header = 1 + if first & 0b1000 != 0 { 2 } else { 1 } + if first & 0b100 != 0 { 2 } else { 0 };
    Some(Record::Unified { epoch, at, header, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_is_cut_into_records_of_both_kinds() {
        let mut bytes = vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 7, 8];
        bytes.extend([0b0010_1110, 0, 1, 0, 3, 1, 2, 3]);
        bytes.extend([0b0010_0011, 9, 4, 5]);
        let found = records(&bytes);
        assert_eq!(found[0].handshake(), Some(&[7, 8][..]));
        assert_eq!(found[1], Record::Unified { epoch: 2, at: 15, header: 5, body: &[1, 2, 3] });
        assert_eq!(found[2], Record::Unified { epoch: 3, at: 23, header: 2, body: &[4, 5] });
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn what_is_cut_off_is_malformed_to_the_end() {
        let bytes = [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 9, 7];
        assert_eq!(records(&bytes), [Record::Malformed { at: 0, body: &bytes }]);
    }
}
