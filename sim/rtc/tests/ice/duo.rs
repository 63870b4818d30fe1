//! Two agents and a small network between them, on a virtual clock. Not here: NATs; a [`Path`] may rewrite addresses, and that is all.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::ice::{
    Agent, AgentConfig, CandidateLine, Change, CheckListState, ConnectionState, Credentials, GatheringState,
    LocalSocket, PairSnapshot, Role,
};
use rtclab_rtc::stun::{Attribute, Builder, Message, Transport};
use rtclab_rtc::turn::{self, AddressRange, ServerOutput, TurnServer, TurnServerConfig};
use rtclab_rtc::{Because, Output, Randomness, Reason, Subject, Time, Transmit};

use crate::wires::{Event, Wires};

/// A seeded generator (SplitMix64): good enough to tell seeds apart, and the same on every machine.
#[derive(Clone, Debug)]
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Randomness for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let bytes = self.next().to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// What an agent said about itself: the newest change of every subject, and all of them in order.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) newest: BTreeMap<Subject, Change>,
    pub(crate) changes: Vec<(Time, Subject, Change, Option<Reason>, Because)>,
    pub(crate) ignored: Vec<Reason>,
    pub(crate) data: Vec<(SocketAddr, SocketAddr, Vec<u8>)>,
}

impl Told {
    /// When a subject's change first had this property.
    pub(crate) fn first(&self, mut property: impl FnMut(Subject, &Change) -> bool) -> Option<Time> {
        self.changes.iter().find(|(_, subject, change, ..)| property(*subject, change)).map(|(at, ..)| *at)
    }

    /// A cause is something that was told before.
    fn assert_known(&self, because: Because) {
        if let Because::Change(subject) = because {
            assert!(self.newest.contains_key(&subject), "{subject:?} was never told");
        }
    }

    pub(crate) fn reasons(&self) -> Vec<Reason> {
        self.changes.iter().filter_map(|(.., reason, _)| *reason).collect()
    }

    /// What changed for this reason, in order.
    pub(crate) fn changes_for(&self, wanted: Reason) -> Vec<(Subject, &Change)> {
        let told = self.changes.iter().filter(|(.., reason, _)| *reason == Some(wanted));
        told.map(|(_, subject, change, ..)| (*subject, change)).collect()
    }
}

/// One end of the call.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) agent: Agent,
    /// Where datagrams are taken.
    pub(crate) sockets: Vec<SocketAddr>,
    pub(crate) told: Told,
    /// Local candidates that were told and not signaled yet.
    unsignaled: Vec<(u32, CandidateLine)>,
    end_signaled: bool,
}

impl Side {
    pub(crate) fn new(config: AgentConfig, seed: u64) -> Side {
        Side::with_randomness(config, Box::new(Seeded(seed)))
    }

    pub(crate) fn with_randomness(config: AgentConfig, randomness: Box<dyn Randomness>) -> Side {
        let sockets = config.sockets.iter().map(|socket| socket.address).collect();
        let agent = Agent::new(config, randomness);
        Side { sockets, agent, told: Told::default(), unsignaled: Vec::new(), end_signaled: false }
    }

    pub(crate) fn pair_list(&self) -> Vec<(u32, PairSnapshot)> {
        self.agent.pairs().map(|(number, pair)| (number, pair.clone())).collect()
    }

    /// Whoever listens to the changes knows what the getters show.
    fn assert_told_everything(&self) {
        let newest = |subject: Subject| self.told.newest.get(&subject);
        if let Some(change) = newest(Subject::Agent) {
            assert_eq!(change, &Change::Agent(self.agent.snapshot().clone()));
        }
        for (number, pair) in self.agent.pairs() {
            assert_eq!(newest(Subject::Pair(number)), Some(&Change::Pair(pair.clone())), "pair {number}");
        }
        for (number, candidate) in self.agent.local_candidates() {
            let told = newest(Subject::LocalCandidate(number));
            assert_eq!(told, Some(&Change::Candidate(candidate.clone())));
        }
        for (number, candidate) in self.agent.remote_candidates() {
            let told = newest(Subject::RemoteCandidate(number));
            assert_eq!(told, Some(&Change::Candidate(candidate.clone())));
        }
        for (number, list) in self.agent.check_lists() {
            if let Some(told) = newest(Subject::CheckList(number)) {
                assert_eq!(told, &Change::CheckList(list));
            }
        }
    }

    /// When the agent reported that it was connected.
    pub(crate) fn connected_at(&self) -> Option<Time> {
        self.told.first(|_, change| match change {
            Change::Agent(agent) => {
                matches!(agent.connection, ConnectionState::Connected | ConnectionState::Completed)
            }
            _ => false,
        })
    }
}

/// What the network does to one datagram: `None` loses it, otherwise how long it takes and the addresses at the far end.
pub(crate) type Path = Box<dyn FnMut(Time, &Transmit) -> Option<(Duration, Transmit)>>;

/// A message of signaling.
#[derive(Debug)]
enum Signal {
    Candidate(u32, CandidateLine),
    End,
    Credentials(Credentials),
    Offer(Credentials),
}

/// A datagram on its way.
#[derive(Debug)]
struct Flying {
    at: Time,
    sequence: u64,
    transmit: Transmit,
}

/// Two agents, `0` and `1`, and what flies between them.
pub(crate) struct Duo {
    pub(crate) now: Time,
    pub(crate) sides: [Side; 2],
    pub(crate) path: Path,
    /// Whether candidates and their end are signaled.
    pub(crate) signaling: bool,
    /// How long a message of signaling takes.
    pub(crate) signaling_delay: Duration,
    signals: Vec<(Time, usize, Signal)>,
    /// A STUN server that answers everybody, if there is one.
    pub(crate) stun: Option<SocketAddr>,
    /// A TURN server, if there is one.
    pub(crate) turn: Option<Turn>,
    /// TCP connections between the two, and names that the host can look up.
    pub(crate) wires: Wires,
    /// Everything that was sent, with its sender; the servers are sender 2.
    pub(crate) sent: Vec<(Time, usize, Transmit)>,
    flying: Vec<Flying>,
    sequence: u64,
}

/// An address out of a literal.
pub(crate) fn at(text: &str) -> SocketAddr {
    text.parse().expect("an address and a port")
}

/// A TURN server at `198.51.100.1:3478` for the user `user` with the password `secret`, and its relayed sockets.
pub(crate) struct Turn {
    pub(crate) server: TurnServer,
    relays: Vec<SocketAddr>,
    next_port: u16,
    /// What is to be written in which stream; `None` closes it.
    to_streams: Vec<(u32, Option<Vec<u8>>)>,
}

pub(crate) const TURN: &str = "198.51.100.1:3478";

impl Turn {
    pub(crate) fn new(forbidden: Vec<AddressRange>) -> Turn {
        let user = turn::Credentials { username: "user".into(), password: "secret".into() };
        let config =
            TurnServerConfig { forbidden_peers: forbidden, ..TurnServerConfig::new("lab", vec![user]) };
        let server = TurnServer::new(config, Box::new(Seeded(99)));
        Turn { server, relays: Vec::new(), next_port: 49152, to_streams: Vec::new() }
    }

    fn owns(&self, address: SocketAddr) -> bool {
        address == at(TURN) || self.relays.contains(&address)
    }

    /// What the server sends now.
    fn drain(&mut self, now: Time) -> Vec<Transmit> {
        let mut sent = Vec::new();
        while let Some(output) = self.server.poll_output() {
            match output {
                ServerOutput::Endpoint(Output::Transmit(transmit)) => sent.push(transmit),
                ServerOutput::Endpoint(_) => {}
                ServerOutput::OpenRelay { allocation, .. } => {
                    let address = SocketAddr::new(at(TURN).ip(), self.next_port);
                    self.next_port += 1;
                    self.relays.push(address);
                    self.server.relay_opened(allocation, address, now);
                }
                ServerOutput::ToStream { stream, transmit } => {
                    self.to_streams.push((stream, Some(transmit.payload)));
                }
                ServerOutput::CloseStream { stream } => self.to_streams.push((stream, None)),
                ServerOutput::CloseRelay { address } => self.relays.retain(|relay| *relay != address),
                other => panic!("this server was not told that it could ask for that: {other:?}"),
            }
        }
        sent
    }
}

pub(crate) fn socket(address: &str, preference: u16) -> LocalSocket {
    LocalSocket::new(at(address), "eth0", preference)
}

/// A path of this one-way delay that does nothing else.
pub(crate) fn wire(delay_ms: u64) -> Path {
    Box::new(move |_, transmit| Some((Duration::from_millis(delay_ms), transmit.clone())))
}

/// A path through NATs that map each private address to one public address for everybody and let everything in.
pub(crate) fn through_nats(delay_ms: u64, mappings: &[(&str, &str)]) -> Path {
    let mappings: Vec<_> = mappings.iter().map(|(inside, outside)| (at(inside), at(outside))).collect();
    Box::new(move |_, transmit| {
        let mut seen = transmit.clone();
        for (inside, outside) in &mappings {
            if transmit.from == *inside {
                seen.from = *outside;
            }
            if transmit.to == *outside {
                seen.to = *inside;
            }
            if transmit.to == *inside {
                return None;
            }
        }
        Some((Duration::from_millis(delay_ms), seen))
    })
}

/// Sides with `count` IPv4 hosts each, the first one controlling.
pub(crate) fn hosts(count: u16) -> [AgentConfig; 2] {
    let sockets = |side: u16| {
        (0..count)
            .map(|index| socket(&format!("10.{side}.{index}.1:{}", 5000 + index), 65535 - index))
            .collect()
    };
    [AgentConfig::new(Role::Controlling, sockets(1)), AgentConfig::new(Role::Controlled, sockets(2))]
}

impl Duo {
    pub(crate) fn new(configs: [AgentConfig; 2], path: Path) -> Duo {
        Duo::seeded(configs, path, 1)
    }

    pub(crate) fn seeded(configs: [AgentConfig; 2], path: Path, seed: u64) -> Duo {
        let [left, right] = configs;
        let sides = [Side::new(left, seed.wrapping_mul(2)), Side::new(right, seed.wrapping_mul(2) + 1)];
        Duo {
            now: Time::ZERO,
            sides,
            path,
            signaling: true,
            signaling_delay: Duration::ZERO,
            signals: Vec::new(),
            stun: None,
            turn: None,
            wires: Wires::default(),
            sent: Vec::new(),
            flying: Vec::new(),
            sequence: 0,
        }
    }

    /// Exchanges credentials and starts to gather, everything at the present time.
    pub(crate) fn start(&mut self) {
        for from in [0, 1] {
            self.exchange_credentials(from);
        }
        for side in [0, 1] {
            let now = self.now;
            self.act(side, |agent| agent.gather(now));
        }
    }

    pub(crate) fn exchange_credentials(&mut self, from: usize) {
        let credentials = self.sides[from].agent.local_credentials().clone();
        let now = self.now;
        self.act(1 - from, |agent| agent.set_remote_credentials(credentials, now));
    }

    /// Does something to one agent, and takes in what comes of it.
    pub(crate) fn act<T>(&mut self, side: usize, action: impl FnOnce(&mut Agent) -> T) -> T {
        let result = action(&mut self.sides[side].agent);
        self.collect(side);
        if self.signaling {
            self.signal();
        }
        result
    }

    fn collect(&mut self, side: usize) {
        while let Some(output) = self.sides[side].agent.poll_output() {
            self.take(side, output);
        }
        self.sides[side].assert_told_everything();
        while let Some(request) = self.sides[side].agent.poll_request() {
            self.wires.take(self.now, side, request);
        }
    }

    fn take(&mut self, side: usize, output: Output<Change>) {
        let told = &mut self.sides[side].told;
        match output {
            Output::Transmit(transmit) => {
                told.assert_known(transmit.because);
                self.launch(side, transmit);
            }
            Output::Change { subject, change, reason, because } => {
                told.assert_known(because);
                told.newest.insert(subject, change.clone());
                told.changes.push((self.now, subject, change.clone(), reason, because));
                if let Subject::LocalCandidate(number) = subject
                    && let Some(line) = self.sides[side].agent.candidate_line(number)
                {
                    let stream = self.sides[side].agent.component_at(line.candidate.base);
                    self.sides[side].unsignaled.push((stream.map_or(0, |id| id.stream), line));
                }
            }
            Output::Data { to, from, payload } => told.data.push((to, from, payload)),
            Output::Ignored { reason } => told.ignored.push(reason),
        }
    }

    fn launch(&mut self, side: usize, transmit: Transmit) {
        self.sent.push((self.now, side, transmit.clone()));
        let Some((delay, transmit)) = (self.path)(self.now, &transmit) else { return };
        self.sequence += 1;
        self.flying.push(Flying { at: self.now + delay, sequence: self.sequence, transmit });
    }

    /// Sends what was told to the other side. Without a delay it arrives at once.
    pub(crate) fn signal(&mut self) {
        let at = self.now + self.signaling_delay;
        for side in [0, 1] {
            let lines = std::mem::take(&mut self.sides[side].unsignaled);
            let lines = lines.into_iter().map(|(stream, line)| Signal::Candidate(stream, line));
            self.signals.extend(lines.map(|signal| (at, 1 - side, signal)));
            let complete = self.sides[side].agent.snapshot().gathering == GatheringState::Complete;
            if complete && !std::mem::replace(&mut self.sides[side].end_signaled, true) {
                self.signals.push((at, 1 - side, Signal::End));
            }
        }
        if self.signaling_delay.is_zero() {
            self.deliver_signals();
        }
    }

    fn deliver_signals(&mut self) {
        let now = self.now;
        while let Some(index) = self.signals.iter().position(|(at, ..)| *at <= now) {
            let (_, side, signal) = self.signals.remove(index);
            self.act(side, |agent| match signal {
                Signal::Candidate(stream, line) => {
                    agent.add_remote_candidate_of_stream(stream, line, now);
                }
                Signal::End => agent.end_of_remote_candidates(now),
                Signal::Credentials(credentials) => agent.set_remote_credentials(credentials, now),
                Signal::Offer(credentials) => {
                    agent.set_remote_credentials(credentials, now);
                    agent.gather(now);
                }
            });
        }
    }

    /// Offer and answer over signaling that takes a while: the first side offers, the second one starts when the offer arrives.
    pub(crate) fn offer(&mut self, delay: Duration) {
        self.signaling_delay = delay;
        let credentials = |duo: &Duo, side: usize| duo.sides[side].agent.local_credentials().clone();
        let (offer, answer) = (credentials(self, 0), credentials(self, 1));
        self.signals.push((self.now + delay, 1, Signal::Offer(offer)));
        self.signals.push((self.now + delay + delay, 0, Signal::Credentials(answer)));
        let now = self.now;
        self.act(0, |agent| agent.gather(now));
    }

    /// After a restart, the end of candidates is signaled anew.
    pub(crate) fn restart(&mut self, side: usize) {
        let now = self.now;
        self.sides[side].end_signaled = false;
        self.act(side, |agent| agent.restart(now));
    }

    /// The earliest moment at which something happens.
    fn next_event(&self) -> Option<Time> {
        let arrivals = self.flying.iter().map(|flying| flying.at);
        let timers = self.sides.iter().filter_map(|side| side.agent.poll_timeout());
        let turn = self.turn.as_ref().and_then(|turn| turn.server.poll_timeout());
        let signals = self.signals.iter().map(|(at, ..)| *at);
        arrivals.chain(timers).chain(turn).chain(signals).chain(self.wires.next()).min()
    }

    /// Jumps to the next event and handles all of that moment: datagrams first, in the order of sending, then timers.
    /// Says whether there was one.
    pub(crate) fn step(&mut self) -> bool {
        let Some(at) = self.next_event() else { return false };
        self.now = self.now.max(at);
        let now = self.now;
        let (due, flying) = std::mem::take(&mut self.flying).into_iter().partition(|flying| flying.at <= now);
        self.flying = flying;
        let mut due: Vec<Flying> = due;
        due.sort_by_key(|flying| (flying.at, flying.sequence));
        for flying in due {
            self.deliver(&flying.transmit);
        }
        self.deliver_signals();
        self.deliver_wires();
        for side in [0, 1] {
            if self.sides[side].agent.poll_timeout().is_some_and(|at| at <= now) {
                self.act(side, |agent| agent.handle_timeout(now));
            }
        }
        self.serve_turn(|server| server.handle_timeout(now));
        true
    }

    fn deliver_wires(&mut self) {
        let now = self.now;
        while let Some(event) = self.wires.due(now) {
            match event {
                Event::Arrive { side, connection, from, to } => {
                    let accepted = match self.wires.may_reach(to) {
                        true => self.act(1 - side, |agent| agent.handle_accepted(to, from)),
                        false => None,
                    };
                    self.wires.answer(now, side, connection, accepted);
                }
                Event::Connected(side, connection) => {
                    self.act(side, |agent| agent.handle_connected(connection, now));
                }
                Event::Bytes(side, connection, bytes) => {
                    self.act(side, |agent| agent.handle_stream(connection, &bytes, now));
                }
                Event::Disconnected(side, connection) => {
                    self.act(side, |agent| agent.handle_disconnected(connection, now));
                }
                Event::ServerArrive { side, connection, stream, tls, from, to } => {
                    let there = self.turn.is_some() && to == at(TURN) && self.wires.may_reach(to);
                    self.wires.server_answer(now, (side, connection), there.then_some(stream));
                    let transport = if tls { Transport::Tls } else { Transport::Tcp };
                    if there {
                        self.serve_turn(|server| server.stream_opened(stream, transport, to, from, now));
                    }
                }
                Event::ToServer(stream, bytes) => {
                    self.serve_turn(|server| server.stream_data(stream, &bytes, now));
                }
                Event::ServerClosed(stream) => self.serve_turn(|server| server.stream_closed(stream)),
                Event::Resolved(side, name, ip) => {
                    self.act(side, |agent| agent.handle_resolved(&name, ip, now));
                }
            }
        }
    }

    fn deliver(&mut self, transmit: &Transmit) {
        let now = self.now;
        if self.stun == Some(transmit.to) {
            return self.answer_binding(transmit);
        }
        if self.turn.as_ref().is_some_and(|turn| turn.owns(transmit.to)) {
            let Transmit { from, to, payload, .. } = transmit;
            return self.serve_turn(|server| server.handle_datagram(*to, *from, payload, now));
        }
        for side in [0, 1] {
            let Transmit { from, to, payload, .. } = transmit;
            let owns = self.sides[side].sockets.contains(to);
            if owns {
                return self.act(side, |agent| agent.handle_datagram(*to, *from, payload, now));
            }
        }
    }

    fn serve_turn(&mut self, action: impl FnOnce(&mut TurnServer)) {
        let Some(turn) = &mut self.turn else { return };
        action(&mut turn.server);
        let transmits = turn.drain(self.now);
        for (stream, bytes) in std::mem::take(&mut turn.to_streams) {
            self.wires.server_writes(self.now, stream, bytes);
        }
        for transmit in transmits {
            self.launch(2, transmit);
        }
    }

    fn answer_binding(&mut self, request: &Transmit) {
        let Ok(message) = Message::parse(&request.payload) else { return };
        let response =
            Builder::success(&message).attribute(&Attribute::XorMappedAddress(request.from)).finish();
        let response = Transmit { from: request.to, to: request.from, payload: response, ..request.clone() };
        self.launch(2, response);
    }

    /// The first packet of this side.
    pub(crate) fn first_sent(&self, sender: usize) -> Transmit {
        let first = self.sent.iter().find(|(_, side, _)| *side == sender);
        first.expect("something was sent").2.clone()
    }

    /// Runs until this moment.
    pub(crate) fn run_until(&mut self, until: Time) {
        while self.next_event().is_some_and(|at| at <= until) {
            self.step();
        }
        self.now = self.now.max(until);
    }

    /// Runs until both are connected. Says whether they were, by this moment.
    pub(crate) fn drive(&mut self, until: Time) -> bool {
        let connected = |side: &Side| {
            matches!(side.agent.state(), ConnectionState::Connected | ConnectionState::Completed)
                && side.agent.check_lists().all(|(_, list)| list.state == CheckListState::Completed)
        };
        while !self.sides.iter().all(connected) {
            if self.next_event().is_none_or(|at| at > until) {
                return false;
            }
            self.step();
        }
        true
    }

    /// Both sides have selected the same path, seen from either end.
    pub(crate) fn agrees(&self) -> bool {
        let ends = |side: usize| {
            let selected = self.sides[side].agent.snapshot().selected.clone()?;
            Some((selected.local.address, selected.remote.address))
        };
        match (ends(0), ends(1)) {
            (Some((a, b)), Some((c, d))) => a == d && b == c,
            _ => false,
        }
    }
}
