//! CUBIC: after a loss the window grows as a cubic function of time (RFC 9438), computed in integers, so that it comes out the same on any machine.

use std::time::Duration;

use rtclab_trace::SimTime;

use super::slow_start::HyStart;
use super::{Acknowledged, Congestion, CongestionControl, Window};

/// C = 0.4 segments per second cubed (RFC 9438 §5), as a fraction.
const C: (i128, i128) = (4, 10);
/// β = 0.7 (RFC 9438 §4.6).
const BETA: (u64, u64) = (7, 10);
/// α = 3·(1 − β)/(1 + β), which makes the Reno-friendly estimate as fast as Reno (RFC 9438 §4.3).
const ALPHA: (u128, u128) = (9, 17);
/// Milliseconds in a second, cubed.
const CUBED: i128 = 1_000_000_000;
/// The estimate is kept in parts of a byte.
const PARTS: u128 = 1 << 16;

/// The state since the last congestion.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cubic {
    start: HyStart,
    /// The window just before the last reduction, or less if the ones before it were larger (W_max).
    maximum: u64,
    epoch: Option<Epoch>,
    /// What is taken back if the congestion was none.
    before: Option<(u64, Option<Epoch>)>,
    /// Acknowledged bytes, weighed, that did not make a byte of window yet.
    remainder: u128,
}

/// Congestion avoidance since it last began.
#[derive(Clone, Copy, Debug)]
struct Epoch {
    began: SimTime,
    /// Milliseconds until the function comes back to its plateau (K).
    plateau_ms: i128,
    /// The height of the plateau.
    origin: u64,
    /// What Reno would have (W_est), in parts of a byte.
    estimate: u128,
    /// The window before the last reduction (cwnd_prior).
    prior: u64,
}

impl Epoch {
    /// RFC 9438 §4.2.
    fn begin(now: SimTime, window: &Window, maximum: u64) -> Epoch {
        let origin = maximum.max(window.cwnd);
        let missing = i128::from(origin - window.cwnd);
        let cubed = missing * CUBED * C.1 / (C.0 * i128::from(window.segment));
        Epoch {
            began: now,
            plateau_ms: cube_root(cubed),
            origin,
            estimate: u128::from(window.cwnd) * PARTS,
            prior: maximum,
        }
    }

    /// W_cubic(t) in bytes, RFC 9438 §4.2.
    fn target(&self, elapsed: Duration, segment: u64) -> u64 {
        let t = i128::try_from(elapsed.as_millis()).unwrap_or(i128::MAX).min(1 << 30);
        let offset = t - self.plateau_ms;
        let height = C.0 * i128::from(segment) * offset * offset * offset / (C.1 * CUBED);
        u64::try_from(i128::from(self.origin) + height).unwrap_or(0)
    }
}

impl CongestionControl for Cubic {
    fn on_ack(&mut self, window: &mut Window, ack: &Acknowledged) {
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
        // RFC 9438 §4.7, fast convergence: a window that is still below the last maximum leaves room for newcomers.
        self.maximum = if window.cwnd < self.maximum {
            window.cwnd * (BETA.0 + BETA.1) / (2 * BETA.1)
        } else {
            window.cwnd
        };
        window.ssthresh = (window.cwnd * BETA.0 / BETA.1).max(window.floor());
        if congestion == Congestion::Timeout {
            // RFC 9438 §4.8: slow start comes first.
            self.remainder = 0;
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
        let maximum = self.maximum;
        let epoch = self.epoch.get_or_insert_with(|| Epoch::begin(ack.now, window, maximum));
        let elapsed = ack.now.since(epoch.began);
        // RFC 9438 §4.3: what Reno would have by now; as fast as Reno proper once it is where the loss was.
        let (gain, parts) = if epoch.estimate / PARTS >= u128::from(epoch.prior) { (1, 1) } else { ALPHA };
        let grown = u128::from(window.segment) * u128::from(delivered) * PARTS * gain;
        epoch.estimate += grown / (u128::from(window.cwnd) * parts);
        let friendly = u64::try_from(epoch.estimate / PARTS).unwrap_or(u64::MAX);
        if epoch.target(elapsed, window.segment) < friendly {
            window.cwnd = window.cwnd.max(friendly);
            return;
        }
        // RFC 9438 §4.4 and §4.5: towards where the function will be in a round trip.
        let ahead = epoch.target(elapsed + ack.rtt_smoothed, window.segment);
        let target = ahead.clamp(window.cwnd, window.cwnd + window.cwnd / 2);
        self.remainder += u128::from(target - window.cwnd) * u128::from(delivered);
        let growth = self.remainder / u128::from(window.cwnd);
        self.remainder %= u128::from(window.cwnd);
        window.cwnd += u64::try_from(growth).unwrap_or(0);
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
        // 12 round trips at 9/17 of a segment, up to the 20 of before; then a segment each.
        run(&mut cubic, &mut window, 0, 200, 10);
        let segments = window.cwnd / MSS;
        assert!((22..=30).contains(&segments), "{segments}");
    }

    #[test]
    fn fast_convergence_leaves_room() {
        let (mut cubic, mut window) = (Cubic::default(), window(100));
        cubic.on_congestion(&mut window, Congestion::Loss, 0, SimTime::ZERO);
        window.cwnd = 80 * MSS;
        cubic.on_congestion(&mut window, Congestion::Loss, 0, SimTime::ZERO);
        assert_eq!(cubic.maximum, 68 * MSS);
    }

    #[test]
    fn an_undone_loss_is_forgotten() {
        let (mut cubic, mut window) = (Cubic::default(), window(100));
        cubic.on_congestion(&mut window, Congestion::Loss, 0, SimTime::ZERO);
        window.cwnd = 90 * MSS;
        cubic.on_congestion(&mut window, Congestion::Loss, 0, SimTime::ZERO);
        cubic.on_undo(&window);
        assert_eq!(cubic.maximum, 100 * MSS);
    }
}
