//! What a NAT keeps of each inside host: how many mappings it has, which blocks of ports, and behind a NAT64 its IPv6 address. Not here: the
//! mappings ([`super::table`]).
//!
//! The table knows inside hosts by IPv4 addresses. An IPv6 host of a NAT64 gets a stand-in below 0.0.0.0/8, which no packet ever has.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4};

use super::PortBlocks;

/// IPv6 hosts that a NAT64 knows at a time.
const STAND_INS_MAX: u32 = 1 << 20;

/// A block of ports: the place of its external address in the pool, and its first port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Block {
    pub(super) place: usize,
    pub(super) first: u16,
}

/// An inside host.
#[derive(Debug, Default)]
struct Subscriber {
    mappings: u32,
    blocks: Vec<Block>,
}

/// All inside hosts that have mappings.
#[derive(Debug, Default)]
pub(super) struct Subscribers {
    hosts: BTreeMap<Ipv4Addr, Subscriber>,
    taken: BTreeSet<Block>,
    stand_ins: BTreeMap<Ipv6Addr, Ipv4Addr>,
    behind: BTreeMap<Ipv4Addr, Ipv6Addr>,
    next_stand_in: u32,
}

impl Subscribers {
    /// How many mappings a host has.
    pub(super) fn mappings(&self, host: Ipv4Addr) -> u32 {
        self.hosts.get(&host).map_or(0, |subscriber| subscriber.mappings)
    }

    /// A mapping of a host was made.
    pub(super) fn add(&mut self, host: Ipv4Addr) {
        self.hosts.entry(host).or_default().mappings += 1;
    }

    /// A mapping of a host has ended. With the last one go its blocks. Returns whether it was the last.
    pub(super) fn remove(&mut self, host: Ipv4Addr) -> bool {
        let Some(subscriber) = self.hosts.get_mut(&host) else { return false };
        subscriber.mappings = subscriber.mappings.saturating_sub(1);
        if subscriber.mappings > 0 {
            return false;
        }
        for block in self.hosts.remove(&host).unwrap_or_default().blocks {
            self.taken.remove(&block);
        }
        if let Some(behind) = self.behind.remove(&host) {
            self.stand_ins.remove(&behind);
        }
        true
    }

    /// The blocks that a host has on an external address.
    pub(super) fn blocks(&self, host: Ipv4Addr, place: usize) -> Vec<Block> {
        let blocks = self.hosts.get(&host).map_or(&[][..], |subscriber| &subscriber.blocks);
        blocks.iter().copied().filter(|block| block.place == place).collect()
    }

    /// Gives a host another block; none if it has all that it may have, or no block is left.
    pub(super) fn add_block(
        &mut self,
        host: Ipv4Addr,
        place: usize,
        range: (u16, u16),
        blocks: PortBlocks,
    ) -> Option<Block> {
        if self.blocks(host, place).len() >= usize::from(blocks.per_host) {
            return None;
        }
        let size = usize::from(blocks.size);
        let last_first = u32::from(range.1) + 1 - u32::from(blocks.size);
        let firsts = (u32::from(range.0)..=last_first).step_by(size);
        let free = firsts
            .map(|first| Block { place, first: first as u16 })
            .find(|block| !self.taken.contains(block))?;
        self.taken.insert(free);
        self.hosts.entry(host).or_default().blocks.push(free);
        Some(free)
    }

    /// The stand-in of an IPv6 host; none if there are too many hosts.
    pub(super) fn stand_in(&mut self, host: Ipv6Addr) -> Option<Ipv4Addr> {
        if let Some(known) = self.stand_ins.get(&host) {
            return Some(*known);
        }
        // Hosts of which no mapping was ever made are forgotten here, so that refused packets cost nothing.
        if self.stand_ins.len() >= STAND_INS_MAX as usize {
            let idle: Vec<Ipv6Addr> = self
                .stand_ins
                .iter()
                .filter(|(_, own)| !self.hosts.contains_key(own))
                .map(|(host, _)| *host)
                .collect();
            for host in idle {
                if let Some(own) = self.stand_ins.remove(&host) {
                    self.behind.remove(&own);
                }
            }
        }
        if self.stand_ins.len() >= STAND_INS_MAX as usize {
            return None;
        }
        let free = loop {
            self.next_stand_in = self.next_stand_in % (STAND_INS_MAX * 2) + 1;
            let candidate = Ipv4Addr::from(self.next_stand_in);
            if !self.behind.contains_key(&candidate) {
                break candidate;
            }
        };
        self.stand_ins.insert(host, free);
        self.behind.insert(free, host);
        Some(free)
    }

    /// The IPv6 host behind a stand-in.
    pub(super) fn behind(&self, host: Ipv4Addr) -> Option<Ipv6Addr> {
        self.behind.get(&host).copied()
    }

    /// An inside endpoint as it really is.
    pub(super) fn real(&self, internal: SocketAddrV4) -> SocketAddr {
        let host = self.behind(*internal.ip()).map_or(IpAddr::V4(*internal.ip()), IpAddr::V6);
        SocketAddr::new(host, internal.port())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: (u16, u16) = (1_024, 1_123);
    const BLOCKS: PortBlocks = PortBlocks { size: 40, per_host: 2 };

    fn host(last: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, 0, last)
    }

    #[test]
    fn blocks_do_not_overlap_and_come_back_with_the_last_mapping() {
        let mut subscribers = Subscribers::default();
        subscribers.add(host(1));
        let first = subscribers.add_block(host(1), 0, RANGE, BLOCKS).unwrap();
        let second = subscribers.add_block(host(2), 0, RANGE, BLOCKS).unwrap();
        assert_eq!([first.first, second.first], [1_024, 1_064]);
        assert_eq!(subscribers.add_block(host(3), 0, RANGE, BLOCKS), None, "20 ports are no block");
        assert!(subscribers.remove(host(1)));
        assert_eq!(subscribers.add_block(host(3), 0, RANGE, BLOCKS), Some(first));
    }

    #[test]
    fn a_host_has_no_more_blocks_than_it_may() {
        let mut subscribers = Subscribers::default();
        let one = PortBlocks { per_host: 1, ..BLOCKS };
        assert!(subscribers.add_block(host(1), 0, RANGE, one).is_some());
        assert_eq!(subscribers.add_block(host(1), 0, RANGE, one), None);
    }

    #[test]
    fn an_ipv6_host_keeps_its_stand_in_as_long_as_it_has_mappings() {
        let mut subscribers = Subscribers::default();
        let [a, b]: [Ipv6Addr; 2] = ["2001:db8::a", "2001:db8::b"].map(|text| text.parse().unwrap());
        let stand_in = subscribers.stand_in(a).unwrap();
        subscribers.add(stand_in);
        assert_eq!(subscribers.stand_in(a), Some(stand_in));
        assert_ne!(subscribers.stand_in(b), Some(stand_in));
        assert_eq!(subscribers.behind(stand_in), Some(a));
        assert_eq!(stand_in.octets()[0], 0);
        assert!(subscribers.remove(stand_in));
        assert_eq!(subscribers.behind(stand_in), None);
    }
}
