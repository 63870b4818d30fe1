//! The first page: shipped scenarios, one click each, and how to open a file.

use egui::accesskit::Role;
use egui::{
    Align2, CornerRadius, CursorIcon, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::workbench::command::{Action, Command};
use crate::workbench::model::load::Source;
use crate::workbench::model::shipped::{SHIPPED, Shipped};
use crate::workbench::paint::controls::{Look, badge, text_button};
use crate::workbench::paint::text;
use crate::workbench::state::State;
use crate::workbench::style::{body, mono, strong};
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// The page is not wider than this.
const WIDTH_MAX: f32 = 920.0;
/// A scenario's card.
const CARD: f32 = 104.0;

/// Paints the page.
pub(super) fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    let area = ui.max_rect();
    let width = (area.width() - 64.0).min(WIDTH_MAX);
    let mut commands = Vec::new();
    ScrollArea::vertical().id_salt("welcome").auto_shrink(false).show(ui, |ui| {
        let column = Rect::from_x_y_ranges(
            area.center().x - width / 2.0..=area.center().x + width / 2.0,
            ui.max_rect().y_range(),
        );
        ui.scope_builder(egui::UiBuilder::new().max_rect(column), |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.add_space((area.height() * 0.07).min(64.0));
            introduction(state, ui);
            ui.add_space(28.0);
            commands.extend(scenarios(state, ui));
            ui.add_space(22.0);
            commands.extend(open_hint(state, ui));
            ui.add_space(32.0);
        });
    });
    commands
}

fn introduction(state: &State, ui: &mut Ui) {
    let (tokens, language) = (state.tokens(), state.language());
    for (word, font, color, gap) in [
        (Word::WelcomeTitle, strong(size::DISPLAY), tokens.text, 10.0),
        (Word::WelcomeText, body(size::HEADLINE), tokens.muted, 0.0),
    ] {
        let galley = text::paragraph(ui.painter(), language.say(word), font, color, ui.available_width());
        let (_, rect) = ui.allocate_space(galley.size());
        ui.painter().galley(rect.min, galley, color);
        ui.add_space(gap);
    }
}

fn scenarios(state: &State, ui: &mut Ui) -> Vec<Command> {
    let mut commands = Vec::new();
    let (tokens, language) = (state.tokens(), state.language());
    let (_, head) = ui.allocate_space(vec2(ui.available_width(), 28.0));
    let style = (strong(size::TITLE), tokens.muted);
    let title = language.say(Word::WelcomeScenarios);
    text::put(ui.painter(), head.left_center(), Align2::LEFT_CENTER, title, style, head.width());
    let per_row = if ui.available_width() >= 640.0 { 2 } else { 1 };
    let gap = 14.0;
    for (row, pair) in SHIPPED.chunks(per_row).enumerate() {
        let (_, line) = ui.allocate_space(vec2(ui.available_width(), CARD));
        let width = (line.width() - gap * (per_row - 1) as f32) / per_row as f32;
        for (index, shipped) in pair.iter().enumerate() {
            let left = line.left() + (width + gap) * index as f32;
            let rect = Rect::from_min_size(pos2(left, line.top()), vec2(width, CARD));
            let is_first = row == 0 && index == 0;
            commands.extend(card(state, ui, shipped, rect, is_first));
        }
        ui.add_space(gap);
    }
    commands
}

fn card(state: &State, ui: &mut Ui, shipped: &Shipped, rect: Rect, is_first: bool) -> Option<Command> {
    let tokens = state.tokens();
    let response = ui.interact(rect, ui.scope_id().with(("scenario", shipped.file)), Sense::click());
    let fill = if response.hovered() { tokens.hovered } else { tokens.surface };
    let border = match (is_first, response.hovered() || response.has_focus()) {
        (_, true) => tokens.accent,
        (true, _) => tokens.accent.gamma_multiply(0.6),
        _ => tokens.line,
    };
    let painter = ui.painter();
    painter.rect(rect, CornerRadius::same(size::RADIUS), fill, Stroke::new(1.0, border), StrokeKind::Inside);
    let left = rect.left() + 16.0;
    let room = rect.width() - 32.0;
    let style = (strong(size::HEADLINE), tokens.text);
    let title_room = if is_first { room - 120.0 } else { room };
    text::put(
        painter,
        pos2(left, rect.top() + 22.0),
        Align2::LEFT_CENTER,
        shipped.title(),
        style,
        title_room,
    );
    if is_first {
        let label = state.language().say(Word::WelcomeStart);
        let width = text::width(painter, label, body(size::CAPTION)) + 12.0;
        let at = pos2(rect.right() - 14.0 - width, rect.top() + 22.0);
        badge(painter, at, label, tokens.on_accent, tokens.accent);
    }
    let galley = text::paragraph(painter, &shipped.summary(), body(size::BODY), tokens.muted, room);
    let clip = Rect::from_min_max(pos2(left, rect.top() + 38.0), pos2(left + room, rect.bottom() - 26.0));
    painter.with_clip_rect(clip.intersect(ui.clip_rect())).galley(clip.min, galley, tokens.muted);
    let style = (mono(size::CAPTION), tokens.faint);
    text::put(painter, pos2(left, rect.bottom() - 16.0), Align2::LEFT_CENTER, shipped.file, style, room);
    let title = shipped.title();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, title));
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.clicked().then_some(Command::Open(Source::Shipped(shipped.file)))
}

fn open_hint(state: &State, ui: &mut Ui) -> Option<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let (_, line) = ui.allocate_space(vec2(ui.available_width(), 34.0));
    let label = language.say(Word::CommandOpen);
    let width = text::width(ui.painter(), label, body(size::BODY)) + 32.0;
    let button = Rect::from_min_size(pos2(line.left(), line.center().y - 14.0), vec2(width, 28.0));
    let clicked = text_button(ui, tokens, button, label, Look::default()).clicked();
    let left = button.right() + 14.0;
    let hint = language.say(Word::WelcomeOpenText);
    let galley = text::paragraph(ui.painter(), hint, body(size::BODY), tokens.muted, line.right() - left);
    let at = pos2(left, line.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, tokens.muted);
    clicked.then_some(Command::Do(Action::OpenDialog))
}
