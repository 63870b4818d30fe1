//! The sockets of one endpoint, and its clock: the only place that does input and output. Not here: which sockets there should be.

mod stream;
mod tls;
mod udp;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rtclab_rtc::{Time, Transmit};
use tokio::sync::mpsc;

use crate::clock::Clock;
use stream::{Connection, Destination, ListenerPort, StreamPort};
pub use tls::{Identity, TlsError, Trust};
use udp::UdpPort;

/// How many events wait for the endpoint at most; what comes when it is full waits in the kernel, and is lost there when that is full.
const EVENTS_MAX: usize = 256;

/// Why there is no connection within TLS where no certificates are known.
const NO_TRUST: &str = "no certificates are known to believe";

/// How many failed sends wait to be told.
const UNREACHABLE_MAX: usize = 64;

/// How much later than asked for a timer comes at most while datagrams keep coming.
const TIMER_SLACK: Duration = Duration::from_millis(20);

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A datagram has arrived.
    Datagram {
        /// The address of the socket.
        to: SocketAddr,
        /// Who sent it.
        from: SocketAddr,
        /// The bytes.
        payload: Vec<u8>,
    },
    /// The operating system knows that what was sent cannot get there.
    Unreachable {
        /// From which socket.
        local: SocketAddr,
        /// Where to.
        remote: SocketAddr,
    },
    /// Somebody has connected to a listening port.
    Accepted {
        /// The connection's number on this wire.
        stream: u32,
        /// Our end.
        local: SocketAddr,
        /// The other end.
        remote: SocketAddr,
        /// Whether it is within TLS.
        secured: bool,
    },
    /// A connection that was asked for is there.
    Connected {
        /// The number that [`Wire::connect`] gave it.
        stream: u32,
        /// Our end.
        local: SocketAddr,
        /// The other end.
        remote: SocketAddr,
    },
    /// Bytes have arrived on a connection.
    StreamData {
        /// Which one.
        stream: u32,
        /// The bytes; at least one.
        bytes: Vec<u8>,
    },
    /// A connection has ended, or could not be made. Nothing comes of it any more.
    StreamClosed {
        /// Which one.
        stream: u32,
        /// Why it could not be made; nothing of one that has ended.
        why: Option<String>,
    },
    /// A name has been looked up.
    Resolved {
        /// The name.
        name: String,
        /// Its address; none if nobody knows it.
        address: Option<IpAddr>,
    },
    /// The moment that was asked for has come.
    Timer,
}

/// What tasks hand over.
#[derive(Debug)]
enum Arrival {
    Event(Event),
    Accepted(Connection),
    Connected(u32, Connection),
}

/// Sockets and a clock.
///
/// [`bind_udp`](Wire::bind_udp), [`listen`](Wire::listen) and [`connect`](Wire::connect) as needed, then alternate
/// [`send`](Wire::send) or [`write`](Wire::write) and [`next`](Wire::next). Everything is closed when the wire goes.
#[derive(Debug)]
pub struct Wire {
    clock: Clock,
    udp: BTreeMap<SocketAddr, UdpPort>,
    listeners: BTreeMap<SocketAddr, ListenerPort>,
    streams: BTreeMap<u32, StreamPort>,
    next_stream: u32,
    unreachable: VecDeque<Event>,
    arrivals: mpsc::Receiver<Arrival>,
    arrived: mpsc::Sender<Arrival>,
}

impl Default for Wire {
    fn default() -> Wire {
        Wire::new()
    }
}

impl Wire {
    /// A wire without sockets; its clock starts now.
    pub fn new() -> Wire {
        let (arrived, arrivals) = mpsc::channel(EVENTS_MAX);
        Wire {
            clock: Clock::start(),
            udp: BTreeMap::new(),
            listeners: BTreeMap::new(),
            streams: BTreeMap::new(),
            next_stream: 0,
            unreachable: VecDeque::new(),
            arrivals,
            arrived,
        }
    }

    /// How late it is.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Sets the clock forward ([`Clock::skip`]).
    pub fn skip(&mut self, span: Duration) {
        self.clock.skip(span);
    }

    /// Binds a UDP socket and returns its address. The IP address is one of this machine's own and not a wildcard, because an answer has to
    /// leave from the address that was asked; port 0 takes a free one.
    ///
    /// # Errors
    /// What the operating system says: the port is in use, the address is not ours, there are no more sockets.
    pub fn bind_udp(&mut self, address: SocketAddr) -> io::Result<SocketAddr> {
        let port = UdpPort::bind(address, self.arrived.clone())?;
        let bound = port.address();
        self.udp.insert(bound, port);
        Ok(bound)
    }

    /// Closes a UDP socket. What has arrived already is still told.
    pub fn close_udp(&mut self, address: SocketAddr) {
        self.udp.remove(&address);
    }

    /// Listens for TCP connections. From a `shared` port connections can be made, too (simultaneous open, RFC 6544 §7).
    ///
    /// # Errors
    /// As with [`Wire::bind_udp`].
    pub fn listen(&mut self, address: SocketAddr, shared: bool) -> io::Result<SocketAddr> {
        let port = ListenerPort::bind(address, shared, None, self.arrived.clone())?;
        let bound = port.address();
        self.listeners.insert(bound, port);
        Ok(bound)
    }

    /// Listens for TCP connections within TLS. One is told of when its handshake has succeeded.
    ///
    /// # Errors
    /// As with [`Wire::bind_udp`].
    pub fn listen_secured(&mut self, address: SocketAddr, identity: Identity) -> io::Result<SocketAddr> {
        let port = ListenerPort::bind(address, false, Some(identity), self.arrived.clone())?;
        let bound = port.address();
        self.listeners.insert(bound, port);
        Ok(bound)
    }

    /// Stops listening. Connections that were accepted stay.
    pub fn close_listener(&mut self, address: SocketAddr) {
        self.listeners.remove(&address);
    }

    /// Makes a TCP connection, from anywhere, from any port of an address (port 0), or from a port. [`Event::Connected`] or
    /// [`Event::StreamClosed`] says what came of it.
    pub fn connect(&mut self, from: Option<SocketAddr>, to: SocketAddr) -> u32 {
        self.connect_to(Destination { from, to, secured: None })
    }

    /// The same within TLS, to a server that shows to be `name`, or its address if it has none. [`Event::StreamClosed`] also says that
    /// it could not.
    pub fn connect_secured(
        &mut self,
        from: Option<SocketAddr>,
        to: SocketAddr,
        name: Option<String>,
        trust: Trust,
    ) -> u32 {
        self.connect_to(Destination { from, to, secured: Some((trust, name)) })
    }

    /// The one or the other: with a name (or none for the address) within TLS. Where nobody is trusted, [`Event::StreamClosed`] says so.
    pub fn open(
        &mut self,
        from: Option<SocketAddr>,
        to: SocketAddr,
        secured: Option<Option<String>>,
        trust: &Option<Trust>,
    ) -> u32 {
        match (secured, trust) {
            (None, _) => self.connect(from, to),
            (Some(name), Some(trust)) => self.connect_secured(from, to, name, trust.clone()),
            (Some(_), None) => {
                let stream = self.number();
                self.streams.insert(stream, StreamPort::refused(stream, NO_TRUST, self.arrived.clone()));
                stream
            }
        }
    }

    fn connect_to(&mut self, destination: Destination) -> u32 {
        let stream = self.number();
        self.streams.insert(stream, StreamPort::connect(stream, destination, self.arrived.clone()));
        stream
    }

    fn number(&mut self) -> u32 {
        let number = self.next_stream;
        self.next_stream = self.next_stream.wrapping_add(1);
        number
    }

    /// Writes to a connection, without waiting. What the other side has no room for is queued: see [`Wire::queued`].
    pub fn write(&mut self, stream: u32, bytes: Vec<u8>) {
        if let Some(port) = self.streams.get(&stream) {
            port.write(bytes);
        }
    }

    /// Bytes that are queued for a connection. Who writes decides how many are too many.
    pub fn queued(&self, stream: u32) -> usize {
        self.streams.get(&stream).map_or(0, StreamPort::queued)
    }

    /// Closes a connection, once what is queued has been written; or stops making it. Nothing is told about it any more.
    pub fn close_stream(&mut self, stream: u32) {
        self.streams.remove(&stream);
    }

    /// Looks a name up with this machine's resolver; [`Event::Resolved`] says what came of it. A name that ends in `.local` is not asked for:
    /// it belongs to mDNS, and no other resolver is to hear of it (RFC 6762 §3).
    pub fn resolve(&mut self, name: String) {
        let arrived = self.arrived.clone();
        tokio::spawn(async move {
            let is_local = name.trim_end_matches('.').to_ascii_lowercase().ends_with(".local");
            let address = match is_local {
                true => None,
                false => {
                    tokio::net::lookup_host((name.as_str(), 0)).await.ok().and_then(|mut all| all.next())
                }
            };
            let address = address.map(|address| address.ip().to_canonical());
            // Nobody waits for it any more if this fails.
            let _ = arrived.send(Arrival::Event(Event::Resolved { name, address })).await;
        });
    }

    /// Sends a datagram. One that the operating system has no room for is lost, as it may be anywhere else on its way; one that it
    /// knows cannot arrive comes back as [`Event::Unreachable`].
    pub async fn send(&mut self, transmit: &Transmit) {
        let Transmit { from, to, payload, .. } = transmit;
        let Some(port) = self.udp.get(from) else { return };
        let is_hopeless = port.send(*to, payload).await.is_err_and(|error| is_unreachable(&error));
        if is_hopeless && self.unreachable.len() < UNREACHABLE_MAX {
            self.unreachable.push_back(Event::Unreachable { local: *from, remote: *to });
        }
    }

    /// Waits for the next event, until `deadline` at most.
    pub async fn next(&mut self, deadline: Option<Time>) -> Event {
        loop {
            if let Some(event) = self.unreachable.pop_front() {
                return event;
            }
            // Datagrams go first where both are there, as the protocols want it; but a flood of them must not stop the timers.
            if deadline.is_some_and(|deadline| self.now() > deadline + TIMER_SLACK) {
                return Event::Timer;
            }
            let timer = deadline.and_then(|deadline| self.clock.instant(deadline));
            let timer = async {
                match timer {
                    Some(instant) => tokio::time::sleep_until(instant).await,
                    None => std::future::pending().await,
                }
            };
            let arrival = tokio::select! {
                biased;
                // The wire keeps a sender itself, so there is always a next one.
                Some(arrival) = self.arrivals.recv() => arrival,
                () = timer => return Event::Timer,
            };
            if let Some(event) = self.take(arrival) {
                return event;
            }
        }
    }

    /// What an arrival means, if anybody still waits for it.
    fn take(&mut self, arrival: Arrival) -> Option<Event> {
        match arrival {
            Arrival::Accepted(connection) => {
                let (local, remote) = connection.ends()?;
                let secured = matches!(connection, Connection::Secured(_));
                let stream = self.number();
                self.streams.insert(stream, StreamPort::new(stream, connection, self.arrived.clone()));
                Some(Event::Accepted { stream, local, remote, secured })
            }
            Arrival::Connected(stream, connection) => {
                self.streams.contains_key(&stream).then_some(())?;
                let Some((local, remote)) = connection.ends() else {
                    self.streams.remove(&stream);
                    return Some(Event::StreamClosed { stream, why: None });
                };
                self.streams.insert(stream, StreamPort::new(stream, connection, self.arrived.clone()));
                Some(Event::Connected { stream, local, remote })
            }
            Arrival::Event(event) => match event {
                Event::StreamData { stream, .. } if !self.streams.contains_key(&stream) => None,
                Event::StreamClosed { stream, .. } => self.streams.remove(&stream).map(|_| event),
                event => Some(event),
            },
        }
    }
}

/// Whether an error of a send says something about the way there, rather than about this moment.
fn is_unreachable(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::InvalidInput
    )
}
