//! Which entries are listed and stepped through. Not here: the chips and the text field that set it.

use rtclab_trace::{Change, Entity, EntryId, NodeId, Place, Topology, Trace};

use super::describe::Describe;
use super::document::Document;
use super::topic::{Topic, Topics};
use crate::workbench::language::Language;

/// Which kind of entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// Everything.
    #[default]
    All,
    /// Packets on their way.
    Packets,
    /// Changes of state.
    States,
}

/// What a listed entry has to be; every condition that is set has to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Packets, states or both.
    pub shown: Shown,
    /// Any of these topics; none set means all.
    pub topics: Topics,
    /// Only dropped packets.
    pub drops_only: bool,
    /// Only what happens on, from or to this node.
    pub node: Option<NodeId>,
    /// Words that its line contains, whatever their case.
    pub text: String,
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_open(&self) -> bool {
        *self == Filter::default()
    }

    /// Places in the log of the entries that it lets through.
    pub(crate) fn apply(&self, document: &Document, language: Language) -> Vec<u32> {
        let words: Vec<String> = self.text.split_whitespace().map(str::to_lowercase).collect();
        let describe = Describe::new(document, language);
        document
            .trace
            .entries()
            .filter(|(id, _)| self.admits(document, *id) && contains_all(&describe, *id, &words))
            .map(|(id, _)| id.index() as u32)
            .collect()
    }

    fn admits(&self, document: &Document, id: EntryId) -> bool {
        let entry = document.trace.entry(id);
        let about_packet = entry.change.is_about_packet();
        let kind = match self.shown {
            Shown::All => true,
            Shown::Packets => about_packet,
            Shown::States => !about_packet,
        };
        kind && (self.topics.is_empty() || self.topics.contains(document.topic(id)))
            && (!self.drops_only || matches!(entry.change, Change::Dropped(_)))
            && self.node.is_none_or(|node| concerns(&document.trace, id, node))
    }
}

fn contains_all(describe: &Describe<'_>, id: EntryId, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let line = describe.search_line(id).to_lowercase();
    words.iter().all(|word| line.contains(word))
}

/// Whether an entry is about a node: it lives there, or a packet or message leaves it or comes to it.
pub(crate) fn concerns(trace: &Trace, id: EntryId, node: NodeId) -> bool {
    let entry = trace.entry(id);
    let topology = trace.topology();
    match &entry.change {
        Change::Hop { link, direction, .. } => {
            let (from, to) = topology.hop(*link, *direction);
            from == node || to == node
        }
        Change::Delivered { node: on, .. } | Change::Replaced { node: on, .. } => *on == node,
        Change::Dropped(dropped) => is_at(topology, dropped.place, node),
        Change::Waiting { place, .. } | Change::Altered { place, .. } => is_at(topology, *place, node),
        Change::Captured { end } => topology.link(end.link).nodes.contains(&node),
        Change::Link(_) => match entry.entity {
            Entity::Link(link) => topology.link(link).nodes.contains(&node),
            _ => false,
        },
        Change::Signal(message) => message.from == node || message.to == node,
        Change::Call(call) => call.sides.iter().any(|side| side.node == node),
        _ => entry.entity.node() == Some(node),
    }
}

fn is_at(topology: &Topology, place: Place, node: NodeId) -> bool {
    match place {
        Place::Node(on) => on == node,
        Place::Link(link, _) => topology.link(link).nodes.contains(&node),
    }
}

/// Whether an entry changes a state that a reader steps to: not a packet on its way, and not the setting up of nodes and links before anything runs.
pub(crate) fn is_state_change(trace: &Trace, id: EntryId) -> bool {
    let entry = trace.entry(id);
    match &entry.change {
        change if change.is_about_packet() => false,
        Change::Node(_) | Change::Link(_) => trace.entries_of(entry.entity).first() != Some(&id),
        _ => true,
    }
}

impl Filter {
    /// Puts a topic in, or takes it out.
    pub(crate) fn toggle(&mut self, topic: Topic) {
        self.topics.toggle(topic);
    }
}
