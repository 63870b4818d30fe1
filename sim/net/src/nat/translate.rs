//! What a NAT makes of a packet: who it is from and for on the other side, or why it goes no further. Not here: writing it into the
//! bytes (`wire::rewrite`), forwarding (`world`).

use std::net::{Ipv4Addr, SocketAddrV4};

use rtclab_trace::{EntryId, NetReason, Protocol, SimTime};

use super::{FilteringBehavior, Hairpin, Nat};
use crate::flow::{Flow, Seen};
use crate::wire::rewrite::{End, set_end, set_outer_address, set_quoted_end};

/// What to rewrite. An error has its addresses and its quotation rewritten, anything else its endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Translation {
    source: Option<SocketAddrV4>,
    destination: Option<SocketAddrV4>,
    /// Where the ICMP header of an error begins. The ends of what it quotes are the other way round.
    error_at: Option<usize>,
}

/// Why a packet goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) reason: NetReason,
    pub(crate) rule: Rule,
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
    Hairpin,
    Untranslatable(u8),
    InsideAddress(Ipv4Addr),
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
            Rule::Hairpin => "hairpinning: off".into(),
            Rule::Untranslatable(protocol) => format!("protocol {protocol} is not translated"),
            Rule::InsideAddress(address) => format!("{address} is not announced outside"),
        }
    }
}

impl Translation {
    /// Where the packet goes on the other side.
    pub(crate) fn destination(&self) -> Option<Ipv4Addr> {
        self.destination.map(|destination| *destination.ip())
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
            Seen::Session { flow, begins } => (self.outbound_session(now, flow, begins, cause)?, None),
            Seen::Error { quoted, icmp_at } => (self.outbound_error(now, quoted)?, Some(icmp_at)),
            Seen::Other => return Err(untranslatable(protocol)),
        };
        Ok(Translation { source: Some(source), destination: None, error_at })
    }

    /// A packet from outside to an external address. Echo requests do not come here: they are for the NAT itself.
    pub(crate) fn inbound(
        &mut self,
        now: SimTime,
        seen: Seen,
        protocol: u8,
        cause: Option<EntryId>,
    ) -> Verdict {
        let (destination, error_at) = match seen {
            Seen::Session { flow, .. } => (self.inbound_session(now, flow, cause)?, None),
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
            (_, Hairpin::Off) => Err(Refused { reason: NetReason::NoHairpin, rule: Rule::Hairpin }),
            (Seen::Session { flow, begins }, _) => {
                // As if it had left and come back: the sender's mapping is made and its filter opened even if the other's refuses.
                let source = self.outbound_session(now, flow, begins, cause)?;
                let returning = Flow { source: source.into(), ..flow };
                let destination = Some(self.inbound_session(now, returning, cause)?);
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
    fn outbound_session(
        &mut self,
        now: SimTime,
        flow: Flow,
        begins: bool,
        cause: Option<EntryId>,
    ) -> Result<SocketAddrV4, Refused> {
        let (internal, remote) = flow.v4().ok_or_else(|| untranslatable(0))?;
        let slot = match self.mapping_inside(now, flow.protocol, internal, remote) {
            Some(slot) => {
                self.sent(now, slot, remote, cause);
                slot
            }
            None if !begins => return Err(no_mapping(flow.protocol, internal)),
            None => self
                .create(now, flow.protocol, internal, remote, cause)
                .ok_or(Refused { reason: NetReason::PortsExhausted, rule: Rule::Ports })?,
        };
        Ok(self.table.get(slot).external)
    }

    /// The internal endpoint of a session from outside.
    fn inbound_session(
        &mut self,
        now: SimTime,
        flow: Flow,
        cause: Option<EntryId>,
    ) -> Result<SocketAddrV4, Refused> {
        let (remote, external) = flow.v4().ok_or_else(|| untranslatable(0))?;
        let slot = self
            .mapping_outside(now, flow.protocol, external)
            .ok_or_else(|| no_mapping(flow.protocol, external))?;
        if !self.admits(now, slot, remote) {
            let rule = Rule::Filtering(self.config.filtering, remote);
            return Err(Refused { reason: NetReason::FilteredByNat, rule });
        }
        self.received(now, slot, cause);
        Ok(self.table.get(slot).internal)
    }

    /// The external endpoint that an error from inside speaks for (RFC 5508 REQ-5). Errors neither make nor renew a mapping (REQ-6).
    fn outbound_error(&mut self, now: SimTime, quoted: Flow) -> Result<SocketAddrV4, Refused> {
        let (remote, internal) = quoted.v4().ok_or_else(|| untranslatable(0))?;
        let slot = self
            .mapping_inside(now, quoted.protocol, internal, remote)
            .ok_or(Refused { reason: NetReason::NoMapping, rule: Rule::QuotedMapping(internal) })?;
        Ok(self.table.get(slot).external)
    }

    /// The internal endpoint that an error from outside is for: found by what it quotes, whoever sends it (RFC 5508 REQ-4).
    fn inbound_error(&mut self, now: SimTime, quoted: Flow) -> Result<SocketAddrV4, Refused> {
        let (external, _) = quoted.v4().ok_or_else(|| untranslatable(0))?;
        let slot = self
            .mapping_outside(now, quoted.protocol, external)
            .ok_or(Refused { reason: NetReason::NoMapping, rule: Rule::QuotedMapping(external) })?;
        Ok(self.table.get(slot).internal)
    }
}

fn untranslatable(protocol: u8) -> Refused {
    Refused { reason: NetReason::NotTranslatable, rule: Rule::Untranslatable(protocol) }
}

fn no_mapping(protocol: Protocol, external: SocketAddrV4) -> Refused {
    Refused { reason: NetReason::NoMapping, rule: Rule::Mapping(protocol, external) }
}
