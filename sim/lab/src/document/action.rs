//! What happens to the world at a given time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LinkSettings, OneOrMany};

/// Something that happens at a time. Exactly one of the keys besides `at_ms` says what.
///
/// A link is named by the node whose only attachment it is (`"alice"`), by node and network when a node has several
/// (`"alice/wifi"`), by the network for all of its links (`"wifi"`), or by the name of a `[[link]]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// When, in milliseconds since the start.
    #[schemars(range(min = 0, max = 86_400_000))]
    pub at_ms: f64,
    /// The NAT that forgets all its mappings, as if it had been restarted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rebind: Option<String>,
    /// The NAT that restarts and comes back with another outside address: `{ nat = "nat-a", address = "203.0.113.77" }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_nat: Option<RestartNat>,
    /// The link that goes down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_down: Option<String>,
    /// The link that comes up again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_up: Option<String>,
    /// The link whose properties change: `{ link = "alice", set = { loss_percent = 30 } }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_link: Option<ChangeLink>,
    /// The host that leaves one network and joins another: `{ node = "alice", to = "cafe" }`.
    #[serde(rename = "move", skip_serializing_if = "Option::is_none")]
    pub move_node: Option<MoveNode>,
    /// The peer that restarts ICE (RFC 8445 §9).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_ice: Option<String>,
    /// The node whose signaling server stops for good: its sockets are closed, and nobody answers any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_signaling: Option<String>,
}

/// A NAT that restarts, and what it is reached at afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestartNat {
    /// Which NAT.
    pub nat: String,
    /// Its new outside address, on the same network.
    pub address: String,
}

/// A change of a link's properties.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeLink {
    /// Which link.
    pub link: String,
    /// The properties that change; the others stay as they are.
    pub set: LinkSettings,
}

/// A host that moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveNode {
    /// Which host.
    pub node: String,
    /// The network that it leaves. May be left out when it is on one only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The network that it joins.
    pub to: String,
    /// Its addresses there; left out, they are numbered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<OneOrMany<String>>,
    /// Properties of its link there, over those of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkSettings>,
}
