//! What signaling brings: the peer's credentials, its candidates one by one, and their end (RFC 8838). Not here: how signaling works.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::agent::Agent;
use super::attribute::CandidateLine;
use super::session::{RemoteSide, Side};
use super::{
    Candidate, CandidateKind, CheckListState, ComponentId, Credentials, GatheringState, TrickleMode,
};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

/// A candidate of the peer whose name is being looked up.
#[derive(Debug)]
pub(super) struct Unresolved {
    pub(super) stream: u32,
    pub(super) name: Arc<str>,
    pub(super) line: CandidateLine,
}

impl Agent {
    /// The peer's credentials for this session, the same for all streams. They can be set once; a change means a restart, which is the
    /// owner's to begin.
    pub fn set_remote_credentials(&mut self, credentials: Credentials, now: Time) {
        for stream in self.streams() {
            self.take_credentials(stream, credentials.clone(), now);
        }
        self.settle(now);
    }

    /// The peer's credentials for one stream (RFC 8839 §5.4 lets each have its own).
    pub fn set_remote_credentials_of_stream(&mut self, stream: u32, credentials: Credentials, now: Time) {
        self.take_credentials(stream, credentials, now);
        self.settle(now);
    }

    fn take_credentials(&mut self, stream: u32, credentials: Credentials, now: Time) {
        if self.closed {
            return self.ignore(Reason::ClosedByOwner);
        }
        let ours = self.session.local.credentials.ufrag();
        let Some(peer) = self.session.streams.iter_mut().find(|peer| peer.stream == stream) else {
            return self.ignore(Reason::OtherComponent);
        };
        if peer.remote.is_some() {
            return self.ignore(Reason::CredentialsAlreadySet);
        }
        let ufrag: Arc<str> = credentials.ufrag().into();
        let username = [&ufrag, ours].join(":").into();
        peer.remote = Some(RemoteSide { side: Side::new(credentials), username });
        // The peer takes part in the restart, if there was one.
        self.before_restart = None;
        self.session.patient_until.get_or_insert(now + self.config.patience);
        self.shown.remote_ufrag.get_or_insert_with(|| ufrag.to_string());
        self.tell_agent(Reason::CredentialsSignaled, Because::Input);
        self.drop_other_generation(stream, &ufrag);
    }

    /// Candidates that came before the credentials, and turn out to belong to another session (RFC 8838 §9).
    fn drop_other_generation(&mut self, stream: u32, ufrag: &str) {
        let other = |known: &Option<Arc<str>>| known.as_deref().is_some_and(|known| known != ufrag);
        self.session.unresolved.retain(|waiting| waiting.stream != stream || !other(&waiting.line.ufrag));
        let strangers: Vec<u32> = self
            .session
            .remotes
            .iter()
            .filter(|remote| remote.stream == stream && other(&remote.ufrag))
            .map(|remote| remote.number)
            .collect();
        if strangers.is_empty() {
            return;
        }
        for stranger in strangers {
            let pairs: Vec<u32> = self
                .session
                .lists
                .all()
                .filter(|pair| pair.remote == stranger)
                .map(|pair| pair.number)
                .collect();
            for pair in pairs {
                self.drop_pair(pair, Reason::OtherSession, Because::Change(Subject::Agent));
            }
            self.session.remotes.retain(|remote| remote.number != stranger);
        }
        self.tell_list(stream, Reason::OtherSession, Because::Change(Subject::Agent));
    }

    /// A candidate of the peer for the first stream, in any order with the credentials.
    pub fn add_remote_candidate(&mut self, line: impl Into<CandidateLine>, now: Time) {
        let first = self.components.first().copied().unwrap_or_default();
        self.add_remote_candidate_of_stream(first.stream, line, now);
    }

    /// A candidate of the peer for this stream.
    pub fn add_remote_candidate_of_stream(&mut self, stream: u32, line: impl Into<CandidateLine>, now: Time) {
        let line = line.into();
        match self.refuse_candidate(stream, &line) {
            Some(reason) => self.ignore(reason),
            None => self.take_candidate(stream, line, Reason::CandidateSignaled, now),
        }
        self.settle(now);
    }

    pub(super) fn take_candidate(&mut self, stream: u32, line: CandidateLine, reason: Reason, now: Time) {
        if let Some(name) = line.name.clone() {
            return self.ask_to_resolve(stream, name, line);
        }
        if !is_usable(line.candidate.address) {
            return self.ignore(Reason::UnusableAddress);
        }
        let CandidateLine { mut candidate, ufrag, cost, .. } = line;
        candidate.base = candidate.address;
        let same = |known: &&super::candidate::RemoteCandidate| {
            known.stream == stream
                && known.candidate.address == candidate.address
                && known.candidate.component == candidate.component
                && known.candidate.transport == candidate.transport
        };
        match self.session.remotes.iter().find(same).map(|known| known.number) {
            Some(known) => self.update_remote(known, candidate),
            None => {
                let Some(remote) = self.add_remote(stream, candidate, (ufrag, cost.unwrap_or(0)), reason)
                else {
                    return;
                };
                self.pair_remote(remote, now);
            }
        }
    }

    fn refuse_candidate(&self, stream: u32, line: &CandidateLine) -> Option<Reason> {
        if self.closed {
            return Some(Reason::ClosedByOwner);
        }
        let component = ComponentId { stream, component: line.candidate.component };
        let Some(peer) = self.session.streams.iter().find(|peer| peer.stream == stream) else {
            return Some(Reason::OtherComponent);
        };
        // RFC 8838 §14.
        if peer.end_of_candidates {
            return Some(Reason::AfterEndOfCandidates);
        }
        let ours = peer.remote.as_ref().map(|remote| remote.side.credentials.ufrag());
        if let (Some(ours), Some(theirs)) = (ours, line.ufrag.as_deref())
            && ours != theirs
        {
            return Some(Reason::OtherSession);
        }
        (!self.components.contains(&component)).then_some(Reason::OtherComponent)
    }

    /// A candidate that we know already: what a check taught us gets its true type, foundation and priority (RFC 8445 §7.3.1.3,
    /// RFC 8838 §11); what was signaled before is redundant.
    fn update_remote(&mut self, number: u32, signaled: Candidate) {
        let Some(known) = self.session.remotes.iter_mut().find(|remote| remote.number == number) else {
            return;
        };
        if known.candidate.kind != CandidateKind::PeerReflexive || known.candidate == signaled {
            return self.ignore(Reason::RedundantCandidate);
        }
        known.candidate = signaled.clone();
        let stream = known.stream;
        let subject = Subject::RemoteCandidate(number);
        self.tell_candidate(subject, &signaled, Some(Reason::LearnedBeforeSignaled), Because::Input);
        let role = self.shown.role;
        let mut changed = Vec::new();
        for pair in self.session.lists.all_mut().filter(|pair| pair.remote == number) {
            pair.shown.remote = signaled.clone();
            pair.recompute_priority(role);
            changed.push(pair.number);
        }
        self.session.lists.sort();
        for pair in changed {
            self.tell_pair(pair, Some(Reason::LearnedBeforeSignaled), Because::Change(subject));
        }
        self.tell_list(stream, Reason::LearnedBeforeSignaled, Because::Change(subject));
    }

    /// The peer has no more candidates for any stream (RFC 8838 §14).
    pub fn end_of_remote_candidates(&mut self, now: Time) {
        for stream in self.streams() {
            self.end_candidates_of(stream);
        }
        self.settle(now);
    }

    /// The peer has no more candidates for this stream.
    pub fn end_of_remote_candidates_of_stream(&mut self, stream: u32, now: Time) {
        self.end_candidates_of(stream);
        self.settle(now);
    }

    fn end_candidates_of(&mut self, stream: u32) {
        let peer = self.session.streams.iter_mut().find(|peer| peer.stream == stream);
        let Some(peer) = peer.filter(|peer| !self.closed && !peer.end_of_candidates) else { return };
        peer.end_of_candidates = true;
        if self.session.lists.state(stream) != CheckListState::Running {
            return;
        }
        self.tell_list(stream, Reason::EndOfCandidates, Because::Input);
        // A component that the peer turns out not to have is not waited for.
        if self.components.iter().any(|component| component.stream == stream && self.is_decided(*component)) {
            self.complete_list(stream, Because::Input);
        }
    }

    /// Whether the description of this side may be signaled now: at once with trickle; else an offer, or any description, waits for all
    /// candidates (RFC 8838 §16).
    pub fn may_describe(&self, offering: bool) -> bool {
        let complete = self.shown.gathering == GatheringState::Complete;
        match self.config.trickle {
            TrickleMode::Full => true,
            TrickleMode::Half => complete || !offering,
            TrickleMode::Off => complete,
        }
    }
}

/// Whether a packet can be sent there at all. Multicast and broadcast must not be, or a peer could make us flood others.
fn is_usable(address: SocketAddr) -> bool {
    let ip = address.ip().to_canonical();
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    address.port() != 0 && !ip.is_unspecified() && !ip.is_multicast() && !broadcast
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_nobodys_are_not_checked() {
        for address in
            ["0.0.0.0:1", "224.0.0.1:1", "255.255.255.255:1", "10.0.0.1:0", "[::]:1", "[ff02::1]:1"]
        {
            assert!(!is_usable(address.parse().unwrap()), "{address}");
        }
        for address in ["10.0.0.1:1", "127.0.0.1:1", "[fe80::1]:1", "[2001:db8::1]:1"] {
            assert!(is_usable(address.parse().unwrap()), "{address}");
        }
    }
}
