//! Our own agent behind the same trait. Unlike the guests, it gathers its candidates itself.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::ice::{
    Agent, AgentConfig, CandidateLine, CandidatePolicy, CheckListState, Credentials, LocalSocket, Role,
    TurnServer, dual_stack_preferences,
};
use rtclab_rtc::{Output, Randomness, Subject, Time};

use super::guest::{Datagram, Gathered, Guest, Uses};
use super::seat::{PASSWORD, USER};

/// SplitMix64: the same on every machine.
#[derive(Debug)]
pub(crate) struct Seeded(pub(crate) u64);

impl Randomness for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_be_bytes()[..chunk.len()]);
        }
    }
}

/// Our agent. It gathers candidates itself, through STUN and TURN of its own.
#[derive(Debug)]
pub(crate) struct Ours {
    agent: Agent,
    sent: VecDeque<Datagram>,
    lines: Vec<String>,
    role: Role,
    seed: u64,
}

fn agent(role: Role, sockets: Vec<LocalSocket>, turn: Option<SocketAddr>, uses: Uses, seed: u64) -> Agent {
    let mut config = AgentConfig::new(role, sockets);
    if uses == Uses::Relayed {
        config.policy = CandidatePolicy::Relayed;
    }
    let account = |address| TurnServer::new(address, USER, PASSWORD);
    config.turn_servers = turn.into_iter().map(account).collect();
    Agent::new(config, Box::new(Seeded(seed)))
}

impl Ours {
    pub(crate) fn new(controlling: bool, seed: u64) -> Ours {
        let role = if controlling { Role::Controlling } else { Role::Controlled };
        let agent = agent(role, Vec::new(), None, Uses::All, seed);
        Ours { agent, sent: VecDeque::new(), lines: Vec::new(), role, seed }
    }

    fn settle(&mut self) {
        while let Some(output) = self.agent.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    let (from, to, bytes) = (transmit.from, transmit.to, transmit.payload);
                    self.sent.push_back(Datagram { from, to, bytes });
                }
                Output::Change { subject: Subject::LocalCandidate(number), .. } => {
                    self.lines.extend(self.agent.candidate_line(number).map(|line| line.to_string()));
                }
                _ => {}
            }
        }
    }
}

fn time(now: Duration) -> Time {
    Time::ZERO + now
}

impl Guest for Ours {
    fn begin(&mut self, bases: &[SocketAddr], turn: Option<SocketAddr>, uses: Uses, now: Duration) -> bool {
        let addresses: Vec<_> = bases.iter().map(SocketAddr::ip).collect();
        let preferences = dual_stack_preferences(&addresses);
        let sockets = bases.iter().zip(preferences);
        let sockets = sockets.map(|(base, preference)| LocalSocket::new(*base, "eth0", preference)).collect();
        self.agent = agent(self.role, sockets, turn, uses, self.seed);
        self.agent.gather(time(now));
        self.settle();
        true
    }

    fn lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    fn credentials(&self) -> (String, String) {
        let own = self.agent.local_credentials();
        (own.ufrag().to_owned(), own.password().to_owned())
    }

    fn add_local(&mut self, _gathered: Gathered, _now: Duration) -> Option<String> {
        None
    }

    fn connect(&mut self, ufrag: &str, password: &str, now: Duration) {
        if let Ok(credentials) = Credentials::new(ufrag, password) {
            self.agent.set_remote_credentials(credentials, time(now));
        }
        self.settle();
    }

    fn add_remote(&mut self, line: &str, now: Duration) {
        if let Ok(line) = line.parse::<CandidateLine>() {
            self.agent.add_remote_candidate(line, time(now));
        }
        self.settle();
    }

    fn handle(&mut self, to: SocketAddr, from: SocketAddr, bytes: &[u8], now: Duration) {
        self.agent.handle_datagram(to, from, bytes, time(now));
        self.settle();
    }

    fn timeout(&mut self, now: Duration) {
        self.agent.handle_timeout(time(now));
        self.settle();
    }

    fn next_timeout(&mut self) -> Option<Duration> {
        self.agent.poll_timeout().map(|at| at.since(Time::ZERO))
    }

    fn transmit(&mut self) -> Option<Datagram> {
        self.sent.pop_front()
    }

    fn selected(&mut self) -> Option<(SocketAddr, SocketAddr)> {
        let done = self.agent.check_list().state == CheckListState::Completed;
        let (_, local, remote) = self.agent.selected().filter(|_| done)?;
        Some((local.address, remote.address))
    }
}
