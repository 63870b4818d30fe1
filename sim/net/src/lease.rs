//! What is remembered until its idle timer runs out: NAT mappings and firewall flows. Not here: what is remembered.
//!
//! Traffic renews a lease with every packet, but an entry of the trace for each would drown the rest. So the trace hears of a renewal
//! when what it last heard is more than a second behind, or is about to run out: whoever reads it never sees a lease that is alive
//! as one that has lapsed, and never sees an end more than a second too early.

use std::time::Duration;

use rtclab_trace::{EntryId, SimTime};

/// By how much the trace may be behind.
const BEHIND: Duration = Duration::from_secs(1);

/// How long something is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    /// When it ends, unless it is renewed.
    pub(crate) expires_at: SimTime,
    /// When it ends as far as the trace has heard. Never later than it does.
    recorded: SimTime,
    /// When an event looks after it.
    armed_at: SimTime,
    /// The packet that renewed it last: the cause of what the trace hears of it.
    pub(crate) renewed_by: Option<EntryId>,
}

/// What is to be done when the event of a lease comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing: another event looks after it.
    Nothing,
    /// It has ended.
    Expired,
    /// The trace is to hear that it was renewed; look again at the end.
    Renewed,
    /// It was renewed, and the trace knows; look again at the end.
    Later,
}

impl Lease {
    /// Begins a lease, of which the trace hears now. An event is to look after it when it ends.
    pub(crate) fn new(now: SimTime, idle: Duration, by: Option<EntryId>) -> Lease {
        let expires_at = now + idle;
        Lease { expires_at, recorded: expires_at, armed_at: expires_at, renewed_by: by }
    }

    /// Renews it. Returns whether the trace is to hear of it.
    pub(crate) fn renew(&mut self, now: SimTime, idle: Duration, by: Option<EntryId>) -> bool {
        self.expires_at = self.expires_at.max(now + idle);
        self.renewed_by = by;
        self.expires_at.since(self.recorded) > BEHIND
    }

    /// Moves its end, which may come earlier than it was. Returns whether the trace is to hear of it.
    pub(crate) fn move_end(&mut self, end: SimTime, by: Option<EntryId>) -> bool {
        self.expires_at = end;
        self.renewed_by = by;
        end < self.recorded || end.since(self.recorded) > BEHIND
    }

    /// Whether it has ended.
    pub(crate) fn has_expired(&self, now: SimTime) -> bool {
        self.expires_at <= now
    }

    /// The trace hears of it now.
    pub(crate) fn set_recorded(&mut self) {
        self.recorded = self.expires_at;
    }

    /// Its event has come.
    pub(crate) fn due(&self, now: SimTime) -> Due {
        if now != self.armed_at {
            Due::Nothing
        } else if self.has_expired(now) {
            Due::Expired
        } else if self.recorded <= now {
            Due::Renewed
        } else {
            Due::Later
        }
    }

    /// When an event is to look after it next; no later than at `earlier`, if that is given.
    pub(crate) fn arm(&mut self, earlier: Option<SimTime>) -> SimTime {
        self.armed_at = earlier.map_or(self.recorded, |earlier| earlier.min(self.recorded));
        self.armed_at
    }

    /// Whether something ends before the event that looks after it.
    pub(crate) fn is_late_for(&self, at: SimTime) -> bool {
        at < self.armed_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(30);

    fn at(millis: u64) -> SimTime {
        SimTime::from_millis(millis)
    }

    #[test]
    fn renewals_are_told_once_a_second() {
        let mut lease = Lease::new(at(0), IDLE, None);
        assert!(!lease.renew(at(500), IDLE, None));
        assert!(lease.renew(at(1_001), IDLE, None));
        lease.set_recorded();
        assert!(!lease.renew(at(2_001), IDLE, None));
    }

    #[test]
    fn a_renewal_that_was_not_told_is_told_before_the_end_that_was() {
        let mut lease = Lease::new(at(0), IDLE, None);
        lease.renew(at(500), IDLE, None);
        assert_eq!(lease.due(at(30_000)), Due::Renewed);
        lease.set_recorded();
        assert_eq!(lease.arm(None), at(30_500));
        assert_eq!(lease.due(at(30_500)), Due::Expired);
    }

    #[test]
    fn an_event_that_is_no_longer_the_one_that_looks_does_nothing() {
        let mut lease = Lease::new(at(0), IDLE, None);
        assert_eq!(lease.arm(Some(at(10_000))), at(10_000));
        assert_eq!(lease.due(at(30_000)), Due::Nothing);
        assert_eq!(lease.due(at(10_000)), Due::Later);
    }
}
