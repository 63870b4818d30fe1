//! A UDP socket for each address of a host: what an ICE agent gathers from (RFC 8445 §5.1.1.1), and what lets a server answer from
//! the address it was asked at. Not here: what goes through them.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use rtclab_net::{Host, SocketId};

/// A socket of the host, at an address of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    /// Where it is bound.
    pub(crate) address: SocketAddr,
    /// The interface that has the address.
    pub(crate) interface: String,
}

/// The sockets of a program.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    by_address: BTreeMap<SocketAddr, SocketId>,
    by_socket: BTreeMap<SocketId, SocketAddr>,
}

impl Sockets {
    /// Binds a socket to each usable address that has none yet, closes those whose address is gone, and tells which there are, in the
    /// order of the host's interfaces. Port 0 means any.
    pub(crate) fn bind(&mut self, host: &mut Host<'_>, port: u16) -> Vec<Bound> {
        self.bind_each(host, port, 1)
    }

    /// The same with so many sockets at each address. An address at which not all of them can be bound has none.
    pub(crate) fn bind_each(&mut self, host: &mut Host<'_>, port: u16, count: usize) -> Vec<Bound> {
        let held: Vec<(IpAddr, String)> =
            host.addresses().into_iter().map(|held| (held.address, held.interface)).collect();
        let gone = |bound: &SocketAddr| !held.iter().any(|(address, _)| *address == bound.ip());
        let gone: Vec<SocketAddr> = self.by_address.keys().copied().filter(gone).collect();
        for address in gone {
            self.close(host, address);
        }
        let usable = held.into_iter().filter(|(address, _)| is_usable(*address));
        usable
            .flat_map(|(ip, interface)| {
                let mut bound: Vec<SocketAddr> =
                    self.by_address.keys().copied().filter(|bound| bound.ip() == ip).take(count).collect();
                bound.extend((bound.len()..count).map_while(|_| self.bind_one(host, ip, port)));
                let whole = bound.len() == count;
                let bound = bound.into_iter().filter(move |_| whole);
                bound
                    .map(move |address| Bound { address, interface: interface.clone() })
                    .collect::<Vec<Bound>>()
            })
            .collect()
    }

    /// Binds one socket more.
    pub(crate) fn bind_one(&mut self, host: &mut Host<'_>, address: IpAddr, port: u16) -> Option<SocketAddr> {
        let socket = host.bind_udp(address, port).ok()?;
        let bound = host.local_address(socket)?;
        self.by_address.insert(bound, socket);
        self.by_socket.insert(socket, bound);
        Some(bound)
    }

    /// Closes the socket at an address.
    pub(crate) fn close(&mut self, host: &mut Host<'_>, address: SocketAddr) {
        if let Some(socket) = self.by_address.remove(&address) {
            self.by_socket.remove(&socket);
            host.close(socket);
        }
    }

    /// The addresses that sockets are bound to.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.by_address.keys().copied().collect()
    }

    /// The socket that is bound to an address.
    pub(crate) fn at(&self, address: SocketAddr) -> Option<SocketId> {
        self.by_address.get(&address).copied()
    }

    /// The address that a socket is bound to.
    pub(crate) fn address_of(&self, socket: SocketId) -> Option<SocketAddr> {
        self.by_socket.get(&socket).copied()
    }
}

/// Loopback addresses do not leave the host, link-local ones not their link: nobody is called there.
fn is_usable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !v4.is_loopback() && !v4.is_link_local() && !v4.is_unspecified(),
        IpAddr::V6(v6) => !v6.is_loopback() && !v6.is_unicast_link_local() && !v6.is_unspecified(),
    }
}
