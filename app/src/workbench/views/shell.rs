//! The window as a whole: which view gets which part of it.

use egui::{Rect, Ui, pos2};

use super::{
    dialog, events, header, ladder, links, map, node, notice, packet, session, tcp, timeline, welcome, why,
};
use crate::workbench::command::{Command, Split};
use crate::workbench::model::load::Source;
use crate::workbench::paint::controls::inside;
use crate::workbench::state::{Stage, State};
use crate::workbench::tokens::size;
use crate::workbench::views::splitter::{Along, splitter};
use crate::workbench::{keys, style};

/// Paints the window; returns what the reader did.
pub fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    style::keep(ui.ctx(), state.theme());
    let mut commands = keys::pressed(state, ui.ctx());
    commands.extend(dropped_files(ui));
    // The whole window, whatever margin the frame around this `Ui` has.
    let window = ui.ctx().content_rect();
    ui.set_clip_rect(window);
    ui.painter().rect_filled(window, 0.0, state.tokens().background);
    let (top, rest) = window.split_top_bottom_at_y(window.top() + size::HEADER);
    commands.extend(inside(ui, top, "header", |ui| header::view(state, ui)));
    if state.document().is_some() {
        let (middle, bottom) = rest.split_top_bottom_at_y(rest.bottom() - size::TIMELINE);
        commands.extend(workspace(state, ui, middle.shrink2(egui::vec2(size::GAP, 0.0))));
        commands.extend(inside(ui, bottom, "timeline", |ui| timeline::view(state, ui)));
    } else {
        commands.extend(inside(ui, rest, "welcome", |ui| welcome::view(state, ui)));
    }
    commands.extend(notice::view(state, ui, window));
    commands.extend(dialog::view(state, ui));
    notice::drop_target(state, ui, window);
    if state.is_playing() {
        let wall = ui.input(|input| input.stable_dt.min(0.1));
        commands.push(Command::Advance(std::time::Duration::from_secs_f32(wall.max(0.0))));
        ui.ctx().request_repaint();
    }
    commands
}

/// The panels around a trace.
fn workspace(state: &State, ui: &mut Ui, area: Rect) -> Vec<Command> {
    let mut commands = Vec::new();
    let layout = state.layout();
    let (left, right) = columns(area, layout.columns);
    commands.extend(splitter(state, ui, area, Along::Columns, Split::Columns, layout.columns));
    let (stage, list) = rows(left, layout.left);
    commands.extend(splitter(state, ui, left, Along::Rows, Split::Left, layout.left));
    let (bytes, below) = rows(right, layout.right_upper);
    commands.extend(splitter(state, ui, right, Along::Rows, Split::RightUpper, layout.right_upper));
    let (node, causes) = rows(below, layout.right_lower);
    commands.extend(splitter(state, ui, below, Along::Rows, Split::RightLower, layout.right_lower));
    commands.extend(inside(ui, stage, "stage", |ui| match state.stage() {
        Stage::Map => map::view(state, ui),
        Stage::Ladder => ladder::view(state, ui),
        Stage::Tcp => tcp::view(state, ui),
        Stage::Links => links::view(state, ui),
        Stage::Session => session::view(state, ui),
    }));
    commands.extend(inside(ui, list, "events", |ui| events::view(state, ui)));
    commands.extend(inside(ui, bytes, "packet", |ui| packet::view(state, ui)));
    commands.extend(inside(ui, node, "node", |ui| node::view(state, ui)));
    commands.extend(inside(ui, causes, "why", |ui| why::view(state, ui)));
    commands
}

/// Two columns with a gap, the first with a share of the width.
pub(super) fn columns(area: Rect, share: f32) -> (Rect, Rect) {
    let x = (area.left() + area.width() * share).round();
    let half = size::GAP / 2.0;
    (
        Rect::from_min_max(area.min, pos2(x - half, area.bottom())),
        Rect::from_min_max(pos2(x + half, area.top()), area.max),
    )
}

/// Two rows with a gap, the first with a share of the height.
pub(super) fn rows(area: Rect, share: f32) -> (Rect, Rect) {
    let y = (area.top() + area.height() * share).round();
    let half = size::GAP / 2.0;
    (
        Rect::from_min_max(area.min, pos2(area.right(), y - half)),
        Rect::from_min_max(pos2(area.left(), y + half), area.max),
    )
}

/// A file that was dropped on the window.
fn dropped_files(ui: &Ui) -> Option<Command> {
    let file = ui.input(|input| input.raw.dropped_files.first().cloned())?;
    Some(Command::Open(Source::Path(file.path().to_path_buf())))
}
