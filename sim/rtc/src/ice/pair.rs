//! A candidate pair with all that the agent remembers about it. Not here: the list it stands in ([`super::check_list`]).

use std::cmp::Reverse;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::priority::PairPriority;
use super::{Base, Candidate, CandidateKind, ComponentId, PairSnapshot, PairState, PathCounters, Role};
use crate::time::Time;

/// What a pair's next check is to achieve beyond connectivity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Nomination {
    /// Nothing.
    #[default]
    None,
    /// We are controlling, and repeat the check with USE-CANDIDATE (RFC 8445 §8.1.1).
    Ours,
    /// We are controlled, and the peer has nominated the pair; it counts once our own check succeeds (RFC 8445 §7.3.1.5).
    Peers,
}

/// A candidate pair.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    /// Its number; never reused.
    pub(super) number: u32,
    /// The data stream of both candidates.
    pub(super) stream: u32,
    /// Number of our candidate.
    pub(super) local: u32,
    /// Number of the peer's candidate.
    pub(super) remote: u32,
    /// What readers see, always current.
    pub(super) shown: PairSnapshot,
    /// What the next success means.
    pub(super) nomination: Nomination,
    /// The newest check of this pair while nobody has given it up.
    pub(super) check: Option<u32>,
    /// The pair that a check of this one made valid: itself, or one with a reflexive local candidate (RFC 8445 §7.2.5.3.2).
    pub(super) made_valid: Option<u32>,
    /// When its first check went out.
    pub(super) first_sent: Option<Time>,
    /// When a check last went out.
    pub(super) last_sent: Option<Time>,
    /// When the first check went out after another pair of its component had become valid, and some time for signaling had passed.
    pub(super) last_chance: Option<Time>,
    /// How long the first successful check took, from its first transmission.
    pub(super) took: Option<Duration>,
    /// How long an answer took that can only have been to the first transmission.
    pub(super) round_trip: Option<Duration>,
    /// Whether an authentic check of the peer has come in on it.
    pub(super) peer_checked: bool,
    /// How many of its checks in a row timed out.
    pub(super) timeouts: u8,
    /// How many of its checks in a row were repeated because no answer came.
    pub(super) rechecks: u8,
    /// What the networks of both ends cost together.
    pub(super) cost: u32,
    /// When something was last sent on it that keeps it open.
    pub(super) kept_at: Option<Time>,
    /// The STUN traffic of its path.
    pub(super) counters: PathCounters,
}

impl Pair {
    /// A pair of these two candidates (number, candidate) of a stream, seen by an agent with this role.
    pub(super) fn new(
        number: u32,
        stream: u32,
        role: Role,
        local: (u32, &Candidate),
        remote: (u32, &Candidate),
    ) -> Pair {
        let priority = PairPriority::new(role, local.1.priority, remote.1.priority).value();
        let shown = PairSnapshot {
            local: local.1.clone(),
            remote: remote.1.clone(),
            priority,
            state: PairState::Frozen,
            valid: false,
            nominated: false,
        };
        Pair {
            number,
            stream,
            local: local.0,
            remote: remote.0,
            shown,
            nomination: Nomination::None,
            check: None,
            made_valid: None,
            first_sent: None,
            last_sent: None,
            last_chance: None,
            took: None,
            round_trip: None,
            peer_checked: false,
            timeouts: 0,
            rechecks: 0,
            cost: 0,
            kept_at: None,
            counters: PathCounters::default(),
        }
    }

    /// The combination of both foundations (RFC 8445 §6.1.2.6).
    pub(super) fn foundation(&self) -> (&Arc<str>, &Arc<str>) {
        (&self.shown.local.foundation, &self.shown.remote.foundation)
    }

    /// Where its checks leave from and where they go.
    pub(super) fn path(&self) -> (Base, SocketAddr) {
        (Base::of(&self.shown.local), self.shown.remote.address)
    }

    /// What it carries data for.
    pub(super) fn component(&self) -> ComponentId {
        ComponentId { stream: self.stream, component: self.shown.local.component }
    }

    /// Its place among pairs of its foundation, the first one unfrozen first (RFC 8445 §6.1.2.6): list, component, priority.
    pub(super) fn rank(&self) -> (u32, u16, Reverse<u64>) {
        (self.stream, self.shown.local.component, Reverse(self.shown.priority))
    }

    /// Whether either end is on a TURN server.
    pub(super) fn is_relayed(&self) -> bool {
        self.shown.local.kind == CandidateKind::Relayed || self.shown.remote.kind == CandidateKind::Relayed
    }

    /// Whether a check may still succeed without anything new happening.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.shown.state, PairState::Frozen | PairState::Waiting | PairState::InProgress)
    }

    /// Computes the priority again, after a change of role or of a candidate. Says whether it changed.
    pub(super) fn recompute_priority(&mut self, role: Role) -> bool {
        let priority = PairPriority::new(role, self.shown.local.priority, self.shown.remote.priority).value();
        std::mem::replace(&mut self.shown.priority, priority) != priority
    }
}

/// Whether two candidates may be paired (RFC 8445 §6.1.2.2): same component, same family, transports that meet, and IPv6 link-local
/// only with its like.
pub(super) fn may_pair(local: &Candidate, remote: &Candidate) -> bool {
    local.component == remote.component
        && local.transport.meets(remote.transport)
        && local.address.is_ipv4() == remote.address.is_ipv4()
        && is_link_local_v6(local.address) == is_link_local_v6(remote.address)
}

/// fe80::/10.
pub(super) fn is_link_local_v6(address: SocketAddr) -> bool {
    match address {
        SocketAddr::V4(_) => false,
        SocketAddr::V6(address) => address.ip().is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::CandidateTransport;
    use super::*;

    fn candidate(address: &str, component: u16) -> Candidate {
        let address = address.parse().unwrap();
        Candidate {
            kind: CandidateKind::Host,
            transport: CandidateTransport::Udp,
            address,
            base: address,
            related: None,
            relay_protocol: None,
            foundation: "1".into(),
            priority: 1,
            component,
        }
    }

    #[test]
    fn only_alike_candidates_are_paired() {
        let v4 = candidate("10.0.0.1:1", 1);
        let v6 = candidate("[2001:db8::1]:1", 1);
        let link_local = candidate("[fe80::1]:1", 1);
        assert!(may_pair(&v4, &candidate("192.0.2.1:5", 1)));
        assert!(!may_pair(&v4, &v6));
        assert!(!may_pair(&v6, &link_local));
        assert!(may_pair(&link_local, &candidate("[fe80::2]:1", 1)));
        assert!(!may_pair(&v4, &candidate("192.0.2.1:5", 2)));
    }

    #[test]
    fn a_change_of_role_changes_the_last_bit_of_the_priority() {
        let (a, mut b) = (candidate("10.0.0.1:1", 1), candidate("10.0.0.2:1", 1));
        b.priority = 7;
        let mut pair = Pair::new(0, 0, Role::Controlling, (0, &a), (0, &b));
        assert_eq!(pair.shown.priority, (1 << 32) + 14);
        assert!(pair.recompute_priority(Role::Controlled));
        assert_eq!(pair.shown.priority, (1 << 32) + 15);
    }
}
