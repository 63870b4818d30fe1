//! An IP prefix: `192.168.1.0/24`. Not here: what it is routed to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network address and how many of its bits count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    address: IpAddr,
    length: u8,
}

impl Prefix {
    /// All of IPv4.
    pub const ANY_V4: Prefix = Prefix { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), length: 0 };
    /// All of IPv6.
    pub const ANY_V6: Prefix = Prefix { address: IpAddr::V6(Ipv6Addr::UNSPECIFIED), length: 0 };

    /// The prefix of that length around an address; bits behind the length are cleared. None if the length does not fit the family.
    pub fn new(address: IpAddr, length: u8) -> Option<Prefix> {
        if length > bits(address) {
            return None;
        }
        let address = match address {
            IpAddr::V4(v4) => IpAddr::V4((u32::from(v4) & mask_v4(length)).into()),
            IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & mask_v6(length)).into()),
        };
        Some(Prefix { address, length })
    }

    /// The prefix that holds one address.
    pub fn host(address: IpAddr) -> Prefix {
        Prefix { address, length: bits(address) }
    }

    /// Its first address.
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// How many bits count.
    pub fn length(self) -> u8 {
        self.length
    }

    /// Whether it is of IPv4.
    pub fn is_ipv4(self) -> bool {
        self.address.is_ipv4()
    }

    /// Whether an address lies inside; never for the other family.
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (u32::from(own) ^ u32::from(other)) & mask_v4(self.length) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (u128::from(own) ^ u128::from(other)) & mask_v6(self.length) == 0
            }
            _ => false,
        }
    }

    /// Its `number`-th address, counted from its first; none past its last.
    pub fn nth(self, number: u64) -> Option<IpAddr> {
        let free = bits(self.address) - self.length;
        if free < 64 && number >> free != 0 {
            return None;
        }
        Some(match self.address {
            IpAddr::V4(v4) => IpAddr::V4((u32::from(v4) + number as u32).into()),
            IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) + u128::from(number)).into()),
        })
    }

    /// Its last address, which in IPv4 is the broadcast address of a network.
    pub fn last(self) -> IpAddr {
        match self.address {
            IpAddr::V4(v4) => IpAddr::V4((u32::from(v4) | !mask_v4(self.length)).into()),
            IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) | !mask_v6(self.length)).into()),
        }
    }
}

/// The bits of an IPv4 prefix of a length.
pub(crate) const fn mask_v4(length: u8) -> u32 {
    if length == 0 { 0 } else { u32::MAX << (32 - length) }
}

/// The bits of an IPv6 prefix of a length.
pub(crate) const fn mask_v6(length: u8) -> u128 {
    if length == 0 { 0 } else { u128::MAX << (128 - length) }
}

const fn bits(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not `ADDRESS/LENGTH` with a length that fits the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a prefix such as 192.168.1.0/24 or 2001:db8::/32")]
pub struct ParsePrefixError;

impl FromStr for Prefix {
    type Err = ParsePrefixError;

    /// Reads `ADDRESS/LENGTH`, or an address alone, which is the prefix that holds only it.
    fn from_str(text: &str) -> Result<Prefix, ParsePrefixError> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| ParsePrefixError)?;
        let length = match length {
            Some(length) => length.parse().map_err(|_| ParsePrefixError)?,
            None => bits(address),
        };
        Prefix::new(address, length).ok_or(ParsePrefixError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        text.parse().expect("a prefix")
    }

    #[test]
    fn bits_behind_the_length_are_cleared() {
        assert_eq!(prefix("192.168.1.77/24").to_string(), "192.168.1.0/24");
        assert_eq!(prefix("2001:db8::77/32").to_string(), "2001:db8::/32");
    }

    #[test]
    fn containment_ends_at_the_edges_and_at_the_family() {
        let net = prefix("10.0.0.0/30");
        assert!(net.contains("10.0.0.3".parse().unwrap()));
        assert!(!net.contains("10.0.0.4".parse().unwrap()));
        assert!(!Prefix::ANY_V4.contains("::1".parse().unwrap()));
        assert!(Prefix::ANY_V6.contains("::1".parse().unwrap()));
    }

    #[test]
    fn addresses_are_counted_up_to_the_last_one() {
        let net = prefix("10.0.0.0/30");
        assert_eq!(net.nth(3), Some(net.last()));
        assert_eq!(net.nth(4), None);
        assert_eq!(Prefix::ANY_V6.nth(1), Some("::1".parse().unwrap()));
    }

    #[test]
    fn text_that_is_no_prefix_is_refused() {
        for text in ["", "10.0.0.0/33", "10.0.0.0/x", "10.0.0/8", "::/129", "/8"] {
            assert_eq!(text.parse::<Prefix>(), Err(ParsePrefixError), "{text}");
        }
    }
}
