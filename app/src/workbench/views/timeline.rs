//! The bar at the bottom: stepping, playing, speed, and the scrub bar with how much happens when.

use egui::accesskit::Role;
use egui::{
    Align2, CornerRadius, CursorIcon, Rect, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::events::grouped;
use crate::workbench::command::{Action, Command};
use crate::workbench::model::describe::path_word;
use crate::workbench::model::document::{Density, Document, Milestone, MilestoneKind};
use crate::workbench::paint::controls::{Look, icon_button, pressable, text_button};
use crate::workbench::paint::icon::Icon;
use crate::workbench::paint::text;
use crate::workbench::state::State;
use crate::workbench::style::{body, mono, strong};
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// The height of the buttons' row.
const BUTTONS: f32 = 42.0;

/// Paints the bar.
pub(super) fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    let Some(document) = state.document() else { return Vec::new() };
    let mut commands = Vec::new();
    let bar = ui.max_rect();
    let (buttons, scrub) = bar.split_top_bottom_at_y(bar.top() + BUTTONS);
    commands.extend(transport(state, ui, document, buttons.shrink2(vec2(size::GAP, 0.0))));
    let scrub = Rect::from_min_max(
        pos2(scrub.left() + size::MARGIN, scrub.top()),
        pos2(scrub.right() - size::MARGIN, scrub.bottom() - size::GAP),
    );
    commands.extend(scrub_bar(state, ui, document, scrub));
    commands
}

fn transport(state: &State, ui: &mut Ui, document: &Document, row: Rect) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let mut commands = Vec::new();
    let mut left = row.left();
    let mut button = |ui: &mut Ui, icon: Icon, word: Word, width: f32, look: Look| {
        let rect = Rect::from_min_size(pos2(left, row.center().y - 14.0), vec2(width, 28.0));
        left += width + size::TIGHT;
        icon_button(ui, tokens, rect, icon, language.say(word), look)
    };
    let at_start = Look::enabled(state.cursor().count > 0);
    let at_end = Look::enabled(state.cursor().count < document.trace.len());
    let (play_icon, play_word) =
        if state.is_playing() { (Icon::Pause, Word::CommandPause) } else { (Icon::Play, Word::CommandPlay) };
    for (icon, word, width, look, action) in [
        (Icon::Start, Word::CommandStart, 30.0, at_start, Action::Start),
        (Icon::PreviousState, Word::CommandPreviousState, 30.0, at_start, Action::PreviousState),
        (Icon::Previous, Word::CommandPrevious, 30.0, at_start, Action::Previous),
        (play_icon, play_word, 44.0, Look::PRIMARY, Action::Play),
        (Icon::Next, Word::CommandNext, 30.0, at_end, Action::Next),
        (Icon::NextState, Word::CommandNextState, 30.0, at_end, Action::NextState),
        (Icon::End, Word::CommandEnd, 30.0, at_end, Action::End),
    ] {
        if button(ui, icon, word, width, look) {
            commands.push(Command::Do(action));
        }
    }
    left += size::MARGIN;
    commands.extend(clock(state, ui, document, pos2(left, row.center().y)));
    commands.extend(speed(state, ui, row));
    commands
}

/// The time that is shown, which is also the way to another one; and the event.
fn clock(state: &State, ui: &mut Ui, document: &Document, at: egui::Pos2) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let time = state.cursor().time.to_string();
    let style = (mono(size::HEADLINE), tokens.text);
    let rect = Rect::from_min_size(pos2(at.x, at.y - 14.0), vec2(124.0, 28.0));
    let name = language.say(Word::CommandGoToTime);
    let response = pressable(ui, rect, name, Look::default(), Role::Button).on_hover_text(name);
    let border = if response.hovered() { tokens.accent } else { tokens.line };
    let radius = CornerRadius::same(size::RADIUS_SMALL);
    ui.painter().rect(rect, radius, tokens.sunken, Stroke::new(1.0, border), StrokeKind::Inside);
    let right = pos2(rect.right() - 10.0, at.y);
    text::put(ui.painter(), right, Align2::RIGHT_CENTER, &time, style, rect.width() - 12.0);
    let of = format!("/ {}", document.end());
    let style = (mono(size::BODY), tokens.muted);
    let at = pos2(rect.right() + size::GAP, at.y);
    let written = text::put(ui.painter(), at, Align2::LEFT_CENTER, &of, style, 140.0);
    let all = grouped(document.trace.len());
    let event = match state.cursor().count {
        0 => language.fill(Word::BeforeFirst, &[&all]),
        count => language.fill(Word::EventOf, &[&grouped(count), &all]),
    };
    let at = pos2(written.right() + 20.0, at.y);
    text::put(ui.painter(), at, Align2::LEFT_CENTER, &event, (body(size::BODY), tokens.muted), 260.0);
    response.clicked().then_some(Command::Do(Action::GoToTime)).into_iter().collect()
}

/// The speed with its two buttons, at the right end.
fn speed(state: &State, ui: &mut Ui, row: Rect) -> Vec<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let mut commands = Vec::new();
    let label = format!("{}×", state.speed().label());
    let y = row.center().y;
    let plus = Rect::from_center_size(pos2(row.right() - 18.0, y), vec2(26.0, 26.0));
    let shown = Rect::from_center_size(pos2(plus.left() - 32.0, y), vec2(56.0, 26.0));
    let minus = Rect::from_center_size(pos2(shown.left() - 17.0, y), vec2(26.0, 26.0));
    let can_go_faster = state.speed() != state.speed().faster();
    let can_go_slower = state.speed() != state.speed().slower();
    ui.push_id("slower", |ui| {
        let hint = language.say(Word::CommandSlower);
        let response = text_button(ui, tokens, minus, "−", Look::enabled(can_go_slower));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, can_go_slower, hint));
        if response.on_hover_text(hint).clicked() {
            commands.push(Command::Do(Action::Slower));
        }
    });
    ui.push_id("faster", |ui| {
        let hint = language.say(Word::CommandFaster);
        let response = text_button(ui, tokens, plus, "+", Look::enabled(can_go_faster));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, can_go_faster, hint));
        if response.on_hover_text(hint).clicked() {
            commands.push(Command::Do(Action::Faster));
        }
    });
    let style = (mono(size::BODY), tokens.text);
    text::put(ui.painter(), shown.center(), Align2::CENTER_CENTER, &label, style, shown.width());
    let style = (body(size::BODY), tokens.muted);
    let at = pos2(minus.left() - size::GAP, y);
    text::put(ui.painter(), at, Align2::RIGHT_CENTER, language.say(Word::Speed), style, 90.0);
    let hint = language.fill(Word::SpeedOf, &[state.speed().label()]);
    ui.interact(shown, ui.scope_id().with("speed"), Sense::hover()).on_hover_text(hint);
    commands
}

fn scrub_bar(state: &State, ui: &mut Ui, document: &Document, area: Rect) -> Vec<Command> {
    let tokens = state.tokens();
    let mut commands = Vec::new();
    let (track, labels) = area.split_top_bottom_at_y(area.bottom() - 16.0);
    let response = ui.interact(track, ui.scope_id().with("scrub"), Sense::click_and_drag());
    let painter = ui.painter();
    let radius = CornerRadius::same(size::RADIUS_SMALL);
    painter.rect(track, radius, tokens.surface, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    let x_of = |place: f64| track.left() + track.width() * place as f32;
    let here = x_of(document.axis.place(state.cursor().time));
    let past = Rect::from_min_max(track.min, pos2(here, track.bottom()));
    painter.rect_filled(
        past,
        CornerRadius { nw: size::RADIUS_SMALL, sw: size::RADIUS_SMALL, ne: 0, se: 0 },
        tokens.raised,
    );
    density(state, ui, document, track);
    for (from, to, quiet_ns) in document.axis.breaks() {
        fold(state, ui, Rect::from_x_y_ranges(x_of(from)..=x_of(to), track.y_range()), quiet_ns);
    }
    ticks(state, ui, document, track, labels);
    for milestone in document.milestones() {
        let at = document.trace.entry(milestone.entry).at;
        commands.extend(flag(state, ui, document, milestone, x_of(document.axis.place(at)), track));
    }
    let painter = ui.painter();
    painter.vline(here, track.top() - 3.0..=track.bottom() + 2.0, Stroke::new(2.0, tokens.accent));
    let grip = vec![
        pos2(here - 5.0, track.top() - 6.0),
        pos2(here + 5.0, track.top() - 6.0),
        pos2(here, track.top() + 1.0),
    ];
    painter.add(Shape::convex_polygon(grip, tokens.accent, Stroke::NONE));
    let name = state.language().say(Word::ScrubBar);
    response.widget_info(|| WidgetInfo::slider(true, state.cursor().time.as_millis_f64(), name));
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    if let Some(pointer) = response.interact_pointer_pos()
        && (response.clicked() || response.dragged())
    {
        let place = f64::from((pointer.x - track.left()) / track.width());
        commands.push(Command::SeekTime(document.axis.time(place)));
    }
    commands
}

/// A column for each moment, as high as the logarithm of what happens in it; drops in their own colour at the foot.
fn density(state: &State, ui: &Ui, document: &Document, track: Rect) {
    let tokens = state.tokens();
    let most = document.density.iter().map(|column| column.entries + column.drops).max().unwrap_or(1).max(1);
    let height = |count: u32| {
        let share = f32::ln(1.0 + count as f32) / f32::ln(1.0 + most as f32);
        share * (track.height() - 8.0)
    };
    let width = track.width() / document.density.len() as f32;
    let here = document.axis.place(state.cursor().time);
    for (index, &Density { entries, drops }) in document.density.iter().enumerate() {
        let left = track.left() + width * index as f32;
        let is_past = (index as f64 + 0.5) / document.density.len() as f64 <= here;
        let color = if is_past { tokens.accent } else { tokens.border };
        let column = |top: f32| {
            Rect::from_min_max(
                pos2(left, track.bottom() - 3.0 - top),
                pos2(left + (width - 1.0).max(1.0), track.bottom() - 3.0),
            )
        };
        if entries + drops > 0 {
            ui.painter().rect_filled(column(height(entries + drops).max(2.0)), 1.0, color);
        }
        if drops > 0 {
            ui.painter().rect_filled(column(height(drops).clamp(4.0, 10.0)), 1.0, tokens.bad);
        }
    }
}

/// A folded quiet span: a broken edge, and how long it is under the pointer.
fn fold(state: &State, ui: &mut Ui, rect: Rect, quiet_ns: u64) {
    let tokens = state.tokens();
    let middle = rect.center();
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, tokens.background);
    for shift in [-2.5, 2.5] {
        let zigzag: Vec<egui::Pos2> = (0..=6)
            .map(|step| {
                let y = rect.top() + rect.height() * step as f32 / 6.0;
                pos2(middle.x + shift + if step % 2 == 0 { -2.0 } else { 2.0 }, y)
            })
            .collect();
        painter.add(Shape::line(zigzag, Stroke::new(1.0, tokens.border)));
    }
    let seconds = state.language().fill(Word::Seconds, &[&format!("{:.1}", quiet_ns as f64 / 1e9)]);
    let hint = state.language().fill(Word::QuietFor, &[&seconds]);
    let id = ui.scope_id().with(("fold", middle.x as i32));
    ui.interact(rect, id, Sense::hover()).on_hover_text(hint);
}

fn ticks(state: &State, ui: &Ui, document: &Document, track: Rect, labels: Rect) {
    let tokens = state.tokens();
    let mut free_from = labels.left();
    for (place, time) in document.axis.ticks((track.width() / 110.0) as usize) {
        let x = track.left() + track.width() * place as f32;
        let label = tick_label(time);
        let width = text::width(ui.painter(), &label, mono(size::CAPTION - 0.5));
        let left = (x - width / 2.0).clamp(labels.left(), labels.right() - width);
        if left < free_from {
            continue;
        }
        ui.painter().vline(x, track.bottom() - 2.0..=track.bottom() + 2.0, Stroke::new(1.0, tokens.border));
        let at = pos2(left, labels.center().y + 1.0);
        let style = (mono(size::CAPTION - 0.5), tokens.muted);
        text::put(ui.painter(), at, Align2::LEFT_CENTER, &label, style, width + 2.0);
        free_from = left + width + 14.0;
    }
}

/// `250 ms`, `1.2 s`.
fn tick_label(time: rtclab_trace::SimTime) -> String {
    let millis = time.as_millis_f64();
    if millis >= 1_000.0 { format!("{} s", trimmed(millis / 1e3)) } else { format!("{} ms", trimmed(millis)) }
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// A flag for a moment that readers look for.
fn flag(
    state: &State,
    ui: &mut Ui,
    document: &Document,
    milestone: &Milestone,
    x: f32,
    track: Rect,
) -> Option<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let (color, words) = match milestone.kind {
        MilestoneKind::Connected(None) => (tokens.good, language.say(Word::MilestoneConnected).to_string()),
        MilestoneKind::Connected(Some(path)) => {
            let path = language.say(path_word(path));
            (tokens.good, language.fill(Word::MilestoneConnectedPath, &[path]))
        }
        MilestoneKind::Disconnected => (tokens.busy, language.say(Word::MilestoneDisconnected).to_string()),
        MilestoneKind::Failed => (tokens.bad, language.say(Word::MilestoneFailed).to_string()),
        MilestoneKind::Action => {
            let describe = crate::workbench::model::describe::Describe::new(document, language);
            (tokens.busy, describe.what(milestone.entry))
        }
    };
    let hit = Rect::from_min_max(pos2(x - 5.0, track.top() - 2.0), pos2(x + 11.0, track.top() + 13.0));
    let response = ui.interact(hit, ui.scope_id().with(("flag", milestone.entry.index())), Sense::click());
    let painter = ui.painter();
    painter.vline(x, track.y_range(), Stroke::new(1.5, color));
    let top = track.top();
    // At the right end the cloth hangs to the left.
    let side = if x + 12.0 > track.right() { -1.0 } else { 1.0 };
    let cloth = match milestone.kind {
        // Shapes differ, too: a pennant for good, a square for bad, a lozenge for actions.
        MilestoneKind::Connected(_) => {
            vec![pos2(x, top), pos2(x + 10.0 * side, top + 5.0), pos2(x, top + 10.0)]
        }
        MilestoneKind::Failed | MilestoneKind::Disconnected => {
            let far = x + 9.0 * side;
            vec![pos2(x, top), pos2(far, top), pos2(far, top + 9.0), pos2(x, top + 9.0)]
        }
        MilestoneKind::Action => {
            vec![pos2(x, top), pos2(x + 5.0, top + 5.0), pos2(x, top + 10.0), pos2(x - 5.0, top + 5.0)]
        }
    };
    painter.add(Shape::convex_polygon(cloth, color, Stroke::NONE));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    let at = document.trace.entry(milestone.entry).at;
    let response = response.on_hover_cursor(CursorIcon::PointingHand).on_hover_ui(|ui| {
        ui.label(egui::RichText::new(&words).font(strong(size::BODY)));
        ui.label(egui::RichText::new(at.to_string()).color(tokens.muted));
    });
    response.clicked().then_some(Command::SeekEntry(milestone.entry))
}
