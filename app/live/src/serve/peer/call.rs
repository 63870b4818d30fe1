//! One call: a session, its sockets, and the WebSocket that signals for it.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use rtclab_rtc::Time;
use rtclab_rtc::data::{ChannelId, Message as DataMessage, ReadyState};
use rtclab_rtc::dtls::Certificate;
use rtclab_rtc::ice::HostRequest;
use rtclab_rtc::jsep::{
    Change, ConnectionState, DataChannelInit, DtlsTransportState, Heard, MediaKind, Message,
    PerfectNegotiation, SessionDescription, TransceiverInit, TransportId,
};
use rtclab_rtc::session::{Config, Output, Session};
use rtclab_rtc::websocket::{self, CloseCode, Event, Limits, Role, WebSocket};

use super::PeerSettings;
use super::note::PeerNote;
use super::servers::Servers;
use super::signal::{self, Wish};
use crate::interfaces;
use crate::randomness::SystemRandomness;
use crate::wire::Wire;

/// Bytes that wait for a page before its signaling is given up.
const QUEUE_MAX: usize = 1 << 20;
/// Names of a page that are being looked up, at most.
const RESOLVING_MAX: usize = 64;

/// A call.
#[derive(Debug)]
pub(super) struct Call {
    id: u32,
    /// The connection that signaling goes over, while it lives.
    stream: Option<u32>,
    websocket: WebSocket,
    /// What the page has said, and nobody has heard yet.
    inbox: VecDeque<String>,
    /// What signaling wants to be written, in its order.
    outgoing: Vec<websocket::Output>,
    pub(super) session: Session,
    side: PerfectNegotiation,
    sockets: Vec<SocketAddr>,
    pub(super) servers: Servers,
    /// Names that are being looked up, and for which transport.
    resolving: Vec<(String, TransportId)>,
    /// Whether the connection has asked to negotiate.
    needed: bool,
    /// The state of DTLS that was told last.
    dtls: Option<DtlsTransportState>,
    notes: Vec<PeerNote>,
}

impl Call {
    /// A call with sockets of its own. The page hears who gives way; if we are to offer, we do.
    pub(super) fn begin(
        id: u32,
        stream: u32,
        settings: &PeerSettings,
        certificate: &Certificate,
        wire: &mut Wire,
    ) -> Result<Call, String> {
        let randomness = || SystemRandomness::boxed().map_err(|error| error.to_string());
        let found = interfaces::interfaces(settings.interfaces).map_err(|error| error.to_string())?;
        let bound = interfaces::bind(wire, &found).map_err(|error| error.to_string())?;
        let sockets = bound.iter().map(|socket| socket.address).collect();
        let mut config = Config::new(settings.profile.clone(), certificate.clone(), bound);
        config.ice.stun_servers.clone_from(&settings.stun);
        config.ice.turn_servers.clone_from(&settings.turn);
        config.versions = settings.versions;
        config.post_quantum = settings.post_quantum;
        let session = Session::new(config, randomness()?).map_err(|error| error.to_string())?;
        let mut call = Call {
            id,
            stream: Some(stream),
            websocket: WebSocket::opened(Role::Server, Limits::default(), randomness()?),
            inbox: VecDeque::new(),
            outgoing: Vec::new(),
            session,
            side: PerfectNegotiation::new(settings.polite),
            sockets,
            servers: Servers::trusting(settings.trust.clone()),
            resolving: Vec::new(),
            needed: false,
            dtls: None,
            notes: Vec::new(),
        };
        call.tell_page(&signal::hello(!settings.polite));
        if settings.offers {
            call.grant(Wish::Channel("rtclab".to_owned()), wire.now());
        }
        Ok(call)
    }

    pub(super) fn stream(&self) -> Option<u32> {
        self.stream
    }

    pub(super) fn sockets(&self) -> &[SocketAddr] {
        &self.sockets
    }

    /// Closes what it holds.
    pub(super) fn close(&mut self, wire: &mut Wire) {
        self.sockets.iter().for_each(|socket| wire.close_udp(*socket));
        self.servers.close(wire);
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.session.poll_timeout()
    }

    /// Without signaling a call goes on as long as its path does, and no longer.
    pub(super) fn is_over(&self) -> bool {
        let state = self.session.connection().connection_state();
        let is_alive = matches!(state, ConnectionState::Connected | ConnectionState::Disconnected);
        self.stream.is_none() && !is_alive
    }

    /// Whether something is still being written to the page.
    pub(super) fn is_writing(&self, wire: &Wire) -> bool {
        self.stream.is_some_and(|stream| wire.queued(stream) > 0)
    }

    /// The server stops.
    pub(super) fn end(&mut self, now: Time) {
        self.session.close(now);
        self.websocket.close(CloseCode::GOING_AWAY, "the peer has stopped");
    }

    /// The connection of signaling is gone.
    pub(super) fn signaling_ended(&mut self) {
        if self.stream.take().is_some() {
            self.notes.push(PeerNote::SignalingEnded { call: self.id });
        }
    }

    /// A name has been looked up.
    pub(super) fn resolved(&mut self, name: &str, address: Option<IpAddr>, now: Time) {
        let asked = std::mem::take(&mut self.resolving);
        let (found, rest): (Vec<_>, Vec<_>) = asked.into_iter().partition(|(known, _)| known == name);
        self.resolving = rest;
        for (name, transport) in found {
            self.session.with_agent(transport, now, |agent| agent.handle_resolved(&name, address, now));
        }
    }

    /// Bytes of signaling have come. What they say is heard one by one, each after everything that the one before it led to.
    pub(super) fn take_bytes(&mut self, bytes: &[u8]) {
        self.websocket.handle_bytes(bytes);
        while let Some(output) = self.websocket.poll_output() {
            match output {
                websocket::Output::Event(Event::Text(text)) => self.inbox.push_back(text),
                websocket::Output::Event(_) => {}
                other => self.outgoing.push(other),
            }
        }
    }

    /// One thing that the page said.
    fn hear(&mut self, text: &str, now: Time) {
        match signal::read(text) {
            Ok(signal::Heard::Signal(message)) => self.hear_signal(message, now),
            Ok(signal::Heard::Wish(wish)) => self.grant(wish, now),
            Ok(signal::Heard::Said(words)) => self.notes.push(PeerNote::Said { call: self.id, words }),
            Err(problem) => self.problem(problem),
        }
    }

    fn hear_signal(&mut self, message: Message, now: Time) {
        if let Message::Description(description) = &message {
            let kind = description.kind.word();
            self.notes.push(PeerNote::Description { call: self.id, ours: false, kind });
        }
        let is_description = matches!(message, Message::Description(_));
        match self.session.hear(&mut self.side, message, now) {
            Ok(Heard::Answered(answer)) => self.describe(&answer),
            Ok(Heard::Ignored(_)) if is_description => self.notes.push(PeerNote::Glare { call: self.id }),
            Ok(Heard::Applied | Heard::Ignored(_)) => {}
            Err(error) => self.problem(error.to_string()),
        }
    }

    fn describe(&mut self, description: &SessionDescription) {
        let kind = description.kind.word();
        self.notes.push(PeerNote::Description { call: self.id, ours: true, kind });
        self.tell_page(&signal::description(description));
    }

    /// Does what the page wants.
    fn grant(&mut self, wish: Wish, now: Time) {
        let session = &mut self.session;
        let result = match wish {
            Wish::Channel(label) => session
                .create_data_channel(&label, DataChannelInit::default(), now)
                .map(drop)
                .map_err(|error| error.to_string()),
            Wish::Media => session
                .with(now, |connection| {
                    connection.add_transceiver(MediaKind::Audio, TransceiverInit::default())
                })
                .map(drop)
                .map_err(|error| error.to_string()),
            Wish::Restart => session.restart_ice(now).map_err(|error| error.to_string()),
            Wish::Send(label, bytes) => match self.open_channel(&label) {
                Some(channel) => {
                    self.session.send(channel, pattern(bytes), now).map_err(|error| error.to_string())
                }
                None => Err(format!("no open channel is called {label:?}")),
            },
            Wish::Close(label) => match self.open_channel(&label) {
                Some(channel) => {
                    self.session.close_channel(channel, now);
                    Ok(())
                }
                None => Err(format!("no open channel is called {label:?}")),
            },
        };
        if let Err(problem) = result {
            self.problem(problem);
        }
    }

    fn open_channel(&self, label: &str) -> Option<ChannelId> {
        let mut channels = self.session.channels().channels();
        let found = channels.find(|channel| channel.init.label == label && channel.ready == ReadyState::Open);
        found.map(|channel| channel.id)
    }

    pub(super) fn problem(&mut self, problem: String) {
        self.tell_page(&signal::error(&problem));
        self.notes.push(PeerNote::Problem { call: self.id, problem });
    }

    fn tell_page(&mut self, text: &str) {
        // A page that is gone hears nothing; the call goes on.
        let _ = self.websocket.send_text(text);
    }

    // ---- what comes out ----

    /// Sends what is to be sent, until nothing is left to do now; returns what is worth telling.
    pub(super) async fn carry(&mut self, wire: &mut Wire) -> Vec<PeerNote> {
        loop {
            while let Some(output) = self.session.poll_output() {
                match output {
                    Output::Transmit { transmit, .. } => wire.send(&transmit).await,
                    Output::Request { transport, request } => self.serve(transport, request, wire),
                    other => self.take(other, wire.now()),
                }
            }
            if !std::mem::take(&mut self.needed) {
                let Some(text) = self.inbox.pop_front() else { break };
                self.hear(&text, wire.now());
                continue;
            }
            // Every description goes before the candidates that were gathered for it: they are still among the outputs.
            match self.session.negotiate(&mut self.side, wire.now()) {
                Ok(Some(offer)) => self.describe(&offer),
                Ok(None) => {}
                Err(error) => self.problem(error.to_string()),
            }
        }
        self.write(wire);
        std::mem::take(&mut self.notes)
    }

    fn write(&mut self, wire: &mut Wire) {
        while let Some(output) = self.websocket.poll_output() {
            self.outgoing.push(output);
        }
        for output in std::mem::take(&mut self.outgoing) {
            let Some(stream) = self.stream else { return };
            match output {
                websocket::Output::Transmit(bytes) => wire.write(stream, bytes),
                websocket::Output::CloseStream => {
                    wire.close_stream(stream);
                    self.signaling_ended();
                }
                websocket::Output::Event(_) => {}
            }
            if wire.queued(stream) > QUEUE_MAX {
                wire.close_stream(stream);
                self.signaling_ended();
            }
        }
    }

    /// All candidates are over UDP, so names are asked for, and connections to TURN servers.
    fn serve(&mut self, transport: TransportId, request: HostRequest, wire: &mut Wire) {
        let HostRequest::Resolve { name } = request else {
            return self.servers.serve(transport, request, wire);
        };
        if self.resolving.len() < RESOLVING_MAX {
            wire.resolve(name.to_string());
            self.resolving.push((name.to_string(), transport));
        }
    }

    fn take(&mut self, output: Output, now: Time) {
        match output {
            Output::Connection { change: Change::IceCandidate(candidate), .. } => {
                self.tell_page(&signal::candidate(&candidate));
            }
            Output::Connection { change: Change::NegotiationNeeded, .. } => self.needed = true,
            Output::Connection { change: Change::Signaling(state), .. } => {
                self.tell_state("signaling", state.word(), None);
            }
            Output::Connection { change: Change::IceConnection(state), .. } => {
                self.tell_state("ice", state.word(), None);
            }
            Output::Connection { change: Change::Connection(state), .. } => {
                self.tell_state("connection", state.word(), None);
            }
            Output::Dtls { state, reason, .. } if self.dtls.replace(state.phase) != Some(state.phase) => {
                self.tell_state("dtls", &state.to_string(), reason.map(|reason| reason.text().english));
            }
            Output::Channel { state, reason } => self.notes.push(PeerNote::Channel {
                call: self.id,
                label: state.init.label.clone(),
                state: state.ready.word(),
                why: reason.text().english,
            }),
            Output::Message { channel, message } => self.echo(channel, message, now),
            _ => {}
        }
    }

    fn tell_state(&mut self, what: &'static str, state: &str, why: Option<&'static str>) {
        self.tell_page(&signal::state(what, state));
        self.notes.push(PeerNote::State { call: self.id, what, state: state.to_owned(), why });
    }

    fn echo(&mut self, channel: ChannelId, message: DataMessage, now: Time) {
        let known = self.session.channels().channel(channel);
        let label = known.map(|channel| channel.init.label.clone()).unwrap_or_default();
        self.notes.push(PeerNote::Message { call: self.id, label, bytes: message.bytes().len() });
        if let Err(error) = self.session.send(channel, message, now) {
            self.problem(error.to_string());
        }
    }
}

/// Bytes that a page can check: each is the low byte of its place.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|place| place as u8).collect()
}
