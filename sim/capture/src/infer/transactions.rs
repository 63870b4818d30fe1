//! STUN transactions out of messages: which response answers which request, what is sent again, what stays unanswered.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::ice;
use rtclab_rtc::stun::{
    Attribute, AttributeType, Class, Method, TransactionId, TransactionSnapshot, TransactionState,
};
use rtclab_trace::{Change, Entity, EntryId, NodeId, Reason, SimTime, Trace};

use super::messages::Message;
use crate::outline::StunView;
use crate::report::{Outcome, StunTransaction};

/// RFC 8489 §6.2.1: with an RTO of 500 ms, Rc of 7 and Rm of 16, a request is given up after 39.5 s. Nobody sends for longer by default.
const GIVEN_UP_AFTER: Duration = Duration::from_millis(39_500);

/// A capture on several interfaces sees one packet more than once. No retransmission comes as fast (RFC 8489 §6.2.1: the RTO is
/// 500 ms; RFC 8445 §14.3: not below 500 ms, and what browsers do is 50 ms at least).
const COPY_WITHIN: Duration = Duration::from_millis(10);

/// A transaction between two addresses. Behind a NAT it is another one: the addresses differ, the id does not.
type Key = (TransactionId, SocketAddr, SocketAddr);

#[derive(Debug)]
struct Exchange {
    key: Key,
    entity: Entity,
    method: Method,
    started: SimTime,
    last_request_at: SimTime,
    last_request: EntryId,
    last_response: Option<EntryId>,
    /// The same transaction on the near side of a NAT or relay, seen just before.
    upstream: Option<usize>,
    /// The same on the far side.
    downstream: Option<usize>,
    state: TransactionState,
    report: usize,
}

/// What a request or response means together with those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    /// Index of the transaction in the report.
    pub(super) transaction: usize,
    /// Whether it ends it.
    pub(super) ends: bool,
}

/// All transactions of a capture.
#[derive(Debug, Default)]
pub(super) struct Transactions {
    exchanges: Vec<Exchange>,
    by_key: BTreeMap<Key, usize>,
    /// The newest exchange with an id, between whichever addresses.
    by_id: BTreeMap<TransactionId, usize>,
    /// When each is given up, in the order of their starts.
    deadlines: VecDeque<(SimTime, usize)>,
    per_node: BTreeMap<NodeId, u32>,
    pub(super) report: Vec<StunTransaction>,
}

impl Transactions {
    /// The entry that made a message be sent, as far as the capture shows: a response's request, a retransmission's first
    /// transmission, and on the far side of a NAT or relay the same message on the near side.
    pub(super) fn cause(&self, message: &Message<'_>) -> Option<EntryId> {
        let view = StunView::new(&message.bytes)?;
        let id = view.header.transaction_id;
        let get = |index: Option<usize>| index.map(|index| &self.exchanges[index]);
        let between = |client, server| get(self.by_key.get(&(id, client, server)).copied());
        match view.header.class {
            Class::Request => {
                let Some(exact) = between(message.from, message.to) else {
                    return get(self.by_id.get(&id).copied()).map(|other| other.last_request);
                };
                let upstream = get(exact.upstream).map(|other| other.last_request);
                // The newer of the two: what came in upstream since, or our own earlier transmission.
                upstream.max(Some(exact.last_request))
            }
            Class::Success | Class::Error => {
                let exact = between(message.to, message.from)?;
                let downstream = get(exact.downstream).and_then(|other| other.last_response);
                downstream.max(exact.last_response).or(Some(exact.last_request))
            }
            Class::Indication => None,
        }
    }

    /// The request that an ICMP error quotes.
    pub(super) fn quoted(&self, message: &Message<'_>) -> Option<EntryId> {
        let id = StunView::new(&message.bytes)?.header.transaction_id;
        let exact = self.by_key.get(&(id, message.from, message.to));
        exact.or_else(|| self.by_id.get(&id)).map(|index| self.exchanges[*index].last_request)
    }

    /// An ICMP error quotes a message: noted at the transaction that it belongs to.
    pub(super) fn note_error(&mut self, message: &Message<'_>, number: u32) {
        let id = StunView::new(&message.bytes).map(|view| view.header.transaction_id);
        let known = id.and_then(|id| self.by_key.get(&(id, message.from, message.to)));
        if let Some(&index) = known {
            self.report[self.exchanges[index].report].icmp_error.get_or_insert(number);
        }
    }

    /// Takes in a request or response; `seen` is the entry of its packet, `node` the one that sends requests.
    pub(super) fn push(
        &mut self,
        trace: &mut Trace,
        message: &Message<'_>,
        node: NodeId,
        seen: (EntryId, SimTime, u32),
    ) -> Option<Match> {
        let view = StunView::new(&message.bytes)?;
        match view.header.class {
            Class::Request => Some(self.request(trace, &view, message, node, seen)),
            Class::Success | Class::Error => self.response(trace, &view, message, seen),
            Class::Indication => None,
        }
    }

    fn request(
        &mut self,
        trace: &mut Trace,
        view: &StunView<'_>,
        message: &Message<'_>,
        node: NodeId,
        (entry, at, number): (EntryId, SimTime, u32),
    ) -> Match {
        let key = (view.header.transaction_id, message.from, message.to);
        if let Some(&index) = self.by_key.get(&key) {
            let exchange = &mut self.exchanges[index];
            let copy = at.since(exchange.last_request_at) < COPY_WITHIN;
            exchange.last_request = entry;
            exchange.last_request_at = at;
            if !copy && exchange.state == TransactionState::Pending {
                self.report[exchange.report].transmissions += 1;
                let reason = rtclab_rtc::Reason::RetransmissionTimeout;
                self.tell(trace, index, at, Some(reason.into()), Some(entry));
            }
            return Match { transaction: self.exchanges[index].report, ends: false };
        }
        let count = self.per_node.entry(node).or_default();
        let entity = Entity::Transaction(node, *count);
        *count += 1;
        self.report.push(StunTransaction {
            id: view.header.transaction_id,
            method: view.header.method,
            client: message.from,
            server: message.to,
            carriage: message.carriage,
            over_tcp: message.over_tcp,
            request: number,
            response: None,
            transmissions: 1,
            outcome: Outcome::Unanswered,
            mapped: None,
            round_trip: None,
            icmp_error: None,
        });
        let report = self.report.len() - 1;
        let upstream = self.by_id.get(&key.0).copied();
        if let Some(upstream) = upstream {
            self.exchanges[upstream].downstream = Some(self.exchanges.len());
        }
        self.exchanges.push(Exchange {
            key,
            entity,
            method: view.header.method,
            started: at,
            last_request_at: at,
            last_request: entry,
            last_response: None,
            upstream,
            downstream: None,
            state: TransactionState::Pending,
            report,
        });
        let index = self.exchanges.len() - 1;
        self.by_key.insert(key, index);
        self.by_id.insert(key.0, index);
        self.deadlines.push_back((at + GIVEN_UP_AFTER, index));
        self.tell(trace, index, at, None, Some(entry));
        Match { transaction: report, ends: false }
    }

    fn response(
        &mut self,
        trace: &mut Trace,
        view: &StunView<'_>,
        message: &Message<'_>,
        (entry, at, number): (EntryId, SimTime, u32),
    ) -> Option<Match> {
        let key = (view.header.transaction_id, message.to, message.from);
        let index = *self.by_key.get(&key)?;
        let exchange = &mut self.exchanges[index];
        exchange.last_response = Some(entry);
        let report = &mut self.report[exchange.report];
        if exchange.state != TransactionState::Pending {
            return Some(Match { transaction: exchange.report, ends: false });
        }
        let refused = match view.find(AttributeType::ERROR_CODE) {
            Some(Attribute::ErrorCode(error)) => error.code,
            _ => 0,
        };
        (exchange.state, report.outcome) = match view.header.class {
            Class::Error => (TransactionState::Refused(refused), Outcome::Refused(refused)),
            _ => (TransactionState::Succeeded, Outcome::Succeeded),
        };
        report.response = Some(number);
        report.mapped = view.mapped_address();
        report.round_trip = Some(at.since(exchange.started));
        let transaction = exchange.report;
        self.tell(trace, index, at, None, Some(entry));
        Some(Match { transaction, ends: true })
    }

    /// Time has come to `now`: what is unanswered for too long is given up.
    pub(super) fn advance(&mut self, trace: &mut Trace, now: SimTime) {
        while let Some(&(deadline, index)) = self.deadlines.front()
            && deadline <= now
        {
            self.deadlines.pop_front();
            let exchange = &mut self.exchanges[index];
            if exchange.state == TransactionState::Pending {
                exchange.state = TransactionState::TimedOut;
                self.report[exchange.report].outcome = Outcome::TimedOut;
                let (reason, cause) = (rtclab_rtc::Reason::TransactionTimeout, exchange.last_request);
                self.tell(trace, index, deadline, Some(reason.into()), Some(cause));
            }
        }
    }

    /// Writes the state of a transaction down.
    fn tell(
        &self,
        trace: &mut Trace,
        index: usize,
        at: SimTime,
        reason: Option<Reason>,
        cause: Option<EntryId>,
    ) {
        let exchange = &self.exchanges[index];
        let snapshot = TransactionSnapshot {
            id: exchange.key.0.0,
            method: exchange.method.name(),
            to: exchange.key.2,
            transmissions: self.report[exchange.report].transmissions,
            state: exchange.state,
            reason: None,
        };
        let change = Change::protocol(ice::Change::Transaction(snapshot));
        trace.record(at, exchange.entity, change, reason, cause);
    }
}
