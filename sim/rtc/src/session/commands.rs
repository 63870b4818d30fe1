//! What the connection wants of its transports, done (RFC 9429 §5.9 to §5.11).

use super::call::Session;
use super::candidates::for_ice;
use super::data::SctpWanted;
use super::transport::{Carried, DtlsWanted, Transport};
use crate::dtls::{self, Dtls};
use crate::ice::{Agent, AgentConfig, CandidatePolicy, Credentials, Role};
use crate::jsep::{DtlsRole, IceCredentials, IceTransportPolicy, TransportCommand, TransportId};
use crate::reason::Reason;
use crate::time::Time;

/// The parser of descriptions has checked them (RFC 8839 §5.4), and ours are made by the same grammar.
fn credentials(signaled: &IceCredentials) -> Option<Credentials> {
    Credentials::new(&signaled.ufrag, &signaled.password).ok()
}

impl Session {
    pub(super) fn perform(&mut self, id: TransportId, command: TransportCommand, now: Time) {
        match command {
            TransportCommand::Gather { credentials, controlling, policy, .. } => {
                self.gather(id, &credentials, controlling, policy, now);
            }
            TransportCommand::Discard => self.discard(id, now),
            TransportCommand::StartSctp { local_port, remote_port, max_message_size } => {
                self.data.want(SctpWanted { transport: id, local_port, remote_port, max_message_size }, now);
                self.begin_sctp(id, now);
            }
            TransportCommand::StopSctp => self.data.stop(now),
            other => {
                let Some(transport) = self.transports.get_mut(&id) else { return };
                let renewed = matches!(other, TransportCommand::StartDtls { .. }) && transport.dtls.is_some();
                command_transport(transport, other, now);
                if renewed {
                    self.replace_dtls(id, now);
                }
            }
        }
    }

    fn gather(
        &mut self,
        id: TransportId,
        signaled: &IceCredentials,
        controlling: bool,
        policy: IceTransportPolicy,
        now: Time,
    ) {
        // What a discarded transport still has to say to servers does not need the sockets for itself.
        let live = self.transports.values().filter(|transport| !transport.discarded);
        let taken: Vec<usize> = live.filter_map(|transport| transport.sockets).collect();
        let free = (0..self.config.sockets.len()).find(|set| !taken.contains(set));
        if free.is_none() {
            self.ignore(Reason::SessionNoSockets);
        }
        let sockets = free.and_then(|set| self.config.sockets.get(set)).cloned().unwrap_or_default();
        let policy = match policy {
            IceTransportPolicy::All => self.config.ice.policy,
            IceTransportPolicy::Relay => CandidatePolicy::Relayed,
        };
        let addresses = sockets.iter().map(|socket| socket.address).collect();
        let config = AgentConfig {
            role: if controlling { Role::Controlling } else { Role::Controlled },
            credentials: credentials(signaled),
            sockets,
            policy,
            ..self.config.ice.clone()
        };
        let mut agent = Agent::new(config, Box::new(self.randomness.clone()));
        agent.gather(now);
        let transport = Transport {
            agent,
            sockets: free,
            addresses,
            wanted: None,
            dtls: None,
            early: Vec::new(),
            unsent: Vec::new(),
            carried: Carried::default(),
            discarded: false,
        };
        self.transports.insert(id, transport);
    }

    /// Ends a transport: the peer is told by SCTP and DTLS, servers by TURN.
    fn discard(&mut self, id: TransportId, now: Time) {
        if self.data.transport() == Some(id) {
            self.data.stop(now);
            self.drain_data(now);
        }
        if let Some(dtls) = self.transports.get_mut(&id).and_then(|transport| transport.dtls.as_mut()) {
            dtls.close(now);
            self.drain_dtls(id, None, now);
        }
        if let Some(transport) = self.transports.get_mut(&id) {
            transport.dtls = None;
            transport.wanted = None;
            transport.discarded = true;
            transport.agent.close(now);
        }
    }

    /// Another certificate or another name of the association: the old one ends without a word, since the path may be another one
    /// already (RFC 8842 §5.5), and SCTP with it.
    fn replace_dtls(&mut self, id: TransportId, now: Time) {
        if self.data.transport() == Some(id) {
            self.data.end_association(now);
        }
        if let Some(transport) = self.transports.get_mut(&id) {
            transport.dtls = None;
            transport.unsent.clear();
        }
    }

    /// Begins DTLS where it is wanted and can begin: a client when there is a path, a server at once.
    pub(super) fn begin_dtls(&mut self, id: TransportId, now: Time) -> bool {
        let Some(transport) = self.transports.get_mut(&id) else { return false };
        let ready = |wanted: &DtlsWanted| wanted.role == DtlsRole::Server || transport.has_path();
        let Some(wanted) =
            transport.wanted.clone().filter(|wanted| transport.dtls.is_none() && ready(wanted))
        else {
            return false;
        };
        let mut config = dtls::Config::new(wanted.role, self.config.certificate.clone(), wanted.fingerprints);
        config.versions = self.config.versions;
        config.post_quantum = self.config.post_quantum;
        let mut dtls = Dtls::new(config, Box::new(self.randomness.clone()), now);
        for datagram in std::mem::take(&mut transport.early) {
            dtls.handle_datagram(&datagram, now);
        }
        transport.dtls = Some(dtls);
        true
    }
}

fn command_transport(transport: &mut Transport, command: TransportCommand, now: Time) {
    let agent = &mut transport.agent;
    match command {
        TransportCommand::Restart { credentials: signaled } => {
            if let Some(credentials) = credentials(&signaled) {
                agent.restart_with(credentials, now);
            }
        }
        TransportCommand::AbandonRestart { .. } => agent.abandon_restart(now),
        TransportCommand::SetRemote { credentials: signaled, lite, .. } => {
            let Some(credentials) = credentials(&signaled) else { return };
            if lite {
                agent.set_remote_lite(now);
            }
            let known = agent.snapshot().remote_ufrag.clone();
            match known.as_deref() {
                Some(ufrag) if ufrag == credentials.ufrag() => return,
                // Another peer behind the same offer (RFC 9429 §3.8): a session of its own, under our same credentials.
                Some(_) => agent.restart_with(agent.local_credentials().clone(), now),
                None => {}
            }
            agent.set_remote_credentials(credentials, now);
        }
        TransportCommand::AddRemoteCandidate(candidate) => {
            if let Some(line) = for_ice(&candidate) {
                agent.add_remote_candidate(line, now);
            }
        }
        TransportCommand::EndOfRemoteCandidates => agent.end_of_remote_candidates(now),
        TransportCommand::StartDtls { role, fingerprints } => {
            transport.wanted = Some(DtlsWanted { role, fingerprints });
        }
        // They concern more than one transport, and are done where that is known.
        TransportCommand::Gather { .. }
        | TransportCommand::StartSctp { .. }
        | TransportCommand::StopSctp
        | TransportCommand::Discard => {}
    }
}
