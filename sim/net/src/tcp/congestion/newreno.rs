//! NewReno: additive increase, multiplicative decrease (RFC 5681 §3.1), counted in bytes (RFC 3465).

use rtclab_trace::SimTime;

use super::slow_start;
use super::{Acknowledged, Congestion, CongestionControl, Window};

/// The state: bytes acknowledged since the window last grew.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NewReno {
    acknowledged: u64,
}

impl CongestionControl for NewReno {
    fn on_ack(&mut self, window: &mut Window, ack: &Acknowledged) {
        if !ack.window_limited {
            return;
        }
        let rest = slow_start::grow(window, ack);
        if rest == 0 {
            return;
        }
        // RFC 3465 §2.1: a segment for each window of acknowledged data.
        self.acknowledged += rest;
        if self.acknowledged >= window.cwnd {
            self.acknowledged -= window.cwnd;
            window.cwnd += window.segment;
        }
    }

    fn on_congestion(&mut self, window: &mut Window, _: Congestion, _: u64, _: SimTime) {
        // RFC 5681 §3.1 halves what is in flight. Like Linux this halves the window, which is kept near to what is in flight
        // (`validation`): a program that pauses does not lose its share by it.
        window.ssthresh = (window.cwnd / 2).max(window.floor());
        self.acknowledged = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{MSS, ack, window};
    use super::*;

    #[test]
    fn slow_start_doubles_in_a_round_trip() {
        let (mut reno, mut window) = (NewReno::default(), window(10));
        (0..10).for_each(|_| reno.on_ack(&mut window, &ack(MSS)));
        assert_eq!(window.cwnd, 20 * MSS);
    }

    #[test]
    fn congestion_avoidance_adds_a_segment_in_a_round_trip() {
        let (mut reno, mut window) = (NewReno::default(), window(10));
        window.ssthresh = window.cwnd;
        (0..10).for_each(|_| reno.on_ack(&mut window, &ack(MSS)));
        assert_eq!(window.cwnd, 11 * MSS);
    }

    #[test]
    fn a_loss_halves_the_threshold() {
        let (mut reno, mut window) = (NewReno::default(), window(10));
        reno.on_congestion(&mut window, Congestion::Loss, 10 * MSS, SimTime::ZERO);
        assert_eq!(window.ssthresh, 5 * MSS);
        window.cwnd = MSS;
        reno.on_congestion(&mut window, Congestion::Timeout, MSS, SimTime::ZERO);
        assert_eq!(window.ssthresh, 2 * MSS, "never below two segments");
    }

    #[test]
    fn a_window_that_is_not_used_does_not_grow() {
        let (mut reno, mut window) = (NewReno::default(), window(10));
        reno.on_ack(&mut window, &Acknowledged { window_limited: false, ..ack(MSS) });
        assert_eq!(window.cwnd, 10 * MSS);
    }
}
