//! The rows of the event list: a line for each entry; only rows in sight are made. The filter above them is `events`'s.

use egui::accesskit::Role;
use egui::{Align2, Color32, CursorIcon, Painter, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use rtclab_trace::{Change, EntryId};

use crate::workbench::command::Command;
use crate::workbench::model::describe::Describe;
use crate::workbench::model::document::Document;
use crate::workbench::paint::scroll::Rows;
use crate::workbench::paint::{marker, text};
use crate::workbench::state::State;
use crate::workbench::style::{body, mono};
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// Where each column begins and how wide it is, relative to the row.
pub(super) struct Columns {
    time: f32,
    place: f32,
    place_width: f32,
    what: f32,
}

impl Columns {
    pub(super) fn new(row: Rect) -> Columns {
        let place_width = (row.width() * 0.22).clamp(90.0, 220.0);
        Columns { time: 100.0, place: 114.0, place_width, what: 114.0 + place_width + 10.0 }
    }
}

/// The heads of the columns.
pub(super) fn heads(state: &State, ui: &Ui, columns: &Columns, heads: Rect) {
    let (tokens, language) = (state.tokens(), state.language());
    let painter = ui.painter();
    painter.rect_filled(heads, 0.0, tokens.raised);
    let style = || (body(size::CAPTION), tokens.muted);
    let y = heads.center().y;
    let at = |x: f32| pos2(heads.left() + x, y);
    text::put(painter, at(columns.time), Align2::RIGHT_CENTER, language.say(Word::ColumnTime), style(), 90.0);
    text::put(
        painter,
        at(columns.place),
        Align2::LEFT_CENTER,
        language.say(Word::ColumnWhere),
        style(),
        200.0,
    );
    text::put(painter, at(columns.what), Align2::LEFT_CENTER, language.say(Word::ColumnWhat), style(), 200.0);
}

/// The rows in sight.
pub(super) fn rows(state: &State, ui: &mut Ui, document: &Document) -> Vec<Command> {
    let mut commands = Vec::new();
    if state.shown().is_empty() {
        let style = (body(size::BODY), state.tokens().muted);
        let message = state.language().say(Word::FilterNothing);
        let at = ui.max_rect().center();
        text::put(ui.painter(), at, Align2::CENTER_CENTER, message, style, ui.max_rect().width());
        return commands;
    }
    let current = current_row(state);
    let list = Rows { name: "event rows", height: size::ROW, count: state.shown().len() };
    list.show(ui, (current, state.shown().len()), Some(current.unwrap_or(0)), |ui, index| {
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
        if let Some(id) = document.trace.id_at(state.shown()[index] as usize) {
            commands.extend(row(state, ui, document, id, rect, current == Some(index)));
        }
    });
    commands
}

/// The row of the entry that happened last, among those that are shown.
fn current_row(state: &State) -> Option<usize> {
    let happened = state.shown().partition_point(|&index| (index as usize) < state.cursor().count);
    happened.checked_sub(1)
}

fn row(
    state: &State,
    ui: &mut Ui,
    document: &Document,
    id: EntryId,
    rect: Rect,
    is_current: bool,
) -> Option<Command> {
    let tokens = state.tokens();
    let describe = Describe::new(document, state.language());
    let response = ui.interact(rect, ui.scope_id().with(("entry", id.index())), Sense::click());
    let fill = match (is_current, response.hovered()) {
        (true, _) => tokens.accent_soft,
        (_, true) => tokens.hovered,
        _ => Color32::TRANSPARENT,
    };
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, fill);
    if is_current {
        let bar = Rect::from_min_size(rect.min, vec2(3.0, rect.height()));
        painter.rect_filled(bar, 0.0, tokens.accent);
    }
    let is_future = id.index() >= state.cursor().count;
    mark(state, painter, document, id, rect, is_future);
    cells(state, painter, &describe, id, rect, is_future);
    response.widget_info(|| {
        let time = document.trace.entry(id).at;
        let words = format!("{time}, {}, {}", describe.place(id), describe.what(id));
        WidgetInfo::selected(Role::Row, true, is_current, words)
    });
    let response = response.on_hover_cursor(CursorIcon::PointingHand).on_hover_ui_at_pointer(|ui| {
        ui.label(describe.what(id));
        let (ends, reason) = (describe.ends(id), describe.reason(id).unwrap_or_default());
        for line in [ends.as_str(), reason].into_iter().filter(|line| !line.is_empty()) {
            ui.label(egui::RichText::new(line).color(tokens.muted));
        }
    });
    response.clicked().then_some(Command::SeekEntry(id))
}

/// Time, place, what, and, where there is room, from where to where.
fn cells(
    state: &State,
    painter: &Painter,
    describe: &Describe<'_>,
    id: EntryId,
    rect: Rect,
    is_future: bool,
) {
    let tokens = state.tokens();
    let entry = describe.entry(id);
    let color = match (is_future, matches!(entry.change, Change::Dropped(_))) {
        (true, _) => tokens.faint,
        (_, true) => tokens.bad,
        _ => tokens.text,
    };
    let quiet = if is_future { tokens.faint } else { tokens.muted };
    let columns = Columns::new(rect);
    let y = rect.center().y;
    let at = |x: f32| pos2(rect.left() + x, y);
    let left = Align2::LEFT_CENTER;
    let style = (mono(size::CAPTION + 0.5), quiet);
    text::put(painter, at(columns.time), Align2::RIGHT_CENTER, &entry.at.to_string(), style, 90.0);
    let style = (body(size::BODY), quiet);
    text::put(painter, at(columns.place), left, &describe.place(id), style, columns.place_width);
    let room = rect.width() - columns.what - size::MARGIN;
    let style = (body(size::BODY), color);
    let said = text::put(painter, at(columns.what), left, &describe.what(id), style, room);
    let room = rect.right() - size::MARGIN - said.right() - size::MARGIN;
    if room > 60.0 {
        let at = pos2(said.right() + size::MARGIN, y);
        text::put(painter, at, left, &describe.ends(id), (mono(size::CAPTION), tokens.faint), room);
    }
}

/// Hops are empty markers, what they come to and changes of state are full ones.
fn mark(state: &State, painter: &Painter, document: &Document, id: EntryId, rect: Rect, is_future: bool) {
    let tokens = state.tokens();
    let topic = document.topic(id);
    let color = tokens.topic(topic).gamma_multiply(if is_future { 0.45 } else { 1.0 });
    let at = marker::in_row(rect);
    match document.trace.entry(id).change {
        Change::Dropped(_) => {
            let color = tokens.bad.gamma_multiply(if is_future { 0.45 } else { 1.0 });
            marker::dropped(painter, at, 5.5, color, tokens.bad_soft);
        }
        Change::Hop { .. } | Change::Captured { .. } => {
            marker::hollow(painter, topic, at, 4.5, color, tokens.surface);
        }
        Change::Delivered { .. } => marker::delivered(painter, at, 5.5, color, tokens.surface),
        _ => marker::filled(painter, topic, at, 5.0, color, tokens.surface),
    }
}
