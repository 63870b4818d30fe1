//! Lines about TCP: the states of sockets, the steps of the congestion window, and the numbers of segments, counted from where their stream
//! begins.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use rtclab_trace::{Change, EntryId, NetReason, NodeId, Reason, TcpRecoveryPhase, TcpState};

use super::events::Words;
use super::reader::Reader;
use super::row::{RepeatKey, RepeatKind};
use super::style::Tone;
use crate::reading::{Content, Reading, TcpReading};

/// Why a segment is sent again, whatever the sender makes of the loss.
const AGAIN: [NetReason; 11] = [
    NetReason::TcpSynTimeout,
    NetReason::TcpSynRepeated,
    NetReason::TcpRetransmissionTimeout,
    NetReason::TcpTailLossProbe,
    NetReason::TcpRackLoss,
    NetReason::TcpFastRetransmit,
    NetReason::TcpPartialAck,
    NetReason::TcpTailLossFound,
    NetReason::TcpReneged,
    NetReason::TcpPathMtuReduced,
    NetReason::TcpWindowReopened,
];

/// Where the streams of sockets begin: the initial sequence numbers of both directions, by node and ends.
#[derive(Debug, Default)]
pub(super) struct Streams(BTreeMap<(NodeId, SocketAddr, SocketAddr), (u32, u32)>);

impl Streams {
    /// A socket is in a new state.
    pub(super) fn learn(&mut self, node: NodeId, state: &TcpState) {
        if let Some(remote) = state.remote {
            self.0.insert((node, state.local, remote), (state.send.initial, state.receive.initial));
        }
    }

    /// Where a stream begins that reaches a port without a socket, as far as its other end is known.
    fn numbers_of_the_other_end(&self, reading: &Reading) -> Option<(u32, u32)> {
        let same = |(_, local, remote): &(NodeId, SocketAddr, SocketAddr)| {
            (*local, *remote) == (reading.destination, reading.source)
        };
        self.0.iter().find(|(ends, _)| same(ends)).map(|(_, (other, own))| (*own, *other))
    }

    /// A packet that a node sends, with relative numbers if they are known.
    pub(super) fn relative(&self, sender: NodeId, mut reading: Reading) -> Reading {
        if !matches!(reading.content, Content::Tcp(_)) {
            return reading;
        }
        let ends = self.0.get(&(sender, reading.source, reading.destination)).copied();
        let ends = ends.or_else(|| self.numbers_of_the_other_end(&reading));
        if let (Content::Tcp(segment), Some((own, other))) = (&mut reading.content, ends) {
            **segment = segment.relative_to(own, other);
        }
        reading
    }
}

/// Whether the line of a segment may be joined with others: data and acknowledgments that go as they should, and repetitions for one reason.
pub(super) fn repeat_key(
    segment: &TcpReading,
    from: &str,
    to: &str,
    reason: Option<Reason>,
) -> Option<RepeatKey> {
    if segment.is_turning_point() || !segment.carries.is_empty() {
        return None;
    }
    let again = AGAIN.iter().position(|again| reason == Some(Reason::Net(*again)));
    let (kind, which) = match again {
        Some(place) => (RepeatKind::Retransmission, 100 + place as u64),
        None if segment.blocks.is_empty() => (RepeatKind::Data, 1 + u64::from(segment.length == 0)),
        None => (RepeatKind::Data, 3),
    };
    Some((kind, from.to_owned(), to.to_owned(), which))
}

impl Reader<'_> {
    /// A socket: another state, a step of the repair of a loss, or of the congestion window.
    pub(super) fn tcp(&self, id: EntryId, state: &TcpState) -> Option<Words> {
        let ends = match state.remote {
            Some(remote) => format!("{} ↔ {remote}", state.local),
            None => state.local.to_string(),
        };
        let before = match self.before(id) {
            Some(Change::Tcp(before)) => Some(before),
            _ => None,
        };
        if before.is_none_or(|before| before.state != state.state) {
            let was = before.map_or(String::new(), |before| format!("{} → ", before.state));
            return Words::new(format!("TCP {ends}: {was}{}", state.state), Tone::Event);
        }
        let window = window_words(state);
        if before.is_some_and(|before| before.recovery != state.recovery) {
            let lost = if state.lost > 0 { format!(", {} bytes lost", state.lost) } else { String::new() };
            let tone = if state.recovery == TcpRecoveryPhase::Open { Tone::Plain } else { Tone::Bad };
            return Words::new(format!("TCP {ends}: {}{lost}, {window}", state.recovery.word()), tone);
        }
        let words = Words::new(format!("TCP {ends}: {window}"), Tone::Faint)?;
        Some(Words { may_repeat: true, ..words })
    }
}

fn window_words(state: &TcpState) -> String {
    let threshold = state.ssthresh.map_or(String::new(), |bytes| format!(", ssthresh {bytes}"));
    format!("cwnd {}{threshold}, {} in flight", state.cwnd, state.in_flight)
}
