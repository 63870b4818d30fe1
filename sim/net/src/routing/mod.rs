//! Longest-prefix routing tables. Not here: how the tables of a topology are computed ([`compute`]).

mod compute;

use std::cell::Cell;
use std::net::IpAddr;

use rtclab_trace::LinkId;

use crate::prefix::{Prefix, mask_v4, mask_v6};

pub(crate) use compute::{compute, connected, neighbor};

/// In the place of a link end: whoever has the address of the next hop, which has to be found out.
pub(crate) const BY_DISCOVERY: LinkId = LinkId(u32::MAX - 2);

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) prefix: Prefix,
    /// The next hop; none if the destination itself is on the interface's network.
    pub(crate) via: Option<IpAddr>,
    /// Out of which interface.
    pub(crate) interface: u16,
    /// Among routes to one prefix the lowest is taken.
    pub(crate) metric: u32,
    /// The link end that has the address of the next hop, if there is a next hop and somebody has its address.
    pub(crate) neighbor: Option<LinkId>,
}

/// All prefixes of one length in one family, sorted, each with the places of its routes.
#[derive(Clone, Debug)]
struct Level<K> {
    mask: K,
    keys: Vec<(K, u32)>,
}

/// A node's routes. A lookup is a binary search for each prefix length in use, of which there are few.
#[derive(Clone, Debug, Default)]
pub(crate) struct RouteTable {
    /// Sorted by family, length (longest first), prefix, metric, interface.
    routes: Vec<Route>,
    v4: Vec<Level<u32>>,
    v6: Vec<Level<u128>>,
    /// The way of the last packet: the next one mostly goes there too. It holds as long as the table, which is computed anew whenever
    /// somebody moves.
    last: Cell<Option<(IpAddr, Path)>>,
}

/// The way out of a node by its routes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    pub(crate) interface: u16,
    /// Who has the address of the next hop, if anybody has.
    pub(crate) neighbor: Option<LinkId>,
}

impl RouteTable {
    pub(crate) fn new(mut routes: Vec<Route>) -> RouteTable {
        routes.sort_by_key(|route| {
            let prefix = route.prefix;
            (
                prefix.is_ipv4(),
                std::cmp::Reverse(prefix.length()),
                prefix,
                route.metric,
                route.interface,
                route.via,
            )
        });
        routes.dedup_by(|b, a| (a.prefix, a.via, a.interface) == (b.prefix, b.via, b.interface));
        let mut table = RouteTable::default();
        for (place, route) in routes.iter().enumerate() {
            let place = place as u32;
            match route.prefix.address() {
                IpAddr::V4(address) => {
                    insert(&mut table.v4, mask_v4(route.prefix.length()), address.into(), place);
                }
                IpAddr::V6(address) => {
                    insert(&mut table.v6, mask_v6(route.prefix.length()), address.into(), place);
                }
            }
        }
        table.routes = routes;
        table
    }

    /// The best route to a destination; `only` out of one interface, if given.
    pub(crate) fn lookup(&self, destination: IpAddr, only: Option<u16>) -> Option<&Route> {
        match destination {
            IpAddr::V4(address) => {
                let address = u32::from(address);
                self.v4.iter().find_map(|level| self.pick(level.find(address & level.mask)?, only))
            }
            IpAddr::V6(address) => {
                let address = u128::from(address);
                self.v6.iter().find_map(|level| self.pick(level.find(address & level.mask)?, only))
            }
        }
    }

    /// The way of the last packet, if it went to the same destination.
    #[inline]
    pub(crate) fn remembered(&self, destination: IpAddr) -> Option<Path> {
        self.last.get().filter(|(last, _)| *last == destination).map(|(_, path)| path)
    }

    /// Remembers the way of a packet.
    pub(crate) fn remember(&self, destination: IpAddr, path: Path) {
        self.last.set(Some((destination, path)));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }

    /// The best of the routes to one prefix, of which the first is at `place`.
    fn pick(&self, place: u32, only: Option<u16>) -> Option<&Route> {
        let first = self.routes.get(place as usize)?;
        let Some(only) = only else { return Some(first) };
        let same = self.routes[place as usize..].iter().take_while(|route| route.prefix == first.prefix);
        same.into_iter().find(|route| route.interface == only)
    }
}

impl<K: Ord + Copy> Level<K> {
    fn find(&self, key: K) -> Option<u32> {
        let place = self.keys.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(self.keys[place].1)
    }
}

/// Adds a route; routes come sorted, so that only the first of a prefix is remembered.
fn insert<K: Ord + Copy>(levels: &mut Vec<Level<K>>, mask: K, key: K, place: u32) {
    if levels.last().is_none_or(|level| level.mask != mask) {
        levels.push(Level { mask, keys: Vec::new() });
    }
    let keys = &mut levels.last_mut().expect("just pushed").keys;
    if keys.last().is_none_or(|(last, _)| *last != key) {
        keys.push((key, place));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn route(prefix: Prefix, interface: u16, metric: u32) -> Route {
        Route { prefix, via: None, interface, metric, neighbor: None }
    }

    /// By looking at every route.
    fn reference(routes: &[Route], destination: IpAddr, only: Option<u16>) -> Option<&Route> {
        routes
            .iter()
            .filter(|route| route.prefix.contains(destination))
            .filter(|route| only.is_none_or(|only| route.interface == only))
            .max_by_key(|route| (route.prefix.length(), std::cmp::Reverse((route.metric, route.interface))))
    }

    fn any_prefix() -> impl Strategy<Value = Prefix> {
        // Few distinct bits, so that prefixes nest and repeat.
        (0u32..8, 0u8..=32, any::<bool>()).prop_map(|(bits, length, v6)| {
            let v4 = bits << 29 | bits;
            let address: IpAddr =
                if v6 { IpAddr::V6((u128::from(v4) << 96).into()) } else { IpAddr::V4(v4.into()) };
            Prefix::new(address, length).expect("at most 32")
        })
    }

    proptest! {
        #[test]
        fn the_longest_prefix_then_the_lowest_metric_wins(
            routes in prop::collection::vec((any_prefix(), 0u16..3, 0u32..3), 0..30),
            bits in 0u32..8, v6: bool, only in prop::option::of(0u16..3)
        ) {
            let routes: Vec<Route> = routes.into_iter().map(|(prefix, interface, metric)| route(prefix, interface, metric)).collect();
            let table = RouteTable::new(routes.clone());
            let v4 = bits << 29 | bits;
            let destination: IpAddr = if v6 { IpAddr::V6((u128::from(v4) << 96).into()) } else { IpAddr::V4(v4.into()) };
            let expected = reference(&routes, destination, only).map(|route| (route.prefix, route.metric, route.interface));
            let found = table.lookup(destination, only).map(|route| (route.prefix, route.metric, route.interface));
            prop_assert_eq!(found, expected);
        }
    }
}
