//! Segments that were sent and are not acknowledged: a record each, and what is known of its fate.
//! Not here: how losses are found (`recovery`), and what SACK blocks say (`sack`).

use std::collections::VecDeque;

use rtclab_trace::{NetReason, SimTime};

use super::delivery_rate::Stamp;

/// Records that are kept at most: small segments and odd SACK blocks cannot make more.
pub(crate) const RECORDS_MAX: usize = 1 << 14;

/// What the sender believes of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// On its way.
    InFlight,
    /// Lost, for this reason, and waiting to be sent again.
    Lost(NetReason),
    /// Arrived behind a gap.
    Sacked,
}

/// A segment that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// The position of its first byte.
    pub(crate) start: i64,
    /// The position after its last, its SYN and FIN counted.
    pub(crate) end: i64,
    /// Whether it has a SYN.
    pub(crate) syn: bool,
    /// Whether it has a FIN.
    pub(crate) fin: bool,
    /// Whether it went into a closed window, to probe it.
    pub(crate) probe: bool,
    /// When it was last sent.
    pub(crate) sent_at: SimTime,
    /// Its place in the order in which everything was sent, repetitions included: the time alone does not tell, because many leave at one moment.
    /// The flight numbers it.
    pub(crate) order: u64,
    /// When it was first sent.
    pub(crate) first_sent_at: SimTime,
    /// How often it was sent.
    pub(crate) transmissions: u32,
    /// What is believed of it.
    pub(crate) fate: Fate,
    /// What had been delivered when it was last sent.
    pub(crate) stamp: Stamp,
}

impl Sent {
    /// Sequence numbers that it takes.
    pub(crate) fn length(&self) -> u64 {
        (self.end - self.start) as u64
    }

    /// Whether it was sent more than once.
    pub(crate) fn is_retransmitted(&self) -> bool {
        self.transmissions > 1
    }
}

/// The records, in the order of the stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flight {
    records: VecDeque<Sent>,
    in_flight: u64,
    lost: u64,
    sacked: u64,
    segments_sacked: u64,
    /// Transmissions so far.
    transmissions: u64,
}

impl Flight {
    /// Bytes on their way (RFC 6675 §4 calls this the pipe).
    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// Bytes waiting to be sent again.
    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }

    /// Bytes that arrived behind gaps.
    pub(crate) fn sacked(&self) -> u64 {
        self.sacked
    }

    /// Segments that arrived behind gaps.
    pub(crate) fn segments_sacked(&self) -> u64 {
        self.segments_sacked
    }

    /// Whether nothing is unacknowledged.
    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// How many segments are unacknowledged.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// The records, in the order of the stream.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Sent> + ExactSizeIterator {
        self.records.iter()
    }

    /// A record by its place.
    pub(crate) fn get(&self, index: usize) -> Option<&Sent> {
        self.records.get(index)
    }

    /// The first that is unacknowledged.
    pub(crate) fn first(&self) -> Option<&Sent> {
        self.records.front()
    }

    /// The place of the last.
    pub(crate) fn last_index(&self) -> Option<usize> {
        self.records.len().checked_sub(1)
    }

    /// The place of the first that waits to be sent again.
    pub(crate) fn first_lost(&self) -> Option<usize> {
        if self.lost == 0 {
            return None;
        }
        self.records.iter().position(|sent| matches!(sent.fate, Fate::Lost(_)))
    }

    /// The place of the first record that ends after a position.
    pub(crate) fn place_of(&self, position: i64) -> usize {
        self.records.partition_point(|sent| sent.end <= position)
    }

    /// Adds a segment that was sent for the first time.
    pub(crate) fn push(&mut self, sent: Sent) {
        debug_assert!(
            self.records.back().is_none_or(|last| last.end == sent.start),
            "the stream has no holes"
        );
        self.count(&sent);
        self.transmissions += 1;
        self.records.push_back(Sent { order: self.transmissions, ..sent });
    }

    fn counters(&mut self, fate: Fate) -> (&mut u64, u64) {
        match fate {
            Fate::InFlight => (&mut self.in_flight, 0),
            Fate::Lost(_) => (&mut self.lost, 0),
            Fate::Sacked => (&mut self.sacked, 1),
        }
    }

    fn count(&mut self, sent: &Sent) {
        let (bytes, segments) = self.counters(sent.fate);
        *bytes += sent.length();
        self.segments_sacked += segments;
    }

    fn discount(&mut self, sent: &Sent) {
        let (bytes, segments) = self.counters(sent.fate);
        *bytes -= sent.length();
        self.segments_sacked -= segments;
    }

    /// Changes what is believed of a record.
    pub(crate) fn set_fate(&mut self, index: usize, fate: Fate) {
        let Some(sent) = self.records.get_mut(index) else { return };
        let before = *sent;
        sent.fate = fate;
        let after = *sent;
        self.discount(&before);
        self.count(&after);
    }

    /// Notes that a record was sent again.
    pub(crate) fn sent_again(&mut self, index: usize, now: SimTime, stamp: Stamp) {
        self.set_fate(index, Fate::InFlight);
        self.transmissions += 1;
        if let Some(sent) = self.records.get_mut(index) {
            sent.sent_at = now;
            sent.order = self.transmissions;
            sent.transmissions = sent.transmissions.saturating_add(1);
            sent.stamp = stamp;
        }
    }

    /// The first record is ordinary data from now on.
    pub(crate) fn no_longer_probe(&mut self) {
        if let Some(sent) = self.records.front_mut() {
            sent.probe = false;
        }
    }

    /// Takes the first record away if it ends at or before a position; what a record has before it is cut off.
    pub(crate) fn acknowledge_next(&mut self, up_to: i64) -> Option<Sent> {
        let whole = *self.records.front().filter(|first| first.start < up_to)?;
        self.discount(&whole);
        if whole.end <= up_to {
            self.records.pop_front();
            return Some(whole);
        }
        let rest = Sent { start: up_to, syn: false, ..whole };
        self.count(&rest);
        self.records[0] = rest;
        Some(Sent { end: up_to, fin: false, ..whole })
    }

    /// Cuts a record in two, so that a part of it can be sent or acknowledged on its own; unless there are too many already.
    pub(crate) fn split(&mut self, index: usize, at: i64) {
        let full = self.records.len() >= RECORDS_MAX;
        let Some(sent) = self.records.get_mut(index) else { return };
        if full || at <= sent.start || at >= sent.end {
            return;
        }
        let mut rest = *sent;
        sent.end = at;
        sent.fin = false;
        rest.start = at;
        rest.syn = false;
        self.segments_sacked += u64::from(rest.fate == Fate::Sacked);
        self.records.insert(index + 1, rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(start: i64, end: i64) -> Sent {
        Sent {
            start,
            end,
            syn: false,
            fin: false,
            probe: false,
            sent_at: SimTime::ZERO,
            order: 0,
            first_sent_at: SimTime::ZERO,
            transmissions: 1,
            fate: Fate::InFlight,
            stamp: Stamp::default(),
        }
    }

    fn flight() -> Flight {
        let mut flight = Flight::default();
        for i in 0..4 {
            flight.push(sent(1 + 10 * i, 11 + 10 * i));
        }
        flight
    }

    fn recount(flight: &Flight) -> (u64, u64, u64) {
        let total = |wanted: fn(&Fate) -> bool| {
            flight.iter().filter(|sent| wanted(&sent.fate)).map(Sent::length).sum::<u64>()
        };
        (
            total(|fate| *fate == Fate::InFlight),
            total(|fate| matches!(fate, Fate::Lost(_))),
            total(|fate| *fate == Fate::Sacked),
        )
    }

    #[test]
    fn the_counts_follow_the_fates() {
        let mut flight = flight();
        flight.set_fate(1, Fate::Sacked);
        flight.set_fate(0, Fate::Lost(NetReason::TcpRackLoss));
        assert_eq!((flight.in_flight(), flight.lost(), flight.sacked()), (20, 10, 10));
        flight.sent_again(0, SimTime::from_millis(1), Stamp::default());
        assert_eq!(recount(&flight), (flight.in_flight(), flight.lost(), flight.sacked()));
        assert!(flight.first().is_some_and(Sent::is_retransmitted));
    }

    #[test]
    fn an_acknowledgment_inside_a_segment_leaves_the_rest() {
        let mut flight = flight();
        assert_eq!(flight.acknowledge_next(15).map(|sent| sent.end), Some(11));
        assert_eq!(flight.acknowledge_next(15).map(|sent| (sent.start, sent.end)), Some((11, 15)));
        assert_eq!(flight.acknowledge_next(15), None);
        assert_eq!(flight.first().map(|sent| (sent.start, sent.end)), Some((15, 21)));
        assert_eq!(flight.in_flight(), 26);
    }

    #[test]
    fn a_split_keeps_the_counts() {
        let mut flight = flight();
        flight.split(1, 14);
        assert_eq!(flight.len(), 5);
        assert_eq!(recount(&flight), (40, 0, 0));
        assert_eq!(flight.place_of(14), 2);
    }
}
