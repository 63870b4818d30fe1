//! Sockets for relayed addresses: from which address, and from which ports.

use std::net::{IpAddr, SocketAddr};

use rtclab_rtc::Randomness;
use rtclab_rtc::stun::AddressFamily;

use super::settings::PortRange;
use crate::wire::Wire;

/// How many ports are tried for one relayed address before the server says that it has none.
const TRIES_MAX: u32 = 256;

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
        let address = *self.addresses.iter().find(|address| AddressFamily::of(address) == family)?;
        let PortRange { first, last } = self.ports;
        let count = u32::from(last - first) + 1;
        let start = randomness.below(count);
        let port = |step: u32| u16::try_from(u32::from(first) + (start + step) % count).ok();
        let ports = (0..count).filter_map(port).filter(|port| !even_port || port % 2 == 0);
        ports.take(TRIES_MAX as usize).find_map(|port| wire.bind_udp(SocketAddr::new(address, port)).ok())
    }
}
