//! NATs: presets by name, and behaviour on the axes of the RFCs.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::presets::NatPreset;

/// A NAT, by name or by its axes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum NatSpec {
    /// By the name people use.
    Preset(NatPreset),
    /// By its behaviour.
    Axes(Box<NatAxes>),
}

/// The behaviour of a NAT on the axes of RFC 4787. What is left out comes from the preset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NatAxes {
    /// Where the other keys start from. Default `port-restricted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<NatPreset>,
    /// When a mapping is used again for another destination (RFC 4787 §4.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapping: Option<Mapping>,
    /// Whose packets a mapping lets in (RFC 4787 §5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filtering: Option<Filtering>,
    /// How the external port of a new mapping is chosen (RFC 4787 §4.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ports: Option<Ports>,
    /// With several outside addresses: whether a host keeps one (RFC 4787 §4.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pooling: Option<Pooling>,
    /// Among which external ports, first and last (RFC 4787 §4.2.1). Default `[1024, 65535]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_range: Option<[u16; 2]>,
    /// Whether even inside ports get even outside ports, and odd ones odd (RFC 4787 §4.2.2). Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parity: Option<bool>,
    /// Whether neighbouring inside ports get neighbouring outside ports where these are free (RFC 4787 §4.2.3). Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contiguity: Option<bool>,
    /// Whether ports below 1024 stay below 1024 (RFC 4787 REQ-3 a). Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range_class: Option<bool>,
    /// Outside ports are given to each inside host in blocks of this many (RFC 7422).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65_535))]
    pub port_block: Option<u16>,
    /// With `port_block`: blocks that an inside host may have. Default 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65_535))]
    pub blocks_per_host: Option<u16>,
    /// With pooling `one-to-one`: who has which outside address from the start, `{ "192.168.1.10" = "203.0.113.9" }`. The others get theirs as
    /// they come.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub one_to_one: IndexMap<String, String>,
    /// Whether an inside host reaches another through its external address (RFC 4787 §6), or how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hairpin: Option<HairpinSpec>,
    /// How long a UDP mapping lives without a packet that refreshes it, in seconds (RFC 4787 §4.3). Default 300.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.001, max = 604_800))]
    pub timeout_s: Option<f64>,
    /// The same until something has come in through it. Default: `timeout_s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.001, max = 604_800))]
    pub unreplied_timeout_s: Option<f64>,
    /// How long a TCP connection that is open is remembered without a segment, in seconds (RFC 5382 REQ-5). Default 7440.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.001, max = 604_800))]
    pub tcp_established_timeout_s: Option<f64>,
    /// The same while it opens or closes (RFC 5382 REQ-5). Default 240.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.001, max = 604_800))]
    pub tcp_transitory_timeout_s: Option<f64>,
    /// The same for ICMP queries (RFC 5508 §3.2). Default 60.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.001, max = 604_800))]
    pub icmp_timeout_s: Option<f64>,
    /// How long the filter remembers an outside endpoint that the inside does not send to any more, in seconds. Default: as long as the
    /// mapping lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.001, max = 604_800))]
    pub filter_timeout_s: Option<f64>,
    /// Whether packets from inside refresh a mapping (RFC 4787 §4.3, REQ-6). Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outbound_refresh: Option<bool>,
    /// Whether packets from outside refresh a mapping too (RFC 4787 §4.3). Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbound_refresh: Option<bool>,
    /// Mappings that it remembers at most. Default 262144.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4_294_967_295_u32))]
    pub mappings_max: Option<u32>,
    /// Mappings that an inside host may have at most (RFC 6888 REQ-4). Default: no limit of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4_294_967_295_u32))]
    pub mappings_per_host_max: Option<u32>,
    /// What is done with a UDP packet from outside that no mapping lets in. Default `drop`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsolicited: Option<UnsolicitedWord>,
    /// What is done with a SYN from outside that nobody asked for (RFC 5382 REQ-4). Default `hold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsolicited_syn: Option<UnsolicitedSynWord>,
    /// Whether a SYN passes in where one has gone out: both ends open at once (RFC 5382 REQ-2). Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simultaneous_open: Option<bool>,
    /// What a RST does to a connection (RFC 7857 §2.2). Default `transitory`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_reset: Option<AfterResetWord>,
    /// Whether a TCP segment from inside that begins no connection makes a mapping all the same. Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picks_up: Option<bool>,
    /// What is done with packets in parts (RFC 4787 §11). Default `any-order`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fragments: Option<FragmentsWord>,
    /// Whether inside hosts may ask it to map ports, and in which protocol: `"pcp"` (RFC 6887, with NAT-PMP for old clients), `"nat-pmp"`
    /// (RFC 6886), or `"off"`. Default `off`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_mapping: Option<PortMappingWord>,
    /// It is a NAT64 for this prefix, such as `64:ff9b::/96` (RFC 6052, RFC 6146).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat64: Option<String>,
}

/// How inside hosts ask a NAT to map ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PortMappingWord {
    /// Not at all.
    Off,
    /// By PCP (RFC 6887), or by NAT-PMP.
    Pcp,
    /// By NAT-PMP only (RFC 6886).
    NatPmp,
}

/// Whether a NAT hairpins, or how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum HairpinSpec {
    /// `true` as `external-source`, or not at all.
    Switch(bool),
    /// How.
    Source(HairpinSource),
}

/// Where a hairpinned packet seems to come from (RFC 4787 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HairpinSource {
    /// The sender's external endpoint, as REQ-9 asks.
    ExternalSource,
    /// The sender's internal endpoint: a known fault, whose packets many receivers discard.
    InternalSource,
}

/// When a mapping is used again (RFC 4787 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mapping {
    /// For any destination: one inside endpoint has one outside endpoint.
    EndpointIndependent,
    /// For the same destination address.
    AddressDependent,
    /// For the same destination address and port only.
    AddressAndPortDependent,
}

/// Whose packets a mapping lets in (RFC 4787 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Filtering {
    /// Anybody's.
    EndpointIndependent,
    /// From addresses that the inside has sent to.
    AddressDependent,
    /// From addresses and ports that the inside has sent to.
    AddressAndPortDependent,
}

/// How the external port of a new mapping is chosen (RFC 4787 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ports {
    /// The inside port where it is free, else any.
    Preserve,
    /// The inside port where it is free, else the next one.
    PreserveElseSequential,
    /// The inside port always: whoever had it loses its mapping.
    PreserveOverride,
    /// The inside port, shared with others as long as destinations tell them apart (RFC 4787 calls it overloading).
    PreserveOverload,
    /// The next one.
    Sequential,
    /// Any.
    Random,
}

/// Which of several outside addresses a mapping gets (RFC 4787 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// All mappings of an inside host get the same.
    Paired,
    /// Each mapping may get another.
    Arbitrary,
    /// Each inside host has one of its own, ports and all (RFC 3022 §2.1).
    OneToOne,
}

/// What is done with a UDP packet from outside that no mapping lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnsolicitedWord {
    /// It is dropped in silence.
    Drop,
    /// The box takes it for its own, and refuses it by ICMP.
    Reject,
    /// The same, and the box remembers it: the port is then taken towards its sender, as with Linux connection tracking.
    Track,
}

/// What is done with a SYN from outside that nobody asked for (RFC 5382 REQ-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnsolicitedSynWord {
    /// It is held for six seconds, and then answered by ICMP.
    Hold,
    /// It is dropped in silence.
    Drop,
    /// It is answered with a RST at once.
    Reset,
    /// It is answered by ICMP at once.
    Unreachable,
}

/// What a RST does to a connection (RFC 7857 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AfterResetWord {
    /// It is remembered for the transitory time.
    Transitory,
    /// It is forgotten at once.
    Forget,
}

/// What is done with packets in parts (RFC 4787 §11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FragmentsWord {
    /// They pass in whatever order they come (REQ-14).
    AnyOrder,
    /// They pass if the first one comes first.
    InOrder,
    /// None passes.
    Dropped,
}
