//! What arrived: in order and waiting to be read, or behind a gap. Not here: which segments are acceptable.

use std::collections::{BTreeMap, VecDeque};

use super::segment::SACK_BLOCKS_MAX;

/// Blocks behind gaps that are kept; what would make one more is not taken.
const BLOCKS_MAX: usize = 1024;

/// What became of data that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It was next, and `filled` says whether it closed a gap.
    InOrder {
        /// There was data waiting behind it.
        filled: bool,
    },
    /// It lies behind a gap.
    OutOfOrder,
    /// All of it was there already.
    Duplicate,
    /// There are too many gaps to take it.
    Refused,
}

/// A bounded reassembly queue.
///
/// What was taken first is kept: a later segment that overlaps it only fills what is missing, so data that was taken
/// cannot be changed by anything that follows.
#[derive(Clone, Debug)]
pub(crate) struct ReceiveBuffer {
    ready: VecDeque<u8>,
    /// Blocks behind gaps: by their start, neither overlapping nor touching.
    blocks: BTreeMap<i64, Vec<u8>>,
    /// Starts of blocks, the latest to have grown first.
    recent: Vec<i64>,
    next: i64,
    capacity: usize,
    behind: usize,
}

impl ReceiveBuffer {
    /// An empty one that waits for the byte after the SYN.
    pub(crate) fn new(capacity: usize) -> ReceiveBuffer {
        ReceiveBuffer {
            ready: VecDeque::new(),
            blocks: BTreeMap::new(),
            recent: Vec::new(),
            next: 1,
            capacity,
            behind: 0,
        }
    }

    /// The position of the first byte that is missing.
    pub(crate) fn next(&self) -> i64 {
        self.next
    }

    /// Bytes that could be taken beyond what waits to be read: the window.
    pub(crate) fn room(&self) -> usize {
        self.capacity.saturating_sub(self.ready.len())
    }

    /// Bytes it can hold.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Bytes that wait to be read.
    pub(crate) fn readable(&self) -> usize {
        self.ready.len()
    }

    /// Bytes behind gaps.
    pub(crate) fn behind_gaps(&self) -> usize {
        self.behind
    }

    /// Takes data that starts at a position and lies inside the window.
    pub(crate) fn insert(&mut self, start: i64, data: &[u8]) -> Arrival {
        let end = start + data.len() as i64;
        if end <= self.next {
            return Arrival::Duplicate;
        }
        if start > self.next {
            return self.insert_behind(start, data);
        }
        let filled = !self.blocks.is_empty();
        self.append(start, data);
        Arrival::InOrder { filled }
    }

    /// Appends data that reaches beyond the next byte, and the blocks that are in order then. Where a block lies it counts, and not the new
    /// data.
    fn append(&mut self, start: i64, data: &[u8]) {
        let end = start + data.len() as i64;
        loop {
            let first = self.blocks.first_key_value().map_or(i64::MAX, |(at, _)| *at);
            let fresh = between(start, data, self.next, end.min(first));
            self.ready.extend(fresh);
            self.next += fresh.len() as i64;
            if first > self.next {
                break;
            }
            let Some(block) = self.blocks.remove(&first) else { break };
            self.recent.retain(|recent| *recent != first);
            self.behind -= block.len();
            self.next += block.len() as i64;
            self.ready.extend(block);
        }
    }

    fn insert_behind(&mut self, start: i64, data: &[u8]) -> Arrival {
        let end = start + data.len() as i64;
        if self.covering(start, end).is_some() {
            return Arrival::Duplicate;
        }
        let touching: Vec<i64> = self.touching(start, end);
        if touching.is_empty() && self.blocks.len() >= BLOCKS_MAX {
            return Arrival::Refused;
        }
        let before = self.blocks_length(&touching);
        let merged_start = touching.first().map_or(start, |first| start.min(*first));
        let mut merged = match touching.first() {
            Some(first) if *first <= start => self.blocks.remove(first).unwrap_or_default(),
            _ => Vec::new(),
        };
        let mut position = merged_start + merged.len() as i64;
        for other in touching.iter().filter(|other| **other > merged_start || **other > start) {
            let Some(block) = self.blocks.remove(other) else { continue };
            merged.extend_from_slice(between(start, data, position, *other));
            merged.extend_from_slice(&block);
            position = *other + block.len() as i64;
        }
        merged.extend_from_slice(between(start, data, position, end));
        self.behind = self.behind + merged.len() - before;
        self.recent.retain(|recent| !touching.contains(recent));
        self.recent.insert(0, merged_start);
        self.recent.truncate(2 * SACK_BLOCKS_MAX);
        self.blocks.insert(merged_start, merged);
        Arrival::OutOfOrder
    }

    fn blocks_length(&self, starts: &[i64]) -> usize {
        starts.iter().filter_map(|start| self.blocks.get(start)).map(Vec::len).sum()
    }

    /// Starts of the blocks that overlap or touch a range, in order.
    fn touching(&self, start: i64, end: i64) -> Vec<i64> {
        let before = self.blocks.range(..start).next_back();
        let before = before.filter(|(at, block)| **at + block.len() as i64 >= start).map(|(at, _)| *at);
        before.into_iter().chain(self.blocks.range(start..=end).map(|(at, _)| *at)).collect()
    }

    /// The block that holds the whole of a range.
    fn covering(&self, start: i64, end: i64) -> Option<i64> {
        let (at, block) = self.blocks.range(..=start).next_back()?;
        (at + block.len() as i64 >= end).then_some(*at)
    }

    /// The block that a position lies in, from where to where.
    pub(crate) fn block_at(&self, position: i64) -> Option<(i64, i64)> {
        let (at, block) = self.blocks.range(..=position).next_back()?;
        let end = at + block.len() as i64;
        (position < end).then_some((*at, end))
    }

    /// Blocks to be told to the sender, the latest first (RFC 2018 §4).
    pub(crate) fn recent_blocks(&self) -> impl Iterator<Item = (i64, i64)> {
        self.recent.iter().filter_map(|start| Some((*start, *start + self.blocks.get(start)?.len() as i64)))
    }

    /// Moves bytes to the program.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> usize {
        let count = out.len().min(self.ready.len());
        for (place, byte) in out.iter_mut().zip(self.ready.drain(..count)) {
            *place = byte;
        }
        count
    }

    /// Forgets everything: nobody will read it.
    pub(crate) fn clear(&mut self) {
        self.ready = VecDeque::new();
        self.blocks.clear();
        self.recent.clear();
        self.behind = 0;
    }
}

/// The part of `data`, which begins at `start`, that lies from one position up to another.
fn between(start: i64, data: &[u8], from: i64, to: i64) -> &[u8] {
    let place = |position: i64| usize::try_from(position - start).unwrap_or(0).min(data.len());
    data.get(place(from)..place(to)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_all(buffer: &mut ReceiveBuffer) -> Vec<u8> {
        let mut out = vec![0; buffer.readable()];
        assert_eq!(buffer.read(&mut out), out.len());
        out
    }

    #[test]
    fn data_behind_a_gap_waits_for_it() {
        let mut buffer = ReceiveBuffer::new(100);
        assert_eq!(buffer.insert(3, b"cd"), Arrival::OutOfOrder);
        assert_eq!(buffer.readable(), 0);
        assert_eq!(buffer.insert(1, b"ab"), Arrival::InOrder { filled: true });
        assert_eq!(read_all(&mut buffer), b"abcd");
        assert_eq!(buffer.behind_gaps(), 0);
    }

    #[test]
    fn what_came_first_is_kept() {
        let mut buffer = ReceiveBuffer::new(100);
        buffer.insert(3, b"cd");
        buffer.insert(2, b"XYZW");
        buffer.insert(1, b"a");
        assert_eq!(read_all(&mut buffer), b"aXcdW");
    }

    #[test]
    fn a_repetition_is_seen_as_one() {
        let mut buffer = ReceiveBuffer::new(100);
        buffer.insert(1, b"ab");
        buffer.insert(5, b"ef");
        assert_eq!(buffer.insert(1, b"ab"), Arrival::Duplicate);
        assert_eq!(buffer.insert(5, b"e"), Arrival::Duplicate);
        assert_eq!(buffer.insert(6, b"fg"), Arrival::OutOfOrder);
    }

    #[test]
    fn the_block_that_grew_last_is_told_first() {
        let mut buffer = ReceiveBuffer::new(100);
        buffer.insert(10, b"a");
        buffer.insert(20, b"a");
        buffer.insert(11, b"b");
        assert_eq!(buffer.recent_blocks().collect::<Vec<_>>(), [(10, 12), (20, 21)]);
    }

    #[test]
    fn the_number_of_gaps_is_bounded() {
        let mut buffer = ReceiveBuffer::new(1 << 20);
        for i in 0..BLOCKS_MAX as i64 {
            assert_eq!(buffer.insert(3 + 2 * i, b"x"), Arrival::OutOfOrder);
        }
        assert_eq!(buffer.insert(1 << 19, b"x"), Arrival::Refused);
        assert_eq!(buffer.insert(1, b"xx"), Arrival::InOrder { filled: true });
    }

    proptest! {
        #[test]
        fn any_order_of_pieces_makes_the_stream(
            pieces in proptest::collection::vec((0..200_usize, 1..40_usize), 1..200),
        ) {
            let stream: Vec<u8> = (0..240).map(|i| i as u8).collect();
            let mut buffer = ReceiveBuffer::new(1000);
            let mut seen = vec![false; stream.len()];
            for (from, length) in pieces {
                buffer.insert(1 + from as i64, &stream[from..from + length]);
                seen[from..from + length].fill(true);
                let in_order = seen.iter().take_while(|seen| **seen).count();
                prop_assert_eq!(buffer.next(), 1 + in_order as i64);
                prop_assert_eq!(buffer.readable(), in_order);
                let behind = seen[in_order..].iter().filter(|seen| **seen).count();
                prop_assert_eq!(buffer.behind_gaps(), behind);
                for (start, end) in buffer.recent_blocks() {
                    prop_assert!(seen[start as usize - 1..end as usize - 1].iter().all(|seen| *seen));
                    prop_assert!(!seen[start as usize - 2] && !seen[end as usize - 1]);
                }
            }
            let in_order = buffer.readable();
            prop_assert_eq!(read_all(&mut buffer), &stream[..in_order]);
        }
    }
}
