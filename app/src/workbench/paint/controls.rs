//! The controls of the window: icon buttons, text buttons, chips, segments, badges, panels. Each has a name for AccessKit.

use egui::accesskit::Role;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Layout, Rect, Response, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use super::icon::Icon;
use super::pen::square;
use super::text;
use crate::workbench::style::{body, strong};
use crate::workbench::tokens::{Tokens, size};

/// How a control stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// Pressed, chosen, switched on.
    pub(crate) selected: bool,
    /// The one to press.
    pub(crate) primary: bool,
    /// Cannot be pressed now.
    pub(crate) disabled: bool,
}

impl Look {
    pub(crate) fn selected(selected: bool) -> Look {
        Look { selected, ..Look::default() }
    }

    pub(crate) fn enabled(enabled: bool) -> Look {
        Look { disabled: !enabled, ..Look::default() }
    }

    pub(crate) const PRIMARY: Look = Look { selected: false, primary: true, disabled: false };
}

/// A square button with an icon. Its name is its tooltip.
pub(crate) fn icon_button(
    ui: &mut Ui,
    tokens: &Tokens,
    rect: Rect,
    icon: Icon,
    name: &str,
    look: Look,
) -> bool {
    let response = pressable(ui, rect, name, look, Role::Button);
    let color = ground(ui, tokens, rect, &response, look);
    icon.paint(ui.painter(), square(rect.center(), 15.0), color);
    named(response, name).clicked() && !look.disabled
}

/// A button with a text.
pub(crate) fn text_button(ui: &mut Ui, tokens: &Tokens, rect: Rect, label: &str, look: Look) -> Response {
    let response = pressable(ui, rect, label, look, Role::Button);
    let color = ground(ui, tokens, rect, &response, look);
    let font = if look.primary { strong(size::BODY) } else { body(size::BODY) };
    text::put(ui.painter(), rect.center(), Align2::CENTER_CENTER, label, (font, color), rect.width() - 8.0);
    response
}

/// A chip that can be on or off; `mark` paints the marker in front of its text.
pub(crate) fn chip(
    ui: &mut Ui,
    tokens: &Tokens,
    rect: Rect,
    label: &str,
    selected: bool,
    mark: impl FnOnce(&egui::Painter, egui::Pos2),
) -> Response {
    let response = pressable(ui, rect, label, Look::selected(selected), Role::CheckBox);
    let (fill, border, color) = if selected {
        (tokens.accent_soft, tokens.accent, tokens.text)
    } else if response.hovered() {
        (tokens.hovered, tokens.border, tokens.text)
    } else {
        (Color32::TRANSPARENT, tokens.line, tokens.muted)
    };
    let radius = CornerRadius::same((rect.height() / 2.0) as u8);
    ui.painter().rect(rect, radius, fill, Stroke::new(1.0, border), StrokeKind::Inside);
    mark(ui.painter(), pos2(rect.left() + 12.0, rect.center().y));
    let at = pos2(rect.left() + 22.0, rect.center().y);
    text::put(
        ui.painter(),
        at,
        Align2::LEFT_CENTER,
        label,
        (body(size::CAPTION), color),
        rect.width() - 28.0,
    );
    focus_ring(ui, tokens, rect, &response);
    response
}

/// How wide a chip with a text is.
pub(crate) fn chip_width(ui: &Ui, label: &str) -> f32 {
    text::width(ui.painter(), label, body(size::CAPTION)) + 32.0
}

/// One of several exclusive choices side by side; returns the one that was clicked.
pub(crate) fn segments(
    ui: &mut Ui,
    tokens: &Tokens,
    rect: Rect,
    labels: &[&str],
    selected: usize,
) -> Option<usize> {
    let radius = CornerRadius::same(size::RADIUS_SMALL);
    ui.painter().rect(rect, radius, tokens.sunken, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    let mut clicked = None;
    let mut left = rect.left();
    for (index, label) in labels.iter().enumerate() {
        let width = segment_width(ui, label);
        let part = Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()));
        let is_selected = index == selected;
        let response = pressable(ui, part, label, Look::selected(is_selected), Role::RadioButton);
        let color = if is_selected {
            let inner = part.shrink(2.0);
            ui.painter().rect_filled(inner, CornerRadius::same(size::RADIUS_SMALL - 1), tokens.hovered);
            tokens.text
        } else if response.hovered() {
            tokens.text
        } else {
            tokens.muted
        };
        let style = (body(size::CAPTION + 0.5), color);
        text::put(ui.painter(), part.center(), Align2::CENTER_CENTER, label, style, width);
        focus_ring(ui, tokens, part, &response);
        if response.clicked() {
            clicked = Some(index);
        }
        left += width;
    }
    clicked
}

/// How wide segments are together.
pub(crate) fn segments_width(ui: &Ui, labels: &[&str]) -> f32 {
    labels.iter().map(|label| segment_width(ui, label)).sum()
}

fn segment_width(ui: &Ui, label: &str) -> f32 {
    text::width(ui.painter(), label, body(size::CAPTION + 0.5)) + 20.0
}

/// A small label on a ground of its own.
pub(crate) fn badge(
    painter: &egui::Painter,
    at: egui::Pos2,
    label: &str,
    color: Color32,
    fill: Color32,
) -> Rect {
    let galley = text::line(painter, label, body(size::CAPTION), color, 240.0);
    let rect = Align2::LEFT_CENTER.anchor_size(at, galley.size() + vec2(12.0, 2.0));
    painter.rect_filled(rect, CornerRadius::same(size::RADIUS_SMALL), fill);
    let inner = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size());
    painter.galley(inner.min, galley, color);
    rect
}

/// A panel with a head; returns the head (right of the title) and the body.
pub(crate) fn panel(ui: &mut Ui, tokens: &Tokens, rect: Rect, title: &str) -> (Rect, Rect) {
    let radius = CornerRadius::same(size::RADIUS);
    ui.painter().rect(rect, radius, tokens.surface, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), size::PANEL_HEAD));
    let at = pos2(rect.left() + size::MARGIN, head.center().y);
    let style = (strong(size::TITLE), tokens.text);
    let written = text::put(ui.painter(), at, Align2::LEFT_CENTER, title, style, head.width() - 24.0);
    let line = Stroke::new(1.0, tokens.line);
    ui.painter().hline(rect.x_range().shrink(1.0), head.bottom() - 0.5, line);
    let left = if title.is_empty() { rect.left() + size::GAP } else { written.right() + size::MARGIN };
    let tools = Rect::from_min_max(pos2(left, head.top()), pos2(rect.right() - size::GAP, head.bottom()));
    let inside = Rect::from_min_max(pos2(rect.left(), head.bottom()), rect.max).shrink2(vec2(1.0, 0.0));
    (tools, Rect::from_min_max(inside.min, inside.max - vec2(0.0, 1.0)))
}

/// A region of its own: what is inside neither moves nor leaves it.
pub(crate) fn inside<R>(ui: &mut Ui, rect: Rect, salt: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    let builder = UiBuilder::new().max_rect(rect).id_salt(salt).layout(Layout::top_down(egui::Align::Min));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        add(ui)
    })
    .inner
}

/// Something that can be pressed: hand cursor, name, role.
pub(crate) fn pressable(ui: &mut Ui, rect: Rect, name: &str, look: Look, role: Role) -> Response {
    let sense = if look.disabled { Sense::hover() } else { Sense::click() };
    let id = ui.scope_id().with((role as u8, name));
    let response = ui.interact(rect, id, sense);
    response.widget_info(|| match role {
        Role::Button => WidgetInfo::labeled(role, !look.disabled, name),
        _ => WidgetInfo::selected(role, !look.disabled, look.selected, name),
    });
    if look.disabled { response } else { response.on_hover_cursor(CursorIcon::PointingHand) }
}

/// Gives a response its tooltip.
pub(crate) fn named(response: Response, name: &str) -> Response {
    response.on_hover_text(name)
}

/// A ring around what has the keyboard.
pub(crate) fn focus_ring(ui: &Ui, tokens: &Tokens, rect: Rect, response: &Response) {
    if response.has_focus() {
        let radius = CornerRadius::same(size::RADIUS_SMALL);
        ui.painter().rect_stroke(rect, radius, Stroke::new(2.0, tokens.accent), StrokeKind::Inside);
    }
}

/// Paints the ground of a button; returns the colour of what stands on it.
fn ground(ui: &Ui, tokens: &Tokens, rect: Rect, response: &Response, look: Look) -> Color32 {
    let (fill, border, color) = match (look.disabled, look.primary, look.selected, response.hovered()) {
        (true, ..) => (Color32::TRANSPARENT, Color32::TRANSPARENT, tokens.faint),
        (_, true, _, false) => (tokens.accent, tokens.accent, tokens.on_accent),
        (_, true, _, true) => (tokens.accent.gamma_multiply(0.9), tokens.accent, tokens.on_accent),
        (_, _, true, _) => (tokens.accent_soft, tokens.accent, tokens.text),
        (_, _, _, true) => (tokens.hovered, tokens.border, tokens.text),
        _ => (tokens.raised, tokens.line, tokens.text),
    };
    let radius = CornerRadius::same(size::RADIUS_SMALL);
    ui.painter().rect(rect, radius, fill, Stroke::new(1.0, border), StrokeKind::Inside);
    focus_ring(ui, tokens, rect, response);
    color
}
