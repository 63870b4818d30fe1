//! RACK: a segment is lost when one that was sent sufficiently later has arrived (RFC 8985 §6).
//! Not here: what is done about a loss, and the probe at the end of a flight (`tail_loss_probe`).

use std::time::Duration;

use rtclab_trace::{NetReason, SimTime};

use crate::tcp::flight::{Fate, Flight, Sent};

/// Duplicate acknowledgments, or segments behind a gap, that say that a segment is lost (RFC 5681 §3.2).
pub(crate) const DUPLICATE_THRESHOLD: u64 = 3;
/// Recoveries for which a reordering window stays widened (RFC 8985 §6.2, step 4).
const WINDOW_PERSISTENCE: u32 = 16;

/// The segment, of all that arrived, that was sent last; and what is known of reordering.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rack {
    newest: Option<Newest>,
    /// The end of the furthest segment that arrived (RACK.fack).
    furthest: i64,
    reordering_seen: bool,
    window_multiple: u32,
    window_persist: u32,
    duplicate_round: Option<i64>,
    /// Nothing from here on was sent more than once.
    retransmitted_up_to: i64,
}

#[derive(Clone, Copy, Debug)]
struct Newest {
    order: u64,
    rtt: Duration,
}

impl Newest {
    /// Whether it was sent after `sent` (RACK_sent_after, RFC 8985 §6.2). Where clocks are too coarse the RFC goes by sequence numbers, which misleads
    /// where a repetition leaves at the same moment as new data; so the order itself is kept.
    fn is_after(self, sent: &Sent) -> bool {
        self.order > sent.order
    }
}

/// What the reordering window depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances {
    pub(crate) in_recovery: bool,
    pub(crate) segments_sacked: u64,
    pub(crate) rtt_min: Option<Duration>,
    pub(crate) rtt_smoothed: Option<Duration>,
}

impl Rack {
    /// A segment arrived for the first time. `echo_is_older` says that the acknowledgment echoes a timestamp from before it
    /// was last sent.
    pub(crate) fn on_delivered(
        &mut self,
        now: SimTime,
        sent: &Sent,
        rtt_min: Option<Duration>,
        echo_is_older: bool,
    ) {
        self.note_reordering(sent);
        let rtt = now.since(sent.sent_at);
        // RFC 8985 §6.2, step 2: this acknowledgment may be about an earlier transmission.
        if sent.is_retransmitted() && (echo_is_older || rtt_min.is_some_and(|least| rtt < least)) {
            return;
        }
        if self.newest.is_none_or(|newest| sent.order > newest.order) {
            self.newest = Some(Newest { order: sent.order, rtt });
        }
    }

    /// RFC 8985 §6.2, step 3.
    fn note_reordering(&mut self, sent: &Sent) {
        if sent.end > self.furthest {
            self.furthest = sent.end;
        } else if sent.end < self.furthest && !sent.is_retransmitted() {
            self.reordering_seen = true;
        }
    }

    /// A segment that was sent again may be anywhere in the order of time.
    pub(crate) fn on_retransmission(&mut self, end: i64) {
        self.retransmitted_up_to = self.retransmitted_up_to.max(end);
    }

    /// A duplicate was reported: the window was too narrow (RFC 8985 §6.2, step 4). Once a round trip.
    pub(crate) fn on_duplicate(&mut self, una: i64, next: i64) {
        if self.duplicate_round.is_some_and(|round| una >= round) {
            self.duplicate_round = None;
        }
        if self.duplicate_round.is_none() {
            self.duplicate_round = Some(next);
            self.window_multiple = self.window_multiple.saturating_add(1);
            self.window_persist = WINDOW_PERSISTENCE;
        }
    }

    /// A recovery ended without a report of duplicates.
    pub(crate) fn on_recovery_end(&mut self) {
        self.window_persist = self.window_persist.saturating_sub(1);
        if self.window_persist == 0 {
            self.window_multiple = 0;
        }
    }

    /// How much later a segment must have been sent (RACK_update_reo_wnd, RFC 8985 §6.2).
    fn reordering_window(&self, circumstances: Circumstances) -> Duration {
        let Circumstances { in_recovery, segments_sacked, rtt_min, rtt_smoothed } = circumstances;
        if !self.reordering_seen && (in_recovery || segments_sacked >= DUPLICATE_THRESHOLD) {
            return Duration::ZERO;
        }
        let quarter = rtt_min.unwrap_or_default() / 4;
        (quarter * (1 + self.window_multiple)).min(rtt_smoothed.unwrap_or_default())
    }

    /// Marks what is lost by now; says how many bytes, and when to look again (RACK_detect_loss).
    pub(crate) fn detect(
        &self,
        now: SimTime,
        flight: &mut Flight,
        circumstances: Circumstances,
    ) -> (u64, Option<SimTime>) {
        let Some(newest) = self.newest else { return (0, None) };
        let allowance = newest.rtt + self.reordering_window(circumstances);
        let (mut lost, mut again_at) = (0, None);
        for index in 0..flight.len() {
            let Some(sent) = flight.get(index).copied() else { break };
            if !newest.is_after(&sent) {
                if sent.start >= self.retransmitted_up_to {
                    break;
                }
                continue;
            }
            if sent.fate != Fate::InFlight {
                continue;
            }
            let due = sent.sent_at + allowance;
            if due <= now {
                flight.set_fate(index, Fate::Lost(NetReason::TcpRackLoss));
                lost += sent.length();
            } else {
                again_at = again_at.max(Some(due));
            }
        }
        (lost, again_at)
    }

    /// When the retransmission timer expired: whether this segment counts as lost as well (RFC 8985 §6.3).
    pub(crate) fn is_lost_on_timeout(&self, now: SimTime, sent: &Sent, circumstances: Circumstances) -> bool {
        let rtt = self.newest.map_or(Duration::ZERO, |newest| newest.rtt);
        sent.sent_at + rtt + self.reordering_window(circumstances) <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::delivery_rate::Stamp;

    const CALM: Circumstances = Circumstances {
        in_recovery: false,
        segments_sacked: 1,
        rtt_min: Some(Duration::from_millis(40)),
        rtt_smoothed: Some(Duration::from_millis(40)),
    };

    fn sent(number: i64, sent_at_ms: u64) -> Sent {
        Sent {
            start: number * 10,
            end: number * 10 + 10,
            syn: false,
            fin: false,
            probe: false,
            sent_at: SimTime::from_millis(sent_at_ms),
            order: 0,
            first_sent_at: SimTime::from_millis(sent_at_ms),
            transmissions: 1,
            fate: Fate::InFlight,
            stamp: Stamp::default(),
        }
    }

    /// Segments 0, 1, … sent a millisecond apart from time zero.
    fn flight(count: i64) -> Flight {
        let mut flight = Flight::default();
        (0..count).for_each(|i| flight.push(sent(i, i as u64)));
        flight
    }

    fn arrives(rack: &mut Rack, flight: &mut Flight, index: usize, now_ms: u64) {
        let arrived = flight.get(index).copied().unwrap();
        rack.on_delivered(SimTime::from_millis(now_ms), &arrived, CALM.rtt_min, false);
        flight.set_fate(index, Fate::Sacked);
    }

    #[test]
    fn a_segment_is_not_lost_within_a_quarter_of_the_round_trip() {
        let (mut rack, mut flight) = (Rack::default(), flight(3));
        arrives(&mut rack, &mut flight, 1, 41);
        let now = SimTime::from_millis(41);
        assert_eq!(rack.detect(now, &mut flight, CALM), (0, Some(SimTime::from_millis(50))));
        assert_eq!(rack.detect(SimTime::from_millis(50), &mut flight, CALM), (10, None));
        assert_eq!(flight.get(2).map(|sent| sent.fate), Some(Fate::InFlight), "it was sent later");
    }

    #[test]
    fn without_reordering_three_later_segments_leave_no_patience() {
        let (mut rack, mut flight) = (Rack::default(), flight(5));
        (2..5).for_each(|index| arrives(&mut rack, &mut flight, index, 40 + index as u64));
        let circumstances = Circumstances { segments_sacked: 3, ..CALM };
        assert_eq!(rack.detect(SimTime::from_millis(44), &mut flight, circumstances), (20, None));
    }

    #[test]
    fn once_reordering_was_seen_patience_stays() {
        let (mut rack, mut flight) = (Rack::default(), flight(6));
        arrives(&mut rack, &mut flight, 2, 42);
        arrives(&mut rack, &mut flight, 1, 43);
        (3..6).for_each(|index| arrives(&mut rack, &mut flight, index, 44));
        let circumstances = Circumstances { segments_sacked: 5, ..CALM };
        let (lost, again_at) = rack.detect(SimTime::from_millis(45), &mut flight, circumstances);
        assert_eq!(lost, 0);
        assert_eq!(again_at, Some(SimTime::from_millis(39 + 10)));
    }

    #[test]
    fn reports_of_duplicates_widen_the_window_once_a_round() {
        let mut rack = Rack { reordering_seen: true, ..Rack::default() };
        assert_eq!(rack.reordering_window(CALM), Duration::from_millis(10));
        rack.on_duplicate(0, 100);
        rack.on_duplicate(50, 150);
        assert_eq!(rack.reordering_window(CALM), Duration::from_millis(20));
        rack.on_duplicate(100, 200);
        assert_eq!(rack.reordering_window(CALM), Duration::from_millis(30));
        (0..WINDOW_PERSISTENCE).for_each(|_| rack.on_recovery_end());
        assert_eq!(rack.reordering_window(CALM), Duration::from_millis(10));
    }

    #[test]
    fn the_window_never_exceeds_a_round_trip() {
        let mut rack = Rack { reordering_seen: true, ..Rack::default() };
        (0..20).for_each(|i| rack.on_duplicate(100 * i, 100 * (i + 1)));
        assert_eq!(rack.reordering_window(CALM), Duration::from_millis(40));
    }

    #[test]
    fn a_lost_retransmission_is_found_again() {
        let (mut rack, mut flight) = (Rack::default(), flight(4));
        flight.sent_again(0, SimTime::from_millis(50), Stamp::default());
        rack.on_retransmission(10);
        let later = sent(4, 60);
        flight.push(later);
        arrives(&mut rack, &mut flight, 4, 100);
        let circumstances = Circumstances { in_recovery: true, ..CALM };
        let (lost, _) = rack.detect(SimTime::from_millis(100), &mut flight, circumstances);
        assert_eq!(lost, 40, "the retransmission and the three that were sent before it");
    }

    #[test]
    fn what_left_at_the_same_moment_but_earlier_says_nothing_of_a_retransmission() {
        let (mut rack, mut flight) = (Rack::default(), flight(2));
        flight.push(sent(2, 50));
        flight.sent_again(0, SimTime::from_millis(50), Stamp::default());
        rack.on_retransmission(10);
        arrives(&mut rack, &mut flight, 1, 90);
        arrives(&mut rack, &mut flight, 2, 90);
        let circumstances = Circumstances { in_recovery: true, ..CALM };
        assert_eq!(rack.detect(SimTime::from_millis(95), &mut flight, circumstances), (0, None));
    }

    #[test]
    fn an_acknowledgment_of_the_first_transmission_tells_nothing_of_the_second() {
        let mut rack = Rack::default();
        let mut again = sent(0, 50);
        again.transmissions = 2;
        rack.on_delivered(SimTime::from_millis(60), &again, CALM.rtt_min, false);
        assert!(rack.newest.is_none(), "ten milliseconds are no round trip");
        rack.on_delivered(SimTime::from_millis(95), &again, CALM.rtt_min, true);
        assert!(rack.newest.is_none(), "the echo is older");
        rack.on_delivered(SimTime::from_millis(95), &again, CALM.rtt_min, false);
        assert!(rack.newest.is_some());
    }
}
