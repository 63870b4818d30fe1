//! What RFC 4787 lets a NAT do, told from the packets that enter and leave it; it shares nothing with the NAT it watches.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use rtclab_net::NatConfig;
use rtclab_net::nat::{FilteringBehavior, Hairpin, MappingBehavior, PortAllocation};
use rtclab_net::wire::ip::{self, Header};
use rtclab_net::wire::udp;
use rtclab_trace::{Change, Entry, EntryId, LinkId, NetReason, NodeId, Place, SimTime, Trace};

use super::Crossing;

/// A mapping as its packets show it.
#[derive(Debug)]
struct Mapping {
    internal: SocketAddr,
    external: SocketAddr,
    /// Its first remote endpoint: what it is bound to, if to anything.
    first: SocketAddr,
    expires_at: SimTime,
    contacted: Vec<SocketAddr>,
    /// Whether anything has come in through it.
    replied: bool,
}

/// A NAT and what has been seen of it.
#[derive(Debug)]
pub(crate) struct NatModel {
    pub(crate) node: NodeId,
    config: NatConfig,
    outside: Vec<LinkId>,
    mappings: Vec<Mapping>,
    /// Internal endpoints of which not every mapping can be known: a packet that was to be hairpinned has made one, and was refused
    /// before its external endpoint could be seen.
    vague: BTreeSet<SocketAddr>,
    /// Whether it cannot be followed any more.
    blind: bool,
}

impl NatModel {
    pub(crate) fn new(trace: &Trace, name: &str, config: NatConfig) -> NatModel {
        let node = trace.topology().find(name).expect("a NAT");
        let outside = trace
            .topology()
            .links()
            .filter(|(_, link)| link.nodes[0] == node && link.interfaces[0] == "outside");
        NatModel {
            node,
            config,
            outside: outside.map(|(id, _)| id).collect(),
            mappings: Vec::new(),
            vague: BTreeSet::new(),
            blind: false,
        }
    }

    pub(crate) fn forget(&mut self) {
        self.mappings.clear();
        self.vague.clear();
        self.blind = false;
    }

    /// A packet is put on a link, or in its queue; `from` is its hop before.
    pub(crate) fn hop(&mut self, trace: &Trace, from: Option<Crossing>, to: Crossing) {
        let (link, direction) = match trace.entry(to.entry).change {
            Change::Hop { link, direction, .. }
            | Change::Waiting { place: Place::Link(link, direction), .. } => (link, direction),
            _ => return,
        };
        let Some(from) = from.filter(|_| trace.topology().hop(link, direction).0 == self.node) else {
            return;
        };
        if self.is_part_or_blind(trace, from.entry) {
            return;
        }
        let (before, after) = (endpoints(trace, from.entry), endpoints(trace, to.entry));
        let (Some(before), Some(after)) = (before, after) else { return };
        let now = trace.entry(to.entry).at;
        self.pass(now, (self.is_outside(from.link), self.is_outside(link)), before, after);
    }

    /// A packet waits at a node until it is known where its next hop is; `from` is its hop before. By which link it will leave only what was
    /// done to it tells.
    pub(crate) fn wait(&mut self, trace: &Trace, node: NodeId, from: Option<Crossing>, id: EntryId) {
        let Some(from) = from.filter(|_| node == self.node) else { return };
        if self.is_part_or_blind(trace, from.entry) {
            return;
        }
        let (Some(before), Some(after)) = (endpoints(trace, from.entry), endpoints(trace, id)) else {
            return;
        };
        let outside = self.is_outside(from.link);
        let leaves_outside = before.1 == after.1 && (outside || before.0 != after.0);
        self.pass(trace.entry(id).at, (outside, leaves_outside), before, after);
    }

    /// A packet passes, from one side to one side.
    fn pass(
        &mut self,
        now: SimTime,
        (came_from_outside, leaves_outside): (bool, bool),
        before: (SocketAddr, SocketAddr),
        after: (SocketAddr, SocketAddr),
    ) {
        self.mappings.retain(|mapping| now < mapping.expires_at);
        match (came_from_outside, leaves_outside) {
            (false, true) => {
                assert_eq!(before.1, after.1, "the destination of what leaves is not touched");
                self.outbound(now, before.0, after.0, before.1);
            }
            (true, false) => {
                assert_eq!(before.0, after.0, "the source of what comes in is not touched");
                self.inbound(now, before.0, before.1, after.1);
            }
            (false, false) if before != after => self.hairpin(now, before, after),
            _ => assert_eq!(before, after, "what stays on one side is not touched"),
        }
    }

    /// A packet is dropped, after its hop `from`.
    pub(crate) fn drop(&mut self, trace: &Trace, from: Crossing, entry: &Entry) {
        let Change::Dropped(dropped) = &entry.change else { return };
        // On a link that it never got on, after the NAT has done its part.
        let in_front_of_link = match dropped.place {
            Place::Node(node) if node == self.node => false,
            Place::Link(link, direction) => {
                if trace.topology().hop(link, direction).0 != self.node || from.link == link {
                    return;
                }
                true
            }
            Place::Node(_) => return,
        };
        if self.is_part_or_blind(trace, from.entry) {
            return;
        }
        let Some((source, destination)) = endpoints(trace, from.entry) else { return };
        let now = entry.at;
        self.mappings.retain(|mapping| now < mapping.expires_at);
        let inside = !self.is_outside(from.link);
        let mapping = self.mappings.iter().find(|mapping| mapping.external == destination);
        let reason = |reason: NetReason| entry.reason == Some(reason.into());
        let found_no_way =
            [NetReason::TooBig, NetReason::NoNeighbor, NetReason::NoRoute].into_iter().any(reason);
        if found_no_way || in_front_of_link {
            // It was let through all the same, and then found that it cannot go on.
            let target = mapping.map(|mapping| mapping.internal);
            match (inside, target) {
                (false, Some(target)) => self.inbound(now, source, destination, target),
                (false, None) => {}
                (true, target) => {
                    self.lose_sight_of(source);
                    target.into_iter().for_each(|target| self.lose_sight_of(target));
                }
            }
        } else if inside && (reason(NetReason::FilteredByNat) || reason(NetReason::NoMapping)) {
            self.lose_sight_of(source);
        } else if reason(NetReason::FilteredByNat) {
            let mut sharing = self.mappings.iter().filter(|mapping| mapping.external == destination);
            let known = mapping.map(|_| sharing.any(|mapping| self.admits(mapping, source)));
            assert_ne!(known, Some(true), "{source} was sent to, and is refused");
            assert!(known.is_some() || !self.vague.is_empty(), "{destination} is mapped to nobody");
        } else if reason(NetReason::NoMapping) {
            assert!(mapping.is_none(), "{mapping:?} is alive, and refused as unknown");
        }
    }

    fn outbound(&mut self, now: SimTime, internal: SocketAddr, external: SocketAddr, remote: SocketAddr) {
        if self.vague.contains(&internal) {
            return;
        }
        let by_behavior = |mapping: &Mapping| {
            mapping.internal == internal
                && match self.config.mapping {
                    MappingBehavior::EndpointIndependent => true,
                    MappingBehavior::AddressDependent => mapping.first.ip() == remote.ip(),
                    MappingBehavior::AddressAndPortDependent => mapping.first == remote,
                }
        };
        let same_external = self.mappings.iter().position(|mapping| mapping.external == external);
        let known = self.mappings.iter().position(by_behavior);
        if let Some(known) = known {
            assert_eq!(self.mappings[known].external, external, "RFC 4787 §4.1: one mapping, one endpoint");
        } else if let Some(other) =
            same_external.filter(|_| self.config.ports == PortAllocation::PreserveOverride)
        {
            // Whoever had the port has it no longer.
            self.mappings.remove(other);
        } else if let Some(other) =
            same_external.filter(|_| self.config.ports != PortAllocation::PreserveOverload)
        {
            panic!("{external} is given twice: {:?}, and {internal} to {remote}", self.mappings[other]);
        }
        let replied = known.is_some_and(|known| self.mappings[known].replied);
        let expires_at = now + self.idle(replied);
        match known {
            Some(known) => {
                let refreshes = self.config.refresh.outbound;
                let mapping = &mut self.mappings[known];
                mapping.contacted.push(remote);
                if refreshes {
                    mapping.expires_at = mapping.expires_at.max(expires_at);
                }
            }
            None => {
                self.check_new(internal, external, remote);
                let contacted = vec![remote];
                let replied = false;
                self.mappings.push(Mapping {
                    internal,
                    external,
                    first: remote,
                    expires_at,
                    contacted,
                    replied,
                });
            }
        }
    }

    fn inbound(&mut self, now: SimTime, remote: SocketAddr, external: SocketAddr, internal: SocketAddr) {
        let matches = |mapping: &Mapping| mapping.external == external && mapping.internal == internal;
        let exact = |mapping: &Mapping| matches(mapping) && mapping.first == remote;
        let found = self.mappings.iter().position(exact).or_else(|| self.mappings.iter().position(matches));
        if self.vague.contains(&internal) {
            return;
        }
        let found =
            found.unwrap_or_else(|| panic!("no mapping for {external}, and a packet came in to {internal}"));
        let mapping = &self.mappings[found];
        assert_eq!(mapping.internal, internal, "RFC 4787 §4.1: it goes where the mapping says");
        let siblings =
            self.mappings.iter().any(|other| other.internal == internal && self.admits(other, remote));
        assert!(siblings, "RFC 4787 §5: {remote} was never sent to, and came in to {internal}");
        self.mappings[found].replied = true;
        if self.config.refresh.inbound {
            let longer = now + self.idle(true);
            let mapping = &mut self.mappings[found];
            mapping.expires_at = mapping.expires_at.max(longer);
        }
    }

    fn idle(&self, replied: bool) -> std::time::Duration {
        let timers = &self.config.timers;
        if replied { timers.udp } else { timers.udp_unreplied.unwrap_or(timers.udp) }
    }

    /// What the axes of ports and limits say of a mapping that is new.
    fn check_new(&self, internal: SocketAddr, external: SocketAddr, remote: SocketAddr) {
        let limits = self.config.limits;
        assert!(self.mappings.len() < limits.mappings as usize, "the table has a limit");
        let of_host = self.mappings.iter().filter(|mapping| mapping.internal.ip() == internal.ip());
        let hosts = of_host.clone().count();
        assert!(limits.per_host.is_none_or(|limit| hosts < limit as usize), "{} has a limit", internal.ip());
        if self.config.port_traits.parity && external.port() != internal.port() {
            assert_eq!(external.port() & 1, internal.port() & 1, "RFC 4787 §4.2.2: parity is kept");
        }
        if let Some(blocks) = self.config.port_blocks {
            let block = |port: u16| (port - self.config.port_range.0) / blocks.size;
            let ports = of_host.map(|mapping| mapping.external.port()).chain([external.port()]);
            let distinct: BTreeSet<u16> = ports.map(block).collect();
            assert!(distinct.len() <= usize::from(blocks.per_host), "{} has no more blocks", internal.ip());
        }
        let shared = |mapping: &&Mapping| mapping.external == external && mapping.first == remote;
        let clash = self.mappings.iter().find(shared);
        assert!(clash.is_none(), "a shared port is told apart by its remote endpoints: {clash:?}");
    }

    fn hairpin(&mut self, now: SimTime, before: (SocketAddr, SocketAddr), after: (SocketAddr, SocketAddr)) {
        assert_ne!(self.config.hairpin, Hairpin::Off, "RFC 4787 §6: hairpinning is off");
        if self.config.hairpin == Hairpin::InternalSource {
            assert_eq!(before.0, after.0);
            return [before.0, after.1].into_iter().for_each(|end| self.lose_sight_of(end));
        }
        self.outbound(now, before.0, after.0, before.1);
        self.inbound(now, after.0, before.1, after.1);
    }

    /// A packet that the NAT has put together was seen by nobody else as it was: what it did to the mappings of its endpoints cannot be
    /// known, and those of others go on. Where a port is taken from whoever has it, that may have been anybody.
    fn is_part_or_blind(&mut self, trace: &Trace, id: EntryId) -> bool {
        if !is_part(trace, id) {
            return self.blind;
        }
        self.blind |= self.config.ports == PortAllocation::PreserveOverride;
        // Only the first part has ports.
        if let Some((source, destination)) = endpoints(trace, id) {
            let inside = self.mappings.iter().filter(|mapping| mapping.external == destination);
            let inside: Vec<SocketAddr> = inside.map(|mapping| mapping.internal).collect();
            inside.into_iter().chain([source]).for_each(|end| self.lose_sight_of(end));
        }
        true
    }

    /// A packet ended at a node because it was made into others: parts are looked at before the whole packet goes its way, of which
    /// it may never come out as one.
    pub(crate) fn put_together(&mut self, trace: &Trace, node: NodeId, id: EntryId) {
        if node == self.node {
            self.is_part_or_blind(trace, id);
        }
    }

    fn lose_sight_of(&mut self, internal: SocketAddr) {
        self.mappings.retain(|mapping| mapping.internal != internal);
        self.vague.insert(internal);
    }

    /// RFC 4787 §5, asked of all mappings of the internal endpoint by the callers that have to.
    fn admits(&self, mapping: &Mapping, remote: SocketAddr) -> bool {
        let of_endpoint = self.mappings.iter().filter(|other| other.internal == mapping.internal);
        let mut contacted = of_endpoint.flat_map(|other| &other.contacted);
        match self.config.filtering {
            FilteringBehavior::EndpointIndependent => true,
            FilteringBehavior::AddressDependent => contacted.any(|known| known.ip() == remote.ip()),
            FilteringBehavior::AddressAndPortDependent => contacted.any(|known| *known == remote),
        }
    }

    fn is_outside(&self, link: LinkId) -> bool {
        self.outside.contains(&link)
    }
}

/// Source and destination of a UDP packet over IPv4, or of its first part.
fn endpoints(trace: &Trace, hop: EntryId) -> Option<(SocketAddr, SocketAddr)> {
    let bytes = trace.bytes_at(hop)?;
    let header = Header::parse(&bytes).ok()?;
    if header.fragment.is_some_and(|fragment| fragment.offset > 0) {
        return None;
    }
    let ports = udp::ports(&bytes, &header).filter(|_| header.protocol == ip::UDP && header.is_ipv4())?;
    Some(((header.source, ports.0).into(), (header.destination, ports.1).into()))
}

/// Whether a packet is a fragment, as an entry saw it.
fn is_part(trace: &Trace, id: EntryId) -> bool {
    let header = trace.bytes_at(id).and_then(|bytes| Header::parse(&bytes).ok());
    header.is_some_and(|header| header.fragment.is_some())
}
