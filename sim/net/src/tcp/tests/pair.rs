//! Two connections and the channel between them: delay, loss, reordering, duplication and a rate, all from a seed.
//! Not here: any judgement; tests look at the connections and at the log of segments.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::Randomness;
use rtclab_trace::{NetReason, SimTime};

use crate::Stream;
use crate::tcp::{
    Admission, Change, Codepoint, Config, Connection, Event, Flags, InitialSequences, Listener, Segment,
    SegmentOut, State, Verdict, reset_for,
};

/// A stream of random numbers from a seed.
#[derive(Debug)]
pub(super) struct Seeded(Stream);

impl Seeded {
    pub(super) fn new(seed: u64) -> Seeded {
        Seeded(Stream::new(seed, "test", "channel"))
    }

    /// Whether something happens that happens so often in a thousand.
    pub(super) fn chance(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.below(1000) < per_mille
    }
}

impl Randomness for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }
}

/// Which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Client,
    Server,
}

impl Side {
    pub(super) fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
}

/// The channel, the same in both directions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channel {
    pub(super) delay: Duration,
    /// In a thousand.
    pub(super) loss: u32,
    /// In a thousand, and by how much later than its turn.
    pub(super) reorder: (u32, Duration),
    /// In a thousand.
    pub(super) duplicate: u32,
    /// Bytes a second, with a queue of so many bytes.
    pub(super) rate: Option<(u64, u64)>,
}

impl Channel {
    /// No trouble, and so many milliseconds one way.
    pub(super) const fn clean(delay_ms: u64) -> Channel {
        Channel {
            delay: Duration::from_millis(delay_ms),
            loss: 0,
            reorder: (0, Duration::ZERO),
            duplicate: 0,
            rate: None,
        }
    }
}

/// A segment in the log, with its numbers relative to the initial ones.
#[derive(Clone, Debug)]
pub(super) struct Logged {
    pub(super) at: SimTime,
    pub(super) from: Side,
    pub(super) flags: Flags,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) length: usize,
    pub(super) reason: NetReason,
    pub(super) codepoint: Codepoint,
    pub(super) dropped: bool,
}

/// One end with its program: what it writes, what it has read, and when it closes.
#[derive(Debug)]
pub(super) struct End {
    pub(super) connection: Option<Connection>,
    pub(super) to_write: Vec<u8>,
    pub(super) received: Vec<u8>,
    /// Shuts its side down when all is written.
    pub(super) shuts_down: bool,
    /// Reads as soon as there is something.
    pub(super) reads: bool,
    pub(super) events: Vec<Event>,
    pub(super) changes: Vec<Change>,
    pub(super) states: Vec<State>,
    pub(super) verdicts: Vec<Verdict>,
}

impl End {
    fn new() -> End {
        End {
            connection: None,
            to_write: Vec::new(),
            received: Vec::new(),
            shuts_down: false,
            reads: true,
            events: Vec::new(),
            changes: Vec::new(),
            states: Vec::new(),
            verdicts: Vec::new(),
        }
    }
}

/// Decides about a segment by its number in the log: whether it is dropped.
type Filter = Box<dyn FnMut(&Logged) -> bool>;

/// Two ends and the channel.
pub(super) struct Pair {
    pub(super) now: SimTime,
    pub(super) channel: Channel,
    pub(super) client: End,
    pub(super) server: End,
    pub(super) log: Vec<Logged>,
    pub(super) filter: Filter,
    pub(super) listener: Option<Listener>,
    pub(super) mark_congestion: bool,
    in_flight: BTreeMap<(SimTime, u64), (Side, Codepoint, Vec<u8>)>,
    sequence: u64,
    free_at: [SimTime; 2],
    randomness: Seeded,
    sequences: InitialSequences,
}

pub(super) const CLIENT: ([u8; 4], u16) = ([10, 0, 0, 1], 5000);
pub(super) const SERVER: ([u8; 4], u16) = ([10, 0, 0, 2], 80);

impl Pair {
    /// A client that connects and a server that listens.
    pub(super) fn new(seed: u64, channel: Channel, client: Config, server: Config) -> Pair {
        let mut pair = Pair::unconnected(seed, channel);
        pair.listener = Some(Listener::new(SocketAddr::from(SERVER), server, 8));
        pair.connect(Side::Client, client);
        pair
    }

    /// With default settings.
    pub(super) fn clean(delay_ms: u64) -> Pair {
        Pair::new(1, Channel::clean(delay_ms), Config::default(), Config::default())
    }

    /// Two ends without a connection.
    pub(super) fn unconnected(seed: u64, channel: Channel) -> Pair {
        let mut randomness = Seeded::new(seed);
        let sequences = InitialSequences::new(&mut randomness);
        Pair {
            now: SimTime::ZERO,
            channel,
            client: End::new(),
            server: End::new(),
            log: Vec::new(),
            filter: Box::new(|_| false),
            listener: None,
            mark_congestion: false,
            in_flight: BTreeMap::new(),
            sequence: 0,
            free_at: [SimTime::ZERO; 2],
            randomness,
            sequences,
        }
    }

    /// A pair that is established.
    pub(super) fn established(delay_ms: u64, client: Config, server: Config) -> Pair {
        let mut pair = Pair::new(1, Channel::clean(delay_ms), client, server);
        pair.run_for(Duration::from_millis(4 * delay_ms + 100));
        assert_eq!(pair.states(), [State::Established; 2]);
        pair
    }

    /// Opens actively from one side.
    pub(super) fn connect(&mut self, side: Side, config: Config) {
        let [local, remote] = match side {
            Side::Client => [CLIENT, SERVER],
            Side::Server => [SERVER, CLIENT],
        };
        let (local, remote) = (SocketAddr::from(local), SocketAddr::from(remote));
        let identity = self.sequences.identity(self.now, local, remote);
        self.end(side).connection = Some(Connection::connect(config, local, remote, identity));
        self.settle(side);
    }

    pub(super) fn end(&mut self, side: Side) -> &mut End {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// A connection that has to be there.
    pub(super) fn on(&mut self, side: Side) -> &mut Connection {
        self.end(side).connection.as_mut().expect("this side has a connection")
    }

    /// Does something with a connection, and lets it transmit.
    pub(super) fn call<R>(&mut self, side: Side, call: impl FnOnce(&mut Connection) -> R) -> R {
        let result = call(self.on(side));
        self.settle(side);
        result
    }

    /// The states of both ends; CLOSED where there is no connection.
    pub(super) fn states(&self) -> [State; 2] {
        [&self.client, &self.server]
            .map(|end| end.connection.as_ref().map_or(State::Closed, Connection::state))
    }

    /// Jumps to the next thing that happens. Says whether there was one.
    pub(super) fn step(&mut self) -> bool {
        let arrival = self.in_flight.first_key_value().map(|((at, _), _)| *at);
        let ends = [&self.client, &self.server].map(|end| end.connection.as_ref()?.poll_timeout());
        let Some(next) = ends.into_iter().chain([arrival]).flatten().min() else { return false };
        assert!(next >= self.now, "time goes on");
        self.now = next;
        if arrival == Some(next) {
            if let Some((_, (to, codepoint, bytes))) = self.in_flight.pop_first() {
                self.deliver(to, codepoint, &bytes);
            }
            return true;
        }
        for side in [Side::Client, Side::Server] {
            let now = self.now;
            if let Some(connection) = &mut self.end(side).connection {
                connection.handle_timeout(now);
                self.settle(side);
            }
        }
        true
    }

    /// Runs for a time.
    pub(super) fn run_for(&mut self, span: Duration) {
        let until = self.now + span;
        self.settle_both();
        while self.next_at().is_some_and(|at| at <= until) && self.step() {}
        self.now = until;
    }

    fn next_at(&self) -> Option<SimTime> {
        let arrival = self.in_flight.first_key_value().map(|((at, _), _)| *at);
        let ends = [&self.client, &self.server].map(|end| end.connection.as_ref()?.poll_timeout());
        ends.into_iter().chain([arrival]).flatten().min()
    }

    /// Runs until nothing happens any more, or both ends have closed and read everything; at most for an hour.
    pub(super) fn drive(&mut self) {
        self.settle_both();
        while self.now < SimTime::from_millis(3_600_000) && self.step() {}
    }

    fn deliver(&mut self, to: Side, codepoint: Codepoint, bytes: &[u8]) {
        let [source, destination] = match to {
            Side::Client => [SERVER, CLIENT],
            Side::Server => [CLIENT, SERVER],
        };
        let (source, destination) = (SocketAddr::from(source), SocketAddr::from(destination));
        let segment = Segment::parse(bytes, source.ip(), destination.ip()).expect("what is sent is intact");
        let (now, codepoint) = (self.now, self.marked(codepoint));
        let end = self.end(to);
        if let Some(connection) = end.connection.as_mut().filter(|connection| !connection.is_finished()) {
            let verdict = connection.handle_segment(now, codepoint, &segment);
            end.verdicts.push(verdict);
        } else {
            self.deliver_to_none(to, destination, source, &segment);
        }
        self.settle(to);
    }

    fn marked(&mut self, codepoint: Codepoint) -> Codepoint {
        if self.mark_congestion && codepoint != Codepoint::NotEct {
            Codepoint::CongestionExperienced
        } else {
            codepoint
        }
    }

    fn deliver_to_none(&mut self, to: Side, local: SocketAddr, remote: SocketAddr, segment: &Segment<'_>) {
        let identity = self.sequences.identity(self.now, local, remote);
        let answer = match (&mut self.listener, to) {
            (Some(listener), Side::Server) => {
                match listener.admit(self.now, [local, remote], segment, identity, None) {
                    Admission::Open(connection) => {
                        self.server.connection = Some(*connection);
                        None
                    }
                    Admission::Refused(reset) => Some(reset),
                    Admission::Dropped(_) => None,
                }
            }
            _ => reset_for(segment),
        };
        if let Some(answer) = answer {
            self.transmit(to, &answer);
        }
    }

    fn settle_both(&mut self) {
        self.settle(Side::Client);
        self.settle(Side::Server);
    }

    /// What the program does, and what is sent because of it.
    fn settle(&mut self, side: Side) {
        let now = self.now;
        loop {
            let end = self.end(side);
            let Some(connection) = &mut end.connection else { return };
            let mut out = Vec::new();
            while let Some(segment) = connection.poll_transmit(now) {
                out.push(segment);
                assert!(out.len() < 100_000, "transmission ends: {:?}", out.last());
            }
            while let Some(change) = connection.poll_change() {
                if end.states.last() != Some(&change.state.state) {
                    end.states.push(change.state.state);
                }
                end.changes.push(change);
            }
            while let Some(event) = connection.poll_event() {
                end.events.push(event);
            }
            let acted = run_program(end);
            for segment in &out {
                self.transmit(side, segment);
            }
            if out.is_empty() && !acted {
                return;
            }
        }
    }

    fn transmit(&mut self, from: Side, segment: &SegmentOut) {
        let [source, destination] = match from {
            Side::Client => [CLIENT, SERVER],
            Side::Server => [SERVER, CLIENT],
        };
        let bytes = segment.emit(source.0.into(), destination.0.into());
        assert!(bytes.len() <= 1480, "a segment fits the path: {}", bytes.len());
        let mut logged = self.logged(from, segment);
        let is_lost = (self.filter)(&logged) || self.randomness.chance(self.channel.loss);
        let leaves_at = self.leaves_at(from, bytes.len() as u64);
        logged.dropped = is_lost || leaves_at.is_none();
        let dropped = logged.dropped;
        self.log.push(logged);
        if self.log.len() > 200_000 {
            self.log.clear();
        }
        let Some(leaves_at) = leaves_at.filter(|_| !dropped) else { return };
        let copies = 1 + u32::from(self.randomness.chance(self.channel.duplicate));
        for _ in 0..copies {
            let mut at = leaves_at + self.channel.delay;
            if self.randomness.chance(self.channel.reorder.0) {
                let most = u32::try_from(self.channel.reorder.1.as_micros()).unwrap_or(u32::MAX);
                at += Duration::from_micros(u64::from(self.randomness.below(most)));
            }
            self.sequence += 1;
            self.in_flight.insert((at, self.sequence), (from.other(), segment.codepoint, bytes.clone()));
        }
    }

    /// When the last bit of a packet is on the wire; none if the queue is full.
    fn leaves_at(&mut self, from: Side, length: u64) -> Option<SimTime> {
        let Some((rate, queue)) = self.channel.rate else { return Some(self.now) };
        let free = &mut self.free_at[from as usize];
        let waiting = free.since(self.now).as_nanos() as u64 / 1000 * rate / 1_000_000;
        if waiting + length > queue {
            return None;
        }
        *free = (*free).max(self.now) + Duration::from_nanos((length + 20) * 1_000_000_000 / rate);
        Some(*free)
    }

    fn logged(&self, from: Side, segment: &SegmentOut) -> Logged {
        let header = &segment.header;
        let end = match from {
            Side::Client => &self.client,
            Side::Server => &self.server,
        };
        let snapshot = end.connection.as_ref().map(Connection::snapshot);
        let (iss, irs) = snapshot.map_or((0, 0), |state| (state.send.initial, state.receive.initial));
        Logged {
            at: self.now,
            from,
            flags: header.flags,
            seq: header.sequence.0.wrapping_sub(iss),
            ack: header.acknowledgment.0.wrapping_sub(irs),
            length: segment.payload.len(),
            reason: segment.reason,
            codepoint: segment.codepoint,
            dropped: false,
        }
    }

    /// The log as text: a line for each segment, `0 → SYN 0:0` with relative numbers and length.
    pub(super) fn ladder(&self) -> Vec<String> {
        self.log.iter().map(line).collect()
    }

    /// Reasons of all segments of a side that were sent.
    pub(super) fn reasons(&self, side: Side) -> Vec<NetReason> {
        self.log.iter().filter(|logged| logged.from == side).map(|logged| logged.reason).collect()
    }

    /// How often a side sent for a reason.
    pub(super) fn count(&self, side: Side, reason: NetReason) -> usize {
        self.reasons(side).into_iter().filter(|seen| *seen == reason).count()
    }
}

/// `client SYN,ACK seq 0 ack 1 len 0`.
fn line(logged: &Logged) -> String {
    let Logged { from, flags, seq, ack, length, .. } = logged;
    let from = if *from == Side::Client { "client" } else { "server" };
    let ack = if flags.has(Flags::ACK) { format!(" ack {ack}") } else { String::new() };
    format!("{from} {flags} seq {seq}{ack} len {length}")
}

/// Writes, reads and closes as far as it can. Says whether it did anything.
fn run_program(end: &mut End) -> bool {
    let Some(connection) = &mut end.connection else { return false };
    let mut acted = false;
    if !end.to_write.is_empty()
        && let Ok(written) = connection.write(&end.to_write)
    {
        end.to_write.drain(..written);
        acted |= written > 0;
    }
    if end.reads && connection.readable() > 0 {
        let mut out = vec![0; connection.readable()];
        let count = connection.read(&mut out);
        end.received.extend(&out[..count]);
        acted = true;
    }
    if end.shuts_down && end.to_write.is_empty() && connection.state() != State::SynSent {
        end.shuts_down = false;
        connection.shutdown();
        acted = true;
    }
    acted
}

/// Bytes that can be told apart by their place.
pub(super) fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0] ^ i as u8).collect()
}
