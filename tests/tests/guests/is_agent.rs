//! `is`, the ICE agent of str0m. It is driven as str0m drives it: a timeout after every packet.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use is::{Candidate, IceAgent, IceAgentEvent, IceCreds, Protocol};

use super::guest::{Datagram, Gathered, Guest, base, credentials};

pub(crate) struct IsAgent {
    agent: IceAgent,
    selected: Option<(SocketAddr, SocketAddr)>,
}

impl fmt::Debug for IsAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IsAgent").field("selected", &self.selected).finish_non_exhaustive()
    }
}

impl IsAgent {
    pub(crate) fn new(controlling: bool, seed: u64) -> IsAgent {
        fastrand::seed(seed);
        let (ufrag, pass) = credentials(seed);
        let mut agent = IceAgent::new(IceCreds { ufrag, pass });
        agent.set_controlling(controlling);
        IsAgent { agent, selected: None }
    }

    fn settle(&mut self) {
        while let Some(event) = self.agent.poll_event() {
            if let IceAgentEvent::NominatedSend { source, destination, .. } = event {
                self.selected = Some((source, destination));
            }
        }
    }
}

impl Guest for IsAgent {
    fn credentials(&self) -> (String, String) {
        let own = self.agent.local_credentials();
        (own.ufrag.clone(), own.pass.clone())
    }

    fn add_local(&mut self, gathered: Gathered, now: Duration) -> Option<String> {
        let candidate = match gathered {
            Gathered::Host(address) => Candidate::host(address, "udp"),
            Gathered::Reflexive { address, base } => Candidate::server_reflexive(address, base, "udp"),
            Gathered::Relayed { address, mapped } => Candidate::relayed(address, mapped, "udp"),
        };
        let line = self.agent.add_local_candidate(candidate.ok()?)?.to_sdp_string();
        self.timeout(now);
        Some(line)
    }

    fn connect(&mut self, ufrag: &str, password: &str, now: Duration) {
        self.agent.set_remote_credentials(IceCreds { ufrag: ufrag.to_owned(), pass: password.to_owned() });
        self.timeout(now);
    }

    fn add_remote(&mut self, line: &str, now: Duration) {
        if let Ok(candidate) = Candidate::from_sdp_string(line) {
            self.agent.add_remote_candidate(candidate);
            self.timeout(now);
        }
    }

    fn handle(&mut self, to: SocketAddr, from: SocketAddr, bytes: &[u8], now: Duration) {
        if let Ok(message) = is::stun::StunMessage::parse(bytes) {
            let packet =
                is::stun::StunPacket { proto: Protocol::Udp, source: from, destination: to, message };
            self.agent.handle_packet(base() + now, packet);
            self.timeout(now);
        }
    }

    fn timeout(&mut self, now: Duration) {
        self.agent.handle_timeout(base() + now);
        self.settle();
    }

    fn next_timeout(&mut self) -> Option<Duration> {
        self.agent.poll_timeout().map(|at| at.saturating_duration_since(base()))
    }

    fn transmit(&mut self) -> Option<Datagram> {
        let transmit = self.agent.poll_transmit()?;
        Some(Datagram { from: transmit.source, to: transmit.destination, bytes: transmit.contents.to_vec() })
    }

    fn selected(&mut self) -> Option<(SocketAddr, SocketAddr)> {
        self.selected.filter(|_| self.agent.state().is_connected())
    }
}
