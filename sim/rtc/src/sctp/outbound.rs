//! The sending side: messages that wait, the fragments that are out, what was acknowledged, what is to be sent again, what is given up
//! (RFC 9260 §6, §7.2.4; RFC 3758 §3.5). Not here: when a packet goes out.

use std::collections::{BTreeMap, VecDeque};

use super::state::{Message, Reliability};
use super::tsn::{is_before, origin, unwrapped};
use super::wire::{Data, ForwardTsn, Sack};
use crate::time::Time;

/// Reports that something is missing, until it is sent again at once (§7.2.4).
const MISSING_MAX: u8 = 3;

/// A message that waits, or of which a part is out.
#[derive(Debug)]
struct Waiting {
    id: u64,
    message: Message,
    /// Bytes that went out.
    taken: usize,
    /// Its number in its stream, from the first fragment on.
    sequence: Option<u16>,
    limit: Limit,
}

/// When a message is given up.
#[derive(Clone, Copy, Debug)]
struct Limit {
    retransmissions_max: Option<u32>,
    deadline: Option<Time>,
}

impl Limit {
    fn is_over(self, transmissions: u32, now: Time) -> bool {
        self.retransmissions_max.is_some_and(|max| transmissions > max)
            || self.deadline.is_some_and(|deadline| now >= deadline)
    }
}

/// A fragment that is out.
#[derive(Debug)]
struct Sent {
    data: Data,
    message: u64,
    limit: Limit,
    sent_at: Time,
    transmissions: u32,
    is_acknowledged: bool,
    is_abandoned: bool,
    /// It waits to be sent again, and is not in flight.
    again: bool,
    /// It was sent again because of reports once; after that only the timer helps (§7.2.4).
    was_fast: bool,
    missing: u8,
}

impl Sent {
    fn is_in_flight(&self) -> bool {
        !self.is_acknowledged && !self.is_abandoned && !self.again
    }
}

/// What an acknowledgment came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Acknowledged {
    /// The cumulative TSN moved.
    pub(super) advanced: bool,
    /// Bytes that are acknowledged for the first time.
    pub(super) bytes: usize,
    /// When a fragment of these was sent that was sent only once: a measurement of the round trip (§6.3.1 C5).
    pub(super) measured_from: Option<Time>,
    /// Something was reported missing often enough.
    pub(super) lost: bool,
}

/// Why an acknowledgment is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadSack {
    /// It is older than one that came before.
    Old,
    /// It acknowledges what was never sent.
    NeverSent,
}

/// The sending side.
#[derive(Debug)]
pub(super) struct Outbound {
    origin: u64,
    /// The next TSN.
    next: u64,
    /// Everything up to this is acknowledged.
    cumulative: u64,
    sent: BTreeMap<u64, Sent>,
    waiting: VecDeque<Waiting>,
    sequences: BTreeMap<u16, u16>,
    messages: u64,
    in_flight: usize,
    peer_window: usize,
    pub(super) retransmissions: u64,
    pub(super) abandoned: u64,
    /// Streams of messages that were given up and not yet told.
    pub(super) given_up: Vec<u16>,
}

impl Outbound {
    pub(super) fn new(initial_tsn: u32) -> Outbound {
        let first = origin(initial_tsn);
        Outbound {
            origin: first - 1,
            next: first,
            cumulative: first - 1,
            sent: BTreeMap::new(),
            waiting: VecDeque::new(),
            sequences: BTreeMap::new(),
            messages: 0,
            in_flight: 0,
            peer_window: 0,
            retransmissions: 0,
            abandoned: 0,
            given_up: Vec::new(),
        }
    }

    pub(super) fn sent_count(&self) -> u64 {
        self.next - 1 - self.origin
    }

    pub(super) fn acknowledged_count(&self) -> u64 {
        self.cumulative - self.origin
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub(super) fn peer_window(&self) -> usize {
        self.peer_window
    }

    pub(super) fn set_peer_window(&mut self, window: u32) {
        self.peer_window = (window as usize).saturating_sub(self.in_flight);
    }

    /// The last TSN that was used, as it goes on the wire.
    pub(super) fn last_tsn(&self) -> u32 {
        (self.next - 1) as u32
    }

    /// The newest TSN, for the end of fast recovery.
    pub(super) fn highest(&self) -> u64 {
        self.next - 1
    }

    pub(super) fn cumulative(&self) -> u64 {
        self.cumulative
    }

    /// Whether anything is out that is not acknowledged.
    pub(super) fn has_outstanding(&self) -> bool {
        !self.sent.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sent.is_empty() && self.waiting.is_empty()
    }

    /// Bytes of messages that wait to go out, of one stream or of all.
    pub(super) fn waiting(&self, stream: Option<u16>) -> usize {
        self.waiting_of(|message| stream.is_none_or(|stream| stream == message.stream))
    }

    /// The same of messages that are counted.
    pub(super) fn waiting_of(&self, counts: impl Fn(&Message) -> bool) -> usize {
        self.waiting
            .iter()
            .filter(|waiting| counts(&waiting.message))
            .map(|waiting| waiting.message.payload.len() - waiting.taken)
            .sum()
    }

    /// Puts a message at the end of the line.
    pub(super) fn push(&mut self, message: Message, reliability: Reliability, now: Time) {
        let limit = Limit {
            retransmissions_max: reliability.retransmissions_max,
            deadline: reliability.lifetime.map(|lifetime| now + lifetime),
        };
        self.messages += 1;
        self.waiting.push_back(Waiting { id: self.messages, message, taken: 0, sequence: None, limit });
    }

    /// Drops messages whose time is over before a byte of them went out: the peer never hears of them (RFC 3758 §3.5, timed reliability).
    pub(super) fn expire(&mut self, now: Time) {
        let mut index = 0;
        while let Some(waiting) = self.waiting.get(index) {
            if waiting.limit.deadline.is_none_or(|deadline| now < deadline) {
                index += 1;
                continue;
            }
            let (id, is_untouched) = (waiting.id, waiting.taken == 0);
            if is_untouched {
                self.abandoned += 1;
                self.given_up.push(waiting.message.stream);
                self.waiting.remove(index);
            } else {
                self.abandon(id);
            }
        }
    }

    /// The next new fragment, if there is one and the peer has room for it. With nothing in flight, one fragment goes out even into a
    /// closed window: it asks whether it has opened (§6.1 A).
    pub(super) fn take(&mut self, room: usize, now: Time) -> Option<Data> {
        let waiting = self.waiting.front_mut()?;
        let left = waiting.message.payload.len() - waiting.taken;
        let length = left.min(room);
        if length == 0 || (length > self.peer_window && self.in_flight > 0) {
            return None;
        }
        let sequence = *waiting.sequence.get_or_insert_with(|| {
            let next = self.sequences.entry(waiting.message.stream).or_default();
            let sequence = *next;
            if !waiting.message.unordered {
                *next = next.wrapping_add(1);
            }
            sequence
        });
        let from = waiting.taken;
        waiting.taken += length;
        let data = Data {
            immediate: false,
            unordered: waiting.message.unordered,
            begins: from == 0,
            ends: length == left,
            tsn: self.next as u32,
            stream: waiting.message.stream,
            sequence: if waiting.message.unordered { 0 } else { sequence },
            protocol: waiting.message.protocol,
            payload: waiting.message.payload[from..from + length].to_vec(),
        };
        let (message, limit) = (waiting.id, waiting.limit);
        if data.ends {
            self.waiting.pop_front();
        }
        self.note_sent(data.clone(), message, limit, now);
        Some(data)
    }

    fn note_sent(&mut self, data: Data, message: u64, limit: Limit, now: Time) {
        self.in_flight += data.payload.len();
        self.peer_window = self.peer_window.saturating_sub(data.payload.len());
        let sent = Sent {
            data,
            message,
            limit,
            sent_at: now,
            transmissions: 1,
            is_acknowledged: false,
            is_abandoned: false,
            again: false,
            was_fast: false,
            missing: 0,
        };
        self.sent.insert(self.next, sent);
        self.next += 1;
    }

    /// The first fragment that waits to be sent again and fits.
    pub(super) fn take_again(&mut self, room: usize, now: Time) -> Option<Data> {
        let fits = |sent: &&mut Sent| sent.again && !sent.is_abandoned && sent.data.payload.len() <= room;
        let sent = self.sent.values_mut().find(fits)?;
        sent.again = false;
        sent.sent_at = now;
        sent.transmissions += 1;
        sent.missing = 0;
        self.in_flight += sent.data.payload.len();
        self.peer_window = self.peer_window.saturating_sub(sent.data.payload.len());
        self.retransmissions += 1;
        Some(sent.data.clone())
    }

    pub(super) fn has_again(&self) -> bool {
        self.sent.values().any(|sent| sent.again && !sent.is_abandoned)
    }

    /// Takes an acknowledgment in (§6.2.1).
    pub(super) fn acknowledge(
        &mut self,
        sack: &Sack,
        recovering: bool,
        now: Time,
    ) -> Result<Acknowledged, BadSack> {
        let to = unwrapped(self.cumulative, sack.cumulative_tsn);
        if to < self.cumulative {
            return Err(BadSack::Old);
        }
        let highest = sack.gaps.iter().map(|(_, last)| to + u64::from(*last)).max().unwrap_or(to);
        if highest >= self.next {
            return Err(BadSack::NeverSent);
        }
        let mut result = Acknowledged { advanced: to > self.cumulative, ..Acknowledged::default() };
        let later = self.sent.split_off(&(to + 1));
        for sent in std::mem::replace(&mut self.sent, later).into_values() {
            self.count(&sent, &mut result);
        }
        self.cumulative = to;
        let newest = self.gaps(to, sack, &mut result);
        // In recovery an acknowledgment that moves the cumulative TSN reports on everything (§7.2.4).
        let until = if recovering && result.advanced { Some(highest) } else { newest };
        if let Some(until) = until {
            result.lost = self.missing_before(until, now);
        }
        self.peer_window = (sack.window as usize).saturating_sub(self.in_flight);
        Ok(result)
    }

    /// A fragment is acknowledged for good.
    fn count(&mut self, sent: &Sent, result: &mut Acknowledged) {
        if sent.is_acknowledged {
            return;
        }
        let length = sent.data.payload.len();
        result.bytes += length;
        if sent.is_in_flight() {
            self.in_flight -= length;
        }
        if sent.transmissions == 1 {
            result.measured_from = result.measured_from.max(Some(sent.sent_at));
        }
    }

    /// Marks what the gap blocks say; returns the highest TSN that is news. What they said before and no longer say is out again (§6.2.1 D iii).
    fn gaps(&mut self, base: u64, sack: &Sack, result: &mut Acknowledged) -> Option<u64> {
        let mut newest = None;
        for (&tsn, sent) in &mut self.sent {
            let offset = tsn - base;
            let is_in = sack
                .gaps
                .iter()
                .any(|(first, last)| (u64::from(*first)..=u64::from(*last)).contains(&offset));
            let length = sent.data.payload.len();
            match (is_in, sent.is_acknowledged) {
                (true, false) => {
                    if sent.is_in_flight() {
                        self.in_flight -= length;
                    }
                    result.bytes += length;
                    if sent.transmissions == 1 {
                        result.measured_from = result.measured_from.max(Some(sent.sent_at));
                    }
                    sent.is_acknowledged = true;
                    sent.again = false;
                    newest = Some(tsn);
                }
                (false, true) => {
                    sent.is_acknowledged = false;
                    if sent.is_in_flight() {
                        self.in_flight += length;
                    }
                }
                _ => {}
            }
        }
        newest
    }

    /// Counts a report for everything before a TSN that has not arrived; says whether something was reported often enough.
    fn missing_before(&mut self, until: u64, now: Time) -> bool {
        let mut lost = false;
        let mut over = Vec::new();
        for (_, sent) in self.sent.range_mut(..until) {
            if !sent.is_in_flight() || sent.was_fast {
                continue;
            }
            sent.missing = sent.missing.saturating_add(1);
            if sent.missing >= MISSING_MAX {
                sent.again = true;
                sent.was_fast = true;
                self.in_flight -= sent.data.payload.len();
                lost = true;
                if sent.limit.is_over(sent.transmissions, now) {
                    over.push(sent.message);
                }
            }
        }
        over.into_iter().for_each(|message| self.abandon(message));
        lost
    }

    /// T3-rtx expired: everything that is out is to be sent again, or given up (§6.3.3).
    pub(super) fn timed_out(&mut self, now: Time) {
        let mut over = Vec::new();
        for sent in self.sent.values_mut().filter(|sent| sent.is_in_flight()) {
            sent.again = true;
            sent.missing = 0;
            if sent.limit.is_over(sent.transmissions, now) {
                over.push(sent.message);
            }
        }
        self.in_flight = 0;
        over.into_iter().for_each(|message| self.abandon(message));
    }

    /// Gives a message up: none of its fragments goes out any more.
    fn abandon(&mut self, message: u64) {
        let mut stream = None;
        for sent in self.sent.values_mut().filter(|sent| sent.message == message && !sent.is_abandoned) {
            if sent.is_in_flight() {
                self.in_flight -= sent.data.payload.len();
            }
            sent.is_abandoned = true;
            stream = Some(sent.data.stream);
        }
        if let Some(place) = self.waiting.iter().position(|waiting| waiting.id == message) {
            stream = self.waiting.remove(place).map(|waiting| waiting.message.stream).or(stream);
        }
        if let Some(stream) = stream {
            self.abandoned += 1;
            self.given_up.push(stream);
        }
    }

    /// What the peer has to be told about what is given up: as far as the acknowledgment could go (RFC 3758 §3.5 C2, C3).
    pub(super) fn forward(&self) -> Option<ForwardTsn> {
        let mut point = self.cumulative;
        let mut streams: BTreeMap<u16, u16> = BTreeMap::new();
        for (&tsn, sent) in &self.sent {
            if tsn != point + 1 || !(sent.is_abandoned || sent.is_acknowledged) {
                break;
            }
            point = tsn;
            if sent.is_abandoned && !sent.data.unordered {
                let last = streams.entry(sent.data.stream).or_insert(sent.data.sequence);
                if is_before(*last, sent.data.sequence) {
                    *last = sent.data.sequence;
                }
            }
        }
        (point > self.cumulative)
            .then(|| ForwardTsn { cumulative_tsn: point as u32, streams: streams.into_iter().collect() })
    }

    /// The soonest moment at which a message that waits is worth nothing any more.
    pub(super) fn next_deadline(&self) -> Option<Time> {
        self.waiting.iter().filter_map(|waiting| waiting.limit.deadline).min()
    }

    /// Begins anew with the numbers of streams.
    pub(super) fn reset(&mut self, streams: &[u16]) {
        self.sequences.retain(|stream, _| !(streams.is_empty() || streams.contains(stream)));
    }
}
