//! Layers and fields of a packet as a tree: name, value, and what is wrong with it.

use egui::accesskit::Role;
use egui::{Align2, Color32, CursorIcon, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::workbench::command::Command;
use crate::workbench::model::packet::{Field, PacketView};
use crate::workbench::paint::scroll::Rows;
use crate::workbench::paint::{marker, text};
use crate::workbench::state::State;
use crate::workbench::style::{body, mono, strong};
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// A row of the tree.
const ROW: f32 = 20.0;

/// Paints the tree.
pub(super) fn view(state: &State, ui: &mut Ui, packet: &PacketView) -> Vec<Command> {
    let mut commands = Vec::new();
    let rows = visible(state, packet);
    let field = state.selection().field;
    let wanted = rows.iter().position(|index| Some(*index) == field).unwrap_or(0);
    let list = Rows { name: "fields", height: ROW, count: rows.len() };
    list.show(ui, (packet.packet.0, field), Some(wanted), |ui, place| {
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
        let index = rows[place];
        commands.extend(row(state, ui, index, &packet.fields[index], rect));
    });
    commands
}

/// Fields that are not inside a folded one.
fn visible(state: &State, packet: &PacketView) -> Vec<usize> {
    let folded = &state.selection().folded;
    let mut rows = Vec::new();
    let mut hidden_below: Option<usize> = None;
    for (index, field) in packet.fields.iter().enumerate() {
        if hidden_below.is_some_and(|depth| field.depth > depth) {
            continue;
        }
        hidden_below = folded.contains(&index).then_some(field.depth);
        rows.push(index);
    }
    rows
}

fn row(state: &State, ui: &mut Ui, index: usize, field: &Field, rect: Rect) -> Vec<Command> {
    let tokens = state.tokens();
    let mut commands = Vec::new();
    let response = ui.interact(rect, ui.scope_id().with(("field", index)), Sense::click());
    let is_selected = state.selection().field == Some(index);
    let is_pointed = state.selection().hovered == Some(index);
    let fill = match (is_selected, is_pointed) {
        (true, _) => tokens.accent_soft,
        (_, true) => tokens.hovered,
        _ if field.depth == 0 => tokens.raised,
        _ => Color32::TRANSPARENT,
    };
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, fill);
    if is_selected {
        painter.rect_filled(Rect::from_min_size(rect.min, vec2(3.0, rect.height())), 0.0, tokens.accent);
    }
    let indent = rect.left() + 10.0 + field.depth as f32 * 13.0;
    let y = rect.center().y;
    let fold = Rect::from_center_size(pos2(indent + 3.0, y), vec2(16.0, ROW));
    if field.has_children {
        let is_open = !state.selection().folded.contains(&index);
        marker::fold(painter, fold.center(), is_open, tokens.muted);
    }
    let font = if field.depth == 0 { strong(size::BODY) } else { body(size::BODY) };
    let left = indent + 13.0;
    let room = (rect.right() - size::GAP - left).max(0.0);
    let name_room = if field.value.is_empty() { room } else { room * 0.62 };
    let name =
        text::put(painter, pos2(left, y), Align2::LEFT_CENTER, &field.name, (font, tokens.text), name_room);
    let value_left = name.right() + 10.0;
    let color = if field.finding.is_some() { tokens.bad } else { tokens.muted };
    let style = (mono(size::CAPTION + 0.5), color);
    let value_room = rect.right() - size::GAP - value_left;
    text::put(painter, pos2(value_left, y), Align2::LEFT_CENTER, &field.value, style, value_room);
    let words = state.language().fill(Word::PacketField, &[&field.name, &field.value]);
    response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, is_selected, &words));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_level(field.depth + 1));
    if response.hovered() && !is_pointed {
        commands.push(Command::HoverField(Some(index)));
    }
    let response = response.on_hover_cursor(CursorIcon::PointingHand).on_hover_ui_at_pointer(|ui| {
        ui.label(&words);
        if let Some(finding) = &field.finding {
            ui.label(egui::RichText::new(finding).color(tokens.bad));
        }
    });
    if response.clicked() {
        let on_fold = response.interact_pointer_pos().is_some_and(|at| fold.contains(at));
        commands.push(match (field.has_children && on_fold, is_selected) {
            (true, _) => Command::ToggleField(index),
            (_, true) => Command::SelectField(None),
            _ => Command::SelectField(Some(index)),
        });
    }
    commands
}
