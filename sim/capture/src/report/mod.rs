//! What a capture comes to: the data behind `rtclab inspect`. Not here: how it is found out (`infer`).

mod date;
mod json;
mod text;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::stun::{Class, Method, TransactionId};
use rtclab_trace::Protocol;

use crate::finding::Finding;
pub use crate::infer::Carriage;

/// An interface, as far as the report tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceReport {
    /// Its name; empty if the file does not tell.
    pub name: String,
    /// Its link type in words.
    pub link_type: String,
    /// Packets on it.
    pub packets: u64,
}

/// A STUN message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StunMessage {
    /// The packet in which it ends, numbered from 1.
    pub packet: u32,
    /// Request, indication, success, error.
    pub class: Class,
    /// What is asked for.
    pub method: Method,
    /// Which transaction it belongs to.
    pub transaction: TransactionId,
    /// What it says the sender's address is.
    pub mapped: Option<SocketAddr>,
    /// Who sent it.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// Whether an ICMP error quotes it: then it was not sent by whoever sent the packet.
    pub quoted: bool,
    /// Whether it came over TCP.
    pub over_tcp: bool,
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No answer by the end of the capture.
    Unanswered,
    /// No answer for longer than anyone waits (RFC 8489 §6.2.1).
    TimedOut,
    /// A success response.
    Succeeded,
    /// An error response with this code (0 if it has none).
    Refused(u16),
}

impl Outcome {
    /// One word, for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Outcome::Unanswered => "unanswered",
            Outcome::TimedOut => "timed-out",
            Outcome::Succeeded => "succeeded",
            Outcome::Refused(_) => "refused",
        }
    }
}

/// A STUN transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StunTransaction {
    /// Its id.
    pub id: TransactionId,
    /// What was asked for.
    pub method: Method,
    /// Who asked.
    pub client: SocketAddr,
    /// Whom.
    pub server: SocketAddr,
    /// Whether it went through a relay.
    pub carriage: Carriage,
    /// Whether it went over TCP.
    pub over_tcp: bool,
    /// The packet of its first request.
    pub request: u32,
    /// The packet of its first response.
    pub response: Option<u32>,
    /// How often the request was sent.
    pub transmissions: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// What the response says the client's address is.
    pub mapped: Option<SocketAddr>,
    /// From the first request to the first response.
    pub round_trip: Option<Duration>,
    /// The packet of the first ICMP error that quotes its request.
    pub icmp_error: Option<u32>,
}

/// How a TCP connection stands at the end of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TcpState {
    /// A SYN that nobody answered.
    Unanswered,
    /// A SYN that was answered with a reset.
    Refused,
    /// Open.
    Open,
    /// One side has finished.
    HalfClosed,
    /// Both sides have finished.
    Closed,
    /// Ended by a reset.
    Reset,
}

impl TcpState {
    /// One word, for people and programs.
    pub const fn word(self) -> &'static str {
        match self {
            TcpState::Unanswered => "unanswered",
            TcpState::Refused => "refused",
            TcpState::Open => "open",
            TcpState::HalfClosed => "half-closed",
            TcpState::Closed => "closed",
            TcpState::Reset => "reset",
        }
    }
}

/// A TCP connection. Pairs are: of the client, of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcpConnection {
    /// Who opened it; if the capture does not show that, who spoke first.
    pub client: SocketAddr,
    /// The other.
    pub server: SocketAddr,
    /// Its first packet.
    pub first_packet: u32,
    /// Its last packet.
    pub last_packet: u32,
    /// Whether the client's SYN was seen.
    pub syn: bool,
    /// Whether the server's SYN was seen.
    pub syn_ack: bool,
    /// Who has finished.
    pub fin: [bool; 2],
    /// Whether there was a reset.
    pub reset: bool,
    /// Packets sent.
    pub packets: [u64; 2],
    /// Bytes of the streams, each counted once.
    pub bytes: [u64; 2],
    /// Segments that brought nothing new.
    pub retransmissions: [u64; 2],
    /// Places at which the capture has no bytes.
    pub gaps: [u64; 2],
    /// How it stands.
    pub state: TcpState,
}

/// A flow of datagrams or segments. Pairs are: of who began, of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// UDP or TCP.
    pub protocol: Protocol,
    /// Who began, and the other.
    pub ends: [SocketAddr; 2],
    /// Packets sent.
    pub packets: [u64; 2],
    /// Bytes on the wire.
    pub bytes: [u64; 2],
}

/// A path that a check with USE-CANDIDATE confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nominated {
    /// From the controlling side, as the capture sees it.
    pub from: SocketAddr,
    /// To the controlled side.
    pub to: SocketAddr,
    /// Whether a TURN server relays it.
    pub relayed: bool,
    /// The packet of the response that confirmed it.
    pub packet: u32,
}

/// An ICE session: the checks between two user fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceSession {
    /// Both user fragments.
    pub fragments: [String; 2],
    /// The fragment of the side that believes to be controlling.
    pub controlling: Option<String>,
    /// The packet of the first check.
    pub first_packet: u32,
    /// Checks sent by either side.
    pub checks: u32,
    /// Checks that succeeded.
    pub answered: u32,
    /// Every path that was nominated. On both sides of a NAT, one path has two faces.
    pub nominated: Vec<Nominated>,
    /// The one that was confirmed last.
    pub selected: Option<Nominated>,
}

impl IceSession {
    /// `connected` if a nomination was confirmed, `failed` if nothing was answered at all, else `checking`.
    pub const fn state(&self) -> &'static str {
        match (&self.selected, self.answered) {
            (Some(_), _) => "connected",
            (None, 0) => "failed",
            (None, _) => "checking",
        }
    }
}

/// Everything that `rtclab inspect` tells about a capture.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The name of the file; whoever read it fills it in.
    pub file: String,
    /// `pcap`, `pcapng`.
    pub format: &'static str,
    /// How many packets there are.
    pub packets: u64,
    /// When the first one was captured: nanoseconds since 1970-01-01 00:00 UTC.
    pub started_at_ns: Option<i64>,
    /// From the first to the last packet.
    pub duration: Duration,
    /// Comments about the file.
    pub comments: Vec<String>,
    /// Where packets were captured.
    pub interfaces: Vec<InterfaceReport>,
    /// In how many packets each protocol occurs, at any depth.
    pub protocols: BTreeMap<&'static str, u64>,
    /// Every STUN message, except for those that TURN carries.
    pub stun: Vec<StunMessage>,
    /// STUN transactions, those that TURN carries among them.
    pub transactions: Vec<StunTransaction>,
    /// TCP connections.
    pub tcp: Vec<TcpConnection>,
    /// UDP and TCP flows.
    pub flows: Vec<Flow>,
    /// ICE sessions.
    pub calls: Vec<IceSession>,
    /// What is wrong, or worth knowing.
    pub findings: Vec<Finding>,
}
