//! What a NAT makes of a packet: who it is from and for on the other side, or why it goes no further. Not here: writing it into the
//! bytes (`wire::rewrite`), forwarding (`world`).

use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};

use rtclab_trace::{EntryId, NetReason, Protocol, SimTime};

use super::lifecycle::Use;
use super::mapping::Key;
use super::table::{Origin, Slot};
use super::{
    FilteringBehavior, Fragments, Hairpin, MappingBehavior, Nat, Pooling, Unsolicited, UnsolicitedSyn,
};
use crate::flow::{Flow, Seen};
use crate::wire::rewrite::{End, set_end, set_outer_address, set_quoted_end};

/// What to rewrite. An error has its addresses and its quotation rewritten, anything else its endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Translation {
    pub(super) source: Option<SocketAddrV4>,
    pub(super) destination: Option<SocketAddrV4>,
    /// Where the ICMP header of an error begins. The ends of what it quotes are the other way round.
    error_at: Option<usize>,
}

/// Why a packet goes no further, and what is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) reason: NetReason,
    pub(crate) rule: Rule,
    pub(crate) then: Then,
}

/// What is done about a packet that goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Nothing.
    Silence,
    /// It is held for a while: a SYN from inside may cross it.
    Hold { external: SocketAddrV4, remote: SocketAddrV4 },
    /// Its sender gets a RST.
    Reset,
    /// Its sender is told by ICMP that the port is unreachable.
    Unreachable,
    /// The box takes it for its own.
    Deliver,
}

impl Refused {
    pub(super) fn silent(reason: NetReason, rule: Rule) -> Refused {
        Refused { reason, rule, then: Then::Silence }
    }
}

/// What a NAT decides: the packet goes on, rewritten, or no further.
pub(crate) type Verdict = Result<Translation, Refused>;

/// The rule behind a refusal, to be put into words only if somebody reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Mapping(Protocol, SocketAddrV4),
    QuotedMapping(SocketAddrV4),
    Filtering(FilteringBehavior, SocketAddrV4),
    Ports,
    Blocks(IpAddr),
    Addresses,
    TableFull(u32),
    HostFull(IpAddr, u32),
    Hairpin,
    SimultaneousOpen(SocketAddrV4),
    Untranslatable(u8),
    InsideAddress(Ipv4Addr),
    Fragments(Fragments),
}

impl Rule {
    pub(crate) fn words(self) -> String {
        match self {
            Rule::Mapping(Protocol::Icmp, external) => {
                format!("no mapping for ICMP identifier {}", external.port())
            }
            Rule::Mapping(protocol, external) => {
                format!("no mapping for {} port {}", protocol.word(), external.port())
            }
            Rule::QuotedMapping(endpoint) => format!("no mapping for the quoted endpoint {endpoint}"),
            Rule::Filtering(behavior, remote) => {
                format!("filtering: {}: nothing was sent to {remote}", behavior.words())
            }
            Rule::Ports => "ports: none is free".into(),
            Rule::Blocks(host) => {
                format!("ports: none is free in the blocks of {host}, and it gets no other block")
            }
            Rule::Addresses => "pooling: one to one: every external address belongs to another host".into(),
            Rule::TableFull(limit) => format!("table: {limit} mappings"),
            Rule::HostFull(host, limit) => format!("limit: {limit} mappings of {host}"),
            Rule::Hairpin => "hairpinning: off".into(),
            Rule::SimultaneousOpen(remote) => {
                format!("TCP: no simultaneous open: a SYN of {remote} instead of its answer")
            }
            Rule::Untranslatable(protocol) => format!("protocol {protocol} is not translated"),
            Rule::InsideAddress(address) => format!("{address} is not announced outside"),
            Rule::Fragments(how) => format!("fragments: {}", how.words()),
        }
    }
}

impl Translation {
    /// Where the packet goes on the other side.
    pub(crate) fn destination(&self) -> Option<Ipv4Addr> {
        self.destination.map(|destination| *destination.ip())
    }

    /// The same with its port.
    pub(crate) fn destination_endpoint(&self) -> Option<SocketAddrV4> {
        self.destination
    }

    /// Writes it into a packet.
    pub(crate) fn apply(&self, bytes: &mut [u8]) {
        let ends = [(End::Source, self.source), (End::Destination, self.destination)];
        for (end, to) in ends.into_iter().filter_map(|(end, to)| Some((end, to?))) {
            let Some(icmp_at) = self.error_at else {
                set_end(bytes, 0, end, to);
                continue;
            };
            // RFC 5508 §4.2: who sends the error received what it quotes.
            let quoted = if end == End::Source { End::Destination } else { End::Source };
            set_quoted_end(bytes, icmp_at, quoted, to);
            set_outer_address(bytes, end, *to.ip());
        }
    }
}

/// A packet of a session, as a NAT sees it.
#[derive(Clone, Copy, Debug)]
struct Passing {
    flow: Flow,
    begins: bool,
    flags: u8,
    cause: Option<EntryId>,
}

impl Passing {
    fn used(&self, remote: SocketAddrV4) -> Use {
        Use { remote, flags: self.flags, cause: self.cause }
    }
}

impl Nat {
    /// A packet from inside to the outside.
    pub(crate) fn outbound(
        &mut self,
        now: SimTime,
        seen: Seen,
        protocol: u8,
        cause: Option<EntryId>,
    ) -> Verdict {
        let (source, error_at) = match seen {
            Seen::Session { flow, begins, flags } => {
                (self.outbound_session(now, Passing { flow, begins, flags, cause })?, None)
            }
            Seen::Error { quoted, icmp_at } => (self.outbound_error(now, quoted)?, Some(icmp_at)),
            Seen::Other => return Err(untranslatable(protocol)),
        };
        Ok(Translation { source: Some(source), destination: None, error_at })
    }

    /// A packet from outside to an external address. Echo requests come here only if the address belongs to an inside host.
    pub(crate) fn inbound(
        &mut self,
        now: SimTime,
        seen: Seen,
        protocol: u8,
        cause: Option<EntryId>,
    ) -> Verdict {
        let (destination, error_at) = match seen {
            Seen::Session { flow, begins, flags } => {
                (self.inbound_session(now, Passing { flow, begins, flags, cause })?, None)
            }
            Seen::Error { quoted, icmp_at } => (self.inbound_error(now, quoted)?, Some(icmp_at)),
            Seen::Other => return Err(untranslatable(protocol)),
        };
        Ok(Translation { source: None, destination: Some(destination), error_at })
    }

    /// A packet from inside to an external address: to the inside again (RFC 4787 §6), if at all.
    pub(crate) fn hairpin(
        &mut self,
        now: SimTime,
        seen: Seen,
        protocol: u8,
        cause: Option<EntryId>,
    ) -> Verdict {
        match (seen, self.config.hairpin) {
            (Seen::Other, _) => Err(untranslatable(protocol)),
            (_, Hairpin::Off) => Err(Refused::silent(NetReason::NoHairpin, Rule::Hairpin)),
            (Seen::Session { flow, begins, flags }, _) => {
                // As if it had left and come back: the sender's mapping is made and its filter opened even if the other's refuses.
                let leaving = Passing { flow, begins, flags, cause };
                let source = self.outbound_session(now, leaving)?;
                let returning = Passing { flow: Flow { source: source.into(), ..flow }, ..leaving };
                let destination = self.inbound_session(now, returning);
                let destination =
                    Some(destination.map_err(|refused| Refused { then: Then::Silence, ..refused })?);
                // RFC 4787 REQ-9 a: the external endpoint is the source, so that answers take the same way.
                let source = (self.config.hairpin == Hairpin::ExternalSource).then_some(source);
                Ok(Translation { source, destination, error_at: None })
            }
            (Seen::Error { quoted, icmp_at }, _) => {
                let source = Some(self.outbound_error(now, quoted)?);
                let destination = Some(self.inbound_error(now, quoted)?);
                Ok(Translation { source, destination, error_at: Some(icmp_at) })
            }
        }
    }

    /// The external endpoint of a session from inside.
    fn outbound_session(&mut self, now: SimTime, passing: Passing) -> Result<SocketAddrV4, Refused> {
        let Flow { protocol, .. } = passing.flow;
        let (internal, remote) = passing.flow.v4().ok_or_else(|| untranslatable(0))?;
        let used = passing.used(remote);
        let begins = passing.begins || (protocol == Protocol::Tcp && self.config.tcp.picks_up);
        let external = match self.mapping_inside(now, protocol, internal, remote) {
            Some(slot) => {
                let external = self.table.get(slot).external;
                self.sent(now, slot, used);
                external
            }
            None if begins => {
                let slot = self.create(now, protocol, internal, used)?;
                self.table.get(slot).external
            }
            None => self.own_address(&passing, internal).ok_or_else(|| no_mapping(protocol, internal))?,
        };
        if passing.begins && protocol == Protocol::Tcp {
            let crossing = self.held.take_crossing(external, remote);
            self.crossed.extend(crossing.map(|packet| (packet, NetReason::NatSynCrossed)));
        }
        Ok(external)
    }

    /// One to one: the source of an answer to an echo request, which has no mapping because the address is the host's own.
    fn own_address(&self, passing: &Passing, internal: SocketAddrV4) -> Option<SocketAddrV4> {
        let answers = passing.flow.protocol == Protocol::Icmp && self.config.pooling == Pooling::OneToOne;
        let address = answers.then(|| self.table.pool.address_of(*internal.ip())).flatten()?;
        Some(SocketAddrV4::new(address, passing.flow.destination.port()))
    }

    /// The internal endpoint of a session from outside.
    fn inbound_session(&mut self, now: SimTime, passing: Passing) -> Result<SocketAddrV4, Refused> {
        let Flow { protocol, .. } = passing.flow;
        let (remote, external) = passing.flow.v4().ok_or_else(|| untranslatable(0))?;
        let used = passing.used(remote);
        let slot = match self.mapping_outside(now, protocol, external, remote) {
            Some(slot) => slot,
            None => match self.for_owner(now, &passing, remote, external)? {
                Some(internal) => return Ok(internal),
                None => return Err(self.unsolicited(now, &passing, no_mapping(protocol, external))),
            },
        };
        let mapping = self.table.get(slot);
        let internal = mapping.internal;
        if mapping.origin == Origin::Own {
            self.received(now, slot, used);
            return Err(Refused { then: Then::Deliver, ..no_mapping(protocol, external) });
        }
        let crosses = passing.begins
            && !self.config.tcp.simultaneous_open
            && mapping.sessions.as_ref().is_some_and(|sessions| sessions.awaits_syn(remote, now));
        if crosses {
            // RFC 5382 REQ-2 asks that this pass.
            let rule = Rule::SimultaneousOpen(remote);
            return Err(Refused::silent(NetReason::NatNoSimultaneousOpen, rule));
        }
        if !self.admits(now, slot, remote) {
            let rule = Rule::Filtering(self.config.filtering, remote);
            let refused = Refused::silent(NetReason::FilteredByNat, rule);
            return Err(self.unsolicited(now, &passing, refused));
        }
        self.received(now, slot, used);
        Ok(internal)
    }

    /// One to one: what comes for the host that an external address belongs to, if the filter lets everybody in.
    fn for_owner(
        &mut self,
        now: SimTime,
        passing: &Passing,
        remote: SocketAddrV4,
        external: SocketAddrV4,
    ) -> Result<Option<SocketAddrV4>, Refused> {
        let open = self.config.pooling == Pooling::OneToOne
            && self.config.filtering == FilteringBehavior::EndpointIndependent;
        let owner = self.table.pool.owner(*external.ip()).filter(|_| open && passing.begins);
        let Some(owner) = owner else { return Ok(None) };
        if passing.flow.protocol == Protocol::Icmp {
            // A query needs no mapping: its answer leaves from the host's own address.
            return Ok(Some(SocketAddrV4::new(owner, remote.port())));
        }
        let internal = SocketAddrV4::new(owner, external.port());
        self.make_room(internal)?;
        let protocol = passing.flow.protocol;
        let key = Key::new(self.config.mapping, protocol, internal, remote);
        let used = passing.used(remote);
        if self.table.by_key.contains_key(&key) {
            return Ok(Some(internal));
        }
        let slot = self.put(now, (protocol, key), internal, external, Origin::Traffic, used);
        self.tell(slot, NetReason::MappingCreated, passing.cause);
        self.wake(slot);
        Ok(Some(internal))
    }

    /// What is done about a packet that came in for nobody inside.
    fn unsolicited(&mut self, now: SimTime, passing: &Passing, refused: Refused) -> Refused {
        let Some((remote, external)) = passing.flow.v4() else { return refused };
        let tracks = self.config.unsolicited == Unsolicited::Track;
        let then = match passing.flow.protocol {
            Protocol::Icmp => Then::Silence,
            Protocol::Udp if self.config.unsolicited == Unsolicited::Drop => Then::Silence,
            Protocol::Udp => Then::Deliver,
            // RFC 5382 §4.3 is about SYNs; anything else belongs to a connection that is forgotten.
            Protocol::Tcp if !passing.begins => Then::Silence,
            Protocol::Tcp => match self.config.tcp.unsolicited_syn {
                UnsolicitedSyn::Hold => Then::Hold { external, remote },
                UnsolicitedSyn::Drop => Then::Silence,
                UnsolicitedSyn::Reset => Then::Reset,
                UnsolicitedSyn::Unreachable => Then::Unreachable,
            },
        };
        if tracks && matches!(then, Then::Deliver | Then::Reset | Then::Unreachable) {
            self.track(now, passing, remote, external);
        }
        Refused { then, ..refused }
    }

    /// The box remembers that a packet from outside was for itself: the endpoint is taken towards that remote one.
    fn track(&mut self, now: SimTime, passing: &Passing, remote: SocketAddrV4, external: SocketAddrV4) {
        let protocol = passing.flow.protocol;
        let full = self.table.len() >= self.config.limits.mappings as usize;
        if full || self.table.take_for_box(&self.config, protocol, external).is_none() {
            return;
        }
        let key = Key::new(MappingBehavior::AddressAndPortDependent, protocol, external, remote);
        let slot = self.put(now, (protocol, key), external, external, Origin::Own, passing.used(remote));
        self.tell(slot, NetReason::NatTrackedOwn, passing.cause);
        self.wake(slot);
    }

    /// The external endpoint that an error from inside speaks for (RFC 5508 REQ-5). Errors neither make nor renew a mapping (REQ-6).
    fn outbound_error(&mut self, now: SimTime, quoted: Flow) -> Result<SocketAddrV4, Refused> {
        let (remote, internal) = quoted.v4().ok_or_else(|| untranslatable(0))?;
        let slot = self
            .mapping_inside(now, quoted.protocol, internal, remote)
            .ok_or_else(|| Refused::silent(NetReason::NoMapping, Rule::QuotedMapping(internal)))?;
        Ok(self.table.get(slot).external)
    }

    /// The internal endpoint that an error from outside is for: found by what it quotes, whoever sends it (RFC 5508 REQ-4).
    fn inbound_error(&mut self, now: SimTime, quoted: Flow) -> Result<SocketAddrV4, Refused> {
        let (external, remote) = quoted.v4().ok_or_else(|| untranslatable(0))?;
        let found: Option<Slot> = self.mapping_outside(now, quoted.protocol, external, remote);
        let slot = found
            .filter(|slot| self.table.get(*slot).origin != Origin::Own)
            .ok_or_else(|| Refused::silent(NetReason::NoMapping, Rule::QuotedMapping(external)))?;
        Ok(self.table.get(slot).internal)
    }
}

fn untranslatable(protocol: u8) -> Refused {
    Refused::silent(NetReason::NotTranslatable, Rule::Untranslatable(protocol))
}

fn no_mapping(protocol: Protocol, external: SocketAddrV4) -> Refused {
    Refused::silent(NetReason::NoMapping, Rule::Mapping(protocol, external))
}
