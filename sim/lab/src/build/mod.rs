//! From a scenario to what can be run: a plan of the network, the programs of its hosts, and timed actions. Not here: running it
//! (`run`), and the addresses of servers, which exist when the plan has become a world.
//!
//! | file | what lives there |
//! |---|---|
//! | `topology` | nodes, networks, links |
//! | `behavior` | NATs and firewalls on their axes |
//! | `links` | properties of links, and how they change |
//! | `actions` | what happens when, by the ids of the world |

mod actions;
mod behavior;
mod links;
pub(crate) mod nat;
mod topology;

use std::time::Duration;

use indexmap::IndexMap;
use rtclab_net::{Plan, PlanError};
use rtclab_rtc::pcp::Dialect;
use rtclab_trace::{NodeId, SimTime};

pub use actions::{Change, LinkTarget, TimedAction};
pub use links::LinkChange;
pub(crate) use links::properties;

use crate::document::{
    DnsLookup, DnsServer, HttpProxy, Mdns, NatProbe, NatSpec, Node, Peer, Ping, PortMappingWord, Run,
    Scenario, SignalingServer, SipProxy, StunServer, TcpEcho, TcpSink, TcpSource, Traceroute, TurnServer,
    UdpEcho, UdpSink, UdpSource, VideoSink, VideoSource,
};

/// What a scenario comes to before it runs.
#[derive(Clone, Debug)]
pub struct Build {
    /// What there is. Node ids are in the order of the document: nodes first, then networks.
    pub plan: Plan,
    /// Nodes and networks by name.
    pub names: IndexMap<String, NodeId>,
    /// What to install, in the order of the document.
    pub programs: Vec<(NodeId, ProgramSpec)>,
    /// What happens when, in the order of time, and of the document at the same time.
    pub actions: Vec<TimedAction>,
    /// When the run ends.
    pub until: SimTime,
}

/// A program of a host, as the document describes it. Other nodes are named, not addressed.
#[derive(Clone, Debug, PartialEq)]
pub enum ProgramSpec {
    /// One side of a call.
    Peer(Box<Peer>),
    /// A client of NAT behavior discovery.
    NatProbe(NatProbe),
    /// The port mapping service of a NAT.
    PortMapper(Dialect),
    /// A STUN server.
    StunServer(StunServer),
    /// A TURN server.
    TurnServer(TurnServer),
    /// A name server.
    DnsServer(DnsServer),
    /// A responder of multicast DNS.
    Mdns(Mdns),
    /// A lookup.
    DnsLookup(DnsLookup),
    /// A ping.
    Ping(Ping),
    /// A traceroute.
    Traceroute(Traceroute),
    /// A signaling server.
    SignalingServer(SignalingServer),
    /// A SIP registrar and proxy.
    SipProxy(SipProxy),
    /// A source of datagrams.
    UdpSource(UdpSource),
    /// A sink of datagrams.
    UdpSink(UdpSink),
    /// An echo of datagrams.
    UdpEcho(UdpEcho),
    /// A client of TCP.
    TcpSource(TcpSource),
    /// A sink of TCP connections.
    TcpSink(TcpSink),
    /// An echo of TCP connections.
    TcpEcho(TcpEcho),
    /// An HTTP proxy.
    HttpProxy(HttpProxy),
    /// A source of video.
    VideoSource(VideoSource),
    /// A sink of video.
    VideoSink(VideoSink),
}

impl ProgramSpec {
    /// What a node with it is, for people.
    pub const fn role(&self) -> &'static str {
        match self {
            ProgramSpec::Peer(_) => "peer",
            ProgramSpec::NatProbe(_) => "NAT probe",
            ProgramSpec::PortMapper(_) => "port mapping service",
            ProgramSpec::StunServer(_) => "STUN server",
            ProgramSpec::TurnServer(_) => "TURN server",
            ProgramSpec::DnsServer(_) => "name server",
            ProgramSpec::Mdns(_) => "mDNS responder",
            ProgramSpec::DnsLookup(_) => "DNS lookup",
            ProgramSpec::Ping(_) => "ping",
            ProgramSpec::Traceroute(_) => "traceroute",
            ProgramSpec::SignalingServer(_) => "signaling server",
            ProgramSpec::SipProxy(_) => "SIP proxy",
            ProgramSpec::UdpSource(_) => "UDP source",
            ProgramSpec::UdpSink(_) => "UDP sink",
            ProgramSpec::UdpEcho(_) => "UDP echo",
            ProgramSpec::TcpSource(_) => "TCP client",
            ProgramSpec::TcpSink(_) => "TCP sink",
            ProgramSpec::TcpEcho(_) => "TCP echo",
            ProgramSpec::HttpProxy(_) => "HTTP proxy",
            ProgramSpec::VideoSource(_) => "video source",
            ProgramSpec::VideoSink(_) => "video sink",
        }
    }

    /// The programs of a host: servers first, so that they are there when others begin.
    fn of(run: &Run) -> Vec<ProgramSpec> {
        let servers = [
            run.stun_server.map(ProgramSpec::StunServer),
            run.turn_server.clone().map(ProgramSpec::TurnServer),
            run.dns_server.clone().map(ProgramSpec::DnsServer),
            run.mdns.clone().map(ProgramSpec::Mdns),
            run.signaling_server.clone().map(ProgramSpec::SignalingServer),
            run.sip_proxy.map(ProgramSpec::SipProxy),
            run.udp_sink.map(ProgramSpec::UdpSink),
            run.udp_echo.map(ProgramSpec::UdpEcho),
            run.tcp_sink.map(ProgramSpec::TcpSink),
            run.tcp_echo.map(ProgramSpec::TcpEcho),
            run.http_proxy.clone().map(ProgramSpec::HttpProxy),
            run.video_sink.map(ProgramSpec::VideoSink),
        ];
        let clients = [
            run.peer.clone().map(|peer| ProgramSpec::Peer(Box::new(peer))),
            run.nat_probe.clone().map(ProgramSpec::NatProbe),
            run.dns_lookup.clone().map(ProgramSpec::DnsLookup),
            run.ping.clone().map(ProgramSpec::Ping),
            run.traceroute.clone().map(ProgramSpec::Traceroute),
            run.udp_source.clone().map(ProgramSpec::UdpSource),
            run.tcp_source.clone().map(ProgramSpec::TcpSource),
            run.video_source.clone().map(ProgramSpec::VideoSource),
        ];
        servers.into_iter().chain(clients).flatten().collect()
    }
}

/// Why nothing can be made of a scenario, although nothing is wrong with the document by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The network cannot be made.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A name stands for nothing. A scenario that was read from a document has none of these.
    #[error("`{0}` stands for nothing in the scenario")]
    UnknownName(String),
    /// A text is not an address or prefix. A scenario that was read from a document has none of these.
    #[error("`{0}` is not an address or a prefix that fits here")]
    NotAnAddress(String),
}

/// Turns a scenario into what can be run.
///
/// # Errors
///
/// The network cannot be made, for example because a prefix is too small for all that is attached.
pub fn build(scenario: &Scenario) -> Result<Build, BuildError> {
    let topology = topology::Topology::of(scenario)?;
    let mut programs = Vec::new();
    for (name, node) in &scenario.node {
        let id = topology.id(name)?;
        programs.extend(port_mapping(node).map(|dialect| (id, ProgramSpec::PortMapper(dialect))));
        programs.extend(node.run.iter().flat_map(ProgramSpec::of).map(|program| (id, program)));
    }
    let actions = actions::actions(scenario, &topology)?;
    let until = sim_time(scenario.end_ms());
    Ok(Build { plan: topology.plan, names: topology.names, programs, actions, until })
}

/// What a NAT's port mapping service speaks; none if it has none.
fn port_mapping(node: &Node) -> Option<Dialect> {
    let Some(NatSpec::Axes(axes)) = &node.nat else { return None };
    match axes.port_mapping? {
        PortMappingWord::Off => None,
        PortMappingWord::Pcp => Some(Dialect::Pcp),
        PortMappingWord::NatPmp => Some(Dialect::NatPmp),
    }
}

/// A number of milliseconds as a duration; documents have been checked, so it is finite and not negative.
pub(crate) fn millis(ms: f64) -> Duration {
    Duration::from_nanos((ms.max(0.0) * 1e6).round() as u64)
}

/// A number of milliseconds since the start as a time.
pub(crate) fn sim_time(ms: f64) -> SimTime {
    SimTime::ZERO + millis(ms)
}
