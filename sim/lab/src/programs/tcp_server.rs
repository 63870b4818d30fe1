//! A server of TCP: socket, bind, listen, accept, recv; an echo sends back what it receives, a sink does not.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rtclab_net::tcp::{Config, TcpError};
use rtclab_net::{Host, Program, StreamId};

use super::socket_calls::SocketCalls;

/// Bytes that are read at once, and wait to be sent back at most.
const CHUNK: usize = 64 * 1024;

/// What a server is told at its start.
#[derive(Clone, Debug)]
pub struct TcpServerConfig {
    /// Its TCP port.
    pub port: u16,
    /// Connections that wait for `accept` at most.
    pub backlog: usize,
    /// Whether it sends back what it receives.
    pub echoes: bool,
    /// The sockets of its connections.
    pub socket: Config,
}

#[derive(Debug, Default)]
struct Connection {
    received: u64,
    /// What was received and could not be sent back yet.
    waiting: Vec<u8>,
    /// The other side has closed.
    ended: bool,
}

/// A server of TCP.
#[derive(Debug)]
pub struct TcpServer {
    config: TcpServerConfig,
    calls: SocketCalls,
    connections: BTreeMap<StreamId, Connection>,
    accepted: u64,
    received: u64,
}

impl TcpServer {
    /// A server that begins with the run.
    pub fn new(config: TcpServerConfig) -> TcpServer {
        let name = if config.echoes { "TCP echo" } else { "TCP sink" };
        TcpServer {
            config,
            calls: SocketCalls::new(name),
            connections: BTreeMap::new(),
            accepted: 0,
            received: 0,
        }
    }

    /// Bytes that it has received over all its connections.
    pub fn received(&self) -> u64 {
        self.received
    }

    fn listen(&mut self, host: &mut Host<'_>, address: IpAddr) {
        let at = SocketAddr::new(address, self.config.port);
        self.calls.call(host, "socket(TCP)");
        self.calls.call(host, format!("bind({at})"));
        self.calls.call(host, format!("listen({})", self.config.backlog));
        if let Err(error) =
            host.listen_tcp(address, at.port(), self.config.backlog, self.config.socket.clone())
        {
            self.calls.returned(host, format!("listen() fails: {error}"));
        }
    }

    /// Reads, sends back, and closes when nothing is left to do; as far as that goes now.
    fn serve(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let Some(connection) = self.connections.get_mut(&stream) else { return };
        loop {
            if !connection.waiting.is_empty() {
                let cause = self.calls.send(host, "send", connection.waiting.len());
                let Ok(taken) = host.write(stream, &connection.waiting, cause) else { return };
                connection.waiting.drain(..taken);
                if !connection.waiting.is_empty() {
                    return;
                }
            }
            let mut chunk = vec![0; host.readable(stream).min(CHUNK)];
            let count = host.read(stream, &mut chunk);
            if count == 0 {
                break;
            }
            chunk.truncate(count);
            connection.received += count as u64;
            self.received += count as u64;
            self.calls.receive(host, "recv", count);
            if self.config.echoes {
                connection.waiting = chunk;
            }
        }
        if connection.ended {
            self.calls.returned(host, "recv() = 0: the other side has closed");
            self.calls.call(host, "close()");
            let received = connection.received;
            self.connections.remove(&stream);
            host.close_stream(stream);
            self.stands(host, received, "closed");
        }
    }

    fn stands(&self, host: &mut Host<'_>, received: u64, how: &str) {
        let open = self.connections.len();
        self.calls.stands(
            host,
            format!("{how}: {received} bytes received; {} accepted, {open} open", self.accepted),
        );
    }
}

impl Program for TcpServer {
    fn start(&mut self, host: &mut Host<'_>) {
        let held: Vec<IpAddr> = host.addresses().into_iter().map(|held| held.address).collect();
        if held.iter().any(IpAddr::is_ipv4) {
            self.listen(host, Ipv4Addr::UNSPECIFIED.into());
        }
        if held.iter().any(IpAddr::is_ipv6) {
            self.listen(host, Ipv6Addr::UNSPECIFIED.into());
        }
    }

    fn stream_accepted(&mut self, host: &mut Host<'_>, stream: StreamId, peer: SocketAddr) {
        self.accepted += 1;
        self.connections.insert(stream, Connection::default());
        self.calls.returned(host, format!("accept() = {peer}"));
    }

    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.serve(host, stream);
    }

    fn stream_writable(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.serve(host, stream);
    }

    fn stream_ended(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if let Some(connection) = self.connections.get_mut(&stream) {
            connection.ended = true;
        }
        self.serve(host, stream);
    }

    fn stream_closed(&mut self, host: &mut Host<'_>, stream: StreamId, error: Option<TcpError>) {
        let Some(connection) = self.connections.remove(&stream) else { return };
        let how = error.map_or_else(|| "closed".to_owned(), |error| error.to_string());
        self.calls.returned(host, format!("recv() fails: {how}"));
        self.stands(host, connection.received, &how);
    }
}
