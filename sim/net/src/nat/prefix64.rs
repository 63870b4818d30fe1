//! IPv4 addresses inside IPv6 ones (RFC 6052): the prefix of a NAT64, and what a DNS64 answers with. Not here: packets
//! (`wire::translate64`).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A prefix below which every IPv4 address has an IPv6 one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix64 {
    bits: u128,
    length: u8,
}

/// Text that is not such a prefix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a prefix of 32, 40, 48, 56, 64 or 96 bits, such as 64:ff9b::/96")]
pub struct NotPrefix64(pub String);

impl Prefix64 {
    /// 64:ff9b::/96, the same everywhere (RFC 6052 §2.1).
    pub const WELL_KNOWN: Prefix64 = Prefix64 { bits: 0x0064_ff9b << 96, length: 96 };

    /// A prefix of one of the lengths that RFC 6052 §2.2 knows, whose bits 64 to 71 are zero.
    pub fn new(address: Ipv6Addr, length: u8) -> Option<Prefix64> {
        let known = matches!(length, 32 | 40 | 48 | 56 | 64 | 96);
        let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
        let bits = u128::from(address) & mask;
        (known && bits & Prefix64::RESERVED == 0).then_some(Prefix64 { bits, length })
    }

    /// Bits 64 to 71, which stay zero (RFC 6052 §2.2).
    const RESERVED: u128 = 0xff << 56;

    /// The IPv6 address of an IPv4 one.
    pub fn embed(self, address: Ipv4Addr) -> Ipv6Addr {
        let address = u128::from(u32::from(address));
        let bits = match self.length {
            96 => address,
            length => {
                // It is split around the reserved bits.
                let before = 64 - u32::from(length);
                let high = if before >= 32 { address << (before - 32) } else { address >> (32 - before) };
                let low = if before >= 32 { 0 } else { address & ((1 << (32 - before)) - 1) };
                (high << 64) | (low << (56 - (32 - before.min(32))))
            }
        };
        Ipv6Addr::from(self.bits | bits)
    }

    /// The IPv4 address of an IPv6 one, if it is below the prefix.
    pub fn extract(self, address: Ipv6Addr) -> Option<Ipv4Addr> {
        let bits = u128::from(address);
        let mask = u128::MAX << (128 - u32::from(self.length));
        if bits & mask != self.bits {
            return None;
        }
        let address = match self.length {
            96 => bits as u32,
            length => {
                let before = 64 - u32::from(length);
                let high = (bits >> 64) as u64;
                if before >= 32 {
                    (high >> (before - 32)) as u32
                } else {
                    let after = 32 - before;
                    let low = ((bits >> (56 - after)) & ((1 << after) - 1)) as u32;
                    let high = (high & ((1u64 << before) - 1)) as u32;
                    high.checked_shl(after).unwrap_or(0) | low
                }
            }
        };
        Some(address.into())
    }
}

impl fmt::Display for Prefix64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv6Addr::from(self.bits), self.length)
    }
}

impl FromStr for Prefix64 {
    type Err = NotPrefix64;

    fn from_str(text: &str) -> Result<Prefix64, NotPrefix64> {
        let parsed = text
            .split_once('/')
            .and_then(|(address, length)| Prefix64::new(address.parse().ok()?, length.parse().ok()?));
        parsed.ok_or_else(|| NotPrefix64(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 6052 §2.4, table 2.
    #[test]
    fn the_examples_of_rfc_6052_come_out() {
        let address: Ipv4Addr = "192.0.2.33".parse().unwrap();
        let examples = [
            ("2001:db8::/32", "2001:db8:c000:221::"),
            ("2001:db8:100::/40", "2001:db8:1c0:2:21::"),
            ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::"),
            ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"),
            ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"),
            ("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"),
            ("64:ff9b::/96", "64:ff9b::192.0.2.33"),
        ];
        for (prefix, embedded) in examples {
            let (prefix, embedded): (Prefix64, Ipv6Addr) =
                (prefix.parse().unwrap(), embedded.parse().unwrap());
            assert_eq!(prefix.embed(address), embedded, "{prefix}");
            assert_eq!(prefix.extract(embedded), Some(address), "{prefix}");
        }
    }

    #[test]
    fn other_lengths_and_addresses_are_refused() {
        for text in ["64:ff9b::/95", "64:ff9b::", "x/96", "2001:db8:0:0:100::/96", ""] {
            assert!(text.parse::<Prefix64>().is_err(), "{text}");
        }
        assert_eq!(Prefix64::WELL_KNOWN.extract("2001:db8::1".parse().unwrap()), None);
        assert_eq!(Prefix64::WELL_KNOWN.to_string(), "64:ff9b::/96");
    }

    proptest! {
        #[test]
        fn every_address_comes_back(address: u32, which in 0usize..6) {
            let length = [32, 40, 48, 56, 64, 96][which];
            let prefix = Prefix64::new("2001:db8::".parse().unwrap(), length).unwrap();
            prop_assert_eq!(prefix.extract(prefix.embed(address.into())), Some(address.into()));
        }
    }
}
