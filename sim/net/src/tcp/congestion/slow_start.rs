//! Slow start: exponential growth (RFC 5681 §3.1), and its end before the queue overflows (HyStart++, RFC 9406).
//! Not here: congestion avoidance.

use std::time::Duration;

use super::{Acknowledged, Window};
use crate::tcp::recovery::Phase;

/// Segments by which one acknowledgment may enlarge the window (RFC 9406 §4.2, L without pacing).
const SEGMENTS_MAX: u64 = 8;
/// RFC 9406 §4.3.
const DELAY_RISE_MIN: Duration = Duration::from_millis(4);
const DELAY_RISE_MAX: Duration = Duration::from_millis(16);
const DELAY_RISE_DIVISOR: u32 = 8;
const SAMPLES_MIN: u32 = 8;
const CONSERVATIVE_GROWTH_DIVISOR: u64 = 4;
const CONSERVATIVE_ROUNDS: u32 = 5;

/// Grows the window up to the threshold; returns the delivered bytes that are left for congestion avoidance.
pub(super) fn grow(window: &mut Window, ack: &Acknowledged) -> u64 {
    grow_by(window, ack, 1)
}

fn grow_by(window: &mut Window, ack: &Acknowledged, divisor: u64) -> u64 {
    if !window.is_slow_start() {
        return ack.delivered;
    }
    // After a timeout one acknowledgment may cover what arrived long before (RFC 3465 §2.3).
    let segments = if ack.phase == Phase::Loss { 1 } else { SEGMENTS_MAX };
    let growth = ack.delivered.min(segments * window.segment) / divisor;
    let room = window.ssthresh - window.cwnd;
    window.cwnd += growth.min(room);
    growth.saturating_sub(room)
}

/// HyStart++: leaves slow start when round trips become longer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HyStart {
    round_end: i64,
    samples: u32,
    round_minimum: Option<Duration>,
    last_minimum: Option<Duration>,
    /// In conservative slow start: the minimum when it began, and the rounds so far.
    conservative: Option<(Duration, u32)>,
}

impl HyStart {
    /// Grows the window; returns the delivered bytes that are left for congestion avoidance.
    pub(super) fn grow(&mut self, window: &mut Window, ack: &Acknowledged) -> u64 {
        // RFC 9406 §4.2: after a timeout, slow start knows its threshold and needs no search.
        let is_initial = window.ssthresh == u64::MAX;
        if is_initial {
            self.observe(window, ack);
        }
        let conservative = is_initial && self.conservative.is_some();
        grow_by(window, ack, if conservative { CONSERVATIVE_GROWTH_DIVISOR } else { 1 })
    }

    fn observe(&mut self, window: &mut Window, ack: &Acknowledged) {
        if ack.una >= self.round_end {
            self.begin_round(window, ack);
        }
        let Some(rtt) = ack.rtt else { return };
        self.samples += 1;
        let minimum = self.round_minimum.map_or(rtt, |least| least.min(rtt));
        self.round_minimum = Some(minimum);
        if self.samples < SAMPLES_MIN {
            return;
        }
        match (self.conservative, self.last_minimum) {
            // The rise was a passing one: back to slow start.
            (Some((baseline, _)), _) if minimum < baseline => self.conservative = None,
            (None, Some(last)) => {
                let rise = (last / DELAY_RISE_DIVISOR).clamp(DELAY_RISE_MIN, DELAY_RISE_MAX);
                if minimum >= last + rise {
                    self.conservative = Some((minimum, 0));
                }
            }
            _ => {}
        }
    }

    fn begin_round(&mut self, window: &mut Window, ack: &Acknowledged) {
        self.round_end = ack.next;
        self.last_minimum = self.round_minimum.take().or(self.last_minimum);
        self.samples = 0;
        if let Some((baseline, rounds)) = self.conservative {
            self.conservative = Some((baseline, rounds + 1));
            if rounds + 1 >= CONSERVATIVE_ROUNDS {
                window.ssthresh = window.cwnd;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{MSS, ack, window};
    use super::*;

    /// A round trip of `segments` acknowledgments, each of a segment.
    fn round(start: &mut HyStart, window: &mut Window, number: i64, segments: i64, rtt_ms: u64) {
        for i in 1..=segments {
            let sample = Acknowledged {
                rtt: Some(Duration::from_millis(rtt_ms)),
                una: number * 1000 + i,
                next: (number + 1) * 1000,
                ..ack(MSS)
            };
            start.grow(window, &sample);
        }
    }

    #[test]
    fn steady_round_trips_keep_doubling() {
        let (mut start, mut window) = (HyStart::default(), window(10));
        (0..5).for_each(|number| round(&mut start, &mut window, number, 10 << number, 50));
        assert_eq!(window.cwnd, 320 * MSS);
    }

    #[test]
    fn longer_round_trips_slow_the_growth_and_end_it() {
        let (mut start, mut window) = (HyStart::default(), window(10));
        round(&mut start, &mut window, 0, 10, 50);
        round(&mut start, &mut window, 1, 20, 60);
        let before = window.cwnd;
        assert!(before < 40 * MSS, "the growth slowed within the round");
        (2..7).for_each(|number| round(&mut start, &mut window, number, 20, 60));
        assert_eq!(window.ssthresh, window.cwnd, "five rounds later it is over");
    }

    #[test]
    fn a_passing_rise_does_not_end_it() {
        let (mut start, mut window) = (HyStart::default(), window(10));
        round(&mut start, &mut window, 0, 10, 50);
        round(&mut start, &mut window, 1, 20, 60);
        (2..9).for_each(|number| round(&mut start, &mut window, number, 20, 50));
        assert_eq!(window.ssthresh, u64::MAX);
    }

    #[test]
    fn what_is_beyond_the_threshold_is_left_over() {
        let mut window = window(10);
        window.ssthresh = window.cwnd + 300;
        assert_eq!(grow(&mut window, &ack(MSS)), MSS - 300);
        assert_eq!(window.cwnd, window.ssthresh);
    }
}
