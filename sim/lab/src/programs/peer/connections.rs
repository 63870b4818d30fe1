//! TCP connections of a peer's candidates (RFC 6544): a listener for each address, connections as the agent asks for them, bytes both
//! ways. Not here: frames and checks, which are the agent's (`rtclab-rtc`).

use std::net::SocketAddr;

use rtclab_net::tcp::Config;
use rtclab_net::{Host, ListenerId, StreamId};
use rtclab_rtc::Because;
use rtclab_rtc::ice::{Agent, CandidateTransport, ConnectionId, HostRequest, LocalSocket};

use super::Peer;

/// How many connections may wait to be taken.
const BACKLOG: usize = 8;
/// The port of a candidate that only opens connections (RFC 6544 §4.5).
const DISCARD: u16 = 9;

/// Which stream of the host is which connection of the agent.
#[derive(Debug, Default)]
pub(super) struct Connections {
    listeners: Vec<(ListenerId, SocketAddr)>,
    open: Vec<Connection>,
}

#[derive(Debug)]
struct Connection {
    id: ConnectionId,
    stream: StreamId,
    /// What the send buffer had no room for.
    unsent: Vec<u8>,
}

impl Connections {
    /// Sockets for the same addresses as these: one that opens connections, and one that waits for them.
    pub(super) fn bind(&mut self, host: &mut Host<'_>, datagrams: &[LocalSocket]) -> Vec<LocalSocket> {
        for (listener, _) in std::mem::take(&mut self.listeners) {
            host.close_listener(listener);
        }
        let mut sockets = Vec::new();
        for socket in datagrams {
            let active = SocketAddr::new(socket.address.ip(), DISCARD);
            let active = LocalSocket { address: active, ..socket.clone() };
            sockets.push(active.over(CandidateTransport::TcpActive));
            let Ok(listener) = host.listen_tcp(socket.address.ip(), 0, BACKLOG, Config::default()) else {
                continue;
            };
            let Some(address) = host.listener_address(listener) else { continue };
            self.listeners.push((listener, address));
            let passive = LocalSocket { address, ..socket.clone() };
            sockets.push(passive.over(CandidateTransport::TcpPassive));
        }
        sockets
    }

    fn of_stream(&mut self, stream: StreamId) -> Option<&mut Connection> {
        self.open.iter_mut().find(|connection| connection.stream == stream)
    }

    fn id_of(&self, stream: StreamId) -> Option<ConnectionId> {
        self.open.iter().find(|connection| connection.stream == stream).map(|connection| connection.id)
    }

    fn add(&mut self, id: ConnectionId, stream: StreamId) {
        self.open.push(Connection { id, stream, unsent: Vec::new() });
    }

    /// Forgets a stream. Its connection, if it was one.
    fn remove(&mut self, stream: StreamId) -> Option<ConnectionId> {
        let place = self.open.iter().position(|connection| connection.stream == stream)?;
        Some(self.open.remove(place).id)
    }
}

impl Peer {
    /// Does what the agent asks for besides sending datagrams.
    pub(super) fn serve_requests(&mut self, host: &mut Host<'_>) {
        while let Some(request) = self.agent.as_mut().and_then(Agent::poll_request) {
            match request {
                HostRequest::Connect { connection, from, to, because } => {
                    self.connect(host, connection, (from, to), because);
                }
                HostRequest::Write { connection, bytes, because, .. } => {
                    let cause = self.recorder.cause(because);
                    let open = &mut self.connections.open;
                    if let Some(open) = open.iter_mut().find(|open| open.id == connection) {
                        open.unsent.extend_from_slice(&bytes);
                        write(host, open, cause);
                    }
                }
                HostRequest::Close { connection } => {
                    let open = self.connections.open.iter().find(|open| open.id == connection);
                    if let Some(stream) = open.map(|open| open.stream) {
                        self.connections.remove(stream);
                        host.close_stream(stream);
                    }
                }
                HostRequest::MapPort { base } => self.map_port(host, base),
                // Peers of the lab do not hide their addresses, so nobody has a name to look up.
                HostRequest::Resolve { name } => {
                    if let Some(agent) = &mut self.agent {
                        agent.handle_resolved(&name, None, host.now());
                    }
                }
            }
        }
    }

    fn connect(
        &mut self,
        host: &mut Host<'_>,
        connection: ConnectionId,
        (from, to): (SocketAddr, SocketAddr),
        because: Because,
    ) {
        let port = if from.port() == DISCARD { 0 } else { from.port() };
        let cause = self.recorder.cause(because);
        let from = SocketAddr::new(from.ip(), port);
        match (host.connect_tcp_from(from, to, Config::default(), cause), &mut self.agent) {
            (Ok(stream), _) => self.connections.add(connection, stream),
            (Err(_), Some(agent)) => agent.handle_disconnected(connection, host.now()),
            (Err(_), None) => {}
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
            Some(id) => self.connections.add(id, stream),
            None => host.close_stream(stream),
        }
    }

    pub(super) fn connection_opened(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let id = self.connections.id_of(stream);
        if let (Some(id), Some(agent)) = (id, &mut self.agent) {
            agent.handle_connected(id, host.now());
        }
    }

    pub(super) fn read_connection(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let bytes = host.read_all(stream);
        let id = self.connections.id_of(stream);
        if let (Some(id), Some(agent)) = (id, &mut self.agent) {
            agent.handle_stream(id, &bytes, host.now());
        }
    }

    pub(super) fn write_connection(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if let Some(connection) = self.connections.of_stream(stream) {
            write(host, connection, None);
        }
    }

    /// A connection is over, or the other side will write no more, which is as good as over.
    pub(super) fn lose_connection(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let id = self.connections.remove(stream);
        if let (Some(id), Some(agent)) = (id, &mut self.agent) {
            agent.handle_disconnected(id, host.now());
        }
    }
}

/// Writes as much as there is room for; the rest waits for more room.
fn write(host: &mut Host<'_>, connection: &mut Connection, cause: Option<rtclab_trace::EntryId>) {
    if connection.unsent.is_empty() {
        return;
    }
    // A stream that is closed takes nothing, and says so by its end.
    let written = host.write(connection.stream, &connection.unsent, cause).unwrap_or(0);
    connection.unsent.drain(..written.min(connection.unsent.len()));
}
