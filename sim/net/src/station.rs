//! What an Ethernet switch has learnt: which station is behind which of its ports (IEEE 802.1Q §8.7, §8.8). Not here: what it does with frames
//! (`world::ethernet`).

use std::collections::BTreeMap;
use std::time::Duration;

use rtclab_trace::{LinkId, MacAddress, SimTime};

/// After this long without a frame a station is forgotten (IEEE 802.1Q §8.8.3, the default).
const AGEING: Duration = Duration::from_secs(300);

#[derive(Clone, Copy, Debug)]
struct Station {
    number: u32,
    port: LinkId,
    heard_at: SimTime,
}

/// The stations that a switch knows. Every one of them is an interface of the world, so there are no more than those.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stations {
    known: BTreeMap<MacAddress, Station>,
    macs: BTreeMap<u32, MacAddress>,
    next: u32,
}

/// What came of a frame, or of the time that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Learnt {
    pub(crate) number: u32,
    pub(crate) mac: MacAddress,
    pub(crate) port: LinkId,
    /// When somebody has to look whether it is still heard of; none if somebody will anyway.
    pub(crate) look_at: Option<SimTime>,
}

impl Stations {
    /// The port that a station is behind, as far as is known.
    pub(crate) fn port_of(&self, mac: MacAddress) -> Option<LinkId> {
        self.known.get(&mac).map(|station| station.port)
    }

    /// A frame from a station came in by a port. Returns what is new about it.
    pub(crate) fn learn(&mut self, now: SimTime, mac: MacAddress, port: LinkId) -> Option<Learnt> {
        if let Some(station) = self.known.get_mut(&mac) {
            let moved = station.port != port;
            (station.port, station.heard_at) = (port, now);
            return moved.then_some(Learnt { number: station.number, mac, port, look_at: None });
        }
        let number = self.next;
        self.next += 1;
        self.known.insert(mac, Station { number, port, heard_at: now });
        self.macs.insert(number, mac);
        Some(Learnt { number, mac, port, look_at: Some(now + AGEING) })
    }

    /// Looks whether a station has been heard of. Returns when to look again, or that it is forgotten.
    pub(crate) fn look_after(&mut self, now: SimTime, number: u32) -> Option<Result<SimTime, Learnt>> {
        let mac = *self.macs.get(&number)?;
        let Station { port, heard_at, .. } = *self.known.get(&mac)?;
        if heard_at + AGEING > now {
            return Some(Ok(heard_at + AGEING));
        }
        self.known.remove(&mac);
        self.macs.remove(&number);
        Some(Err(Learnt { number, mac, port, look_at: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);

    fn seconds(seconds: u64) -> SimTime {
        SimTime::from_millis(seconds * 1_000)
    }

    #[test]
    fn a_station_is_learnt_once_and_again_when_it_moves() {
        let mut stations = Stations::default();
        assert_eq!(stations.port_of(MAC), None);
        assert!(stations.learn(seconds(0), MAC, LinkId(3)).is_some());
        assert_eq!(stations.learn(seconds(1), MAC, LinkId(3)), None);
        let moved = stations.learn(seconds(2), MAC, LinkId(4)).expect("news");
        assert_eq!((moved.number, moved.port, moved.look_at), (0, LinkId(4), None));
        assert_eq!(stations.port_of(MAC), Some(LinkId(4)));
    }

    #[test]
    fn a_station_is_forgotten_five_minutes_after_its_last_frame() {
        let mut stations = Stations::default();
        let learnt = stations.learn(seconds(0), MAC, LinkId(3)).expect("news");
        assert_eq!(learnt.look_at, Some(seconds(300)));
        stations.learn(seconds(100), MAC, LinkId(3));
        assert_eq!(stations.look_after(seconds(300), 0), Some(Ok(seconds(400))));
        assert!(matches!(stations.look_after(seconds(400), 0), Some(Err(learnt)) if learnt.mac == MAC));
        assert_eq!(stations.port_of(MAC), None);
        assert_eq!(stations.look_after(seconds(500), 0), None);
    }
}
