//! Incoming Binding requests: who may ask, what is answered, and what follows (RFC 8445 §7.3). Not here: role conflicts
//! ([`super::role`]) and what a nomination concludes ([`super::nomination`]).
//!
//! Nothing changes before the request is authenticated: fingerprint, username, integrity, in this order.

use std::net::SocketAddr;
use std::sync::Arc;

use super::agent::Agent;
use super::candidate::LocalCandidate;
use super::pair::Nomination;
use super::renomination::nomination_value;
use super::{Base, Candidate, CandidateKind, CandidateTransport, CheckListState, PairState, Role};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::stun::{Attribute, Builder, ErrorCode, IntegrityError, IntegrityKey, Message};
use crate::time::Time;

/// What an authenticated check says.
struct Incoming {
    /// Number of the candidate that received it.
    local: u32,
    from: SocketAddr,
    priority: u32,
    /// USE-CANDIDATE from a controlling peer, to us as the controlled side.
    nominates: bool,
    /// The value of its nomination, where pairs may be nominated anew.
    renomination: Option<u32>,
    ufrag: Arc<str>,
}

/// For which session a request is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Addressee {
    /// The running one.
    Current,
    /// The one before the restart, whose selected pair may still carry data (RFC 8445 §9).
    Previous,
}

impl Agent {
    /// Answers a Binding request that arrived at `base`, and acts on it.
    pub(super) fn handle_request(&mut self, base: Base, from: SocketAddr, request: &Message<'_>, now: Time) {
        // RFC 8445 §7.3: an ICE request carries FINGERPRINT; what does not is of another protocol.
        if !request.has_fingerprint() {
            return self.ignore(Reason::FingerprintMissing);
        }
        let Some(local) = self.local_at(base) else { return self.ignore(Reason::NoCandidateHere) };
        let Some((addressee, ufrag)) = self.authenticate(base, from, request, now) else { return };
        self.heard_from(base, from, now);
        self.serve((base, local), from, request, (addressee, ufrag), now);
        // Afterwards, because it may have made the pair that it belongs to.
        self.count_request(base, from);
    }

    /// Answers an authentic request that `local` received, and acts on it.
    fn serve(
        &mut self,
        (base, local): (Base, u32),
        from: SocketAddr,
        request: &Message<'_>,
        (addressee, ufrag): (Addressee, Arc<str>),
        now: Time,
    ) {
        if self.refuse_malformed(base, from, request, addressee, now) {
            return;
        }
        let stream = self.session.local(local).map_or(0, |local| local.stream);
        let foreign =
            self.session.remote(stream).is_some_and(|remote| remote.side.credentials.ufrag() != &*ufrag);
        if addressee == Addressee::Previous || foreign {
            self.answer(base, from, request, addressee, Some(Reason::OtherSession), now);
            return self.ignore(Reason::OtherSession);
        }
        if !self.examine_role(base, from, request, now) {
            return;
        }
        if self.refuse_without_consent(base, from, request, now) {
            return;
        }
        self.answer(base, from, request, addressee, None, now);
        let nominates = request.use_candidate() && self.accepts_nomination(request);
        let renomination = nomination_value(request).filter(|_| nominates && self.config.renomination);
        let priority = request.priority().unwrap_or(0);
        self.act_on(Incoming { local, from, priority, nominates, renomination, ufrag }, now);
    }

    /// RFC 8489 §9.1.3 with the username rule of RFC 8445 §7.3. `None` if the request was refused.
    fn authenticate(
        &mut self,
        base: Base,
        from: SocketAddr,
        request: &Message<'_>,
        now: Time,
    ) -> Option<(Addressee, Arc<str>)> {
        let (Some(username), true) = (request.username(), request.integrity().is_some()) else {
            self.refuse(base, from, request, ErrorCode::BAD_REQUEST, Reason::Unsigned, now);
            return None;
        };
        let split = username.split_once(':');
        let addressee = split.and_then(|(ours, _)| self.addressee(ours));
        let (Some(addressee), Some((_, theirs))) = (addressee, split) else {
            self.refuse(base, from, request, ErrorCode::UNAUTHENTICATED, Reason::UnknownUsername, now);
            return None;
        };
        let verdict = self.key_of(addressee).map_or(Err(IntegrityError::Mismatch), |key| request.verify(key));
        if verdict.is_err() {
            self.refuse(base, from, request, ErrorCode::UNAUTHENTICATED, Reason::WrongIntegrity, now);
            return None;
        }
        Some((addressee, theirs.into()))
    }

    fn addressee(&self, ufrag: &str) -> Option<Addressee> {
        if self.session.local.credentials.ufrag() == ufrag {
            return Some(Addressee::Current);
        }
        let previous = self.previous.as_ref()?;
        (previous.local.credentials.ufrag() == ufrag).then_some(Addressee::Previous)
    }

    fn key_of(&self, addressee: Addressee) -> Option<&IntegrityKey> {
        match addressee {
            Addressee::Current => Some(&self.session.local.key),
            Addressee::Previous => self.previous.as_ref().map(|previous| &previous.local.key),
        }
    }

    /// What is authentic and still not right: 420 and 400, signed. Says whether it was refused.
    fn refuse_malformed(
        &mut self,
        base: Base,
        from: SocketAddr,
        request: &Message<'_>,
        addressee: Addressee,
        now: Time,
    ) -> bool {
        let unknown = request.unknown_comprehension_required();
        let (builder, reason) = if !unknown.is_empty() {
            // RFC 8489 §6.3.1.
            let builder = Builder::error(request, ErrorCode::UNKNOWN_ATTRIBUTE).unknown_attributes(&unknown);
            (builder, Reason::StunUnknownAttributes)
        } else if request.priority().is_none() {
            // RFC 8445 §7.1.1: without it, no peer-reflexive candidate could be made of the sender.
            (Builder::error(request, ErrorCode::BAD_REQUEST), Reason::PriorityMissing)
        } else {
            return false;
        };
        let Some(key) = self.key_of(addressee) else { return true };
        let response = builder.sign(key).finish();
        self.transmit(base, from, &response, Some(reason), Because::Input, now);
        self.ignore(reason);
        true
    }

    /// Refuses a request that is not authentic. The answer cannot be signed, since the key is what is in doubt.
    fn refuse(
        &mut self,
        base: Base,
        from: SocketAddr,
        request: &Message<'_>,
        code: u16,
        reason: Reason,
        now: Time,
    ) {
        let response = Builder::error(request, code).finish();
        self.transmit(base, from, &response, Some(reason), Because::Input, now);
        self.ignore(reason);
    }

    /// RFC 7675 §5.2. Says whether it was refused.
    fn refuse_without_consent(
        &mut self,
        base: Base,
        from: SocketAddr,
        request: &Message<'_>,
        now: Time,
    ) -> bool {
        if self.consent_withdrawn {
            let response =
                Builder::error(request, ErrorCode::FORBIDDEN).sign(&self.session.local.key).finish();
            self.transmit(base, from, &response, Some(Reason::ConsentWithdrawn), Because::Input, now);
        }
        self.consent_withdrawn
    }

    /// Refuses with 487 (RFC 8445 §7.3.1.1).
    pub(super) fn refuse_role(&mut self, base: Base, from: SocketAddr, request: &Message<'_>, now: Time) {
        let response =
            Builder::error(request, ErrorCode::ROLE_CONFLICT).sign(&self.session.local.key).finish();
        self.transmit(base, from, &response, Some(Reason::RoleKept), Because::Input, now);
    }

    /// The success response: where the request came from, as we see it (RFC 8445 §7.3.1.2). It is not paced by Ta.
    fn answer(
        &mut self,
        base: Base,
        from: SocketAddr,
        request: &Message<'_>,
        addressee: Addressee,
        reason: Option<Reason>,
        now: Time,
    ) {
        let Some(key) = self.key_of(addressee) else { return };
        let builder = Builder::success(request).attribute(&Attribute::XorMappedAddress(from));
        let response = builder.sign(key).finish();
        self.transmit(base, from, &response, reason.or(Some(Reason::CheckAnswered)), Because::Input, now);
    }

    /// Whether USE-CANDIDATE counts. From a controlled peer, or while we are controlling, it means nothing (RFC 8445 §7.1.2);
    /// a peer that sends it anyway still gets its check answered.
    fn accepts_nomination(&self, request: &Message<'_>) -> bool {
        self.shown.role == Role::Controlled && request.ice_controlled().is_none()
    }

    /// RFC 8445 §7.3.1.3 to §7.3.1.5.
    fn act_on(&mut self, incoming: Incoming, now: Time) {
        let Some(component) = self.session.local(incoming.local).map(LocalCandidate::component) else {
            return;
        };
        let done = self.session.lists.state(component.stream) == CheckListState::Completed;
        let known = self.remote_at(incoming.local, incoming.from);
        let pair = known.and_then(|remote| self.session.lists.find(incoming.local, remote));
        // RFC 8445 §8.1.2: once the list is done, checks are answered and nothing more, unless the peer nominates again. A lite agent
        // does nothing about checks but accept nominations (RFC 8445 §7.3.2).
        if (done || self.config.lite) && !incoming.nominates {
            return;
        }
        if !self.accepts_renomination(&incoming) {
            return self.ignore(Reason::NominationOutdated);
        }
        let (pair, because) = match (pair, known) {
            (Some(pair), _) => (pair, Because::Input),
            (None, Some(remote)) => {
                let Some(pair) = self.pair_for_check(incoming.local, remote, Because::Input, now) else {
                    return;
                };
                (pair, Because::Change(Subject::Pair(pair)))
            }
            (None, None) => {
                let Some(remote) = self.learn_remote(&incoming) else { return };
                let because = Because::Change(Subject::RemoteCandidate(remote));
                let Some(pair) = self.pair_for_check(incoming.local, remote, because, now) else { return };
                (pair, Because::Change(Subject::Pair(pair)))
            }
        };
        if self.config.lite {
            return self.conclude_lite(pair, now);
        }
        self.trigger_check(pair, because);
        if incoming.nominates {
            self.accept_nomination(pair, now);
        }
    }

    /// Of several nominations, the one with the highest value counts, in whatever order they come.
    fn accepts_renomination(&mut self, incoming: &Incoming) -> bool {
        let Some(value) = incoming.renomination else { return true };
        let newest = value >= self.nominations;
        self.nominations = self.nominations.max(value);
        newest
    }

    /// RFC 8445 §7.3.1.3.
    fn learn_remote(&mut self, incoming: &Incoming) -> Option<u32> {
        let local = self.session.local(incoming.local)?;
        let (stream, component) = (local.stream, local.candidate.component);
        let transport = match local.candidate.transport {
            // Whoever connects to us is active (RFC 6544 §7.2).
            CandidateTransport::TcpPassive => CandidateTransport::TcpActive,
            CandidateTransport::TcpActive => CandidateTransport::TcpPassive,
            same => same,
        };
        let candidate = Candidate {
            kind: CandidateKind::PeerReflexive,
            transport,
            address: incoming.from,
            base: incoming.from,
            related: None,
            relay_protocol: None,
            foundation: self.foundations.arbitrary(),
            priority: incoming.priority,
            component,
        };
        let ufrag = Some(Arc::clone(&incoming.ufrag));
        self.add_remote(stream, candidate, (ufrag, 0), Reason::LearnedFromCheck)
    }

    /// A pair on which a check came, and which was not in the list (RFC 8445 §7.3.1.4, last case).
    fn pair_for_check(&mut self, local: u32, remote: u32, because: Because, now: Time) -> Option<u32> {
        let pair = self.form_pair(local, remote, because, now);
        if pair.is_none() {
            self.ignore(Reason::PairLimit);
        }
        pair
    }

    /// RFC 8445 §7.3.1.4.
    fn trigger_check(&mut self, number: u32, because: Because) {
        let Some(pair) = self.session.lists.get_mut(number) else { return };
        pair.peer_checked = true;
        // A pair that is being nominated has succeeded, too: its running check is the one that matters.
        if pair.made_valid.is_some() || pair.shown.state == PairState::Succeeded {
            return;
        }
        let (was, stream) = (pair.shown.state, pair.stream);
        pair.shown.state = PairState::Waiting;
        let running = pair.check.take();
        if let Some(check) = running {
            self.cancel_check(check, Reason::CancelledForTriggered, because);
        }
        let enlisted = self.session.lists.lists_pair(number);
        if !enlisted {
            self.session.lists.enlist(number);
        }
        let queued = self.session.lists.trigger(number);
        if was != PairState::Waiting || queued {
            self.tell_pair(number, Some(Reason::TriggeredByPeer), because);
        }
        if let Some(list) = self.session.lists.list_mut(stream)
            && list.state == CheckListState::Failed
        {
            list.state = CheckListState::Running;
        }
        if queued || !enlisted {
            self.tell_list(stream, Reason::TriggeredByPeer, Because::Change(Subject::Pair(number)));
        }
    }

    /// RFC 8445 §7.3.1.5.
    fn accept_nomination(&mut self, number: u32, now: Time) {
        let Some(pair) = self.session.lists.get_mut(number) else { return };
        match pair.made_valid {
            Some(valid) => self.conclude(valid, Reason::NominatedByPeer, Because::Input, now),
            None if pair.nomination != Nomination::Peers => {
                pair.nomination = Nomination::Peers;
                self.tell_pair(number, Some(Reason::NominationAwaitsCheck), Because::Input);
            }
            None => {}
        }
    }
}
