//! Answers to our checks: success, role conflict, refusal (RFC 8445 §7.2.5). Not here: what a nomination concludes
//! ([`super::nomination`]).

use std::net::SocketAddr;

use super::agent::Agent;
use super::candidate::{CANDIDATES_MAX, LocalCandidate};
use super::check::Check;
use super::pair::{Nomination, Pair};
use super::{Base, Candidate, CandidateKind, NominationMode, PairState, Role};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::stun::{Class, ErrorCode, Message, TransactionState};
use crate::time::Time;

impl Agent {
    /// Takes in a Binding response that arrived at `base`.
    pub(super) fn handle_response(
        &mut self,
        base: Base,
        from: SocketAddr,
        response: &Message<'_>,
        now: Time,
    ) {
        let id = response.transaction_id();
        let Some(index) = self.session.checks.iter().position(|check| check.id == id) else {
            return self.ignore(Reason::StunNoTransaction);
        };
        // RFC 8489 §9.1.4: a response that cannot be verified was never received.
        let pair = self.session.checks.get(index).and_then(|check| self.session.lists.get(check.pair));
        let remote = pair.and_then(|pair| self.session.remote(pair.stream));
        let key = remote.map(|remote| &remote.side.key);
        if key.is_none_or(|key| response.verify(key).is_err()) {
            return self.ignore(Reason::WrongIntegrity);
        }
        // RFC 8489 §6.3.3, §6.3.4: one that is not understood ends the transaction, and proves nothing.
        let understood = response.unknown_comprehension_required().is_empty();
        let check = self.session.checks.remove(index);
        self.heard_from(base, from, now);
        self.count_response((check.from, check.to), check.shown.transmissions, check.first_sent, now);
        let symmetric = check.from == base && check.to == from;
        match (response.class(), response.xor_mapped_address()) {
            // RFC 8445 §7.2.5.2.1: also for an error; an answer from elsewhere says nothing about the path.
            _ if !symmetric => self.check_failed(check, TransactionState::Succeeded, Reason::NonSymmetric),
            (Class::Success, Some(mapped)) if understood => self.check_succeeded(check, mapped, now),
            (Class::Success, _) => {
                self.check_failed(check, TransactionState::Succeeded, Reason::UnusableResponse);
            }
            _ => {
                let code = response.error_code().map_or(0, |error| error.code);
                self.check_refused(check, code);
            }
        }
    }

    fn check_refused(&mut self, mut check: Check, code: u16) {
        // RFC 8445 §7.2.5.2.4: whatever else is refused cannot be repaired.
        if code != ErrorCode::ROLE_CONFLICT {
            return self.check_failed(check, TransactionState::Refused(code), Reason::CheckRefused);
        }
        check.shown.state = TransactionState::Refused(code);
        check.shown.reason = Some(Reason::RoleConflict);
        self.tell_transaction(check.number, &check.shown, Because::Input);
        let because = Because::Change(Subject::Transaction(check.number));
        self.refused_for_role(&check, because);
    }

    fn check_failed(&mut self, mut check: Check, state: TransactionState, reason: Reason) {
        check.shown.state = state;
        check.shown.reason = Some(reason);
        self.tell_transaction(check.number, &check.shown, Because::Input);
        let because = Because::Change(Subject::Transaction(check.number));
        // A cancelled check has a successor, which decides.
        if self.session.lists.get(check.pair).is_some_and(|pair| pair.check == Some(check.number)) {
            self.fail_pair(check.pair, reason, because);
        }
    }

    /// RFC 8445 §7.2.5.3.
    fn check_succeeded(&mut self, mut check: Check, mapped: SocketAddr, now: Time) {
        check.shown.state = TransactionState::Succeeded;
        check.shown.reason = Some(Reason::CheckSucceeded);
        self.tell_transaction(check.number, &check.shown, Because::Input);
        let Some(pair) = self.session.lists.get(check.pair) else { return };
        let decided = self.is_decided(pair.component());
        let Some(pair) = self.session.lists.get_mut(check.pair) else { return };
        // A pair that was taken off the list when another one was nominated stays off (RFC 8445 §8.1.2).
        let wanted = check.use_candidate || self.config.renomination;
        if decided && pair.nomination == Nomination::None && !wanted {
            return;
        }
        let took = now.since(check.first_sent);
        pair.took.get_or_insert(took);
        // An answer to a repeated request says nothing about either transmission (Karn's rule, RFC 6298 §3).
        pair.round_trip = if check.shown.transmissions == 1 { Some(took) } else { pair.round_trip };
        let again = pair.check.take_if(|current| *current != check.number);
        let because = Because::Change(Subject::Transaction(check.number));
        // A later check of the same pair is on its way: one that nominates still has to be answered, by itself or by an earlier one that
        // nominated, too; any other is void.
        let nominating = pair.nomination == Nomination::Ours && !check.use_candidate;
        if let (Some(newer), true) = (again, nominating) {
            pair.check = Some(newer);
        } else if let Some(newer) = again {
            self.cancel_check(newer, Reason::PairSucceededMeanwhile, because);
        }
        self.pair_succeeded(&check, mapped, because, now);
    }

    fn pair_succeeded(&mut self, check: &Check, mapped: SocketAddr, because: Because, now: Time) {
        let number = check.pair;
        // With too many candidates already, the pair stands for itself.
        let (valid, local_because) = self.valid_pair(check, mapped, because).unwrap_or((number, because));
        let Some(pair) = self.session.lists.get_mut(number) else { return };
        let component = Some(pair.component());
        let first = pair.made_valid.is_none();
        let moved = pair.made_valid.replace(valid).filter(|former| *former != valid);
        (pair.timeouts, pair.rechecks) = (0, 0);
        let aggressive = self.config.nomination == NominationMode::Aggressive;
        let ours = (pair.nomination == Nomination::Ours || aggressive)
            && check.use_candidate
            && self.shown.role == Role::Controlling;
        let peers = pair.nomination == Nomination::Peers;
        // While a nominating check is still under way, an older answer leaves the pair in progress.
        if pair.check.is_none() || pair.check == Some(check.number) {
            pair.check = None;
            pair.shown.state = PairState::Succeeded;
        }
        // A pair that only waited for its triggered check needs it no more.
        let nominating = pair.nomination == Nomination::Ours;
        let untriggered = !nominating && self.session.lists.untrigger(number);
        if valid != number {
            self.tell_pair(number, Some(Reason::CheckSucceeded), because);
        }
        if let Some(former) = moved {
            self.session.lists.make_invalid(former);
        }
        self.enter_valid_list(valid, number, local_because);
        if first {
            if let Some(component) = component {
                self.session.first_valid.entry(component).or_insert(now);
            }
            self.unfreeze_like(number);
        }
        if first || untriggered || moved.is_some() {
            self.tell_list_of(valid, Reason::PairValid, Because::Change(Subject::Pair(valid)));
        }
        if ours {
            self.conclude(valid, Reason::NominationConfirmed, because, now);
        } else if peers {
            self.conclude(valid, Reason::NominationCompleted, because, now);
        }
    }

    /// The pair that a success makes valid: the mapped address on our side, the checked address on the peer's (RFC 8445 §7.2.5.3.2).
    /// Also what it is because of.
    fn valid_pair(&mut self, check: &Check, mapped: SocketAddr, because: Because) -> Option<(u32, Because)> {
        let pair = self.session.lists.get(check.pair)?;
        let (base, remote, cost) = (Base::of(&pair.shown.local), pair.remote, pair.cost);
        let counters = pair.counters;
        if pair.shown.local.address == mapped {
            return Some((check.pair, because));
        }
        let known =
            |local: &&LocalCandidate| local.candidate.address == mapped && Base::of(&local.candidate) == base;
        // The one that was signaled, if there is one, because the peer knows it by that name.
        let learned = |local: &&LocalCandidate| local.candidate.kind == CandidateKind::PeerReflexive;
        let known = self.session.locals.iter().filter(known).min_by_key(learned);
        let known = known.map(|local| local.number);
        let (local, because) = match known {
            Some(local) => (local, Because::Change(Subject::Pair(check.pair))),
            None => {
                let local = self.learn_local(check, mapped, base, because)?;
                (local, Because::Change(Subject::LocalCandidate(local)))
            }
        };
        if let Some(known) = self.session.lists.find(local, remote) {
            return Some((known, because));
        }
        let ours = self.session.local(local)?;
        let theirs = &self.session.remote_candidate(remote)?.candidate;
        let number = self.numbers.pair;
        self.numbers.pair += 1;
        let ends = ((local, &ours.candidate), (remote, theirs));
        let mut pair = Pair::new(number, ours.stream, self.shown.role, ends.0, ends.1);
        (pair.cost, pair.counters) = (cost, counters);
        self.session.lists.keep(pair);
        Some((number, because))
    }

    /// A mapped address that nobody told us before is a peer-reflexive candidate of ours (RFC 8445 §7.2.5.3.1). It is not paired with
    /// others and not signaled.
    fn learn_local(
        &mut self,
        check: &Check,
        mapped: SocketAddr,
        base: Base,
        because: Because,
    ) -> Option<u32> {
        if self.session.locals.len() >= CANDIDATES_MAX {
            self.ignore(Reason::TooManyCandidates);
            return None;
        }
        let pair = self.session.lists.get(check.pair)?;
        let (stream, component) = (pair.stream, pair.shown.local.component);
        let transport = pair.shown.local.transport;
        let cost = self.session.local(pair.local).map_or(0, |local| local.cost);
        let (kind, address) = (CandidateKind::PeerReflexive, base.address);
        let candidate = Candidate {
            kind,
            transport,
            address: mapped,
            base: address,
            related: Some(address),
            relay_protocol: None,
            foundation: self.foundations.of(kind, transport, address.ip(), None),
            priority: check.priority,
            component,
        };
        let number = self.numbers.next_local();
        let subject = Subject::LocalCandidate(number);
        self.tell_candidate(subject, &candidate, Some(Reason::LearnedFromResponse), because);
        let hidden = false;
        self.session.locals.push(LocalCandidate { number, stream, candidate, cost, hidden });
        Some(number)
    }

    fn enter_valid_list(&mut self, valid: u32, checked: u32, because: Because) {
        let new = self.session.lists.make_valid(valid);
        let Some(pair) = self.session.lists.get_mut(valid) else { return };
        let before = (pair.shown.state, pair.shown.valid);
        pair.shown.valid = true;
        if valid != checked {
            // The pair that was checked is in another state only while its nomination is under way.
            pair.shown.state = PairState::Succeeded;
            pair.made_valid.get_or_insert(valid);
        }
        if new || before != (pair.shown.state, true) || valid == checked {
            self.tell_pair(valid, Some(Reason::PairValid), because);
        }
    }

    /// RFC 8445 §7.2.5.3.3.
    fn unfreeze_like(&mut self, number: u32) {
        let because = Because::Change(Subject::Pair(number));
        for frozen in self.session.lists.frozen_like(number) {
            if let Some(pair) = self.session.lists.get_mut(frozen) {
                pair.shown.state = PairState::Waiting;
            }
            self.tell_pair(frozen, Some(Reason::FoundationSucceeded), because);
        }
    }
}
