//! The dialogs over the window: keys, palette, open, go to time. What they hold is in `overlay`.

use egui::accesskit::Role;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Frame, Id, Key, Margin, Modal, Rect, ScrollArea, Sense,
    Stroke, StrokeKind, TextEdit, Ui, WidgetInfo, pos2, vec2,
};

use crate::workbench::command::{Action, Command};
use crate::workbench::overlay::Overlay;
use crate::workbench::paint::controls::{Look, icon_button, text_button};
use crate::workbench::paint::icon::Icon;
use crate::workbench::paint::text;
use crate::workbench::state::State;
use crate::workbench::style::{body, mono, strong};
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// Paints the dialog, if one is open.
pub(super) fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    let Some(overlay) = state.overlay() else { return Vec::new() };
    let tokens = state.tokens();
    let frame = Frame::new()
        .fill(tokens.surface)
        .stroke(Stroke::new(1.0, tokens.border))
        .corner_radius(CornerRadius::same(size::RADIUS))
        .shadow(egui::Shadow { offset: [0, 10], blur: 40, spread: 0, color: tokens.shadow })
        .inner_margin(Margin::same(18));
    let modal = Modal::new(Id::unique("dialog")).backdrop_color(tokens.backdrop).frame(frame);
    let shown = modal.show(ui.ctx(), |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut commands = title(state, ui, overlay);
        ui.add_space(size::MARGIN);
        commands.extend(match overlay {
            Overlay::Notes => notes(state, ui),
            Overlay::Keys => keys(state, ui),
            Overlay::Palette { query, chosen } => palette(state, ui, query, *chosen),
            Overlay::Open { path } => {
                form(state, ui, path, (Word::OpenPath, Word::OpenHint, Word::OpenButton), None)
            }
            Overlay::GoToTime { text, is_bad } => {
                let problem = is_bad.then_some(Word::GoToBad);
                form(state, ui, text, (Word::GoToTitle, Word::GoToHint, Word::GoButton), problem)
            }
        });
        commands
    });
    let mut commands = shown.inner.clone();
    if shown.backdrop_response.clicked() {
        commands.push(Command::Do(Action::Close));
    }
    commands
}

fn width(overlay: &Overlay) -> f32 {
    match overlay {
        Overlay::Notes => 780.0,
        Overlay::Keys => 620.0,
        Overlay::Palette { .. } => 560.0,
        Overlay::Open { .. } => 600.0,
        Overlay::GoToTime { .. } => 380.0,
    }
}

fn title(state: &State, ui: &mut Ui, overlay: &Overlay) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let (_, head) = ui.allocate_space(vec2(width(overlay), 26.0));
    let style = (strong(size::HEADLINE), tokens.text);
    text::put(
        ui.painter(),
        head.left_center(),
        Align2::LEFT_CENTER,
        overlay.title(language),
        style,
        head.width() - 40.0,
    );
    let close = Rect::from_center_size(pos2(head.right() - 13.0, head.center().y), vec2(26.0, 26.0));
    let name = language.say(Word::CommandClose);
    let clicked = icon_button(ui, tokens, close, Icon::Close, name, Look::default());
    clicked.then_some(Command::Do(Action::Close)).into_iter().collect()
}

/// What there is to read about what is open.
fn notes(state: &State, ui: &mut Ui) -> Vec<Command> {
    let tokens = state.tokens();
    let Some(document) = state.document() else { return Vec::new() };
    ScrollArea::vertical().max_height(ui.ctx().content_rect().height() * 0.6).show(ui, |ui| {
        for paragraph in &document.notes {
            // Lines of a report keep their shape.
            let font = if paragraph.contains('\n') { mono(size::CAPTION) } else { body(size::TITLE) };
            let galley = text::paragraph(ui.painter(), paragraph, font, tokens.text, 764.0);
            let (_, rect) = ui.allocate_space(vec2(764.0, galley.size().y));
            let response = ui.interact(rect, ui.scope_id().with(paragraph), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Paragraph, true, paragraph));
            ui.painter().galley(rect.min, galley, tokens.text);
            ui.add_space(size::MARGIN);
        }
    });
    Vec::new()
}

/// Every command with its key, in two columns.
fn keys(state: &State, ui: &mut Ui) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let listed: Vec<Action> = Action::ALL.iter().copied().filter(|action| action.key().is_some()).collect();
    let half = listed.len().div_ceil(2);
    let (_, area) = ui.allocate_space(vec2(620.0, half as f32 * 28.0));
    for (index, action) in listed.iter().enumerate() {
        let (column, row) = (index / half, index % half);
        let left = area.left() + column as f32 * 320.0;
        let rect = Rect::from_min_size(pos2(left, area.top() + row as f32 * 28.0), vec2(300.0, 28.0));
        let name = language.say(action.word());
        let style = (body(size::BODY), tokens.text);
        text::put(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, name, style, 190.0);
        let shortcut = action.key().map(|key| key_label(ui, &key)).unwrap_or_default();
        key_cap(state, ui, pos2(rect.right(), rect.center().y), &shortcut);
        let response = ui.interact(rect, ui.scope_id().with(("key", index)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{name}: {shortcut}")));
    }
    Vec::new()
}

fn key_label(ui: &Ui, shortcut: &egui::KeyboardShortcut) -> String {
    let plain = match shortcut.logical_key {
        Key::ArrowRight => "→",
        Key::ArrowLeft => "←",
        Key::Questionmark => "?",
        Key::Comma => ",",
        Key::Period => ".",
        Key::Escape => "Esc",
        key => key.name(),
    };
    let modifiers = shortcut.modifiers;
    let held = if modifiers.command {
        if ui.ctx().os().is_mac() { "Cmd+" } else { "Ctrl+" }
    } else if modifiers.shift {
        "Shift+"
    } else {
        ""
    };
    format!("{held}{plain}")
}

fn key_cap(state: &State, ui: &Ui, right: egui::Pos2, label: &str) -> Rect {
    let tokens = state.tokens();
    let galley = text::line(ui.painter(), label, mono(size::CAPTION + 0.5), tokens.text, 140.0);
    let rect = Align2::RIGHT_CENTER.anchor_size(right, galley.size() + vec2(14.0, 5.0));
    let radius = CornerRadius::same(size::RADIUS_SMALL);
    ui.painter().rect(rect, radius, tokens.raised, Stroke::new(1.0, tokens.border), StrokeKind::Inside);
    let inner = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size());
    ui.painter().galley(inner.min, galley, tokens.text);
    rect
}

fn palette(state: &State, ui: &mut Ui, query: &str, chosen: usize) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let (down, up) = ui.input(|input| (input.key_pressed(Key::ArrowDown), input.key_pressed(Key::ArrowUp)));
    let mut commands = field(state, ui, query, Word::PaletteTitle, Word::PaletteHint, 560.0);
    if down != up {
        commands.push(Command::Choose(if down { 1 } else { -1 }));
    }
    ui.add_space(size::GAP);
    let choices = state.choices(query);
    if choices.is_empty() {
        let (_, rect) = ui.allocate_space(vec2(560.0, 40.0));
        let style = (body(size::BODY), tokens.muted);
        let nothing = language.say(Word::PaletteNothing);
        text::put(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, nothing, style, rect.width());
        return commands;
    }
    ScrollArea::vertical().max_height(340.0).auto_shrink([false, true]).show(ui, |ui| {
        for (index, choice) in choices.iter().enumerate() {
            let (_, rect) = ui.allocate_space(vec2(ui.available_width(), 30.0));
            let response = ui.interact(rect, ui.scope_id().with(("choice", index)), Sense::click());
            let fill = match (index == chosen, response.hovered()) {
                (true, _) => tokens.accent_soft,
                (_, true) => tokens.hovered,
                _ => Color32::TRANSPARENT,
            };
            ui.painter().rect_filled(rect, CornerRadius::same(size::RADIUS_SMALL), fill);
            let style = (body(size::BODY), tokens.text);
            let at = pos2(rect.left() + 10.0, rect.center().y);
            text::put(ui.painter(), at, Align2::LEFT_CENTER, &choice.label, style, rect.width() - 140.0);
            if let Some(shortcut) = &choice.key {
                let label = key_label(ui, shortcut);
                key_cap(state, ui, pos2(rect.right() - 10.0, rect.center().y), &label);
            }
            if index == chosen && (down || up) {
                ui.scroll_to_rect(rect, None);
            }
            response.widget_info(|| {
                WidgetInfo::selected(Role::ListBoxOption, true, index == chosen, &choice.label)
            });
            if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
                commands.push(Command::Do(Action::Close));
                commands.push(choice.command.clone());
            }
        }
    });
    commands
}

/// One field and a button.
fn form(
    state: &State,
    ui: &mut Ui,
    typed: &str,
    (name, hint, confirm): (Word, Word, Word),
    problem: Option<Word>,
) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let full = state.overlay().map_or(0.0, width);
    let label = language.say(confirm);
    let mut commands = field(state, ui, typed, name, hint, full);
    ui.add_space(size::MARGIN);
    let (_, line) = ui.allocate_space(vec2(full, 30.0));
    if let Some(problem) = problem {
        let style = (body(size::BODY), tokens.bad);
        text::put(
            ui.painter(),
            line.left_center(),
            Align2::LEFT_CENTER,
            language.say(problem),
            style,
            full - 120.0,
        );
    }
    let width = text::width(ui.painter(), label, strong(size::BODY)) + 36.0;
    let button = Rect::from_min_max(pos2(line.right() - width, line.top()), line.max);
    if text_button(ui, tokens, button, label, Look::PRIMARY).clicked() {
        commands.push(Command::Submit);
    }
    commands
}

/// A text field that has the keyboard; Return confirms.
fn field(state: &State, ui: &mut Ui, typed: &str, name: Word, hint: Word, width: f32) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let mut commands = Vec::new();
    let (_, frame) = ui.allocate_space(vec2(width, 34.0));
    let radius = CornerRadius::same(size::RADIUS_SMALL);
    ui.painter().rect(frame, radius, tokens.sunken, Stroke::new(1.0, tokens.accent), StrokeKind::Inside);
    let mut text = typed.to_string();
    let inner = frame.shrink2(vec2(8.0, 5.0));
    let edit = TextEdit::singleline(&mut text)
        .id(ui.scope_id().with("dialog field"))
        .frame(Frame::NONE)
        .hint_text(egui::RichText::new(language.say(hint)).color(tokens.faint))
        .font(body(size::TITLE))
        .margin(vec2(2.0, 2.0))
        .align(egui::Align2::LEFT_CENTER)
        .desired_width(inner.width());
    let response = ui.put(inner, edit).accessible_name(language.say(name));
    let confirms = ui.input(|input| input.key_pressed(Key::Enter));
    if confirms && (response.has_focus() || response.lost_focus()) {
        commands.push(Command::Submit);
    } else if !response.has_focus() {
        response.request_focus();
    }
    if response.changed() {
        commands.insert(0, Command::Type(text));
    }
    commands
}
