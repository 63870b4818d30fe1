//! What signaling brings: the peer's credentials, its candidates one by one, and their end (RFC 8838). Not here: how signaling works.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::agent::Agent;
use super::attribute::CandidateLine;
use super::session::{RemoteSide, Side};
use super::{Candidate, CandidateKind, CheckListState, Credentials};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

impl Agent {
    /// The peer's credentials for this session. They can be set once; a change means a restart, which is the owner's to begin.
    pub fn set_remote_credentials(&mut self, credentials: Credentials, now: Time) {
        if self.closed {
            return self.ignore(Reason::ClosedByOwner);
        }
        if self.session.remote.is_some() {
            return self.ignore(Reason::CredentialsAlreadySet);
        }
        let ufrag: Arc<str> = credentials.ufrag().into();
        let username = [&ufrag, self.session.local.credentials.ufrag()].join(":").into();
        self.session.remote = Some(RemoteSide { side: Side::new(credentials), username });
        self.session.patient_until = Some(now + self.config.patience);
        self.shown.remote_ufrag = Some(ufrag.to_string());
        self.tell_agent(Reason::CredentialsSignaled, Because::Input);
        self.drop_other_generation(&ufrag);
        self.settle(now);
    }

    /// Candidates that came before the credentials, and turn out to belong to another session (RFC 8838 §9).
    fn drop_other_generation(&mut self, ufrag: &str) {
        let other = |known: &Option<Arc<str>>| known.as_deref().is_some_and(|known| known != ufrag);
        let strangers: Vec<u32> = self
            .session
            .remotes
            .iter()
            .filter(|remote| other(&remote.ufrag))
            .map(|remote| remote.number)
            .collect();
        if strangers.is_empty() {
            return;
        }
        for stranger in strangers {
            let pairs: Vec<u32> = self
                .session
                .list
                .all()
                .filter(|pair| pair.remote == stranger)
                .map(|pair| pair.number)
                .collect();
            for pair in pairs {
                self.drop_pair(pair, Reason::OtherSession, Because::Change(Subject::Agent));
            }
            self.session.remotes.retain(|remote| remote.number != stranger);
        }
        self.tell_list(Reason::OtherSession, Because::Change(Subject::Agent));
    }

    /// A candidate of the peer, in any order with the credentials.
    pub fn add_remote_candidate(&mut self, line: impl Into<CandidateLine>, now: Time) {
        let CandidateLine { mut candidate, ufrag } = line.into();
        if let Some(reason) = self.refuse_candidate(&candidate, ufrag.as_deref()) {
            return self.ignore(reason);
        }
        candidate.base = candidate.address;
        match self.remote_at(candidate.address) {
            Some(known) => self.update_remote(known, candidate),
            None => {
                let Some(remote) = self.add_remote(candidate, ufrag, Reason::CandidateSignaled) else {
                    return;
                };
                self.pair_remote(remote, now);
            }
        }
        self.settle(now);
    }

    fn refuse_candidate(&self, candidate: &Candidate, ufrag: Option<&str>) -> Option<Reason> {
        if self.closed {
            return Some(Reason::ClosedByOwner);
        }
        // RFC 8838 §14.
        if self.session.end_of_candidates {
            return Some(Reason::AfterEndOfCandidates);
        }
        let ours = self.session.remote.as_ref().map(|remote| remote.side.credentials.ufrag());
        if let (Some(ours), Some(theirs)) = (ours, ufrag)
            && ours != theirs
        {
            return Some(Reason::OtherSession);
        }
        // One component: RTP, RTCP and everything else on one port (RFC 8843, RFC 5761).
        if candidate.component != 1 {
            return Some(Reason::OtherComponent);
        }
        (!is_usable(candidate.address)).then_some(Reason::UnusableAddress)
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
        let subject = Subject::RemoteCandidate(number);
        self.tell_candidate(subject, &signaled, Some(Reason::LearnedBeforeSignaled), Because::Input);
        let role = self.shown.role;
        let mut changed = Vec::new();
        for pair in self.session.list.all_mut().filter(|pair| pair.remote == number) {
            pair.shown.remote = signaled.clone();
            pair.recompute_priority(role);
            changed.push(pair.number);
        }
        self.session.list.sort();
        for pair in changed {
            self.tell_pair(pair, Some(Reason::LearnedBeforeSignaled), Because::Change(subject));
        }
        self.tell_list(Reason::LearnedBeforeSignaled, Because::Change(subject));
    }

    /// The peer has no more candidates (RFC 8838 §14).
    pub fn end_of_remote_candidates(&mut self, now: Time) {
        if self.closed || self.session.end_of_candidates {
            return;
        }
        self.session.end_of_candidates = true;
        if self.session.list.state == CheckListState::Running {
            self.tell_list(Reason::EndOfCandidates, Because::Input);
        }
        self.settle(now);
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
