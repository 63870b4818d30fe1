//! Packets on the map: in flight by time, dropped where it happened, and what the current event is.

use egui::accesskit::Role;
use egui::{Align2, Painter, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};
use rtclab_trace::{Change, Direction, Dropped, Entity, EntryId, PacketId, Place};

use super::labels::Labels;
use crate::workbench::command::Command;
use crate::workbench::model::describe::Describe;
use crate::workbench::model::document::Document;
use crate::workbench::model::layout::Placed;
use crate::workbench::model::topic::Topic;
use crate::workbench::paint::{marker, text};
use crate::workbench::state::State;
use crate::workbench::style::body;
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// More packets in flight than this are counted, not drawn.
const MARKERS_MAX: usize = 400;
/// More than this have no label, except the selected one.
const LABELS_MAX: usize = 14;

/// Packets at one place stand side by side in at most so many lanes; more stand on each other.
const LANES_MAX: usize = 7;

/// Of a capture's packets, only so many of the newest are shown.
const SEEN_MAX: usize = 8;

/// A packet on the map.
struct Mark {
    entry: EntryId,
    packet: PacketId,
    at: Pos2,
    way: Vec2,
    lost: bool,
}

/// Paints packets; returns what was clicked.
pub(super) fn view(
    state: &State,
    ui: &mut Ui,
    document: &Document,
    placed: &Placed,
    ground: Rect,
) -> Vec<Command> {
    let mut commands = Vec::new();
    let painter = ui.painter().clone();
    let cards = placed.nodes().map(|(_, rect)| rect).filter(|rect| rect.intersects(ground));
    let mut labels = Labels::new(&painter, state.tokens(), ground.shrink(3.0), cards);
    let marks = in_flight(state, document, placed);
    for mark in &marks {
        labels.avoid(Rect::from_center_size(mark.at, Vec2::splat(size::MARKER * 2.0 + 4.0)));
    }
    let fallen = fallen(state, document, placed);
    for (at, ..) in &fallen {
        labels.avoid(Rect::from_center_size(*at, Vec2::splat(size::MARKER * 2.0 + 4.0)));
    }
    let shown = current(state, document, placed, &painter, &mut labels);
    commands.extend(drops(state, ui, document, &fallen, &mut labels, shown));
    let selected = state.selection().packet.as_ref().map(|view| view.packet);
    let mut order: Vec<&Mark> = marks.iter().collect();
    order.sort_by_key(|mark| (Some(mark.packet) != selected, mark.entry));
    for (index, mark) in order.into_iter().enumerate() {
        let is_selected = Some(mark.packet) == selected;
        let response = paint_mark(state, ui, document, mark, is_selected);
        if response.clicked() {
            commands.push(Command::ShowPacket(mark.entry));
        }
        if is_selected || index < LABELS_MAX {
            let color = state.tokens().topic(document.packet_topic(mark.packet));
            let thing = Rect::from_center_size(mark.at, Vec2::splat(size::MARKER * 2.0 + 8.0));
            labels.put(thing, &label(state, document, mark), color, is_selected);
        }
    }
    commands
}

fn label(state: &State, document: &Document, mark: &Mark) -> String {
    let title = document.packet_title(mark.packet);
    if mark.lost {
        return format!("{title} ({})", state.language().say(Word::MapLost));
    }
    title.to_string()
}

fn in_flight(state: &State, document: &Document, placed: &Placed) -> Vec<Mark> {
    let cursor = state.cursor();
    let trace = &document.trace;
    let mut marks: Vec<Mark> = Vec::new();
    for (entry, flight) in trace.in_flight(cursor.count, cursor.time).take(MARKERS_MAX) {
        let Change::Hop { link, direction, lost, .. } = trace.entry(entry).change else { continue };
        let span = flight.arrives_at.since(flight.sent_at).as_secs_f32().max(1e-9);
        let share = cursor.time.since(flight.sent_at).as_secs_f32() / span;
        let Some(at) = placed.along(link, direction, share) else { continue };
        let ahead = placed.along(link, direction, (share + 0.03).min(1.0)).unwrap_or(at);
        let behind = placed.along(link, direction, (share - 0.03).max(0.0)).unwrap_or(at);
        marks.push(Mark { entry, packet: flight.packet, at, way: ahead - behind, lost });
    }
    marks.extend(seen(state, document, placed));
    spread(&mut marks);
    marks
}

/// Packets of a capture: when they left and arrived is not known, so they are shown on the middle of their way for a moment.
fn seen(state: &State, document: &Document, placed: &Placed) -> Vec<Mark> {
    let (cursor, linger) = (state.cursor(), state.speed().linger() / 2);
    let trace = &document.trace;
    let recent = (0..cursor.count).rev().filter_map(|index| trace.id_at(index));
    let recent = recent.take_while(|&id| cursor.time.since(trace.entry(id).at) <= linger);
    let mut marks = Vec::new();
    for entry in recent.take(MARKERS_MAX) {
        if marks.len() == SEEN_MAX {
            break;
        }
        let what = trace.entry(entry);
        let (Change::Captured { end }, Entity::Packet(packet)) = (&what.change, what.entity) else {
            continue;
        };
        let way = if end.end == 0 { Direction::Forward } else { Direction::Backward };
        let passed = cursor.time.since(what.at).as_secs_f32() / linger.as_secs_f32().max(1e-9);
        let share = 0.35 + 0.3 * passed;
        let (Some(at), Some(ahead)) =
            (placed.along(end.link, way, share), placed.along(end.link, way, share + 0.05))
        else {
            continue;
        };
        marks.push(Mark { entry, packet, at, way: ahead - at, lost: false });
    }
    marks
}

/// Packets at one place stand side by side across their way, so that each can be seen and clicked.
fn spread(marks: &mut [Mark]) {
    let reach = size::MARKER * 2.0;
    for index in 1..marks.len() {
        let (before, rest) = marks.split_at_mut(index);
        let mark = &mut rest[0];
        let side = vec2(-mark.way.y, mark.way.x).normalized();
        let side = if side.is_finite() && side != Vec2::ZERO { side } else { vec2(1.0, 0.0) };
        let home = mark.at;
        for step in 0..LANES_MAX {
            // 0, +1, −1, +2, −2, …
            let lane = step.div_ceil(2);
            let sign = if step % 2 == 1 { 1.0 } else { -1.0 };
            mark.at = home + side * (reach * lane as f32 * sign);
            if before.iter().all(|other| other.at.distance(mark.at) >= reach) {
                break;
            }
        }
    }
}

fn paint_mark(
    state: &State,
    ui: &mut Ui,
    document: &Document,
    mark: &Mark,
    is_selected: bool,
) -> egui::Response {
    let tokens = state.tokens();
    let topic = document.packet_topic(mark.packet);
    let color = tokens.topic(topic);
    let radius = if is_selected { size::MARKER + 1.0 } else { size::MARKER };
    let hit = Rect::from_center_size(mark.at, Vec2::splat(radius * 2.0 + 6.0));
    let response = ui.interact(hit, ui.scope_id().with(("mark", mark.entry.index())), Sense::click());
    let painter = ui.painter();
    if is_selected || response.hovered() {
        painter.circle_filled(mark.at, radius + 6.0, color.gamma_multiply(0.25));
    }
    if mark.lost {
        marker::hollow(painter, topic, mark.at, radius, color, tokens.sunken);
    } else {
        marker::filled(painter, topic, mark.at, radius, color, tokens.sunken);
    }
    marker::heading(painter, mark.at, mark.way, radius, color);
    let describe = Describe::new(document, state.language());
    let (title, place) = (document.packet_title(mark.packet), describe.place(mark.entry));
    let name = state.language().fill(Word::MapPacket, &[&mark.packet.0.to_string(), title, &place]);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_selected, &name));
    let line = describe.packet_line(mark.entry);
    response.on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_ui(|ui| {
        ui.label(&line.what);
        ui.label(egui::RichText::new(&line.ends).color(tokens.muted));
    })
}

/// The mark and words of the current event, where it happens. Returns the packet whose end it showed.
fn current(
    state: &State,
    document: &Document,
    placed: &Placed,
    painter: &Painter,
    labels: &mut Labels<'_>,
) -> Option<PacketId> {
    let tokens = state.tokens();
    let entry = state.cursor().last_index().and_then(|index| document.trace.id_at(index))?;
    if document.trace.entry(entry).at != state.cursor().time {
        return None;
    }
    let describe = Describe::new(document, state.language());
    let what = document.trace.entry(entry);
    match (&what.change, what.entity) {
        (Change::Delivered { node, .. }, Entity::Packet(packet)) => {
            let rect = placed.node(*node);
            let at = corner(rect);
            marker::delivered(painter, at, size::MARKER + 2.0, tokens.good, tokens.surface);
            labels.put(rect, &describe.what(entry), tokens.good, true);
            Some(packet)
        }
        (Change::Dropped(dropped), Entity::Packet(packet)) => {
            let at = drop_point(placed, dropped)?;
            marker::dropped(painter, at, size::MARKER + 2.0, tokens.bad, tokens.bad_soft);
            let thing = Rect::from_center_size(at, Vec2::splat(size::MARKER * 2.0 + 6.0));
            labels.put(thing, &describe.what(entry), tokens.bad, true);
            Some(packet)
        }
        (change, entity) if !change.is_about_packet() => {
            let node = entity.node()?;
            let rect = placed.node(node);
            let color = tokens.topic(document.topic(entry));
            painter.rect_stroke(
                rect.expand(3.0),
                egui::CornerRadius::same(size::RADIUS + 3),
                Stroke::new(2.0, color.gamma_multiply(0.6)),
                egui::StrokeKind::Inside,
            );
            marker::filled(painter, document.topic(entry), corner(rect), size::MARKER, color, tokens.sunken);
            labels.put(rect.expand(3.0), &describe.what(entry), color, true);
            None
        }
        _ => None,
    }
}

fn corner(rect: Rect) -> Pos2 {
    rect.right_top() + vec2(-4.0, 4.0)
}

fn drop_point(placed: &Placed, dropped: &Dropped) -> Option<Pos2> {
    match dropped.place {
        Place::Node(node) => Some(corner(placed.node(node))),
        Place::Link(link, way) => placed.along(link, way, 0.9),
    }
}

/// Packets that were dropped a moment ago, the newest first: where their mark is, which entry says so, and whose it is.
fn fallen(state: &State, document: &Document, placed: &Placed) -> Vec<(Pos2, EntryId, PacketId)> {
    let cursor = state.cursor();
    let linger = state.speed().linger();
    let trace = &document.trace;
    let recent = (0..cursor.count).rev().filter_map(|index| trace.id_at(index));
    let recent = recent.take_while(|&id| cursor.time.since(trace.entry(id).at) <= linger);
    let mut fallen: Vec<(Pos2, EntryId, PacketId)> = Vec::new();
    for id in recent.take(MARKERS_MAX) {
        let entry = trace.entry(id);
        let (Change::Dropped(dropped), Entity::Packet(packet)) = (&entry.change, entry.entity) else {
            continue;
        };
        let Some(mut at) = drop_point(placed, dropped) else { continue };
        // Several at one place stand side by side.
        while fallen.len() < MARKERS_MAX && fallen.iter().any(|(other, ..)| other.distance(at) < 4.0) {
            at.x -= size::MARKER * 2.0 + 4.0;
        }
        fallen.push((at, id, packet));
    }
    fallen
}

/// Paints them. The one that is the current event is there already.
fn drops(
    state: &State,
    ui: &mut Ui,
    document: &Document,
    fallen: &[(Pos2, EntryId, PacketId)],
    labels: &mut Labels<'_>,
    shown: Option<PacketId>,
) -> Vec<Command> {
    let mut commands = Vec::new();
    let tokens = state.tokens();
    for &(at, id, _) in fallen.iter().filter(|(.., packet)| Some(*packet) != shown) {
        let hit = Rect::from_center_size(at, Vec2::splat(18.0));
        let response = ui.interact(hit, ui.scope_id().with(("drop", id.index())), Sense::click());
        marker::dropped(ui.painter(), at, size::MARKER + 1.0, tokens.bad, tokens.bad_soft);
        let what = Describe::new(document, state.language()).what(id);
        let place = Describe::new(document, state.language()).place(id);
        let name = state.language().fill(Word::MapDropped, &[&place, &what]);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        labels.put(hit, &what, tokens.bad, false);
        if response.on_hover_text(what).clicked() {
            commands.push(Command::ShowPacket(id));
        }
    }
    commands
}

/// The way that the selected packet has come so far.
pub(super) fn path(state: &State, painter: &Painter, document: &Document, placed: &Placed) {
    let Some(view) = &state.selection().packet else { return };
    let tokens = state.tokens();
    let entity = Entity::Packet(view.packet);
    let color = tokens.topic(document.packet_topic(view.packet));
    for &id in document.trace.entries_of(entity) {
        let entry = document.trace.entry(id);
        let Change::Hop { link, direction, transit, .. } = entry.change else { continue };
        if id.index() >= state.cursor().count {
            break;
        }
        let span = transit.duration().as_secs_f32().max(1e-9);
        let share = state.cursor().time.since(entry.at).as_secs_f32() / span;
        let steps = 24;
        let line: Vec<Pos2> = if share >= 1.0 {
            placed.wire(link).to_vec()
        } else {
            let points = (0..=steps).map(|step| share * step as f32 / steps as f32);
            points.filter_map(|share| placed.along(link, direction, share)).collect()
        };
        painter.add(Shape::line(line, Stroke::new(5.0, color.gamma_multiply(0.35))));
    }
}

/// What the shapes mean, in the head of the panel.
pub(super) fn legend(state: &State, ui: &Ui, tools: Rect) {
    let Some(document) = state.document() else { return };
    let tokens = state.tokens();
    let painter = ui.painter();
    let mut right = tools.right() - 36.0;
    let center = tools.center().y;
    let style = || (body(size::CAPTION), tokens.muted);
    let dropped = state.language().say(Word::LegendDropped);
    let written = text::put(painter, pos2(right, center), Align2::RIGHT_CENTER, dropped, style(), 120.0);
    let at = pos2(written.left() - 10.0, center);
    marker::dropped(painter, at, 5.5, tokens.bad, tokens.bad_soft);
    right = at.x - 18.0;
    let topics = [Topic::Data, Topic::Signaling, Topic::Turn, Topic::Stun];
    for topic in topics.into_iter().filter(|topic| document.has_packets_about(*topic)) {
        let label = state.language().say(topic.word());
        let written = text::put(painter, pos2(right, center), Align2::RIGHT_CENTER, label, style(), 120.0);
        let at = pos2(written.left() - 10.0, center);
        marker::filled(painter, topic, at, 5.0, tokens.topic(topic), tokens.surface);
        right = at.x - 18.0;
    }
}
