//! An HTTP proxy that opens tunnels (CONNECT, RFC 9110 §9.3.6): what many offices have in place of a way out. It connects to where a client
//! asks, says 200, and from then on passes bytes on, both ways. Not here: HTTP (`rtclab-rtc`), and requests for pages, which it refuses.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rtclab_net::tcp::{Config, TcpError};
use rtclab_net::{Host, Program, StreamId};
use rtclab_rtc::http::{Request, RequestReader, Response};

use super::socket_calls::SocketCalls;

/// Bytes that wait to be passed on, each way.
const CHUNK: usize = 64 * 1024;

/// Tunnels at a time.
const TUNNELS_MAX: usize = 1024;

/// What a proxy is told at its start.
#[derive(Clone, Debug)]
pub struct HttpProxyConfig {
    /// Its TCP port.
    pub port: u16,
    /// Connections that wait for `accept` at most.
    pub backlog: usize,
    /// The ports to which it opens tunnels (RFC 9110 §9.3.6 wants them limited); none: to any.
    pub connect_ports: Vec<u16>,
    /// The sockets of its connections.
    pub socket: Config,
}

/// How far a connection of a client has come.
#[derive(Debug)]
enum Phase {
    /// The request is not whole.
    Asking(Box<RequestReader>),
    /// The server has not answered yet.
    Connecting,
    /// Bytes go both ways.
    Open,
    /// It was refused, and the answer is on its way.
    Refused,
}

/// One way through a tunnel.
#[derive(Debug, Default)]
struct Lane {
    waiting: Vec<u8>,
    /// Nothing more comes from its beginning.
    ended: bool,
    /// Its end has been told so.
    shut: bool,
}

#[derive(Debug)]
struct Tunnel {
    client: StreamId,
    server: Option<StreamId>,
    target: String,
    phase: Phase,
    up: Lane,
    down: Lane,
}

/// A proxy.
#[derive(Debug)]
pub struct HttpProxy {
    config: HttpProxyConfig,
    calls: SocketCalls,
    tunnels: BTreeMap<u32, Tunnel>,
    of_stream: BTreeMap<StreamId, u32>,
    next: u32,
    opened: u64,
    refused: u64,
}

impl HttpProxy {
    /// A proxy that begins with the run.
    pub fn new(config: HttpProxyConfig) -> HttpProxy {
        HttpProxy {
            config,
            calls: SocketCalls::new("HTTP proxy"),
            tunnels: BTreeMap::new(),
            of_stream: BTreeMap::new(),
            next: 0,
            opened: 0,
            refused: 0,
        }
    }

    fn listen(&mut self, host: &mut Host<'_>, address: IpAddr) {
        let at = SocketAddr::new(address, self.config.port);
        self.calls.call(host, format!("listen on {at}"));
        if let Err(error) =
            host.listen_tcp(address, at.port(), self.config.backlog, self.config.socket.clone())
        {
            self.calls.returned(host, format!("listen() fails: {error}"));
        }
    }

    fn stands(&self, host: &mut Host<'_>) {
        let open = self.tunnels.values().filter(|tunnel| matches!(tunnel.phase, Phase::Open)).count();
        let (opened, refused) = (self.opened, self.refused);
        self.calls
            .stands(host, format!("{opened} tunnels opened, {open} are open, {refused} requests refused"));
    }

    /// Does what can be done about the connections of a tunnel now.
    fn serve(&mut self, host: &mut Host<'_>, number: u32) {
        self.read_request(host, number);
        self.pump(host, number);
    }

    fn read_request(&mut self, host: &mut Host<'_>, number: u32) {
        let Some(tunnel) = self.tunnels.get_mut(&number) else { return };
        let Phase::Asking(reader) = &mut tunnel.phase else { return };
        reader.push(&host.read_all(tunnel.client));
        match reader.next_request() {
            Ok(None) => {}
            Ok(Some(request)) => {
                // A client may write before it is answered (RFC 9110 §9.3.6 warns of it): that is the tunnel's.
                tunnel.up.waiting = reader.take_rest();
                self.connect(host, number, &request);
            }
            Err(error) => self.refuse(host, number, &Response::refusing(&error)),
        }
    }

    fn connect(&mut self, host: &mut Host<'_>, number: u32, request: &Request) {
        if request.method != "CONNECT" {
            return self.refuse(host, number, &Response::new(501));
        }
        // RFC 9112 §3.2.3: the authority form, host and port.
        let Ok(to) = request.target.parse::<SocketAddr>() else {
            return self.refuse(host, number, &Response::new(400));
        };
        let allowed = &self.config.connect_ports;
        if !allowed.is_empty() && !allowed.contains(&to.port()) {
            return self.refuse(host, number, &Response::new(403));
        }
        let cause = self.calls.call(host, format!("CONNECT {to}"));
        match host.connect_tcp(to, self.config.socket.clone(), cause) {
            Ok(server) => {
                self.of_stream.insert(server, number);
                if let Some(tunnel) = self.tunnels.get_mut(&number) {
                    tunnel.target.clone_from(&request.target);
                    (tunnel.server, tunnel.phase) = (Some(server), Phase::Connecting);
                }
            }
            Err(_) => self.refuse(host, number, &Response::new(502)),
        }
    }

    /// Answers with an error, and closes when that is out.
    fn refuse(&mut self, host: &mut Host<'_>, number: u32, response: &Response) {
        self.refused += 1;
        self.calls.call(host, format!("{} {}", response.status, response.phrase));
        let Some(tunnel) = self.tunnels.get_mut(&number) else { return };
        tunnel.phase = Phase::Refused;
        tunnel.up.waiting.clear();
        tunnel.down.waiting = response.to_bytes();
        tunnel.down.ended = true;
        self.stands(host);
    }

    /// Passes on what has come, as far as there is room.
    fn pump(&mut self, host: &mut Host<'_>, number: u32) {
        let Some(tunnel) = self.tunnels.get_mut(&number) else { return };
        let open = matches!(tunnel.phase, Phase::Open);
        if let (Some(server), true) = (tunnel.server, open) {
            pass(host, tunnel.client, server, &mut tunnel.up);
            pass(host, server, tunnel.client, &mut tunnel.down);
        }
        if matches!(tunnel.phase, Phase::Refused) {
            write(host, tunnel.client, &mut tunnel.down);
        }
        let over = tunnel.down.shut && (tunnel.up.shut || !open);
        if over {
            self.end(host, number);
        }
    }

    /// Forgets a tunnel whose two sides have nothing to say any more.
    fn end(&mut self, host: &mut Host<'_>, number: u32) {
        let Some(tunnel) = self.tunnels.remove(&number) else { return };
        for stream in [Some(tunnel.client), tunnel.server].into_iter().flatten() {
            self.of_stream.remove(&stream);
            host.close_stream(stream);
        }
        self.stands(host);
    }

    /// The server cannot be reached, or a side has failed.
    fn lost(&mut self, host: &mut Host<'_>, number: u32, stream: StreamId, error: Option<TcpError>) {
        self.of_stream.remove(&stream);
        let Some(tunnel) = self.tunnels.get_mut(&number) else { return };
        if matches!(tunnel.phase, Phase::Connecting) && tunnel.server == Some(stream) {
            tunnel.server = None;
            let status = if error == Some(TcpError::TimedOut) { 504 } else { 502 };
            self.refuse(host, number, &Response::new(status));
            return self.pump(host, number);
        }
        let other = if tunnel.client == stream { tunnel.server } else { Some(tunnel.client) };
        self.tunnels.remove(&number);
        if let Some(other) = other {
            self.of_stream.remove(&other);
            host.abort(other);
        }
        self.stands(host);
    }
}

/// Reads from one side and writes to the other, until there is nothing to read or no room.
fn pass(host: &mut Host<'_>, from: StreamId, to: StreamId, lane: &mut Lane) {
    loop {
        if !lane.waiting.is_empty() {
            write(host, to, lane);
            if !lane.waiting.is_empty() {
                return;
            }
        }
        let mut chunk = vec![0; host.readable(from).min(CHUNK)];
        let count = host.read(from, &mut chunk);
        if count == 0 {
            return write(host, to, lane);
        }
        chunk.truncate(count);
        lane.waiting = chunk;
    }
}

/// Writes what waits; after the last of it, the end.
fn write(host: &mut Host<'_>, to: StreamId, lane: &mut Lane) {
    if !lane.waiting.is_empty() {
        // What fails is told when the connection is over.
        let taken = host.write(to, &lane.waiting, None).unwrap_or_default();
        lane.waiting.drain(..taken);
    }
    if lane.ended && lane.waiting.is_empty() && !lane.shut {
        lane.shut = true;
        host.shutdown(to);
    }
}

impl Program for HttpProxy {
    fn start(&mut self, host: &mut Host<'_>) {
        let held: Vec<IpAddr> = host.addresses().into_iter().map(|held| held.address).collect();
        if held.iter().any(IpAddr::is_ipv4) {
            self.listen(host, Ipv4Addr::UNSPECIFIED.into());
        }
        if held.iter().any(IpAddr::is_ipv6) {
            self.listen(host, Ipv6Addr::UNSPECIFIED.into());
        }
    }

    fn stream_accepted(&mut self, host: &mut Host<'_>, client: StreamId, peer: SocketAddr) {
        self.calls.returned(host, format!("accept() = {peer}"));
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        let (phase, target) = (Phase::Asking(Box::default()), String::new());
        let (up, down) = (Lane::default(), Lane::default());
        self.tunnels.insert(number, Tunnel { client, server: None, target, phase, up, down });
        self.of_stream.insert(client, number);
        if self.tunnels.len() > TUNNELS_MAX {
            self.refuse(host, number, &Response::new(503));
            self.pump(host, number);
        }
    }

    fn stream_opened(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let Some(&number) = self.of_stream.get(&stream) else { return };
        let Some(tunnel) = self.tunnels.get_mut(&number) else { return };
        tunnel.phase = Phase::Open;
        tunnel.down.waiting = Response::new(200).to_tunnel_bytes();
        let words = format!("CONNECT {}: 200, the tunnel is open", tunnel.target);
        self.opened += 1;
        self.calls.returned(host, words);
        self.pump(host, number);
    }

    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if let Some(&number) = self.of_stream.get(&stream) {
            self.serve(host, number);
        }
    }

    fn stream_writable(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if let Some(&number) = self.of_stream.get(&stream) {
            self.pump(host, number);
        }
    }

    fn stream_ended(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let Some(&number) = self.of_stream.get(&stream) else { return };
        self.read_request(host, number);
        let Some(tunnel) = self.tunnels.get_mut(&number) else { return };
        if tunnel.client != stream {
            tunnel.down.ended = true;
        } else if matches!(tunnel.phase, Phase::Asking(_)) {
            // A client that closes before it has asked gets what it wants.
            return self.end(host, number);
        } else {
            tunnel.up.ended = true;
        }
        self.pump(host, number);
    }

    fn stream_closed(&mut self, host: &mut Host<'_>, stream: StreamId, error: Option<TcpError>) {
        if let Some(&number) = self.of_stream.get(&stream) {
            self.lost(host, number, stream, error);
        }
    }
}
