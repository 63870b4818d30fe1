//! From a plan to the nodes and links of a world. Not here: routes, which are computed from the nodes (`routing`).

use std::net::{IpAddr, Ipv4Addr};

use petgraph::visit::EdgeRef as _;
use rtclab_rtc::Randomness as _;
use rtclab_trace::{Direction, Encapsulation, LinkInfo, NodeId, NodeInfo, Topology};

use super::{Plan, PlanEnd, PlanKind, PlanNode, Side, index, numbering};
use crate::error::PlanError;
use crate::firewall::Firewall;
use crate::host::path_mtu::PathMtus;
use crate::host::reassembly::Reassembly;
use crate::host::sockets::Sockets;
use crate::host::streams::Streams;
use crate::link::LinkProperties;
use crate::nat::Nat;
use crate::node::{Interface, Kind, Node, Switch, mac_of};
use crate::randomness::Stream;
use crate::routing::{RouteTable, connected};
use crate::station::Stations;

/// Everything a world begins with.
#[derive(Debug)]
pub(crate) struct Blueprint {
    pub(crate) topology: Topology,
    pub(crate) nodes: Vec<Node>,
    /// Each with the name of its stream of randomness.
    pub(crate) links: Vec<(LinkProperties, String, Encapsulation)>,
}

impl Plan {
    /// Numbers and checks the plan and makes nodes of it.
    pub(crate) fn build(mut self, seed: u64) -> Result<Blueprint, PlanError> {
        numbering::complete(&mut self)?;
        let mut topology = Topology::default();
        let mut nodes = Vec::with_capacity(self.graph.node_count());
        for at in self.graph.node_indices() {
            let id = NodeId(at.index() as u16);
            let planned = &self.graph[at];
            let kind = planned.kind.kind();
            topology.add_node(NodeInfo { name: planned.name.clone(), kind, role: planned.role.clone() });
            nodes.push(self.node_of(id, planned, seed)?);
        }
        let mut links = Vec::with_capacity(self.graph.edge_count());
        for edge in self.graph.edge_references() {
            let link = edge.weight();
            let [first, second] = &link.ends;
            topology.add_link(LinkInfo {
                nodes: [first.node, second.node],
                interfaces: [first.interface.clone(), second.interface.clone()],
                encapsulation: self.encapsulation(second),
            });
            let name = self.stream_name(first, second);
            links.push((link.properties.clone(), name, self.encapsulation(second)));
        }
        Ok(Blueprint { topology, nodes, links })
    }

    /// How packets on a link begin that leads to this end.
    fn encapsulation(&self, second: &PlanEnd) -> Encapsulation {
        match self.graph[index(second.node)].kind {
            PlanKind::Network { ethernet: true, .. } => Encapsulation::Ethernet,
            _ => Encapsulation::Ip,
        }
    }

    /// Names a link so that other nodes of the plan do not matter: an attachment by the attached end alone.
    fn stream_name(&self, first: &PlanEnd, second: &PlanEnd) -> String {
        let name = |end: &PlanEnd| format!("{}.{}", self.graph[index(end.node)].name, end.interface);
        match self.graph[index(second.node)].kind {
            PlanKind::Network { .. } => name(first),
            _ => format!("{} {}", name(first), name(second)),
        }
    }

    fn node_of(&self, id: NodeId, planned: &PlanNode, seed: u64) -> Result<Node, PlanError> {
        let interfaces = self.interfaces_of(id);
        let random = Stream::new(seed, "node", &planned.name);
        let kind = match &planned.kind {
            PlanKind::Network { prefixes, link, ethernet, .. } => Kind::Switch(Box::new(Switch {
                prefixes: prefixes.clone(),
                link: LinkProperties::clone(link),
                neighbors: self.neighbors_of(id),
                ethernet: *ethernet,
                stations: Stations::default(),
            })),
            PlanKind::Host => Kind::Host,
            PlanKind::Router => Kind::Router,
            PlanKind::Nat(config) => {
                if !has_both_sides(&interfaces) {
                    return Err(PlanError::NatSides(planned.name.clone()));
                }
                let external = outside_ipv4(&interfaces);
                if external.is_empty() {
                    return Err(PlanError::NatWithoutAddress(planned.name.clone()));
                }
                Kind::Nat(Box::new(Nat::new((**config).clone(), external, random.clone())))
            }
            PlanKind::Firewall(config) => {
                if !has_both_sides(&interfaces) {
                    return Err(PlanError::FirewallSides(planned.name.clone()));
                }
                Kind::Firewall(Box::new(Firewall::new((**config).clone())))
            }
        };
        for &(_, via) in &planned.routes {
            if !interfaces.iter().flat_map(connected).any(|prefix| prefix.contains(via)) {
                return Err(PlanError::UnreachableGateway { node: planned.name.clone(), via });
            }
        }
        Ok(Node {
            name: planned.name.clone(),
            kind,
            interfaces: if matches!(planned.kind, PlanKind::Network { .. }) {
                Vec::new()
            } else {
                interfaces
            },
            static_routes: planned.routes.clone(),
            routes: RouteTable::default(),
            sockets: Sockets::new(Stream::new(seed, "ports", &planned.name)),
            streams: Streams::new(Stream::new(seed, "tcp", &planned.name)),
            path_mtus: PathMtus::default(),
            neighbors: None,
            reassembly: Reassembly::default(),
            identification: Stream::new(seed, "identification", &planned.name).u64() as u32,
        })
    }

    fn interfaces_of(&self, node: NodeId) -> Vec<Interface> {
        let mut interfaces = Vec::new();
        for edge in self.graph.edge_references() {
            for (end, direction) in [(0, Direction::Forward), (1, Direction::Backward)] {
                let own = &edge.weight().ends[end];
                let other = &edge.weight().ends[1 - end];
                if own.node != node {
                    continue;
                }
                let network = matches!(self.graph[index(other.node)].kind, PlanKind::Network { .. });
                let mac = (self.encapsulation(other) == Encapsulation::Ethernet)
                    .then(|| mac_of(node, interfaces.len() as u16));
                interfaces.push(Interface {
                    name: own.interface.clone(),
                    link: rtclab_trace::LinkId(edge.id().index() as u32),
                    direction,
                    side: own.side,
                    metric: own.metric,
                    addresses: own.addresses.clone(),
                    network: network.then_some(other.node),
                    mac,
                });
            }
        }
        interfaces
    }

    fn neighbors_of(&self, network: NodeId) -> std::collections::BTreeMap<IpAddr, rtclab_trace::LinkId> {
        let attached = self.graph.edge_references().filter(|edge| edge.weight().ends[1].node == network);
        attached
            .flat_map(|edge| {
                let link = rtclab_trace::LinkId(edge.id().index() as u32);
                edge.weight().ends[0].addresses.iter().map(move |(address, _)| (*address, link))
            })
            .collect()
    }
}

fn has_both_sides(interfaces: &[Interface]) -> bool {
    [Side::Inside, Side::Outside]
        .iter()
        .all(|side| interfaces.iter().any(|interface| interface.side == *side))
}

fn outside_ipv4(interfaces: &[Interface]) -> Vec<Ipv4Addr> {
    let outside = interfaces.iter().filter(|interface| interface.side == Side::Outside);
    outside
        .flat_map(|interface| &interface.addresses)
        .filter_map(|(address, _)| match address {
            IpAddr::V4(address) => Some(*address),
            IpAddr::V6(_) => None,
        })
        .collect()
}
