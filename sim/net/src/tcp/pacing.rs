//! Pacing: segments leave at a rate instead of in bursts. Not here: the rate, which a congestion controller decides.

use rtclab_trace::SimTime;
use std::time::Duration;

/// When the next segment may leave.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pacer {
    next_at: SimTime,
}

impl Pacer {
    /// When to come again, if a segment may not leave now.
    pub(crate) fn held_until(&self, now: SimTime) -> Option<SimTime> {
        (self.next_at > now).then_some(self.next_at)
    }

    /// A segment of so many bytes left, at so many bytes a second.
    pub(crate) fn on_send(&mut self, now: SimTime, bytes: u64, rate: u64) {
        let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(rate.max(1));
        let gap = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        self.next_at = self.next_at.max(now) + gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_leave_at_the_rate() {
        let mut pacer = Pacer::default();
        let now = SimTime::from_millis(5);
        assert_eq!(pacer.held_until(now), None);
        pacer.on_send(now, 1000, 1_000_000);
        assert_eq!(pacer.held_until(now), Some(SimTime::from_millis(6)));
        assert_eq!(pacer.held_until(SimTime::from_millis(6)), None);
    }
}
