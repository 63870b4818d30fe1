//! IPv6 hosts behind a NAT64 (RFC 6146): to the table each is an IPv4 host by a stand-in, and below the prefix every IPv4 address has an IPv6 one.
//! Not here: the bytes (`wire::translate64`), the table.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4};

use rtclab_trace::{EntryId, NetReason, SimTime};

use super::translate::{Refused, Rule, Translation};
use super::{Nat, Prefix64};
use crate::flow::{Flow, Seen};

/// What a NAT64 makes of a packet from inside: its ends as IPv4 has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outbound64 {
    pub(crate) source: SocketAddrV4,
    pub(crate) destination: SocketAddrV4,
    /// For an inside host again (RFC 6146 §3.8): which.
    pub(crate) returns: Option<SocketAddr>,
}

impl Nat {
    /// The IPv4 address behind an IPv6 destination, if this NAT translates for it.
    pub(crate) fn embedded(&self, destination: Ipv6Addr) -> Option<Ipv4Addr> {
        self.config.nat64.and_then(|prefix| prefix.extract(destination))
    }

    /// The IPv6 address of an IPv4 one.
    pub(crate) fn embed(&self, address: Ipv4Addr) -> Ipv6Addr {
        self.config.nat64.unwrap_or(Prefix64::WELL_KNOWN).embed(address)
    }

    /// The IPv6 host for which a stand-in stands.
    pub(crate) fn behind(&self, stand_in: Ipv4Addr) -> Option<Ipv6Addr> {
        self.table.subscribers.behind(stand_in)
    }

    /// A packet of IPv6 from inside, to an address below the prefix.
    pub(crate) fn outbound64(
        &mut self,
        now: SimTime,
        seen: Seen,
        protocol: u8,
        cause: Option<EntryId>,
    ) -> Result<Outbound64, Refused> {
        let untranslatable = || Refused::silent(NetReason::NotTranslatable, Rule::Untranslatable(protocol));
        let (session, remote, error_at) = match seen {
            Seen::Session { flow, begins, flags } => {
                let flow = self.stand_in_for(flow).ok_or_else(untranslatable)?;
                (Seen::Session { flow, begins, flags }, flow.destination, None)
            }
            Seen::Error { quoted, icmp_at } => {
                let quoted = self.stand_in_for(quoted.reverse()).ok_or_else(untranslatable)?.reverse();
                (Seen::Error { quoted, icmp_at }, quoted.source, Some(icmp_at))
            }
            Seen::Other => return Err(untranslatable()),
        };
        let SocketAddr::V4(remote) = remote else { return Err(untranslatable()) };
        let returns = error_at.is_none() && self.is_external(*remote.ip());
        let verdict = if returns {
            self.hairpin(now, session, protocol, cause)
        } else {
            self.outbound(now, session, protocol, cause)
        };
        let Translation { source, destination, .. } = verdict?;
        let source = source.ok_or_else(untranslatable)?;
        let returns = destination.map(|target| self.table.subscribers.real(target));
        Ok(Outbound64 { source, destination: remote, returns })
    }

    /// A flow from inside as the table knows it.
    fn stand_in_for(&mut self, flow: Flow) -> Option<Flow> {
        let (IpAddr::V6(host), IpAddr::V6(remote)) = (flow.source.ip(), flow.destination.ip()) else {
            return None;
        };
        let remote = self.embedded(remote)?;
        let host = self.table.subscribers.stand_in(host)?;
        Some(Flow {
            protocol: flow.protocol,
            source: SocketAddrV4::new(host, flow.source.port()).into(),
            destination: SocketAddrV4::new(remote, flow.destination.port()).into(),
        })
    }
}
