//! Messages in UDP datagrams, through a signaling server. Not here: their text and their repetition (`signaling`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rtclab_net::{Host, SocketId};
use rtclab_trace::{EntryId, ProgramReason, SimTime};

use super::{Carrier, CarrierEvent, CarrierInput};
use crate::programs::signaling::{ClientEvent, Message, SignalingClient};
use crate::programs::tell;

/// A client of a signaling server, on a socket of its own.
#[derive(Debug)]
pub(crate) struct DatagramCarrier {
    server: SocketAddr,
    client: SignalingClient,
    socket: Option<SocketId>,
    /// The entry of the input that brought the events that wait.
    brought: Option<EntryId>,
}

impl DatagramCarrier {
    /// For the peer of that name.
    pub(crate) fn new(name: &str, server: SocketAddr) -> DatagramCarrier {
        DatagramCarrier { server, client: SignalingClient::new(name), socket: None, brought: None }
    }
}

impl Carrier for DatagramCarrier {
    fn begin(&mut self, host: &mut Host<'_>) {
        if self.socket.is_none() {
            let any: IpAddr = if self.server.is_ipv4() {
                Ipv4Addr::UNSPECIFIED.into()
            } else {
                Ipv6Addr::UNSPECIFIED.into()
            };
            self.socket = host.bind_udp(any, 0).ok();
        }
        self.client.start(host.now());
    }

    fn send(&mut self, host: &mut Host<'_>, message: Message, cause: Option<EntryId>) {
        self.client.send(message, cause, host.now());
    }

    /// A datagram that is not signaling, or not for this peer, changes nothing.
    fn handle(&mut self, host: &mut Host<'_>, input: CarrierInput<'_>) -> bool {
        let CarrierInput::Datagram(datagram) = input else { return false };
        if self.socket != Some(datagram.socket) {
            return false;
        }
        self.brought = host.input();
        if let Err(rejected) = self.client.handle_datagram(datagram.payload, host.now()) {
            let status = format!("ignored a datagram from {}: {rejected}", datagram.from);
            tell(host, "peer", status, Some(ProgramReason::SignalingRejected.into()));
        }
        true
    }

    fn handle_timeout(&mut self, host: &mut Host<'_>) {
        self.brought = host.input();
        self.client.handle_timeout(host.now());
    }

    fn flush(&mut self, host: &mut Host<'_>) {
        while let Some(transmit) = self.client.poll_transmit() {
            let Some(socket) = self.socket else { continue };
            let cause = transmit.cause.or_else(|| host.input());
            // What cannot leave is in the trace, dropped here, and will be repeated.
            let reason = transmit.reason.map(Into::into);
            let _ = host.send_udp(socket, self.server, &transmit.payload, reason, cause);
        }
    }

    fn next_at(&self) -> SimTime {
        self.client.next_at()
    }

    fn poll_event(&mut self) -> Option<CarrierEvent> {
        Some(match self.client.poll_event()? {
            ClientEvent::Message(message) => CarrierEvent::Message(message, self.brought),
            ClientEvent::Acknowledged(number) => CarrierEvent::Acknowledged(number),
            ClientEvent::Lost(number) => CarrierEvent::Lost(number),
        })
    }
}
