//! What a link does to packets, as plain data: one axis a field, each way on its own. Not here: the link at work (`rtclab-net`), and what
//! packets met on it ([`crate::LinkLoad`]).

use std::fmt;
use std::time::Duration;

/// How long a packet travels, from the last bit leaving to its arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Latency {
    /// The same for every packet.
    Constant(Duration),
    /// Evenly spread between two values, both included.
    Uniform {
        /// At least so long.
        least: Duration,
        /// At most so long.
        most: Duration,
    },
    /// Around a mean, in the shape of a bell, and never below zero. It is the sum of twelve uniform numbers, so nothing lies farther than
    /// six deviations from the mean, and every machine draws the same values.
    Normal {
        /// In the middle.
        mean: Duration,
        /// The standard deviation.
        deviation: Duration,
    },
    /// One after the other, from the beginning again after the last: a measured series. An empty list is no latency.
    List(Vec<Duration>),
}

impl Latency {
    /// The least that a packet can meet.
    pub fn least(&self) -> Duration {
        match self {
            Latency::Constant(latency) => *latency,
            Latency::Uniform { least, .. } => *least,
            Latency::Normal { mean, deviation } => mean.saturating_sub(deviation.saturating_mul(6)),
            Latency::List(list) => list.iter().min().copied().unwrap_or_default(),
        }
    }

    /// The most that a packet can meet.
    pub fn most(&self) -> Duration {
        match self {
            Latency::Constant(latency) => *latency,
            Latency::Uniform { most, .. } => *most,
            Latency::Normal { mean, deviation } => mean.saturating_add(deviation.saturating_mul(6)),
            Latency::List(list) => list.iter().max().copied().unwrap_or_default(),
        }
    }

    /// With up to so much on top of its least value, evenly spread.
    #[must_use]
    pub fn with_jitter(self, jitter: Duration) -> Latency {
        let least = self.least();
        match jitter {
            Duration::ZERO => Latency::Constant(least),
            jitter => Latency::Uniform { least, most: least.saturating_add(jitter) },
        }
    }
}

impl Default for Latency {
    /// None.
    fn default() -> Latency {
        Latency::Constant(Duration::ZERO)
    }
}

impl From<Duration> for Latency {
    fn from(latency: Duration) -> Latency {
        Latency::Constant(latency)
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Latency::Constant(latency) => write!(f, "{latency:?}"),
            Latency::Uniform { least, most } => write!(f, "{least:?} to {most:?}"),
            Latency::Normal { mean, deviation } => write!(f, "{mean:?} ± {deviation:?}"),
            Latency::List(list) => {
                write!(f, "{} values from {:?} to {:?}", list.len(), self.least(), self.most())
            }
        }
    }
}

/// Which packets are lost.
#[derive(Clone, Debug, PartialEq)]
pub enum Loss {
    /// Each with the same share, from 0 to 1, whatever became of the others.
    Independent(f64),
    /// In bursts: a link that is now good, now bad.
    Bursts(GilbertElliott),
    /// These, counted from 1 in the order in which they leave: for showing what one lost packet does.
    Listed(Vec<u64>),
}

impl Loss {
    /// No packet.
    pub const NONE: Loss = Loss::Independent(0.0);
}

impl Default for Loss {
    fn default() -> Loss {
        Loss::NONE
    }
}

impl From<f64> for Loss {
    fn from(share: f64) -> Loss {
        Loss::Independent(share)
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::Independent(share) => write!(f, "loss {} %", percent(*share)),
            Loss::Bursts(bursts) => write!(f, "loss in bursts ({bursts})"),
            Loss::Listed(packets) => {
                write!(f, "{} packets that are listed", packets.len())
            }
        }
    }
}

/// The two-state model of Gilbert (1960) and Elliott (1963): before each packet the link may change its state, and each state has its own
/// share of loss. A burst lasts `1 / to_good` packets on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GilbertElliott {
    /// Probability of going bad, before each packet, where the link is good.
    pub to_bad: f64,
    /// Probability of going good, before each packet, where it is bad.
    pub to_good: f64,
    /// Share of packets lost while it is good.
    pub loss_in_good: f64,
    /// Share of packets lost while it is bad.
    pub loss_in_bad: f64,
}

impl GilbertElliott {
    /// The share of packets that are lost in the long run; none if the link never leaves the good state.
    pub fn loss(&self) -> f64 {
        let total = self.to_bad + self.to_good;
        let bad = if total > 0.0 { self.to_bad / total } else { 0.0 };
        bad * self.loss_in_bad + (1.0 - bad) * self.loss_in_good
    }
}

impl fmt::Display for GilbertElliott {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [to_bad, to_good, good, bad] =
            [self.to_bad, self.to_good, self.loss_in_good, self.loss_in_bad].map(percent);
        write!(f, "good to bad {to_bad} %, bad to good {to_good} %, loss {good} % and {bad} %")
    }
}

/// How much may wait for the rate; more is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueLimit {
    /// So many packets.
    Packets(u32),
    /// Packets of so many bytes together.
    Bytes(u64),
}

impl fmt::Display for QueueLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueueLimit::Packets(packets) => write!(f, "queue of {packets} packets"),
            QueueLimit::Bytes(bytes) => write!(f, "queue of {bytes} bytes"),
        }
    }
}

/// A queue that drops or marks before it is full, by how long packets have waited (CoDel, RFC 8289).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Codel {
    /// A wait that is no cause for concern (RFC 8289 §4.4).
    pub target: Duration,
    /// How long waits may stay above it: about the round trip of the slowest connection (RFC 8289 §4.3).
    pub interval: Duration,
    /// Whether packets whose endpoints know ECN are marked where others are dropped (RFC 3168 §5).
    pub ecn: bool,
}

impl Default for Codel {
    /// The values for the open Internet (RFC 8289 §4.6), with ECN.
    fn default() -> Codel {
        Codel { target: Duration::from_millis(5), interval: Duration::from_millis(100), ecn: true }
    }
}

impl fmt::Display for Codel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ecn = if self.ecn { " with ECN" } else { "" };
        write!(f, "CoDel, target {:?}, interval {:?}{ecn}", self.target, self.interval)
    }
}

/// One of the two ways along a link, for packets sent from now on. What a packet meets, in this order: MTU, queue, rate, latency; on the
/// way it may be lost, duplicated or corrupted.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkWay {
    /// From the last bit leaving to its arrival.
    pub latency: Latency,
    /// Whether a latency that varies may make a packet overtake another.
    pub reorder: bool,
    /// Which packets are lost.
    pub loss: Loss,
    /// Share of packets that arrive twice, from 0 to 1.
    pub duplicate: f64,
    /// Share of packets in which a bit is flipped, from 0 to 1.
    pub corrupt: f64,
    /// Bits per second; none for no limit.
    pub rate_bps: Option<u64>,
    /// What may wait for the rate.
    pub queue: QueueLimit,
    /// How the queue is kept short; none for a queue that drops only what does not fit ("drop-tail").
    pub codel: Option<Codel>,
    /// Largest IP packet, in bytes.
    pub mtu: u32,
}

impl Default for LinkWay {
    /// A wire that costs nothing: no delay, no loss, no limit, the MTU of Ethernet.
    fn default() -> LinkWay {
        LinkWay {
            latency: Latency::default(),
            reorder: false,
            loss: Loss::NONE,
            duplicate: 0.0,
            corrupt: 0.0,
            rate_bps: None,
            queue: QueueLimit::Packets(1_000),
            codel: None,
            mtu: 1_500,
        }
    }
}

impl fmt::Display for LinkWay {
    /// What differs from a wire that costs nothing; the latency and the MTU always.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "latency {}", self.latency)?;
        if self.reorder {
            write!(f, ", may reorder")?;
        }
        if self.loss != Loss::NONE {
            write!(f, ", {}", self.loss)?;
        }
        if self.duplicate > 0.0 {
            write!(f, ", duplicates {} %", percent(self.duplicate))?;
        }
        if self.corrupt > 0.0 {
            write!(f, ", corrupts {} %", percent(self.corrupt))?;
        }
        if let Some(rate_bps) = self.rate_bps {
            write!(f, ", {} Mbit/s, {}", rate_bps as f64 / 1e6, self.queue)?;
            if let Some(codel) = &self.codel {
                write!(f, ", {codel}")?;
            }
        }
        write!(f, ", MTU {}", self.mtu)
    }
}

/// A share in percent, without the digits that binary fractions add.
fn percent(share: f64) -> f64 {
    (share * 1e7).round() / 1e5
}

/// A link.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkState {
    /// Whether packets pass at all.
    pub up: bool,
    /// From the first end to the second, then back.
    pub ways: [LinkWay; 2],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_described_by_what_differs_from_a_wire() {
        assert_eq!(LinkWay::default().to_string(), "latency 0ns, MTU 1500");
        let way = LinkWay {
            latency: Latency::from(Duration::from_millis(20)).with_jitter(Duration::from_millis(5)),
            reorder: true,
            loss: Loss::from(0.003),
            rate_bps: Some(2_500_000),
            codel: Some(Codel::default()),
            ..LinkWay::default()
        };
        let expected = "latency 20ms to 25ms, may reorder, loss 0.3 %, 2.5 Mbit/s, queue of 1000 packets, \
            CoDel, target 5ms, interval 100ms with ECN, MTU 1500";
        assert_eq!(way.to_string(), expected);
    }

    #[test]
    fn the_loss_of_a_bursty_link_is_that_of_its_states_by_their_share_of_time() {
        let bursts = GilbertElliott { to_bad: 0.01, to_good: 0.19, loss_in_good: 0.0, loss_in_bad: 0.5 };
        assert!((bursts.loss() - 0.025).abs() < 1e-12);
        assert_eq!(GilbertElliott { to_bad: 0.0, to_good: 0.0, ..bursts }.loss(), 0.0);
    }
}
