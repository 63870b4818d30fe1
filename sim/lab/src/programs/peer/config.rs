//! What a peer is told at its start. Not here: where it is read from (`build`).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rtclab_rtc::dns::{DomainName, ResolverConfig};
use rtclab_rtc::ice::{
    AgentConfig, CandidatePolicy, ComponentId, LocalSocket, NominationMode, Role, TrickleMode, TurnServer,
};
use rtclab_rtc::sip;
use rtclab_rtc::stun::Transport;
use rtclab_trace::{NodeId, SimTime};

use super::SessionPlan;
use crate::document::TcpUse;
use crate::programs::{Bell, Window};

/// The nodes of all peers, by name: how a message's "from" and "to" become nodes of the trace.
pub type Directory = Arc<BTreeMap<String, NodeId>>;

/// How a peer reaches the other before there is a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signaling {
    /// Messages are handed over at once, outside the network.
    Instant,
    /// Messages are datagrams, through a signaling server at this address.
    Server(SocketAddr),
    /// Messages are frames of a WebSocket, through a signaling server.
    WebSocket {
        /// Where it is.
        server: SocketAddr,
        /// What it is called.
        host_name: String,
    },
    /// Messages are SIP, through a registrar and proxy.
    Sip {
        /// Where it is.
        server: SocketAddr,
        /// Its domain.
        domain: String,
        /// What carries SIP.
        transport: sip::Transport,
        /// The password of the peer's account.
        password: String,
    },
    /// Messages are requests of HTTP, to the peer that is called (RFC 9725).
    Whip {
        /// Where that peer is.
        server: SocketAddr,
        /// What it is called.
        server_name: String,
        /// The peer that calls.
        client_name: String,
        /// `/whip` to publish, `/whep` to watch.
        endpoint: &'static str,
    },
}

/// The numbers that a peer gives its messages: no two peers of a world share one, so that each names a signal of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalNumbers {
    /// The first.
    pub first: u32,
    /// From one to the next: how many peers there are.
    pub step: u32,
}

impl Default for SignalNumbers {
    fn default() -> SignalNumbers {
        SignalNumbers { first: 0, step: 1 }
    }
}

/// Messages over the selected pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data {
    /// Time between two.
    pub every: Duration,
    /// Payload of each, in bytes.
    pub bytes: usize,
    /// How many; without it, as long as the run goes on.
    pub count: Option<u32>,
}

/// A STUN or TURN server that is known by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedServer {
    /// The name.
    pub host: DomainName,
    /// Its port; without it, the service is looked up.
    pub port: Option<u16>,
    /// What carries TURN to it; a STUN server is asked over UDP.
    pub transport: Transport,
    /// User name and password of a TURN server; none for a STUN server.
    pub account: Option<(String, String)>,
}

/// What a peer is told at its start.
#[derive(Clone, Debug)]
pub struct PeerConfig {
    /// Its name.
    pub name: String,
    /// The peer that it calls; its side is then controlling (RFC 8445 §6.1.1).
    pub offers_to: Option<String>,
    /// How it signals.
    pub signaling: Signaling,
    /// The numbers of its messages.
    pub signal_numbers: SignalNumbers,
    /// The nodes of all peers.
    pub directory: Directory,
    /// STUN servers.
    pub stun_servers: Vec<SocketAddr>,
    /// STUN servers that are asked over TCP, from where it waits for connections.
    pub stun_servers_over_tcp: Vec<SocketAddr>,
    /// TURN servers.
    pub turn_servers: Vec<TurnServer>,
    /// The HTTP proxy that it asks to connect to TURN servers over TCP (CONNECT, RFC 9110 §9.3.6), instead of connecting itself.
    pub proxy: Option<SocketAddr>,
    /// Servers that it knows by name, and looks up before it begins.
    pub named_servers: Vec<NamedServer>,
    /// How it looks names up.
    pub resolver: ResolverConfig,
    /// Whether it asks its gateway to map its ports (PCP, RFC 6887).
    pub port_mapping: bool,
    /// Which candidates it uses.
    pub policy: CandidatePolicy,
    /// Whether its host candidates have names in place of addresses.
    pub hides_addresses: bool,
    /// Which TCP candidates it has (RFC 6544).
    pub tcp: TcpUse,
    /// How many data streams it has, each with a check list of its own (RFC 8445 §4, §6.1.2).
    pub streams: u32,
    /// How many components each of them has: 2 if RTP and RTCP do not share a port.
    pub components: u16,
    /// How it nominates.
    pub nomination: NominationMode,
    /// Ta (RFC 8445 §14.2).
    pub ta: Duration,
    /// Whether candidates are sent as they are found (RFC 8838), or all at once.
    pub trickle: TrickleMode,
    /// Whether it is a lite agent (RFC 8445 §2.5).
    pub lite: bool,
    /// When it begins.
    pub start_at: SimTime,
    /// What it runs, if it is a whole session and not ICE alone.
    pub session: Option<Box<SessionPlan>>,
    /// What it sends once connected.
    pub data: Option<Data>,
    /// Windows of time in which what it receives is counted.
    pub windows: Vec<Window>,
    /// Rung when the owner of the world has something to look at: the connection, or messages to hand over at once.
    pub bell: Bell,
}

impl PeerConfig {
    /// A peer without servers that signals at once and waits for an offer.
    pub fn new(name: impl Into<String>, directory: Directory) -> PeerConfig {
        PeerConfig {
            name: name.into(),
            offers_to: None,
            signaling: Signaling::Instant,
            signal_numbers: SignalNumbers::default(),
            directory,
            stun_servers: Vec::new(),
            stun_servers_over_tcp: Vec::new(),
            turn_servers: Vec::new(),
            proxy: None,
            named_servers: Vec::new(),
            resolver: ResolverConfig::new(Vec::new()),
            port_mapping: false,
            policy: CandidatePolicy::All,
            hides_addresses: false,
            tcp: TcpUse::Whether(false),
            streams: 1,
            components: 1,
            nomination: NominationMode::Regular,
            ta: Duration::from_millis(50),
            trickle: TrickleMode::Full,
            lite: false,
            start_at: SimTime::ZERO,
            session: None,
            data: None,
            windows: Vec::new(),
            bell: Bell::default(),
        }
    }

    /// The components of all streams, in their order.
    pub(super) fn components(&self) -> Vec<ComponentId> {
        let of_stream =
            |stream| (1..=self.components).map(move |component| ComponentId { stream, component });
        (0..self.streams).flat_map(of_stream).collect()
    }

    pub(super) fn agent(&self, sockets: Vec<LocalSocket>) -> AgentConfig {
        // The side that offers is controlling (RFC 8445 §6.1.1).
        let role = if self.offers_to.is_some() { Role::Controlling } else { Role::Controlled };
        let mut config = AgentConfig::new(role, sockets);
        config.stun_servers = self.stun_servers.clone();
        config.stun_servers_over_tcp = self.stun_servers_over_tcp.clone();
        config.turn_servers = self.turn_servers.clone();
        config.hide_addresses = self.hides_addresses;
        config.port_mapping = self.port_mapping;
        config.policy = self.policy;
        config.nomination = self.nomination;
        config.trickle = self.trickle;
        config.lite = self.lite;
        config.ta = self.ta;
        config
    }
}
