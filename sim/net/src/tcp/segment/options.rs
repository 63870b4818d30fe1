//! The options of a segment: maximum segment size, window scale, SACK and timestamps. What is unknown is passed over.
//! Not here: what a connection makes of them.

use crate::tcp::sequence::SequenceNumber;

const END: u8 = 0;
const NO_OPERATION: u8 = 1;
const MAXIMUM_SEGMENT_SIZE: u8 = 2;
const WINDOW_SCALE: u8 = 3;
const SACK_PERMITTED: u8 = 4;
const SACK: u8 = 5;
const TIMESTAMPS: u8 = 8;

/// Bytes that options may take in a header (RFC 9293 §3.1).
pub(crate) const OPTIONS_LENGTH_MAX: usize = 40;
/// The timestamps option with the two bytes of padding that align it.
pub(crate) const TIMESTAMPS_LENGTH: usize = 12;
/// SACK blocks that fit an option field with nothing else in it (RFC 2018 §3).
pub const SACK_BLOCKS_MAX: usize = 4;

/// The timestamps option (RFC 7323 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timestamps {
    /// The sender's clock (TSval).
    pub value: u32,
    /// What it last took from the receiver (TSecr).
    pub echo: u32,
}

/// A block of data that arrived: from the first number, up to but without the second (RFC 2018 §3).
pub type SackBlock = (SequenceNumber, SequenceNumber);

/// Up to four blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct SackBlocks {
    blocks: [SackBlock; SACK_BLOCKS_MAX],
    count: usize,
}

impl SackBlocks {
    /// Adds a block, if there is room for it.
    pub fn push(&mut self, block: SackBlock) {
        if let Some(place) = self.blocks.get_mut(self.count) {
            *place = block;
            self.count += 1;
        }
    }

    /// The blocks, in their order.
    pub fn as_slice(&self) -> &[SackBlock] {
        &self.blocks[..self.count]
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How long the option is with `count` blocks, padding included.
    pub(crate) const fn option_length(count: usize) -> usize {
        if count == 0 { 0 } else { 4 + 8 * count }
    }
}

/// The options that this endpoint knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Options {
    /// The largest segment that the sender of this one takes (RFC 9293 §3.7.1). Only with SYN.
    pub maximum_segment_size: Option<u16>,
    /// How far its windows are shifted (RFC 7323 §2.2). Only with SYN.
    pub window_scale: Option<u8>,
    /// Whether it understands SACK (RFC 2018 §2). Only with SYN.
    pub sack_permitted: bool,
    /// What it has received behind gaps.
    pub sack: SackBlocks,
    /// Its clock, and what it echoes.
    pub timestamps: Option<Timestamps>,
}

impl Options {
    /// Reads what it knows. An option that runs past the end, or whose length is wrong, ends the reading.
    pub(crate) fn parse(mut bytes: &[u8]) -> Options {
        let mut options = Options::default();
        while let [kind, rest @ ..] = bytes {
            match *kind {
                END => break,
                NO_OPERATION => bytes = rest,
                kind => {
                    let Some(length) = rest.first().map(|length| usize::from(*length)) else { break };
                    let Some(body) = bytes.get(2..length) else { break };
                    options.take(kind, body);
                    bytes = &bytes[length..];
                }
            }
        }
        options
    }

    fn take(&mut self, kind: u8, body: &[u8]) {
        match (kind, body) {
            (MAXIMUM_SEGMENT_SIZE, &[high, low]) => {
                self.maximum_segment_size = Some(u16::from_be_bytes([high, low]));
            }
            (WINDOW_SCALE, &[shift]) => self.window_scale = Some(shift),
            (SACK_PERMITTED, &[]) => self.sack_permitted = true,
            (SACK, blocks) if blocks.len() % 8 == 0 => {
                for block in blocks.chunks_exact(8) {
                    self.sack.push((SequenceNumber(word(block, 0)), SequenceNumber(word(block, 4))));
                }
            }
            (TIMESTAMPS, body) if body.len() == 8 => {
                self.timestamps = Some(Timestamps { value: word(body, 0), echo: word(body, 4) });
            }
            _ => {}
        }
    }

    /// Bytes that they take in a header, a multiple of four.
    pub fn length(&self) -> usize {
        let sizes =
            usize::from(self.maximum_segment_size.is_some()) + usize::from(self.window_scale.is_some());
        // SACK-permitted stands in the padding of the timestamps where there are any.
        let timestamps = if self.timestamps.is_some() { TIMESTAMPS_LENGTH } else { 0 };
        let permitted = if self.sack_permitted && timestamps == 0 { 4 } else { 0 };
        4 * sizes + permitted + timestamps + SackBlocks::option_length(self.sack.count)
    }

    /// Writes them in the order in which Linux does.
    pub(crate) fn emit(&self, out: &mut Vec<u8>) {
        if let Some(size) = self.maximum_segment_size {
            out.extend([MAXIMUM_SEGMENT_SIZE, 4]);
            out.extend(size.to_be_bytes());
        }
        match (self.sack_permitted, self.timestamps.is_some()) {
            (true, true) => out.extend([SACK_PERMITTED, 2]),
            (true, false) => out.extend([NO_OPERATION, NO_OPERATION, SACK_PERMITTED, 2]),
            (false, true) => out.extend([NO_OPERATION, NO_OPERATION]),
            (false, false) => {}
        }
        if let Some(Timestamps { value, echo }) = self.timestamps {
            out.extend([TIMESTAMPS, 10]);
            out.extend(value.to_be_bytes());
            out.extend(echo.to_be_bytes());
        }
        if let Some(shift) = self.window_scale {
            out.extend([NO_OPERATION, WINDOW_SCALE, 3, shift]);
        }
        if !self.sack.is_empty() {
            out.extend([NO_OPERATION, NO_OPERATION, SACK, (2 + 8 * self.sack.count) as u8]);
            for (start, end) in self.sack.as_slice() {
                out.extend(start.0.to_be_bytes());
                out.extend(end.0.to_be_bytes());
            }
        }
    }
}

/// The big-endian word at `at`; zero where there is none.
fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emitted(options: &Options) -> Vec<u8> {
        let mut out = Vec::new();
        options.emit(&mut out);
        out
    }

    #[test]
    fn a_syn_of_linux_has_twenty_bytes_of_options() {
        let options = Options {
            maximum_segment_size: Some(1460),
            window_scale: Some(7),
            sack_permitted: true,
            timestamps: Some(Timestamps { value: 1, echo: 0 }),
            ..Options::default()
        };
        let bytes = emitted(&options);
        assert_eq!(bytes, [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7]);
        assert_eq!(options.length(), bytes.len());
        assert_eq!(Options::parse(&bytes), options);
    }

    #[test]
    fn every_combination_is_aligned_and_read_back() {
        for bits in 0..32_u8 {
            let mut sack = SackBlocks::default();
            if bits & 8 != 0 {
                sack.push((SequenceNumber(10), SequenceNumber(20)));
            }
            let options = Options {
                maximum_segment_size: (bits & 1 != 0).then_some(536),
                window_scale: (bits & 2 != 0).then_some(14),
                sack_permitted: bits & 4 != 0,
                sack,
                timestamps: (bits & 16 != 0).then_some(Timestamps { value: 7, echo: 9 }),
            };
            let bytes = emitted(&options);
            assert_eq!(bytes.len() % 4, 0, "{options:?}");
            assert_eq!(bytes.len(), options.length(), "{options:?}");
            assert_eq!(Options::parse(&bytes), options);
        }
    }

    #[test]
    fn an_unknown_option_is_passed_over() {
        assert_eq!(Options::parse(&[254, 4, 0, 0, 3, 3, 2, 0]).window_scale, Some(2));
    }

    #[test]
    fn an_option_past_the_end_ends_the_reading() {
        for bytes in [&[3, 3][..], &[3, 0, 2, 4], &[8, 200, 1, 1], &[5], &[2, 1, 3, 3, 1]] {
            assert_eq!(Options::parse(bytes), Options::default());
        }
    }
}
