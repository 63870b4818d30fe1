//! The state of the selected node at the cursor, in sections; each row answers "why" when it is clicked.

use egui::accesskit::Role;
use egui::{Align2, Color32, CursorIcon, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use rtclab_trace::EntryId;

use super::map::kind_name;
use crate::workbench::command::{Action, Command};
use crate::workbench::model::document::Document;
use crate::workbench::model::node::{Cell, Row, Section, Tone, check_list_state, sections};
use crate::workbench::paint::controls::{Look, icon_button, inside, panel};
use crate::workbench::paint::icon::Icon;
use crate::workbench::paint::{marker, text};
use crate::workbench::state::State;
use crate::workbench::style::{body, mono, strong};
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// A row of a section.
const ROW: f32 = 20.0;
/// The head of a section.
const HEAD: f32 = 26.0;
/// A section longer than this is cut, and says by how much.
const ROWS_MAX: usize = 200;

/// Paints the state.
pub(super) fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let (tools, area) = panel(ui, tokens, ui.max_rect(), language.say(Word::PanelNode));
    let (Some(document), Some(node)) = (state.document(), state.selected_node()) else {
        centered(state, ui, area, Word::NodeNone);
        return Vec::new();
    };
    let mut commands = Vec::new();
    let info = document.trace.topology().node(node);
    let style = (strong(size::TITLE), tokens.accent);
    let at = pos2(tools.left(), tools.center().y);
    let name = text::put(ui.painter(), at, Align2::LEFT_CENTER, &info.name, style, 200.0);
    let at = pos2(name.right() + size::GAP, tools.center().y);
    let style = (body(size::CAPTION), tokens.muted);
    let room = tools.right() - 40.0 - at.x;
    text::put(ui.painter(), at, Align2::LEFT_CENTER, kind_name(state, info), style, room);
    let rect = Rect::from_center_size(pos2(tools.right() - 14.0, tools.center().y), vec2(28.0, 24.0));
    let hint = language.say(Word::NodeFollowHint);
    if icon_button(ui, tokens, rect, Icon::Pin, hint, Look::selected(state.follows())) {
        commands.push(Command::Do(Action::Follow));
    }
    let found = sections(document, node, state.cursor(), language);
    if found.is_empty() {
        centered(state, ui, area, Word::NodeNothing);
        return commands;
    }
    commands.extend(inside(ui, area, "sections", |ui| {
        let scroll = ScrollArea::vertical().id_salt(("sections", node.0)).auto_shrink(false);
        scroll.show(ui, |ui| list(state, ui, document, &found)).inner
    }));
    commands
}

fn centered(state: &State, ui: &Ui, area: Rect, word: Word) {
    let style = (body(size::BODY), state.tokens().muted);
    let hint = state.language().say(word);
    text::put(ui.painter(), area.center(), Align2::CENTER_CENTER, hint, style, area.width() - 24.0);
}

fn list(state: &State, ui: &mut Ui, document: &Document, found: &[Section]) -> Vec<Command> {
    let mut commands = Vec::new();
    ui.spacing_mut().item_spacing.y = 0.0;
    let current = state.cursor().last_index().and_then(|index| document.trace.id_at(index));
    let changed = current.filter(|&id| is_new(state, ui, id));
    for section in found {
        let number = section.title as usize;
        let is_open = !state.is_section_folded(number);
        commands.extend(head(state, ui, document, section, is_open));
        if is_open {
            commands.extend(table(state, ui, section, current, changed));
        }
    }
    ui.add_space(size::GAP);
    commands
}

/// Whether the current entry is another than when this was last painted: then its row is brought into sight.
fn is_new(_state: &State, ui: &Ui, id: EntryId) -> bool {
    let key = ui.scope_id().with("shown entry");
    let before: Option<usize> = ui.data(|data| data.get_temp(key));
    ui.data_mut(|data| data.insert_temp(key, id.index()));
    before != Some(id.index())
}

fn head(
    state: &State,
    ui: &mut Ui,
    document: &Document,
    section: &Section,
    is_open: bool,
) -> Option<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), HEAD));
    let number = section.title as usize;
    let response = ui.interact(rect, ui.scope_id().with(("section", number)), Sense::click());
    let painter = ui.painter();
    if response.hovered() {
        painter.rect_filled(rect, 0.0, tokens.hovered);
    }
    marker::fold(painter, pos2(rect.left() + 14.0, rect.center().y), is_open, tokens.muted);
    let title = language.say(section.title);
    let style = (strong(size::BODY), tokens.text);
    let at = pos2(rect.left() + 25.0, rect.center().y);
    let written = text::put(painter, at, Align2::LEFT_CENTER, title, style, 200.0);
    let count = section.rows.len().to_string();
    let detail = match section.title {
        Word::SectionCheckList => state
            .selected_node()
            .and_then(|node| check_list_state(document, node, state.cursor()))
            .map_or(count.clone(), |list| format!("{count} · {list}")),
        Word::SectionAgent => String::new(),
        _ => count,
    };
    let style = (body(size::CAPTION), tokens.muted);
    let at = pos2(written.right() + size::GAP, rect.center().y);
    text::put(painter, at, Align2::LEFT_CENTER, &detail, style, 200.0);
    response.widget_info(|| WidgetInfo::selected(Role::DisclosureTriangle, true, is_open, title));
    response.on_hover_cursor(CursorIcon::PointingHand).clicked().then_some(Command::ToggleSection(number))
}

fn table(
    state: &State,
    ui: &mut Ui,
    section: &Section,
    current: Option<EntryId>,
    changed: Option<EntryId>,
) -> Vec<Command> {
    let mut commands = Vec::new();
    let (tokens, language) = (state.tokens(), state.language());
    let widths = widths(state, ui, section);
    if section.columns.len() > 1 {
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), 18.0));
        let mut left = rect.left() + INDENT;
        for (column, width) in section.columns.iter().zip(&widths) {
            let style = (body(size::CAPTION), tokens.muted);
            let at = pos2(left, rect.center().y);
            text::put(ui.painter(), at, Align2::LEFT_CENTER, language.say(*column), style, *width);
            left += width + GUTTER;
        }
    }
    for (index, row) in section.rows.iter().take(ROWS_MAX).enumerate() {
        let is_current = current == Some(row.entry);
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
        if changed == Some(row.entry) {
            ui.scroll_to_rect(rect.expand(ROW), None);
        }
        commands.extend(line(state, ui, section, (index, row), rect, &widths, is_current));
    }
    if section.rows.len() > ROWS_MAX {
        let more = (section.rows.len() - ROWS_MAX).to_string();
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
        let style = (body(size::CAPTION), tokens.muted);
        let at = pos2(rect.left() + INDENT, rect.center().y);
        let label = language.fill(Word::NodeMore, &[&more]);
        text::put(ui.painter(), at, Align2::LEFT_CENTER, &label, style, rect.width());
    }
    ui.add_space(size::TIGHT);
    commands
}

/// Left of the first column.
const INDENT: f32 = 25.0;
/// Between columns.
const GUTTER: f32 = 12.0;

/// How wide each column is: what it needs, or, where all need too much, its share of the room.
fn widths(state: &State, ui: &Ui, section: &Section) -> Vec<f32> {
    let count = section.rows.first().map_or(0, |row| row.cells.len());
    let mut wanted = vec![0.0f32; count];
    for (column, width) in wanted.iter_mut().enumerate() {
        if let Some(word) = section.columns.get(column).filter(|_| section.columns.len() > 1) {
            *width = text::width(ui.painter(), state.language().say(*word), body(size::CAPTION));
        }
        for row in section.rows.iter().take(ROWS_MAX) {
            if let Some(cell) = row.cells.get(column) {
                let dot = if has_dot(cell.tone) { DOT } else { 0.0 };
                *width = width.max(text::width(ui.painter(), &cell.text, font(cell.tone)) + dot);
            }
        }
    }
    let room = ui.available_width() - INDENT - size::GAP - GUTTER * count.saturating_sub(1) as f32;
    shrink(&mut wanted, room);
    wanted
}

/// Takes from the widest columns first until all fit.
fn shrink(widths: &mut [f32], room: f32) {
    for _ in 0..widths.len() * 8 {
        let total: f32 = widths.iter().sum();
        if total <= room {
            return;
        }
        let widest = widths.iter().copied().fold(0.0, f32::max);
        let second = widths.iter().copied().filter(|width| *width < widest - 0.5).fold(40.0, f32::max);
        let wide = widths.iter().filter(|width| **width >= widest - 0.5).count() as f32;
        let target = second.max(widest - (total - room) / wide);
        if target >= widest - 0.01 {
            return;
        }
        for width in widths.iter_mut().filter(|width| **width >= widest - 0.5) {
            *width = target;
        }
    }
}

/// Room for the dot in front of a state.
const DOT: f32 = 13.0;

fn has_dot(tone: Tone) -> bool {
    matches!(tone, Tone::Good | Tone::Busy | Tone::Idle | Tone::Bad)
}

fn font(tone: Tone) -> egui::FontId {
    match tone {
        Tone::Exact => mono(size::CAPTION),
        _ => body(size::BODY),
    }
}

fn line(
    state: &State,
    ui: &mut Ui,
    section: &Section,
    (index, row): (usize, &Row),
    rect: Rect,
    widths: &[f32],
    is_current: bool,
) -> Option<Command> {
    let tokens = state.tokens();
    let id = ui.scope_id().with(("row", section.title as usize, index));
    let response = ui.interact(rect, id, Sense::click());
    let is_asked = state.asked() == Some(row.entry);
    let fill = match (is_current || is_asked, response.hovered()) {
        (true, _) => tokens.accent_soft,
        (_, true) => tokens.hovered,
        _ => Color32::TRANSPARENT,
    };
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, fill);
    if is_current {
        painter.rect_filled(Rect::from_min_size(rect.min, vec2(3.0, rect.height())), 0.0, tokens.accent);
    }
    let mut left = rect.left() + INDENT;
    for (cell, width) in row.cells.iter().zip(widths) {
        paint_cell(state, ui, cell, pos2(left, rect.center().y), *width, row.over);
        left += width + GUTTER;
    }
    let words: Vec<&str> =
        row.cells.iter().map(|cell| cell.text.as_str()).filter(|text| !text.is_empty()).collect();
    let mut label = format!("{}: {}", state.language().say(section.title), words.join(", "));
    if is_current {
        label = format!("{label} ({})", state.language().say(Word::NodeChanged));
    }
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, is_asked, &label));
    let response = response.on_hover_cursor(CursorIcon::PointingHand).on_hover_ui_at_pointer(|ui| {
        for (position, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.text.is_empty()) {
            let head = section.columns.get(position).map(|word| state.language().say(*word));
            ui.label(head.map_or_else(|| cell.text.clone(), |head| format!("{head}: {}", cell.text)));
            if let Some(aside) = &cell.aside {
                ui.label(aside);
            }
        }
    });
    response.clicked().then_some(Command::Ask(row.entry))
}

fn paint_cell(state: &State, ui: &Ui, cell: &Cell, at: egui::Pos2, width: f32, over: bool) {
    let tokens = state.tokens();
    let painter = ui.painter();
    let color = match cell.tone {
        _ if over && !has_dot(cell.tone) => tokens.faint,
        Tone::Plain | Tone::Exact => tokens.text,
        Tone::Quiet | Tone::Idle => tokens.muted,
        Tone::Good => tokens.good,
        Tone::Busy => tokens.busy,
        Tone::Bad => tokens.bad,
    };
    let mut at = at;
    let mut room = width;
    if has_dot(cell.tone) {
        dot(painter, cell.tone, pos2(at.x + 4.5, at.y), color, tokens.surface);
        at.x += DOT;
        room -= DOT;
    }
    text::put(painter, at, Align2::LEFT_CENTER, &cell.text, (font(cell.tone), color), room);
}

/// Shape as well as colour: empty is not there yet, half is on its way, full is good, crossed is bad.
fn dot(painter: &egui::Painter, tone: Tone, at: egui::Pos2, color: Color32, ground: Color32) {
    let radius = 4.0;
    let stroke = egui::Stroke::new(1.3, color);
    match tone {
        Tone::Good => drop(painter.circle_filled(at, radius, color)),
        Tone::Busy => {
            painter.circle(at, radius, ground, stroke);
            let half: Vec<egui::Pos2> = (0..=12)
                .map(|step| {
                    at + egui::Vec2::angled(std::f32::consts::PI * (step as f32 / 12.0 - 0.5)) * radius
                })
                .collect();
            painter.add(egui::Shape::convex_polygon(half, color, egui::Stroke::NONE));
        }
        Tone::Bad => marker::dropped(painter, at, radius, color, ground),
        _ => drop(painter.circle(at, radius, ground, stroke)),
    }
}

#[cfg(test)]
mod tests {
    use super::shrink;

    #[test]
    fn columns_that_fit_keep_their_width() {
        let mut widths = [50.0, 60.0];
        shrink(&mut widths, 120.0);
        assert_eq!(widths, [50.0, 60.0]);
    }

    #[test]
    fn the_widest_column_gives_way_first() {
        let mut widths = [50.0, 300.0, 60.0];
        shrink(&mut widths, 250.0);
        assert_eq!(widths[0], 50.0);
        assert_eq!(widths[2], 60.0);
        assert!((widths.iter().sum::<f32>() - 250.0).abs() < 1.0, "{widths:?}");
    }
}
