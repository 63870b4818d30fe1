//! What an association looks like from outside: its state (RFC 9260 §4), its numbers, and what comes out of it.

use std::fmt;
use std::time::Duration;

use super::wire::ResetOutcome;
use crate::reason::Reason;
use crate::time::Time;

/// The states of an association (RFC 9260 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// There is none.
    Closed,
    /// INIT is sent.
    CookieWait,
    /// COOKIE ECHO is sent.
    CookieEchoed,
    /// Up.
    Established,
    /// Is to be shut down, once everything has arrived.
    ShutdownPending,
    /// SHUTDOWN is sent.
    ShutdownSent,
    /// SHUTDOWN has come; what is left is sent.
    ShutdownReceived,
    /// SHUTDOWN ACK is sent.
    ShutdownAckSent,
}

impl Phase {
    /// All of them, in the order of a life.
    pub const ALL: [Phase; 8] = [
        Phase::Closed,
        Phase::CookieWait,
        Phase::CookieEchoed,
        Phase::Established,
        Phase::ShutdownPending,
        Phase::ShutdownSent,
        Phase::ShutdownReceived,
        Phase::ShutdownAckSent,
    ];

    /// As RFC 9260 spells it.
    pub const fn word(self) -> &'static str {
        match self {
            Phase::Closed => "CLOSED",
            Phase::CookieWait => "COOKIE-WAIT",
            Phase::CookieEchoed => "COOKIE-ECHOED",
            Phase::Established => "ESTABLISHED",
            Phase::ShutdownPending => "SHUTDOWN-PENDING",
            Phase::ShutdownSent => "SHUTDOWN-SENT",
            Phase::ShutdownReceived => "SHUTDOWN-RECEIVED",
            Phase::ShutdownAckSent => "SHUTDOWN-ACK-SENT",
        }
    }

    /// Whether DATA may come in (§6).
    pub(super) const fn takes_data(self) -> bool {
        matches!(self, Phase::Established | Phase::ShutdownPending | Phase::ShutdownSent)
    }

    /// Whether DATA may go out.
    pub(super) const fn sends_data(self) -> bool {
        matches!(
            self,
            Phase::CookieEchoed | Phase::Established | Phase::ShutdownPending | Phase::ShutdownReceived
        )
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// An association, whole. TSNs count from the initial one, which is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssociationState {
    /// Where it is in its life.
    pub phase: Phase,
    /// The tag that the peer must send.
    pub local_tag: u32,
    /// The tag that the peer chose.
    pub peer_tag: Option<u32>,
    /// DATA chunks that were sent.
    pub sent: u64,
    /// Of these, how many the peer has acknowledged without a gap.
    pub acknowledged: u64,
    /// DATA chunks that arrived without a gap.
    pub received: u64,
    /// Bytes in the network.
    pub in_flight: usize,
    /// The congestion window, in bytes.
    pub cwnd: usize,
    /// The slow start threshold, in bytes.
    pub ssthresh: usize,
    /// Bytes that the peer has room for.
    pub peer_window: usize,
    /// Bytes of messages that wait to be sent.
    pub waiting: usize,
    /// Bytes that wait here for the rest of their message.
    pub unassembled: usize,
    /// The smoothed round-trip time, once measured.
    pub srtt: Option<Duration>,
    /// The retransmission timeout.
    pub rto: Duration,
    /// DATA chunks that were sent again.
    pub retransmissions: u64,
    /// Messages that were given up.
    pub abandoned: u64,
    /// When the next timer expires.
    pub timer: Option<Time>,
}

impl fmt::Display for AssociationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, cwnd {}, in flight {}", self.phase, self.cwnd, self.in_flight)
    }
}

/// A user message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its stream.
    pub stream: u16,
    /// Payload protocol identifier.
    pub protocol: u32,
    /// Whether it may overtake others.
    pub unordered: bool,
    /// The bytes.
    pub payload: Vec<u8>,
}

/// How hard a message is tried (RFC 3758, RFC 7496).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reliability {
    /// How often it may be sent again; none for as often as it takes.
    pub retransmissions_max: Option<u32>,
    /// How long it is worth something; none for ever.
    pub lifetime: Option<Duration>,
}

/// One step of an association's output.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send this.
    Packet {
        /// The packet.
        bytes: Vec<u8>,
        /// Why.
        reason: Reason,
    },
    /// The association is now like this.
    Change {
        /// All of it.
        state: Box<AssociationState>,
        /// Why, where there is more to say than what came in.
        reason: Option<Reason>,
    },
    /// A message arrived.
    Message(Message),
    /// The peer begins anew on streams that it sends on; none means all of them.
    StreamsReset(Vec<u16>),
    /// Our own wish to begin anew was answered.
    ResetAnswered {
        /// Which streams.
        streams: Vec<u16>,
        /// How.
        outcome: ResetOutcome,
    },
    /// A message was given up.
    Abandoned {
        /// On this stream.
        stream: u16,
        /// Why.
        reason: Reason,
    },
    /// What came in was not acted on.
    Ignored(Reason),
}

/// Why a message is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The association is not up, or is being shut down.
    #[error("the association is {0}")]
    NotOpen(Phase),
    /// There is nothing in it (§3.3.1; RFC 8831 §6.6 says what to send instead).
    #[error("an SCTP message has at least one byte")]
    Empty,
    /// It is longer than the peer takes.
    #[error("the message has {length} bytes, the peer takes {limit} at most")]
    TooLong {
        /// Its length.
        length: usize,
        /// What the peer said.
        limit: usize,
    },
    /// Too much waits already.
    #[error("{0} bytes wait to be sent already")]
    BufferFull(usize),
    /// The stream is beyond what was agreed.
    #[error("stream {0} is beyond those that were agreed")]
    Stream(u16),
    /// The stream is being reset.
    #[error("stream {0} is being reset")]
    Resetting(u16),
}
