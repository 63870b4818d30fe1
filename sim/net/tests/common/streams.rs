//! A program with TCP sockets, and what a trace says about segments and sockets.

use std::net::SocketAddr;

use rtclab_net::tcp::{Config, Segment, TcpError};
use rtclab_net::wire::ip::{Header, TCP};
use rtclab_net::*;
use rtclab_trace::{Change, Entity, NetReason, Reason, SimTime, TcpConnectionState, TcpState};

use super::Lab;

/// What a [`Caller`] was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Opened,
    Accepted,
    Ended,
    Closed(Option<TcpError>),
}

/// Does as it is told by the test, reads what arrives, and remembers what it hears.
#[derive(Debug, Default)]
pub(crate) struct Caller {
    /// Listens on this port.
    pub(crate) listens: Option<(u16, usize, Config)>,
    /// Leaves connections at the listener.
    pub(crate) lets_wait: bool,
    /// Leaves data unread.
    pub(crate) lets_lie: bool,
    /// Shuts down when the peer has.
    pub(crate) follows: bool,
    pub(crate) to_write: Vec<u8>,
    pub(crate) listener: Option<ListenerId>,
    pub(crate) stream: Option<StreamId>,
    pub(crate) received: Vec<u8>,
    pub(crate) told: Vec<(SimTime, Told)>,
}

impl Caller {
    pub(crate) fn server(config: Config) -> Caller {
        Caller { listens: Some((80, 8, config)), follows: true, ..Caller::default() }
    }

    pub(crate) fn heard(&self) -> Vec<Told> {
        self.told.iter().map(|(_, told)| *told).collect()
    }

    fn hear(&mut self, host: &Host<'_>, told: Told) {
        self.told.push((host.now(), told));
    }

    pub(crate) fn write_on(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if let Ok(count) = host.write(stream, &self.to_write, None) {
            self.to_write.drain(..count);
        }
    }
}

impl Program for Caller {
    fn start(&mut self, host: &mut Host<'_>) {
        if let Some((port, backlog, config)) = self.listens.clone() {
            let any = if host.addresses()[0].address.is_ipv4() { "0.0.0.0" } else { "::" };
            let any = any.parse().expect("an address");
            self.listener = Some(host.listen_tcp(any, port, backlog, config).expect("free"));
        }
    }

    fn stream_waiting(&mut self, host: &mut Host<'_>, listener: ListenerId) {
        while !self.lets_wait
            && let Some((stream, peer)) = host.accept(listener)
        {
            self.stream_accepted(host, stream, peer);
        }
    }

    fn stream_accepted(&mut self, host: &mut Host<'_>, stream: StreamId, _: SocketAddr) {
        self.stream = Some(stream);
        self.hear(host, Told::Accepted);
    }

    fn stream_opened(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.hear(host, Told::Opened);
        self.write_on(host, stream);
    }

    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if !self.lets_lie {
            self.received.extend(host.read_all(stream));
        }
    }

    fn stream_writable(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.write_on(host, stream);
    }

    fn stream_ended(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.hear(host, Told::Ended);
        if self.follows {
            host.shutdown(stream);
        }
    }

    fn stream_closed(&mut self, host: &mut Host<'_>, stream: StreamId, error: Option<TcpError>) {
        if !self.lets_lie {
            self.received.extend(host.read_all(stream));
        }
        self.hear(host, Told::Closed(error));
    }
}

impl Lab {
    /// Puts a caller on a host, which is its only program, and starts it.
    pub(crate) fn place(&mut self, host: &str, caller: Caller) {
        let node = self.node(host);
        self.world.install(node, Box::new(caller)).expect("a host");
        let now = self.world.now();
        self.world.run_until(now);
    }

    pub(crate) fn caller(&self, host: &str) -> &Caller {
        self.world.program(self.node(host), ProgramId(0)).expect("a caller")
    }

    /// Lets a caller act.
    pub(crate) fn act<R>(&mut self, host: &str, act: impl FnOnce(&mut Caller, &mut Host<'_>) -> R) -> R {
        self.world.with_program(self.node(host), ProgramId(0), None, act).expect("a caller")
    }

    /// Lets a caller act on its stream.
    pub(crate) fn on_stream<R>(&mut self, host: &str, act: impl FnOnce(&mut Host<'_>, StreamId) -> R) -> R {
        self.act(host, |caller, host| act(host, caller.stream.expect("a stream")))
    }

    /// Lets a caller connect to a port.
    pub(crate) fn call(&mut self, host: &str, to: SocketAddr, config: Config) {
        self.act(host, |caller, host| {
            caller.stream = Some(host.connect_tcp(to, config, None).expect("a route"));
        });
    }

    /// The segments that a host sent, in order: `SYN seq 0 …` and why.
    pub(crate) fn segments(&self, host: &str) -> Vec<(SimTime, String, NetReason)> {
        let (trace, node) = (self.world.trace(), self.node(host));
        let mut initial = [0; 2];
        let mut lines = Vec::new();
        for (id, entry) in trace.entries() {
            let (Entity::Packet(packet), Change::Hop { link, direction, .. }) = (entry.entity, &entry.change)
            else {
                continue;
            };
            let sender = trace.topology().hop(*link, *direction).0;
            if trace.packets().info(packet).origin != sender {
                continue;
            }
            let bytes = trace.bytes_at(id).expect("a packet");
            let header = Header::parse(&bytes).expect("whole");
            if header.protocol != TCP {
                continue;
            }
            let segment =
                Segment::parse(&bytes[header.payload..header.end], header.source, header.destination);
            let segment = segment.expect("whole");
            let (own, other) = (usize::from(sender != node), usize::from(sender == node));
            if segment.header.flags.has(rtclab_net::tcp::Flags::SYN) {
                initial[own] = segment.header.sequence.0;
            }
            if sender == node {
                let seq = segment.header.sequence.0.wrapping_sub(initial[own]);
                let ack = segment.header.acknowledgment.0.wrapping_sub(initial[other]);
                let has_ack = segment.header.flags.has(rtclab_net::tcp::Flags::ACK);
                let ack = if has_ack { format!(" ack {ack}") } else { String::new() };
                let line = format!("{} seq {seq}{ack} len {}", segment.header.flags, segment.payload.len());
                let Some(Reason::Net(reason)) = entry.reason else { panic!("{line} without a reason") };
                lines.push((entry.at, line, reason));
            }
        }
        lines
    }

    /// The states that a host's connections went through, with why.
    pub(crate) fn states(&self, host: &str) -> Vec<(TcpConnectionState, NetReason)> {
        let mut states: Vec<(TcpConnectionState, NetReason)> = Vec::new();
        for (state, reason) in self.sockets(host) {
            if state.remote.is_some() && states.last().is_none_or(|(last, _)| *last != state.state) {
                states.push((state.state, reason));
            }
        }
        states
    }

    /// Every entry about a TCP socket of a host.
    pub(crate) fn sockets(&self, host: &str) -> Vec<(TcpState, NetReason)> {
        let node = self.node(host);
        let entries = self.world.trace().entries();
        let of_host = entries.filter_map(|(_, entry)| match (&entry.change, entry.entity, entry.reason) {
            (Change::Tcp(state), Entity::Tcp(on, _), Some(Reason::Net(reason))) if on == node => {
                Some(((**state).clone(), reason))
            }
            _ => None,
        });
        of_host.collect()
    }
}
