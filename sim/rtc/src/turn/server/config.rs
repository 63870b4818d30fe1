//! What a server is told before it starts: realm, users, lifetimes, limits, policy.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
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
    /// Whether the host can open a port and its neighbour (RFC 8656 §18.7).
    pub reserves_ports: bool,
    /// Whether the host can set the DF bit towards peers (RFC 8656 §14).
    pub sets_dont_fragment: bool,
    /// Whether the host can relay over TCP (RFC 6062).
    pub relays_tcp: bool,
    /// Whether a client may take its allocation along to another address (RFC 8016).
    pub mobility: bool,
    /// Where new clients are sent instead (300, RFC 8489 §10), and the name in that server's certificate.
    pub alternate: Option<(SocketAddr, Option<String>)>,
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
            reserves_ports: false,
            sets_dont_fragment: false,
            relays_tcp: false,
            mobility: false,
            alternate: None,
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
    /// Streams of clients (TCP and TLS) in all.
    pub streams: usize,
    /// Streams of one client address.
    pub streams_per_address: usize,
    /// Connections to peers of one allocation (RFC 6062; 508 above).
    pub connections: usize,
    /// Bytes that a peer may send before the client has opened its connection.
    pub early_bytes: usize,
    /// Answers a second to an address that has shown no credentials, over UDP.
    pub unauthenticated_answers: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            allocations: 4096,
            allocations_per_user: 256,
            permissions: 256,
            channels: 256,
            streams: 4096,
            streams_per_address: 256,
            connections: 64,
            early_bytes: 65_536,
            unauthenticated_answers: 200,
        }
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

    /// Networks that only their own hosts can reach (RFC 1918, RFC 6598, RFC 4193 and others of the registry of special addresses): a
    /// server that stands in one and is open to the world must not lead into it.
    pub const PRIVATE: [AddressRange; 9] = [
        AddressRange::v4([10, 0, 0, 0], 8),
        AddressRange::v4([100, 64, 0, 0], 10),
        AddressRange::v4([172, 16, 0, 0], 12),
        AddressRange::v4([192, 0, 0, 0], 24),
        AddressRange::v4([192, 168, 0, 0], 16),
        AddressRange::v4([198, 18, 0, 0], 15),
        AddressRange::v6(0xFC00 << 112, 7),
        AddressRange::v6(0xFEC0 << 112, 10),
        AddressRange::v6(0x0100 << 112, 64),
    ];

    const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> AddressRange {
        AddressRange { network: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix }
    }

    const fn v6(bits: u128, prefix: u8) -> AddressRange {
        AddressRange { network: IpAddr::V6(std::net::Ipv6Addr::from_bits(bits)), prefix }
    }

    /// Whether an address lies in the range. An IPv4 address inside an IPv6 one counts as either: whoever translates or tunnels it
    /// would carry the packet there.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.contains_plainly(address)
            || carried_by(address).is_some_and(|ip| self.contains_plainly(ip.into()))
    }

    fn contains_plainly(&self, address: IpAddr) -> bool {
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

/// The IPv4 address to which a translator or a tunnel takes a packet for this one: compatible (RFC 4291 §2.5.5.1; mapped
/// ones are canonical already), NAT64 (RFC 6052), 6to4 (RFC 3056).
fn carried_by(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(ip) = address else { return None };
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some((high, low)),
        [0x64, 0xFF9B, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some((high, low)),
        _ => None,
    }
    .map(|(high, low)| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

/// Why text is not a range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an address, or a network like 10.0.0.0/8 or 2001:db8::/32")]
pub struct AddressRangeError;

/// `192.168.0.0/16`; an address alone is a range of one.
impl FromStr for AddressRange {
    type Err = AddressRangeError;

    fn from_str(text: &str) -> Result<AddressRange, AddressRangeError> {
        let (network, prefix) = match text.split_once('/') {
            Some((network, prefix)) => (network, Some(prefix)),
            None => (text, None),
        };
        let network: IpAddr = network.parse().map_err(|_| AddressRangeError)?;
        let most = if network.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => most,
            Some(digits) => digits.parse().ok().filter(|bits| *bits <= most).ok_or(AddressRangeError)?,
        };
        Ok(AddressRange { network, prefix })
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
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
    fn an_address_inside_another_is_found() {
        let private = |text: &str| {
            let address = text.parse().unwrap();
            AddressRange::PRIVATE.iter().any(|range| range.contains(address))
        };
        for inside in
            ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "2002:0a01:0203::1", "::10.1.2.3", "fd00::1"]
        {
            assert!(private(inside), "{inside}");
        }
        for outside in ["11.1.2.3", "64:ff9b::11.1.2.3", "2002:0b01:0203::1", "2001:db8::10.1.2.3"] {
            assert!(!private(outside), "{outside}");
        }
    }

    #[test]
    fn ranges_are_read_as_people_write_them() {
        for text in ["10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0"] {
            assert_eq!(text.parse::<AddressRange>().unwrap().to_string(), text);
        }
        assert_eq!("192.0.2.7".parse::<AddressRange>().unwrap().prefix, 32);
        for text in ["", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "::/129"] {
            assert_eq!(text.parse::<AddressRange>(), Err(AddressRangeError), "{text}");
        }
    }

    #[test]
    fn a_lifetime_is_at_least_the_default_and_at_most_the_maximum() {
        let config = TurnServerConfig::new("example.org", Vec::new());
        for (asked, granted) in [(None, 600), (Some(1), 600), (Some(1200), 1200), (Some(u32::MAX), 3600)] {
            assert_eq!(config.granted_lifetime(asked), Duration::from_secs(granted));
        }
    }
}
