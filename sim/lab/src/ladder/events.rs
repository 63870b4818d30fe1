//! Lines about everything that is not a packet: candidates, pairs, agents, mappings, signals, calls, actions.

use rtclab_rtc::dns::{Failure, QueryPhase, QuerySnapshot};
use rtclab_rtc::ice::{
    self, AgentSnapshot, Candidate, CandidateKind, CheckListState, ConnectionState, GatheringState,
    PairSnapshot, PairState, Role,
};
use rtclab_rtc::stun::{TransactionSnapshot, TransactionState};
use rtclab_rtc::turn::AllocationState;
use rtclab_trace::{
    CallOutcome, CallPath, CallState, Change, Entity, EntryId, FlowState, MappingPhase, MappingState,
    NeighborPhase, NeighborState, ProgramReason, Reason, SignalMessage, SignalPhase,
};

use super::reader::Reader;
use super::row::{Arrow, RepeatKind, Row};
use super::style::Tone;
use crate::run::{outcome_word, path_word};

/// The words of an event: where, what, in which tone, and whether it may repeat.
pub(super) struct Words {
    pub(super) what: String,
    pub(super) tone: Tone,
    pub(super) may_repeat: bool,
}

impl Words {
    pub(super) fn new(what: impl Into<String>, tone: Tone) -> Option<Words> {
        Some(Words { what: what.into(), tone, may_repeat: false })
    }
}

impl Reader<'_> {
    pub(super) fn event(&self, id: EntryId) -> Option<Row> {
        let entry = self.trace.entry(id);
        if let Change::Signal(message) = &entry.change {
            return self.signal(id, message);
        }
        let words = match &entry.change {
            Change::Protocol(change) => self.protocol(id, change)?,
            Change::DnsQuery(query) => query_words(query)?,
            Change::Mapping(state) => self.mapping(id, state)?,
            Change::Flow(state) => self.flow(id, state)?,
            Change::Neighbor(state) => neighbor_words(state)?,
            Change::MacEntry(_) => Words {
                may_repeat: true,
                ..Words::new(format!("station {}", self.trace.describe(id)), Tone::Faint)?
            },
            Change::Call(state) => self.call(id, state)?,
            Change::Action(action) => Words::new(action.words.clone(), Tone::Event)?,
            Change::Link(_) if self.before(id).is_some() => Words::new(self.trace.describe(id), Tone::Event)?,
            Change::Node(_) => Words::new(self.trace.describe(id), Tone::Event)?,
            Change::Tcp(state) => self.tcp(id, state)?,
            change @ (Change::PeerConnection(_)
            | Change::Description(_)
            | Change::Dtls(_)
            | Change::Sctp(_)
            | Change::DataChannel(_)) => self.session(id, change)?,
            // Calls of sockets are told a few times each, and every one is a step of its own.
            Change::Program(state) if is_socket_call(entry.reason) => {
                Words::new(format!("{}: {}", state.name, state.status), Tone::Plain)?
            }
            Change::Program(state) if entry.reason.is_some() => Words {
                may_repeat: true,
                ..Words::new(format!("{}: {}", state.name, state.status), Tone::Faint)?
            },
            _ => return None,
        };
        let from = match entry.entity {
            Entity::World => "scenario".to_owned(),
            Entity::Call(_) => "call".to_owned(),
            entity => match entity.node() {
                Some(node) => self.name(node),
                None => self.trace.topology().entity_name(entity),
            },
        };
        let code = entry.reason.map_or("", |reason| reason.text().code).to_owned();
        Some(Row {
            entry: id,
            at: entry.at,
            repeats: words.may_repeat.then(|| (RepeatKind::Told, from.clone(), code, 0)),
            from,
            arrow: Arrow::Event,
            to: String::new(),
            what: words.what,
            reason: entry.reason,
            remark: String::new(),
            tone: words.tone,
            collapsed: None,
        })
    }

    fn protocol(&self, id: EntryId, change: &ice::Change) -> Option<Words> {
        let entity = self.trace.entry(id).entity;
        let before = match self.before(id) {
            Some(Change::Protocol(before)) => Some(before.as_ref()),
            _ => None,
        };
        match (change, before) {
            (ice::Change::Candidate(candidate), None) => candidate_words(entity, candidate),
            (ice::Change::Pair(pair), before) => {
                let before = match before {
                    Some(ice::Change::Pair(before)) => Some(before),
                    _ => None,
                };
                pair_words(pair, before)
            }
            (ice::Change::Agent(agent), Some(ice::Change::Agent(before))) => agent_words(agent, before),
            (ice::Change::CheckList(list), _) if list.state == CheckListState::Failed => {
                Words::new("check list: no pair can work any more", Tone::Bad)
            }
            (ice::Change::Transaction(transaction), _) => transaction_words(transaction),
            (ice::Change::Allocation(allocation), before) => {
                let same = match before {
                    Some(ice::Change::Allocation(before)) => before.state == allocation.state,
                    _ => false,
                };
                // What a client asks for and gets is told by the packets.
                let is_client = entity.node().is_some_and(|node| self.is_peer(node));
                let told = is_client
                    && matches!(allocation.state, AllocationState::Requested | AllocationState::Active);
                if same || told || allocation.state == AllocationState::Requested {
                    return None;
                }
                Words::new(format!("allocation: {}", self.trace.describe(id)), Tone::Event)
            }
            _ => None,
        }
    }

    fn mapping(&self, id: EntryId, state: &MappingState) -> Option<Words> {
        let MappingState { internal, external, phase, .. } = state;
        match (phase, self.before(id)) {
            (MappingPhase::Active, None) => {
                let bound = state.bound_to.as_ref();
                let bound = bound.map_or(String::new(), |remote| format!(", toward {remote} only"));
                Words::new(format!("maps {internal} to {external}{bound}"), Tone::Event)
            }
            (MappingPhase::Active, Some(Change::Mapping(before))) => {
                let new = state.contacted.iter().find(|remote| !before.contacted.contains(remote))?;
                Words::new(format!("{external} now lets {new} in, to {internal}"), Tone::Event)
            }
            (MappingPhase::Expired, _) => Words::new(format!("forgets {internal} ↔ {external}"), Tone::Event),
            (MappingPhase::Removed, _) => Words::new(format!("loses {internal} ↔ {external}"), Tone::Event),
            _ => None,
        }
    }

    fn flow(&self, id: EntryId, state: &FlowState) -> Option<Words> {
        let FlowState { internal, external, active, .. } = state;
        match (active, self.before(id)) {
            (true, None) => Words::new(format!("lets {internal} ↔ {external} pass"), Tone::Event),
            (false, _) => Words::new(format!("forgets {internal} ↔ {external}"), Tone::Event),
            _ => None,
        }
    }

    fn call(&self, id: EntryId, state: &CallState) -> Option<Words> {
        if let Some(Change::Call(before)) = self.before(id)
            && (before.outcome, before.path) == (state.outcome, state.path)
        {
            return None;
        }
        let [caller, callee] = [0, 1].map(|side| self.name(state.sides[side].node));
        let path = state.path.filter(|_| state.outcome == CallOutcome::Connected);
        let path = path.map_or(String::new(), |path: CallPath| format!(", {}", path_word(path)));
        let tone = match state.outcome {
            CallOutcome::Connected => Tone::Good,
            CallOutcome::Failed | CallOutcome::Disconnected => Tone::Bad,
            CallOutcome::Connecting => return None,
        };
        Words::new(format!("{caller} ⇄ {callee}: {}{path}", outcome_word(state.outcome)), tone)
    }

    fn signal(&self, id: EntryId, message: &SignalMessage) -> Option<Row> {
        let entry = self.trace.entry(id);
        let [from, to] = [message.from, message.to].map(|node| self.name(node));
        let candidates = message.text.lines().filter(|line| line.starts_with("a=candidate:")).count();
        let candidates = match (candidates, message.kind.as_str()) {
            (0, _) => String::new(),
            (1, "candidate") => candidate_in(&message.text),
            (1, _) => format!(", 1 candidate: {}", candidate_in(&message.text).trim_start()),
            (count, _) => format!(", {count} candidates"),
        };
        let kind = &message.kind;
        let (from, arrow, to, what, tone) = match message.phase {
            SignalPhase::Sent => match self.carried_to(id) {
                Some(server) => {
                    (from, Arrow::Packet, server, format!("{kind} for {to}{candidates}"), Tone::Signal)
                }
                None => (from, Arrow::Instant, to, format!("{kind}{candidates}"), Tone::Signal),
            },
            SignalPhase::Relayed => {
                let server = entry.cause.and_then(|cause| self.place_of(cause)).unwrap_or_default();
                (server, Arrow::Packet, to, format!("{kind} of {from}"), Tone::Signal)
            }
            // The line of the sending says it all, unless the message never came.
            SignalPhase::Received => return None,
            SignalPhase::Lost => {
                (from, Arrow::LostPacket, to, format!("{kind} was given up: it never arrived"), Tone::Bad)
            }
        };
        let reason = entry.reason.or_else(|| entry.cause.and_then(|cause| self.trace.entry(cause).reason));
        Some(Row {
            entry: id,
            at: entry.at,
            from,
            arrow,
            to,
            what,
            reason,
            remark: String::new(),
            tone,
            repeats: None,
            collapsed: None,
        })
    }

    /// The signaling server that a message was sent to in a packet; none if it was handed over at once.
    fn carried_to(&self, sent: EntryId) -> Option<String> {
        let packet = self.trace.effects_of(sent).iter().find_map(|&effect| {
            let entry = self.trace.entry(effect);
            match entry.entity {
                Entity::Packet(packet) => Some((effect, packet)),
                _ => None,
            }
        });
        let (hop, packet) = packet?;
        if let Some(Change::Delivered { node, .. }) = self.end_of(packet) {
            return Some(self.name(*node));
        }
        let reading = self.trace.bytes_at(hop).as_deref().and_then(crate::reading::Reading::of)?;
        Some(self.owner_name(reading.destination.ip()))
    }

    /// The node on which an entry happened.
    fn place_of(&self, id: EntryId) -> Option<String> {
        match &self.trace.entry(id).change {
            Change::Delivered { node, .. } => Some(self.name(*node)),
            // Told twice at the same place, for two reasons.
            Change::Signal(_) => self.trace.entry(id).cause.and_then(|cause| self.place_of(cause)),
            _ => self.trace.entry(id).entity.node().map(|node| self.name(node)),
        }
    }
}

fn is_socket_call(reason: Option<Reason>) -> bool {
    [ProgramReason::SocketCall, ProgramReason::SocketReturn]
        .into_iter()
        .any(|call| reason == Some(call.into()))
}

/// The packets that ask and answer have lines of their own; what came of it has another.
fn neighbor_words(state: &NeighborState) -> Option<Words> {
    let NeighborState { address, mac, phase, .. } = state;
    match (phase, mac) {
        (NeighborPhase::Reachable, Some(mac)) => Words::new(format!("knows {address} at {mac}"), Tone::Plain),
        (NeighborPhase::Failed, _) => Words::new(format!("nobody answers for {address}"), Tone::Bad),
        _ => None,
    }
}

/// ` srflx 203.0.113.11:40000`, out of a candidate attribute.
fn candidate_in(text: &str) -> String {
    let line = text.lines().find(|line| line.starts_with("a=candidate:"));
    let line: Option<ice::CandidateLine> = line.and_then(|line| line.parse().ok());
    line.map_or(String::new(), |line| format!(" {}", line.candidate))
}

fn candidate_words(entity: Entity, candidate: &Candidate) -> Option<Words> {
    match entity {
        Entity::LocalCandidate(..) => {
            let from = match candidate.related {
                Some(related) => format!(", from {related}"),
                None => String::new(),
            };
            Words::new(format!("has candidate {candidate}{from}"), Tone::Plain)
        }
        // Those that were signaled have the line of their signal.
        _ if candidate.kind == CandidateKind::PeerReflexive => Words::new(
            format!("learns from a check that the other side is at {}", candidate.address),
            Tone::Plain,
        ),
        _ => None,
    }
}

fn pair_words(pair: &PairSnapshot, before: Option<&PairSnapshot>) -> Option<Words> {
    let was = before.map(|before| before.state);
    let name = format!("{} → {}", pair.local, pair.remote);
    if pair.nominated && !before.is_some_and(|before| before.nominated) {
        return Words::new(format!("pair {name} is nominated"), Tone::Good);
    }
    match pair.state {
        // A pair that is checked again, to nominate it, has been known to work.
        PairState::Succeeded
            if was != Some(PairState::Succeeded) && !before.is_some_and(|before| before.valid) =>
        {
            Words::new(format!("pair {name} works"), Tone::Good)
        }
        PairState::Failed if was != Some(PairState::Failed) => {
            Words::new(format!("pair {name} failed"), Tone::Bad)
        }
        _ => None,
    }
}

fn agent_words(agent: &AgentSnapshot, before: &AgentSnapshot) -> Option<Words> {
    if agent == before {
        let ignored = Words::new("does not act on what came", Tone::Faint)?;
        return Some(Words { may_repeat: true, ..ignored });
    }
    let mut parts = Vec::new();
    let mut tone = Tone::Plain;
    if agent.role != before.role {
        parts.push(match agent.role {
            Role::Controlling => "is now the controlling side".to_owned(),
            Role::Controlled => "is now the controlled side".to_owned(),
        });
    }
    if agent.local_ufrag != before.local_ufrag {
        parts.push("restarts ICE with new credentials".to_owned());
    }
    if agent.gathering != before.gathering && agent.gathering == GatheringState::Complete {
        parts.push("has gathered all its candidates".to_owned());
    }
    if agent.connection != before.connection {
        let (word, toned) = connection_words(agent.connection);
        parts.push(format!("connection: {word}"));
        tone = toned;
    }
    if let Some(selected) = agent.selected.as_ref().filter(|_| agent.selected != before.selected) {
        parts.push(format!("selected {} → {}", selected.local, selected.remote));
    }
    if parts.is_empty() { None } else { Words::new(parts.join(", "), tone) }
}

const fn connection_words(state: ConnectionState) -> (&'static str, Tone) {
    match state {
        ConnectionState::New => ("new", Tone::Plain),
        ConnectionState::Checking => ("checking", Tone::Plain),
        ConnectionState::Connected => ("connected", Tone::Good),
        ConnectionState::Completed => ("completed", Tone::Good),
        ConnectionState::Disconnected => ("disconnected", Tone::Bad),
        ConnectionState::Failed => ("failed", Tone::Bad),
        ConnectionState::Closed => ("closed", Tone::Plain),
    }
}

/// Questions and answers are lines of their own; what was known without asking is not, nor what never came.
fn query_words(query: &QuerySnapshot) -> Option<Words> {
    let QuerySnapshot { kind, name, transmissions, phase, .. } = query;
    match (phase, query.server) {
        (QueryPhase::Answered, None) => {
            Words::new(format!("knows {kind} {name}: {}", query.answers.join(", ")), Tone::Plain)
        }
        (QueryPhase::Failed(failure), None) => {
            Words::new(format!("knows that {kind} {name} came to nothing: {failure}"), Tone::Bad)
        }
        // The answer says so.
        (QueryPhase::Failed(Failure::NoSuchName | Failure::NoData), Some(_)) => None,
        (QueryPhase::Failed(failure), Some(_)) => {
            let times =
                if *transmissions == 1 { "once".to_owned() } else { format!("{transmissions} times") };
            Words::new(format!("gives up {kind} {name}, asked {times}: {failure}"), Tone::Bad)
        }
        _ => None,
    }
}

/// Answers are lines of their own; what never came is not.
fn transaction_words(transaction: &TransactionSnapshot) -> Option<Words> {
    let TransactionSnapshot { method, to, transmissions, state, .. } = transaction;
    match state {
        TransactionState::TimedOut => {
            let times =
                if *transmissions == 1 { "once".to_owned() } else { format!("{transmissions} times") };
            Words::new(format!("gives up its {method} request to {to}, sent {times}"), Tone::Bad)
        }
        _ => None,
    }
}
