//! A STUN server on a host: answers Binding requests at each of its addresses. With two addresses of a family it answers behavior discovery as
//! well (RFC 5780), on its port and the next one.

use std::net::SocketAddr;

use rtclab_net::{Datagram, Host, Program};
use rtclab_rtc::behavior::BehaviorServer;
use rtclab_rtc::stun::{BindingServer, TransactionSnapshot};
use rtclab_rtc::{Output, Transmit};
use rtclab_trace::Reason;

use super::sockets::Sockets;
use super::tell;

/// A STUN server.
#[derive(Debug)]
pub struct StunServer {
    port: u16,
    server: BindingServer,
    /// For each family of which the host has two addresses.
    behavior: Vec<BehaviorServer>,
    sockets: Sockets,
}

impl StunServer {
    /// A server on this UDP port.
    pub fn new(port: u16) -> StunServer {
        StunServer { port, server: BindingServer::new(), behavior: Vec::new(), sockets: Sockets::default() }
    }

    fn bind(&mut self, host: &mut Host<'_>) {
        self.sockets.bind(host, self.port);
        let Some(next_port) = self.port.checked_add(1) else { return };
        let addresses: Vec<_> = host.addresses().into_iter().map(|held| held.address).collect();
        self.behavior.clear();
        for ipv4 in [true, false] {
            let mut of_family = addresses.iter().filter(|address| address.is_ipv4() == ipv4);
            let (Some(&first), Some(&second)) = (of_family.next(), of_family.next()) else { continue };
            let server = BehaviorServer::new((first, self.port).into(), (second, next_port).into());
            let Ok(server) = server else { continue };
            let unbound = server.sockets().into_iter().filter(|socket| self.sockets.at(*socket).is_none());
            for socket in unbound.collect::<Vec<_>>() {
                // What cannot be bound is not answered from, as the trace shows.
                let _ = self.sockets.bind_one(host, socket.ip(), socket.port());
            }
            self.behavior.push(server);
        }
    }

    /// What is answered to a datagram that came to one of its sockets.
    fn outputs(&mut self, local: SocketAddr, datagram: &Datagram<'_>) -> Vec<Output<TransactionSnapshot>> {
        match self.behavior.iter_mut().find(|server| server.sockets().contains(&local)) {
            Some(server) => {
                server.handle_datagram(local, datagram.from, datagram.payload);
                std::iter::from_fn(|| server.poll_output()).collect()
            }
            None => {
                self.server.handle_datagram(local, datagram.from, datagram.payload);
                std::iter::from_fn(|| self.server.poll_output()).collect()
            }
        }
    }
}

impl Program for StunServer {
    fn start(&mut self, host: &mut Host<'_>) {
        self.bind(host);
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        let Some(local) = self.sockets.address_of(datagram.socket) else { return };
        for output in self.outputs(local, datagram) {
            match output {
                Output::Transmit(Transmit { from, to, payload, reason, .. }) => {
                    let socket = self.sockets.at(from).unwrap_or(datagram.socket);
                    // What cannot leave is in the trace, dropped here.
                    let _ = host.send_udp(socket, to, &payload, reason.map(Reason::from), None);
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
        self.bind(host);
    }
}
