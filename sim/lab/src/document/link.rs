//! What a link does to packets, as a document says it. Not here: what that comes to (`build::links`), and which links there are
//! ([`super::network`]).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::presets::LinkPreset;

/// A span of time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Millis(#[schemars(range(min = 0, max = 600_000))] pub f64);

/// A share from 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Percent(#[schemars(range(min = 0, max = 100))] pub f64);

/// The place of a packet among those that a link carries, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PacketNumber(#[schemars(range(min = 1, max = 9_007_199_254_740_991_u64))] pub u64);

/// A latency: `20`, one after the other `[20, 22, 35]`, evenly spread `{ from = 20, to = 40 }`, or around a mean
/// `{ mean = 30, deviation = 5 }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum LatencySpec {
    /// The same for every packet, but for the jitter.
    Constant(Millis),
    /// One after the other, from the beginning again after the last.
    List(#[schemars(length(min = 1))] Vec<Millis>),
    /// Drawn for each packet.
    Spread(LatencySpread),
}

/// A latency that is drawn for each packet: evenly with `from` and `to`, or in the shape of a bell with `mean` and `deviation`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LatencySpread {
    /// At least so many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Millis>,
    /// At most so many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Millis>,
    /// So many milliseconds on average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<Millis>,
    /// The standard deviation in milliseconds. Nothing is farther from the mean than six of it, and nothing below zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation: Option<Millis>,
}

/// Loss: a share of packets, each for itself; or in bursts, `{ good_to_bad = 1, bad_to_good = 20 }`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum LossSpec {
    /// Each packet with the same share, whatever became of the others.
    Independent(Percent),
    /// A link that is now good, now bad.
    Bursts(BurstLoss),
}

/// The two-state model of Gilbert and Elliott, all in percent. A burst lasts `100 / bad_to_good` packets on average.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BurstLoss {
    /// Probability that a good link goes bad before a packet.
    pub good_to_bad: Percent,
    /// Probability that a bad link goes good before a packet.
    pub bad_to_good: Percent,
    /// Packets lost while it is good. Default 0.
    #[serde(default = "none_of_them")]
    pub in_good: Percent,
    /// Packets lost while it is bad. Default 100.
    #[serde(default = "all_of_them")]
    pub in_bad: Percent,
}

fn none_of_them() -> Percent {
    Percent(0.0)
}

fn all_of_them() -> Percent {
    Percent(100.0)
}

/// Whether CoDel (RFC 8289) keeps the queue short: `true`, or its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum CodelSpec {
    /// With the parameters for the open Internet, or not at all.
    Switch(bool),
    /// With these.
    Parameters(CodelParameters),
}

/// The parameters of CoDel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CodelParameters {
    /// A wait that is no cause for concern, in milliseconds. Default 5.
    #[schemars(range(min = 0.001, max = 60_000))]
    pub target_ms: f64,
    /// How long waits may stay above the target, in milliseconds: about the round trip of the slowest connection. Default 100.
    #[schemars(range(min = 0.001, max = 60_000))]
    pub interval_ms: f64,
    /// Whether packets whose endpoints know ECN are marked instead of dropped (RFC 3168). Default true.
    pub ecn: bool,
}

impl Default for CodelParameters {
    fn default() -> CodelParameters {
        CodelParameters { target_ms: 5.0, interval_ms: 100.0, ecn: true }
    }
}

/// Declares a table that has the keys of one way of a link besides its own: serde cannot flatten and reject unknown keys at the same
/// time.
macro_rules! with_way_keys {
    ($(#[$meta:meta])* pub struct $name:ident { $($body:tt)* }) => {
        $(#[$meta])*
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($body)*
            /// Delay one way, in milliseconds: a number, a list of them, `{ from, to }` or `{ mean, deviation }`. On a network: from an
            /// attachment to the middle, so that two attachments are twice as far apart. A number leaves the jitter as it was.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub latency_ms: Option<LatencySpec>,
            /// Added to the latency, evenly spread from zero to this many milliseconds.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 0, max = 600_000))]
            pub jitter_ms: Option<f64>,
            /// Whether a latency that varies may make a packet overtake another. Default false.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub reorder: Option<bool>,
            /// Share of packets lost, from 0 to 100; or the four parameters of a link that loses in bursts.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub loss_percent: Option<LossSpec>,
            /// Just these packets are lost, counted from 1 in the order in which they leave, each way on its own.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub lost_packets: Option<Vec<PacketNumber>>,
            /// Share of packets that arrive twice, from 0 to 100.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub duplicate_percent: Option<Percent>,
            /// Share of packets in which a bit is flipped, from 0 to 100. Receivers notice by a checksum and drop them.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub corrupt_percent: Option<Percent>,
            /// Megabits per second each way; without it there is no limit.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 0.001, max = 1_000_000))]
            pub rate_mbps: Option<f64>,
            /// Packets that may wait for the rate; more are dropped.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 1, max = 1_000_000))]
            pub queue_packets: Option<u32>,
            /// Bytes that may wait for the rate, instead of packets.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 1, max = 1_000_000_000))]
            pub queue_bytes: Option<u64>,
            /// Whether CoDel keeps the queue short: `true`, or `{ target_ms, interval_ms, ecn }`.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub codel: Option<CodelSpec>,
            /// The largest IP packet, in bytes.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 68, max = 65_535))]
            pub mtu: Option<u32>,
        }

        impl $name {
            /// What it says of either way.
            pub fn way(&self) -> WaySettings {
                WaySettings {
                    latency_ms: self.latency_ms.clone(),
                    jitter_ms: self.jitter_ms,
                    reorder: self.reorder,
                    loss_percent: self.loss_percent,
                    lost_packets: self.lost_packets.clone(),
                    duplicate_percent: self.duplicate_percent,
                    corrupt_percent: self.corrupt_percent,
                    rate_mbps: self.rate_mbps,
                    queue_packets: self.queue_packets,
                    queue_bytes: self.queue_bytes,
                    codel: self.codel,
                    mtu: self.mtu,
                }
            }
        }
    };
}

/// The same for a table about both ways.
macro_rules! with_both_ways {
    ($(#[$meta:meta])* pub struct $name:ident { $($body:tt)* }) => {
        with_way_keys! {
            $(#[$meta])*
            pub struct $name {
                $($body)*
                /// Megabits per second from the node into the network, or from the first end of a link to the second, where that is
                /// not `rate_mbps`.
                #[serde(skip_serializing_if = "Option::is_none")]
                #[schemars(range(min = 0.001, max = 1_000_000))]
                pub upload_mbps: Option<f64>,
                /// What is different from the node into the network, or from the first end of a link to the second.
                #[serde(skip_serializing_if = "Option::is_none")]
                pub up: Option<Box<WaySettings>>,
                /// What is different from the network to the node, or from the second end of a link to the first.
                #[serde(skip_serializing_if = "Option::is_none")]
                pub down: Option<Box<WaySettings>>,
            }
        }

        impl $name {
            /// What it says of both ways.
            pub fn both_ways(&self) -> BothWays {
                BothWays {
                    way: self.way(),
                    upload_mbps: self.upload_mbps,
                    up: self.up.as_deref().cloned().unwrap_or_default(),
                    down: self.down.as_deref().cloned().unwrap_or_default(),
                }
            }
        }
    };
}

/// The same for a table about a link as a whole.
macro_rules! with_link_keys {
    ($(#[$meta:meta])* pub struct $name:ident { $($body:tt)* }) => {
        with_both_ways! {
            $(#[$meta])*
            pub struct $name {
                $($body)*
                /// A link by the name people use, whose values the other keys may replace.
                #[serde(skip_serializing_if = "Option::is_none")]
                pub preset: Option<LinkPreset>,
                /// How it changes over time: `[{ at_ms = 5000, loss_percent = 10 }]`. What a change does not name stays as it is.
                #[serde(default, skip_serializing_if = "Vec::is_empty")]
                pub changes: Vec<TimedChange>,
            }
        }

        impl $name {
            /// What it says of the link.
            pub fn link_settings(&self) -> LinkSettings {
                let BothWays { way, upload_mbps, .. } = self.both_ways();
                LinkSettings {
                    preset: self.preset,
                    changes: self.changes.clone(),
                    upload_mbps,
                    up: self.up.clone(),
                    down: self.down.clone(),
                    latency_ms: way.latency_ms,
                    jitter_ms: way.jitter_ms,
                    reorder: way.reorder,
                    loss_percent: way.loss_percent,
                    lost_packets: way.lost_packets,
                    duplicate_percent: way.duplicate_percent,
                    corrupt_percent: way.corrupt_percent,
                    rate_mbps: way.rate_mbps,
                    queue_packets: way.queue_packets,
                    queue_bytes: way.queue_bytes,
                    codel: way.codel,
                    mtu: way.mtu,
                }
            }
        }
    };
}

pub(super) use {with_both_ways, with_link_keys, with_way_keys};

with_way_keys! {
    /// Properties of one way of a link.
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
    pub struct WaySettings {}
}

with_link_keys! {
    /// Properties of a link; what is left out is inherited: an attachment from its network, everything else from the
    /// preset, and without a preset from a link with no delay worth naming. Either way can have properties of its own.
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
    pub struct LinkSettings {}
}

with_both_ways! {
    /// A change of a link's properties at a time.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    pub struct TimedChange {
        /// When, in milliseconds since the start.
        #[schemars(range(min = 0, max = 86_400_000))]
        pub at_ms: f64,
    }
}

/// What a table says of both ways of a link.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BothWays {
    /// Of either.
    pub way: WaySettings,
    /// The rate of the way up.
    pub upload_mbps: Option<f64>,
    /// Of the way up alone.
    pub up: WaySettings,
    /// Of the way down alone.
    pub down: WaySettings,
}
