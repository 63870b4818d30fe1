//! The bytes of a packet in hexadecimal and as text; the highlighted field's bytes stand out, and so does what was changed on the way.

use egui::accesskit::Role;
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::workbench::command::Command;
use crate::workbench::model::packet::PacketView;
use crate::workbench::paint::scroll::Rows;
use crate::workbench::paint::text;
use crate::workbench::state::State;
use crate::workbench::style::mono;
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// A row of bytes.
const ROW: f32 = 18.0;

/// Where things are in a row.
struct Grid {
    font: FontId,
    /// How wide a character is.
    letter: f32,
    /// Bytes in a row: 8 or 16.
    per_row: usize,
    /// Where the first byte begins, from the left.
    bytes: f32,
    /// Where the text begins.
    text: f32,
}

impl Grid {
    fn new(ui: &Ui, width: f32) -> Grid {
        let font = mono(size::BODY - 0.5);
        let letter = text::width(ui.painter(), "0000000000", font.clone()) / 10.0;
        let bytes = size::MARGIN + letter * 5.0;
        let needs = |count: usize| bytes + letter * (count as f32 * 4.0 + 2.5) + size::MARGIN;
        let per_row = if needs(16) <= width { 16 } else { 8 };
        let text = bytes + letter * (per_row as f32 * 3.0 + 1.5);
        Grid { font, letter, per_row, bytes, text }
    }

    /// The cell of a byte, and of its character.
    fn cells(&self, row: Rect, column: usize) -> (Rect, Rect) {
        // A wider gap in the middle of a row helps to count.
        let middle = if column >= self.per_row / 2 { self.letter * 0.75 } else { 0.0 };
        let hex = row.left() + self.bytes + self.letter * 3.0 * column as f32 + middle;
        let character = row.left() + self.text + self.letter * column as f32;
        let cell = |x: f32, letters: f32| {
            Rect::from_min_size(pos2(x, row.top()), vec2(self.letter * letters, row.height()))
        };
        (cell(hex - self.letter * 0.5, 3.0), cell(character, 1.0))
    }

    fn column_at(&self, row: Rect, at: Pos2) -> Option<usize> {
        (0..self.per_row).find(|&column| {
            let (hex, character) = self.cells(row, column);
            hex.contains(at) || character.contains(at)
        })
    }
}

/// Paints the bytes.
pub(super) fn view(state: &State, ui: &mut Ui, packet: &PacketView) -> Vec<Command> {
    let mut commands = Vec::new();
    ui.add_space(size::TIGHT);
    let grid = Grid::new(ui, ui.max_rect().width());
    let rows = packet.bytes.len().div_ceil(grid.per_row);
    let field = state.selection().field;
    let wanted =
        field.and_then(|index| packet.fields.get(index)).map(|field| field.range.start / grid.per_row);
    let list = Rows { name: "hex", height: ROW, count: rows };
    list.show(ui, (packet.packet.0, field), wanted.or(Some(0)), |ui, index| {
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
        commands.extend(row(state, ui, packet, &grid, index, rect));
    });
    commands
}

fn row(
    state: &State,
    ui: &mut Ui,
    packet: &PacketView,
    grid: &Grid,
    index: usize,
    rect: Rect,
) -> Vec<Command> {
    let tokens = state.tokens();
    let start = index * grid.per_row;
    let slice = &packet.bytes[start..(start + grid.per_row).min(packet.bytes.len())];
    let response = ui.interact(rect, ui.scope_id().with(("bytes", index)), Sense::click());
    let painter = ui.painter();
    let offset = format!("{start:04x}");
    let at = pos2(rect.left() + size::MARGIN, rect.center().y);
    painter.text(at, Align2::LEFT_CENTER, offset, grid.font.clone(), tokens.faint);
    for (column, &byte) in slice.iter().enumerate() {
        paint_byte(state, painter, packet, grid, rect, start + column, byte);
    }
    let hex: Vec<String> = slice.iter().map(|byte| format!("{byte:02x}")).collect();
    let label = format!("{start:04x}: {}", hex.join(" "));
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &label));
    let pointed = response.hover_pos().and_then(|at| grid.column_at(rect, at)).map(|column| start + column);
    let pointed = pointed.filter(|offset| *offset < packet.bytes.len());
    let field = pointed.and_then(|offset| packet.field_at(offset));
    let mut commands = Vec::new();
    if pointed.is_some() && field != state.selection().hovered {
        commands.push(Command::HoverField(field));
    }
    if response.clicked() {
        let chosen = if field == state.selection().field { None } else { field };
        commands.push(Command::SelectField(chosen));
    }
    if let Some(offset) = pointed {
        response.on_hover_ui_at_pointer(|ui| tooltip(state, ui, packet, offset, field));
    }
    commands
}

fn tooltip(state: &State, ui: &mut Ui, packet: &PacketView, offset: usize, field: Option<usize>) {
    let (tokens, language) = (state.tokens(), state.language());
    if let Some(field) = field.and_then(|index| packet.fields.get(index)) {
        ui.label(language.fill(Word::PacketField, &[&field.name, &field.value]));
    }
    let number = language.fill(Word::ByteAt, &[&offset.to_string()]);
    ui.label(egui::RichText::new(number).color(tokens.muted));
    if packet.is_rewritten(offset) {
        ui.label(egui::RichText::new(language.say(Word::PacketRewritten)).color(tokens.busy));
    }
}

fn paint_byte(
    state: &State,
    painter: &Painter,
    packet: &PacketView,
    grid: &Grid,
    row: Rect,
    offset: usize,
    byte: u8,
) {
    let tokens = state.tokens();
    let (hex, character) = grid.cells(row, offset % grid.per_row);
    let holds = |field: Option<usize>| {
        field.and_then(|index| packet.fields.get(index)).is_some_and(|field| field.range.contains(&offset))
    };
    let is_selected = holds(state.selection().field);
    let is_pointed = holds(state.selection().hovered);
    let (fill, color) = match (is_pointed, is_selected, packet.is_rewritten(offset)) {
        (true, ..) => (tokens.accent, tokens.on_accent),
        (_, true, _) => (tokens.accent_soft, tokens.text),
        (_, _, true) => (tokens.changed_soft, tokens.text),
        _ => (Color32::TRANSPARENT, tokens.text),
    };
    let ground = |rect: Rect| rect.shrink2(vec2(0.0, 1.0));
    painter.rect_filled(ground(hex), 0.0, fill);
    painter.rect_filled(ground(character), 0.0, fill);
    let font = grid.font.clone();
    painter.text(hex.center(), Align2::CENTER_CENTER, format!("{byte:02x}"), font.clone(), color);
    let (shown, color) = match byte {
        0x20..=0x7e => (byte as char, color),
        _ if is_pointed => ('·', color),
        _ => ('·', tokens.faint),
    };
    painter.text(character.center(), Align2::CENTER_CENTER, shown, font, color);
}
