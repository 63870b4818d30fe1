//! A stub resolver: asks name servers, again and again if need be, and remembers what they say (RFC 1034 §5.3.1). Not here: which
//! records a program wants of a name (`lookup`), and who asks by multicast (`mdns`).

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::cache::{Answer, Cache};
use super::lookup::{Lookup, LookupId, Role, Want};
use super::message::EDNS_SIZE;
use super::query::{Next, Query, QueryPhase, QuerySnapshot};
use super::responder::{MULTICAST_PORT, MULTICAST_V4, MULTICAST_V6};
use super::{Code, DomainName, Message, Question, Record, RecordData};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::time::Time;

/// Aliases that are followed in an answer.
const ALIASES_MAX: usize = 8;

/// How a resolver asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverConfig {
    /// Name servers, in the order in which they are asked.
    pub servers: Vec<SocketAddr>,
    /// How long the first answer of each server may take: 1 s. It doubles with each round (RFC 1123 §6.1.3.3 asks for a backoff).
    pub timeout: Duration,
    /// How often each server is asked: 3 times, which is all that RFC 9520 §3.1 allows.
    pub attempts: u32,
    /// The longest answer that it takes over UDP, which EDNS tells the server; without it, 512 bytes.
    pub edns_size: Option<u16>,
    /// Whether it remembers answers.
    pub cache: bool,
    /// Where names under `.local` are asked for: the groups of the families that the host has.
    pub groups: Vec<SocketAddr>,
}

impl ResolverConfig {
    /// These servers, and the usual times.
    pub fn new(servers: Vec<SocketAddr>) -> ResolverConfig {
        let timeout = Duration::from_secs(1);
        ResolverConfig {
            servers,
            timeout,
            attempts: 3,
            edns_size: Some(EDNS_SIZE),
            cache: true,
            groups: vec![MULTICAST_V4, MULTICAST_V6],
        }
    }
}

/// Why nothing came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// NXDOMAIN: the name does not exist.
    NoSuchName,
    /// The name has no record of that kind.
    NoData,
    /// Every server said that it cannot answer.
    ServerFailure,
    /// The answer does not fit a datagram.
    Truncated,
    /// ICMP says that no server can be reached.
    Unreachable,
    /// No server answered.
    TimedOut,
}

impl Failure {
    /// As documents spell it: `no-such-name`.
    pub const fn word(self) -> &'static str {
        match self {
            Failure::NoSuchName => "no-such-name",
            Failure::NoData => "no-data",
            Failure::ServerFailure => "server-failure",
            Failure::Truncated => "truncated",
            Failure::Unreachable => "unreachable",
            Failure::TimedOut => "timed-out",
        }
    }

    /// Why nothing came of it.
    pub const fn reason(self) -> Reason {
        match self {
            Failure::NoSuchName => Reason::DnsNoSuchName,
            Failure::NoData => Reason::DnsNoData,
            Failure::ServerFailure => Reason::DnsServerFailure,
            Failure::Truncated => Reason::DnsTruncated,
            Failure::Unreachable => Reason::DnsUnreachable,
            Failure::TimedOut => Reason::DnsTimedOut,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Failure::NoSuchName => "no such name",
            Failure::NoData => "no such record",
            Failure::ServerFailure => "the name server cannot answer",
            Failure::Truncated => "the answer is too long for a datagram",
            Failure::Unreachable => "no name server can be reached",
            Failure::TimedOut => "no answer",
        })
    }
}

/// What a lookup came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The records, aliases included.
    pub records: Vec<Record>,
    /// Where to connect: for addresses with port 0, for services with theirs, best first.
    pub endpoints: Vec<SocketAddr>,
}

/// What a resolver hands back, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolverOutput {
    /// Send this. Each query has a socket of its own, on any port (RFC 5452 §9.2), until it ends.
    Transmit {
        /// Which query.
        query: u32,
        /// To this name server.
        to: SocketAddr,
        /// The payload.
        payload: Vec<u8>,
        /// Why.
        reason: Reason,
    },
    /// This is how a query stands now. Unless it is pending, it has ended.
    Change {
        /// Which query.
        query: u32,
        /// How it stands.
        snapshot: QuerySnapshot,
        /// Why.
        reason: Reason,
    },
    /// A lookup has ended.
    Finished {
        /// Which one.
        lookup: LookupId,
        /// The query that decided it.
        query: u32,
        /// What came of it.
        result: Result<Found, Failure>,
    },
    /// The datagram that is being handled was not taken.
    Ignored {
        /// Why.
        reason: Reason,
    },
}

/// A stub resolver.
///
/// Call [`look_up`](Resolver::look_up), [`handle_datagram`](Resolver::handle_datagram), [`handle_unreachable`](Resolver::handle_unreachable)
/// and [`handle_timeout`](Resolver::handle_timeout) as things come; after each, drain [`poll_output`](Resolver::poll_output) and ask
/// [`poll_timeout`](Resolver::poll_timeout).
#[derive(Debug)]
pub struct Resolver {
    config: ResolverConfig,
    randomness: Box<dyn Randomness>,
    cache: Cache,
    queries: Vec<Query>,
    pub(super) lookups: Vec<Lookup>,
    next_query: u32,
    next_lookup: u32,
    pub(super) outputs: VecDeque<ResolverOutput>,
}

impl Resolver {
    /// A resolver that has not asked anything.
    pub fn new(config: ResolverConfig, randomness: Box<dyn Randomness>) -> Resolver {
        Resolver {
            config,
            randomness,
            cache: Cache::default(),
            queries: Vec::new(),
            lookups: Vec::new(),
            next_query: 0,
            next_lookup: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Begins to look something up. What is known already comes out at once.
    pub fn look_up(&mut self, name: &DomainName, want: Want, now: Time) -> LookupId {
        let id = LookupId(self.next_lookup);
        self.next_lookup = self.next_lookup.wrapping_add(1);
        self.begin(id, name, want, now);
        id
    }

    /// Takes a datagram that came to the socket of a query.
    pub fn handle_datagram(&mut self, query: u32, from: SocketAddr, payload: &[u8], now: Time) {
        if let Err(reason) = self.judge(query, from, payload, now) {
            self.outputs.push_back(ResolverOutput::Ignored { reason });
        }
    }

    fn judge(&mut self, number: u32, from: SocketAddr, payload: &[u8], now: Time) -> Result<(), Reason> {
        let message = Message::parse(payload).map_err(|_| Reason::DnsMalformed)?;
        let place = self.queries.iter().position(|query| query.number == number);
        let place = place.ok_or(Reason::DnsUnexpected)?;
        let query = &mut self.queries[place];
        // RFC 5452 §9.1: id, question and sender have to be those of the query.
        let fits = message.is_response
            && message.id == query.id
            && message.questions == [query.question.clone()]
            && (query.has_asked(from) || query.is_multicast && from.port() == MULTICAST_PORT);
        if !fits {
            return Err(Reason::DnsUnexpected);
        }
        match message.code {
            _ if message.truncated => self.conclude(place, Err(Failure::Truncated), None, now),
            Code::NoError => {
                let answer = records_of(&message, &query.question);
                self.conclude(place, answer, Some(&message), now);
            }
            Code::NoSuchName => self.conclude(place, Err(Failure::NoSuchName), Some(&message), now),
            _ => self.rule_out(place, from, Failure::ServerFailure, now),
        }
        Ok(())
    }

    /// An ICMP error came back for what the socket of a query sent to a server.
    pub fn handle_unreachable(&mut self, query: u32, server: SocketAddr, now: Time) {
        if let Some(place) = self.queries.iter().position(|open| open.number == query) {
            self.rule_out(place, server, Failure::Unreachable, now);
        }
    }

    /// Serves the timers.
    pub fn handle_timeout(&mut self, now: Time) {
        while let Some(place) = self.queries.iter().position(|query| query.deadline <= now) {
            self.ask_next(place, Failure::TimedOut, now);
        }
    }

    /// When to call [`Resolver::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Time> {
        self.queries.iter().map(|query| query.deadline).min()
    }

    /// What to do next, in order.
    pub fn poll_output(&mut self) -> Option<ResolverOutput> {
        self.outputs.pop_front()
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        self.randomness.below(bound)
    }

    /// Asks one question for a lookup, unless the answer is known or the same question is open.
    pub(super) fn ask(&mut self, question: Question, lookup: LookupId, role: Role, now: Time) {
        let number = self.next_query;
        if let Some(open) = self.queries.iter().find(|query| query.question == question) {
            let open = open.number;
            return self.wait(lookup, open, role);
        }
        self.next_query = number.wrapping_add(1);
        self.wait(lookup, number, role);
        let id = (self.randomness.u64() & 0xffff) as u16;
        // RFC 6762 §3: names under .local are asked for on the link, and of nobody else.
        let is_multicast = question.name.is_local();
        let mut message =
            Message::query(id, question.clone(), self.config.edns_size.filter(|_| !is_multicast));
        message.recursion_desired = !is_multicast;
        let payload = message.to_bytes().unwrap_or_default();
        let limits = (self.config.attempts.clamp(1, 3), self.config.timeout);
        let servers = if is_multicast { &self.config.groups } else { &self.config.servers };
        let mut query = Query::new(number, id, question, payload, servers, limits);
        query.is_multicast = is_multicast;
        let known = self.cache.get(&query.question, now).filter(|_| self.config.cache);
        self.queries.push(query);
        let place = self.queries.len() - 1;
        match known {
            Some(answer) => {
                let told_nothing = matches!(answer, Err(failure) if is_silence(failure));
                let reason = if told_nothing { Reason::DnsFailureFromCache } else { Reason::DnsFromCache };
                self.end(place, answer, reason, now);
            }
            None => self.ask_next(place, Failure::TimedOut, now),
        }
    }

    /// Sends a query to the next server, or ends it with this failure.
    fn ask_next(&mut self, place: usize, failure: Failure, now: Time) {
        let query = &mut self.queries[place];
        let first = query.shown.server.is_none();
        match query.next(now) {
            Next::Ask { server, again } => {
                let reason = match (first, again) {
                    (true, _) if query.is_multicast => Reason::MdnsAsked,
                    (false, _) if query.is_multicast => Reason::MdnsRetry,
                    (true, _) => Reason::DnsAsked,
                    (false, true) => Reason::DnsRetry,
                    (false, false) => Reason::DnsNextServer,
                };
                let (number, payload) = (query.number, query.payload.clone());
                let snapshot = query.shown.clone();
                self.outputs.push_back(ResolverOutput::Change { query: number, snapshot, reason });
                self.outputs.push_back(ResolverOutput::Transmit {
                    query: number,
                    to: server,
                    payload,
                    reason,
                });
            }
            Next::GiveUp => self.conclude(place, Err(failure), None, now),
        }
    }

    /// A server cannot answer: the next one is asked at once.
    fn rule_out(&mut self, place: usize, server: SocketAddr, failure: Failure, now: Time) {
        if self.queries[place].rule_out(server) {
            self.ask_next(place, failure, now);
        } else {
            self.conclude(place, Err(failure), None, now);
        }
    }

    /// A query has come to its end over the network.
    fn conclude(&mut self, place: usize, answer: Answer, message: Option<&Message>, now: Time) {
        let question = self.queries[place].question.clone();
        match (&answer, message) {
            (_, Some(message)) => self.cache.keep(&question, &answer, message, now),
            (Err(failure), None) => self.cache.keep_failure(&question, *failure, now),
            (Ok(_), None) => {}
        }
        let reason = match (&answer, self.queries[place].is_multicast) {
            (Ok(_), true) => Reason::MdnsFound,
            (Ok(_), false) => Reason::DnsAnswered,
            (Err(Failure::TimedOut), true) => Reason::MdnsTimedOut,
            (Err(failure), _) => failure.reason(),
        };
        self.end(place, answer, reason, now);
    }

    /// Tells the end of a query, and lets its lookups go on.
    fn end(&mut self, place: usize, answer: Answer, reason: Reason, now: Time) {
        let query = self.queries.remove(place);
        let mut snapshot = query.shown;
        snapshot.phase = match &answer {
            Ok(records) => {
                snapshot.answers = records.iter().map(|record| record.data.to_string()).collect();
                snapshot.ttl_s = records.iter().map(|record| record.ttl_s).min();
                QueryPhase::Answered
            }
            Err(failure) => QueryPhase::Failed(*failure),
        };
        self.outputs.push_back(ResolverOutput::Change { query: query.number, snapshot, reason });
        self.feed(query.number, &answer, now);
    }
}

/// Whether a failure says nothing about the name.
const fn is_silence(failure: Failure) -> bool {
    !matches!(failure, Failure::NoSuchName | Failure::NoData)
}

/// The records that answer a question, with the aliases that lead to them (RFC 1034 §4.3.2).
fn records_of(message: &Message, question: &Question) -> Answer {
    let mut name = question.name.clone();
    let mut found: Vec<Record> = Vec::new();
    for _ in 0..=ALIASES_MAX {
        let own = || message.answers.iter().filter(|record| record.name == name);
        let wanted: Vec<Record> =
            own().filter(|record| record.data.kind() == question.kind).cloned().collect();
        if !wanted.is_empty() {
            found.extend(wanted);
            return Ok(found);
        }
        let alias = own().find_map(|record| match &record.data {
            RecordData::Cname(target) => Some((record.clone(), target.clone())),
            _ => None,
        });
        let Some((record, target)) = alias else { break };
        found.push(record);
        name = target;
    }
    Err(Failure::NoData)
}
