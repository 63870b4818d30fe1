//! The event list: kinds, chips and text that filter it. Its rows are `event_rows`'s.

use egui::{Align2, CornerRadius, Rect, Stroke, StrokeKind, TextEdit, Ui, pos2, vec2};

use super::event_rows::{self, Columns};
use crate::workbench::command::{Action, Command};
use crate::workbench::model::document::Document;
use crate::workbench::model::filter::{Filter, Shown};
use crate::workbench::model::topic::Topic;
use crate::workbench::paint::controls::{
    Look, chip, chip_width, icon_button, inside, panel, segments, segments_width,
};
use crate::workbench::paint::icon::Icon;
use crate::workbench::paint::pen::square;
use crate::workbench::paint::{marker, text};
use crate::workbench::state::State;
use crate::workbench::style::body;
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// The height of the row of chips.
const CHIPS: f32 = 34.0;
/// The height of the heads of the columns.
const HEADS: f32 = 22.0;

/// Paints the list.
pub(super) fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    let Some(document) = state.document() else { return Vec::new() };
    let mut commands = Vec::new();
    let (tools, body) = panel(ui, state.tokens(), ui.max_rect(), state.language().say(Word::PanelEvents));
    commands.extend(head(state, ui, document, tools));
    let (chip_row, rest) = body.split_top_bottom_at_y(body.top() + CHIPS);
    commands.extend(chips(state, ui, document, chip_row));
    let (heads, list) = rest.split_top_bottom_at_y(rest.top() + HEADS);
    event_rows::heads(state, ui, &Columns::new(heads), heads);
    commands.extend(inside(ui, list, "rows", |ui| event_rows::rows(state, ui, document)));
    commands
}

/// Kinds, count, and the text filter.
fn head(state: &State, ui: &mut Ui, document: &Document, tools: Rect) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let mut commands = Vec::new();
    let labels = [Word::FilterAll, Word::FilterPackets, Word::FilterStates].map(|word| language.say(word));
    let width = segments_width(ui, &labels);
    let rect = Rect::from_min_size(pos2(tools.left(), tools.center().y - 12.0), vec2(width, 24.0));
    let kinds = [Shown::All, Shown::Packets, Shown::States];
    let chosen = kinds.iter().position(|kind| *kind == state.filter().shown).unwrap_or(0);
    if let Some(index) = segments(ui, tokens, rect, &labels, chosen) {
        commands.push(Command::SetFilter(Filter { shown: kinds[index], ..state.filter().clone() }));
    }
    let (shown, all) = (state.shown().len(), document.trace.len());
    let count = language.fill(Word::FilterCount, &[&grouped(shown), &grouped(all)]);
    let at = pos2(rect.right() + size::MARGIN, tools.center().y);
    let style = (body(size::CAPTION), tokens.muted);
    let written = text::put(ui.painter(), at, Align2::LEFT_CENTER, &count, style, 160.0);
    let right = tools.right() - size::TIGHT;
    let left = (right - 210.0).max(written.right() + size::GAP);
    let field = Rect::from_min_max(pos2(left, tools.center().y - 12.0), pos2(right, tools.center().y + 12.0));
    commands.extend(text_filter(state, ui, field));
    commands
}

fn text_filter(state: &State, ui: &mut Ui, field: Rect) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let mut commands = Vec::new();
    let radius = CornerRadius::same(size::RADIUS_SMALL);
    let mut typed = state.filter().text.clone();
    let name = language.say(Word::FilterText);
    let id = ui.scope_id().with("filter text");
    let has_focus = ui.memory(|memory| memory.has_focus(id));
    let border = if has_focus { tokens.accent } else { tokens.line };
    ui.painter().rect(field, radius, tokens.sunken, Stroke::new(1.0, border), StrokeKind::Inside);
    Icon::Search.paint(ui.painter(), square(pos2(field.left() + 13.0, field.center().y), 13.0), tokens.muted);
    let inner = Rect::from_min_max(field.min + vec2(24.0, 2.0), field.max - vec2(24.0, 2.0));
    let edit = TextEdit::singleline(&mut typed)
        .id(id)
        .frame(egui::Frame::NONE)
        .hint_text(egui::RichText::new(name).color(tokens.faint))
        .font(body(size::BODY))
        .margin(vec2(2.0, 2.0))
        .align(egui::Align2::LEFT_CENTER)
        .desired_width(inner.width());
    let response = ui.put(inner, edit).accessible_name(name);
    if state.wants_filter_focus() {
        response.request_focus();
    }
    if response.changed() {
        commands.push(Command::SetFilter(Filter { text: typed, ..state.filter().clone() }));
    }
    if !state.filter().is_open() {
        let at = square(pos2(field.right() - 12.0, field.center().y), 18.0);
        let name = language.say(Word::CommandClearFilter);
        if icon_button(ui, tokens, at, Icon::Close, name, Look::default()) {
            commands.push(Command::Do(Action::ClearFilter));
        }
    }
    commands
}

/// A chip for each topic that occurs, for drops, and for the selected node.
fn chips(state: &State, ui: &mut Ui, document: &Document, row: Rect) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let mut commands = Vec::new();
    let mut left = row.left() + size::MARGIN;
    let mut place = |ui: &Ui, label: &str| {
        let width = chip_width(ui, label);
        let rect = Rect::from_min_size(pos2(left, row.center().y - 11.0), vec2(width, 22.0));
        left += width + 6.0;
        (rect.right() < row.right() - 4.0).then_some(rect)
    };
    for topic in Topic::ALL.into_iter().filter(|topic| document.has_entries_about(*topic)) {
        let label = language.say(topic.word());
        let Some(rect) = place(ui, label) else { break };
        let selected = state.filter().topics.contains(topic);
        let response = chip(ui, tokens, rect, label, selected, |painter, at| {
            marker::filled(painter, topic, at, 4.5, tokens.topic(topic), tokens.surface);
        });
        if response.clicked() {
            let mut filter = state.filter().clone();
            filter.toggle(topic);
            commands.push(Command::SetFilter(filter));
        }
    }
    let label = language.say(Word::FilterDrops);
    if document.trace.counters().packets_dropped > 0
        && let Some(rect) = place(ui, label)
    {
        let selected = state.filter().drops_only;
        let response = chip(ui, tokens, rect, label, selected, |painter, at| {
            marker::dropped(painter, at, 5.0, tokens.bad, tokens.bad_soft);
        });
        if response.clicked() {
            commands.push(Command::SetFilter(Filter { drops_only: !selected, ..state.filter().clone() }));
        }
    }
    if let Some(node) = state.filter().node.or(state.selected_node()) {
        let label = language.fill(Word::FilterNode, &[&document.trace.topology().node(node).name]);
        if let Some(rect) = place(ui, &label) {
            let selected = state.filter().node.is_some();
            let response = chip(ui, tokens, rect, &label, selected, |painter, at| {
                Icon::Pin.paint(painter, square(at, 11.0), tokens.muted);
            });
            if response.clicked() {
                let node = (!selected).then_some(node);
                commands.push(Command::SetFilter(Filter { node, ..state.filter().clone() }));
            }
        }
    }
    commands
}

/// `12,345`.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
