//! Networks and point-to-point links. Not here: what a link does to packets ([`super::link`]).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OneOrMany;
use super::link::{
    BothWays, CodelSpec, LatencySpec, LinkSettings, LossSpec, PacketNumber, Percent, TimedChange,
    WaySettings, with_both_ways, with_link_keys, with_way_keys,
};
use crate::presets::LinkPreset;

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
        /// Whether the network is drawn as Ethernet: its links carry frames, its switch learns which station is where, and who has an
        /// address is found out by ARP (RFC 826) and neighbor discovery (RFC 4861). Default `false`: packets go without frames, and who
        /// has an address is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub ethernet: Option<bool>,
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
}
