//! What transports are told: whatever differs between what was agreed on and what they were told last. Not here: the agreement
//! ([`super::apply_answer`]).

use super::connection::PeerConnection;
use super::facts::Facts;
use super::output::{Output, TransportCommand};
use super::session::{DtlsAssociation, SctpParameters, Transport};
use super::types::{IceCredentials, IceGatheringState, SctpTransportState, TransportId};
use crate::reason::Reason;
use crate::sdp::Candidate;

/// What a transport was told last.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    local: Option<IceCredentials>,
    /// Our credentials before a restart that is pending, and what was gathered under them.
    before_restart: Option<(IceCredentials, Facts)>,
    remote: Option<(IceCredentials, u8)>,
    dtls: Option<DtlsAssociation>,
    sctp: Option<SctpParameters>,
    candidates: Vec<(String, Candidate)>,
    ended: Vec<String>,
}

impl PeerConnection {
    pub(super) fn command(&mut self, transport: TransportId, command: TransportCommand, reason: Reason) {
        self.outputs.push_back(Output::Transport { transport, command, reason });
    }

    pub(super) fn tell_transports(&mut self) {
        if self.closed {
            return;
        }
        self.discard_unused();
        let ids: Vec<TransportId> = self.session.transports.keys().copied().collect();
        for id in ids {
            let Some(transport) = self.session.transports.get(&id).cloned() else { continue };
            let mut told = self.shown.transports.remove(&id).unwrap_or_default();
            self.tell_local(id, &transport, &mut told);
            self.tell_remote(id, &transport, &mut told);
            self.tell_candidates(id, &transport, &mut told);
            self.tell_dtls(id, &transport, &mut told);
            self.tell_sctp(id, &mut told);
            self.shown.transports.insert(id, told);
        }
    }

    fn discard_unused(&mut self) {
        let pooled = |id: &TransportId| self.pool.iter().any(|(pooled, _)| pooled == id);
        let unused: Vec<TransportId> = self
            .facts
            .keys()
            .filter(|id| !self.session.transports.contains_key(id) && !pooled(id))
            .copied()
            .collect();
        for id in unused {
            self.facts.remove(&id);
            self.shown.transports.remove(&id);
            self.command(id, TransportCommand::Discard, Reason::JsepDiscard);
        }
    }

    fn tell_local(&mut self, id: TransportId, transport: &Transport, told: &mut Told) {
        let credentials = transport.local.clone();
        match told.local.replace(credentials.clone()) {
            Some(before) if before == credentials => {}
            Some(_) if told.before_restart.as_ref().is_some_and(|(before, _)| *before == credentials) => {
                let gathered = told.before_restart.take().map(|(_, facts)| facts).unwrap_or_default();
                self.command(id, TransportCommand::AbandonRestart { credentials }, Reason::JsepRollback);
                self.gathers_anew(id, gathered);
            }
            Some(before) => {
                // A second restart before the first one was answered leads back to the same session.
                let gathered = self.facts.get(&id).cloned().unwrap_or_default();
                told.before_restart.get_or_insert((before, gathered));
                self.command(id, TransportCommand::Restart { credentials }, Reason::JsepRestart);
                self.gathers_anew(id, Facts::default());
            }
            // A transport of the pool gathers already: what it has found is told now.
            None if self.facts.contains_key(&id) => {
                let facts = self.facts.get(&id).cloned().unwrap_or_default();
                facts.candidates.iter().for_each(|candidate| self.tell_candidate(id, candidate));
                if facts.gathering == IceGatheringState::Complete {
                    self.tell_end_of_candidates(id);
                }
            }
            None => self.gather(id, credentials, transport.controlling, Reason::JsepGather),
        }
    }

    pub(super) fn gather(
        &mut self,
        id: TransportId,
        credentials: IceCredentials,
        controlling: bool,
        reason: Reason,
    ) {
        self.facts.insert(id, Facts::default());
        let policy = self.config.ice_transport_policy;
        let components = self.components();
        self.command(id, TransportCommand::Gather { credentials, controlling, policy, components }, reason);
    }

    /// How many components may be needed: two while RTCP may get a port of its own.
    fn components(&self) -> u8 {
        use super::types::RtcpMuxPolicy;
        let own_port =
            self.config.rtcp_mux_policy == RtcpMuxPolicy::Negotiate || !self.config.profile.rtcp_mux;
        if own_port { 2 } else { 1 }
    }

    /// Candidates belong to a generation: those of another one are of no use.
    fn gathers_anew(&mut self, id: TransportId, gathered: Facts) {
        if let Some(facts) = self.facts.get_mut(&id) {
            facts.candidates = gathered.candidates;
            facts.gathering = gathered.gathering;
        }
    }

    fn tell_remote(&mut self, id: TransportId, transport: &Transport, told: &mut Told) {
        let Some(credentials) = transport.remote.clone() else { return };
        let components = if transport.rtcp_mux { 1 } else { 2 };
        if told.remote.as_ref() == Some(&(credentials.clone(), components)) {
            return;
        }
        told.remote = Some((credentials.clone(), components));
        // The restart, if there was one, is agreed on now.
        told.before_restart = None;
        let command = TransportCommand::SetRemote { credentials, lite: transport.remote_lite, components };
        self.command(id, command, Reason::JsepRemoteIce);
    }

    fn tell_candidates(&mut self, id: TransportId, transport: &Transport, told: &mut Told) {
        let Some(remote) = &transport.remote else { return };
        // What still comes about the session before a restart is nothing to the new one, and would end its candidates (RFC 9429 §3.5.2.1).
        if told.before_restart.is_some() {
            return;
        }
        let mut new = Vec::new();
        let mut ended = false;
        for slot in self.session.slots.iter().filter(|slot| slot.transport == Some(id)) {
            for entry in slot.remote_candidates.iter().filter(|(ufrag, _)| *ufrag == remote.ufrag) {
                if !told.candidates.contains(entry) && !new.contains(entry) {
                    new.push(entry.clone());
                }
            }
            ended |= slot.remote_ended.contains(&remote.ufrag);
        }
        for (ufrag, candidate) in new {
            told.candidates.push((ufrag, candidate.clone()));
            self.command(id, TransportCommand::AddRemoteCandidate(candidate), Reason::JsepRemoteCandidate);
        }
        if ended && !told.ended.contains(&remote.ufrag) {
            told.ended.push(remote.ufrag.clone());
            self.command(id, TransportCommand::EndOfRemoteCandidates, Reason::JsepRemoteCandidate);
        }
    }

    fn tell_dtls(&mut self, id: TransportId, transport: &Transport, told: &mut Told) {
        if told.dtls == transport.dtls {
            return;
        }
        told.dtls.clone_from(&transport.dtls);
        let Some(DtlsAssociation { role, fingerprints, .. }) = transport.dtls.clone() else { return };
        if let Some(facts) = self.facts.get_mut(&id) {
            facts.dtls = super::types::DtlsTransportState::New;
        }
        self.command(id, TransportCommand::StartDtls { role, fingerprints }, Reason::JsepDtls);
    }

    fn tell_sctp(&mut self, id: TransportId, told: &mut Told) {
        let sctp = self.session.sctp.filter(|sctp| sctp.transport == id);
        if told.sctp == sctp {
            return;
        }
        let before = std::mem::replace(&mut told.sctp, sctp);
        match sctp {
            Some(SctpParameters { local_port, remote_port, max_message_size, .. }) => {
                self.sctp_state = Some(SctpTransportState::Connecting);
                let command = TransportCommand::StartSctp { local_port, remote_port, max_message_size };
                self.command(id, command, Reason::JsepSctp);
            }
            None if before.is_some() => {
                self.sctp_state = Some(SctpTransportState::Closed);
                self.command(id, TransportCommand::StopSctp, Reason::JsepSctp);
            }
            None => {}
        }
    }
}
