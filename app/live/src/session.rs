//! A protocol on its wire: the loop that carries datagrams, bytes of connections, timers and errors between the two. Not here: what a
//! protocol makes of them ([`Protocol`] is implemented in `protocols`).

mod protocols;
mod request;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rtclab_rtc::{Output, Time};

pub use request::{Request, Secured};

use crate::wire::{Event, Trust, Wire};

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

    /// What it wants of its host besides sending datagrams. Most want nothing.
    fn poll_request(&mut self) -> Option<Request> {
        None
    }
    /// Somebody has connected: what the protocol calls the connection, or `None` if it does not want it.
    fn handle_accepted(&mut self, _local: SocketAddr, _remote: SocketAddr) -> Option<u32> {
        None
    }
    /// A connection that it asked for is there.
    fn handle_connected(&mut self, _connection: u32, _now: Time) {}
    /// Bytes have arrived on a connection. `false`: it is of no use any more.
    fn handle_stream(&mut self, _connection: u32, _bytes: &[u8], _now: Time) -> bool {
        false
    }
    /// A connection has ended, or could not be made.
    fn handle_stream_closed(&mut self, _connection: u32, _now: Time) {}
    /// A name has been looked up.
    fn handle_resolved(&mut self, _name: &str, _address: Option<IpAddr>, _now: Time) {}
}

/// How many servers are remembered that could not be connected to.
const TROUBLES_MAX: usize = 32;

/// A protocol and its wire.
///
/// Give commands with [`Session::command`], then await [`Session::next`] again and again: it sends what is to be sent and returns the rest.
#[derive(Debug)]
pub struct Session<P> {
    protocol: P,
    wire: Wire,
    /// What the wire calls the protocol's connections.
    streams: BTreeMap<u32, u32>,
    /// The connection on which everything is sent, if there is one.
    only: Option<u32>,
    /// Whose certificates are believed; without, no connection is made within TLS.
    trust: Option<Trust>,
    /// Where connections lead that are being made.
    connecting: BTreeMap<u32, SocketAddr>,
    /// Why connections could not be made, by where they should have led.
    troubles: BTreeMap<SocketAddr, String>,
}

impl<P: Protocol> Session<P> {
    /// A protocol on a wire whose sockets it was told.
    pub fn new(protocol: P, wire: Wire) -> Session<P> {
        let (connecting, troubles) = (BTreeMap::new(), BTreeMap::new());
        Session { protocol, wire, streams: BTreeMap::new(), only: None, trust: None, connecting, troubles }
    }

    /// A protocol that speaks over one connection of the wire, which is there already; the protocol calls it 0.
    pub fn over_stream(protocol: P, wire: Wire, stream: u32) -> Session<P> {
        let streams = BTreeMap::from([(0, stream)]);
        Session { streams, only: Some(stream), ..Session::new(protocol, wire) }
    }

    /// The same, with connections within TLS to servers that show certificates of these.
    #[must_use]
    pub fn trusting(self, trust: Option<Trust>) -> Session<P> {
        Session { trust, ..self }
    }

    /// Why the newest connection to this address could not be made.
    pub fn trouble_with(&self, server: SocketAddr) -> Option<&str> {
        self.troubles.get(&server).map(String::as_str)
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
            match self.told().await {
                Some(told) => return told,
                None => self.wait().await,
            }
        }
    }

    /// What the protocol has to tell already, without waiting for anything to arrive: one thing after the other, then nothing.
    pub async fn told(&mut self) -> Option<Output<P::Change>> {
        loop {
            while let Some(request) = self.protocol.poll_request() {
                self.serve(request);
            }
            match self.protocol.poll_output()? {
                Output::Transmit(transmit) => match self.only {
                    Some(stream) => self.wire.write(stream, transmit.payload),
                    None => self.wire.send(&transmit).await,
                },
                told => return Some(told),
            }
        }
    }

    fn serve(&mut self, request: Request) {
        match request {
            Request::Connect { connection, from, to, secured } => {
                let stream = self.wire.open(Some(from), to, secured.map(|secured| secured.name), &self.trust);
                self.streams.insert(connection, stream);
                self.connecting.insert(stream, to);
            }
            Request::Write { connection, bytes } => {
                if let Some(stream) = self.streams.get(&connection) {
                    self.wire.write(*stream, bytes);
                }
            }
            Request::Close { connection } => {
                if let Some(stream) = self.streams.remove(&connection) {
                    self.connecting.remove(&stream);
                    self.wire.close_stream(stream);
                }
            }
            Request::Resolve { name } => self.wire.resolve(name),
        }
    }

    /// What the protocol calls a connection of the wire.
    fn connection_of(&self, stream: u32) -> Option<u32> {
        self.streams.iter().find(|(_, known)| **known == stream).map(|(connection, _)| *connection)
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
            Event::Resolved { name, address } => self.protocol.handle_resolved(&name, address, now),
            Event::Accepted { stream, local, remote, .. } => {
                match self.protocol.handle_accepted(local, remote) {
                    Some(connection) => {
                        self.streams.insert(connection, stream);
                    }
                    None => self.wire.close_stream(stream),
                }
            }
            Event::Connected { stream, .. } => {
                self.connecting.remove(&stream);
                if let Some(connection) = self.connection_of(stream) {
                    self.protocol.handle_connected(connection, now);
                }
            }
            Event::StreamData { stream, bytes } => {
                if let Some(connection) = self.connection_of(stream)
                    && !self.protocol.handle_stream(connection, &bytes, now)
                {
                    self.streams.remove(&connection);
                    self.wire.close_stream(stream);
                }
            }
            Event::StreamClosed { stream, why } => {
                if let Some((to, why)) = self.connecting.remove(&stream).zip(why)
                    && (self.troubles.len() < TROUBLES_MAX || self.troubles.contains_key(&to))
                {
                    self.troubles.insert(to, why);
                }
                if let Some(connection) = self.connection_of(stream) {
                    self.streams.remove(&connection);
                    self.protocol.handle_stream_closed(connection, now);
                }
            }
        }
    }
}
