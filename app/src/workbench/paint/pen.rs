//! Lines and shapes in a unit square: what icons are drawn with.

use egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

/// Lines in the unit square of an icon.
pub(super) struct Pen<'a> {
    painter: &'a Painter,
    square: Rect,
    color: Color32,
    stroke: Stroke,
}

impl<'a> Pen<'a> {
    pub(super) fn new(painter: &'a Painter, square: Rect, color: Color32) -> Pen<'a> {
        Pen { painter, square, color, stroke: Stroke::new(1.5, color) }
    }

    fn at(&self, (x, y): (f32, f32)) -> Pos2 {
        self.square.min + vec2(x * self.square.width(), y * self.square.height())
    }

    pub(super) fn line(&self, points: &[(f32, f32)]) {
        self.painter.add(Shape::line(points.iter().map(|&point| self.at(point)).collect(), self.stroke));
    }

    pub(super) fn fill(&self, points: &[(f32, f32)]) {
        let points = points.iter().map(|&point| self.at(point)).collect();
        self.painter.add(Shape::convex_polygon(points, self.color, Stroke::NONE));
    }

    pub(super) fn bar(&self, left: f32, top: f32, right: f32, bottom: f32) {
        let rect = Rect::from_min_max(self.at((left, top)), self.at((right, bottom)));
        self.painter.rect_filled(rect, 1.0, self.color);
    }

    pub(super) fn frame(&self, left: f32, top: f32, right: f32, bottom: f32, radius: u8) {
        let rect = Rect::from_min_max(self.at((left, top)), self.at((right, bottom)));
        self.painter.rect_stroke(rect, CornerRadius::same(radius), self.stroke, StrokeKind::Middle);
    }

    pub(super) fn circle(&self, x: f32, y: f32, radius: f32) {
        self.painter.circle_stroke(self.at((x, y)), radius * self.square.width(), self.stroke);
    }

    pub(super) fn dot(&self, x: f32, y: f32) {
        self.painter.circle_filled(self.at((x, y)), 0.06 * self.square.width() + 0.5, self.color);
    }

    pub(super) fn diamond(&self, x: f32, y: f32, radius: f32) {
        self.fill(&[(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]);
    }

    pub(super) fn keyboard(&self) {
        self.frame(0.04, 0.22, 0.96, 0.78, 2);
        for x in [0.22, 0.41, 0.59, 0.78] {
            self.dot(x, 0.42);
        }
        self.line(&[(0.3, 0.62), (0.7, 0.62)]);
    }

    pub(super) fn sun(&self) {
        self.circle(0.5, 0.5, 0.2);
        for step in 0..8 {
            let (sin, cos) = (std::f32::consts::TAU * step as f32 / 8.0).sin_cos();
            self.line(&[(0.5 + cos * 0.33, 0.5 + sin * 0.33), (0.5 + cos * 0.45, 0.5 + sin * 0.45)]);
        }
    }

    pub(super) fn moon(&self) {
        // The outer arc, then the inner one back.
        let arc = |center: (f32, f32), radius: f32, from: f32, to: f32| {
            (0..=16).map(move |step| {
                let angle = from + (to - from) * step as f32 / 16.0;
                (center.0 + radius * angle.cos(), center.1 + radius * angle.sin())
            })
        };
        let outer = arc((0.47, 0.53), 0.38, -0.35, 4.55);
        let points: Vec<(f32, f32)> = outer.collect();
        let (first, last) = (points[0], points[points.len() - 1]);
        self.line(&points);
        let inner: Vec<(f32, f32)> = (0..=12)
            .map(|step| {
                let share = step as f32 / 12.0;
                let straight = (last.0 + (first.0 - last.0) * share, last.1 + (first.1 - last.1) * share);
                let bow = (share * (1.0 - share)) * 0.9;
                (straight.0 - bow * 0.7, straight.1 + bow * 0.7)
            })
            .collect();
        self.line(&inner);
    }

    pub(super) fn corners(&self) {
        for (x, y) in [(0.14f32, 0.14f32), (0.86, 0.14), (0.86, 0.86), (0.14, 0.86)] {
            let (dx, dy) = (if x < 0.5 { 0.24 } else { -0.24 }, if y < 0.5 { 0.24 } else { -0.24 });
            self.line(&[(x + dx, y), (x, y), (x, y + dy)]);
        }
    }

    pub(super) fn bricks(&self) {
        self.frame(0.1, 0.16, 0.9, 0.84, 1);
        self.line(&[(0.1, 0.39), (0.9, 0.39)]);
        self.line(&[(0.1, 0.61), (0.9, 0.61)]);
        self.line(&[(0.5, 0.16), (0.5, 0.39)]);
        self.line(&[(0.3, 0.39), (0.3, 0.61)]);
        self.line(&[(0.7, 0.39), (0.7, 0.61)]);
        self.line(&[(0.5, 0.61), (0.5, 0.84)]);
    }
}

/// A square of a size around a point.
pub(crate) fn square(center: Pos2, side: f32) -> Rect {
    Rect::from_center_size(pos2(center.x.round(), center.y.round()), vec2(side, side))
}
