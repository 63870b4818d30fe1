//! The filters of BBR's model of the path. Not here: what is done with them.

use std::time::Duration;

use rtclab_trace::SimTime;

use crate::tcp::congestion::Acknowledged;

/// Round trips for which a rate counts.
const BANDWIDTH_ROUNDS: u32 = 10;
/// How long a least round-trip time counts.
const RTT_TIME: Duration = Duration::from_secs(10);
/// Round trips for which an excess of acknowledgments counts; two windows of so many.
const EXTRA_ROUNDS: u32 = 5;
/// The most that such an excess may add, in time.
const EXTRA_TIME_MAX: Duration = Duration::from_millis(100);

/// The highest rate of the last ten round trips, in bytes a second.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BandwidthFilter {
    /// The best three by round: each is later and lower than the one before it.
    best: [(u32, u64); 3],
}

impl BandwidthFilter {
    /// The highest.
    pub(super) fn most(&self) -> u64 {
        self.best[0].1
    }

    /// Takes a measurement of a round.
    pub(super) fn sample(&mut self, round: u32, rate: u64) {
        let new = (round, rate);
        if rate >= self.best[0].1 || round.saturating_sub(self.best[2].0) > BANDWIDTH_ROUNDS {
            self.best = [new; 3];
            return;
        }
        if rate >= self.best[1].1 {
            self.best = [self.best[0], new, new];
        } else if rate >= self.best[2].1 {
            self.best[2] = new;
        }
        let age = round.saturating_sub(self.best[0].0);
        if age > BANDWIDTH_ROUNDS {
            self.best = [self.best[1], self.best[2], new];
            if round.saturating_sub(self.best[0].0) > BANDWIDTH_ROUNDS {
                self.best = [self.best[1], self.best[2], new];
            }
        } else if self.best[1].0 == self.best[0].0 && age > BANDWIDTH_ROUNDS / 4 {
            // A quarter of the window has passed without a second best: take one from this quarter.
            self.best = [self.best[0], new, new];
        } else if self.best[2].0 == self.best[1].0 && age > BANDWIDTH_ROUNDS / 2 {
            self.best[2] = new;
        }
    }
}

/// The least round-trip time of the last ten seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MinimumRtt {
    least: Option<Duration>,
    seen_at: SimTime,
}

impl MinimumRtt {
    pub(super) fn least(&self) -> Option<Duration> {
        self.least
    }

    /// Takes a measurement; says whether the least had grown too old.
    pub(super) fn sample(&mut self, now: SimTime, rtt: Option<Duration>) -> bool {
        let expired = self.least.is_some() && now.since(self.seen_at) > RTT_TIME;
        if let Some(rtt) = rtt
            && (expired || self.least.is_none_or(|least| rtt <= least))
        {
            self.least = Some(rtt);
            self.seen_at = now;
        }
        expired
    }

    /// What is known counts from now.
    pub(super) fn renew(&mut self, now: SimTime) {
        self.seen_at = now;
    }
}

/// How many more bytes were acknowledged at once than the rate explains: the window has to allow for them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ExtraAcknowledged {
    epoch_began: SimTime,
    epoch_acknowledged: u64,
    most: [u64; 2],
    current: usize,
    rounds: u32,
}

impl ExtraAcknowledged {
    pub(super) fn most(&self) -> u64 {
        self.most[0].max(self.most[1])
    }

    pub(super) fn sample(&mut self, ack: &Acknowledged, bandwidth: u64, round_started: bool, cwnd: u64) {
        if round_started {
            self.rounds += 1;
            if self.rounds >= EXTRA_ROUNDS {
                self.rounds = 0;
                self.current ^= 1;
                self.most[self.current] = 0;
            }
        }
        let mut expected = at_rate(bandwidth, ack.now.since(self.epoch_began));
        if self.epoch_acknowledged <= expected {
            self.epoch_acknowledged = 0;
            self.epoch_began = ack.now;
            expected = 0;
        }
        self.epoch_acknowledged = self.epoch_acknowledged.saturating_add(ack.delivered);
        let extra = self.epoch_acknowledged.saturating_sub(expected).min(cwnd);
        let extra = extra.min(at_rate(bandwidth, EXTRA_TIME_MAX));
        self.most[self.current] = self.most[self.current].max(extra);
    }
}

/// Bytes in a time at a rate.
fn at_rate(rate: u64, time: Duration) -> u64 {
    u64::try_from(u128::from(rate) * time.as_nanos() / 1_000_000_000).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_counts_for_ten_round_trips() {
        let mut filter = BandwidthFilter::default();
        filter.sample(1, 100);
        for round in 2..=11 {
            filter.sample(round, 50 + u64::from(round));
            assert_eq!(filter.most(), 100, "round {round}");
        }
        filter.sample(12, 10);
        assert!((50..100).contains(&filter.most()), "{}", filter.most());
    }

    #[test]
    fn a_higher_rate_counts_at_once() {
        let mut filter = BandwidthFilter::default();
        filter.sample(1, 100);
        filter.sample(1, 200);
        assert_eq!(filter.most(), 200);
    }

    #[test]
    fn the_least_round_trip_time_ages() {
        let mut rtt = MinimumRtt::default();
        let [short, long] = [10, 20].map(|ms| Some(Duration::from_millis(ms)));
        assert!(!rtt.sample(SimTime::ZERO, short));
        assert!(!rtt.sample(SimTime::from_millis(10_000), long));
        assert_eq!(rtt.least(), short);
        assert!(rtt.sample(SimTime::from_millis(10_001), long));
        assert_eq!(rtt.least(), long);
    }
}
