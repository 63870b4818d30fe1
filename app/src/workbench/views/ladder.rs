//! The call as a sequence: a lifeline for each node, an arrow for each packet's journey, in the order of time.

use egui::accesskit::Role;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};
use rtclab_trace::{Change, Entity, EntryId, NodeId};

use super::map::stage_switch;
use super::packets;
use crate::workbench::command::Command;
use crate::workbench::model::document::Document;
use crate::workbench::model::sequence::Journey;
use crate::workbench::paint::controls::{inside, panel};
use crate::workbench::paint::node_icon::NodeIcon;
use crate::workbench::paint::pen::square;
use crate::workbench::paint::scroll::Rows;
use crate::workbench::paint::{marker, text};
use crate::workbench::state::State;
use crate::workbench::style::{body, mono, strong};
use crate::workbench::tokens::size;

/// A row of the ladder.
const ROW: f32 = 34.0;
/// The heads of the lifelines.
const HEADS: f32 = 30.0;
/// Left of the first lifeline: the time.
const TIME: f32 = 92.0;

/// Paints the ladder.
pub(super) fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    let Some(document) = state.document() else { return Vec::new() };
    let mut commands = Vec::new();
    let tokens = state.tokens();
    let (tools, body) = panel(ui, tokens, ui.max_rect(), "");
    commands.extend(stage_switch(state, ui, tools));
    packets::legend(state, ui, tools);
    let (journeys, columns) = document.ladder();
    let (heads, rows) = body.split_top_bottom_at_y(body.top() + HEADS);
    let lanes = Lanes::new(columns, rows);
    lane_heads(state, ui, document, &lanes, heads);
    commands.extend(inside(ui, rows, "ladder rows", |ui| {
        let mut commands = Vec::new();
        let count = state.cursor().count;
        let begun = journeys.partition_point(|journey| journey.first.index() < count);
        let list = Rows { name: "ladder", height: ROW, count: journeys.len() };
        list.show(ui, count, Some(begun.saturating_sub(1)), |ui, index| {
            let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
            commands.extend(row(state, ui, document, &lanes, &journeys[index], rect));
        });
        commands
    }));
    commands
}

/// Where the lifelines are.
struct Lanes<'a> {
    nodes: &'a [NodeId],
    left: f32,
    pitch: f32,
}

impl<'a> Lanes<'a> {
    fn new(nodes: &'a [NodeId], area: Rect) -> Lanes<'a> {
        let pitch = (area.width() - TIME - 16.0) / nodes.len().max(1) as f32;
        Lanes { nodes, left: area.left() + TIME, pitch }
    }

    fn x(&self, node: NodeId) -> Option<f32> {
        let index = self.nodes.iter().position(|lane| *lane == node)?;
        Some(self.left + self.pitch * (index as f32 + 0.5))
    }
}

fn lane_heads(state: &State, ui: &Ui, document: &Document, lanes: &Lanes<'_>, heads: Rect) {
    let tokens = state.tokens();
    let painter = ui.painter();
    painter.rect_filled(heads, 0.0, tokens.raised);
    for &node in lanes.nodes {
        let info = document.trace.topology().node(node);
        let Some(x) = lanes.x(node) else { continue };
        let is_selected = state.selected_node() == Some(node);
        let color = if is_selected { tokens.accent } else { tokens.text };
        let icon = NodeIcon::of(info);
        let room = lanes.pitch - 26.0;
        let width = text::width(painter, &info.name, strong(size::BODY)).min(room);
        let left = x - (width + 18.0) / 2.0;
        icon.paint(painter, square(pos2(left + 6.0, heads.center().y), 13.0), color);
        let at = pos2(left + 18.0, heads.center().y);
        text::put(painter, at, Align2::LEFT_CENTER, &info.name, (strong(size::BODY), color), room);
    }
}

fn row(
    state: &State,
    ui: &mut Ui,
    document: &Document,
    lanes: &Lanes<'_>,
    journey: &Journey,
    rect: Rect,
) -> Option<Command> {
    let tokens = state.tokens();
    let count = state.cursor().count;
    let response = ui.interact(rect, ui.scope_id().with(("journey", journey.packet.0)), Sense::click());
    let selected = state.selection().packet.as_ref().is_some_and(|view| view.packet == journey.packet);
    let painter = ui.painter();
    let fill = match (selected, response.hovered()) {
        (true, _) => tokens.accent_soft,
        (_, true) => tokens.hovered,
        _ => Color32::TRANSPARENT,
    };
    painter.rect_filled(rect, 0.0, fill);
    for &node in lanes.nodes {
        if let Some(x) = lanes.x(node) {
            painter.vline(x, rect.y_range(), Stroke::new(1.0, tokens.border));
        }
    }
    let has_begun = journey.first.index() < count;
    let has_ended = journey.end.index() < count;
    let topic = document.packet_topic(journey.packet);
    let strength = if has_begun { 1.0 } else { 0.4 };
    let color = tokens.topic(topic).gamma_multiply(strength);
    let quiet = if has_begun { tokens.muted } else { tokens.faint };
    let at = pos2(rect.left() + TIME - 8.0, rect.bottom() - 10.0);
    let time = journey.sent_at.to_string();
    text::put(painter, at, Align2::RIGHT_CENTER, &time, (mono(size::CAPTION), quiet), TIME - 14.0);
    let (from, to) = (lanes.x(journey.from), journey.to.and_then(|node| lanes.x(node)));
    if let Some(from) = from {
        let to = to.unwrap_or(from + lanes.pitch * 0.4);
        arrow(state, ui, rect, (from, to), color, (journey.dropped, has_ended));
        rewrites(state, ui, document, lanes, journey, rect, color);
        let title = document.packet_title(journey.packet);
        let middle = pos2((from + to) / 2.0, rect.top() + 12.0);
        let room = (to - from).abs().max(lanes.pitch) - 12.0;
        let color = if has_begun { tokens.text } else { tokens.faint };
        let galley = text::line(painter, title, body(size::CAPTION), color, room);
        let label = Align2::CENTER_CENTER.anchor_size(middle, galley.size());
        let ground = if fill == Color32::TRANSPARENT { tokens.surface } else { fill };
        painter.rect_filled(label.expand2(vec2(4.0, 0.0)), CornerRadius::same(3), ground);
        painter.galley(label.min, galley, color);
        marker::filled(
            painter,
            topic,
            pos2(from, rect.bottom() - 10.0),
            4.5,
            tokens.topic(topic).gamma_multiply(strength),
            tokens.surface,
        );
        let name = |node: NodeId| document.trace.topology().node(node).name.as_str();
        let words = format!("{time}, {} → {}, {title}", name(journey.from), journey.to.map_or("?", name));
        response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, &words));
    }
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.clicked().then_some(Command::SeekEntry(journey.end))
}

fn arrow(
    state: &State,
    ui: &Ui,
    rect: Rect,
    (from, to): (f32, f32),
    color: Color32,
    (dropped, has_ended): (bool, bool),
) {
    let tokens = state.tokens();
    let painter = ui.painter();
    let y = rect.bottom() - 10.0;
    let way = (to - from).signum();
    let tip = pos2(to - way * 2.0, y);
    let line = [pos2(from, y), pos2(to - way * 7.0, y)];
    if has_ended {
        painter.line_segment(line, Stroke::new(1.5, color));
    } else {
        painter.extend(Shape::dashed_line(&line, Stroke::new(1.5, color), 4.0, 3.0));
    }
    if dropped {
        marker::dropped(
            painter,
            pos2(to, y),
            6.0,
            if has_ended { tokens.bad } else { tokens.faint },
            tokens.bad_soft,
        );
    } else {
        let head = vec![tip, pos2(tip.x - way * 8.0, y - 4.0), pos2(tip.x - way * 8.0, y + 4.0)];
        painter.add(Shape::convex_polygon(head, color, Stroke::NONE));
    }
}

/// A dot on the lifeline of each node that passed the packet on and changed its bytes: a NAT.
fn rewrites(
    state: &State,
    ui: &Ui,
    document: &Document,
    lanes: &Lanes<'_>,
    journey: &Journey,
    rect: Rect,
    color: Color32,
) {
    let trace = &document.trace;
    let mut before: Option<u8> = None;
    for &id in trace.entries_of(Entity::Packet(journey.packet)) {
        let Change::Hop { link, direction, version, .. } = trace.entry(id).change else { continue };
        let (from, _) = trace.topology().hop(link, direction);
        if before.is_some_and(|before| before != version)
            && let Some(x) = lanes.x(from)
        {
            let has_happened = happened(state, id);
            let fill = if has_happened { color } else { state.tokens().surface };
            let at = pos2(x, rect.bottom() - 10.0);
            marker::filled(ui.painter(), crate::workbench::model::topic::Topic::Nat, at, 4.5, fill, color);
        }
        before = Some(version);
    }
}

fn happened(state: &State, id: EntryId) -> bool {
    id.index() < state.cursor().count
}
