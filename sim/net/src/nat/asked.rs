//! Mappings that somebody asks for (RFC 6887 §11 and §12): made, prolonged, given back. Not here: the protocol in which they are asked for
//! (`rtclab-rtc`), the life of a mapping otherwise ([`super::lifecycle`]).

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use rtclab_trace::{EntryId, MappingPhase, NetReason, Protocol, SimTime};

use super::lifecycle::Use;
use super::mapping::Key;
use super::table::{Full, Granted, Origin, Slot};
use super::translate::{Refused, Rule};
use super::{MappingBehavior, Nat, NatConfig, Pooling, PortAllocation};
use crate::error::MapError;
use crate::flow::control;

/// In the place of a remote endpoint that a mapping has none of.
const NOBODY: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) protocol: Protocol,
    pub(crate) internal: SocketAddrV4,
    /// The external port that is wished for.
    pub(crate) port: Option<u16>,
    /// Another is no use.
    pub(crate) exact: bool,
    /// As if the inside had sent there; none: for everybody.
    pub(crate) remote: Option<SocketAddrV4>,
    pub(crate) lifetime: Duration,
}

impl Nat {
    /// Makes a mapping that was asked for, or prolongs the one that there is. Returns its external endpoint.
    pub(crate) fn map_for(
        &mut self,
        now: SimTime,
        asked: &Asked,
        cause: Option<EntryId>,
    ) -> Result<SocketAddrV4, MapError> {
        let slot = match asked.remote {
            Some(remote) => self.map_towards(now, asked, remote, cause)?,
            None => self.map_for_all(now, asked, cause)?,
        };
        let until = now + asked.lifetime;
        let mapping = self.table.get_mut(slot);
        mapping.asked_until = mapping.asked_until.max(until);
        mapping.lease.renew(now, asked.lifetime, cause);
        let external = mapping.external;
        self.tell(slot, NetReason::MappingAsked, cause);
        self.wake(slot);
        Ok(external)
    }

    /// RFC 6887 §11.3: what the NAT has mapped for the socket already is taken, whoever that was for.
    fn map_for_all(&mut self, now: SimTime, asked: &Asked, cause: Option<EntryId>) -> Result<Slot, MapError> {
        let Asked { protocol, internal, .. } = *asked;
        let key = Key::new(MappingBehavior::EndpointIndependent, protocol, internal, NOBODY);
        let own = self.table.by_key.get(&key).copied().and_then(|slot| self.alive(now, slot));
        if let Some(slot) = own {
            let taken = self.table.get(slot).external.port();
            if asked.exact && asked.port.is_some_and(|port| port != taken) {
                return Err(MapError::PortTaken);
            }
            self.table.set_asked(&self.config, slot);
            return Ok(slot);
        }
        self.make_room(internal).map_err(no_room)?;
        let external = self.external_for(asked)?;
        let used = Use { remote: NOBODY, flags: 0, cause };
        Ok(self.put(now, (protocol, key), internal, external, Origin::Asked, used))
    }

    /// RFC 6887 §12.3: what a packet to that endpoint would have made.
    fn map_towards(
        &mut self,
        now: SimTime,
        asked: &Asked,
        remote: SocketAddrV4,
        cause: Option<EntryId>,
    ) -> Result<Slot, MapError> {
        let Asked { protocol, internal, .. } = *asked;
        if let Some(slot) = self.mapping_inside(now, protocol, internal, remote) {
            return Ok(slot);
        }
        let used = Use { remote, flags: control::SYN, cause };
        self.create(now, protocol, internal, used).map_err(no_room)
    }

    /// An external endpoint: with the port that is wished for, or another.
    fn external_for(&mut self, asked: &Asked) -> Result<SocketAddrV4, MapError> {
        let Asked { protocol, internal, port, exact, .. } = *asked;
        let blocks = self.config.port_blocks.is_some();
        let wish = match self.config.pooling {
            Pooling::OneToOne => port.filter(|port| *port == internal.port()),
            _ => port.filter(|_| !blocks),
        };
        let wished = wish.and_then(|port| self.table.take_wished(&self.config, protocol, internal, port));
        if let Some(external) = wished {
            return Ok(external);
        }
        if exact && port.is_some() {
            return Err(MapError::PortTaken);
        }
        // Nobody loses a port because somebody else asks for one.
        let ports = match self.config.ports {
            PortAllocation::PreserveOverride | PortAllocation::PreserveOverload => {
                PortAllocation::PreserveElseRandom
            }
            ports => ports,
        };
        let config = NatConfig { ports, ..self.config.clone() };
        let Granted { external, .. } =
            self.table.allocate(&config, protocol, internal, NOBODY).map_err(|full| match full {
                Full::Ports | Full::Blocks | Full::Addresses => MapError::Full,
            })?;
        Ok(external)
    }

    /// Ends what was asked for. Returns whether there was anything.
    pub(crate) fn unmap(
        &mut self,
        protocol: Protocol,
        internal: SocketAddrV4,
        cause: Option<EntryId>,
    ) -> bool {
        let of_endpoint = self.table.by_key.range(Key::all_of(protocol, internal)).map(|(_, slot)| *slot);
        let asked: Vec<Slot> =
            of_endpoint.filter(|slot| self.table.get(*slot).asked_until > SimTime::ZERO).collect();
        for slot in &asked {
            self.forget(*slot, MappingPhase::Removed, NetReason::MappingReleased, cause);
        }
        !asked.is_empty()
    }

    /// The external address that mappings of an inside host have, or would have.
    pub(crate) fn external_of(&self, internal: Ipv4Addr) -> Option<Ipv4Addr> {
        self.table.pool.expected(self.config.pooling, internal)
    }
}

fn no_room(refused: Refused) -> MapError {
    match refused.rule {
        Rule::HostFull(..) => MapError::Quota,
        _ => MapError::Full,
    }
}
