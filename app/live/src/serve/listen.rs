//! Which sockets "listen there" means, and what is wrong where one cannot be bound.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use super::{ServeError, Settings};
use crate::wire::{Identity, Wire};

/// Binds a UDP socket on each address. A wildcard becomes every address of its family that the machine has: an answer has to leave from
/// the address that was asked, and a socket on the wildcard could not promise that.
pub(super) fn bind_udp(wire: &mut Wire, places: &[SocketAddr]) -> Result<Vec<SocketAddr>, ServeError> {
    let mut bound = Vec::new();
    for place in expand(places)? {
        bound.push(wire.bind_udp(place).map_err(|error| explain(place, "UDP", error))?);
    }
    Ok(bound)
}

/// Listens over TCP where the UDP sockets are, so that both have the same ports.
pub(super) fn listen_tcp(wire: &mut Wire, bound: &[SocketAddr]) -> Result<(), ServeError> {
    for place in bound {
        wire.listen(*place, false).map_err(|error| explain(*place, "TCP", error))?;
    }
    Ok(())
}

/// Listens over TLS, where the settings have a certificate.
pub(super) fn listen_secured(wire: &mut Wire, settings: &Settings) -> Result<Vec<SocketAddr>, ServeError> {
    let Some(tls) = &settings.tls else { return Ok(Vec::new()) };
    let read = |path: &Path| {
        std::fs::read(path).map_err(|error| ServeError::TlsFile { path: path.to_path_buf(), error })
    };
    let identity = Identity::from_pem(&read(&tls.certificate)?, &read(&tls.key)?);
    let identity = identity.map_err(|error| ServeError::Tls { path: tls.certificate.clone(), error })?;
    let mut bound = Vec::new();
    for place in expand(&settings.listen_secured())? {
        let listening = wire.listen_secured(place, identity.clone());
        bound.push(listening.map_err(|error| explain(place, "TLS", error))?);
    }
    Ok(bound)
}

/// How often port 0 is tried anew if the port that is free over UDP is not over TCP.
const TRIES: usize = 8;

/// Binds UDP and TCP on each address. Where any port will do (0), it is one that is free for both.
pub(super) fn bind_both(wire: &mut Wire, places: &[SocketAddr]) -> Result<Vec<SocketAddr>, ServeError> {
    let any_port = places.iter().any(|place| place.port() == 0);
    let mut tries = if any_port { TRIES } else { 1 };
    loop {
        let bound = bind_udp(wire, places)?;
        tries -= 1;
        match listen_tcp(wire, &bound) {
            Ok(()) => return Ok(bound),
            Err(ServeError::PortInUse { .. }) if tries > 0 => {
                for place in bound {
                    wire.close_udp(place);
                    wire.close_listener(place);
                }
            }
            Err(error) => return Err(error),
        }
    }
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
