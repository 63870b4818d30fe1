//! The state of a TCP socket, as readers see it: plain data, whole. Not here: the endpoint that goes through these states (`rtclab-net`).

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use crate::SimTime;

/// The eleven states of a connection (RFC 9293 §3.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TcpConnectionState {
    /// No connection at all.
    Closed,
    /// Waits for a connection request from any remote endpoint.
    Listen,
    /// Sent a SYN; waits for the one of the peer.
    SynSent,
    /// Sent and received a SYN; waits for the acknowledgment of its own.
    SynReceived,
    /// Open: data goes both ways.
    Established,
    /// The program closed first; waits for the peer's FIN or for the acknowledgment of its own.
    FinWait1,
    /// Its FIN is acknowledged; waits for the peer's.
    FinWait2,
    /// The peer closed first; waits for its own program to close.
    CloseWait,
    /// Both closed at the same time; waits for the acknowledgment of its FIN.
    Closing,
    /// The peer closed first, then the program; waits for the acknowledgment of its FIN.
    LastAck,
    /// Both are closed; waits until no old segment can be about any more.
    TimeWait,
}

impl TcpConnectionState {
    /// All of them, in the order in which a client that closes first may go through them.
    pub const ALL: [TcpConnectionState; 11] = [
        TcpConnectionState::Closed,
        TcpConnectionState::Listen,
        TcpConnectionState::SynSent,
        TcpConnectionState::SynReceived,
        TcpConnectionState::Established,
        TcpConnectionState::FinWait1,
        TcpConnectionState::FinWait2,
        TcpConnectionState::CloseWait,
        TcpConnectionState::Closing,
        TcpConnectionState::LastAck,
        TcpConnectionState::TimeWait,
    ];

    /// As RFC 9293 spells it: `SYN-RECEIVED`.
    pub const fn word(self) -> &'static str {
        match self {
            TcpConnectionState::Closed => "CLOSED",
            TcpConnectionState::Listen => "LISTEN",
            TcpConnectionState::SynSent => "SYN-SENT",
            TcpConnectionState::SynReceived => "SYN-RECEIVED",
            TcpConnectionState::Established => "ESTABLISHED",
            TcpConnectionState::FinWait1 => "FIN-WAIT-1",
            TcpConnectionState::FinWait2 => "FIN-WAIT-2",
            TcpConnectionState::CloseWait => "CLOSE-WAIT",
            TcpConnectionState::Closing => "CLOSING",
            TcpConnectionState::LastAck => "LAST-ACK",
            TcpConnectionState::TimeWait => "TIME-WAIT",
        }
    }
}

impl fmt::Display for TcpConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What a sender makes of the losses it has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TcpRecoveryPhase {
    /// Nothing is known to be lost.
    Open,
    /// Segments arrived out of order; it is not clear yet whether something is lost.
    Disorder,
    /// The network reported congestion with ECN and the window was reduced (RFC 3168 §6.1.2).
    WindowReduced,
    /// Fast recovery: losses are being repaired while acknowledgments keep coming (RFC 5681 §3.2).
    Recovery,
    /// The retransmission timer expired; slow start begins anew (RFC 5681 §3.1).
    Loss,
}

impl TcpRecoveryPhase {
    /// In words.
    pub const fn word(self) -> &'static str {
        match self {
            TcpRecoveryPhase::Open => "open",
            TcpRecoveryPhase::Disorder => "disorder",
            TcpRecoveryPhase::WindowReduced => "window-reduced",
            TcpRecoveryPhase::Recovery => "recovery",
            TcpRecoveryPhase::Loss => "loss",
        }
    }
}

/// A timer of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TcpTimer {
    /// RFC 8985 §6.2, step 5.
    Reordering,
    /// RFC 8985 §7.2.
    TailLossProbe,
    /// RFC 6298 §5.
    Retransmission,
    /// RFC 9293 §3.8.6.3.
    DelayedAck,
    /// RFC 9293 §3.8.6.1.
    Persist,
    /// RFC 9293 §3.8.4.
    Keepalive,
    /// The next segment that pacing lets go.
    Pacing,
    /// Twice the maximum segment lifetime, RFC 9293 §3.6.
    TimeWait,
    /// How long an orphaned connection waits for the peer's FIN.
    FinWait2,
}

impl TcpTimer {
    /// All of them.
    pub const ALL: [TcpTimer; 9] = [
        TcpTimer::Reordering,
        TcpTimer::TailLossProbe,
        TcpTimer::Retransmission,
        TcpTimer::DelayedAck,
        TcpTimer::Persist,
        TcpTimer::Keepalive,
        TcpTimer::Pacing,
        TcpTimer::TimeWait,
        TcpTimer::FinWait2,
    ];

    /// In words.
    pub const fn word(self) -> &'static str {
        match self {
            TcpTimer::Reordering => "reordering",
            TcpTimer::TailLossProbe => "tail-loss-probe",
            TcpTimer::Retransmission => "retransmission",
            TcpTimer::DelayedAck => "delayed-ack",
            TcpTimer::Persist => "persist",
            TcpTimer::Keepalive => "keepalive",
            TcpTimer::Pacing => "pacing",
            TcpTimer::TimeWait => "time-wait",
            TcpTimer::FinWait2 => "fin-wait-2",
        }
    }
}

/// Sequence numbers of one direction, relative to its initial sequence number: the SYN is 0, the first byte of data is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct TcpSequences {
    /// The initial sequence number, as on the wire (ISS or IRS).
    pub initial: u32,
    /// Everything before this is acknowledged (SND.UNA) or was handed to the program (on the receiving side).
    pub done: u64,
    /// The next to be sent or expected (SND.NXT, RCV.NXT).
    pub next: u64,
    /// Bytes of window: what the peer offers (SND.WND), or what it was offered (RCV.WND).
    pub window: u64,
}

/// A TCP socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcpState {
    /// Its own address.
    pub local: SocketAddr,
    /// The peer; none while it listens.
    pub remote: Option<SocketAddr>,
    /// Which of the eleven.
    pub state: TcpConnectionState,
    /// The sending direction.
    pub send: TcpSequences,
    /// The receiving direction.
    pub receive: TcpSequences,
    /// Bytes that the program wrote and that were not sent yet.
    pub unsent: u64,
    /// Bytes that arrived in order and that the program has not read.
    pub unread: u64,
    /// Bytes that arrived behind a gap.
    pub out_of_order: u64,
    /// Payload bytes that fit a segment, with the options it carries.
    pub segment_size: u32,
    /// The congestion control algorithm.
    pub algorithm: &'static str,
    /// The congestion window, in bytes.
    pub cwnd: u64,
    /// The slow start threshold, in bytes; none until the first loss.
    pub ssthresh: Option<u64>,
    /// Bytes that are in the network, as far as the sender knows.
    pub in_flight: u64,
    /// Bytes that the peer acknowledged selectively.
    pub sacked: u64,
    /// Bytes that are taken for lost and wait for their retransmission.
    pub lost: u64,
    /// What it makes of the losses it has seen.
    pub recovery: TcpRecoveryPhase,
    /// The smoothed round-trip time, once measured.
    pub srtt: Option<Duration>,
    /// The least round-trip time seen lately.
    pub rtt_min: Option<Duration>,
    /// The retransmission timeout, with its backoff.
    pub rto: Duration,
    /// Bits per second at which segments are let go; none without pacing.
    pub pacing_bps: Option<u64>,
    /// Segments sent again since the start.
    pub retransmissions: u64,
    /// The timer that expires next, and when.
    pub timer: Option<(TcpTimer, SimTime)>,
}

impl TcpState {
    /// A socket that listens, or one before its first segment.
    pub fn idle(local: SocketAddr, state: TcpConnectionState) -> TcpState {
        TcpState {
            local,
            remote: None,
            state,
            send: TcpSequences::default(),
            receive: TcpSequences::default(),
            unsent: 0,
            unread: 0,
            out_of_order: 0,
            segment_size: 0,
            algorithm: "",
            cwnd: 0,
            ssthresh: None,
            in_flight: 0,
            sacked: 0,
            lost: 0,
            recovery: TcpRecoveryPhase::Open,
            srtt: None,
            rtt_min: None,
            rto: Duration::ZERO,
            pacing_bps: None,
            retransmissions: 0,
            timer: None,
        }
    }
}

impl TcpState {
    /// Its stable JSON form: times in nanoseconds, sequence numbers relative to the initial ones.
    pub(crate) fn json(&self) -> Value {
        let nanos =
            |span: Option<Duration>| span.map(|span| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX));
        let sequences = |numbers: &TcpSequences| json!({ "initial": numbers.initial, "done": numbers.done, "next": numbers.next, "window": numbers.window });
        json!({
            "local": self.local.to_string(), "remote": self.remote.map(|remote| remote.to_string()),
            "state": self.state.word(), "send": sequences(&self.send), "receive": sequences(&self.receive),
            "unsent": self.unsent, "unread": self.unread, "out_of_order": self.out_of_order,
            "segment_size": self.segment_size, "algorithm": self.algorithm, "cwnd": self.cwnd,
            "ssthresh": self.ssthresh, "in_flight": self.in_flight, "sacked": self.sacked, "lost": self.lost,
            "recovery": self.recovery.word(), "srtt_ns": nanos(self.srtt), "rtt_min_ns": nanos(self.rtt_min),
            "rto_ns": nanos(Some(self.rto)), "pacing_bps": self.pacing_bps,
            "retransmissions": self.retransmissions,
            "timer": self.timer.map(|(timer, at)| json!({ "name": timer.word(), "at_ns": at.as_nanos() })),
        })
    }
}

/// `ESTABLISHED 10.0.0.1:5000 ↔ 10.0.0.2:80, cwnd 14480, in flight 2896`.
impl fmt::Display for TcpState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.remote {
            None => write!(f, "{} {}", self.state, self.local),
            Some(remote) => write!(
                f,
                "{} {} ↔ {remote}, cwnd {}, in flight {}",
                self.state, self.local, self.cwnd, self.in_flight
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_timer_has_a_word_of_its_own() {
        let mut words: Vec<_> = TcpConnectionState::ALL.iter().map(|state| state.word()).collect();
        words.extend(TcpTimer::ALL.iter().map(|timer| timer.word()));
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
    }

    #[test]
    fn a_socket_reads_as_people_write_it() {
        let local = SocketAddr::from(([10, 0, 0, 1], 80));
        let mut state = TcpState::idle(local, TcpConnectionState::Listen);
        assert_eq!(state.to_string(), "LISTEN 10.0.0.1:80");
        state.remote = Some(SocketAddr::from(([10, 0, 0, 2], 5000)));
        state.state = TcpConnectionState::Established;
        (state.cwnd, state.in_flight) = (14_480, 2_896);
        assert_eq!(state.to_string(), "ESTABLISHED 10.0.0.1:80 ↔ 10.0.0.2:5000, cwnd 14480, in flight 2896");
        assert_eq!(state.json()["state"], "ESTABLISHED");
        assert_eq!(state.json()["receive"]["next"], 0);
    }
}
