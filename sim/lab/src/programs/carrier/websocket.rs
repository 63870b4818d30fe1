//! Messages in frames of a WebSocket, through a signaling server: TCP's handshake, the upgrade, a hello, then a frame a message.
//!
//! TCP brings frames in order and without gaps, so nothing is acknowledged or repeated here. What a connection had taken when it broke may be lost, and nobody
//! says so; what comes later waits for the next connection.
//!
//! Not here: frames (`rtclab-rtc`), the JSON inside (`signaling`).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_net::Host;
use rtclab_rtc::websocket::{ClientHandshake, Event, Limits, Output, State, WebSocket};
use rtclab_trace::{EntryId, ProgramReason, SimTime};

use super::{Carrier, CarrierEvent, CarrierInput, Line, line_config, told};
use crate::programs::signaling::{Envelope, Message, SUBPROTOCOL, TARGET};

/// Between two pings: shorter than the idle timers of NATs for TCP that are in use.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// The first wait before connecting again; each is twice the one before (RFC 6455 §7.2.3).
const RETRY: Duration = Duration::from_secs(1);
/// So many attempts in a row are made.
const ATTEMPTS_MAX: u32 = 5;
/// Messages that wait for a connection.
const WAITING_MAX: usize = 256;

/// A client of a signaling server over a WebSocket.
#[derive(Debug)]
pub(crate) struct WebSocketCarrier {
    name: String,
    server: SocketAddr,
    /// What it is called in the head of the upgrade.
    host_name: String,
    line: Option<Line>,
    socket: Option<WebSocket>,
    waiting: VecDeque<(Message, Option<EntryId>)>,
    events: VecDeque<CarrierEvent>,
    attempts: u32,
    retry_at: Option<SimTime>,
    ping_at: Option<SimTime>,
    /// A ping has not been answered.
    pinged: bool,
}

impl WebSocketCarrier {
    /// For the peer of that name; the server by its address and its name.
    pub(crate) fn new(name: &str, server: SocketAddr, host_name: &str) -> WebSocketCarrier {
        WebSocketCarrier {
            name: name.to_owned(),
            server,
            host_name: format!("{host_name}:{}", server.port()),
            line: None,
            socket: None,
            waiting: VecDeque::new(),
            events: VecDeque::new(),
            attempts: 0,
            retry_at: None,
            ping_at: None,
            pinged: false,
        }
    }

    fn connect(&mut self, host: &mut Host<'_>, reason: ProgramReason) {
        self.attempts += 1;
        self.retry_at = None;
        let cause = told(host, format!("connects to {}", self.server), reason);
        match host.connect_tcp(self.server, line_config(), cause) {
            Ok(stream) => self.line = Some(Line::new(stream)),
            Err(error) => self.lose(host, &format!("no connection to {}: {error}", self.server)),
        }
    }

    fn upgrade(&mut self, host: &mut Host<'_>) {
        let mut randomness = host.randomness();
        let handshake = ClientHandshake::new(&self.host_name, TARGET, &[SUBPROTOCOL], &mut randomness);
        let handshake = match handshake {
            Ok(handshake) => handshake,
            Err(error) => return self.lose(host, &error.to_string()),
        };
        let cause = told(host, "asks to speak WebSocket", ProgramReason::SignalingUpgrade);
        self.socket = Some(WebSocket::client(handshake, Limits::default(), randomness));
        self.drain(host, cause);
    }

    /// Lets out what the WebSocket has to say; frames leave because of `cause`.
    fn drain(&mut self, host: &mut Host<'_>, cause: Option<EntryId>) {
        while let Some(output) = self.socket.as_mut().and_then(WebSocket::poll_output) {
            match output {
                Output::Transmit(bytes) => {
                    if let Some(line) = &mut self.line {
                        line.write(host, &bytes, cause);
                    }
                }
                Output::Event(event) => self.take_event(host, event),
                Output::CloseStream => {
                    if let Some(line) = self.line.take() {
                        line.close(host);
                    }
                }
            }
        }
    }

    fn take_event(&mut self, host: &mut Host<'_>, event: Event) {
        match event {
            Event::Opened { .. } => self.opened(host),
            Event::Text(text) => {
                if let Ok(Envelope::Message(message)) = text.parse::<Envelope>()
                    && message.to == self.name
                {
                    self.events.push_back(CarrierEvent::Message(message, host.input()));
                }
            }
            Event::Pong(_) => self.pinged = false,
            Event::Refused(error) => self.lose(host, &format!("no WebSocket: {error}")),
            Event::Closed { code, .. } => self.lose(host, &format!("the WebSocket is closed: {code}")),
            Event::Binary(_) | Event::Ping(_) | Event::NotWebSocket(_) => {}
        }
    }

    fn opened(&mut self, host: &mut Host<'_>) {
        self.attempts = 0;
        self.ping_at = Some(host.now() + KEEPALIVE);
        self.pinged = false;
        let words = "speaks WebSocket with the signaling server, and says its name";
        let cause = told(host, words, ProgramReason::SignalingRegister);
        self.write(host, &Envelope::Hello { name: self.name.clone() }, cause);
        for (message, cause) in std::mem::take(&mut self.waiting) {
            self.send(host, message, cause);
        }
    }

    fn write(&mut self, host: &mut Host<'_>, envelope: &Envelope, cause: Option<EntryId>) {
        if let Some(socket) = &mut self.socket {
            // A WebSocket that is not open says so by its end.
            let _ = socket.send_text(&envelope.to_string());
        }
        self.drain(host, cause);
    }

    /// The connection is gone: it is tried again, a few times.
    fn lose(&mut self, host: &mut Host<'_>, why: &str) {
        if let Some(line) = self.line.take() {
            line.close(host);
        }
        self.socket = None;
        self.ping_at = None;
        if self.attempts < ATTEMPTS_MAX {
            let wait = RETRY.saturating_mul(1 << self.attempts.min(8));
            self.retry_at = Some(host.now() + wait);
            let words = format!("{why}; tries again in {} s", wait.as_secs());
            told(host, words, ProgramReason::SignalingConnectionLost);
        } else {
            self.retry_at = None;
            told(host, format!("{why}; gives up"), ProgramReason::SignalingConnectionLost);
            let lost = std::mem::take(&mut self.waiting);
            self.events.extend(lost.into_iter().map(|(message, _)| CarrierEvent::Lost(message.number)));
        }
    }

    fn is_open(&self) -> bool {
        self.socket.as_ref().is_some_and(|socket| socket.state() == State::Open)
    }

    /// Nobody can be reached any more, and nobody tries.
    fn has_given_up(&self) -> bool {
        self.line.is_none() && self.retry_at.is_none() && self.attempts >= ATTEMPTS_MAX
    }
}

impl Carrier for WebSocketCarrier {
    fn begin(&mut self, host: &mut Host<'_>) {
        if let Some(line) = self.line.take() {
            // The address that it was from is gone.
            line.abort(host);
        }
        self.socket = None;
        self.attempts = 0;
        self.connect(host, ProgramReason::SignalingConnect);
    }

    fn send(&mut self, host: &mut Host<'_>, message: Message, cause: Option<EntryId>) {
        if self.is_open() {
            self.events.push_back(CarrierEvent::Acknowledged(message.number));
            self.write(host, &Envelope::Message(message), cause);
        } else if self.has_given_up() || self.waiting.len() == WAITING_MAX {
            self.events.push_back(CarrierEvent::Lost(message.number));
        } else {
            self.waiting.push_back((message, cause));
        }
    }

    fn handle(&mut self, host: &mut Host<'_>, input: CarrierInput<'_>) -> bool {
        let Some(stream) = input.stream() else { return false };
        let Some(line) = self.line.as_mut().filter(|line| line.stream() == stream) else { return false };
        let cause = host.input();
        match input {
            CarrierInput::Opened(_) => self.upgrade(host),
            CarrierInput::Writable(_) => line.flush(host, cause),
            CarrierInput::Readable(_) => {
                let bytes = line.read(host);
                if let Some(socket) = &mut self.socket {
                    socket.handle_bytes(&bytes);
                }
                self.drain(host, cause);
            }
            CarrierInput::Ended(_) => {
                if let Some(socket) = &mut self.socket {
                    socket.handle_ended();
                }
                self.drain(host, cause);
            }
            CarrierInput::Closed(_, error) => {
                self.line = None;
                let why = error.map_or_else(|| "closed".to_owned(), |error| error.to_string());
                self.lose(host, &format!("the connection to the signaling server is over: {why}"));
            }
            CarrierInput::Datagram(_) | CarrierInput::Waiting(_) => {}
        }
        true
    }

    fn handle_timeout(&mut self, host: &mut Host<'_>) {
        let now = host.now();
        if self.retry_at.is_some_and(|at| at <= now) {
            self.connect(host, ProgramReason::SignalingReconnect);
        }
        if self.ping_at.is_none_or(|at| at > now) {
            return;
        }
        if self.pinged {
            if let Some(line) = self.line.take() {
                line.abort(host);
            }
            return self.lose(host, "the signaling server does not answer a ping");
        }
        self.pinged = true;
        self.ping_at = Some(now + KEEPALIVE);
        let cause = told(host, "asks whether the server is there", ProgramReason::SignalingKeepalive);
        if let Some(socket) = &mut self.socket {
            let _ = socket.ping(b"");
        }
        self.drain(host, cause);
    }

    fn next_at(&self) -> SimTime {
        self.retry_at.into_iter().chain(self.ping_at).min().unwrap_or(SimTime::MAX)
    }

    fn poll_event(&mut self) -> Option<CarrierEvent> {
        self.events.pop_front()
    }
}
