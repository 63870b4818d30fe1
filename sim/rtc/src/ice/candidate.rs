//! Candidates of both sides as the agent keeps them, and the pairs that they make. Not here: where they come from
//! ([`super::gathering`], [`super::trickle`], [`super::response`], [`super::respond`]).

use std::net::SocketAddr;
use std::sync::Arc;

use super::agent::Agent;
use super::pair::{Pair, may_pair};
use super::{Base, Candidate, CandidateKind, CandidateTransport, CheckListState, ComponentId, PairState};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

/// Most candidates that either side keeps: far more than a call needs, and an end to what a peer can make us remember.
pub(super) const CANDIDATES_MAX: usize = 100;

/// A candidate of our own.
#[derive(Clone, Debug)]
pub(super) struct LocalCandidate {
    pub(super) number: u32,
    pub(super) stream: u32,
    pub(super) candidate: Candidate,
    /// What its network costs.
    pub(super) cost: u16,
    /// Not to be signaled: it is there as a base only (RFC 8828 §5.2, mode 3).
    pub(super) hidden: bool,
}

/// Where a candidate of our own comes from, beyond what the candidate itself says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Origin {
    pub(super) stream: u32,
    pub(super) cost: u16,
    pub(super) hidden: bool,
}

impl LocalCandidate {
    pub(super) fn component(&self) -> ComponentId {
        ComponentId { stream: self.stream, component: self.candidate.component }
    }

    /// Whether packets leave from it: reflexive candidates stand for their base in every pair (RFC 8445 §6.1.2.4).
    pub(super) fn is_base(&self) -> bool {
        matches!(self.candidate.kind, CandidateKind::Host | CandidateKind::Relayed)
    }
}

/// A candidate of the peer.
#[derive(Clone, Debug)]
pub(super) struct RemoteCandidate {
    pub(super) number: u32,
    pub(super) stream: u32,
    pub(super) candidate: Candidate,
    /// What its network costs, as the peer says.
    pub(super) cost: u16,
    /// The peer's username fragment that came with it, in signaling or in a check.
    pub(super) ufrag: Option<Arc<str>>,
}

impl Agent {
    /// Takes in a candidate of our own, tells it, and pairs it. `None` if it is redundant (RFC 8445 §5.1.3).
    pub(super) fn add_local(
        &mut self,
        candidate: Candidate,
        origin: Origin,
        reason: Reason,
        because: Because,
        now: Time,
    ) -> Option<u32> {
        let full = self.session.locals.len() >= CANDIDATES_MAX;
        if full || self.has_signaled(candidate.address, Base::of(&candidate)) {
            return None;
        }
        let number = self.numbers.next_local();
        let Origin { stream, cost, hidden } = origin;
        let local = LocalCandidate { number, stream, candidate, cost, hidden };
        let subject = Subject::LocalCandidate(number);
        self.tell_candidate(subject, &local.candidate, Some(reason), because);
        let pairs_up = local.is_base();
        self.session.locals.push(local);
        if pairs_up {
            let mut remotes: Vec<(u32, u32)> = self
                .session
                .remotes
                .iter()
                .filter(|remote| remote.stream == stream)
                .map(|remote| (remote.candidate.priority, remote.number))
                .collect();
            remotes.sort_by_key(|&(priority, number)| (std::cmp::Reverse(priority), number));
            let pairs: Vec<_> = remotes.into_iter().map(|(_, remote)| (number, remote)).collect();
            self.form_pairs(&pairs, Because::Change(subject), now);
        }
        Some(number)
    }

    /// Whether a candidate with this address and base has been told to be signaled. A peer-reflexive one has not: the peer that saw
    /// it knows it, but on the path of that check only; so what a server sees later is no redundant news.
    pub(super) fn has_signaled(&self, address: SocketAddr, base: Base) -> bool {
        let same = |known: &LocalCandidate| {
            known.candidate.address == address
                && Base::of(&known.candidate) == base
                && known.candidate.kind != CandidateKind::PeerReflexive
                && !known.hidden
        };
        self.session.locals.iter().any(same)
    }

    /// Takes in a candidate of the peer and tells it. `None` if there are too many.
    pub(super) fn add_remote(
        &mut self,
        stream: u32,
        candidate: Candidate,
        (ufrag, cost): (Option<Arc<str>>, u16),
        reason: Reason,
    ) -> Option<u32> {
        if self.session.remotes.len() >= CANDIDATES_MAX {
            self.ignore(Reason::TooManyCandidates);
            return None;
        }
        let number = self.numbers.next_remote();
        self.tell_candidate(Subject::RemoteCandidate(number), &candidate, Some(reason), Because::Input);
        self.session.remotes.push(RemoteCandidate { number, stream, candidate, cost, ufrag });
        Some(number)
    }

    /// Pairs a candidate of the peer with all of ours, best first.
    pub(super) fn pair_remote(&mut self, remote: u32, now: Time) {
        let Some(stream) = self.session.remote_candidate(remote).map(|remote| remote.stream) else { return };
        let bases = self.session.locals.iter().filter(|local| local.is_base() && local.stream == stream);
        let mut locals: Vec<(u32, u32)> =
            bases.map(|local| (local.candidate.priority, local.number)).collect();
        locals.sort_by_key(|&(priority, number)| (std::cmp::Reverse(priority), number));
        let pairs: Vec<_> = locals.into_iter().map(|(_, local)| (local, remote)).collect();
        self.form_pairs(&pairs, Because::Change(Subject::RemoteCandidate(remote)), now);
    }

    /// Forms those of these pairs that may be formed and are new, and tells the list once.
    fn form_pairs(&mut self, pairs: &[(u32, u32)], because: Because, now: Time) {
        let stream =
            pairs.first().and_then(|(local, _)| self.session.local(*local)).map(|local| local.stream);
        let Some(stream) = stream else { return };
        // RFC 8838 §10, §11: once the list is done, nothing is added to it. A lite agent has no list at all (RFC 8445 §6.2).
        if self.session.lists.state(stream) != CheckListState::Running || self.config.lite {
            return;
        }
        let mut formed = false;
        for &(local, remote) in pairs {
            formed |= self.is_checked_from(local) && self.form_pair(local, remote, because, now).is_some();
        }
        if formed {
            self.tell_list(stream, Reason::PairsFormed, because);
        }
    }

    /// Whether checks can begin at this candidate. One that waits for connections is paired when a check has come through one
    /// (RFC 6544 §6.2).
    fn is_checked_from(&self, local: u32) -> bool {
        let transport = self.session.local(local).map(|local| local.candidate.transport);
        transport.is_some_and(|transport| transport != CandidateTransport::TcpPassive)
    }

    /// Forms one pair, enlists it and tells it. `None` if it may not be formed, is there already, or is the one too many.
    pub(super) fn form_pair(&mut self, local: u32, remote: u32, because: Because, now: Time) -> Option<u32> {
        let ours = self.session.local(local)?;
        let theirs = self.session.remote_candidate(remote)?;
        let stream = ours.stream;
        if stream != theirs.stream
            || !may_pair(&ours.candidate, &theirs.candidate)
            || self.session.lists.find(local, remote).is_some()
        {
            return None;
        }
        let number = self.numbers.pair;
        let ends = ((local, &ours.candidate), (remote, &theirs.candidate));
        let mut pair = Pair::new(number, stream, self.shown.role, ends.0, ends.1);
        pair.cost = u32::from(ours.cost) + u32::from(theirs.cost);
        if !self.make_room(stream, pair.shown.priority) {
            return None;
        }
        self.numbers.pair += 1;
        let (state, waits_for) = self.session.lists.initial_state(&pair);
        pair.shown.state = state;
        let reason = match state {
            PairState::Waiting => Reason::FirstOfFoundation,
            _ => Reason::FrozenByFoundation,
        };
        let (base, peer) = pair.path();
        self.session.lists.keep(pair);
        self.session.lists.enlist(number);
        // A frozen pair is frozen because of the one that goes first.
        let because_of_pair = waits_for.map_or(because, |first| Because::Change(Subject::Pair(first)));
        self.tell_pair(number, Some(reason), because_of_pair);
        self.ask_for_permission(base, peer, Because::Change(Subject::Pair(number)), now);
        Some(number)
    }

    /// Keeps a list within its share of the limit (RFC 8445 §6.1.2.5): the worst pair goes, unless the new one is worse. Says
    /// whether there is room.
    fn make_room(&mut self, stream: u32, new_priority: u64) -> bool {
        let share = (self.config.pair_limit / self.session.lists.lists().len().max(1)).max(1);
        if self.session.lists.list(stream).is_some_and(|list| list.len() < share) {
            return true;
        }
        let Some(worst) = self.session.lists.expendable(stream) else { return false };
        if self.session.lists.get(worst).is_none_or(|pair| pair.shown.priority >= new_priority) {
            return false;
        }
        self.drop_pair(worst, Reason::PairLimit, Because::Input);
        true
    }

    /// Ends a pair that nobody checked, for good.
    pub(super) fn drop_pair(&mut self, number: u32, reason: Reason, because: Because) {
        if let Some(pair) = self.session.lists.get_mut(number) {
            pair.shown.state = PairState::Failed;
            self.tell_pair(number, Some(reason), because);
            self.session.lists.forget(number);
        }
    }

    /// The candidate whose packets leave from and arrive here.
    pub(super) fn local_at(&self, base: Base) -> Option<u32> {
        let here = |local: &&LocalCandidate| {
            local.is_base()
                && local.candidate.address == base.address
                && local.candidate.transport.is_tcp() == base.tcp
        };
        self.session.locals.iter().find(here).map(|local| local.number)
    }

    /// The peer's candidate with this address that is for the same component as one of ours, and of the same transport.
    pub(super) fn remote_at(&self, local: u32, address: SocketAddr) -> Option<u32> {
        let local = self.session.local(local)?;
        let there = |remote: &&RemoteCandidate| {
            remote.candidate.address == address
                && remote.stream == local.stream
                && remote.candidate.component == local.candidate.component
                && remote.candidate.transport.is_tcp() == local.candidate.transport.is_tcp()
        };
        self.session.remotes.iter().find(there).map(|remote| remote.number)
    }
}
