//! Nodes: hosts, routers, NATs and firewalls, and how they are attached.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LinkSettings, NatSpec, OneOrMany, ResolverSettings, Run};
use crate::presets::FirewallPreset;

/// A node. With `nat` it is a NAT, with `firewall` a firewall, with `router = true` a router, else a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Node {
    /// The network that it is attached to, or several. (NATs and firewalls have `inside` and `outside` instead.)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<OneOrMany<String>>,
    /// Attachments one by one, for addresses and properties of each: `[[node.alice.interface]]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interface: Vec<Interface>,
    /// With one `network`: its address, or one of each family. Left out, it is numbered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<OneOrMany<String>>,
    /// With `network`: properties of its link, over those of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkSettings>,

    /// Whether it forwards packets between its networks.
    #[serde(skip_serializing_if = "is_false")]
    pub router: bool,
    /// It is a NAT: a preset by name, or its behaviour on the axes of RFC 4787.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat: Option<NatSpec>,
    /// It is a firewall: a preset by name, or its rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firewall: Option<FirewallSpec>,
    /// With `nat` or `firewall`: the network that it protects, or several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<OneOrMany<String>>,
    /// With `nat` or `firewall`: the network on its other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outside: Option<String>,
    /// With `inside`: its addresses there. Left out, they are numbered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside_address: Option<OneOrMany<String>>,
    /// With `outside`: its addresses there; several of one family are a NAT's pool. Left out, they are numbered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outside_address: Option<OneOrMany<String>>,
    /// With `inside`: properties of its links there, over those of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside_link: Option<LinkSettings>,
    /// With `outside`: properties of its link there, over those of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outside_link: Option<LinkSettings>,

    /// Routes besides those that follow from the topology, which they replace for the same prefix.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub route: Vec<Route>,
    /// The name servers that its programs ask, in order: nodes that run a `dns-server`, or addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<OneOrMany<String>>,
    /// With `dns`: how they are asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolver: Option<ResolverSettings>,
    /// What it runs. Hosts only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRole {
    /// Runs programs, does not forward.
    Host,
    /// Forwards.
    Router,
    /// Forwards and translates.
    Nat,
    /// Forwards and filters.
    Firewall,
}

impl NodeRole {
    /// With its article, for sentences.
    pub fn words(self) -> &'static str {
        match self {
            NodeRole::Host => "a host",
            NodeRole::Router => "a router",
            NodeRole::Nat => "a NAT",
            NodeRole::Firewall => "a firewall",
        }
    }
}

impl Node {
    /// What it is.
    pub fn role(&self) -> NodeRole {
        if self.nat.is_some() {
            NodeRole::Nat
        } else if self.firewall.is_some() {
            NodeRole::Firewall
        } else if self.router {
            NodeRole::Router
        } else {
            NodeRole::Host
        }
    }

    /// The networks that it is attached to, in the order of its interfaces (point-to-point links come after them). For
    /// NATs and firewalls: the inside ones, then the outside.
    pub fn networks(&self) -> impl Iterator<Item = &str> {
        let plain = self.network.iter().flat_map(OneOrMany::as_slice).map(String::as_str);
        let listed = self.interface.iter().map(|interface| interface.network.as_str());
        let inside = self.inside.iter().flat_map(OneOrMany::as_slice).map(String::as_str);
        plain.chain(listed).chain(inside).chain(self.outside.as_deref())
    }
}

/// An attachment of a node to a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    /// The network.
    pub network: String,
    /// Its name on the node. Default `eth0`, `eth1`, … in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its address, or one of each family. Left out, it is numbered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<OneOrMany<String>>,
    /// Properties of its link, over those of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkSettings>,
    /// Of a host that has several ways out, the interface with the lowest metric is the usual one. Default: in order, 0, 1, ….
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1_000_000))]
    pub metric: Option<u32>,
}

/// A static route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The destination prefix; `0.0.0.0/0` or `::/0` for everything else.
    pub to: String,
    /// The address of the next hop, on a network of this node.
    pub via: String,
}

/// A firewall, by name or by its rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FirewallSpec {
    /// By name.
    Preset(FirewallPreset),
    /// By its rules.
    Axes(FirewallAxes),
}

/// A firewall's rules. The first rule that fits a packet decides; after them come those of the preset. Packets of a flow
/// that has been allowed pass in both directions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FirewallAxes {
    /// What decides when no rule fits. Default `stateful`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<FirewallPreset>,
    /// The rules, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<FirewallRule>,
    /// How long it remembers a UDP flow without packets, in seconds (RFC 6092 §3.2.3). Default 300.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.001, max = 86_400))]
    pub timeout_s: Option<f64>,
    /// How long it remembers an established TCP connection without packets, in seconds (RFC 6092 §3.3.1). Default 7440, two hours and four
    /// minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.001, max = 86_400))]
    pub tcp_timeout_s: Option<f64>,
    /// Whether answers to what a rule has let pass are let pass too. Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stateful: Option<bool>,
}

/// A rule of a firewall. A key that is left out fits everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirewallRule {
    /// What traces and drops call it. Default: what it does, `reject UDP outbound`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is done with a packet that fits.
    pub action: RuleAction,
    /// Which way the packet goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<RuleDirection>,
    /// Its protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<RuleProtocol>,
    /// Where it comes from: an address or a prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Where it goes: an address or a prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Its destination port, `3478`, or ports, `"1024-65535"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<PortRange>,
    /// What it is to a firewall that remembers flows. Rules that say so are looked at before known flows are let pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<RuleState>,
    /// With `action = "allow"`: what a TCP connection that it lets pass has to look like; else it is dropped (deep packet inspection).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspect: Option<RuleInspection>,
}

/// What a packet is to a firewall that remembers flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleState {
    /// It may begin a flow.
    New,
    /// It belongs to a flow that has been allowed.
    Established,
    /// It is an ICMP error about one.
    Related,
    /// It is a TCP segment of a connection that has not been seen to begin.
    Invalid,
}

/// What a connection has to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleInspection {
    /// TLS: its first bytes are a record with a ClientHello (RFC 8446 §5.1).
    Tls,
}

/// A port or a range of ports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PortRange {
    /// One port.
    Port(u16),
    /// First and last, `"1024-65535"`.
    Range(String),
}

impl PortRange {
    /// First and last port, where it is well formed.
    pub fn bounds(&self) -> Option<(u16, u16)> {
        match self {
            PortRange::Port(port) => Some((*port, *port)),
            PortRange::Range(text) => {
                let (first, last) = text.split_once('-').unwrap_or((text, text));
                let bounds = (first.trim().parse().ok()?, last.trim().parse().ok()?);
                (bounds.0 <= bounds.1).then_some(bounds)
            }
        }
    }
}

/// What a firewall does with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleAction {
    /// Lets it pass, and the answers too.
    Allow,
    /// Drops it in silence.
    Deny,
    /// Drops it and says so with an ICMP error.
    Reject,
}

/// Which way a packet goes through a firewall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleDirection {
    /// From outside to inside.
    In,
    /// From inside to outside.
    Out,
}

/// The protocol of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleProtocol {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// ICMP and ICMPv6.
    Icmp,
}
