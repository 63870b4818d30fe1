//! What is sent next, and when: the pacing of new transactions, triggered checks before ordinary ones (RFC 8445 §6.1.4.2, §14).
//! Not here: retransmissions, responses and data, which are not paced.

use std::time::Duration;

use super::agent::Agent;
use super::check::Occasion;
use super::check_list::CheckList;
use super::pair::Pair;
use super::{CheckListState, PairState};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

/// The timer Ta: one new transaction at a time, whether it gathers or checks (RFC 8445 §14.2).
#[derive(Debug)]
pub(super) struct Pacer {
    ta: Duration,
    /// When the next transaction may start. The first one may at once.
    next_slot: Time,
    /// Whether the last slot went to a check: when both kinds wait, they take turns.
    last_was_check: bool,
}

impl Pacer {
    pub(super) fn new(ta: Duration) -> Pacer {
        Pacer { ta, next_slot: Time::ZERO, last_was_check: false }
    }

    pub(super) fn is_free(&self, now: Time) -> bool {
        now >= self.next_slot
    }

    pub(super) fn next_slot(&self) -> Time {
        self.next_slot
    }

    fn take(&mut self, now: Time, check: bool) {
        self.next_slot = now + self.ta;
        self.last_was_check = check;
    }
}

impl Agent {
    /// Uses the slot if it is free and something waits for it.
    pub(super) fn run_schedule(&mut self, now: Time) {
        if !self.pacer.is_free(now) {
            return;
        }
        let gathered_first = self.pacer.last_was_check && self.start_next_gathering(now);
        if gathered_first {
            self.pacer.take(now, false);
        } else if self.start_next_check(now) {
            self.pacer.take(now, true);
        } else if self.start_next_gathering(now) {
            self.pacer.take(now, false);
        }
    }

    /// When the schedule has to run next, if anything waits for a slot.
    pub(super) fn schedule_timeout(&self) -> Option<Time> {
        let waits = self.gathering.has_queued() || self.has_check_to_send();
        let slot = waits.then_some(self.pacer.next_slot());
        slot.into_iter().chain(self.recheck_timeout()).min()
    }

    fn first_triggered(&self, list: &CheckList) -> Option<u32> {
        let mut queued = list.triggered().iter().filter_map(|number| self.session.lists.get(*number));
        queued.find(|pair| self.is_permitted(pair)).map(|pair| pair.number)
    }

    fn first_waiting(&self, stream: u32) -> Option<u32> {
        let waits = |pair: &&Pair| pair.shown.state == PairState::Waiting && self.is_permitted(pair);
        self.session.lists.ordered(stream).find(waits).map(|pair| pair.number)
    }

    /// Whether checks of this list can be sent at all. The peer's credentials make the request; until they come, pairs queue up
    /// (RFC 8445 §7.3).
    fn may_check(&self, list: &CheckList) -> bool {
        self.session.remote(list.stream).is_some() && list.state != CheckListState::Failed
    }

    /// Whether ordinary checks go on: until the list is done, and after that where another pair may be nominated later.
    fn is_searched(&self, list: &CheckList) -> bool {
        match list.state {
            CheckListState::Running => true,
            CheckListState::Completed => self.config.renomination,
            CheckListState::Failed => false,
        }
    }

    fn has_check_to_send(&self) -> bool {
        let has = |list: &CheckList| {
            self.may_check(list)
                && (self.first_triggered(list).is_some()
                    || self.is_searched(list)
                        && (self.first_waiting(list.stream).is_some()
                            || !self.session.lists.thawable(list.stream).is_empty()))
        };
        self.session.lists.lists().iter().any(has)
    }

    /// Sends the next check of the list whose turn it is, or of the next list that has one (RFC 8445 §6.1.4.2). Says whether it did.
    fn start_next_check(&mut self, now: Time) -> bool {
        for stream in self.session.lists.in_turn() {
            if self.start_check_of(stream, now) {
                self.session.lists.took_turn(stream);
                return true;
            }
        }
        false
    }

    fn start_check_of(&mut self, stream: u32, now: Time) -> bool {
        let Some(list) = self.session.lists.list(stream).filter(|list| self.may_check(list)) else {
            return false;
        };
        let searched = self.is_searched(list);
        if let Some(number) = self.next_recheck(stream, true, now) {
            self.recheck(number, now);
            return true;
        }
        // Step 1.
        if let Some(number) = self.first_triggered(list) {
            self.session.lists.untrigger(number);
            self.start_check(number, Occasion::Triggered, now);
            self.tell_list(stream, Reason::TriggeredCheck, Because::Change(Subject::Pair(number)));
            return true;
        }
        if searched && self.start_ordinary_check(stream, now) {
            return true;
        }
        // The slot is free: it goes to a check that was not answered.
        let again = self.next_recheck(stream, false, now);
        again.is_some_and(|number| {
            self.recheck(number, now);
            true
        })
    }

    /// RFC 8445 §6.1.4.2, from the second step on. Says whether a check was sent.
    fn start_ordinary_check(&mut self, stream: u32, now: Time) -> bool {
        // Step 2.
        for number in self.session.lists.thawable(stream) {
            if let Some(pair) = self.session.lists.get_mut(number) {
                pair.shown.state = PairState::Waiting;
            }
            let because = Because::Change(Subject::Pair(number));
            self.tell_pair(number, Some(Reason::NothingElseWaits), because);
        }
        // Step 3.
        let Some(number) = self.first_waiting(stream) else { return false };
        self.start_check(number, Occasion::Ordinary, now);
        true
    }
}
