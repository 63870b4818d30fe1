//! CUBIC: after a loss the window grows as a cubic function of time (RFC 9438), computed in integers, so that it comes out the same on any machine.
//!
//! RFC 9438 counts in segments, and so does Linux: in whole ones. That makes no difference to a window of a hundred, and much to one of four, which is
//! what a video stream has on a short path with loss: 7/10 of four are two, and the next segment comes when all of it has been
//! earned. This follows Linux where the two differ: whole segments; W_est is as fast as Reno on average and stays so after it has reached the
//! window of before (§4.3 lets it grow by α = 1 then); the cubic function is looked at again when the window has changed or 1/32 s is over; a timeout forgets
//! the maximum.

use std::time::Duration;

use rtclab_trace::SimTime;

use super::slow_start::HyStart;
use super::{Acknowledged, Congestion, CongestionControl, Window};

/// C = 0.4 segments per second cubed (RFC 9438 §5), as a fraction.
const C: (i128, i128) = (4, 10);
/// β = 0.7 (RFC 9438 §4.6).
const BETA: (u64, u64) = (7, 10);
/// A segment of W_est for so many windows of acknowledged data: 1/α, α = 3·(1 − β)/(1 + β) (RFC 9438 §4.3).
const PER_SEGMENT: (u64, u64) = (17, 9);
/// Milliseconds in a second, cubed.
const CUBED: i128 = 1_000_000_000;
/// How long what was computed holds while the window stays.
const HOLDS: Duration = Duration::from_micros(31_250);
/// As long as no loss has said where the limit is, a segment for so many at least.
const UNKNOWN_MAX: u64 = 20;

/// The state since the last congestion. Windows are in segments.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cubic {
    start: HyStart,
    /// The window just before the last reduction, or less if the ones before it were larger (W_max).
    maximum: u64,
    epoch: Option<Epoch>,
    /// What is taken back if the congestion was none.
    before: Option<(u64, Option<Epoch>)>,
    /// The shortest round trip.
    least_rtt: Option<Duration>,
    /// Acknowledged bytes that did not make a segment of window yet.
    credit: u64,
}

/// Congestion avoidance since it last began.
#[derive(Clone, Copy, Debug)]
struct Epoch {
    began: SimTime,
    /// Milliseconds until the function comes back to its plateau (K).
    plateau_ms: i128,
    /// The height of the plateau.
    origin: u64,
    /// What Reno would have (W_est).
    estimate: u64,
    /// Acknowledged bytes that did not make a segment of it yet.
    estimate_credit: u64,
    /// The window grows by a segment for so many acknowledged ones.
    every: u64,
    /// With which window and when that was computed.
    computed: (u64, SimTime),
}

impl Epoch {
    /// RFC 9438 §4.2.
    fn begin(now: SimTime, cwnd: u64, maximum: u64) -> Epoch {
        let origin = maximum.max(cwnd);
        let cubed = i128::from(origin - cwnd) * CUBED * C.1 / C.0;
        Epoch {
            began: now,
            plateau_ms: cube_root(cubed),
            origin,
            estimate: cwnd,
            estimate_credit: 0,
            every: u64::MAX,
            computed: (0, now),
        }
    }

    /// W_cubic(t), RFC 9438 §4.2.
    fn target(&self, elapsed: Duration) -> u64 {
        let t = i128::try_from(elapsed.as_millis()).unwrap_or(i128::MAX).min(1 << 30);
        let offset = t - self.plateau_ms;
        let height = C.0 * offset * offset * offset / (C.1 * CUBED);
        u64::try_from(i128::from(self.origin) + height).unwrap_or(0)
    }
}

impl CongestionControl for Cubic {
    fn on_ack(&mut self, window: &mut Window, ack: &Acknowledged) {
        if let Some(rtt) = ack.rtt {
            self.least_rtt = Some(self.least_rtt.map_or(rtt, |least| least.min(rtt)));
        }
        if !ack.window_limited {
            return;
        }
        let rest = self.start.grow(window, ack);
        if rest > 0 {
            self.avoid_congestion(window, ack, rest);
        }
    }

    fn on_congestion(&mut self, window: &mut Window, congestion: Congestion, _: u64, _: SimTime) {
        self.before = Some((self.maximum, self.epoch.take()));
        let cwnd = window.cwnd / window.segment;
        // RFC 9438 §4.7, fast convergence: a window that is still below the last maximum leaves room for newcomers.
        self.maximum = if cwnd < self.maximum { cwnd * (BETA.0 + BETA.1) / (2 * BETA.1) } else { cwnd };
        window.ssthresh = (cwnd * BETA.0 / BETA.1 * window.segment).max(window.floor());
        if congestion == Congestion::Timeout {
            // RFC 9438 §4.8: slow start comes first. What was known of the path counts for nothing.
            (self.credit, self.maximum) = (0, 0);
        }
    }

    fn on_undo(&mut self, _window: &Window) {
        // RFC 9438 §4.9.
        if let Some((maximum, epoch)) = self.before.take() {
            self.maximum = maximum;
            self.epoch = epoch;
        }
    }

    fn on_idle(&mut self, pause: Duration) {
        // RFC 9438 §5.8: time without data does not count.
        if let Some(epoch) = &mut self.epoch {
            epoch.began += pause;
        }
    }
}

impl Cubic {
    fn avoid_congestion(&mut self, window: &mut Window, ack: &Acknowledged, delivered: u64) {
        let every = self.segments_for_one(window, ack, delivered).max(2);
        let one = every.saturating_mul(window.segment);
        // What was earned at a slower pace is worth one segment at a faster one.
        if self.credit >= one {
            self.credit = 0;
            window.cwnd += window.segment;
        }
        self.credit += delivered;
        let grown = self.credit / one;
        self.credit %= one;
        window.cwnd += grown * window.segment;
    }

    /// For how many acknowledged segments the window grows by one: as the cubic function asks for (RFC 9438 §4.4, §4.5), or as Reno would have grown, if that
    /// is faster (§4.3).
    fn segments_for_one(&mut self, window: &Window, ack: &Acknowledged, delivered: u64) -> u64 {
        let (now, maximum) = (ack.now, self.maximum);
        let cwnd = (window.cwnd / window.segment).max(1);
        let ahead = self.least_rtt.unwrap_or(ack.rtt_smoothed);
        let epoch = self.epoch.get_or_insert_with(|| Epoch::begin(now, cwnd, maximum));
        epoch.estimate_credit += delivered;
        let (before, at) = epoch.computed;
        if before == cwnd && now.since(at) <= HOLDS {
            return epoch.every;
        }
        epoch.computed = (cwnd, now);
        // Towards where the function will be in a round trip.
        let target = epoch.target(now.since(epoch.began) + ahead);
        epoch.every = if target > cwnd { cwnd / (target - cwnd) } else { 100 * cwnd };
        if maximum == 0 {
            epoch.every = epoch.every.min(UNKNOWN_MAX);
        }
        let one = (cwnd * window.segment * PER_SEGMENT.0 / PER_SEGMENT.1).max(1);
        epoch.estimate += epoch.estimate_credit / one;
        epoch.estimate_credit %= one;
        if epoch.estimate > cwnd {
            epoch.every = epoch.every.min(cwnd / (epoch.estimate - cwnd));
        }
        epoch.every
    }
}

/// The largest whole number whose cube is not above `value`; zero for what is not positive.
fn cube_root(value: i128) -> i128 {
    let (mut low, mut high) = (0_i128, 1_i128 << 40);
    while low < high {
        let middle = (low + high + 1) / 2;
        if middle * middle * middle <= value {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{MSS, ack, window};
    use super::*;

    /// Acknowledges a window of data at the end of each round trip, from `from_ms` until `until_ms`.
    fn run(cubic: &mut Cubic, window: &mut Window, from_ms: u64, until_ms: u64, rtt_ms: u64) {
        let mut now = from_ms;
        while now < until_ms {
            let delivered = window.cwnd;
            let sample = Acknowledged {
                now: SimTime::from_millis(now),
                rtt_smoothed: Duration::from_millis(rtt_ms),
                ..ack(delivered)
            };
            cubic.on_ack(window, &sample);
            now += rtt_ms;
        }
    }

    #[test]
    fn cube_roots_are_whole() {
        for (cube, root) in [(-5, 0), (0, 0), (1, 1), (26, 2), (27, 3), (1_000_000_007, 1000)] {
            assert_eq!(cube_root(cube), root);
        }
    }

    #[test]
    fn a_loss_leaves_seven_tenths() {
        let (mut cubic, mut window) = (Cubic::default(), window(100));
        cubic.on_congestion(&mut window, Congestion::Loss, 0, SimTime::ZERO);
        assert_eq!(window.ssthresh, 70 * MSS);
    }

    #[test]
    fn the_window_is_back_where_the_loss_was_after_k_seconds() {
        let (mut cubic, mut window) = (Cubic::default(), window(1000));
        cubic.on_congestion(&mut window, Congestion::Loss, 0, SimTime::ZERO);
        window.cwnd = window.ssthresh;
        // K = cbrt(1000 · 0.3 / 0.4) = 9.09 s.
        run(&mut cubic, &mut window, 0, 9_100, 100);
        let segments = window.cwnd / MSS;
        assert!((985..=1000).contains(&segments), "{segments}");
        run(&mut cubic, &mut window, 9_100, 18_200, 100);
        let segments = window.cwnd / MSS;
        assert!((1270..=1330).contains(&segments), "convex and symmetric: {segments}");
    }

    #[test]
    fn with_short_round_trips_it_is_as_fast_as_reno() {
        let (mut cubic, mut window) = (Cubic::default(), window(20));
        cubic.on_congestion(&mut window, Congestion::Loss, 0, SimTime::ZERO);
        window.cwnd = window.ssthresh;
        // 9/17 of a segment in a round trip, from 14.
        run(&mut cubic, &mut window, 0, 1_000, 50);
        let segments = window.cwnd / MSS;
        assert!((22..=26).contains(&segments), "{segments}");
    }

    #[test]
    fn small_windows_are_reduced_to_whole_segments() {
        for (before, after) in [(10, 7), (7, 4), (6, 4), (5, 3), (4, 2), (3, 2), (2, 2)] {
            let (mut cubic, mut window) = (Cubic::default(), window(before));
            cubic.on_congestion(&mut window, Congestion::Loss, 0, SimTime::ZERO);
            assert_eq!(window.ssthresh, after * MSS, "{before}");
        }
    }

    #[test]
    fn a_segment_comes_when_all_of_it_is_earned() {
        let (mut cubic, mut window) = (Cubic::default(), window(4));
        cubic.on_congestion(&mut window, Congestion::Loss, 0, SimTime::ZERO);
        window.cwnd = window.ssthresh;
        let mut seen = Vec::new();
        for round in 0..8 {
            run(&mut cubic, &mut window, round * 50, round * 50 + 50, 50);
            seen.push(window.cwnd / MSS);
            assert!(window.cwnd.is_multiple_of(MSS), "{}", window.cwnd);
        }
        assert!(seen.is_sorted() && seen[7] > 2, "{seen:?}");
    }

    #[test]
    fn fast_convergence_leaves_room() {
        let (mut cubic, mut window) = (Cubic::default(), window(100));
        cubic.on_congestion(&mut window, Congestion::Loss, 0, SimTime::ZERO);
        window.cwnd = 80 * MSS;
        cubic.on_congestion(&mut window, Congestion::Loss, 0, SimTime::ZERO);
        assert_eq!(cubic.maximum, 68);
    }

    #[test]
    fn an_undone_loss_is_forgotten() {
        let (mut cubic, mut window) = (Cubic::default(), window(100));
        cubic.on_congestion(&mut window, Congestion::Loss, 0, SimTime::ZERO);
        window.cwnd = 90 * MSS;
        cubic.on_congestion(&mut window, Congestion::Loss, 0, SimTime::ZERO);
        cubic.on_undo(&window);
        assert_eq!(cubic.maximum, 100);
    }
}
