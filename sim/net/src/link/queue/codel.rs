//! CoDel: when to drop, by how long packets have waited (RFC 8289 §5). Not here: the packets ([`super::managed`]).

use std::time::Duration;

use rtclab_trace::{Codel, SimTime};

/// A drop spacing is taken up again if the queue was good for less than this many intervals (RFC 8289 §5.5).
const MEMORY_INTERVALS: u32 = 16;

/// The state of a queue (RFC 8289 §5.2). Names are those of the RFC.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Control {
    /// When waits will have been above the target for an interval; none while they are below it.
    first_above_time: Option<SimTime>,
    /// When the next packet is to be dropped.
    drop_next: SimTime,
    /// Drops since the queue became bad.
    count: u32,
    lastcount: u32,
    dropping: bool,
}

/// A packet at the head of the queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// How long it has waited.
    pub(super) sojourn: Duration,
    /// Bytes that wait behind it.
    pub(super) behind: u64,
    /// Whether its endpoints know ECN.
    pub(super) ecn_capable: bool,
}

/// What becomes of the packet at the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It leaves.
    Pass,
    /// It leaves with a mark.
    Mark,
    /// It is dropped; the next one is to be looked at.
    Drop,
}

/// One turn of the link: the heads that are looked at until one leaves.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    control: &'a mut Control,
    codel: Codel,
    now: SimTime,
    /// What is no queue at all: a packet of the largest size.
    mtu: u32,
    /// How far the turn has come.
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    First,
    /// A packet of a queue that was bad before has been dropped.
    DroppedAgain,
    /// The first packet of a queue that has just become bad has been dropped.
    DroppedFirst,
}

impl Control {
    pub(super) fn turn(&mut self, codel: Codel, now: SimTime, mtu: u32) -> Turn<'_> {
        Turn { control: self, codel, now, mtu, stage: Stage::First }
    }

    /// The queue is empty (RFC 8289 §5.6: a queue that runs empty cannot be above its target).
    pub(super) fn emptied(&mut self) {
        self.first_above_time = None;
        self.dropping = false;
    }
}

impl Turn<'_> {
    /// Decides about the packet at the head: the loop of RFC 8289 §5.5, a packet at a time.
    pub(super) fn decide(&mut self, head: Head) -> Verdict {
        let ok_to_drop = self.ok_to_drop(head);
        match self.stage {
            // The packet behind the first that was dropped leaves, whatever it waited.
            Stage::DroppedFirst => Verdict::Pass,
            Stage::DroppedAgain => {
                if ok_to_drop {
                    let control = &mut *self.control;
                    control.drop_next = control_law(control.drop_next, self.codel.interval, control.count);
                } else {
                    self.control.dropping = false;
                }
                self.drop_if_due(head)
            }
            Stage::First if self.control.dropping => {
                if !ok_to_drop {
                    self.control.dropping = false;
                }
                self.drop_if_due(head)
            }
            Stage::First if ok_to_drop => self.begin_dropping(head),
            Stage::First => Verdict::Pass,
        }
    }

    /// RFC 8289 §5.6: whether waits have been above the target for an interval.
    fn ok_to_drop(&mut self, head: Head) -> bool {
        let control = &mut *self.control;
        // A queue shorter than one packet cannot be shortened.
        if head.sojourn < self.codel.target || head.behind <= u64::from(self.mtu) {
            control.first_above_time = None;
            return false;
        }
        match control.first_above_time {
            None => {
                control.first_above_time = Some(self.now + self.codel.interval);
                false
            }
            Some(time) => self.now >= time,
        }
    }

    fn drop_if_due(&mut self, head: Head) -> Verdict {
        let control = &mut *self.control;
        if !control.dropping || self.now < control.drop_next {
            return Verdict::Pass;
        }
        control.count = control.count.saturating_add(1);
        if self.codel.ecn && head.ecn_capable {
            control.drop_next = control_law(control.drop_next, self.codel.interval, control.count);
            return Verdict::Mark;
        }
        self.stage = Stage::DroppedAgain;
        Verdict::Drop
    }

    fn begin_dropping(&mut self, head: Head) -> Verdict {
        let control = &mut *self.control;
        control.dropping = true;
        // If the queue was bad until a short time ago, the spacing that kept it in check then is a good one to begin with.
        let delta = control.count.saturating_sub(control.lastcount);
        let recently = self.now.since(control.drop_next) < self.codel.interval * MEMORY_INTERVALS;
        control.count = if delta > 1 && recently { delta } else { 1 };
        control.drop_next = control_law(self.now, self.codel.interval, control.count);
        control.lastcount = control.count;
        if self.codel.ecn && head.ecn_capable {
            return Verdict::Mark;
        }
        self.stage = Stage::DroppedFirst;
        Verdict::Drop
    }
}

/// RFC 8289 §5.6: the more drops there were, the sooner the next one, so that the rate of a TCP connection falls evenly. In whole numbers, so
/// that every machine comes to the same nanosecond.
fn control_law(time: SimTime, interval: Duration, count: u32) -> SimTime {
    let square = interval.as_nanos().saturating_mul(interval.as_nanos());
    let nanos = (square / u128::from(count.max(1))).isqrt();
    time + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> SimTime = SimTime::from_millis;
    const CODEL: Codel =
        Codel { target: Duration::from_millis(5), interval: Duration::from_millis(100), ecn: true };

    fn head(sojourn_ms: u64) -> Head {
        Head { sojourn: Duration::from_millis(sojourn_ms), behind: 100_000, ecn_capable: false }
    }

    /// What becomes of heads that have all waited so long, one a millisecond: when they were dropped.
    fn drops(control: &mut Control, from: u64, to: u64, head: Head) -> Vec<u64> {
        let mut dropped = Vec::new();
        for at in from..to {
            let mut turn = control.turn(CODEL, MS(at), 1_500);
            while turn.decide(head) == Verdict::Drop {
                dropped.push(at);
            }
        }
        dropped
    }

    #[test]
    fn waits_below_the_target_are_left_alone() {
        assert!(drops(&mut Control::default(), 0, 1_000, head(4)).is_empty());
    }

    #[test]
    fn a_queue_of_one_packet_is_no_queue() {
        let last = Head { behind: 1_500, ..head(50) };
        assert!(drops(&mut Control::default(), 0, 1_000, last).is_empty());
    }

    #[test]
    fn a_wait_above_the_target_is_tolerated_for_an_interval_and_then_drops_come_ever_faster() {
        let dropped = drops(&mut Control::default(), 0, 500, head(20));
        // 100, then + 100 / √1, + 100 / √2, + 100 / √3, …
        assert_eq!(dropped[..5], [100, 200, 271, 329, 379]);
    }

    #[test]
    fn a_burst_that_ends_within_the_interval_costs_nothing() {
        let mut control = Control::default();
        assert!(drops(&mut control, 0, 90, head(20)).is_empty());
        assert!(drops(&mut control, 90, 91, head(1)).is_empty());
        assert!(drops(&mut control, 91, 190, head(20)).is_empty());
    }

    #[test]
    fn what_was_learnt_is_remembered_for_a_while() {
        let mut control = Control::default();
        drops(&mut control, 0, 500, head(20));
        drops(&mut control, 500, 510, head(1));
        let again = drops(&mut control, 510, 800, head(20));
        assert!(again[1] - again[0] < 60, "{again:?}");
        let mut fresh = Control::default();
        drops(&mut fresh, 0, 500, head(20));
        drops(&mut fresh, 500, 3_000, head(1));
        let later = drops(&mut fresh, 3_000, 3_300, head(20));
        assert_eq!(later[1] - later[0], 100);
    }

    #[test]
    fn packets_that_know_ecn_are_marked_on_the_same_schedule() {
        let mut control = Control::default();
        let head = Head { ecn_capable: true, ..head(20) };
        let marked: Vec<u64> =
            (0..400).filter(|&at| control.turn(CODEL, MS(at), 1_500).decide(head) == Verdict::Mark).collect();
        assert_eq!(marked, [100, 200, 271, 329, 379]);
        let mut plain = Control::default();
        let without = Codel { ecn: false, ..CODEL };
        let turned: Vec<Verdict> =
            (0..400).map(|at| plain.turn(without, MS(at), 1_500).decide(head)).collect();
        assert!(turned.contains(&Verdict::Drop) && !turned.contains(&Verdict::Mark));
    }
}
