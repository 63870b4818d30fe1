//! A client of TCP: socket, connect, send, shutdown, recv until the other side has closed, close.

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_net::tcp::{Config, TcpError};
use rtclab_net::{Host, Program, StreamId};
use rtclab_rtc::http::{Request, ResponseReader};
use rtclab_trace::SimTime;

use super::socket_calls::SocketCalls;

const CONNECT: u64 = 0;
const WRITE: u64 = 1;

/// Bytes of one call of `send` at most.
const WRITE_MAX: u64 = 64 * 1024;

/// What a client is told at its start.
#[derive(Clone, Debug)]
pub struct TcpSourceConfig {
    /// Where it connects to.
    pub to: SocketAddr,
    /// The HTTP proxy that it asks to connect there, instead of connecting itself.
    pub proxy: Option<SocketAddr>,
    /// Bytes that it writes in all.
    pub bytes: u64,
    /// Bytes of one call of `send`; without it, as many as the socket takes.
    pub write_bytes: Option<u32>,
    /// Time between two of them.
    pub every: Duration,
    /// When it connects.
    pub start_at: SimTime,
    /// Its socket.
    pub socket: Config,
}

/// How a connection of a client ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamEnd {
    /// When.
    pub at: SimTime,
    /// With this failure; without one, both sides have closed.
    pub error: Option<TcpError>,
}

/// A client of TCP.
#[derive(Debug)]
pub struct TcpSource {
    config: TcpSourceConfig,
    stream: Option<StreamId>,
    /// With a proxy: its answer, until that is whole.
    answer: Option<ResponseReader>,
    calls: SocketCalls,
    opened_at: Option<SimTime>,
    ended: Option<StreamEnd>,
    /// Bytes that are to be written by now.
    due: u64,
    written: u64,
    returned: u64,
    shut: bool,
}

impl TcpSource {
    /// A client that begins at the time that its configuration says.
    pub fn new(config: TcpSourceConfig) -> TcpSource {
        TcpSource {
            answer: config.proxy.map(|_| ResponseReader::new()),
            config,
            stream: None,
            calls: SocketCalls::new("TCP client"),
            opened_at: None,
            ended: None,
            due: 0,
            written: 0,
            returned: 0,
            shut: false,
        }
    }

    /// Where it connects to.
    pub fn to(&self) -> SocketAddr {
        self.config.to
    }

    /// Its connection, once it has called `connect`.
    pub fn stream(&self) -> Option<StreamId> {
        self.stream
    }

    /// When its handshake was over.
    pub fn opened_at(&self) -> Option<SimTime> {
        self.opened_at
    }

    /// How its connection ended, if it has.
    pub fn ended(&self) -> Option<StreamEnd> {
        self.ended
    }

    /// Bytes that it has written.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Bytes that have come back.
    pub fn returned(&self) -> u64 {
        self.returned
    }

    fn connect(&mut self, host: &mut Host<'_>) {
        self.calls.call(host, "socket(TCP)");
        let to = self.config.proxy.unwrap_or(self.config.to);
        let cause = self.calls.call(host, format!("connect({to})"));
        match host.connect_tcp(to, self.config.socket.clone(), cause) {
            Ok(stream) => self.stream = Some(stream),
            Err(error) => {
                self.ended = Some(StreamEnd { at: host.now(), error: Some(TcpError::Unreachable) });
                self.calls.returned(host, format!("connect() fails: {error}"));
            }
        }
    }

    /// Asks the proxy for a tunnel (RFC 9110 §9.3.6).
    fn ask_proxy(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let target = self.config.to.to_string();
        let cause = self.calls.call(host, format!("CONNECT {target}"));
        // An address and a port are a target and a host, so there is a request.
        let Ok(request) = Request::new("CONNECT", &target, &target) else { return };
        if let Some(answer) = &mut self.answer {
            answer.expect("CONNECT");
        }
        // A head fits into an empty send buffer; what fails is told when the connection is over.
        let _ = host.write(stream, &request.to_bytes(), cause);
    }

    /// Reads the proxy's answer. Whether the tunnel is open.
    fn hear_proxy(&mut self, host: &mut Host<'_>, stream: StreamId) -> bool {
        let Some(answer) = &mut self.answer else { return true };
        answer.push(&host.read_all(stream));
        let words = match answer.next_response() {
            Ok(None) => return false,
            Ok(Some(response)) if response.is_success() => {
                self.returned += answer.take_rest().len() as u64;
                self.answer = None;
                self.opened_at = Some(host.now());
                self.calls
                    .returned(host, format!("{} {}: the tunnel is open", response.status, response.phrase));
                self.next_write(host);
                return true;
            }
            Ok(Some(response)) => format!("the proxy refuses: {} {}", response.status, response.phrase),
            Err(error) => format!("the proxy's answer is none: {error}"),
        };
        self.calls.returned(host, words);
        self.calls.call(host, "close()");
        host.close_stream(stream);
        self.conclude(host, Some(TcpError::Refused));
        false
    }

    /// More is to be written from now on, and again after a while.
    fn next_write(&mut self, host: &mut Host<'_>) {
        match self.config.write_bytes {
            Some(bytes) if !self.config.every.is_zero() => {
                self.due = self.config.bytes.min(self.due + u64::from(bytes));
                if self.due < self.config.bytes {
                    host.set_timer(host.now() + self.config.every, WRITE);
                }
            }
            _ => self.due = self.config.bytes,
        }
        self.write(host);
    }

    fn write(&mut self, host: &mut Host<'_>) {
        let Some(stream) = self.stream else { return };
        while self.written < self.due {
            let most = self.config.write_bytes.map_or(WRITE_MAX, u64::from).min(WRITE_MAX);
            let count = (self.due - self.written).min(most) as usize;
            let room = host.writable(stream);
            let first = self.written;
            let data: Vec<u8> = (first..first + count as u64).map(letter).collect();
            let cause = if room == 0 { None } else { self.calls.send(host, "send", count.min(room)) };
            // What fails now is told when the connection is over.
            let Ok(taken) = host.write(stream, &data, cause) else { return };
            self.written += taken as u64;
            if taken < count {
                return;
            }
        }
        if self.written == self.config.bytes && !self.shut {
            self.shut = true;
            self.calls.call(host, "shutdown(SHUT_WR)");
            host.shutdown(stream);
        }
    }

    fn read(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let count = host.read_all(stream).len();
        if count > 0 {
            self.returned += count as u64;
            self.calls.receive(host, "recv", count);
        }
    }

    fn conclude(&mut self, host: &mut Host<'_>, error: Option<TcpError>) {
        self.ended = Some(StreamEnd { at: host.now(), error });
        let how = error.map_or_else(|| "closed".to_owned(), |error| error.to_string());
        self.calls.stands(host, format!("{how}: {} bytes sent, {} came back", self.written, self.returned));
    }
}

/// The letters of the alphabet, over and over: what a class recognizes in a capture.
fn letter(at: u64) -> u8 {
    b'a' + (at % 26) as u8
}

impl Program for TcpSource {
    fn start(&mut self, host: &mut Host<'_>) {
        host.set_timer(self.config.start_at.max(host.now()), CONNECT);
    }

    fn timer(&mut self, host: &mut Host<'_>, token: u64) {
        match token {
            CONNECT => self.connect(host),
            _ => self.next_write(host),
        }
    }

    fn stream_opened(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if self.answer.is_some() {
            self.calls.returned(host, "connect() = connected to the proxy");
            return self.ask_proxy(host, stream);
        }
        self.opened_at = Some(host.now());
        self.calls.returned(host, "connect() = connected");
        self.next_write(host);
    }

    fn stream_writable(&mut self, host: &mut Host<'_>, _stream: StreamId) {
        self.write(host);
    }

    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if self.hear_proxy(host, stream) {
            self.read(host, stream);
        }
    }

    fn stream_ended(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if !self.hear_proxy(host, stream) {
            return;
        }
        self.read(host, stream);
        self.calls.returned(host, "recv() = 0: the other side has closed");
        if self.shut {
            self.calls.call(host, "close()");
            host.close_stream(stream);
            self.conclude(host, None);
        }
    }

    fn stream_closed(&mut self, host: &mut Host<'_>, stream: StreamId, error: Option<TcpError>) {
        self.read(host, stream);
        if let Some(error) = error {
            let call = if self.opened_at.is_none() { "connect()" } else { "recv()" };
            self.calls.returned(host, format!("{call} fails: {error}"));
        }
        self.conclude(host, error);
    }
}
