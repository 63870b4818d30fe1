//! The keys of signaling: what carries a peer's messages, the signaling server and its faults. What these do is in `programs`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{INSTANT, OneOrMany};

/// How a peer reaches the other side before there is a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SignalingUse {
    /// The node that runs a signaling server, over UDP datagrams; or `instant`.
    Node(String),
    /// With the protocol that carries the messages.
    Carried(SignalingBy),
}

impl SignalingUse {
    /// The word for messages without packets, or a server's node.
    pub fn via(&self) -> &str {
        match self {
            SignalingUse::Node(node) | SignalingUse::Carried(SignalingBy { via: node, .. }) => node,
        }
    }

    /// What carries the messages.
    pub fn carrier(&self) -> CarrierWord {
        match self {
            SignalingUse::Node(_) => CarrierWord::Datagram,
            SignalingUse::Carried(by) => by.carrier,
        }
    }
}

impl Default for SignalingUse {
    fn default() -> SignalingUse {
        SignalingUse::Node(INSTANT.to_owned())
    }
}

/// Signaling through a node, by a protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalingBy {
    /// The node that it goes through.
    pub via: String,
    /// What carries the messages. Default `datagram`.
    #[serde(default)]
    pub carrier: CarrierWord,
}

/// What carries signaling messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CarrierWord {
    /// UDP datagrams that are repeated until acknowledged, through a `signaling-server`.
    #[default]
    Datagram,
    /// A WebSocket over TCP (RFC 6455), through a `signaling-server`: handshake, upgrade, a frame a message.
    Websocket,
    /// SIP over UDP (RFC 3261), through a `sip-proxy`.
    SipUdp,
    /// SIP over TCP, through a `sip-proxy`.
    SipTcp,
    /// SIP in a WebSocket (RFC 7118), through a `sip-proxy`.
    SipWebsocket,
    /// HTTP: the caller publishes to the callee, whose node is `via` on both sides (WHIP, RFC 9725).
    Whip,
    /// HTTP: the caller watches the callee, whose node is `via` on both sides (WHEP).
    Whep,
}

impl CarrierWord {
    /// Whether it goes through a `sip-proxy`.
    pub const fn is_sip(self) -> bool {
        matches!(self, CarrierWord::SipUdp | CarrierWord::SipTcp | CarrierWord::SipWebsocket)
    }

    /// Whether one of the peers is the server.
    pub const fn is_whip(self) -> bool {
        matches!(self, CarrierWord::Whip | CarrierWord::Whep)
    }
}

/// A SIP registrar and proxy for the peers that signal through it. Its domain is its node's name, and the password of every peer is `lab`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SipProxy {
    /// UDP and TCP port.
    #[schemars(range(min = 1))]
    pub port: u16,
    /// TCP port of WebSockets.
    #[schemars(range(min = 1))]
    pub websocket_port: u16,
    /// Whether a registration needs the password (RFC 8760).
    pub asks_for_password: bool,
    /// Whether a call needs it, too (RFC 3261 §22.3).
    pub asks_callers: bool,
}

impl Default for SipProxy {
    fn default() -> SipProxy {
        SipProxy { port: 5060, websocket_port: 8080, asks_for_password: true, asks_callers: false }
    }
}

/// A kind of signaling message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MessageWord {
    /// The caller's description.
    Offer,
    /// The description of the side that was called.
    Answer,
    /// More candidates.
    Candidate,
    /// No more candidates come.
    EndOfCandidates,
}

/// What a signaling server does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FaultWord {
    /// It takes the message and never passes it on.
    Drop,
    /// It holds the message for `delay_ms`.
    Delay,
    /// It passes the message on twice.
    Duplicate,
    /// It holds the message until the next one for the same peer has gone, for two seconds at most.
    Reorder,
}

/// Something that a signaling server does wrong, on demand: `{ does = "drop", kind = "candidate", which = [1, 2] }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalingFault {
    /// What it does.
    pub does: FaultWord,
    /// With `delay`: for how long, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 600_000))]
    pub delay_ms: Option<f64>,
    /// To which kind of message. Default: to all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MessageWord>,
    /// To messages of which peer. Default: of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// To which of those, counted from 1 in the order in which they come to the server. Default: to all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub which: Option<OneOrMany<u32>>,
}

/// A signaling server. It answers datagrams, and WebSockets if a peer signals so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignalingServer {
    /// UDP and TCP port.
    #[schemars(range(min = 1))]
    pub port: u16,
    /// How long it holds a message before it passes it on, in milliseconds.
    #[schemars(range(min = 0, max = 600_000))]
    pub delay_ms: f64,
    /// What it does wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<SignalingFault>,
}

impl Default for SignalingServer {
    fn default() -> SignalingServer {
        SignalingServer { port: 8443, delay_ms: 0.0, faults: Vec::new() }
    }
}
