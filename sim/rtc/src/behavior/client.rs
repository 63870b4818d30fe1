//! The client: one test after the other, in the order of RFC 5780 §4.5. Not here: what an answer, or none, means (`judgement`).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::lifetime::Search;
use super::{Behavior, LifetimeSearch, USAGE};
use crate::output::{Because, Output, Subject};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::stun::{
    Attribute, Builder, ChangeRequest, Class, Message, Method, RTO, Retransmission, TimeoutAction,
    Transaction, TransactionId, TransactionSnapshot, TransactionStart, TransactionState,
};
use crate::time::Time;

/// Bytes of PADDING in the test of fragments: more than an Ethernet frame carries.
const PADDING: usize = 1500;

/// What to find out, from where, and how patiently.
#[derive(Clone, Copy, Debug)]
pub struct BehaviorConfig {
    /// A socket that was not used before (RFC 5780 §4.1), with the address it really has.
    pub local: SocketAddr,
    /// The server.
    pub server: SocketAddr,
    /// The initial retransmission timeout.
    pub rto: Duration,
    /// How often a request is sent at most. What is filtered stays unanswered, so every test that fails takes its time.
    pub transmissions: u32,
    /// How many initial timeouts the last transmission waits.
    pub patience: u32,
    /// Whether to test fragments, too.
    pub fragments: bool,
    /// Another fresh socket, and how to look for the lifetime of a binding with it.
    pub lifetime: Option<(SocketAddr, LifetimeSearch)>,
}

impl BehaviorConfig {
    /// Mapping, filtering and hairpinning; an unanswered test takes 5.5 seconds.
    pub const fn new(local: SocketAddr, server: SocketAddr) -> BehaviorConfig {
        let (transmissions, patience) = (4, 4);
        BehaviorConfig { local, server, rto: RTO, transmissions, patience, fragments: false, lifetime: None }
    }
}

/// A change inside a client; the whole new state of its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// What is known so far ([`Subject::Agent`]).
    Behavior(Box<Behavior>),
    /// A request.
    Transaction(TransactionSnapshot),
}

/// The test that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Not started, or all done.
    Idle,
    /// Is there an answer at all?
    Connectivity,
    /// Does an answer from the other address and port arrive?
    FilterAddress,
    /// Does an answer from the same address and the other port arrive?
    FilterPort,
    /// Which mapped address does the other address see?
    MapAddress,
    /// And at its other port?
    MapPort,
    /// Does a request to the mapped address come back?
    Hairpin,
    /// Does a long request get a long answer?
    Fragments,
    /// A binding whose age is known.
    Bind,
    /// Silence until a moment.
    Silence(Time),
    /// Is the binding still there?
    Probe,
}

/// What the answer to a test must look like.
#[derive(Debug)]
struct Pending {
    transaction: Transaction,
    /// On which socket it arrives.
    at: SocketAddr,
    /// From where.
    from: SocketAddr,
}

/// What came of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome<'a> {
    /// The answer.
    Answered(&'a Message<'a>),
    /// Our own request came back, from this address.
    Returned(SocketAddr),
    /// No answer.
    Silent,
    /// Refused with this code.
    Refused(u16),
}

/// Finds out how the NATs and firewalls between it and a [`BehaviorServer`](super::BehaviorServer) behave.
///
/// Call [`start`](BehaviorClient::start), then [`handle_datagram`](BehaviorClient::handle_datagram) and
/// [`handle_timeout`](BehaviorClient::handle_timeout) as they come; after each, drain [`poll_output`](BehaviorClient::poll_output) and
/// ask [`poll_timeout`](BehaviorClient::poll_timeout). [`behavior`](BehaviorClient::behavior) says what is known so far.
///
/// Filters are tested before mappings, because a request to the server's other address opens the filter for it (RFC 5780 §4.5).
#[derive(Debug)]
pub struct BehaviorClient {
    pub(super) config: BehaviorConfig,
    randomness: Box<dyn Randomness>,
    started: u32,
    step: Step,
    pending: Option<Pending>,
    pub(super) search: Option<Search>,
    pub(super) behavior: Behavior,
    output: VecDeque<Output<Change>>,
}

impl BehaviorClient {
    /// A client that has not asked anything yet.
    pub fn new(config: BehaviorConfig, randomness: Box<dyn Randomness>) -> BehaviorClient {
        BehaviorClient {
            config,
            randomness,
            started: 0,
            step: Step::Idle,
            pending: None,
            search: None,
            behavior: Behavior::new(config.local, config.server),
            output: VecDeque::new(),
        }
    }

    /// What is known so far.
    pub const fn behavior(&self) -> &Behavior {
        &self.behavior
    }

    /// Starts from the beginning. A test that is under way is cancelled.
    pub fn start(&mut self, now: Time) {
        if let Some(mut pending) = self.pending.take() {
            pending.transaction.end(TransactionState::Cancelled, None);
            self.tell_transaction(&pending.transaction);
        }
        self.behavior = Behavior::new(self.config.local, self.config.server);
        self.search = self.config.lifetime.map(|(_, plan)| Search::new(plan));
        self.begin(Step::Connectivity, Because::Input, now);
    }

    /// Takes a datagram that arrived on the socket `to`.
    pub fn handle_datagram(&mut self, to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        if let Err(reason) = self.take_datagram(to, from, payload, now) {
            self.output.push_back(Output::Ignored { reason });
        }
    }

    fn take_datagram(
        &mut self,
        to: SocketAddr,
        from: SocketAddr,
        payload: &[u8],
        now: Time,
    ) -> Result<(), Reason> {
        let message = Message::parse(payload).map_err(|_| Reason::StunMalformed)?;
        let ours = |pending: &&Pending| {
            message.method() == Method::BINDING && pending.transaction.id() == message.transaction_id()
        };
        let pending = self.pending.as_ref().filter(ours).ok_or(Reason::StunNoTransaction)?;
        if message.class() == Class::Request {
            // Nobody but us and who forwards our packets knows the id.
            if self.step != Step::Hairpin || to != self.config.local {
                return Err(Reason::StunUnexpected);
            }
            self.end_step(TransactionState::Succeeded, Outcome::Returned(from), now);
            return Ok(());
        }
        if !message.class().is_response() {
            return Err(Reason::StunUnexpected);
        }
        // A server that does not know RESPONSE-PORT says so to where the request came from.
        if self.step == Step::Probe && from == pending.from && to == pending.transaction.from() {
            let code = message.error_code().map_or(0, |error| error.code);
            self.end_step(TransactionState::Refused(code), Outcome::Refused(code), now);
            return Ok(());
        }
        // An answer from elsewhere says nothing about the filter that is being tested.
        if (to, from) != (pending.at, pending.from) {
            return Err(Reason::BehaviorWrongOrigin);
        }
        if !message.unknown_to(&USAGE).is_empty() {
            self.end_step(TransactionState::Cancelled, Outcome::Refused(0), now);
        } else if message.class() == Class::Error {
            let code = message.error_code().map_or(0, |error| error.code);
            self.end_step(TransactionState::Refused(code), Outcome::Refused(code), now);
        } else {
            self.end_step(TransactionState::Succeeded, Outcome::Answered(&message), now);
        }
        Ok(())
    }

    /// Serves the timer.
    pub fn handle_timeout(&mut self, now: Time) {
        if let Step::Silence(until) = self.step
            && until <= now
        {
            return self.begin(Step::Probe, Because::Change(Subject::Agent), now);
        }
        let Some(pending) = &mut self.pending else { return };
        match pending.transaction.handle_timeout(now) {
            TimeoutAction::Wait => {}
            TimeoutAction::Resend => {
                let transaction = pending.transaction.clone();
                self.tell_transaction(&transaction);
                self.output.push_back(Output::Transmit(transaction.transmit()));
            }
            TimeoutAction::GiveUp => self.end_step(TransactionState::TimedOut, Outcome::Silent, now),
        }
    }

    /// When to call [`BehaviorClient::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Time> {
        match self.step {
            Step::Silence(until) => Some(until),
            _ => self.pending.as_ref().and_then(|pending| pending.transaction.deadline()),
        }
    }

    /// What to do next, in order.
    pub fn poll_output(&mut self) -> Option<Output<Change>> {
        self.output.pop_front()
    }

    /// Ends the test that is under way, judges it and goes on with the next one.
    fn end_step(&mut self, state: TransactionState, outcome: Outcome<'_>, now: Time) {
        let Some(mut pending) = self.pending.take() else { return };
        let reason = (state == TransactionState::TimedOut).then_some(Reason::TransactionTimeout);
        pending.transaction.end(state, reason);
        self.tell_transaction(&pending.transaction);
        let because = Because::Change(pending.transaction.subject());
        let before = self.behavior.clone();
        let (next, reason) = self.judge(self.step, outcome, now);
        self.behavior.done = next == Step::Idle;
        if self.behavior != before {
            let change = Change::Behavior(Box::new(self.behavior.clone()));
            self.output.push_back(Output::Change { subject: Subject::Agent, change, reason, because });
        }
        self.begin(next, because, now);
    }

    /// Sends the request of a step, if it has one.
    fn begin(&mut self, step: Step, because: Because, now: Time) {
        self.step = step;
        let Some((from, to, answers_from)) = self.route(step) else { return };
        let id = TransactionId::random(&mut *self.randomness);
        let padding = [0; PADDING];
        let attribute = match step {
            Step::FilterAddress => {
                Some(Attribute::ChangeRequest(ChangeRequest { address: true, port: true }))
            }
            Step::FilterPort => Some(Attribute::ChangeRequest(ChangeRequest { address: false, port: true })),
            Step::Fragments => Some(Attribute::Padding(&padding)),
            Step::Probe => self.behavior.mapped.map(|mapped| Attribute::ResponsePort(mapped.port())),
            _ => None,
        };
        let request = Builder::request(Method::BINDING, id).maybe(attribute).finish();
        let (number, method) = (self.started, Method::BINDING);
        self.started = self.started.wrapping_add(1);
        let start = TransactionStart { number, id, method, from, to, reason: reason_of(step) };
        let BehaviorConfig { rto, transmissions, patience, local, .. } = self.config;
        let timer = Retransmission::with_limits(now, rto, transmissions, patience);
        let transaction = Transaction::with_timer(start, request, timer);
        let (subject, change) = (transaction.subject(), Change::Transaction(transaction.snapshot()));
        self.output.push_back(Output::Change { subject, change, reason: reason_of(step), because });
        self.output.push_back(Output::Transmit(transaction.transmit()));
        self.pending = Some(Pending { transaction, at: local, from: answers_from });
    }

    /// From which socket a step's request leaves, whereto, and from where it is answered.
    fn route(&self, step: Step) -> Option<(SocketAddr, SocketAddr, SocketAddr)> {
        let BehaviorConfig { local, server, .. } = self.config;
        let other = self.behavior.other;
        Some(match step {
            Step::Idle | Step::Silence(_) => return None,
            Step::Connectivity | Step::Fragments | Step::Bind => (local, server, server),
            Step::FilterAddress => (local, server, other?),
            Step::FilterPort => (local, server, SocketAddr::new(server.ip(), other?.port())),
            Step::MapAddress => {
                let there = SocketAddr::new(other?.ip(), server.port());
                (local, there, there)
            }
            Step::MapPort => (local, other?, other?),
            Step::Hairpin => (local, self.behavior.mapped?, self.behavior.mapped?),
            Step::Probe => (self.config.lifetime?.0, server, server),
        })
    }

    fn tell_transaction(&mut self, transaction: &Transaction) {
        let snapshot = transaction.snapshot();
        let (subject, reason) = (transaction.subject(), snapshot.reason);
        let change = Change::Transaction(snapshot);
        self.output.push_back(Output::Change { subject, change, reason, because: Because::Input });
    }
}

/// Why a test is made.
const fn reason_of(step: Step) -> Option<Reason> {
    match step {
        Step::Idle | Step::Silence(_) => None,
        Step::Connectivity => Some(Reason::BehaviorTestConnectivity),
        Step::FilterAddress | Step::FilterPort => Some(Reason::BehaviorTestFiltering),
        Step::MapAddress | Step::MapPort => Some(Reason::BehaviorTestMapping),
        Step::Hairpin => Some(Reason::BehaviorTestHairpinning),
        Step::Fragments => Some(Reason::BehaviorTestFragments),
        Step::Bind | Step::Probe => Some(Reason::BehaviorTestLifetime),
    }
}
