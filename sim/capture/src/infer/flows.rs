//! Flows: who exchanges datagrams or segments with whom. A capture shows no timer, so a flow that has not been closed stays open.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use rtclab_trace::{Change, Entity, EntryId, FlowState, NodeId, Protocol, SimTime, Trace};

use crate::report::Flow;

#[derive(Debug)]
struct Known {
    entity: Entity,
    report: usize,
    /// The last packet in each direction: of who began, and of the other.
    last: [Option<EntryId>; 2],
}

/// All flows of a capture.
#[derive(Debug, Default)]
pub(super) struct Flows {
    by_ends: BTreeMap<(Protocol, SocketAddr, SocketAddr), usize>,
    known: Vec<Known>,
    per_node: BTreeMap<NodeId, u32>,
    pub(super) report: Vec<Flow>,
}

impl Flows {
    /// The last packet from `from` to `to`.
    pub(super) fn last(&self, protocol: Protocol, from: SocketAddr, to: SocketAddr) -> Option<EntryId> {
        let index = *self.by_ends.get(&(protocol, from.min(to), from.max(to)))?;
        let side = usize::from(self.report[self.known[index].report].ends[0] != from);
        self.known[index].last[side]
    }

    /// A packet was seen, as this entry. Returns whether it began a flow.
    pub(super) fn push(
        &mut self,
        trace: &mut Trace,
        protocol: Protocol,
        (from, to): (SocketAddr, SocketAddr),
        node: NodeId,
        (entry, at, length): (EntryId, SimTime, u32),
    ) -> bool {
        let key = (protocol, from.min(to), from.max(to));
        let before = self.known.len();
        let index = match self.by_ends.get(&key) {
            Some(index) => *index,
            None => {
                let count = self.per_node.entry(node).or_default();
                let entity = Entity::Flow(node, *count);
                *count += 1;
                self.report.push(Flow { protocol, ends: [from, to], packets: [0, 0], bytes: [0, 0] });
                self.known.push(Known { entity, report: self.report.len() - 1, last: [None, None] });
                self.by_ends.insert(key, self.known.len() - 1);
                tell(trace, entity, protocol, (from, to), true, (at, entry));
                self.known.len() - 1
            }
        };
        let known = &mut self.known[index];
        let flow = &mut self.report[known.report];
        let side = usize::from(flow.ends[0] != from);
        flow.packets[side] += 1;
        flow.bytes[side] += u64::from(length);
        known.last[side] = Some(entry);
        self.known.len() > before
    }

    /// A TCP connection was closed, or a new one opened between the same sockets.
    pub(super) fn set_open(
        &mut self,
        trace: &mut Trace,
        (from, to): (SocketAddr, SocketAddr),
        open: bool,
        (entry, at): (EntryId, SimTime),
    ) {
        if let Some(&index) = self.by_ends.get(&(Protocol::Tcp, from.min(to), from.max(to))) {
            let [first, second] = self.report[self.known[index].report].ends;
            tell(trace, self.known[index].entity, Protocol::Tcp, (first, second), open, (at, entry));
        }
    }
}

fn tell(
    trace: &mut Trace,
    entity: Entity,
    protocol: Protocol,
    (internal, external): (SocketAddr, SocketAddr),
    active: bool,
    (at, entry): (SimTime, EntryId),
) {
    let state = FlowState {
        tcp: None,
        protocol,
        internal,
        external,
        expires_at: SimTime::MAX,
        active,
        rule: "seen in the capture".into(),
    };
    trace.record(at, entity, Change::Flow(Box::new(state)), None, Some(entry));
}
