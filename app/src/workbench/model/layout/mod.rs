//! Where nodes stand on the map: a pure function of the topology, so that the same scenario always looks the same.
//!
//! The network that most things are attached to is the root and becomes a bar. What only serves (STUN, TURN, signaling) stands
//! above it; NATs, the networks behind them and their hosts hang below, level by level. A topology without such a network (a chain of
//! hosts and routers) is a row. Placing the result in a rectangle of the window is `place`'s.

mod part;
mod place;
mod tree;

pub(crate) use place::Placed;

use rtclab_trace::{LinkId, NodeId, Topology};

use part::Part;
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
        let mut parts: Vec<Part> =
            forest.parts().iter().map(|part| part::place(topology, &forest, part)).collect();
        // The part with nodes of which more is known than an address comes first, then the biggest.
        let has_role = |part: &Part| part.spots.iter().any(|spot| !topology.node(spot.node).role.is_empty());
        parts.sort_by_key(|part| std::cmp::Reverse((has_role(part), part.spots.len())));
        let (slots, levels) = shelve(&mut parts);
        let mut spots: Vec<Spot> = parts.into_iter().flat_map(|part| part.spots).collect();
        spots.sort_by_key(|spot| spot.node);
        let wires = topology.links().map(|(id, link)| (id, link.nodes)).collect();
        let mut map = Map { spots, wires, slots, levels: vec![0; levels] };
        for spot in map.spots.iter().filter(|spot| !spot.bar) {
            map.levels[spot.level] = map.levels[spot.level].max(spot.stacked + 1);
        }
        map
    }

    /// A node's spot.
    pub(crate) fn spot(&self, node: NodeId) -> Option<&Spot> {
        self.spots.get(usize::from(node.0))
    }
}

/// Between two parts of a shelf, in slots.
const PART_GAP: f32 = 0.4;
/// A shelf of parts is not wider than this, in slots, unless one part is.
const SHELF_MAX: f32 = 6.0;

/// Puts unconnected parts beside each other, and on a new shelf below where the width is used up. Returns width and number of levels.
fn shelve(parts: &mut [Part]) -> (f32, usize) {
    let widest = parts.iter().map(|part| part.width).fold(1.0, f32::max);
    let room = widest.max(SHELF_MAX);
    let (mut left, mut top, mut height, mut used) = (0.0f32, 0usize, 0usize, 1.0f32);
    for part in parts {
        if left > 0.0 && left + part.width > room {
            top += height;
            (left, height) = (0.0, 0);
        }
        for spot in &mut part.spots {
            spot.from += left;
            spot.to += left;
            spot.level += top;
        }
        let levels = part.spots.iter().map(|spot| spot.level + 1 - top).max().unwrap_or(0);
        height = height.max(levels);
        used = used.max(left + part.width);
        left += part.width + PART_GAP;
    }
    (used, top + height)
}

#[cfg(test)]
mod tests;
