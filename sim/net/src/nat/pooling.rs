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
    /// One to one: whose each address is, and whether for good.
    owners: BTreeMap<usize, (Ipv4Addr, bool)>,
}

impl Pool {
    /// The caller has seen that there is at least one address.
    pub(super) fn new(addresses: Vec<Ipv4Addr>, one_to_one: &[(Ipv4Addr, Ipv4Addr)]) -> Pool {
        let mut pool = Pool { addresses, paired: BTreeMap::new(), owners: BTreeMap::new() };
        for &(internal, external) in one_to_one {
            if let Some(place) = pool.place(external) {
                pool.owners.insert(place, (internal, true));
            }
        }
        pool
    }

    /// The box has another address instead of one it had.
    pub(super) fn replace(&mut self, old: Ipv4Addr, new: Ipv4Addr) {
        for address in self.addresses.iter_mut().filter(|address| **address == old) {
            *address = new;
        }
    }

    pub(super) fn contains(&self, address: Ipv4Addr) -> bool {
        self.addresses.contains(&address)
    }

    /// The place of an external address for a mapping of `internal`, and the address; none if all belong to others.
    pub(super) fn choose(
        &mut self,
        how: Pooling,
        internal: Ipv4Addr,
        random: &mut Stream,
    ) -> Option<(usize, Ipv4Addr)> {
        let count = self.addresses.len();
        let place = match how {
            Pooling::OneToOne => self.own(internal)?,
            _ if count == 1 => 0,
            Pooling::Arbitrary => random.below(count as u32) as usize,
            // Given out in turn, so that a few hosts share an address only when there are more hosts than addresses.
            Pooling::Paired => {
                let next = self.paired.len() % count;
                *self.paired.entry(internal).or_insert(next)
            }
        };
        Some((place, self.addresses[place]))
    }

    /// One to one: the place of a host's own address, which it gets now if it has none.
    fn own(&mut self, internal: Ipv4Addr) -> Option<usize> {
        let known = self.owners.iter().find(|(_, (owner, _))| *owner == internal).map(|(place, _)| *place);
        known.or_else(|| {
            let free = (0..self.addresses.len()).find(|place| !self.owners.contains_key(place))?;
            self.owners.insert(free, (internal, false));
            Some(free)
        })
    }

    /// One to one: the external address of a host, if it has one.
    pub(super) fn address_of(&self, internal: Ipv4Addr) -> Option<Ipv4Addr> {
        let own = self.owners.iter().find(|(_, (owner, _))| *owner == internal)?;
        self.addresses.get(*own.0).copied()
    }

    /// The address that `choose` would give, as far as that is settled.
    pub(super) fn expected(&self, how: Pooling, internal: Ipv4Addr) -> Option<Ipv4Addr> {
        let place = match how {
            Pooling::OneToOne => return self.address_of(internal),
            Pooling::Arbitrary => 0,
            Pooling::Paired => {
                let next = || self.paired.len().checked_rem(self.addresses.len());
                self.paired.get(&internal).copied().or_else(next)?
            }
        };
        self.addresses.get(place).copied()
    }

    /// One to one: whose an external address is.
    pub(super) fn owner(&self, external: Ipv4Addr) -> Option<Ipv4Addr> {
        self.owners.get(&self.place(external)?).map(|(owner, _)| *owner)
    }

    /// A host has no mapping any more: what it was given as it came goes to whoever comes next.
    pub(super) fn leave(&mut self, internal: Ipv4Addr) {
        self.owners.retain(|_, (owner, for_good)| *owner != internal || *for_good);
    }

    /// The place of an address.
    pub(super) fn place(&self, address: Ipv4Addr) -> Option<usize> {
        self.addresses.iter().position(|own| *own == address)
    }

    /// Forgets who was given which.
    pub(super) fn reset(&mut self) {
        self.paired.clear();
        self.owners.retain(|_, (_, for_good)| *for_good);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three(one_to_one: &[(Ipv4Addr, Ipv4Addr)]) -> Pool {
        Pool::new((1..=3).map(|last| Ipv4Addr::new(203, 0, 113, last)).collect(), one_to_one)
    }

    fn chosen(how: Pooling) -> Vec<usize> {
        let mut pool = three(&[]);
        let mut random = Stream::new(1, "test", "");
        let hosts = [1, 2, 1, 3, 4, 2, 1, 1, 1, 1, 1].map(|last| Ipv4Addr::new(10, 0, 0, last));
        hosts.map(|host| pool.choose(how, host, &mut random).expect("shared").0).to_vec()
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

    #[test]
    fn one_to_one_gives_each_host_an_address_and_the_next_one_none() {
        let [a, b, c, d] = [1, 2, 3, 4].map(|last| Ipv4Addr::new(10, 0, 0, last));
        let mut pool = three(&[(c, Ipv4Addr::new(203, 0, 113, 1))]);
        let mut random = Stream::new(1, "test", "");
        let mut choose =
            |pool: &mut Pool, host| pool.choose(Pooling::OneToOne, host, &mut random).map(|(place, _)| place);
        let places = [a, b, c, d, a].map(|host| choose(&mut pool, host));
        assert_eq!(places, [Some(1), Some(2), Some(0), None, Some(1)]);
        pool.leave(a);
        pool.leave(c);
        assert_eq!([d, c].map(|host| choose(&mut pool, host)), [Some(1), Some(0)]);
        assert_eq!(pool.owner(Ipv4Addr::new(203, 0, 113, 2)), Some(d));
    }
}
