//! A map in a rectangle of the window: rectangles of nodes, lines of links, and the scale that made it fit.

use std::collections::BTreeMap;

use egui::{Pos2, Rect, Vec2, pos2, vec2};
use rtclab_trace::{Direction, LinkId, NodeId};

use super::{Map, Spot};

/// A card at scale 1.
const CARD_SIZE: Vec2 = vec2(152.0, 42.0);
/// A column at scale 1: a card and the gap to the next.
const SLOT_WIDTH: f32 = 168.0;
/// The height of a bar at scale 1.
const BAR_HEIGHT: f32 = 26.0;
/// Between levels, at least, at scale 1.
const GAP_MIN: f32 = 22.0;
/// Between levels, at most.
const GAP_MAX: f32 = 64.0;
/// Between cards of one stack.
const STACK_GAP: f32 = 10.0;
/// Between the edge of a card and the middle of a marker.
const CLEARANCE: f32 = 9.0;
/// Text stays readable down to here; what does not fit then is reached by dragging.
const SCALE_MIN: f32 = 0.6;

/// A map in a rectangle.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    rects: Vec<Rect>,
    wires: BTreeMap<LinkId, Vec<Pos2>>,
    /// Which ends of a link are in a network.
    bar_ends: BTreeMap<LinkId, [bool; 2]>,
    /// Size of everything relative to its natural size.
    pub(crate) scale: f32,
}

impl Placed {
    /// Fits a map into a rectangle, then applies what the reader did: zoom and pan.
    pub(crate) fn new(map: &Map, area: Rect, zoom: f32, pan: Vec2) -> Placed {
        let natural = natural_size(map);
        let fit = (area.width() / natural.x).min(area.height() / natural.y).clamp(SCALE_MIN, 1.0);
        let scale = fit * zoom;
        let slot = (area.width() * zoom / map.slots).clamp(SLOT_WIDTH * scale, SLOT_WIDTH * 1.5 * scale);
        let levels = Levels::new(map, area.height() * zoom, scale);
        let size = vec2(slot * map.slots, levels.height);
        let origin = area.center() - size / 2.0 + pan;
        let rects: Vec<Rect> =
            map.spots.iter().map(|spot| rect_of(spot, origin, slot, &levels, scale)).collect();
        let wires = map.wires.iter().map(|&(link, ends)| (link, wire(map, &rects, ends, scale))).collect();
        let is_bar = |node: NodeId| map.spot(node).is_some_and(|spot| spot.bar);
        let bar_ends = map.wires.iter().map(|&(link, ends)| (link, ends.map(is_bar))).collect();
        Placed { rects, wires, bar_ends, scale }
    }

    /// Where a node is.
    pub(crate) fn node(&self, node: NodeId) -> Rect {
        self.rects.get(usize::from(node.0)).copied().unwrap_or(Rect::NOTHING)
    }

    /// Every node with its rectangle.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (NodeId, Rect)> + '_ {
        self.rects.iter().enumerate().map(|(index, rect)| (NodeId(index as u16), *rect))
    }

    /// The line of a link, from its first end to its second.
    pub(crate) fn wire(&self, link: LinkId) -> &[Pos2] {
        self.wires.get(&link).map_or(&[], Vec::as_slice)
    }

    /// Every link with its line.
    pub(crate) fn wires(&self) -> impl Iterator<Item = (LinkId, &[Pos2])> + '_ {
        self.wires.iter().map(|(link, line)| (*link, line.as_slice()))
    }

    /// The point of a link where a packet is that has done `share` (0 to 1) of its way.
    pub(crate) fn along(&self, link: LinkId, direction: Direction, share: f32) -> Option<Pos2> {
        let line = self.wire(link);
        let (forward, share) = (direction == Direction::Forward, share.clamp(0.0, 1.0));
        let share = if forward { share } else { 1.0 - share };
        // A marker keeps clear of the cards at the ends; in a network it goes to its middle.
        let length: f32 = line.windows(2).map(|pair| pair[0].distance(pair[1])).sum();
        let margin = (CLEARANCE * self.scale / length.max(1.0)).min(0.4);
        let [from, to] = self.bar_ends.get(&link).copied().unwrap_or_default();
        let start = if from { 0.0 } else { margin };
        let end = if to { 1.0 } else { 1.0 - margin };
        point_along(line, start + (end - start) * share)
    }
}

/// Where each level begins.
struct Levels {
    tops: Vec<f32>,
    heights: Vec<f32>,
    height: f32,
}

impl Levels {
    fn new(map: &Map, available: f32, scale: f32) -> Levels {
        let heights: Vec<f32> = map.levels.iter().map(|&stacked| level_height(stacked) * scale).collect();
        let content: f32 = heights.iter().sum();
        let gaps = heights.len().saturating_sub(1).max(1) as f32;
        let gap = ((available - content) / gaps).clamp(GAP_MIN * scale, GAP_MAX * scale);
        let mut top = 0.0;
        let mut tops = Vec::with_capacity(heights.len());
        for height in &heights {
            tops.push(top);
            top += height + gap;
        }
        Levels { tops, heights, height: (top - gap).max(0.0) }
    }
}

fn level_height(stacked: usize) -> f32 {
    match stacked {
        0 => BAR_HEIGHT,
        cards => CARD_SIZE.y * cards as f32 + STACK_GAP * (cards - 1) as f32,
    }
}

fn natural_size(map: &Map) -> Vec2 {
    let heights: f32 = map.levels.iter().map(|&stacked| level_height(stacked)).sum();
    let gaps = map.levels.len().saturating_sub(1) as f32 * GAP_MIN;
    vec2(map.slots * SLOT_WIDTH, (heights + gaps).max(1.0))
}

fn rect_of(spot: &Spot, origin: Pos2, slot: f32, levels: &Levels, scale: f32) -> Rect {
    let top = origin.y + levels.tops[spot.level];
    if spot.bar {
        let margin = (slot - CARD_SIZE.x * scale) / 2.0;
        let height = BAR_HEIGHT * scale;
        let middle = top + levels.heights[spot.level] / 2.0;
        let left = origin.x + spot.from * slot + margin;
        let right = origin.x + spot.to * slot - margin;
        return Rect::from_min_max(pos2(left, middle - height / 2.0), pos2(right, middle + height / 2.0));
    }
    let size = CARD_SIZE * scale;
    let stack = (size.y + STACK_GAP * scale) * spot.stacked as f32;
    let centered = if spot.stacked == 0 && level_is_single(levels, spot, scale) {
        (levels.heights[spot.level] - size.y) / 2.0
    } else {
        0.0
    };
    Rect::from_min_size(pos2(origin.x + spot.middle() * slot - size.x / 2.0, top + stack + centered), size)
}

fn level_is_single(levels: &Levels, spot: &Spot, scale: f32) -> bool {
    levels.heights[spot.level] <= CARD_SIZE.y * scale * 1.5
}

/// The line between two nodes: from edge to edge; in a bar it goes on to the bar's middle, because that is where a packet that crosses a network turns.
fn wire(map: &Map, rects: &[Rect], ends: [NodeId; 2], scale: f32) -> Vec<Pos2> {
    let [a, b] = ends.map(|node| usize::from(node.0));
    let (Some(&first), Some(&second)) = (rects.get(a), rects.get(b)) else { return Vec::new() };
    let (bar_a, bar_b) = (map.spots[a].bar, map.spots[b].bar);
    let mut line = match (bar_a, bar_b) {
        (false, true) => to_bar(first, second, map.spots[a].stacked > 0, scale),
        (true, false) => {
            let mut line = to_bar(second, first, map.spots[b].stacked > 0, scale);
            line.reverse();
            line
        }
        _ if map.spots[b].stacked > 0 => around(first, second, scale),
        _ if map.spots[a].stacked > 0 => {
            let mut line = around(second, first, scale);
            line.reverse();
            line
        }
        _ => straight(first, second),
    };
    line.dedup();
    line
}

fn to_bar(card: Rect, bar: Rect, in_stack: bool, scale: f32) -> Vec<Pos2> {
    let middle = bar.center();
    if (card.center().y - middle.y).abs() < 1.0 {
        let side = if card.center().x < middle.x { card.right_center() } else { card.left_center() };
        return vec![side, middle];
    }
    if in_stack {
        // Past the cards above it, in the gap beside them.
        let x = card.left() - 7.0 * scale;
        return vec![card.left_center(), pos2(x, card.center().y), pos2(x, middle.y), middle];
    }
    let x = card.center().x.clamp(bar.left() + 8.0 * scale, bar.right() - 8.0 * scale);
    let start = if card.center().y > middle.y { card.center_top() } else { card.center_bottom() };
    if (x - start.x).abs() < 1.0 {
        return vec![start, pos2(start.x, middle.y), middle];
    }
    let edge = if card.center().y > middle.y { bar.bottom() } else { bar.top() };
    let half = (start.y + edge) / 2.0;
    vec![start, pos2(start.x, half), pos2(x, half), pos2(x, middle.y), middle]
}

/// From a node above to one in a stack: down, across, and past the cards above it in the gap beside them.
fn around(above: Rect, card: Rect, scale: f32) -> Vec<Pos2> {
    let x = card.left() - 7.0 * scale;
    let half = above.bottom() + 9.0 * scale;
    vec![
        above.center_bottom(),
        pos2(above.center().x, half),
        pos2(x, half),
        pos2(x, card.center().y),
        card.left_center(),
    ]
}

fn straight(first: Rect, second: Rect) -> Vec<Pos2> {
    let (a, b) = (first.center(), second.center());
    vec![border_towards(first, b), border_towards(second, a)]
}

/// The point of a rectangle's border on the way from its center to `target`.
fn border_towards(rect: Rect, target: Pos2) -> Pos2 {
    let center = rect.center();
    let way = target - center;
    let half = rect.size() / 2.0;
    let share = (half.x / way.x.abs().max(1e-3)).min(half.y / way.y.abs().max(1e-3));
    center + way * share.min(1.0)
}

/// The point at a share (0 to 1) of the length of a line.
pub(crate) fn point_along(line: &[Pos2], share: f32) -> Option<Pos2> {
    let total: f32 = line.windows(2).map(|pair| pair[0].distance(pair[1])).sum();
    let mut left = total * share;
    for pair in line.windows(2) {
        let length = pair[0].distance(pair[1]);
        if left <= length {
            return Some(pair[0] + (pair[1] - pair[0]) * (left / length.max(1e-6)));
        }
        left -= length;
    }
    line.last().copied()
}
