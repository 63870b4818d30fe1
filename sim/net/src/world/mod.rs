//! The world: the loop that takes the next event and lets it happen. Not here: what happens to packets ([`transmit`], [`forward`],
//! [`fragment`], [`translate`], [`filter`], [`reassemble`], [`deliver`], [`report`]) and to frames ([`ethernet`], [`neighbors`],
//! [`discovery`]), and what the owner of the world may do to it ([`actions`]).

mod actions;
mod deliver;
mod discovery;
mod ethernet;
mod filter;
mod forward;
mod fragment;
mod multicast;
mod neighbors;
mod path_mtu;
mod reassemble;
mod report;
mod send;
mod tcp;
mod timers;
mod translate;
mod translate64;
mod transmit;

use std::any::Any;

use rtclab_trace::{Change, Entity, EntryId, LinkId, NodeId, Observe, PacketId, Reason, SimTime, Trace};

use crate::error::{ActionError, PlanError};
use crate::host::{Host, HostAddress, ListenerId, StreamId};
use crate::link::Link;
use crate::node::{Kind, Node};
use crate::packet::{Event, Packet};
use crate::plan::{Blueprint, Plan};
use crate::program::{Datagram, EchoReply, Program, ProgramId, Unreachable};
use crate::queue::Queue;
use crate::randomness::Stream;
use crate::routing;
use crate::tcp::TcpError;

use timers::Timers;

/// Boxes of packets that have ended are kept for new ones, up to this many: where ten thousand hosts send at once, so many end at once.
const SPARE_PACKETS: usize = 16_384;
/// Those with more room than this are not kept.
const SPARE_BYTES_MAX: usize = 2_048;
/// In the place of an interface: the node has none on that link any more, and a network never has.
const NO_INTERFACE: u16 = u16::MAX;

/// Everything but the programs: what a [`Host`] acts on.
#[derive(Debug)]
pub(crate) struct Net {
    pub(crate) now: SimTime,
    pub(crate) trace: Trace,
    seed: u64,
    queue: Queue<Event>,
    nodes: Vec<Node>,
    links: Vec<Link>,
    /// The two nodes of each link.
    ends: Vec<[NodeId; 2]>,
    /// The interfaces of each link on them; [`NO_INTERFACE`] on a network, and on a node that has left.
    end_interfaces: Vec<[u16; 2]>,
    timers: Timers,
    /// How many streams of randomness each program was given.
    streams: std::collections::BTreeMap<(NodeId, ProgramId), u64>,
    #[expect(clippy::vec_box, reason = "the boxes themselves are used again")]
    spare: Vec<Box<Packet>>,
    /// What the event at hand asks of a program: made by the world when the network is done with the event.
    call: Option<Call>,
    /// What TCP connections ask of programs meanwhile: made after it, in this order.
    pub(super) calls: std::collections::VecDeque<Call>,
}

/// A program on its node.
#[derive(Debug)]
struct Installed {
    program: Box<dyn Program>,
    started: bool,
}

/// A call to a program, decided by the network and made by the world.
#[derive(Debug)]
pub(crate) struct Call {
    node: NodeId,
    program: ProgramId,
    input: Option<EntryId>,
    what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    Start,
    Timer(u64),
    AddressesChanged,
    NatRestarted,
    StreamWaiting(ListenerId),
    StreamOpened(StreamId),
    StreamData(StreamId),
    StreamWritable(StreamId),
    StreamUrgent(StreamId),
    StreamEnded(StreamId),
    StreamClosed(StreamId, Option<TcpError>),
    Unreachable(Unreachable),
    /// A packet for a program that takes its protocol itself.
    Packet(Box<Packet>),
    /// A packet for a program: where in its bytes the payload is, and the rest.
    Datagram {
        packet: Box<Packet>,
        payload: std::ops::Range<usize>,
        socket: crate::host::SocketId,
        ends: [std::net::SocketAddr; 2],
        ttl: u8,
        ecn: crate::wire::ip::Ecn,
    },
    EchoReply {
        packet: Box<Packet>,
        data: std::ops::Range<usize>,
        from: std::net::IpAddr,
        identifier: u16,
        sequence: u16,
        ttl: u8,
    },
}

impl What {
    /// The stream that it is about.
    fn stream(&self) -> Option<StreamId> {
        match self {
            What::StreamOpened(stream)
            | What::StreamData(stream)
            | What::StreamWritable(stream)
            | What::StreamUrgent(stream)
            | What::StreamEnded(stream)
            | What::StreamClosed(stream, _) => Some(*stream),
            _ => None,
        }
    }
}

/// A network that runs: made of a [`Plan`] and a seed, driven by [`step`](World::step) or [`run_until`](World::run_until).
#[derive(Debug)]
pub struct World {
    net: Net,
    /// By node, then by number.
    programs: Vec<Vec<Installed>>,
}

impl World {
    /// Numbers and checks a plan and makes a world of it, at time zero. The state of every node and link is recorded.
    pub fn new(plan: Plan, seed: u64, observe: Observe) -> Result<World, PlanError> {
        let Blueprint { topology, nodes, links } = plan.build(seed)?;
        let ends: Vec<[NodeId; 2]> = topology.links().map(|(_, link)| link.nodes).collect();
        let links = links.into_iter();
        let links = links.map(|(properties, name, encapsulation)| {
            Link::new(properties, seed, &name).carrying(encapsulation)
        });
        let links = links.collect();
        let programs = nodes.iter().map(|_| Vec::new()).collect();
        let mut net = Net {
            now: SimTime::ZERO,
            trace: Trace::new(topology, observe),
            seed,
            queue: Queue::new(),
            nodes,
            links,
            end_interfaces: Vec::new(),
            ends,
            timers: Timers::default(),
            streams: Default::default(),
            spare: Vec::new(),
            call: None,
            calls: Default::default(),
        };
        net.number_ends();
        routing::compute(&mut net.nodes, &net.ends);
        for node in 0..net.nodes.len() {
            net.record_node(NodeId(node as u16), None);
        }
        for link in 0..net.links.len() {
            net.record_link(LinkId(link as u32), None);
        }
        Ok(World { net, programs })
    }

    /// Puts a program on a host, a router or a NAT; it starts at the time that it is now.
    pub fn install(&mut self, node: NodeId, program: Box<dyn Program>) -> Result<ProgramId, ActionError> {
        let own = self.net.nodes.get(usize::from(node.0)).ok_or(ActionError::UnknownNode)?;
        if !matches!(own.kind, Kind::Host | Kind::Router | Kind::Nat(_)) {
            return Err(ActionError::NotAHost(own.name.clone()));
        }
        let programs = &mut self.programs[usize::from(node.0)];
        let id = ProgramId(programs.len() as u32);
        programs.push(Installed { program, started: false });
        self.net.queue.push(self.net.now, Event::Start { node, program: id });
        Ok(id)
    }

    /// The time.
    pub fn now(&self) -> SimTime {
        self.net.now
    }

    /// When the next thing may happen; none if nothing ever will.
    pub fn next_event_at(&self) -> Option<SimTime> {
        self.net.queue.next_at()
    }

    /// Lets the next thing happen. Returns when it did; none if nothing is left to happen.
    pub fn step(&mut self) -> Option<SimTime> {
        self.step_until(SimTime::MAX)
    }

    /// Lets the next thing happen unless it is later than `time`: for an owner who looks at the world after each.
    pub fn step_until(&mut self, time: SimTime) -> Option<SimTime> {
        loop {
            if self.net.queue.next_at()? > time {
                return None;
            }
            let (at, event) = self.net.queue.pop()?;
            debug_assert!(at >= self.net.now, "time goes on");
            self.net.now = at;
            if self.net.handle(event) {
                if let Some(call) = self.net.call.take() {
                    self.call(call);
                }
                self.make_calls();
                return Some(at);
            }
        }
    }

    /// Lets everything happen up to and at `time`, which it is afterwards.
    pub fn run_until(&mut self, time: SimTime) {
        while self.step_until(time).is_some() {}
        self.net.now = self.net.now.max(time);
    }

    /// What happened.
    pub fn trace(&self) -> &Trace {
        &self.net.trace
    }

    /// What happened, when nothing more shall.
    pub fn into_trace(self) -> Trace {
        self.net.trace
    }

    /// The addresses of a node, in order of its interfaces.
    pub fn addresses(&self, node: NodeId) -> Vec<HostAddress> {
        self.net.nodes.get(usize::from(node.0)).map_or(Vec::new(), Node::addresses)
    }

    /// Packets that are on a link, wait for one, or wait at their destination for the rest of their datagram.
    pub fn packets_in_flight(&self) -> u64 {
        self.net.trace.counters().packets_under_way()
    }

    /// A program, to be asked.
    pub fn program<P: Program>(&self, node: NodeId, id: ProgramId) -> Option<&P> {
        let installed = self.programs.get(usize::from(node.0))?.get(id.0 as usize)?;
        (&*installed.program as &dyn Any).downcast_ref()
    }

    /// A program, to be changed without acting. To let it act, see [`World::with_program`].
    pub fn program_mut<P: Program>(&mut self, node: NodeId, id: ProgramId) -> Option<&mut P> {
        let installed = self.programs.get_mut(usize::from(node.0))?.get_mut(id.0 as usize)?;
        (&mut *installed.program as &mut dyn Any).downcast_mut()
    }

    /// Lets the owner of the world act as a program on its host, because of `cause`.
    pub fn with_program<P: Program, R>(
        &mut self,
        node: NodeId,
        id: ProgramId,
        cause: Option<EntryId>,
        act: impl FnOnce(&mut P, &mut Host<'_>) -> R,
    ) -> Result<R, ActionError> {
        let programs = self.programs.get_mut(usize::from(node.0)).ok_or(ActionError::UnknownNode)?;
        let installed = programs.get_mut(id.0 as usize).ok_or(ActionError::UnknownProgram)?;
        let program = (&mut *installed.program as &mut dyn Any).downcast_mut::<P>();
        let program = program.ok_or(ActionError::UnknownProgram)?;
        let mut host = Host { net: &mut self.net, node, program: id, input: cause };
        let result = act(program, &mut host);
        self.make_calls();
        Ok(result)
    }

    /// Writes an entry at the time that it is now.
    pub fn record(
        &mut self,
        entity: Entity,
        change: Change,
        reason: Option<Reason>,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        self.net.record(entity, change, reason, cause)
    }

    /// Tells at once what firewalls have counted since they last told: for an owner who looks at the end.
    pub fn tell_counters(&mut self) {
        for node in 0..self.net.nodes.len() {
            self.net.tell_uncounted(NodeId(node as u16));
        }
    }

    /// Makes the calls that wait. What programs do in them may ask for more.
    fn make_calls(&mut self) {
        while let Some(call) = self.net.calls.pop_front() {
            self.call(call);
        }
    }

    fn call(&mut self, call: Call) {
        let Call { node, program: id, input, what } = call;
        let Some(installed) = self.programs[usize::from(node.0)].get_mut(id.0 as usize) else { return };
        // Whoever has not started yet finds things as they are when it does.
        if !installed.started && !matches!(what, What::Start) {
            return;
        }
        installed.started = true;
        let program = &mut installed.program;
        let host = &mut Host { net: &mut self.net, node, program: id, input };
        if let Some(stream) = what.stream()
            && !host.has_stream(stream)
        {
            // The program closed it before it could be told.
            return self.net.forget_if_finished(node, stream);
        }
        match what {
            What::Start => program.start(host),
            What::Timer(token) => program.timer(host, token),
            What::AddressesChanged => program.addresses_changed(host),
            What::NatRestarted => program.nat_restarted(host),
            What::StreamWaiting(listener) => program.stream_waiting(host, listener),
            What::StreamOpened(stream) => program.stream_opened(host, stream),
            What::StreamData(stream) => program.stream_data(host, stream),
            What::StreamWritable(stream) => program.stream_writable(host, stream),
            What::StreamUrgent(stream) => program.stream_urgent(host, stream),
            What::StreamEnded(stream) => program.stream_ended(host, stream),
            What::StreamClosed(stream, error) => {
                program.stream_closed(host, stream, error);
                self.net.forget_if_finished(node, stream);
            }
            What::Unreachable(report) => program.unreachable(host, &report),
            What::Packet(packet) => {
                program.packet(host, packet.id, &packet.bytes);
                self.net.recycle(packet);
            }
            What::Datagram { packet, payload, socket, ends: [from, to], ttl, ecn } => {
                let payload = &packet.bytes[payload];
                let packet_id = packet.id;
                program.datagram(host, &Datagram { socket, from, to, payload, ttl, ecn, packet: packet_id });
                self.net.recycle(packet);
            }
            What::EchoReply { packet, data, from, identifier, sequence, ttl } => {
                let data = &packet.bytes[data];
                program.echo_reply(host, &EchoReply { from, identifier, sequence, ttl, data });
                self.net.recycle(packet);
            }
        }
    }
}

impl Net {
    /// Lets an event happen. Returns whether anything did: some events were overtaken by others.
    fn handle(&mut self, event: Event) -> bool {
        match event {
            Event::Arrive { packet, link, direction, fate, cuts } => {
                self.arrive(packet, link, direction, fate, cuts);
            }
            Event::Leave { link, direction } => self.leave(link, direction),
            Event::Loop { node, packet } => self.loop_back(node, packet),
            Event::Start { node, program } => {
                self.call = Some(Call { node, program, input: None, what: What::Start });
            }
            Event::Timer { node, program, token } => return self.look_after_timer(node, program, token),
            Event::Reassembly { node } => return self.reassembly_due(node),
            Event::PathMtu { node, number } => return self.path_mtu_due(node, number),
            Event::Neighbor { node, number } => return self.look_after_neighbor(node, number),
            Event::Station { node, number } => return self.look_after_station(node, number),
            Event::Mapping { node, slot, number } => return self.look_after_mapping(node, slot, number),
            Event::HeldSyn { node, number } => return self.look_after_held(node, number),
            Event::Tcp { node, stream } => return self.look_after_stream(node, stream),
            Event::Counters { node } => self.tell_counters(node),
            Event::Flow { node, slot, number } => return self.look_after_flow(node, slot, number),
        }
        true
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[usize::from(id.0)]
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[usize::from(id.0)]
    }

    fn link(&self, id: LinkId) -> &Link {
        &self.links[id.0 as usize]
    }

    fn link_mut(&mut self, id: LinkId) -> &mut Link {
        &mut self.links[id.0 as usize]
    }

    pub(crate) fn record(
        &mut self,
        entity: Entity,
        change: Change,
        reason: Option<Reason>,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        self.trace.record(self.now, entity, change, reason, cause)
    }

    fn record_node(&mut self, id: NodeId, cause: Option<EntryId>) -> Option<EntryId> {
        let state = self.node(id).state(|network| self.node(network).name.clone());
        self.record(Entity::Node(id), Change::Node(Box::new(state)), None, cause)
    }

    fn record_link(&mut self, id: LinkId, cause: Option<EntryId>) -> Option<EntryId> {
        let state = self.link(id).state();
        self.record(Entity::Link(id), Change::Link(Box::new(state)), None, cause)
    }

    pub(crate) fn stream_for(&mut self, node: NodeId, program: ProgramId) -> Stream {
        let given = self.streams.entry((node, program)).or_default();
        let name = format!("{} {} {given}", self.nodes[usize::from(node.0)].name, program.0);
        *given += 1;
        Stream::new(self.seed, "program", &name)
    }

    fn number_ends(&mut self) {
        self.end_interfaces = (0..self.ends.len())
            .map(|link| {
                self.ends[link]
                    .map(|node| self.node(node).interface_on(LinkId(link as u32)).unwrap_or(NO_INTERFACE))
            })
            .collect();
    }

    /// An empty packet.
    fn blank(&mut self) -> Box<Packet> {
        self.spare.pop().unwrap_or_else(|| {
            let (id, to) = (PacketId(u32::MAX), LinkId(u32::MAX));
            Box::new(Packet { bytes: Vec::new(), id, last: None, to, version: 0, frame: None })
        })
    }

    /// Takes back the box of a packet that has ended.
    fn recycle(&mut self, mut packet: Box<Packet>) {
        if self.spare.len() < SPARE_PACKETS && packet.bytes.capacity() <= SPARE_BYTES_MAX {
            packet.bytes.clear();
            (packet.version, packet.frame) = (0, None);
            self.spare.push(packet);
        }
    }
}
