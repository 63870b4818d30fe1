//! Where a reader stands in a trace: after so many entries, at such a time. Stepping and seeking; no state but two numbers.

use rtclab_trace::{SimTime, Trace};

/// A place in a trace.
///
/// Many entries share a moment, so a time alone could not be stepped: `count` entries have happened, and `time` is at or after the
/// last of them and before the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// How many entries have happened.
    pub count: usize,
    /// The time that is shown.
    pub time: SimTime,
}

impl Cursor {
    /// Right after the entry at a place of the log.
    pub fn after(trace: &Trace, index: usize) -> Cursor {
        let time = trace.id_at(index).map_or(SimTime::ZERO, |id| trace.entry(id).at);
        Cursor { count: (index + 1).min(trace.len()), time }
    }

    /// At a time: after everything that happened up to then.
    pub fn at(trace: &Trace, time: SimTime) -> Cursor {
        let time = time.min(trace.end());
        Cursor { count: trace.until(time).end, time }
    }

    /// Before the first entry.
    pub const fn start() -> Cursor {
        Cursor { count: 0, time: SimTime::ZERO }
    }

    /// The place in the log of the entry that happened last.
    pub const fn last_index(self) -> Option<usize> {
        self.count.checked_sub(1)
    }

    /// The next of `shown` (sorted places in the log) that has not happened yet, if `wanted` wants it.
    pub fn next_in(self, shown: &[u32], wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let start = shown.partition_point(|&index| (index as usize) < self.count);
        shown[start..].iter().map(|&index| index as usize).find(|&index| wanted(index))
    }

    /// The last of `shown` before the current entry, if `wanted` wants it.
    pub fn previous_in(self, shown: &[u32], wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let current = self.count.saturating_sub(1);
        let end = shown.partition_point(|&index| (index as usize) < current);
        shown[..end].iter().rev().map(|&index| index as usize).find(|&index| wanted(index))
    }
}
