//! What a host runs: the programs and their keys. What they do is in `programs`.

use indexmap::IndexMap;
use rtclab_rtc::stun::{ServerUri, Transport};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    DnsLookup, DnsServer, HttpProxy, Mdns, OneOrMany, Ping, SessionSpec, SignalingServer, SignalingUse,
    SipProxy, TcpEcho, TcpSink, TcpSource, Traceroute,
};

/// The word of [`Peer::signaling`] for messages that travel outside the network, at once and without packets.
pub const INSTANT: &str = "instant";

/// The programs of a host. One host can run several.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Run {
    /// One side of a call: an ICE agent with its signaling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<Peer>,
    /// Answers Binding requests (RFC 8489).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stun_server: Option<StunServer>,
    /// Relays for those who know a user name and password (RFC 8656). Answers Binding requests too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn_server: Option<TurnServer>,
    /// Passes signaling messages between peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signaling_server: Option<SignalingServer>,
    /// Knows where the users of SIP are, and passes their messages on (RFC 3261 §10, §16).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sip_proxy: Option<SipProxy>,
    /// Asks a STUN server with two addresses what NAT is in between (RFC 5780).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat_probe: Option<NatProbe>,
    /// Tells which addresses names stand for (DNS, RFC 1034).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_server: Option<DnsServer>,
    /// Answers for a name of its own under `.local` (multicast DNS, RFC 6762).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mdns: Option<Mdns>,
    /// Looks a name up, at the name servers of the node's `dns`, or on the link if it ends in `.local`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_lookup: Option<DnsLookup>,
    /// Asks a node again and again whether it is there (ICMP echo).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ping: Option<Ping>,
    /// Finds the routers on the way to a node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traceroute: Option<Traceroute>,
    /// Sends numbered datagrams at a steady rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub udp_source: Option<UdpSource>,
    /// Counts the datagrams that arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub udp_sink: Option<UdpSink>,
    /// Sends every datagram back to where it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub udp_echo: Option<UdpEcho>,
    /// Connects to a TCP server, writes, and reads what comes back: the client of the classroom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_source: Option<TcpSource>,
    /// Accepts TCP connections and reads what they carry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_sink: Option<TcpSink>,
    /// Accepts TCP connections and sends every byte back: the server of the classroom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_echo: Option<TcpEcho>,
    /// Connects on behalf of others, who ask it to (HTTP CONNECT).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_proxy: Option<HttpProxy>,
    /// Sends video, frame by frame, over RTP (RFC 3550): one way and without repair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video_source: Option<VideoSource>,
    /// Puts the frames of a video together and measures how long each took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video_sink: Option<VideoSink>,
}

/// One side of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Peer {
    /// The node, or nodes, whose STUN server tells it its server-reflexive addresses. A TURN server will do too. Or
    /// `stun:stun.example.test`, by a name that it looks up at the name servers of its node's `dns` first (RFC 7064).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stun: Option<OneOrMany<String>>,
    /// The node, or nodes, whose TURN server gives it relayed addresses: `"turn"`, or `{ server = "turn", username = "…",
    /// password = "…", transport = "tcp" }`. Servers can be given as `turn:turn.example.test?transport=tcp` too (RFC 7065).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<OneOrMany<TurnUse>>,
    /// The node whose `http-proxy` it asks to connect to its TURN servers over TCP (CONNECT, RFC 9110 §9.3.6; RFC 8835 §3.4). Without it, it
    /// connects itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// How it reaches the other side before there is a path: the node that runs a signaling server, whose messages are
    /// packets like any other; or `instant`, which takes no time and no packets. `{ via = "sig", carrier = "websocket" }` says which
    /// protocol carries the messages.
    pub signaling: SignalingUse,
    /// The peer that it calls. Its side is then controlling (RFC 8445 §6.1.1). A peer without it waits for an offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offers_to: Option<String>,
    /// Whether candidates are sent as they are found (RFC 8838), or all together with the description. `"half"`: an offer waits for all of
    /// them, so that any peer can take it, and an answer does not (RFC 8838 §16).
    pub trickle: Trickle,
    /// Whether it is a lite agent, as servers with a public address may be: host candidates only, and no checks of its own (RFC 8445 §2.5).
    pub lite: bool,
    /// Time between two checks of an agent, Ta (RFC 8445 §14.2), in milliseconds.
    #[schemars(range(min = 5, max = 10_000))]
    pub ta_ms: f64,
    /// Whether it has TCP candidates next to the UDP ones: it opens connections, and waits for them (RFC 6544). `"simultaneous-open"`: it opens
    /// them at the same time as the other side, too, which gets through NATs. Its STUN servers are then asked over TCP as well.
    pub tcp: TcpUse,
    /// Whether its host candidates carry a random name under `.local` in place of an address, as browsers have it: who is on the same link can look
    /// it up, and nobody else (draft-ietf-mmusic-mdns-ice-candidates; RFC 6762).
    pub mdns: bool,
    /// How many data streams it has: without BUNDLE (RFC 9143), a medium each, and each has a check list of its own (RFC 8445 §6.1.2).
    #[schemars(range(min = 1, max = 8))]
    pub streams: u32,
    /// How many components a data stream has: 2 if RTP and RTCP do not share a port (RFC 8445 §4, RFC 5761).
    #[schemars(range(min = 1, max = 2))]
    pub components: u16,
    /// Whether it asks its gateway to map its UDP ports, which gives it one more candidate where the NAT has that service: `port_mapping`
    /// of a NAT (PCP, RFC 6887; NAT-PMP, RFC 6886).
    pub port_mapping: bool,
    /// Whether each of its checks nominates while it is controlling, as browsers have it (RFC 5245 §8.1.1.2); otherwise it nominates one
    /// pair once it has chosen (RFC 8445 §8.1.1).
    pub aggressive: bool,
    /// When it begins, in milliseconds since the start: a caller gathers and offers then, a callee is ready for an offer, and gathers
    /// when one comes.
    #[schemars(range(min = 0, max = 86_400_000))]
    pub start_ms: f64,
    /// Which of its candidates it uses.
    pub policy: CandidatePolicy,
    /// Its session above ICE: full descriptions, DTLS, SCTP and data channels, from click to open. Without it, the peer is about ICE alone, and
    /// its descriptions have only what ICE needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionSpec>,
    /// What it sends over the selected pair once connected; without it, nothing but keepalives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sends: Option<Sends>,
}

impl Default for Peer {
    fn default() -> Peer {
        Peer {
            stun: None,
            turn: None,
            proxy: None,
            signaling: SignalingUse::default(),
            offers_to: None,
            trickle: Trickle::Whether(true),
            lite: false,
            ta_ms: 50.0,
            tcp: TcpUse::Whether(false),
            mdns: false,
            streams: 1,
            components: 1,
            port_mapping: false,
            aggressive: false,
            start_ms: 0.0,
            policy: CandidatePolicy::All,
            session: None,
            sends: None,
        }
    }
}

/// How candidates are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Trickle {
    /// As they are found, or all together.
    Whether(bool),
    /// In a word.
    Word(TrickleWord),
}

/// The words for how candidates are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TrickleWord {
    /// Together in an offer, as they are found in an answer (RFC 8838 §16).
    Half,
}

/// Which TCP candidates a peer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TcpUse {
    /// Active and passive ones, or none.
    Whether(bool),
    /// In a word.
    Word(TcpUseWord),
}

impl TcpUse {
    /// Whether it has any.
    pub fn is_any(self) -> bool {
        self != TcpUse::Whether(false)
    }
}

/// The words for the TCP candidates of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TcpUseWord {
    /// Active, passive and simultaneous-open ones (RFC 6544 §3).
    SimultaneousOpen,
}

/// Which candidates an agent uses (`iceTransportPolicy` of the W3C API).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CandidatePolicy {
    /// All kinds.
    #[default]
    All,
    /// Relayed candidates only, so that the other side does not learn the address.
    Relay,
}

/// A TURN server that a peer uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TurnUse {
    /// The node that runs it; user `lab`, password `lab`.
    Node(String),
    /// With credentials.
    Credentials(TurnCredentials),
}

impl TurnUse {
    /// Server node, user name and password.
    pub fn parts(&self) -> (&str, &str, &str) {
        match self {
            TurnUse::Node(node) => (node, "lab", "lab"),
            TurnUse::Credentials(TurnCredentials { server, username, password, .. }) => {
                (server, username, password)
            }
        }
    }

    /// What carries TURN to it, as `transport` or the URI says.
    pub fn transport(&self) -> Transport {
        let (word, server) = match self {
            TurnUse::Node(server) => (None, server),
            TurnUse::Credentials(TurnCredentials { server, transport, .. }) => (*transport, server),
        };
        let by_uri = || server.parse::<ServerUri>().ok().and_then(|uri| uri.transport);
        match word {
            Some(TurnTransport::Udp) => Transport::Udp,
            Some(TurnTransport::Tcp) => Transport::Tcp,
            None => by_uri().unwrap_or_default(),
        }
    }
}

/// A TURN server and who one is to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnCredentials {
    /// The node that runs it.
    pub server: String,
    /// User name. Default `lab`.
    #[serde(default = "lab")]
    pub username: String,
    /// Password. Default `lab`.
    #[serde(default = "lab")]
    pub password: String,
    /// What carries TURN between the two (RFC 8656 §2.1). Default `udp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<TurnTransport>,
}

/// What carries TURN between a client and its server. What is relayed to peers is UDP with either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TurnTransport {
    /// Datagrams.
    Udp,
    /// A connection, which gets through where UDP does not.
    Tcp,
}

fn lab() -> String {
    "lab".to_string()
}

/// Data over a call: numbered messages at a steady rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sends {
    /// Time between two messages, in milliseconds.
    #[schemars(range(min = 0.01, max = 3_600_000))]
    pub every_ms: f64,
    /// Payload of a message, in bytes.
    #[schemars(range(min = 8, max = 65_000))]
    pub bytes: u32,
    /// How many; without it, until the run ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

impl Default for Sends {
    fn default() -> Sends {
        Sends { every_ms: 100.0, bytes: 160, count: None }
    }
}

/// A STUN server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StunServer {
    /// Port, of UDP and TCP.
    #[schemars(range(min = 1))]
    pub port: u16,
}

impl Default for StunServer {
    fn default() -> StunServer {
        StunServer { port: 3478 }
    }
}

/// A TURN server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TurnServer {
    /// UDP port.
    #[schemars(range(min = 1))]
    pub port: u16,
    /// TCP port (RFC 8656 §2.1). Default: as `port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub tcp_port: Option<u16>,
    /// The realm of its users (RFC 8489 §9.2).
    pub realm: String,
    /// Passwords by user name.
    pub users: IndexMap<String, String>,
    /// The longest lifetime of an allocation that it grants, in seconds (RFC 8656 §7.2).
    #[schemars(range(min = 1, max = 86_400))]
    pub lifetime_s: u32,
}

impl Default for TurnServer {
    fn default() -> TurnServer {
        TurnServer {
            port: 3478,
            tcp_port: None,
            realm: "rtclab.test".to_string(),
            users: IndexMap::from([(lab(), lab())]),
            lifetime_s: 600,
        }
    }
}

/// A source of datagrams.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UdpSource {
    /// The node that it sends to, which runs a sink or an echo.
    pub to: String,
    /// Time between two datagrams, in microseconds. Default 20 000, the pace of an audio stream.
    #[serde(default = "audio_interval_us")]
    #[schemars(range(min = 0.1, max = 3_600_000_000.0))]
    pub interval_us: f64,
    /// Payload of a datagram, in bytes. Default 160, 20 ms of G.711.
    #[serde(default = "audio_size")]
    #[schemars(range(min = 8, max = 65_507))]
    pub size: u32,
    /// How many; without it, until the run ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// When it starts, in milliseconds. Default 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub start_ms: f64,
    /// Who may fragment datagrams that are longer than their path takes. Default `source`.
    #[serde(default)]
    pub fragmentation: FragmentationWord,
    /// Whether the datagrams say that their sender knows ECN (RFC 3168), so that routers mark them instead of dropping them. A
    /// sink counts the marks; the source keeps its pace. Default false.
    #[serde(default)]
    pub ecn: bool,
}

/// Who may fragment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FragmentationWord {
    /// The host that sends, to the path MTU that it knows; routers may not. What most systems do.
    #[default]
    Source,
    /// Nobody: what is longer than the path MTU is not sent.
    Never,
    /// Routers too, in IPv4.
    Anywhere,
}

fn audio_interval_us() -> f64 {
    20_000.0
}

fn audio_size() -> u32 {
    160
}

/// A sink of datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UdpSink {
    /// UDP port; 9 is Discard (RFC 863).
    #[schemars(range(min = 1))]
    pub port: u16,
}

impl Default for UdpSink {
    fn default() -> UdpSink {
        UdpSink { port: 9 }
    }
}

/// An echo of datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UdpEcho {
    /// UDP port; 7 is Echo (RFC 862).
    #[schemars(range(min = 1))]
    pub port: u16,
}

impl Default for UdpEcho {
    fn default() -> UdpEcho {
        UdpEcho { port: 7 }
    }
}

/// A source of video. The picture is not there; sizes and times are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VideoSource {
    /// The node that it sends to, which runs a `video-sink`.
    pub to: String,
    /// Bits a second on average, in thousands. Default 2000.
    #[serde(default = "video_kbps")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub bitrate_kbps: f64,
    /// Frames a second. Default 30.
    #[serde(default = "video_frames_per_second")]
    #[schemars(range(min = 1, max = 1000))]
    pub frames_per_second: u32,
    /// Frames from one key frame to the next. Default 60.
    #[serde(default = "video_group_frames")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub group_frames: u32,
    /// How many frames; without it, until the run ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frames: Option<u64>,
    /// When it starts, in milliseconds. Default 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub start_ms: f64,
}

fn video_kbps() -> f64 {
    2000.0
}

fn video_frames_per_second() -> u32 {
    30
}

fn video_group_frames() -> u32 {
    60
}

/// A sink of video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VideoSink {
    /// UDP port; 5004 is that of RTP (RFC 3551 §8).
    #[schemars(range(min = 1))]
    pub port: u16,
}

impl Default for VideoSink {
    fn default() -> VideoSink {
        VideoSink { port: 5004 }
    }
}

/// A client of NAT behavior discovery (RFC 5780).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NatProbe {
    /// The node with the STUN server, which has two addresses of a family: `address = ["203.0.113.10", "203.0.113.11"]`.
    pub server: String,
    /// When it begins, in milliseconds since the start.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub start_ms: f64,
    /// Whether it tests fragments too.
    #[serde(default)]
    pub fragments: bool,
    /// The longest silence after which it asks whether a mapping is still there, in seconds. Without it, it does not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86_400))]
    pub lifetime_s_max: Option<f64>,
}
