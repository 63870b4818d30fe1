//! Names and addresses: name servers with their zones, resolvers, and a program that looks names up. What they do is in `programs`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OneOrMany;

/// A name server. It stands for all of DNS: a name that is not in its zone does not exist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DnsServer {
    /// UDP port.
    #[schemars(range(min = 1))]
    pub port: u16,
    /// What each name stands for: `"www.example.test" = "web"`, a node or an address, or records of other kinds,
    /// `"_stun._udp.example.test" = { srv = { target = "stun.example.test" } }`.
    pub zone: IndexMap<String, ZoneEntry>,
    /// How long an answer may be remembered, in seconds, where the name says nothing else.
    #[schemars(range(min = 0, max = 604_800))]
    pub ttl_s: u32,
    /// How long it may be remembered that a name or record is not there, in seconds (RFC 2308 §5).
    #[schemars(range(min = 0, max = 86_400))]
    pub negative_ttl_s: u32,
    /// Whether the addresses in the zone have names in reverse (PTR records).
    pub reverse: bool,
    /// Whether it makes IPv6 addresses for names that have none (DNS64, RFC 6147): `true` for the prefix 64:ff9b::/96, or another one
    /// of 96 bits. A NAT64 has to be there for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns64: Option<Dns64Spec>,
    /// The longest answer over UDP that it gives to clients that take as much, in bytes (RFC 6891 §6.2.3).
    #[schemars(range(min = 512, max = 65_507))]
    pub udp_bytes: u16,
    /// How long it takes to answer, in milliseconds, as if it had to ask others first.
    #[schemars(range(min = 0, max = 600_000))]
    pub delay_ms: f64,
}

impl Default for DnsServer {
    fn default() -> DnsServer {
        DnsServer {
            port: rtclab_rtc::dns::PORT,
            zone: IndexMap::new(),
            ttl_s: 300,
            negative_ttl_s: 60,
            reverse: false,
            dns64: None,
            udp_bytes: rtclab_rtc::dns::EDNS_SIZE,
            delay_ms: 0.0,
        }
    }
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ZoneEntry {
    /// The addresses of a node, or an address.
    Address(String),
    /// Several of them.
    Addresses(Vec<String>),
    /// Records by kind.
    Records(Box<ZoneRecords>),
}

/// The records of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ZoneRecords {
    /// Addresses (A and AAAA records): of nodes, or as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<OneOrMany<String>>,
    /// It is another name for this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cname: Option<String>,
    /// Names that it points to, as reverse names do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ptr: Option<OneOrMany<String>>,
    /// Hosts that run a service (RFC 2782); the name begins with the service and the transport, `_stun._udp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub srv: Option<OneOrMany<SrvRecord>>,
    /// How long these records may be remembered, in seconds. Default: the server's `ttl_s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 604_800))]
    pub ttl_s: Option<u32>,
    /// Whether every question about the name fails (SERVFAIL).
    #[serde(skip_serializing_if = "is_false")]
    pub fails: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A host that runs a service (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SrvRecord {
    /// The name of the host.
    pub target: String,
    /// The port of the service. Default 3478, that of STUN.
    #[serde(default = "stun_port")]
    #[schemars(range(min = 1))]
    pub port: u16,
    /// The lowest is tried first. Default 0.
    #[serde(default)]
    pub priority: u16,
    /// Among equals, the heavier is chosen the more often. Default 0.
    #[serde(default)]
    pub weight: u16,
}

const fn stun_port() -> u16 {
    3_478
}

/// Whether a name server makes IPv6 addresses, and how they begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Dns64Spec {
    /// `true` for the well-known prefix (RFC 6052 §2.1).
    Switch(bool),
    /// A prefix of 96 bits.
    Prefix(String),
}

/// How a host asks the name servers of its `dns`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResolverSettings {
    /// How long the first answer of a server may take, in milliseconds. It doubles with each round of questions.
    #[schemars(range(min = 1, max = 60_000))]
    pub timeout_ms: f64,
    /// How often each server is asked at most (RFC 9520 §3.1 allows three times).
    #[schemars(range(min = 1, max = 3))]
    pub attempts: u32,
    /// Whether it tells servers that it takes answers of 1,232 bytes (EDNS, RFC 6891), and not just of 512.
    pub edns: bool,
    /// Whether it remembers answers.
    pub cache: bool,
}

impl Default for ResolverSettings {
    fn default() -> ResolverSettings {
        ResolverSettings { timeout_ms: 1_000.0, attempts: 3, edns: true, cache: true }
    }
}

/// Answers for a name under `.local` when somebody on the link asks (multicast DNS, RFC 6762).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mdns {
    /// The name, `printer.local`. If somebody on the link has it, the host takes one like it, `printer-2.local`.
    pub name: String,
    /// When it begins, in milliseconds. Default 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub start_ms: f64,
}

/// Looks a name up, once or again and again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DnsLookup {
    /// The name; with `kind = "ptr"` also an address.
    pub name: String,
    /// What is wanted of it. Default `addresses`.
    #[serde(default)]
    pub kind: LookupKind,
    /// When it begins, in milliseconds. Default 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub start_ms: f64,
    /// Time from one lookup to the next, in milliseconds. Default 1,000.
    #[serde(default = "a_second")]
    #[schemars(range(min = 1, max = 3_600_000))]
    pub every_ms: f64,
    /// How many. Default 1.
    #[serde(default = "once")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub count: u32,
}

const fn a_second() -> f64 {
    1_000.0
}

const fn once() -> u32 {
    1
}

/// What is wanted of a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LookupKind {
    /// Its addresses, of the families that the host has.
    #[default]
    Addresses,
    /// Its IPv4 addresses.
    A,
    /// Its IPv6 addresses.
    Aaaa,
    /// The name that it is another name for.
    Cname,
    /// Where its service is.
    Srv,
    /// The name that it points to, or that an address has.
    Ptr,
}
