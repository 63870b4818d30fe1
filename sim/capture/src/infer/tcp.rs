//! TCP connections as a capture shows them: who opened them, what went over them, how they ended.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::framing::{Framing, Unit};
use super::stream::{Arrival, Stream};
use crate::outline::{Outline, flags};
use crate::report::{TcpConnection, TcpState};

/// One direction.
#[derive(Debug, Default)]
struct Way<'a> {
    stream: Stream<'a>,
    framing: Framing,
    /// The sequence number of its SYN.
    syn: Option<u32>,
    fin: bool,
    bytes: u64,
    packets: u64,
}

/// A connection.
#[derive(Debug)]
struct Connection<'a> {
    /// Who opened it, as far as that shows; then the other.
    ends: [SocketAddr; 2],
    ways: [Way<'a>; 2],
    first_packet: u32,
    last_packet: u32,
    reset: bool,
}

/// All connections of a capture.
#[derive(Debug, Default)]
pub(super) struct Connections<'a> {
    /// The newest connection between two sockets (the smaller one first).
    newest: BTreeMap<(SocketAddr, SocketAddr), usize>,
    all: Vec<Connection<'a>>,
}

/// What a segment means for its connection.
#[derive(Debug, Default)]
pub(super) struct Progress<'a> {
    /// Messages that end in it.
    pub(super) units: Vec<Unit<'a>>,
    /// Whether the connection ends with it.
    pub(super) closes: bool,
    /// Whether a connection begins with it.
    pub(super) opens: bool,
}

impl<'a> Connections<'a> {
    /// Takes in a segment.
    pub(super) fn push(&mut self, outline: &Outline<'a>, number: u32) -> Progress<'a> {
        let (Some(segment), Some((from, to))) = (outline.segment(), outline.sockets()) else {
            return Progress::default();
        };
        let (syn, ack) = (segment.flags & flags::SYN != 0, segment.flags & flags::ACK != 0);
        let key = (from.min(to), from.max(to));
        let known = self.newest.get(&key).copied();
        let index = known.filter(|index| !(syn && !ack && self.all[*index].is_over(from, segment.sequence)));
        let opens = index.is_none();
        let index = index.unwrap_or_else(|| {
            // A SYN with ACK is the answer of whom the connection was opened to.
            let ends = if syn && ack { [to, from] } else { [from, to] };
            self.all.push(Connection::new(ends, number));
            self.newest.insert(key, self.all.len() - 1);
            self.all.len() - 1
        });
        let connection = &mut self.all[index];
        let was_open = !connection.is_closed();
        connection.last_packet = number;
        let way = &mut connection.ways[usize::from(connection.ends[0] != from)];
        way.packets += 1;
        if syn {
            way.syn = Some(segment.sequence);
        }
        way.fin |= segment.flags & flags::FIN != 0;
        connection.reset |= segment.flags & flags::RST != 0;
        // The text of a reset is a diagnosis, not data (RFC 9293 §3.5.3); what IP fragments hold is not put together.
        let whole = outline.network.as_ref().is_some_and(|network| network.fragment.is_none());
        let data = if segment.flags & flags::RST != 0 || !whole { &[] } else { outline.content() };
        let arrivals = way.stream.push(segment.sequence, syn, data);
        let units = way.read(arrivals);
        Progress { units, closes: was_open && connection.is_closed(), opens }
    }

    /// The capture ends. Gives the messages in what still waits for missing segments, with the number of the last packet of each connection.
    pub(super) fn finish(&mut self) -> Vec<(u32, SocketAddr, SocketAddr, Vec<Unit<'a>>)> {
        let mut late = Vec::new();
        for connection in &mut self.all {
            for side in [0, 1] {
                let way = &mut connection.ways[side];
                let arrivals = way.stream.finish();
                let units = way.read(arrivals);
                if !units.is_empty() {
                    let ends = connection.ends;
                    late.push((connection.last_packet, ends[side], ends[1 - side], units));
                }
            }
        }
        late
    }

    /// What the report says of each connection, in the order of their first packets.
    pub(super) fn report(&self) -> Vec<TcpConnection> {
        self.all.iter().map(Connection::report).collect()
    }
}

impl<'a> Way<'a> {
    fn read(&mut self, arrivals: Vec<Arrival<'a>>) -> Vec<Unit<'a>> {
        let mut units = Vec::new();
        for arrival in arrivals {
            match arrival {
                Arrival::Data(data) => {
                    self.bytes += data.len() as u64;
                    units.extend(self.framing.push(data));
                }
                Arrival::Gap => self.framing.gap(),
            }
        }
        units
    }
}

impl Connection<'_> {
    fn new(ends: [SocketAddr; 2], number: u32) -> Self {
        let ways = [Way::default(), Way::default()];
        Connection { ends, ways, first_packet: number, last_packet: number, reset: false }
    }

    const fn is_closed(&self) -> bool {
        self.reset || (self.ways[0].fin && self.ways[1].fin)
    }

    /// Whether a SYN with this sequence number begins another connection between the same sockets.
    fn is_over(&self, from: SocketAddr, sequence: u32) -> bool {
        let way = &self.ways[usize::from(self.ends[0] != from)];
        way.syn != Some(sequence) && (self.is_closed() || way.syn.is_some())
    }

    fn report(&self) -> TcpConnection {
        let [client, server] = &self.ways;
        let (syn, syn_ack) = (client.syn.is_some(), server.syn.is_some());
        let state = match (self.reset, client.fin || server.fin) {
            (true, _) if syn && !syn_ack => TcpState::Refused,
            (true, _) => TcpState::Reset,
            (false, true) if client.fin && server.fin => TcpState::Closed,
            (false, true) => TcpState::HalfClosed,
            (false, false) if syn && !syn_ack => TcpState::Unanswered,
            (false, false) => TcpState::Open,
        };
        TcpConnection {
            client: self.ends[0],
            server: self.ends[1],
            first_packet: self.first_packet,
            last_packet: self.last_packet,
            syn,
            syn_ack,
            fin: [client.fin, server.fin],
            reset: self.reset,
            packets: [client.packets, server.packets],
            bytes: [client.bytes, server.bytes],
            retransmissions: [client.stream.retransmissions, server.stream.retransmissions],
            gaps: [client.stream.gaps, server.stream.gaps],
            state,
        }
    }
}
