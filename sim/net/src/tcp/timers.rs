//! The timers of a connection: a deadline each. Not here: what happens when one expires (`timeout`).

use rtclab_trace::SimTime;
pub(crate) use rtclab_trace::TcpTimer as Timer;

/// All deadlines.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timers {
    deadlines: [Option<SimTime>; Timer::ALL.len()],
}

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, at: SimTime) {
        self.deadlines[timer as usize] = Some(at);
    }

    pub(crate) fn clear(&mut self, timer: Timer) {
        self.deadlines[timer as usize] = None;
    }

    pub(crate) fn clear_all(&mut self) {
        *self = Timers::default();
    }

    pub(crate) fn get(&self, timer: Timer) -> Option<SimTime> {
        self.deadlines[timer as usize]
    }

    pub(crate) fn is_set(&self, timer: Timer) -> bool {
        self.get(timer).is_some()
    }

    /// The one that expires next; of several at the same time the first in the order of [`Timer`].
    pub(crate) fn next(&self) -> Option<(Timer, SimTime)> {
        let set = Timer::ALL.into_iter().filter_map(|timer| Some((timer, self.get(timer)?)));
        set.min_by_key(|(_, at)| *at)
    }

    /// Takes one that has expired.
    pub(crate) fn take_expired(&mut self, now: SimTime) -> Option<Timer> {
        let (timer, at) = self.next()?;
        if at > now {
            return None;
        }
        self.clear(timer);
        Some(timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_expire_in_the_order_of_time_and_the_probe_before_the_timeout() {
        let mut timers = Timers::default();
        timers.set(Timer::Retransmission, SimTime::from_millis(5));
        timers.set(Timer::TailLossProbe, SimTime::from_millis(5));
        timers.set(Timer::DelayedAck, SimTime::from_millis(3));
        assert_eq!(timers.take_expired(SimTime::from_millis(2)), None);
        let now = SimTime::from_millis(9);
        let expired: Vec<_> = std::iter::from_fn(|| timers.take_expired(now)).collect();
        assert_eq!(expired, [Timer::DelayedAck, Timer::TailLossProbe, Timer::Retransmission]);
    }

    #[test]
    fn each_timer_has_a_place_of_its_own() {
        for (place, timer) in Timer::ALL.into_iter().enumerate() {
            assert_eq!(timer as usize, place);
        }
    }
}
