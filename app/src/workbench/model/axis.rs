//! The axis of the scrub bar: linear where things happen, with long quiet spans folded to a short break, so that a call that is set up in half
//! a second does not become a sliver of a minute.

use rtclab_trace::{SimTime, Trace};

/// Quiet for at least this long, and for at least a twentieth of the run, is folded.
const FOLD_MIN_NS: u64 = 200_000_000;
/// More breaks than this would be noise; the longest are folded.
const FOLDS_MAX: usize = 12;
/// The share of the axis that each break takes.
const FOLD_SHARE: f64 = 0.02;

/// A stretch of the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Segment {
    /// Time at its start, in nanoseconds.
    start_ns: u64,
    /// Time at its end.
    end_ns: u64,
    /// Where it starts on the axis, from 0 to 1.
    from: f64,
    /// Where it ends.
    to: f64,
    /// Whether it is a break.
    folded: bool,
}

/// Time to place on the axis and back; both monotone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    segments: Vec<Segment>,
}

impl Axis {
    /// The axis of a trace.
    pub(crate) fn of(trace: &Trace) -> Axis {
        let end = trace.end().as_nanos().max(1);
        let folds = folds(trace, end);
        let quiet: u64 = folds.iter().map(|(start, stop)| stop - start).sum();
        let busy = (end - quiet).max(1) as f64;
        let share = 1.0 - FOLD_SHARE * folds.len() as f64;
        let mut segments = Vec::with_capacity(folds.len() * 2 + 1);
        let (mut at, mut place) = (0u64, 0.0);
        let mut push = |start_ns: u64, end_ns: u64, width: f64, folded: bool| {
            segments.push(Segment { start_ns, end_ns, from: place, to: place + width, folded });
            place += width;
        };
        for (start, stop) in folds {
            push(at, start, (start - at) as f64 / busy * share, false);
            push(start, stop, FOLD_SHARE, true);
            at = stop;
        }
        push(at, end, (end - at) as f64 / busy * share, false);
        Axis { segments }
    }

    /// Where a time is, from 0 to 1.
    pub(crate) fn place(&self, time: SimTime) -> f64 {
        let ns = time.as_nanos();
        let index = self.segments.partition_point(|segment| segment.end_ns < ns).min(self.segments.len() - 1);
        let segment = &self.segments[index];
        let span = (segment.end_ns - segment.start_ns).max(1) as f64;
        let within = ns.saturating_sub(segment.start_ns) as f64 / span;
        segment.from + (segment.to - segment.from) * within.min(1.0)
    }

    /// The time at a place from 0 to 1.
    pub(crate) fn time(&self, place: f64) -> SimTime {
        let place = place.clamp(0.0, 1.0);
        let index = self.segments.partition_point(|segment| segment.to < place).min(self.segments.len() - 1);
        let segment = &self.segments[index];
        let width = (segment.to - segment.from).max(f64::MIN_POSITIVE);
        let within = ((place - segment.from) / width).clamp(0.0, 1.0);
        SimTime::from_nanos(
            segment.start_ns + ((segment.end_ns - segment.start_ns) as f64 * within).round() as u64,
        )
    }

    /// The breaks: from where to where, and how long they are in nanoseconds.
    pub(crate) fn breaks(&self) -> impl Iterator<Item = (f64, f64, u64)> + '_ {
        self.segments
            .iter()
            .filter(|segment| segment.folded)
            .map(|segment| (segment.from, segment.to, segment.end_ns - segment.start_ns))
    }

    /// Round times with their places, close to `wanted` of them, for labels under the axis.
    pub(crate) fn ticks(&self, wanted: usize) -> Vec<(f64, SimTime)> {
        let busy: u64 =
            self.segments.iter().filter(|s| !s.folded).map(|s| s.end_ns - s.start_ns).sum::<u64>().max(1);
        let step = round_step(busy / wanted.max(1) as u64);
        let mut ticks = Vec::new();
        for segment in self.segments.iter().filter(|segment| !segment.folded) {
            let first = segment.start_ns.div_ceil(step) * step;
            let mut at = first;
            while at <= segment.end_ns && ticks.len() < wanted * 3 {
                let time = SimTime::from_nanos(at);
                ticks.push((self.place(time), time));
                at += step;
            }
        }
        ticks.dedup_by(|a, b| a.1 == b.1);
        ticks
    }
}

/// The next of 1, 2, 5 × 10ⁿ at or above a span.
fn round_step(span_ns: u64) -> u64 {
    let mut decade = 1u64;
    loop {
        for factor in [1, 2, 5] {
            let step = decade.saturating_mul(factor);
            if step >= span_ns || step >= u64::MAX / 10 {
                return step.max(1);
            }
        }
        decade = decade.saturating_mul(10);
    }
}

/// The quiet spans to fold, in order of time.
fn folds(trace: &Trace, end: u64) -> Vec<(u64, u64)> {
    let min = FOLD_MIN_NS.max(end / 20);
    let mut last = 0u64;
    let mut quiet = Vec::new();
    for (_, entry) in trace.entries() {
        let at = entry.at.as_nanos();
        if at - last >= min {
            // A margin on both sides keeps the last and first marks off the break.
            let margin = (at - last) / 20;
            quiet.push((last + margin, at - margin));
        }
        last = at;
    }
    quiet.sort_by_key(|(start, stop)| std::cmp::Reverse(stop - start));
    quiet.truncate(FOLDS_MAX);
    quiet.sort_unstable();
    quiet
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtclab_trace::{Change, Entity, Observe, Topology};

    fn trace(millis: &[u64]) -> Trace {
        let mut trace = Trace::new(Topology::default(), Observe::Full);
        for &at in millis {
            trace.record(SimTime::from_millis(at), Entity::World, Change::action("tick"), None, None);
        }
        trace
    }

    #[test]
    fn a_long_quiet_span_takes_little_of_the_axis() {
        let axis = Axis::of(&trace(&[0, 100, 200, 60_000]));
        assert!(axis.place(SimTime::from_millis(200)) > 0.02, "{axis:?}");
        assert_eq!(axis.breaks().count(), 1);
    }

    #[test]
    fn place_and_time_undo_each_other() {
        let axis = Axis::of(&trace(&[0, 100, 200, 9_000, 9_100, 60_000]));
        for millis in [0, 50, 200, 5_000, 9_050, 59_999, 60_000] {
            let time = SimTime::from_millis(millis);
            let back = axis.time(axis.place(time));
            let error = back.as_nanos().abs_diff(time.as_nanos());
            assert!(error < 1_000_000, "{millis} ms came back as {back}");
        }
    }

    #[test]
    fn an_empty_trace_has_an_axis() {
        let axis = Axis::of(&trace(&[]));
        assert_eq!(axis.place(SimTime::ZERO), 0.0);
        assert!(axis.time(1.0).as_nanos() <= 1);
    }
}
