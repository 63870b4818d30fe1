//! Transport addresses on the wire, plain (RFC 8489 §14.1) and XORed (§14.2).
//!
//! The XOR keeps NATs that rewrite addresses inside payloads from rewriting these.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{MAGIC_COOKIE, TransactionId, ValueProblem};

/// An address family as a byte; a server has to answer 440 to one it does not know, so any byte is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressFamily(pub u8);

impl AddressFamily {
    /// IPv4.
    pub const V4: AddressFamily = AddressFamily(1);
    /// IPv6.
    pub const V6: AddressFamily = AddressFamily(2);

    /// The family of an address.
    pub const fn of(address: &IpAddr) -> AddressFamily {
        match address {
            IpAddr::V4(_) => AddressFamily::V4,
            IpAddr::V6(_) => AddressFamily::V6,
        }
    }

    /// `IPv4`, `IPv6` or `unknown`.
    pub const fn word(self) -> &'static str {
        match self {
            AddressFamily::V4 => "IPv4",
            AddressFamily::V6 => "IPv6",
            _ => "unknown",
        }
    }
}

/// Cookie and transaction id in a row: what addresses are XORed with.
fn mask(id: &TransactionId) -> u128 {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = id.0;
    let low = u128::from_be_bytes([0, 0, 0, 0, a, b, c, d, e, f, g, h, i, j, k, l]);
    (MAGIC_COOKIE as u128) << 96 | low
}

const PORT_MASK: u16 = (MAGIC_COOKIE >> 16) as u16;

/// XORs an address with the mask of its transaction; doing it twice gives the address back.
pub(crate) fn xor(address: SocketAddr, id: &TransactionId) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) => IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() ^ MAGIC_COOKIE)),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() ^ mask(id))),
    };
    SocketAddr::new(ip, address.port() ^ PORT_MASK)
}

/// Reads a zero byte (ignored), the family, the port and the address.
pub(crate) fn decode(value: &[u8]) -> Result<SocketAddr, ValueProblem> {
    let Some((&[_, family, p0, p1], address)) = value.split_first_chunk::<4>() else {
        return Err(ValueProblem::Short { has: value.len(), least: 8 });
    };
    let wrong = |expected| ValueProblem::Length { has: value.len(), expected };
    let ip = match AddressFamily(family) {
        AddressFamily::V4 => IpAddr::from(<[u8; 4]>::try_from(address).map_err(|_| wrong(8))?),
        AddressFamily::V6 => IpAddr::from(<[u8; 16]>::try_from(address).map_err(|_| wrong(20))?),
        AddressFamily(family) => return Err(ValueProblem::Family { family }),
    };
    Ok(SocketAddr::new(ip, u16::from_be_bytes([p0, p1])))
}

/// The inverse of [`decode`].
pub(crate) fn encode(address: SocketAddr, out: &mut Vec<u8>) {
    out.extend_from_slice(&[0, AddressFamily::of(&address.ip()).0]);
    out.extend_from_slice(&address.port().to_be_bytes());
    match address.ip() {
        IpAddr::V4(ip) => out.extend_from_slice(&ip.octets()),
        IpAddr::V6(ip) => out.extend_from_slice(&ip.octets()),
    }
}
