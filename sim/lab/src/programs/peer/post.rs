//! How a peer's messages leave and arrive: as packets through the signaling server, or at once. Each is a signal of the trace, so that
//! "why" leads from a check back through the signaling to the other side's gathering. Not here: what messages say (`session`).

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rtclab_net::{Datagram, Host, SocketId};
use rtclab_trace::{Change, Entity, EntryId, ProgramReason, SignalMessage, SignalPhase, SimTime};

use super::{Peer, PeerConfig, Signaling};
use crate::programs::signaling::{ClientEvent, Message, MessageKind, SignalingClient};
use crate::programs::tell;

/// How many messages a peer keeps that has not begun yet.
const WAITING_MAX: usize = 256;

/// A message that is handed over at once, with the entry that it was sent by.
#[derive(Debug)]
pub struct InstantMessage {
    /// The message.
    pub message: Message,
    /// Its entry, phase [`SignalPhase::Sent`].
    pub sent: Option<EntryId>,
}

/// A peer's messages, out and in.
#[derive(Debug)]
pub(super) struct Post {
    client: Option<SignalingClient>,
    socket: Option<SocketId>,
    next_number: u32,
    step: u32,
    /// Messages that the server has not acknowledged, so that a loss can be told.
    on_the_way: BTreeMap<u32, Message>,
    instant: Vec<InstantMessage>,
    /// What came before the peer began.
    waiting: VecDeque<InstantMessage>,
    lost: Option<Option<EntryId>>,
}

impl Post {
    pub(super) fn new(config: &PeerConfig) -> Post {
        Post {
            client: match config.signaling {
                Signaling::Instant => None,
                Signaling::Server(_) => Some(SignalingClient::new(config.name.clone())),
            },
            socket: None,
            next_number: config.signal_numbers.first,
            step: config.signal_numbers.step.max(1),
            on_the_way: BTreeMap::new(),
            instant: Vec::new(),
            waiting: VecDeque::new(),
            lost: None,
        }
    }

    /// Says hello to the server, if there is one.
    pub(super) fn begin(&mut self, host: &mut Host<'_>, config: &PeerConfig) {
        let Signaling::Server(server) = config.signaling else { return };
        let any: IpAddr =
            if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        self.socket = host.bind_udp(any, 0).ok();
        self.say_hello(host.now());
    }

    pub(super) fn say_hello(&mut self, now: SimTime) {
        if let Some(client) = &mut self.client {
            client.start(now);
        }
    }

    pub(super) fn is_socket(&self, socket: SocketId) -> bool {
        self.socket == Some(socket)
    }

    pub(super) fn lost(&self) -> Option<Option<EntryId>> {
        self.lost
    }

    pub(super) fn next_at(&self) -> SimTime {
        self.client.as_ref().map_or(SimTime::MAX, SignalingClient::next_at)
    }

    pub(super) fn handle_timeout(&mut self, now: SimTime) {
        if let Some(client) = &mut self.client {
            client.handle_timeout(now);
        }
    }

    /// Sends a message, which is a signal of the trace from here on.
    pub(super) fn send(
        &mut self,
        host: &mut Host<'_>,
        config: &PeerConfig,
        to: &str,
        kind: MessageKind,
        body: String,
        cause: Option<EntryId>,
    ) {
        let number = self.next_number;
        self.next_number = number.wrapping_add(self.step);
        let message = Message { number, from: config.name.clone(), to: to.to_owned(), kind, body };
        let sent = record_signal(host, config, &message, SignalPhase::Sent, None, cause);
        match &mut self.client {
            Some(client) => {
                self.on_the_way.insert(number, message.clone());
                client.send(message, sent, host.now());
            }
            None => {
                self.instant.push(InstantMessage { message, sent });
                config.bell.ring();
            }
        }
    }

    /// Puts everything that is to be sent now on the network, and notes what was given up.
    pub(super) fn flush(&mut self, host: &mut Host<'_>, config: &PeerConfig) {
        let (Some(client), Signaling::Server(server)) = (&mut self.client, config.signaling) else { return };
        while let Some(transmit) = client.poll_transmit() {
            let Some(socket) = self.socket else { continue };
            let cause = transmit.cause.or_else(|| host.input());
            // What cannot leave is in the trace, dropped here, and will be repeated.
            let _ = host.send_udp(socket, server, &transmit.payload, transmit.reason.map(Into::into), cause);
        }
    }
}

impl Peer {
    /// Messages that are to be handed over at once; the owner of the world does it.
    pub fn take_instant_messages(&mut self) -> Vec<InstantMessage> {
        std::mem::take(&mut self.post.instant)
    }

    /// A message that another peer handed over at once.
    pub fn receive_instant(&mut self, host: &mut Host<'_>, instant: InstantMessage) {
        if self.agent.is_none() {
            if self.post.waiting.len() < WAITING_MAX {
                self.post.waiting.push_back(instant);
            }
            return;
        }
        self.receive_message(host, &instant.message, instant.sent);
        self.settle(host);
    }

    /// What came before the peer began.
    pub(super) fn take_waiting(&mut self, host: &mut Host<'_>) {
        for instant in std::mem::take(&mut self.post.waiting) {
            self.receive_message(host, &instant.message, instant.sent);
        }
    }

    /// A datagram of the signaling server. One that is not signaling, or not for this peer, changes nothing.
    pub(super) fn take_post(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        if let Some(client) = &mut self.post.client
            && let Err(rejected) = client.handle_datagram(datagram.payload, host.now())
        {
            let status = format!("ignored a datagram from {}: {rejected}", datagram.from);
            tell(host, "peer", status, Some(ProgramReason::SignalingRejected.into()));
        }
        self.take_post_events(host);
    }

    /// What the client has to tell.
    pub(super) fn take_post_events(&mut self, host: &mut Host<'_>) {
        while let Some(event) = self.post.client.as_mut().and_then(SignalingClient::poll_event) {
            match event {
                ClientEvent::Message(message) => self.receive_message(host, &message, host.input()),
                ClientEvent::Acknowledged(number) => {
                    self.post.on_the_way.remove(&number);
                }
                ClientEvent::Lost(number) => self.note_lost(host, number),
            }
        }
    }

    fn receive_message(&mut self, host: &mut Host<'_>, message: &Message, cause: Option<EntryId>) {
        let entry = record_signal(host, &self.config, message, SignalPhase::Received, None, cause);
        self.recorder.begin(entry.or_else(|| host.input()));
        self.take_message(host, message);
        self.drain_agent(host);
    }

    fn note_lost(&mut self, host: &mut Host<'_>, number: u32) {
        let Some(message) = self.post.on_the_way.remove(&number) else { return };
        let reason = Some(ProgramReason::SignalingGivenUp);
        let entry = record_signal(host, &self.config, &message, SignalPhase::Lost, reason, host.input());
        if message.kind.is_needed() && self.post.lost.is_none() {
            self.post.lost = Some(entry);
            self.config.bell.ring();
        }
    }
}

fn record_signal(
    host: &mut Host<'_>,
    config: &PeerConfig,
    message: &Message,
    phase: SignalPhase,
    reason: Option<ProgramReason>,
    cause: Option<EntryId>,
) -> Option<EntryId> {
    let from = *config.directory.get(&message.from)?;
    let to = *config.directory.get(&message.to)?;
    let (kind, text) = (message.kind.word().to_owned(), message.body.clone());
    let change = Change::Signal(Box::new(SignalMessage { from, to, kind, text, phase }));
    host.record(Entity::Signal(message.number), change, reason.map(Into::into), cause)
}
