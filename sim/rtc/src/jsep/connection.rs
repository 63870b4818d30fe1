//! The connection: what it holds, what it can be asked, and how it is driven. Each procedure has a file of its own.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::chain::Chain;
use super::configuration::Configuration;
use super::data_channel::DataChannels;
use super::description::{Gathered, SessionDescription, with_candidates};
use super::drafts::Drafts;
use super::error::JsepError;
use super::facts::Facts;
use super::output::{Change, DescriptionSlot, Output};
use super::session::Session;
use super::shown::Shown;
use super::transceiver::Transceiver;
use super::types::{
    ConnectionState, IceCredentials, IceGatheringState, IceTransportState, SctpTransportState,
    SignalingState, TransceiverId, TransportId,
};
use crate::randomness::Randomness;
use crate::reason::Reason;

/// An `RTCPeerConnection` without packets: it negotiates, and says what its transports have to do.
///
/// **Operations** (`create_offer`, `create_answer`, `set_local_description`, `set_remote_description`, `add_ice_candidate`) go through a
/// chain, one after the other. Called by these names, they run at once, after whatever stands before them. With
/// [`enqueue`](Self::enqueue) they wait until [`poll_output`](Self::poll_output) comes to them, as promises of the API would.
///
/// **Commands** (`add_track`, `add_transceiver`, `create_data_channel`, …) take effect at once.
///
/// **Reports** from below (`handle_*`) move the states of ICE, DTLS and SCTP.
///
/// After each of these, [`poll_output`](Self::poll_output) is called until it returns `None`. Nothing here waits for time.
#[derive(Debug)]
pub struct PeerConnection {
    pub(super) config: Configuration,
    pub(super) randomness: Box<dyn Randomness>,
    pub(super) session: Session,
    /// The session as it was before the exchange under way.
    pub(super) stable: Option<Box<Session>>,
    pub(super) facts: BTreeMap<TransportId, Facts>,
    /// Transports that gather before they are needed, with their credentials.
    pub(super) pool: VecDeque<(TransportId, IceCredentials)>,
    pub(super) drafts: Drafts,
    pub(super) chain: Chain,
    pub(super) outputs: VecDeque<Output>,
    pub(super) shown: Shown,
    pub(super) data: DataChannels,
    pub(super) sctp_state: Option<SctpTransportState>,
    pub(super) next_transceiver: u32,
    pub(super) next_transport: u32,
    /// `[[NegotiationNeeded]]`, and whether it has to be looked at again.
    pub(super) negotiation_needed: bool,
    pub(super) check_negotiation: bool,
    /// Credentials that `restartIce` wants replaced (`[[LocalIceCredentialsToReplace]]`).
    pub(super) credentials_to_replace: BTreeSet<IceCredentials>,
    pub(super) closed: bool,
}

impl PeerConnection {
    /// A connection with these settings. `randomness` makes names, credentials and sources.
    pub fn new(config: Configuration, randomness: Box<dyn Randomness>) -> Result<PeerConnection, JsepError> {
        config.check()?;
        let mut randomness = randomness;
        // RFC 9429 §5.2.1: 63 random bits, and less than 2^63 - 1.
        let session_id = (randomness.u64() >> 1).min(i64::MAX as u64 - 1);
        let first_version = config.profile.first_version;
        let mut connection = PeerConnection {
            config,
            randomness,
            session: Session::new(),
            stable: None,
            facts: BTreeMap::new(),
            pool: VecDeque::new(),
            drafts: Drafts::new(session_id, first_version),
            chain: Chain::default(),
            outputs: VecDeque::new(),
            shown: Shown::default(),
            data: DataChannels::default(),
            sctp_state: None,
            next_transceiver: 0,
            next_transport: 0,
            negotiation_needed: false,
            check_negotiation: false,
            credentials_to_replace: BTreeSet::new(),
            closed: false,
        };
        connection.fill_pool();
        Ok(connection)
    }

    /// The next output; `None` when there is nothing to do until something new comes in.
    pub fn poll_output(&mut self) -> Option<Output> {
        loop {
            if let Some(output) = self.outputs.pop_front() {
                return Some(output);
            }
            if self.run_next_operation() {
                continue;
            }
            if !self.settle_negotiation_needed() {
                return None;
            }
        }
    }

    /// The settings.
    pub fn configuration(&self) -> &Configuration {
        &self.config
    }

    /// `signalingState`.
    pub fn signaling_state(&self) -> SignalingState {
        if self.closed { SignalingState::Closed } else { self.session.signaling }
    }

    /// `iceGatheringState`.
    pub fn ice_gathering_state(&self) -> IceGatheringState {
        self.states().gathering
    }

    /// `iceConnectionState`.
    pub fn ice_connection_state(&self) -> IceTransportState {
        self.states().ice
    }

    /// `connectionState`.
    pub fn connection_state(&self) -> ConnectionState {
        self.states().connection
    }

    /// `sctp.state`; `None` before data was negotiated.
    pub fn sctp_state(&self) -> Option<SctpTransportState> {
        self.sctp_state
    }

    /// `canTrickleIceCandidates`.
    pub fn can_trickle_ice_candidates(&self) -> Option<bool> {
        self.session.can_trickle
    }

    /// `getTransceivers()`.
    pub fn transceivers(&self) -> &[Transceiver] {
        &self.session.transceivers
    }

    /// One of them.
    pub fn transceiver(&self, id: TransceiverId) -> Option<&Transceiver> {
        self.session.transceiver(id)
    }

    /// The transports in use, with the index of the medium that describes each.
    pub fn transports(&self) -> impl Iterator<Item = (TransportId, usize)> + '_ {
        self.session.transports.iter().map(|(id, transport)| (*id, transport.host))
    }

    /// `localDescription`.
    pub fn local_description(&self) -> Option<SessionDescription> {
        self.description(DescriptionSlot::PendingLocal)
            .or_else(|| self.description(DescriptionSlot::CurrentLocal))
    }

    /// `remoteDescription`.
    pub fn remote_description(&self) -> Option<SessionDescription> {
        let pending = self.description(DescriptionSlot::PendingRemote);
        pending.or_else(|| self.description(DescriptionSlot::CurrentRemote))
    }

    /// One of the four descriptions, with the candidates known by now (RFC 9429 §4.1.13 to §4.1.16).
    pub fn description(&self, slot: DescriptionSlot) -> Option<SessionDescription> {
        let applied = match slot {
            DescriptionSlot::CurrentLocal => &self.session.current_local,
            DescriptionSlot::PendingLocal => &self.session.pending_local,
            DescriptionSlot::CurrentRemote => &self.session.current_remote,
            DescriptionSlot::PendingRemote => &self.session.pending_remote,
        };
        let applied = applied.as_ref()?;
        let local = matches!(slot, DescriptionSlot::CurrentLocal | DescriptionSlot::PendingLocal);
        let sdp = &applied.sdp;
        let text = if local {
            with_candidates(sdp, |index| self.gathered_for(sdp, index), true)
        } else {
            with_candidates(sdp, |index| self.told_for(sdp, index), false)
        };
        Some(SessionDescription::new(applied.kind, text))
    }

    /// What was gathered for a medium of this local description.
    fn gathered_for(&self, sdp: &crate::sdp::Sdp, index: usize) -> Option<Gathered> {
        let section = sdp.medium(index)?;
        let (id, transport) = self.session.transport_of(index)?;
        let describes =
            transport.host == index && section.ice_ufrag() == Some(transport.local.ufrag.as_str());
        let facts = self.facts.get(&id).filter(|_| describes)?;
        let complete = facts.gathering == IceGatheringState::Complete;
        Some(Gathered { candidates: facts.candidates.clone(), complete })
    }

    /// What the peer has told about a medium of this remote description.
    fn told_for(&self, sdp: &crate::sdp::Sdp, index: usize) -> Option<Gathered> {
        let ufrag = sdp.medium(index)?.ice_ufrag()?;
        let slot = self.session.slots.get(index)?;
        let candidates = slot.remote_candidates.iter().filter(|(found, _)| found == ufrag);
        let candidates = candidates.map(|(_, candidate)| candidate.clone()).collect();
        Some(Gathered { candidates, complete: slot.remote_ended.iter().any(|ended| ended == ufrag) })
    }

    pub(super) fn change(&mut self, change: Change, reason: Reason) {
        self.outputs.push_back(Output::Change { change, reason });
    }

    pub(super) fn check_open(&self) -> Result<(), JsepError> {
        if self.closed { Err(JsepError::Closed) } else { Ok(()) }
    }

    /// Fresh credentials: 4 and 24 ice-chars, as RFC 8839 §5.4 allows and browsers write.
    pub(super) fn fresh_credentials(&mut self) -> IceCredentials {
        let ufrag = self.randomness.ice_chars(4);
        IceCredentials { ufrag, password: self.randomness.ice_chars(24) }
    }

    pub(super) fn fresh_transport(&mut self) -> TransportId {
        let id = TransportId(self.next_transport);
        self.next_transport += 1;
        id
    }
}
