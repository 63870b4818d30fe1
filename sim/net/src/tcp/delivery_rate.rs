//! How fast data is delivered, measured from acknowledgments (draft-cheng-iccrg-delivery-rate-estimation §3).
//! Not here: what a congestion controller makes of it.

use std::time::Duration;

use rtclab_trace::SimTime;

/// What had been delivered when a segment was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Stamp {
    delivered: u64,
    delivered_at: SimTime,
    first_sent_at: SimTime,
    app_limited: bool,
}

/// A measurement, from one acknowledgment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateSample {
    /// Bytes delivered in the interval.
    pub(crate) delivered: u64,
    /// The interval: the longer one of sending and acknowledging.
    pub(crate) interval: Duration,
    /// Bytes that had been delivered before it.
    pub(crate) prior_delivered: u64,
    /// Whether the program, and not the network, was what limited it.
    pub(crate) app_limited: bool,
}

impl RateSample {
    /// Bytes a second.
    pub(crate) fn rate(&self) -> u64 {
        let nanos = self.interval.as_nanos().max(1);
        u64::try_from(u128::from(self.delivered) * 1_000_000_000 / nanos).unwrap_or(u64::MAX)
    }
}

/// The state of a connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeliveryRate {
    delivered: u64,
    delivered_at: SimTime,
    first_sent_at: SimTime,
    /// Until so much is delivered, samples are limited by the program.
    app_limited_until: u64,
    newest: Option<Newest>,
}

/// The segment, among those that an acknowledgment delivers, that was sent last.
#[derive(Clone, Copy, Debug)]
struct Newest {
    stamp: Stamp,
    send_elapsed: Duration,
}

impl DeliveryRate {
    /// Bytes delivered so far.
    pub(crate) fn delivered(&self) -> u64 {
        self.delivered
    }

    /// What is written into the record of a segment that is being sent.
    pub(crate) fn on_send(&mut self, now: SimTime, nothing_in_flight: bool) -> Stamp {
        if nothing_in_flight {
            self.first_sent_at = now;
            self.delivered_at = now;
        }
        Stamp {
            delivered: self.delivered,
            delivered_at: self.delivered_at,
            first_sent_at: self.first_sent_at,
            app_limited: self.app_limited_until > self.delivered,
        }
    }

    /// The program has nothing to send although the network would take more.
    pub(crate) fn on_app_limited(&mut self, in_flight: u64) {
        self.app_limited_until = (self.delivered + in_flight).max(1);
    }

    /// A segment was acknowledged, selectively or not, for the first time.
    pub(crate) fn on_delivered(&mut self, now: SimTime, bytes: u64, sent_at: SimTime, stamp: Stamp) {
        self.delivered += bytes;
        self.delivered_at = now;
        if self.newest.is_none_or(|newest| stamp.delivered >= newest.stamp.delivered) {
            let send_elapsed = sent_at.since(stamp.first_sent_at);
            self.newest = Some(Newest { stamp, send_elapsed });
            self.first_sent_at = sent_at;
        }
    }

    /// Ends the acknowledgment: the measurement, unless it is shorter than any round trip can be.
    pub(crate) fn sample(&mut self, rtt_min: Option<Duration>) -> Option<RateSample> {
        if self.app_limited_until > 0 && self.delivered > self.app_limited_until {
            self.app_limited_until = 0;
        }
        let Newest { stamp, send_elapsed } = self.newest.take()?;
        let ack_elapsed = self.delivered_at.since(stamp.delivered_at);
        let interval = send_elapsed.max(ack_elapsed);
        if interval.is_zero() || rtt_min.is_some_and(|least| interval < least) {
            return None;
        }
        Some(RateSample {
            delivered: self.delivered - stamp.delivered,
            interval,
            prior_delivered: stamp.delivered,
            app_limited: stamp.app_limited,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_stream_is_measured_at_its_rate() {
        let mut rate = DeliveryRate::default();
        let mut on_the_way = std::collections::VecDeque::new();
        let mut last = None;
        for i in 0..60 {
            let now = SimTime::from_millis(i);
            on_the_way.push_back((now, rate.on_send(now, on_the_way.is_empty())));
            if i >= 10
                && let Some((sent_at, stamp)) = on_the_way.pop_front()
            {
                rate.on_delivered(now, 1000, sent_at, stamp);
                last = rate.sample(Some(Duration::from_millis(10))).or(last);
            }
        }
        // 1000 bytes a millisecond.
        let measured = last.map(|sample| sample.rate());
        assert!(measured.is_some_and(|rate| (950_000..=1_050_000).contains(&rate)), "{measured:?}");
    }

    #[test]
    fn a_burst_of_acknowledgments_does_not_look_faster_than_the_sending() {
        let mut rate = DeliveryRate::default();
        let stamps: Vec<_> = (0..10)
            .map(|i| {
                let at = SimTime::from_millis(10 * i);
                (at, rate.on_send(at, i == 0))
            })
            .collect();
        let now = SimTime::from_millis(200);
        for (at, stamp) in stamps {
            rate.on_delivered(now, 1000, at, stamp);
        }
        let sample = rate.sample(None).expect("ten segments were delivered");
        assert!(sample.rate() <= 100_000, "{sample:?}");
    }

    #[test]
    fn what_the_program_limited_is_marked() {
        let mut rate = DeliveryRate::default();
        let first = rate.on_send(SimTime::ZERO, true);
        rate.on_app_limited(1000);
        let second = rate.on_send(SimTime::from_millis(1), false);
        rate.on_delivered(SimTime::from_millis(20), 1000, SimTime::ZERO, first);
        assert_eq!(rate.sample(None).map(|sample| sample.app_limited), Some(false));
        rate.on_delivered(SimTime::from_millis(21), 1000, SimTime::from_millis(1), second);
        assert_eq!(rate.sample(None).map(|sample| sample.app_limited), Some(true));
        let third = rate.on_send(SimTime::from_millis(22), true);
        rate.on_delivered(SimTime::from_millis(40), 1000, SimTime::from_millis(22), third);
        assert_eq!(rate.sample(None).map(|sample| sample.app_limited), Some(false));
    }
}
