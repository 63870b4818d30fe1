//! Playing: how wall time becomes trace time. Quiet stretches are skipped, so that nobody waits for a keepalive.

use std::time::Duration;

use rtclab_trace::{SimTime, Trace};

use super::model::cursor::Cursor;

/// How fast trace time goes, as a share of real time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed(usize);

/// Calls are set up in fractions of a second, so most speeds are slow motion.
const SPEEDS: [(f64, &str); 8] = [
    (0.005, "1/200"),
    (0.01, "1/100"),
    (0.02, "1/50"),
    (0.05, "1/20"),
    (0.1, "1/10"),
    (0.2, "1/5"),
    (1.0, "1"),
    (10.0, "10"),
];

/// A quiet stretch that would last longer than this on the wall clock is skipped.
const QUIET_MAX: Duration = Duration::from_millis(600);
/// This much of it is left before the next event, so that the eye arrives first.
const QUIET_LEFT: Duration = Duration::from_millis(250);
/// How long after its end a packet that was dropped stays on the map, on the wall clock.
const LINGER: Duration = Duration::from_millis(1_200);

impl Default for Speed {
    fn default() -> Speed {
        Speed(3)
    }
}

impl Speed {
    /// The next faster one.
    pub fn faster(self) -> Speed {
        Speed((self.0 + 1).min(SPEEDS.len() - 1))
    }

    /// The next slower one.
    pub fn slower(self) -> Speed {
        Speed(self.0.saturating_sub(1))
    }

    /// How much of real time: `1/20`.
    pub const fn label(self) -> &'static str {
        SPEEDS[self.0].1
    }

    fn trace_time(self, wall: Duration) -> Duration {
        wall.mul_f64(SPEEDS[self.0].0)
    }

    /// How long after its end a dropped packet stays on the map, in trace time.
    pub(crate) fn linger(self) -> Duration {
        self.trace_time(LINGER)
    }

    /// Where the cursor is after so much wall time. At the end of the trace it stays.
    pub(crate) fn advance(self, trace: &Trace, cursor: Cursor, wall: Duration) -> Cursor {
        let mut time = cursor.time + self.trace_time(wall);
        if let Some(next) = trace.id_at(cursor.count) {
            let next_at = trace.entry(next).at;
            let is_quiet = next_at.since(time) > self.trace_time(QUIET_MAX)
                && trace.in_flight(cursor.count, time).next().is_none();
            if is_quiet {
                let lead = self.trace_time(QUIET_LEFT);
                time = SimTime::from_nanos(next_at.since(SimTime::ZERO + lead).as_nanos() as u64).max(time);
            }
        }
        Cursor::at(trace, time)
    }
}
