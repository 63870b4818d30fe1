//! What a run came to, for all views: the trace, the calls, the numbers, and how expectations were met. Not here: its JSON form.

use std::cell::OnceCell;

use rtclab_rtc::stun::Transport;
use rtclab_trace::{CallOutcome, CallPath, CallState, Counters, NodeId, SimTime, Trace, TraceHash};

use super::{Ended, SessionReport, StreamReport};
use crate::diagnosis::Diagnosis;
use crate::expect::Judgement;

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// The scenario's title, or its file name where it has none.
    pub scenario: String,
    /// The seed it ran with.
    pub seed: u64,
    /// Everything that happened; in summary mode the topology and the counters.
    pub trace: Trace,
    /// When it ended.
    pub ended_at: SimTime,
    /// Why it ended.
    pub ended: Ended,
    /// The calls, in the order of the callers in the scenario.
    pub calls: Vec<CallReport>,
    /// The TCP connections of the scenario's clients, in its order.
    pub streams: Vec<StreamReport>,
    /// The expectations of the scenario, in its order.
    pub expectations: Vec<Judgement>,
    pub(super) hash: OnceCell<Option<TraceHash>>,
}

impl Outcome {
    /// Whether no expectation is unmet.
    pub fn is_as_expected(&self) -> bool {
        self.expectations.iter().all(|judgement| judgement.met != Some(false))
    }

    /// The hash of the trace; none in summary mode. Computed when first asked for.
    pub fn trace_hash(&self) -> Option<TraceHash> {
        *self
            .hash
            .get_or_init(|| (self.trace.observe() == rtclab_trace::Observe::Full).then(|| self.trace.hash()))
    }

    /// Packets in numbers.
    pub fn counters(&self) -> Counters {
        self.trace.counters()
    }
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq)]
pub struct CallReport {
    /// Its number: the trace tells about it as `Entity::Call`.
    pub number: u32,
    /// The peer that offers and the peer that answers.
    pub peers: [String; 2],
    /// Their nodes.
    pub nodes: [NodeId; 2],
    /// Its state when the run ended.
    pub state: CallState,
    /// When each side was connected for the first time.
    pub connected_at: [Option<SimTime>; 2],
    /// What decided it.
    pub diagnosis: Diagnosis,
    /// What its session came to; none for peers that are about ICE alone, and in summary mode.
    pub session: Option<SessionReport>,
}

impl CallReport {
    /// When both sides were connected for the first time.
    pub fn both_connected_at(&self) -> Option<SimTime> {
        let [first, second] = self.connected_at;
        Some(first?.max(second?))
    }

    /// What carries it, as far as its peers had to choose: a connection between them, or to the TURN server of either; else datagrams. `None`
    /// without a path.
    pub fn transport(&self) -> Option<Transport> {
        self.state.path?;
        let locals =
            || self.state.sides.iter().filter_map(|side| side.selected.as_ref().map(|(local, _)| local));
        let over_tcp = locals().any(|local| local.transport.is_tcp()).then_some(Transport::Tcp);
        let to_relay = || locals().filter_map(|local| local.relay_protocol).find(|over| over.is_stream());
        Some(over_tcp.or_else(to_relay).unwrap_or(Transport::Udp))
    }

    /// Which of the two sides the peer of that name is.
    pub fn side_of(&self, peer: &str) -> Option<usize> {
        self.peers.iter().position(|name| name == peer)
    }
}

/// The word of a call's state, as JSON and sentences spell it.
pub const fn outcome_word(outcome: CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Connecting => "connecting",
        CallOutcome::Connected => "connected",
        CallOutcome::Disconnected => "disconnected",
        CallOutcome::Failed => "failed",
    }
}

/// The word of a path's class.
pub const fn path_word(path: CallPath) -> &'static str {
    match path {
        CallPath::Direct => "direct",
        CallPath::Relayed => "relayed",
    }
}
