//! `rice-proto`, the ICE agent of librice.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use rice_proto::agent::{Agent, AgentPoll};
use rice_proto::candidate::{Candidate, CandidateType, TransportType};
use rice_proto::stream::Credentials;
use stun_proto::Instant;
use stun_proto::agent::Transmit;

use super::guest::{Datagram, Gathered, Guest, credentials};

pub(crate) struct RiceAgent {
    agent: Agent,
    stream: usize,
    component: usize,
    own: (String, String),
    candidates: u32,
    sent: Vec<Datagram>,
    wait: Option<Duration>,
    selected: Option<(SocketAddr, SocketAddr)>,
}

impl fmt::Debug for RiceAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RiceAgent").field("selected", &self.selected).finish_non_exhaustive()
    }
}

fn instant(now: Duration) -> Instant {
    Instant::from_nanos(i64::try_from(now.as_nanos()).unwrap_or(i64::MAX))
}

impl RiceAgent {
    pub(crate) fn new(controlling: bool, seed: u64) -> RiceAgent {
        let mut agent = Agent::builder().trickle_ice(true).controlling(controlling).build();
        let stream = agent.add_stream();
        let own = credentials(seed);
        let mut of = agent.mut_stream(stream).expect("the stream that was just added");
        let component = of.add_component().expect("the first component");
        of.set_local_credentials(Credentials { ufrag: own.0.clone(), passwd: own.1.clone() });
        let (sent, wait, selected) = (Vec::new(), None, None);
        RiceAgent { agent, stream, component, own, candidates: 0, sent, wait, selected }
    }

    /// Its events and its packets depend on each other, so both are asked for in turn until it waits.
    fn settle(&mut self, now: Duration) {
        for _ in 0..1000 {
            let polled = self.agent.poll(instant(now));
            let mut idle = false;
            match polled {
                AgentPoll::WaitUntil(until) => {
                    let nanos = u64::try_from(until.as_nanos()).unwrap_or(0);
                    self.wait = Some(Duration::from_nanos(nanos));
                    idle = true;
                }
                AgentPoll::Closed => {
                    self.wait = None;
                    idle = true;
                }
                AgentPoll::SelectedPair(event) => {
                    let pair = event.selected.candidate_pair();
                    self.selected = Some((pair.local.address, pair.remote.address));
                }
                _ => {}
            }
            while let Some(transmit) = self.agent.poll_transmit(instant(now)) {
                idle = false;
                let Transmit { data, from, to, .. } = transmit.transmit;
                self.sent.push(Datagram { from, to, bytes: data.into_vec() });
            }
            if idle {
                return;
            }
        }
    }
}

impl Guest for RiceAgent {
    fn credentials(&self) -> (String, String) {
        self.own.clone()
    }

    fn add_local(&mut self, gathered: Gathered, now: Duration) -> Option<String> {
        self.candidates += 1;
        let (kind, address, base, related) = match gathered {
            Gathered::Host(address) => (CandidateType::Host, address, address, None),
            Gathered::Reflexive { address, base } => {
                (CandidateType::ServerReflexive, address, base, Some(base))
            }
            Gathered::Relayed { address, mapped } => (CandidateType::Relayed, address, address, Some(mapped)),
        };
        let preference = 65_535_u32.saturating_sub(self.candidates);
        let priority =
            Candidate::calculate_priority(kind, TransportType::Udp, None, preference, self.component);
        let foundation = self.candidates.to_string();
        let mut builder = Candidate::builder(self.component, kind, TransportType::Udp, &foundation, address)
            .priority(priority)
            .base_address(base);
        if let Some(related) = related {
            builder = builder.related_address(related);
        }
        let candidate = builder.build();
        let line = candidate.to_sdp_string().trim_start_matches("a=").to_owned();
        let added = self.agent.mut_stream(self.stream)?.add_local_candidate(candidate);
        self.settle(now);
        added.then_some(line)
    }

    fn connect(&mut self, ufrag: &str, password: &str, now: Duration) {
        if let Some(mut stream) = self.agent.mut_stream(self.stream) {
            let (ufrag, passwd) = (ufrag.to_owned(), password.to_owned());
            stream.set_remote_credentials(Credentials { ufrag, passwd });
        }
        self.settle(now);
    }

    fn add_remote(&mut self, line: &str, now: Duration) {
        let line = if line.starts_with("a=") { line.to_owned() } else { format!("a={line}") };
        if let (Ok(candidate), Some(mut stream)) = (line.parse(), self.agent.mut_stream(self.stream)) {
            stream.add_remote_candidate(candidate);
        }
        self.settle(now);
    }

    fn handle(&mut self, to: SocketAddr, from: SocketAddr, bytes: &[u8], now: Duration) {
        if let Some(mut stream) = self.agent.mut_stream(self.stream) {
            let transmit = Transmit::new(bytes.to_vec(), TransportType::Udp, from, to);
            stream.handle_incoming_data(self.component, transmit, instant(now));
            while stream.poll_recv().is_some() {}
        }
        self.settle(now);
    }

    fn timeout(&mut self, now: Duration) {
        self.settle(now);
    }

    fn next_timeout(&mut self) -> Option<Duration> {
        self.wait
    }

    fn transmit(&mut self) -> Option<Datagram> {
        (!self.sent.is_empty()).then(|| self.sent.remove(0))
    }

    fn selected(&mut self) -> Option<(SocketAddr, SocketAddr)> {
        self.selected
    }
}
