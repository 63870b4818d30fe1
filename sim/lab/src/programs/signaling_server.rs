//! The signaling server: learns where peers are from their hellos, and passes messages on until they are acknowledged.
//! Not here: the text of datagrams and their repetition (`signaling`).

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_net::{Datagram as Arrived, Host, Program, SocketId};
use rtclab_trace::{Change, Entity, EntryId, ProgramReason, SignalMessage, SignalPhase, SimTime};

use super::Bell;
use super::alarm::Alarm;
use super::peer::Directory;
use super::signaling::{Datagram, Due, Message, Outbox, Seen};
use super::sockets::Sockets;

/// How long a message waits for a peer that has not come yet.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many messages it keeps in all; more are not acknowledged, so their writers keep them.
const MESSAGES_MAX: usize = 4096;

/// How many peers it remembers.
const PEERS_MAX: usize = 65_535;

const ALARM: u64 = 0;

/// What it is called in the trace.
const NAME: &str = "signaling server";

/// What a signaling server is told at its start.
#[derive(Clone, Debug)]
pub struct SignalingServerConfig {
    /// Its UDP port.
    pub port: u16,
    /// How long it holds a message before it passes it on.
    pub delay: Duration,
    /// The nodes of all peers.
    pub directory: Directory,
    /// Rung when a message is given up that a call needs.
    pub bell: Bell,
}

/// A message from end to end: who wrote it, and its number there.
type Key = (String, u32);

#[derive(Debug)]
struct Kept {
    message: Message,
    relayed: Option<EntryId>,
    /// When it is given up, while its reader has not come.
    until: SimTime,
}

/// A signaling server.
#[derive(Debug)]
pub struct SignalingServer {
    config: SignalingServerConfig,
    sockets: Sockets,
    peers: BTreeMap<String, (SocketId, SocketAddr)>,
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
            config,
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

    fn take(&mut self, host: &mut Host<'_>, arrived: &Arrived<'_>) {
        let back = (arrived.socket, arrived.from);
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
            Ok(Datagram::Welcome { .. }) => self.reject(host, arrived, "a welcome is not for servers"),
            Err(error) => self.reject(host, arrived, error),
        }
    }

    /// Nothing follows from what is not signaling, or not for a server; but whoever sees it arrive wants to know.
    fn reject(&self, host: &mut Host<'_>, arrived: &Arrived<'_>, why: impl fmt::Display) {
        let status = format!("{}; ignored a datagram from {}: {why}", self.knows(), arrived.from);
        super::tell(host, NAME, status, Some(ProgramReason::SignalingRejected.into()));
    }

    /// A peer is where its datagram came from: behind a NAT, that is where the way back is open.
    fn learn(&mut self, host: &mut Host<'_>, name: String, at: (SocketId, SocketAddr)) {
        if !self.peers.contains_key(&name) && self.peers.len() == PEERS_MAX {
            return;
        }
        let before = self.peers.insert(name.clone(), at);
        let now = host.now();
        if before.is_none() {
            let waiting = self.kept.iter().filter(|(_, kept)| kept.message.to == name);
            for (key, kept) in waiting {
                let bytes = Datagram::Message(kept.message.clone()).to_bytes();
                self.outbox.push(key.clone(), bytes, kept.relayed, now + self.config.delay);
            }
            self.tell(host);
        } else if before != Some(at) {
            let kept = &self.kept;
            self.outbox.hurry(now, |key| kept.get(key).is_some_and(|kept| kept.message.to == name));
        }
    }

    fn take_message(&mut self, host: &mut Host<'_>, message: Message, back: (SocketId, SocketAddr)) {
        if self.kept.len() == MESSAGES_MAX {
            return;
        }
        self.learn(host, message.from.clone(), back);
        let received = Datagram::Received { number: message.number, from: message.from.clone() };
        self.reply(host, back, &received, Some(ProgramReason::SignalingAcknowledge));
        if !self.seen.is_new(&message.from, message.number) {
            return;
        }
        let relayed = self.record(host, &message, SignalPhase::Relayed, None);
        let key = (message.from.clone(), message.number);
        if self.peers.contains_key(&message.to) {
            let bytes = Datagram::Message(message.clone()).to_bytes();
            self.outbox.push(key.clone(), bytes, relayed, host.now() + self.config.delay);
        }
        self.kept.insert(key, Kept { message, relayed, until: host.now() + PATIENCE });
    }

    fn reply(
        &self,
        host: &mut Host<'_>,
        (socket, to): (SocketId, SocketAddr),
        datagram: &Datagram,
        reason: Option<ProgramReason>,
    ) {
        let cause = host.input();
        let _ = host.send_udp(socket, to, &datagram.to_bytes(), reason.map(Into::into), cause);
    }

    /// Sends what is due, and gives up what nobody takes.
    fn settle(&mut self, host: &mut Host<'_>) {
        let now = host.now();
        for due in self.outbox.due(now) {
            match due {
                Due::Send { key, payload, cause, again } => {
                    let Some(kept) = self.kept.get(&key) else { continue };
                    let Some(&(socket, to)) = self.peers.get(&kept.message.to) else { continue };
                    let reason = if again {
                        ProgramReason::SignalingRetransmission
                    } else {
                        ProgramReason::SignalingForward
                    };
                    let _ = host.send_udp(socket, to, &payload, Some(reason.into()), cause);
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
        self.alarm.set(host, self.outbox.next_at().into_iter().chain(patience).min());
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
    }

    fn datagram(&mut self, host: &mut Host<'_>, arrived: &Arrived<'_>) {
        self.take(host, arrived);
        self.settle(host);
    }

    fn timer(&mut self, host: &mut Host<'_>, _token: u64) {
        self.alarm.fired();
        self.settle(host);
    }
}
