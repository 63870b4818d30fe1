//! Programs that measure a way through the network: ping and traceroute. What they do is in `programs`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Asks a node whether it is there, again and again, and measures how long its answers take (ICMP echo, RFC 792).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ping {
    /// The node, or an address. Every node answers.
    pub to: String,
    /// Time between two requests, in milliseconds. Default 1,000.
    #[serde(default = "a_second")]
    #[schemars(range(min = 0.01, max = 3_600_000))]
    pub interval_ms: f64,
    /// Data of a request, in bytes. Default 56, the usual size.
    #[serde(default = "usual_size")]
    #[schemars(range(max = 65_507))]
    pub size: u32,
    /// How many; without it, until the run ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// When it starts, in milliseconds. Default 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub start_ms: f64,
}

/// Finds the routers on the way to a node, by datagrams that may pass one router more each time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Traceroute {
    /// The node, or an address.
    pub to: String,
    /// How many hops it tries. Default 30.
    #[serde(default = "hops")]
    #[schemars(range(min = 1, max = 255))]
    pub hops_max: u8,
    /// How long it waits for each answer, in milliseconds. Default 1,000.
    #[serde(default = "a_second")]
    #[schemars(range(min = 1, max = 60_000))]
    pub timeout_ms: f64,
    /// When it starts, in milliseconds. Default 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub start_ms: f64,
}

const fn a_second() -> f64 {
    1_000.0
}

const fn usual_size() -> u32 {
    56
}

const fn hops() -> u8 {
    30
}
