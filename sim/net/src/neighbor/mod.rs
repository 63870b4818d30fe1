//! What a node knows of its neighbors on Ethernet networks: who has which hardware address, how much that counts, and what waits for it. Not here:
//! the messages that ask and answer (`world::discovery`), and the packets that go by it (`world::neighbors`).
//!
//! One machine for both families: that of neighbor discovery (RFC 4861 §7.3). ARP says nothing about the age of what it finds; hosts keep it the
//! same way, which is the unicast poll of RFC 1122 §2.3.2.1.
//!
//! Whatever changes is put in an [`Outbox`], which the world empties.

mod outbox;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use rtclab_trace::{EntryId, MacAddress, NeighborPhase, NetReason, Reason, SimTime};

use crate::packet::Packet;
use crate::randomness::Stream;

pub(crate) use outbox::{Ask, News, Outbox};

/// Between two questions (RFC 4861 §10, RETRANS_TIMER; RFC 1122 §2.3.2.1 asks for no more than one a second).
const RETRANSMISSION: Duration = Duration::from_secs(1);
/// Questions before nobody is there (RFC 4861 §10, MAX_MULTICAST_SOLICIT and MAX_UNICAST_SOLICIT).
const TRIES_MAX: u8 = 3;
/// How long a sign of life is waited for (RFC 4861 §10, DELAY_FIRST_PROBE_TIME).
const FIRST_PROBE: Duration = Duration::from_secs(5);
/// How long an answer counts, on average (RFC 4861 §10, REACHABLE_TIME) ...
const REACHABLE: Duration = Duration::from_secs(30);
/// Packets that wait for one answer: what Linux holds (`unres_qlen`). The standards ask for one at least.
const HELD_MAX: usize = 101;
/// Neighbors that are remembered: what Linux keeps at most (`gc_thresh3`).
const KNOWN_MAX: usize = 1_024;

/// A neighbor: behind an interface, at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) interface: u16,
    pub(crate) address: IpAddr,
}

/// A packet that waits for its next hop's hardware address.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) packet: Box<Packet>,
    /// Why it is sent, which its hop will say.
    pub(crate) reason: Option<Reason>,
    /// As its sender knows it, where that is not how it leaves: what an error quotes.
    pub(crate) quoted: Option<Vec<u8>>,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Of ARP, which says nothing about itself.
    Reply,
    /// Of neighbor discovery.
    Advertisement { solicited: bool, overrides: bool },
}

#[derive(Debug)]
struct Neighbor {
    number: u32,
    mac: Option<MacAddress>,
    phase: NeighborPhase,
    /// When something happens to it by itself.
    due: Option<SimTime>,
    tries: u8,
    held: VecDeque<Held>,
    /// The last entry about it.
    told: Option<EntryId>,
}

/// The neighbors of a node.
#[derive(Debug)]
pub(crate) struct Neighbors {
    reachable: Duration,
    known: BTreeMap<Key, Neighbor>,
    keys: BTreeMap<u32, Key>,
    next: u32,
    outbox: Outbox,
}

impl Neighbors {
    pub(crate) fn new(mut random: Stream) -> Neighbors {
        // RFC 4861 §6.3.2: between a half and one and a half of it, so that not everybody asks at once.
        let half = REACHABLE / 2;
        let reachable = half + Duration::from_nanos(random.up_to(REACHABLE.as_nanos() as u64));
        let (known, keys) = (BTreeMap::new(), BTreeMap::new());
        Neighbors { reachable, known, keys, next: 0, outbox: Outbox::default() }
    }

    /// Where a packet goes whose next hop this is, if that is known.
    pub(crate) fn mac_of(&self, key: Key) -> Option<MacAddress> {
        self.known.get(&key).and_then(|neighbor| neighbor.mac)
    }

    /// A packet went there, with this entry. RFC 4861 §7.3.3: if what is known is old, a sign of life is waited for.
    pub(crate) fn used(&mut self, now: SimTime, key: Key, entry: Option<EntryId>) {
        if self.known.get(&key).is_some_and(|neighbor| neighbor.phase == NeighborPhase::Stale) {
            self.become_phase(
                key,
                NeighborPhase::Delay,
                Some(now + FIRST_PROBE),
                NetReason::NeighborUsed,
                entry,
            );
        }
    }

    /// A packet waits, as this entry says, for an answer; if nobody has been asked yet, now somebody is.
    pub(crate) fn hold(&mut self, now: SimTime, key: Key, held: Held, entry: Option<EntryId>) {
        if !self.known.contains_key(&key) {
            self.make_room();
            let due = Some(now + RETRANSMISSION);
            self.add(key, None, NeighborPhase::Incomplete, due, NetReason::NeighborUnknown, entry);
            self.outbox.asks.push(Ask { key, to: None });
        }
        let Some(neighbor) = self.known.get_mut(&key) else { return };
        // RFC 4861 §7.2.2: the newest replaces the oldest.
        if neighbor.held.len() >= HELD_MAX
            && let Some(oldest) = neighbor.held.pop_front()
        {
            self.outbox.lost.push((oldest, key, NetReason::NeighborQueueFull));
        }
        neighbor.held.push_back(held);
    }

    /// A neighbor answered, or says where it is without being asked. Returns what waited for it.
    pub(crate) fn answered(
        &mut self,
        now: SimTime,
        key: Key,
        mac: MacAddress,
        answer: Answer,
        entry: Option<EntryId>,
    ) -> VecDeque<Held> {
        // RFC 4861 §7.2.5: nobody has asked, so nobody needs to know.
        let Some(neighbor) = self.known.get_mut(&key) else { return VecDeque::new() };
        let asked = matches!(neighbor.phase, NeighborPhase::Incomplete | NeighborPhase::Probe);
        let (solicited, overrides) = match answer {
            Answer::Reply => (asked, true),
            Answer::Advertisement { solicited, overrides } => (solicited, overrides),
        };
        let incomplete = neighbor.phase == NeighborPhase::Incomplete;
        let changed = neighbor.mac != Some(mac);
        if !incomplete && changed && !overrides {
            // What is known stays, but is not trusted any more.
            if neighbor.phase == NeighborPhase::Reachable {
                self.become_phase(key, NeighborPhase::Stale, None, NetReason::NeighborOverheard, entry);
            }
            return VecDeque::new();
        }
        neighbor.mac = Some(mac);
        let reachable = now + self.reachable;
        if solicited && neighbor.phase == NeighborPhase::Reachable && !changed {
            neighbor.due = Some(reachable);
            self.outbox.wakes.push((reachable, neighbor.number));
        } else if solicited {
            let reason = NetReason::NeighborAnswered;
            self.become_phase(key, NeighborPhase::Reachable, Some(reachable), reason, entry);
        } else if changed {
            self.become_phase(key, NeighborPhase::Stale, None, NetReason::NeighborOverheard, entry);
        }
        self.release(now, key, entry)
    }

    /// A neighbor asked, and so said where it is; `new`: whoever is not known is from now on. Returns what waited for it.
    pub(crate) fn overheard(
        &mut self,
        now: SimTime,
        key: Key,
        mac: MacAddress,
        new: bool,
        entry: Option<EntryId>,
    ) -> VecDeque<Held> {
        let reason = NetReason::NeighborOverheard;
        match self.known.get_mut(&key) {
            Some(neighbor) if neighbor.mac == Some(mac) => return VecDeque::new(),
            Some(neighbor) => {
                neighbor.mac = Some(mac);
                self.become_phase(key, NeighborPhase::Stale, None, reason, entry);
            }
            None if new => {
                self.make_room();
                self.add(key, Some(mac), NeighborPhase::Stale, None, reason, entry);
            }
            None => return VecDeque::new(),
        }
        self.release(now, key, entry)
    }

    /// Looks after a neighbor that something may be due for. Returns whether it was.
    pub(crate) fn look_after(&mut self, now: SimTime, number: u32) -> bool {
        let Some(&key) = self.keys.get(&number) else { return false };
        let Some(neighbor) =
            self.known.get_mut(&key).filter(|neighbor| neighbor.due.is_some_and(|due| due <= now))
        else {
            return false;
        };
        let told = neighbor.told;
        let again = Some(now + RETRANSMISSION);
        match neighbor.phase {
            NeighborPhase::Incomplete | NeighborPhase::Probe if neighbor.tries < TRIES_MAX => {
                neighbor.tries += 1;
                neighbor.due = again;
                self.outbox.wakes.push((now + RETRANSMISSION, number));
                self.outbox.asks.push(Ask { key, to: neighbor.mac });
            }
            NeighborPhase::Incomplete => {
                self.remove(key, NeighborPhase::Failed, NetReason::NeighborUnresolved, told);
            }
            NeighborPhase::Probe => self.remove(key, NeighborPhase::Failed, NetReason::NeighborGone, told),
            NeighborPhase::Delay => {
                let to = neighbor.mac;
                self.become_phase(key, NeighborPhase::Probe, again, NetReason::NeighborDoubted, told);
                self.outbox.asks.push(Ask { key, to });
            }
            NeighborPhase::Reachable => {
                self.become_phase(key, NeighborPhase::Stale, None, NetReason::NeighborAged, told);
            }
            NeighborPhase::Stale | NeighborPhase::Failed | NeighborPhase::Forgotten => return false,
        }
        true
    }

    /// Forgets everybody behind an interface: it has left their network.
    pub(crate) fn leave(&mut self, interface: u16, cause: Option<EntryId>) {
        let behind: Vec<Key> = self.known.keys().copied().filter(|key| key.interface == interface).collect();
        for key in behind {
            self.remove(key, NeighborPhase::Forgotten, NetReason::NeighborForgotten, cause);
        }
    }

    /// Notes the entry that told of a neighbor: the cause of what happens to it next.
    pub(crate) fn told(&mut self, number: u32, entry: Option<EntryId>) {
        if let Some(neighbor) = self.keys.get(&number).and_then(|key| self.known.get_mut(key)) {
            neighbor.told = entry;
        }
    }

    /// The last entry about a neighbor.
    pub(crate) fn last_told(&self, key: Key) -> Option<EntryId> {
        self.known.get(&key).and_then(|neighbor| neighbor.told)
    }

    /// Everything that the world has to do, and has not done yet; none if there is nothing.
    pub(crate) fn take_outbox(&mut self) -> Option<Outbox> {
        (!self.outbox.is_empty()).then(|| std::mem::take(&mut self.outbox))
    }

    /// What waited leaves. RFC 4861 §7.3.3: what leaves by an answer that nobody asked for waits for a sign of life.
    fn release(&mut self, now: SimTime, key: Key, entry: Option<EntryId>) -> VecDeque<Held> {
        let released = self.known.get_mut(&key).map(|neighbor| std::mem::take(&mut neighbor.held));
        let released = released.unwrap_or_default();
        if !released.is_empty() {
            self.used(now, key, entry);
        }
        released
    }

    fn add(
        &mut self,
        key: Key,
        mac: Option<MacAddress>,
        phase: NeighborPhase,
        due: Option<SimTime>,
        reason: NetReason,
        cause: Option<EntryId>,
    ) {
        let number = self.next;
        self.next += 1;
        let neighbor = Neighbor { number, mac, phase, due, tries: 1, held: VecDeque::new(), told: None };
        self.known.insert(key, neighbor);
        self.keys.insert(number, key);
        self.outbox.wakes.extend(due.map(|at| (at, number)));
        self.outbox.news.push(News { number, key, mac, phase, reason, cause });
    }

    fn become_phase(
        &mut self,
        key: Key,
        phase: NeighborPhase,
        due: Option<SimTime>,
        reason: NetReason,
        cause: Option<EntryId>,
    ) {
        let Some(neighbor) = self.known.get_mut(&key) else { return };
        (neighbor.phase, neighbor.due, neighbor.tries) = (phase, due, 1);
        let (number, mac) = (neighbor.number, neighbor.mac);
        self.outbox.wakes.extend(due.map(|at| (at, number)));
        self.outbox.news.push(News { number, key, mac, phase, reason, cause });
    }

    fn remove(&mut self, key: Key, phase: NeighborPhase, reason: NetReason, cause: Option<EntryId>) {
        let Some(neighbor) = self.known.remove(&key) else { return };
        let Neighbor { number, mac, held, .. } = neighbor;
        self.keys.remove(&number);
        self.outbox.news.push(News { number, key, mac, phase, reason, cause });
        self.outbox.lost.extend(held.into_iter().map(|held| (held, key, reason)));
    }

    /// Makes room for another neighbor: the one that was found first goes, of those that nobody has sent to for long if there are any.
    fn make_room(&mut self) {
        if self.known.len() < KNOWN_MAX {
            return;
        }
        let oldest = |stale: bool| {
            let fits = |key: &&Key| !stale || self.known[key].phase == NeighborPhase::Stale;
            self.keys.values().find(fits).copied()
        };
        if let Some(key) = oldest(true).or_else(|| oldest(false)) {
            let told = self.last_told(key);
            self.remove(key, NeighborPhase::Forgotten, NetReason::NeighborForgotten, told);
        }
    }
}
