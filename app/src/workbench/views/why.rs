//! Why: the entry in question, the rule behind it, and the chain of causes back to the scenario, each step clickable.

use egui::accesskit::Role;
use egui::{Align2, CornerRadius, CursorIcon, Rect, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use rtclab_trace::{Change, EntryId, ReasonText};

use super::events::grouped;
use crate::workbench::command::Command;
use crate::workbench::model::describe::Describe;
use crate::workbench::model::document::Document;
use crate::workbench::model::why::{Step, Why, rfc_url};
use crate::workbench::paint::controls::{Look, inside, panel, pressable};
use crate::workbench::paint::{marker, text};
use crate::workbench::state::State;
use crate::workbench::style::{body, mono, strong};
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// Left of the text, where the chain runs.
const RAIL: f32 = 34.0;

/// Paints the chain.
pub(super) fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let (tools, area) = panel(ui, tokens, ui.max_rect(), language.say(Word::PanelWhy));
    let (Some(document), Some(entry)) = (state.document(), state.asked()) else {
        let style = (body(size::BODY), tokens.muted);
        let hint = language.say(Word::WhyNone);
        text::put(ui.painter(), area.center(), Align2::CENTER_CENTER, hint, style, area.width() - 24.0);
        return Vec::new();
    };
    let style = (body(size::CAPTION), tokens.muted);
    let number = language.fill(Word::EventNumber, &[&grouped(entry.index() + 1)]);
    let at = pos2(tools.left(), tools.center().y);
    text::put(ui.painter(), at, Align2::LEFT_CENTER, &number, style, tools.width());
    let why = Why::of(&document.trace, entry);
    inside(ui, area, "chain", |ui| {
        let scroll = ScrollArea::vertical().id_salt(("chain", entry.index())).auto_shrink(false);
        scroll.show(ui, |ui| chain(state, ui, document, &why)).inner
    })
}

fn chain(state: &State, ui: &mut Ui, document: &Document, why: &Why) -> Vec<Command> {
    let mut commands = Vec::new();
    let (tokens, language) = (state.tokens(), state.language());
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.add_space(size::TIGHT);
    for (index, step) in why.steps.iter().enumerate() {
        let is_last = index + 1 == why.steps.len() && !why.is_cut;
        commands.extend(paint_step(state, ui, document, step, index == 0, is_last));
    }
    if why.is_cut {
        caption(ui, language.say(Word::WhyCut), tokens.muted);
    }
    if !why.effects.is_empty() {
        ui.add_space(size::GAP);
        caption(ui, language.say(Word::WhyEffects), tokens.muted);
        for &effect in &why.effects {
            commands.extend(effect_row(state, ui, document, effect));
        }
        if why.effects_total > why.effects.len() {
            let more = (why.effects_total - why.effects.len()).to_string();
            caption(ui, &language.fill(Word::WhyMore, &[&more]), tokens.muted);
        }
    }
    ui.add_space(size::GAP);
    commands
}

fn caption(ui: &mut Ui, label: &str, color: egui::Color32) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), 20.0));
    let at = pos2(rect.left() + size::MARGIN, rect.center().y);
    text::put(
        ui.painter(),
        at,
        Align2::LEFT_CENTER,
        label,
        (strong(size::CAPTION), color),
        rect.width() - 24.0,
    );
}

/// A step: what happened, then the rule behind it.
fn paint_step(
    state: &State,
    ui: &mut Ui,
    document: &Document,
    step: &Step,
    is_first: bool,
    is_last: bool,
) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let mut commands = Vec::new();
    let describe = Describe::new(document, language);
    let width = ui.available_width() - RAIL - size::MARGIN;
    let what = describe.what(step.entry);
    let color = if is_drop(document, step.entry) { tokens.bad } else { tokens.text };
    let font = if is_first { strong(size::BODY) } else { body(size::BODY) };
    let what_lines = text::paragraph(ui.painter(), &what, font, color, width);
    let (badge_width, sentence) = match (diagnosis(state, document, step.entry), step.reason) {
        (Some(sentence), reason) => (reason.map_or(0.0, |reason| section_width(ui, reason)), sentence),
        (None, Some(reason)) => (section_width(ui, reason), language.sentence(reason)),
        (None, None) => (0.0, ""),
    };
    let sentence_lines =
        text::paragraph(ui.painter(), sentence, body(size::BODY), tokens.muted, width - badge_width);
    let sentence_height = if !sentence.is_empty() { sentence_lines.size().y.max(20.0) + 2.0 } else { 0.0 };
    let height = 18.0 + what_lines.size().y + sentence_height + 8.0;
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
    let response = ui.interact(rect, ui.scope_id().with(("step", step.entry.index())), Sense::click());
    if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, tokens.hovered);
    }
    rail(state, ui, document, step.entry, rect, is_first, is_last);
    let left = rect.left() + RAIL;
    let meta = meta_line(state, document, &describe, step);
    let style = (mono(size::CAPTION), tokens.muted);
    let at = pos2(left, rect.top() + 11.0);
    let written = text::put(ui.painter(), at, Align2::LEFT_CENTER, &meta, style, width);
    let at = pos2(written.right() + size::MARGIN, at.y);
    let style = (mono(size::CAPTION), tokens.faint);
    let room = rect.right() - size::MARGIN - at.x;
    text::put(ui.painter(), at, Align2::LEFT_CENTER, &describe.ends(step.entry), style, room);
    let top = rect.top() + 19.0;
    let what_height = what_lines.size().y;
    ui.painter().galley(pos2(left, top), what_lines, color);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{meta}: {what} {sentence}")));
    let top = top + what_height + 2.0;
    ui.painter().galley(pos2(left + badge_width, top), sentence_lines, tokens.muted);
    if let Some(reason) = step.reason {
        section(state, ui, step.entry, reason, pos2(left, top + 9.0));
    }
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    if response.clicked() {
        commands.push(Command::SeekEntry(step.entry));
    }
    commands
}

/// What decided a call, where the entry is how it came out.
fn diagnosis<'a>(state: &State, document: &'a Document, entry: EntryId) -> Option<&'a str> {
    document.calls().iter().find(|call| call.entry == Some(entry))?.sentence(state.language())
}

fn is_drop(document: &Document, entry: EntryId) -> bool {
    matches!(document.trace.entry(entry).change, Change::Dropped(_))
}

/// Time and place; for a packet's way, how many entries it took.
fn meta_line(state: &State, document: &Document, describe: &Describe<'_>, step: &Step) -> String {
    let at = document.trace.entry(step.entry).at;
    let place = describe.place(step.entry);
    if step.entries == 1 {
        return format!("{at}  {place}");
    }
    let hops = state.language().fill(Word::WhyHops, &[&step.entries.to_string()]);
    format!("{at}  {place}  ({hops})")
}

/// The line that connects the steps, with a marker for each.
fn rail(
    state: &State,
    ui: &Ui,
    document: &Document,
    entry: EntryId,
    rect: Rect,
    is_first: bool,
    is_last: bool,
) {
    let tokens = state.tokens();
    let painter = ui.painter();
    let at = pos2(rect.left() + 17.0, rect.top() + 11.0);
    let line = Stroke::new(1.5, tokens.border);
    let top = if is_first { at.y } else { rect.top() };
    let bottom = if is_last { at.y } else { rect.bottom() };
    painter.vline(at.x, top..=bottom, line);
    if is_drop(document, entry) {
        marker::dropped(painter, at, 6.0, tokens.bad, tokens.bad_soft);
    } else {
        let topic = document.topic(entry);
        marker::filled(painter, topic, at, 5.5, tokens.topic(topic), tokens.surface);
    }
}

fn section_width(ui: &Ui, reason: ReasonText) -> f32 {
    if reason.section.is_empty() {
        return 0.0;
    }
    text::width(ui.painter(), reason.section, body(size::CAPTION)) + 20.0
}

/// The section of the RFC, which opens where it is published.
fn section(state: &State, ui: &mut Ui, entry: EntryId, reason: ReasonText, at: egui::Pos2) {
    if reason.section.is_empty() {
        return;
    }
    let (tokens, language) = (state.tokens(), state.language());
    let galley = text::line(ui.painter(), reason.section, body(size::CAPTION), tokens.accent, 200.0);
    let rect = Align2::LEFT_CENTER.anchor_size(at, galley.size() + vec2(12.0, 2.0));
    let name = language.fill(Word::WhyOpenRfc, &[reason.section]);
    let url = rfc_url(reason.section);
    let look = Look::enabled(url.is_some());
    let response = ui.push_id(entry.index(), |ui| pressable(ui, rect, &name, look, Role::Link)).inner;
    let fill = if response.hovered() { tokens.accent_soft } else { tokens.raised };
    let radius = CornerRadius::same(size::RADIUS_SMALL);
    ui.painter().rect(rect, radius, fill, Stroke::new(1.0, tokens.border), egui::StrokeKind::Inside);
    let inner = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size());
    ui.painter().galley(inner.min, galley, tokens.accent);
    if response.clicked()
        && let Some(url) = url
    {
        ui.ctx().open_url(egui::OpenUrl::new_tab(url));
    }
}

/// Something that the entry led to.
fn effect_row(state: &State, ui: &mut Ui, document: &Document, effect: EntryId) -> Option<Command> {
    let tokens = state.tokens();
    let describe = Describe::new(document, state.language());
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
    let response = ui.interact(rect, ui.scope_id().with(("effect", effect.index())), Sense::click());
    let painter = ui.painter();
    if response.hovered() {
        painter.rect_filled(rect, 0.0, tokens.hovered);
    }
    let topic = document.topic(effect);
    let at = pos2(rect.left() + 17.0, rect.center().y);
    if is_drop(document, effect) {
        marker::dropped(painter, at, 5.0, tokens.bad, tokens.bad_soft);
    } else {
        marker::hollow(painter, topic, at, 4.5, tokens.topic(topic), tokens.surface);
    }
    let line = format!("{}  {}", describe.place(effect), describe.what(effect));
    let at = pos2(rect.left() + RAIL, rect.center().y);
    let style = (body(size::BODY), tokens.text);
    text::put(painter, at, Align2::LEFT_CENTER, &line, style, rect.width() - RAIL - size::MARGIN);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &line));
    response.on_hover_cursor(CursorIcon::PointingHand).clicked().then_some(Command::SeekEntry(effect))
}
