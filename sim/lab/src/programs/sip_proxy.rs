//! A SIP registrar and proxy on a node: UDP and TCP on one port, WebSocket on another. Not here: SIP itself (`rtclab-rtc`).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rtclab_net::tcp::TcpError;
use rtclab_net::{Datagram, Host, ListenerId, Program, StreamId};
use rtclab_rtc::sip::{Flow, Proxy, ProxyConfig, ProxyEvent, SUBPROTOCOL, SipError, Transmit, Transport};
use rtclab_rtc::websocket::{Event, Limits, Output, WebSocket};
use rtclab_trace::{EntryId, ProgramReason};

use super::alarm::Alarm;
use super::carrier::{Line, line_config};
use super::sockets::Sockets;
use super::tell;

const ALARM: u64 = 0;
const BACKLOG: usize = 64;

/// What it is called in the trace.
const NAME: &str = "SIP proxy";

/// What a proxy is told at its start.
#[derive(Clone, Debug)]
pub struct SipProxyConfig {
    /// Its UDP and TCP port.
    pub port: u16,
    /// Its TCP port for WebSockets.
    pub websocket_port: u16,
    /// Whether anybody comes by a stream.
    pub streams: bool,
    /// Domain, accounts, lifetimes.
    pub proxy: ProxyConfig,
}

#[derive(Debug)]
struct Connection {
    number: u64,
    line: Line,
    socket: Option<WebSocket>,
}

impl Connection {
    fn flow(&self) -> Flow {
        let transport = if self.socket.is_some() { Transport::Ws } else { Transport::Tcp };
        Flow::Stream(transport, self.number)
    }
}

/// A registrar and proxy.
#[derive(Debug)]
pub struct SipProxy {
    config: SipProxyConfig,
    proxy: Option<Proxy>,
    sockets: Sockets,
    websockets: Vec<ListenerId>,
    connections: BTreeMap<StreamId, Connection>,
    accepted: u64,
    alarm: Alarm,
}

impl SipProxy {
    /// A proxy that begins with the run.
    pub fn new(config: SipProxyConfig) -> SipProxy {
        SipProxy {
            config,
            proxy: None,
            sockets: Sockets::default(),
            websockets: Vec::new(),
            connections: BTreeMap::new(),
            accepted: 0,
            alarm: Alarm::new(ALARM),
        }
    }

    fn listen(&mut self, host: &mut Host<'_>) {
        let held = host.addresses();
        let families: [(bool, IpAddr); 2] =
            [(true, Ipv4Addr::UNSPECIFIED.into()), (false, Ipv6Addr::UNSPECIFIED.into())];
        for (v4, any) in families {
            if held.iter().any(|held| held.address.is_ipv4() == v4) {
                let _ = host.listen_tcp(any, self.config.port, BACKLOG, line_config());
                let port = self.config.websocket_port;
                self.websockets.extend(host.listen_tcp(any, port, BACKLOG, line_config()).ok());
            }
        }
    }

    /// Lets out what the proxy has to say.
    fn drain(&mut self, host: &mut Host<'_>) {
        while let Some(event) = self.proxy.as_mut().and_then(Proxy::poll_event) {
            self.tell(host, event);
        }
        let cause = host.input();
        while let Some(transmit) = self.proxy.as_mut().and_then(Proxy::poll_transmit) {
            self.transmit(host, &transmit, cause);
        }
        self.alarm.set(host, self.proxy.as_ref().and_then(Proxy::poll_timeout));
    }

    fn tell(&self, host: &mut Host<'_>, event: ProxyEvent) {
        let known: Vec<&str> = self.proxy.iter().flat_map(Proxy::users).collect();
        let (words, reason) = match event {
            ProxyEvent::Registered { user, contact } => {
                (format!("{user} is at {contact}"), ProgramReason::SipRegister)
            }
            ProxyEvent::Unregistered { user } => (format!("{user} is gone"), ProgramReason::SipRegister),
            ProxyEvent::Challenged { user } => {
                (format!("asks {user} for the password"), ProgramReason::SipChallenge)
            }
            ProxyEvent::Forwarded { message } => (format!("passes on {message}"), ProgramReason::SipForward),
            ProxyEvent::Refused { message, status } => {
                (format!("refuses {message}: {status}"), ProgramReason::SipForward)
            }
        };
        let known = if known.is_empty() { "nobody".to_owned() } else { known.join(", ") };
        tell(host, NAME, format!("{words}; knows {known}"), Some(reason.into()));
    }

    fn transmit(&mut self, host: &mut Host<'_>, transmit: &Transmit, cause: Option<EntryId>) {
        let reason =
            if transmit.again { ProgramReason::SipRetransmission } else { ProgramReason::SipForward };
        match transmit.flow {
            Flow::Datagram(to) => {
                let source = host.source_towards(to.ip());
                let socket =
                    source.and_then(|source| self.sockets.at(SocketAddr::new(source, self.config.port)));
                if let Some(socket) = socket {
                    let _ = host.send_udp(socket, to, &transmit.bytes, Some(reason.into()), cause);
                }
            }
            flow @ Flow::Stream(..) => {
                let found = self.connections.iter().find(|(_, connection)| connection.flow() == flow);
                let Some(stream) = found.map(|(stream, _)| *stream) else { return };
                if let Some(connection) = self.connections.get_mut(&stream) {
                    match (&mut connection.socket, std::str::from_utf8(&transmit.bytes)) {
                        (Some(socket), Ok(text)) => {
                            let _ = socket.send_text(text);
                        }
                        (Some(_), Err(_)) => {}
                        (None, _) => connection.line.write(host, &transmit.bytes, cause),
                    }
                }
                self.drain_socket(host, stream, cause);
            }
        }
    }

    /// Lets out what a WebSocket has to say. Returns the messages that came.
    fn drain_socket(
        &mut self,
        host: &mut Host<'_>,
        stream: StreamId,
        cause: Option<EntryId>,
    ) -> Vec<Vec<u8>> {
        let mut messages = Vec::new();
        let mut over = false;
        if let Some(Connection { line, socket: Some(socket), .. }) = self.connections.get_mut(&stream) {
            while let Some(output) = socket.poll_output() {
                match output {
                    Output::Transmit(bytes) => line.write(host, &bytes, cause),
                    Output::Event(Event::Text(text)) => messages.push(text.into_bytes()),
                    Output::Event(Event::Binary(bytes)) => messages.push(bytes),
                    Output::Event(_) => {}
                    Output::CloseStream => over = true,
                }
            }
        }
        if over {
            self.lose(host, stream);
        }
        messages
    }

    fn lose(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let Some(connection) = self.connections.remove(&stream) else { return };
        if let Some(proxy) = &mut self.proxy {
            proxy.stream_closed(connection.flow());
        }
        connection.line.close(host);
    }

    fn read(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let Some(connection) = self.connections.get_mut(&stream) else { return };
        let (bytes, now) = (connection.line.read(host), host.now());
        let number = connection.number;
        let Some(socket) = &mut connection.socket else {
            let taken = self.proxy.as_mut().map_or(Ok(()), |proxy| proxy.handle_stream(number, &bytes, now));
            if self.reject(host, taken) {
                self.lose(host, stream);
            }
            return;
        };
        socket.handle_bytes(&bytes);
        let cause = host.input();
        for message in self.drain_socket(host, stream, cause) {
            let flow = Flow::Stream(Transport::Ws, number);
            let taken = self.proxy.as_mut().map_or(Ok(()), |proxy| proxy.handle_message(flow, &message, now));
            self.reject(host, taken);
        }
    }

    /// Says what is not SIP; whether it was not.
    fn reject(&self, host: &mut Host<'_>, taken: Result<(), SipError>) -> bool {
        let Err(error) = taken else { return false };
        let words = format!("ignored what is not SIP: {error}");
        tell(host, NAME, words, Some(ProgramReason::SignalingRejected.into()));
        true
    }
}

impl Program for SipProxy {
    fn start(&mut self, host: &mut Host<'_>) {
        self.proxy = Some(Proxy::new(self.config.proxy.clone(), host.randomness()));
        self.sockets.bind(host, self.config.port);
        if self.config.streams {
            self.listen(host);
        }
    }

    fn datagram(&mut self, host: &mut Host<'_>, arrived: &Datagram<'_>) {
        let now = host.now();
        let proxy = self.proxy.as_mut();
        let taken = proxy.map_or(Ok(()), |proxy| proxy.handle_datagram(arrived.from, arrived.payload, now));
        self.reject(host, taken);
        self.drain(host);
    }

    fn timer(&mut self, host: &mut Host<'_>, _token: u64) {
        self.alarm.fired();
        if let Some(proxy) = &mut self.proxy {
            proxy.handle_timeout(host.now());
        }
        self.drain(host);
    }

    fn stream_waiting(&mut self, host: &mut Host<'_>, listener: ListenerId) {
        let is_websocket = self.websockets.contains(&listener);
        while let Some((stream, _)) = host.accept(listener) {
            self.accepted += 1;
            let socket =
                is_websocket.then(|| WebSocket::server(&[SUBPROTOCOL], Limits::default(), host.randomness()));
            let connection = Connection { number: self.accepted, line: Line::new(stream), socket };
            self.connections.insert(stream, connection);
        }
    }

    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.read(host, stream);
        self.drain(host);
    }

    fn stream_writable(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let cause = host.input();
        if let Some(connection) = self.connections.get_mut(&stream) {
            connection.line.flush(host, cause);
        }
    }

    fn stream_ended(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.lose(host, stream);
        self.drain(host);
    }

    fn stream_closed(&mut self, host: &mut Host<'_>, stream: StreamId, _error: Option<TcpError>) {
        let connection = self.connections.remove(&stream);
        if let (Some(connection), Some(proxy)) = (connection, &mut self.proxy) {
            proxy.stream_closed(connection.flow());
        }
        self.drain(host);
    }
}
