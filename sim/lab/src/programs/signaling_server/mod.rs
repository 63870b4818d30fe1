//! The signaling server: learns where peers are from their hellos, and passes messages on until they are acknowledged; over datagrams,
//! and over WebSockets if it is told so. What it does wrong on demand, it does here.
//!
//! | file | what lives there |
//! |---|---|
//! | `faults` | which messages something is done wrong with |
//! | `streams` | WebSockets |
//!
//! Not here: the text of messages and their repetition (`signaling`).

mod faults;
mod streams;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_net::tcp::TcpError;
use rtclab_net::{Datagram as Arrived, Host, Program, SocketId, StreamId};
use rtclab_trace::{Change, Entity, EntryId, ProgramReason, SignalMessage, SignalPhase, SimTime};

use super::Bell;
use super::alarm::Alarm;
use super::peer::Directory;
use super::signaling::{Datagram, Due, Envelope, Message, Outbox, Seen};
use super::sockets::Sockets;
use faults::Faults;
use streams::{StreamEvent, Streams};

pub use faults::{Fault, FaultKind};

/// How long a message waits for a peer that has not come yet.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many messages it keeps in all; more are not acknowledged, so their writers keep them.
const MESSAGES_MAX: usize = 4096;

/// How many peers it remembers.
const PEERS_MAX: usize = 65_535;

/// How long a message is held at most for another to overtake it.
const OVERTAKEN_WITHIN: Duration = Duration::from_secs(2);

/// A message that was overtaken leaves so much later than the other.
const BEHIND: Duration = Duration::from_millis(1);

const ALARM: u64 = 0;

/// What it is called in the trace.
const NAME: &str = "signaling server";

/// What a signaling server is told at its start.
#[derive(Clone, Debug)]
pub struct SignalingServerConfig {
    /// Its UDP port, and its TCP port.
    pub port: u16,
    /// Whether it takes WebSockets, too.
    pub websocket: bool,
    /// What it does wrong.
    pub faults: Vec<Fault>,
    /// How long it holds a message before it passes it on.
    pub delay: Duration,
    /// The nodes of all peers.
    pub directory: Directory,
    /// Rung when a message is given up that a call needs.
    pub bell: Bell,
}

/// A message from end to end: who wrote it, and its number there.
type Key = (String, u32);

/// How a peer is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// By datagrams.
    Datagram(SocketId, SocketAddr),
    /// By a WebSocket.
    Stream(StreamId),
}

#[derive(Debug)]
struct Kept {
    message: Message,
    /// When it may be passed on.
    not_before: SimTime,
    /// So many times it is passed on besides.
    copies: u32,
    /// It waits for another to overtake it.
    held: bool,
    relayed: Option<EntryId>,
    /// When it is given up, while its reader has not come.
    until: SimTime,
}

/// A signaling server.
#[derive(Debug)]
pub struct SignalingServer {
    config: SignalingServerConfig,
    sockets: Sockets,
    streams: Streams,
    faults: Faults,
    stopped: bool,
    peers: BTreeMap<String, Way>,
    /// Every message that is not acknowledged yet.
    kept: BTreeMap<Key, Kept>,
    /// Those of them whose reader is known.
    outbox: Outbox<Key>,
    seen: Seen,
    alarm: Alarm,
    lost: Vec<(Message, Option<EntryId>)>,
}

impl SignalingServer {
    /// A server that begins with the run.
    pub fn new(config: SignalingServerConfig) -> SignalingServer {
        SignalingServer {
            faults: Faults::new(&config.faults),
            config,
            streams: Streams::default(),
            stopped: false,
            sockets: Sockets::default(),
            peers: BTreeMap::new(),
            kept: BTreeMap::new(),
            outbox: Outbox::default(),
            seen: Seen::default(),
            alarm: Alarm::new(ALARM),
            lost: Vec::new(),
        }
    }

    /// Messages that it gave up, each with the entry that says so.
    pub fn lost(&self) -> &[(Message, Option<EntryId>)] {
        &self.lost
    }

    /// Stops for good: an action of the scenario.
    pub fn stop(&mut self, host: &mut Host<'_>) {
        self.stopped = true;
        let status = format!("{}; stops", self.knows());
        super::tell(host, NAME, status, Some(ProgramReason::ServerStopped.into()));
        for bound in self.sockets.addresses() {
            self.sockets.close(host, bound);
        }
        self.streams.stop(host);
        self.peers.clear();
        self.alarm.set(host, None);
    }

    fn take(&mut self, host: &mut Host<'_>, arrived: &Arrived<'_>) {
        let back = Way::Datagram(arrived.socket, arrived.from);
        match Datagram::parse(arrived.payload) {
            Ok(Datagram::Hello { number, name }) => {
                self.learn(host, name, back);
                self.reply(host, back, &Datagram::Welcome { number }, None);
            }
            Ok(Datagram::Message(message)) => self.take_message(host, message, back),
            Ok(Datagram::Received { number, from }) => {
                let key = (from, number);
                self.outbox.acknowledge(&key);
                self.kept.remove(&key);
            }
            Ok(Datagram::Welcome { .. }) => self.reject(
                host,
                format_args!("a datagram from {}", arrived.from),
                "a welcome is not for servers",
            ),
            Err(error) => self.reject(host, format_args!("a datagram from {}", arrived.from), error),
        }
    }

    fn take_events(&mut self, host: &mut Host<'_>, events: Vec<StreamEvent>) {
        for event in events {
            match event {
                StreamEvent::Text(stream, text) => match text.parse::<Envelope>() {
                    Ok(Envelope::Hello { name }) => {
                        self.learn(host, name, Way::Stream(stream));
                        let cause = host.input();
                        let more = self.streams.send(host, stream, &Envelope::Welcome.to_string(), cause);
                        self.take_events(host, more);
                    }
                    Ok(Envelope::Message(message)) => self.take_message(host, message, Way::Stream(stream)),
                    Ok(Envelope::Welcome) => {
                        self.reject(host, "a text in a WebSocket", "a welcome is not for servers")
                    }
                    Err(error) => self.reject(host, "a text in a WebSocket", error),
                },
                StreamEvent::Gone(stream) => {
                    let before = self.peers.len();
                    self.peers.retain(|_, way| *way != Way::Stream(stream));
                    if self.peers.len() != before {
                        self.tell(host);
                    }
                }
            }
        }
    }

    /// Nothing follows from what is not signaling, or not for a server; but whoever sees it arrive wants to know.
    fn reject(&self, host: &mut Host<'_>, from: impl fmt::Display, why: impl fmt::Display) {
        let status = format!("{}; ignored {from}: {why}", self.knows());
        super::tell(host, NAME, status, Some(ProgramReason::SignalingRejected.into()));
    }

    /// A peer is where its message came from: behind a NAT, that is where the way back is open.
    fn learn(&mut self, host: &mut Host<'_>, name: String, at: Way) {
        if !self.peers.contains_key(&name) && self.peers.len() == PEERS_MAX {
            return;
        }
        let before = self.peers.insert(name.clone(), at);
        let now = host.now();
        if before.is_none() {
            let waiting = self.kept.iter().filter(|(_, kept)| kept.message.to == name && !kept.held);
            for (key, kept) in waiting {
                let bytes = Datagram::Message(kept.message.clone()).to_bytes();
                let at = kept.not_before.max(now + self.config.delay);
                self.outbox.push(key.clone(), bytes, kept.relayed, at);
            }
            self.tell(host);
        } else if before != Some(at) {
            let kept = &self.kept;
            self.outbox.hurry(now, |key| kept.get(key).is_some_and(|kept| kept.message.to == name));
        }
    }

    fn take_message(&mut self, host: &mut Host<'_>, message: Message, back: Way) {
        if self.kept.len() == MESSAGES_MAX {
            return;
        }
        self.learn(host, message.from.clone(), back);
        let received = Datagram::Received { number: message.number, from: message.from.clone() };
        self.reply(host, back, &received, Some(ProgramReason::SignalingAcknowledge));
        if !self.seen.is_new(&message.from, message.number) {
            return;
        }
        let key = (message.from.clone(), message.number);
        let mut kept = Kept {
            message,
            not_before: host.now() + self.config.delay,
            copies: 0,
            held: false,
            relayed: None,
            until: host.now() + PATIENCE,
        };
        let mut reasons = Vec::new();
        for fault in self.faults.of(&kept.message) {
            match fault {
                FaultKind::Drop => {
                    self.kept.insert(key.clone(), kept);
                    self.give_up(host, &key, ProgramReason::SignalingFaultDrop);
                    return;
                }
                FaultKind::Delay(wait) => {
                    kept.not_before += wait;
                    reasons.push(ProgramReason::SignalingFaultDelay);
                }
                FaultKind::Duplicate => {
                    kept.copies += 1;
                    reasons.push(ProgramReason::SignalingFaultDuplicate);
                }
                FaultKind::Reorder => {
                    kept.held = true;
                    kept.not_before += OVERTAKEN_WITHIN;
                    reasons.push(ProgramReason::SignalingFaultReorder);
                }
            }
        }
        if reasons.is_empty() {
            kept.relayed = self.record(host, &kept.message, SignalPhase::Relayed, None);
        }
        for reason in reasons {
            let because = Some((reason, kept.relayed.or_else(|| host.input())));
            kept.relayed = self.record(host, &kept.message, SignalPhase::Relayed, because);
        }
        self.pass_on(key, kept);
    }

    /// Sends a message when its time has come; those that waited to be overtaken by it follow.
    fn pass_on(&mut self, key: Key, kept: Kept) {
        if !kept.held {
            let overtaken = kept.not_before + BEHIND;
            for (other, held) in &mut self.kept {
                if held.held && held.message.to == kept.message.to {
                    held.held = false;
                    held.not_before = overtaken;
                    if self.peers.contains_key(&held.message.to) {
                        let bytes = Datagram::Message(held.message.clone()).to_bytes();
                        self.outbox.push(other.clone(), bytes, held.relayed, overtaken);
                    }
                }
            }
            if self.peers.contains_key(&kept.message.to) {
                let bytes = Datagram::Message(kept.message.clone()).to_bytes();
                self.outbox.push(key.clone(), bytes, kept.relayed, kept.not_before);
            }
        }
        self.kept.insert(key, kept);
    }

    /// Those that nobody has overtaken in time go on their own.
    fn release_held(&mut self, now: SimTime) {
        for (key, kept) in &mut self.kept {
            if kept.held && kept.not_before <= now {
                kept.held = false;
                if self.peers.contains_key(&kept.message.to) {
                    let bytes = Datagram::Message(kept.message.clone()).to_bytes();
                    self.outbox.push(key.clone(), bytes, kept.relayed, now);
                }
            }
        }
    }

    /// Answers a datagram. What came over TCP needs no word that it arrived.
    fn reply(&self, host: &mut Host<'_>, back: Way, datagram: &Datagram, reason: Option<ProgramReason>) {
        let Way::Datagram(socket, to) = back else { return };
        let cause = host.input();
        let _ = host.send_udp(socket, to, &datagram.to_bytes(), reason.map(Into::into), cause);
    }

    fn forward(
        &mut self,
        host: &mut Host<'_>,
        key: &Key,
        payload: &[u8],
        cause: Option<EntryId>,
        again: bool,
    ) {
        let Some(kept) = self.kept.get_mut(key) else { return };
        let Some(&way) = self.peers.get(&kept.message.to) else { return };
        let copies = std::mem::take(&mut kept.copies);
        let text = match way {
            Way::Datagram(..) => String::new(),
            Way::Stream(_) => Envelope::Message(kept.message.clone()).to_string(),
        };
        for _ in 0..=copies {
            match way {
                Way::Datagram(socket, to) => {
                    let reason = if again {
                        ProgramReason::SignalingRetransmission
                    } else {
                        ProgramReason::SignalingForward
                    };
                    let _ = host.send_udp(socket, to, payload, Some(reason.into()), cause);
                }
                Way::Stream(stream) => {
                    let events = self.streams.send(host, stream, &text, cause);
                    self.take_events(host, events);
                }
            }
        }
        if matches!(way, Way::Stream(_)) {
            // TCP does the rest.
            self.outbox.acknowledge(key);
            self.kept.remove(key);
        }
    }

    /// Sends what is due, and gives up what nobody takes.
    fn settle(&mut self, host: &mut Host<'_>) {
        let now = host.now();
        self.release_held(now);
        for due in self.outbox.due(now) {
            match due {
                Due::Send { key, payload, cause, again } => {
                    self.forward(host, &key, &payload, cause, again);
                }
                Due::GivenUp { key } => self.give_up(host, &key, ProgramReason::SignalingGivenUp),
            }
        }
        let absent = |kept: &Kept| !self.peers.contains_key(&kept.message.to);
        let late: Vec<Key> = self
            .kept
            .iter()
            .filter(|(_, kept)| kept.until <= now && absent(kept))
            .map(|(key, _)| key.clone())
            .collect();
        for key in late {
            self.give_up(host, &key, ProgramReason::SignalingNoSuchPeer);
        }
        let absent = |kept: &&Kept| !self.peers.contains_key(&kept.message.to);
        let patience = self.kept.values().filter(absent).map(|kept| kept.until).min();
        let held = self.kept.values().filter(|kept| kept.held).map(|kept| kept.not_before).min();
        self.alarm.set(host, self.outbox.next_at().into_iter().chain(patience).chain(held).min());
    }

    fn give_up(&mut self, host: &mut Host<'_>, key: &Key, reason: ProgramReason) {
        let Some(kept) = self.kept.remove(key) else { return };
        let entry = self.record(host, &kept.message, SignalPhase::Lost, Some((reason, kept.relayed)));
        if kept.message.kind.is_needed() {
            self.config.bell.ring();
        }
        self.lost.push((kept.message, entry));
    }

    fn record(
        &self,
        host: &mut Host<'_>,
        message: &Message,
        phase: SignalPhase,
        because: Option<(ProgramReason, Option<EntryId>)>,
    ) -> Option<EntryId> {
        let from = *self.config.directory.get(&message.from)?;
        let to = *self.config.directory.get(&message.to)?;
        let (kind, text) = (message.kind.word().to_owned(), message.body.clone());
        let change = Change::Signal(Box::new(SignalMessage { from, to, kind, text, phase }));
        let (reason, cause) = because.unzip();
        let cause = cause.flatten().or_else(|| host.input());
        host.record(Entity::Signal(message.number), change, reason.map(Into::into), cause)
    }

    fn tell(&self, host: &mut Host<'_>) {
        super::tell(host, NAME, self.knows(), None);
    }

    fn knows(&self) -> String {
        if self.peers.is_empty() {
            return "knows nobody".to_owned();
        }
        let names: Vec<&str> = self.peers.keys().map(String::as_str).collect();
        format!("knows {}", names.join(", "))
    }
}

impl Program for SignalingServer {
    fn start(&mut self, host: &mut Host<'_>) {
        self.sockets.bind(host, self.config.port);
        if self.config.websocket {
            self.streams.listen(host, self.config.port);
        }
    }

    fn datagram(&mut self, host: &mut Host<'_>, arrived: &Arrived<'_>) {
        self.take(host, arrived);
        self.settle(host);
    }

    fn timer(&mut self, host: &mut Host<'_>, _token: u64) {
        self.alarm.fired();
        self.settle(host);
    }

    fn stream_accepted(&mut self, host: &mut Host<'_>, stream: StreamId, _peer: SocketAddr) {
        if self.stopped {
            host.close_stream(stream);
        } else {
            self.streams.accepted(host, stream);
        }
    }

    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let events = self.streams.readable(host, stream);
        self.take_events(host, events);
        self.settle(host);
    }

    fn stream_writable(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.streams.writable(host, stream);
    }

    fn stream_ended(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let events = self.streams.ended(host, stream);
        self.take_events(host, events);
    }

    fn stream_closed(&mut self, host: &mut Host<'_>, stream: StreamId, _error: Option<TcpError>) {
        let events = self.streams.closed(stream).into_iter().collect();
        self.take_events(host, events);
    }
}
