//! A topology as trees: which node is the root of each connected part, and what hangs under what. Nothing about where it is drawn.

use std::collections::VecDeque;

use rtclab_trace::{NodeId, NodeKind, Topology};

/// Spanning trees of all connected parts.
#[derive(Debug)]
pub(super) struct Forest {
    roots: Vec<NodeId>,
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
        let mut forest = Forest { roots: Vec::new(), children: vec![Vec::new(); count], neighbors };
        let mut seen = vec![false; count];
        for start in (0..count).map(|index| NodeId(index as u16)) {
            if seen[usize::from(start.0)] {
                continue;
            }
            let part = forest.reach(start);
            let root = forest.root_of(topology, &part);
            forest.span(root, &mut seen);
            forest.roots.push(root);
        }
        forest.sort_children();
        forest
    }

    pub(super) fn roots(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.roots.iter().copied()
    }

    pub(super) fn children(&self, node: NodeId) -> &[NodeId] {
        &self.children[usize::from(node.0)]
    }

    /// Whether the part around a root is a chain without branches or rings.
    pub(super) fn is_path(&self, root: NodeId) -> bool {
        let part = self.reach(root);
        let degrees: usize = part.iter().map(|node| self.neighbors(*node).len()).sum();
        part.iter().all(|node| self.neighbors(*node).len() <= 2) && degrees / 2 == part.len() - 1
    }

    /// The nodes of a chain, beginning with the end that has the smaller id.
    pub(super) fn chain(&self, root: NodeId) -> Vec<NodeId> {
        let part = self.reach(root);
        let end = part.iter().copied().filter(|node| self.neighbors(*node).len() <= 1).min();
        let Some(mut at) = end else { return part };
        let mut chain = vec![at];
        while let Some(&next) = self.neighbors(at).iter().find(|next| !chain.contains(next)) {
            chain.push(next);
            at = next;
        }
        chain
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
    fn reach(&self, start: NodeId) -> Vec<NodeId> {
        let mut seen = vec![false; self.neighbors.len()];
        seen[usize::from(start.0)] = true;
        let mut queue = VecDeque::from([start]);
        let mut part = Vec::new();
        while let Some(node) = queue.pop_front() {
            part.push(node);
            for &next in self.neighbors(node) {
                if !std::mem::replace(&mut seen[usize::from(next.0)], true) {
                    queue.push_back(next);
                }
            }
        }
        part.sort_unstable();
        part
    }

    /// The network with the most attachments; without one, the node with the most links.
    fn root_of(&self, topology: &Topology, part: &[NodeId]) -> NodeId {
        let rank = |node: &NodeId| {
            let is_network = topology.node(*node).kind == NodeKind::Switch;
            (is_network, self.neighbors(*node).len(), std::cmp::Reverse(*node))
        };
        part.iter().copied().max_by_key(rank).unwrap_or(NodeId(0))
    }

    /// Breadth first, so that a node hangs as near to the root as it can.
    fn span(&mut self, root: NodeId, seen: &mut [bool]) {
        seen[usize::from(root.0)] = true;
        let mut queue = VecDeque::from([root]);
        while let Some(node) = queue.pop_front() {
            for next in self.neighbors[usize::from(node.0)].clone() {
                if !std::mem::replace(&mut seen[usize::from(next.0)], true) {
                    self.children[usize::from(node.0)].push(next);
                    queue.push_back(next);
                }
            }
        }
    }

    /// Branches in the order of the first leaf in each, so that `alice` with everything above her stands left of `bob`.
    fn sort_children(&mut self) {
        let firsts: Vec<NodeId> =
            (0..self.children.len()).map(|index| self.first_leaf(NodeId(index as u16))).collect();
        for list in &mut self.children {
            list.sort_by_key(|child| firsts[usize::from(child.0)]);
        }
    }

    fn first_leaf(&self, node: NodeId) -> NodeId {
        let mut pending = vec![node];
        let mut first: Option<NodeId> = None;
        while let Some(at) = pending.pop() {
            let children = self.children(at);
            if children.is_empty() {
                first = Some(first.map_or(at, |best| best.min(at)));
            }
            pending.extend_from_slice(children);
        }
        first.unwrap_or(node)
    }
}
