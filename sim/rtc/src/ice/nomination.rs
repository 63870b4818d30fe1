//! Which valid pair is nominated, when, and what that concludes (RFC 8445 §8.1). Not here: the check that carries USE-CANDIDATE
//! ([`super::check`]) and its answer ([`super::response`]).
//!
//! RFC 8445 §8.1.1 leaves the choice to the agent. This one nominates regularly, never aggressively, and once:
//!
//! - The best valid pair is nominated at once if no better pair can still succeed.
//! - A better pair of the same kind (direct or relayed) is waited for as long as the valid one took to answer, counted from its own
//!   first check: what has not answered by then is slower or dead. At most [`AgentConfig::wait_for_better`].
//! - A direct pair is worth more patience than that to a call that has only a relayed one: two homes often need a second packet
//!   each before their NATs let both through. It is waited for until it has been sent once more after the relayed pair became
//!   valid and has had twice its time. At most [`AgentConfig::wait_for_direct`].
//!
//! [`AgentConfig::wait_for_better`]: super::AgentConfig::wait_for_better
//! [`AgentConfig::wait_for_direct`]: super::AgentConfig::wait_for_direct

use super::agent::{Agent, Carrier};
use super::pair::{Nomination, Pair};
use super::{CandidateKind, CheckListState, PairState, Role, SelectedPair};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

impl Agent {
    /// The pair to nominate and the moment from which on nothing better is waited for.
    fn next_nomination(&self) -> Option<(u32, Time)> {
        let list = &self.session.list;
        if self.shown.role != Role::Controlling || list.state != CheckListState::Running {
            return None;
        }
        // One and only one at a time (RFC 8445 §8.1.1).
        if list.all().any(|pair| pair.nomination == Nomination::Ours) {
            return None;
        }
        let succeeded = |pair: &&Pair| pair.made_valid.is_some() && pair.shown.state == PairState::Succeeded;
        let best = list.ordered().find(succeeded)?;
        let better = list.ordered().take_while(|pair| pair.number != best.number);
        let ready =
            better.filter(|pair| pair.is_open()).map(|pair| self.worth_waiting_until(pair, best)).max();
        Some((best.number, ready.unwrap_or(Time::ZERO)))
    }

    /// Until when this better pair keeps `best` from being nominated.
    fn worth_waiting_until(&self, better: &Pair, best: &Pair) -> Time {
        let valid_at = self.session.first_valid_at.unwrap_or(Time::ZERO);
        let took = best.took.unwrap_or_default();
        if self.may_be_relayed(best) && !self.may_be_relayed(better) {
            let limit = valid_at + self.config.wait_for_direct;
            let settled = valid_at + 2 * self.config.ta;
            return match better.last_sent.filter(|sent| *sent >= settled) {
                Some(sent) => limit.min(sent + 2 * took + 2 * self.config.ta),
                None => limit,
            };
        }
        let limit = valid_at + self.config.wait_for_better;
        better.first_sent.map_or(limit, |sent| limit.min(sent + took))
    }

    /// Whether packets of this pair go through a TURN server, as far as we know. A peer-reflexive candidate of the peer may turn
    /// out to be its relayed one as long as candidates are still to be signaled: a check can be faster than signaling.
    fn may_be_relayed(&self, pair: &Pair) -> bool {
        let unnamed =
            pair.shown.remote.kind == CandidateKind::PeerReflexive && !self.session.end_of_candidates;
        pair.is_relayed() || unnamed
    }

    /// When a wait for a better pair ends.
    pub(super) fn nomination_timeout(&self) -> Option<Time> {
        self.next_nomination().map(|(_, ready)| ready)
    }

    /// Nominates if it is time: the pair is checked once more, with USE-CANDIDATE (RFC 8445 §8.1.1).
    pub(super) fn run_nomination(&mut self, now: Time) {
        let Some((number, ready)) = self.next_nomination() else { return };
        if now < ready {
            return;
        }
        let Some(pair) = self.session.list.get_mut(number) else { return };
        pair.nomination = Nomination::Ours;
        pair.timeouts = 0;
        let valid = pair.made_valid.unwrap_or(number);
        self.session.list.trigger(number);
        let reason = if ready == Time::ZERO { Reason::BestPossible } else { Reason::WaitedLongEnough };
        self.tell_pair(number, Some(reason), Because::Change(Subject::Pair(valid)));
        self.tell_list(reason, Because::Change(Subject::Pair(number)));
    }

    /// A nomination is confirmed: this pair carries data from now on (RFC 8445 §8.1.2).
    pub(super) fn conclude(&mut self, valid: u32, reason: Reason, because: Because, now: Time) {
        for pair in self.session.list.all_mut() {
            if pair.made_valid == Some(valid) || pair.number == valid {
                pair.nomination = Nomination::None;
            }
        }
        let Some(pair) = self.session.list.get_mut(valid) else { return };
        if std::mem::replace(&mut pair.shown.nominated, true) {
            return;
        }
        self.tell_pair(valid, Some(reason), because);
        let because = Because::Change(Subject::Pair(valid));
        if self.session.list.state != CheckListState::Completed {
            self.clear_list(because);
        } else if !self.is_better_than_selected(valid) {
            // RFC 8445 §8.1.1: of several nominated pairs, the one with the highest priority counts.
            return;
        }
        self.select(valid, because, now);
    }

    /// Takes everything that is not finished off the list (RFC 8445 §8.1.2).
    fn clear_list(&mut self, because: Because) {
        let list = &self.session.list;
        let open: Vec<u32> = list.ordered().filter(|pair| pair.is_open()).map(|pair| pair.number).collect();
        let checks: Vec<u32> =
            self.session.checks.iter().filter(|check| !check.cancelled).map(|check| check.number).collect();
        for check in checks {
            self.cancel_check(check, Reason::AnotherNominated, because);
        }
        let queued: Vec<u32> = self.session.list.triggered().iter().copied().collect();
        for number in queued {
            self.session.list.untrigger(number);
        }
        self.session.list.take_off(&open);
        for number in open {
            self.tell_pair(number, Some(Reason::AnotherNominated), because);
        }
        self.session.list.state = CheckListState::Completed;
        self.tell_list(Reason::ListCompleted, because);
    }

    fn is_better_than_selected(&self, valid: u32) -> bool {
        let priority = |number| self.session.list.get(number).map(|pair| pair.shown.priority);
        let selected = self.shown.selected.as_ref().map(|selected| selected.pair);
        priority(valid) > selected.and_then(priority)
    }

    fn select(&mut self, valid: u32, because: Because, now: Time) {
        let Some(pair) = self.session.list.get(valid) else { return };
        let (base, remote) = pair.path();
        let selected =
            SelectedPair { pair: valid, local: pair.shown.local.clone(), remote: pair.shown.remote.clone() };
        self.shown.selected = Some(selected);
        self.carrier = Some(Carrier { base, remote, last_sent: now, last_heard: now, unreachable: false });
        // The session before the restart has done its duty.
        self.previous = None;
        self.shown.connection = self.connection_state(now);
        self.tell_agent(Reason::PairSelected, because);
        self.bind_channel(base, remote, because, now);
        self.release_relays(now);
    }
}
