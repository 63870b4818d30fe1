//! DATA chunks (RFC 9260 §3.3.1): a message, or a fragment of one.

use std::fmt;

use super::Reader;

/// A fragment of a user message.
#[derive(Clone, PartialEq, Eq)]
pub struct Data {
    /// The receiver should acknowledge at once (the I bit, RFC 7053).
    pub immediate: bool,
    /// Delivered without regard to order (the U bit).
    pub unordered: bool,
    /// The first fragment of its message (the B bit).
    pub begins: bool,
    /// The last fragment of its message (the E bit).
    pub ends: bool,
    /// Transmission sequence number.
    pub tsn: u32,
    /// Stream identifier.
    pub stream: u16,
    /// Stream sequence number: counts the ordered messages of a stream.
    pub sequence: u16,
    /// Payload protocol identifier: what the payload is (RFC 8831 §8).
    pub protocol: u32,
    /// The bytes. Never none (§3.3.1).
    pub payload: Vec<u8>,
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = [('I', self.immediate), ('U', self.unordered), ('B', self.begins), ('E', self.ends)];
        let bits: String = bits.iter().filter(|(_, is_set)| *is_set).map(|(letter, _)| letter).collect();
        write!(
            f,
            "Data({bits} tsn {} stream {} ssn {} ppid {}, {} bytes)",
            self.tsn,
            self.stream,
            self.sequence,
            self.protocol,
            self.payload.len()
        )
    }
}

/// Header of a DATA chunk.
pub(crate) const DATA_HEADER: usize = 16;

impl Data {
    pub(super) fn parse(flags: u8, value: &[u8]) -> Option<Data> {
        let mut reader = Reader(value);
        let data = Data {
            immediate: flags & 8 != 0,
            unordered: flags & 4 != 0,
            begins: flags & 2 != 0,
            ends: flags & 1 != 0,
            tsn: reader.u32()?,
            stream: reader.u16()?,
            sequence: reader.u16()?,
            protocol: reader.u32()?,
            payload: reader.0.to_vec(),
        };
        (!data.payload.is_empty()).then_some(data)
    }

    pub(super) fn flags(&self) -> u8 {
        u8::from(self.immediate) << 3
            | u8::from(self.unordered) << 2
            | u8::from(self.begins) << 1
            | u8::from(self.ends)
    }

    pub(super) fn write_value(&self, out: &mut Vec<u8>) {
        out.extend(self.tsn.to_be_bytes());
        out.extend(self.stream.to_be_bytes());
        out.extend(self.sequence.to_be_bytes());
        out.extend(self.protocol.to_be_bytes());
        out.extend(&self.payload);
    }
}
