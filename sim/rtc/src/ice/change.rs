//! What an agent tells about itself: one snapshot type for each subject. Not here: how states change.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use super::CandidateTransport;
use crate::stun::{TransactionSnapshot, Transport};
use crate::turn::AllocationSnapshot;

/// A change inside an ICE agent; the whole new state of its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The agent as a whole.
    Agent(AgentSnapshot),
    /// A check list.
    CheckList(CheckListSnapshot),
    /// A candidate, ours or the peer's.
    Candidate(Candidate),
    /// A candidate pair.
    Pair(PairSnapshot),
    /// A STUN transaction (gathering, check, keepalive, TURN).
    Transaction(TransactionSnapshot),
    /// The allocation behind a relayed candidate.
    Allocation(AllocationSnapshot),
}

/// Who decides (RFC 8445 §6.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Nominates.
    Controlling,
    /// Accepts what the other side nominates.
    Controlled,
}

/// How far gathering has come (RFC 8445 §5.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GatheringState {
    /// Not started.
    New,
    /// Transactions with servers are pending.
    Gathering,
    /// Every server has answered or failed to.
    Complete,
}

/// The agent's state in the words of the W3C API (`RTCIceTransportState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectionState {
    /// No remote candidate yet.
    New,
    /// Checks run, nothing works yet.
    Checking,
    /// A pair is nominated and confirmed.
    Connected,
    /// Connected, and all checks are done.
    Completed,
    /// Was connected, and a consent check has stayed unanswered for a while.
    Disconnected,
    /// Every pair failed and no more can come, or the peer's consent is lost.
    Failed,
    /// Ended by its owner.
    Closed,
}

/// The agent as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentSnapshot {
    /// Who decides.
    pub role: Role,
    /// The number that settles a role conflict (RFC 8445 §7.3.1.1).
    pub tie_breaker: u64,
    /// Our username fragment.
    pub local_ufrag: String,
    /// The peer's, once signaled.
    pub remote_ufrag: Option<String>,
    /// How far gathering has come.
    pub gathering: GatheringState,
    /// Where the connection stands.
    pub connection: ConnectionState,
    /// The pair that carries data, once nomination is confirmed; of several components, that of the first one.
    pub selected: Option<SelectedPair>,
    /// Whether the peer still agrees to be sent to (RFC 7675); of several components, the worst.
    pub consent: ConsentState,
}

/// Whether the peer agrees to be sent to (RFC 7675).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConsentState {
    /// Nothing is sent yet, or consent is not asked for.
    #[default]
    None,
    /// The check that selected the pair, or a later one, was answered less than a lifetime ago.
    Granted,
    /// It has not been answered for a lifetime.
    Expired,
    /// The peer answered 403, or ended the session above.
    Revoked,
}

/// The pair that carries data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectedPair {
    /// Number of the pair.
    pub pair: u32,
    /// Our end.
    pub local: Candidate,
    /// The peer's end.
    pub remote: Candidate,
}

/// Where a candidate comes from (RFC 8445 §5.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CandidateKind {
    /// An address of the host itself.
    Host,
    /// What a STUN server saw.
    ServerReflexive,
    /// What the peer saw, or the peer's address as we saw it.
    PeerReflexive,
    /// An address on a TURN server.
    Relayed,
}

impl CandidateKind {
    /// The word of the candidate attribute (RFC 8839 §5.1): `host`, `srflx`, `prflx`, `relay`.
    pub const fn word(self) -> &'static str {
        match self {
            CandidateKind::Host => "host",
            CandidateKind::ServerReflexive => "srflx",
            CandidateKind::PeerReflexive => "prflx",
            CandidateKind::Relayed => "relay",
        }
    }
}

/// A candidate. Cheap to clone: every snapshot of a pair carries two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where it comes from.
    pub kind: CandidateKind,
    /// UDP, or TCP with the part that it plays.
    pub transport: CandidateTransport,
    /// The transport address a peer would send to.
    pub address: SocketAddr,
    /// The address we send from (a peer's candidate: the same as `address`).
    pub base: SocketAddr,
    /// The related address of the candidate attribute: the base of a reflexive one, the mapped address of a relayed one.
    pub related: Option<SocketAddr>,
    /// What carries TURN between us and the server, of a relayed candidate of our own (`relayProtocol` of webrtc-stats).
    pub relay_protocol: Option<Transport>,
    /// Candidates of one kind, base address, server and protocol share it (RFC 8445 §5.1.1.3).
    pub foundation: Arc<str>,
    /// RFC 8445 §5.1.2.1.
    pub priority: u32,
    /// 1 for RTP or everything, 2 for RTCP.
    pub component: u16,
}

/// `srflx 203.0.113.11:40000`, `host tcp passive 10.0.0.1:5000`, `relay 198.51.100.1:49152 (TURN over TCP)`.
impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.word())?;
        if let Some(part) = self.transport.tcp_type() {
            write!(f, " tcp {part}")?;
        }
        write!(f, " {}", self.address)?;
        match self.relay_protocol.filter(|protocol| *protocol != Transport::Udp) {
            Some(protocol) => write!(f, " (TURN over {})", protocol.word().to_uppercase()),
            None => Ok(()),
        }
    }
}

/// The five states of a pair (RFC 8445 §6.1.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PairState {
    /// Waits for another pair of its foundation.
    Frozen,
    /// May be checked.
    Waiting,
    /// A check is on its way.
    InProgress,
    /// A check succeeded.
    Succeeded,
    /// A check failed.
    Failed,
}

/// A candidate pair as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairSnapshot {
    /// Our candidate.
    pub local: Candidate,
    /// The peer's candidate.
    pub remote: Candidate,
    /// RFC 8445 §6.1.2.3, from our side's role.
    pub priority: u64,
    /// One of five.
    pub state: PairState,
    /// Whether it is in the valid list.
    pub valid: bool,
    /// Whether it is nominated (controlling: the check with USE-CANDIDATE was answered).
    pub nominated: bool,
}

/// RFC 8445 §6.1.2.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckListState {
    /// Neither done nor failed.
    #[default]
    Running,
    /// A pair is nominated for each component.
    Completed,
    /// No pair can succeed any more.
    Failed,
}

/// A check list as a reader sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckListSnapshot {
    /// The data stream that it is for.
    pub stream: u32,
    /// Where it stands.
    pub state: CheckListState,
    /// Numbers of its pairs, highest priority first.
    pub pairs: Vec<u32>,
    /// Numbers of the pairs in the triggered-check queue, next first (RFC 8445 §6.1.4.1).
    pub triggered: Vec<u32>,
    /// Numbers of the pairs in the valid list.
    pub valid: Vec<u32>,
}
