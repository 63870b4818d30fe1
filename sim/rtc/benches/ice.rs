//! What ICE costs: one whole call of two agents in memory, 50 ms apart, until both have a confirmed pair. The items are calls.
//!
//! Everything is counted that the agents do: credentials, candidates, checks, every change that is told. The network is a queue.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use divan::Bencher;
use divan::counter::ItemsCount;
use rtclab_rtc::ice::{Agent, AgentConfig, CandidateLine, Change, LocalSocket, Role};
use rtclab_rtc::{Output, Randomness, Subject, Time, Transmit};

const DELAY: Duration = Duration::from_millis(50);

fn main() {
    divan::main();
}

/// SplitMix64.
#[derive(Debug)]
struct Seeded(u64);

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

fn agent(side: u8, role: Role, sockets: u8) -> Agent {
    let socket = |index: u8| {
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, side, index, 1)), 5000);
        LocalSocket::new(address, "eth0", 65535 - u16::from(index))
    };
    let config = AgentConfig::new(role, (0..sockets).map(socket).collect());
    Agent::new(config, Box::new(Seeded(u64::from(side))))
}

/// A datagram under way: when it arrives, which one it is, and what it is.
type Flying = Reverse<(Time, usize)>;

struct Call {
    agents: [Agent; 2],
    flying: BinaryHeap<Flying>,
    sent: Vec<Transmit>,
    selected: usize,
    changes: usize,
}

impl Call {
    fn drain(&mut self, side: usize, now: Time) {
        while let Some(output) = self.agents[side].poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    self.flying.push(Reverse((now + DELAY, self.sent.len())));
                    self.sent.push(transmit);
                }
                Output::Change { subject, change, .. } => self.take(side, subject, change, now),
                Output::Data { .. } | Output::Ignored { .. } => {}
            }
        }
    }

    fn take(&mut self, side: usize, subject: Subject, change: Change, now: Time) {
        self.changes += 1;
        match (subject, change) {
            (Subject::LocalCandidate(_), Change::Candidate(candidate)) => {
                self.agents[1 - side].add_remote_candidate(CandidateLine::from(candidate), now);
                self.drain(1 - side, now);
            }
            (Subject::Pair(_), Change::Pair(pair)) if pair.nominated => self.selected += 1,
            _ => {}
        }
    }

    fn side_of(&self, address: SocketAddr) -> usize {
        match address.ip() {
            IpAddr::V4(ip) => usize::from(ip.octets()[1] == 2),
            IpAddr::V6(_) => 0,
        }
    }

    /// Handles everything of the next moment.
    fn step(&mut self) {
        let timer = self.agents.iter().filter_map(Agent::poll_timeout).min();
        let arrival = self.flying.peek().map(|Reverse((at, _))| *at);
        let Some(now) = timer.into_iter().chain(arrival).min() else { return };
        while self.flying.peek().is_some_and(|Reverse((at, _))| *at <= now) {
            let Some(Reverse((_, index))) = self.flying.pop() else { break };
            let Transmit { from, to, payload, .. } = self.sent[index].clone();
            let side = self.side_of(to);
            self.agents[side].handle_datagram(to, from, &payload, now);
            self.drain(side, now);
        }
        for side in [0, 1] {
            if self.agents[side].poll_timeout().is_some_and(|at| at <= now) {
                self.agents[side].handle_timeout(now);
                self.drain(side, now);
            }
        }
    }
}

/// One call from nothing to a pair that is confirmed on both sides.
fn call(sockets: u8) -> usize {
    let agents = [agent(1, Role::Controlling, sockets), agent(2, Role::Controlled, sockets)];
    let mut call = Call { agents, flying: BinaryHeap::new(), sent: Vec::new(), selected: 0, changes: 0 };
    for side in [0, 1] {
        let credentials = call.agents[side].local_credentials().clone();
        call.agents[1 - side].set_remote_credentials(credentials, Time::ZERO);
    }
    for side in [0, 1] {
        call.agents[side].gather(Time::ZERO);
        call.drain(side, Time::ZERO);
    }
    for _ in 0..1000 {
        if call.agents.iter().all(|agent| agent.selected().is_some()) {
            break;
        }
        call.step();
    }
    assert!(call.selected >= 2, "both sides have nominated");
    call.changes
}

#[divan::bench(args = [1, 3])]
fn call_between_hosts(bencher: Bencher<'_, '_>, sockets: u8) {
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| call(divan::black_box(sockets)));
}

/// The same call between two agents of `is` (str0m), which are driven as str0m does: a timeout after every packet. They nominate the
/// first pair that works and say so at once, so their call is two messages and half a round trip shorter.
mod is_agents {
    use std::time::Instant;

    use is::stun::{StunMessage, StunPacket};
    use is::{Candidate, IceAgent, IceAgentEvent, IceCreds, Protocol};

    use super::{Bencher, BinaryHeap, DELAY, IpAddr, Ipv4Addr, ItemsCount, Reverse, SocketAddr};

    type Flying = Reverse<(Instant, usize)>;
    type Sent = (SocketAddr, SocketAddr, Vec<u8>);

    struct Call {
        agents: [IceAgent; 2],
        selected: [bool; 2],
        flying: BinaryHeap<Flying>,
        sent: Vec<Sent>,
    }

    impl Call {
        fn serve(&mut self, side: usize, now: Instant) {
            self.agents[side].handle_timeout(now);
            while let Some(event) = self.agents[side].poll_event() {
                self.selected[side] |= matches!(event, IceAgentEvent::NominatedSend { .. });
            }
            while let Some(transmit) = self.agents[side].poll_transmit() {
                self.flying.push(Reverse((now + DELAY, self.sent.len())));
                self.sent.push((transmit.source, transmit.destination, transmit.contents.to_vec()));
            }
        }

        fn step(&mut self) {
            let timer = self.agents.iter_mut().filter_map(IceAgent::poll_timeout).min();
            let arrival = self.flying.peek().map(|Reverse((at, _))| *at);
            let Some(now) = timer.into_iter().chain(arrival).min() else { return };
            while self.flying.peek().is_some_and(|Reverse((at, _))| *at <= now) {
                let Some(Reverse((_, index))) = self.flying.pop() else { break };
                let (source, destination, bytes) = self.sent[index].clone();
                let IpAddr::V4(ip) = destination.ip() else { continue };
                let side = usize::from(ip.octets()[1] == 2);
                if let Ok(message) = StunMessage::parse(&bytes) {
                    let packet = StunPacket { proto: Protocol::Udp, source, destination, message };
                    self.agents[side].handle_packet(now, packet);
                    self.serve(side, now);
                }
            }
            for side in [0, 1] {
                if self.agents[side].poll_timeout().is_some_and(|at| at <= now) {
                    self.serve(side, now);
                }
            }
        }
    }

    fn call(sockets: u8, start: Instant) -> usize {
        let mut agents = [1, 2].map(|side| {
            let (ufrag, pass) = (format!("frag{side}"), format!("password/of/side/number/{side}"));
            let mut agent = IceAgent::new(IceCreds { ufrag, pass });
            agent.set_controlling(side == 1);
            agent
        });
        for side in [0, 1] {
            let theirs = agents[1 - side].local_credentials().clone();
            agents[side].set_remote_credentials(theirs);
            for index in 0..sockets {
                let ip = Ipv4Addr::new(10, if side == 0 { 1 } else { 2 }, index, 1);
                let host = Candidate::host(SocketAddr::new(ip.into(), 5000), "udp").expect("an address");
                let Some(host) = agents[side].add_local_candidate(host).cloned() else { continue };
                agents[1 - side].add_remote_candidate(host);
            }
        }
        let (flying, sent) = (BinaryHeap::new(), Vec::new());
        let mut call = Call { agents, selected: [false; 2], flying, sent };
        call.serve(0, start);
        call.serve(1, start);
        for _ in 0..1000 {
            if call.selected == [true, true] {
                break;
            }
            call.step();
        }
        assert_eq!(call.selected, [true, true], "both sides have nominated");
        call.sent.len()
    }

    #[divan::bench(args = [1, 3])]
    #[allow(
        clippy::disallowed_methods,
        reason = "an Instant cannot be made from a number; only differences to this one count"
    )]
    fn call_between_hosts(bencher: Bencher<'_, '_>, sockets: u8) {
        let start = Instant::now();
        bencher.counter(ItemsCount::new(1_u32)).bench_local(|| call(divan::black_box(sockets), start));
    }
}
