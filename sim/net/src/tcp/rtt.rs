//! Round-trip times and the retransmission timeout (RFC 6298), and the least round-trip time of late (RFC 8985 §6.2).
//! Not here: the timer itself, and where measurements come from.

use std::collections::VecDeque;
use std::time::Duration;

use rtclab_trace::SimTime;

/// For how long a least value counts.
const MINIMUM_WINDOW: Duration = Duration::from_secs(300);
/// Parts into which that window is cut: it forgets one at a time.
const MINIMUM_PARTS: u32 = 4;
/// The timeout can double so often before it is longer than any limit.
const BACKOFF_MAX: u32 = 16;

/// The estimator of a connection.
#[derive(Clone, Debug)]
pub(crate) struct RoundTrip {
    smoothed: Option<Duration>,
    variation: Duration,
    minimum: VecDeque<(SimTime, Duration)>,
    backoff: u32,
    initial: Duration,
    floor: Duration,
    max: Duration,
}

impl RoundTrip {
    pub(crate) fn new(initial: Duration, floor: Duration, max: Duration) -> RoundTrip {
        RoundTrip {
            smoothed: None,
            variation: Duration::ZERO,
            minimum: VecDeque::new(),
            backoff: 0,
            initial,
            floor,
            max,
        }
    }

    /// Takes a measurement, with the number of measurements that are expected in a round trip.
    pub(crate) fn measured(&mut self, rtt: Duration, expected_samples: u32) {
        let Some(smoothed) = self.smoothed else {
            // RFC 6298 §2.2.
            self.smoothed = Some(rtt);
            self.variation = rtt / 2;
            return;
        };
        // RFC 6298 §2.3, with the gains spread over the samples of a round trip (RFC 7323, appendix G).
        let samples = expected_samples.max(1);
        let error = smoothed.abs_diff(rtt);
        self.variation = weigh(self.variation, error, 4 * samples);
        self.smoothed = Some(weigh(smoothed, rtt, 8 * samples));
    }

    /// Takes the shortest time that an acknowledgment shows: that of the segment that was sent last.
    pub(crate) fn remember_minimum(&mut self, now: SimTime, rtt: Duration) {
        while self.minimum.back().is_some_and(|(_, least)| *least >= rtt) {
            self.minimum.pop_back();
        }
        let part = MINIMUM_WINDOW / MINIMUM_PARTS;
        // Of the values within a part only the least is needed; it is there already if a smaller one is last.
        if self.minimum.back().is_none_or(|(at, _)| now.since(*at) >= part) {
            self.minimum.push_back((now, rtt));
        }
        while self.minimum.len() > 1
            && self.minimum.front().is_some_and(|(at, _)| now.since(*at) > MINIMUM_WINDOW)
        {
            self.minimum.pop_front();
        }
    }

    /// The smoothed round-trip time.
    pub(crate) fn smoothed(&self) -> Option<Duration> {
        self.smoothed
    }

    /// The least measurement of late.
    pub(crate) fn minimum(&self) -> Option<Duration> {
        self.minimum.front().map(|(_, least)| *least)
    }

    /// The timeout without its backoff.
    pub(crate) fn base_timeout(&self) -> Duration {
        match self.smoothed {
            // RFC 6298 §2.1.
            None => self.initial,
            // RFC 6298 §2.3 and §2.4; like Linux, the floor is put under the variance and not under the sum.
            Some(smoothed) => smoothed + (4 * self.variation).max(self.floor),
        }
        .min(self.max)
    }

    /// The timeout for the timer that is armed now.
    pub(crate) fn timeout(&self) -> Duration {
        self.base_timeout().saturating_mul(1 << self.backoff).min(self.max)
    }

    /// Doubles the timeout (RFC 6298 §5.5).
    pub(crate) fn back_off(&mut self) {
        self.backoff = (self.backoff + 1).min(BACKOFF_MAX);
    }

    /// An acknowledgment of something new takes the backoff away.
    pub(crate) fn recovered(&mut self) {
        self.backoff = 0;
    }

    /// The handshake needed a retransmission and there is no measurement: data starts with three seconds (RFC 6298 §5.7).
    pub(crate) fn handshake_was_repeated(&mut self) {
        if self.smoothed.is_none() {
            self.initial = self.initial.max(Duration::from_secs(3));
        }
    }
}

/// Moves `value` towards `sample` by one part in `parts`.
fn weigh(value: Duration, sample: Duration, parts: u32) -> Duration {
    if sample >= value { value + (sample - value) / parts } else { value - (value - sample) / parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn estimator() -> RoundTrip {
        RoundTrip::new(ms(1000), ms(200), Duration::from_secs(120))
    }

    #[test]
    fn before_a_measurement_the_timeout_is_a_second() {
        assert_eq!(estimator().timeout(), ms(1000));
    }

    #[test]
    fn the_first_measurement_sets_the_mean_and_half_of_it_as_variation() {
        let mut rtt = estimator();
        rtt.measured(ms(400), 1);
        assert_eq!(rtt.smoothed(), Some(ms(400)));
        assert_eq!(rtt.timeout(), ms(400 + 4 * 200));
    }

    #[test]
    fn steady_measurements_leave_the_floor_above_the_mean() {
        let mut rtt = estimator();
        (0..100).for_each(|_| rtt.measured(ms(20), 1));
        assert_eq!(rtt.timeout(), ms(220));
    }

    #[test]
    fn the_mean_moves_by_an_eighth() {
        let mut rtt = estimator();
        rtt.measured(ms(80), 1);
        rtt.measured(ms(160), 1);
        assert_eq!(rtt.smoothed(), Some(ms(90)));
    }

    #[test]
    fn many_samples_in_a_round_trip_share_one_gain() {
        let mut rtt = estimator();
        rtt.measured(ms(80), 1);
        rtt.measured(ms(160), 10);
        assert_eq!(rtt.smoothed(), Some(ms(81)));
    }

    #[test]
    fn backing_off_doubles_up_to_the_limit() {
        let mut rtt = estimator();
        rtt.back_off();
        assert_eq!(rtt.timeout(), ms(2000));
        for _ in 0..100 {
            rtt.back_off();
        }
        assert_eq!(rtt.timeout(), Duration::from_secs(120));
        rtt.recovered();
        assert_eq!(rtt.timeout(), ms(1000));
    }

    #[test]
    fn a_repeated_handshake_starts_data_with_three_seconds() {
        let mut rtt = estimator();
        rtt.handshake_was_repeated();
        assert_eq!(rtt.timeout(), ms(3000));
    }

    #[test]
    fn the_minimum_is_forgotten_after_five_minutes() {
        let mut rtt = estimator();
        rtt.remember_minimum(SimTime::ZERO, ms(10));
        let mut now = SimTime::ZERO;
        for _ in 0..400 {
            now += Duration::from_secs(1);
            rtt.remember_minimum(now, ms(30));
            if now < SimTime::from_millis(300_000) {
                assert_eq!(rtt.minimum(), Some(ms(10)));
            }
        }
        assert_eq!(rtt.minimum(), Some(ms(30)));
        assert!(rtt.minimum.len() <= 6, "a bounded number of values is kept");
    }
}
