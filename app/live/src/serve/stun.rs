//! The STUN server's loop.

use std::future::Future;
use std::net::SocketAddr;

use rtclab_rtc::behavior::BehaviorServer;
use rtclab_rtc::stun::{BindingServer, TransactionSnapshot};
use rtclab_rtc::{Output, Time};

use super::streams::{Messages, Streams};
use super::{Note, SOFTWARE, ServeError, Settings, listen};
use crate::wire::{Event, Wire};

/// Bytes that wait for a client before its connection is closed.
const QUEUE_MAX: usize = 64 * 1024;

/// What answers: alone, or on two addresses with two ports each (RFC 5780).
#[derive(Debug)]
enum Server {
    Binding(BindingServer),
    Behavior(BehaviorServer),
}

impl Server {
    fn handle_datagram(&mut self, to: SocketAddr, from: SocketAddr, payload: &[u8]) {
        match self {
            Server::Binding(server) => server.handle_datagram(to, from, payload),
            Server::Behavior(server) => server.handle_datagram(to, from, payload),
        }
    }

    fn poll_output(&mut self) -> Option<Output<TransactionSnapshot>> {
        match self {
            Server::Binding(server) => server.poll_output(),
            Server::Behavior(server) => server.poll_output(),
        }
    }
}

/// A STUN server that listens, and is ready to run.
#[derive(Debug)]
pub struct StunService {
    wire: Wire,
    server: Server,
    listening: Vec<SocketAddr>,
    secured: Vec<SocketAddr>,
    streams: Streams,
    /// Over a stream no answer comes from elsewhere, so behavior discovery is not spoken there: CHANGE-REQUEST is refused with 420.
    over_streams: BindingServer,
}

impl StunService {
    /// Binds its sockets.
    ///
    /// # Errors
    /// A socket cannot be bound, or the other address does not do.
    pub fn start(settings: &Settings) -> Result<StunService, ServeError> {
        let mut wire = Wire::new();
        let places = settings.listen();
        let plain = || BindingServer::new().with_software(SOFTWARE);
        let (server, listening) = match (settings.other, places.first()) {
            (Some(other), Some(first)) => {
                let server = BehaviorServer::new(*first, other.0)?.with_software(SOFTWARE);
                let listening = listen::bind_both(&mut wire, &server.sockets())?;
                (Server::Behavior(server), listening)
            }
            _ => (Server::Binding(plain()), listen::bind_both(&mut wire, &places)?),
        };
        let secured = listen::listen_secured(&mut wire, settings)?;
        let (streams, over_streams) = (Streams::default(), plain());
        Ok(StunService { wire, server, listening, secured, streams, over_streams })
    }

    /// Where it listens, over UDP and TCP.
    pub fn listening(&self) -> &[SocketAddr] {
        &self.listening
    }

    /// Where it listens over TLS.
    pub fn secured(&self) -> &[SocketAddr] {
        &self.secured
    }

    /// Serves until `stop` is done. It keeps nothing about anybody but their connections.
    pub async fn run(mut self, stop: impl Future<Output = ()>, mut tell: impl FnMut(&Note)) {
        for address in &self.listening {
            for transport in ["udp", "tcp"] {
                tell(&Note::Listening { service: "stun", transport, address: *address });
            }
        }
        for address in &self.secured {
            tell(&Note::Listening { service: "stun", transport: "tls", address: *address });
        }
        tokio::pin!(stop);
        loop {
            let event = tokio::select! {
                () = &mut stop => break,
                event = self.wire.next(self.streams.deadline()) => event,
            };
            self.take(event).await;
        }
        tell(&Note::Stopped { allocations: 0 });
    }

    async fn take(&mut self, event: Event) {
        let now = self.wire.now();
        match event {
            Event::Datagram { to, from, payload } => {
                self.server.handle_datagram(to, from, &payload);
                while let Some(output) = self.server.poll_output() {
                    if let Output::Transmit(transmit) = output {
                        self.wire.send(&transmit).await;
                    }
                }
            }
            Event::Accepted { stream, local, remote, .. } => {
                if !self.streams.open(stream, local, remote, now) {
                    self.wire.close_stream(stream);
                }
            }
            Event::StreamData { stream, bytes } => self.take_stream(stream, &bytes, now),
            Event::StreamClosed { stream, .. } => self.streams.close(stream),
            Event::Timer => {
                for stream in self.streams.idle(now) {
                    self.wire.close_stream(stream);
                }
            }
            Event::Unreachable { .. } | Event::Connected { .. } | Event::Resolved { .. } => {}
        }
    }

    fn take_stream(&mut self, stream: u32, bytes: &[u8], now: Time) {
        let mut is_useless = self.wire.queued(stream) > QUEUE_MAX;
        match self.streams.take(stream, bytes, now) {
            Some(Messages { local, remote, messages, is_broken }) => {
                is_useless |= is_broken;
                for message in messages {
                    self.over_streams.handle_datagram(local, remote, &message);
                    while let Some(output) = self.over_streams.poll_output() {
                        if let Output::Transmit(transmit) = output {
                            self.wire.write(stream, transmit.payload);
                        }
                    }
                }
            }
            None => is_useless = true,
        }
        if is_useless {
            self.streams.close(stream);
            self.wire.close_stream(stream);
        }
    }
}
