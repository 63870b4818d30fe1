//! Whether a packet may overtake another. Not here: how long each of them travels ([`super::latency`]).

use rtclab_trace::SimTime;

/// When the packet before arrives: on a link that keeps order, the next one does not overtake it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Order {
    last_arrival: SimTime,
}

impl Order {
    /// When a packet arrives that would arrive at `at`.
    #[inline]
    pub(super) fn place(&mut self, at: SimTime, reorder: bool) -> SimTime {
        if reorder {
            return at;
        }
        self.last_arrival = at.max(self.last_arrival);
        self.last_arrival
    }
}
