//! Networks and point-to-point links, and the properties that both have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OneOrMany;
use crate::presets::LinkPreset;

/// Declares a table that has the keys of [`LinkSettings`] besides its own: serde cannot flatten and reject unknown keys at
/// the same time.
macro_rules! with_link_keys {
    ($(#[$meta:meta])* pub struct $name:ident { $($body:tt)* }) => {
        $(#[$meta])*
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($body)*
            /// A link by the name people use, whose values the other keys may replace.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub preset: Option<LinkPreset>,
            /// Delay one way, in milliseconds. On a network: from an attachment to the middle, so that two attachments are
            /// twice as far apart.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 0, max = 600_000))]
            pub latency_ms: Option<f64>,
            /// Added to the latency, evenly spread from zero to this many milliseconds.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 0, max = 600_000))]
            pub jitter_ms: Option<f64>,
            /// Share of packets lost, from 0 to 100.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 0, max = 100))]
            pub loss_percent: Option<f64>,
            /// Megabits per second each way; without it there is no limit.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 0.001, max = 1_000_000))]
            pub rate_mbps: Option<f64>,
            /// Packets that may wait for the rate; more are dropped.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 1, max = 1_000_000))]
            pub queue_packets: Option<u32>,
            /// Whether jitter may make a packet overtake another.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub reorder: Option<bool>,
            /// Megabits per second from the node into the network, or from the first end of a link to the second, where that is not
            /// `rate_mbps`.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 0.001, max = 1_000_000))]
            pub upload_mbps: Option<f64>,
            /// The largest IP packet, in bytes.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(range(min = 576, max = 65_535))]
            pub mtu: Option<u32>,
        }
    };
}

with_link_keys! {
    /// Properties of a link; what is left out is inherited: an attachment from its network, everything else from the
    /// preset, and without a preset from a link with no delay worth naming (see `presets::PLAIN`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
    pub struct LinkSettings {}
}

impl LinkSettings {
    /// These settings where they say something, `base` where they do not. A preset here replaces all of `base`.
    pub fn over(&self, base: &LinkSettings) -> LinkSettings {
        if self.preset.is_some() {
            return *self;
        }
        LinkSettings {
            preset: base.preset,
            latency_ms: self.latency_ms.or(base.latency_ms),
            jitter_ms: self.jitter_ms.or(base.jitter_ms),
            loss_percent: self.loss_percent.or(base.loss_percent),
            rate_mbps: self.rate_mbps.or(base.rate_mbps),
            reorder: self.reorder.or(base.reorder),
            upload_mbps: self.upload_mbps.or(base.upload_mbps),
            queue_packets: self.queue_packets.or(base.queue_packets),
            mtu: self.mtu.or(base.mtu),
        }
    }
}

with_link_keys! {
    /// A network: a switch that every attachment has a link of its own to.
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
    pub struct Network {
        /// The address prefixes, `"192.168.1.0/24"` or `["10.0.0.0/24", "2001:db8:1::/64"]`. Left out, the network is
        /// numbered: privately (RFC 1918) when it lies behind a NAT, from the shared space (RFC 6598) when it is between two
        /// NATs, publicly otherwise.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub prefix: Option<OneOrMany<String>>,
        /// Which families an automatic numbering gives. Default `v4`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub ip: Option<IpFamily>,
    }
}

impl Network {
    /// The properties of each attachment's link.
    pub fn link_settings(&self) -> LinkSettings {
        LinkSettings {
            preset: self.preset,
            latency_ms: self.latency_ms,
            jitter_ms: self.jitter_ms,
            loss_percent: self.loss_percent,
            rate_mbps: self.rate_mbps,
            reorder: self.reorder,
            upload_mbps: self.upload_mbps,
            queue_packets: self.queue_packets,
            mtu: self.mtu,
        }
    }
}

/// Address families of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IpFamily {
    /// IPv4 only.
    #[default]
    V4,
    /// IPv6 only.
    V6,
    /// Both.
    Dual,
}

with_link_keys! {
    /// A point-to-point link between two nodes, with a small network of its own.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    pub struct Link {
        /// The nodes at its ends.
        pub between: [String; 2],
        /// What actions call it. Default: the names of its ends with a hyphen, `a-b`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// Address prefixes; left out, the link is numbered.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub prefix: Option<OneOrMany<String>>,
        /// Which families an automatic numbering gives. Default `v4`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub ip: Option<IpFamily>,
    }
}

impl Link {
    /// What actions call it.
    pub fn label(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => self.between.join("-"),
        }
    }

    /// Its properties.
    pub fn link_settings(&self) -> LinkSettings {
        LinkSettings {
            preset: self.preset,
            latency_ms: self.latency_ms,
            jitter_ms: self.jitter_ms,
            loss_percent: self.loss_percent,
            rate_mbps: self.rate_mbps,
            reorder: self.reorder,
            upload_mbps: self.upload_mbps,
            queue_packets: self.queue_packets,
            mtu: self.mtu,
        }
    }
}
