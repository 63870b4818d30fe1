//! What the rules of a firewall have decided: counted for each packet, told at most once a second. Not here: deciding.

use std::time::Duration;

use rtclab_trace::{EntryId, FirewallState, RuleCount, SimTime};

/// How often the trace hears of it at most.
const TOLD_EVERY: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    packets: u64,
    bytes: u64,
}

/// Counters of what lets known flows pass, of each rule, and of what no rule matched.
#[derive(Debug)]
pub(super) struct Counters {
    counts: Vec<Count>,
    told_at: Option<SimTime>,
    /// An event will tell.
    will_tell: bool,
    /// The packet that was counted last: the cause of what is told.
    last: Option<EntryId>,
}

impl Counters {
    pub(super) fn new(rules: usize) -> Counters {
        Counters { counts: vec![Count::default(); rules + 2], told_at: None, will_tell: false, last: None }
    }

    /// Counts a packet. Returns when an event is to tell, if none is under way.
    pub(super) fn count(
        &mut self,
        now: SimTime,
        place: usize,
        bytes: usize,
        packet: Option<EntryId>,
    ) -> Option<SimTime> {
        if let Some(count) = self.counts.get_mut(place) {
            count.packets += 1;
            count.bytes += bytes as u64;
        }
        self.last = packet;
        let next = self.told_at.map_or(now, |told| (told + TOLD_EVERY).max(now));
        (!std::mem::replace(&mut self.will_tell, true)).then_some(next)
    }

    /// Whether anything was counted since it was last told.
    pub(super) fn has_untold(&self) -> bool {
        self.will_tell
    }

    /// What is to be told now, and because of what. `rules` are the words, in the same order.
    pub(super) fn tell(&mut self, now: SimTime, rules: Vec<String>) -> (FirewallState, Option<EntryId>) {
        (self.told_at, self.will_tell) = (Some(now), false);
        let rule =
            |(rule, count): (String, &Count)| RuleCount { rule, packets: count.packets, bytes: count.bytes };
        (FirewallState { rules: rules.into_iter().zip(&self.counts).map(rule).collect() }, self.last)
    }
}
