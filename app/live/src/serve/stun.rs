//! The STUN server's loop.

use std::future::Future;
use std::net::SocketAddr;

use rtclab_rtc::Output;
use rtclab_rtc::behavior::BehaviorServer;
use rtclab_rtc::stun::{BindingServer, TransactionSnapshot};

use super::{Note, SOFTWARE, ServeError, Settings, listen};
use crate::wire::{Event, Wire};

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
}

impl StunService {
    /// Binds its sockets.
    ///
    /// # Errors
    /// A socket cannot be bound, or the other address does not do.
    pub fn start(settings: &Settings) -> Result<StunService, ServeError> {
        let mut wire = Wire::new();
        let places = settings.listen();
        let (Some(other), Some(first)) = (settings.other, places.first()) else {
            let listening = listen::bind_udp(&mut wire, &places)?;
            let server = Server::Binding(BindingServer::new().with_software(SOFTWARE));
            return Ok(StunService { wire, server, listening });
        };
        let server = BehaviorServer::new(*first, other.0)?.with_software(SOFTWARE);
        let listening = listen::bind_udp(&mut wire, &server.sockets())?;
        Ok(StunService { wire, server: Server::Behavior(server), listening })
    }

    /// Where it listens over UDP.
    pub fn listening(&self) -> &[SocketAddr] {
        &self.listening
    }

    /// Serves until `stop` is done. It keeps nothing about anybody.
    pub async fn run(mut self, stop: impl Future<Output = ()>, mut tell: impl FnMut(&Note)) {
        for address in &self.listening {
            tell(&Note::Listening { service: "stun", transport: "udp", address: *address });
        }
        tokio::pin!(stop);
        loop {
            let event = tokio::select! {
                () = &mut stop => break,
                event = self.wire.next(None) => event,
            };
            if let Event::Datagram { to, from, payload } = event {
                self.server.handle_datagram(to, from, &payload);
            }
            while let Some(output) = self.server.poll_output() {
                if let Output::Transmit(transmit) = output {
                    self.wire.send(&transmit).await;
                }
            }
        }
        tell(&Note::Stopped { allocations: 0 });
    }
}
