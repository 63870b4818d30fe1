//! What there is: nodes and networks on a graph, before any of it runs. Not here: numbering ([`numbering`]), the nodes made of it
//! ([`build`]), routes (`routing`).

mod build;
mod numbering;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::visit::EdgeRef as _;
use rtclab_trace::{LinkId, NodeId, NodeKind};

use crate::error::PlanError;
use crate::firewall::FirewallConfig;
use crate::link::LinkProperties;
use crate::nat::NatConfig;
use crate::prefix::Prefix;

pub(crate) use build::Blueprint;
pub(crate) use numbering::{check_address, free_address};

/// Which side of a NAT or a firewall an interface is on. It means nothing on other nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Side {
    /// The side that is translated or protected.
    #[default]
    Inside,
    /// The side of the rest of the world.
    Outside,
}

/// Which address families are numbered automatically.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Families {
    /// IPv4 alone.
    #[default]
    V4,
    /// IPv6 alone.
    V6,
    /// Both.
    Dual,
}

impl Families {
    pub(crate) fn has(self, ipv4: bool) -> bool {
        self == Families::Dual || (self == Families::V4) == ipv4
    }
}

/// How a node is attached: everything that may be left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attachment {
    pub(crate) interface: Option<String>,
    pub(crate) addresses: Vec<(IpAddr, u8)>,
    pub(crate) families: Option<Families>,
    pub(crate) link: Option<LinkProperties>,
    pub(crate) side: Side,
    pub(crate) metric: Option<u32>,
}

impl Attachment {
    /// An interface named in order, numbered by the network, inside, with the network's link properties.
    pub fn new() -> Attachment {
        Attachment::default()
    }

    /// With this name for the interface.
    pub fn interface(mut self, name: impl Into<String>) -> Attachment {
        self.interface = Some(name.into());
        self
    }

    /// With this address too. Addresses that are given replace automatic numbering.
    pub fn address(mut self, address: IpAddr, prefix_length: u8) -> Attachment {
        self.addresses.push((address, prefix_length));
        self
    }

    /// Numbered in these families only.
    pub fn families(mut self, families: Families) -> Attachment {
        self.families = Some(families);
        self
    }

    /// With link properties other than the network's; forward is from the node to the network.
    pub fn link(mut self, link: impl Into<LinkProperties>) -> Attachment {
        self.link = Some(link.into());
        self
    }

    /// With this metric: of a host's default routes the lowest is taken. Without, they are taken in the order of interfaces, from 0.
    pub fn metric(mut self, metric: u32) -> Attachment {
        self.metric = Some(metric);
        self
    }

    /// On the outside of a NAT or firewall.
    pub fn outside(mut self) -> Attachment {
        self.side = Side::Outside;
        self
    }
}

#[derive(Clone, Debug)]
pub(crate) enum PlanKind {
    Network { prefixes: Vec<Prefix>, families: Families, link: Box<LinkProperties>, ethernet: bool },
    Host,
    Router,
    Nat(Box<NatConfig>),
    Firewall(Box<FirewallConfig>),
}

#[derive(Clone, Debug)]
pub(crate) struct PlanNode {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) kind: PlanKind,
    pub(crate) routes: Vec<(Prefix, IpAddr)>,
    interfaces: BTreeSet<String>,
}

/// One end of a link. The end on a network has no addresses.
#[derive(Clone, Debug)]
pub(crate) struct PlanEnd {
    pub(crate) node: NodeId,
    pub(crate) interface: String,
    pub(crate) addresses: Vec<(IpAddr, u8)>,
    pub(crate) families: Option<Families>,
    pub(crate) side: Side,
    pub(crate) metric: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct PlanLink {
    pub(crate) ends: [PlanEnd; 2],
    pub(crate) properties: LinkProperties,
}

/// What there is: the topology of a world, with as much left to the plan as its author likes.
///
/// Node and link ids are those of the trace, in the order of adding.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub(crate) graph: UnGraph<PlanNode, PlanLink, u32>,
    names: BTreeMap<String, NodeId>,
}

impl Plan {
    /// Nothing yet.
    pub fn new() -> Plan {
        Plan::default()
    }

    /// Adds a network: a switch, to which nodes are attached with a link each of these properties. Without prefixes it is numbered
    /// automatically, in IPv4 unless [`Plan::set_families`] says otherwise.
    pub fn add_network(
        &mut self,
        name: &str,
        prefixes: &[Prefix],
        link: impl Into<LinkProperties>,
    ) -> Result<NodeId, PlanError> {
        let link = link.into();
        check_link(&link)?;
        let (prefixes, families) = (prefixes.to_vec(), Families::default());
        let kind = PlanKind::Network { prefixes, families, link: Box::new(link), ethernet: false };
        self.add(name, kind)
    }

    /// Says in which families a network without prefixes is numbered.
    pub fn set_families(&mut self, network: NodeId, families: Families) -> Result<(), PlanError> {
        let node = self.node_mut(network)?;
        match &mut node.kind {
            PlanKind::Network { families: own, .. } => *own = families,
            _ => return Err(PlanError::NotANetwork(node.name.clone())),
        }
        Ok(())
    }

    /// Makes a network one of Ethernet: its links carry frames, its switch learns where stations are, and who has an address is found out by ARP
    /// and neighbor discovery.
    pub fn set_ethernet(&mut self, network: NodeId) -> Result<(), PlanError> {
        let node = self.node_mut(network)?;
        match &mut node.kind {
            PlanKind::Network { ethernet, .. } => *ethernet = true,
            _ => return Err(PlanError::NotANetwork(node.name.clone())),
        }
        Ok(())
    }

    /// Adds a host: an end system that runs programs and does not forward.
    pub fn add_host(&mut self, name: &str) -> Result<NodeId, PlanError> {
        self.add(name, PlanKind::Host)
    }

    /// Adds a router.
    pub fn add_router(&mut self, name: &str) -> Result<NodeId, PlanError> {
        self.add(name, PlanKind::Router)
    }

    /// Adds a NAT: a router that translates between its inside and its outside.
    pub fn add_nat(&mut self, name: &str, config: NatConfig) -> Result<NodeId, PlanError> {
        if let Some(problem) = config.problem() {
            return Err(PlanError::BadNat { node: name.into(), problem });
        }
        self.add(name, PlanKind::Nat(Box::new(config)))
    }

    /// Adds a firewall: a router that filters between its inside and its outside.
    pub fn add_firewall(&mut self, name: &str, config: FirewallConfig) -> Result<NodeId, PlanError> {
        self.add(name, PlanKind::Firewall(Box::new(config)))
    }

    /// Says what a node is in a few words, for people: `peer`, `STUN server`.
    pub fn set_role(&mut self, node: NodeId, role: impl Into<String>) -> Result<(), PlanError> {
        self.node_mut(node)?.role = role.into();
        Ok(())
    }

    /// Attaches a node to a network. The link's first end is the node.
    pub fn attach(
        &mut self,
        node: NodeId,
        network: NodeId,
        attachment: Attachment,
    ) -> Result<LinkId, PlanError> {
        let PlanKind::Network { link, .. } = &self.node(network)?.kind else {
            return Err(PlanError::NotANetwork(self.node(network)?.name.clone()));
        };
        let properties = attachment.link.clone().unwrap_or_else(|| LinkProperties::clone(link));
        let end = self.end(node, attachment)?;
        let port = self.node(node)?.name.clone();
        let port = free_name(&self.node(network)?.interfaces, &port);
        let socket = PlanEnd {
            node: network,
            interface: port.clone(),
            addresses: Vec::new(),
            families: None,
            side: Side::Inside,
            metric: None,
        };
        self.node_mut(network)?.interfaces.insert(port);
        self.add_link(PlanLink { ends: [end, socket], properties })
    }

    /// Connects two nodes by a link of their own, numbered automatically.
    pub fn connect(
        &mut self,
        a: NodeId,
        b: NodeId,
        link: impl Into<LinkProperties>,
    ) -> Result<LinkId, PlanError> {
        self.connect_as(a, Attachment::new().link(link), b, Attachment::new())
    }

    /// Connects two nodes by a link of their own, whose properties and families are those of the first attachment.
    pub fn connect_as(
        &mut self,
        a: NodeId,
        a_attachment: Attachment,
        b: NodeId,
        b_attachment: Attachment,
    ) -> Result<LinkId, PlanError> {
        self.node(b)?;
        let properties = a_attachment.link.clone().unwrap_or_default();
        let ends = [self.end(a, a_attachment)?, self.end(b, b_attachment)?];
        self.add_link(PlanLink { ends, properties })
    }

    /// Adds a static route. `via` is an address on one of the node's networks.
    pub fn add_route(&mut self, node: NodeId, prefix: Prefix, via: IpAddr) -> Result<(), PlanError> {
        self.node_mut(node)?.routes.push((prefix, via));
        Ok(())
    }

    /// The node of that name.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.names.get(name).copied()
    }

    /// The name of a node, and what it is.
    pub fn describe(&self, node: NodeId) -> Option<(&str, NodeKind)> {
        let node = self.node(node).ok()?;
        Some((&node.name, node.kind.kind()))
    }

    /// The links of a node, in order of adding, with the node at the other end and the name of the interface on this one.
    pub fn links_of(&self, node: NodeId) -> impl Iterator<Item = (LinkId, NodeId, &str)> {
        self.graph.edge_references().filter_map(move |edge| {
            let link = LinkId(edge.id().index() as u32);
            let [a, b] = &edge.weight().ends;
            let (own, other) = if a.node == node { (a, b) } else { (b, a) };
            (own.node == node).then_some((link, other.node, own.interface.as_str()))
        })
    }

    fn add(&mut self, name: &str, kind: PlanKind) -> Result<NodeId, PlanError> {
        if self.names.contains_key(name) {
            return Err(PlanError::DuplicateName(name.into()));
        }
        let id = u16::try_from(self.graph.node_count()).map_err(|_| PlanError::TooManyNodes)?;
        let node = PlanNode {
            name: name.into(),
            role: String::new(),
            kind,
            routes: Vec::new(),
            interfaces: BTreeSet::new(),
        };
        self.graph.add_node(node);
        self.names.insert(name.into(), NodeId(id));
        Ok(NodeId(id))
    }

    fn add_link(&mut self, link: PlanLink) -> Result<LinkId, PlanError> {
        check_link(&link.properties)?;
        let [a, b] = [0, 1].map(|end| index(link.ends[end].node));
        Ok(LinkId(self.graph.add_edge(a, b, link).index() as u32))
    }

    fn end(&mut self, node: NodeId, attachment: Attachment) -> Result<PlanEnd, PlanError> {
        let Attachment { interface, addresses, families, side, metric, .. } = attachment;
        for &(address, length) in &addresses {
            check_address(address, length)?;
        }
        let planned = self.node_mut(node)?;
        let interface = match interface {
            Some(name) if planned.interfaces.contains(&name) => {
                return Err(PlanError::DuplicateInterface { node: planned.name.clone(), interface: name });
            }
            Some(name) => name,
            None => match (&planned.kind, side) {
                (PlanKind::Network { .. }, _) => return Err(PlanError::IsANetwork(planned.name.clone())),
                (PlanKind::Nat(_) | PlanKind::Firewall(_), Side::Inside) => {
                    free_name(&planned.interfaces, "inside")
                }
                (PlanKind::Nat(_) | PlanKind::Firewall(_), Side::Outside) => {
                    free_name(&planned.interfaces, "outside")
                }
                (PlanKind::Host | PlanKind::Router, _) => format!("eth{}", planned.interfaces.len()),
            },
        };
        if matches!(planned.kind, PlanKind::Network { .. }) {
            return Err(PlanError::IsANetwork(planned.name.clone()));
        }
        planned.interfaces.insert(interface.clone());
        Ok(PlanEnd { node, interface, addresses, families, side, metric })
    }

    pub(crate) fn node(&self, id: NodeId) -> Result<&PlanNode, PlanError> {
        self.graph.node_weight(index(id)).ok_or(PlanError::UnknownNode)
    }

    fn node_mut(&mut self, id: NodeId) -> Result<&mut PlanNode, PlanError> {
        self.graph.node_weight_mut(index(id)).ok_or(PlanError::UnknownNode)
    }
}

impl PlanKind {
    pub(crate) fn kind(&self) -> NodeKind {
        match self {
            PlanKind::Network { .. } => NodeKind::Switch,
            PlanKind::Host => NodeKind::Host,
            PlanKind::Router => NodeKind::Router,
            PlanKind::Nat(_) => NodeKind::Nat,
            PlanKind::Firewall(_) => NodeKind::Firewall,
        }
    }
}

pub(crate) fn check_link(link: &LinkProperties) -> Result<(), PlanError> {
    link.problem().map_or(Ok(()), |problem| Err(PlanError::BadLink(problem)))
}

/// `name`, or `name-2`, `name-3` and so on: the first that is not taken.
fn free_name(taken: &BTreeSet<String>, name: &str) -> String {
    if !taken.contains(name) {
        return name.into();
    }
    let mut names = (2u32..).map(|number| format!("{name}-{number}"));
    names.find(|name| !taken.contains(name)).expect("there are more numbers than interfaces")
}

fn index(node: NodeId) -> NodeIndex<u32> {
    NodeIndex::new(usize::from(node.0))
}
