//! The life of a mapping: made, used from both sides, renewed, forgotten; and what the trace hears of it. Not here: where mappings are kept
//! ([`super::table`]), packets ([`super::translate`]).

use std::net::SocketAddrV4;
use std::time::Duration;

use rtclab_trace::{EntryId, MappingPhase, MappingState, NetReason, Protocol, SimTime};

use super::filtering::{Contacts, Opened};
use super::mapping::{self, Key};
use super::sessions::{Passed, Phase, Sessions, Way};
use super::table::{Full, Granted, Mapping, Origin, Slot};
use super::translate::{Refused, Rule};
use super::{MappingBehavior, Nat};
use crate::lease::{Due, Lease};

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

/// A packet of a session: between whom, with which control bits, and its last entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub(super) remote: SocketAddrV4,
    pub(super) flags: u8,
    pub(super) cause: Option<EntryId>,
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
        let mut found = None;
        if self.table.asked > 0 && self.config.mapping != MappingBehavior::EndpointIndependent {
            // RFC 6887 §11: what was asked for serves every remote endpoint.
            let key = Key::new(MappingBehavior::EndpointIndependent, protocol, internal, remote);
            found = self.table.by_key.get(&key).copied();
        }
        let key = Key::new(self.config.mapping, protocol, internal, remote);
        let slot = found.or_else(|| self.table.by_key.get(&key).copied())?;
        self.alive(now, slot)
    }

    /// The mapping of an external endpoint for what comes from a remote one, if there is one.
    pub(super) fn mapping_outside(
        &mut self,
        now: SimTime,
        protocol: Protocol,
        external: SocketAddrV4,
        remote: SocketAddrV4,
    ) -> Option<Slot> {
        if let Some(slot) = self.table.at(&self.config, protocol, external, remote) {
            return self.alive(now, slot);
        }
        if self.config.ports != super::PortAllocation::PreserveOverload {
            return None;
        }
        // Several may share the endpoint: the one that admits the remote endpoint, of these the one that was used last.
        let sharing: Vec<Slot> = self.table.sharing(protocol, external).collect();
        let alive: Vec<Slot> = sharing.into_iter().filter_map(|slot| self.alive(now, slot)).collect();
        let rank = |slot: &&Slot| {
            let mapping = self.table.get(**slot);
            (mapping.origin != Origin::Own && self.admits(now, **slot, remote), mapping.lease.expires_at)
        };
        alive.iter().max_by_key(rank).copied()
    }

    /// A mapping ends at its time even for a packet of the same moment that comes before the event that looks after it.
    pub(super) fn alive(&mut self, now: SimTime, slot: Slot) -> Option<Slot> {
        if self.table.get(slot).lease.has_expired(now) {
            self.forget(slot, MappingPhase::Expired, NetReason::MappingExpired, None);
            return None;
        }
        Some(slot)
    }

    /// Makes a mapping for what an internal endpoint sends.
    pub(super) fn create(
        &mut self,
        now: SimTime,
        protocol: Protocol,
        internal: SocketAddrV4,
        used: Use,
    ) -> Result<Slot, Refused> {
        self.make_room(internal)?;
        let granted = self.table.allocate(&self.config, protocol, internal, used.remote);
        let Granted { external, from } = granted.map_err(|full| {
            let rule = match full {
                Full::Ports => Rule::Ports,
                Full::Blocks => Rule::Blocks(self.table.subscribers.real(internal).ip()),
                Full::Addresses => Rule::Addresses,
            };
            Refused::silent(NetReason::PortsExhausted, rule)
        })?;
        if let Some(from) = from {
            self.forget(from, MappingPhase::Removed, NetReason::MappingOverridden, used.cause);
            // Its end has given the port back.
            let place = self.table.pool.place(*external.ip());
            place.into_iter().for_each(|place| self.table.take(place, protocol, external.port()));
        }
        let key = Key::new(self.config.mapping, protocol, internal, used.remote);
        let slot = self.put(now, (protocol, key), internal, external, Origin::Traffic, used);
        self.tell(slot, NetReason::MappingCreated, used.cause);
        self.wake(slot);
        Ok(slot)
    }

    /// Whether another mapping of an internal endpoint may be made.
    pub(super) fn make_room(&self, internal: SocketAddrV4) -> Result<(), Refused> {
        let limits = self.config.limits;
        if self.table.len() >= limits.mappings as usize {
            return Err(Refused::silent(NetReason::NatTableFull, Rule::TableFull(limits.mappings)));
        }
        if let Some(limit) = limits.per_host
            && self.table.subscribers.mappings(*internal.ip()) >= limit
        {
            let host = self.table.subscribers.real(internal).ip();
            return Err(Refused::silent(NetReason::NatHostLimit, Rule::HostFull(host, limit)));
        }
        Ok(())
    }

    /// Puts a mapping into the table, as if its first packet had passed.
    pub(super) fn put(
        &mut self,
        now: SimTime,
        (protocol, key): (Protocol, Key),
        internal: SocketAddrV4,
        external: SocketAddrV4,
        origin: Origin,
        used: Use,
    ) -> Slot {
        let number = self.table.next_number;
        self.table.next_number += 1;
        let mut contacts = Contacts::default();
        let mut sessions = (protocol == Protocol::Tcp).then(Box::<Sessions>::default);
        if origin == Origin::Traffic {
            match &mut sessions {
                Some(sessions) => drop(sessions.pass(now, Way::Out, used.remote, used.flags, &self.config)),
                None => drop(contacts.open(self.config.filtering, used.remote, now)),
            }
        }
        let ends = sessions.as_ref().and_then(|sessions| sessions.latest());
        let idle = ends.map_or_else(|| self.idle(protocol, false), |ends| ends.since(now));
        let bound_to = match origin {
            Origin::Traffic => mapping::bound_to(self.config.mapping, used.remote),
            Origin::Asked => None,
            Origin::Own => mapping::bound_to(MappingBehavior::AddressAndPortDependent, used.remote),
        };
        let mapping = Mapping {
            number,
            key,
            protocol,
            internal,
            external,
            remote: used.remote,
            bound_to,
            contacts,
            sessions,
            replied: false,
            origin,
            asked_until: SimTime::ZERO,
            lease: Lease::new(now, idle, used.cause),
        };
        self.table.insert(&self.config, mapping)
    }

    /// The inside sends through a mapping.
    pub(super) fn sent(&mut self, now: SimTime, slot: Slot, used: Use) {
        if self.table.get(slot).protocol == Protocol::Tcp {
            return self.segment(now, slot, Way::Out, used);
        }
        let (filtering, refreshes) = (self.config.filtering, self.config.refresh.outbound);
        let idle = self.idle_of(slot);
        let mapping = self.table.get_mut(slot);
        let opened = mapping.contacts.open(filtering, used.remote, now);
        let renewed = refreshes && mapping.lease.renew(now, idle, used.cause);
        match opened {
            Opened::New => self.tell(slot, NetReason::FilterOpened, used.cause),
            Opened::InsteadOfAnother => self.tell(slot, NetReason::FilterEvicted, used.cause),
            Opened::Known if renewed => self.tell(slot, NetReason::MappingRefreshed, used.cause),
            Opened::Known => {}
        }
        if opened != Opened::Known {
            self.wake_if_late(slot);
        }
    }

    /// The outside has sent through a mapping.
    pub(super) fn received(&mut self, now: SimTime, slot: Slot, used: Use) {
        let mapping = self.table.get_mut(slot);
        if mapping.protocol == Protocol::Tcp && mapping.origin != Origin::Own {
            return self.segment(now, slot, Way::In, used);
        }
        let first = !std::mem::replace(&mut mapping.replied, true);
        let idle = self.idle_of(slot);
        let tells_replies = self.config.timers.udp_unreplied.is_some() && first;
        if self.config.refresh.inbound {
            let renewed = self.table.get_mut(slot).lease.renew(now, idle, used.cause);
            if renewed || tells_replies {
                self.tell(slot, NetReason::MappingRefreshed, used.cause);
            }
        }
    }

    /// A TCP segment has passed through a mapping.
    fn segment(&mut self, now: SimTime, slot: Slot, way: Way, used: Use) {
        let config = &self.config;
        let mapping = self.table.get_mut(slot);
        let Some(sessions) = mapping.sessions.as_mut() else { return };
        let Passed { entered, opened, forgotten } = sessions.pass(now, way, used.remote, used.flags, config);
        let latest = sessions.latest().unwrap_or(now);
        let told = mapping.lease.move_end(latest.max(mapping.asked_until), used.cause);
        if forgotten && mapping.lease.has_expired(now) {
            return self.forget(slot, MappingPhase::Removed, NetReason::NatTcpReset, used.cause);
        }
        let reason = match entered {
            Some(Phase::Established) => Some(NetReason::NatTcpEstablished),
            Some(Phase::Closing) => Some(NetReason::NatTcpClosing),
            Some(Phase::Reset) => Some(NetReason::NatTcpReset),
            Some(Phase::Opening) | None => None,
        };
        let otherwise = told.then_some(NetReason::MappingRefreshed);
        let reason = if opened { Some(NetReason::FilterOpened) } else { reason.or(otherwise) };
        if let Some(reason) = reason {
            self.tell(slot, reason, used.cause);
            self.wake_if_late(slot);
        }
    }

    /// Whether the filter lets a remote endpoint in to the internal endpoint of a mapping.
    pub(super) fn admits(&self, now: SimTime, slot: Slot, remote: SocketAddrV4) -> bool {
        let (behavior, timer) = (self.config.filtering, self.config.timers.filter);
        let own = self.table.get(slot);
        let by = |mapping: &Mapping| match &mapping.sessions {
            Some(sessions) => sessions.admits(behavior, remote, now),
            None => mapping.contacts.admits(behavior, remote, timer, now),
        };
        // RFC 6887 §11: what was asked for is open to all, as long as that was for. Its own contacts nearly always decide; the others of the
        // endpoint are asked only to refuse.
        (own.origin == Origin::Asked && own.asked_until > now)
            || by(own)
            || self.table.by_key.range(Key::all_of(own.protocol, own.internal)).any(|(_, &slot)| {
                let sibling = self.table.get(slot);
                !sibling.lease.has_expired(now) && by(sibling)
            })
    }

    /// The event that looks after a mapping has come. Returns whether it did anything that can be seen.
    pub(crate) fn look_after(&mut self, now: SimTime, slot: Slot, number: u32) -> bool {
        let Some(mapping) = self.table.numbered(slot, number) else { return false };
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
        let closed = match &mut mapping.sessions {
            Some(sessions) => sessions.expire(now),
            None => self.config.timers.filter.is_some_and(|timer| mapping.contacts.expire(timer, now)),
        };
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

    pub(super) fn forget(
        &mut self,
        slot: Slot,
        phase: MappingPhase,
        reason: NetReason,
        cause: Option<EntryId>,
    ) {
        let Some(mapping) = self.table.remove(&self.config, slot) else { return };
        let cause = cause.or(mapping.lease.renewed_by);
        let state = self.state_of(&mapping, phase);
        if mapping.origin != Origin::Own {
            self.table.leave(*mapping.internal.ip());
        }
        self.news.push(News { number: mapping.number, state, reason, cause });
    }

    pub(super) fn tell(&mut self, slot: Slot, reason: NetReason, cause: Option<EntryId>) {
        self.table.get_mut(slot).lease.set_recorded();
        let mapping = self.table.get(slot);
        let state = self.state_of(mapping, MappingPhase::Active);
        self.news.push(News { number: mapping.number, state, reason, cause });
    }

    fn state_of(&self, mapping: &Mapping, phase: MappingPhase) -> MappingState {
        let internal = self.table.subscribers.real(mapping.internal);
        let tells_replies = mapping.protocol == Protocol::Udp && self.config.timers.udp_unreplied.is_some();
        mapping.state(phase, internal, tells_replies)
    }

    pub(super) fn wake(&mut self, slot: Slot) {
        let timers = self.config.timers;
        let mapping = self.table.get_mut(slot);
        let at = mapping.lease.arm(mapping.next_filter_expiry(&timers));
        let number = mapping.number;
        self.wakes.push(Wake { at, slot, number });
    }

    /// Something of a mapping may end before the event that looks after it.
    pub(super) fn wake_if_late(&mut self, slot: Slot) {
        let mapping = self.table.get(slot);
        let next = mapping.next_filter_expiry(&self.config.timers);
        let end = mapping.lease.expires_at;
        if mapping.lease.is_late_for(next.map_or(end, |next| next.min(end))) {
            self.wake(slot);
        }
    }

    fn idle_of(&self, slot: Slot) -> Duration {
        let mapping = self.table.get(slot);
        self.idle(mapping.protocol, mapping.replied)
    }

    pub(super) fn idle(&self, protocol: Protocol, replied: bool) -> Duration {
        let timers = &self.config.timers;
        match protocol {
            Protocol::Icmp => timers.icmp,
            Protocol::Udp if replied => timers.udp,
            Protocol::Udp => timers.udp_unreplied.unwrap_or(timers.udp),
            Protocol::Tcp => timers.tcp_transitory,
        }
    }
}
