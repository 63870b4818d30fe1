//! How many answers an address gets that has shown no credentials: requests with a made-up source must not turn the server against
//! whoever has that address (RFC 8656 §21.1.1, RFC 8489 §16.1.2).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::time::Time;

/// How long a count lasts.
const WINDOW: Duration = Duration::from_secs(1);
/// Addresses that are counted one by one; all others share a count.
const ADDRESSES_MAX: usize = 4096;

/// Counts answers, in windows of a second.
#[derive(Clone, Debug)]
pub(super) struct Throttle {
    limit: u32,
    begins: Time,
    counts: BTreeMap<IpAddr, u32>,
    others: u32,
}

impl Throttle {
    pub(super) const fn new(limit: u32) -> Throttle {
        Throttle { limit, begins: Time::ZERO, counts: BTreeMap::new(), others: 0 }
    }

    /// Counts an answer to this address: whether it may be sent.
    pub(super) fn admits(&mut self, to: IpAddr, now: Time) -> bool {
        if now.since(self.begins) >= WINDOW {
            self.begins = now;
            self.others = 0;
            self.counts.clear();
        }
        let site = site_of(to);
        let count = if self.counts.len() < ADDRESSES_MAX || self.counts.contains_key(&site) {
            self.counts.entry(site).or_default()
        } else {
            &mut self.others
        };
        *count = count.saturating_add(1);
        *count <= self.limit
    }
}

/// A site has one IPv4 address, or an IPv6 prefix of 64 bits to choose from.
fn site_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
        ip => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_so_many_answers_a_second_and_others_do_not_suffer() {
        let mut throttle = Throttle::new(3);
        let (victim, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let count = (0..100).filter(|_| throttle.admits(victim, Time::ZERO)).count();
        assert_eq!(count, 3);
        assert!(throttle.admits(other, Time::ZERO));
        assert!(throttle.admits(victim, Time::from_millis(1000)));
    }

    #[test]
    fn a_prefix_of_64_bits_is_one_site() {
        let mut throttle = Throttle::new(3);
        let address = |host: u32| format!("2001:db8::{host:x}").parse().unwrap();
        assert_eq!((0..100).filter(|host| throttle.admits(address(*host), Time::ZERO)).count(), 3);
    }

    #[test]
    fn it_counts_a_bounded_number_of_addresses() {
        let mut throttle = Throttle::new(3);
        for host in 0..100_000_u32 {
            throttle.admits(IpAddr::V4(host.into()), Time::ZERO);
        }
        assert_eq!(throttle.counts.len(), ADDRESSES_MAX);
        assert!(!throttle.admits("203.0.113.1".parse().unwrap(), Time::ZERO), "late comers share a count");
    }
}
