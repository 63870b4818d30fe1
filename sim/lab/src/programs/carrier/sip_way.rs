//! The way of a SIP user agent to its proxy: a UDP socket, a TCP connection, or a WebSocket in one. Not here: what is sent on it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use rtclab_net::{Host, SocketId};
use rtclab_rtc::sip::{Flow, SUBPROTOCOL, Transport};
use rtclab_rtc::websocket::{ClientHandshake, Event, Limits, Output, WebSocket};
use rtclab_trace::{EntryId, ProgramReason, SimTime};

use super::{CarrierInput, Line, line_config, told};

/// The wait before connecting again.
const RETRY: Duration = Duration::from_secs(2);

/// What came of an input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum WayEvent {
    /// Nothing to know.
    Nothing,
    /// It is there.
    Opened,
    /// It is gone, and is tried again.
    Lost,
    /// Messages came; over TCP, pieces of the stream.
    Messages(Vec<Vec<u8>>),
}

/// The way.
#[derive(Debug)]
pub(super) struct Way {
    transport: Transport,
    server: SocketAddr,
    domain: String,
    udp: Option<SocketId>,
    line: Option<Line>,
    socket: Option<WebSocket>,
    connections: u64,
    retry_at: Option<SimTime>,
}

impl Way {
    pub(super) fn new(transport: Transport, server: SocketAddr, domain: &str) -> Way {
        let domain = domain.to_owned();
        let (udp, line, socket) = (None, None, None);
        Way { transport, server, domain, udp, line, socket, connections: 0, retry_at: None }
    }

    /// Begins, or begins anew.
    pub(super) fn begin(&mut self, host: &mut Host<'_>) -> WayEvent {
        self.retry_at = None;
        if self.transport == Transport::Udp {
            let any: IpAddr = if self.server.is_ipv4() {
                Ipv4Addr::UNSPECIFIED.into()
            } else {
                Ipv6Addr::UNSPECIFIED.into()
            };
            self.udp = self.udp.or_else(|| host.bind_udp(any, 0).ok());
            return WayEvent::Opened;
        }
        if let Some(line) = self.line.take() {
            line.abort(host);
        }
        self.socket = None;
        let words = format!("connects to {}", self.server);
        let cause = told(host, words, ProgramReason::SignalingConnect);
        match host.connect_tcp(self.server, line_config(), cause) {
            Ok(stream) => {
                self.connections += 1;
                self.line = Some(Line::new(stream));
                WayEvent::Nothing
            }
            Err(error) => self.lose(host, &error.to_string()),
        }
    }

    /// What the agent calls itself (RFC 7118 §5: a made-up name, over WebSocket), and its flow.
    pub(super) fn identity(&self, host: &Host<'_>) -> (String, Option<u16>, Flow) {
        let source = host.source_towards(self.server.ip());
        let shown = match source {
            Some(IpAddr::V6(address)) => format!("[{address}]"),
            Some(address) => address.to_string(),
            None => "unknown.invalid".to_owned(),
        };
        match self.transport {
            Transport::Udp => {
                let local = self.udp.and_then(|socket| host.local_address(socket));
                (shown, local.map(|local| local.port()), Flow::Datagram(self.server))
            }
            Transport::Tcp => (shown, None, Flow::Stream(Transport::Tcp, self.connections)),
            Transport::Ws => {
                (format!("{}.invalid", host.name()), None, Flow::Stream(Transport::Ws, self.connections))
            }
        }
    }

    /// Sends a message.
    pub(super) fn send(
        &mut self,
        host: &mut Host<'_>,
        bytes: &[u8],
        reason: Option<ProgramReason>,
        cause: Option<EntryId>,
    ) {
        if let Some(socket) = self.udp {
            // What cannot leave is in the trace, dropped here, and will be repeated.
            let _ = host.send_udp(socket, self.server, bytes, reason.map(Into::into), cause);
        } else if let Some(socket) = &mut self.socket {
            if let Ok(text) = std::str::from_utf8(bytes) {
                let _ = socket.send_text(text);
            }
            self.drain(host, cause);
        } else if let Some(line) = &mut self.line {
            line.write(host, bytes, cause);
        }
    }

    /// Something has happened: nothing, if it was not the concern of this way.
    pub(super) fn handle(&mut self, host: &mut Host<'_>, input: CarrierInput<'_>) -> Option<WayEvent> {
        if let CarrierInput::Datagram(datagram) = input {
            let ours = self.udp == Some(datagram.socket);
            return ours.then(|| WayEvent::Messages(vec![datagram.payload.to_vec()]));
        }
        let stream = input.stream()?;
        let cause = host.input();
        let line = self.line.as_mut().filter(|line| line.stream() == stream)?;
        Some(match input {
            CarrierInput::Opened(_) if self.transport == Transport::Ws => self.upgrade(host),
            CarrierInput::Opened(_) => WayEvent::Opened,
            CarrierInput::Readable(_) => {
                let bytes = line.read(host);
                match &mut self.socket {
                    Some(socket) => {
                        socket.handle_bytes(&bytes);
                        self.drain(host, cause)
                    }
                    None => WayEvent::Messages(vec![bytes]),
                }
            }
            CarrierInput::Writable(_) => {
                line.flush(host, cause);
                WayEvent::Nothing
            }
            CarrierInput::Ended(_) => self.lose(host, "the proxy has closed the connection"),
            CarrierInput::Closed(_, error) => {
                self.line = None;
                let why = error.map_or_else(|| "closed".to_owned(), |error| error.to_string());
                self.lose(host, &why)
            }
            CarrierInput::Datagram(_) | CarrierInput::Waiting(_) => WayEvent::Nothing,
        })
    }

    /// Connects again, if it is time.
    pub(super) fn retry(&mut self, host: &mut Host<'_>) -> WayEvent {
        if self.retry_at.is_some_and(|at| at <= host.now()) { self.begin(host) } else { WayEvent::Nothing }
    }

    pub(super) fn next_at(&self) -> Option<SimTime> {
        self.retry_at
    }

    fn upgrade(&mut self, host: &mut Host<'_>) -> WayEvent {
        let mut randomness = host.randomness();
        match ClientHandshake::new(&self.domain, "/", &[SUBPROTOCOL], &mut randomness) {
            Ok(handshake) => {
                let words = "asks to speak WebSocket, with SIP in it (RFC 7118)";
                let cause = told(host, words, ProgramReason::SignalingUpgrade);
                self.socket = Some(WebSocket::client(handshake, Limits::default(), randomness));
                self.drain(host, cause)
            }
            Err(error) => self.lose(host, &error.to_string()),
        }
    }

    fn drain(&mut self, host: &mut Host<'_>, cause: Option<EntryId>) -> WayEvent {
        let (mut opened, mut messages) = (false, Vec::new());
        while let Some(output) = self.socket.as_mut().and_then(WebSocket::poll_output) {
            match output {
                Output::Transmit(bytes) => {
                    if let Some(line) = &mut self.line {
                        line.write(host, &bytes, cause);
                    }
                }
                Output::Event(Event::Opened { .. }) => opened = true,
                Output::Event(Event::Text(text)) => messages.push(text.into_bytes()),
                Output::Event(Event::Binary(bytes)) => messages.push(bytes),
                Output::Event(_) => {}
                Output::CloseStream => return self.lose(host, "the WebSocket is closed"),
            }
        }
        match (opened, messages.is_empty()) {
            (true, _) => WayEvent::Opened,
            (false, true) => WayEvent::Nothing,
            (false, false) => WayEvent::Messages(messages),
        }
    }

    fn lose(&mut self, host: &mut Host<'_>, why: &str) -> WayEvent {
        if let Some(line) = self.line.take() {
            line.close(host);
        }
        self.socket = None;
        self.retry_at = Some(host.now() + RETRY);
        told(host, format!("no way to the proxy: {why}"), ProgramReason::SignalingConnectionLost);
        WayEvent::Lost
    }
}
