//! The table of mappings: found from inside, found from outside, made, renewed, forgotten. Not here: the axes that decide how (one file
//! each), packets ([`super::translate`]).

use std::collections::BTreeMap;
use std::net::{SocketAddr, SocketAddrV4};
use std::time::Duration;

use rtclab_trace::{EntryId, MappingPhase, MappingState, NetReason, Protocol, SimTime};

use super::allocation::Ports;
use super::filtering::{Contacts, Opened};
use super::mapping::{self, Key, pack};
use super::pooling::Pool;
use super::{Nat, NatConfig};
use crate::lease::{Due, Lease};
use crate::randomness::Stream;

/// A mapping.
#[derive(Debug)]
pub(super) struct Mapping {
    /// Its number in the trace, never given twice.
    number: u32,
    key: Key,
    protocol: Protocol,
    pub(super) internal: SocketAddrV4,
    pub(super) external: SocketAddrV4,
    bound_to: Option<String>,
    contacts: Contacts,
    lease: Lease,
}

/// Its place in the table, given again after its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot(u32);

/// Something that the trace is to hear of.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) number: u32,
    pub(crate) state: MappingState,
    pub(crate) reason: NetReason,
    /// The packet that did it, or the last one before the end.
    pub(crate) cause: Option<EntryId>,
}

/// An event that is to look after a mapping.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wake {
    pub(crate) at: SimTime,
    pub(crate) slot: Slot,
    pub(crate) number: u32,
}

/// All mappings of a NAT.
#[derive(Debug)]
pub(super) struct Table {
    slots: Vec<Option<Mapping>>,
    free: Vec<Slot>,
    by_key: BTreeMap<Key, Slot>,
    by_external: BTreeMap<(Protocol, u64), Slot>,
    /// By place of the external address, then by protocol.
    ports: BTreeMap<(usize, Protocol), Ports>,
    pub(super) pool: Pool,
    random: Stream,
    next_number: u32,
}

impl Table {
    pub(super) fn new(pool: Pool, random: Stream) -> Table {
        Table {
            slots: Vec::new(),
            free: Vec::new(),
            by_key: BTreeMap::new(),
            by_external: BTreeMap::new(),
            ports: BTreeMap::new(),
            pool,
            random,
            next_number: 0,
        }
    }

    pub(super) fn get(&self, slot: Slot) -> &Mapping {
        self.slots[slot.0 as usize].as_ref().expect("slots in the indexes are taken")
    }

    fn get_mut(&mut self, slot: Slot) -> &mut Mapping {
        self.slots[slot.0 as usize].as_mut().expect("slots in the indexes are taken")
    }

    fn insert(&mut self, mapping: Mapping) -> Slot {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            Slot(self.slots.len() as u32 - 1)
        });
        self.by_key.insert(mapping.key, slot);
        self.by_external.insert((mapping.protocol, pack(mapping.external)), slot);
        self.slots[slot.0 as usize] = Some(mapping);
        slot
    }

    fn remove(&mut self, slot: Slot) -> Option<Mapping> {
        let mapping = self.slots.get_mut(slot.0 as usize)?.take()?;
        self.free.push(slot);
        self.by_key.remove(&mapping.key);
        self.by_external.remove(&(mapping.protocol, pack(mapping.external)));
        let place = self.pool.place(*mapping.external.ip());
        let ports = place.and_then(|place| self.ports.get_mut(&(place, mapping.protocol)));
        if let Some(ports) = ports {
            ports.release(mapping.external.port());
        }
        Some(mapping)
    }

    /// An external endpoint for a new mapping; none if all are taken.
    fn allocate(
        &mut self,
        config: &NatConfig,
        protocol: Protocol,
        internal: SocketAddrV4,
    ) -> Option<SocketAddrV4> {
        let (place, address) = self.pool.choose(config.pooling, *internal.ip(), &mut self.random);
        let range = config.port_range;
        let ports = self.ports.entry((place, protocol)).or_insert_with(|| Ports::new(range));
        let port = ports.allocate(config.ports, range, internal.port(), &mut self.random)?;
        Some(SocketAddrV4::new(address, port))
    }
}

impl Mapping {
    fn state(&self, phase: MappingPhase) -> MappingState {
        MappingState {
            protocol: self.protocol,
            internal: SocketAddr::V4(self.internal),
            external: SocketAddr::V4(self.external),
            bound_to: self.bound_to.clone(),
            contacted: self.contacts.endpoints(),
            expires_at: self.lease.expires_at,
            phase,
        }
    }
}

impl Nat {
    /// The mapping for what an internal endpoint sends to a remote one, if there is one.
    pub(super) fn mapping_inside(
        &mut self,
        now: SimTime,
        protocol: Protocol,
        internal: SocketAddrV4,
        remote: SocketAddrV4,
    ) -> Option<Slot> {
        let key = Key::new(self.config.mapping, protocol, internal, remote);
        let slot = *self.table.by_key.get(&key)?;
        self.alive(now, slot)
    }

    /// The mapping of an external endpoint, if there is one.
    pub(super) fn mapping_outside(
        &mut self,
        now: SimTime,
        protocol: Protocol,
        external: SocketAddrV4,
    ) -> Option<Slot> {
        let slot = *self.table.by_external.get(&(protocol, pack(external)))?;
        self.alive(now, slot)
    }

    /// A mapping ends at its time even for a packet of the same moment that comes before the event that looks after it.
    fn alive(&mut self, now: SimTime, slot: Slot) -> Option<Slot> {
        if self.table.get(slot).lease.has_expired(now) {
            self.forget(slot, MappingPhase::Expired, NetReason::MappingExpired, None);
            return None;
        }
        Some(slot)
    }

    /// Makes a mapping; none if no external endpoint is free.
    pub(super) fn create(
        &mut self,
        now: SimTime,
        protocol: Protocol,
        internal: SocketAddrV4,
        remote: SocketAddrV4,
        cause: Option<EntryId>,
    ) -> Option<Slot> {
        let external = self.table.allocate(&self.config, protocol, internal)?;
        let number = self.table.next_number;
        self.table.next_number += 1;
        let behavior = self.config.mapping;
        let mut contacts = Contacts::default();
        contacts.open(self.config.filtering, remote, now);
        let slot = self.table.insert(Mapping {
            number,
            key: Key::new(behavior, protocol, internal, remote),
            protocol,
            internal,
            external,
            bound_to: mapping::bound_to(behavior, remote),
            contacts,
            lease: Lease::new(now, self.idle(protocol), cause),
        });
        self.tell(slot, NetReason::MappingCreated, cause);
        self.wake(slot);
        Some(slot)
    }

    /// The inside sends through a mapping.
    pub(super) fn sent(&mut self, now: SimTime, slot: Slot, remote: SocketAddrV4, cause: Option<EntryId>) {
        let (filtering, refreshes) = (self.config.filtering, self.config.refresh.outbound);
        let idle = self.idle(self.table.get(slot).protocol);
        let mapping = self.table.get_mut(slot);
        let opened = mapping.contacts.open(filtering, remote, now);
        let renewed = refreshes && mapping.lease.renew(now, idle, cause);
        match opened {
            Opened::New => self.tell(slot, NetReason::FilterOpened, cause),
            Opened::InsteadOfAnother => self.tell(slot, NetReason::FilterEvicted, cause),
            Opened::Known if renewed => self.tell(slot, NetReason::MappingRefreshed, cause),
            Opened::Known => {}
        }
        if opened != Opened::Known {
            self.wake_for_filter(slot);
        }
    }

    /// The outside has sent through a mapping.
    pub(super) fn received(&mut self, now: SimTime, slot: Slot, cause: Option<EntryId>) {
        let idle = self.idle(self.table.get(slot).protocol);
        if self.config.refresh.inbound && self.table.get_mut(slot).lease.renew(now, idle, cause) {
            self.tell(slot, NetReason::MappingRefreshed, cause);
        }
    }

    /// Whether the filter lets a remote endpoint in to the internal endpoint of a mapping.
    pub(super) fn admits(&self, now: SimTime, slot: Slot, remote: SocketAddrV4) -> bool {
        let (behavior, timer) = (self.config.filtering, self.config.timers.filter);
        let own = self.table.get(slot);
        let by = |mapping: &Mapping| mapping.contacts.admits(behavior, remote, timer, now);
        // Its own contacts nearly always decide; the others of the endpoint are asked only to refuse.
        by(own)
            || self.table.by_key.range(Key::all_of(own.protocol, own.internal)).any(|(_, &slot)| {
                let sibling = self.table.get(slot);
                !sibling.lease.has_expired(now) && by(sibling)
            })
    }

    /// The event that looks after a mapping has come. Returns whether it did anything that can be seen.
    pub(crate) fn look_after(&mut self, now: SimTime, slot: Slot, number: u32) -> bool {
        let mapping = self.table.slots.get_mut(slot.0 as usize).and_then(Option::as_mut);
        let Some(mapping) = mapping.filter(|mapping| mapping.number == number) else { return false };
        let due = mapping.lease.due(now);
        let cause = mapping.lease.renewed_by;
        match due {
            Due::Nothing => return false,
            Due::Expired => {
                self.forget(slot, MappingPhase::Expired, NetReason::MappingExpired, None);
                return true;
            }
            Due::Renewed | Due::Later => {}
        }
        let closed = self.config.timers.filter.is_some_and(|timer| mapping.contacts.expire(timer, now));
        if closed {
            self.tell(slot, NetReason::FilterExpired, cause);
        } else if due == Due::Renewed {
            self.tell(slot, NetReason::MappingRefreshed, cause);
        }
        self.wake(slot);
        closed || due == Due::Renewed
    }

    /// Forgets all mappings, in the order of their numbers.
    pub(super) fn forget_all(&mut self, cause: Option<EntryId>) {
        let mut slots: Vec<(u32, Slot)> =
            self.table.by_key.values().map(|&slot| (self.table.get(slot).number, slot)).collect();
        slots.sort_unstable();
        for (_, slot) in slots {
            self.forget(slot, MappingPhase::Removed, NetReason::MappingRemoved, cause);
        }
        self.table.pool.reset();
    }

    fn forget(&mut self, slot: Slot, phase: MappingPhase, reason: NetReason, cause: Option<EntryId>) {
        let Some(mapping) = self.table.remove(slot) else { return };
        let cause = cause.or(mapping.lease.renewed_by);
        self.news.push(News { number: mapping.number, state: mapping.state(phase), reason, cause });
    }

    fn tell(&mut self, slot: Slot, reason: NetReason, cause: Option<EntryId>) {
        let mapping = self.table.get_mut(slot);
        mapping.lease.set_recorded();
        let state = mapping.state(MappingPhase::Active);
        self.news.push(News { number: mapping.number, state, reason, cause });
    }

    fn wake(&mut self, slot: Slot) {
        let timer = self.config.timers.filter;
        let mapping = self.table.get_mut(slot);
        let at = mapping.lease.arm(mapping.contacts.next_expiry(timer));
        let number = mapping.number;
        self.wakes.push(Wake { at, slot, number });
    }

    /// A new contact may end before the event that looks after the mapping.
    fn wake_for_filter(&mut self, slot: Slot) {
        let mapping = self.table.get(slot);
        let next = mapping.contacts.next_expiry(self.config.timers.filter);
        if next.is_some_and(|next| mapping.lease.is_late_for(next)) {
            self.wake(slot);
        }
    }

    fn idle(&self, protocol: Protocol) -> Duration {
        match protocol {
            Protocol::Icmp => self.config.timers.icmp,
            Protocol::Udp | Protocol::Tcp => self.config.timers.udp,
        }
    }
}
