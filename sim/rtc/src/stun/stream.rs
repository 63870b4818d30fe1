//! A stream cut into messages: STUN and ChannelData over TCP and TLS (RFC 8489 §6.2.2, RFC 8656 §12.5). Not here: what is in them.

use super::{HEADER_LENGTH, Header, ParseError};

/// The longest frame: ChannelData with all that its length field can say.
const FRAME_MAX: usize = 4 + 0x1_0000;

/// A message as it was cut out of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A STUN message; its header has been looked at, nothing else.
    Stun(&'a [u8]),
    /// ChannelData, without its padding.
    ChannelData(&'a [u8]),
}

impl<'a> Frame<'a> {
    /// The bytes of either.
    pub const fn bytes(self) -> &'a [u8] {
        match self {
            Frame::Stun(bytes) | Frame::ChannelData(bytes) => bytes,
        }
    }
}

/// Why a stream cannot be read any further: where the next message would begin is not known any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// Not STUN although it begins like it.
    #[error("no STUN message: {0}")]
    Header(ParseError),
    /// Neither STUN nor ChannelData.
    #[error("byte {first_byte:#04x} begins neither a STUN message nor ChannelData")]
    Neither {
        /// The first byte of what should be a message.
        first_byte: u8,
    },
}

/// Collects the bytes of a stream and gives them back message by message.
///
/// [`push`](StreamFramer::push) what was read, then call [`next_frame`](StreamFramer::next_frame) until it has none. Drained like this it
/// keeps less than one message, 64 KiB at most, whatever the other side sends. Errors are final: close the stream.
#[derive(Clone, Debug, Default)]
pub struct StreamFramer {
    buffer: Vec<u8>,
    /// Where the bytes begin that have not been given back.
    start: usize,
    broken: Option<StreamError>,
}

impl StreamFramer {
    /// A framer at the beginning of a stream.
    pub const fn new() -> StreamFramer {
        StreamFramer { buffer: Vec::new(), start: 0, broken: None }
    }

    /// Adds what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.broken.is_some() {
            return;
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole message, if it is there.
    ///
    /// # Errors
    /// What comes next is no message; from then on, always the same error.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, StreamError> {
        if let Some(error) = self.broken {
            return Err(error);
        }
        let (start, rest) = (self.start, self.buffer.get(self.start..).unwrap_or(&[]));
        match measure(rest) {
            Ok(Some((length, padded))) if rest.len() >= padded => {
                self.start += padded;
                let bytes = &self.buffer[start..start + length];
                Ok(Some(if bytes[0] & 0xC0 == 0 { Frame::Stun(bytes) } else { Frame::ChannelData(bytes) }))
            }
            Ok(_) => Ok(None),
            Err(error) => {
                self.broken = Some(error);
                self.buffer = Vec::new();
                self.start = 0;
                Err(error)
            }
        }
    }

    /// Bytes that wait for the rest of their message.
    pub fn waiting(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// What was read behind the last message: after a ConnectionBind, the stream is the peer's (RFC 6062 §4.3).
    pub fn into_rest(mut self) -> Vec<u8> {
        self.buffer.drain(..self.start);
        self.buffer
    }
}

/// Length without and with padding of the message at the beginning of `bytes`, as soon as its header is there.
fn measure(bytes: &[u8]) -> Result<Option<(usize, usize)>, StreamError> {
    let Some(&first_byte) = bytes.first() else { return Ok(None) };
    match first_byte {
        0x00..=0x3F => {
            let Some(header) = bytes.get(..HEADER_LENGTH) else { return early(bytes).map(|()| None) };
            let header = Header::peek(header).map_err(StreamError::Header)?;
            let length = HEADER_LENGTH + usize::from(header.attributes_length);
            Ok(Some((length, length)))
        }
        0x40..=0x4F => {
            let Some(&[_, _, l0, l1]) = bytes.first_chunk::<4>() else { return Ok(None) };
            let length = 4 + usize::from(u16::from_be_bytes([l0, l1]));
            // RFC 8656 §12.5: over a stream, ChannelData is padded to four bytes, which its length does not count.
            Ok(Some((length, length.next_multiple_of(4).min(FRAME_MAX))))
        }
        _ => Err(StreamError::Neither { first_byte }),
    }
}

/// Half a header is enough to see that it is not one: a stranger is not waited for.
fn early(bytes: &[u8]) -> Result<(), StreamError> {
    let Some(&[_, _, _, _, c0, c1, c2, c3]) = bytes.first_chunk::<8>() else { return Ok(()) };
    let found = u32::from_be_bytes([c0, c1, c2, c3]);
    if found == super::MAGIC_COOKIE {
        Ok(())
    } else {
        Err(StreamError::Header(ParseError::NoCookie { found }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stun::{Attribute, Builder, Method, TransactionId};
    use crate::turn::ChannelData;

    fn message(data: &[u8]) -> Vec<u8> {
        Builder::request(Method::BINDING, TransactionId([1; 12])).attribute(&Attribute::Data(data)).finish()
    }

    #[test]
    fn messages_come_out_whole_however_the_stream_was_cut() {
        let channel_data = ChannelData { channel: 0x4001, data: b"hello" };
        let parts = [message(b"one"), channel_data.to_stream().unwrap(), message(b"two")];
        let stream = parts.concat();
        for piece in 1..stream.len() {
            let mut framer = StreamFramer::new();
            let mut frames = Vec::new();
            for bytes in stream.chunks(piece) {
                framer.push(bytes);
                while let Some(frame) = framer.next_frame().unwrap() {
                    frames.push(frame.bytes().to_vec());
                }
            }
            assert_eq!(frames, [parts[0].clone(), channel_data.to_datagram().unwrap(), parts[2].clone()]);
            assert_eq!(framer.waiting(), 0);
        }
    }

    #[test]
    fn what_is_no_message_ends_the_stream_for_good() {
        let mut framer = StreamFramer::new();
        framer.push(b"POST / HTTP/1.1\r\n");
        assert!(matches!(
            framer.next_frame(),
            Err(StreamError::Neither { .. }) | Err(StreamError::Header(_))
        ));
        framer.push(&message(b"too late"));
        assert!(framer.next_frame().is_err());
        assert_eq!(framer.waiting(), 0);
        let mut framer = StreamFramer::new();
        framer.push(&[0, 1, 0, 0, 1, 2, 3, 4]);
        let found = 0x0102_0304;
        assert_eq!(framer.next_frame(), Err(StreamError::Header(ParseError::NoCookie { found })));
        let mut framer = StreamFramer::new();
        framer.push(&[0x80]);
        assert_eq!(framer.next_frame(), Err(StreamError::Neither { first_byte: 0x80 }));
    }

    #[test]
    fn what_follows_the_last_message_can_be_had() {
        let mut framer = StreamFramer::new();
        framer.push(&[&message(b"")[..], b"raw bytes of a peer"].concat());
        assert!(matches!(framer.next_frame(), Ok(Some(Frame::Stun(_)))));
        assert_eq!(framer.into_rest(), b"raw bytes of a peer");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn no_stream_makes_it_keep_more_than_a_message(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..2000), 0..60)) {
            let mut framer = StreamFramer::new();
            for chunk in chunks {
                framer.push(&chunk);
                while let Ok(Some(frame)) = framer.next_frame() {
                    prop_assert!(frame.bytes().len() <= FRAME_MAX);
                }
                prop_assert!(framer.waiting() < FRAME_MAX);
            }
        }
    }
}
