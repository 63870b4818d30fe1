//! The TCP sockets of a node: listeners, streams and who has which port. Not here: segments (`world`), and TCP itself ([`crate::tcp`]).

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use rtclab_rtc::Randomness as _;
use rtclab_trace::{EntryId, SimTime};

use crate::error::BindError;
use crate::program::ProgramId;
use crate::randomness::Stream;
use crate::tcp::{Connection, InitialSequences, Listener};

/// A TCP socket that listens. Listeners and streams of a node are numbered together, as [`rtclab_trace::Entity::Tcp`] numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListenerId(pub u32);

/// One end of a TCP connection on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u32);

/// Ports that are given to connections that want any (RFC 6335 §6).
const EPHEMERAL: std::ops::RangeInclusive<u16> = 49_152..=65_535;

/// How far the program is with a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Its listener waits for the end of the handshake.
    Handshake(ListenerId),
    /// It waits at its listener for the program to take it.
    Waiting(ListenerId),
    /// The program has it.
    Program,
    /// The program has closed it; it only has to end in good order.
    Nobody,
}

/// A stream.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) program: ProgramId,
    pub(crate) connection: Box<Connection>,
    pub(crate) owner: Owner,
    /// The last entry about it: what a timer that it armed is caused by.
    pub(crate) last: Option<EntryId>,
    /// When an event will look after its timers.
    pub(crate) queued_at: Option<SimTime>,
}

/// A listener.
#[derive(Debug)]
pub(crate) struct Listening {
    pub(crate) program: ProgramId,
    pub(crate) listener: Listener,
    /// Established, and waiting for the program.
    pub(crate) ready: VecDeque<StreamId>,
}

/// All of a node.
#[derive(Debug)]
pub(crate) struct Streams {
    streams: BTreeMap<StreamId, Open>,
    by_ends: BTreeMap<(SocketAddr, SocketAddr), StreamId>,
    listeners: BTreeMap<ListenerId, Listening>,
    pub(crate) sequences: InitialSequences,
    random: Stream,
    next: u32,
}

impl Streams {
    pub(crate) fn new(mut random: Stream) -> Streams {
        Streams {
            streams: BTreeMap::new(),
            by_ends: BTreeMap::new(),
            listeners: BTreeMap::new(),
            sequences: InitialSequences::new(&mut random),
            random,
            next: 0,
        }
    }

    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    // ---- listeners ----

    /// Adds a listener; port 0 means any ephemeral port. The caller has checked that the node has the address.
    pub(crate) fn listen(
        &mut self,
        program: ProgramId,
        address: IpAddr,
        port: u16,
        make: impl FnOnce(SocketAddr) -> Listener,
    ) -> Result<ListenerId, BindError> {
        let port = match port {
            0 => {
                let mut ports = self.ephemeral_ports();
                let free = |port: &u16| !self.listens(address, *port) && !self.uses(address, *port);
                ports.find(free).ok_or(BindError::PortsExhausted)?
            }
            port if self.listens(address, port) => {
                return Err(BindError::InUse(SocketAddr::new(address, port)));
            }
            port => port,
        };
        let id = ListenerId(self.number());
        let listener = make(SocketAddr::new(address, port));
        self.listeners.insert(id, Listening { program, listener, ready: VecDeque::new() });
        Ok(id)
    }

    pub(crate) fn listener(&self, id: ListenerId) -> Option<&Listening> {
        self.listeners.get(&id)
    }

    pub(crate) fn listener_mut(&mut self, id: ListenerId) -> Option<&mut Listening> {
        self.listeners.get_mut(&id)
    }

    pub(crate) fn remove_listener(&mut self, id: ListenerId) -> Option<Listening> {
        self.listeners.remove(&id)
    }

    /// The listener for a segment to this address: one bound to it before one bound to any.
    pub(crate) fn listener_for(&self, to: SocketAddr) -> Option<ListenerId> {
        let bound_to = |wanted: &dyn Fn(SocketAddr) -> bool| {
            let mut all = self.listeners.iter();
            all.find(|(_, listening)| wanted(listening.listener.local())).map(|(id, _)| *id)
        };
        bound_to(&|own| own == to).or_else(|| {
            let same_family = |own: SocketAddr| own.is_ipv4() == to.is_ipv4();
            bound_to(&|own| own.ip().is_unspecified() && own.port() == to.port() && same_family(own))
        })
    }

    /// Whether a listener stands in the way of another one.
    fn listens(&self, address: IpAddr, port: u16) -> bool {
        let overlaps = |own: SocketAddr| {
            let (own, own_port) = (own.ip(), own.port());
            own_port == port
                && own.is_ipv4() == address.is_ipv4()
                && (own == address || own.is_unspecified() || address.is_unspecified())
        };
        self.listeners.values().any(|listening| overlaps(listening.listener.local()))
    }

    fn uses(&self, address: IpAddr, port: u16) -> bool {
        let mut locals = self.by_ends.keys().map(|(local, _)| local);
        locals.any(|local| local.port() == port && (local.ip() == address || address.is_unspecified()))
    }

    // ---- streams ----

    /// A port for a connection to `remote`: the one that is wanted, or any that is free (RFC 6056 §3.3.1).
    pub(crate) fn port_for(
        &mut self,
        address: IpAddr,
        wanted: u16,
        remote: SocketAddr,
    ) -> Result<u16, BindError> {
        let is_free = |streams: &Streams, port: u16| {
            !streams.by_ends.contains_key(&(SocketAddr::new(address, port), remote))
        };
        if wanted != 0 {
            let local = SocketAddr::new(address, wanted);
            return if is_free(self, wanted) { Ok(wanted) } else { Err(BindError::InUse(local)) };
        }
        let mut ports = self.ephemeral_ports();
        let free = ports.find(|port| is_free(self, *port) && !self.listens(address, *port));
        free.ok_or(BindError::PortsExhausted)
    }

    /// The ephemeral ports from a random start.
    fn ephemeral_ports(&mut self) -> impl Iterator<Item = u16> + use<> {
        let count = u32::from(EPHEMERAL.end() - EPHEMERAL.start()) + 1;
        let start = self.random.below(count);
        (0..count).map(move |step| EPHEMERAL.start() + ((start + step) % count) as u16)
    }

    pub(crate) fn insert(
        &mut self,
        program: ProgramId,
        owner: Owner,
        connection: Box<Connection>,
    ) -> StreamId {
        let id = StreamId(self.number());
        self.by_ends.insert((connection.local(), connection.remote()), id);
        self.streams.insert(id, Open { program, connection, owner, last: None, queued_at: None });
        id
    }

    pub(crate) fn remove(&mut self, id: StreamId) -> Option<Open> {
        let open = self.streams.remove(&id)?;
        self.by_ends.remove(&(open.connection.local(), open.connection.remote()));
        Some(open)
    }

    pub(crate) fn get(&self, id: StreamId) -> Option<&Open> {
        self.streams.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: StreamId) -> Option<&mut Open> {
        self.streams.get_mut(&id)
    }

    /// The stream between two ends.
    pub(crate) fn between(&self, local: SocketAddr, remote: SocketAddr) -> Option<StreamId> {
        self.by_ends.get(&(local, remote)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::Config;

    const A: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const B: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));
    const ANY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

    fn streams() -> Streams {
        Streams::new(Stream::new(1, "tcp", "test"))
    }

    fn listen(streams: &mut Streams, address: IpAddr, port: u16) -> Result<ListenerId, BindError> {
        streams.listen(ProgramId(0), address, port, |local| Listener::new(local, Config::default(), 1))
    }

    fn connect(streams: &mut Streams, local: SocketAddr, remote: SocketAddr) -> StreamId {
        let identity = streams.sequences.identity(SimTime::ZERO, local, remote);
        let connection = Connection::connect(Config::default(), local, remote, identity);
        streams.insert(ProgramId(0), Owner::Program, Box::new(connection))
    }

    #[test]
    fn a_listener_on_an_address_comes_before_one_on_any() {
        let mut streams = streams();
        let exact = listen(&mut streams, A, 80).unwrap();
        assert!(matches!(listen(&mut streams, ANY, 80), Err(BindError::InUse(_))));
        let other = listen(&mut streams, ANY, 81).unwrap();
        assert_eq!(streams.listener_for(SocketAddr::new(A, 80)), Some(exact));
        assert_eq!(streams.listener_for(SocketAddr::new(B, 81)), Some(other));
        assert_eq!(streams.listener_for(SocketAddr::new(B, 80)), None);
        assert_eq!(streams.listener_for("[::1]:81".parse().unwrap()), None);
        streams.remove_listener(exact);
        assert!(listen(&mut streams, ANY, 80).is_ok());
    }

    #[test]
    fn one_port_serves_many_connections_but_not_two_between_the_same_ends() {
        let mut streams = streams();
        let [one, other] = [SocketAddr::new(B, 1), SocketAddr::new(B, 2)];
        let port = streams.port_for(A, 5000, one).unwrap();
        let id = connect(&mut streams, SocketAddr::new(A, port), one);
        assert!(matches!(streams.port_for(A, 5000, one), Err(BindError::InUse(_))));
        assert_eq!(streams.port_for(A, 5000, other), Ok(5000));
        assert_eq!(streams.between(SocketAddr::new(A, 5000), one), Some(id));
        streams.remove(id);
        assert_eq!(streams.port_for(A, 5000, one), Ok(5000));
    }

    #[test]
    fn ephemeral_ports_are_from_the_ephemeral_range_and_end_when_all_are_taken() {
        let mut streams = streams();
        let remote = SocketAddr::new(B, 80);
        for _ in EPHEMERAL {
            let port = streams.port_for(A, 0, remote).unwrap();
            assert!(EPHEMERAL.contains(&port));
            connect(&mut streams, SocketAddr::new(A, port), remote);
        }
        assert_eq!(streams.port_for(A, 0, remote), Err(BindError::PortsExhausted));
    }
}
