//! Who plays in a run: where each program is, so that the run can ask it and act through it.

use rtclab_net::{ProgramId, World};
use rtclab_rtc::behavior::Behavior;
use rtclab_trace::NodeId;

use crate::programs::{
    NatProbe, Peer, Ping, SignalingServer, Tally, UdpEcho, UdpSink, UdpSource, VideoSink, VideoSource,
};

/// A program on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The node's name.
    pub name: String,
    /// The node.
    pub node: NodeId,
    /// The program's place on it.
    pub program: ProgramId,
}

/// A source, and the node that it sends to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceActor {
    /// The source.
    pub actor: Actor,
    /// The name of the node that it sends to.
    pub to: String,
}

/// Everyone whom a run has questions for.
#[derive(Clone, Debug, Default)]
pub struct Cast {
    /// Peers.
    pub peers: Vec<Actor>,
    /// The calls between them: caller and callee by their place in `peers`, in the order of the callers.
    pub calls: Vec<[usize; 2]>,
    /// NAT probes.
    pub probes: Vec<Actor>,
    /// Signaling servers.
    pub signaling_servers: Vec<Actor>,
    /// Lookups of names.
    pub lookups: Vec<Actor>,
    /// Pings.
    pub pings: Vec<Actor>,
    /// Traceroutes.
    pub traceroutes: Vec<Actor>,
    /// Sinks of datagrams.
    pub sinks: Vec<Actor>,
    /// Echoes of datagrams.
    pub echoes: Vec<Actor>,
    /// Sources of datagrams.
    pub sources: Vec<SourceActor>,
    /// Clients of TCP.
    pub tcp_sources: Vec<SourceActor>,
    /// Sinks and echoes of TCP.
    pub tcp_servers: Vec<Actor>,
    /// Sources of video.
    pub video_sources: Vec<SourceActor>,
    /// Sinks of video.
    pub video_sinks: Vec<Actor>,
}

impl Cast {
    /// A peer's program.
    pub(super) fn peer<'w>(&self, world: &'w World, place: usize) -> Option<&'w Peer> {
        let actor = self.peers.get(place)?;
        world.program(actor.node, actor.program)
    }

    /// What the probe on a node has found.
    pub(crate) fn probed<'w>(&self, world: &'w World, node: &str) -> Option<&'w Behavior> {
        let actor = self.probes.iter().find(|actor| actor.name == node)?;
        world.program::<NatProbe>(actor.node, actor.program)?.behavior()
    }

    /// The signaling servers' programs.
    pub(super) fn signaling_servers<'w>(
        &self,
        world: &'w World,
    ) -> impl Iterator<Item = &'w SignalingServer> {
        self.signaling_servers.iter().filter_map(|actor| world.program(actor.node, actor.program))
    }

    /// What the programs on a node received, each with the number that was sent to it, as far as anyone counts that.
    pub(crate) fn received_at<'w>(&self, world: &'w World, node: &str) -> Vec<(&'w Tally, Option<u64>)> {
        let mut tallies = Vec::new();
        let here = |actor: &&Actor| actor.name == node;
        for actor in self.sinks.iter().filter(here) {
            let sink: Option<&UdpSink> = world.program(actor.node, actor.program);
            tallies.extend(sink.map(|sink| (sink.received(), self.sent_to(world, node))));
        }
        for actor in self.echoes.iter().filter(here) {
            let echo: Option<&UdpEcho> = world.program(actor.node, actor.program);
            tallies.extend(echo.map(|echo| (echo.received(), self.sent_to(world, node))));
        }
        for actor in self.video_sinks.iter().filter(here) {
            let sink: Option<&VideoSink> = world.program(actor.node, actor.program);
            let sources = self.video_sources.iter().filter(|source| source.to == node);
            let sources = sources.filter_map(|source| world.program(source.actor.node, source.actor.program));
            let sent = sources.map(VideoSource::sent).sum();
            tallies.extend(sink.map(|sink| (sink.received(), Some(sent))));
        }
        for source in self.sources.iter().filter(|source| source.actor.name == node) {
            let program: Option<&UdpSource> = world.program(source.actor.node, source.actor.program);
            tallies.extend(program.map(|program| (program.received(), Some(program.sent()))));
        }
        for actor in self.pings.iter().filter(here) {
            let ping: Option<&Ping> = world.program(actor.node, actor.program);
            tallies.extend(ping.map(|ping| (ping.received(), Some(ping.sent()))));
        }
        for (place, _) in self.peers.iter().enumerate().filter(|(_, actor)| actor.name == node) {
            let sent = self.other_side(place).and_then(|other| self.peer(world, other)).map(Peer::sent);
            tallies.extend(self.peer(world, place).map(|peer| (peer.received(), sent)));
        }
        tallies
    }

    fn other_side(&self, place: usize) -> Option<usize> {
        let call = self.calls.iter().find(|call| call.contains(&place))?;
        call.iter().copied().find(|side| *side != place)
    }

    fn sent_to(&self, world: &World, node: &str) -> Option<u64> {
        let sources = self.sources.iter().filter(|source| source.to == node);
        let programs =
            sources.filter_map(|source| world.program::<UdpSource>(source.actor.node, source.actor.program));
        Some(programs.map(UdpSource::sent).sum())
    }
}
