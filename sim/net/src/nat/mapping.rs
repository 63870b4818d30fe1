//! Mapping behavior (RFC 4787 §4.1): which packets share a mapping. Not here: which port it gets ([`super::allocation`]), who may use it
//! from outside ([`super::filtering`]).

use std::net::SocketAddrV4;

use rtclab_trace::Protocol;

use super::MappingBehavior;

/// What a mapping is found by from inside: protocol, internal endpoint, and as much of the remote endpoint as the behavior looks at,
/// packed so that the mappings of an internal endpoint lie side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(u128);

const REMOTE_BITS: u32 = 48;

impl Key {
    pub(super) fn new(
        behavior: MappingBehavior,
        protocol: Protocol,
        internal: SocketAddrV4,
        remote: SocketAddrV4,
    ) -> Key {
        let remote = match behavior {
            MappingBehavior::EndpointIndependent => 0,
            MappingBehavior::AddressDependent => pack(remote) & !0xffff,
            MappingBehavior::AddressAndPortDependent => pack(remote),
        };
        Key(endpoint(protocol, internal) | u128::from(remote))
    }

    /// All mappings of an internal endpoint.
    pub(super) fn all_of(protocol: Protocol, internal: SocketAddrV4) -> std::ops::RangeInclusive<Key> {
        let first = endpoint(protocol, internal);
        Key(first)..=Key(first | ((1 << REMOTE_BITS) - 1))
    }
}

fn endpoint(protocol: Protocol, internal: SocketAddrV4) -> u128 {
    let protocol = match protocol {
        Protocol::Udp => 0u128,
        Protocol::Tcp => 1,
        Protocol::Icmp => 2,
    };
    protocol << (2 * REMOTE_BITS) | u128::from(pack(internal)) << REMOTE_BITS
}

/// An endpoint as a number of 48 bits, in the order of address and port.
pub(super) fn pack(endpoint: SocketAddrV4) -> u64 {
    u64::from(u32::from(*endpoint.ip())) << 16 | u64::from(endpoint.port())
}

/// The endpoint of such a number.
pub(super) fn unpack(packed: u64) -> SocketAddrV4 {
    SocketAddrV4::new(((packed >> 16) as u32).into(), packed as u16)
}

/// The part of a remote endpoint that a mapping is bound to, in words.
pub(super) fn bound_to(behavior: MappingBehavior, remote: SocketAddrV4) -> Option<String> {
    match behavior {
        MappingBehavior::EndpointIndependent => None,
        MappingBehavior::AddressDependent => Some(remote.ip().to_string()),
        // An ICMP query has an address and no port.
        MappingBehavior::AddressAndPortDependent if remote.port() == 0 => Some(remote.ip().to_string()),
        MappingBehavior::AddressAndPortDependent => Some(remote.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::MappingBehavior::*;
    use super::*;

    fn shares(behavior: MappingBehavior, a: &str, b: &str) -> bool {
        let key = |remote: &str| {
            Key::new(behavior, Protocol::Udp, "10.0.0.1:5000".parse().unwrap(), remote.parse().unwrap())
        };
        key(a) == key(b)
    }

    #[test]
    fn each_behavior_looks_at_its_part_of_the_remote_endpoint() {
        let (y1, y1_other_port, y2) = ("192.0.2.1:1", "192.0.2.1:2", "192.0.2.2:1");
        assert!(shares(EndpointIndependent, y1, y2));
        assert!(shares(AddressDependent, y1, y1_other_port) && !shares(AddressDependent, y1, y2));
        assert!(shares(AddressAndPortDependent, y1, y1));
        assert!(!shares(AddressAndPortDependent, y1, y1_other_port));
    }

    #[test]
    fn the_mappings_of_an_endpoint_lie_side_by_side() {
        let internal: SocketAddrV4 = "10.0.0.1:5000".parse().unwrap();
        let next: SocketAddrV4 = "10.0.0.1:5001".parse().unwrap();
        let range = Key::all_of(Protocol::Udp, internal);
        for remote in ["0.0.0.0:0", "255.255.255.255:65535"] {
            let remote = remote.parse().unwrap();
            let key = |protocol, internal| Key::new(AddressAndPortDependent, protocol, internal, remote);
            assert!(range.contains(&key(Protocol::Udp, internal)));
            assert!(!range.contains(&key(Protocol::Udp, next)));
            assert!(!range.contains(&key(Protocol::Icmp, internal)));
        }
    }

    #[test]
    fn packing_keeps_the_endpoint() {
        let endpoint = "203.0.113.9:65535".parse().unwrap();
        assert_eq!(unpack(pack(endpoint)), endpoint);
    }
}
