//! Automatic numbering: a prefix for every network that has none, an address for every interface that has none. Not here: routes.
//!
//! Prefixes depend on where a network is: `192.168.N.0/24` inside a NAT, `100.64.N.0/24` where the inside of one NAT is the outside of
//! others (RFC 6598), documentation prefixes (RFC 5737), then those for benchmarks (RFC 2544), outside; in IPv6 `2001:db8:N::/64`
//! (RFC 3849). Forwarding nodes get the first addresses of a network, hosts those from .10 on.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rtclab_trace::NodeId;

use super::{Families, Plan, PlanKind, Side};
use crate::error::PlanError;
use crate::prefix::Prefix;

/// Hosts are numbered from here on where the prefix is large enough, so that gateways stand out.
const FIRST_HOST: u64 = 10;

/// Where a network lies, as far as numbering cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Realm {
    /// The inside of a NAT.
    Private,
    /// The inside of one NAT and the outside of another.
    Shared,
    /// Anything else.
    Public,
}

/// Gives out prefixes, skipping those that the plan names itself.
struct Pool {
    taken: Vec<Prefix>,
    next: [u32; 5],
}

impl Pool {
    fn network(&mut self, realm: Realm, ipv4: bool) -> Result<Prefix, PlanError> {
        match (ipv4, realm) {
            (false, _) => self.take(0, |n| (n < 0xffff).then(|| v6(n + 1))),
            (true, Realm::Private) => self.take(1, |n| (n < 254).then(|| v4([192, 168, n as u8 + 1, 0], 24))),
            (true, Realm::Shared) => {
                self.take(2, |n| (n < 1 << 14).then(|| v4([100, 64 + (n >> 8) as u8, n as u8, 0], 24)))
            }
            (true, Realm::Public) => self.take(3, |n| match n {
                0 => Some(v4([203, 0, 113, 0], 24)),
                1 => Some(v4([198, 51, 100, 0], 24)),
                2 => Some(v4([192, 0, 2, 0], 24)),
                n if n < 3 + 256 => Some(v4([198, 18, (n - 3) as u8, 0], 24)),
                _ => None,
            }),
        }
    }

    /// A prefix for two: 198.19.0.0/16 has 16,384 of them.
    fn link(&mut self, ipv4: bool) -> Result<Prefix, PlanError> {
        if !ipv4 {
            return self.network(Realm::Public, false);
        }
        self.take(4, |n| (n < 1 << 14).then(|| v4([198, 19, (n >> 6) as u8, (n << 2) as u8], 30)))
    }

    fn take(&mut self, kind: usize, nth: impl Fn(u32) -> Option<Prefix>) -> Result<Prefix, PlanError> {
        loop {
            let prefix = nth(self.next[kind]).ok_or(PlanError::NetworksExhausted)?;
            self.next[kind] += 1;
            let overlaps =
                |taken: &Prefix| taken.contains(prefix.address()) || prefix.contains(taken.address());
            if !self.taken.iter().any(overlaps) {
                return Ok(prefix);
            }
        }
    }
}

fn v4(octets: [u8; 4], length: u8) -> Prefix {
    Prefix::new(IpAddr::V4(Ipv4Addr::from(octets)), length).expect("lengths here are at most 32")
}

fn v6(number: u32) -> Prefix {
    let address = Ipv6Addr::new(0x2001, 0xdb8, number as u16, 0, 0, 0, 0, 0);
    Prefix::new(IpAddr::V6(address), 64).expect("64 is at most 128")
}

/// Completes a plan: afterwards every network has prefixes and every interface addresses.
pub(super) fn complete(plan: &mut Plan) -> Result<(), PlanError> {
    let mut pool = Pool { taken: given_prefixes(plan), next: [0; 5] };
    for network in plan.graph.node_indices() {
        let id = NodeId(network.index() as u16);
        let realm = realm(plan, id);
        let mut given = prefixes_on(plan, id);
        let PlanKind::Network { prefixes, families, .. } = &mut plan.graph[network].kind else { continue };
        if prefixes.is_empty() {
            // Addresses that attachments were given say what the network is, as far as they go.
            prefixes.append(&mut given);
            for ipv4 in [true, false].into_iter().filter(|&ipv4| families.has(ipv4)) {
                if !prefixes.iter().any(|prefix| prefix.is_ipv4() == ipv4) {
                    prefixes.push(pool.network(realm, ipv4)?);
                }
            }
        }
        let prefixes = prefixes.clone();
        number_network(plan, id, &prefixes)?;
    }
    number_connections(plan, &mut pool)
}

fn given_prefixes(plan: &Plan) -> Vec<Prefix> {
    let networks = plan.graph.node_weights().filter_map(|node| match &node.kind {
        PlanKind::Network { prefixes, .. } => Some(prefixes.iter().copied()),
        _ => None,
    });
    let addresses = plan.graph.edge_weights().flat_map(|link| &link.ends).flat_map(|end| &end.addresses);
    networks
        .flatten()
        .chain(addresses.filter_map(|&(address, length)| Prefix::new(address, length)))
        .filter(|prefix| prefix.length() > 0)
        .collect()
}

/// The prefixes of all addresses that were given on a network, in order.
fn prefixes_on(plan: &Plan, network: NodeId) -> Vec<Prefix> {
    let links = plan.graph.edge_weights().filter(|link| link.ends[1].node == network);
    let mut prefixes = Vec::new();
    for &(address, length) in links.flat_map(|link| &link.ends[0].addresses) {
        if let Some(prefix) = Prefix::new(address, length).filter(|prefix| !prefixes.contains(prefix)) {
            prefixes.push(prefix);
        }
    }
    prefixes
}

fn realm(plan: &Plan, network: NodeId) -> Realm {
    let on_side = |side: Side| {
        plan.graph.edge_weights().any(|link| {
            let [own, other] = &link.ends;
            other.node == network
                && own.side == side
                && matches!(plan.graph[super::index(own.node)].kind, PlanKind::Nat(_))
        })
    };
    match (on_side(Side::Inside), on_side(Side::Outside)) {
        (true, true) => Realm::Shared,
        (true, false) => Realm::Private,
        (false, _) => Realm::Public,
    }
}

/// Numbers the attachments of a network: forwarding nodes first.
fn number_network(plan: &mut Plan, network: NodeId, prefixes: &[Prefix]) -> Result<(), PlanError> {
    let mut taken = BTreeSet::new();
    let attached: Vec<_> =
        plan.graph.edge_indices().filter(|&link| plan.graph[link].ends[1].node == network).collect();
    let name = plan.node(network)?.name.clone();
    for &link in &attached {
        for &(address, _) in &plan.graph[link].ends[0].addresses {
            if !taken.insert(address) {
                return Err(PlanError::DuplicateAddress { network: name, address });
            }
        }
    }
    for hosts in [false, true] {
        for &link in &attached {
            let end = &plan.graph[link].ends[0];
            let is_host = matches!(plan.node(end.node)?.kind, PlanKind::Host);
            if is_host != hosts || !end.addresses.is_empty() {
                continue;
            }
            let families = end.families.unwrap_or(Families::Dual);
            let mut addresses = Vec::new();
            for &prefix in prefixes.iter().filter(|prefix| families.has(prefix.is_ipv4())) {
                let address = free_address(prefix, is_host, |address| taken.contains(&address))
                    .ok_or(PlanError::PrefixExhausted { network: name.clone(), prefix })?;
                taken.insert(address);
                addresses.push((address, prefix.length()));
            }
            plan.graph[link].ends[0].addresses = addresses;
        }
    }
    Ok(())
}

/// Numbers the links between two nodes that have no addresses on either end.
fn number_connections(plan: &mut Plan, pool: &mut Pool) -> Result<(), PlanError> {
    for link in plan.graph.edge_indices() {
        let [first, second] = &plan.graph[link].ends;
        let on_network = matches!(plan.node(second.node)?.kind, PlanKind::Network { .. });
        if on_network || !(first.addresses.is_empty() && second.addresses.is_empty()) {
            continue;
        }
        let families = first.families.unwrap_or_default();
        for ipv4 in [true, false].into_iter().filter(|&ipv4| families.has(ipv4)) {
            let prefix = pool.link(ipv4)?;
            for (end, number) in plan.graph[link].ends.iter_mut().zip(1..) {
                let address = prefix.nth(number).expect("a prefix for two has two addresses");
                end.addresses.push((address, prefix.length()));
            }
        }
    }
    Ok(())
}

/// The first address of a prefix that is free. The network's own address and the broadcast address are not given.
pub(crate) fn free_address(prefix: Prefix, host: bool, taken: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let usable = |number: u64| {
        let address = prefix.nth(number)?;
        let broadcast = prefix.is_ipv4() && prefix.length() < 31 && address == prefix.last();
        Some((address, !broadcast && !taken(address)))
    };
    let first = if host { FIRST_HOST } else { 1 };
    let free = |from: u64| (from..).map_while(usable).find(|(_, usable)| *usable).map(|(address, _)| address);
    free(first).or_else(|| free(1))
}

/// Whether an interface can have this address.
pub(crate) fn check_address(address: IpAddr, length: u8) -> Result<(), PlanError> {
    if Prefix::new(address, length).is_none() {
        return Err(PlanError::BadPrefixLength { address, length });
    }
    let broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
    if address.is_unspecified() || address.is_loopback() || address.is_multicast() || broadcast {
        return Err(PlanError::BadAddress(address));
    }
    Ok(())
}
