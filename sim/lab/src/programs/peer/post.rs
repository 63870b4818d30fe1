//! How a peer's messages leave and arrive: by a carrier, or at once. Each is a signal of the trace, so that
//! "why" leads from a check back through the signaling to the other side's gathering. Not here: what messages say (`session`).

use std::collections::{BTreeMap, VecDeque};

use rtclab_net::Host;
use rtclab_trace::{Change, Entity, EntryId, ProgramReason, SignalMessage, SignalPhase, SimTime};

use super::{Peer, PeerConfig, Signaling};
use crate::programs::carrier::{
    Carrier, CarrierEvent, CarrierInput, DatagramCarrier, SipCarrier, SipSettings, WebSocketCarrier,
    WhipCarrier, WhipSettings,
};
use crate::programs::signaling::{Message, MessageKind};

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
    /// None, if messages are handed over at once.
    carrier: Option<Box<dyn Carrier>>,
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
            carrier: carrier(config),
            next_number: config.signal_numbers.first,
            step: config.signal_numbers.step.max(1),
            on_the_way: BTreeMap::new(),
            instant: Vec::new(),
            waiting: VecDeque::new(),
            lost: None,
        }
    }

    /// Begins, or begins anew at new addresses.
    pub(super) fn begin(&mut self, host: &mut Host<'_>) {
        if let Some(carrier) = &mut self.carrier {
            carrier.begin(host);
        }
    }

    /// Hands something that has happened to the carrier: whether it was its concern.
    pub(super) fn handle(&mut self, host: &mut Host<'_>, input: CarrierInput<'_>) -> bool {
        self.carrier.as_mut().is_some_and(|carrier| carrier.handle(host, input))
    }

    pub(super) fn lost(&self) -> Option<Option<EntryId>> {
        self.lost
    }

    pub(super) fn next_at(&self) -> SimTime {
        self.carrier.as_ref().map_or(SimTime::MAX, |carrier| carrier.next_at())
    }

    pub(super) fn handle_timeout(&mut self, host: &mut Host<'_>) {
        if let Some(carrier) = &mut self.carrier {
            carrier.handle_timeout(host);
        }
    }

    /// Everything that an input led to is done.
    pub(super) fn flush(&mut self, host: &mut Host<'_>) {
        if let Some(carrier) = &mut self.carrier {
            carrier.flush(host);
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
        match &mut self.carrier {
            Some(carrier) => {
                self.on_the_way.insert(number, message.clone());
                carrier.send(host, message, sent);
            }
            None => {
                self.instant.push(InstantMessage { message, sent });
                config.bell.ring();
            }
        }
    }
}

fn carrier(config: &PeerConfig) -> Option<Box<dyn Carrier>> {
    Some(match &config.signaling {
        Signaling::Instant => return None,
        Signaling::Server(server) => Box::new(DatagramCarrier::new(&config.name, *server)),
        Signaling::WebSocket { server, host_name } => {
            Box::new(WebSocketCarrier::new(&config.name, *server, host_name))
        }
        Signaling::Sip { server, domain, transport, password } => {
            let (name, domain, password) = (config.name.clone(), domain.clone(), password.clone());
            let (server, transport) = (*server, *transport);
            Box::new(SipCarrier::new(SipSettings { name, server, domain, transport, password }))
        }
        Signaling::Whip { server, server_name, client_name, endpoint } => {
            let (server_name, client_name) = (server_name.clone(), client_name.clone());
            let (name, server) = (config.name.clone(), *server);
            Box::new(WhipCarrier::new(WhipSettings { name, server_name, client_name, server, endpoint }))
        }
    })
}

impl Peer {
    /// Messages that are to be handed over at once; the owner of the world does it.
    pub fn take_instant_messages(&mut self) -> Vec<InstantMessage> {
        std::mem::take(&mut self.post.instant)
    }

    /// A message that another peer handed over at once.
    pub fn receive_instant(&mut self, host: &mut Host<'_>, instant: InstantMessage) {
        if !self.has_begun() {
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

    /// What the carrier has to tell.
    pub(super) fn take_post_events(&mut self, host: &mut Host<'_>) {
        while let Some(event) = self.post.carrier.as_mut().and_then(|carrier| carrier.poll_event()) {
            match event {
                CarrierEvent::Message(message, cause) => self.receive_message(host, &message, cause),
                CarrierEvent::Acknowledged(number) => {
                    self.post.on_the_way.remove(&number);
                }
                CarrierEvent::Lost(number) => self.note_lost(host, number),
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
