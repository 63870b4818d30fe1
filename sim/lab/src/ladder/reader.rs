//! Reading a trace from its start: which entries become lines, and what must be remembered on the way. Not here: the words of packets
//! (`packets`) and of everything else (`events`).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use rtclab_rtc::dtls::KeyLog;
use rtclab_rtc::stun::{Class, TransactionId};
use rtclab_trace::{Change, Entity, EntryId, NodeId, Trace};

use super::row::Row;
use super::tcp::Streams;
use crate::reading::{Content, Sessions};

/// The secrets of all sessions of DTLS.
fn key_log(trace: &Trace) -> KeyLog {
    let mut log = KeyLog::default();
    for entity in trace.entities().filter(|entity| matches!(entity, Entity::Dtls(..))) {
        for entry in trace.entries_of(entity) {
            if let Change::Dtls(state) = &trace.entry(*entry).change {
                state.key_log.iter().cloned().for_each(|line| log.add(line));
            }
        }
    }
    log
}

/// Walks a trace once.
#[derive(Debug)]
pub(super) struct Reader<'t> {
    pub(super) trace: &'t Trace,
    /// Whose address it is now; none if several nodes have it, as private addresses do.
    owners: BTreeMap<IpAddr, Option<NodeId>>,
    addresses: BTreeMap<NodeId, Vec<IpAddr>>,
    /// Addresses have changed since `owners` was made.
    owners_are_old: bool,
    /// Packets whose sending has been read.
    sent: Vec<bool>,
    /// Where the streams of each node's TCP sockets begin.
    pub(super) streams: Streams,
    /// Sessions of DTLS whose secrets are in the trace.
    pub(super) sessions: Sessions,
    /// STUN messages that each node has sent: whoever sends one again repeats itself.
    messages: BTreeSet<(NodeId, TransactionId, Class)>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(trace: &'t Trace) -> Reader<'t> {
        Reader {
            trace,
            owners: BTreeMap::new(),
            addresses: BTreeMap::new(),
            owners_are_old: false,
            sent: vec![false; trace.packets().len()],
            streams: Streams::default(),
            sessions: Sessions::new(key_log(trace)),
            messages: BTreeSet::new(),
        }
    }

    /// The line of an entry, if it is worth one.
    pub(super) fn read(&mut self, id: EntryId) -> Option<Row> {
        let trace = self.trace;
        let entry = trace.entry(id);
        if self.owners_are_old && !matches!(entry.change, Change::Node(_)) {
            self.number_owners();
        }
        match (&entry.change, entry.entity) {
            // A packet is sent when it gets on its first link, or waits for it, or is made into fragments for it.
            (
                Change::Hop { .. } | Change::Waiting { .. } | Change::Replaced { .. },
                Entity::Packet(packet),
            ) => {
                let first = !std::mem::replace(&mut self.sent[packet.0 as usize], true);
                if first { self.packet_sent(id, packet) } else { None }
            }
            (Change::Dropped(dropped), Entity::Packet(packet)) => {
                self.sent[packet.0 as usize] = true;
                self.packet_dropped(id, packet, dropped)
            }
            (Change::Node(state), Entity::Node(node)) => {
                let addresses = state.interfaces.iter().flat_map(|interface| &interface.addresses);
                let addresses = addresses.map(|(address, _)| *address).collect();
                let before = self.addresses.insert(node, addresses);
                self.owners_are_old = true;
                before.and_then(|_| self.event(id))
            }
            (Change::Tcp(state), Entity::Tcp(node, _)) => {
                self.streams.learn(node, state);
                self.event(id)
            }
            _ => self.event(id),
        }
    }

    fn number_owners(&mut self) {
        self.owners_are_old = false;
        self.owners.clear();
        for (node, addresses) in &self.addresses {
            for address in addresses {
                let owner = self.owners.entry(*address).or_insert(Some(*node));
                if *owner != Some(*node) {
                    *owner = None;
                }
            }
        }
    }

    /// The name of whoever has an address now, or the address.
    pub(super) fn owner_name(&self, address: IpAddr) -> String {
        match self.owners.get(&address).copied().flatten() {
            Some(node) => self.name(node),
            None => address.to_string(),
        }
    }

    pub(super) fn name(&self, node: NodeId) -> String {
        self.trace.topology().node(node).name.clone()
    }

    /// Whether a node has sent this message before; it has from now on.
    pub(super) fn is_repetition(&mut self, by: NodeId, content: &Content) -> bool {
        let message = content.stun().map(|stun| (by, stun.transaction, stun.class));
        message.is_some_and(|message| !self.messages.insert(message))
    }

    /// Whether a node has an ICE agent.
    pub(super) fn is_peer(&self, node: NodeId) -> bool {
        !self.trace.entries_of(Entity::Agent(node)).is_empty()
    }

    /// The entry about the same entity before this one.
    pub(super) fn before(&self, id: EntryId) -> Option<&'t Change> {
        let trace = self.trace;
        let before = trace.latest_before(trace.entry(id).entity, id.index())?;
        Some(&trace.entry(before).change)
    }
}
