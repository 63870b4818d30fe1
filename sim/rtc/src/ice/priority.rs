//! Priorities of candidates and pairs, and what they are made of. Not here: who compares them.

use std::fmt;

use super::{CandidateKind, CandidateTransport, Role};

/// What a candidate's priority is made of (RFC 8445 §5.1.2.1): type preference, local preference, component.
///
/// The three fill separate bits, so a priority can be taken apart again. That holds for any peer that uses the
/// recommended formula; for another one the parts are only numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CandidatePriority {
    /// 0 to 126: how good this kind of candidate is.
    pub type_preference: u8,
    /// 0 to 65535: how good this interface, family or server is among candidates of one kind.
    pub local_preference: u16,
    /// 1 to 256.
    pub component: u16,
}

impl CandidatePriority {
    /// The parts of a candidate of our own.
    pub const fn new(kind: CandidateKind, local_preference: u16, component: u16) -> CandidatePriority {
        CandidatePriority { type_preference: type_preference(kind), local_preference, component }
    }

    /// The parts of a candidate of our own over any transport. For TCP, datagrams go before connections, and the local preference says
    /// first which way of connecting is the more likely one: 2¹³ · direction preference + the rest (RFC 6544 §4.2).
    pub const fn over(
        transport: CandidateTransport,
        kind: CandidateKind,
        local_preference: u16,
        component: u16,
    ) -> CandidatePriority {
        if !transport.is_tcp() {
            return CandidatePriority::new(kind, local_preference, component);
        }
        let reflexive = !matches!(kind, CandidateKind::Host | CandidateKind::Relayed);
        let direction = transport.direction_preference(reflexive);
        let local_preference = (direction << 13) + (local_preference >> 3);
        CandidatePriority { type_preference: tcp_type_preference(kind), local_preference, component }
    }

    /// The parts of a priority made with the recommended formula.
    pub const fn of(priority: u32) -> CandidatePriority {
        CandidatePriority {
            type_preference: (priority >> 24) as u8,
            local_preference: (priority >> 8) as u16,
            component: 256 - (priority & 0xFF) as u16,
        }
    }

    /// 2²⁴ · type preference + 2⁸ · local preference + (256 − component).
    pub const fn value(self) -> u32 {
        let component = if self.component > 256 { 256 } else { self.component };
        ((self.type_preference as u32) << 24)
            + ((self.local_preference as u32) << 8)
            + (256 - component as u32)
    }
}

/// The formula with its numbers: `2^24·126 + 2^8·65535 + (256 − 1) = 2130706431`.
impl fmt::Display for CandidatePriority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CandidatePriority { type_preference, local_preference, component } = self;
        write!(f, "2^24·{type_preference} + 2^8·{local_preference} + (256 − {component}) = {}", self.value())
    }
}

/// How good a kind of candidate is: the recommended values of RFC 8445 §5.1.2.2.
pub const fn type_preference(kind: CandidateKind) -> u8 {
    match kind {
        CandidateKind::Host => 126,
        CandidateKind::PeerReflexive => 110,
        CandidateKind::ServerReflexive => 100,
        CandidateKind::Relayed => 0,
    }
}

/// How good a kind of TCP candidate is: below the reflexive UDP ones, above relayed ones, as browsers have it. RFC 6544 §4.2 asks only
/// that it be lower where UDP is liked better.
pub const fn tcp_type_preference(kind: CandidateKind) -> u8 {
    match kind {
        CandidateKind::Host => 90,
        CandidateKind::PeerReflexive => 80,
        CandidateKind::ServerReflexive => 75,
        CandidateKind::Relayed => 0,
    }
}

/// What the PRIORITY attribute of a check from this local candidate says: its own priority, but with the type
/// preference of a peer-reflexive candidate (RFC 8445 §7.1.1).
pub const fn peer_reflexive_priority(priority: u32, transport: CandidateTransport) -> u32 {
    let kind = CandidateKind::PeerReflexive;
    let preference = if transport.is_tcp() { tcp_type_preference(kind) } else { type_preference(kind) };
    (priority & 0x00FF_FFFF) | ((preference as u32) << 24)
}

/// What a pair's priority is made of (RFC 8445 §6.1.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PairPriority {
    /// G: the priority of the controlling agent's candidate.
    pub controlling: u32,
    /// D: the priority of the controlled agent's candidate.
    pub controlled: u32,
}

impl PairPriority {
    /// The parts, as the side with this role sees them.
    pub const fn new(role: Role, local: u32, remote: u32) -> PairPriority {
        match role {
            Role::Controlling => PairPriority { controlling: local, controlled: remote },
            Role::Controlled => PairPriority { controlling: remote, controlled: local },
        }
    }

    /// 2³² · MIN(G, D) + 2 · MAX(G, D) + (G > D ? 1 : 0).
    pub const fn value(self) -> u64 {
        let (g, d) = (self.controlling as u64, self.controlled as u64);
        let (low, high) = if g < d { (g, d) } else { (d, g) };
        // A peer may signal up to 2³²−1 where the RFC allows 2³¹−1; the sum would then not fit.
        (low << 32).saturating_add(2 * high).saturating_add((g > d) as u64)
    }
}

/// The formula with its numbers.
impl fmt::Display for PairPriority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (g, d) = (self.controlling, self.controlled);
        let tie = u8::from(g > d);
        write!(f, "2^32·{} + 2·{} + {tie} = {}", g.min(d), g.max(d), self.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_host_candidate_has_the_number_that_everybody_knows() {
        let priority = CandidatePriority::new(CandidateKind::Host, 65535, 1);
        assert_eq!(priority.value(), 2_130_706_431);
        assert_eq!(priority.to_string(), "2^24·126 + 2^8·65535 + (256 − 1) = 2130706431");
    }

    #[test]
    fn a_priority_can_be_taken_apart_and_put_together() {
        for kind in [CandidateKind::Host, CandidateKind::ServerReflexive, CandidateKind::Relayed] {
            for (preference, component) in [(0, 1), (65535, 2), (12345, 256)] {
                let parts = CandidatePriority::new(kind, preference, component);
                assert_eq!(CandidatePriority::of(parts.value()), parts);
            }
        }
    }

    #[test]
    fn the_priority_attribute_differs_from_the_priority_in_the_type_alone() {
        let host = CandidatePriority::new(CandidateKind::Host, 777, 1);
        let expected = CandidatePriority { type_preference: 110, ..host };
        assert_eq!(peer_reflexive_priority(host.value(), CandidateTransport::Udp), expected.value());
    }

    #[test]
    fn both_sides_compute_the_same_pair_priority() {
        for (ours, theirs) in [(5, 9), (9, 5), (7, 7), (u32::MAX, 1)] {
            let controlling = PairPriority::new(Role::Controlling, ours, theirs);
            let controlled = PairPriority::new(Role::Controlled, theirs, ours);
            assert_eq!(controlling.value(), controlled.value());
        }
    }

    #[test]
    fn a_pair_is_as_good_as_its_worse_half_first() {
        let value = |g, d| PairPriority { controlling: g, controlled: d }.value();
        assert_eq!(value(5, 9), (5 << 32) + 18);
        assert_eq!(value(9, 5), (5 << 32) + 19);
        assert!(value(6, 6) > value(5, 100));
    }

    #[test]
    fn priorities_beyond_what_the_rfc_allows_do_not_overflow() {
        assert_eq!(PairPriority { controlling: u32::MAX, controlled: u32::MAX }.value(), u64::MAX);
    }
}
