//! What went wrong with a file, as readable text over the window; and where a file is dropped.

use egui::accesskit::Role;
use egui::{
    Align2, Area, CornerRadius, Frame, Id, Margin, Order, Rect, RichText, ScrollArea, Stroke, StrokeKind, Ui,
    pos2, vec2,
};

use crate::workbench::command::Command;
use crate::workbench::paint::controls::{Look, icon_button};
use crate::workbench::paint::icon::Icon;
use crate::workbench::paint::{marker, text};
use crate::workbench::state::State;
use crate::workbench::style::{mono, strong};
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// Paints the message, if there is one.
pub(super) fn view(state: &State, ui: &mut Ui, window: Rect) -> Option<Command> {
    let error = state.notice()?;
    let (tokens, language) = (state.tokens(), state.language());
    let width = (window.width() - 80.0).min(820.0);
    let mut command = None;
    let area = Area::new(Id::unique("notice"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_TOP, vec2(0.0, size::HEADER + size::GAP));
    area.show(ui.ctx(), |ui| {
        let frame = Frame::new()
            .fill(tokens.bad_soft)
            .stroke(Stroke::new(1.0, tokens.bad))
            .corner_radius(CornerRadius::same(size::RADIUS))
            .inner_margin(Margin::same(16));
        frame.show(ui, |ui| {
            ui.set_width(width - 32.0);
            let (_, head) = ui.allocate_space(vec2(width - 32.0, 24.0));
            let at = pos2(head.left() + 9.0, head.center().y);
            marker::dropped(ui.painter(), at, 8.0, tokens.bad, tokens.surface);
            let style = (strong(size::HEADLINE), tokens.text);
            let title = language.say(Word::OpenFailed);
            let at = pos2(head.left() + 26.0, head.center().y);
            text::put(ui.painter(), at, Align2::LEFT_CENTER, title, style, head.width() - 60.0);
            let close = Rect::from_center_size(pos2(head.right() - 13.0, head.center().y), vec2(26.0, 26.0));
            let name = language.say(Word::CommandClose);
            if icon_button(ui, tokens, close, Icon::Close, name, Look::default()) {
                command = Some(Command::DismissNotice);
            }
            ui.add_space(size::GAP);
            ScrollArea::vertical().max_height(window.height() * 0.5).show(ui, |ui| {
                let message = error.to_string();
                ui.label(RichText::new(message).font(mono(size::BODY)).color(tokens.text));
            });
        });
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
            node.set_role(Role::Alert);
            node.set_label(error.to_string());
        });
    });
    command
}

/// A frame around the window while a file hovers over it.
pub(super) fn drop_target(state: &State, ui: &Ui, window: Rect) {
    if ui.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let tokens = state.tokens();
    let layer = egui::LayerId::new(Order::Foreground, Id::unique("drop target"));
    let painter = ui.ctx().layer_painter(layer);
    painter.rect_filled(window, 0.0, tokens.backdrop);
    let frame = window.shrink(24.0);
    let radius = CornerRadius::same(size::RADIUS);
    painter.rect_stroke(frame, radius, Stroke::new(2.0, tokens.accent), StrokeKind::Inside);
    let style = (strong(size::DISPLAY), tokens.text);
    let label = state.language().say(Word::DropHere);
    text::put(&painter, window.center(), Align2::CENTER_CENTER, label, style, frame.width());
}
