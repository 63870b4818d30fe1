//! Consent: asking the peer every few seconds whether it still wants to be sent to, and stopping when it does not answer (RFC 7675).
//! Not here: keepalives for paths that nobody asks about ([`super::keepalive`]).
//!
//! | section | what | done | where |
//! |---|---|---|---|
//! | RFC 7675 §4 | a lite agent answers, and does not ask | yes | `new_consent` |
//! | §5.1 | consent begins with the check that selects the pair | yes | `new_consent` |
//! | §5.1 | checks every 5 s, each time between 0.8 and 1.2 of it, each a transaction of its own, none sent again | yes | `run_consent` |
//! | §5.1 | an authentic response from where the check went renews it for 30 s | yes | `handle_consent_response` |
//! | §5.1 | without one, nothing more is sent on the pair, but checks of the peer are answered | yes | `Carrier::may_send`, `respond` |
//! | §5.1 | during a restart the old pair is asked about in the old session's name | yes | `Consent::remote` |
//! | §5.2 | 403, or an authenticated end of the session above, ends it at once | yes | `handle_consent_response`, `consent_revoked` |
//! | §5.2 | saying so to the peer | yes | `withdraw_consent` |

use std::net::SocketAddr;
use std::time::Duration;

use super::agent::Agent;
use super::priority::peer_reflexive_priority;
use super::session::RemoteSide;
use super::{Base, CandidateKind, CandidatePriority, CandidateTransport, ComponentId, ConsentState, Role};
use crate::output::{Because, Subject};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::stun::{
    Attribute, Builder, Class, ErrorCode, Message, Method, TransactionId, TransactionSnapshot,
    TransactionState,
};
use crate::time::Time;

/// How many consent checks may be under way: an answer that comes later than two further checks is no answer.
const OPEN_MAX: usize = 3;

/// What is known about the peer's consent to one path.
#[derive(Debug)]
pub(super) struct Consent {
    pub(super) state: ConsentState,
    /// The peer's side of the session that found the path; a restart does not change it. `None`: consent is not asked for.
    remote: Option<RemoteSide>,
    next_check: Time,
    expires: Time,
    /// When the oldest check was sent since which nothing has come from the peer.
    pub(super) unanswered_since: Option<Time>,
    open: Vec<ConsentCheck>,
}

/// A consent check under way.
#[derive(Debug)]
struct ConsentCheck {
    number: u32,
    id: TransactionId,
    sent: Time,
    shown: TransactionSnapshot,
}

impl Agent {
    /// Consent as the check that selected a pair gives it.
    pub(super) fn new_consent(&mut self, stream: u32, now: Time) -> Consent {
        let asks = self.config.consent && !self.config.lite;
        let remote = self.session.remote(stream).filter(|_| asks).cloned();
        let state = if remote.is_some() { ConsentState::Granted } else { ConsentState::None };
        Consent {
            state,
            remote,
            next_check: now + self.consent_interval(),
            expires: now + self.config.consent_lifetime,
            unanswered_since: None,
            open: Vec::new(),
        }
    }

    /// The interval with 20 % of chance, so that checks of many sessions do not come in step (RFC 7675 §5.1).
    fn consent_interval(&mut self) -> Duration {
        let permille = 800 + self.randomness.below(401);
        self.config.consent_interval.saturating_mul(permille) / 1000
    }

    /// When a consent check is due, or consent runs out.
    pub(super) fn consent_timeout(&self) -> Option<Time> {
        let asked = self.carriers.iter().filter(|carrier| carrier.consent.state == ConsentState::Granted);
        asked.map(|carrier| carrier.consent.next_check.min(carrier.consent.expires)).min()
    }

    /// Asks where it is time, and ends what was not answered for too long.
    pub(super) fn run_consent(&mut self, now: Time) {
        for index in 0..self.carriers.len() {
            let Some(carrier) = self.carriers.get(index) else { continue };
            if carrier.consent.state != ConsentState::Granted {
                continue;
            }
            if now >= carrier.consent.expires {
                self.lose_consent(index, ConsentState::Expired, Reason::ConsentExpired, Because::Input);
            } else if now >= carrier.consent.next_check {
                self.ask_for_consent(index, now);
            }
        }
    }

    fn ask_for_consent(&mut self, index: usize, now: Time) {
        let next = now + self.consent_interval();
        let id = TransactionId::random(&mut self.randomness);
        let (role, tie_breaker) = (self.shown.role, self.shown.tie_breaker);
        let Some(carrier) = self.carriers.get_mut(index) else { return };
        carrier.consent.next_check = next;
        let Some(remote) = &carrier.consent.remote else { return };
        let (base, to, pair) = (carrier.base, carrier.remote, carrier.pair);
        // It is an ordinary check without a nomination, so that any agent answers it.
        let request = Builder::request(Method::BINDING, id)
            .attribute(&Attribute::Username(&remote.username))
            .attribute(&Attribute::Priority(consent_priority(carrier.component)))
            .attribute(&match role {
                Role::Controlling => Attribute::IceControlling(tie_breaker),
                Role::Controlled => Attribute::IceControlled(tie_breaker),
            })
            .sign(&remote.side.key)
            .finish();
        let number = self.numbers.next_transaction();
        let because = Because::Change(Subject::Pair(pair));
        let shown = TransactionSnapshot {
            id: id.0,
            method: "Binding",
            to,
            transmissions: 1,
            state: TransactionState::Pending,
            reason: Some(Reason::ConsentCheck),
        };
        carrier.consent.unanswered_since.get_or_insert(now);
        carrier.consent.open.push(ConsentCheck { number, id, sent: now, shown: shown.clone() });
        let old = (carrier.consent.open.len() > OPEN_MAX).then(|| carrier.consent.open.remove(0));
        if let Some(old) = old {
            self.end_consent_check(
                old,
                TransactionState::TimedOut,
                Reason::ConsentUnanswered,
                Because::Input,
            );
        }
        self.tell_transaction(number, &shown, because);
        let because = Because::Change(Subject::Transaction(number));
        self.transmit(base, to, &request, Some(Reason::ConsentCheck), because, now);
        self.count_consent_check(base, to);
    }

    fn end_consent_check(
        &mut self,
        mut check: ConsentCheck,
        state: TransactionState,
        reason: Reason,
        because: Because,
    ) {
        check.shown.state = state;
        check.shown.reason = Some(reason);
        self.tell_transaction(check.number, &check.shown, because);
    }

    /// Takes in the answer to a consent check. Says whether it was one; what it was not is looked at no further.
    pub(super) fn handle_consent_response(
        &mut self,
        base: Base,
        from: SocketAddr,
        response: &Message<'_>,
        now: Time,
    ) -> bool {
        let id = response.transaction_id();
        let asked = |index: &usize| {
            let open = self.carriers.get(*index).map(|carrier| carrier.consent.open.iter());
            open.is_some_and(|mut open| open.any(|check| check.id == id))
        };
        let Some(index) = (0..self.carriers.len()).find(asked) else { return false };
        let Some(carrier) = self.carriers.get_mut(index) else { return false };
        let key = carrier.consent.remote.as_ref().map(|remote| &remote.side.key);
        // RFC 7675 §5.1: from the address that was asked, and with the right credentials, or it was never received.
        if !carrier.is(base, from) || key.is_none_or(|key| response.verify(key).is_err()) {
            self.ignore(Reason::WrongIntegrity);
            return true;
        }
        let Some(place) = carrier.consent.open.iter().position(|check| check.id == id) else { return false };
        let check = carrier.consent.open.remove(place);
        let (number, sent) = (check.number, check.sent);
        let success = response.class() == Class::Success;
        if success {
            carrier.consent.expires = now + self.config.consent_lifetime;
        }
        self.heard_from(base, from, now);
        self.count_response((base, from), 1, sent, now);
        let code = response.error_code().map_or(0, |error| error.code);
        let (state, reason) = match success {
            true => (TransactionState::Succeeded, Reason::ConsentGiven),
            false => (TransactionState::Refused(code), Reason::ConsentRefused),
        };
        self.end_consent_check(check, state, reason, Because::Input);
        if !success && code == ErrorCode::FORBIDDEN {
            let because = Because::Change(Subject::Transaction(number));
            self.lose_consent(index, ConsentState::Revoked, Reason::ConsentRefused, because);
        }
        true
    }

    /// Nothing is sent on this path any more (RFC 7675 §5.1).
    fn lose_consent(&mut self, index: usize, state: ConsentState, reason: Reason, because: Because) {
        let Some(carrier) = self.carriers.get_mut(index) else { return };
        carrier.consent.state = state;
        let open = std::mem::take(&mut carrier.consent.open);
        let newest = open.last().map(|check| Because::Change(Subject::Transaction(check.number)));
        for check in open {
            self.end_consent_check(check, TransactionState::TimedOut, Reason::ConsentUnanswered, because);
        }
        self.shown.consent = self.worst_consent();
        self.shown.connection = super::ConnectionState::Failed;
        self.tell_agent(reason, newest.unwrap_or(because));
    }

    /// The consent of the component that has the least.
    pub(super) fn worst_consent(&self) -> ConsentState {
        self.carriers.iter().map(|carrier| carrier.consent.state).max().unwrap_or_default()
    }

    /// The layer above was told by the peer, in an authenticated way, that the session is over: a DTLS alert, say (RFC 7675 §5.2).
    pub fn consent_revoked(&mut self, now: Time) {
        if self.closed {
            return self.ignore(Reason::ClosedByOwner);
        }
        for index in 0..self.carriers.len() {
            if self.carriers.get(index).is_some_and(super::carrier::Carrier::may_send) {
                self.lose_consent(index, ConsentState::Revoked, Reason::ConsentRevoked, Because::Input);
            }
        }
        self.settle(now);
    }

    /// The peer may send no more: its checks are answered with 403 from now on (RFC 7675 §5.2), until a restart.
    pub fn withdraw_consent(&mut self) {
        self.consent_withdrawn = true;
    }
}

/// PRIORITY of a consent check. It says nothing new: the peer has known the candidate since it was selected.
fn consent_priority(component: ComponentId) -> u32 {
    let host = CandidatePriority::new(CandidateKind::Host, u16::MAX, component.component);
    peer_reflexive_priority(host.value(), CandidateTransport::Udp)
}
