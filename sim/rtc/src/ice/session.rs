//! What belongs to one ICE session and is flushed by a restart (RFC 8445 §9). Not here: what outlives it, in [`super::agent`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::candidate::{LocalCandidate, RemoteCandidate};
use super::check::Check;
use super::check_list_set::CheckListSet;
use super::trickle::Unresolved;
use super::{ComponentId, Credentials};
use crate::stun::IntegrityKey;
use crate::time::Time;

/// One side's credentials, ready for use.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) credentials: Credentials,
    pub(super) key: IntegrityKey,
}

impl Side {
    pub(super) fn new(credentials: Credentials) -> Side {
        let key = IntegrityKey::short_term(credentials.password());
        Side { credentials, key }
    }
}

/// The peer's side, and the name by which it knows us.
#[derive(Clone, Debug)]
pub(super) struct RemoteSide {
    pub(super) side: Side,
    /// USERNAME of our checks: the peer's fragment, a colon, ours (RFC 8445 §7.2.2).
    pub(super) username: Arc<str>,
}

/// What the peer has said about one data stream.
#[derive(Debug)]
pub(super) struct PeerStream {
    pub(super) stream: u32,
    pub(super) remote: Option<RemoteSide>,
    /// Whether the peer has signaled that no more candidates come (RFC 8838 §14).
    pub(super) end_of_candidates: bool,
}

/// One ICE session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) local: Side,
    /// In the order of streams.
    pub(super) streams: Vec<PeerStream>,
    pub(super) locals: Vec<LocalCandidate>,
    pub(super) remotes: Vec<RemoteCandidate>,
    /// Candidates of the peer that are names, and not looked up yet.
    pub(super) unresolved: Vec<Unresolved>,
    pub(super) lists: CheckListSet,
    pub(super) checks: Vec<Check>,
    /// Until when no list is given up (RFC 8863 §4); runs from when credentials of the peer are known.
    pub(super) patient_until: Option<Time>,
    /// When the first pair of a component became valid.
    pub(super) first_valid: BTreeMap<ComponentId, Time>,
}

impl Session {
    /// A session with a check list for each of these streams, numbered from `number`.
    pub(super) fn new(number: u32, local: Credentials, streams: &[u32]) -> Session {
        let peer = |stream: &u32| PeerStream { stream: *stream, remote: None, end_of_candidates: false };
        Session {
            local: Side::new(local),
            streams: streams.iter().map(peer).collect(),
            locals: Vec::new(),
            remotes: Vec::new(),
            unresolved: Vec::new(),
            lists: CheckListSet::new(number, streams),
            checks: Vec::new(),
            patient_until: None,
            first_valid: BTreeMap::new(),
        }
    }

    pub(super) fn local(&self, number: u32) -> Option<&LocalCandidate> {
        self.locals.iter().find(|local| local.number == number)
    }

    pub(super) fn remote_candidate(&self, number: u32) -> Option<&RemoteCandidate> {
        self.remotes.iter().find(|remote| remote.number == number)
    }

    /// The peer's side of a stream, once its credentials are known.
    pub(super) fn remote(&self, stream: u32) -> Option<&RemoteSide> {
        self.streams.iter().find(|peer| peer.stream == stream)?.remote.as_ref()
    }

    /// Whether credentials of the peer are known for a stream at least.
    pub(super) fn has_remote(&self) -> bool {
        self.streams.iter().any(|peer| peer.remote.is_some())
    }

    /// Whether the peer has no more candidates for this stream.
    pub(super) fn has_ended(&self, stream: u32) -> bool {
        let unresolved = self.unresolved.iter().any(|waiting| waiting.stream == stream);
        !unresolved && self.streams.iter().any(|peer| peer.stream == stream && peer.end_of_candidates)
    }

    /// Whether the peer has no more candidates for any stream.
    pub(super) fn has_ended_everywhere(&self) -> bool {
        self.streams.iter().all(|peer| self.has_ended(peer.stream))
    }

    pub(super) fn first_valid_at(&self, component: ComponentId) -> Option<Time> {
        self.first_valid.get(&component).copied()
    }
}
