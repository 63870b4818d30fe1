//! Programs and topologies that tests share.
#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

mod draft;
mod segments;
mod streams;

use std::net::{IpAddr, SocketAddr};

use rtclab_net::*;
use rtclab_trace::{NodeId, Observe, SimTime};

pub(crate) use draft::*;
pub(crate) use segments::*;
pub(crate) use streams::*;

/// What a [`Talker`] has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Datagram { from: SocketAddr, to: SocketAddr, payload: Vec<u8>, ttl: u8 },
    Unreachable(UnreachableKind, SocketAddr),
    Echo(IpAddr, u16),
    Addresses(Vec<IpAddr>),
}

/// Binds one socket, remembers what it sees, and echoes if it is told to.
#[derive(Debug)]
pub(crate) struct Talker {
    pub(crate) bind: SocketAddr,
    pub(crate) echoes: bool,
    pub(crate) socket: Option<SocketId>,
    pub(crate) local: Option<SocketAddr>,
    pub(crate) seen: Vec<(SimTime, Seen)>,
}

impl Talker {
    pub(crate) fn new(bind: &str) -> Talker {
        let bind = bind.parse().expect("an address and port");
        Talker { bind, echoes: false, socket: None, local: None, seen: Vec::new() }
    }

    pub(crate) fn echo(bind: &str) -> Talker {
        Talker { echoes: true, ..Talker::new(bind) }
    }
}

impl Program for Talker {
    fn start(&mut self, host: &mut Host<'_>) {
        let socket = host.bind_udp(self.bind.ip(), self.bind.port()).expect("free");
        self.socket = Some(socket);
        self.local = host.local_address(socket);
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        let Datagram { from, to, payload, ttl, .. } = *datagram;
        self.seen.push((host.now(), Seen::Datagram { from, to, payload: payload.to_vec(), ttl }));
        if self.echoes {
            let _ = host.send_udp(datagram.socket, from, payload, None, None);
        }
    }

    fn unreachable(&mut self, host: &mut Host<'_>, report: &Unreachable) {
        self.seen.push((host.now(), Seen::Unreachable(report.kind, report.to)));
    }

    fn echo_reply(&mut self, host: &mut Host<'_>, reply: &EchoReply<'_>) {
        self.seen.push((host.now(), Seen::Echo(reply.from, reply.sequence)));
    }

    fn addresses_changed(&mut self, host: &mut Host<'_>) {
        let addresses = host.addresses().into_iter().map(|own| own.address).collect();
        self.seen.push((host.now(), Seen::Addresses(addresses)));
    }
}

/// A world with a [`Talker`] on some of its hosts.
pub(crate) struct Lab {
    pub(crate) world: World,
}

impl Lab {
    pub(crate) fn new(plan: Plan) -> Lab {
        Lab::seeded(plan, 7)
    }

    pub(crate) fn seeded(plan: Plan, seed: u64) -> Lab {
        Lab { world: World::new(plan, seed, Observe::Full).expect("a plan without faults") }
    }

    pub(crate) fn node(&self, name: &str) -> NodeId {
        self.world.trace().topology().find(name).unwrap_or_else(|| panic!("no node {name}"))
    }

    /// Puts a talker on a host, which is its only program, and starts it.
    pub(crate) fn talk(&mut self, host: &str, talker: Talker) {
        let node = self.node(host);
        self.world.install(node, Box::new(talker)).expect("a host");
        let now = self.world.now();
        self.world.run_until(now);
    }

    pub(crate) fn talker(&self, host: &str) -> &Talker {
        self.world.program(self.node(host), ProgramId(0)).expect("a talker")
    }

    pub(crate) fn seen(&self, host: &str) -> Vec<Seen> {
        self.talker(host).seen.iter().map(|(_, seen)| seen.clone()).collect()
    }

    /// The sources and payloads of the datagrams that a talker has seen.
    pub(crate) fn heard(&self, host: &str) -> Vec<(SocketAddr, Vec<u8>)> {
        let datagram = |seen| match seen {
            Seen::Datagram { from, payload, .. } => Some((from, payload)),
            _ => None,
        };
        self.seen(host).into_iter().filter_map(datagram).collect()
    }

    /// Lets a talker send.
    pub(crate) fn try_send(&mut self, host: &str, to: SocketAddr, payload: &[u8]) -> Result<(), SendError> {
        let node = self.node(host);
        let act = |talker: &mut Talker, host: &mut Host<'_>| {
            host.send_udp(talker.socket.expect("started"), to, payload, None, None).map(|_| ())
        };
        self.world.with_program(node, ProgramId(0), None, act).expect("a talker")
    }

    pub(crate) fn send(&mut self, host: &str, to: SocketAddr, payload: &[u8]) {
        self.try_send(host, to, payload).expect("sent");
    }

    /// Lets a talker send bytes as they are.
    pub(crate) fn send_raw(&mut self, host: &str, bytes: &[u8]) {
        let act = |_: &mut Talker, host: &mut Host<'_>| host.send_raw(bytes, None, None).expect("sent");
        self.world.with_program(self.node(host), ProgramId(0), None, act).expect("a talker");
    }

    pub(crate) fn set_ttl(&mut self, host: &str, ttl: u8) {
        let act =
            |talker: &mut Talker, host: &mut Host<'_>| host.set_ttl(talker.socket.expect("started"), ttl);
        self.world.with_program(self.node(host), ProgramId(0), None, act).expect("a talker");
    }

    /// Lets something be set on a talker's socket.
    pub(crate) fn with_socket(&mut self, host: &str, set: impl FnOnce(&mut Host<'_>, SocketId)) {
        let act = |talker: &mut Talker, host: &mut Host<'_>| set(host, talker.socket.expect("started"));
        self.world.with_program(self.node(host), ProgramId(0), None, act).expect("a talker");
    }

    /// Lets a talker ask for an echo.
    pub(crate) fn ping(&mut self, host: &str, to: IpAddr, identifier: u16) {
        let act = |_: &mut Talker, host: &mut Host<'_>| {
            host.send_echo(to, identifier, 1, b"ping", None, None).expect("sent")
        };
        self.world.with_program(self.node(host), ProgramId(0), None, act).expect("a talker");
    }

    pub(crate) fn run_ms(&mut self, millis: u64) {
        let until = self.world.now() + std::time::Duration::from_millis(millis);
        self.world.run_until(until);
    }

    pub(crate) fn address(&self, host: &str) -> IpAddr {
        self.addresses(host)[0]
    }

    pub(crate) fn addresses(&self, host: &str) -> Vec<IpAddr> {
        self.world.addresses(self.node(host)).into_iter().map(|own| own.address).collect()
    }

    /// Where all drops so far were.
    pub(crate) fn places_of_drops(&self) -> Vec<String> {
        let trace = self.world.trace();
        let place = |entry: &rtclab_trace::Entry| match &entry.change {
            rtclab_trace::Change::Dropped(dropped) => Some(trace.topology().place_name(dropped.place)),
            _ => None,
        };
        trace.entries().filter_map(|(_, entry)| place(entry)).collect()
    }

    /// Reasons of all drops so far, with their rules.
    pub(crate) fn drops(&self) -> Vec<(rtclab_trace::NetReason, String)> {
        use rtclab_trace::{Change, Reason};
        let drop = |entry: &rtclab_trace::Entry| match (&entry.change, entry.reason) {
            (Change::Dropped(dropped), Some(Reason::Net(reason))) => Some((reason, dropped.rule.clone())),
            _ => None,
        };
        self.world.trace().entries().filter_map(|(_, entry)| drop(entry)).collect()
    }
}

impl Lab {
    /// Every entry about a mapping of a NAT, in order.
    pub(crate) fn mappings(&self, nat: &str) -> Vec<(SimTime, rtclab_trace::MappingState)> {
        let nat = self.node(nat);
        let mapping = |entry: &rtclab_trace::Entry| match (&entry.change, entry.entity) {
            (rtclab_trace::Change::Mapping(state), rtclab_trace::Entity::Mapping(node, _)) if node == nat => {
                Some((entry.at, (**state).clone()))
            }
            _ => None,
        };
        self.world.trace().entries().filter_map(|(_, entry)| mapping(entry)).collect()
    }

    /// How often something happened for a reason, and when.
    pub(crate) fn times_of(&self, reason: rtclab_trace::NetReason) -> Vec<SimTime> {
        let entries = self.world.trace().entries();
        let of_reason = entries.filter(|(_, entry)| entry.reason == Some(reason.into()));
        of_reason.map(|(_, entry)| entry.at).collect()
    }
}

impl Lab {
    /// How many hops have led to a node.
    pub(crate) fn hops_to(&self, name: &str) -> usize {
        let (trace, node) = (self.world.trace(), self.node(name));
        let leads = |entry: &rtclab_trace::Entry| match entry.change {
            rtclab_trace::Change::Hop { link, direction, .. } => {
                trace.topology().hop(link, direction).1 == node
            }
            _ => false,
        };
        trace.entries().filter(|(_, entry)| leads(entry)).count()
    }
}
