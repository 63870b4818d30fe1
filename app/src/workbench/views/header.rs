//! The bar at the top: what is open, how it came out, language, theme, keys.

use egui::{Align2, Color32, Rect, Ui, pos2, vec2};

use crate::workbench::command::{Action, Command};
use crate::workbench::model::describe::{outcome_word, path_word};
use crate::workbench::model::document::{Document, Origin};
use crate::workbench::paint::controls::{Look, badge, icon_button, pressable, text_button};
use crate::workbench::paint::icon::Icon;
use crate::workbench::paint::text;
use crate::workbench::state::State;
use crate::workbench::style::{body, strong};
use crate::workbench::tokens::{Theme, size};
use crate::workbench::words::Word;

/// Paints the bar.
pub(super) fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    let mut commands = Vec::new();
    let bar = ui.max_rect();
    let left = mark(state, ui, bar);
    let right = tools(state, ui, bar, &mut commands);
    if let Some(document) = state.document() {
        title(
            state,
            ui,
            document,
            Rect::from_min_max(pos2(left, bar.top()), pos2(right, bar.bottom())),
            &mut commands,
        );
    }
    commands
}

/// The name of the program, with a mark of two peers that meet.
fn mark(state: &State, ui: &Ui, bar: Rect) -> f32 {
    let tokens = state.tokens();
    let painter = ui.painter();
    let center = pos2(bar.left() + 24.0, bar.center().y);
    let (a, b) = (center - vec2(7.0, 0.0), center + vec2(7.0, 0.0));
    painter.line_segment([a, b], egui::Stroke::new(2.0, tokens.accent));
    painter.circle_filled(a, 4.5, tokens.accent);
    painter.circle(b, 4.5, tokens.background, egui::Stroke::new(2.0, tokens.accent));
    let at = pos2(bar.left() + 42.0, bar.center().y);
    let style = (strong(size::HEADLINE), tokens.text);
    text::put(painter, at, Align2::LEFT_CENTER, "rtclab", style, 100.0).right() + 18.0
}

/// The buttons at the right end; returns where they begin.
fn tools(state: &State, ui: &mut Ui, bar: Rect, commands: &mut Vec<Command>) -> f32 {
    let (tokens, language) = (state.tokens(), state.language());
    let mut right = bar.right() - size::MARGIN;
    let mut place = |width: f32| {
        let rect = Rect::from_min_max(
            pos2(right - width, bar.center().y - size::CONTROL / 2.0),
            pos2(right, bar.center().y + size::CONTROL / 2.0),
        );
        right -= width + size::GAP;
        rect
    };
    let name = language.say(Word::CommandKeys);
    if icon_button(ui, tokens, place(30.0), Icon::Keys, name, Look::default()) {
        commands.push(Command::Do(Action::Keys));
    }
    let (icon, word) = match state.theme() {
        Theme::Dark => (Icon::Sun, Word::ThemeToLight),
        Theme::Light => (Icon::Moon, Word::ThemeToDark),
    };
    if icon_button(ui, tokens, place(30.0), icon, language.say(word), Look::default()) {
        commands.push(Command::Do(Action::Theme));
    }
    let name = language.say(Word::LanguageName);
    let width = text::width(ui.painter(), name, body(size::BODY)) + 22.0;
    let hint = language.say(Word::CommandLanguage);
    if text_button(ui, tokens, place(width), name, Look::default()).on_hover_text(hint).clicked() {
        commands.push(Command::Do(Action::Language));
    }
    let name = language.say(Word::CommandOpen);
    let width = text::width(ui.painter(), name, body(size::BODY)) + 22.0;
    if text_button(ui, tokens, place(width), name, Look::default()).clicked() {
        commands.push(Command::Do(Action::OpenDialog));
    }
    if let Some(document) = state.document() {
        if !document.notes.is_empty() {
            let name = language.say(Word::CommandNotes);
            if icon_button(ui, tokens, place(30.0), Icon::Notes, name, Look::default()) {
                commands.push(Command::Do(Action::Notes));
            }
        }
        let name = language.say(Word::WelcomeScenarios);
        let width = text::width(ui.painter(), name, body(size::BODY)) + 22.0;
        if text_button(ui, tokens, place(width), name, Look::default()).clicked() {
            commands.push(Command::Do(Action::Welcome));
        }
    }
    right
}

/// What is open, and how its calls came out.
fn title(state: &State, ui: &mut Ui, document: &Document, area: Rect, commands: &mut Vec<Command>) {
    let (tokens, language) = (state.tokens(), state.language());
    let painter = ui.painter().clone();
    painter.vline(area.left(), bar_range(area), egui::Stroke::new(1.0, tokens.border));
    let mut left = area.left() + 18.0;
    let center = area.center().y;
    let main = if document.title.is_empty() { &document.name } else { &document.title };
    let style = (body(size::TITLE), tokens.text);
    let written =
        text::put(&painter, pos2(left, center), Align2::LEFT_CENTER, main, style, area.width() * 0.5);
    left = written.right() + size::GAP;
    let kind = match document.origin {
        Origin::Scenario => Word::ScenarioKind,
        Origin::Capture => Word::CaptureKind,
    };
    let detail = if document.title.is_empty() {
        language.say(kind).to_string()
    } else {
        format!("{} · {}", language.say(kind), document.name)
    };
    let style = (body(size::CAPTION), tokens.muted);
    let room = (area.right() - left - 160.0).max(0.0);
    let written = text::put(&painter, pos2(left, center + 1.0), Align2::LEFT_CENTER, &detail, style, room);
    left = written.right() + size::MARGIN;
    for (number, call) in document.calls().iter().enumerate() {
        let outcome = language.say(outcome_word(call.outcome));
        let label = call.path.map_or_else(
            || outcome.to_string(),
            |path| format!("{outcome} · {}", language.say(path_word(path))),
        );
        let (color, fill) = outcome_colors(state, call.outcome);
        let rect = badge(&painter, pos2(left, center), &label, color, fill);
        let name = language.fill(Word::LineCall, &[&label]);
        // Two calls can come to the same.
        let look = Look::default();
        let button = |ui: &mut Ui| pressable(ui, rect, &name, look, egui::accesskit::Role::Button);
        let response = ui.push_id(number, button).inner;
        let response = match call.sentence(language) {
            Some(sentence) => response.on_hover_text(sentence),
            None => response,
        };
        if response.clicked()
            && let Some(entry) = call.entry
        {
            commands.push(Command::SeekEntry(entry));
        }
        left = rect.right() + size::GAP;
    }
}

fn bar_range(area: Rect) -> egui::Rangef {
    egui::Rangef::new(area.center().y - 9.0, area.center().y + 9.0)
}

fn outcome_colors(state: &State, outcome: rtclab_trace::CallOutcome) -> (Color32, Color32) {
    use rtclab_trace::CallOutcome::{Connected, Connecting, Disconnected, Failed};
    let tokens = state.tokens();
    match outcome {
        Connected => (tokens.good, tokens.raised),
        Connecting | Disconnected => (tokens.busy, tokens.raised),
        Failed => (tokens.bad, tokens.bad_soft),
    }
}
