//! What the agent of a peer came to: candidates, check lists with their pairs, transactions, consent, allocations with what runs out and
//! when. Read from the trace, so that every view says the same. Not here: how a call is judged by it.

use std::collections::BTreeMap;
use std::time::Duration;

use rtclab_rtc::ice::{
    self, AgentSnapshot, Candidate, CheckListSnapshot, ConsentState, PairPriority, PairSnapshot, PairState,
};
use rtclab_rtc::stun::{TransactionSnapshot, TransactionState};
use rtclab_rtc::turn::{AllocationSnapshot, AllocationState};
use rtclab_trace::{Change, Entity, EntryId, NodeId, Reason, SimTime, Trace};
use serde_json::{Value, json};

use super::Outcome;

/// How long consent lasts after an answer (RFC 7675 §5.1).
const CONSENT_LIFETIME: Duration = Duration::from_secs(30);

/// A pair of candidates.
#[derive(Clone, Debug)]
pub struct PairReport {
    /// The data stream whose check list it is on.
    pub stream: u32,
    /// Its state.
    pub pair: PairSnapshot,
    /// The formula of its priority with its numbers (RFC 8445 §6.1.2.3).
    pub priority: PairPriority,
    /// Why it is in that state.
    pub reason: Option<Reason>,
}

/// How many transactions came to what (RFC 8489 §6.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransactionCounts {
    /// Started.
    pub started: u64,
    /// Requests that were sent again because no answer had come.
    pub retransmissions: u64,
    /// Answered with success.
    pub succeeded: u64,
    /// Answered with an error.
    pub refused: u64,
    /// Given up without an answer.
    pub timed_out: u64,
}

/// One side of a call, as ICE leaves it.
#[derive(Clone, Debug, Default)]
pub struct IceReport {
    /// When the run ended: what timers count from.
    pub ended_at: SimTime,
    /// Its own candidates, each with the time at which it was found.
    pub candidates: Vec<(SimTime, Candidate)>,
    /// The check list of each data stream.
    pub check_lists: Vec<CheckListSnapshot>,
    /// The pairs of all check lists, the highest priority first.
    pub pairs: Vec<PairReport>,
    /// What the transactions came to.
    pub transactions: TransactionCounts,
    /// Whether the peer agrees to be sent to.
    pub consent: ConsentState,
    /// Until when, if nothing more is heard.
    pub consent_until: Option<SimTime>,
    /// What it has, or had, on TURN servers.
    pub allocations: Vec<AllocationSnapshot>,
}

impl Outcome {
    /// What the agent on a node came to. Empty in summary mode, and for a node without one.
    pub fn ice(&self, node: NodeId) -> IceReport {
        let mut reader = Reader {
            trace: &self.trace,
            report: IceReport { ended_at: self.ended_at, ..Default::default() },
        };
        let agent = reader.agent(node);
        for entity in self.trace.entities_on(node) {
            reader.read(entity, agent);
        }
        let mut report = reader.report;
        let streams = streams_of_pairs(&self.trace, node);
        for pair in &mut report.pairs {
            pair.stream = streams.get(&pair.stream).copied().unwrap_or(0);
        }
        report.pairs.sort_by_key(|pair| (pair.stream, std::cmp::Reverse(pair.pair.priority)));
        report.check_lists.sort_by_key(|list| list.stream);
        report
    }
}

/// The stream of each pair of a node: that of the check list which has it, or had it.
pub fn streams_of_pairs(trace: &Trace, node: NodeId) -> BTreeMap<u32, u32> {
    let lists = trace.entities_on(node).filter(|entity| matches!(entity, Entity::CheckList(..)));
    let told = lists.flat_map(|entity| trace.entries_of(entity)).filter_map(|entry| {
        let Change::Protocol(change) = &trace.entry(*entry).change else { return None };
        let ice::Change::CheckList(list) = change.as_ref() else { return None };
        Some(list)
    });
    // A pair that a check has constructed is on the valid list only (RFC 8445 §7.2.5.3.2).
    let pairs = told.flat_map(|list| list.pairs.iter().chain(&list.valid).map(|pair| (*pair, list.stream)));
    pairs.collect()
}

struct Reader<'a> {
    trace: &'a Trace,
    report: IceReport,
}

impl<'a> Reader<'a> {
    fn newest(&self, entity: Entity) -> Option<(EntryId, &'a ice::Change)> {
        let last = *self.trace.entries_of(entity).last()?;
        match &self.trace.entry(last).change {
            Change::Protocol(change) => Some((last, change.as_ref())),
            _ => None,
        }
    }

    fn agent(&mut self, node: NodeId) -> Option<&'a AgentSnapshot> {
        let (_, ice::Change::Agent(agent)) = self.newest(Entity::Agent(node))? else { return None };
        self.report.consent = agent.consent;
        Some(agent)
    }

    fn read(&mut self, entity: Entity, agent: Option<&AgentSnapshot>) {
        let Some((entry, change)) = self.newest(entity) else { return };
        let first = self.trace.entries_of(entity).first().map(|first| self.trace.entry(*first).at);
        let at = self.trace.entry(entry).at;
        match (entity, change) {
            (Entity::LocalCandidate(..), ice::Change::Candidate(candidate)) => {
                self.report.candidates.push((first.unwrap_or(at), candidate.clone()));
            }
            (_, ice::Change::CheckList(list)) => self.report.check_lists.push(list.clone()),
            (Entity::Pair(_, number), ice::Change::Pair(pair)) => {
                let Some(agent) = agent else { return };
                let priority = PairPriority::new(agent.role, pair.local.priority, pair.remote.priority);
                let reason = self.trace.entry(entry).reason;
                // The number of the pair, until it is known which list has it.
                self.report.pairs.push(PairReport { stream: number, pair: pair.clone(), priority, reason });
            }
            (_, ice::Change::Transaction(transaction)) => self.transaction(transaction, at),
            (_, ice::Change::Allocation(allocation)) => self.report.allocations.push(allocation.clone()),
            _ => {}
        }
    }

    fn transaction(&mut self, transaction: &TransactionSnapshot, at: SimTime) {
        let counts = &mut self.report.transactions;
        counts.started += 1;
        counts.retransmissions += u64::from(transaction.transmissions.saturating_sub(1));
        match transaction.state {
            TransactionState::Succeeded => counts.succeeded += 1,
            TransactionState::Refused(_) => counts.refused += 1,
            TransactionState::TimedOut | TransactionState::Unreachable => counts.timed_out += 1,
            TransactionState::Pending | TransactionState::Cancelled => {}
        }
        if transaction.reason == Some(rtclab_rtc::Reason::ConsentGiven) {
            let until = at + CONSENT_LIFETIME;
            self.report.consent_until = self.report.consent_until.max(Some(until));
        }
    }
}

/// The word for consent (RFC 7675).
pub const fn consent_word(state: ConsentState) -> &'static str {
    match state {
        ConsentState::None => "not asked for",
        ConsentState::Granted => "granted",
        ConsentState::Expired => "expired",
        ConsentState::Revoked => "revoked",
    }
}

/// The word for the state of a pair (RFC 8445 §6.1.2.6).
pub const fn pair_word(state: PairState) -> &'static str {
    match state {
        PairState::Frozen => "frozen",
        PairState::Waiting => "waiting",
        PairState::InProgress => "in progress",
        PairState::Succeeded => "succeeded",
        PairState::Failed => "failed",
    }
}

/// Where an allocation stands, in words.
pub fn allocation_words(state: AllocationState) -> String {
    match state {
        AllocationState::Requested => "requested".to_owned(),
        AllocationState::Active => "active".to_owned(),
        AllocationState::Released => "released".to_owned(),
        AllocationState::Expired => "expired".to_owned(),
        AllocationState::Refused(code) => format!("refused ({code})"),
        AllocationState::Unanswered => "unanswered".to_owned(),
    }
}

// ---- the keys that other programs rely on ----

impl IceReport {
    /// As `--format json` has it.
    pub(super) fn to_json(&self) -> Value {
        let left = |at: SimTime| at.since(self.ended_at).as_secs_f64() * 1e3;
        let candidate = |(at, candidate): &(SimTime, Candidate)| {
            json!({
                "type": candidate.kind.word(),
                "address": candidate.address.to_string(),
                "base": candidate.base.to_string(),
                "component": candidate.component,
                "foundation": &*candidate.foundation,
                "priority": candidate.priority,
                "found_at_ms": at.as_millis_f64(),
            })
        };
        let pair = |pair: &PairReport| {
            json!({
                "stream": pair.stream,
                "component": pair.pair.local.component,
                "state": pair_word(pair.pair.state),
                "local": pair.pair.local.to_string(),
                "remote": pair.pair.remote.to_string(),
                "valid": pair.pair.valid,
                "nominated": pair.pair.nominated,
                "priority": pair.pair.priority,
                "formula": pair.priority.to_string(),
                "reason": pair.reason.map(|reason| reason.text().code),
            })
        };
        let allocation = |allocation: &AllocationSnapshot| {
            let permission = |(peer, until): &(std::net::IpAddr, SimTime)| json!({ "peer": peer.to_string(), "expires_in_ms": left(*until) });
            let channel = |(number, peer, until): &(u16, std::net::SocketAddr, SimTime)| json!({ "number": number, "peer": peer.to_string(), "expires_in_ms": left(*until) });
            json!({
                "state": allocation_words(allocation.state),
                "server": allocation.server.to_string(),
                "relayed": allocation.relayed.map(|relayed| relayed.to_string()),
                "expires_in_ms": allocation.expires_at.map(left),
                "permissions": allocation.permissions.iter().map(permission).collect::<Vec<Value>>(),
                "channels": allocation.channels.iter().map(channel).collect::<Vec<Value>>(),
            })
        };
        let counts = self.transactions;
        json!({
            "candidates": self.candidates.iter().map(candidate).collect::<Vec<Value>>(),
            "check_lists": self.check_lists.iter().map(|list| json!({ "stream": list.stream, "state": format!("{:?}", list.state).to_lowercase() })).collect::<Vec<Value>>(),
            "pairs": self.pairs.iter().map(pair).collect::<Vec<Value>>(),
            "transactions": {
                "started": counts.started,
                "retransmissions": counts.retransmissions,
                "succeeded": counts.succeeded,
                "refused": counts.refused,
                "timed_out": counts.timed_out,
            },
            "consent": { "state": consent_word(self.consent), "expires_in_ms": self.consent_until.map(left) },
            "allocations": self.allocations.iter().map(allocation).collect::<Vec<Value>>(),
        })
    }
}
