//! A protocol on its wire: the loop that carries datagrams, timers and errors between the two. Not here: what a protocol makes of them.

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::behavior::{self, BehaviorClient};
use rtclab_rtc::stun::{BindingClient, TransactionSnapshot};
use rtclab_rtc::turn::{self, TurnClient};
use rtclab_rtc::{Output, Time, ice};

use crate::wire::{Event, Wire};

/// What every sans-IO endpoint here has in common.
pub trait Protocol {
    /// What it tells about itself.
    type Change;

    /// A datagram, or a message of a stream, has arrived.
    fn handle_datagram(&mut self, to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time);
    /// What was sent does not get there.
    fn handle_unreachable(&mut self, local: SocketAddr, remote: SocketAddr, now: Time);
    /// The time of [`Protocol::poll_timeout`] has come.
    fn handle_timeout(&mut self, now: Time);
    /// The next step.
    fn poll_output(&mut self) -> Option<Output<Self::Change>>;
    /// When to wake it.
    fn poll_timeout(&self) -> Option<Time>;
}

impl Protocol for BindingClient {
    type Change = TransactionSnapshot;

    fn handle_datagram(&mut self, _to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        BindingClient::handle_datagram(self, from, payload, now);
    }

    fn handle_unreachable(&mut self, _local: SocketAddr, _remote: SocketAddr, _now: Time) {}

    fn handle_timeout(&mut self, now: Time) {
        BindingClient::handle_timeout(self, now);
    }

    fn poll_output(&mut self) -> Option<Output<TransactionSnapshot>> {
        BindingClient::poll_output(self)
    }

    fn poll_timeout(&self) -> Option<Time> {
        BindingClient::poll_timeout(self)
    }
}

impl Protocol for BehaviorClient {
    type Change = behavior::Change;

    fn handle_datagram(&mut self, to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        BehaviorClient::handle_datagram(self, to, from, payload, now);
    }

    fn handle_unreachable(&mut self, _local: SocketAddr, _remote: SocketAddr, _now: Time) {}

    fn handle_timeout(&mut self, now: Time) {
        BehaviorClient::handle_timeout(self, now);
    }

    fn poll_output(&mut self) -> Option<Output<behavior::Change>> {
        BehaviorClient::poll_output(self)
    }

    fn poll_timeout(&self) -> Option<Time> {
        BehaviorClient::poll_timeout(self)
    }
}

impl Protocol for TurnClient {
    type Change = turn::Change;

    fn handle_datagram(&mut self, _to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        TurnClient::handle_datagram(self, from, payload, now);
    }

    fn handle_unreachable(&mut self, _local: SocketAddr, _remote: SocketAddr, _now: Time) {}

    fn handle_timeout(&mut self, now: Time) {
        TurnClient::handle_timeout(self, now);
    }

    fn poll_output(&mut self) -> Option<Output<turn::Change>> {
        TurnClient::poll_output(self)
    }

    fn poll_timeout(&self) -> Option<Time> {
        TurnClient::poll_timeout(self)
    }
}

impl Protocol for ice::Agent {
    type Change = ice::Change;

    fn handle_datagram(&mut self, to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        ice::Agent::handle_datagram(self, to, from, payload, now);
    }

    fn handle_unreachable(&mut self, local: SocketAddr, remote: SocketAddr, now: Time) {
        ice::Agent::handle_unreachable(self, local, remote, now);
    }

    fn handle_timeout(&mut self, now: Time) {
        ice::Agent::handle_timeout(self, now);
    }

    fn poll_output(&mut self) -> Option<Output<ice::Change>> {
        ice::Agent::poll_output(self)
    }

    fn poll_timeout(&self) -> Option<Time> {
        ice::Agent::poll_timeout(self)
    }
}

/// A protocol and its wire.
///
/// Give commands with [`Session::command`], then await [`Session::next`] again and again: it sends what is to be sent and returns the rest.
#[derive(Debug)]
pub struct Session<P> {
    protocol: P,
    wire: Wire,
}

impl<P: Protocol> Session<P> {
    /// A protocol on a wire whose sockets it was told.
    pub fn new(protocol: P, wire: Wire) -> Session<P> {
        Session { protocol, wire }
    }

    /// The protocol, to read.
    pub fn protocol(&self) -> &P {
        &self.protocol
    }

    /// How late it is.
    pub fn now(&self) -> Time {
        self.wire.now()
    }

    /// Sets the clock forward ([`crate::Clock::skip`]): what is due by then is done at once.
    pub fn skip(&mut self, span: Duration) {
        self.wire.skip(span);
    }

    /// Gives the protocol a command; what comes of it, [`Session::next`] carries out.
    pub fn command<T>(&mut self, command: impl FnOnce(&mut P, Time) -> T) -> T {
        let now = self.wire.now();
        command(&mut self.protocol, now)
    }

    /// Goes on until the protocol has something to tell: a change, data, or that it ignored something. Without anything to wait for,
    /// it waits for ever.
    ///
    /// A datagram may be lost when the future is dropped, as datagrams may be; nothing else is.
    pub async fn next(&mut self) -> Output<P::Change> {
        loop {
            match self.protocol.poll_output() {
                Some(Output::Transmit(transmit)) => self.wire.send(&transmit).await,
                Some(told) => return told,
                None => self.wait().await,
            }
        }
    }

    async fn wait(&mut self) {
        let event = self.wire.next(self.protocol.poll_timeout()).await;
        let now = self.wire.now();
        match event {
            Event::Timer => self.protocol.handle_timeout(now),
            Event::Datagram { to, from, payload } => {
                self.protocol.handle_datagram(to, from, &payload, now);
            }
            Event::Unreachable { local, remote } => self.protocol.handle_unreachable(local, remote, now),
            Event::Accepted { .. }
            | Event::Connected { .. }
            | Event::StreamData { .. }
            | Event::StreamClosed { .. } => {}
        }
    }
}
