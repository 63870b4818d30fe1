//! Which sockets "listen there" means, and what is wrong where one cannot be bound.

use std::io;
use std::net::{IpAddr, SocketAddr};

use super::ServeError;
use crate::wire::Wire;

/// Binds a UDP socket on each address. A wildcard becomes every address of its family that the machine has: an answer has to leave from
/// the address that was asked, and a socket on the wildcard could not promise that.
pub(super) fn bind_udp(wire: &mut Wire, places: &[SocketAddr]) -> Result<Vec<SocketAddr>, ServeError> {
    let mut bound = Vec::new();
    for place in expand(places)? {
        bound.push(wire.bind_udp(place).map_err(|error| explain(place, "UDP", error))?);
    }
    Ok(bound)
}

/// The addresses of this machine.
fn own_addresses() -> Result<Vec<IpAddr>, ServeError> {
    let listed = if_addrs::get_if_addrs().map_err(ServeError::Interfaces)?;
    let mut own: Vec<IpAddr> = listed.iter().map(if_addrs::Interface::ip).collect();
    // A link-local IPv6 address is none without its interface.
    own.retain(|address| !matches!(address, IpAddr::V6(six) if six.is_unicast_link_local()));
    own.sort_unstable();
    own.dedup();
    Ok(own)
}

/// The places without wildcards, each once.
pub(super) fn expand(places: &[SocketAddr]) -> Result<Vec<SocketAddr>, ServeError> {
    let mut all = Vec::new();
    for place in places {
        if place.ip().is_unspecified() {
            let own = own_addresses()?.into_iter().filter(|own| own.is_ipv4() == place.is_ipv4());
            all.extend(own.map(|own| SocketAddr::new(own, place.port())));
        } else {
            all.push(*place);
        }
    }
    let mut once: Vec<SocketAddr> = Vec::new();
    for place in all {
        if place.port() == 0 || !once.contains(&place) {
            once.push(place);
        }
    }
    Ok(once)
}

/// What the operating system's error means for who chose the address.
pub(super) fn explain(address: SocketAddr, transport: &'static str, error: io::Error) -> ServeError {
    match error.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortInUse { address, transport },
        io::ErrorKind::PermissionDenied => ServeError::NotPermitted { address, transport },
        io::ErrorKind::AddrNotAvailable => {
            ServeError::NotOurs { address, transport, own: own_addresses().unwrap_or_default() }
        }
        _ => ServeError::Bind { address, transport, error },
    }
}
