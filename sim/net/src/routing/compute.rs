//! The routing tables of a topology: every network is announced to every node by shortest paths, within what NATs let through.
//! Not here: looking routes up.
//!
//! A NAT does not announce its IPv4 inside to its outside; IPv6 passes it like a router. NATs and firewalls announce a default route to
//! their inside. Hosts use the first router, or NAT or firewall from inside, of each of their networks as default gateway.

use std::collections::BTreeSet;
use std::net::IpAddr;

use petgraph::algo::dijkstra;
use petgraph::graph::{DiGraph, NodeIndex};
use rtclab_trace::{LinkId, NodeId};

use super::{BY_DISCOVERY, Route, RouteTable};
use crate::node::{Interface, Kind, Node};
use crate::plan::Side;
use crate::prefix::Prefix;

/// Default routes lose against routes that are known, and among each other by the order of interfaces.
const DEFAULT_METRIC: u32 = 1 << 16;

/// A network or a link between two nodes: what shares prefixes.
#[derive(Debug, Default)]
struct Segment {
    /// Nodes on it, with their interface.
    members: Vec<(usize, u16)>,
    prefixes: BTreeSet<Prefix>,
}

/// The topology as routing sees it: segments joined by nodes that forward.
struct Map<'a> {
    nodes: &'a [Node],
    segments: Vec<Segment>,
    /// The segment of each interface of each node; none for an interface that is not plugged in.
    segment_of: Vec<Vec<usize>>,
}

/// What an announcement is about: decides what NATs and firewalls do with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Prefix { ipv4: bool },
    Default { ipv4: bool },
}

impl About {
    fn ipv4(self) -> bool {
        let (About::Prefix { ipv4 } | About::Default { ipv4 }) = self;
        ipv4
    }
}

/// The prefixes that an interface is on.
pub(crate) fn connected(interface: &Interface) -> impl Iterator<Item = Prefix> + '_ {
    interface.addresses.iter().filter_map(|&(address, length)| Prefix::new(address, length))
}

/// Computes the tables of all nodes. `ends` names the nodes of each link.
pub(crate) fn compute(nodes: &mut [Node], ends: &[[NodeId; 2]]) {
    let map = Map::new(nodes, ends.len());
    let mut routes: Vec<Vec<Route>> = nodes.iter().map(connected_routes).collect();
    for ipv4 in [true, false] {
        let announcing = map.graph(About::Prefix { ipv4 });
        for target in 0..map.segments.len() {
            map.announce_segment(target, ipv4, &announcing, &mut routes);
        }
        map.announce_defaults(ipv4, &mut routes);
        map.set_gateways(ipv4, &mut routes);
    }
    let mut tables = Vec::with_capacity(nodes.len());
    for (node, mut routes) in nodes.iter().zip(routes) {
        routes.extend(static_routes(node));
        prune(node, &mut routes);
        for route in &mut routes {
            route.neighbor = route.via.and_then(|via| neighbor(nodes, ends, node, route.interface, via));
        }
        tables.push(RouteTable::new(routes));
    }
    for (node, table) in nodes.iter_mut().zip(tables) {
        node.routes = table;
    }
}

/// The link end that has an address on the network of an interface, where that is known without asking.
pub(crate) fn neighbor(
    nodes: &[Node],
    ends: &[[NodeId; 2]],
    node: &Node,
    interface: u16,
    address: IpAddr,
) -> Option<LinkId> {
    let interface = &node.interfaces[usize::from(interface)];
    if interface.mac.is_some() {
        return Some(BY_DISCOVERY);
    }
    match interface.network {
        Some(network) => match &nodes[usize::from(network.0)].kind {
            Kind::Switch(switch) => switch.neighbors.get(&address).copied(),
            _ => None,
        },
        None => {
            let peer = ends[interface.link.0 as usize][interface.direction.to_end()];
            let peer = &nodes[usize::from(peer.0)];
            let end = peer.interfaces.iter().find(|end| end.link == interface.link && end.has(address));
            end.map(|end| end.link)
        }
    }
}

fn connected_routes(node: &Node) -> Vec<Route> {
    let mut routes = Vec::new();
    for (number, interface) in node.interfaces.iter().enumerate() {
        for prefix in connected(interface) {
            routes.push(Route { prefix, via: None, interface: number as u16, metric: 0, neighbor: None });
        }
    }
    routes
}

fn static_routes(node: &Node) -> impl Iterator<Item = Route> + '_ {
    node.static_routes.iter().filter_map(|&(prefix, via)| {
        let on = |interface: &Interface| connected(interface).any(|prefix| prefix.contains(via));
        let interface = node.interfaces.iter().position(on)? as u16;
        Some(Route { prefix, via: Some(via), interface, metric: 0, neighbor: None })
    })
}

/// A host does not keep what its default route says already.
fn prune(node: &Node, routes: &mut Vec<Route>) {
    if !matches!(node.kind, Kind::Host) {
        return;
    }
    let defaults: Vec<(bool, Option<IpAddr>, u16)> = routes
        .iter()
        .filter(|route| route.prefix.length() == 0)
        .map(|route| (route.prefix.is_ipv4(), route.via, route.interface))
        .collect();
    // With two defaults the specific routes say which one is nearer.
    for ipv4 in [true, false] {
        let of_family: Vec<_> = defaults.iter().filter(|(family, _, _)| *family == ipv4).collect();
        if let [&(_, via, interface)] = of_family[..] {
            routes.retain(|route| {
                route.prefix.length() == 0
                    || route.prefix.is_ipv4() != ipv4
                    || (route.via, route.interface) != (via, interface)
            });
        }
    }
}

/// A way that a node hears of: how long it is, the metric of its own interface, that interface, who offers it, and where; the least is the best.
type Offer = (u32, u32, u16, usize, IpAddr);

impl Map<'_> {
    fn new(nodes: &[Node], links: usize) -> Map<'_> {
        // A network's segment has the network's number, a link's comes behind all nodes.
        let mut segments: Vec<Segment> = Vec::new();
        segments.resize_with(nodes.len() + links, Segment::default);
        let mut segment_of = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let mut own = Vec::with_capacity(node.interfaces.len());
            for (number, interface) in node.interfaces.iter().enumerate() {
                let segment = match interface.network {
                    Some(network) => usize::from(network.0),
                    None => nodes.len() + interface.link.0 as usize,
                };
                segments[segment].members.push((index, number as u16));
                segments[segment].prefixes.extend(connected(interface));
                own.push(segment);
            }
            segment_of.push(own);
            if let Kind::Switch(switch) = &node.kind {
                segments[index].prefixes.extend(&switch.prefixes);
            }
        }
        Map { nodes, segments, segment_of }
    }

    /// Whether a node passes an announcement that it heard on one interface on to another.
    fn passes(&self, node: usize, from: u16, to: u16, about: About) -> bool {
        let node = &self.nodes[node];
        let outward = (node.side(from), node.side(to)) == (Side::Inside, Side::Outside);
        match (&node.kind, about) {
            (Kind::Host | Kind::Switch(_), _) => false,
            (Kind::Router, _) => true,
            (Kind::Nat(_), About::Prefix { ipv4: true }) => !outward,
            (Kind::Nat(_) | Kind::Firewall(_), About::Prefix { .. }) => true,
            (Kind::Nat(_) | Kind::Firewall(_), About::Default { .. }) => !outward,
        }
    }

    /// An edge from each segment to each that hears of it.
    fn graph(&self, about: About) -> DiGraph<(), ()> {
        let mut graph = DiGraph::with_capacity(self.segments.len(), self.segments.len());
        for _ in &self.segments {
            graph.add_node(());
        }
        for (index, own) in self.segment_of.iter().enumerate() {
            for (from, &from_segment) in own.iter().enumerate() {
                for (to, &to_segment) in own.iter().enumerate() {
                    if from_segment != to_segment && self.passes(index, from as u16, to as u16, about) {
                        graph.update_edge(NodeIndex::new(from_segment), NodeIndex::new(to_segment), ());
                    }
                }
            }
        }
        graph
    }

    /// What one network is announced as, to everyone who hears of it.
    fn announce_segment(
        &self,
        target: usize,
        ipv4: bool,
        announcing: &DiGraph<(), ()>,
        routes: &mut [Vec<Route>],
    ) {
        let prefixes = self.segments[target].prefixes.iter().filter(|prefix| prefix.is_ipv4() == ipv4);
        if prefixes.clone().next().is_none() {
            return;
        }
        let distances = dijkstra(announcing, NodeIndex::new(target), None, |_| 1u32);
        // Read by index, so that the order of the map does not matter.
        let distance: Vec<Option<u32>> =
            (0..self.segments.len()).map(|on| distances.get(&NodeIndex::new(on)).copied()).collect();
        let learned =
            self.learn(&distance, About::Prefix { ipv4 }, |node, _| !self.segment_of[node].contains(&target));
        for (node, route) in learned {
            for &prefix in prefixes.clone() {
                routes[node].push(Route { prefix, ..route.clone() });
            }
        }
    }

    /// The best way that each node hears of, given how far each segment is.
    fn learn(
        &self,
        distance: &[Option<u32>],
        about: About,
        wants: impl Fn(usize, u16) -> bool,
    ) -> Vec<(usize, Route)> {
        let mut best: Vec<Option<Offer>> = vec![None; self.nodes.len()];
        for (on, segment) in self.segments.iter().enumerate() {
            let speakers = self.speakers(on, distance, about);
            for &(node, interface) in &segment.members {
                if !wants(node, interface)
                    || self.nodes[node].interfaces[usize::from(interface)].first(about.ipv4()).is_none()
                {
                    continue;
                }
                let Some(&(cost, speaker, address)) =
                    speakers.iter().find(|(_, speaker, _)| *speaker != node)
                else {
                    continue;
                };
                // Of equally short ways the interface with the lowest metric.
                let metric = self.nodes[node].interfaces[usize::from(interface)].metric;
                let offer = (cost, metric.unwrap_or(interface.into()), interface, speaker, address);
                if best[node].is_none_or(|best| offer < best) {
                    best[node] = Some(offer);
                }
            }
        }
        let route = |(cost, _, interface, _, address)| Route {
            prefix: if about.ipv4() { Prefix::ANY_V4 } else { Prefix::ANY_V6 },
            via: Some(address),
            interface,
            metric: cost,
            neighbor: None,
        };
        best.into_iter().enumerate().filter_map(|(node, best)| Some((node, route(best?)))).collect()
    }

    /// Who announces on a segment and at which cost: the best two, so that everyone finds one besides itself.
    fn speakers(&self, on: usize, distance: &[Option<u32>], about: About) -> Vec<(u32, usize, IpAddr)> {
        let mut speakers: Vec<(u32, usize, IpAddr)> = Vec::new();
        for &(node, to) in &self.segments[on].members {
            let Some(address) = self.nodes[node].interfaces[usize::from(to)].first(about.ipv4()) else {
                continue;
            };
            let heard = self.segment_of[node]
                .iter()
                .enumerate()
                .filter(|&(from, &segment)| segment != on && self.passes(node, from as u16, to, about));
            if let Some(cost) = heard.filter_map(|(_, &segment)| distance[segment]).min() {
                speakers.push((cost + 1, node, address));
            }
        }
        speakers.sort_unstable();
        speakers.dedup_by_key(|(_, node, _)| *node);
        speakers.truncate(2);
        speakers
    }

    /// Default routes of routers: towards the nearest NAT or firewall whose inside they are on.
    fn announce_defaults(&self, ipv4: bool, routes: &mut [Vec<Route>]) {
        let about = About::Default { ipv4 };
        let mut graph = self.graph(about);
        let origin = graph.add_node(());
        let mut borders: Vec<(usize, IpAddr)> = Vec::new();
        for (on, segment) in self.segments.iter().enumerate() {
            for &(node, interface) in &segment.members {
                if let Some(address) = self.border(node, interface, ipv4) {
                    graph.update_edge(origin, NodeIndex::new(on), ());
                    borders.push((on, address));
                }
            }
        }
        if borders.is_empty() {
            return;
        }
        let found = dijkstra(&graph, origin, None, |_| 1u32);
        let distance: Vec<Option<u32>> =
            (0..self.segments.len()).map(|on| found.get(&NodeIndex::new(on)).copied()).collect();
        let is_router = |node: usize| matches!(self.nodes[node].kind, Kind::Router);
        // On the border's own network it is the border that speaks, further in whoever passes the word on.
        for (on, address) in borders {
            for &(node, interface) in self.segments[on].members.iter().filter(|(node, _)| is_router(*node)) {
                let prefix = any(ipv4);
                routes[node].push(Route {
                    prefix,
                    via: Some(address),
                    interface,
                    metric: DEFAULT_METRIC,
                    neighbor: None,
                });
            }
        }
        for (node, route) in self.learn(&distance, about, |node, _| is_router(node)) {
            routes[node].push(Route { metric: DEFAULT_METRIC + route.metric, ..route });
        }
    }

    /// The address of a NAT or firewall on its inside, for those who want to get out.
    fn border(&self, node: usize, interface: u16, ipv4: bool) -> Option<IpAddr> {
        let own = &self.nodes[node];
        let inside = own.side(interface) == Side::Inside;
        let is_border = matches!(own.kind, Kind::Nat(_) | Kind::Firewall(_));
        (is_border && inside).then(|| own.interfaces[usize::from(interface)].first(ipv4)).flatten()
    }

    /// Default gateways of hosts, and of NATs and firewalls on their outside.
    fn set_gateways(&self, ipv4: bool, routes: &mut [Vec<Route>]) {
        for segment in &self.segments {
            let mut gateways: Vec<(bool, usize, IpAddr)> = Vec::new();
            for &(node, interface) in &segment.members {
                let own = &self.nodes[node];
                let router = matches!(own.kind, Kind::Router)
                    .then(|| own.interfaces[usize::from(interface)].first(ipv4))
                    .flatten();
                if let Some(address) = self.border(node, interface, ipv4) {
                    gateways.push((false, node, address));
                } else if let Some(address) = router {
                    gateways.push((true, node, address));
                }
            }
            gateways.sort_unstable();
            for &(node, interface) in &segment.members {
                let own = &self.nodes[node];
                let wants = match own.kind {
                    Kind::Host => true,
                    Kind::Nat(_) | Kind::Firewall(_) => own.side(interface) == Side::Outside,
                    Kind::Router | Kind::Switch(_) => false,
                };
                let has_family = own.interfaces[usize::from(interface)].first(ipv4).is_some();
                let gateway = gateways.iter().find(|(_, gateway, _)| *gateway != node);
                if let (true, true, Some(&(_, _, via))) = (wants, has_family, gateway) {
                    let own_metric = own.interfaces[usize::from(interface)].metric;
                    let metric = DEFAULT_METRIC.saturating_add(own_metric.unwrap_or(interface.into()));
                    let prefix = any(ipv4);
                    routes[node].push(Route { prefix, via: Some(via), interface, metric, neighbor: None });
                }
            }
        }
    }
}

fn any(ipv4: bool) -> Prefix {
    if ipv4 { Prefix::ANY_V4 } else { Prefix::ANY_V6 }
}
