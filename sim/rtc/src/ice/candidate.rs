//! Candidates of both sides as the agent keeps them, and the pairs that they make. Not here: where they come from
//! ([`super::gathering`], [`super::trickle`], [`super::response`], [`super::respond`]).

use std::net::SocketAddr;
use std::sync::Arc;

use super::agent::Agent;
use super::pair::{Pair, may_pair};
use super::{Candidate, CandidateKind, CheckListState, PairState};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

/// Most candidates that either side keeps: far more than a call needs, and an end to what a peer can make us remember.
pub(super) const CANDIDATES_MAX: usize = 100;

/// A candidate of our own.
#[derive(Clone, Debug)]
pub(super) struct LocalCandidate {
    pub(super) number: u32,
    pub(super) candidate: Candidate,
}

impl LocalCandidate {
    /// Whether packets leave from it: reflexive candidates stand for their base in every pair (RFC 8445 §6.1.2.4).
    pub(super) fn is_base(&self) -> bool {
        matches!(self.candidate.kind, CandidateKind::Host | CandidateKind::Relayed)
    }
}

/// A candidate of the peer.
#[derive(Clone, Debug)]
pub(super) struct RemoteCandidate {
    pub(super) number: u32,
    pub(super) candidate: Candidate,
    /// The peer's username fragment that came with it, in signaling or in a check.
    pub(super) ufrag: Option<Arc<str>>,
}

impl Agent {
    /// Takes in a candidate of our own, tells it, and pairs it. `None` if it is redundant (RFC 8445 §5.1.3).
    pub(super) fn add_local(
        &mut self,
        candidate: Candidate,
        reason: Reason,
        because: Because,
        now: Time,
    ) -> Option<u32> {
        let full = self.session.locals.len() >= CANDIDATES_MAX;
        if full || self.has_signaled(candidate.address, candidate.base) {
            return None;
        }
        let number = self.numbers.next_local();
        let local = LocalCandidate { number, candidate };
        let subject = Subject::LocalCandidate(number);
        self.tell_candidate(subject, &local.candidate, Some(reason), because);
        let pairs_up = local.is_base();
        self.session.locals.push(local);
        if pairs_up {
            let mut remotes: Vec<(u32, u32)> = self
                .session
                .remotes
                .iter()
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
    pub(super) fn has_signaled(&self, address: SocketAddr, base: SocketAddr) -> bool {
        let same = |known: &Candidate| {
            known.address == address && known.base == base && known.kind != CandidateKind::PeerReflexive
        };
        self.session.locals.iter().any(|local| same(&local.candidate))
    }

    /// Takes in a candidate of the peer and tells it. `None` if there are too many.
    pub(super) fn add_remote(
        &mut self,
        candidate: Candidate,
        ufrag: Option<Arc<str>>,
        reason: Reason,
    ) -> Option<u32> {
        if self.session.remotes.len() >= CANDIDATES_MAX {
            self.ignore(Reason::TooManyCandidates);
            return None;
        }
        let number = self.numbers.next_remote();
        self.tell_candidate(Subject::RemoteCandidate(number), &candidate, Some(reason), Because::Input);
        self.session.remotes.push(RemoteCandidate { number, candidate, ufrag });
        Some(number)
    }

    /// Pairs a candidate of the peer with all of ours, best first.
    pub(super) fn pair_remote(&mut self, remote: u32, now: Time) {
        let bases = self.session.locals.iter().filter(|local| local.is_base());
        let mut locals: Vec<(u32, u32)> =
            bases.map(|local| (local.candidate.priority, local.number)).collect();
        locals.sort_by_key(|&(priority, number)| (std::cmp::Reverse(priority), number));
        let pairs: Vec<_> = locals.into_iter().map(|(_, local)| (local, remote)).collect();
        self.form_pairs(&pairs, Because::Change(Subject::RemoteCandidate(remote)), now);
    }

    /// Forms those of these pairs that may be formed and are new, and tells the list once.
    fn form_pairs(&mut self, pairs: &[(u32, u32)], because: Because, now: Time) {
        // RFC 8838 §10, §11: once the list is done, nothing is added to it.
        if self.session.list.state != CheckListState::Running {
            return;
        }
        let mut formed = false;
        for &(local, remote) in pairs {
            formed |= self.form_pair(local, remote, because, now).is_some();
        }
        if formed {
            self.tell_list(Reason::PairsFormed, because);
        }
    }

    /// Forms one pair, enlists it and tells it. `None` if it may not be formed, is there already, or is the one too many.
    pub(super) fn form_pair(&mut self, local: u32, remote: u32, because: Because, now: Time) -> Option<u32> {
        let ours = &self.session.local(local)?.candidate;
        let theirs = &self.session.remote_candidate(remote)?.candidate;
        if !may_pair(ours, theirs) || self.session.list.find(local, remote).is_some() {
            return None;
        }
        let number = self.numbers.pair;
        let mut pair = Pair::new(number, self.shown.role, (local, ours), (remote, theirs));
        if !self.make_room(pair.shown.priority) {
            return None;
        }
        self.numbers.pair += 1;
        pair.shown.state = self.session.list.initial_state(&pair);
        let reason = match pair.shown.state {
            PairState::Waiting => Reason::FirstOfFoundation,
            _ => Reason::FrozenByFoundation,
        };
        let (base, peer) = pair.path();
        self.session.list.keep(pair);
        self.session.list.enlist(number);
        self.tell_pair(number, Some(reason), because);
        self.ask_for_permission(base, peer, Because::Change(Subject::Pair(number)), now);
        Some(number)
    }

    /// Keeps the list within its limit (RFC 8445 §6.1.2.5): the worst pair goes, unless the new one is worse. Says whether there is room.
    fn make_room(&mut self, new_priority: u64) -> bool {
        if self.session.list.len() < self.config.pair_limit {
            return true;
        }
        let Some(worst) = self.session.list.expendable() else { return false };
        if self.session.list.get(worst).is_none_or(|pair| pair.shown.priority >= new_priority) {
            return false;
        }
        self.drop_pair(worst, Reason::PairLimit, Because::Input);
        true
    }

    /// Ends a pair that nobody checked, for good.
    pub(super) fn drop_pair(&mut self, number: u32, reason: Reason, because: Because) {
        if let Some(pair) = self.session.list.get_mut(number) {
            pair.shown.state = PairState::Failed;
            self.tell_pair(number, Some(reason), because);
            self.session.list.forget(number);
        }
    }

    /// The candidate whose packets leave from and arrive at this address.
    pub(super) fn local_at(&self, base: SocketAddr) -> Option<u32> {
        let here = |local: &&LocalCandidate| local.is_base() && local.candidate.address == base;
        self.session.locals.iter().find(here).map(|local| local.number)
    }

    /// The peer's candidate with this address.
    pub(super) fn remote_at(&self, address: SocketAddr) -> Option<u32> {
        let there = |remote: &&RemoteCandidate| remote.candidate.address == address;
        self.session.remotes.iter().find(there).map(|remote| remote.number)
    }
}
