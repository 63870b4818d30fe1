//! What a session went through: the states of each node's peer connection, ICE agent, DTLS, SCTP and data channels over time, and the texts of
//! signaling and descriptions. Not here: what the lines of a text mean (`rtclab_rtc::sdp`).

use rtclab_rtc::ice;
use rtclab_rtc::jsep::{ConnectionState, DtlsTransportState, IceTransportState, SignalingState};
use rtclab_rtc::sctp::Phase;
use rtclab_rtc::sdp::is_description;
use rtclab_trace::{Change, Entity, EntryId, NodeId, SignalPhase, SimTime, Trace};

use super::cursor::Cursor;
use super::describe::{connection_name, gathering_name};
use crate::workbench::words::Word;

/// Everything that the picture of a session draws.
#[derive(Debug, Default)]
pub(crate) struct Session {
    strips: Vec<Strip>,
    texts: Vec<Text>,
}

/// What a strip shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Aspect {
    /// The exchange of offer and answer.
    Signaling,
    /// Gathering of candidates.
    Gathering,
    /// Connectivity.
    Ice,
    /// DTLS.
    Dtls,
    /// SCTP.
    Sctp,
    /// A data channel, by its label.
    Channel(String),
    /// All of it together.
    Connection,
}

impl Aspect {
    /// Its name in the string table; a channel has one of its own.
    pub(crate) const fn word(&self) -> Option<Word> {
        match self {
            Aspect::Signaling => Some(Word::AspectSignaling),
            Aspect::Gathering => Some(Word::AspectGathering),
            Aspect::Ice => Some(Word::AspectIce),
            Aspect::Dtls => Some(Word::AspectDtls),
            Aspect::Sctp => Some(Word::AspectSctp),
            Aspect::Connection => Some(Word::AspectConnection),
            Aspect::Channel(_) => None,
        }
    }
}

/// How a state is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Not there yet, or over.
    Idle,
    /// Under way.
    Busy,
    /// As wanted.
    Good,
    /// Broken.
    Bad,
}

/// One aspect of one node over time.
#[derive(Debug)]
pub(crate) struct Strip {
    /// The node.
    pub(crate) node: NodeId,
    /// What of it.
    pub(crate) aspect: Aspect,
    /// Which of several: DTLS and SCTP may be there more than once.
    entity: Entity,
    /// Its states, each until the next.
    pub(crate) spans: Vec<Span>,
}

/// A state from a moment on.
#[derive(Debug)]
pub(crate) struct Span {
    /// The entry that began it.
    pub(crate) entry: EntryId,
    /// When.
    pub(crate) at: SimTime,
    /// Its word in the RFC or the W3C API.
    pub(crate) word: &'static str,
    /// How to take it.
    pub(crate) mood: Mood,
}

/// A text: a signaling message as it was written, or a description as it was applied.
#[derive(Debug)]
pub(crate) struct Text {
    /// The entry.
    pub(crate) entry: EntryId,
    /// When.
    pub(crate) at: SimTime,
    /// Who wrote it, or applied it.
    pub(crate) from: NodeId,
    /// For whom; nobody for a description.
    pub(crate) to: Option<NodeId>,
    /// What it is: `offer`, `candidate`, `pendingLocalDescription: offer`.
    pub(crate) kind: String,
    /// The text.
    pub(crate) text: String,
}

impl Session {
    /// Whether there is nothing to draw.
    pub(crate) fn is_empty(&self) -> bool {
        self.strips.is_empty() && self.texts.is_empty()
    }

    /// The nodes that have states to draw.
    pub(crate) fn nodes(&self) -> Vec<NodeId> {
        let mut nodes: Vec<NodeId> = self.strips.iter().map(|strip| strip.node).collect();
        nodes.dedup();
        nodes
    }

    /// The strips of a node.
    pub(crate) fn strips(&self, node: NodeId) -> impl Iterator<Item = &Strip> {
        self.strips.iter().filter(move |strip| strip.node == node)
    }

    /// Everything that was said, in order.
    pub(crate) fn texts(&self) -> &[Text] {
        &self.texts
    }

    /// The text that was said last, by its place in the list; before any was said, none.
    pub(crate) fn newest(&self, cursor: Cursor) -> Option<usize> {
        self.texts.partition_point(|text| text.entry.index() < cursor.count).checked_sub(1)
    }

    /// The text to hold one against: an answer against the offer before it, an offer against the writer's text before it.
    pub(crate) fn before(&self, text: usize) -> Option<&Text> {
        let this = self.texts.get(text)?;
        let is_answer = this.kind.contains("answer");
        self.texts[..text].iter().rev().filter(|other| is_description(&other.text)).find(|other| {
            if is_answer {
                other.kind.contains("offer")
            } else {
                other.from == this.from && other.to.is_some() == this.to.is_some() && other.text != this.text
            }
        })
    }

    fn note(&mut self, node: NodeId, entity: Entity, aspect: Aspect, span: Span) {
        let same = |strip: &&mut Strip| (strip.entity, &strip.aspect) == (entity, &aspect);
        match self.strips.iter_mut().find(same) {
            Some(strip) if strip.spans.last().is_some_and(|last| last.word == span.word) => {}
            Some(strip) => strip.spans.push(span),
            None => self.strips.push(Strip { node, aspect, entity, spans: vec![span] }),
        }
    }
}

/// Reads a trace.
pub(crate) fn session(trace: &Trace) -> Session {
    let mut session = Session::default();
    let has_connection: Vec<NodeId> = trace
        .entities()
        .filter_map(|entity| match entity {
            Entity::PeerConnection(node) => Some(node),
            _ => None,
        })
        .collect();
    for (id, entry) in trace.entries() {
        if let Some(text) = text(id, entry.at, entry.entity, &entry.change) {
            session.texts.push(text);
        }
        let Some(node) = entry.entity.node() else { continue };
        for (aspect, word, mood) in aspects(&entry.change, !has_connection.contains(&node)) {
            session.note(node, entry.entity, aspect, Span { entry: id, at: entry.at, word, mood });
        }
    }
    session.strips.sort_by(|a, b| (a.node, &a.aspect, a.entity).cmp(&(b.node, &b.aspect, b.entity)));
    session
}

fn text(entry: EntryId, at: SimTime, entity: Entity, change: &Change) -> Option<Text> {
    match (change, entity) {
        (Change::Signal(message), _) if message.phase == SignalPhase::Sent => Some(Text {
            entry,
            at,
            from: message.from,
            to: Some(message.to),
            kind: message.kind.clone(),
            text: message.text.clone(),
        }),
        (Change::Description(state), Entity::Description(node, _)) => {
            let (kind, text) = state.description.as_ref()?;
            let slot = trace_slot(&state.to_string());
            Some(Text {
                entry,
                at,
                from: node,
                to: None,
                kind: format!("{slot}: {kind}"),
                text: text.clone(),
            })
        }
        _ => None,
    }
}

/// The name of the slot, which a description's line begins with.
fn trace_slot(line: &str) -> String {
    line.split(':').next().unwrap_or(line).to_owned()
}

/// What a change says about which aspects. An ICE agent speaks for itself where there is no peer connection above it.
fn aspects(change: &Change, agent_speaks: bool) -> Vec<(Aspect, &'static str, Mood)> {
    match change {
        Change::PeerConnection(state) => vec![
            (Aspect::Signaling, state.signaling.word(), signaling_mood(state.signaling)),
            (Aspect::Gathering, state.gathering.word(), gathering_mood(state.gathering.word())),
            (Aspect::Ice, state.ice.word(), ice_mood(state.ice)),
            (Aspect::Connection, state.connection.word(), connection_mood(state.connection)),
        ],
        Change::Protocol(change) if agent_speaks => match &**change {
            ice::Change::Agent(agent) => vec![
                (
                    Aspect::Gathering,
                    gathering_name(agent.gathering),
                    gathering_mood(gathering_name(agent.gathering)),
                ),
                (Aspect::Ice, connection_name(agent.connection), agent_mood(agent.connection)),
            ],
            _ => Vec::new(),
        },
        Change::Dtls(state) => vec![(Aspect::Dtls, state.state.word(), dtls_mood(state.state))],
        Change::Sctp(state) => vec![(Aspect::Sctp, state.phase.word(), sctp_mood(state.phase))],
        Change::DataChannel(state) => {
            let (word, mood) = channel(&state.state);
            vec![(Aspect::Channel(state.label.clone()), word, mood)]
        }
        _ => Vec::new(),
    }
}

fn signaling_mood(state: SignalingState) -> Mood {
    match state {
        SignalingState::Stable => Mood::Good,
        SignalingState::Closed => Mood::Idle,
        _ => Mood::Busy,
    }
}

fn gathering_mood(word: &str) -> Mood {
    match word {
        "complete" => Mood::Good,
        "gathering" => Mood::Busy,
        _ => Mood::Idle,
    }
}

fn ice_mood(state: IceTransportState) -> Mood {
    match state {
        IceTransportState::Connected | IceTransportState::Completed => Mood::Good,
        IceTransportState::Checking | IceTransportState::Disconnected => Mood::Busy,
        IceTransportState::Failed => Mood::Bad,
        _ => Mood::Idle,
    }
}

fn agent_mood(state: ice::ConnectionState) -> Mood {
    match state {
        ice::ConnectionState::Connected | ice::ConnectionState::Completed => Mood::Good,
        ice::ConnectionState::Checking | ice::ConnectionState::Disconnected => Mood::Busy,
        ice::ConnectionState::Failed => Mood::Bad,
        _ => Mood::Idle,
    }
}

fn connection_mood(state: ConnectionState) -> Mood {
    match state {
        ConnectionState::Connected => Mood::Good,
        ConnectionState::Connecting | ConnectionState::Disconnected => Mood::Busy,
        ConnectionState::Failed => Mood::Bad,
        _ => Mood::Idle,
    }
}

fn dtls_mood(state: DtlsTransportState) -> Mood {
    match state {
        DtlsTransportState::Connected => Mood::Good,
        DtlsTransportState::Connecting => Mood::Busy,
        DtlsTransportState::Failed => Mood::Bad,
        _ => Mood::Idle,
    }
}

fn sctp_mood(phase: Phase) -> Mood {
    match phase {
        Phase::Established => Mood::Good,
        Phase::Closed => Mood::Idle,
        _ => Mood::Busy,
    }
}

/// The states of a data channel in the W3C API.
fn channel(word: &str) -> (&'static str, Mood) {
    match word {
        "open" => ("open", Mood::Good),
        "connecting" => ("connecting", Mood::Busy),
        "closing" => ("closing", Mood::Busy),
        _ => ("closed", Mood::Idle),
    }
}
