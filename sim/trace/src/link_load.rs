//! What packets met on a link, read from the log: how long the queue was, what was lost and why. Not here: what the link is set to do
//! ([`crate::LinkWay`]).

use std::fmt;
use std::time::Duration;

use crate::{
    Change, Direction, Entity, Entry, EntryId, LinkId, NetReason, PacketId, Place, Reason, SimTime, Trace,
};

/// How much waits for a link in one direction, from a time until the next [`Backlog`] of the series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Since then.
    pub at: SimTime,
    /// Packets that wait; the one that is leaving is not counted.
    pub packets: u32,
    /// Their bytes.
    pub bytes: u64,
}

/// What packets met on a link in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkLoad {
    /// The link.
    pub link: LinkId,
    /// Which way.
    pub direction: Direction,
    /// Packets that went on it, lost or not.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Packets that waited for the rate.
    pub waited: u64,
    /// The longest wait of a packet that left.
    pub longest_wait: Duration,
    /// The fullest that the queue was.
    pub fullest: Backlog,
    /// Packets that the full queue did not take.
    pub queue_full: u64,
    /// Packets that CoDel dropped.
    pub codel_dropped: u64,
    /// Packets that were marked instead (ECN).
    pub marked: u64,
    /// Packets that the link lost.
    pub lost: u64,
    /// Copies that the link made.
    pub duplicates: u64,
    /// Packets in which the link flipped a bit.
    pub corrupted: u64,
}

impl LinkLoad {
    fn new(link: LinkId, direction: Direction) -> LinkLoad {
        LinkLoad {
            link,
            direction,
            packets: 0,
            bytes: 0,
            waited: 0,
            longest_wait: Duration::ZERO,
            fullest: Backlog { at: SimTime::ZERO, packets: 0, bytes: 0 },
            queue_full: 0,
            codel_dropped: 0,
            marked: 0,
            lost: 0,
            duplicates: 0,
            corrupted: 0,
        }
    }

    /// Whether packets met anything worth telling: a queue, a loss, an impairment.
    pub fn is_eventful(&self) -> bool {
        let odd =
            [self.queue_full, self.codel_dropped, self.marked, self.lost, self.duplicates, self.corrupted];
        self.waited > 0 || odd.iter().any(|&count| count > 0)
    }
}

impl fmt::Display for LinkLoad {
    /// In a few words, without the link's name: `1200 packets; queue up to 64 packets, 92160 bytes, 212ms; 30 dropped: queue full`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} packets", self.packets)?;
        if self.waited > 0 {
            let Backlog { packets, bytes, .. } = self.fullest;
            write!(f, "; queue up to {packets} packets, {bytes} bytes, {:?}", self.longest_wait)?;
        }
        let counts = [
            (self.queue_full, "dropped: queue full"),
            (self.codel_dropped, "dropped by CoDel"),
            (self.marked, "marked (ECN)"),
            (self.lost, "lost"),
            (self.duplicates, "duplicated"),
            (self.corrupted, "corrupted"),
        ];
        counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .try_for_each(|(count, words)| write!(f, "; {count} {words}"))
    }
}

/// A stay in a queue that is over or not.
#[derive(Clone, Copy, Debug)]
struct Stay {
    from: SimTime,
    to: SimTime,
    bytes: u64,
}

impl Trace {
    /// What packets met on each link, in the order of links, forward before backward; only where there were any.
    pub fn link_loads(&self) -> Vec<LinkLoad> {
        let mut loads: Vec<Option<LinkLoad>> = vec![None; self.topology().links().len() * 2];
        let mut stays: Vec<Vec<Stay>> = vec![Vec::new(); loads.len()];
        for (id, entry) in self.entries() {
            let Some((link, direction)) = self.place_on_link(entry) else { continue };
            let lane = link.0 as usize * 2 + direction.from_end();
            let load = loads[lane].get_or_insert_with(|| LinkLoad::new(link, direction));
            if let Some(stay) = self.count(load, id, entry) {
                stays[lane].push(stay);
            }
        }
        for (load, stays) in loads.iter_mut().zip(stays) {
            let fullest = backlog(stays).into_iter().max_by_key(|backlog| (backlog.packets, backlog.bytes));
            if let (Some(load), Some(fullest)) = (load, fullest) {
                load.fullest = fullest;
            }
        }
        loads.into_iter().flatten().collect()
    }

    /// How the queue in front of a link grew and shrank, from one change to the next.
    pub fn backlog(&self, link: LinkId, direction: Direction) -> Vec<Backlog> {
        let mut scratch = LinkLoad::new(link, direction);
        let own = self.entries().filter(|(_, entry)| self.place_on_link(entry) == Some((link, direction)));
        backlog(own.filter_map(|(id, entry)| self.count(&mut scratch, id, entry)).collect())
    }

    fn place_on_link(&self, entry: &Entry) -> Option<(LinkId, Direction)> {
        match &entry.change {
            Change::Hop { link, direction, .. } => Some((*link, *direction)),
            Change::Waiting { place: Place::Link(link, direction), .. }
            | Change::Altered { place: Place::Link(link, direction), .. } => Some((*link, *direction)),
            Change::Dropped(dropped) => match dropped.place {
                Place::Link(link, direction) => Some((link, direction)),
                Place::Node(_) => None,
            },
            _ => None,
        }
    }

    /// Counts an entry about a link. Returns the stay in the queue that it tells of.
    fn count(&self, load: &mut LinkLoad, id: EntryId, entry: &Entry) -> Option<Stay> {
        let Entity::Packet(packet) = entry.entity else { return None };
        let bytes = u64::from(self.packets().info(packet).length);
        let reason = match entry.reason {
            Some(Reason::Net(reason)) => Some(reason),
            _ => None,
        };
        match &entry.change {
            Change::Hop { queued_us, lost, .. } => {
                load.packets += 1;
                load.bytes += bytes;
                load.lost += u64::from(*lost);
                load.marked += u64::from(reason == Some(NetReason::EcnMarked));
                load.duplicates += u64::from(reason == Some(NetReason::LinkDuplicated));
                let ahead = Duration::from_micros(u64::from(*queued_us));
                // A packet that waited in a managed queue has said so by an entry of its own.
                let before = self.waited_before(entry).map(|from| entry.at.since(from)).unwrap_or_default();
                let wait = ahead.max(before);
                load.waited += u64::from(!wait.is_zero());
                load.longest_wait = load.longest_wait.max(wait);
                (!ahead.is_zero()).then(|| Stay { from: entry.at, to: entry.at + ahead, bytes })
            }
            Change::Waiting { .. } => {
                let to = self.end_of_wait(packet, id);
                Some(Stay { from: entry.at, to, bytes })
            }
            Change::Altered { .. } => {
                load.corrupted += 1;
                None
            }
            Change::Dropped(_) => {
                load.queue_full += u64::from(reason == Some(NetReason::QueueFull));
                load.codel_dropped += u64::from(reason == Some(NetReason::CodelDropped));
                load.corrupted += u64::from(reason == Some(NetReason::FrameCheckFailed));
                None
            }
            _ => None,
        }
    }

    /// When the wait began that a hop ends, if one did.
    fn waited_before(&self, hop: &Entry) -> Option<SimTime> {
        let before = self.entry(hop.cause?);
        let waited = matches!(before.change, Change::Waiting { place: Place::Link(..), .. });
        (waited && before.entity == hop.entity).then_some(before.at)
    }

    /// When a wait is over: at the packet's next entry, or not before the end.
    fn end_of_wait(&self, packet: PacketId, wait: EntryId) -> SimTime {
        let own = self.entries_of(Entity::Packet(packet));
        let next = own.partition_point(|&id| id <= wait);
        own.get(next).map_or(SimTime::MAX, |&id| self.entry(id).at)
    }
}

/// The sum of stays over time.
fn backlog(stays: Vec<Stay>) -> Vec<Backlog> {
    // At one time packets leave before others come.
    let mut steps: Vec<(SimTime, bool, u64)> = Vec::with_capacity(stays.len() * 2);
    for Stay { from, to, bytes } in stays {
        steps.push((from, true, bytes));
        steps.push((to, false, bytes));
    }
    steps.sort_unstable();
    let mut series: Vec<Backlog> = Vec::new();
    let (mut packets, mut waiting) = (0u32, 0u64);
    for (at, enters, bytes) in steps.into_iter().filter(|(at, ..)| *at < SimTime::MAX) {
        if enters {
            (packets, waiting) = (packets + 1, waiting + bytes);
        } else {
            (packets, waiting) = (packets.saturating_sub(1), waiting.saturating_sub(bytes));
        }
        match series.last_mut() {
            Some(last) if last.at == at => (last.packets, last.bytes) = (packets, waiting),
            _ => series.push(Backlog { at, packets, bytes: waiting }),
        }
    }
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(from: u64, to: u64, bytes: u64) -> Stay {
        Stay { from: SimTime::from_millis(from), to: SimTime::from_millis(to), bytes }
    }

    #[test]
    fn a_backlog_rises_when_a_packet_comes_and_falls_when_it_leaves() {
        let series = backlog(vec![stay(0, 2, 100), stay(1, 3, 50), stay(3, 4, 10)]);
        let expected = [(0, 1, 100), (1, 2, 150), (2, 1, 50), (3, 1, 10), (4, 0, 0)];
        let expected =
            expected.map(|(at, packets, bytes)| Backlog { at: SimTime::from_millis(at), packets, bytes });
        assert_eq!(series, expected);
    }

    #[test]
    fn what_still_waits_at_the_end_is_in_the_backlog() {
        let stays = vec![Stay { to: SimTime::MAX, ..stay(1, 0, 100) }];
        assert_eq!(backlog(stays), [Backlog { at: SimTime::from_millis(1), packets: 1, bytes: 100 }]);
    }
}
