//! The TCP sockets of a run, each with what it went through: its states in the order of the diagram of RFC 9293 §3.3.2, and the numbers that
//! curves are made of.

use rtclab_trace::{Change, Entity, EntryId, NodeId, TcpConnectionState, TcpState, Trace};

use super::cursor::Cursor;

/// What a socket went through.
#[derive(Debug)]
pub(crate) struct Track {
    /// The socket.
    pub(crate) entity: Entity,
    /// It lives there.
    pub(crate) node: NodeId,
    /// It has a peer: one that only listened has nothing to draw.
    pub(crate) is_connection: bool,
    /// Every state that it entered, and the entry in which it did.
    pub(crate) states: Vec<(EntryId, TcpConnectionState)>,
    /// Its numbers, from each change to the next.
    pub(crate) samples: Vec<Sample>,
}

/// A socket's numbers from a time on. Bytes and sequence numbers are as the trace counts them: relative to the initial ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// Since then, in milliseconds.
    pub(crate) at_ms: f64,
    /// The next byte to be sent (SND.NXT).
    pub(crate) sent: u64,
    /// The first byte that is not acknowledged (SND.UNA).
    pub(crate) acknowledged: u64,
    /// The next byte that is expected (RCV.NXT).
    pub(crate) received: u64,
    /// The congestion window.
    pub(crate) cwnd: u64,
    /// The slow start threshold, after the first loss.
    pub(crate) ssthresh: Option<u64>,
    /// Bytes in the network.
    pub(crate) in_flight: u64,
    /// Segments sent again so far.
    pub(crate) retransmissions: u64,
}

impl Sample {
    fn of(at_ms: f64, state: &TcpState) -> Sample {
        Sample {
            at_ms,
            sent: state.send.next,
            acknowledged: state.send.done,
            received: state.receive.next,
            cwnd: state.cwnd,
            ssthresh: state.ssthresh,
            in_flight: state.in_flight,
            retransmissions: state.retransmissions,
        }
    }
}

impl Track {
    fn of(trace: &Trace, entity: Entity) -> Option<Track> {
        let Entity::Tcp(node, _) = entity else { return None };
        let mut track = Track { entity, node, is_connection: false, states: Vec::new(), samples: Vec::new() };
        for &id in trace.entries_of(entity) {
            let entry = trace.entry(id);
            let Change::Tcp(state) = &entry.change else { continue };
            track.is_connection |= state.remote.is_some();
            if track.states.last().is_none_or(|(_, last)| *last != state.state) {
                track.states.push((id, state.state));
            }
            track.samples.push(Sample::of(entry.at.as_nanos() as f64 / 1e6, state));
        }
        Some(track)
    }

    /// The states that it has entered so far.
    pub(crate) fn visited(&self, cursor: Cursor) -> &[(EntryId, TcpConnectionState)] {
        let count = self.states.partition_point(|(id, _)| id.index() < cursor.count);
        &self.states[..count]
    }

    /// Until when anything moved, in milliseconds: TIME-WAIT and other long waits behind it are nothing to draw.
    pub(crate) fn busy_until_ms(&self) -> f64 {
        let moved = |pair: &&[Sample]| {
            let numbers = |sample: &Sample| (sample.sent, sample.acknowledged, sample.received);
            numbers(&pair[0]) != numbers(&pair[1])
        };
        self.samples.windows(2).rfind(moved).map_or(0.0, |pair| pair[1].at_ms)
    }

    /// Times at which it sent something again.
    pub(crate) fn retransmissions(&self) -> impl Iterator<Item = &Sample> {
        self.samples
            .windows(2)
            .filter(|pair| pair[1].retransmissions > pair[0].retransmissions)
            .map(|pair| &pair[1])
    }
}

/// Every socket of a run; those with a peer first.
pub(crate) fn tracks(trace: &Trace) -> Vec<Track> {
    let mut tracks: Vec<Track> = trace.entities().filter_map(|entity| Track::of(trace, entity)).collect();
    tracks.sort_by_key(|track| !track.is_connection);
    tracks
}

/// One step of the diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    /// From there.
    pub(crate) from: TcpConnectionState,
    /// To there.
    pub(crate) to: TcpConnectionState,
    /// What makes it happen, as RFC 9293 Figure 5 writes it.
    pub(crate) label: &'static str,
}

const fn edge(from: TcpConnectionState, to: TcpConnectionState, label: &'static str) -> Edge {
    Edge { from, to, label }
}

/// The diagram: RFC 9293 Figure 5. Resets and aborts, which lead from everywhere to CLOSED, are left out there, too.
pub(crate) const EDGES: &[Edge] = {
    use TcpConnectionState::{
        CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, Listen, SynReceived, SynSent,
        TimeWait,
    };
    &[
        edge(Closed, Listen, "passive open"),
        edge(Closed, SynSent, "active open, send SYN"),
        edge(Listen, SynReceived, "receive SYN, send SYN+ACK"),
        edge(SynSent, SynReceived, "receive SYN, send SYN+ACK"),
        edge(SynSent, Established, "receive SYN+ACK, send ACK"),
        edge(SynReceived, Established, "receive ACK of SYN"),
        edge(SynReceived, FinWait1, "close, send FIN"),
        edge(Established, FinWait1, "close, send FIN"),
        edge(Established, CloseWait, "receive FIN, send ACK"),
        edge(FinWait1, FinWait2, "receive ACK of FIN"),
        edge(FinWait1, Closing, "receive FIN, send ACK"),
        edge(FinWait1, TimeWait, "receive FIN+ACK of FIN, send ACK"),
        edge(FinWait2, TimeWait, "receive FIN, send ACK"),
        edge(Closing, TimeWait, "receive ACK of FIN"),
        edge(CloseWait, LastAck, "close, send FIN"),
        edge(LastAck, Closed, "receive ACK of FIN"),
        edge(TimeWait, Closed, "timeout, 2 MSL"),
    ]
};

/// Where a state stands in the diagram: a share of width and height.
pub(crate) const fn place(state: TcpConnectionState) -> (f32, f32) {
    match state {
        TcpConnectionState::Closed => (0.5, 0.06),
        TcpConnectionState::Listen => (0.17, 0.2),
        TcpConnectionState::SynSent => (0.83, 0.2),
        TcpConnectionState::SynReceived => (0.17, 0.38),
        TcpConnectionState::Established => (0.5, 0.5),
        TcpConnectionState::FinWait1 => (0.17, 0.62),
        TcpConnectionState::CloseWait => (0.83, 0.62),
        TcpConnectionState::Closing => (0.5, 0.76),
        TcpConnectionState::FinWait2 => (0.17, 0.9),
        TcpConnectionState::LastAck => (0.83, 0.8),
        TcpConnectionState::TimeWait => (0.5, 0.94),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_but_the_first_is_led_to() {
        for state in TcpConnectionState::ALL {
            assert!(EDGES.iter().any(|edge| edge.to == state), "{state}");
            assert!(EDGES.iter().any(|edge| edge.from == state), "{state}");
        }
    }

    #[test]
    fn no_two_states_stand_on_each_other() {
        for (index, &a) in TcpConnectionState::ALL.iter().enumerate() {
            for &b in &TcpConnectionState::ALL[index + 1..] {
                let ((ax, ay), (bx, by)) = (place(a), place(b));
                assert!((ax - bx).abs() > 0.25 || (ay - by).abs() > 0.1, "{a} and {b}");
            }
        }
    }
}
