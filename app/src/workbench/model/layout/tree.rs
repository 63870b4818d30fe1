//! A topology as trees: which node is the root of each connected part, and what hangs under what. Nothing about where it is drawn.

use std::cmp::Reverse;
use std::collections::VecDeque;

use rtclab_trace::{NodeId, NodeKind, Topology};

/// A tree is not deeper than this; what is further away hangs under the root. Captures can hold chains of any length.
const DEPTH_MAX: usize = 32;

/// A connected part of a topology.
#[derive(Debug)]
pub(super) struct Connected {
    /// What everything else hangs under.
    pub(super) root: NodeId,
    /// Its nodes from end to end, if it is a chain without branches or rings.
    pub(super) chain: Option<Vec<NodeId>>,
}

/// Spanning trees of all connected parts.
#[derive(Debug)]
pub(super) struct Forest {
    parts: Vec<Connected>,
    children: Vec<Vec<NodeId>>,
    neighbors: Vec<Vec<NodeId>>,
}

impl Forest {
    pub(super) fn of(topology: &Topology) -> Forest {
        let count = topology.nodes().len();
        let mut neighbors: Vec<Vec<NodeId>> = vec![Vec::new(); count];
        for (_, link) in topology.links() {
            let [a, b] = link.nodes;
            neighbors[usize::from(a.0)].push(b);
            neighbors[usize::from(b.0)].push(a);
        }
        for list in &mut neighbors {
            list.sort_unstable();
            list.dedup();
        }
        let mut forest = Forest { parts: Vec::new(), children: vec![Vec::new(); count], neighbors };
        let (mut reached, mut spanned) = (vec![false; count], vec![false; count]);
        for (start, _) in topology.nodes() {
            if reached[usize::from(start.0)] {
                continue;
            }
            let nodes = forest.reach(start, &mut reached);
            let root = forest.root_of(topology, &nodes);
            forest.span(root, &mut spanned);
            let chain = forest.chain(&nodes);
            forest.parts.push(Connected { root, chain });
        }
        forest.sort_children();
        forest
    }

    pub(super) fn parts(&self) -> &[Connected] {
        &self.parts
    }

    pub(super) fn children(&self, node: NodeId) -> &[NodeId] {
        &self.children[usize::from(node.0)]
    }

    /// Whether a child of the root is a server: a leaf whose role says so, and not a peer of a call.
    pub(super) fn serves(&self, topology: &Topology, node: NodeId) -> bool {
        let role = topology.node(node).role.to_ascii_lowercase();
        self.children(node).is_empty() && (role.contains("server") || role.contains("relay"))
    }

    fn neighbors(&self, node: NodeId) -> &[NodeId] {
        &self.neighbors[usize::from(node.0)]
    }

    /// Everything connected to a node, in order of id.
    fn reach(&self, start: NodeId, reached: &mut [bool]) -> Vec<NodeId> {
        reached[usize::from(start.0)] = true;
        let mut queue = VecDeque::from([start]);
        let mut nodes = Vec::new();
        while let Some(node) = queue.pop_front() {
            nodes.push(node);
            for &next in self.neighbors(node) {
                if !std::mem::replace(&mut reached[usize::from(next.0)], true) {
                    queue.push_back(next);
                }
            }
        }
        nodes.sort_unstable();
        nodes
    }

    /// The nodes from end to end, beginning with the end that has the smaller id, if they are a chain.
    fn chain(&self, nodes: &[NodeId]) -> Option<Vec<NodeId>> {
        let degrees: usize = nodes.iter().map(|node| self.neighbors(*node).len()).sum();
        let is_chain =
            nodes.iter().all(|node| self.neighbors(*node).len() <= 2) && degrees / 2 + 1 == nodes.len();
        let end = nodes.iter().copied().find(|node| self.neighbors(*node).len() <= 1).filter(|_| is_chain)?;
        let mut chain = vec![end];
        let (mut before, mut at) = (None, end);
        while let Some(&next) = self.neighbors(at).iter().find(|next| Some(**next) != before) {
            chain.push(next);
            (before, at) = (Some(at), next);
        }
        // A long row would be a thin line; as a tree it has a shape.
        (chain.len() <= 8).then_some(chain)
    }

    /// The network with the most attachments; without one, the node with the most links.
    fn root_of(&self, topology: &Topology, nodes: &[NodeId]) -> NodeId {
        let rank = |node: &NodeId| {
            let is_network = topology.node(*node).kind == NodeKind::Switch;
            (is_network, self.neighbors(*node).len(), Reverse(*node))
        };
        nodes.iter().copied().max_by_key(rank).unwrap_or(NodeId(0))
    }

    /// Breadth first, so that a node hangs as near to the root as it can.
    fn span(&mut self, root: NodeId, spanned: &mut [bool]) {
        spanned[usize::from(root.0)] = true;
        let mut queue = VecDeque::from([(root, 0)]);
        while let Some((node, depth)) = queue.pop_front() {
            let (parent, depth) = if depth < DEPTH_MAX { (node, depth + 1) } else { (root, 1) };
            for next in self.neighbors[usize::from(node.0)].clone() {
                if !std::mem::replace(&mut spanned[usize::from(next.0)], true) {
                    self.children[usize::from(parent.0)].push(next);
                    queue.push_back((next, depth));
                }
            }
        }
    }

    /// Branches in the order of the first leaf in each, so that `alice` with everything above her stands left of `bob`.
    fn sort_children(&mut self) {
        let firsts = self.first_leaves();
        for list in &mut self.children {
            list.sort_by_key(|child| firsts[usize::from(child.0)]);
        }
    }

    /// For each node the leaf with the smallest id under it: children first, then their parents.
    fn first_leaves(&self) -> Vec<NodeId> {
        let mut firsts: Vec<NodeId> = (0..self.children.len()).map(|index| NodeId(index as u16)).collect();
        let mut order: Vec<NodeId> = self.parts.iter().map(|part| part.root).collect();
        let mut next = 0;
        while let Some(&node) = order.get(next) {
            order.extend_from_slice(self.children(node));
            next += 1;
        }
        for node in order.into_iter().rev() {
            let under = self.children(node).iter().map(|child| firsts[usize::from(child.0)]).min();
            firsts[usize::from(node.0)] = under.unwrap_or(node);
        }
        firsts
    }
}
