//! Two agents and a small network between them, on a virtual clock.
//!
//! | file | what lives there |
//! |---|---|
//! | `side` | one end of the call, and what it said about itself |
//! | `path` | what the network does to a datagram, and usual places of hosts |
//! | `signaling` | how candidates and credentials come to the other side |
//! | `servers` | STUN and TURN beside the call |
//!
//! Not here: NATs that forget, and TCP (`wires`).

mod path;
mod servers;
mod side;
mod signaling;

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::ice::{Agent, AgentConfig, Change, CheckListState, ConnectionState};
use rtclab_rtc::stun::Transport;
use rtclab_rtc::{Output, Randomness, Subject, Time, Transmit};

pub(crate) use path::{Path, at, hosts, socket, through_nats, wire};
pub(crate) use servers::{TURN, Turn};
pub(crate) use side::{Side, Told};
use signaling::Signal;

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
