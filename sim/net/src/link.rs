//! A link: latency, jitter, rate, queue, loss, MTU, each way on its own. Not here: who puts packets on it and who takes them off.

use std::collections::VecDeque;
use std::time::Duration;

use rtclab_trace::{Direction, LinkState, LinkWay, Nanos, SimTime};

use crate::randomness::Stream;

/// The smallest MTU that IPv4 allows (RFC 791 §3.2).
pub(crate) const SMALLEST_MTU: u32 = 68;

/// The properties of a link, in both directions: from its first end to its second (for an attachment: from the node to the network),
/// and back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkProperties {
    /// From the first end to the second.
    pub forward: LinkWay,
    /// From the second end to the first.
    pub backward: LinkWay,
}

impl From<LinkWay> for LinkProperties {
    /// The same both ways.
    fn from(way: LinkWay) -> LinkProperties {
        LinkProperties { forward: way.clone(), backward: way }
    }
}

impl LinkProperties {
    /// A link that only takes time.
    pub fn latency(latency: Duration) -> LinkProperties {
        LinkWay { latency, ..LinkWay::default() }.into()
    }

    /// With up to this much more latency for a packet, drawn uniformly; packets stay in order.
    pub fn with_jitter(self, jitter: Duration) -> LinkProperties {
        self.both(|way| way.jitter = jitter)
    }

    /// With jitter that may make a packet overtake another.
    pub fn with_reordering(self) -> LinkProperties {
        self.both(|way| way.reorder = true)
    }

    /// With a share of packets lost, from 0 to 1.
    pub fn with_loss(self, loss: f64) -> LinkProperties {
        self.both(|way| way.loss = loss)
    }

    /// With a limit of bits per second, and of packets that wait for it.
    pub fn with_rate(self, rate_bps: u64, queue_packets: u32) -> LinkProperties {
        self.both(|way| (way.rate_bps, way.queue_packets) = (Some(rate_bps), queue_packets))
    }

    /// With a largest IP packet, in bytes.
    pub fn with_mtu(self, mtu: u32) -> LinkProperties {
        self.both(|way| way.mtu = mtu)
    }

    fn both(mut self, change: impl Fn(&mut LinkWay)) -> LinkProperties {
        change(&mut self.forward);
        change(&mut self.backward);
        self
    }

    /// What is wrong with them, in words; none if nothing is.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        [&self.forward, &self.backward].into_iter().find_map(|way| {
            if !(0.0..=1.0).contains(&way.loss) {
                Some("loss is a share from 0 to 1")
            } else if way.mtu < SMALLEST_MTU {
                Some("the MTU is at least 68 bytes")
            } else if way.rate_bps == Some(0) {
                Some("the rate is at least 1 bit per second")
            } else {
                None
            }
        })
    }
}

/// What becomes of a packet that is put on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    /// It reaches the far end, or is lost at the time it would have.
    Arrives { at: SimTime, queued_ns: u64, lost: bool },
    /// Too many packets wait already.
    QueueFull,
    /// It is longer than the MTU.
    TooBig,
}

/// One direction of a link at work. Times are kept in nanoseconds: every packet adds them up.
#[derive(Debug)]
pub(crate) struct Way {
    properties: LinkWay,
    latency_ns: u64,
    jitter_ns: u64,
    random: Stream,
    /// When the last bit of the last packet has left.
    busy_until: SimTime,
    /// When the packet before arrives: the next one does not overtake it.
    last_arrival: SimTime,
    /// When each packet that waits begins to leave.
    waiting: VecDeque<SimTime>,
}

impl Way {
    fn new(properties: LinkWay, random: Stream) -> Way {
        let mut way = Way {
            properties: LinkWay::default(),
            latency_ns: 0,
            jitter_ns: 0,
            random,
            busy_until: SimTime::ZERO,
            last_arrival: SimTime::ZERO,
            waiting: VecDeque::new(),
        };
        way.set_properties(properties);
        way
    }

    pub(crate) fn properties(&self) -> &LinkWay {
        &self.properties
    }

    fn set_properties(&mut self, properties: LinkWay) {
        self.latency_ns = Nanos::from(properties.latency).0;
        self.jitter_ns = Nanos::from(properties.jitter).0;
        self.properties = properties;
    }

    /// Puts a packet of `length` bytes on the link at `now`.
    pub(crate) fn carry(&mut self, now: SimTime, length: usize) -> Carried {
        if length > self.properties.mtu as usize {
            return Carried::TooBig;
        }
        let (starts, departs) = match self.properties.rate_bps {
            None => (now, now),
            Some(rate_bps) => match self.serialize(now, length, rate_bps) {
                Some(times) => times,
                None => return Carried::QueueFull,
            },
        };
        let mut at = later(departs, self.latency_ns);
        if self.jitter_ns > 0 {
            at = later(at, self.random.up_to(self.jitter_ns));
        }
        if !self.properties.reorder {
            at = at.max(self.last_arrival);
            self.last_arrival = at;
        }
        let lost = self.properties.loss > 0.0 && self.random.unit() < self.properties.loss;
        Carried::Arrives { at, queued_ns: starts.as_nanos() - now.as_nanos(), lost }
    }

    /// When the packet's first and last bit leave, behind those that wait; none if too many do.
    fn serialize(&mut self, now: SimTime, length: usize, rate_bps: u64) -> Option<(SimTime, SimTime)> {
        while self.waiting.front().is_some_and(|&starts| starts <= now) {
            self.waiting.pop_front();
        }
        let starts = self.busy_until.max(now);
        if starts > now {
            if self.waiting.len() >= self.properties.queue_packets as usize {
                return None;
            }
            self.waiting.push_back(starts);
        }
        let nanos = (length as u128 * 8 * 1_000_000_000).div_ceil(u128::from(rate_bps));
        self.busy_until = later(starts, u64::try_from(nanos).unwrap_or(u64::MAX));
        Some((starts, self.busy_until))
    }
}

/// The moment that lies so many nanoseconds after another.
fn later(moment: SimTime, nanos: u64) -> SimTime {
    SimTime::from_nanos(moment.as_nanos().saturating_add(nanos))
}

/// A link at work.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) up: bool,
    /// Counts how often it was cut: what was on it at that moment does not arrive.
    pub(crate) cuts: u32,
    /// Forward, then backward.
    pub(crate) ways: [Way; 2],
}

impl Link {
    /// A link that is up. `name` names its streams of randomness.
    pub(crate) fn new(properties: LinkProperties, seed: u64, name: &str) -> Link {
        let way = |properties, kind| Way::new(properties, Stream::new(seed, kind, name));
        Link {
            up: true,
            cuts: 0,
            ways: [way(properties.forward, "link forward"), way(properties.backward, "link backward")],
        }
    }

    pub(crate) fn way(&self, direction: Direction) -> &Way {
        &self.ways[direction.from_end()]
    }

    pub(crate) fn way_mut(&mut self, direction: Direction) -> &mut Way {
        &mut self.ways[direction.from_end()]
    }

    /// Gives it other properties, for packets sent from now on.
    pub(crate) fn set_properties(&mut self, properties: LinkProperties) {
        let [forward, backward] = &mut self.ways;
        forward.set_properties(properties.forward);
        backward.set_properties(properties.backward);
    }

    /// As the trace shows it.
    pub(crate) fn state(&self) -> LinkState {
        LinkState { up: self.up, ways: [&self.ways[0], &self.ways[1]].map(|way| way.properties.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(properties: LinkProperties) -> Way {
        Way::new(properties.forward, Stream::new(1, "test", "link"))
    }

    fn arrival(carried: Carried) -> SimTime {
        match carried {
            Carried::Arrives { at, .. } => at,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_packet_takes_its_length_at_the_rate_and_then_the_latency() {
        let mut way = way(LinkProperties::latency(Duration::from_millis(10)).with_rate(1_000_000, 10));
        assert_eq!(arrival(way.carry(SimTime::ZERO, 125)), SimTime::from_millis(11));
        let second = way.carry(SimTime::ZERO, 125);
        assert_eq!(
            second,
            Carried::Arrives { at: SimTime::from_millis(12), queued_ns: 1_000_000, lost: false }
        );
    }

    #[test]
    fn a_full_queue_takes_no_more_until_a_packet_has_left() {
        let mut way = way(LinkProperties::default().with_rate(1_000_000, 1));
        arrival(way.carry(SimTime::ZERO, 125));
        arrival(way.carry(SimTime::ZERO, 125));
        assert_eq!(way.carry(SimTime::ZERO, 125), Carried::QueueFull);
        arrival(way.carry(SimTime::from_millis(1), 125));
    }

    #[test]
    fn jitter_keeps_order_unless_reordering_is_asked_for() {
        let jittery = LinkProperties::default().with_jitter(Duration::from_millis(50));
        let arrivals = |properties: LinkProperties| -> Vec<SimTime> {
            let mut way = way(properties);
            (0..200).map(|number| arrival(way.carry(SimTime::from_millis(number), 100))).collect()
        };
        assert!(arrivals(jittery.clone()).is_sorted());
        let spread = arrivals(jittery.with_reordering());
        assert!(!spread.is_sorted());
        for (number, at) in spread.into_iter().enumerate() {
            let sent = SimTime::from_millis(number as u64);
            assert!(at >= sent && at <= sent + Duration::from_millis(50));
        }
    }

    #[test]
    fn loss_is_near_its_share() {
        let mut way = way(LinkProperties::default().with_loss(0.2));
        let lost = (0..10_000)
            .filter(|_| matches!(way.carry(SimTime::ZERO, 100), Carried::Arrives { lost: true, .. }))
            .count();
        assert!((1_800..2_200).contains(&lost), "{lost}");
    }

    #[test]
    fn what_is_longer_than_the_mtu_is_not_carried() {
        let mut way = way(LinkProperties::default().with_mtu(1_280));
        assert_eq!(way.carry(SimTime::ZERO, 1_281), Carried::TooBig);
        arrival(way.carry(SimTime::ZERO, 1_280));
    }

    #[test]
    fn properties_out_of_range_are_named() {
        assert!(LinkProperties::default().with_loss(1.5).problem().is_some());
        assert!(LinkProperties::default().with_loss(f64::NAN).problem().is_some());
        assert!(LinkProperties::default().with_mtu(20).problem().is_some());
        assert!(LinkProperties::default().with_rate(0, 1).problem().is_some());
        assert_eq!(LinkProperties::default().problem(), None);
    }
}
