//! Connectivity checks on their way out: the request, its timer, and its end without an answer (RFC 8445 §7.2). Not here: answers
//! ([`super::response`]) and the choice of the pair ([`super::schedule`]).

use std::net::SocketAddr;
use std::time::Duration;

use super::agent::Agent;
use super::pair::{Nomination, Pair};
use super::priority::peer_reflexive_priority;
use super::renomination::nomination_attribute;
use super::{Base, NominationMode, PairState, Role};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::stun::{
    Attribute, Builder, Method, RTO, Retransmission, TimeoutAction, TransactionId, TransactionSnapshot,
    TransactionState,
};
use crate::time::Time;

/// How many checks in a row may time out before a pair fails that is known to carry packets: the peer's checks came through on it.
///
/// RFC 8445 §7.2.5.2.3 fails the pair after the first, and §7.2.5.3.4 even the list, if it was nominated. With 30 % loss that ends one
/// call in a hundred between hosts that could talk, and RFC 8863 asks for patience.
const TIMEOUTS_MAX: u8 = 3;

/// Ti of RFC 8489 §6.2.2: as long as a request over UDP waits with the usual RTO.
const TCP_TIMEOUT: Duration = Duration::from_millis(39_500);

/// Why a pair is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// It was its turn (RFC 8445 §6.1.4.2).
    Ordinary,
    /// It stood in the triggered-check queue (RFC 8445 §6.1.4.1).
    Triggered,
    /// Its last check was not answered ([`super::recheck`]).
    Again,
}

/// A Binding request that checks a pair.
#[derive(Debug)]
pub(super) struct Check {
    /// Its number as a transaction.
    pub(super) number: u32,
    pub(super) id: TransactionId,
    pub(super) pair: u32,
    pub(super) from: Base,
    pub(super) to: SocketAddr,
    /// Our role as the request told it.
    pub(super) role: Role,
    pub(super) use_candidate: bool,
    /// The value of PRIORITY.
    pub(super) priority: u32,
    pub(super) first_sent: Time,
    /// Given up, but an answer still counts until `expires` (RFC 8445 §7.3.1.4).
    pub(super) cancelled: bool,
    expires: Time,
    pub(super) shown: TransactionSnapshot,
    request: Vec<u8>,
    timer: Retransmission,
}

impl Agent {
    /// Starts a check of this pair now.
    pub(super) fn start_check(&mut self, pair_number: u32, occasion: Occasion, now: Time) {
        let Some(pair) = self.session.lists.get(pair_number) else { return };
        let Some(remote) = self.session.remote(pair.stream) else { return };
        let (from, to) = pair.path();
        if from.tcp && !self.has_connection(from, to) {
            return self.connect_pair(pair_number, occasion, now);
        }
        let (timer, lifetime) = self.check_timer(pair, now);
        let role = self.shown.role;
        let use_candidate = self.says_use_candidate(pair);
        let nomination = (use_candidate && self.config.renomination).then(|| self.nominations.to_be_bytes());
        let priority = peer_reflexive_priority(pair.shown.local.priority, pair.shown.local.transport);
        let id = TransactionId::random(&mut self.randomness);
        let tie_breaker = self.shown.tie_breaker;
        let request = Builder::request(Method::BINDING, id)
            .attribute(&Attribute::Username(&remote.username))
            .attribute(&Attribute::Priority(priority))
            .attribute(&match role {
                Role::Controlling => Attribute::IceControlling(tie_breaker),
                Role::Controlled => Attribute::IceControlled(tie_breaker),
            })
            .maybe(use_candidate.then_some(Attribute::UseCandidate))
            .maybe(nomination.as_ref().map(|value| nomination_attribute(value)))
            .sign(&remote.side.key)
            .finish();
        let reason = match (use_candidate, occasion) {
            (true, _) => Reason::NominatingCheck,
            (false, Occasion::Triggered) => Reason::TriggeredCheck,
            (false, Occasion::Ordinary) => Reason::OrdinaryCheck,
            (false, Occasion::Again) => Reason::CheckedAgain,
        };
        let number = self.numbers.next_transaction();
        self.mark_in_progress(pair_number, number, reason, now);

        let because = Because::Change(Subject::Pair(pair_number));
        let shown = TransactionSnapshot {
            id: id.0,
            method: "Binding",
            to,
            transmissions: 1,
            state: TransactionState::Pending,
            reason: Some(reason),
        };
        self.tell_transaction(number, &shown, because);
        self.transmit(from, to, &request, Some(reason), because, now);
        self.count_check(from, to);
        self.session.checks.push(Check {
            number,
            id,
            pair: pair_number,
            from,
            to,
            role,
            use_candidate,
            priority,
            first_sent: now,
            cancelled: false,
            expires: now + lifetime,
            shown,
            request,
            timer,
        });
    }

    fn mark_in_progress(&mut self, pair_number: u32, check: u32, reason: Reason, now: Time) {
        let Some(pair) = self.session.lists.get_mut(pair_number) else { return };
        pair.shown.state = PairState::InProgress;
        pair.check = Some(check);
        pair.first_sent.get_or_insert(now);
        self.note_sent(pair_number, now);
        // What made it Waiting, or chose it for nomination, is the pair's own last change.
        self.tell_pair(pair_number, Some(reason), Because::Change(Subject::Pair(pair_number)));
    }

    /// Whether a check of this pair nominates it. Only the controlling agent may say so (RFC 8445 §7.1.2).
    fn says_use_candidate(&self, pair: &Pair) -> bool {
        let always = self.config.nomination == NominationMode::Aggressive;
        self.shown.role == Role::Controlling && (always || pair.nomination == Nomination::Ours)
    }

    /// When a check is repeated. Over TCP it is not, and waits for as long as one over UDP (RFC 8489 §6.2.2).
    ///
    /// Also for how long an answer counts: Rm = 16 of RFC 8489 §6.2.1 after 63 RTO of transmissions.
    fn check_timer(&self, pair: &Pair, now: Time) -> (Retransmission, Duration) {
        if pair.shown.local.transport.is_tcp() {
            return (Retransmission::with_limits(now, TCP_TIMEOUT, 1, 1), TCP_TIMEOUT);
        }
        let rto = self.check_rto();
        (Retransmission::new(now, rto), rto.saturating_mul(63 + 16))
    }

    /// RFC 8445 §14.3: long enough that every check of every list goes out once before one goes out twice, and never below 500 ms.
    fn check_rto(&self) -> Duration {
        let busy = u32::try_from(self.session.lists.waiting_or_in_progress()).unwrap_or(u32::MAX);
        RTO.max(self.config.ta.saturating_mul(busy))
    }

    /// Gives a check up without forgetting it: no retransmission, no failure, but an answer still counts (RFC 8445 §7.3.1.4).
    pub(super) fn cancel_check(&mut self, number: u32, reason: Reason, because: Because) {
        let Some(check) = self.session.checks.iter_mut().find(|check| check.number == number) else { return };
        if std::mem::replace(&mut check.cancelled, true) {
            return;
        }
        check.shown.state = TransactionState::Cancelled;
        check.shown.reason = Some(reason);
        let shown = check.shown.clone();
        self.tell_transaction(number, &shown, because);
    }

    /// When a check has to be sent again or given up.
    pub(super) fn check_timeout(&self) -> Option<Time> {
        let pending = self.session.checks.iter().filter(|check| !check.cancelled);
        pending.map(|check| check.timer.next_deadline()).min()
    }

    /// Sends checks again whose time has come, and ends those that stayed unanswered.
    pub(super) fn run_checks(&mut self, now: Time) {
        self.session.checks.retain(|check| !check.cancelled || check.expires > now);
        let mut index = 0;
        while let Some(check) = self.session.checks.get_mut(index) {
            let action = if check.cancelled { TimeoutAction::Wait } else { check.timer.on_timeout(now) };
            match action {
                TimeoutAction::Wait => index += 1,
                TimeoutAction::Resend => {
                    self.resend_check(index, now);
                    index += 1;
                }
                TimeoutAction::GiveUp => {
                    let check = self.session.checks.remove(index);
                    self.check_timed_out(check);
                }
            }
        }
    }

    fn resend_check(&mut self, index: usize, now: Time) {
        let Some(check) = self.session.checks.get_mut(index) else { return };
        check.shown.transmissions += 1;
        check.shown.reason = Some(Reason::RetransmissionTimeout);
        let (number, pair, from, to) = (check.number, check.pair, check.from, check.to);
        let (shown, request) = (check.shown.clone(), std::mem::take(&mut check.request));
        self.note_sent(pair, now);
        let because = Because::Change(Subject::Transaction(number));
        self.tell_transaction(number, &shown, because);
        self.transmit(from, to, &request, shown.reason, because, now);
        if let Some(check) = self.session.checks.get_mut(index) {
            check.request = request;
        }
    }

    /// RFC 8445 §7.2.5.2.3.
    fn check_timed_out(&mut self, mut check: Check) {
        check.shown.state = TransactionState::TimedOut;
        check.shown.reason = Some(Reason::TransactionTimeout);
        self.tell_transaction(
            check.number,
            &check.shown,
            Because::Change(Subject::Transaction(check.number)),
        );
        let because = Because::Change(Subject::Transaction(check.number));
        let Some(pair) = self.session.lists.get_mut(check.pair) else { return };
        if pair.check != Some(check.number) {
            return;
        }
        pair.timeouts = pair.timeouts.saturating_add(1);
        let alive = pair.peer_checked || pair.made_valid.is_some();
        if alive && pair.timeouts < TIMEOUTS_MAX {
            pair.check = None;
            pair.shown.state = PairState::Waiting;
            self.session.lists.trigger(check.pair);
            self.tell_pair(check.pair, Some(Reason::CheckRepeated), because);
            self.tell_list_of(check.pair, Reason::CheckRepeated, because);
            return;
        }
        self.fail_pair(check.pair, Reason::TransactionTimeout, because);
    }

    /// Ends a check with an ICMP error (RFC 8445 §7.2.5.2.2). Says whether there was one to end.
    pub(super) fn check_unreachable(&mut self, from: Base, to: SocketAddr) -> bool {
        let hit = |check: &Check| !check.cancelled && check.from == from && check.to == to;
        let Some(index) = self.session.checks.iter().position(hit) else { return false };
        let mut check = self.session.checks.remove(index);
        check.shown.state = TransactionState::Unreachable;
        check.shown.reason = Some(Reason::Unreachable);
        self.tell_transaction(check.number, &check.shown, Because::Input);
        let because = Because::Change(Subject::Transaction(check.number));
        if self.session.lists.get(check.pair).is_some_and(|pair| pair.check == Some(check.number)) {
            self.fail_pair(check.pair, Reason::Unreachable, because);
        }
        true
    }

    /// Sets a pair to Failed (RFC 8445 §7.2.5.2), and takes what it made valid out of the valid list.
    pub(super) fn fail_pair(&mut self, number: u32, reason: Reason, because: Because) {
        let Some(pair) = self.session.lists.get_mut(number) else { return };
        pair.shown.state = PairState::Failed;
        pair.check = None;
        pair.nomination = Nomination::None;
        pair.timeouts = 0;
        let made_valid = pair.made_valid.take();
        if made_valid == Some(number) {
            pair.shown.valid = false;
        }
        let untriggered = self.session.lists.untrigger(number);
        self.tell_pair(number, Some(reason), because);
        let list_because = Because::Change(Subject::Pair(number));
        let Some(valid) = made_valid else {
            if untriggered {
                self.tell_list_of(number, reason, list_because);
            }
            return;
        };
        self.session.lists.make_invalid(valid);
        if valid != number
            && let Some(pair) = self.session.lists.get_mut(valid)
        {
            pair.shown.valid = false;
            pair.shown.state = PairState::Failed;
            self.tell_pair(valid, Some(reason), list_because);
        }
        self.tell_list_of(number, reason, list_because);
    }
}
