//! Candidates that the gateway maps on request (PCP, RFC 6887). RFC 8445 leaves the kinds open; RFC 6544 §4.2 calls these NAT-assisted. They are
//! signaled as server-reflexive: an address outside that leads to a socket inside, which is all that a peer has to know. Not here:
//! the protocol with the gateway ([`crate::pcp`]), which is the owner's.

use std::net::{IpAddr, SocketAddr};

use super::agent::Agent;
use super::candidate::Origin;
use super::gathering::ranked;
use super::priority::CandidatePriority;
use super::{Base, Candidate, CandidateKind, CandidatePolicy, CandidateTransport, HostRequest};
use crate::output::Because;
use crate::reason::Reason;
use crate::time::Time;

impl Agent {
    /// Asks the owner to have the sockets mapped.
    pub(super) fn ask_for_mappings(&mut self) {
        let wanted =
            self.config.port_mapping && !self.config.lite && self.config.policy != CandidatePolicy::Relayed;
        if !wanted {
            return;
        }
        let sockets = self.config.sockets.iter();
        let sockets = sockets.filter(|local| {
            local.transport == CandidateTransport::Udp && local.address.is_ipv4() && self.may_use(local)
        });
        for base in sockets.map(|local| local.address).collect::<Vec<SocketAddr>>() {
            self.gathering.mapped_soon.push(base);
            self.requests.push_back(HostRequest::MapPort { base });
        }
    }

    /// What came of [`HostRequest::MapPort`]: the gateway has mapped this address to the socket at `base`, or there is none to be had. A
    /// gateway that gives another address later is told here again.
    pub fn handle_mapped(
        &mut self,
        base: SocketAddr,
        gateway: IpAddr,
        mapped: Option<SocketAddr>,
        now: Time,
    ) {
        self.gathering.mapped_soon.retain(|socket| *socket != base);
        if self.closed {
            return self.ignore(Reason::ClosedByOwner);
        }
        let socket = self
            .config
            .sockets
            .iter()
            .find(|local| local.address == base && local.transport == CandidateTransport::Udp);
        if let (Some(local), Some(address)) = (socket.cloned(), mapped) {
            if self.has_signaled(address, Base::udp(base)) {
                self.ignore(Reason::RedundantCandidate);
            } else {
                let (kind, transport) = (CandidateKind::ServerReflexive, CandidateTransport::Udp);
                // After those that STUN servers see: their addresses have been seen to work.
                let preference = ranked(local.preference, self.config.stun_servers.len());
                let candidate = Candidate {
                    kind,
                    transport,
                    address,
                    base,
                    related: Some(base),
                    relay_protocol: None,
                    foundation: self.foundations.of(kind, transport, base.ip(), Some(gateway)),
                    priority: CandidatePriority::new(kind, preference, local.component.component).value(),
                    component: local.component.component,
                };
                let origin = Origin { stream: local.component.stream, cost: local.cost, hidden: false };
                self.add_local(candidate, origin, Reason::MappedByGateway, Because::Input, now);
            }
        }
        self.settle(now);
    }
}
