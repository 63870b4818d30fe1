//! The DNS header and its questions, as fields (RFC 1035 §4.1). Answers are counted, not read.

use std::ops::Range;

use super::Field;
use super::scribe::{Scribe, decimal, hex16};
use crate::outline::be16;
use crate::words::some_hex;

const HEADER_LENGTH: usize = 12;
/// Questions that are shown; real messages have one.
const QUESTIONS_MAX: u16 = 16;
/// RFC 1035 §2.3.4: a name has at most 255 bytes, so at most this many labels.
const LABELS_MAX: usize = 128;

/// A DNS message.
pub(super) fn layer(bytes: &[u8], range: Range<usize>) -> Field {
    let message = bytes.get(range.clone()).unwrap_or(&[]);
    let mut scribe = Scribe::new("DNS", bytes, range);
    let _ = fields(&mut scribe, message);
    let rest = scribe.rest().len();
    if rest > 0 {
        scribe.take("Records", rest, some_hex);
    }
    scribe.finish(words(message).unwrap_or_default())
}

fn fields(scribe: &mut Scribe<'_>, message: &[u8]) -> Option<()> {
    scribe.u16("Identification", hex16)?;
    let bits = scribe.u16("Flags", hex16)?;
    scribe.part("Response", decimal(bits >> 15));
    scribe.part("Operation", decimal(bits >> 11 & 15));
    scribe.part("Authoritative", decimal(bits >> 10 & 1));
    scribe.part("Truncated", decimal(bits >> 9 & 1));
    scribe.part("Recursion desired", decimal(bits >> 8 & 1));
    scribe.part("Recursion available", decimal(bits >> 7 & 1));
    scribe.part("Response code", response_code(bits & 15));
    let questions = scribe.u16("Questions", decimal)?;
    scribe.u16("Answers", decimal)?;
    scribe.u16("Authorities", decimal)?;
    scribe.u16("Additional", decimal)?;
    let mut at = HEADER_LENGTH;
    for _ in 0..questions.min(QUESTIONS_MAX) {
        let (name, end) = name_at(message, at)?;
        let kind = be16(message, end)?;
        scribe.take("Question", end + 4 - at, |_| format!("{} {name}", record_type(kind)))?;
        at = end + 4;
    }
    Some(())
}

/// `query A example.com`, `response A example.com, 2 answers`.
pub(crate) fn words(message: &[u8]) -> Option<String> {
    let bits = be16(message, 2)?;
    let question = name_at(message, HEADER_LENGTH)
        .filter(|_| be16(message, 4) != Some(0))
        .and_then(|(name, end)| Some(format!(" {} {name}", record_type(be16(message, end)?))))
        .unwrap_or_default();
    if bits & 0x8000 == 0 {
        return Some(format!("query{question}"));
    }
    let answers = usize::from(be16(message, 6)?);
    match bits & 15 {
        0 => Some(format!("response{question}, {}", crate::words::count(answers, "answer"))),
        code => Some(format!("response{question}, {}", response_code(code))),
    }
}

fn response_code(code: u16) -> String {
    let words = match code {
        0 => "no error",
        1 => "format error",
        2 => "server failure",
        3 => "no such name",
        4 => "not implemented",
        5 => "refused",
        _ => "unknown",
    };
    format!("{words} ({code})")
}

fn record_type(number: u16) -> String {
    let name = match number {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        12 => "PTR",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        33 => "SRV",
        64 => "SVCB",
        65 => "HTTPS",
        255 => "ANY",
        other => return format!("TYPE{other}"),
    };
    name.to_string()
}

/// The name at a place of the message, and where the field behind it begins. Pointers (RFC 1035 §4.1.4) are followed backwards only,
/// and the labels are counted, so that a circle ends.
fn name_at(message: &[u8], start: usize) -> Option<(String, usize)> {
    let mut labels: Vec<String> = Vec::new();
    let (mut at, mut end) = (start, None);
    while labels.len() < LABELS_MAX {
        let length = usize::from(*message.get(at)?);
        match length {
            0 => {
                let name = if labels.is_empty() { ".".to_string() } else { labels.join(".") };
                return Some((name, end.unwrap_or(at + 1)));
            }
            1..=63 => {
                labels.push(crate::words::text(message.get(at + 1..at + 1 + length)?));
                at += 1 + length;
            }
            192.. => {
                let target = usize::from(be16(message, at)? & 0x3fff);
                end = end.or(Some(at + 2));
                at = Some(target).filter(|target| *target < at)?;
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query() -> Vec<u8> {
        let mut message = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        message.extend(b"\x04stun\x07example\x03org\x00\x00\x1c\x00\x01");
        message
    }

    #[test]
    fn the_question_is_read() {
        assert_eq!(words(&query()).unwrap(), "query AAAA stun.example.org");
        let layer = layer(&query(), 0..query().len());
        assert_eq!(layer.find("Question").unwrap().range, 12..query().len());
    }

    #[test]
    fn a_pointer_to_itself_ends_the_name() {
        let mut message = query();
        message[12..14].copy_from_slice(&[0xc0, 12]);
        assert_eq!(words(&message).unwrap(), "query");
    }
}
