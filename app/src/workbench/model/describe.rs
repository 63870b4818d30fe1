//! An entry in words, in the language of the window: where, and what. The trace's own stable text form is English only; this one is for
//! people. RFC words (pair states, candidate types, methods) stay as the RFCs spell them in both languages.

use std::borrow::Cow;

use rtclab_rtc::ice;
use rtclab_rtc::stun::TransactionState;
use rtclab_rtc::turn::AllocationState;
use rtclab_trace::{
    CallOutcome, CallPath, CallState, Change, Dropped, Entity, Entry, EntryId, LinkState, LinkWay, Loss,
    MappingPhase, MappingState, NodeState, Place, SignalMessage, SignalPhase, TcpState, Topology,
};

use super::document::Document;
use super::wire;
use crate::workbench::language::Language;
use crate::workbench::words::Word;

/// Entries of a document in words of a language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Describe<'a> {
    document: &'a Document,
    language: Language,
}

impl<'a> Describe<'a> {
    pub(crate) fn new(document: &'a Document, language: Language) -> Describe<'a> {
        Describe { document, language }
    }

    /// The entry itself.
    pub(crate) fn entry(&self, id: EntryId) -> &'a Entry {
        self.document.trace.entry(id)
    }

    /// Where an entry happens: `alice → home-a`, `nat-a`.
    pub(crate) fn place(&self, id: EntryId) -> String {
        let topology = self.topology();
        let name = |node| topology.node(node).name.as_str();
        let entry = self.document.trace.entry(id);
        match &entry.change {
            Change::Hop { link, direction, .. } => {
                let (from, to) = topology.hop(*link, *direction);
                format!("{} → {}", name(from), name(to))
            }
            Change::Delivered { node, .. } | Change::Replaced { node, .. } => name(*node).into(),
            Change::Dropped(dropped) => self.at(dropped.place),
            Change::Waiting { place, .. } | Change::Altered { place, .. } => self.at(*place),
            Change::Captured { end } => {
                let Entity::Packet(packet) = entry.entity else { return topology.end_name(*end) };
                let (from, to) = self.document.journey(packet);
                to.map_or_else(|| name(from).into(), |to| format!("{} → {}", name(from), name(to)))
            }
            Change::Signal(message) => format!("{} → {}", name(message.from), name(message.to)),
            Change::Call(call) => {
                let [a, b] = &call.sides;
                format!("{} ↔ {}", name(a.node), name(b.node))
            }
            _ => match entry.entity {
                Entity::Link(link) => {
                    let [a, b] = topology.link(link).nodes;
                    format!("{} – {}", name(a), name(b))
                }
                entity => entity.node().map_or_else(String::new, |node| name(node).into()),
            },
        }
    }

    fn at(&self, place: Place) -> String {
        let name = |node| self.topology().node(node).name.as_str();
        match place {
            Place::Node(node) => name(node).into(),
            Place::Link(link, way) => {
                let (from, to) = self.topology().hop(link, way);
                format!("{} → {}", name(from), name(to))
            }
        }
    }

    /// What happens in an entry, in one line.
    pub(crate) fn what(&self, id: EntryId) -> String {
        let entry = self.document.trace.entry(id);
        match &entry.change {
            Change::Hop { lost: true, .. } => self.fill(Word::LineLost, &[&self.packet_line(id).what]),
            Change::Hop { .. } | Change::Captured { .. } => self.packet_line(id).what,
            Change::Waiting { .. } => self.fill(Word::LineWaits, &[&self.packet_line(id).what]),
            Change::Altered { .. } => self.fill(Word::LineAltered, &[&self.packet_title(entry.entity)]),
            Change::Replaced { .. } => self.fill(Word::LineReplaced, &[&self.packet_title(entry.entity)]),
            Change::Delivered { .. } => self.fill(Word::LineDelivered, &[&self.packet_title(entry.entity)]),
            Change::Dropped(dropped) => self.dropped(entry.entity, dropped),
            Change::Node(state) => self.node(state),
            Change::Link(state) => self.link(state),
            Change::Mapping(state) => self.mapping(state),
            Change::Flow(state) => {
                let phase = if state.active { Word::FlowOpen } else { Word::FlowForgotten };
                let flow = format!("{} {} ↔ {}", state.protocol.word(), state.internal, state.external);
                self.fill(Word::LineFlow, &[&flow, self.say(phase)])
            }
            Change::Tcp(state) => self.tcp(state),
            Change::Firewall(state) => state.to_string(),
            Change::PathMtu(state) => {
                let (to, mtu) = (state.destination.to_string(), state.mtu.to_string());
                let word = if state.active { Word::LinePathMtu } else { Word::LinePathMtuForgotten };
                self.fill(word, &[&to, &mtu])
            }
            // Addresses and the words of RFC 4861, in every language.
            Change::Neighbor(_) | Change::MacEntry(_) => self.document.trace.describe(id),
            Change::Program(state) => format!("{}: {}", state.name, state.status),
            Change::Protocol(change) => self.protocol(entry.entity, change),
            Change::DnsQuery(query) => query.to_string(),
            Change::PeerConnection(state) => state.to_string(),
            Change::Description(state) => state.to_string(),
            Change::Dtls(state) => state.to_string(),
            Change::Sctp(state) => state.to_string(),
            Change::DataChannel(state) => state.to_string(),
            Change::Signal(message) => self.signal(message),
            Change::Call(state) => self.call(state),
            Change::Action(action) => self.fill(Word::LineAction, &[&action.words]),
        }
    }

    /// The sentence of an entry's reason, where it has one.
    pub(crate) fn reason(&self, id: EntryId) -> Option<&'static str> {
        let reason = self.document.trace.entry(id).reason?;
        Some(self.language.sentence(reason.text()))
    }

    /// What stands behind it: from where to where the packet of an entry goes, as it was there.
    pub(crate) fn ends(&self, id: EntryId) -> String {
        match self.document.trace.entry(id).change {
            Change::Hop { .. }
            | Change::Waiting { .. }
            | Change::Altered { .. }
            | Change::Captured { .. }
            | Change::Dropped(_) => self.packet_line(id).ends,
            _ => String::new(),
        }
    }

    /// Everything that a text filter looks at.
    pub(crate) fn search_line(&self, id: EntryId) -> String {
        let reason = self.document.trace.entry(id).reason.map_or("", |reason| reason.text().code);
        format!("{} {} {} {reason}", self.place(id), self.what(id), self.ends(id))
    }

    /// A packet where an entry saw it.
    pub(crate) fn packet_line(&self, id: EntryId) -> wire::Line {
        let trace = &self.document.trace;
        let Entity::Packet(packet) = trace.entry(id).entity else {
            return wire::Line { what: String::new(), ends: String::new() };
        };
        // As long as nobody rewrote it, it says what it said when it was sent.
        let version = match trace.entry(id).change {
            Change::Hop { version, .. }
            | Change::Waiting { version, .. }
            | Change::Altered { version, .. }
            | Change::Replaced { version, .. }
            | Change::Delivered { version, .. } => version,
            Change::Captured { .. } => 0,
            _ => u8::MAX,
        };
        if let Some(line) = self.document.packet_line(packet).filter(|_| version == 0) {
            return line.clone();
        }
        let bytes = trace.bytes_at(id).unwrap_or(Cow::Borrowed(&[]));
        wire::line(trace.packets().info(packet).encapsulation, &bytes)
    }

    fn packet_title(&self, entity: Entity) -> String {
        match entity {
            Entity::Packet(packet) => self.document.packet_title(packet).to_string(),
            _ => String::new(),
        }
    }

    fn dropped(&self, entity: Entity, dropped: &Dropped) -> String {
        self.fill(Word::LineDropped, &[&self.packet_title(entity), &dropped.rule])
    }

    fn node(&self, state: &NodeState) -> String {
        let addresses: Vec<String> = state
            .interfaces
            .iter()
            .flat_map(|interface| &interface.addresses)
            .map(|(address, length)| format!("{address}/{length}"))
            .collect();
        self.fill(Word::LineAddresses, &[&addresses.join(", ")])
    }

    fn link(&self, state: &LinkState) -> String {
        if !state.up {
            return self.say(Word::LinkDown).into();
        }
        let [there, back] = &state.ways;
        let ways = if there == back {
            self.way(there)
        } else {
            format!("→ {}; ← {}", self.way(there), self.way(back))
        };
        self.fill(Word::LinkUp, &[&ways])
    }

    fn way(&self, way: &LinkWay) -> String {
        let mut parts = vec![way.latency.to_string()];
        let share = |word, share: f64| {
            // Rounded for reading: a share is given in percent, and kept as a number from 0 to 1.
            (share > 0.0).then(|| self.fill(word, &[&((share * 1e5).round() / 1e3).to_string()]))
        };
        parts.extend(way.reorder.then(|| self.say(Word::LinkReorders).to_string()));
        parts.extend(match &way.loss {
            Loss::Independent(loss) => share(Word::LinkLoss, *loss),
            Loss::Bursts(bursts) => share(Word::LinkLossBursts, bursts.loss()),
            Loss::Listed(packets) => Some(self.fill(Word::LinkLossListed, &[&packets.len().to_string()])),
        });
        parts.extend(share(Word::LinkDuplicates, way.duplicate));
        parts.extend(share(Word::LinkCorrupts, way.corrupt));
        if let Some(rate) = way.rate_bps {
            parts.push(format!("{} kbit/s", rate as f64 / 1e3));
            parts.extend(way.codel.map(|codel| codel.to_string()));
        }
        parts.join(", ")
    }

    fn mapping(&self, state: &MappingState) -> String {
        let phase = match state.phase {
            MappingPhase::Active => Word::MappingActive,
            MappingPhase::Expired => Word::MappingExpired,
            MappingPhase::Removed => Word::MappingRemoved,
        };
        let mapping = format!("{} {} ↔ {}", state.protocol.word(), state.internal, state.external);
        self.fill(Word::LineMapping, &[&mapping, self.say(phase)])
    }

    fn tcp(&self, socket: &TcpState) -> String {
        let local = socket.local.to_string();
        match socket.remote {
            Some(remote) => self.fill(Word::LineTcp, &[&local, &remote.to_string(), socket.state.word()]),
            None => self.fill(Word::LineTcpListens, &[&local, socket.state.word()]),
        }
    }

    fn signal(&self, message: &SignalMessage) -> String {
        let phase = match message.phase {
            SignalPhase::Sent => Word::SignalSent,
            SignalPhase::Relayed => Word::SignalRelayed,
            SignalPhase::Received => Word::SignalReceived,
            SignalPhase::Lost => Word::SignalLost,
        };
        self.fill(Word::LineSignal, &[&message.kind, self.say(phase)])
    }

    fn call(&self, state: &CallState) -> String {
        let outcome = self.say(outcome_word(state.outcome));
        let path = state.path.map(|path| self.say(path_word(path)));
        path.map_or_else(
            || self.fill(Word::LineCall, &[outcome]),
            |path| self.fill(Word::LineCallPath, &[outcome, path]),
        )
    }

    fn protocol(&self, entity: Entity, change: &ice::Change) -> String {
        match change {
            ice::Change::Agent(agent) => {
                let states = [
                    role_word(agent.role),
                    gathering_name(agent.gathering),
                    connection_name(agent.connection),
                ];
                let line = self.fill(Word::LineAgent, &states);
                match &agent.selected {
                    Some(pair) => format!("{line}, {} → {}", pair.local, pair.remote),
                    None => line,
                }
            }
            ice::Change::CheckList(list) => {
                let count = list.pairs.len().to_string();
                self.fill(Word::LineCheckList, &[list_name(list.state), &count])
            }
            ice::Change::Candidate(candidate) => {
                let word = match entity {
                    Entity::RemoteCandidate(..) => Word::LineRemoteCandidate,
                    _ => Word::LineLocalCandidate,
                };
                self.fill(word, &[&candidate.to_string()])
            }
            ice::Change::Pair(pair) => {
                let ends = format!("{} → {}", pair.local, pair.remote);
                let word = if pair.nominated { Word::LinePairNominated } else { Word::LinePair };
                self.fill(word, &[&ends, pair_state_name(pair.state)])
            }
            ice::Change::Transaction(transaction) => {
                let state = transaction_name(transaction.state);
                let (to, sent) = (transaction.to.to_string(), transaction.transmissions.to_string());
                self.fill(Word::LineTransaction, &[transaction.method, &to, &state, &sent])
            }
            ice::Change::Allocation(allocation) => {
                let relayed = allocation.relayed.map_or_else(|| "–".into(), |relayed| relayed.to_string());
                self.fill(Word::LineAllocation, &[&relayed, &allocation_name(allocation.state)])
            }
        }
    }

    fn topology(&self) -> &'a Topology {
        self.document.trace.topology()
    }

    fn say(&self, word: Word) -> &'static str {
        self.language.say(word)
    }

    fn fill(&self, word: Word, values: &[&str]) -> String {
        self.language.fill(word, values)
    }
}

/// A call's outcome in the string table.
pub(crate) const fn outcome_word(outcome: CallOutcome) -> Word {
    match outcome {
        CallOutcome::Connecting => Word::CallConnecting,
        CallOutcome::Connected => Word::CallConnected,
        CallOutcome::Disconnected => Word::CallDisconnected,
        CallOutcome::Failed => Word::CallFailed,
    }
}

/// A path's class in the string table.
pub(crate) const fn path_word(path: CallPath) -> Word {
    match path {
        CallPath::Direct => Word::PathDirect,
        CallPath::Relayed => Word::PathRelayed,
    }
}

/// As RFC 8445 §6.1.2.6 spells the five states.
pub(crate) const fn pair_state_name(state: ice::PairState) -> &'static str {
    match state {
        ice::PairState::Frozen => "Frozen",
        ice::PairState::Waiting => "Waiting",
        ice::PairState::InProgress => "In-Progress",
        ice::PairState::Succeeded => "Succeeded",
        ice::PairState::Failed => "Failed",
    }
}

/// As RFC 8445 §6.1.1 spells the roles.
pub(crate) const fn role_word(role: ice::Role) -> &'static str {
    match role {
        ice::Role::Controlling => "controlling",
        ice::Role::Controlled => "controlled",
    }
}

/// As W3C WebRTC §5.6.2 spells gathering states.
pub(crate) const fn gathering_name(state: ice::GatheringState) -> &'static str {
    match state {
        ice::GatheringState::New => "new",
        ice::GatheringState::Gathering => "gathering",
        ice::GatheringState::Complete => "complete",
    }
}

/// As W3C WebRTC §5.6.4 spells transport states.
pub(crate) const fn connection_name(state: ice::ConnectionState) -> &'static str {
    match state {
        ice::ConnectionState::New => "new",
        ice::ConnectionState::Checking => "checking",
        ice::ConnectionState::Connected => "connected",
        ice::ConnectionState::Completed => "completed",
        ice::ConnectionState::Disconnected => "disconnected",
        ice::ConnectionState::Failed => "failed",
        ice::ConnectionState::Closed => "closed",
    }
}

/// As RFC 8445 §6.1.2.1 spells check list states.
pub(crate) const fn list_name(state: ice::CheckListState) -> &'static str {
    match state {
        ice::CheckListState::Running => "Running",
        ice::CheckListState::Completed => "Completed",
        ice::CheckListState::Failed => "Failed",
    }
}

/// A transaction's state, with the error code of a refusal.
pub(crate) fn transaction_name(state: TransactionState) -> Cow<'static, str> {
    match state {
        TransactionState::Pending => "pending".into(),
        TransactionState::Succeeded => "succeeded".into(),
        TransactionState::Refused(code) => format!("refused ({code})").into(),
        TransactionState::TimedOut => "timed out".into(),
        TransactionState::Unreachable => "unreachable".into(),
        TransactionState::Cancelled => "cancelled".into(),
    }
}

/// An allocation's state, with the error code of a refusal.
pub(crate) fn allocation_name(state: AllocationState) -> Cow<'static, str> {
    match state {
        AllocationState::Requested => "requested".into(),
        AllocationState::Active => "active".into(),
        AllocationState::Released => "released".into(),
        AllocationState::Expired => "expired".into(),
        AllocationState::Refused(code) => format!("refused ({code})").into(),
        AllocationState::Unanswered => "unanswered".into(),
    }
}
