//! The bytes that the program wrote and that are not acknowledged yet. Not here: which of them were sent (`flight`).

use std::collections::VecDeque;

/// A bounded queue of bytes whose first has a known position in the stream.
#[derive(Clone, Debug)]
pub(crate) struct SendBuffer {
    bytes: VecDeque<u8>,
    capacity: usize,
    start: i64,
    pushed: i64,
}

impl SendBuffer {
    /// An empty one; the first byte written will have position 1, after the SYN.
    pub(crate) fn new(capacity: usize) -> SendBuffer {
        SendBuffer { bytes: VecDeque::new(), capacity, start: 1, pushed: 1 }
    }

    /// Takes as many of `data` as fit, and says how many.
    pub(crate) fn write(&mut self, data: &[u8]) -> usize {
        let taken = data.len().min(self.room());
        self.bytes.extend(&data[..taken]);
        self.pushed = self.end();
        taken
    }

    /// Bytes that may still be written.
    pub(crate) fn room(&self) -> usize {
        self.capacity.saturating_sub(self.bytes.len())
    }

    /// The position after the last byte.
    pub(crate) fn end(&self) -> i64 {
        self.start + self.bytes.len() as i64
    }

    /// The end of the latest write: the segment that reaches it is pushed (RFC 9293 §3.8).
    pub(crate) fn pushed(&self) -> i64 {
        self.pushed
    }

    /// Forgets everything before a position.
    pub(crate) fn acknowledge(&mut self, up_to: i64) {
        let count = usize::try_from(up_to - self.start).unwrap_or(0).min(self.bytes.len());
        self.bytes.drain(..count);
        self.start += count as i64;
    }

    /// A copy of the bytes from one position to another, as far as they are held.
    pub(crate) fn copy(&self, from: i64, to: i64) -> Vec<u8> {
        let place = |position: i64| usize::try_from(position - self.start).unwrap_or(0).min(self.bytes.len());
        let (from, to) = (place(from), place(to));
        if from >= to {
            return Vec::new();
        }
        let (first, second) = self.bytes.as_slices();
        let mut out = Vec::with_capacity(to - from);
        out.extend_from_slice(first.get(from..to.min(first.len())).unwrap_or_default());
        out.extend_from_slice(
            second.get(from.saturating_sub(first.len())..to.saturating_sub(first.len())).unwrap_or_default(),
        );
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_full_buffer_takes_a_part() {
        let mut buffer = SendBuffer::new(4);
        assert_eq!(buffer.write(b"abc"), 3);
        assert_eq!(buffer.write(b"def"), 1);
        assert_eq!(buffer.write(b"g"), 0);
        assert_eq!(buffer.copy(1, 5), b"abcd");
    }

    #[test]
    fn an_acknowledgment_makes_room() {
        let mut buffer = SendBuffer::new(4);
        buffer.write(b"abcd");
        buffer.acknowledge(3);
        assert_eq!(buffer.room(), 2);
        assert_eq!(buffer.copy(3, 5), b"cd");
    }

    proptest! {
        #[test]
        fn what_is_copied_is_what_was_written(steps in proptest::collection::vec((1..50_usize, 0..50_i64), 1..50)) {
            let mut buffer = SendBuffer::new(100);
            let (mut written, mut acknowledged) = (0_u8, 1_i64);
            for (count, acknowledge) in steps {
                let data: Vec<u8> = (0..count).map(|i| written.wrapping_add(i as u8)).collect();
                written = written.wrapping_add(buffer.write(&data) as u8);
                acknowledged = (acknowledged + acknowledge).min(buffer.end());
                buffer.acknowledge(acknowledged);
                let expected: Vec<u8> = (acknowledged..buffer.end()).map(|position| (position - 1) as u8).collect();
                prop_assert_eq!(buffer.copy(acknowledged, buffer.end()), expected);
            }
        }
    }
}
