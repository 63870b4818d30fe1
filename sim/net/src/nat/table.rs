//! The table of mappings: found from inside, found from outside, put in, taken out. Not here: the axes that decide how (one file each),
//! what happens to a mapping in its life ([`super::lifecycle`]), packets ([`super::translate`]).

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use rtclab_trace::{MappingPhase, MappingState, Protocol, SimTime};

use super::allocation::{Ports, Wish};
use super::filtering::Contacts;
use super::mapping::{Key, pack};
use super::pooling::Pool;
use super::sessions::Sessions;
use super::subscribers::Subscribers;
use super::{MappingBehavior, NatConfig, Pooling, PortAllocation, PortTraits, Timers};
use crate::lease::Lease;
use crate::randomness::Stream;

/// Where a mapping comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A packet from inside.
    Traffic,
    /// An inside host has asked for it.
    Asked,
    /// The box itself, which has taken a packet from outside for its own.
    Own,
}

/// A mapping.
#[derive(Debug)]
pub(super) struct Mapping {
    /// Its number in the trace, never given twice.
    pub(super) number: u32,
    pub(super) key: Key,
    pub(super) protocol: Protocol,
    pub(super) internal: SocketAddrV4,
    pub(super) external: SocketAddrV4,
    /// Its first remote endpoint.
    pub(super) remote: SocketAddrV4,
    pub(super) bound_to: Option<String>,
    pub(super) contacts: Contacts,
    /// Of TCP: its connections.
    pub(super) sessions: Option<Box<Sessions>>,
    /// Whether anything has come in through it.
    pub(super) replied: bool,
    pub(super) origin: Origin,
    /// It lives at least until then: an inside host has asked for that.
    pub(super) asked_until: SimTime,
    pub(super) lease: Lease,
}

/// Its place in the table, given again after its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot(u32);

/// An external endpoint for a new mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Granted {
    pub(super) external: SocketAddrV4,
    /// Whose it was, and is to be no longer.
    pub(super) from: Option<Slot>,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// No port is left.
    Ports,
    /// Nor a block of ports.
    Blocks,
    /// All external addresses belong to other hosts.
    Addresses,
}

/// All mappings of a NAT.
#[derive(Debug)]
pub(super) struct Table {
    slots: Vec<Option<Mapping>>,
    free: Vec<Slot>,
    pub(super) by_key: BTreeMap<Key, Slot>,
    /// By protocol, external endpoint, and, where mappings share one, what tells them apart.
    by_external: BTreeMap<(Protocol, u64, u64), Slot>,
    /// By place of the external address, then by protocol.
    ports: BTreeMap<(usize, Protocol), Ports>,
    pub(super) pool: Pool,
    pub(super) subscribers: Subscribers,
    random: Stream,
    pub(super) next_number: u32,
    /// How many were asked for.
    pub(super) asked: u32,
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
            subscribers: Subscribers::default(),
            random,
            next_number: 0,
            asked: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(super) fn get(&self, slot: Slot) -> &Mapping {
        self.slots[slot.0 as usize].as_ref().expect("slots in the indexes are taken")
    }

    pub(super) fn get_mut(&mut self, slot: Slot) -> &mut Mapping {
        self.slots[slot.0 as usize].as_mut().expect("slots in the indexes are taken")
    }

    /// The mapping of that number in that place, if it is still there.
    pub(super) fn numbered(&mut self, slot: Slot, number: u32) -> Option<&mut Mapping> {
        let mapping = self.slots.get_mut(slot.0 as usize).and_then(Option::as_mut);
        mapping.filter(|mapping| mapping.number == number)
    }

    pub(super) fn insert(&mut self, config: &NatConfig, mapping: Mapping) -> Slot {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            Slot(self.slots.len() as u32 - 1)
        });
        self.by_key.insert(mapping.key, slot);
        self.by_external.insert(external_key(config, &mapping), slot);
        if mapping.origin != Origin::Own {
            self.subscribers.add(*mapping.internal.ip());
        }
        self.asked += u32::from(mapping.origin == Origin::Asked);
        self.slots[slot.0 as usize] = Some(mapping);
        slot
    }

    pub(super) fn remove(&mut self, config: &NatConfig, slot: Slot) -> Option<Mapping> {
        let mapping = self.slots.get_mut(slot.0 as usize)?.take()?;
        self.free.push(slot);
        self.by_key.remove(&mapping.key);
        self.by_external.remove(&external_key(config, &mapping));
        if self.sharing(mapping.protocol, mapping.external).next().is_none() {
            let place = self.pool.place(*mapping.external.ip());
            let ports = place.and_then(|place| self.ports.get_mut(&(place, mapping.protocol)));
            if let Some(ports) = ports {
                ports.release(mapping.external.port());
            }
        }
        self.asked -= u32::from(mapping.origin == Origin::Asked);
        Some(mapping)
    }

    /// A mapping of an inside host has ended. With its last one goes what the host was given.
    pub(super) fn leave(&mut self, host: Ipv4Addr) {
        if self.subscribers.remove(host) {
            self.pool.leave(host);
        }
    }

    /// The mappings of an external endpoint: one, unless ports are overloaded.
    pub(super) fn sharing(
        &self,
        protocol: Protocol,
        external: SocketAddrV4,
    ) -> impl Iterator<Item = Slot> + '_ {
        let external = pack(external);
        let range = (protocol, external, 0)..=(protocol, external, u64::MAX);
        self.by_external.range(range).map(|(_, slot)| *slot)
    }

    /// The mapping of an external endpoint for what comes from `remote`, as far as its place in the index tells.
    pub(super) fn at(
        &self,
        config: &NatConfig,
        protocol: Protocol,
        external: SocketAddrV4,
        remote: SocketAddrV4,
    ) -> Option<Slot> {
        let sharer = if config.ports == PortAllocation::PreserveOverload { pack(remote) } else { 0 };
        self.by_external.get(&(protocol, pack(external), sharer)).copied()
    }

    /// An external endpoint for a new mapping of an inside endpoint, first used towards `remote`.
    pub(super) fn allocate(
        &mut self,
        config: &NatConfig,
        protocol: Protocol,
        internal: SocketAddrV4,
        remote: SocketAddrV4,
    ) -> Result<Granted, Full> {
        let host = *internal.ip();
        let (place, address) =
            self.pool.choose(config.pooling, host, &mut self.random).ok_or(Full::Addresses)?;
        let granted = |port| Granted { external: SocketAddrV4::new(address, port), from: None };
        let wish = self.wish(config, protocol, internal, address);
        self.ports.entry((place, protocol)).or_insert_with(|| Ports::new(config.port_range));
        if config.pooling == Pooling::OneToOne {
            self.take(place, protocol, internal.port());
            return Ok(granted(internal.port()));
        }
        let wanted = granted(internal.port());
        match config.ports {
            PortAllocation::PreserveOverride if wish.may_preserve() => {
                let from = self.sharing(protocol, wanted.external).next();
                self.take(place, protocol, internal.port());
                return Ok(Granted { from, ..wanted });
            }
            PortAllocation::PreserveOverload
                if wish.may_preserve() && self.is_free_towards(protocol, wanted.external, remote) =>
            {
                self.take(place, protocol, internal.port());
                return Ok(wanted);
            }
            _ => {}
        }
        let port = match config.port_blocks.filter(|_| protocol != Protocol::Icmp) {
            Some(blocks) => {
                let mut own = self.subscribers.blocks(host, place);
                loop {
                    let mut in_block = own.iter().filter_map(|block| {
                        let range = (block.first, block.first + (blocks.size - 1));
                        let wish = Wish { range, preserves_beyond: false, ..wish };
                        self.ports.get_mut(&(place, protocol))?.allocate(&wish, &mut self.random)
                    });
                    if let Some(port) = in_block.next() {
                        break Some(port);
                    }
                    let range = config.port_range;
                    let block = self.subscribers.add_block(host, place, range, blocks);
                    own = vec![block.ok_or(Full::Blocks)?];
                }
            }
            None => self
                .ports
                .get_mut(&(place, protocol))
                .and_then(|ports| ports.allocate(&wish, &mut self.random)),
        };
        if let Some(port) = port {
            return Ok(granted(port));
        }
        // Every port is used, but where ports are shared some may be free towards this endpoint.
        let shares = config.ports == PortAllocation::PreserveOverload;
        let mut range = config.port_range.0..=config.port_range.1;
        let shared = range
            .find(|&port| shares && self.is_free_towards(protocol, SocketAddrV4::new(address, port), remote));
        shared.map(granted).ok_or(Full::Ports)
    }

    /// An external endpoint with the port that somebody has asked for, if the port is free.
    pub(super) fn take_wished(
        &mut self,
        config: &NatConfig,
        protocol: Protocol,
        internal: SocketAddrV4,
        port: u16,
    ) -> Option<SocketAddrV4> {
        let (place, address) = self.pool.choose(config.pooling, *internal.ip(), &mut self.random)?;
        let ports = self.ports.entry((place, protocol)).or_insert_with(|| Ports::new(config.port_range));
        let preserves = config.ports.preserves() && port == internal.port();
        let in_range = (config.port_range.0..=config.port_range.1).contains(&port);
        if ports.is_used(port) || !(preserves || in_range) {
            return None;
        }
        ports.take(port);
        Some(SocketAddrV4::new(address, port))
    }

    /// What came of traffic was asked for, too: from now on it is open to everybody.
    pub(super) fn set_asked(&mut self, config: &NatConfig, slot: Slot) {
        if self.get(slot).origin != Origin::Traffic {
            return;
        }
        self.by_external.remove(&external_key(config, self.get(slot)));
        self.get_mut(slot).origin = Origin::Asked;
        self.by_external.insert(external_key(config, self.get(slot)), slot);
        self.asked += 1;
    }

    fn wish(
        &self,
        config: &NatConfig,
        protocol: Protocol,
        internal: SocketAddrV4,
        address: Ipv4Addr,
    ) -> Wish {
        let plain = PortTraits::default();
        let icmp = protocol == Protocol::Icmp;
        let traits = if icmp { plain } else { config.port_traits };
        let next_to = traits.contiguity.then(|| self.next_to(protocol, internal, address)).flatten();
        // Every identifier may be preserved.
        let preserves_beyond = config.port_blocks.is_none() || icmp;
        let (how, range, internal) = (config.ports, config.port_range, internal.port());
        Wish { how, traits, range, preserves_beyond, internal, next_to }
    }

    /// The external port beside that of a neighbouring internal port (RFC 4787 §4.2.3).
    fn next_to(&self, protocol: Protocol, internal: SocketAddrV4, address: Ipv4Addr) -> Option<u16> {
        let neighbor = |port: u16| {
            let neighbor = SocketAddrV4::new(*internal.ip(), port);
            let mut mappings =
                self.by_key.range(Key::all_of(protocol, neighbor)).map(|(_, slot)| self.get(*slot));
            mappings.find(|mapping| *mapping.external.ip() == address).map(|mapping| mapping.external.port())
        };
        let below = internal.port().checked_sub(1).and_then(neighbor).and_then(|port| port.checked_add(1));
        below.or_else(|| {
            internal.port().checked_add(1).and_then(neighbor).and_then(|port| port.checked_sub(1))
        })
    }

    /// Whether an external endpoint that may be shared is not used towards `remote` yet.
    fn is_free_towards(&self, protocol: Protocol, external: SocketAddrV4, remote: SocketAddrV4) -> bool {
        !self.sharing(protocol, external).any(|slot| {
            let mapping = self.get(slot);
            mapping.remote == remote || mapping.contacts.knows(remote)
        })
    }

    /// Takes a port of an external address whoever has it.
    pub(super) fn take(&mut self, place: usize, protocol: Protocol, port: u16) {
        if let Some(ports) = self.ports.get_mut(&(place, protocol)) {
            ports.take(port);
        }
    }

    /// Takes an external endpoint for the box itself, unless a mapping has it.
    pub(super) fn take_for_box(
        &mut self,
        config: &NatConfig,
        protocol: Protocol,
        external: SocketAddrV4,
    ) -> Option<()> {
        let place = self.pool.place(*external.ip())?;
        let ports = self.ports.entry((place, protocol)).or_insert_with(|| Ports::new(config.port_range));
        if ports.is_used(external.port()) && config.ports != PortAllocation::PreserveOverload {
            return None;
        }
        ports.take(external.port());
        Some(())
    }
}

/// Where a mapping is in the index of external endpoints. Where ports are not shared nothing has to tell mappings apart; where they are, and
/// each has one remote endpoint, that does; or else their numbers.
fn external_key(config: &NatConfig, mapping: &Mapping) -> (Protocol, u64, u64) {
    let shares = config.ports == PortAllocation::PreserveOverload;
    let by_remote =
        config.mapping == MappingBehavior::AddressAndPortDependent || mapping.origin == Origin::Own;
    let sharer = match (shares, by_remote) {
        (false, _) => 0,
        (true, true) if mapping.origin != Origin::Asked => pack(mapping.remote),
        (true, _) => 1 << 48 | u64::from(mapping.number),
    };
    (mapping.protocol, pack(mapping.external), sharer)
}

impl Mapping {
    /// When the next of its filter's entries ends.
    pub(super) fn next_filter_expiry(&self, timers: &Timers) -> Option<SimTime> {
        match &self.sessions {
            Some(sessions) => sessions.soonest(),
            None => self.contacts.next_expiry(timers.filter),
        }
    }

    /// As the trace shows it.
    pub(super) fn state(&self, phase: MappingPhase, internal: SocketAddr, unreplied: bool) -> MappingState {
        let contacted = match &self.sessions {
            Some(sessions) => sessions.endpoints(),
            None => self.contacts.endpoints(),
        };
        let status = match (self.origin, &self.sessions) {
            (Origin::Own, _) => "the box's own".into(),
            (Origin::Asked, _) => "asked for".into(),
            (Origin::Traffic, Some(sessions)) => sessions.words(),
            (Origin::Traffic, None) if unreplied => if self.replied { "replied" } else { "unreplied" }.into(),
            (Origin::Traffic, None) => String::new(),
        };
        MappingState {
            protocol: self.protocol,
            internal,
            external: SocketAddr::V4(self.external),
            bound_to: self.bound_to.clone(),
            contacted,
            expires_at: self.lease.expires_at,
            phase,
            status,
        }
    }
}
