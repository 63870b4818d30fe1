//! What a session came to, read from the trace: when each step of the call was done, what it cost in round trips, and how DTLS, SCTP and the data
//! channels of both sides stand at the end. Not here: how it is shown.

use std::time::Duration;

use rtclab_rtc::jsep::DtlsTransportState;
use rtclab_rtc::sctp::Phase;
use rtclab_trace::{
    Change, DataChannelState, DtlsState, Entity, Entry, NodeId, PeerConnectionState, ProgramReason, Reason,
    SignalPhase, SimTime, Trace,
};
use serde_json::{Value, json};

/// What a session came to.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionReport {
    /// The steps from click to open, as the caller sees them, in order; those that were not reached are missing.
    pub steps: Vec<Step>,
    /// The round-trip time between the two, as SCTP measured it.
    pub round_trip: Option<Duration>,
    /// Caller and callee.
    pub sides: [SessionSide; 2],
}

/// A step of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was reached.
    pub name: &'static str,
    /// The same in Korean.
    pub korean: &'static str,
    /// When.
    pub at: SimTime,
    /// How long after the step before it.
    pub took: Duration,
}

impl Step {
    /// What it cost in round trips.
    pub fn round_trips(&self, round_trip: Duration) -> f64 {
        self.took.as_secs_f64() / round_trip.as_secs_f64().max(1e-9)
    }
}

/// One side of a session when the run ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionSide {
    /// The state attributes of its connection.
    pub connection: Option<PeerConnectionState>,
    /// Its DTLS.
    pub dtls: Option<DtlsState>,
    /// Its SCTP association.
    pub sctp: Option<Phase>,
    /// Its data channels.
    pub channels: Vec<DataChannelState>,
}

impl SessionReport {
    /// What the session between these nodes came to; none if they have none, or the trace tells nothing.
    pub(super) fn of(trace: &Trace, nodes: [NodeId; 2]) -> Option<SessionReport> {
        let caller = nodes[0];
        let began = *trace.entries_of(Entity::PeerConnection(caller)).first()?;
        let steps = steps(trace, nodes, trace.entry(began).at);
        // The smallest is the nearest to the path: what is acknowledged later waits for its timer, too (RFC 9260 §6.2).
        let measured = trace.entries_of(Entity::Sctp(caller, 0)).iter();
        let round_trip = measured
            .filter_map(|&id| match &trace.entry(id).change {
                Change::Sctp(state) => state.srtt,
                _ => None,
            })
            .min();
        Some(SessionReport { steps, round_trip, sides: nodes.map(|node| side(trace, node)) })
    }

    /// The object in JSON.
    pub(super) fn to_json(&self, peers: &[String; 2]) -> Value {
        let steps = self.steps.iter().map(|step| {
            let cost = self.round_trip.map(|round_trip| (step.round_trips(round_trip) * 100.0).round() / 100.0);
            json!({ "step": step.name, "at_ms": step.at.as_millis_f64(), "took_ms": step.took.as_secs_f64() * 1e3,
                "round_trips": cost })
        });
        let sides = peers.iter().zip(&self.sides).map(|(name, side)| {
            let dtls = side.dtls.as_ref().map(|dtls| {
                json!({ "state": dtls.state.word(), "role": dtls.role.word(), "version": dtls.version,
                    "cipher": dtls.cipher, "retransmissions": dtls.retransmissions,
                    "peer_fingerprint": dtls.peer_fingerprint })
            });
            let channels = side.channels.iter().map(|channel| {
                json!({ "label": channel.label, "state": channel.state, "stream": channel.stream,
                    "delivery": channel.delivery, "messages_sent": channel.sent.0,
                    "messages_received": channel.received.0 })
            });
            let connection = side.connection.as_ref();
            let value = json!({
                "signaling": connection.map(|state| state.signaling.word()),
                "connection": connection.map(|state| state.connection.word()),
                "refused": connection.and_then(|state| state.refused.clone()),
                "dtls": dtls, "sctp": side.sctp.map(Phase::word), "channels": channels.collect::<Vec<Value>>(),
            });
            (name.clone(), value)
        });
        json!({ "steps": steps.collect::<Vec<Value>>(),
            "round_trip_ms": self.round_trip.map(|round_trip| round_trip.as_secs_f64() * 1e3),
            "sides": sides.collect::<serde_json::Map<String, Value>>() })
    }
}

fn side(trace: &Trace, node: NodeId) -> SessionSide {
    let mut side = SessionSide::default();
    for entity in trace.entities_on(node) {
        let Some(last) = trace.entries_of(entity).last() else { continue };
        match &trace.entry(*last).change {
            Change::PeerConnection(state) => side.connection = Some(state.as_ref().clone()),
            Change::Dtls(state) => side.dtls = Some(state.as_ref().clone()),
            Change::Sctp(state) => side.sctp = Some(state.phase),
            Change::DataChannel(state) => side.channels.push(state.as_ref().clone()),
            _ => {}
        }
    }
    side
}

/// Each step with the moment at which the caller has reached it.
fn steps(trace: &Trace, [caller, callee]: [NodeId; 2], began: SimTime) -> Vec<Step> {
    let first = |wanted: &dyn Fn(&Entry) -> bool| {
        trace.entries().find(|(_, entry)| entry.at >= began && wanted(entry)).map(|(_, entry)| entry.at)
    };
    let of_caller = |entry: &Entry| entry.entity.node() == Some(caller);
    let signal = |entry: &Entry, kind: &str, from: NodeId, phase: SignalPhase| match &entry.change {
        Change::Signal(message) => message.kind == kind && message.from == from && message.phase == phase,
        _ => false,
    };
    let open = |entry: &Entry| matches!(&entry.change, Change::DataChannel(state) if state.state == "open");
    // TCP is up when the request goes out that asks to speak WebSocket.
    let upgrade = Some(Reason::Program(ProgramReason::SignalingUpgrade));
    let reached: [(&str, &str, Option<SimTime>); 9] = [
        ("click", "클릭", Some(began)),
        ("signaling over TCP", "TCP 시그널링", first(&|entry| of_caller(entry) && entry.reason == upgrade)),
        (
            "offer received",
            "제안 도착",
            first(&|entry| signal(entry, "offer", caller, SignalPhase::Received)),
        ),
        (
            "answer received",
            "응답 받음",
            first(&|entry| signal(entry, "answer", callee, SignalPhase::Received)),
        ),
        ("ICE has a pair", "ICE 쌍 선택", first(&|entry| of_caller(entry) && has_pair(entry))),
        (
            "DTLS connected",
            "DTLS 연결",
            first(&|entry| {
                let connected = |state: &DtlsState| state.state == DtlsTransportState::Connected;
                of_caller(entry) && matches!(&entry.change, Change::Dtls(state) if connected(state))
            }),
        ),
        (
            "SCTP established",
            "SCTP 연결",
            first(&|entry| {
                of_caller(entry)
                    && matches!(&entry.change, Change::Sctp(state) if state.phase == Phase::Established)
            }),
        ),
        ("channel open", "채널 열림", first(&|entry| of_caller(entry) && open(entry))),
        (
            "first message",
            "첫 메시지",
            first(&|entry| match &entry.change {
                Change::DataChannel(state) => state.message.as_ref().is_some_and(|message| !message.outgoing),
                _ => false,
            }),
        ),
    ];
    let mut before = began;
    let mut steps = Vec::new();
    let mut reached: Vec<_> =
        reached.into_iter().filter_map(|(name, korean, at)| Some((name, korean, at?))).collect();
    reached.sort_by_key(|(.., at)| *at);
    for (name, korean, at) in reached {
        steps.push(Step { name, korean, at, took: at.since(before) });
        before = before.max(at);
    }
    steps
}

fn has_pair(entry: &Entry) -> bool {
    match &entry.change {
        Change::Protocol(change) => match change.as_ref() {
            rtclab_rtc::ice::Change::Agent(agent) => agent.selected.is_some(),
            _ => false,
        },
        _ => false,
    }
}
