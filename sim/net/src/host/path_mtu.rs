//! The path MTUs that a node has learnt (RFC 1191, RFC 8201). Not here: the ICMP errors that teach them (`world::path_mtu`).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use rtclab_trace::{EntryId, PathMtuState, SimTime};

use crate::link::SMALLEST_MTU;

/// How long an estimate counts (RFC 1191 §6.3, RFC 8201 §5.3: ten minutes).
const LIFETIME: Duration = Duration::from_secs(600);
/// Destinations that are remembered; the one that expires first makes room for another.
const KNOWN_MAX: usize = 1_024;
/// The smallest MTU of an IPv6 link (RFC 8200 §5).
pub(crate) const SMALLEST_IPV6_MTU: u32 = 1_280;
/// MTUs that links are known to have, for routers that do not say theirs (RFC 1191 §7.1).
const PLATEAUS: [u32; 11] = [65_535, 32_000, 17_914, 8_166, 4_352, 2_002, 1_492, 1_006, 508, 296, 68];

#[derive(Clone, Copy, Debug)]
struct Known {
    number: u32,
    mtu: u32,
    expires_at: SimTime,
    /// The entry that told of it.
    told: Option<EntryId>,
}

/// What changed about a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct News {
    pub(crate) number: u32,
    pub(crate) state: PathMtuState,
    /// What was told before about the path.
    pub(crate) before: Option<EntryId>,
}

/// What a node knows of its paths.
#[derive(Debug, Default)]
pub(crate) struct PathMtus {
    known: BTreeMap<IpAddr, Known>,
    destinations: BTreeMap<u32, IpAddr>,
    next: u32,
}

/// The estimate that a report leads to, where the packet that it is about was `length` bytes long; none if it is not to be believed.
pub(crate) fn believable(is_ipv4: bool, reported: u32, length: usize) -> Option<u32> {
    if !is_ipv4 {
        // RFC 8201 §4: a report of less than every IPv6 link carries is discarded.
        return (reported >= SMALLEST_IPV6_MTU).then_some(reported);
    }
    if reported == 0 {
        // RFC 1191 §5: an old router; the next lower plateau is tried.
        return PLATEAUS.into_iter().find(|&plateau| (plateau as usize) < length);
    }
    // RFC 1191 §3: never below 68.
    Some(reported.max(SMALLEST_MTU))
}

impl PathMtus {
    /// The longest packet known to reach a destination whole, if anything is known.
    #[inline]
    pub(crate) fn towards(&self, destination: IpAddr) -> Option<u32> {
        if self.known.is_empty() {
            return None;
        }
        self.known.get(&destination).map(|known| known.mtu)
    }

    /// Notes an estimate. Returns what changed: the estimate, and what was forgotten to make room for it.
    pub(crate) fn learn(&mut self, destination: IpAddr, mtu: u32, now: SimTime) -> (News, Option<News>) {
        let expires_at = now + LIFETIME;
        let before = self.known.get(&destination).map(|known| known.number);
        let forgotten = match before {
            None if self.known.len() >= KNOWN_MAX => {
                let first = self.known.values().min_by_key(|known| (known.expires_at, known.number));
                first.map(|known| known.number).and_then(|number| self.forget(number))
            }
            _ => None,
        };
        let number = before.unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        });
        self.known.insert(destination, Known { number, mtu, expires_at, told: None });
        self.destinations.insert(number, destination);
        let state = PathMtuState { destination, mtu, expires_at, active: true };
        (News { number, state, before: None }, forgotten)
    }

    /// Notes the entry that told of a path: the cause of its being forgotten.
    pub(crate) fn told(&mut self, number: u32, entry: Option<EntryId>) {
        if let Some(destination) = self.destinations.get(&number)
            && let Some(known) = self.known.get_mut(destination)
        {
            known.told = entry;
        }
    }

    /// When a path is forgotten, if it is known.
    pub(crate) fn expires_at(&self, number: u32) -> Option<SimTime> {
        self.known.get(self.destinations.get(&number)?).map(|known| known.expires_at)
    }

    /// Forgets a path.
    pub(crate) fn forget(&mut self, number: u32) -> Option<News> {
        let destination = self.destinations.remove(&number)?;
        let Known { mtu, expires_at, told, .. } = self.known.remove(&destination)?;
        let state = PathMtuState { destination, mtu, expires_at, active: false };
        Some(News { number, state, before: told })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> IpAddr {
        IpAddr::V4(number.into())
    }

    #[test]
    fn a_router_that_does_not_say_its_mtu_leads_to_the_next_lower_plateau() {
        assert_eq!(believable(true, 0, 1_500), Some(1_492));
        assert_eq!(believable(true, 0, 1_492), Some(1_006));
        assert_eq!(believable(true, 0, 68), None);
    }

    #[test]
    fn reports_below_what_every_link_carries_are_not_believed() {
        assert_eq!(believable(true, 20, 1_500), Some(68));
        assert_eq!(believable(false, 1_279, 1_500), None);
        assert_eq!(believable(false, 1_280, 1_500), Some(1_280));
    }

    #[test]
    fn a_path_that_is_learnt_again_is_the_same_path_for_longer() {
        let mut paths = PathMtus::default();
        let (first, _) = paths.learn(address(1), 1_400, SimTime::ZERO);
        let (again, _) = paths.learn(address(1), 1_300, SimTime::from_millis(1_000));
        assert_eq!(again.number, first.number);
        assert_eq!(paths.towards(address(1)), Some(1_300));
        assert_eq!(paths.expires_at(again.number), Some(SimTime::from_millis(601_000)));
        assert_eq!(paths.towards(address(2)), None);
    }

    #[test]
    fn the_path_that_expires_first_makes_room() {
        let mut paths = PathMtus::default();
        for number in 0..KNOWN_MAX as u32 {
            let (_, forgotten) = paths.learn(address(number), 1_400, SimTime::from_millis(u64::from(number)));
            assert_eq!(forgotten, None);
        }
        paths.learn(address(0), 1_400, SimTime::from_millis(5_000));
        let (_, forgotten) = paths.learn(address(9_999), 1_400, SimTime::from_millis(6_000));
        assert_eq!(forgotten.map(|news| news.state.destination), Some(address(1)));
        assert_eq!(paths.known.len(), KNOWN_MAX);
    }
}
