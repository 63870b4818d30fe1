//! Every field of a packet with its byte range, for views that show fields beside bytes. Lenient: what is wrong becomes a remark in its
//! place.

use super::Reader;
use super::chunk::{error_name, name};
use super::packet::{HEADER_LENGTH, checksum, checksum_in, length_of_chunk};
use super::padded;
use crate::stun::Field;

/// The fields of an SCTP packet, in the order of their bytes.
pub fn fields(bytes: &[u8]) -> Vec<Field> {
    let mut out = Vec::new();
    if bytes.len() < HEADER_LENGTH {
        let problem = Some("cut off: the common header has 12 bytes".to_owned());
        out.push(Field::new(0..bytes.len(), 0, "SCTP common header", "").but(problem));
        return out;
    }
    let mut header = Reader(bytes);
    let (source, destination, tag) =
        (header.u16().unwrap_or(0), header.u16().unwrap_or(0), header.u32().unwrap_or(0));
    out.push(Field::new(0..2, 0, "Source port", source.to_string()));
    out.push(Field::new(2..4, 0, "Destination port", destination.to_string()));
    out.push(Field::new(4..8, 0, "Verification tag", format!("{tag:#010x}")));
    let (found, computed) = (checksum_in(bytes), checksum(bytes));
    let problem = (found != computed).then(|| format!("these bytes have {computed:#010x}"));
    out.push(Field::new(8..12, 0, "Checksum (CRC32c)", format!("{found:#010x}")).but(problem));
    let mut at = HEADER_LENGTH;
    while at < bytes.len() {
        let left = bytes.len() - at;
        let length = length_of_chunk(&bytes[at..]).filter(|length| (4..=left).contains(length));
        let Some(length) = length else {
            let problem = Some("its length does not fit".to_owned());
            out.push(Field::new(at..bytes.len(), 0, "chunk", format!("{left} bytes")).but(problem));
            break;
        };
        chunk(bytes, at..at + length, &mut out);
        at += padded(length);
    }
    out
}

fn chunk(bytes: &[u8], range: std::ops::Range<usize>, out: &mut Vec<Field>) {
    let (kind, flags) = (bytes[range.start], bytes[range.start + 1]);
    let at = range.start;
    let mut inner = Inner { at: at + 4, reader: Reader(&bytes[at + 4..range.end]), out };
    let title = name(kind);
    inner.out.push(Field::new(range.clone(), 0, title, format!("{} bytes", range.len())));
    inner.out.push(Field::new(at + 1..at + 2, 1, "Flags", flag_words(kind, flags)));
    match kind {
        0 => {
            inner.u32("TSN", |tsn| tsn.to_string());
            inner.u16("Stream");
            inner.u16("Stream sequence number");
            inner.u32("Payload protocol identifier", protocol_words);
            inner.rest("Payload");
        }
        1 | 2 => {
            inner.u32("Initiate tag", |tag| format!("{tag:#010x}"));
            inner.u32("Receiver window", |window| window.to_string());
            inner.u16("Outbound streams");
            inner.u16("Inbound streams");
            inner.u32("Initial TSN", |tsn| tsn.to_string());
            inner.rest("Parameters");
        }
        3 => {
            inner.u32("Cumulative TSN", |tsn| tsn.to_string());
            inner.u32("Receiver window", |window| window.to_string());
            let (gaps, _) = (inner.u16("Gap blocks"), inner.u16("Duplicate TSNs"));
            for _ in 0..gaps {
                inner.u32("Gap block", |block| format!("+{} to +{}", block >> 16, block & 0xffff));
            }
            inner.rest("Duplicates");
        }
        6 | 9 => {
            let cause = error_name(inner.reader.0).unwrap_or("no cause");
            let range = inner.at..inner.at + inner.reader.0.len();
            inner.out.push(Field::new(range, 1, "Cause", cause));
        }
        7 | 192 => {
            inner.u32("Cumulative TSN", |tsn| tsn.to_string());
            inner.rest("Streams");
        }
        _ => inner.rest("Value"),
    }
}

/// Reading on inside a chunk.
struct Inner<'a, 'b> {
    at: usize,
    reader: Reader<'a>,
    out: &'b mut Vec<Field>,
}

impl Inner<'_, '_> {
    fn u32(&mut self, name: &'static str, words: impl Fn(u32) -> String) {
        if let Some(number) = self.reader.u32() {
            self.out.push(Field::new(self.at..self.at + 4, 1, name, words(number)));
            self.at += 4;
        }
    }

    fn u16(&mut self, name: &'static str) -> u16 {
        let Some(number) = self.reader.u16() else { return 0 };
        self.out.push(Field::new(self.at..self.at + 2, 1, name, number.to_string()));
        self.at += 2;
        number
    }

    fn rest(&mut self, name: &'static str) {
        let length = self.reader.0.len();
        if length > 0 {
            self.out.push(Field::new(self.at..self.at + length, 1, name, format!("{length} bytes")));
            self.at += length;
            self.reader.0 = &[];
        }
    }
}

fn flag_words(kind: u8, flags: u8) -> String {
    let letters: &[(u8, &str)] = match kind {
        0 => &[(8, "immediate"), (4, "unordered"), (2, "begins"), (1, "ends")],
        6 | 14 => &[(1, "tag reflected")],
        _ => &[],
    };
    let words: Vec<&str> =
        letters.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, word)| *word).collect();
    if words.is_empty() { format!("{flags:#04x}") } else { words.join(", ") }
}

/// RFC 8831 §8.
fn protocol_words(protocol: u32) -> String {
    let word = match protocol {
        50 => "WebRTC DCEP",
        51 => "WebRTC string",
        53 => "WebRTC binary",
        56 => "WebRTC string, empty",
        57 => "WebRTC binary, empty",
        _ => return protocol.to_string(),
    };
    format!("{word} ({protocol})")
}
