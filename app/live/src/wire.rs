//! The sockets of one endpoint, and its clock: the only place that does input and output. Not here: which sockets there should be.

mod udp;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::{Time, Transmit};
use tokio::sync::mpsc;

use crate::clock::Clock;
use udp::UdpPort;

/// How many events wait for the endpoint at most; what comes when it is full waits in the kernel, and is lost there when that is full.
const EVENTS_MAX: usize = 256;

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
    /// The moment that was asked for has come.
    Timer,
}

/// Sockets and a clock.
///
/// [`bind_udp`](Wire::bind_udp) what is needed, then alternate [`send`](Wire::send) and [`next`](Wire::next). Sockets are closed when
/// the wire goes.
#[derive(Debug)]
pub struct Wire {
    clock: Clock,
    udp: BTreeMap<SocketAddr, UdpPort>,
    unreachable: VecDeque<Event>,
    arrivals: mpsc::Receiver<Event>,
    arrived: mpsc::Sender<Event>,
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
        Wire { clock: Clock::start(), udp: BTreeMap::new(), unreachable: VecDeque::new(), arrivals, arrived }
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
        tokio::select! {
            biased;
            // The wire keeps a sender itself, so there is always a next one.
            Some(event) = self.arrivals.recv() => event,
            () = timer => Event::Timer,
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
