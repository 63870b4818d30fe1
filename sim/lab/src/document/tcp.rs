//! The keys of `tcp-source`, `tcp-sink`, `tcp-echo` and `http-proxy`. What these programs do is in `programs`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A client of TCP: connects, writes, closes its side, reads what comes back until the other side has closed too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TcpSource {
    /// The node that it connects to, which runs a `tcp-echo` or a `tcp-sink`. With `port`, any node that has an address.
    pub to: String,
    /// The TCP port that it connects to. Default: that of the echo or sink.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// The node whose `http-proxy` it asks to connect there (CONNECT, RFC 9110 §9.3.6). Without it, it connects itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// Bytes that it writes in all. Default 12.
    #[serde(default = "greeting")]
    #[schemars(range(min = 0, max = 1_000_000_000_000_u64))]
    pub bytes: u64,
    /// Bytes of one call of `send`. Default: as many as the socket takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub write_bytes: Option<u32>,
    /// With `write_bytes`: time between two calls of `send`, in milliseconds. Default 0, one after the other.
    #[serde(default)]
    #[schemars(range(min = 0, max = 3_600_000))]
    pub every_ms: f64,
    /// When it connects, in milliseconds. Default 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub start_ms: f64,
    /// What decides how much may be in flight. Default `cubic`.
    #[serde(default)]
    pub algorithm: TcpAlgorithm,
    /// Whether a small segment waits while another is unacknowledged (Nagle's algorithm, RFC 9293 §3.7.4). Default true; `TCP_NODELAY` makes
    /// it false.
    #[serde(default = "yes")]
    pub nagle: bool,
}

fn greeting() -> u64 {
    12
}

fn yes() -> bool {
    true
}

/// An HTTP proxy that opens tunnels (CONNECT, RFC 9110 §9.3.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HttpProxy {
    /// TCP port; 3128 and 8080 are usual.
    #[schemars(range(min = 1))]
    pub port: u16,
    /// Connections that wait for `accept` at most.
    #[schemars(range(min = 1, max = 65_535))]
    pub backlog: u32,
    /// The ports to which it opens tunnels; an empty list means any.
    pub connect_ports: Vec<u16>,
}

impl Default for HttpProxy {
    fn default() -> HttpProxy {
        HttpProxy { port: 3128, backlog: 128, connect_ports: vec![443] }
    }
}

/// A sink of TCP connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TcpSink {
    /// TCP port; 9 is Discard (RFC 863).
    #[schemars(range(min = 1))]
    pub port: u16,
    /// Connections that wait for `accept` at most.
    #[schemars(range(min = 1, max = 65_535))]
    pub backlog: u32,
    /// Bytes that may wait to be read: the largest window that it offers.
    #[schemars(range(min = 1, max = 1_073_741_824))]
    pub receive_buffer_bytes: u32,
}

impl Default for TcpSink {
    fn default() -> TcpSink {
        TcpSink { port: 9, backlog: 128, receive_buffer_bytes: 4 << 20 }
    }
}

/// An echo of TCP connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TcpEcho {
    /// TCP port; 7 is Echo (RFC 862).
    #[schemars(range(min = 1))]
    pub port: u16,
    /// Connections that wait for `accept` at most.
    #[schemars(range(min = 1, max = 65_535))]
    pub backlog: u32,
}

impl Default for TcpEcho {
    fn default() -> TcpEcho {
        TcpEcho { port: 7, backlog: 128 }
    }
}

/// An algorithm of congestion control.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TcpAlgorithm {
    /// Halves at a loss, and adds a segment in each round trip (RFC 5681, RFC 6582).
    NewReno,
    /// Grows by the time since the last loss, whatever the round trip (RFC 9438).
    #[default]
    Cubic,
    /// Follows a model of the path instead of its losses (draft-cardwell-iccrg-bbr-congestion-control).
    Bbr,
}

/// What came of a TCP connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StreamWord {
    /// It was never opened, or its handshake is not over.
    Connecting,
    /// It is open.
    Connected,
    /// Both sides have closed it in good order.
    Closed,
    /// A RST answered its SYN: nobody listens there.
    Refused,
    /// A RST ended it.
    Reset,
    /// Nobody answered any more.
    TimedOut,
    /// ICMP said that the other side cannot be reached.
    Unreachable,
}

impl StreamWord {
    /// As documents spell it.
    pub const fn word(self) -> &'static str {
        match self {
            StreamWord::Connecting => "connecting",
            StreamWord::Connected => "connected",
            StreamWord::Closed => "closed",
            StreamWord::Refused => "refused",
            StreamWord::Reset => "reset",
            StreamWord::TimedOut => "timed-out",
            StreamWord::Unreachable => "unreachable",
        }
    }
}
