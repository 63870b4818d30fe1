//! What ICE agents say: candidates and states for the connection, datagrams for the network, data for DTLS.

use super::call::{FromAgent, Session};
use super::candidates::for_description;
use super::demux::{Kind, kind_of};
use super::output::{Layer, Output};
use crate::ice::{AgentSnapshot, Change, ConnectionState, GatheringState};
use crate::jsep::{IceGatheringState, IceTransportState, TransportId};
use crate::output::{Output as Told, Subject};
use crate::reason::Reason;

impl Session {
    pub(super) fn take_from_agent(
        &mut self,
        id: TransportId,
        output: FromAgent,
        wanted: Option<(Reason, Layer)>,
    ) {
        match output {
            Told::Transmit(mut transmit) => {
                // What an agent sends of its own always has a reason; what it sends for others has none.
                let layer = match (transmit.reason, wanted) {
                    (None, Some((reason, layer))) => {
                        transmit.reason = Some(reason);
                        layer
                    }
                    _ => Layer::Ice,
                };
                self.outputs.push_back(Output::Transmit { transport: id, layer, transmit });
            }
            Told::Change { subject, change, reason, because } => {
                self.report(id, subject, &change);
                let change = Box::new(change);
                self.outputs.push_back(Output::Ice { transport: id, subject, change, reason, because });
            }
            Told::Data { payload, .. } => self.take_datagram(id, payload),
            Told::Ignored { reason } => self.ignore(reason),
        }
    }

    /// RFC 7983 §7.
    fn take_datagram(&mut self, id: TransportId, payload: Vec<u8>) {
        match kind_of(&payload) {
            Kind::Dtls => self.keep_for_dtls(id, payload),
            Kind::Srtp => {
                if let Some(transport) = self.transports.get_mut(&id) {
                    transport.carried.packets_received += 1;
                    transport.carried.bytes_received += payload.len() as u64;
                }
                self.outputs.push_back(Output::Media { transport: id, payload });
            }
            Kind::Stun | Kind::Zrtp | Kind::TurnChannel | Kind::Unknown => {
                self.ignore(Reason::SessionUnknownDatagram);
            }
        }
    }

    /// Tells the connection what has changed.
    fn report(&mut self, id: TransportId, subject: Subject, change: &Change) {
        match (subject, change) {
            (Subject::LocalCandidate(number), Change::Candidate(_)) => {
                let line =
                    self.transports.get(&id).and_then(|transport| transport.agent.candidate_line(number));
                if let Some(candidate) = line.as_ref().and_then(for_description) {
                    self.connection.handle_local_candidate(id, candidate);
                }
            }
            (_, Change::Agent(agent)) => self.report_agent(id, agent),
            _ => {}
        }
    }

    fn report_agent(&mut self, id: TransportId, agent: &AgentSnapshot) {
        if let Some(transport) = self.transports.get_mut(&id) {
            let selected = agent.selected.as_ref().map(|selected| selected.pair);
            if selected.is_some() && std::mem::replace(&mut transport.carried.selected, selected) != selected
            {
                transport.carried.pair_changes += 1;
            }
        }
        let gathering = match agent.gathering {
            GatheringState::New => IceGatheringState::New,
            GatheringState::Gathering => IceGatheringState::Gathering,
            GatheringState::Complete => IceGatheringState::Complete,
        };
        self.connection.handle_gathering_state(id, gathering);
        let state = transport_state(agent.connection);
        self.connection.handle_ice_state(id, state);
    }
}

/// The state of an agent in the words of the connection.
pub(super) fn transport_state(state: ConnectionState) -> IceTransportState {
    match state {
        ConnectionState::New => IceTransportState::New,
        ConnectionState::Checking => IceTransportState::Checking,
        ConnectionState::Connected => IceTransportState::Connected,
        ConnectionState::Completed => IceTransportState::Completed,
        ConnectionState::Disconnected => IceTransportState::Disconnected,
        ConnectionState::Failed => IceTransportState::Failed,
        ConnectionState::Closed => IceTransportState::Closed,
    }
}
