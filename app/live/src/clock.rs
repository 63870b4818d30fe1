//! The clock of this process, as the protocols want it: a number since an origin.

use std::time::Duration;

use rtclab_rtc::Time;
use tokio::time::Instant;

/// A monotonic clock whose origin is the moment it was made. Copies share the origin.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
    skipped: Duration,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Clock {
        Clock { origin: Instant::now(), skipped: Duration::ZERO }
    }

    /// How late it is.
    pub fn now(self) -> Time {
        Time::ZERO + self.origin.elapsed() + self.skipped
    }

    /// Sets the clock forward, as if nothing had happened for so long: what a protocol does after ten minutes can be seen at once. The other
    /// side's clock goes on as before.
    pub fn skip(&mut self, span: Duration) {
        self.skipped = self.skipped.saturating_add(span);
    }

    /// When that will be, for a timer. A moment further away than the clock can count is none.
    pub fn instant(self, at: Time) -> Option<Instant> {
        self.origin.checked_add(at.since(Time::ZERO + self.skipped))
    }
}
