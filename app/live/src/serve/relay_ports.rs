//! Sockets for relayed addresses: from which address, and from which ports.

use std::net::{IpAddr, SocketAddr};

use rtclab_rtc::Randomness;
use rtclab_rtc::stun::AddressFamily;

use super::settings::PortRange;
use crate::wire::Wire;

/// How many ports are tried for one relayed address before the server says that it has none.
const TRIES_MAX: usize = 256;

/// Where relayed addresses come from.
#[derive(Clone, Debug)]
pub(super) struct RelayPorts {
    addresses: Vec<IpAddr>,
    ports: PortRange,
}

impl RelayPorts {
    /// From the addresses that were asked for; else from the first of each family on which the server listens.
    pub(super) fn new(asked: &[IpAddr], listening: &[SocketAddr], ports: PortRange) -> RelayPorts {
        let listening: Vec<IpAddr> = listening.iter().map(SocketAddr::ip).collect();
        let from = if asked.is_empty() { listening.as_slice() } else { asked };
        let first = |is_four: bool| from.iter().find(|address| address.is_ipv4() == is_four).copied();
        RelayPorts { addresses: [first(true), first(false)].into_iter().flatten().collect(), ports }
    }

    /// The families of which there are relayed addresses.
    pub(super) fn families(&self) -> Vec<AddressFamily> {
        self.addresses.iter().map(AddressFamily::of).collect()
    }

    /// The addresses, to be told.
    pub(super) fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// The ports, to be told.
    pub(super) fn ports(&self) -> PortRange {
        self.ports
    }

    /// Binds a socket. It begins at a random port, so that nobody can guess where the next one will be (RFC 8656 §7.2), and goes on upwards.
    pub(super) fn open(
        &self,
        wire: &mut Wire,
        family: AddressFamily,
        even_port: bool,
        randomness: &mut dyn Randomness,
    ) -> Option<SocketAddr> {
        let address = self.address(family)?;
        self.ports_from(randomness, even_port)
            .find_map(|port| wire.bind_udp(SocketAddr::new(address, port)).ok())
    }

    /// Binds two sockets, at an even port and at the next one (RFC 8656 §18.7).
    pub(super) fn open_pair(
        &self,
        wire: &mut Wire,
        family: AddressFamily,
        randomness: &mut dyn Randomness,
    ) -> Option<(SocketAddr, SocketAddr)> {
        let address = self.address(family)?;
        for port in self.ports_from(randomness, true).filter(|port| *port < self.ports.last) {
            let Ok(even) = wire.bind_udp(SocketAddr::new(address, port)) else { continue };
            match wire.bind_udp(SocketAddr::new(address, port + 1)) {
                Ok(next) => return Some((even, next)),
                Err(_) => wire.close_udp(even),
            }
        }
        None
    }

    fn address(&self, family: AddressFamily) -> Option<IpAddr> {
        self.addresses.iter().find(|address| AddressFamily::of(address) == family).copied()
    }

    /// The ports to try, in order.
    fn ports_from(
        &self,
        randomness: &mut dyn Randomness,
        even_only: bool,
    ) -> impl Iterator<Item = u16> + use<> {
        let PortRange { first, last } = self.ports;
        let count = u32::from(last - first) + 1;
        let start = randomness.below(count);
        let port = move |step: u32| u16::try_from(u32::from(first) + (start + step) % count).ok();
        (0..count).filter_map(port).filter(move |port| !even_only || port % 2 == 0).take(TRIES_MAX)
    }
}
