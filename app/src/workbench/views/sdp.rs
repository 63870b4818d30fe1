//! A text of signaling, line by line: what each is about, what is new in it, and, below, what the line under the pointer says.

use egui::accesskit::Role;
use egui::{Align2, Color32, CursorIcon, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use rtclab_rtc::sdp::rules::Kind;
use rtclab_rtc::sdp::{Area, Change, ExplainedLine, explain};

use crate::workbench::command::Command;
use crate::workbench::model::session::Text;
use crate::workbench::model::topic::Topic;
use crate::workbench::paint::controls::inside;
use crate::workbench::paint::scroll::Rows;
use crate::workbench::paint::text;
use crate::workbench::state::State;
use crate::workbench::style::{body, mono};
use crate::workbench::tokens::{Tokens, size};
use crate::workbench::words::Word;

/// A line.
const LINE: f32 = 16.0;
/// What is said about a line.
const SAID: f32 = 58.0;
/// The number of a line, and the mark of what is new.
const GUTTER: f32 = 40.0;
/// The word for what a line is about.
const AREA: f32 = 56.0;

/// Paints a text, held against the one before it.
pub(super) fn view(
    state: &State,
    ui: &mut Ui,
    area: Rect,
    shown: &Text,
    before: Option<&Text>,
) -> Vec<Command> {
    let kind = match shown.kind.as_str() {
        kind if kind.contains("answer") => Some(Kind::Answer),
        kind if kind.contains("offer") => Some(Kind::Offer),
        _ => None,
    };
    let lines = explain(&shown.text, before.map(|before| before.text.as_str()), kind);
    let (upper, lower) = area.split_top_bottom_at_y((area.bottom() - SAID).max(area.top()));
    let mut commands = Vec::new();
    let mut pointed = None;
    inside(ui, upper, "sdp lines", |ui| {
        ui.painter().rect_filled(upper, 0.0, state.tokens().sunken);
        let list = Rows { name: "sdp", height: LINE, count: lines.len() };
        list.show(ui, shown.entry.index(), Some(0), |ui, index| {
            let (_, rect) = ui.allocate_space(vec2(ui.available_width(), LINE));
            let is_kept = state.selection().line == Some(index);
            let (hovered, clicked) = row(state, ui, rect, index, &lines[index], is_kept);
            if hovered {
                pointed = Some(index);
            }
            if clicked {
                commands.push(Command::SelectLine((!is_kept).then_some(index)));
            }
        });
    });
    let line = pointed.or(state.selection().line).and_then(|index| lines.get(index));
    said(state, ui, lower, line, before);
    commands
}

fn color_of(tokens: &Tokens, area: Area) -> Color32 {
    match area {
        Area::Session => tokens.topic(Topic::Signaling),
        Area::Network => tokens.topic(Topic::Ice),
        Area::Security => tokens.topic(Topic::Nat),
        Area::Media => tokens.topic(Topic::Data),
    }
}

const fn word_of(area: Area) -> Word {
    match area {
        Area::Session => Word::AreaSession,
        Area::Network => Word::AreaNetwork,
        Area::Security => Word::AreaSecurity,
        Area::Media => Word::AreaMedia,
    }
}

/// Paints a line; returns whether the pointer is on it, and whether it was clicked.
fn row(
    state: &State,
    ui: &mut Ui,
    rect: Rect,
    index: usize,
    line: &ExplainedLine,
    is_kept: bool,
) -> (bool, bool) {
    let (tokens, language) = (state.tokens(), state.language());
    let response = ui.interact(rect, ui.scope_id().with(("sdp line", index)), Sense::click());
    let fill = match (is_kept, response.hovered()) {
        (true, _) => tokens.accent_soft,
        (_, true) => tokens.hovered,
        _ => Color32::TRANSPARENT,
    };
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, fill);
    let y = rect.center().y;
    let number = (mono(size::CAPTION - 1.0), tokens.faint);
    let at = pos2(rect.left() + 24.0, y);
    text::put(painter, at, Align2::RIGHT_CENTER, &(index + 1).to_string(), number, 24.0);
    let mark = match line.change {
        Change::Added => "+",
        Change::Changed => "~",
        _ => "",
    };
    let at = pos2(rect.left() + 28.0, y);
    text::put(painter, at, Align2::LEFT_CENTER, mark, (mono(size::CAPTION), tokens.busy), 12.0);
    if let Some(area) = line.area {
        let color = color_of(tokens, area);
        let bar = Rect::from_min_size(pos2(rect.left() + GUTTER - 4.0, rect.top()), vec2(2.0, rect.height()));
        painter.rect_filled(bar, 0.0, color);
        let at = pos2(rect.right() - size::GAP, y);
        let style = (body(size::CAPTION - 1.0), color);
        text::put(painter, at, Align2::RIGHT_CENTER, language.say(word_of(area)), style, AREA);
    }
    let color = match (line.problems.is_empty(), line.change) {
        (false, _) => tokens.bad,
        (_, Change::Same) => tokens.muted,
        _ => tokens.text,
    };
    let room = rect.width() - GUTTER - AREA - size::GAP;
    let at = pos2(rect.left() + GUTTER + 2.0, y);
    text::put(painter, at, Align2::LEFT_CENTER, &line.text, (mono(size::CAPTION), color), room);
    let label = language.fill(Word::SessionLine, &[&(index + 1).to_string(), &line.text]);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, is_kept, &label));
    let hovered = response.hovered();
    (hovered, response.on_hover_cursor(CursorIcon::PointingHand).clicked())
}

/// What the line says, who says so, and how it stands to the other text.
fn said(state: &State, ui: &Ui, area: Rect, line: Option<&ExplainedLine>, before: Option<&Text>) {
    let (tokens, language) = (state.tokens(), state.language());
    let painter = ui.painter();
    painter.hline(area.x_range(), area.top() + 0.5, egui::Stroke::new(1.0, tokens.line));
    let ground = area.shrink2(vec2(size::GAP, 5.0));
    let Some(line) = line else {
        let style = (body(size::CAPTION), tokens.muted);
        text::put(
            painter,
            ground.left_top(),
            Align2::LEFT_TOP,
            language.say(Word::SessionHint),
            style,
            ground.width(),
        );
        return;
    };
    let which = language as usize;
    let (words, section) = match (line.problems.first(), line.meaning) {
        (Some(problem), _) => (problem.words[which].as_str(), Some(problem.section)),
        (None, Some(meaning)) => (meaning[which], line.section),
        (None, None) => (language.say(Word::SessionUnknownLine), None),
    };
    let mut words = format!("{words} {}", section.unwrap_or_default());
    let against = before.map_or("", |before| before.kind.as_str());
    match line.change {
        Change::Added => words = format!("{words} · {}", language.fill(Word::SessionAdded, &[against])),
        Change::Changed => words = format!("{words} · {}", language.fill(Word::SessionChanged, &[against])),
        _ => {}
    }
    let color = if !line.problems.is_empty() { tokens.bad } else { tokens.text };
    let galley = text::paragraph(painter, &words, body(size::CAPTION), color, ground.width());
    painter.galley(ground.left_top(), galley, color);
}
