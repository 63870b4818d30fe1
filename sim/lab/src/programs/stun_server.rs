//! A STUN server on a host: answers Binding requests at each of its addresses.

use rtclab_net::{Datagram, Host, Program};
use rtclab_rtc::Output;
use rtclab_rtc::stun::BindingServer;
use rtclab_trace::Reason;

use super::sockets::Sockets;
use super::tell;

/// A STUN server.
#[derive(Debug)]
pub struct StunServer {
    port: u16,
    server: BindingServer,
    sockets: Sockets,
}

impl StunServer {
    /// A server on this UDP port.
    pub fn new(port: u16) -> StunServer {
        StunServer { port, server: BindingServer::new(), sockets: Sockets::default() }
    }
}

impl Program for StunServer {
    fn start(&mut self, host: &mut Host<'_>) {
        self.sockets.bind(host, self.port);
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        let Some(local) = self.sockets.address_of(datagram.socket) else { return };
        self.server.handle_datagram(local, datagram.from, datagram.payload);
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    let reason = transmit.reason.map(Reason::from);
                    // What cannot leave is in the trace, dropped here.
                    let _ = host.send_udp(datagram.socket, transmit.to, &transmit.payload, reason, None);
                }
                Output::Ignored { reason } => {
                    let status = format!("ignored a datagram from {}", datagram.from);
                    tell(host, "STUN server", status, Some(reason.into()));
                }
                // It keeps no state and passes no data on.
                Output::Change { .. } | Output::Data { .. } => {}
            }
        }
    }

    fn addresses_changed(&mut self, host: &mut Host<'_>) {
        self.sockets.bind(host, self.port);
    }
}
