//! Markers: a shape and a colour for each topic, so that colour is never the only cue.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2, vec2};

use crate::workbench::model::topic::Topic;

/// The outline of a topic's marker around a point.
fn outline(topic: Topic, at: Pos2, radius: f32) -> Vec<Pos2> {
    match topic {
        Topic::Stun => regular(at, radius, 24, 0.0),
        Topic::Turn => regular(at, radius * 1.18, 4, std::f32::consts::FRAC_PI_4),
        Topic::Ice => regular(at, radius * 1.12, 4, 0.0),
        Topic::Nat => regular(at, radius, 6, std::f32::consts::FRAC_PI_6),
        Topic::Signaling => {
            let (x, y) = (radius * 1.05, radius * 0.72);
            vec![at + vec2(-x, -y), at + vec2(x, -y), at + vec2(x, y), at + vec2(-x, y)]
        }
        Topic::Data => regular(at - vec2(radius * 0.12, 0.0), radius * 1.15, 3, 0.0),
        // Two ends of a bolt, and a name tag.
        Topic::Tcp => {
            let (x, y) = (radius * 1.1, radius * 0.85);
            vec![
                at + vec2(-x, -y),
                at + vec2(x * 0.3, -y),
                at + vec2(x, 0.0),
                at + vec2(x * 0.3, y),
                at + vec2(-x, y),
            ]
        }
        Topic::Dns => regular(at, radius * 1.2, 3, -std::f32::consts::FRAC_PI_2),
        Topic::Network => regular(at, radius * 1.05, 5, -std::f32::consts::FRAC_PI_2),
        Topic::World => regular(at, radius, 8, std::f32::consts::FRAC_PI_8),
    }
}

fn regular(at: Pos2, radius: f32, corners: usize, turn: f32) -> Vec<Pos2> {
    (0..corners)
        .map(|corner| {
            at + Vec2::angled(turn + std::f32::consts::TAU * corner as f32 / corners as f32) * radius
        })
        .collect()
}

/// A filled marker: something that is there.
pub(crate) fn filled(painter: &Painter, topic: Topic, at: Pos2, radius: f32, color: Color32, edge: Color32) {
    painter.add(Shape::convex_polygon(outline(topic, at, radius), color, Stroke::new(1.5, edge)));
    if topic == Topic::Signaling {
        // The flap of an envelope.
        let (x, y) = (radius * 1.05, radius * 0.72);
        let flap = vec![at + vec2(-x, -y), at + vec2(0.0, y * 0.15), at + vec2(x, -y)];
        painter.add(Shape::line(flap, Stroke::new(1.2, edge)));
    }
}

/// An empty marker: something that will be lost, or that is still to come.
pub(crate) fn hollow(
    painter: &Painter,
    topic: Topic,
    at: Pos2,
    radius: f32,
    color: Color32,
    ground: Color32,
) {
    painter.add(Shape::convex_polygon(outline(topic, at, radius), ground, Stroke::new(1.5, color)));
}

/// The mark of a drop: a cross in a disc.
pub(crate) fn dropped(painter: &Painter, at: Pos2, radius: f32, color: Color32, ground: Color32) {
    painter.circle(at, radius, ground, Stroke::new(1.5, color));
    let arm = radius * 0.45;
    let stroke = Stroke::new((radius * 0.26).max(1.5), color);
    painter.line_segment([at + vec2(-arm, -arm), at + vec2(arm, arm)], stroke);
    painter.line_segment([at + vec2(-arm, arm), at + vec2(arm, -arm)], stroke);
}

/// The mark of an arrival: a tick in a disc.
pub(crate) fn delivered(painter: &Painter, at: Pos2, radius: f32, color: Color32, ground: Color32) {
    painter.circle(at, radius, ground, Stroke::new(1.5, color));
    let tick = vec![
        at + vec2(-radius * 0.45, 0.0),
        at + vec2(-radius * 0.1, radius * 0.38),
        at + vec2(radius * 0.5, -radius * 0.36),
    ];
    painter.add(Shape::line(tick, Stroke::new((radius * 0.26).max(1.5), color)));
}

/// A small triangle that shows which way a packet goes.
pub(crate) fn heading(painter: &Painter, at: Pos2, way: Vec2, radius: f32, color: Color32) {
    let way = way.normalized();
    if !way.is_finite() || way == Vec2::ZERO {
        return;
    }
    let side = vec2(-way.y, way.x);
    let tip = at + way * (radius + 6.0);
    let base = at + way * (radius + 2.0);
    painter.add(Shape::convex_polygon(vec![tip, base + side * 3.0, base - side * 3.0], color, Stroke::NONE));
}

/// A folded or unfolded triangle in front of what can be folded.
pub(crate) fn fold(painter: &Painter, at: Pos2, is_open: bool, color: Color32) {
    let r = 3.5;
    let points = if is_open {
        vec![pos2(at.x - r, at.y - r * 0.6), pos2(at.x + r, at.y - r * 0.6), pos2(at.x, at.y + r * 0.8)]
    } else {
        vec![pos2(at.x - r * 0.6, at.y - r), pos2(at.x + r * 0.8, at.y), pos2(at.x - r * 0.6, at.y + r)]
    };
    painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
}

/// The place of a marker at the start of a row.
pub(crate) fn in_row(row: Rect) -> Pos2 {
    pos2(row.left() + 14.0, row.center().y)
}
