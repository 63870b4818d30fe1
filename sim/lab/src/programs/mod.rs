//! What nodes run: peers, the port mapping of NATs, STUN, TURN, name, signaling and SIP servers, HTTP proxies, lookups, ping and traceroute,
//! sources, sinks and echoes of datagrams and of TCP, and video.
//!
//! Each is a thin [`Program`](rtclab_net::Program) around something sans-IO: it binds sockets, hands in what arrives, and writes what
//! comes out into the trace, each with its cause. Not here: the protocols themselves (`rtclab-rtc`).

mod alarm;
mod bell;
mod carrier;
mod client_streams;
mod dns_lookup;
mod dns_server;
mod http_proxy;
mod mdns;
mod names;
mod nat_probe;
mod numbered;
pub mod peer;
mod ping;
mod port_mapper;
mod recorder;
pub mod signaling;
mod signaling_server;
mod sip_proxy;
mod socket_calls;
mod sockets;
mod stun_server;
mod tally;
mod tcp_server;
mod tcp_source;
mod traceroute;
mod turn_server;
mod udp_echo;
mod udp_sink;
mod udp_source;
mod video_sink;
mod video_source;

pub use bell::Bell;
pub use dns_lookup::{DnsLookup, DnsLookupConfig, LookUp};
pub use dns_server::DnsServer;
pub use http_proxy::{HttpProxy, HttpProxyConfig};
pub use mdns::Mdns;
pub(crate) use nat_probe::words as probe_words;
pub use nat_probe::{NatProbe, NatProbeConfig};
pub use numbered::{NUMBERED_HEADER, NUMBERED_MAGIC, numbered, numbered_payload};
pub use peer::{Peer, PeerConfig};
pub use ping::{Ping, PingConfig, RoundTrips};
pub use port_mapper::PortMapper;
pub use signaling_server::{Fault, FaultKind, SignalingServer, SignalingServerConfig};
pub use sip_proxy::{SipProxy, SipProxyConfig};
pub use stun_server::StunServer;
pub use tally::{Tally, Window};
pub use tcp_server::{TcpServer, TcpServerConfig};
pub use tcp_source::{StreamEnd, TcpSource, TcpSourceConfig};
pub use traceroute::{RouteHop, Traceroute, TracerouteConfig};
pub use turn_server::{TurnServer, TurnServerConfig};
pub use udp_echo::UdpEcho;
pub use udp_sink::UdpSink;
pub use udp_source::{UdpSource, UdpSourceConfig};
pub use video_sink::VideoSink;
pub use video_source::{VideoSource, VideoSourceConfig};

use rtclab_net::Host;
use rtclab_trace::{Change, Entity, EntryId, ProgramState, Reason};

/// Records how the program that acts stands, in its own words.
fn tell(host: &mut Host<'_>, name: &str, status: String, reason: Option<Reason>) -> Option<EntryId> {
    let entity = Entity::Program(host.node(), host.program().0);
    let state = ProgramState { name: name.to_owned(), status };
    host.record(entity, Change::Program(Box::new(state)), reason, None)
}
