//! The stable text form: a line an entry, for people and for golden tests.

use std::fmt::{Debug, Write as _};
use std::io;

use rtclab_rtc::ice;

use crate::session::slot_word;
use crate::{Change, Direction, Entity, EntryId, LinkEnd, MappingState, NetReason, Place, Topology, Trace};

impl Trace {
    /// Writes the whole trace as text.
    pub fn write_text(&self, out: &mut dyn io::Write) -> io::Result<()> {
        self.entries().try_for_each(|(id, _)| writeln!(out, "{}", self.line(id)))
    }

    /// One entry as a line: `#12 20.000 ms  packet 3: alice → nat-a …  (because of #9; nat-mapping-created)`.
    pub fn line(&self, id: EntryId) -> String {
        let entry = self.entry(id);
        let mut line =
            format!("#{} {}  {}: ", id.index(), entry.at, entity_name(self.topology(), entry.entity));
        line.push_str(&self.describe(id));
        let cause = entry.cause.map(|cause| format!("because of #{}", cause.index()));
        let reason = entry.reason.map(|reason| reason.text().code.to_string());
        let why: Vec<String> = cause.into_iter().chain(reason).collect();
        if !why.is_empty() {
            let _ = write!(line, "  ({})", why.join("; "));
        }
        line
    }

    /// What changed, in a few words, without time, entity or cause.
    pub fn describe(&self, id: EntryId) -> String {
        let topology = self.topology();
        match &self.entry(id).change {
            Change::Node(state) => {
                let addresses: Vec<String> = state
                    .interfaces
                    .iter()
                    .flat_map(|interface| &interface.addresses)
                    .map(|(address, length)| format!("{address}/{length}"))
                    .collect();
                format!("addresses {}", addresses.join(", "))
            }
            Change::Link(state) if !state.up => "down".into(),
            Change::Link(state) => match &state.ways {
                [forward, backward] if forward == backward => format!("up, {forward}"),
                [forward, backward] => format!("up, forward {forward}; backward {backward}"),
            },
            Change::Mapping(state) => describe_mapping(state),
            Change::Flow(state) => {
                let phase = if state.active { "open" } else { "forgotten" };
                let (protocol, rule) = (state.protocol.word(), &state.rule);
                format!("{protocol} {} ↔ {}, {phase}, rule: {rule}", state.internal, state.external)
            }
            Change::Tcp(state) => state.to_string(),
            Change::Firewall(state) => state.to_string(),
            Change::PathMtu(state) => {
                let phase = if state.active { "known" } else { "forgotten" };
                format!("MTU {} to {}, {phase}", state.mtu, state.destination)
            }
            Change::Neighbor(state) => {
                let mac = state.mac.map_or(String::new(), |mac| format!(" at {mac}"));
                format!("{}{mac}, {} ({})", state.address, state.phase.word(), state.interface)
            }
            Change::MacEntry(state) => {
                let (node, _) = topology.hop(state.port, Direction::Forward);
                let forgotten = if state.active { "" } else { ", forgotten" };
                format!("{} towards {}{forgotten}", state.mac, topology.node(node).name)
            }
            Change::Program(state) => format!("{}: {}", state.name, state.status),
            Change::Protocol(change) => describe_protocol(change),
            Change::DnsQuery(query) => query.to_string(),
            Change::PeerConnection(state) => state.to_string(),
            Change::Description(state) => state.to_string(),
            Change::Dtls(state) => state.to_string(),
            Change::Sctp(state) => state.to_string(),
            Change::DataChannel(state) => state.to_string(),
            Change::Signal(message) => {
                let (from, to) = (&topology.node(message.from).name, &topology.node(message.to).name);
                format!("{} {from} → {to}, {}", message.kind, camel_to_kebab(&message.phase))
            }
            Change::Call(state) => {
                let path = state.path.map_or(String::new(), |path| format!(", {}", camel_to_kebab(&path)));
                format!("{}{path}", camel_to_kebab(&state.outcome))
            }
            Change::Action(action) => action.words.clone(),
            Change::Hop { .. }
            | Change::Waiting { .. }
            | Change::Altered { .. }
            | Change::Replaced { .. }
            | Change::Delivered { .. }
            | Change::Dropped(_)
            | Change::Captured { .. } => self.describe_packet(id),
        }
    }

    /// What happened to a packet.
    fn describe_packet(&self, id: EntryId) -> String {
        let topology = self.topology();
        match &self.entry(id).change {
            Change::Hop { link, direction, ttl, queued_us, transit, lost, .. } => {
                let (from, to) = topology.hop(*link, *direction);
                let (from, to) = (&topology.node(from).name, &topology.node(to).name);
                let queued =
                    if *queued_us > 0 { format!(", {queued_us} µs of them queued") } else { String::new() };
                let lost = if *lost { ", and is lost" } else { "" };
                let millis = transit.0 as f64 / 1e6;
                let frame = self.frame(id).map_or(String::new(), |frame| format!(", frame to {}", frame.to));
                format!("{from} → {to}, TTL {ttl}, {millis} ms{queued}{lost}{frame}")
            }
            Change::Waiting { place: place @ Place::Node(_), .. } => {
                let unknown = Some(NetReason::NeighborUnknown.into());
                let what = if self.entry(id).reason == unknown {
                    "its next hop's hardware address"
                } else {
                    "other fragments"
                };
                format!("waits at {} for {what}", place_name(topology, *place))
            }
            Change::Waiting { place, .. } => format!("waits for {}", place_name(topology, *place)),
            Change::Altered { place, .. } => format!("altered on {}", place_name(topology, *place)),
            Change::Replaced { node, .. } => format!("made into others on {}", topology.node(*node).name),
            Change::Delivered { node, .. } => format!("delivered on {}", topology.node(*node).name),
            Change::Dropped(dropped) => {
                format!("dropped at {}: {}", place_name(topology, dropped.place), dropped.rule)
            }
            Change::Captured { end } => format!("captured at {}", topology.end_name(*end)),
            _ => String::new(),
        }
    }
}

fn describe_mapping(state: &MappingState) -> String {
    let bound = state.bound_to.as_ref().map_or(String::new(), |remote| format!(" for {remote}"));
    let status = if state.status.is_empty() { String::new() } else { format!(", {}", state.status) };
    let (protocol, phase) = (state.protocol.word(), camel_to_kebab(&state.phase));
    format!("{protocol} {} ↔ {}{bound}, {phase}{status}", state.internal, state.external)
}

fn describe_protocol(change: &ice::Change) -> String {
    match change {
        ice::Change::Agent(agent) => {
            let selected = agent.selected.as_ref();
            let selected =
                selected.map_or(String::new(), |pair| format!(", {} → {}", pair.local, pair.remote));
            let [role, gathering, connection] = [
                camel_to_kebab(&agent.role),
                camel_to_kebab(&agent.gathering),
                camel_to_kebab(&agent.connection),
            ];
            format!("{role}, gathering {gathering}, connection {connection}{selected}")
        }
        ice::Change::CheckList(list) => {
            format!("{}, {} pairs", camel_to_kebab(&list.state), list.pairs.len())
        }
        ice::Change::Candidate(candidate) => {
            let related = candidate.related.map_or(String::new(), |address| format!(", related {address}"));
            format!("{candidate}{related}, priority {}", candidate.priority)
        }
        ice::Change::Pair(pair) => {
            let nominated = if pair.nominated { ", nominated" } else { "" };
            format!("{} → {}: {}{nominated}", pair.local, pair.remote, camel_to_kebab(&pair.state))
        }
        ice::Change::Transaction(transaction) => {
            let state = camel_to_kebab(&transaction.state);
            format!(
                "{} to {}, sent {} times, {state}",
                transaction.method, transaction.to, transaction.transmissions
            )
        }
        ice::Change::Allocation(allocation) => {
            let relayed = allocation.relayed.map_or(String::new(), |relayed| format!(" as {relayed}"));
            format!(
                "{} on {}{relayed}, {}",
                allocation.client,
                allocation.server,
                camel_to_kebab(&allocation.state)
            )
        }
    }
}

/// An entity by the names of the topology: `nat-a mapping 0`, `packet 12`, `alice.eth0 – nat-a.inside`.
pub(crate) fn entity_name(topology: &Topology, entity: Entity) -> String {
    let on = |node: crate::NodeId| topology.node(node).name.as_str();
    match entity {
        Entity::World => "world".into(),
        Entity::Node(node) => on(node).into(),
        Entity::Link(link) => {
            let [first, second] = [0, 1].map(|end| topology.end_name(LinkEnd { link, end }));
            format!("{first} – {second}")
        }
        Entity::Packet(packet) => format!("packet {}", packet.0),
        Entity::Mapping(node, number) => format!("{} mapping {number}", on(node)),
        Entity::Flow(node, number) => format!("{} flow {number}", on(node)),
        Entity::Tcp(node, number) => format!("{} TCP socket {number}", on(node)),
        Entity::Firewall(node) => format!("{} rules", on(node)),
        Entity::PathMtu(node, number) => format!("{} path {number}", on(node)),
        Entity::Neighbor(node, number) => format!("{} neighbor {number}", on(node)),
        Entity::MacEntry(node, number) => format!("{} station {number}", on(node)),
        Entity::Program(node, number) => format!("{} program {number}", on(node)),
        Entity::Agent(node) => format!("{} ICE agent", on(node)),
        Entity::CheckList(node, number) => format!("{} check list {number}", on(node)),
        Entity::LocalCandidate(node, number) => format!("{} local candidate {number}", on(node)),
        Entity::RemoteCandidate(node, number) => format!("{} remote candidate {number}", on(node)),
        Entity::Pair(node, number) => format!("{} pair {number}", on(node)),
        Entity::Transaction(node, number) => format!("{} transaction {number}", on(node)),
        Entity::Allocation(node, number) => format!("{} allocation {number}", on(node)),
        Entity::DnsQuery(node, number) => format!("{} DNS query {number}", on(node)),
        Entity::PeerConnection(node) => format!("{} peer connection", on(node)),
        Entity::Description(node, slot) => format!("{} {}", on(node), slot_word(slot)),
        Entity::Dtls(node, number) => format!("{} DTLS {number}", on(node)),
        Entity::Sctp(node, number) => format!("{} SCTP {number}", on(node)),
        Entity::DataChannel(node, number) => format!("{} data channel {number}", on(node)),
        Entity::Signal(number) => format!("signal {number}"),
        Entity::Call(number) => format!("call {number}"),
    }
}

impl Topology {
    /// An entity by the names of this topology.
    pub fn entity_name(&self, entity: Entity) -> String {
        entity_name(self, entity)
    }

    /// A place by the names of this topology.
    pub fn place_name(&self, place: Place) -> String {
        place_name(self, place)
    }
}

pub(crate) fn place_name(topology: &Topology, place: Place) -> String {
    match place {
        Place::Node(node) => topology.node(node).name.clone(),
        Place::Link(link, direction) => {
            let ends = match direction {
                Direction::Forward => [0, 1],
                Direction::Backward => [1, 0],
            };
            let [from, to] = ends.map(|end| topology.end_name(LinkEnd { link, end }));
            format!("{from} → {to}")
        }
    }
}

/// A variant's name as the JSON and text forms spell it: `InProgress` becomes `in-progress`, `Refused(401)` becomes `refused(401)`.
pub(crate) fn camel_to_kebab(value: &impl Debug) -> String {
    let mut kebab = String::new();
    for letter in format!("{value:?}").chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}
