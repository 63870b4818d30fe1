//! The session: the states of a node's connection over time, what was said in signaling, and the text of it line by line.

use egui::accesskit::Role;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Pos2, Rect, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2,
    vec2,
};
use rtclab_trace::NodeId;

use super::map::stage_switch;
use super::sdp;
use crate::workbench::command::Command;
use crate::workbench::model::document::Document;
use crate::workbench::model::session::{Mood, Span, Strip, Text};
use crate::workbench::paint::controls::{chip, chip_width, inside, panel};
use crate::workbench::paint::scroll::Rows;
use crate::workbench::paint::text;
use crate::workbench::state::State;
use crate::workbench::style::{body, mono};
use crate::workbench::tokens::{Tokens, size};
use crate::workbench::words::Word;

/// The strip of peers above the states.
const PEERS: f32 = 30.0;
/// One aspect over time.
const STRIP: f32 = 19.0;
/// Strips that are seen without scrolling.
const STRIPS_SEEN: usize = 8;
/// The name of an aspect.
const NAME: f32 = 84.0;
/// A row of what was said.
const ROW: f32 = 20.0;

/// Paints the states of the chosen peer, what was said, and the newest text.
pub(super) fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    let Some(document) = state.document() else { return Vec::new() };
    let (tools, body) = panel(ui, state.tokens(), ui.max_rect(), "");
    let mut commands: Vec<Command> = stage_switch(state, ui, tools).into_iter().collect();
    let Some(node) = state.session_node() else { return commands };
    let (peers, below) = body.split_top_bottom_at_y(body.top() + PEERS);
    commands.extend(inside(ui, peers, "peers", |ui| chips(state, ui, document, node)));
    let strips: Vec<&Strip> = document.session().strips(node).collect();
    let height = strips.len().min(STRIPS_SEEN) as f32 * STRIP + size::GAP;
    let (upper, lower) = below.split_top_bottom_at_y(below.top() + height.min(below.height() * 0.5));
    commands.extend(inside(ui, upper, "strips", |ui| {
        let scroll = ScrollArea::vertical().id_salt("strips").auto_shrink(false);
        scroll.show(ui, |ui| tracks(state, ui, document, &strips)).inner
    }));
    ui.painter().hline(lower.x_range().shrink(1.0), lower.top(), Stroke::new(1.0, state.tokens().line));
    let (left, right) = lower.split_left_right_at_x(lower.left() + (lower.width() * 0.38).min(300.0));
    commands.extend(inside(ui, left, "texts", |ui| texts(state, ui, document)));
    let session = document.session();
    let newest = session.newest(state.cursor()).unwrap_or(0);
    commands.extend(match session.texts().get(newest) {
        Some(shown) => {
            inside(ui, right, "text", |ui| sdp::view(state, ui, right, shown, session.before(newest)))
        }
        None => nothing(state, ui, right),
    });
    commands
}

fn nothing(state: &State, ui: &Ui, area: Rect) -> Vec<Command> {
    let style = (body(size::BODY), state.tokens().muted);
    let hint = state.language().say(Word::SessionNoText);
    text::put(ui.painter(), area.center(), Align2::CENTER_CENTER, hint, style, area.width() - 24.0);
    Vec::new()
}

/// A chip for each node that has a session.
fn chips(state: &State, ui: &mut Ui, document: &Document, chosen: NodeId) -> Vec<Command> {
    let tokens = state.tokens();
    let mut commands = Vec::new();
    ui.horizontal(|ui| {
        ui.add_space(size::GAP);
        for node in document.session().nodes() {
            let name = &document.trace.topology().node(node).name;
            let (_, rect) = ui.allocate_space(vec2(chip_width(ui, name), 22.0));
            let color = tokens.accent;
            let mark = |painter: &egui::Painter, at: Pos2| {
                painter.circle_filled(at, 3.5, color);
            };
            let rect = rect.translate(vec2(0.0, 4.0));
            if chip(ui, tokens, rect, name, node == chosen, mark).clicked() {
                commands.push(Command::SelectNode(node));
            }
        }
    });
    commands
}

/// Each aspect in a strip of its own, all on the time axis of the scrub bar.
fn tracks(state: &State, ui: &mut Ui, document: &Document, strips: &[&Strip]) -> Vec<Command> {
    let mut commands = Vec::new();
    let tokens = state.tokens();
    ui.spacing_mut().item_spacing.y = 0.0;
    let top = ui.cursor().top();
    let mut track = Rect::NOTHING;
    for (number, strip) in strips.iter().enumerate() {
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), STRIP));
        let at = pos2(rect.left() + size::MARGIN, rect.center().y);
        let name = name(state, strip);
        text::put(
            ui.painter(),
            at,
            Align2::LEFT_CENTER,
            &name,
            (body(size::CAPTION), tokens.muted),
            NAME - 14.0,
        );
        track = rect.with_min_x(rect.left() + NAME).with_max_x(rect.right() - size::MARGIN);
        for (index, span) in strip.spans.iter().enumerate() {
            let x = |place: f64| track.left() + track.width() * place as f32;
            let end = strip.spans.get(index + 1).map_or(1.0, |next| document.axis.place(next.at));
            let area = Rect::from_x_y_ranges(
                x(document.axis.place(span.at))..=x(end),
                track.top() + 2.0..=track.bottom() - 2.0,
            );
            commands.extend(span_box(state, ui, area, number, &name, span));
        }
    }
    let here = track.left() + track.width() * document.axis.place(state.cursor().time) as f32;
    let bottom = top + STRIP * strips.len() as f32;
    ui.painter().vline(here, top..=bottom, Stroke::new(1.5, tokens.accent));
    commands
}

fn name(state: &State, strip: &Strip) -> String {
    match (strip.aspect.word(), &strip.aspect) {
        (Some(word), _) => state.language().say(word).to_owned(),
        (None, crate::workbench::model::session::Aspect::Channel(label)) => format!("\"{label}\""),
        (None, _) => String::new(),
    }
}

fn span_box(
    state: &State,
    ui: &mut Ui,
    area: Rect,
    number: usize,
    name: &str,
    span: &Span,
) -> Option<Command> {
    let tokens = state.tokens();
    let is_future = span.entry.index() >= state.cursor().count;
    let color = mood_color(tokens, span.mood);
    let ground = color.gamma_multiply(if is_future { 0.10 } else { 0.28 });
    let area = area.with_max_x(area.right().max(area.left() + 2.0) - 1.0);
    ui.painter().rect_filled(area, CornerRadius::same(3), ground);
    let edge = Rect::from_min_size(area.min, vec2(2.0, area.height()));
    ui.painter().rect_filled(edge, 0.0, color.gamma_multiply(if is_future { 0.4 } else { 1.0 }));
    if area.width() > 24.0 {
        let at = pos2(area.left() + 6.0, area.center().y);
        let color = if is_future { tokens.faint } else { tokens.text };
        let style = (body(size::CAPTION - 0.5), color);
        text::put(ui.painter(), at, Align2::LEFT_CENTER, span.word, style, area.width() - 8.0);
    }
    let response =
        ui.interact(area, ui.scope_id().with(("span", number, span.entry.index())), Sense::click());
    let label = state.language().fill(Word::SessionSpan, &[name, span.word, &span.at.to_string()]);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, !is_future, &label));
    let response = response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(&label);
    response.clicked().then_some(Command::SeekEntry(span.entry))
}

fn mood_color(tokens: &Tokens, mood: Mood) -> Color32 {
    match mood {
        Mood::Idle => tokens.faint,
        Mood::Busy => tokens.busy,
        Mood::Good => tokens.good,
        Mood::Bad => tokens.bad,
    }
}

/// What was said, in order; a click goes there in time.
fn texts(state: &State, ui: &mut Ui, document: &Document) -> Vec<Command> {
    let mut commands = Vec::new();
    let texts = document.session().texts();
    let newest = document.session().newest(state.cursor());
    let list = Rows { name: "texts", height: ROW, count: texts.len() };
    list.show(ui, newest, newest, |ui, index| {
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
        commands.extend(text_row(state, ui, document, rect, &texts[index], newest == Some(index)));
    });
    commands
}

fn text_row(
    state: &State,
    ui: &mut Ui,
    document: &Document,
    rect: Rect,
    said: &Text,
    is_shown: bool,
) -> Option<Command> {
    let tokens = state.tokens();
    let response = ui.interact(rect, ui.scope_id().with(("text", said.entry.index())), Sense::click());
    let fill = match (is_shown, response.hovered()) {
        (true, _) => tokens.accent_soft,
        (_, true) => tokens.hovered,
        _ => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, 0.0, fill);
    let is_future = said.entry.index() >= state.cursor().count;
    let (color, quiet) = if is_future { (tokens.faint, tokens.faint) } else { (tokens.text, tokens.muted) };
    let y = rect.center().y;
    let time = (mono(size::CAPTION - 0.5), quiet);
    let at = pos2(rect.left() + 76.0, y);
    text::put(ui.painter(), at, Align2::RIGHT_CENTER, &said.at.to_string(), time, 72.0);
    let ends = ends(document, said);
    let at = pos2(rect.left() + 84.0, y);
    let written = text::put(ui.painter(), at, Align2::LEFT_CENTER, &ends, (body(size::CAPTION), quiet), 90.0);
    let at = pos2(written.right() + size::GAP, y);
    let room = rect.right() - at.x - size::TIGHT;
    text::put(ui.painter(), at, Align2::LEFT_CENTER, &said.kind, (body(size::CAPTION), color), room);
    let label = state.language().fill(Word::SessionText, &[&said.at.to_string(), &ends, &said.kind]);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, is_shown, &label));
    let response = response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(&label);
    response.clicked().then_some(Command::SeekEntry(said.entry))
}

fn ends(document: &Document, said: &Text) -> String {
    let name = |node: NodeId| document.trace.topology().node(node).name.as_str();
    match said.to {
        Some(to) => format!("{} → {}", name(said.from), name(to)),
        None => name(said.from).to_owned(),
    }
}
