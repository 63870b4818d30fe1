//! The TURN server's loop: its own sockets, and those it opens for its clients.

use std::future::Future;
use std::net::SocketAddr;

use rtclab_rtc::stun::Transport;
use rtclab_rtc::turn::{Change, ServerOutput, TurnServer};
use rtclab_rtc::{Output, Reason, Subject, Time, Transmit};

use super::relay_ports::RelayPorts;
use super::{Note, SOFTWARE, ServeError, Settings, listen};
use crate::randomness::SystemRandomness;
use crate::wire::{Event, Wire};

/// Bytes that wait for a slow client before data of peers is dropped.
const QUEUE_OF_DATA_MAX: usize = 256 * 1024;
/// Bytes that wait for a client before it is given up.
const QUEUE_MAX: usize = 1024 * 1024;

/// A TURN server that listens, and is ready to run.
#[derive(Debug)]
pub struct TurnService {
    wire: Wire,
    server: TurnServer,
    relays: RelayPorts,
    randomness: SystemRandomness,
    listening: Vec<SocketAddr>,
    secured: Vec<SocketAddr>,
}

impl TurnService {
    /// Binds its sockets.
    ///
    /// # Errors
    /// There are no credentials, a setting makes no sense, or a socket cannot be bound.
    pub fn start(settings: &Settings) -> Result<TurnService, ServeError> {
        if settings.user.is_empty() {
            return Err(ServeError::NoCredentials);
        }
        let mut config = settings.turn()?;
        let mut wire = Wire::new();
        let listening = listen::bind_both(&mut wire, &settings.listen())?;
        let ports = settings.relay_ports.unwrap_or_default();
        let relays = RelayPorts::new(&settings.relay_address, &listening, ports);
        config.families = relays.families();
        config.reserves_ports = true;
        config.software = Some(SOFTWARE.to_owned());
        let server = TurnServer::new(config, SystemRandomness::boxed()?);
        let secured = listen::listen_secured(&mut wire, settings)?;
        let randomness = SystemRandomness::open()?;
        Ok(TurnService { wire, server, relays, randomness, listening, secured })
    }

    /// Where it listens, over UDP and TCP.
    pub fn listening(&self) -> &[SocketAddr] {
        &self.listening
    }

    /// Where it listens over TLS.
    pub fn secured(&self) -> &[SocketAddr] {
        &self.secured
    }

    /// Serves until `stop` is done; then all of its sockets are closed.
    pub async fn run(mut self, stop: impl Future<Output = ()>, mut tell: impl FnMut(&Note)) {
        for address in &self.listening {
            for transport in ["udp", "tcp"] {
                tell(&Note::Listening { service: "turn", transport, address: *address });
            }
        }
        for address in &self.secured {
            tell(&Note::Listening { service: "turn", transport: "tls", address: *address });
        }
        tell(&Note::relaying(self.relays.addresses(), self.relays.ports()));
        tokio::pin!(stop);
        loop {
            let deadline = self.server.poll_timeout();
            let event = tokio::select! {
                () = &mut stop => break,
                event = self.wire.next(deadline) => event,
            };
            let now = self.wire.now();
            self.take(event, now);
            self.settle(&mut tell).await;
        }
        tell(&Note::Stopped { allocations: self.server.allocations().count() });
    }

    fn take(&mut self, event: Event, now: Time) {
        match event {
            Event::Datagram { to, from, payload } => self.server.handle_datagram(to, from, &payload, now),
            Event::Timer => self.server.handle_timeout(now),
            Event::Accepted { stream, local, remote, secured } => {
                let transport = if secured { Transport::Tls } else { Transport::Tcp };
                self.server.stream_opened(stream, transport, local, remote, now);
            }
            Event::StreamData { stream, bytes } => self.server.stream_data(stream, &bytes, now),
            Event::StreamClosed { stream, .. } => self.server.stream_closed(stream),
            Event::Unreachable { .. } | Event::Connected { .. } | Event::Resolved { .. } => {}
        }
    }

    /// A client that reads more slowly than its peers send loses what they sent, as it would over UDP; one that does not even read the
    /// answers to its own requests loses the connection.
    fn write(&mut self, stream: u32, transmit: Transmit) {
        let queued = self.wire.queued(stream);
        if queued > QUEUE_MAX {
            self.wire.close_stream(stream);
            self.server.stream_closed(stream);
        } else if queued <= QUEUE_OF_DATA_MAX || transmit.reason != Some(Reason::TurnRelayed) {
            self.wire.write(stream, transmit.payload);
        }
    }

    async fn settle(&mut self, tell: &mut impl FnMut(&Note)) {
        while let Some(output) = self.server.poll_output() {
            let now = self.wire.now();
            match output {
                ServerOutput::Endpoint(Output::Transmit(transmit)) => self.wire.send(&transmit).await,
                ServerOutput::Endpoint(Output::Change {
                    subject: Subject::Allocation(number),
                    change: Change::Allocation(allocation),
                    reason,
                    ..
                }) => tell(&Note::allocation(number, &allocation, reason, now)),
                ServerOutput::Endpoint(_) => {}
                ServerOutput::OpenRelay { allocation, family, even_port } => {
                    match self.relays.open(&mut self.wire, family, even_port, &mut self.randomness) {
                        Some(address) => self.server.relay_opened(allocation, address, now),
                        None => self.server.relay_refused(allocation),
                    }
                }
                ServerOutput::CloseRelay { address } => self.wire.close_udp(address),
                ServerOutput::OpenRelayPair { allocation, family } => {
                    match self.relays.open_pair(&mut self.wire, family, &mut self.randomness) {
                        Some((even, next)) => self.server.relays_opened(allocation, even, next, now),
                        None => self.server.relay_refused(allocation),
                    }
                }
                ServerOutput::ToStream { stream, transmit } => self.write(stream, transmit),
                ServerOutput::CloseStream { stream } => self.wire.close_stream(stream),
                // DF bits and TCP to peers are not among what its configuration offers.
                ServerOutput::Unfragmented(_)
                | ServerOutput::OpenListener { .. }
                | ServerOutput::CloseListener { .. }
                | ServerOutput::ConnectPeer { .. }
                | ServerOutput::ToPeer { .. }
                | ServerOutput::ClosePeer { .. } => {}
            }
        }
    }
}
