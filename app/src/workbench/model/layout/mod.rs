//! Where nodes stand on the map: a pure function of the topology, so that the same scenario always looks the same.
//!
//! The network that most things are attached to is the root and becomes a bar. What only serves (STUN, TURN, signaling) stands
//! above it; NATs, the networks behind them and their hosts hang below, level by level. A topology without such a network (a chain of
//! hosts and routers) is a row. Placing the result in a rectangle of the window is `place`'s.

mod place;
mod tree;

pub(crate) use place::Placed;

use rtclab_trace::{LinkId, NodeId, NodeKind, Topology};

use tree::Forest;

/// A node on the map, in slots (columns of one card's width) and levels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spot {
    /// Which node.
    pub(crate) node: NodeId,
    /// Whether it is drawn as a bar that spans what is attached to it.
    pub(crate) bar: bool,
    /// Left end, in slots.
    pub(crate) from: f32,
    /// Right end, in slots.
    pub(crate) to: f32,
    /// Level from the top.
    pub(crate) level: usize,
    /// Place in a stack of leaves under one bar; 0 where there is no stack.
    pub(crate) stacked: usize,
}

impl Spot {
    /// Its middle, in slots.
    pub(crate) fn middle(&self) -> f32 {
        (self.from + self.to) / 2.0
    }
}

/// The map of a topology.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Map {
    /// Every node, in the order of the topology.
    pub(crate) spots: Vec<Spot>,
    /// Every link with its two nodes.
    pub(crate) wires: Vec<(LinkId, [NodeId; 2])>,
    /// Width, in slots.
    pub(crate) slots: f32,
    /// For each level from the top, how many cards stand on each other there at most; 0 for a level of bars only.
    pub(crate) levels: Vec<usize>,
}

impl Map {
    /// Lays out a topology.
    pub(crate) fn of(topology: &Topology) -> Map {
        let forest = Forest::of(topology);
        let mut spots: Vec<Option<Spot>> = vec![None; topology.nodes().len()];
        let mut left = 0.0;
        for root in forest.roots() {
            let width = if forest.is_path(root) {
                place_row(topology, &forest, root, left, &mut spots)
            } else {
                place_tree(topology, &forest, root, left, &mut spots)
            };
            left += width + 0.4;
        }
        let spots: Vec<Spot> = spots.into_iter().flatten().collect();
        let wires = topology.links().map(|(id, link)| (id, link.nodes)).collect();
        let depth = spots.iter().map(|spot| spot.level + 1).max().unwrap_or(0);
        let mut levels = vec![0; depth];
        for spot in spots.iter().filter(|spot| !spot.bar) {
            levels[spot.level] = levels[spot.level].max(spot.stacked + 1);
        }
        Map { spots, wires, slots: (left - 0.4).max(1.0), levels }
    }

    /// A node's spot.
    pub(crate) fn spot(&self, node: NodeId) -> Option<&Spot> {
        self.spots.get(usize::from(node.0))
    }
}

fn is_bar(topology: &Topology, node: NodeId) -> bool {
    topology.node(node).kind == NodeKind::Switch
}

/// A chain, from left to right; returns its width in slots.
fn place_row(
    topology: &Topology,
    forest: &Forest,
    root: NodeId,
    left: f32,
    spots: &mut [Option<Spot>],
) -> f32 {
    let chain = forest.chain(root);
    for (index, &node) in chain.iter().enumerate() {
        let from = left + index as f32;
        spots[usize::from(node.0)] =
            Some(Spot { node, bar: is_bar(topology, node), from, to: from + 1.0, level: 0, stacked: 0 });
    }
    chain.len() as f32
}

/// A tree under its root; returns its width in slots.
fn place_tree(
    topology: &Topology,
    forest: &Forest,
    root: NodeId,
    left: f32,
    spots: &mut [Option<Spot>],
) -> f32 {
    let (servers, below): (Vec<NodeId>, Vec<NodeId>) =
        forest.children(root).iter().partition(|&&child| forest.serves(topology, child));
    let root_level = usize::from(!servers.is_empty());
    let mut branch = Branch { topology, forest, spots, base_level: root_level };
    let children_width = branch.children(root, &below, 0, left);
    let width = children_width.max(servers.len() as f32).max(1.0);
    if width > children_width {
        let shift = (width - children_width) / 2.0;
        for spot in spots.iter_mut().flatten().filter(|spot| spot.from >= left) {
            spot.from += shift;
            spot.to += shift;
        }
    }
    let pitch = width / servers.len().max(1) as f32;
    for (index, &node) in servers.iter().enumerate() {
        let middle = left + pitch * (index as f32 + 0.5);
        spots[usize::from(node.0)] =
            Some(Spot { node, bar: false, from: middle - 0.5, to: middle + 0.5, level: 0, stacked: 0 });
    }
    let bar = is_bar(topology, root);
    let (from, to) =
        if bar { (left, left + width) } else { (left + width / 2.0 - 0.5, left + width / 2.0 + 0.5) };
    spots[usize::from(root.0)] = Some(Spot { node: root, bar, from, to, level: root_level, stacked: 0 });
    width
}

/// The part of a tree that is being placed.
struct Branch<'a> {
    topology: &'a Topology,
    forest: &'a Forest,
    spots: &'a mut [Option<Spot>],
    base_level: usize,
}

/// More leaves than this under one parent are stacked.
const LEAVES_IN_ROW_MAX: usize = 6;

impl Branch<'_> {
    /// Places the children of a node from `left` on; returns how many slots they take.
    fn children(&mut self, parent: NodeId, children: &[NodeId], depth: usize, left: f32) -> f32 {
        let _ = parent;
        let (leaves, inner): (Vec<NodeId>, Vec<NodeId>) =
            children.iter().partition(|&&child| self.forest.children(child).is_empty());
        if leaves.len() <= LEAVES_IN_ROW_MAX {
            let mut at = left;
            for &child in children {
                at += self.subtree(child, depth + 1, at);
            }
            return at - left;
        }
        let mut at = left;
        for &child in &inner {
            at += self.subtree(child, depth + 1, at);
        }
        at += self.stack(&leaves, depth + 1, at);
        at - left
    }

    /// Leaves in columns of equal height.
    fn stack(&mut self, leaves: &[NodeId], depth: usize, left: f32) -> f32 {
        let columns = (leaves.len() as f32).sqrt().ceil().clamp(3.0, 8.0) as usize;
        for (index, &node) in leaves.iter().enumerate() {
            let from = left + (index % columns) as f32;
            let level = self.base_level + depth;
            self.spots[usize::from(node.0)] = Some(Spot {
                node,
                bar: is_bar(self.topology, node),
                from,
                to: from + 1.0,
                level,
                stacked: index / columns,
            });
        }
        columns.min(leaves.len()) as f32
    }

    /// Places a node above its children; returns how many slots they take.
    fn subtree(&mut self, node: NodeId, depth: usize, left: f32) -> f32 {
        let children = self.forest.children(node);
        let width = self.children(node, children, depth, left).max(1.0);
        let level = self.base_level + depth;
        let bar = is_bar(self.topology, node);
        let (from, to) =
            if bar { (left, left + width) } else { (left + width / 2.0 - 0.5, left + width / 2.0 + 0.5) };
        self.spots[usize::from(node.0)] = Some(Spot { node, bar, from, to, level, stacked: 0 });
        width
    }
}

#[cfg(test)]
mod tests;
