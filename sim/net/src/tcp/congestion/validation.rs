//! Whether the congestion window is used, and its decay while it is not (RFC 2861, RFC 5681 §4.1, RFC 7661 §4.1).
//!
//! A window that the program does not fill is not tested by the network: it must not grow, and it is not to be trusted for long.

use std::time::Duration;

use rtclab_trace::SimTime;

use super::Window;

/// What the sender made of its window lately.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WindowUse {
    /// The most that was in flight in this round trip, and whether the window was what stopped more.
    used: u64,
    limited: bool,
    /// This round trip ends when that is acknowledged.
    round_end: i64,
    /// The most that was in flight since the window was last full, and since when it is not.
    used_since: u64,
    not_full_since: SimTime,
    last_sent: Option<SimTime>,
}

impl WindowUse {
    /// Something new was sent, or would have been but for the window.
    pub(crate) fn note(&mut self, in_flight: u64, una: i64, next: i64, is_limited: bool) {
        if una >= self.round_end {
            *self = WindowUse { round_end: next, used: 0, limited: false, ..*self };
        }
        self.limited |= is_limited;
        self.used = self.used.max(in_flight);
    }

    /// Whether the window may grow: it was full, or in slow start at least half full.
    pub(crate) fn may_grow(&self, window: &Window) -> bool {
        self.limited || window.is_slow_start() && window.cwnd < 2 * self.used
    }

    /// After an acknowledgment: a window that was not full for a timeout moves halfway to what was used of it.
    pub(crate) fn decay(&mut self, now: SimTime, window: &mut Window, timeout: Duration) {
        if self.limited {
            self.used_since = 0;
            self.not_full_since = now;
            return;
        }
        self.used_since = self.used_since.max(self.used);
        if now.since(self.not_full_since) < timeout {
            return;
        }
        let needed = self.used_since.max(window.initial);
        if needed < window.cwnd {
            window.ssthresh = remembered(window);
            window.cwnd = (window.cwnd + needed) / 2;
        }
        self.used_since = 0;
        self.not_full_since = now;
    }

    /// Before sending: how long nothing was sent, and what is left of the window after it (RFC 5681 §4.1, RFC 2861 §2).
    pub(crate) fn restart(
        &mut self,
        now: SimTime,
        window: &mut Window,
        timeout: Duration,
    ) -> Option<Duration> {
        let pause = now.since(self.last_sent?);
        if pause <= timeout {
            return None;
        }
        let target = window.initial.min(window.cwnd);
        let threshold = remembered(window);
        let mut left = pause;
        while left > timeout && window.cwnd > target {
            left -= timeout;
            window.cwnd /= 2;
        }
        window.cwnd = window.cwnd.max(target);
        window.ssthresh = threshold;
        self.used_since = 0;
        self.not_full_since = now;
        Some(pause)
    }

    /// Data was sent.
    pub(crate) fn sent(&mut self, now: SimTime) {
        self.last_sent = Some(now);
    }
}

/// The threshold that lets slow start come back to three quarters of the window.
fn remembered(window: &Window) -> u64 {
    match window.ssthresh {
        u64::MAX => u64::MAX,
        ssthresh => ssthresh.max(window.cwnd / 4 * 3),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{MSS, window};
    use super::*;

    const RTO: Duration = Duration::from_millis(200);

    #[test]
    fn a_full_window_may_grow_and_an_empty_one_may_not() {
        let mut used = WindowUse::default();
        let mut window = window(10);
        window.ssthresh = window.cwnd;
        used.note(3 * MSS, 0, 100, false);
        assert!(!used.may_grow(&window));
        used.note(10 * MSS, 50, 200, true);
        assert!(used.may_grow(&window));
        used.note(3 * MSS, 200, 300, false);
        assert!(!used.may_grow(&window), "the next round trip counts anew");
    }

    #[test]
    fn slow_start_grows_from_half_full() {
        let mut used = WindowUse::default();
        used.note(6 * MSS, 0, 100, false);
        assert!(used.may_grow(&window(10)));
        assert!(!used.may_grow(&window(20)));
    }

    #[test]
    fn a_window_that_is_not_filled_moves_towards_what_is_used() {
        let mut used = WindowUse::default();
        let mut window = window(10);
        window.cwnd = 100 * MSS;
        window.ssthresh = 50 * MSS;
        used.note(20 * MSS, 0, 100, false);
        used.decay(SimTime::from_millis(199), &mut window, RTO);
        assert_eq!(window.cwnd, 100 * MSS);
        used.decay(SimTime::from_millis(200), &mut window, RTO);
        assert_eq!((window.cwnd, window.ssthresh), (60 * MSS, 75 * MSS));
    }

    #[test]
    fn a_pause_halves_the_window_for_each_timeout() {
        let mut used = WindowUse::default();
        let mut window = window(10);
        window.cwnd = 100 * MSS;
        used.sent(SimTime::ZERO);
        assert_eq!(used.restart(SimTime::from_millis(150), &mut window, RTO), None);
        let pause = used.restart(SimTime::from_millis(500), &mut window, RTO);
        assert_eq!(pause, Some(Duration::from_millis(500)));
        assert_eq!(window.cwnd, 25 * MSS);
        used.restart(SimTime::from_millis(90_000), &mut window, RTO);
        assert_eq!(window.cwnd, 10 * MSS, "the initial window is always allowed");
    }
}
