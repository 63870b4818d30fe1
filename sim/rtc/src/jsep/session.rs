//! What the exchange of descriptions has settled so far: descriptions, media, transports. A rollback, or a description that fails,
//! restores it. Not here: what transports report from below ([`super::facts`]).

use std::collections::BTreeMap;

use super::description::Applied;
use super::extensions::ExtensionIds;
use super::payload_types::PayloadTypes;
use super::transceiver::Transceiver;
use super::types::{DtlsRole, IceCredentials, SignalingState, TransceiverId, TransportId};
use crate::sdp::{Candidate, Fingerprint};

/// The state that descriptions change.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Session {
    pub(super) signaling: SignalingState,
    pub(super) current_local: Option<Applied>,
    pub(super) pending_local: Option<Applied>,
    pub(super) current_remote: Option<Applied>,
    pub(super) pending_remote: Option<Applied>,
    pub(super) transceivers: Vec<Transceiver>,
    /// One for each medium that either side has described, by index.
    pub(super) slots: Vec<Slot>,
    pub(super) transports: BTreeMap<TransportId, Transport>,
    pub(super) sctp: Option<SctpParameters>,
    pub(super) payload_types: PayloadTypes,
    pub(super) extension_ids: ExtensionIds,
    /// Whether the peer takes candidates after its description; unknown before its first one.
    pub(super) can_trickle: Option<bool>,
}

/// A medium of the session.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slot {
    pub(super) mid: Option<String>,
    pub(super) content: SlotContent,
    /// The transport it uses, its own or the bundle's.
    pub(super) transport: Option<TransportId>,
    /// Candidates of the peer for this medium, with the ICE session they belong to.
    pub(super) remote_candidates: Vec<(String, Candidate)>,
    /// ICE sessions of the peer for which no more candidates come.
    pub(super) remote_ended: Vec<String>,
}

/// What a medium is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlotContent {
    Transceiver(TransceiverId),
    Data,
    /// Rejected, and nobody's; or of a kind that is not known here.
    Nothing,
}

impl Slot {
    pub(super) fn new(mid: Option<String>, content: SlotContent) -> Slot {
        Slot { mid, content, transport: None, remote_candidates: Vec::new(), remote_ended: Vec::new() }
    }
}

/// A transport as it is negotiated.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Transport {
    /// The medium whose section describes it.
    pub(super) host: usize,
    pub(super) controlling: bool,
    pub(super) local: IceCredentials,
    pub(super) remote: Option<IceCredentials>,
    pub(super) remote_lite: bool,
    /// Our name for the DTLS association.
    pub(super) tls_id: Option<String>,
    pub(super) dtls: Option<DtlsAssociation>,
    pub(super) rtcp_mux: bool,
}

/// A DTLS association as it was agreed on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DtlsAssociation {
    pub(super) role: DtlsRole,
    pub(super) fingerprints: Vec<Fingerprint>,
    /// The peer's name for it.
    pub(super) remote_tls_id: Option<String>,
}

/// An SCTP association as it was agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SctpParameters {
    pub(super) transport: TransportId,
    pub(super) local_port: u16,
    pub(super) remote_port: u16,
    /// The largest message that the peer takes; `None` is any.
    pub(super) max_message_size: Option<u64>,
}

impl Session {
    pub(super) fn new() -> Session {
        Session {
            signaling: SignalingState::Stable,
            current_local: None,
            pending_local: None,
            current_remote: None,
            pending_remote: None,
            transceivers: Vec::new(),
            slots: Vec::new(),
            transports: BTreeMap::new(),
            sctp: None,
            payload_types: PayloadTypes::default(),
            extension_ids: ExtensionIds::default(),
            can_trickle: None,
        }
    }

    /// `localDescription`: the pending one, or else the current one.
    pub(super) fn local(&self) -> Option<&Applied> {
        self.pending_local.as_ref().or(self.current_local.as_ref())
    }

    /// `remoteDescription`.
    pub(super) fn remote(&self) -> Option<&Applied> {
        self.pending_remote.as_ref().or(self.current_remote.as_ref())
    }

    pub(super) fn transceiver(&self, id: TransceiverId) -> Option<&Transceiver> {
        self.transceivers.iter().find(|transceiver| transceiver.id == id)
    }

    pub(super) fn transceiver_mut(&mut self, id: TransceiverId) -> Option<&mut Transceiver> {
        self.transceivers.iter_mut().find(|transceiver| transceiver.id == id)
    }

    /// The transceiver of a medium.
    pub(super) fn transceiver_at(&self, index: usize) -> Option<&Transceiver> {
        match self.slots.get(index)?.content {
            SlotContent::Transceiver(id) => self.transceiver(id),
            _ => None,
        }
    }

    /// The index of the medium for data, if it lives.
    pub(super) fn data_section(&self) -> Option<usize> {
        self.slots.iter().position(|slot| slot.content == SlotContent::Data)
    }

    /// The transport of a medium.
    pub(super) fn transport_of(&self, index: usize) -> Option<(TransportId, &Transport)> {
        let id = self.slots.get(index)?.transport?;
        self.transports.get(&id).map(|transport| (id, transport))
    }

    /// Forgets transports that no medium uses.
    pub(super) fn drop_unused_transports(&mut self) {
        let used: Vec<TransportId> = self.slots.iter().filter_map(|slot| slot.transport).collect();
        self.transports.retain(|id, _| used.contains(id));
    }

    /// Whether a medium was rejected in a description that is in force.
    pub(super) fn was_rejected(&self, index: usize) -> bool {
        let rejected = |applied: &Option<Applied>| {
            let section = applied.as_ref().and_then(|applied| applied.sdp.medium(index));
            section.is_some_and(|section| section.is_rejected())
        };
        rejected(&self.current_local) || rejected(&self.current_remote)
    }
}
