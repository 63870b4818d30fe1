//! TCP of hosts: segments find their connection or listener, connections are pumped, their timers looked after, and every change is written down.
//! Not here: TCP itself ([`crate::tcp`]), and what programs call (`host`).

use std::net::{IpAddr, SocketAddr};

use rtclab_trace::{Change, Entity, EntryId, NetReason, NodeId, Place, TcpConnectionState};

use super::{Call, Net, What};
use crate::error::{BindError, ConnectError, SendError};
use crate::host::sockets::{Fragmentation, Handling};
use crate::host::streams::{ListenerId, Owner, StreamId};
use crate::packet::{Event, Packet};
use crate::program::ProgramId;
use crate::tcp::{
    self, Admission, Codepoint, Config, Connection, Flags, Listener, Segment, SegmentError, SegmentOut,
    Verdict,
};
use crate::wire::icmp::{ErrorKind, Icmp};
use crate::wire::ip::{self, Header};

impl Net {
    // ---- segments ----

    /// A TCP segment for one of the node's addresses.
    pub(super) fn deliver_tcp(&mut self, node: NodeId, packet: Box<Packet>, header: &Header) {
        let bytes = &packet.bytes[header.payload..header.end];
        let segment = match Segment::parse(bytes, header.source, header.destination) {
            Ok(segment) => segment,
            Err(problem) => {
                return self.unreadable(node, packet, problem == SegmentError::Checksum, &problem);
            }
        };
        let local = SocketAddr::new(header.destination, segment.header.destination_port);
        let remote = SocketAddr::new(header.source, segment.header.source_port);
        let codepoint = ip::ecn(&packet.bytes);
        let stream = self.node(node).streams.between(local, remote);
        let stream = stream.filter(|stream| !self.takes_over(node, *stream, &segment, packet.last));
        if let Some(stream) = stream {
            let verdict = self.segment_for_stream(node, stream, codepoint, &segment);
            let entry = self.judged(node, packet, verdict);
            return self.pump(node, stream, entry);
        }
        let now = self.now;
        let mtu = self.segment_mtu(node, local.ip(), remote.ip());
        let streams = &mut self.node_mut(node).streams;
        let identity = streams.sequences.identity(now, local, remote);
        let listener = streams.listener_for(local);
        let listening = listener.and_then(|listener| Some((listener, streams.listener_mut(listener)?)));
        let Some((listener, listening)) = listening else {
            let reset = tcp::reset_for(&segment);
            return self.refuse_segment(node, packet, [local, remote], reset);
        };
        let program = listening.program;
        match listening.listener.admit(now, [local, remote], &segment, identity, mtu) {
            Admission::Open(connection) => {
                let stream = streams.insert(program, Owner::Handshake(listener), connection);
                let entry = self.judged(node, packet, Verdict::Accepted);
                self.pump(node, stream, entry);
            }
            Admission::Refused(reset) => self.refuse_segment(node, packet, [local, remote], Some(reset)),
            Admission::Dropped(reason) => {
                self.judged(node, packet, Verdict::Dropped(reason));
            }
        }
    }

    /// Whether a segment may take the place of a connection in TIME-WAIT, which then ends.
    fn takes_over(
        &mut self,
        node: NodeId,
        stream: StreamId,
        segment: &Segment<'_>,
        cause: Option<EntryId>,
    ) -> bool {
        let Some(open) = self.node_mut(node).streams.get_mut(stream) else { return false };
        if !open.connection.may_be_replaced_by(segment) {
            return false;
        }
        open.connection.give_way();
        open.owner = Owner::Nobody;
        self.pump(node, stream, cause);
        true
    }

    fn segment_for_stream(
        &mut self,
        node: NodeId,
        stream: StreamId,
        codepoint: Codepoint,
        segment: &Segment<'_>,
    ) -> Verdict {
        let now = self.now;
        let streams = &mut self.node_mut(node).streams;
        let Some(open) = streams.get(stream) else { return Verdict::Dropped(NetReason::PortClosed) };
        if let Owner::Handshake(listener) = open.owner
            && streams.listener(listener).is_some_and(|listening| listening.listener.is_full())
            && !segment.header.flags.has(Flags::RST)
        {
            // The acknowledgment that would establish it has to come again, when there is room.
            return Verdict::Dropped(NetReason::TcpBacklogFull);
        }
        match streams.get_mut(stream) {
            Some(open) => open.connection.handle_segment(now, codepoint, segment),
            None => Verdict::Dropped(NetReason::PortClosed),
        }
    }

    /// Writes down what became of a segment.
    fn judged(&mut self, node: NodeId, packet: Box<Packet>, verdict: Verdict) -> Option<EntryId> {
        match verdict {
            Verdict::Accepted => {
                let entry = self.delivered(node, &packet);
                self.recycle(packet);
                entry
            }
            Verdict::Dropped(reason) => {
                self.end(packet, Place::Node(node), reason, |_| reason.text().code.to_owned())
            }
        }
    }

    /// A segment for which nothing is open.
    fn refuse_segment(
        &mut self,
        node: NodeId,
        packet: Box<Packet>,
        [local, remote]: [SocketAddr; 2],
        reset: Option<SegmentOut>,
    ) {
        let reason = reset.as_ref().map_or(NetReason::PortClosed, |reset| reset.reason);
        let rule = |_: &Net| format!("no socket on TCP port {}", local.port());
        let entry = self.end(packet, Place::Node(node), reason, rule);
        if let Some(reset) = reset {
            // A RST that finds no way is dropped, which the trace says; nobody is left to be told.
            let _ = self.send_segment(node, local.ip(), remote.ip(), &reset, entry);
        }
    }

    fn send_segment(
        &mut self,
        node: NodeId,
        local: IpAddr,
        remote: IpAddr,
        segment: &SegmentOut,
        cause: Option<EntryId>,
    ) -> Result<Option<EntryId>, SendError> {
        let why = (Some(segment.reason.into()), cause);
        // A segment is cut to fit its path, never fragmented (RFC 9293 §3.7.1).
        let handling = Handling { fragmentation: Fragmentation::Never, ..Handling::default() };
        self.originate_as(node, Some(local), remote, why, handling, |bytes, source| {
            let payload = segment.emit(source, remote);
            ip::build(bytes, source, remote, ip::TCP, ip::DEFAULT_TTL, payload.len());
            bytes.extend_from_slice(&payload);
            ip::set_ecn(bytes, segment.codepoint);
        })
    }

    // ---- connections ----

    /// Lets a connection say what changed, send what it has to, and call its program, because of `cause`.
    pub(crate) fn pump(&mut self, node: NodeId, stream: StreamId, mut cause: Option<EntryId>) {
        loop {
            let now = self.now;
            let Some(open) = self.node_mut(node).streams.get_mut(stream) else { return };
            if let Some(change) = open.connection.poll_change() {
                let (entity, reason) = (Entity::Tcp(node, stream.0), Some(change.reason.into()));
                cause = self.record(entity, Change::Tcp(change.state), reason, cause).or(cause);
                continue;
            }
            let Some(segment) = open.connection.poll_transmit(now) else { break };
            let (local, remote) = (open.connection.local().ip(), open.connection.remote().ip());
            let sent = self.send_segment(node, local, remote, &segment, cause);
            let Some(open) = self.node_mut(node).streams.get_mut(stream) else { return };
            match sent {
                Ok(entry) => open.last = entry.or(cause),
                Err(SendError::TooBig { mtu }) => {
                    let mtu = u16::try_from(mtu).unwrap_or(u16::MAX);
                    open.connection.handle_packet_too_big(now, segment.header.sequence, mtu);
                }
                // The way is gone for now: the segment counts as lost.
                Err(_) => open.last = cause,
            }
        }
        if let Some(open) = self.node_mut(node).streams.get_mut(stream) {
            open.last = open.last.or(cause);
        }
        self.tell_program(node, stream, cause);
        self.look_after_later(node, stream);
    }

    /// Turns the events of a connection into calls of its program. What happens before the program takes a connection waits for that.
    fn tell_program(&mut self, node: NodeId, stream: StreamId, input: Option<EntryId>) {
        loop {
            let streams = &mut self.node_mut(node).streams;
            let Some(open) = streams.get_mut(stream) else { return };
            let (program, owner) = (open.program, open.owner);
            if let Owner::Waiting(_) = owner
                && !open.connection.is_finished()
            {
                return;
            }
            let Some(event) = open.connection.poll_event() else { return };
            let what = match (event, owner) {
                (tcp::Event::Closed, _) => return self.stream_ended(node, stream, input),
                (tcp::Event::Established, Owner::Handshake(listener)) => {
                    open.owner = Owner::Waiting(listener);
                    let Some(listening) = streams.listener_mut(listener) else { return };
                    listening.listener.opened();
                    listening.ready.push_back(stream);
                    What::StreamWaiting(listener)
                }
                (_, Owner::Handshake(_) | Owner::Waiting(_) | Owner::Nobody) => continue,
                (tcp::Event::Established, Owner::Program) => What::StreamOpened(stream),
                (tcp::Event::Readable, Owner::Program) => What::StreamData(stream),
                (tcp::Event::Writable, Owner::Program) => What::StreamWritable(stream),
                (tcp::Event::PeerClosed, Owner::Program) => What::StreamEnded(stream),
                (tcp::Event::Urgent, Owner::Program) => What::StreamUrgent(stream),
            };
            self.calls.push_back(Call { node, program, input, what });
        }
    }

    /// A connection is over. Its program hears of it, if it has it, and then it is forgotten.
    fn stream_ended(&mut self, node: NodeId, stream: StreamId, input: Option<EntryId>) {
        let streams = &mut self.node_mut(node).streams;
        let Some(open) = streams.get(stream) else { return };
        let (program, error, owner) = (open.program, open.connection.error(), open.owner);
        match owner {
            Owner::Program => {
                let what = What::StreamClosed(stream, error);
                self.calls.push_back(Call { node, program, input, what });
                return;
            }
            Owner::Handshake(listener) => {
                if let Some(listening) = streams.listener_mut(listener) {
                    listening.listener.lost();
                }
            }
            Owner::Waiting(listener) => {
                if let Some(listening) = streams.listener_mut(listener) {
                    listening.listener.given_up();
                    listening.ready.retain(|waiting| *waiting != stream);
                }
            }
            Owner::Nobody => {}
        }
        streams.remove(stream);
    }

    /// A connection that is over and of which nobody will hear any more is gone.
    pub(super) fn forget_if_finished(&mut self, node: NodeId, stream: StreamId) {
        let streams = &mut self.node_mut(node).streams;
        if streams.get(stream).is_some_and(|open| open.connection.is_finished()) {
            streams.remove(stream);
        }
    }

    // ---- timers ----

    /// Sees to it that an event comes when the next timer of a connection expires. Putting a timer off costs nothing until that event comes.
    fn look_after_later(&mut self, node: NodeId, stream: StreamId) {
        let Some(open) = self.node_mut(node).streams.get_mut(stream) else { return };
        let Some(at) = open.connection.poll_timeout() else { return };
        if open.queued_at.is_none_or(|queued| queued > at) {
            open.queued_at = Some(at);
            self.queue.push(at.max(self.now), Event::Tcp { node, stream });
        }
    }

    /// An event has come to look after the timers of a connection. Says whether one had expired.
    pub(super) fn look_after_stream(&mut self, node: NodeId, stream: StreamId) -> bool {
        let now = self.now;
        let Some(open) = self.node_mut(node).streams.get_mut(stream) else { return false };
        if open.queued_at.is_some_and(|queued| queued <= now) {
            open.queued_at = None;
        }
        if open.connection.poll_timeout().is_none_or(|at| at > now) {
            self.look_after_later(node, stream);
            return false;
        }
        open.connection.handle_timeout(now);
        let cause = open.last;
        self.pump(node, stream, cause);
        true
    }

    // ---- what programs ask for ----

    pub(crate) fn listen_tcp(
        &mut self,
        node: NodeId,
        program: ProgramId,
        (address, port): (IpAddr, u16),
        backlog: usize,
        config: Config,
        cause: Option<EntryId>,
    ) -> Result<ListenerId, BindError> {
        let streams = &mut self.node_mut(node).streams;
        let id = streams.listen(program, address, port, |local| Listener::new(local, config, backlog))?;
        self.record_listener(node, id, NetReason::TcpListening, cause);
        Ok(id)
    }

    fn record_listener(
        &mut self,
        node: NodeId,
        id: ListenerId,
        reason: NetReason,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        let state = Box::new(self.node(node).streams.listener(id)?.listener.snapshot());
        self.record(Entity::Tcp(node, id.0), Change::Tcp(state), Some(reason.into()), cause)
    }

    pub(crate) fn close_listener(&mut self, node: NodeId, id: ListenerId, cause: Option<EntryId>) {
        let Some(listening) = self.node_mut(node).streams.remove_listener(id) else { return };
        let mut state = Box::new(listening.listener.snapshot());
        state.state = TcpConnectionState::Closed;
        let reason = Some(NetReason::TcpCloseCalled.into());
        let entry = self.record(Entity::Tcp(node, id.0), Change::Tcp(state), reason, cause).or(cause);
        for stream in listening.ready {
            if let Some(open) = self.node_mut(node).streams.get_mut(stream) {
                open.owner = Owner::Nobody;
                open.connection.abort();
                self.pump(node, stream, entry);
            }
        }
    }

    pub(crate) fn accept_tcp(
        &mut self,
        node: NodeId,
        id: ListenerId,
        cause: Option<EntryId>,
    ) -> Option<(StreamId, SocketAddr)> {
        let streams = &mut self.node_mut(node).streams;
        let listening = streams.listener_mut(id)?;
        let stream = listening.ready.pop_front()?;
        listening.listener.taken();
        let open = streams.get_mut(stream)?;
        open.owner = Owner::Program;
        let remote = open.connection.remote();
        // What has happened to it meanwhile is told now.
        self.tell_program(node, stream, cause);
        Some((stream, remote))
    }

    pub(crate) fn connect_tcp(
        &mut self,
        node: NodeId,
        program: ProgramId,
        from: SocketAddr,
        to: SocketAddr,
        config: Config,
        cause: Option<EntryId>,
    ) -> Result<StreamId, ConnectError> {
        let mtu = self.segment_mtu(node, from.ip(), to.ip()).ok_or(ConnectError::NoRoute)?;
        let config = Config { mtu: mtu.min(config.mtu), ..config };
        let now = self.now;
        let streams = &mut self.node_mut(node).streams;
        let port = streams.port_for(from.ip(), from.port(), to)?;
        let local = SocketAddr::new(from.ip(), port);
        let identity = streams.sequences.identity(now, local, to);
        let connection = Connection::connect(config, local, to, identity);
        let stream = streams.insert(program, Owner::Program, Box::new(connection));
        self.pump(node, stream, cause);
        Ok(stream)
    }

    /// The MTU of the first link on the way; none if there is no way. A node talks to itself without a link.
    fn segment_mtu(&self, node: NodeId, local: IpAddr, remote: IpAddr) -> Option<u16> {
        if self.node(node).has_address(remote) {
            return Some(u16::MAX);
        }
        let mtu = self.mtu_towards(node, remote, self.strong_interface(node, local))?;
        Some(u16::try_from(mtu).unwrap_or(u16::MAX))
    }

    // ---- ICMP ----

    /// An ICMP error quotes a segment: its connection hears of it (RFC 1122 §4.2.3.9). Says whether the error was about TCP at all.
    pub(super) fn error_for_stream(
        &mut self,
        node: NodeId,
        packet: &Packet,
        icmp: Icmp,
        kind: ErrorKind,
        input: Option<EntryId>,
    ) -> bool {
        let quoted = &packet.bytes[icmp.body..icmp.end];
        let Ok(inner) = Header::parse_quoted(quoted) else { return false };
        if inner.protocol != ip::TCP || inner.later_fragment {
            return false;
        }
        let Some((local, remote, sequence)) = quoted_segment(quoted, &inner) else { return true };
        let Some(stream) = self.node(node).streams.between(local, remote) else { return true };
        let now = self.now;
        if let Some(open) = self.node_mut(node).streams.get_mut(stream) {
            match kind {
                ErrorKind::TooBig { mtu } => {
                    let mtu = u16::try_from(mtu).unwrap_or(u16::MAX);
                    open.connection.handle_packet_too_big(now, sequence, mtu);
                }
                // A loop or a reassembly that timed out may be over the next time.
                ErrorKind::TimeExceeded | ErrorKind::Other => {}
                // Like Linux, every other error is believed while the connection is being opened (RFC 5461 §4).
                _ => {
                    open.connection.handle_unreachable(sequence, true);
                }
            }
        }
        self.pump(node, stream, input);
        true
    }
}

/// The two ends and the sequence number of a quoted segment: its first eight bytes (RFC 792).
fn quoted_segment(quoted: &[u8], inner: &Header) -> Option<(SocketAddr, SocketAddr, tcp::SequenceNumber)> {
    let first: &[u8; 8] = quoted.get(inner.payload..)?.first_chunk()?;
    let source = u16::from_be_bytes([first[0], first[1]]);
    let destination = u16::from_be_bytes([first[2], first[3]]);
    let sequence = u32::from_be_bytes([first[4], first[5], first[6], first[7]]);
    let local = SocketAddr::new(inner.source, source);
    Some((local, SocketAddr::new(inner.destination, destination), tcp::SequenceNumber(sequence)))
}
