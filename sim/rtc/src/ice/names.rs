//! mDNS names in place of addresses: hiding our own, and having the peer's looked up (draft-ietf-mmusic-mdns-ice-candidates). Not here:
//! asking and answering over mDNS, which is the host's to do.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use super::agent::Agent;
use super::attribute::CandidateLine;
use super::candidate::LocalCandidate;
use super::trickle::Unresolved;
use super::{CandidateKind, ComponentId, HostRequest};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::time::Time;

/// Most names that are looked up at a time.
const UNRESOLVED_MAX: usize = 32;

impl Agent {
    /// The line that tells the peer about a candidate of ours. `None` for what is not signaled: peer-reflexive candidates, and bases that
    /// the policy keeps to itself.
    pub fn candidate_line(&self, number: u32) -> Option<CandidateLine> {
        let local = self.session.local(number)?;
        if local.hidden || local.candidate.kind == CandidateKind::PeerReflexive {
            return None;
        }
        let ufrag = Some(self.session.local.credentials.ufrag().into());
        let cost = self.config.network_cost.then_some(local.cost);
        let mut line = CandidateLine { candidate: local.candidate.clone(), name: None, cost, ufrag };
        if self.config.hide_addresses {
            self.hide(&mut line);
        }
        Some(line)
    }

    /// What a candidate of ours is for.
    pub fn component_of_candidate(&self, number: u32) -> Option<ComponentId> {
        self.session.local(number).map(LocalCandidate::component)
    }

    /// Host addresses become names, and related addresses say nothing (`0.0.0.0`, port 9), whether or not they are private.
    fn hide(&self, line: &mut CandidateLine) {
        let ip = line.candidate.address.ip();
        if line.candidate.kind == CandidateKind::Host {
            line.name = self.names.iter().find(|(known, _)| *known == ip).map(|(_, name)| Arc::clone(name));
        } else if line.candidate.related.is_some() {
            line.candidate.related = Some(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 9));
        }
    }

    /// Our own names and what they stand for, to be answered for over mDNS.
    pub fn names(&self) -> impl Iterator<Item = (&str, IpAddr)> {
        self.names.iter().map(|(ip, name)| (&**name, *ip))
    }

    /// Gives each address of ours a name: a random UUID (version 4) in `.local`, the same for as long as the agent lives.
    pub(super) fn name_addresses(&mut self) {
        for socket in 0..self.config.sockets.len() {
            let Some(ip) = self.config.sockets.get(socket).map(|socket| socket.address.ip()) else {
                continue;
            };
            if self.names.iter().any(|(known, _)| *known == ip) {
                continue;
            }
            let mut bytes = [0; 16];
            self.randomness.fill(&mut bytes);
            self.names.push((ip, format!("{}.local", uuid(bytes)).into()));
        }
    }

    /// A candidate of the peer with a name: it counts once the name is looked up.
    pub(super) fn ask_to_resolve(&mut self, stream: u32, name: Arc<str>, line: CandidateLine) {
        if self.session.unresolved.len() >= UNRESOLVED_MAX {
            return self.ignore(Reason::TooManyCandidates);
        }
        let asked = self.session.unresolved.iter().any(|waiting| waiting.name == name);
        self.session.unresolved.push(Unresolved { stream, name: Arc::clone(&name), line });
        self.ignore(Reason::NameToResolve);
        if !asked {
            self.requests.push_back(HostRequest::Resolve { name });
        }
    }

    /// A name has been looked up; `None` if nobody answers to it. Its candidates are used, or forgotten.
    pub fn handle_resolved(&mut self, name: &str, address: Option<IpAddr>, now: Time) {
        let all = std::mem::take(&mut self.session.unresolved);
        let (named, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|waiting| &*waiting.name == name);
        self.session.unresolved = others;
        for Unresolved { stream, mut line, .. } in named {
            let Some(ip) = address.filter(|_| !self.closed) else {
                self.ignore(Reason::NameNotResolved);
                continue;
            };
            line.name = None;
            line.candidate.address.set_ip(ip);
            line.candidate.base = line.candidate.address;
            self.take_candidate(stream, line, Reason::NameResolved, now);
        }
        self.settle(now);
    }
}

/// RFC 9562 §5.4.
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_is_a_random_uuid() {
        assert_eq!(super::uuid([0xFF; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(super::uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }
}
