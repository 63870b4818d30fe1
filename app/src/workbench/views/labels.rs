//! Labels beside the things on the map, placed so that they cover neither each other nor a node, if that is possible.

use std::sync::Arc;

use egui::{Align2, Color32, CornerRadius, Galley, Painter, Pos2, Rect, Stroke, StrokeKind, Vec2, vec2};

use crate::workbench::paint::text;
use crate::workbench::style::body;
use crate::workbench::tokens::{Tokens, size};

/// A label's text is cut beyond this.
const WIDTH_MAX: f32 = 250.0;

/// Labels that are placed so far, and what they must not cover.
pub(super) struct Labels<'a> {
    painter: &'a Painter,
    tokens: &'a Tokens,
    area: Rect,
    taken: Vec<Rect>,
}

impl<'a> Labels<'a> {
    pub(super) fn new(
        painter: &'a Painter,
        tokens: &'a Tokens,
        area: Rect,
        taken: impl IntoIterator<Item = Rect>,
    ) -> Labels<'a> {
        Labels { painter, tokens, area, taken: taken.into_iter().collect() }
    }

    /// Marks a place as taken.
    pub(super) fn avoid(&mut self, rect: Rect) {
        self.taken.push(rect);
    }

    /// Puts a label beside a thing. One that `must` be there goes further away, with a line to it, or covers others; any other is
    /// left out when there is no room beside its thing. Returns its place.
    pub(super) fn put(&mut self, thing: Rect, label: &str, color: Color32, must: bool) -> Option<Rect> {
        let galley = text::line(self.painter, label, body(size::CAPTION), color, WIDTH_MAX);
        let extent = galley.size() + vec2(12.0, 3.0);
        let near = beside(thing, extent);
        let place = self.free(&near, 0.0).or_else(|| self.free(&near, 7.0));
        let place = match place {
            Some(place) => place,
            None if !must => return None,
            None => self.free(&away(thing, extent), 4.0).unwrap_or_else(|| self.nearest_inside(near[0])),
        };
        let from = thing.center();
        if place.distance_to_pos(from) > thing.height() {
            let stroke = Stroke::new(1.0, color.gamma_multiply(0.55));
            self.painter.line_segment([place.clamp(from), from], stroke);
        }
        self.paint(place, galley, color);
        self.taken.push(place);
        Some(place)
    }

    /// The first of some places that is free, where others may be covered by at most `tolerance` at their edges.
    fn free(&self, places: &[Rect], tolerance: f32) -> Option<Rect> {
        let is_free = |place: &Rect| {
            let core = place.shrink(tolerance);
            self.area.contains_rect(*place) && !self.taken.iter().any(|taken| taken.intersects(core))
        };
        places.iter().copied().find(is_free)
    }

    fn nearest_inside(&self, place: Rect) -> Rect {
        let room = self.area.size() - place.size();
        let min = place.min.clamp(self.area.min, self.area.min + room.max(vec2(0.0, 0.0)));
        Rect::from_min_size(min, place.size())
    }

    fn paint(&self, place: Rect, galley: Arc<Galley>, color: Color32) {
        let radius = CornerRadius::same(size::RADIUS_SMALL);
        let stroke = Stroke::new(1.0, color.gamma_multiply(0.55));
        self.painter.rect(place, radius, self.tokens.surface, stroke, StrokeKind::Inside);
        let inner = Align2::CENTER_CENTER.anchor_size(place.center(), galley.size());
        self.painter.galley(inner.min, galley, color);
    }
}

/// Places that touch a thing, the best first: right and left of it, above and below.
fn beside(thing: Rect, extent: Vec2) -> Vec<Rect> {
    let gap = 4.0;
    let half = extent / 2.0;
    let center = thing.center();
    let (right, left) = (thing.right() + gap + half.x, thing.left() - gap - half.x);
    let at = |x: f32, y: f32| Rect::from_center_size(Pos2::new(x, y), extent);
    let mut places = Vec::new();
    for shift in [0.0, -5.0, 5.0, -10.0, 10.0, -16.0, 16.0] {
        places.push(at(right, center.y + shift));
        places.push(at(left, center.y + shift));
    }
    for shift in [0.0, half.x * 0.8, -half.x * 0.8] {
        places.push(at(center.x + shift, thing.top() - gap - half.y));
        places.push(at(center.x + shift, thing.bottom() + gap + half.y));
    }
    places
}

/// Places further and further away.
fn away(thing: Rect, extent: Vec2) -> Vec<Rect> {
    let center = thing.center();
    let mut places = Vec::new();
    for distance in 1..8 {
        let reach = 26.0 * distance as f32;
        for (x, y) in [
            (1.0, 0.0),
            (-1.0, 0.0),
            (1.0, -1.0),
            (1.0, 1.0),
            (-1.0, -1.0),
            (-1.0, 1.0),
            (0.0, -1.0),
            (0.0, 1.0),
        ] {
            let side =
                vec2(x * (thing.width() / 2.0 + extent.x / 2.0), y * (thing.height() / 2.0 + extent.y / 2.0));
            places.push(Rect::from_center_size(center + side + vec2(x, y) * reach, extent));
        }
    }
    places
}
