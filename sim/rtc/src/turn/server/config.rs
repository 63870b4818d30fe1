//! What a server is told before it starts: realm, users, lifetimes, limits, policy.

use std::net::IpAddr;
use std::time::Duration;

use crate::stun::{AddressFamily, Credentials, LongTermServerConfig, PasswordAlgorithmList};
use crate::turn::{LIFETIME, LIFETIME_MAX};

/// How a TURN server behaves.
#[derive(Clone, Debug)]
pub struct TurnServerConfig {
    /// Where its usernames are valid; by custom its domain name.
    pub realm: String,
    /// Who may use it. Nobody may without credentials.
    pub users: Vec<Credentials>,
    /// What it says it runs, if anything.
    pub software: Option<String>,
    /// What it offers in PASSWORD-ALGORITHMS; nothing means MD5 and MESSAGE-INTEGRITY, as RFC 5389 has it.
    pub algorithms: Option<PasswordAlgorithmList<'static>>,
    /// Whether it asks for USERHASH instead of USERNAME.
    pub anonymous_usernames: bool,
    /// How long a nonce is good (RFC 8489 §9.2; RFC 8656 §5 suggests at least an hour).
    pub nonce_lifetime: Duration,
    /// The lifetime of an allocation whose client asks for none, or for less.
    pub lifetime: Duration,
    /// The longest lifetime it grants.
    pub lifetime_max: Duration,
    /// Families of which it can give relayed addresses; who asks for none gets IPv4 (RFC 8656 §7.2).
    pub families: Vec<AddressFamily>,
    /// Where it never relays to (403).
    pub forbidden_peers: Vec<AddressRange>,
    /// What it holds at most.
    pub limits: Limits,
}

impl TurnServerConfig {
    /// The usual server for this realm and these users.
    pub fn new(realm: &str, users: Vec<Credentials>) -> TurnServerConfig {
        TurnServerConfig {
            realm: realm.to_owned(),
            users,
            software: None,
            algorithms: None,
            anonymous_usernames: false,
            nonce_lifetime: Duration::from_secs(3600),
            lifetime: LIFETIME,
            lifetime_max: LIFETIME_MAX,
            families: vec![AddressFamily::V4],
            forbidden_peers: AddressRange::NEVER_A_PEER.to_vec(),
            limits: Limits::default(),
        }
    }

    /// What of it is about users.
    pub(super) fn long_term(&self) -> LongTermServerConfig {
        LongTermServerConfig {
            realm: self.realm.clone(),
            users: self.users.clone(),
            algorithms: self.algorithms,
            anonymous_usernames: self.anonymous_usernames,
            nonce_lifetime: self.nonce_lifetime,
        }
    }

    /// RFC 8656 §7.2: the smaller of what is asked for and the maximum, but not less than the default.
    pub(super) fn granted_lifetime(&self, asked_seconds: Option<u32>) -> Duration {
        let asked = asked_seconds.map_or(Duration::ZERO, |seconds| Duration::from_secs(seconds.into()));
        asked.min(self.lifetime_max).max(self.lifetime)
    }

    pub(super) fn forbids(&self, peer: IpAddr) -> bool {
        self.forbidden_peers.iter().any(|range| range.contains(peer))
    }
}

/// What a server holds at most, so that no client can make it grow without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Allocations in all (508 above).
    pub allocations: usize,
    /// Allocations of one user (486 above).
    pub allocations_per_user: usize,
    /// Permissions of one allocation (508 above).
    pub permissions: usize,
    /// Channels of one allocation (508 above).
    pub channels: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { allocations: 4096, allocations_per_user: 256, permissions: 256, channels: 256 }
    }
}

/// Addresses that share a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    /// Any address in the range.
    pub network: IpAddr,
    /// How many leading bits are shared.
    pub prefix: u8,
}

impl AddressRange {
    /// Nobody's address, this host, this link, groups and broadcast: behind none of them is a peer that a client should reach
    /// through the server (RFC 8656 §21.1.6).
    pub const NEVER_A_PEER: [AddressRange; 8] = [
        AddressRange::v4([0, 0, 0, 0], 8),
        AddressRange::v4([127, 0, 0, 0], 8),
        AddressRange::v4([169, 254, 0, 0], 16),
        AddressRange::v4([224, 0, 0, 0], 3),
        AddressRange::v6(0, 128),
        AddressRange::v6(1, 128),
        AddressRange::v6(0xFE80 << 112, 10),
        AddressRange::v6(0xFF00 << 112, 8),
    ];

    const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> AddressRange {
        AddressRange { network: IpAddr::V4(std::net::Ipv4Addr::new(a, b, c, d)), prefix }
    }

    const fn v6(bits: u128, prefix: u8) -> AddressRange {
        AddressRange { network: IpAddr::V6(std::net::Ipv6Addr::from_bits(bits)), prefix }
    }

    /// Whether an address lies in the range. An IPv4 address inside an IPv6 one counts as the former.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = u128::from(network.to_bits() ^ address.to_bits());
                differing.checked_shr(32_u32.saturating_sub(self.prefix.into())).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.checked_shr(128_u32.saturating_sub(self.prefix.into())).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_the_addresses_of_its_prefix() {
        let forbidden = |text: &str| {
            let address = text.parse().unwrap();
            AddressRange::NEVER_A_PEER.iter().any(|range| range.contains(address))
        };
        for inside in ["127.0.0.1", "127.255.1.2", "0.0.0.0", "224.0.0.251", "255.255.255.255", "169.254.9.9"]
        {
            assert!(forbidden(inside), "{inside}");
        }
        for inside in ["::", "::1", "fe80::1", "febf::1", "ff02::1", "::ffff:127.0.0.1"] {
            assert!(forbidden(inside), "{inside}");
        }
        for outside in
            ["126.255.255.255", "128.0.0.1", "10.0.0.1", "2001:db8::1", "::2", "fec0::1", "fd00::1"]
        {
            assert!(!forbidden(outside), "{outside}");
        }
        let all = AddressRange { network: "0.0.0.0".parse().unwrap(), prefix: 0 };
        assert!(all.contains("8.8.8.8".parse().unwrap()) && !all.contains("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn a_lifetime_is_at_least_the_default_and_at_most_the_maximum() {
        let config = TurnServerConfig::new("example.org", Vec::new());
        for (asked, granted) in [(None, 600), (Some(1), 600), (Some(1200), 1200), (Some(u32::MAX), 3600)] {
            assert_eq!(config.granted_lifetime(asked), Duration::from_secs(granted));
        }
    }
}
