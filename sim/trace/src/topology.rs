//! What there is: nodes, links and the names of their ends. Fixed for a run; what changes about them is in entries.

use crate::{LinkId, NodeId};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// An end system that runs programs.
    Host,
    /// Forwards IP packets.
    Router,
    /// Joins the links of one network without touching IP.
    Switch,
    /// A router that translates addresses.
    Nat,
    /// A router that filters.
    Firewall,
    /// The far side of a capture: an address, nothing more is known.
    Address,
}

impl NodeKind {
    /// One word, as the command line and the window show it.
    pub const fn word(self) -> &'static str {
        match self {
            NodeKind::Host => "host",
            NodeKind::Router => "router",
            NodeKind::Switch => "network",
            NodeKind::Nat => "NAT",
            NodeKind::Firewall => "firewall",
            NodeKind::Address => "address",
        }
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo {
    /// Its name in the scenario.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// What it runs or which preset it follows, for people: `peer`, `STUN server`, `port-restricted NAT`.
    pub role: String,
}

/// One of the two ways along a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the first end to the second.
    Forward,
    /// From the second end to the first.
    Backward,
}

impl Direction {
    /// The other way.
    pub const fn reverse(self) -> Direction {
        match self {
            Direction::Forward => Direction::Backward,
            Direction::Backward => Direction::Forward,
        }
    }

    /// Index of the end it starts from.
    pub const fn from_end(self) -> usize {
        match self {
            Direction::Forward => 0,
            Direction::Backward => 1,
        }
    }

    /// Index of the end it leads to.
    pub const fn to_end(self) -> usize {
        1 - self.from_end()
    }
}

/// One end of a link, named by link and index (0 or 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkEnd {
    /// The link.
    pub link: LinkId,
    /// 0 for its first end, 1 for its second.
    pub end: u8,
}

/// How the bytes of packets on a link begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encapsulation {
    /// With the IP header.
    Ip,
    /// With an Ethernet header.
    Ethernet,
    /// With the "cooked" header of Linux, version 1.
    LinuxSll,
    /// With the "cooked" header of Linux, version 2.
    LinuxSll2,
    /// With the four-byte family of BSD loopback.
    Null,
    /// In a way that nothing here takes apart: the LINKTYPE number of the capture.
    Other(u16),
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkInfo {
    /// The two nodes it joins.
    pub nodes: [NodeId; 2],
    /// The names of its interfaces on them.
    pub interfaces: [String; 2],
    /// How packets on it begin.
    pub encapsulation: Encapsulation,
}

/// All nodes and links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topology {
    nodes: Vec<NodeInfo>,
    links: Vec<LinkInfo>,
}

impl Topology {
    /// Adds a node. Panics beyond 65,535 nodes, which scenario documents refuse earlier.
    pub fn add_node(&mut self, node: NodeInfo) -> NodeId {
        let id = NodeId(u16::try_from(self.nodes.len()).expect("a world has at most 65,535 nodes"));
        self.nodes.push(node);
        id
    }

    /// Adds a link.
    pub fn add_link(&mut self, link: LinkInfo) -> LinkId {
        let id = LinkId(u32::try_from(self.links.len()).expect("a world has fewer than 2^32 links"));
        self.links.push(link);
        id
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &NodeInfo {
        &self.nodes[usize::from(id.0)]
    }

    /// A link.
    pub fn link(&self, id: LinkId) -> &LinkInfo {
        &self.links[id.0 as usize]
    }

    /// A node, to be renamed or described.
    pub fn node_mut(&mut self, id: NodeId) -> &mut NodeInfo {
        &mut self.nodes[usize::from(id.0)]
    }

    /// Every node with its id.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (NodeId, &NodeInfo)> {
        self.nodes.iter().enumerate().map(|(index, node)| (NodeId(index as u16), node))
    }

    /// Every link with its id.
    pub fn links(&self) -> impl ExactSizeIterator<Item = (LinkId, &LinkInfo)> {
        self.links.iter().enumerate().map(|(index, link)| (LinkId(index as u32), link))
    }

    /// The node of that name.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.nodes().find(|(_, node)| node.name == name).map(|(id, _)| id)
    }

    /// The name of a link's end: `alice.eth0`.
    pub fn end_name(&self, end: LinkEnd) -> String {
        let link = self.link(end.link);
        let side = usize::from(end.end);
        format!("{}.{}", self.node(link.nodes[side]).name, link.interfaces[side])
    }

    /// The node a hop leaves and the node it leads to.
    pub fn hop(&self, link: LinkId, direction: Direction) -> (NodeId, NodeId) {
        let nodes = self.link(link).nodes;
        (nodes[direction.from_end()], nodes[direction.to_end()])
    }
}
