//! TCP: the state diagram of RFC 9293 with the way that a socket took through it, and its sequence numbers and windows over time.

use egui::accesskit::Role;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Pos2, Rect, ScrollArea, Sense, Shape, Stroke, StrokeKind, Ui,
    Vec2, WidgetInfo, pos2, vec2,
};
use rtclab_trace::{Change, EntryId, TcpConnectionState};

use super::chart::{Chart, Curve};
use super::map::stage_switch;
use crate::workbench::command::Command;
use crate::workbench::model::document::Document;
use crate::workbench::model::tcp::{EDGES, Edge, Sample, Track, place};
use crate::workbench::paint::controls::{chip, chip_width, inside, panel};
use crate::workbench::paint::text;
use crate::workbench::state::State;
use crate::workbench::style::{body, mono};
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// The strip of sockets above the diagram.
const SOCKETS: f32 = 30.0;
/// A state of the diagram.
const BOX: Vec2 = vec2(86.0, 20.0);

/// Paints the diagram and the curves of the chosen socket.
pub(super) fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    let Some(document) = state.document() else { return Vec::new() };
    let (tools, body) = panel(ui, state.tokens(), ui.max_rect(), "");
    let mut commands: Vec<Command> = stage_switch(state, ui, tools).into_iter().collect();
    let Some(track) = state.track() else { return commands };
    let (strip, below) = body.split_top_bottom_at_y(body.top() + SOCKETS);
    commands.extend(inside(ui, strip, "sockets", |ui| sockets(state, ui, document, track)));
    let width = (below.width() * 0.46).clamp(260.0, 380.0);
    let (left, right) = below.split_left_right_at_x(below.left() + width);
    commands.extend(inside(ui, left, "diagram", |ui| diagram(state, ui, track)));
    commands.extend(curves(state, ui, track, right.shrink2(vec2(4.0, 2.0))));
    commands
}

/// A chip for each socket.
fn sockets(state: &State, ui: &mut Ui, document: &Document, chosen: &Track) -> Vec<Command> {
    let mut commands = Vec::new();
    let tokens = state.tokens();
    ScrollArea::horizontal().id_salt("socket chips").show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.add_space(size::GAP);
            for track in document.tracks() {
                let label = label(state, document, track);
                let (_, rect) = ui.allocate_space(vec2(chip_width(ui, &label), 22.0));
                let rect = rect.translate(vec2(0.0, 4.0));
                let color = tokens.accent;
                let is_chosen = track.entity == chosen.entity;
                let mark = |painter: &egui::Painter, at: Pos2| {
                    painter.circle_filled(at, 3.5, color);
                };
                if chip(ui, tokens, rect, &label, is_chosen, mark).clicked() {
                    commands.push(Command::SelectSocket(track.entity));
                }
            }
        });
    });
    commands
}

/// `alice 5000 → 203.0.113.10:80`.
fn label(state: &State, document: &Document, track: &Track) -> String {
    let name = &document.trace.topology().node(track.node).name;
    let newest = document.trace.entries_of(track.entity).last();
    match newest.map(|&id| &document.trace.entry(id).change) {
        Some(Change::Tcp(socket)) => match socket.remote {
            Some(remote) => format!("{name} :{} → {remote}", socket.local.port()),
            None => format!("{name} :{} {}", socket.local.port(), state.language().say(Word::TcpListens)),
        },
        _ => name.clone(),
    }
}

/// Where everything of the diagram is.
struct Canvas {
    area: Rect,
}

impl Canvas {
    fn rect(&self, state: TcpConnectionState) -> Rect {
        let (x, y) = place(state);
        let center = self.area.min + vec2(x * self.area.width(), y * self.area.height());
        Rect::from_center_size(center, BOX)
    }

    /// The line of an edge. LAST-ACK and TIME-WAIT go back to CLOSED around the right side.
    fn line(&self, edge: &Edge) -> Vec<Pos2> {
        let (from, to) = (self.rect(edge.from), self.rect(edge.to));
        if edge.to == TcpConnectionState::Closed {
            let x = self.area.right() + if edge.from == TcpConnectionState::LastAck { 4.0 } else { 9.0 };
            let start = from.right_center();
            return vec![start, pos2(x, start.y), pos2(x, to.center().y), to.right_center()];
        }
        if (from.center().x - to.center().x).abs() < 2.0 {
            return vec![from.center_bottom(), to.center_top()];
        }
        let rightwards = to.center().x > from.center().x;
        let (start, end) = if rightwards {
            (from.right_center(), to.left_center())
        } else {
            (from.left_center(), to.right_center())
        };
        // Downwards by more than a row: enter from above, where no other box is in the way.
        if to.top() > from.bottom() + 4.0 {
            return vec![
                pos2(start.x - if rightwards { 14.0 } else { -14.0 }, from.bottom()),
                pos2(end.x + if rightwards { 14.0 } else { -14.0 }, to.top()),
            ];
        }
        vec![start, end]
    }
}

fn diagram(state: &State, ui: &mut Ui, track: &Track) -> Vec<Command> {
    let mut commands = Vec::new();
    let tokens = state.tokens();
    let ground = ui.max_rect();
    let margin = vec2(14.0, 6.0);
    let canvas = Canvas { area: ground.shrink2(margin).with_max_x(ground.right() - 18.0) };
    let visited = track.visited(state.cursor());
    let taken = |edge: &Edge| visited.windows(2).any(|pair| pair[0].1 == edge.from && pair[1].1 == edge.to);
    let newest = visited.len().checked_sub(2).map(|at| (visited[at].1, visited[at + 1].1));
    for edge in EDGES {
        let (color, width) = match (newest == Some((edge.from, edge.to)), taken(edge)) {
            (true, _) => (tokens.accent, 2.2),
            (_, true) => (tokens.text, 1.6),
            _ => (tokens.border, 1.0),
        };
        arrow(ui.painter(), &canvas.line(edge), Stroke::new(width, color));
    }
    for connection_state in TcpConnectionState::ALL {
        let entered = visited.iter().rev().find(|(_, visited)| *visited == connection_state);
        let is_current = visited.last().is_some_and(|(_, last)| *last == connection_state);
        let rect = canvas.rect(connection_state);
        commands.extend(state_box(state, ui, rect, connection_state, entered.map(|(id, _)| *id), is_current));
    }
    commands
}

fn state_box(
    state: &State,
    ui: &mut Ui,
    rect: Rect,
    connection_state: TcpConnectionState,
    entered: Option<EntryId>,
    is_current: bool,
) -> Option<Command> {
    let tokens = state.tokens();
    let response = ui.interact(rect, ui.scope_id().with(connection_state.word()), Sense::click());
    let (fill, border, color) = match (is_current, entered.is_some()) {
        (true, _) => (tokens.accent, tokens.accent, tokens.on_accent),
        (_, true) => (tokens.accent_soft, tokens.accent, tokens.text),
        _ => (tokens.raised, tokens.line, tokens.muted),
    };
    let radius = CornerRadius::same(size::RADIUS_SMALL);
    ui.painter().rect(rect, radius, fill, Stroke::new(1.0, border), StrokeKind::Inside);
    let style = (mono(size::CAPTION - 1.0), color);
    text::put(
        ui.painter(),
        rect.center(),
        Align2::CENTER_CENTER,
        connection_state.word(),
        style,
        BOX.x - 4.0,
    );
    let word = match (is_current, entered.is_some()) {
        (true, _) => Word::TcpIsCurrent,
        (_, true) => Word::TcpWasVisited,
        _ => Word::TcpNotVisited,
    };
    let label = format!("{}: {}", connection_state.word(), state.language().say(word));
    response.widget_info(|| WidgetInfo::selected(Role::Button, entered.is_some(), is_current, &label));
    let response = response.on_hover_ui(|ui| {
        ui.label(&label);
        for edge in EDGES.iter().filter(|edge| edge.from == connection_state) {
            ui.label(format!("→ {}: {}", edge.to.word(), edge.label));
        }
    });
    let entry = entered.filter(|_| response.clicked())?;
    let _ = response.on_hover_cursor(CursorIcon::PointingHand);
    Some(Command::SeekEntry(entry))
}

fn arrow(painter: &egui::Painter, points: &[Pos2], stroke: Stroke) {
    let [.., before, tip] = points else { return };
    let along = (*tip - *before).normalized();
    let across = along.rot90();
    let mut line = points.to_vec();
    if let Some(last) = line.last_mut() {
        *last -= along * 5.0;
    }
    painter.add(Shape::line(line, stroke));
    let base = *tip - along * 7.0;
    let head = vec![*tip, base + across * 3.5, base - across * 3.5];
    painter.add(Shape::convex_polygon(head, stroke.color, Stroke::NONE));
}

fn curves(state: &State, ui: &mut Ui, track: &Track, area: Rect) -> Vec<Command> {
    if !track.is_connection {
        let style = (body(size::BODY), state.tokens().muted);
        let hint = state.language().say(Word::TcpNothingToDraw);
        text::put(ui.painter(), area.center(), Align2::CENTER_CENTER, hint, style, area.width() - 24.0);
        return Vec::new();
    }
    let (upper, lower) = area.split_top_bottom_at_y(area.center().y);
    let sequences = Chart { name: state.language().say(Word::TcpSequences), group: "tcp", unit: "B" };
    let windows = Chart { name: state.language().say(Word::TcpWindows), group: "tcp", unit: "B" };
    let end_ms = track.busy_until_ms();
    let mut commands = Vec::new();
    commands.extend(sequences.show(state, ui, upper, sequence_curves(state, track, end_ms)));
    commands.extend(windows.show(state, ui, lower, window_curves(state, track, end_ms)));
    commands
}

fn series(track: &Track, value: impl Fn(&Sample) -> u64) -> impl Iterator<Item = (f64, f64)> {
    let end_ms = track.busy_until_ms();
    let drawn = track.samples.iter().take_while(move |sample| sample.at_ms <= end_ms);
    drawn.map(move |sample| (sample.at_ms, value(sample) as f64))
}

fn sequence_curves(state: &State, track: &Track, end_ms: f64) -> Vec<Curve> {
    let (tokens, language) = (state.tokens(), state.language());
    let name = |word| language.say(word);
    let again = track.retransmissions().map(|sample| (sample.at_ms, sample.acknowledged as f64));
    vec![
        Curve::line(name(Word::TcpSent), tokens.accent, series(track, |sample| sample.sent)).until(end_ms),
        Curve::line(name(Word::TcpAcknowledged), tokens.good, series(track, |sample| sample.acknowledged))
            .until(end_ms),
        Curve::line(name(Word::TcpReceived), tokens.muted, series(track, |sample| sample.received))
            .until(end_ms),
        Curve::marks(name(Word::TcpRetransmitted), tokens.bad, again),
    ]
}

fn window_curves(state: &State, track: &Track, end_ms: f64) -> Vec<Curve> {
    let (tokens, language) = (state.tokens(), state.language());
    let name = |word| language.say(word);
    let drawn = track.samples.iter().take_while(|sample| sample.at_ms <= end_ms);
    let threshold = drawn.filter_map(|sample| Some((sample.at_ms, sample.ssthresh? as f64)));
    let dashed: Color32 = tokens.busy;
    vec![
        Curve::line(name(Word::TcpCwnd), tokens.accent, series(track, |sample| sample.cwnd)).until(end_ms),
        Curve::line(name(Word::TcpInFlight), tokens.good, series(track, |sample| sample.in_flight))
            .until(end_ms),
        Curve::line(name(Word::TcpSsthresh), dashed, threshold).until(end_ms),
    ]
}
