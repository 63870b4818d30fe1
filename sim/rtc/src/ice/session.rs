//! What belongs to one ICE session and is flushed by a restart (RFC 8445 §9). Not here: what outlives it, in [`super::agent`].

use std::sync::Arc;

use super::Credentials;
use super::candidate::{LocalCandidate, RemoteCandidate};
use super::check::Check;
use super::check_list::CheckList;
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

/// One ICE session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) local: Side,
    pub(super) remote: Option<RemoteSide>,
    pub(super) locals: Vec<LocalCandidate>,
    pub(super) remotes: Vec<RemoteCandidate>,
    pub(super) list: CheckList,
    pub(super) checks: Vec<Check>,
    /// Whether the peer has signaled that no more candidates come (RFC 8838 §14).
    pub(super) end_of_candidates: bool,
    /// Until when the list is not given up (RFC 8863 §4); runs from when the peer's credentials are known.
    pub(super) patient_until: Option<Time>,
    /// When the first pair became valid.
    pub(super) first_valid_at: Option<Time>,
}

impl Session {
    pub(super) fn new(number: u32, local: Credentials) -> Session {
        Session {
            local: Side::new(local),
            remote: None,
            locals: Vec::new(),
            remotes: Vec::new(),
            list: CheckList::new(number),
            checks: Vec::new(),
            end_of_candidates: false,
            patient_until: None,
            first_valid_at: None,
        }
    }

    pub(super) fn local(&self, number: u32) -> Option<&LocalCandidate> {
        self.locals.iter().find(|local| local.number == number)
    }

    pub(super) fn remote_candidate(&self, number: u32) -> Option<&RemoteCandidate> {
        self.remotes.iter().find(|remote| remote.number == number)
    }
}
