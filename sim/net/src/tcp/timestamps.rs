//! The timestamps option: the clock, what is echoed, and protection against wrapped sequence numbers (RFC 7323 §3 to §5).
//! Not here: the estimator that takes the measurements (`rtt`).

use std::time::Duration;

use rtclab_trace::SimTime;

use super::segment::Timestamps;

/// A timestamp of the peer that is older than this says nothing: its clock may have wrapped (RFC 7323 §5.5).
const RECENT_AGE_MAX: Duration = Duration::from_secs(24 * 24 * 3600);

/// The state of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimestampClock {
    offset: u32,
    agreed: bool,
    recent: u32,
    recent_at: SimTime,
}

impl TimestampClock {
    pub(crate) fn new(offset: u32) -> TimestampClock {
        TimestampClock { offset, agreed: false, recent: 0, recent_at: SimTime::ZERO }
    }

    /// The value of the clock at a time: milliseconds, from an offset of the connection's own.
    pub(crate) fn value(&self, at: SimTime) -> u32 {
        ((at.as_nanos() / 1_000_000) as u32).wrapping_add(self.offset)
    }

    /// Both ends use the option.
    pub(crate) fn is_agreed(&self) -> bool {
        self.agreed
    }

    /// The last value of the peer that counts.
    pub(crate) fn recent(&self) -> u32 {
        self.recent
    }

    /// The peer's SYN had the option, or not.
    pub(crate) fn on_syn(&mut self, now: SimTime, is_wanted: bool, option: Option<Timestamps>) {
        self.agreed = is_wanted && option.is_some();
        if let Some(Timestamps { value, .. }) = option {
            self.recent = value;
            self.recent_at = now;
        }
    }

    /// The option of an outgoing segment.
    pub(crate) fn option(&self, now: SimTime) -> Timestamps {
        Timestamps { value: self.value(now), echo: self.recent }
    }

    /// Whether a segment is older than what was seen (RFC 7323 §5.3, R1).
    pub(crate) fn is_old(&self, now: SimTime, value: u32) -> bool {
        is_before(value, self.recent) && now.since(self.recent_at) < RECENT_AGE_MAX
    }

    /// Takes the value of a segment that begins at or before the last acknowledgment (RFC 7323 §4.3).
    pub(crate) fn note(&mut self, now: SimTime, value: u32) {
        if !is_before(value, self.recent) || now.since(self.recent_at) >= RECENT_AGE_MAX {
            self.recent = value;
            self.recent_at = now;
        }
    }

    /// Whether an echo is from before a time.
    pub(crate) fn is_echo_before(&self, echo: u32, at: SimTime) -> bool {
        is_before(echo, self.value(at))
    }

    /// The round-trip time that an echo shows, at the clock's granularity.
    pub(crate) fn round_trip(&self, now: SimTime, echo: u32) -> Option<Duration> {
        let millis = self.value(now).wrapping_sub(echo);
        // Half the circle away, it is from the future: not an echo of ours.
        (millis < 1 << 31).then(|| Duration::from_millis(u64::from(millis).max(1)))
    }
}

/// Whether one value lies before another, in the half of the circle behind it (RFC 7323 §5.2).
pub(crate) fn is_before(value: u32, other: u32) -> bool {
    (value.wrapping_sub(other) as i32) < 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(offset: u32) -> TimestampClock {
        let mut clock = TimestampClock::new(offset);
        clock.on_syn(SimTime::ZERO, true, Some(Timestamps { value: 100, echo: 0 }));
        clock
    }

    #[test]
    fn the_clock_counts_milliseconds_across_its_wrap() {
        let clock = clock(u32::MAX);
        assert_eq!(clock.value(SimTime::from_millis(2)), 1);
        assert!(clock.is_echo_before(u32::MAX, SimTime::from_millis(2)));
        assert_eq!(clock.round_trip(SimTime::from_millis(30), u32::MAX), Some(Duration::from_millis(30)));
        assert_eq!(clock.round_trip(SimTime::ZERO, 5), None, "from the future");
    }

    #[test]
    fn an_older_value_is_old_for_24_days() {
        let mut clock = clock(0);
        clock.note(SimTime::from_millis(5), 200);
        assert!(clock.is_old(SimTime::from_millis(6), 199));
        assert!(!clock.is_old(SimTime::from_millis(6), 200));
        assert!(!clock.is_old(SimTime::from_millis(25 * 24 * 3_600_000), 199));
    }

    #[test]
    fn it_takes_both_ends() {
        let mut clock = TimestampClock::new(0);
        clock.on_syn(SimTime::ZERO, true, None);
        assert!(!clock.is_agreed());
        clock.on_syn(SimTime::ZERO, false, Some(Timestamps { value: 1, echo: 0 }));
        assert!(!clock.is_agreed());
    }
}
