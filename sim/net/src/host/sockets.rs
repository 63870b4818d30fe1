//! The UDP sockets of a node, who asked which echo, and who takes a protocol as it is. Not here: packets.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use rtclab_rtc::Randomness as _;

use crate::error::BindError;
use crate::program::ProgramId;
use crate::randomness::Stream;
use crate::wire::ip::{self, Ecn};

/// A UDP socket of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub u32);

/// Ports that are given to sockets that want any (RFC 6335 §6).
const EPHEMERAL: std::ops::RangeInclusive<u16> = 49_152..=65_535;

/// What becomes of a datagram that is longer than its path takes. On Linux this is the socket option `IP_MTU_DISCOVER`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fragmentation {
    /// The host fragments what is longer than the path MTU that it knows, and forbids routers to fragment what is not (`IP_PMTUDISC_WANT`): so
    /// the first that is too long for a link on the way is lost, and its sender learns.
    #[default]
    AtSource,
    /// Nobody fragments: what is longer than the path MTU is not sent (`IP_PMTUDISC_DO`).
    Never,
    /// Routers may (`IP_PMTUDISC_DONT`). IPv6 routers never do; there it is the same as [`Fragmentation::AtSource`].
    Anywhere,
}

/// How packets leave that a node makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Handling {
    pub(crate) fragmentation: Fragmentation,
    pub(crate) ecn: Ecn,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Socket {
    pub(crate) id: SocketId,
    pub(crate) program: ProgramId,
    /// Where it is bound; the address may be unspecified.
    pub(crate) local: SocketAddr,
    pub(crate) ttl: u8,
    pub(crate) handling: Handling,
}

/// The sockets of a node.
#[derive(Debug)]
pub(crate) struct Sockets {
    by_port: BTreeMap<u16, Vec<Socket>>,
    ports: BTreeMap<SocketId, u16>,
    next: u32,
    random: Stream,
    /// The program behind each identifier of echo requests.
    echoes: BTreeMap<u16, ProgramId>,
    /// The groups that sockets listen to.
    groups: BTreeMap<SocketId, Vec<IpAddr>>,
    /// The programs that take the packets of a protocol themselves.
    protocols: BTreeMap<u8, ProgramId>,
}

impl Sockets {
    pub(crate) fn new(random: Stream) -> Sockets {
        Sockets {
            by_port: BTreeMap::new(),
            ports: BTreeMap::new(),
            next: 0,
            random,
            echoes: BTreeMap::new(),
            groups: BTreeMap::new(),
            protocols: BTreeMap::new(),
        }
    }

    /// Binds a socket; port 0 means any ephemeral port. The caller has checked that the node has the address.
    pub(crate) fn bind(
        &mut self,
        program: ProgramId,
        address: IpAddr,
        port: u16,
    ) -> Result<SocketId, BindError> {
        let port = match port {
            0 => self.ephemeral(address).ok_or(BindError::PortsExhausted)?,
            port if self.conflicts(address, port) => {
                return Err(BindError::InUse(SocketAddr::new(address, port)));
            }
            port => port,
        };
        let id = SocketId(self.next);
        self.next += 1;
        let local = SocketAddr::new(address, port);
        let handling = Handling::default();
        let socket = Socket { id, program, local, ttl: ip::DEFAULT_TTL, handling };
        self.by_port.entry(port).or_default().push(socket);
        self.ports.insert(id, port);
        Ok(id)
    }

    pub(crate) fn close(&mut self, id: SocketId) {
        let Some(port) = self.ports.remove(&id) else { return };
        self.groups.remove(&id);
        if let Some(sockets) = self.by_port.get_mut(&port) {
            sockets.retain(|socket| socket.id != id);
            if sockets.is_empty() {
                self.by_port.remove(&port);
            }
        }
    }

    pub(crate) fn get(&self, id: SocketId) -> Option<&Socket> {
        self.by_port.get(self.ports.get(&id)?)?.iter().find(|socket| socket.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: SocketId) -> Option<&mut Socket> {
        self.by_port.get_mut(self.ports.get(&id)?)?.iter_mut().find(|socket| socket.id == id)
    }

    /// The socket for a datagram to this address: one bound to it before one bound to any.
    pub(crate) fn for_datagram(&self, to: SocketAddr) -> Option<&Socket> {
        let sockets = self.by_port.get(&to.port())?;
        let exact = sockets.iter().find(|socket| socket.local.ip() == to.ip());
        exact.or_else(|| {
            let any = |socket: &&Socket| {
                socket.local.ip().is_unspecified() && socket.local.is_ipv4() == to.is_ipv4()
            };
            sockets.iter().find(any)
        })
    }

    /// Lets a socket listen to a group, too.
    pub(crate) fn join(&mut self, id: SocketId, group: IpAddr) {
        let groups = self.groups.entry(id).or_default();
        if !groups.contains(&group) {
            groups.push(group);
        }
    }

    /// The sockets that listen to a group and are bound to an address that `is_here`, or to any.
    pub(crate) fn members(
        &self,
        group: IpAddr,
        is_here: impl Fn(IpAddr) -> bool,
    ) -> impl Iterator<Item = &Socket> {
        let joined = self.groups.iter().filter(move |(_, groups)| groups.contains(&group));
        let sockets = joined.filter_map(|(id, _)| self.get(*id));
        sockets.filter(move |socket| socket.local.ip().is_unspecified() || is_here(socket.local.ip()))
    }

    pub(crate) fn set_echo(&mut self, identifier: u16, program: ProgramId) {
        self.echoes.insert(identifier, program);
    }

    pub(crate) fn echo(&self, identifier: u16) -> Option<ProgramId> {
        self.echoes.get(&identifier).copied()
    }

    pub(crate) fn take_protocol(&mut self, protocol: u8, program: ProgramId) {
        self.protocols.insert(protocol, program);
    }

    /// The program that takes the packets of a protocol itself.
    pub(crate) fn taker_of(&self, protocol: u8) -> Option<ProgramId> {
        self.protocols.get(&protocol).copied()
    }

    /// Two sockets share a port only if they are bound to different addresses.
    fn conflicts(&self, address: IpAddr, port: u16) -> bool {
        let overlaps = |socket: &Socket| {
            let own = socket.local.ip();
            own.is_ipv4() == address.is_ipv4()
                && (own == address || own.is_unspecified() || address.is_unspecified())
        };
        self.by_port.get(&port).is_some_and(|sockets| sockets.iter().any(overlaps))
    }

    /// A free port, from a random start (RFC 6056 §3.3.1).
    fn ephemeral(&mut self, address: IpAddr) -> Option<u16> {
        let count = u32::from(EPHEMERAL.end() - EPHEMERAL.start()) + 1;
        let start = self.random.below(count);
        (0..count)
            .map(|step| EPHEMERAL.start() + ((start + step) % count) as u16)
            .find(|&port| !self.conflicts(address, port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sockets() -> Sockets {
        Sockets::new(Stream::new(1, "ports", "test"))
    }

    const A: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const B: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));
    const ANY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
    const ANY_V6: IpAddr = IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED);

    #[test]
    fn a_port_is_shared_by_addresses_but_not_with_any() {
        let mut sockets = sockets();
        sockets.bind(ProgramId(0), A, 5_000).unwrap();
        sockets.bind(ProgramId(0), B, 5_000).unwrap();
        sockets.bind(ProgramId(0), ANY_V6, 5_000).unwrap();
        assert!(matches!(sockets.bind(ProgramId(0), ANY, 5_000), Err(BindError::InUse(_))));
        assert!(matches!(sockets.bind(ProgramId(0), A, 5_000), Err(BindError::InUse(_))));
    }

    #[test]
    fn ephemeral_ports_never_collide_and_end_when_all_are_taken() {
        let mut sockets = sockets();
        for _ in EPHEMERAL {
            sockets.bind(ProgramId(0), A, 0).unwrap();
        }
        assert_eq!(sockets.bind(ProgramId(0), A, 0), Err(BindError::PortsExhausted));
        assert!(sockets.bind(ProgramId(0), B, 0).is_ok());
    }

    #[test]
    fn the_socket_bound_to_the_address_comes_before_the_one_bound_to_any() {
        let mut sockets = sockets();
        let any = sockets.bind(ProgramId(0), ANY, 5_000).unwrap();
        assert_eq!(sockets.for_datagram(SocketAddr::new(A, 5_000)).map(|socket| socket.id), Some(any));
        assert!(sockets.for_datagram("[::1]:5000".parse().unwrap()).is_none());
        sockets.close(any);
        assert!(sockets.for_datagram(SocketAddr::new(A, 5_000)).is_none());
        assert!(sockets.bind(ProgramId(0), A, 5_000).is_ok());
    }
}
