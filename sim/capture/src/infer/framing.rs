//! STUN and channel data in a TCP stream: where one message ends and the next begins (RFC 8489 §6.2.2, RFC 8656 §12.5), with or without
//! the length prefix of RFC 4571. Not here: putting the stream in order (`stream`).

use std::borrow::Cow;

use rtclab_rtc::stun;

use crate::outline::{Application, be16, over_tcp};

/// What a stream turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Mode {
    /// Nothing has come yet, or too little.
    #[default]
    Undecided,
    /// STUN and channel data, one after the other.
    Turn,
    /// STUN and more behind lengths of two bytes.
    Framed,
    /// Something else; a segment that begins with a STUN message changes that.
    Other,
}

/// Bytes after which it shows what a stream is: a STUN header behind a length.
const DECIDING: usize = 2 + stun::HEADER_LENGTH;

/// Cuts one direction of a stream into messages.
#[derive(Clone, Debug, Default)]
pub(super) struct Framing {
    mode: Mode,
    /// The beginning of a message whose end is still to come. Never longer than the longest message.
    partial: Vec<u8>,
}

/// A whole message out of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit<'a> {
    /// A STUN message.
    Stun(Cow<'a, [u8]>),
    /// A channel data message, with its header.
    Channel(Cow<'a, [u8]>),
    /// Something else behind a length of RFC 4571 (RTP, DTLS).
    Other,
}

impl Framing {
    /// Takes the next bytes of the stream in, and gives the messages that end in them.
    pub(super) fn push<'a>(&mut self, data: &'a [u8]) -> Vec<Unit<'a>> {
        let mut units = Vec::new();
        if data.is_empty() {
            return units;
        }
        if self.partial.is_empty() {
            self.decide(data);
            let taken = self.cut(data, &mut units, Cow::Borrowed);
            self.keep(data.get(taken..).unwrap_or(&[]));
            return units;
        }
        let mut joined = std::mem::take(&mut self.partial);
        joined.extend_from_slice(data);
        self.decide(&joined);
        let taken = self.cut(&joined, &mut units, |bytes| Cow::Owned(bytes.to_vec()));
        joined.drain(..taken);
        if self.mode != Mode::Other {
            self.partial = joined;
        }
        units
    }

    /// Bytes are missing: whatever was begun cannot be finished.
    pub(super) fn gap(&mut self) {
        self.partial.clear();
        // The next segment may begin anywhere.
        self.mode = Mode::Other;
    }

    fn decide(&mut self, start: &[u8]) {
        if matches!(self.mode, Mode::Turn | Mode::Framed) {
            return;
        }
        self.mode = match over_tcp(start) {
            Application::Stun(_) | Application::ChannelData { .. } => Mode::Turn,
            Application::FramedStun(_) => Mode::Framed,
            _ if self.mode == Mode::Undecided && start.len() < DECIDING => Mode::Undecided,
            _ => Mode::Other,
        };
    }

    fn keep(&mut self, rest: &[u8]) {
        if self.mode != Mode::Other {
            self.partial.extend_from_slice(rest);
        }
    }

    /// Cuts whole messages off the start; returns how many bytes they have.
    fn cut<'a, 'b>(
        &mut self,
        data: &'b [u8],
        units: &mut Vec<Unit<'a>>,
        own: impl Fn(&'b [u8]) -> Cow<'a, [u8]>,
    ) -> usize {
        let mut at = 0;
        while matches!(self.mode, Mode::Turn | Mode::Framed) {
            let rest = data.get(at..).unwrap_or(&[]);
            if rest.is_empty() {
                break;
            }
            let cut = if self.mode == Mode::Turn { turn(rest) } else { framed(rest) };
            match cut {
                Cut::Whole { kind, message, length } => {
                    units.push(match kind {
                        Kind::Stun => Unit::Stun(own(message)),
                        Kind::Channel => Unit::Channel(own(message)),
                        Kind::Other => Unit::Other,
                    });
                    at += length;
                }
                Cut::Partial => break,
                Cut::Lost => self.mode = Mode::Other,
            }
        }
        at
    }
}

enum Kind {
    Stun,
    Channel,
    Other,
}

/// What stands at the start of a stream.
enum Cut<'b> {
    Whole {
        kind: Kind,
        message: &'b [u8],
        length: usize,
    },
    Partial,
    /// Nothing that belongs here.
    Lost,
}

fn turn(rest: &[u8]) -> Cut<'_> {
    let Some(length) = be16(rest, 2).map(usize::from) else { return Cut::Partial };
    let (kind, whole, padded) = match rest.first() {
        Some(0..=3) => (Kind::Stun, stun::HEADER_LENGTH + length, stun::HEADER_LENGTH + length),
        // RFC 8656 §12.5: over TCP, channel data is padded to four bytes, and the length does not count that.
        Some(0x40..=0x4f) => (Kind::Channel, 4 + length, 4 + length.next_multiple_of(4)),
        _ => return Cut::Lost,
    };
    if matches!(kind, Kind::Stun) && rest.len() >= stun::HEADER_LENGTH && stun::Header::peek(rest).is_err() {
        return Cut::Lost;
    }
    match rest.get(..whole) {
        Some(message) if rest.len() >= padded => Cut::Whole { kind, message, length: padded },
        _ => Cut::Partial,
    }
}

fn framed(rest: &[u8]) -> Cut<'_> {
    let Some(length) = be16(rest, 0).map(usize::from) else { return Cut::Partial };
    match rest.get(2..2 + length) {
        Some(message) => {
            let kind = if stun::Header::peek(message).is_ok() { Kind::Stun } else { Kind::Other };
            Cut::Whole { kind, message, length: 2 + length }
        }
        None => Cut::Partial,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtclab_rtc::stun::{Builder, Method, TransactionId};

    fn request() -> Vec<u8> {
        Builder::request(Method::ALLOCATE, TransactionId([1; 12])).finish()
    }

    /// What comes out when a stream arrives in pieces of `size`.
    fn kinds(stream: &[u8], size: usize) -> String {
        let mut framing = Framing::default();
        let units = stream.chunks(size).flat_map(|piece| framing.push(piece)).map(|unit| match unit {
            Unit::Stun(bytes) => format!("S{} ", bytes.len()),
            Unit::Channel(bytes) => format!("C{} ", bytes.len()),
            Unit::Other => "O ".to_string(),
        });
        units.collect()
    }

    #[test]
    fn messages_are_found_however_the_stream_is_cut() {
        let channel = [&[0x40, 0, 0, 5][..], b"hello\0\0\0"].concat();
        let stream = [request(), channel, request()].concat();
        for size in 1..stream.len() {
            assert_eq!(kinds(&stream, size), "S28 C9 S28 ", "in pieces of {size}");
        }
    }

    #[test]
    fn messages_behind_lengths_are_found_too() {
        let message = request();
        let mut stream = Vec::new();
        for unit in [&message[..], b"\x80rtp", &message] {
            stream.extend((unit.len() as u16).to_be_bytes());
            stream.extend(unit);
        }
        for size in 1..stream.len() {
            assert_eq!(kinds(&stream, size), "S28 O S28 ", "in pieces of {size}");
        }
    }

    #[test]
    fn other_streams_are_left_alone_until_a_segment_begins_with_stun() {
        let mut framing = Framing::default();
        assert!(framing.push(b"GET / HTTP/1.1\r\n\r\n and some more").is_empty());
        assert_eq!(framing.push(&request()).len(), 1);
    }

    #[test]
    fn a_gap_ends_what_was_begun() {
        let mut framing = Framing::default();
        assert!(framing.push(&request()[..24]).is_empty());
        framing.gap();
        assert_eq!(framing.push(&request()).len(), 1);
    }
}
