//! Gateways: which one a host has, and what a program on a NAT may ask of it. Not here: the protocol between the two (`rtclab-rtc`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use rtclab_trace::Protocol;

use super::Host;
use crate::error::MapError;
use crate::nat::Asked;
use crate::plan::Side;

/// A port that a NAT is to map for an inside host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRequest {
    /// Of which protocol.
    pub protocol: Protocol,
    /// The socket inside.
    pub internal: SocketAddr,
    /// The external port that it would like to have.
    pub port: Option<u16>,
    /// Whether another port is no use.
    pub exact: bool,
    /// For this remote endpoint alone, as if the socket had sent there; none: for everybody.
    pub remote: Option<SocketAddr>,
    /// How long the mapping lives at least.
    pub lifetime: Duration,
}

impl Host<'_> {
    /// The router that a packet from one of the host's addresses to anywhere goes to first.
    pub fn gateway(&self, address: IpAddr) -> Option<IpAddr> {
        let own = self.net.node(self.node);
        let interface = own.interface_with(address)?;
        let anywhere: IpAddr = match address {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        own.routes.lookup(anywhere, Some(interface))?.via
    }

    /// On a NAT: maps a port for an inside host, or prolongs what is mapped. Returns the external endpoint.
    ///
    /// # Errors
    /// The program does not run on a NAT, or there is nothing left to give.
    pub fn map_port(&mut self, request: &PortRequest) -> Result<SocketAddr, MapError> {
        let (node, now, cause) = (self.node, self.net.now, self.input);
        let internal = request.internal;
        let inside = self.net.is_inside(node, internal.ip());
        let nat = self.net.nat_mut(node).ok_or(MapError::NotANat)?;
        let (SocketAddr::V4(internal), true) = (internal, inside) else {
            return Err(MapError::NotInside(internal.ip()));
        };
        let remote = match request.remote {
            None => None,
            Some(SocketAddr::V4(remote)) => Some(remote),
            Some(SocketAddr::V6(remote)) => return Err(MapError::NotInside((*remote.ip()).into())),
        };
        let PortRequest { protocol, port, exact, lifetime, .. } = *request;
        let asked = Asked { protocol, internal, port, exact, remote, lifetime };
        let mapped = nat.map_for(now, &asked, cause);
        self.net.hear_nat(node);
        mapped.map(SocketAddr::V4)
    }

    /// On a NAT: ends what was mapped for a socket inside because it was asked for. Returns whether there was anything.
    pub fn unmap_port(&mut self, protocol: Protocol, internal: SocketAddr) -> bool {
        let (node, cause) = (self.node, self.input);
        let (Some(nat), SocketAddr::V4(internal)) = (self.net.nat_mut(node), internal) else { return false };
        let any = nat.unmap(protocol, internal, cause);
        self.net.hear_nat(node);
        any
    }

    /// On a NAT: the external address that mappings of an inside host have, or would have.
    pub fn external_address(&self, internal: IpAddr) -> Option<Ipv4Addr> {
        match internal {
            IpAddr::V4(internal) => self.net.nat(self.node)?.external_of(internal),
            IpAddr::V6(_) => None,
        }
    }

    /// On a NAT or firewall: its addresses on the networks that it protects.
    pub fn inside_addresses(&self) -> Vec<IpAddr> {
        let inside = self.net.node(self.node).interfaces.iter();
        let inside = inside.filter(|interface| interface.side == Side::Inside);
        inside.flat_map(|interface| interface.addresses.iter().map(|(address, _)| *address)).collect()
    }
}
