//! The states of the connection as they follow from those of its transports (webrtc-pc §4.3), and the reports that move them.

use super::connection::PeerConnection;
use super::facts::{CANDIDATES_MAX, Facts};
use super::output::{Change, IceCandidate};
use super::types::{
    ConnectionState, DtlsTransportState, IceGatheringState, IceTransportPolicy, IceTransportState,
    SctpTransportState, TransportId,
};
use crate::reason::Reason;
use crate::sdp::{Attribute, Candidate};

/// The three states that are combined from all transports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct States {
    pub(super) gathering: IceGatheringState,
    pub(super) ice: IceTransportState,
    pub(super) connection: ConnectionState,
}

/// `iceGatheringState`: gathering if any transport is, complete if all are, otherwise new.
pub fn combined_gathering(transports: &[IceGatheringState]) -> IceGatheringState {
    if transports.contains(&IceGatheringState::Gathering) {
        return IceGatheringState::Gathering;
    }
    let complete = transports.iter().all(|state| *state == IceGatheringState::Complete);
    if complete && !transports.is_empty() { IceGatheringState::Complete } else { IceGatheringState::New }
}

/// `iceConnectionState`: the first rule that holds.
pub fn combined_ice(transports: &[IceTransportState]) -> IceTransportState {
    use IceTransportState::{Checking, Closed, Completed, Connected, Disconnected, Failed, New};
    let any = |wanted: &[IceTransportState]| transports.iter().any(|state| wanted.contains(state));
    let all = |wanted: &[IceTransportState]| transports.iter().all(|state| wanted.contains(state));
    if any(&[Failed]) {
        Failed
    } else if any(&[Disconnected]) {
        Disconnected
    } else if all(&[New, Closed]) {
        // Also when there is no transport.
        New
    } else if any(&[New, Checking]) {
        Checking
    } else if all(&[Completed, Closed]) {
        Completed
    } else {
        debug_assert!(all(&[Connected, Completed, Closed]));
        Connected
    }
}

/// `connectionState`: the first rule that holds; each transport has an ICE and a DTLS half.
pub fn combined_connection(transports: &[(IceTransportState, DtlsTransportState)]) -> ConnectionState {
    use {DtlsTransportState as Dtls, IceTransportState as Ice};
    let any = |holds: fn(Ice, Dtls) -> bool| transports.iter().any(|(ice, dtls)| holds(*ice, *dtls));
    let all = |holds: fn(Ice, Dtls) -> bool| transports.iter().all(|(ice, dtls)| holds(*ice, *dtls));
    if any(|ice, dtls| ice == Ice::Failed || dtls == Dtls::Failed) {
        ConnectionState::Failed
    } else if any(|ice, _| ice == Ice::Disconnected) {
        ConnectionState::Disconnected
    } else if all(|ice, dtls| {
        matches!(ice, Ice::New | Ice::Closed) && matches!(dtls, Dtls::New | Dtls::Closed)
    }) {
        ConnectionState::New
    } else if any(|ice, dtls| {
        matches!(ice, Ice::New | Ice::Checking) || matches!(dtls, Dtls::New | Dtls::Connecting)
    }) {
        ConnectionState::Connecting
    } else {
        ConnectionState::Connected
    }
}

impl PeerConnection {
    /// The states as they are now. Transports of the pool, and those that a pending description would add, count as soon as they are
    /// used by a medium.
    pub(super) fn states(&self) -> States {
        if self.closed {
            return States {
                gathering: self.shown.states.map_or(IceGatheringState::New, |states| states.gathering),
                ice: IceTransportState::Closed,
                connection: ConnectionState::Closed,
            };
        }
        let facts = || self.session.transports.keys().filter_map(|id| self.facts.get(id));
        let gathering: Vec<_> = facts().map(|facts| facts.gathering).collect();
        let ice: Vec<_> = facts().map(|facts| facts.ice).collect();
        let both: Vec<_> = facts().map(|facts| (facts.ice, facts.dtls)).collect();
        States {
            gathering: combined_gathering(&gathering),
            ice: combined_ice(&ice),
            connection: combined_connection(&both),
        }
    }

    fn report(&mut self, transport: TransportId, note: impl FnOnce(&mut Facts)) -> bool {
        let Some(facts) = self.facts.get_mut(&transport).filter(|_| !self.closed) else { return false };
        note(facts);
        true
    }

    /// The gathering of a transport has moved. Its end is told as an empty candidate.
    pub fn handle_gathering_state(&mut self, transport: TransportId, state: IceGatheringState) {
        let before = self.facts.get(&transport).map(|facts| facts.gathering);
        if before == Some(state) || !self.report(transport, |facts| facts.gathering = state) {
            return;
        }
        if state == IceGatheringState::Complete {
            self.tell_end_of_candidates(transport);
        }
        self.show(Reason::JsepTransports);
    }

    /// A transport has gathered a candidate. Under the policy `relay`, others are neither told nor used (RFC 9429 §3.5.3).
    pub fn handle_local_candidate(&mut self, transport: TransportId, candidate: Candidate) {
        if self.config.ice_transport_policy == IceTransportPolicy::Relay && candidate.kind != "relay" {
            return;
        }
        let full = self.facts.get(&transport).is_none_or(|facts| {
            facts.candidates.len() >= CANDIDATES_MAX || facts.candidates.contains(&candidate)
        });
        if full || !self.report(transport, |facts| facts.candidates.push(candidate.clone())) {
            return;
        }
        self.tell_candidate(transport, &candidate);
    }

    /// Tells a candidate to the application, if its transport belongs to a medium by now.
    pub(super) fn tell_candidate(&mut self, transport: TransportId, candidate: &Candidate) {
        let line = Attribute::Candidate(candidate.clone()).to_string();
        self.tell_candidate_line(transport, line);
    }

    pub(super) fn tell_end_of_candidates(&mut self, transport: TransportId) {
        self.tell_candidate_line(transport, String::new());
    }

    fn tell_candidate_line(&mut self, id: TransportId, candidate: String) {
        let Some(transport) = self.session.transports.get(&id) else { return };
        let candidate = IceCandidate {
            candidate,
            sdp_mid: self.session.slots.get(transport.host).and_then(|slot| slot.mid.clone()),
            sdp_m_line_index: Some(transport.host),
            username_fragment: Some(transport.local.ufrag.clone()),
        };
        self.change(Change::IceCandidate(candidate), Reason::JsepCandidate);
    }

    /// ICE of a transport has moved.
    pub fn handle_ice_state(&mut self, transport: TransportId, state: IceTransportState) {
        if self.report(transport, |facts| facts.ice = state) {
            self.show(Reason::JsepTransports);
        }
    }

    /// DTLS of a transport has moved.
    pub fn handle_dtls_state(&mut self, transport: TransportId, state: DtlsTransportState) {
        if self.report(transport, |facts| facts.dtls = state) {
            self.show(Reason::JsepTransports);
        }
    }

    /// SCTP has moved.
    pub fn handle_sctp_state(&mut self, state: SctpTransportState) {
        if self.session.sctp.is_some() && !self.closed {
            self.sctp_state = Some(state);
        }
    }
}
