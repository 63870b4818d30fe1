//! One connected part of a topology: a tree under its root, or a row. Where it goes on the map is the map's.

use rtclab_trace::{NodeId, NodeKind, Topology};

use super::Spot;
use super::tree::{Connected, Forest};

/// From one node of a row to the next, in slots: packets need room between them.
const ROW_PITCH: f32 = 1.35;
/// More leaves than this under one node are stacked.
const LEAVES_IN_ROW_MAX: usize = 5;

/// A part that is placed, beginning at the left end and the top level of its own.
#[derive(Debug)]
pub(super) struct Part {
    /// Its nodes.
    pub(super) spots: Vec<Spot>,
    /// Its width, in slots.
    pub(super) width: f32,
}

/// Places a connected part.
pub(super) fn place(topology: &Topology, forest: &Forest, connected: &Connected) -> Part {
    let mut builder = Builder { topology, forest, spots: Vec::new(), base_level: 0 };
    let width = match &connected.chain {
        Some(chain) => builder.row(chain),
        None => builder.tree(connected.root),
    };
    Part { spots: builder.spots, width }
}

struct Builder<'a> {
    topology: &'a Topology,
    forest: &'a Forest,
    spots: Vec<Spot>,
    base_level: usize,
}

impl Builder<'_> {
    fn put(&mut self, node: NodeId, (from, to): (f32, f32), level: usize, stacked: usize) {
        let bar = self.is_bar(node);
        self.spots.push(Spot { node, bar, from, to, level, stacked });
    }

    fn is_bar(&self, node: NodeId) -> bool {
        self.topology.node(node).kind == NodeKind::Switch
    }

    /// A chain, from left to right; returns its width.
    fn row(&mut self, chain: &[NodeId]) -> f32 {
        for (index, &node) in chain.iter().enumerate() {
            let from = index as f32 * ROW_PITCH;
            self.put(node, (from, from + 1.0), 0, 0);
        }
        chain.len().saturating_sub(1) as f32 * ROW_PITCH + 1.0
    }

    /// A tree with what only serves above its root; returns its width.
    fn tree(&mut self, root: NodeId) -> f32 {
        let forest = self.forest;
        let (servers, below): (Vec<NodeId>, Vec<NodeId>) =
            forest.children(root).iter().partition(|&&child| forest.serves(self.topology, child));
        self.base_level = usize::from(!servers.is_empty());
        let below_width = self.children(&below, 0, 0.0);
        let width = below_width.max(servers.len() as f32).max(1.0);
        for spot in &mut self.spots {
            spot.from += (width - below_width) / 2.0;
            spot.to += (width - below_width) / 2.0;
        }
        let pitch = width / servers.len().max(1) as f32;
        for (index, &node) in servers.iter().enumerate() {
            let middle = pitch * (index as f32 + 0.5);
            self.put(node, (middle - 0.5, middle + 0.5), 0, 0);
        }
        let span = self.span(root, 0.0, width);
        self.put(root, span, self.base_level, 0);
        width
    }

    /// A network spans what hangs under it; anything else stands over its middle.
    fn span(&self, node: NodeId, left: f32, width: f32) -> (f32, f32) {
        let middle = left + width / 2.0;
        if self.is_bar(node) { (left, left + width) } else { (middle - 0.5, middle + 0.5) }
    }

    /// Places nodes beside each other, each with its tree, from `left` on; returns how many slots they take. The depth of the recursion is
    /// that of the forest, which is bounded.
    fn children(&mut self, children: &[NodeId], depth: usize, left: f32) -> f32 {
        let (leaves, inner): (Vec<NodeId>, Vec<NodeId>) =
            children.iter().partition(|&&child| self.forest.children(child).is_empty());
        let is_crowded = leaves.len() > LEAVES_IN_ROW_MAX;
        let beside: &[NodeId] = if is_crowded { &inner } else { children };
        let mut at = left;
        for &child in beside {
            at += self.subtree(child, depth + 1, at);
        }
        if is_crowded {
            at += self.stack(&leaves, depth + 1, at);
        }
        at - left
    }

    /// Leaves in columns, about twice as wide as high.
    fn stack(&mut self, leaves: &[NodeId], depth: usize, left: f32) -> f32 {
        let columns = (leaves.len() as f32 * 0.9).sqrt().ceil().clamp(3.0, 8.0) as usize;
        for (index, &node) in leaves.iter().enumerate() {
            let from = left + (index % columns) as f32;
            self.put(node, (from, from + 1.0), self.base_level + depth, index / columns);
        }
        columns.min(leaves.len()) as f32
    }

    fn subtree(&mut self, node: NodeId, depth: usize, left: f32) -> f32 {
        let forest = self.forest;
        let width = self.children(forest.children(node), depth, left).max(1.0);
        let span = self.span(node, left, width);
        self.put(node, span, self.base_level + depth, 0);
        width
    }
}
