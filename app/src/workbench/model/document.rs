//! What is open: a trace, its name, and what is computed from it once. Reading it from a file is `load`'s.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use rtclab_trace::{CallOutcome, CallPath, Change, Entity, EntryId, NodeId, PacketId, SimTime, Trace};

use super::axis::Axis;
use super::layout::Map;
use super::links::{self, Lane};
use super::packet;
use super::sequence::{self, Journey};
use super::session::{self, Session};
use super::tcp::{self, Track};
use super::topic::{Topic, Topics};
use super::wire::{Digest, Line};
use crate::workbench::language::Language;

/// How many columns the event density of the scrub bar has.
const DENSITY_COLUMNS: usize = 240;

/// Where a trace came from. Views do not ask; the title bar says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A scenario was run.
    Scenario,
    /// A capture was read.
    Capture,
}

/// A trace that is open, and what is computed from it once.
#[derive(Debug)]
pub struct Document {
    /// The file's name, as the title bar shows it.
    pub name: String,
    /// The title of the scenario; a capture has its name only.
    pub title: String,
    /// Where it came from.
    pub origin: Origin,
    /// What there is to read about it: what a scenario's author says, in paragraphs; the report about a capture, which has lines.
    pub notes: Vec<String>,
    /// What happened.
    pub trace: Trace,
    pub(crate) map: Map,
    pub(crate) axis: Axis,
    pub(crate) density: Vec<Density>,
    topics: Vec<Topic>,
    digests: Vec<Digest>,
    on_nodes: Vec<Vec<Entity>>,
    entry_topics: Topics,
    packet_topics: Topics,
    milestones: Vec<Milestone>,
    calls: Vec<CallSummary>,
    ladder: OnceCell<(Vec<Journey>, Vec<NodeId>)>,
    tracks: OnceCell<Vec<Track>>,
    lanes: OnceCell<Vec<Lane>>,
    session: OnceCell<Session>,
}

/// How a call came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallSummary {
    /// What it came to.
    pub(crate) outcome: CallOutcome,
    /// Over which class of path.
    pub(crate) path: Option<CallPath>,
    /// The entry that says so.
    pub(crate) entry: Option<EntryId>,
    /// What decided it, in English and Korean, where a diagnosis was made.
    pub(crate) sentences: Option<[String; 2]>,
}

impl CallSummary {
    /// What decided it.
    pub(crate) fn sentence(&self, language: Language) -> Option<&str> {
        let [english, korean] = self.sentences.as_ref()?;
        Some(match language {
            Language::English => english,
            Language::Korean => korean,
        })
    }
}

/// How much happens in one column of the scrub bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Density {
    /// Entries that are not drops.
    pub(crate) entries: u32,
    /// Packets that were dropped.
    pub(crate) drops: u32,
}

/// A moment that a reader looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Milestone {
    /// The entry.
    pub(crate) entry: EntryId,
    /// What it is.
    pub(crate) kind: MilestoneKind,
}

/// What a milestone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MilestoneKind {
    /// A call came up, and over which class of path.
    Connected(Option<CallPath>),
    /// A connected call went quiet.
    Disconnected,
    /// A call failed.
    Failed,
    /// A timed action of the scenario.
    Action,
}

impl Document {
    /// Prepares a trace for the views.
    pub fn new(name: impl Into<String>, title: impl Into<String>, origin: Origin, trace: Trace) -> Document {
        let map = Map::of(trace.topology());
        let axis = Axis::of(&trace);
        let digests = packet::digests(&trace);
        let topics: Vec<Topic> = trace
            .entries()
            .map(|(_, entry)| match entry.entity {
                Entity::Packet(packet) => topic_of(&digests, packet),
                entity => Topic::of_state(entity, &entry.change),
            })
            .collect();
        let mut on_nodes = vec![Vec::new(); trace.topology().nodes().len()];
        for entity in trace.entities() {
            if let Some(list) = entity.node().and_then(|node| on_nodes.get_mut(usize::from(node.0))) {
                list.push(entity);
            }
        }
        let entry_topics = topics.iter().copied().collect();
        let packet_topics = digests.iter().map(|digest| digest.topic).collect();
        let density = density(&trace, &axis);
        let milestones = milestones(&trace);
        let calls = calls(&trace);
        let (name, title) = (name.into(), title.into());
        Document {
            name,
            title,
            origin,
            notes: Vec::new(),
            trace,
            map,
            axis,
            density,
            topics,
            digests,
            on_nodes,
            entry_topics,
            packet_topics,
            milestones,
            calls,
            ladder: OnceCell::new(),
            tracks: OnceCell::new(),
            lanes: OnceCell::new(),
            session: OnceCell::new(),
        }
    }

    /// Adds what its author says about it.
    pub fn with_notes(mut self, notes: Vec<String>) -> Document {
        self.notes = notes;
        self
    }

    /// Adds what decided each call, in English and Korean, in the order of the calls.
    pub fn with_diagnoses(mut self, sentences: impl IntoIterator<Item = [String; 2]>) -> Document {
        for (call, sentences) in self.calls.iter_mut().zip(sentences) {
            call.sentences = Some(sentences);
        }
        self
    }

    /// The rows and columns of the sequence, computed when first shown.
    pub(crate) fn ladder(&self) -> (&[Journey], &[NodeId]) {
        let (journeys, columns) = self.ladder.get_or_init(|| {
            let journeys = sequence::journeys(self);
            let columns = sequence::columns(self, &journeys);
            (journeys, columns)
        });
        (journeys, columns)
    }

    /// What each TCP socket went through, computed when first shown.
    pub(crate) fn tracks(&self) -> &[Track] {
        self.tracks.get_or_init(|| tcp::tracks(&self.trace))
    }

    /// The ways along links on which something happened, computed when first shown.
    pub(crate) fn lanes(&self) -> &[Lane] {
        self.lanes.get_or_init(|| links::lanes(&self.trace))
    }

    /// The states of sessions, and what was said in signaling, computed when first shown.
    pub(crate) fn session(&self) -> &Session {
        self.session.get_or_init(|| session::session(&self.trace))
    }

    /// The calls, and how they came out.
    pub(crate) fn calls(&self) -> &[CallSummary] {
        &self.calls
    }

    /// What an entry is about.
    pub(crate) fn topic(&self, id: EntryId) -> Topic {
        self.topics.get(id.index()).copied().unwrap_or(Topic::World)
    }

    /// What a packet is, in two or three words: `Binding request`.
    pub(crate) fn packet_title(&self, packet: PacketId) -> &str {
        self.digests.get(packet.0 as usize).map_or("", |digest| digest.title.as_str())
    }

    /// A packet as its origin sent it, in a line.
    pub(crate) fn packet_line(&self, packet: PacketId) -> Option<&Line> {
        self.digests.get(packet.0 as usize).map(|digest| &digest.line)
    }

    /// Everything on a node that has a state.
    pub(crate) fn entities_on(&self, node: NodeId) -> &[Entity] {
        self.on_nodes.get(usize::from(node.0)).map_or(&[], Vec::as_slice)
    }

    /// What a packet is about.
    pub(crate) fn packet_topic(&self, packet: PacketId) -> Topic {
        topic_of(&self.digests, packet)
    }

    /// Whether any packet is about a topic.
    pub(crate) fn has_packets_about(&self, topic: Topic) -> bool {
        self.packet_topics.contains(topic)
    }

    /// Whether any entry is about a topic.
    pub(crate) fn has_entries_about(&self, topic: Topic) -> bool {
        self.entry_topics.contains(topic)
    }

    /// Moments that a reader looks for, in order of time.
    pub(crate) fn milestones(&self) -> &[Milestone] {
        &self.milestones
    }

    /// The node to begin with: the first with an ICE agent, else the first that is a peer, else the first.
    pub(crate) fn first_node(&self) -> Option<NodeId> {
        let topology = self.trace.topology();
        let agent = self.trace.entities().find_map(|entity| match entity {
            Entity::Agent(node) => Some(node),
            _ => None,
        });
        let peer = || topology.nodes().find(|(_, node)| node.role.contains("peer")).map(|(id, _)| id);
        let first = || topology.nodes().next().map(|(id, _)| id);
        agent.or_else(peer).or_else(first)
    }

    /// Where a packet's journey began and ended: its origin, and where it was delivered, dropped or last seen.
    pub(crate) fn journey(&self, packet: PacketId) -> (NodeId, Option<NodeId>) {
        let origin = self.trace.packets().info(packet).origin;
        let end = self.trace.entries_of(Entity::Packet(packet)).iter().rev().find_map(|&id| {
            match &self.trace.entry(id).change {
                Change::Delivered { node, .. } | Change::Replaced { node, .. } => Some(*node),
                Change::Dropped(dropped) => Some(match dropped.place {
                    rtclab_trace::Place::Node(node) => node,
                    rtclab_trace::Place::Link(link, way) => self.trace.topology().hop(link, way).1,
                }),
                Change::Hop { link, direction, .. } => Some(self.trace.topology().hop(*link, *direction).1),
                Change::Captured { end } => {
                    let nodes = self.trace.topology().link(end.link).nodes;
                    nodes.into_iter().find(|node| *node != origin)
                }
                _ => None,
            }
        });
        (origin, end)
    }

    /// The end of the trace.
    pub(crate) fn end(&self) -> SimTime {
        self.trace.end()
    }
}

fn topic_of(digests: &[Digest], packet: PacketId) -> Topic {
    digests.get(packet.0 as usize).map_or(Topic::Network, |digest| digest.topic)
}

fn density(trace: &Trace, axis: &Axis) -> Vec<Density> {
    let mut columns = vec![Density::default(); DENSITY_COLUMNS];
    for (_, entry) in trace.entries() {
        let place = (axis.place(entry.at) * DENSITY_COLUMNS as f64) as usize;
        let column = &mut columns[place.min(DENSITY_COLUMNS - 1)];
        match entry.change {
            Change::Dropped(_) => column.drops += 1,
            _ => column.entries += 1,
        }
    }
    columns
}

fn milestones(trace: &Trace) -> Vec<Milestone> {
    let mut outcomes: BTreeMap<u32, CallOutcome> = BTreeMap::new();
    let mut found = Vec::new();
    for (entry, what) in trace.entries() {
        let kind = match (&what.change, what.entity) {
            (Change::Action(_), _) => Some(MilestoneKind::Action),
            (Change::Call(call), Entity::Call(number)) => {
                let before = outcomes.insert(number, call.outcome);
                match call.outcome {
                    outcome if before == Some(outcome) => None,
                    CallOutcome::Connected => Some(MilestoneKind::Connected(call.path)),
                    CallOutcome::Failed => Some(MilestoneKind::Failed),
                    CallOutcome::Disconnected => Some(MilestoneKind::Disconnected),
                    CallOutcome::Connecting => None,
                }
            }
            _ => None,
        };
        found.extend(kind.map(|kind| Milestone { entry, kind }));
    }
    found
}

fn calls(trace: &Trace) -> Vec<CallSummary> {
    trace
        .entities()
        .filter(|entity| matches!(entity, Entity::Call(_)))
        .filter_map(|entity| {
            let entry = trace.entries_of(entity).last().copied()?;
            match &trace.entry(entry).change {
                Change::Call(call) => Some(CallSummary {
                    outcome: call.outcome,
                    path: call.path,
                    entry: Some(entry),
                    sentences: None,
                }),
                _ => None,
            }
        })
        .collect()
}
