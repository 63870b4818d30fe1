//! Setting the stage: from what a scenario comes to ([`Build`]) to a world with its programs installed, each knowing the addresses of the
//! servers that the document names. Not here: what happens then.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rtclab_media::EncoderConfig;
use rtclab_net::{Fragmentation, Program, World};
use rtclab_rtc::behavior::LifetimeSearch;
use rtclab_rtc::ice::{CandidatePolicy, NominationMode, TrickleMode, TurnServer as TurnAccount};
use rtclab_rtc::turn;
use rtclab_trace::{NodeId, Observe};

use super::cast::{Actor, Cast, SourceActor};
use super::names::{ServerByUri, server_by_uri};
use super::plans::session_plan;
use super::streams;
use crate::build::{Build, BuildError, ProgramSpec, millis, sim_time};
use crate::document::{self, FragmentationWord, OneOrMany, Scenario};
use crate::expect::window;
use crate::programs::peer::{Data, Directory, NamedServer, SignalNumbers};
use crate::programs::{
    Bell, HttpProxy, NatProbe, NatProbeConfig, Peer, PeerConfig, PortMapper, SignalingServer, SipProxy,
    StunServer, TcpServer, TcpSource, TurnServer, TurnServerConfig, UdpEcho, UdpSink, UdpSource,
    UdpSourceConfig, VideoSink, VideoSource, VideoSourceConfig, Window,
};

/// A world that is about to begin.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) cast: Cast,
    pub(super) bell: Bell,
}

/// Makes the world and installs every program.
pub(super) fn set(
    scenario: &Scenario,
    build: Build,
    seed: u64,
    observe: Observe,
) -> Result<Stage, BuildError> {
    let Build { plan, names, programs, .. } = build;
    let world = World::new(plan, seed, observe)?;
    let names: BTreeMap<String, NodeId> = names.into_iter().collect();
    let is_peer = |(_, program): &&(NodeId, ProgramSpec)| matches!(program, ProgramSpec::Peer(_));
    let peers = programs.iter().filter(is_peer);
    let directory: BTreeMap<String, NodeId> =
        peers.map(|(node, _)| (world.trace().topology().node(*node).name.clone(), *node)).collect();
    let bell = Bell::default();
    let mut setting = Setting {
        scenario,
        step: u32::try_from(directory.len()).unwrap_or(u32::MAX),
        directory: Arc::new(directory),
        names,
        ports: server_ports(&programs),
        world,
        cast: Cast::default(),
        bell: bell.clone(),
    };
    for (node, program) in &programs {
        setting.install(*node, program)?;
    }
    setting.cast.calls = calls(&setting.cast, &programs);
    Ok(Stage { world: setting.world, cast: setting.cast, bell })
}

/// The ports of the servers on each node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ports {
    pub(super) dns: Option<u16>,
    stun: Option<u16>,
    turn: Option<u16>,
    turn_tcp: Option<u16>,
    pub(super) signaling: Option<u16>,
    pub(super) sip: Option<u16>,
    pub(super) sip_websocket: Option<u16>,
    pub(super) http: Option<u16>,
    sink: Option<u16>,
    echo: Option<u16>,
    video: Option<u16>,
    tcp_sink: Option<u16>,
    tcp_echo: Option<u16>,
    http_proxy: Option<u16>,
}

fn server_ports(programs: &[(NodeId, ProgramSpec)]) -> BTreeMap<NodeId, Ports> {
    let mut ports: BTreeMap<NodeId, Ports> = BTreeMap::new();
    for (node, program) in programs {
        let own = ports.entry(*node).or_default();
        match program {
            ProgramSpec::StunServer(server) => own.stun = Some(server.port),
            ProgramSpec::TurnServer(server) => {
                own.turn = Some(server.port);
                own.turn_tcp = Some(server.tcp_port.unwrap_or(server.port));
            }
            ProgramSpec::DnsServer(server) => own.dns = Some(server.port),
            ProgramSpec::SignalingServer(server) => own.signaling = Some(server.port),
            ProgramSpec::SipProxy(proxy) => {
                (own.sip, own.sip_websocket) = (Some(proxy.port), Some(proxy.websocket_port));
            }
            ProgramSpec::UdpSink(sink) => own.sink = Some(sink.port),
            ProgramSpec::UdpEcho(echo) => own.echo = Some(echo.port),
            ProgramSpec::VideoSink(sink) => own.video = Some(sink.port),
            ProgramSpec::TcpSink(sink) => own.tcp_sink = Some(sink.port),
            ProgramSpec::TcpEcho(echo) => own.tcp_echo = Some(echo.port),
            ProgramSpec::HttpProxy(proxy) => own.http_proxy = Some(proxy.port),
            ProgramSpec::Peer(_) => own.http = Some(super::carriers::HTTP_PORT),
            ProgramSpec::NatProbe(_)
            | ProgramSpec::PortMapper(_)
            | ProgramSpec::DnsLookup(_)
            | ProgramSpec::Mdns(_)
            | ProgramSpec::Ping(_)
            | ProgramSpec::Traceroute(_)
            | ProgramSpec::UdpSource(_)
            | ProgramSpec::TcpSource(_)
            | ProgramSpec::VideoSource(_) => {}
        }
    }
    ports
}

/// Caller and callee of each call, by their place among the peers; two peers who call each other have one call.
fn calls(cast: &Cast, programs: &[(NodeId, ProgramSpec)]) -> Vec<[usize; 2]> {
    let peers = programs.iter().filter_map(|(_, program)| match program {
        ProgramSpec::Peer(peer) => Some(peer),
        _ => None,
    });
    let mut calls: Vec<[usize; 2]> = Vec::new();
    for (caller, peer) in peers.enumerate() {
        let callee = peer.offers_to.as_ref();
        let callee = callee.and_then(|callee| cast.peers.iter().position(|actor| actor.name == *callee));
        let Some(callee) = callee else { continue };
        if !calls.contains(&[callee, caller]) {
            calls.push([caller, callee]);
        }
    }
    calls
}

pub(super) struct Setting<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) world: World,
    pub(super) cast: Cast,
    pub(super) names: BTreeMap<String, NodeId>,
    ports: BTreeMap<NodeId, Ports>,
    pub(super) directory: Directory,
    step: u32,
    pub(super) bell: Bell,
}

impl Setting<'_> {
    fn install(&mut self, node: NodeId, program: &ProgramSpec) -> Result<(), BuildError> {
        let name = self.world.trace().topology().node(node).name.clone();
        let windows = self.windows(&name);
        match program {
            ProgramSpec::Peer(peer) => {
                let actor = self.put(node, &name, Peer::new(self.peer(node, &name, peer)?))?;
                self.cast.peers.push(actor);
            }
            ProgramSpec::NatProbe(probe) => {
                let config = self.probe(probe, node)?;
                let actor = self.put(node, &name, NatProbe::new(config))?;
                self.cast.probes.push(actor);
            }
            ProgramSpec::PortMapper(dialect) => {
                self.put(node, &name, PortMapper::new(*dialect))?;
            }
            ProgramSpec::StunServer(server) => {
                self.put(node, &name, StunServer::new(server.port))?;
            }
            ProgramSpec::TurnServer(server) => {
                self.put(node, &name, TurnServer::new(turn_server(server)))?;
            }
            ProgramSpec::DnsServer(server) => self.install_name_server(node, &name, server)?,
            ProgramSpec::Mdns(mdns) => self.install_mdns(node, &name, mdns)?,
            ProgramSpec::DnsLookup(lookup) => self.install_lookup(node, &name, lookup)?,
            ProgramSpec::Ping(ping) => self.install_ping(node, &name, ping, windows)?,
            ProgramSpec::Traceroute(traceroute) => self.install_traceroute(node, &name, traceroute)?,
            ProgramSpec::SignalingServer(server) => {
                let config = self.signaling_server(&name, server);
                let actor = self.put(node, &name, SignalingServer::new(config))?;
                self.cast.signaling_servers.push(actor);
            }
            ProgramSpec::SipProxy(proxy) => {
                self.put(node, &name, SipProxy::new(self.sip_proxy(&name, proxy)))?;
            }
            ProgramSpec::UdpSource(source) => {
                let config = self.source(source, node, windows)?;
                let actor = self.put(node, &name, UdpSource::new(config))?;
                self.cast.sources.push(SourceActor { actor, to: source.to.clone() });
            }
            ProgramSpec::UdpSink(sink) => {
                let actor = self.put(node, &name, UdpSink::new(sink.port, windows))?;
                self.cast.sinks.push(actor);
            }
            ProgramSpec::UdpEcho(echo) => {
                let actor = self.put(node, &name, UdpEcho::new(echo.port, windows))?;
                self.cast.echoes.push(actor);
            }
            ProgramSpec::TcpSource(_)
            | ProgramSpec::TcpSink(_)
            | ProgramSpec::TcpEcho(_)
            | ProgramSpec::HttpProxy(_) => {
                self.install_tcp(node, &name, program)?;
            }
            ProgramSpec::VideoSource(source) => {
                let config = self.video_source(source, node)?;
                let actor = self.put(node, &name, VideoSource::new(config))?;
                self.cast.video_sources.push(SourceActor { actor, to: source.to.clone() });
            }
            ProgramSpec::VideoSink(sink) => {
                let actor = self.put(node, &name, VideoSink::new(sink.port, windows))?;
                self.cast.video_sinks.push(actor);
            }
        }
        Ok(())
    }

    fn install_tcp(&mut self, node: NodeId, name: &str, program: &ProgramSpec) -> Result<(), BuildError> {
        match program {
            ProgramSpec::TcpSource(source) => {
                let port = |ports: &Ports| source.port.or(ports.tcp_echo).or(ports.tcp_sink);
                let to = self.server_for(node, &source.to, port)?;
                let proxy = source.proxy.as_ref();
                let proxy = proxy.map(|proxy| self.server_for(node, proxy, |ports| ports.http_proxy));
                let client = TcpSource::new(streams::source(source, to, proxy.transpose()?));
                let actor = self.put(node, name, client)?;
                self.cast.tcp_sources.push(SourceActor { actor, to: source.to.clone() });
            }
            ProgramSpec::TcpSink(sink) => {
                let actor = self.put(node, name, TcpServer::new(streams::sink(sink)))?;
                self.cast.tcp_servers.push(actor);
            }
            ProgramSpec::TcpEcho(echo) => {
                let actor = self.put(node, name, TcpServer::new(streams::echo(echo)))?;
                self.cast.tcp_servers.push(actor);
            }
            ProgramSpec::HttpProxy(proxy) => {
                self.put(node, name, HttpProxy::new(streams::proxy(proxy)))?;
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn put(
        &mut self,
        node: NodeId,
        name: &str,
        program: impl Program,
    ) -> Result<Actor, BuildError> {
        let program = self.world.install(node, Box::new(program));
        let program = program.map_err(|_| BuildError::UnknownName(name.to_owned()))?;
        Ok(Actor { name: name.to_owned(), node, program })
    }

    /// The windows of time in which expectations ask what a node received.
    fn windows(&self, name: &str) -> Vec<Window> {
        let about = self.scenario.expect.iter().filter(|expect| expect.received_at.as_deref() == Some(name));
        about.map(window).collect()
    }

    /// A server's address for each family that its node has.
    pub(super) fn server(
        &self,
        name: &str,
        port: impl Fn(&Ports) -> Option<u16>,
    ) -> Result<Vec<SocketAddr>, BuildError> {
        let unknown = || BuildError::UnknownName(name.to_owned());
        let node = *self.names.get(name).ok_or_else(unknown)?;
        let port = port(&self.ports.get(&node).copied().unwrap_or_default()).ok_or_else(unknown)?;
        let held = self.world.addresses(node);
        let first = |v4: bool| held.iter().find(|held| held.address.is_ipv4() == v4);
        let addresses = [first(true), first(false)].into_iter().flatten();
        Ok(addresses.map(|held| SocketAddr::new(held.address, port)).collect())
    }

    /// A server's address in a family that the asking node has too, IPv4 first.
    pub(super) fn server_for(
        &self,
        node: NodeId,
        name: &str,
        port: impl Fn(&Ports) -> Option<u16>,
    ) -> Result<SocketAddr, BuildError> {
        let held = self.world.addresses(node);
        let shared =
            |server: &&SocketAddr| held.iter().any(|held| held.address.is_ipv4() == server.is_ipv4());
        let servers = self.server(name, port)?;
        let server = servers.iter().find(shared).or_else(|| servers.first());
        server.copied().ok_or_else(|| BuildError::UnknownName(name.to_owned()))
    }

    fn peer(&self, node: NodeId, name: &str, peer: &document::Peer) -> Result<PeerConfig, BuildError> {
        let place = u32::try_from(self.cast.peers.len()).unwrap_or(u32::MAX);
        let mut config = PeerConfig::new(name, self.directory.clone());
        config.offers_to.clone_from(&peer.offers_to);
        config.signaling = self.signaling(node, name, &peer.signaling)?;
        config.signal_numbers = SignalNumbers { first: place, step: self.step };
        config.resolver = self.resolver(node, name)?;
        self.servers_of(peer, &mut config)?;
        let proxy = peer.proxy.as_ref();
        let proxy = proxy.map(|proxy| self.server_for(node, proxy, |ports| ports.http_proxy));
        config.proxy = proxy.transpose()?;
        config.policy = match peer.policy {
            document::CandidatePolicy::All => CandidatePolicy::All,
            document::CandidatePolicy::Relay => CandidatePolicy::Relayed,
        };
        config.tcp = peer.tcp;
        config.hides_addresses = peer.mdns;
        config.port_mapping = peer.port_mapping;
        config.streams = peer.streams;
        config.components = peer.components;
        if peer.aggressive {
            config.nomination = NominationMode::Aggressive;
        }
        config.ta = millis(peer.ta_ms);
        // A server of WHIP has no way to tell candidates after its answer (RFC 9725 §4.3.2).
        let is_whip_server = peer.signaling.carrier().is_whip() && peer.signaling.via() == name;
        config.trickle = match peer.trickle {
            _ if is_whip_server => TrickleMode::Off,
            document::Trickle::Whether(true) => TrickleMode::Full,
            document::Trickle::Whether(false) => TrickleMode::Off,
            document::Trickle::Word(document::TrickleWord::Half) => TrickleMode::Half,
        };
        config.lite = peer.lite;
        config.start_at = sim_time(peer.start_ms);
        config.data = peer.sends.map(|sends| Data {
            every: millis(sends.every_ms),
            bytes: sends.bytes as usize,
            count: sends.count,
        });
        config.session = peer.session.as_ref().map(|session| Box::new(session_plan(session)));
        config.windows = self.windows(name);
        config.bell = self.bell.clone();
        Ok(config)
    }

    fn probe(&self, probe: &document::NatProbe, node: NodeId) -> Result<NatProbeConfig, BuildError> {
        let longest = probe.lifetime_s_max.map(|longest| millis(longest * 1e3));
        Ok(NatProbeConfig {
            server: self.server_for(node, &probe.server, |ports| ports.stun)?,
            start_at: sim_time(probe.start_ms),
            fragments: probe.fragments,
            lifetime: longest.map(|longest| LifetimeSearch { longest, ..LifetimeSearch::default() }),
        })
    }

    /// The STUN and TURN servers of a peer, by node or by URI.
    fn servers_of(&self, peer: &document::Peer, config: &mut PeerConfig) -> Result<(), BuildError> {
        for server in peer.stun.iter().flat_map(OneOrMany::as_slice) {
            match server_by_uri(server)? {
                Some(ServerByUri::Address(address)) => config.stun_servers.push(address),
                Some(ServerByUri::Name(host, port)) => {
                    config.named_servers.push(NamedServer::stun(host, port));
                }
                // A TURN server answers Binding requests too.
                None => {
                    config.stun_servers.extend(self.server(server, |ports| ports.stun.or(ports.turn))?);
                    if peer.tcp.is_any() {
                        let over_tcp = self.server(server, |ports| ports.stun.or(ports.turn_tcp))?;
                        config.stun_servers_over_tcp.extend(over_tcp);
                    }
                }
            }
        }
        for account in peer.turn.iter().flat_map(OneOrMany::as_slice) {
            let (server, username, password) = account.parts();
            let transport = account.transport();
            let (username, password) = (username.to_owned(), password.to_owned());
            let addresses = match server_by_uri(server)? {
                Some(ServerByUri::Address(address)) => vec![address],
                Some(ServerByUri::Name(host, port)) => {
                    let server = NamedServer::turn(host, port, (username, password));
                    config.named_servers.push(server.over(transport));
                    continue;
                }
                None if transport.is_stream() => self.server(server, |ports| ports.turn_tcp)?,
                None => self.server(server, |ports| ports.turn)?,
            };
            let account =
                |address| TurnAccount::new(address, username.clone(), password.clone()).over(transport);
            config.turn_servers.extend(addresses.into_iter().map(account));
        }
        Ok(())
    }

    fn source(
        &self,
        source: &document::UdpSource,
        node: NodeId,
        windows: Vec<Window>,
    ) -> Result<UdpSourceConfig, BuildError> {
        Ok(UdpSourceConfig {
            to: self.server_for(node, &source.to, |ports| ports.sink.or(ports.echo))?,
            interval: Duration::from_nanos((source.interval_us.max(0.0) * 1e3).round() as u64),
            size: source.size as usize,
            count: source.count,
            start_at: sim_time(source.start_ms),
            fragmentation: match source.fragmentation {
                FragmentationWord::Source => Fragmentation::AtSource,
                FragmentationWord::Never => Fragmentation::Never,
                FragmentationWord::Anywhere => Fragmentation::Anywhere,
            },
            ecn: source.ecn,
            windows,
        })
    }

    fn video_source(
        &self,
        source: &document::VideoSource,
        node: NodeId,
    ) -> Result<VideoSourceConfig, BuildError> {
        Ok(VideoSourceConfig {
            to: self.server_for(node, &source.to, |ports| ports.video)?,
            encoder: EncoderConfig {
                frames_per_second: source.frames_per_second,
                bitrate_bps: (source.bitrate_kbps.max(0.0) * 1e3).round() as u64,
                frames_per_group: source.group_frames,
                ..EncoderConfig::default()
            },
            frames: source.frames,
            start_at: sim_time(source.start_ms),
        })
    }
}

fn turn_server(server: &document::TurnServer) -> TurnServerConfig {
    let users = server.users.iter();
    TurnServerConfig {
        port: server.port,
        tcp_port: server.tcp_port.unwrap_or(server.port),
        realm: server.realm.clone(),
        users: users
            .map(|(username, password)| turn::Credentials {
                username: username.clone(),
                password: password.clone(),
            })
            .collect(),
        lifetime_max: Duration::from_secs(server.lifetime_s.into()),
    }
}
