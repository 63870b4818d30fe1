//! A TURN server on a host: its own sockets, over UDP and TCP, and the relayed ones that it opens for its clients. Not here: the protocol.

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_net::tcp::TcpError;
use rtclab_net::{Datagram, Host, ListenerId, Program, StreamId};
use rtclab_rtc::ice;
use rtclab_rtc::stun::{AddressFamily, Transport};
use rtclab_rtc::turn::{self, ServerOutput};
use rtclab_rtc::{Output, Transmit};
use rtclab_trace::Reason;

use super::alarm::Alarm;
use super::client_streams::Streams;
use super::recorder::Recorder;
use super::sockets::Sockets;
use super::tell;

/// How often an even port is tried for; half of all ports are.
const EVEN_PORT_TRIES: usize = 64;

/// What a TURN server is told at its start.
#[derive(Clone, Debug)]
pub struct TurnServerConfig {
    /// Its UDP port.
    pub port: u16,
    /// Its TCP port.
    pub tcp_port: u16,
    /// Where its user names are valid.
    pub realm: String,
    /// Who may use it.
    pub users: Vec<turn::Credentials>,
    /// The longest lifetime of an allocation that it grants.
    pub lifetime_max: Duration,
}

/// A TURN server.
#[derive(Debug)]
pub struct TurnServer {
    config: TurnServerConfig,
    server: Option<turn::TurnServer>,
    sockets: Sockets,
    streams: Streams,
    recorder: Recorder,
    alarm: Alarm,
}

impl TurnServer {
    /// A server that begins with the run.
    pub fn new(config: TurnServerConfig) -> TurnServer {
        TurnServer {
            config,
            server: None,
            sockets: Sockets::default(),
            streams: Streams::default(),
            recorder: Recorder::default(),
            alarm: Alarm::new(0),
        }
    }

    fn settle(&mut self, host: &mut Host<'_>) {
        while let Some(output) = self.server.as_mut().and_then(turn::TurnServer::poll_output) {
            match output {
                ServerOutput::Endpoint(output) => self.act(host, output),
                ServerOutput::OpenRelay { allocation, family, even_port } => {
                    self.open_relay(host, allocation, family, even_port);
                }
                ServerOutput::CloseRelay { address } => self.sockets.close(host, address),
                ServerOutput::ToStream { stream, transmit } => {
                    let cause = self.recorder.cause(transmit.because);
                    self.streams.write(host, stream, &transmit.payload, cause);
                }
                ServerOutput::CloseStream { stream } => self.streams.close(host, stream),
                // Pairs of ports, unfragmented datagrams and TCP to peers are not among what its configuration offers.
                _ => {}
            }
        }
        self.alarm.set(host, self.server.as_ref().and_then(turn::TurnServer::poll_timeout));
    }

    fn act(&mut self, host: &mut Host<'_>, output: Output<turn::Change>) {
        match output {
            Output::Transmit(transmit) => self.transmit(host, &transmit),
            Output::Change { subject, change, reason, because } => {
                self.recorder.change(host, subject, told(change), reason, because);
            }
            Output::Ignored { reason } => {
                tell(host, "TURN server", "did not act on a datagram".into(), Some(reason.into()));
            }
            // Data is passed on by the server itself.
            Output::Data { .. } => {}
        }
    }

    fn transmit(&mut self, host: &mut Host<'_>, transmit: &Transmit) {
        let Some(socket) = self.sockets.at(transmit.from) else { return };
        let cause = self.recorder.cause(transmit.because);
        let reason = transmit.reason.map(Reason::from);
        // What cannot leave is in the trace, dropped here.
        let _ = host.send_udp(socket, transmit.to, &transmit.payload, reason, cause);
    }

    fn open_relay(&mut self, host: &mut Host<'_>, allocation: u32, family: AddressFamily, even_port: bool) {
        let opened = self.relay_socket(host, family, even_port);
        let now = host.now();
        let Some(server) = &mut self.server else { return };
        match opened {
            Some(address) => server.relay_opened(allocation, address, now),
            None => server.relay_refused(allocation),
        }
    }

    fn relay_socket(
        &mut self,
        host: &mut Host<'_>,
        family: AddressFamily,
        even_port: bool,
    ) -> Option<SocketAddr> {
        let wants_v4 = family == AddressFamily::V4;
        let held = host.addresses().into_iter().find(|held| held.address.is_ipv4() == wants_v4)?;
        if !even_port {
            return self.sockets.bind_one(host, held.address, 0);
        }
        // RFC 8656 §18.7: the ports that turn out odd are given back.
        let mut odd = Vec::new();
        let mut even = None;
        while even.is_none() && odd.len() < EVEN_PORT_TRIES {
            let bound = self.sockets.bind_one(host, held.address, 0)?;
            if bound.port().is_multiple_of(2) {
                even = Some(bound);
            } else {
                odd.push(bound);
            }
        }
        for address in odd {
            self.sockets.close(host, address);
        }
        even
    }
}

impl Program for TurnServer {
    fn start(&mut self, host: &mut Host<'_>) {
        self.sockets.bind(host, self.config.port);
        self.streams.listen(host, self.config.tcp_port);
        let mut config = turn::TurnServerConfig::new(&self.config.realm, self.config.users.clone());
        config.lifetime_max = self.config.lifetime_max;
        config.lifetime = config.lifetime.min(self.config.lifetime_max);
        let held = host.addresses();
        config.families = [AddressFamily::V4, AddressFamily::V6]
            .into_iter()
            .filter(|family| held.iter().any(|held| held.address.is_ipv4() == (*family == AddressFamily::V4)))
            .collect();
        self.server = Some(turn::TurnServer::new(config, host.randomness()));
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        self.recorder.begin(host.input());
        let Some(local) = self.sockets.address_of(datagram.socket) else { return };
        if let Some(server) = &mut self.server {
            server.handle_datagram(local, datagram.from, datagram.payload, host.now());
        }
        self.settle(host);
    }

    fn stream_waiting(&mut self, host: &mut Host<'_>, listener: ListenerId) {
        self.recorder.begin(host.input());
        while let Some((stream, remote)) = host.accept(listener) {
            let Some(local) = host.listener_address(listener) else { continue };
            let number = self.streams.add(stream);
            if let Some(server) = &mut self.server {
                server.stream_opened(number, Transport::Tcp, local, remote, host.now());
            }
        }
        self.settle(host);
    }

    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.recorder.begin(host.input());
        let bytes = host.read_all(stream);
        if let (Some(number), Some(server)) = (self.streams.number(stream), &mut self.server) {
            server.stream_data(number, &bytes, host.now());
        }
        self.settle(host);
    }

    fn stream_writable(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.streams.flush(host, stream);
    }

    /// A client that writes no more has no more use for its allocation either.
    fn stream_ended(&mut self, host: &mut Host<'_>, stream: StreamId) {
        host.close_stream(stream);
        self.stream_closed(host, stream, None);
    }

    fn stream_closed(&mut self, host: &mut Host<'_>, stream: StreamId, _error: Option<TcpError>) {
        self.recorder.begin(host.input());
        if let (Some(number), Some(server)) = (self.streams.remove(stream), &mut self.server) {
            server.stream_closed(number);
        }
        self.settle(host);
    }

    fn timer(&mut self, host: &mut Host<'_>, _token: u64) {
        self.recorder.begin(host.input());
        self.alarm.fired();
        if let Some(server) = &mut self.server {
            server.handle_timeout(host.now());
        }
        self.settle(host);
    }
}

/// A server's change in the one vocabulary of the trace.
fn told(change: turn::Change) -> ice::Change {
    match change {
        turn::Change::Allocation(allocation) => ice::Change::Allocation(allocation),
        turn::Change::Transaction(transaction) => ice::Change::Transaction(transaction),
    }
}
