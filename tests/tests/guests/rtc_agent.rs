//! `rtc-ice`, the sans-IO ICE agent of webrtc-rs.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rtc_ice::candidate::candidate_host::CandidateHostConfig;
use rtc_ice::candidate::candidate_relay::CandidateRelayConfig;
use rtc_ice::candidate::candidate_server_reflexive::CandidateServerReflexiveConfig;
use rtc_ice::candidate::{CandidateConfig, unmarshal_candidate};
use rtc_ice::{Agent, AgentConfig, Event};
use rtc_shared::{TransportContext, TransportMessage, TransportProtocol};
use sansio::Protocol as _;

use super::guest::{Datagram, Gathered, Guest, base, credentials};

pub(crate) struct RtcAgent {
    agent: Agent,
    controlling: bool,
    /// Reflexive addresses stand for this base.
    bases: Vec<(SocketAddr, SocketAddr)>,
    selected: Option<(SocketAddr, SocketAddr)>,
}

impl fmt::Debug for RtcAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtcAgent").field("selected", &self.selected).finish_non_exhaustive()
    }
}

impl RtcAgent {
    pub(crate) fn new(controlling: bool, seed: u64) -> RtcAgent {
        let (local_ufrag, local_pwd) = credentials(seed);
        let config = AgentConfig {
            local_ufrag,
            local_pwd,
            is_controlling: controlling,
            check_interval: Duration::from_millis(200),
            ..AgentConfig::default()
        };
        let crypto = rtc_ice::crypto::default_provider().expect("ring is a feature of this build");
        let agent = Agent::new(base(), Arc::new(config), crypto).expect("a right configuration");
        RtcAgent { agent, controlling, bases: Vec::new(), selected: None }
    }

    fn settle(&mut self) {
        while let Some(tagged) = self.agent.poll_event() {
            if let Event::SelectedCandidatePairChange(local, remote) = tagged.event {
                self.selected = Some((local.addr(), remote.addr()));
            }
        }
    }
}

fn config(address: SocketAddr) -> CandidateConfig {
    CandidateConfig {
        network: "udp".to_owned(),
        address: address.ip().to_string(),
        port: address.port(),
        component: 1,
        ..CandidateConfig::default()
    }
}

impl Guest for RtcAgent {
    fn credentials(&self) -> (String, String) {
        let own = self.agent.get_local_credentials();
        (own.ufrag.clone(), own.pwd.clone())
    }

    fn add_local(&mut self, gathered: Gathered, _now: Duration) -> Option<String> {
        let candidate = match gathered {
            Gathered::Host(address) => {
                CandidateHostConfig { base_config: config(address), ..CandidateHostConfig::default() }
                    .new_candidate_host()
            }
            Gathered::Reflexive { address, base } => {
                self.bases.push((address, base));
                let (rel_addr, rel_port) = (base.ip().to_string(), base.port());
                CandidateServerReflexiveConfig { base_config: config(address), rel_addr, rel_port, url: None }
                    .new_candidate_server_reflexive()
            }
            Gathered::Relayed { address, mapped } => {
                let (rel_addr, rel_port) = (mapped.ip().to_string(), mapped.port());
                CandidateRelayConfig { base_config: config(address), rel_addr, rel_port, url: None }
                    .new_candidate_relay()
            }
        };
        let candidate = candidate.ok()?;
        let line = format!("candidate:{}", candidate.marshal());
        self.agent.add_local_candidate(candidate).ok()?.then_some(line)
    }

    fn connect(&mut self, ufrag: &str, password: &str, now: Duration) {
        let (ufrag, password) = (ufrag.to_owned(), password.to_owned());
        let _ = self.agent.start_connectivity_checks(base() + now, self.controlling, ufrag, password);
        self.settle();
    }

    fn add_remote(&mut self, line: &str, _now: Duration) {
        let line = line.strip_prefix("candidate:").unwrap_or(line);
        if let Ok(candidate) = unmarshal_candidate(line) {
            let _ = self.agent.add_remote_candidate(candidate);
        }
    }

    fn handle(&mut self, to: SocketAddr, from: SocketAddr, bytes: &[u8], now: Duration) {
        let transport = TransportContext {
            local_addr: to,
            peer_addr: from,
            transport_protocol: TransportProtocol::UDP,
            ecn: None,
        };
        let message = TransportMessage { now: base() + now, transport, message: bytes.into() };
        let _ = self.agent.handle_read(message);
        self.settle();
    }

    fn timeout(&mut self, now: Duration) {
        let _ = self.agent.handle_timeout(base() + now);
        self.settle();
    }

    fn next_timeout(&mut self) -> Option<Duration> {
        self.agent.poll_timeout().map(|at| at.saturating_duration_since(base()))
    }

    fn transmit(&mut self) -> Option<Datagram> {
        let message = self.agent.poll_write()?;
        let from = message.transport.local_addr;
        let from = self.bases.iter().find(|(address, _)| *address == from).map_or(from, |(_, base)| *base);
        Some(Datagram { from, to: message.transport.peer_addr, bytes: message.message.to_vec() })
    }

    fn selected(&mut self) -> Option<(SocketAddr, SocketAddr)> {
        self.selected
    }
}
