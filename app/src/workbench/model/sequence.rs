//! The call as a sequence: a column for each node that speaks, a row for each packet's whole journey.

use rtclab_trace::{Change, Entity, EntryId, NodeId, NodeKind, PacketId, SimTime};

use super::document::Document;

/// A packet's journey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Journey {
    /// Which packet.
    pub(crate) packet: PacketId,
    /// Its first entry.
    pub(crate) first: EntryId,
    /// When it was made.
    pub(crate) sent_at: SimTime,
    /// From which node.
    pub(crate) from: NodeId,
    /// To which node it got.
    pub(crate) to: Option<NodeId>,
    /// The entry of its end, delivered or dropped.
    pub(crate) end: EntryId,
    /// Whether it was dropped.
    pub(crate) dropped: bool,
}

/// Every packet's journey in the order in which they began.
pub(crate) fn journeys(document: &Document) -> Vec<Journey> {
    let trace = &document.trace;
    let mut journeys: Vec<Journey> = trace
        .entities()
        .filter_map(|entity| match entity {
            Entity::Packet(packet) => journey(document, packet),
            _ => None,
        })
        .collect();
    journeys.sort_by_key(|journey| journey.first);
    journeys
}

fn journey(document: &Document, packet: PacketId) -> Option<Journey> {
    let trace = &document.trace;
    let entries = trace.entries_of(Entity::Packet(packet));
    let (&first, &end) = (entries.first()?, entries.last()?);
    let (from, to) = document.journey(packet);
    let dropped = matches!(trace.entry(end).change, Change::Dropped(_));
    Some(Journey { packet, first, sent_at: trace.entry(first).at, from, to, end, dropped })
}

/// The columns: nodes that begin or end a journey, and what translates or filters between them, in the order of the map from left to right.
pub(crate) fn columns(document: &Document, journeys: &[Journey]) -> Vec<NodeId> {
    let topology = document.trace.topology();
    let mut used = vec![false; topology.nodes().len()];
    for journey in journeys {
        for node in [Some(journey.from), journey.to].into_iter().flatten() {
            used[usize::from(node.0)] = true;
        }
    }
    let mut columns: Vec<NodeId> = topology
        .nodes()
        .filter(|(id, node)| match node.kind {
            NodeKind::Switch => false,
            NodeKind::Nat | NodeKind::Firewall => true,
            _ => used[usize::from(id.0)],
        })
        .map(|(id, _)| id)
        .collect();
    let place = |node: NodeId| document.map.spot(node).map_or(0.0, super::layout::Spot::middle);
    columns.sort_by(|a, b| place(*a).total_cmp(&place(*b)).then(a.cmp(b)));
    columns
}
