//! What a scenario expects of its run. The judging is in `expect` of the crate.

use indexmap::IndexMap;
use rtclab_rtc::dns::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DtlsStateWord, Filtering, Mapping, OneOrMany, StreamWord};

/// Something that is expected. Exactly one of `call`, `stream`, `received_at`, `route_at`, `lookup_at`, `dropped_at`, `happened_at`,
/// `probe_at` and `no_drops` says of what; the other keys belong to one of these.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// A call, by its two peers in any order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<[String; 2]>,
    /// With `call`: its state when the run ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StateWord>,
    /// With `call`: the class of the path in use when the run ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathWord>,
    /// With `call`: the transport of the path in use when the run ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<TransportWord>,
    /// With `call`: both sides are connected for the first time at most this long after the start, in milliseconds. With `stream`: its handshake
    /// is over for the first node. With `lookup_at`: a lookup is answered for the first time by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub within_ms: Option<f64>,
    /// With `call`: when each named side is connected for the first time, in milliseconds, to within half of one:
    /// `{ alice = 200, bob = 150 }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("additionalProperties" = {"type": "number", "minimum": 0, "maximum": 86_400_000}))]
    pub connected_at_ms: Option<IndexMap<String, f64>>,
    /// With `call`: types of the selected candidates as each named side sees them when the run ends:
    /// `{ alice = { local = "srflx", remote = "srflx" } }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<IndexMap<String, CandidateTypes>>,
    /// With `call` of peers with a `session`: what became of DTLS on both sides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dtls: Option<DtlsStateWord>,
    /// With `call` of peers with a `session`: on each side so many data channels are open when the run ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_channels: Option<u64>,
    /// With `call` of peers with a `session`: so many messages came over data channels, both sides together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<u64>,
    /// With `call`: the code of the diagnosis, what decided the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<String>,

    /// A TCP connection: the node whose `tcp-source` opens it, and the node that it goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<[String; 2]>,
    /// With `stream`: what came of it by the end of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_state: Option<StreamWord>,
    /// With `stream`: the second node's program has read so many bytes in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_bytes: Option<u64>,
    /// With `stream`: the first node's program has read so many bytes, which came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returned_bytes: Option<u64>,
    /// With `stream`: the first node has sent at least so many segments again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retransmissions_at_least: Option<u64>,
    /// With `stream`: the first node has sent at most so many segments again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retransmissions_at_most: Option<u64>,

    /// Datagrams, messages of a call, answers to a ping or whole frames of video that the program on this node received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at: Option<String>,
    /// With `received_at`: at most this share is missing, from 0 to 100. Without `after_ms` and `before_ms`: of all that was sent and is not
    /// still on its way when the run ends; with them: of the numbers between the first and the last that came then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub loss_percent_at_most: Option<f64>,

    /// Packets that this node, or a link that begins at it, dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped_at: Option<String>,
    /// Something that happened at this node or network: an entry of the trace with the `reason`, once if nothing else is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub happened_at: Option<String>,
    /// With `dropped_at` or `happened_at`: for this reason, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,

    /// What the NAT probe on this node finds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe_at: Option<String>,
    /// With `probe_at`: the mapping behavior.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapping: Option<Mapping>,
    /// With `probe_at`: the filtering behavior.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filtering: Option<Filtering>,
    /// With `probe_at`: whether it hairpins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hairpin: Option<bool>,
    /// With `probe_at`: the lifetime of a mapping, which lies in the range that is found, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 86_400))]
    pub lifetime_s: Option<f64>,

    /// With `received_at` of a `ping`: the mean round trip takes at most this long, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 600_000))]
    pub round_trip_ms_at_most: Option<f64>,
    /// With `received_at` of a `ping`: the mean round trip takes at least this long, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 600_000))]
    pub round_trip_ms_at_least: Option<f64>,

    /// The way that the `traceroute` on this node finds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_at: Option<String>,
    /// With `route_at`: who answers for each hop, nodes or addresses, `*` for nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hops: Option<Vec<String>>,

    /// Lookups of the `dns-lookup` on this node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup_at: Option<String>,
    /// With `lookup_at`: what the last lookup came to, in any order: addresses, nodes for their addresses, or names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<OneOrMany<String>>,
    /// With `lookup_at`: why nothing came of the last lookup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureWord>,
    /// With `lookup_at`: how many questions were sent in all, repetitions included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub questions: Option<u64>,

    /// No packet is dropped anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_drops: Option<bool>,

    /// With `received_at`, `dropped_at` or `happened_at`: at least so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u64>,
    /// With `received_at`, `dropped_at` or `happened_at`: at most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u64>,
    /// With `received_at`, `dropped_at`, `happened_at` or `no_drops`: counting from this time on, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub after_ms: Option<f64>,
    /// With `received_at`, `dropped_at`, `happened_at` or `no_drops`: counting up to this time, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub before_ms: Option<f64>,
}

impl Expect {
    /// The last time that it looks at, in milliseconds, as far as it names one.
    pub fn last_ms(&self) -> f64 {
        let exact = self.connected_at_ms.iter().flat_map(|times| times.values().copied());
        let named = [self.within_ms, self.after_ms, self.before_ms];
        named.into_iter().flatten().chain(exact).fold(0.0, f64::max)
    }
}

/// The state of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StateWord {
    /// Nothing has come of it yet.
    Connecting,
    /// Both sides have a selected pair.
    Connected,
    /// It was connected, and nothing answers now.
    Disconnected,
    /// At least one side has failed.
    Failed,
}

/// Why nothing came of a lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureWord {
    /// The name does not exist (NXDOMAIN).
    NoSuchName,
    /// The name has no such record.
    NoData,
    /// No name server can answer (SERVFAIL).
    ServerFailure,
    /// The answer does not fit a datagram.
    Truncated,
    /// No name server can be reached.
    Unreachable,
    /// No name server answered.
    TimedOut,
}

impl From<FailureWord> for Failure {
    fn from(word: FailureWord) -> Failure {
        match word {
            FailureWord::NoSuchName => Failure::NoSuchName,
            FailureWord::NoData => Failure::NoData,
            FailureWord::ServerFailure => Failure::ServerFailure,
            FailureWord::Truncated => Failure::Truncated,
            FailureWord::Unreachable => Failure::Unreachable,
            FailureWord::TimedOut => Failure::TimedOut,
        }
    }
}

/// The class of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PathWord {
    /// Between the peers, through whatever NATs.
    Direct,
    /// Through a TURN server.
    Relayed,
}

/// What carries the packets of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TransportWord {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
}

/// Types of the two candidates of a pair, as one side sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CandidateTypes {
    /// Of its own candidate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<CandidateWord>,
    /// Of the other side's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<CandidateWord>,
}

/// A type of candidate, as SDP spells it (RFC 8839 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CandidateWord {
    /// An address of an interface.
    Host,
    /// Server-reflexive: what a STUN server saw.
    Srflx,
    /// Peer-reflexive: what the other side saw in a check.
    Prflx,
    /// Relayed: an address of a TURN server.
    Relay,
}
