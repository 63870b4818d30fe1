//! TCP connections of a peer: a listener for each address and connections as agents ask for them, to other peers (RFC 6544) and to TURN
//! servers (RFC 8656 §2.1), these through a proxy if there is one. Not here: frames, checks and TURN, which are the agent's (`rtclab-rtc`).

use std::net::SocketAddr;

use rtclab_net::tcp::Config;
use rtclab_net::{Host, ListenerId, StreamId};
use rtclab_rtc::Because;
use rtclab_rtc::http::{Request, ResponseReader};
use rtclab_rtc::ice::{Agent, CandidateTransport, ConnectionId, ConnectionUse, HostRequest, LocalSocket};
use rtclab_rtc::jsep::TransportId;
use rtclab_trace::{EntryId, ProgramReason};

use super::Peer;
use crate::programs::carrier::line_config;
use crate::programs::tell;

/// How many connections may wait to be taken.
const BACKLOG: usize = 8;
/// The port of a candidate that only opens connections (RFC 6544 §4.5).
const DISCARD: u16 = 9;

/// Whose a connection is: of the agent of this transport of a whole session, or of the only agent there is.
pub(super) type Whose = Option<TransportId>;

/// Which stream of the host is which connection of the agent.
#[derive(Debug, Default)]
pub(super) struct Connections {
    listeners: Vec<(ListenerId, SocketAddr)>,
    open: Vec<Connection>,
}

#[derive(Debug)]
struct Connection {
    whose: Whose,
    id: ConnectionId,
    stream: StreamId,
    /// Through a proxy: where it is asked to connect, and its answer until that is whole.
    tunnel: Option<(SocketAddr, Box<ResponseReader>)>,
    /// What the send buffer had no room for.
    unsent: Vec<u8>,
}

impl Connections {
    /// Sockets for the same addresses as these: one that opens connections, one that waits for them, and if it `punches`, one that does both at
    /// once.
    pub(super) fn bind(
        &mut self,
        host: &mut Host<'_>,
        datagrams: &[LocalSocket],
        punches: bool,
    ) -> Vec<LocalSocket> {
        let mut waiting = vec![CandidateTransport::TcpPassive];
        waiting.extend(punches.then_some(CandidateTransport::TcpSimultaneousOpen));
        for (listener, _) in std::mem::take(&mut self.listeners) {
            host.close_listener(listener);
        }
        let mut sockets = Vec::new();
        for socket in datagrams {
            let active = SocketAddr::new(socket.address.ip(), DISCARD);
            let active = LocalSocket { address: active, ..socket.clone() };
            sockets.push(active.over(CandidateTransport::TcpActive));
            for transport in &waiting {
                let Ok(listener) = host.listen_tcp(socket.address.ip(), 0, BACKLOG, Config::default()) else {
                    continue;
                };
                let Some(address) = host.listener_address(listener) else { continue };
                self.listeners.push((listener, address));
                sockets.push(LocalSocket { address, ..socket.clone() }.over(*transport));
            }
        }
        sockets
    }

    fn of_stream(&mut self, stream: StreamId) -> Option<&mut Connection> {
        self.open.iter_mut().find(|connection| connection.stream == stream)
    }

    fn named(&mut self, whose: Whose, id: ConnectionId) -> Option<&mut Connection> {
        self.open.iter_mut().find(|connection| connection.whose == whose && connection.id == id)
    }

    /// Forgets a stream. Whose connection it was, if it was one.
    fn remove(&mut self, stream: StreamId) -> Option<(Whose, ConnectionId)> {
        let place = self.open.iter().position(|connection| connection.stream == stream)?;
        let Connection { whose, id, .. } = self.open.remove(place);
        Some((whose, id))
    }
}

impl Peer {
    /// Does what the agent asks for besides sending datagrams.
    pub(super) fn serve_requests(&mut self, host: &mut Host<'_>) {
        while let Some(request) = self.agent.as_mut().and_then(Agent::poll_request) {
            self.serve_request(host, None, request);
        }
    }

    pub(super) fn serve_request(&mut self, host: &mut Host<'_>, whose: Whose, request: HostRequest) {
        match request {
            HostRequest::Connect { connection, from, to, purpose, because } => {
                let to_server = matches!(purpose, ConnectionUse::TurnServer { .. });
                self.connect(host, (whose, connection), (from, to, to_server), because);
            }
            HostRequest::Write { connection, bytes, because, .. } => {
                let cause = self.recorder.cause(because);
                if let Some(open) = self.connections.named(whose, connection) {
                    open.unsent.extend_from_slice(&bytes);
                    write(host, open, cause);
                }
            }
            HostRequest::Close { connection } => {
                let open = self.connections.named(whose, connection);
                if let Some(stream) = open.map(|open| open.stream) {
                    self.connections.remove(stream);
                    host.close_stream(stream);
                }
            }
            HostRequest::MapPort { base } => self.map_port(host, base),
            HostRequest::Resolve { name } => self.look_up_candidate(host, whose, name),
        }
    }

    /// Tells an agent something.
    pub(super) fn with_agent_of(&mut self, whose: Whose, host: &Host<'_>, action: impl FnOnce(&mut Agent)) {
        match (whose, &mut self.agent) {
            (Some(transport), _) => self.with_agent_of_whole(transport, host.now(), action),
            (None, Some(agent)) => action(agent),
            (None, None) => {}
        }
    }

    fn connect(
        &mut self,
        host: &mut Host<'_>,
        (whose, id): (Whose, ConnectionId),
        (from, to, to_server): (SocketAddr, SocketAddr, bool),
        because: Because,
    ) {
        let proxy = self.config.proxy.filter(|_| to_server);
        let port = if from.port() == DISCARD { 0 } else { from.port() };
        let cause = self.recorder.cause(because);
        let from = SocketAddr::new(from.ip(), port);
        // A message of TURN is complete, and does not wait for the one before it to be acknowledged.
        let config = if to_server { line_config() } else { Config::default() };
        match host.connect_tcp_from(from, proxy.unwrap_or(to), config, cause) {
            Ok(stream) => {
                let tunnel = proxy.map(|_| (to, Box::default()));
                self.connections.open.push(Connection { whose, id, stream, tunnel, unsent: Vec::new() });
            }
            Err(_) => {
                let now = host.now();
                self.with_agent_of(whose, host, |agent| agent.handle_disconnected(id, now));
            }
        }
    }

    /// Somebody connected to a listener.
    pub(super) fn take_connection(
        &mut self,
        host: &mut Host<'_>,
        listener: ListenerId,
        stream: StreamId,
        peer: SocketAddr,
    ) {
        let listeners = self.connections.listeners.iter();
        let local = listeners.clone().find(|(known, _)| *known == listener).map(|(_, address)| *address);
        let accepted = local.zip(self.agent.as_mut());
        match accepted.and_then(|(local, agent)| agent.handle_accepted(local, peer)) {
            Some(id) => {
                let unsent = Vec::new();
                self.connections.open.push(Connection { whose: None, id, stream, tunnel: None, unsent });
            }
            None => host.close_stream(stream),
        }
    }

    pub(super) fn connection_opened(&mut self, host: &mut Host<'_>, stream: StreamId) {
        match self.connections.of_stream(stream) {
            Some(Connection { tunnel: Some((to, answer)), .. }) => {
                let to = *to;
                answer.expect("CONNECT");
                ask_proxy(host, stream, to);
            }
            Some(Connection { whose, id, .. }) => {
                let (whose, id, now) = (*whose, *id, host.now());
                self.with_agent_of(whose, host, |agent| agent.handle_connected(id, now));
            }
            None => {}
        }
    }

    pub(super) fn read_connection(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let mut bytes = host.read_all(stream);
        let Some(open) = self.connections.of_stream(stream) else { return };
        let (whose, id, now) = (open.whose, open.id, host.now());
        if let Some((to, answer)) = &mut open.tunnel {
            let to = *to;
            answer.push(&bytes);
            match answer.next_response() {
                Ok(None) => return,
                Ok(Some(response)) if response.is_success() => {
                    bytes = answer.take_rest();
                    open.tunnel = None;
                    self.with_agent_of(whose, host, |agent| agent.handle_connected(id, now));
                }
                Ok(Some(response)) => {
                    let words = format!("{} {}", response.status, response.phrase);
                    return self.refused_by_proxy(host, stream, to, &words);
                }
                Err(error) => return self.refused_by_proxy(host, stream, to, &error.to_string()),
            }
        }
        if !bytes.is_empty() {
            self.with_agent_of(whose, host, |agent| agent.handle_stream(id, &bytes, now));
        }
    }

    fn refused_by_proxy(&mut self, host: &mut Host<'_>, stream: StreamId, to: SocketAddr, words: &str) {
        let status = format!("the proxy does not connect to {to}: {words}");
        tell(host, "peer", status, Some(ProgramReason::ProxyRefuses.into()));
        host.close_stream(stream);
        self.lose_connection(host, stream);
    }

    pub(super) fn write_connection(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if let Some(connection) = self.connections.of_stream(stream) {
            write(host, connection, None);
        }
    }

    /// A connection is over, or the other side will write no more, which is as good as over.
    pub(super) fn lose_connection(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let Some((whose, id)) = self.connections.remove(stream) else { return };
        let now = host.now();
        self.with_agent_of(whose, host, |agent| agent.handle_disconnected(id, now));
    }
}

/// Asks a proxy to connect (RFC 9110 §9.3.6).
fn ask_proxy(host: &mut Host<'_>, stream: StreamId, to: SocketAddr) {
    let target = to.to_string();
    let status = format!("asks the proxy for a tunnel to {target}");
    let cause = tell(host, "peer", status, Some(ProgramReason::ProxyAsked.into()));
    // An address and a port are a target and a host, so there is a request; and its head fits into an empty send buffer.
    if let Ok(request) = Request::new("CONNECT", &target, &target) {
        let _ = host.write(stream, &request.to_bytes(), cause);
    }
}

/// Writes as much as there is room for; the rest waits for more room.
fn write(host: &mut Host<'_>, connection: &mut Connection, cause: Option<EntryId>) {
    if connection.unsent.is_empty() {
        return;
    }
    // A stream that is closed takes nothing, and says so by its end.
    let written = host.write(connection.stream, &connection.unsent, cause).unwrap_or(0);
    connection.unsent.drain(..written.min(connection.unsent.len()));
}
