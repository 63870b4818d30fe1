//! The WebSockets of a signaling server: a listener, connections, text both ways. Not here: what the text says.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rtclab_net::{Host, ListenerId, StreamId};
use rtclab_rtc::websocket::{Event, Limits, Output, WebSocket};
use rtclab_trace::EntryId;

use crate::programs::carrier::{Line, line_config};
use crate::programs::signaling::SUBPROTOCOL;

/// Connections that wait to be taken.
const BACKLOG: usize = 64;

/// Connections at most; more are closed as soon as they come.
const STREAMS_MAX: usize = 4096;

/// What came of an input.
#[derive(Debug)]
pub(super) enum StreamEvent {
    /// A text on this connection.
    Text(StreamId, String),
    /// The connection is over.
    Gone(StreamId),
}

#[derive(Debug)]
struct Open {
    line: Line,
    socket: WebSocket,
}

/// The connections of a server.
#[derive(Debug, Default)]
pub(super) struct Streams {
    listeners: Vec<ListenerId>,
    open: BTreeMap<StreamId, Open>,
}

impl Streams {
    /// Listens on every family that the host has addresses of.
    pub(super) fn listen(&mut self, host: &mut Host<'_>, port: u16) {
        let held = host.addresses();
        let families: [(bool, IpAddr); 2] =
            [(true, Ipv4Addr::UNSPECIFIED.into()), (false, Ipv6Addr::UNSPECIFIED.into())];
        for (v4, any) in families {
            if held.iter().any(|held| held.address.is_ipv4() == v4) {
                self.listeners.extend(host.listen_tcp(any, port, BACKLOG, line_config()).ok());
            }
        }
    }

    /// A connection was taken.
    pub(super) fn accepted(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if self.open.len() == STREAMS_MAX {
            host.close_stream(stream);
            return;
        }
        let socket = WebSocket::server(&[SUBPROTOCOL], Limits::default(), host.randomness());
        self.open.insert(stream, Open { line: Line::new(stream), socket });
    }

    /// A connection has something to read.
    pub(super) fn readable(&mut self, host: &mut Host<'_>, stream: StreamId) -> Vec<StreamEvent> {
        let Some(open) = self.open.get_mut(&stream) else { return Vec::new() };
        let bytes = open.line.read(host);
        open.socket.handle_bytes(&bytes);
        self.drain(host, stream, None)
    }

    /// A connection has room again.
    pub(super) fn writable(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if let Some(open) = self.open.get_mut(&stream) {
            let cause = host.input();
            open.line.flush(host, cause);
        }
    }

    /// The other side of a connection writes no more.
    pub(super) fn ended(&mut self, host: &mut Host<'_>, stream: StreamId) -> Vec<StreamEvent> {
        let Some(open) = self.open.get_mut(&stream) else { return Vec::new() };
        open.socket.handle_ended();
        self.drain(host, stream, None)
    }

    /// A connection is over.
    pub(super) fn closed(&mut self, stream: StreamId) -> Option<StreamEvent> {
        self.open.remove(&stream).map(|_| StreamEvent::Gone(stream))
    }

    /// Sends a text because of that entry.
    pub(super) fn send(
        &mut self,
        host: &mut Host<'_>,
        stream: StreamId,
        text: &str,
        cause: Option<EntryId>,
    ) -> Vec<StreamEvent> {
        let Some(open) = self.open.get_mut(&stream) else { return Vec::new() };
        // A WebSocket that is not open says so by its end.
        let _ = open.socket.send_text(text);
        self.drain(host, stream, cause)
    }

    /// Nobody listens any more, and every connection ends.
    pub(super) fn stop(&mut self, host: &mut Host<'_>) {
        for listener in std::mem::take(&mut self.listeners) {
            host.close_listener(listener);
        }
        for (_, open) in std::mem::take(&mut self.open) {
            open.line.close(host);
        }
    }

    fn drain(&mut self, host: &mut Host<'_>, stream: StreamId, cause: Option<EntryId>) -> Vec<StreamEvent> {
        let mut events = Vec::new();
        let Some(open) = self.open.get_mut(&stream) else { return events };
        let cause = cause.or_else(|| host.input());
        let mut over = false;
        while let Some(output) = open.socket.poll_output() {
            match output {
                Output::Transmit(bytes) => open.line.write(host, &bytes, cause),
                Output::Event(Event::Text(text)) => events.push(StreamEvent::Text(stream, text)),
                Output::Event(_) => {}
                Output::CloseStream => over = true,
            }
        }
        if over && let Some(open) = self.open.remove(&stream) {
            open.line.close(host);
            events.push(StreamEvent::Gone(stream));
        }
        events
    }
}
