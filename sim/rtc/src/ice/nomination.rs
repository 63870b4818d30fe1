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

use std::cmp::Reverse;

use super::agent::Agent;
use super::carrier::Carrier;
use super::pair::{Nomination, Pair};
use super::{CandidateKind, CheckListState, ComponentId, NominationMode, PairState, Role, SelectedPair};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

impl Agent {
    /// The next pair to nominate, of any component, and the moment from which on nothing better is waited for.
    fn next_nomination(&self) -> Option<(u32, Time)> {
        let regular = self.config.nomination == NominationMode::Regular && !self.config.lite;
        if self.shown.role != Role::Controlling || !regular {
            return None;
        }
        let next = self.components.iter().filter_map(|component| self.next_nomination_of(*component));
        next.min_by_key(|(_, ready)| *ready)
    }

    fn next_nomination_of(&self, component: ComponentId) -> Option<(u32, Time)> {
        let lists = &self.session.lists;
        if lists.state(component.stream) != CheckListState::Running || self.is_decided(component) {
            return None;
        }
        let mut of = lists.all().filter(|pair| pair.component() == component);
        // One and only one at a time (RFC 8445 §8.1.1).
        if of.any(|pair| pair.nomination == Nomination::Ours) {
            return None;
        }
        let mut listed: Vec<&Pair> =
            lists.ordered(component.stream).filter(|pair| pair.component() == component).collect();
        if self.config.network_cost {
            listed.sort_by_key(|pair| (pair.cost, Reverse(pair.shown.priority)));
        }
        let succeeded = |pair: &&&Pair| pair.made_valid.is_some() && pair.shown.state == PairState::Succeeded;
        let best = *listed.iter().find(succeeded)?;
        let better = listed.iter().take_while(|pair| pair.number != best.number);
        let ready =
            better.filter(|pair| pair.is_open()).map(|pair| self.worth_waiting_until(pair, best)).max();
        Some((best.number, ready.unwrap_or(Time::ZERO)))
    }

    /// Whether a pair of this component is nominated in the running session.
    pub(super) fn is_decided(&self, component: ComponentId) -> bool {
        let nominated = |pair: &Pair| pair.shown.nominated && pair.component() == component;
        self.session.lists.all().any(nominated)
    }

    /// Until when this better pair keeps `best` from being nominated.
    fn worth_waiting_until(&self, better: &Pair, best: &Pair) -> Time {
        let valid_at = self.session.first_valid_at(best.component()).unwrap_or(Time::ZERO);
        let took = best.took.unwrap_or_default();
        if self.is_second_best(best) && !self.is_second_best(better) {
            let limit = valid_at + self.config.wait_for_direct;
            return match better.last_chance {
                Some(sent) => limit.min(sent + 2 * took + 2 * self.config.ta),
                None => limit,
            };
        }
        let limit = valid_at + self.config.wait_for_better;
        better.first_sent.map_or(limit, |sent| limit.min(sent + took))
    }

    /// A check of this pair goes out. Whether it is the last one that a call which could be relayed waits for, is told by when.
    pub(super) fn note_sent(&mut self, number: u32, now: Time) {
        let Some(pair) = self.session.lists.get(number) else { return };
        let valid_at = self.session.first_valid_at(pair.component());
        let settled = valid_at.is_some_and(|valid_at| now >= valid_at + 2 * self.config.ta);
        let Some(pair) = self.session.lists.get_mut(number) else { return };
        pair.last_sent = Some(now);
        if settled {
            pair.last_chance.get_or_insert(now);
        }
    }

    /// Whether packets of this pair go through a TURN server, as far as we know. A peer-reflexive candidate of the peer may turn
    /// out to be its relayed one as long as candidates are still to be signaled: a check can be faster than signaling.
    fn may_be_relayed(&self, pair: &Pair) -> bool {
        let unnamed =
            pair.shown.remote.kind == CandidateKind::PeerReflexive && !self.session.has_ended(pair.stream);
        pair.is_relayed() || unnamed
    }

    /// Whether a direct path of datagrams would be worth some patience: this one is relayed, or a connection.
    fn is_second_best(&self, pair: &Pair) -> bool {
        pair.shown.local.transport.is_tcp() || self.may_be_relayed(pair)
    }

    /// When a wait for a better pair ends.
    pub(super) fn nomination_timeout(&self) -> Option<Time> {
        self.next_nomination().map(|(_, ready)| ready)
    }

    /// Nominates each component for which it is time.
    pub(super) fn run_nomination(&mut self, now: Time) {
        while let Some((number, ready)) = self.next_nomination().filter(|(_, ready)| now >= *ready) {
            let reason = if ready == Time::ZERO { Reason::BestPossible } else { Reason::WaitedLongEnough };
            self.nominate(number, reason);
        }
    }

    /// Nominates a pair: it is checked once more, with USE-CANDIDATE (RFC 8445 §8.1.1).
    pub(super) fn nominate(&mut self, number: u32, reason: Reason) {
        self.nominations = self.nominations.wrapping_add(1);
        let Some(pair) = self.session.lists.get_mut(number) else { return };
        pair.nomination = Nomination::Ours;
        (pair.timeouts, pair.rechecks) = (0, 0);
        let valid = pair.made_valid.unwrap_or(number);
        self.session.lists.trigger(number);
        self.tell_pair(number, Some(reason), Because::Change(Subject::Pair(valid)));
        self.tell_list_of(number, reason, Because::Change(Subject::Pair(number)));
    }

    /// A nomination is confirmed: this pair carries data from now on (RFC 8445 §8.1.2).
    pub(super) fn conclude(&mut self, valid: u32, reason: Reason, because: Because, now: Time) {
        for pair in self.session.lists.all_mut() {
            if pair.made_valid == Some(valid) || pair.number == valid {
                pair.nomination = Nomination::None;
            }
        }
        let Some(component) = self.session.lists.get(valid).map(Pair::component) else { return };
        let decided = self.is_decided(component);
        let Some(pair) = self.session.lists.get_mut(valid) else { return };
        let again = std::mem::replace(&mut pair.shown.nominated, true);
        if again && !self.config.renomination {
            return;
        }
        self.tell_pair(valid, Some(reason), because);
        let because = Because::Change(Subject::Pair(valid));
        if !decided {
            self.clear_component(component, valid, because);
        } else if !self.config.renomination && !self.is_better_than_selected(component, valid) {
            // RFC 8445 §8.1.1: of several nominated pairs, the one with the highest priority counts.
            return;
        }
        self.select(component, valid, because, now);
    }

    /// Takes everything of the component that is not finished off the list (RFC 8445 §8.1.2).
    fn clear_component(&mut self, component: ComponentId, valid: u32, because: Because) {
        let stream = component.stream;
        let of =
            |pair: &&Pair| pair.component() == component && pair.is_open() && !self.is_kept_open(pair, valid);
        let open: Vec<u32> = self.session.lists.ordered(stream).filter(of).map(|pair| pair.number).collect();
        let over = |check: &&super::check::Check| {
            let pair = self.session.lists.get(check.pair);
            !check.cancelled
                && pair.is_some_and(|pair| pair.component() == component && !self.is_kept_open(pair, valid))
        };
        let checks: Vec<u32> = self.session.checks.iter().filter(over).map(|check| check.number).collect();
        for check in checks {
            self.cancel_check(check, Reason::AnotherNominated, because);
        }
        let queued = self.session.lists.ordered(stream).filter(|pair| pair.component() == component);
        let queued = queued.filter(|pair| !self.is_kept_open(pair, valid));
        let queued: Vec<u32> = queued.map(|pair| pair.number).collect();
        for number in queued {
            self.session.lists.untrigger(number);
        }
        self.session.lists.take_off(&open);
        for number in open {
            self.tell_pair(number, Some(Reason::AnotherNominated), because);
        }
        self.complete_list(stream, because);
    }

    /// An aggressive agent goes on with checks that are under way and could nominate something better (RFC 5245 §8.1.2); one that may
    /// nominate anew, with all there are, so that there is something to choose from.
    fn is_kept_open(&self, pair: &Pair, valid: u32) -> bool {
        let aggressive = self.config.nomination == NominationMode::Aggressive;
        let nominated = self.session.lists.get(valid).map_or(0, |pair| pair.shown.priority);
        let better = aggressive && pair.shown.priority > nominated;
        self.config.renomination || better && pair.shown.state == PairState::InProgress
    }

    /// The list is done when each component has a nominated pair (RFC 8445 §8.1.2); until then it only got shorter.
    pub(super) fn complete_list(&mut self, stream: u32, because: Because) {
        let components = self.components.iter().filter(|component| component.stream == stream);
        let mut needed = components.filter(|component| self.is_needed(**component));
        let done = needed.all(|component| self.is_decided(*component));
        let Some(list) = self.session.lists.list_mut(stream) else { return };
        if !done {
            return self.tell_list(stream, Reason::AnotherNominated, because);
        }
        list.state = CheckListState::Completed;
        self.tell_list(stream, Reason::ListCompleted, because);
    }

    fn is_better_than_selected(&self, component: ComponentId, valid: u32) -> bool {
        let priority = |number| self.session.lists.get(number).map(|pair| pair.shown.priority);
        let selected = self.carrier_of(component).map(|carrier| carrier.pair);
        priority(valid) > selected.and_then(priority)
    }

    /// This pair carries the data of its component from now on.
    pub(super) fn select(&mut self, component: ComponentId, valid: u32, because: Because, now: Time) {
        let consent = self.new_consent(component.stream, now);
        let Some(pair) = self.session.lists.get(valid) else { return };
        let (base, remote) = pair.path();
        let selected =
            SelectedPair { pair: valid, local: pair.shown.local.clone(), remote: pair.shown.remote.clone() };
        if self.components.first() == Some(&component) {
            self.shown.selected = Some(selected);
        }
        let carrier = Carrier {
            component,
            pair: valid,
            base,
            remote,
            last_sent: now,
            last_heard: now,
            unreachable: false,
            consent,
        };
        self.carriers.retain(|known| known.component != component);
        self.carriers.push(carrier);
        self.carriers.sort_by_key(|carrier| carrier.component);
        // The session before the restart has done its duty once every component has a new path.
        if self.components.iter().all(|component| self.is_decided(*component)) {
            self.previous = None;
        }
        self.shown.consent = self.worst_consent();
        self.shown.connection = self.connection_state(now);
        self.tell_agent(Reason::PairSelected, because);
        if !base.tcp {
            self.bind_channel(base.address, remote, because, now);
        }
        self.release_relays(now);
    }
}
