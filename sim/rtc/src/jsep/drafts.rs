//! What was promised in descriptions that were created but not applied yet: mids, credentials, the version of `o=`. Creating twice
//! promises the same, so that nothing changes without a cause.

use std::collections::BTreeMap;

use super::types::{IceCredentials, TransceiverId, TransportId};

/// Whose section of a description something is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Transceiver(TransceiverId),
    Data,
}

/// Promises, and what was created last.
#[derive(Debug)]
pub(super) struct Drafts {
    pub(super) session_id: u64,
    /// The version that the next description gets if it differs from the one before.
    pub(super) next_version: u64,
    /// What was created last, without its `o=` line, with its version.
    last: Option<(String, u64)>,
    /// Mids of sections that were not applied yet.
    pub(super) mids: BTreeMap<Owner, String>,
    /// Which section was meant for whom in the last offer.
    pub(super) sections: BTreeMap<usize, Owner>,
    /// Credentials for sections without transport, by index.
    pub(super) credentials: BTreeMap<usize, IceCredentials>,
    /// Names of DTLS associations for the same.
    pub(super) tls_ids: BTreeMap<usize, String>,
    /// Credentials with which a transport would restart.
    pub(super) restarts: BTreeMap<TransportId, IceCredentials>,
    pub(super) next_mid: u32,
    /// The texts that may be applied locally.
    pub(super) last_offer: Option<String>,
    pub(super) last_answer: Option<String>,
}

impl Drafts {
    pub(super) fn new(session_id: u64, first_version: u64) -> Drafts {
        Drafts {
            session_id,
            next_version: first_version,
            last: None,
            mids: BTreeMap::new(),
            sections: BTreeMap::new(),
            credentials: BTreeMap::new(),
            tls_ids: BTreeMap::new(),
            restarts: BTreeMap::new(),
            next_mid: 0,
            last_offer: None,
            last_answer: None,
        }
    }

    /// The version for a description with this body (RFC 9429 §5.2.2): the same only if nothing has changed since the last one.
    pub(super) fn version_for(&mut self, body: &str) -> u64 {
        if let Some((last, version)) = &self.last
            && last == body
        {
            return *version;
        }
        let version = self.next_version;
        self.next_version += 1;
        self.last = Some((body.to_owned(), version));
        version
    }

    /// After a description was applied or taken back: its promises were kept, or are void.
    pub(super) fn forget_promises(&mut self) {
        self.credentials.clear();
        self.tls_ids.clear();
        self.restarts.clear();
    }

    /// After an exchange, the texts that led to it cannot be applied any more.
    pub(super) fn forget_texts(&mut self) {
        self.sections.clear();
        self.last_offer = None;
        self.last_answer = None;
    }
}
