//! The STUN server's loop.

use std::future::Future;
use std::net::SocketAddr;

use rtclab_rtc::Output;
use rtclab_rtc::stun::BindingServer;

use super::{Note, ServeError, Settings, listen};
use crate::wire::{Event, Wire};

/// A STUN server that listens, and is ready to run.
#[derive(Debug)]
pub struct StunService {
    wire: Wire,
    server: BindingServer,
    listening: Vec<SocketAddr>,
}

impl StunService {
    /// Binds its sockets.
    ///
    /// # Errors
    /// A socket cannot be bound.
    pub fn start(settings: &Settings) -> Result<StunService, ServeError> {
        let mut wire = Wire::new();
        let listening = listen::bind_udp(&mut wire, &settings.listen())?;
        Ok(StunService { wire, server: BindingServer::new().with_software("rtclab"), listening })
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
