//! Address pooling (RFC 4787 §4.1): which external address a new mapping gets. Not here: which port ([`super::allocation`]).

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use rtclab_rtc::Randomness as _;

use super::Pooling;
use crate::randomness::Stream;

/// The external addresses of a NAT, and which internal address was given which.
#[derive(Debug)]
pub(super) struct Pool {
    addresses: Vec<Ipv4Addr>,
    paired: BTreeMap<Ipv4Addr, usize>,
}

impl Pool {
    /// The caller has seen that there is at least one address.
    pub(super) fn new(addresses: Vec<Ipv4Addr>) -> Pool {
        Pool { addresses, paired: BTreeMap::new() }
    }

    pub(super) fn contains(&self, address: Ipv4Addr) -> bool {
        self.addresses.contains(&address)
    }

    /// The place of an external address for a mapping of `internal`, and the address.
    pub(super) fn choose(
        &mut self,
        how: Pooling,
        internal: Ipv4Addr,
        random: &mut Stream,
    ) -> (usize, Ipv4Addr) {
        let count = self.addresses.len();
        let place = match how {
            _ if count == 1 => 0,
            Pooling::Arbitrary => random.below(count as u32) as usize,
            // Given out in turn, so that a few hosts share an address only when there are more hosts than addresses.
            Pooling::Paired => {
                let next = self.paired.len() % count;
                *self.paired.entry(internal).or_insert(next)
            }
        };
        (place, self.addresses[place])
    }

    /// The place of an address.
    pub(super) fn place(&self, address: Ipv4Addr) -> Option<usize> {
        self.addresses.iter().position(|own| *own == address)
    }

    /// Forgets who was given which.
    pub(super) fn reset(&mut self) {
        self.paired.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(how: Pooling) -> Vec<usize> {
        let addresses = (1..=3).map(|last| Ipv4Addr::new(203, 0, 113, last)).collect();
        let mut pool = Pool::new(addresses);
        let mut random = Stream::new(1, "test", "");
        let hosts = [1, 2, 1, 3, 4, 2, 1, 1, 1, 1, 1].map(|last| Ipv4Addr::new(10, 0, 0, last));
        hosts.map(|host| pool.choose(how, host, &mut random).0).to_vec()
    }

    #[test]
    fn paired_pooling_keeps_a_host_on_its_address() {
        assert_eq!(chosen(Pooling::Paired), [0, 1, 0, 2, 0, 1, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn arbitrary_pooling_does_not() {
        let of_first_host = &chosen(Pooling::Arbitrary)[6..];
        assert!(of_first_host.iter().any(|place| *place != of_first_host[0]));
    }
}
