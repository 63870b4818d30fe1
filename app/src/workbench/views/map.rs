//! The topology: networks as bars, nodes as cards, links as lines. Packets on them are `packets`'s.

use egui::accesskit::Role;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Rect, Response, Sense, Shape, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};
use rtclab_trace::{Change, Entity, LinkState, NodeId, NodeInfo, NodeKind};

use super::packets;
use crate::workbench::command::{Action, Command};
use crate::workbench::model::document::Document;
use crate::workbench::model::layout::Placed;
use crate::workbench::paint::controls::{Look, icon_button, panel, segments, segments_width};
use crate::workbench::paint::icon::Icon;
use crate::workbench::paint::node_icon::{NodeIcon, is_server};
use crate::workbench::paint::pen::square;
use crate::workbench::paint::text;
use crate::workbench::state::{Stage, State};
use crate::workbench::style::{body, mono, strong};
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// Paints the map.
pub(super) fn view(state: &State, ui: &mut Ui) -> Vec<Command> {
    let Some(document) = state.document() else { return Vec::new() };
    let mut commands = Vec::new();
    let (tools, body) = panel(ui, state.tokens(), ui.max_rect(), "");
    commands.extend(stage_switch(state, ui, tools));
    let moved = state.layout().zoom != 1.0 || state.layout().pan != egui::Vec2::ZERO;
    if moved {
        let at = pos2(tools.right() - 14.0, tools.center().y);
        let name = state.language().say(Word::CommandFit);
        if icon_button(ui, state.tokens(), square(at, 24.0), Icon::Fit, name, Look::default()) {
            commands.push(Command::Do(Action::FitMap));
        }
    }
    packets::legend(state, ui, tools);
    let ground = body.shrink(1.0);
    ui.painter().rect_filled(ground, CornerRadius { nw: 0, ne: 0, sw: 7, se: 7 }, state.tokens().sunken);
    commands.extend(drag(ui, ground));
    ui.set_clip_rect(ground.intersect(ui.clip_rect()));
    let placed =
        Placed::new(&document.map, ground.shrink2(vec2(16.0, 14.0)), state.layout().zoom, state.layout().pan);
    wires(state, ui, document, &placed);
    for (node, rect) in placed.nodes() {
        if ui.is_rect_visible(rect) {
            let response = if is_bar(document, node) {
                bar(state, ui, document, node, rect, placed.scale)
            } else {
                card(state, ui, document, node, rect, placed.scale)
            };
            if response.clicked() {
                commands.push(Command::SelectNode(node));
            }
        }
    }
    commands.extend(packets::view(state, ui, document, &placed, ground));
    commands
}

/// The switch between the pictures of the run, in the head of the panel.
pub(super) fn stage_switch(state: &State, ui: &mut Ui, tools: Rect) -> Option<Command> {
    let language = state.language();
    let stages = stages(state);
    let labels: Vec<&str> = stages.iter().map(|(_, _, word)| language.say(*word)).collect();
    let width = segments_width(ui, &labels);
    let rect = Rect::from_min_size(pos2(tools.left(), tools.center().y - 12.0), vec2(width, 24.0));
    let chosen = stages.iter().position(|(stage, ..)| *stage == state.stage()).unwrap_or(0);
    let clicked = segments(ui, state.tokens(), rect, &labels, chosen)?;
    stages.get(clicked).map(|(_, action, _)| Command::Do(*action))
}

/// The pictures that there is something to see in.
fn stages(state: &State) -> Vec<(Stage, Action, Word)> {
    let Some(document) = state.document() else { return Vec::new() };
    let all = [
        (Stage::Map, Action::ShowMap, Word::PanelMap),
        (Stage::Ladder, Action::ShowLadder, Word::PanelLadder),
        (Stage::Session, Action::ShowSession, Word::PanelSession),
        (Stage::Tcp, Action::ShowTcp, Word::PanelTcp),
        (Stage::Links, Action::ShowLinks, Word::PanelLinks),
    ];
    all.into_iter().filter(|(stage, ..)| stage.has_something_of(document)).collect()
}

/// Dragging the ground moves the map; the wheel zooms around the pointer.
fn drag(ui: &mut Ui, ground: Rect) -> Vec<Command> {
    let response = ui.interact(ground, ui.scope_id().with("ground"), Sense::drag());
    let mut commands = Vec::new();
    if response.dragged() {
        commands.push(Command::PanMap(response.drag_delta()));
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    if let Some(pointer) = response.hover_pos() {
        let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let factor = pinch * (scroll / 300.0).exp();
        if (factor - 1.0).abs() > 1e-3 {
            commands.push(Command::ZoomMap(factor, ground.center() - pointer));
        }
    }
    commands
}

fn is_bar(document: &Document, node: NodeId) -> bool {
    document.map.spot(node).is_some_and(|spot| spot.bar)
}

/// The lines of links: dashed and marked where they are down, with their properties under the pointer.
fn wires(state: &State, ui: &Ui, document: &Document, placed: &Placed) {
    let tokens = state.tokens();
    let painter = ui.painter();
    for (link, line) in
        placed.wires().filter(|(_, line)| ui.is_rect_visible(Rect::from_points(line).expand(2.0)))
    {
        let latest = document.trace.latest_before(Entity::Link(link), state.cursor().count.max(1));
        let is_down = latest
            .is_some_and(|id| matches!(&document.trace.entry(id).change, Change::Link(link) if !is_up(link)));
        if is_down {
            painter.extend(Shape::dashed_line(line, Stroke::new(2.0, tokens.bad), 5.0, 4.0));
            if let Some(middle) = placed.along(link, rtclab_trace::Direction::Forward, 0.5) {
                let label = state.language().say(Word::LinkDown);
                crate::workbench::paint::controls::badge(painter, middle, label, tokens.bad, tokens.bad_soft);
            }
        } else {
            painter.add(Shape::line(line.to_vec(), Stroke::new(2.0, tokens.wire)));
        }
    }
    packets::path(state, painter, document, placed);
}

fn is_up(link: &LinkState) -> bool {
    link.up
}

/// A network.
fn bar(state: &State, ui: &mut Ui, document: &Document, node: NodeId, rect: Rect, scale: f32) -> Response {
    let tokens = state.tokens();
    let info = document.trace.topology().node(node);
    let response = node_response(state, ui, document, node, rect);
    let selected = state.selected_node() == Some(node);
    let stroke = border(state, selected, response.hovered());
    let radius = CornerRadius::same((rect.height() / 2.0).min(14.0) as u8);
    ui.painter().rect(rect, radius, tokens.raised, stroke, StrokeKind::Inside);
    let font = strong((size::BODY * scale).max(9.0));
    let at = pos2(rect.left() + 14.0 * scale, rect.center().y);
    let style = (font, tokens.text);
    let name =
        text::put(ui.painter(), at, Align2::LEFT_CENTER, &info.name, style, rect.width() - 28.0 * scale);
    let room = rect.right() - 14.0 * scale - name.right() - 16.0 * scale;
    if room > 30.0 {
        let font = body((size::CAPTION * scale).max(8.5));
        let at = pos2(rect.right() - 14.0 * scale, rect.center().y);
        let details = network_details(state, document, node);
        let fitting = details.iter().find(|detail| text::width(ui.painter(), detail, font.clone()) <= room);
        if let Some(detail) = fitting {
            text::put(ui.painter(), at, Align2::RIGHT_CENTER, detail, (font, tokens.muted), room + 1.0);
        }
    }
    response
}

/// What a network is, and how long a packet takes to its middle, if that is the same from everywhere; the longest wording first.
fn network_details(state: &State, document: &Document, node: NodeId) -> Vec<String> {
    let trace = &document.trace;
    let kind = kind_name(state, trace.topology().node(node)).to_string();
    let mut latencies =
        trace.topology().links().filter(|(_, link)| link.nodes.contains(&node)).filter_map(|(id, _)| {
            let latest = trace.latest_before(Entity::Link(id), state.cursor().count.max(1));
            let latest = latest.or_else(|| trace.entries_of(Entity::Link(id)).first().copied())?;
            match &trace.entry(latest).change {
                Change::Link(link) => Some(link.ways.each_ref().map(|way| &way.latency)),
                _ => None,
            }
        });
    let Some([first, _]) = latencies.next() else { return vec![kind] };
    if first.most().is_zero() || !latencies.all(|ways| ways == [first, first]) {
        return vec![kind];
    }
    let [least, most] = [first.least(), first.most()].map(|span| span.as_secs_f64() * 1e3);
    let millis = if least == most { format!("{least} ms") } else { format!("{least}–{most} ms") };
    vec![format!("{kind} · {millis}"), millis]
}

/// A host, a NAT, a router, a firewall.
fn card(state: &State, ui: &mut Ui, document: &Document, node: NodeId, rect: Rect, scale: f32) -> Response {
    let tokens = state.tokens();
    let info = document.trace.topology().node(node);
    let response = node_response(state, ui, document, node, rect);
    let selected = state.selected_node() == Some(node);
    let painter = ui.painter();
    let radius = CornerRadius::same(size::RADIUS);
    let fill = if response.hovered() { tokens.hovered } else { tokens.raised };
    let stroke = border(state, selected, response.hovered());
    painter.rect(rect, radius, fill, stroke, StrokeKind::Inside);
    let tile = Rect::from_min_size(
        rect.min + vec2(7.0, 7.0) * scale,
        vec2(rect.height(), rect.height()) - vec2(14.0, 14.0) * scale,
    );
    painter.rect_filled(
        tile,
        CornerRadius::same(size::RADIUS_SMALL),
        kind_color(state, info).gamma_multiply(0.16),
    );
    NodeIcon::of(info).paint(painter, square(tile.center(), 18.0 * scale), kind_color(state, info));
    let left = tile.right() + 8.0 * scale;
    let room = rect.right() - 8.0 * scale - left;
    let upper = pos2(left, rect.center().y - 8.5 * scale);
    let style = (strong((size::BODY * scale).max(9.0)), tokens.text);
    text::put(painter, upper, Align2::LEFT_CENTER, &info.name, style, room);
    let lower = pos2(left, rect.center().y + 8.5 * scale);
    let address = main_address(state, document, node);
    let (line, font) = match &address {
        Some(address) if *address != info.name => (address.as_str(), mono((size::CAPTION * scale).max(8.5))),
        _ => (kind_name(state, info), body((size::CAPTION * scale).max(8.5))),
    };
    text::put(painter, lower, Align2::LEFT_CENTER, line, (font, tokens.muted), room);
    response
}

fn border(state: &State, selected: bool, hovered: bool) -> Stroke {
    let tokens = state.tokens();
    match (selected, hovered) {
        (true, _) => Stroke::new(2.0, tokens.accent),
        (_, true) => Stroke::new(1.0, tokens.accent),
        _ => Stroke::new(1.0, tokens.border),
    }
}

fn node_response(state: &State, ui: &mut Ui, document: &Document, node: NodeId, rect: Rect) -> Response {
    let info = document.trace.topology().node(node);
    let addresses = addresses(state, document, node);
    let mut name = format!("{}, {}", info.name, kind_name(state, info));
    if !addresses.is_empty() {
        name = format!("{name}, {}", addresses.join(", "));
    }
    let response = ui.interact(rect, ui.scope_id().with(("node", node.0)), Sense::click());
    let selected = state.selected_node() == Some(node);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &name));
    response.on_hover_cursor(CursorIcon::PointingHand).on_hover_ui(|ui| {
        ui.label(egui::RichText::new(&info.name).font(strong(size::BODY)));
        ui.label(egui::RichText::new(kind_name(state, info)).color(state.tokens().muted));
        for address in &addresses {
            ui.label(egui::RichText::new(address).font(mono(size::CAPTION)));
        }
    })
}

/// The role that the scenario gives a node, else what kind of node it is.
pub(super) fn kind_name<'a>(state: &State, info: &'a NodeInfo) -> &'a str {
    if !info.role.is_empty() {
        return &info.role;
    }
    state.language().say(match info.kind {
        NodeKind::Host => Word::KindHost,
        NodeKind::Router => Word::KindRouter,
        NodeKind::Switch => Word::MapNetwork,
        NodeKind::Nat => Word::KindNat,
        NodeKind::Firewall => Word::KindFirewall,
        NodeKind::Address => Word::KindAddress,
    })
}

fn kind_color(state: &State, info: &NodeInfo) -> Color32 {
    use crate::workbench::model::topic::Topic;
    let tokens = state.tokens();
    match info.kind {
        NodeKind::Nat | NodeKind::Firewall => tokens.topic(Topic::Nat),
        NodeKind::Host if !is_server(info) => tokens.accent,
        NodeKind::Host => tokens.topic(Topic::Ice),
        _ => tokens.topic(Topic::Network),
    }
}

/// Every address of a node as it stands at the cursor; before anything happened, as it will stand first.
pub(super) fn addresses(state: &State, document: &Document, node: NodeId) -> Vec<String> {
    address_list(state, document, node).into_iter().map(|address| address.to_string()).collect()
}

fn address_list(state: &State, document: &Document, node: NodeId) -> Vec<std::net::IpAddr> {
    let trace = &document.trace;
    let entity = Entity::Node(node);
    let id = trace
        .latest_before(entity, state.cursor().count)
        .or_else(|| trace.entries_of(entity).first().copied());
    match id.map(|id| &trace.entry(id).change) {
        Some(Change::Node(node)) => node
            .interfaces
            .iter()
            .flat_map(|interface| interface.addresses.iter().map(|(address, _)| *address))
            .collect(),
        _ => Vec::new(),
    }
}

/// The address that others know a node by: a public one, if it has one.
fn main_address(state: &State, document: &Document, node: NodeId) -> Option<String> {
    let addresses = address_list(state, document, node);
    let is_public = |address: &&std::net::IpAddr| match address {
        std::net::IpAddr::V4(v4) => !v4.is_private() && !v4.is_link_local() && !is_shared(*v4),
        std::net::IpAddr::V6(v6) => !v6.is_unique_local() && !v6.is_unicast_link_local(),
    };
    addresses.iter().find(is_public).or(addresses.first()).map(ToString::to_string)
}

/// 100.64.0.0/10, between a carrier's NAT and those of its customers (RFC 6598).
fn is_shared(address: std::net::Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && second & 0xc0 == 64
}
