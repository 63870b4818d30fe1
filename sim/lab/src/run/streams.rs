//! TCP connections of a run: the sockets that a document asks for, and what came of each connection at the end.

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_net::World;
use rtclab_net::tcp::{Algorithm, Config, Nagle, TcpError};
use rtclab_trace::{Change, Entity, SimTime};
use serde_json::{Value, json};

use super::cast::{Actor, Cast};
use crate::build::{millis, sim_time};
use crate::document::{self, StreamWord, TcpAlgorithm};
use crate::programs::{HttpProxyConfig, TcpServer, TcpServerConfig, TcpSource, TcpSourceConfig};

/// What a TCP connection came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamReport {
    /// The node that opened it, and the node that it was opened to.
    pub ends: [String; 2],
    /// Where it went.
    pub to: SocketAddr,
    /// What came of it.
    pub state: StreamWord,
    /// When its handshake was over for the node that opened it.
    pub connected_at: Option<SimTime>,
    /// When it was over for the program that opened it.
    pub ended_at: Option<SimTime>,
    /// Bytes that this program wrote.
    pub written: u64,
    /// Bytes that came back to it.
    pub returned: u64,
    /// Bytes that the program on the other node has read, over all its connections; none where there is no such program.
    pub delivered: Option<u64>,
    /// Segments that the node that opened it sent again, as far as the trace knows; none in summary mode.
    pub retransmissions: Option<u64>,
}

/// The connections of all clients, in the order of the scenario.
pub(super) fn reports(cast: &Cast, world: &World) -> Vec<StreamReport> {
    let report = |(source, to): (&Actor, &String)| {
        let client: &TcpSource = world.program(source.node, source.program)?;
        let servers = cast.tcp_servers.iter().filter(|actor| actor.name == *to);
        let servers = servers.filter_map(|actor| world.program::<TcpServer>(actor.node, actor.program));
        let received: Vec<u64> = servers.map(TcpServer::received).collect();
        Some(StreamReport {
            ends: [source.name.clone(), to.clone()],
            to: client.to(),
            state: state_of(client),
            connected_at: client.opened_at(),
            ended_at: client.ended().map(|end| end.at),
            written: client.written(),
            returned: client.returned(),
            delivered: (!received.is_empty()).then(|| received.iter().sum()),
            retransmissions: retransmissions(world, source, client),
        })
    };
    cast.tcp_sources.iter().map(|source| (&source.actor, &source.to)).filter_map(report).collect()
}

fn state_of(client: &TcpSource) -> StreamWord {
    let Some(end) = client.ended() else {
        return if client.opened_at().is_some() { StreamWord::Connected } else { StreamWord::Connecting };
    };
    match end.error {
        None => StreamWord::Closed,
        Some(TcpError::Refused) => StreamWord::Refused,
        Some(TcpError::Reset | TcpError::Aborted) => StreamWord::Reset,
        Some(TcpError::TimedOut) => StreamWord::TimedOut,
        Some(TcpError::Unreachable) => StreamWord::Unreachable,
    }
}

fn retransmissions(world: &World, source: &Actor, client: &TcpSource) -> Option<u64> {
    let trace = world.trace();
    let last = trace.latest_at(Entity::Tcp(source.node, client.stream()?.0), SimTime::MAX)?;
    match &trace.entry(last).change {
        Change::Tcp(state) => Some(state.retransmissions),
        _ => None,
    }
}

/// The keys that other programs rely on.
pub(super) fn json(report: &StreamReport) -> Value {
    let ms = |at: Option<SimTime>| at.map(SimTime::as_millis_f64);
    json!({
        "ends": report.ends,
        "to": report.to.to_string(),
        "state": report.state.word(),
        "connected_at_ms": ms(report.connected_at),
        "ended_at_ms": ms(report.ended_at),
        "written_bytes": report.written,
        "delivered_bytes": report.delivered,
        "returned_bytes": report.returned,
        "retransmissions": report.retransmissions,
    })
}

// ---- what the document asks for ----

pub(super) fn source(
    source: &document::TcpSource,
    to: SocketAddr,
    proxy: Option<SocketAddr>,
) -> TcpSourceConfig {
    let algorithm = match source.algorithm {
        TcpAlgorithm::NewReno => Algorithm::NewReno,
        TcpAlgorithm::Cubic => Algorithm::Cubic,
        TcpAlgorithm::Bbr => Algorithm::Bbr,
    };
    let nagle = if source.nagle { Nagle::Minshall } else { Nagle::Off };
    TcpSourceConfig {
        to,
        proxy,
        bytes: source.bytes,
        write_bytes: source.write_bytes,
        every: if source.write_bytes.is_some() { millis(source.every_ms) } else { Duration::ZERO },
        start_at: sim_time(source.start_ms),
        socket: Config { algorithm, nagle, ..Config::default() },
    }
}

pub(super) fn proxy(proxy: &document::HttpProxy) -> HttpProxyConfig {
    HttpProxyConfig {
        port: proxy.port,
        backlog: proxy.backlog as usize,
        connect_ports: proxy.connect_ports.clone(),
        socket: Config::default(),
    }
}

pub(super) fn sink(sink: &document::TcpSink) -> TcpServerConfig {
    let socket = Config { receive_buffer: sink.receive_buffer_bytes as usize, ..Config::default() };
    TcpServerConfig { port: sink.port, backlog: sink.backlog as usize, echoes: false, socket }
}

pub(super) fn echo(echo: &document::TcpEcho) -> TcpServerConfig {
    TcpServerConfig {
        port: echo.port,
        backlog: echo.backlog as usize,
        echoes: true,
        socket: Config::default(),
    }
}
