//! The log itself: appending, and the queries that views are made of.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use crate::index::Index;
use crate::packets::{InFlight, PacketStore};
use crate::topology::{Direction, Encapsulation, LinkEnd, NodeInfo, Topology};
use crate::{Change, Entity, Entry, EntryId, Frame, LinkId, Nanos, NodeId, PacketId, Reason, SimTime};

/// How much of a run is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Observe {
    /// Every entry and every packet.
    #[default]
    Full,
    /// Only the counters: for sweeps over many worlds and for measuring.
    Summary,
}

/// What a run came to, in numbers; kept in either mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Packets that a node made.
    pub packets_sent: u64,
    /// Packets that reached a program or protocol.
    pub packets_delivered: u64,
    /// Packets that ended on the way.
    pub packets_dropped: u64,
    /// Packets that ended because a node made others of them: they are in `packets_sent` too.
    pub packets_replaced: u64,
    /// Times that a packet was put on a link.
    pub hops: u64,
    /// Entries, kept or not.
    pub entries: u64,
}

impl Counters {
    /// Packets that have not ended.
    pub fn packets_under_way(&self) -> u64 {
        self.packets_sent - self.packets_delivered - self.packets_dropped - self.packets_replaced
    }
}

/// An append-only log of entries over a topology, with the bytes of its packets.
///
/// Writers call [`add_packet`](Trace::add_packet) and [`record`](Trace::record), in order of time. Readers ask for entries by time, by entity and by cause.
#[derive(Debug, Default)]
pub struct Trace {
    observe: Observe,
    topology: Topology,
    packets: PacketStore,
    entries: Vec<Entry>,
    counters: Counters,
    longest_transit_ns: u64,
    /// What IP packets were wrapped in, by the entry of the hop, in its order.
    frames: Vec<(EntryId, Frame)>,
    index: OnceCell<Index>,
}

impl Trace {
    /// An empty trace over a topology.
    pub fn new(topology: Topology, observe: Observe) -> Trace {
        Trace { observe, topology, ..Trace::default() }
    }

    // ---- writing ----

    /// Registers a packet that `origin` made. In summary mode its bytes are not kept.
    pub fn add_packet(&mut self, origin: NodeId, bytes: &[u8]) -> PacketId {
        self.counters.packets_sent += 1;
        match self.observe {
            Observe::Full => self.packets.add(origin, Encapsulation::Ip, bytes, bytes.len() as u32),
            Observe::Summary => PacketId(self.counters.packets_sent as u32),
        }
    }

    /// Registers a frame that `origin` made and that carries no IP packet: all of its bytes, from the Ethernet header on.
    pub fn add_frame(&mut self, origin: NodeId, bytes: &[u8]) -> PacketId {
        self.counters.packets_sent += 1;
        match self.observe {
            Observe::Full => self.packets.add(origin, Encapsulation::Ethernet, bytes, bytes.len() as u32),
            Observe::Summary => PacketId(self.counters.packets_sent as u32),
        }
    }

    /// Notes what the IP packet of a hop was wrapped in. Hops are noted in order, each right after it was recorded.
    pub fn note_frame(&mut self, hop: EntryId, frame: Frame) {
        debug_assert!(self.frames.last().is_none_or(|(last, _)| *last < hop), "in order");
        self.frames.push((hop, frame));
    }

    /// Registers a packet that a capture holds, with the length it had on the wire.
    pub fn add_captured(
        &mut self,
        origin: NodeId,
        encapsulation: Encapsulation,
        bytes: &[u8],
        original_length: u32,
    ) -> PacketId {
        self.counters.packets_sent += 1;
        self.packets.add(origin, encapsulation, bytes, original_length)
    }

    /// Registers what a node made of a packet's bytes on its way; returns the number of the new version.
    pub fn add_version(&mut self, packet: PacketId, version: u8, bytes: &[u8]) -> u8 {
        match self.observe {
            Observe::Full => self.packets.add_version(packet, version, bytes),
            Observe::Summary => version,
        }
    }

    /// Appends an entry. Returns its id, which is none in summary mode: then nothing is kept but the counters.
    ///
    /// Entries come in order of time; an earlier one than the last is a bug of the writer.
    pub fn record(
        &mut self,
        at: SimTime,
        entity: Entity,
        change: Change,
        reason: Option<Reason>,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        self.counters.entries += 1;
        match &change {
            Change::Hop { transit, .. } => {
                self.counters.hops += 1;
                self.longest_transit_ns = self.longest_transit_ns.max(transit.0);
            }
            Change::Delivered { .. } => self.counters.packets_delivered += 1,
            Change::Dropped(_) => self.counters.packets_dropped += 1,
            Change::Replaced { .. } => self.counters.packets_replaced += 1,
            _ => {}
        }
        if self.observe == Observe::Summary {
            return None;
        }
        debug_assert!(self.entries.last().is_none_or(|last| last.at <= at), "time goes on");
        debug_assert!(
            cause.is_none_or(|cause| cause.index() < self.entries.len()),
            "a cause comes before its effect"
        );
        self.index.take();
        self.entries.push(Entry { at, entity, cause, reason, change });
        Some(EntryId::from_index(self.entries.len() - 1))
    }

    /// Appends the hop of a packet that takes this long, like [`Trace::record`]; in summary mode it is counted without being made.
    #[inline]
    pub fn record_hop(
        &mut self,
        at: SimTime,
        packet: PacketId,
        transit: Nanos,
        reason: Option<Reason>,
        cause: Option<EntryId>,
        hop: impl FnOnce() -> Change,
    ) -> Option<EntryId> {
        if self.observe == Observe::Full {
            return self.record(at, Entity::Packet(packet), hop(), reason, cause);
        }
        self.counters.entries += 1;
        self.counters.hops += 1;
        self.longest_transit_ns = self.longest_transit_ns.max(transit.0);
        None
    }

    /// Adds a node after the start (a capture finds them as it goes).
    pub fn add_node(&mut self, node: NodeInfo) -> NodeId {
        self.topology.add_node(node)
    }

    /// The topology, to be completed by a writer.
    pub fn topology_mut(&mut self) -> &mut Topology {
        &mut self.topology
    }

    // ---- reading ----

    /// How much is kept.
    pub fn observe(&self) -> Observe {
        self.observe
    }

    /// Nodes and links.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Packets and their bytes.
    pub fn packets(&self) -> &PacketStore {
        &self.packets
    }

    /// What the run came to, in numbers.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The time of the last entry.
    pub fn end(&self) -> SimTime {
        self.entries.last().map_or(SimTime::ZERO, |entry| entry.at)
    }

    /// An entry.
    pub fn entry(&self, id: EntryId) -> &Entry {
        &self.entries[id.index()]
    }

    /// The id of the entry at a place of the log.
    pub fn id_at(&self, index: usize) -> Option<EntryId> {
        (index < self.entries.len()).then(|| EntryId::from_index(index))
    }

    /// Every entry in order of time, then of writing.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (EntryId, &Entry)> + ExactSizeIterator {
        self.entries.iter().enumerate().map(|(index, entry)| (EntryId::from_index(index), entry))
    }

    /// Places in the log of all entries at or before `time`.
    pub fn until(&self, time: SimTime) -> Range<usize> {
        0..self.entries.partition_point(|entry| entry.at <= time)
    }

    /// Entries from `from` (included) to `to` (excluded).
    pub fn between(&self, from: SimTime, to: SimTime) -> impl DoubleEndedIterator<Item = (EntryId, &Entry)> {
        let start = self.entries.partition_point(|entry| entry.at < from);
        let end = self.entries.partition_point(|entry| entry.at < to).max(start);
        self.entries[start..end]
            .iter()
            .enumerate()
            .map(move |(offset, entry)| (EntryId::from_index(start + offset), entry))
    }

    /// All entries about an entity, in order.
    pub fn entries_of(&self, entity: Entity) -> &[EntryId] {
        self.index().of(entity)
    }

    /// Every entity that has an entry, in the order of [`Entity`].
    pub fn entities(&self) -> impl Iterator<Item = Entity> + '_ {
        self.index().entities()
    }

    /// Every entity that lives on a node and has an entry.
    pub fn entities_on(&self, node: NodeId) -> impl Iterator<Item = Entity> + '_ {
        self.entities().filter(move |entity| entity.node() == Some(node))
    }

    /// The newest entry about an entity at or before `time`: its state then.
    pub fn latest_at(&self, entity: Entity, time: SimTime) -> Option<EntryId> {
        let ids = self.entries_of(entity);
        let count = ids.partition_point(|&id| self.entry(id).at <= time);
        count.checked_sub(1).map(|last| ids[last])
    }

    /// The newest entry about an entity among the first `count` of the log: its state after that many steps.
    pub fn latest_before(&self, entity: Entity, count: usize) -> Option<EntryId> {
        let ids = self.entries_of(entity);
        ids.partition_point(|id| id.index() < count).checked_sub(1).map(|last| ids[last])
    }

    /// The entries that this one caused, in order.
    pub fn effects_of(&self, id: EntryId) -> &[EntryId] {
        self.index().effects(id)
    }

    /// The chain of causes, from this entry's own cause back to what the scenario started.
    pub fn causes_of(&self, id: EntryId) -> impl Iterator<Item = EntryId> + '_ {
        std::iter::successors(self.entry(id).cause, |&cause| self.entry(cause).cause)
    }

    /// Packets that are on a link, or in its queue, after `count` entries and at `time`; each with the entry of its hop.
    pub fn in_flight(&self, count: usize, time: SimTime) -> impl Iterator<Item = (EntryId, InFlight)> + '_ {
        let earliest = SimTime::from_nanos(time.as_nanos().saturating_sub(self.longest_transit_ns));
        let start = self.entries.partition_point(|entry| entry.at < earliest);
        let end = count.min(self.entries.len());
        (start..end.max(start)).filter_map(move |index| {
            let entry = &self.entries[index];
            let (Entity::Packet(packet), Change::Hop { transit, .. }) = (entry.entity, &entry.change) else {
                return None;
            };
            let arrives_at = transit.after(entry.at);
            (entry.at <= time && time < arrives_at)
                .then(|| (EntryId::from_index(index), InFlight { packet, sent_at: entry.at, arrives_at }))
        })
    }

    /// The bytes of the packet that an entry is about, as they were there: on that link, or on delivery. Also the end of a link where they were seen.
    pub fn bytes_at(&self, id: EntryId) -> Option<Cow<'_, [u8]>> {
        let entry = self.entry(id);
        let Entity::Packet(packet) = entry.entity else { return None };
        match entry.change {
            Change::Hop { ttl, version, .. } | Change::Waiting { ttl, version, .. } => {
                Some(self.packets.bytes(packet, version, ttl))
            }
            Change::Altered { version, .. } => Some(self.packets.bytes(packet, version, 0)),
            Change::Delivered { version, .. } | Change::Replaced { version, .. } => {
                Some(self.packets.bytes(packet, version, self.ttl_before(packet, id)))
            }
            Change::Captured { .. } => Some(self.packets.bytes(packet, 0, 0)),
            _ => {
                let (version, ttl) = self.form_before(packet, id);
                Some(self.packets.bytes(packet, version, ttl))
            }
        }
    }

    /// What the IP packet of a hop was wrapped in, if the link is one of Ethernet.
    pub fn frame(&self, hop: EntryId) -> Option<Frame> {
        let place = self.frames.binary_search_by_key(&hop, |(hop, _)| *hop).ok()?;
        Some(self.frames[place].1)
    }

    /// The packet that an entry is about as whoever listened on the wire would see it, and how its bytes begin. On an Ethernet link that is with the
    /// header of its frame, which [`Trace::bytes_at`] leaves out.
    pub fn wire_at(&self, id: EntryId) -> Option<(Encapsulation, Cow<'_, [u8]>)> {
        let bytes = self.bytes_at(id)?;
        if let Some(frame) = self.frame(id) {
            return Some((Encapsulation::Ethernet, [&frame.header()[..], &bytes].concat().into()));
        }
        match self.entry(id).entity {
            Entity::Packet(packet) => Some((self.packets.info(packet).encapsulation, bytes)),
            _ => None,
        }
    }

    /// Every hop over a link in one direction, in order of sending.
    pub fn hops(&self, link: LinkId, way: Direction) -> impl Iterator<Item = EntryId> + '_ {
        self.entries().filter_map(move |(id, entry)| match entry.change {
            Change::Hop { link: on, direction, .. } if on == link && direction == way => Some(id),
            _ => None,
        })
    }

    /// The end of a link that a hop leaves.
    pub fn sending_end(link: LinkId, direction: Direction) -> LinkEnd {
        LinkEnd { link, end: direction.from_end() as u8 }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::build(&self.entries))
    }

    fn ttl_before(&self, packet: PacketId, id: EntryId) -> u8 {
        self.form_before(packet, id).1
    }

    fn form_before(&self, packet: PacketId, id: EntryId) -> (u8, u8) {
        let ids = self.entries_of(Entity::Packet(packet));
        let before = ids.partition_point(|&other| other < id);
        ids[..before]
            .iter()
            .rev()
            .find_map(|&hop| match self.entry(hop).change {
                Change::Hop { version, ttl, .. } | Change::Waiting { version, ttl, .. } => {
                    Some((version, ttl))
                }
                Change::Altered { version, .. } => Some((version, 0)),
                _ => None,
            })
            .unwrap_or((0, 0))
    }
}
