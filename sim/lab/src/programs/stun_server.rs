//! A STUN server on a host: answers Binding requests at each of its addresses, over UDP and TCP. With two addresses of a family it answers
//! behavior discovery as well (RFC 5780), on its port and the next one, over UDP.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use rtclab_net::tcp::TcpError;
use rtclab_net::{Datagram, Host, ListenerId, Program, StreamId};
use rtclab_rtc::behavior::BehaviorServer;
use rtclab_rtc::stun::{BindingServer, StreamFramer, TransactionSnapshot};
use rtclab_rtc::{Output, Transmit};
use rtclab_trace::Reason;

use super::client_streams::Streams;
use super::sockets::Sockets;
use super::tell;

/// A client over TCP.
#[derive(Debug)]
struct Client {
    local: SocketAddr,
    remote: SocketAddr,
    framer: StreamFramer,
}

/// A STUN server.
#[derive(Debug)]
pub struct StunServer {
    port: u16,
    server: BindingServer,
    /// For each family of which the host has two addresses.
    behavior: Vec<BehaviorServer>,
    sockets: Sockets,
    streams: Streams,
    clients: BTreeMap<StreamId, Client>,
}

impl StunServer {
    /// A server on this port of UDP and TCP.
    pub fn new(port: u16) -> StunServer {
        StunServer {
            port,
            server: BindingServer::new(),
            behavior: Vec::new(),
            sockets: Sockets::default(),
            streams: Streams::default(),
            clients: BTreeMap::new(),
        }
    }

    /// Answers what has come whole in a stream (RFC 8489 §6.2.2). What is not STUN ends it.
    fn serve(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let bytes = host.read_all(stream);
        let (Some(number), Some(client)) = (self.streams.number(stream), self.clients.get_mut(&stream))
        else {
            return;
        };
        client.framer.push(&bytes);
        loop {
            match client.framer.next_frame() {
                Ok(Some(frame)) => self.server.handle_datagram(client.local, client.remote, frame.bytes()),
                Ok(None) => break,
                Err(_) => {
                    self.clients.remove(&stream);
                    return self.streams.close(host, number);
                }
            }
        }
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Transmit(transmit) => self.streams.write(host, number, &transmit.payload, None),
                Output::Ignored { reason } => {
                    let status = "ignored a message over TCP".to_owned();
                    tell(host, "STUN server", status, Some(reason.into()));
                }
                Output::Change { .. } | Output::Data { .. } => {}
            }
        }
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
        self.streams.listen(host, self.port);
    }

    fn stream_waiting(&mut self, host: &mut Host<'_>, listener: ListenerId) {
        while let Some((stream, remote)) = host.accept(listener) {
            let Some(local) = host.listener_address(listener) else { continue };
            self.streams.add(stream);
            self.clients.insert(stream, Client { local, remote, framer: StreamFramer::new() });
        }
    }

    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.serve(host, stream);
    }

    fn stream_writable(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.streams.flush(host, stream);
    }

    fn stream_ended(&mut self, host: &mut Host<'_>, stream: StreamId) {
        host.close_stream(stream);
        self.stream_closed(host, stream, None);
    }

    fn stream_closed(&mut self, _host: &mut Host<'_>, stream: StreamId, _error: Option<TcpError>) {
        self.streams.remove(stream);
        self.clients.remove(&stream);
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
