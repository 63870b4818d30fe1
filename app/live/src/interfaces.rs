//! The addresses of this machine, in the order in which ICE should prefer them. Not here: binding them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;

use rtclab_rtc::ice::{CandidateTransport, LocalSocket};

use crate::wire::Wire;

/// An address of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The interface's name: `eth0`.
    pub name: Arc<str>,
    /// The address.
    pub address: IpAddr,
}

/// Which of them to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Every address that others can reach: no loopback, no link-local. If there is none, loopback.
    #[default]
    All,
    /// Only those from which the default routes leave (RFC 8828 §5.2, mode 2).
    DefaultRoute,
    /// Only loopback: for tests on one machine.
    Loopback,
}

/// The addresses of this machine: those of the default routes first, then IPv6 and IPv4 in turn, so that neither family has to wait for all
/// of the other (RFC 8421 §4).
///
/// # Errors
/// The operating system does not list them.
pub fn interfaces(choice: Choice) -> io::Result<Vec<Interface>> {
    let listed = if_addrs::get_if_addrs()?;
    let mut all: Vec<Interface> = listed
        .into_iter()
        .map(|interface| Interface { address: interface.ip(), name: interface.name.into() })
        .collect();
    all.sort_by_key(|interface| interface.address);
    all.dedup_by_key(|interface| interface.address);
    let routed = default_route_addresses();
    Ok(choose(&all, &routed, choice))
}

/// The addresses from which packets to anywhere leave. Nothing is sent: connecting a UDP socket only asks the routing table.
fn default_route_addresses() -> Vec<IpAddr> {
    let ways = [
        (IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))),
        (IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))),
    ];
    let source = |(any, there): (IpAddr, IpAddr)| {
        let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
        socket.connect(SocketAddr::new(there, 9)).ok()?;
        socket.local_addr().ok().map(|address| address.ip())
    };
    ways.into_iter().filter_map(source).filter(|address| !address.is_unspecified()).collect()
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

fn choose(all: &[Interface], routed: &[IpAddr], choice: Choice) -> Vec<Interface> {
    let is_reachable =
        |interface: &&Interface| !interface.address.is_loopback() && !is_link_local(interface.address);
    let is_loopback = |interface: &&Interface| interface.address.is_loopback();
    let mut chosen: Vec<Interface> = match choice {
        Choice::All => all.iter().filter(is_reachable).cloned().collect(),
        Choice::DefaultRoute => {
            all.iter().filter(|interface| routed.contains(&interface.address)).cloned().collect()
        }
        Choice::Loopback => all.iter().filter(is_loopback).cloned().collect(),
    };
    if chosen.is_empty() && choice == Choice::All {
        chosen = all.iter().filter(is_loopback).cloned().collect();
    }
    // RFC 8421 §4: the families take turns, and the n-th of one goes before the (n+1)-th of the other; IPv6 first (RFC 6724).
    let (mut sixes, mut fours) = (0, 0);
    let mut ranked: Vec<(usize, bool, usize, Interface)> = Vec::new();
    for interface in chosen {
        let place = routed.iter().position(|routed| *routed == interface.address);
        let count = if interface.address.is_ipv6() { &mut sixes } else { &mut fours };
        let turn = if place.is_some() { 0 } else { *count + 1 };
        *count += 1;
        ranked.push((turn, interface.address.is_ipv4(), place.unwrap_or(0), interface));
    }
    ranked.sort_by_key(|(turn, is_ipv4, place, _)| (*turn, *is_ipv4, *place));
    ranked.into_iter().map(|(.., interface)| interface).collect()
}

/// Binds a UDP socket on each address, with local preferences in their order (RFC 8445 §5.1.2.1). An address that cannot be bound (it may
/// have gone in the meantime) is left out.
///
/// # Errors
/// None of them could be bound: the last error.
pub fn bind(wire: &mut Wire, interfaces: &[Interface]) -> io::Result<Vec<LocalSocket>> {
    let mut sockets = Vec::new();
    let mut failed = None;
    for interface in interfaces {
        match wire.bind_udp(SocketAddr::new(interface.address, 0)) {
            Ok(address) => {
                let rank = u16::try_from(sockets.len()).unwrap_or(u16::MAX);
                // A step of 256 leaves room below each for what several servers see of it.
                let preference = u16::MAX.saturating_sub(rank.saturating_mul(256));
                sockets.push(LocalSocket::new(address, Arc::clone(&interface.name), preference));
            }
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) if sockets.is_empty() => Err(error),
        _ => Ok(sockets),
    }
}

/// Listens for TCP connections on each address: passive candidates (RFC 6544 §5.1). Checks go out over connections that others make.
///
/// # Errors
/// None of them could be bound: the last error.
pub fn listen(wire: &mut Wire, interfaces: &[Interface]) -> io::Result<Vec<LocalSocket>> {
    let mut sockets = Vec::new();
    let mut failed = None;
    for interface in interfaces {
        match wire.listen(SocketAddr::new(interface.address, 0), false) {
            Ok(address) => {
                let rank = u16::try_from(sockets.len()).unwrap_or(u16::MAX);
                let preference = u16::MAX.saturating_sub(rank.saturating_mul(256));
                let socket = LocalSocket::new(address, Arc::clone(&interface.name), preference);
                sockets.push(socket.over(CandidateTransport::TcpPassive));
            }
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) if sockets.is_empty() => Err(error),
        _ => Ok(sockets),
    }
}

/// The addresses from which TCP connections are made: active candidates, with port 9 because nobody connects to them (RFC 6544 §4.5).
pub fn connectors(interfaces: &[Interface]) -> Vec<LocalSocket> {
    let ranked = interfaces.iter().zip((0..=u16::MAX).rev().step_by(256));
    let socket = |(interface, preference): (&Interface, u16)| {
        let address = SocketAddr::new(interface.address, 9);
        let socket = LocalSocket::new(address, Arc::clone(&interface.name), preference);
        socket.over(CandidateTransport::TcpActive)
    };
    ranked.map(socket).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(addresses: &[&str]) -> Vec<Interface> {
        let interface = |text: &&str| Interface { name: "eth0".into(), address: text.parse().unwrap() };
        addresses.iter().map(interface).collect()
    }

    fn chosen(all: &[Interface], routed: &[&str], choice: Choice) -> Vec<String> {
        let routed: Vec<IpAddr> = routed.iter().map(|text| text.parse().unwrap()).collect();
        choose(all, &routed, choice).into_iter().map(|interface| interface.address.to_string()).collect()
    }

    #[test]
    fn families_take_turns_and_default_routes_go_first() {
        let all =
            machine(&["10.0.0.1", "10.0.0.2", "127.0.0.1", "2001:db8::1", "2001:db8::2", "fe80::1", "::1"]);
        assert_eq!(
            chosen(&all, &["2001:db8::2", "10.0.0.2"], Choice::All),
            ["2001:db8::2", "10.0.0.2", "2001:db8::1", "10.0.0.1"]
        );
    }

    #[test]
    fn a_machine_without_a_network_has_loopback() {
        assert_eq!(chosen(&machine(&["127.0.0.1", "fe80::1"]), &[], Choice::All), ["127.0.0.1"]);
    }

    #[test]
    fn the_default_route_alone_leaves_the_others_out() {
        let all = machine(&["10.0.0.1", "10.8.0.1"]);
        assert_eq!(chosen(&all, &["10.0.0.1"], Choice::DefaultRoute), ["10.0.0.1"]);
    }
}
