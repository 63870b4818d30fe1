//! The selected packet: its layers beside its bytes.

use egui::{Align2, Rect, Ui, pos2};

use super::splitter::{Along, splitter};
use super::{bytes, layers, shell};
use crate::workbench::command::{Command, Split};
use crate::workbench::paint::controls::{inside, panel};
use crate::workbench::paint::{marker, text};
use crate::workbench::state::State;
use crate::workbench::style::{body, mono};
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// Paints the packet.
pub(super) fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let (tools, area) = panel(ui, tokens, ui.max_rect(), language.say(Word::PanelPacket));
    let (Some(document), Some(packet)) = (state.document(), &state.selection().packet) else {
        let style = (body(size::BODY), tokens.muted);
        let hint = language.say(Word::PacketNone);
        text::put(ui.painter(), area.center(), Align2::CENTER_CENTER, hint, style, area.width() - 24.0);
        return Vec::new();
    };
    let topic = document.packet_topic(packet.packet);
    let at = pos2(tools.left() + 6.0, tools.center().y);
    marker::filled(ui.painter(), topic, at, 5.5, tokens.topic(topic), tokens.surface);
    let length = packet.bytes.len().to_string();
    let length = if packet.original_length > packet.bytes.len() {
        language.fill(Word::PacketBytesCut, &[&length, &packet.original_length.to_string()])
    } else {
        language.fill(Word::PacketBytes, &[&length])
    };
    let style = (body(size::CAPTION), tokens.muted);
    let right = pos2(tools.right() - size::TIGHT, tools.center().y);
    let written = text::put(ui.painter(), right, Align2::RIGHT_CENTER, &length, style, 160.0);
    let style = (mono(size::CAPTION), tokens.muted);
    let at = pos2(at.x + 14.0, tools.center().y);
    let room = written.left() - at.x - size::MARGIN;
    let what = text::put(
        ui.painter(),
        at,
        Align2::LEFT_CENTER,
        &packet.line.what,
        (body(size::BODY), tokens.text),
        room,
    );
    let at = pos2(what.right() + size::MARGIN, at.y);
    let room = written.left() - at.x - size::MARGIN;
    text::put(ui.painter(), at, Align2::LEFT_CENTER, &packet.line.ends, style, room);
    let mut commands = Vec::new();
    let share = state.layout().packet;
    let (left, right) = shell::columns(area, share);
    commands.extend(splitter(state, ui, area, Along::Columns, Split::Packet, share));
    let line = egui::Stroke::new(1.0, tokens.line);
    ui.painter().vline(area.left() + (area.width() * share).round(), area.y_range(), line);
    commands.extend(inside(ui, left.expand2(egui::vec2(3.0, 0.0)), "layers", |ui| {
        layers::view(state, ui, packet)
    }));
    let bytes_area = Rect::from_min_max(right.min, right.max);
    commands.extend(inside(ui, bytes_area, "bytes", |ui| bytes::view(state, ui, packet)));
    if !commands.iter().any(|command| matches!(command, Command::HoverField(_)))
        && state.selection().hovered.is_some()
        && !ui.rect_contains_pointer(area)
    {
        commands.push(Command::HoverField(None));
    }
    commands
}
