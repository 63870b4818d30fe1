//! Text in a given place: one line, cut with an ellipsis where it would leave it.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, FontId, Galley, Painter, Pos2, Rect};

/// One line of text, at most `max_width` wide.
pub(crate) fn line(
    painter: &Painter,
    text: &str,
    font: FontId,
    color: Color32,
    max_width: f32,
) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(single_line(text), TextFormat::simple(font, color));
    job.wrap = TextWrapping {
        max_width: max_width.max(0.0),
        max_rows: 1,
        break_anywhere: true,
        overflow_character: Some('…'),
    };
    painter.layout_job(job)
}

/// Text in as many lines as it takes at a width.
pub(crate) fn paragraph(
    painter: &Painter,
    text: &str,
    font: FontId,
    color: Color32,
    width: f32,
) -> Arc<Galley> {
    painter.layout(text.to_owned(), font, color, width)
}

/// Paints one line at a point; returns where it is.
pub(crate) fn put(
    painter: &Painter,
    at: Pos2,
    anchor: Align2,
    text: &str,
    (font, color): (FontId, Color32),
    max_width: f32,
) -> Rect {
    let galley = line(painter, text, font, color, max_width);
    let rect = anchor.anchor_size(at, galley.size());
    painter.galley(rect.min, galley, color);
    rect
}

/// How wide a line is when nothing cuts it.
pub(crate) fn width(painter: &Painter, text: &str, font: FontId) -> f32 {
    painter.layout_no_wrap(single_line(text), font, Color32::PLACEHOLDER).size().x
}

fn single_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
