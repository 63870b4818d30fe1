//! The receiving side: which TSNs have arrived, messages put together from fragments, the order of streams (RFC 9260 §6.2, §6.6, §6.9).
//! Not here: when an acknowledgment goes out.

use std::collections::{BTreeMap, BTreeSet};

use super::state::Message;
use super::tsn::{is_before, origin, unwrapped};
use super::wire::{Data, ForwardTsn, Sack};

/// What a chunk takes in memory besides its payload: so that many small ones cannot take more than the window.
const OVERHEAD: usize = 64;
/// A gap block counts 16 bits from the cumulative TSN; what lies beyond could not be acknowledged.
const REACH: u64 = 65_535;
/// Duplicates that are reported at most.
const DUPLICATES_MAX: usize = 16;

/// What became of a DATA chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// It is the next one, and nothing is missing.
    InOrder,
    /// It is new, but something before it is missing, or it fills a gap.
    Gap,
    /// It was here already.
    Duplicate,
    /// There is no room for it.
    NoRoom,
}

/// Streams of the peer.
#[derive(Debug, Default)]
struct Stream {
    /// The next message that is delivered in order.
    next: u16,
    /// Whole messages that came too early.
    waiting: BTreeMap<u16, Message>,
}

/// The receiving side.
#[derive(Debug)]
pub(super) struct Inbound {
    origin: u64,
    cumulative: u64,
    above: BTreeSet<u64>,
    fragments: BTreeMap<u64, Data>,
    streams: BTreeMap<u16, Stream>,
    buffered: usize,
    window: usize,
    duplicates: Vec<u32>,
    /// Messages that can be handed over.
    pub(super) ready: Vec<Message>,
}

impl Inbound {
    pub(super) fn new(initial_tsn: u32, window: u32) -> Inbound {
        let first = origin(initial_tsn);
        Inbound {
            origin: first - 1,
            cumulative: first - 1,
            above: BTreeSet::new(),
            fragments: BTreeMap::new(),
            streams: BTreeMap::new(),
            buffered: 0,
            window: window as usize,
            duplicates: Vec::new(),
            ready: Vec::new(),
        }
    }

    /// DATA chunks that arrived without a gap.
    pub(super) fn received(&self) -> u64 {
        self.cumulative - self.origin
    }

    pub(super) fn buffered(&self) -> usize {
        self.buffered
    }

    pub(super) fn has_gap(&self) -> bool {
        !self.above.is_empty()
    }

    /// The cumulative TSN, as it goes on the wire.
    pub(super) fn cumulative_tsn(&self) -> u32 {
        self.cumulative as u32
    }

    /// Whether everything up to a TSN has arrived.
    pub(super) fn has_all_until(&self, tsn: u32) -> bool {
        unwrapped(self.cumulative, tsn) <= self.cumulative
    }

    /// Takes a DATA chunk in.
    pub(super) fn data(&mut self, data: Data) -> Arrival {
        let tsn = unwrapped(self.cumulative, data.tsn);
        if tsn <= self.cumulative || self.above.contains(&tsn) {
            if self.duplicates.len() < DUPLICATES_MAX {
                self.duplicates.push(data.tsn);
            }
            return Arrival::Duplicate;
        }
        let size = data.payload.len() + OVERHEAD;
        // What closes the first gap is taken even so: without it nothing could ever be freed (§6.2).
        let is_next = tsn == self.cumulative + 1;
        let is_full =
            self.buffered + size > self.window && !(is_next && self.buffered + size <= 2 * self.window);
        if tsn > self.cumulative + REACH || is_full {
            return Arrival::NoRoom;
        }
        let was_whole = self.above.is_empty();
        self.above.insert(tsn);
        self.advance();
        self.buffered += size;
        let tries = data.ends || self.fragments.contains_key(&(tsn + 1));
        self.fragments.insert(tsn, data);
        if tries {
            self.assemble(tsn);
        }
        if was_whole && is_next { Arrival::InOrder } else { Arrival::Gap }
    }

    /// Moves the cumulative TSN over what has arrived.
    fn advance(&mut self) {
        while self.above.remove(&(self.cumulative + 1)) {
            self.cumulative += 1;
        }
    }

    /// Puts the message together that a fragment belongs to, if all of it is there.
    fn assemble(&mut self, around: u64) {
        let Some(first) = self.edge(around, |data| data.begins, |tsn| tsn - 1) else { return };
        let Some(last) = self.edge(around, |data| data.ends, |tsn| tsn + 1) else { return };
        let mut message: Option<Message> = None;
        let mut sequence = 0;
        for tsn in first..=last {
            let Some(data) = self.fragments.remove(&tsn) else { continue };
            self.buffered -= data.payload.len() + OVERHEAD;
            sequence = data.sequence;
            let message = message.get_or_insert_with(|| Message {
                stream: data.stream,
                protocol: data.protocol,
                unordered: data.unordered,
                payload: Vec::new(),
            });
            message.payload.extend(data.payload);
        }
        if let Some(message) = message {
            self.deliver(message, sequence);
        }
    }

    /// The fragment at one end of the message around a TSN: walks until one that `is_edge`; none if there is a hole before it.
    fn edge(&self, around: u64, is_edge: impl Fn(&Data) -> bool, step: impl Fn(u64) -> u64) -> Option<u64> {
        let stream = self.fragments.get(&around)?.stream;
        let mut tsn = around;
        loop {
            let data = self.fragments.get(&tsn).filter(|data| data.stream == stream)?;
            if is_edge(data) {
                return Some(tsn);
            }
            tsn = step(tsn);
        }
    }

    fn deliver(&mut self, message: Message, sequence: u16) {
        if message.unordered {
            self.ready.push(message);
            return;
        }
        let stream = self.streams.entry(message.stream).or_default();
        if is_before(sequence, stream.next) {
            // Its number was given up (FORWARD TSN) or begun anew before it was whole.
            return;
        }
        self.buffered += message.payload.len() + OVERHEAD;
        stream.waiting.insert(sequence, message);
        self.drain(None);
    }

    /// Hands over what is next on each stream, or on one.
    fn drain(&mut self, only: Option<u16>) {
        for (_, stream) in self.streams.iter_mut().filter(|(id, _)| only.is_none_or(|only| **id == only)) {
            while let Some(message) = stream.waiting.remove(&stream.next) {
                self.buffered -= message.payload.len() + OVERHEAD;
                stream.next = stream.next.wrapping_add(1);
                self.ready.push(message);
            }
        }
    }

    /// The peer gives up what it has sent until a TSN (RFC 3758 §3.6). Says whether that is news.
    pub(super) fn forward(&mut self, forward: &ForwardTsn) -> bool {
        let to = unwrapped(self.cumulative, forward.cumulative_tsn);
        if to <= self.cumulative || to > self.cumulative + REACH {
            return false;
        }
        self.cumulative = to;
        let kept = self.fragments.split_off(&(to + 1));
        for data in std::mem::replace(&mut self.fragments, kept).into_values() {
            self.buffered -= data.payload.len() + OVERHEAD;
        }
        self.above = self.above.split_off(&(to + 1));
        self.advance();
        for &(id, sequence) in &forward.streams {
            let stream = self.streams.entry(id).or_default();
            // Whole messages before the one that is given up are delivered; only then is it passed over.
            while is_before(stream.next, sequence.wrapping_add(1)) {
                if let Some(message) = stream.waiting.remove(&stream.next) {
                    self.buffered -= message.payload.len() + OVERHEAD;
                    self.ready.push(message);
                }
                stream.next = stream.next.wrapping_add(1);
            }
            self.drain(Some(id));
        }
        true
    }

    /// Begins anew with the numbers of streams (RFC 6525 §5.2.2); none means all.
    pub(super) fn reset(&mut self, streams: &[u16]) {
        for (_, stream) in
            self.streams.iter_mut().filter(|(id, _)| streams.is_empty() || streams.contains(id))
        {
            for message in std::mem::take(&mut stream.waiting).into_values() {
                self.buffered -= message.payload.len() + OVERHEAD;
            }
            stream.next = 0;
        }
    }

    /// What the peer may still send, in bytes.
    pub(super) fn room(&self) -> u32 {
        u32::try_from(self.window.saturating_sub(self.buffered)).unwrap_or(u32::MAX)
    }

    /// The acknowledgment of everything so far (§6.2, §3.3.4). `gaps_max` bounds its length.
    pub(super) fn sack(&mut self, gaps_max: usize) -> Sack {
        let mut gaps: Vec<(u16, u16)> = Vec::new();
        for offset in self.above.iter().map(|tsn| (tsn - self.cumulative) as u16) {
            let count = gaps.len();
            match gaps.last_mut() {
                Some((_, last)) if *last + 1 == offset => *last = offset,
                _ if count == gaps_max => break,
                _ => gaps.push((offset, offset)),
            }
        }
        Sack {
            cumulative_tsn: self.cumulative_tsn(),
            window: self.room(),
            gaps,
            duplicates: std::mem::take(&mut self.duplicates),
        }
    }
}
