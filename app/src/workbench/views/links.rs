//! Links: what packets met on each way along one, and the queue of the chosen way over time, with what was dropped.

use egui::accesskit::Role;
use egui::{Align2, Color32, CursorIcon, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use rtclab_trace::LinkLoad;

use super::chart::{Chart, Curve};
use super::map::stage_switch;
use crate::workbench::command::Command;
use crate::workbench::model::links::Lane;
use crate::workbench::paint::controls::{inside, panel};
use crate::workbench::paint::text;
use crate::workbench::state::State;
use crate::workbench::style::{body, mono, strong};
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// A row of the list.
const ROW: f32 = 22.0;
/// Rows that are seen without scrolling.
const ROWS_SEEN: usize = 5;
/// Columns behind the name, and how wide each is.
const COLUMNS: [(Word, f32); 6] = [
    (Word::LinkColumnPackets, 64.0),
    (Word::LinkColumnQueue, 78.0),
    (Word::LinkColumnWait, 78.0),
    (Word::LinkColumnQueueDrops, 78.0),
    (Word::LinkColumnLost, 60.0),
    (Word::LinkColumnOther, 90.0),
];

/// Paints the list and the curves of the chosen way.
pub(super) fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    let Some(document) = state.document() else { return Vec::new() };
    let (tools, body) = panel(ui, state.tokens(), ui.max_rect(), "");
    let mut commands: Vec<Command> = stage_switch(state, ui, tools).into_iter().collect();
    let lanes = document.lanes();
    let Some(chosen) = state.lane() else { return commands };
    let height = ROW * (lanes.len().min(ROWS_SEEN) + 1) as f32 + 4.0;
    let (list, below) = body.split_top_bottom_at_y(body.top() + height);
    commands.extend(inside(ui, list, "links", |ui| rows(state, ui, lanes, chosen)));
    commands.extend(curves(state, ui, chosen, below.shrink2(vec2(6.0, 2.0))));
    commands
}

fn rows(state: &State, ui: &mut Ui, lanes: &[Lane], chosen: &Lane) -> Vec<Command> {
    let mut commands = Vec::new();
    let tokens = state.tokens();
    ui.spacing_mut().item_spacing.y = 0.0;
    let (_, head) = ui.allocate_space(vec2(ui.available_width(), ROW));
    ui.painter().rect_filled(head, 0.0, tokens.raised);
    let style = (body(size::CAPTION), tokens.muted);
    let cells = columns(head);
    text::put(
        ui.painter(),
        pos2(head.left() + size::MARGIN, head.center().y),
        Align2::LEFT_CENTER,
        state.language().say(Word::LinkColumnName),
        style.clone(),
        160.0,
    );
    for ((word, width), right) in COLUMNS.iter().zip(&cells) {
        let at = pos2(*right, head.center().y);
        text::put(ui.painter(), at, Align2::RIGHT_CENTER, state.language().say(*word), style.clone(), *width);
    }
    ScrollArea::vertical().id_salt("link rows").auto_shrink(false).show(ui, |ui| {
        for (number, lane) in lanes.iter().enumerate() {
            let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
            let is_chosen = (lane.link, lane.direction) == (chosen.link, chosen.direction);
            if row(state, ui, rect, lane, is_chosen) {
                commands.push(Command::SelectLink(number));
            }
        }
    });
    commands
}

/// The right edges of the columns.
fn columns(rect: Rect) -> Vec<f32> {
    let mut right = rect.right() - size::MARGIN;
    let mut edges: Vec<f32> = COLUMNS
        .iter()
        .rev()
        .map(|(_, width)| {
            let edge = right;
            right -= width;
            edge
        })
        .collect();
    edges.reverse();
    edges
}

fn row(state: &State, ui: &mut Ui, rect: Rect, lane: &Lane, is_chosen: bool) -> bool {
    let tokens = state.tokens();
    let response = ui.interact(rect, ui.scope_id().with(("link", &lane.name)), Sense::click());
    let fill = match (is_chosen, response.hovered()) {
        (true, _) => tokens.accent_soft,
        (_, true) => tokens.hovered,
        _ => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, 0.0, fill);
    let at = pos2(rect.left() + size::MARGIN, rect.center().y);
    let numbers = columns(rect);
    let room = numbers.first().map_or(160.0, |right| right - COLUMNS[0].1 - at.x);
    text::put(ui.painter(), at, Align2::LEFT_CENTER, &lane.name, (strong(size::BODY), tokens.text), room);
    for ((cell, is_bad), (right, (_, width))) in
        cells(&lane.load).into_iter().zip(numbers.iter().zip(COLUMNS))
    {
        let color = if is_bad { tokens.bad } else { tokens.text };
        let at = pos2(*right, rect.center().y);
        text::put(ui.painter(), at, Align2::RIGHT_CENTER, &cell, (mono(size::CAPTION), color), width);
    }
    let label = format!("{}: {}", lane.name, lane.load);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, is_chosen, &label));
    let response = response.on_hover_text(lane.load.to_string());
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

/// What the columns say, and whether it is bad news.
fn cells(load: &LinkLoad) -> [(String, bool); 6] {
    let count = |number: u64| if number == 0 { "–".to_owned() } else { number.to_string() };
    let wait = load.longest_wait.as_secs_f64() * 1e3;
    let other = load.duplicates + load.corrupted + load.marked;
    [
        (count(load.packets), false),
        (count(u64::from(load.fullest.packets)), false),
        (if wait == 0.0 { "–".into() } else { format!("{wait:.1} ms") }, false),
        (count(load.queue_full + load.codel_dropped), load.queue_full + load.codel_dropped > 0),
        (count(load.lost), load.lost > 0),
        (count(other), load.corrupted > 0),
    ]
}

fn curves(state: &State, ui: &mut Ui, lane: &Lane, area: Rect) -> Option<Command> {
    let (tokens, language) = (state.tokens(), state.language());
    let end_ms = state.document().map_or(0.0, |document| document.end().as_nanos() as f64 / 1e6);
    let backlog =
        lane.backlog.iter().map(|backlog| (backlog.at.as_nanos() as f64 / 1e6, f64::from(backlog.packets)));
    let drops = lane.drops_ms.iter().map(|at| (*at, 0.0));
    let curves = vec![
        Curve::steps(language.say(Word::LinkQueue), tokens.accent, backlog).until(end_ms),
        Curve::marks(language.say(Word::LinkDrops), tokens.bad, drops),
    ];
    let chart = Chart { name: language.say(Word::LinkChart), group: "links", unit: "packets" };
    chart.show(state, ui, area, curves)
}
