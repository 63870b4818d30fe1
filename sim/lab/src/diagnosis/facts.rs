//! What a trace says about a call: which checks were sent and what became of them, what NATs did to a peer's socket, what TURN servers
//! answered. Not here: what follows from it (`connected`, `failed`).

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use rtclab_rtc::ice::{self, Candidate, CandidateKind};
use rtclab_rtc::turn::AllocationState;
use rtclab_trace::{
    Change, Entity, EntryId, MappingPhase, NetReason, NodeId, NodeKind, PacketId, Place, Reason, SimTime,
    Trace,
};

use super::Evidence;
use crate::reading::{Content, Reading};

/// Packets of one kind that ended at one place for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drops {
    /// In words: `nat-b`, `alice.eth0 → lan`.
    pub(super) place: String,
    /// The rule that decided, by the name it has there.
    pub(super) rule: String,
    pub(super) reason: NetReason,
    pub(super) count: usize,
    /// The newest of them.
    pub(super) entry: EntryId,
}

/// What one side sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent {
    /// Checks straight to an address of the other side, and answers to such checks.
    pub(super) direct: usize,
    /// Those of them that did not arrive.
    pub(super) direct_drops: Vec<Drops>,
    /// How much of everything but signaling arrived.
    pub(super) arrived: usize,
    pub(super) all_drops: Vec<Drops>,
}

/// A NAT that gave one socket of a peer two outside ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TwoMappings {
    pub(super) nat: String,
    pub(super) internal: SocketAddr,
    /// External port and what it is for.
    pub(super) ports: [(SocketAddr, String); 2],
    pub(super) entries: [EntryId; 2],
}

/// A NAT that kept one outside port for a peer's socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OneMapping {
    pub(super) nat: String,
    pub(super) external: SocketAddr,
    pub(super) entry: EntryId,
}

/// What became of an allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Allocation {
    pub(super) server: String,
    pub(super) state: AllocationState,
    pub(super) entry: EntryId,
}

/// The drops of what a peer sent, newest last, by their time.
pub(super) fn drops_since(evidence: &Evidence<'_>, side: usize, since: SimTime) -> Vec<Drops> {
    let mut grouped = Grouped::default();
    for (id, packet, at) in sent_by(evidence.trace, evidence.nodes[side]) {
        if at >= since && !is_signaling(evidence.trace, id) {
            grouped.add(evidence.trace, packet);
        }
    }
    grouped.finish()
}

/// The first entry of every packet that a node made, with its time.
pub(super) fn sent_by(
    trace: &Trace,
    node: NodeId,
) -> impl Iterator<Item = (EntryId, PacketId, SimTime)> + '_ {
    let packets = (0..trace.packets().len()).map(|number| PacketId(number as u32));
    packets.filter(move |packet| trace.packets().info(*packet).origin == node).filter_map(move |packet| {
        let first = *trace.entries_of(Entity::Packet(packet)).first()?;
        Some((first, packet, trace.entry(first).at))
    })
}

/// Whether a packet is about the session and not part of it.
fn is_signaling_content(content: &Content) -> bool {
    match content {
        Content::Signaling(_) | Content::Sip(_) => true,
        Content::Tcp(segment) => segment.carries.iter().any(|carried| carried.protocol != "TURN"),
        _ => false,
    }
}

fn is_signaling(trace: &Trace, first: EntryId) -> bool {
    let reading = trace.bytes_at(first).as_deref().and_then(Reading::of);
    reading.is_some_and(|reading| is_signaling_content(&reading.content))
}

/// What a side sent, and what became of it.
pub(super) fn sent(evidence: &Evidence<'_>, side: usize) -> Sent {
    let trace = evidence.trace;
    let relays = relay_addresses(evidence);
    let mut sent = Sent::default();
    let (mut direct, mut all) = (Grouped::default(), Grouped::default());
    for (first, packet, _) in sent_by(trace, evidence.nodes[side]) {
        let Some(reading) = trace.bytes_at(first).as_deref().and_then(Reading::of) else { continue };
        if is_signaling_content(&reading.content) {
            continue;
        }
        let last = trace.entries_of(Entity::Packet(packet)).last();
        let arrived = last.is_some_and(|&last| matches!(trace.entry(last).change, Change::Delivered { .. }));
        sent.arrived += usize::from(arrived);
        all.add(trace, packet);
        // An answer says whom it saw; only checks and their answers go between the peers themselves.
        let is_direct = matches!(&reading.content, Content::Stun(stun) if stun.is_check || stun.class.is_response())
            && !relays.contains(&reading.destination)
            && !is_server(evidence, reading.destination.ip());
        if is_direct {
            sent.direct += 1;
            direct.add(trace, packet);
        }
    }
    sent.direct_drops = direct.finish();
    sent.all_drops = all.finish();
    sent
}

/// A host that is none of the two peers: a STUN or TURN server.
fn is_server(evidence: &Evidence<'_>, address: IpAddr) -> bool {
    let trace = evidence.trace;
    trace.topology().nodes().any(|(node, info)| {
        info.kind == NodeKind::Host
            && !evidence.nodes.contains(&node)
            && trace.entries_of(Entity::Node(node)).iter().any(|&entry| holds(trace, entry, address))
    })
}

fn holds(trace: &Trace, entry: EntryId, address: IpAddr) -> bool {
    let Change::Node(state) = &trace.entry(entry).change else { return false };
    state.interfaces.iter().flat_map(|interface| &interface.addresses).any(|(held, _)| *held == address)
}

fn relay_addresses(evidence: &Evidence<'_>) -> Vec<SocketAddr> {
    let candidates = [0, 1].into_iter().flat_map(|side| local_candidates(evidence, side));
    candidates
        .filter(|candidate| candidate.kind == CandidateKind::Relayed)
        .map(|candidate| candidate.address)
        .collect()
}

/// Every candidate that a side has had.
pub(super) fn local_candidates<'e>(evidence: &Evidence<'e>, side: usize) -> Vec<&'e Candidate> {
    let trace = evidence.trace;
    let of_side = trace.entities_on(evidence.nodes[side]);
    of_side
        .filter(|entity| matches!(entity, Entity::LocalCandidate(..)))
        .filter_map(|entity| match &trace.entry(*trace.entries_of(entity).last()?).change {
            Change::Protocol(change) => match change.as_ref() {
                ice::Change::Candidate(candidate) => Some(candidate),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

/// The newest state of each allocation that a side asked for.
pub(super) fn allocations(evidence: &Evidence<'_>, side: usize) -> Vec<Allocation> {
    let trace = evidence.trace;
    let of_side = trace.entities_on(evidence.nodes[side]);
    of_side
        .filter(|entity| matches!(entity, Entity::Allocation(..)))
        .filter_map(|entity| {
            let entry = *trace.entries_of(entity).last()?;
            let Change::Protocol(change) = &trace.entry(entry).change else { return None };
            let ice::Change::Allocation(allocation) = change.as_ref() else { return None };
            Some(Allocation { server: server_name(trace, allocation.server), state: allocation.state, entry })
        })
        .collect()
}

/// The allocation that gave a side a relayed address.
pub(super) struct RelayUsed {
    /// The server's name.
    pub(super) server: String,
    /// The host whose address the server sees in place of the peer's: a proxy.
    pub(super) through: Option<String>,
    pub(super) entry: EntryId,
}

pub(super) fn relay_of(evidence: &Evidence<'_>, side: usize, relayed: SocketAddr) -> Option<RelayUsed> {
    let trace = evidence.trace;
    let mut of_side = trace.entities_on(evidence.nodes[side]);
    of_side.find_map(|entity| {
        let entry = *trace.entries_of(entity).last()?;
        let Change::Protocol(change) = &trace.entry(entry).change else { return None };
        let ice::Change::Allocation(allocation) = change.as_ref() else { return None };
        (allocation.relayed == Some(relayed)).then(|| {
            let seen = host_at(trace, allocation.client.ip());
            let through = seen.filter(|(node, _)| *node != evidence.nodes[side]).map(|(_, name)| name);
            RelayUsed { server: server_name(trace, allocation.server), through, entry }
        })
    })
}

fn server_name(trace: &Trace, server: SocketAddr) -> String {
    host_at(trace, server.ip()).map_or_else(|| server.to_string(), |(_, name)| name)
}

/// The host that holds an address, and its name.
fn host_at(trace: &Trace, address: IpAddr) -> Option<(NodeId, String)> {
    let mut nodes = trace.topology().nodes();
    let node = nodes.find(|(node, info)| {
        info.kind == NodeKind::Host
            && trace.entries_of(Entity::Node(*node)).iter().any(|&entry| holds(trace, entry, address))
    });
    node.map(|(node, info)| (node, info.name.clone()))
}

/// Mappings of NATs that packets of a side made, by NAT and inside endpoint, in order of their making.
fn mappings_of(evidence: &Evidence<'_>, side: usize) -> BTreeMap<(NodeId, SocketAddr), Vec<EntryId>> {
    let trace = evidence.trace;
    let mut mappings: BTreeMap<(NodeId, SocketAddr), Vec<EntryId>> = BTreeMap::new();
    for entity in trace.entities().filter(|entity| matches!(entity, Entity::Mapping(..))) {
        let (Entity::Mapping(nat, _), Some(&made)) = (entity, trace.entries_of(entity).first()) else {
            continue;
        };
        let Change::Mapping(state) = &trace.entry(made).change else { continue };
        let by = trace.causes_of(made).find_map(|cause| match trace.entry(cause).entity {
            Entity::Packet(packet) => Some(trace.packets().info(packet).origin),
            _ => None,
        });
        if by == Some(evidence.nodes[side]) && state.phase == MappingPhase::Active {
            mappings.entry((nat, state.internal)).or_default().push(made);
        }
    }
    mappings
}

/// A NAT that gave one socket of a side two outside ports: mapping that depends on the destination (RFC 4787 §4.1). Of several, the second
/// is one that the rule of a drop speaks of, or else one toward no server.
pub(super) fn two_mappings(evidence: &Evidence<'_>, side: usize, rule: &str) -> Option<TwoMappings> {
    let trace = evidence.trace;
    mappings_of(evidence, side).into_iter().find_map(|((nat, internal), made)| {
        let states: Vec<_> = made
            .iter()
            .filter_map(|&entry| match &trace.entry(entry).change {
                Change::Mapping(state) => Some((entry, state)),
                _ => None,
            })
            .collect();
        let (first_entry, first) = *states.first()?;
        let others = || states.iter().filter(|(_, state)| state.external.port() != first.external.port());
        let is_spoken_of = |state: &rtclab_trace::MappingState| {
            rule.split_whitespace().any(|word| word == state.external.to_string())
        };
        let is_toward_peer = |state: &rtclab_trace::MappingState| {
            state.contacted.iter().any(|remote| !is_server(evidence, remote.ip()))
        };
        let (second_entry, second) = *others()
            .find(|(_, state)| is_spoken_of(state))
            .or_else(|| others().find(|(_, state)| is_toward_peer(state)))
            .or_else(|| others().next())?;
        let toward = |state: &rtclab_trace::MappingState| {
            let bound = state.bound_to.clone();
            bound.or_else(|| state.contacted.first().map(ToString::to_string)).unwrap_or_default()
        };
        Some(TwoMappings {
            nat: trace.topology().node(nat).name.clone(),
            internal,
            ports: [(first.external, toward(first)), (second.external, toward(second))],
            entries: [first_entry, second_entry],
        })
    })
}

/// The NAT whose outside port is a side's address for the other, if one NAT gave it.
pub(super) fn mapping_at(evidence: &Evidence<'_>, side: usize, external: SocketAddr) -> Option<OneMapping> {
    let trace = evidence.trace;
    mappings_of(evidence, side).into_iter().find_map(|((nat, _), made)| {
        let entry = made.into_iter().find(|&entry| match &trace.entry(entry).change {
            Change::Mapping(state) => state.external == external,
            _ => false,
        })?;
        Some(OneMapping { nat: trace.topology().node(nat).name.clone(), external, entry })
    })
}

/// Ends of packets, grouped by place, rule and reason.
#[derive(Default)]
pub(super) struct Grouped {
    drops: BTreeMap<(String, String, NetReason), (usize, EntryId)>,
}

impl Grouped {
    pub(super) fn add(&mut self, trace: &Trace, packet: PacketId) {
        let Some(&last) = trace.entries_of(Entity::Packet(packet)).last() else { return };
        let entry = trace.entry(last);
        let (Change::Dropped(dropped), Some(Reason::Net(reason))) = (&entry.change, entry.reason) else {
            return;
        };
        let place = match dropped.place {
            Place::Node(node) => trace.topology().node(node).name.clone(),
            place @ Place::Link(..) => trace.topology().place_name(place),
        };
        let group = self.drops.entry((place, dropped.rule.clone(), reason)).or_insert((0, last));
        group.0 += 1;
        group.1 = group.1.max(last);
    }

    /// The most frequent first.
    pub(super) fn finish(self) -> Vec<Drops> {
        let groups = self.drops.into_iter();
        let mut drops: Vec<Drops> = groups
            .map(|((place, rule, reason), (count, entry))| Drops { place, rule, reason, count, entry })
            .collect();
        drops.sort_by_key(|drops| (std::cmp::Reverse(drops.count), drops.entry));
        drops
    }
}
