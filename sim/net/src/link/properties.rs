//! The properties of a link, as a plan gives them, and what can be wrong with them. Not here: the link at work ([`super::Way`]), and links
//! by the names people use ([`super::presets`]).

use std::time::Duration;

use rtclab_trace::{Codel, GilbertElliott, Latency, LinkWay, Loss, QueueLimit};

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
    pub fn latency(latency: impl Into<Latency>) -> LinkProperties {
        LinkWay { latency: latency.into(), ..LinkWay::default() }.into()
    }

    /// With up to this much more latency for a packet, drawn uniformly; packets stay in order.
    pub fn with_jitter(self, jitter: Duration) -> LinkProperties {
        self.both(|way| way.latency = std::mem::take(&mut way.latency).with_jitter(jitter))
    }

    /// With a latency that varies and may make a packet overtake another.
    pub fn with_reordering(self) -> LinkProperties {
        self.both(|way| way.reorder = true)
    }

    /// With packets lost: a share of them from 0 to 1, or a rule.
    pub fn with_loss(self, loss: impl Into<Loss>) -> LinkProperties {
        let loss = loss.into();
        self.both(|way| way.loss = loss.clone())
    }

    /// With a share of packets that arrive twice, from 0 to 1.
    pub fn with_duplicates(self, share: f64) -> LinkProperties {
        self.both(|way| way.duplicate = share)
    }

    /// With a share of packets in which a bit is flipped, from 0 to 1.
    pub fn with_corruption(self, share: f64) -> LinkProperties {
        self.both(|way| way.corrupt = share)
    }

    /// With a limit of bits per second, and of packets that wait for it.
    pub fn with_rate(self, rate_bps: u64, queue_packets: u32) -> LinkProperties {
        self.both(|way| (way.rate_bps, way.queue) = (Some(rate_bps), QueueLimit::Packets(queue_packets)))
    }

    /// With another limit of what waits for the rate.
    pub fn with_queue(self, queue: QueueLimit) -> LinkProperties {
        self.both(|way| way.queue = queue)
    }

    /// With a queue that CoDel keeps short.
    pub fn with_codel(self, codel: Codel) -> LinkProperties {
        self.both(|way| way.codel = Some(codel))
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
        [&self.forward, &self.backward].into_iter().find_map(way_problem)
    }
}

fn way_problem(way: &LinkWay) -> Option<&'static str> {
    let is_share = |share: f64| (0.0..=1.0).contains(&share);
    let loss_fits = match &way.loss {
        Loss::Independent(share) => is_share(*share),
        Loss::Bursts(GilbertElliott { to_bad, to_good, loss_in_good, loss_in_bad }) => {
            [to_bad, to_good, loss_in_good, loss_in_bad].into_iter().all(|&share| is_share(share))
        }
        Loss::Listed(packets) => packets.iter().all(|&packet| packet > 0),
    };
    if !loss_fits {
        Some("loss is a share from 0 to 1, and packets are counted from 1")
    } else if !is_share(way.duplicate) || !is_share(way.corrupt) {
        Some("duplication and corruption are shares from 0 to 1")
    } else if way.mtu < SMALLEST_MTU {
        Some("the MTU is at least 68 bytes")
    } else if way.rate_bps == Some(0) {
        Some("the rate is at least 1 bit per second")
    } else if matches!(&way.latency, Latency::Uniform { least, most } if least > most) {
        Some("the least latency is not above the most")
    } else if way.codel.is_some_and(|codel| codel.target >= codel.interval) {
        Some("the target of CoDel is below its interval")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_out_of_range_are_named() {
        let wire = LinkProperties::default;
        assert_eq!(wire().problem(), None);
        assert!(wire().with_loss(1.5).problem().is_some());
        assert!(wire().with_loss(f64::NAN).problem().is_some());
        assert!(wire().with_loss(Loss::Listed(vec![1, 0])).problem().is_some());
        let bursts = GilbertElliott { to_bad: 0.1, to_good: -0.1, loss_in_good: 0.0, loss_in_bad: 1.0 };
        assert!(wire().with_loss(Loss::Bursts(bursts)).problem().is_some());
        assert!(wire().with_duplicates(-0.1).problem().is_some());
        assert!(wire().with_corruption(2.0).problem().is_some());
        assert!(wire().with_mtu(20).problem().is_some());
        assert!(wire().with_rate(0, 1).problem().is_some());
        let [short, long] = [1, 2].map(Duration::from_secs);
        assert!(LinkProperties::latency(Latency::Uniform { least: long, most: short }).problem().is_some());
        assert!(wire().with_codel(Codel { target: long, interval: short, ecn: false }).problem().is_some());
    }

    #[test]
    fn either_direction_can_be_wrong() {
        let backward = LinkWay { mtu: 1, ..LinkWay::default() };
        assert!(LinkProperties { backward, ..LinkProperties::default() }.problem().is_some());
    }
}
