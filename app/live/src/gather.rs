//! `rtclab gather`: which candidates this machine has, how long each took, and what went wrong. Not here: resolving names.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::ice::{
    Agent, AgentConfig, CandidateKind, CandidateLine, Change, GatheringState, LocalSocket, Role, TurnServer,
};
use rtclab_rtc::stun::{TransactionState, Transport, usual_phrase};
use rtclab_rtc::turn::AllocationState;
use rtclab_rtc::{Output, Reason, Subject, Time};

use crate::interfaces::{self, Choice};
use crate::randomness::{NoRandomness, SystemRandomness};
use crate::session::Session;
use crate::wire::{Trust, Wire};

/// What to ask, and whom.
#[derive(Clone, Debug)]
pub struct GatherSettings {
    /// From which addresses.
    pub choice: Choice,
    /// STUN servers.
    pub stun: Vec<SocketAddr>,
    /// TURN servers and accounts.
    pub turn: Vec<TurnServer>,
    /// Whose certificates are believed, of TURN servers over TLS.
    pub trust: Option<Trust>,
    /// How long to wait for servers at most. A server that never answers is given up after 39.5 s (RFC 8489 §6.2.1) at the latest.
    pub patience: Duration,
}

/// A candidate, and when it was known.
#[derive(Clone, Debug, PartialEq)]
pub struct Gathered {
    /// Since the start.
    pub at: Time,
    /// The line that would be signaled (RFC 8839 §5.1).
    pub line: String,
    /// Where it comes from.
    pub kind: CandidateKind,
    /// What a peer would send to.
    pub address: SocketAddr,
    /// The socket it stands for.
    pub base: SocketAddr,
    /// RFC 8445 §5.1.2.1.
    pub priority: u32,
    /// What carries TURN to the server that relays.
    pub relay_protocol: Option<Transport>,
}

/// A server that gave no candidate (the `icecandidateerror` event of the W3C API).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatherError {
    /// Since the start.
    pub at: Time,
    /// Which server.
    pub server: SocketAddr,
    /// How it was asked.
    pub transport: Transport,
    /// 300 to 699 as the server said it; 701 if there was no answer.
    pub code: u16,
    /// What it means, and what to look at.
    pub explanation: String,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Gathering {
    /// Sockets that were bound.
    pub sockets: Vec<LocalSocket>,
    /// Candidates, in the order in which they were known.
    pub candidates: Vec<Gathered>,
    /// Servers that gave none.
    pub errors: Vec<GatherError>,
    /// When it was over.
    pub ended_at: Time,
}

/// Why nothing could be gathered at all.
#[derive(Debug, thiserror::Error)]
pub enum GatherFault {
    /// The addresses of this machine are not known, or none of them could be bound.
    #[error("no socket could be bound on this machine's addresses: {0}")]
    Sockets(#[from] io::Error),
    /// The machine has no address of the kind that was asked for.
    #[error("this machine has no address of the kind that was asked for")]
    NoAddress,
    /// There is no randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// Gathers.
///
/// # Errors
/// There are no sockets or there is no randomness. A server that fails is no error but one of [`Gathering::errors`].
pub async fn gather(settings: &GatherSettings) -> Result<Gathering, GatherFault> {
    let mut wire = Wire::new();
    let found = interfaces::interfaces(settings.choice)?;
    let sockets = interfaces::bind(&mut wire, &found)?;
    if sockets.is_empty() {
        return Err(GatherFault::NoAddress);
    }
    let mut config = AgentConfig::new(Role::Controlling, sockets.clone());
    config.stun_servers.clone_from(&settings.stun);
    config.turn_servers.clone_from(&settings.turn);
    let agent = Agent::new(config, SystemRandomness::boxed()?);
    let mut session = Session::new(agent, wire).trusting(settings.trust.clone());
    let mut gathering = Gathering { sockets, ..Gathering::default() };
    let mut pending = Pending::default();
    session.command(Agent::gather);
    let wait = async {
        loop {
            let told = session.next().await;
            // What came before the end is told before it.
            let over = matches!(&told, Output::Change { change: Change::Agent(agent), .. }
                if agent.gathering == GatheringState::Complete);
            let now = session.now();
            let trouble = |server| session.trouble_with(server).map(str::to_owned);
            gathering.take(told, &mut pending, trouble, now);
            if over {
                break;
            }
        }
    };
    let in_time = tokio::time::timeout(settings.patience, wait).await.is_ok();
    gathering.ended_at = session.now();
    // The agent may be done before all of it is told: what came last, or everything if there was nobody to ask.
    while let Some(told) = session.told().await {
        let now = session.now();
        let trouble = |server| session.trouble_with(server).map(str::to_owned);
        gathering.take(told, &mut pending, trouble, now);
    }
    if !in_time {
        gathering.give_up(&pending, settings.patience);
    }
    session.command(Agent::close);
    release(&mut session).await;
    Ok(gathering)
}

/// Gives allocations back; a server that does not answer will notice by itself.
async fn release(session: &mut Session<Agent>) {
    let quiet = Duration::from_millis(200);
    while tokio::time::timeout(quiet, session.next()).await.is_ok() {}
}

/// Transactions that have not ended, and allocations that have been asked for.
#[derive(Debug, Default)]
struct Pending {
    servers: Vec<(Subject, (Transport, SocketAddr), &'static str)>,
}

impl Pending {
    fn note(
        &mut self,
        subject: Subject,
        server: (Transport, SocketAddr),
        method: &'static str,
        is_pending: bool,
    ) {
        self.servers.retain(|(known, ..)| *known != subject);
        if is_pending {
            self.servers.push((subject, server, method));
        }
    }
}

impl Gathering {
    /// `trouble` knows why a connection to a server could not be made.
    fn take(
        &mut self,
        told: Output<Change>,
        pending: &mut Pending,
        trouble: impl Fn(SocketAddr) -> Option<String>,
        at: Time,
    ) {
        let Output::Change { subject, change, reason, .. } = told else { return };
        match (subject, change) {
            (Subject::LocalCandidate(_), Change::Candidate(candidate)) => self.candidates.push(Gathered {
                at,
                line: CandidateLine::from(candidate.clone()).to_string(),
                kind: candidate.kind,
                address: candidate.address,
                base: candidate.base,
                priority: candidate.priority,
                relay_protocol: candidate.relay_protocol,
            }),
            (_, Change::Transaction(transaction)) if transaction.method == "Binding" => {
                let is_pending = transaction.state == TransactionState::Pending;
                let (transport, server) = (Transport::Udp, transaction.to);
                pending.note(subject, (transport, server), transaction.method, is_pending);
                if let Some((code, explanation)) =
                    explain_binding(transaction.state, transaction.transmissions)
                {
                    self.errors.push(GatherError { at, server, transport, code, explanation });
                }
            }
            (_, Change::Allocation(allocation)) => {
                let is_pending = allocation.state == AllocationState::Requested;
                let (transport, server) = (allocation.transport, allocation.server);
                pending.note(subject, (transport, server), "Allocate", is_pending);
                if let Some((code, explanation)) = explain_allocation(allocation.state, reason, transport) {
                    let explanation = match trouble(server).filter(|_| transport.is_stream() && code == 701) {
                        Some(why) => format!("there is no connection to it: {why}. {}", look_at(transport)),
                        None => explanation,
                    };
                    self.errors.push(GatherError { at, server, transport, code, explanation });
                }
            }
            _ => {}
        }
    }

    /// What has not been answered by now counts as not reached.
    fn give_up(&mut self, pending: &Pending, patience: Duration) {
        for (_, (transport, server), method) in &pending.servers {
            let (seconds, transport) = (patience.as_secs_f64(), *transport);
            let explanation = format!("no answer to {method} within {seconds} s. {}", look_at(transport));
            let (at, server) = (self.ended_at, *server);
            self.errors.push(GatherError { at, server, transport, code: 701, explanation });
        }
    }
}

/// What there is to look at when a server does not answer.
fn look_at(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp | Transport::Dtls => {
            "Is the server running, is the port right, and does a firewall on the way let UDP through?"
        }
        Transport::Tcp => {
            "Is the server running, does it listen on this TCP port, and does a firewall on the way let it through?"
        }
        Transport::Tls => {
            "Is the server running, is this its port for TLS, and is its certificate for this name and from somebody whom this machine trusts (or --trust names)?"
        }
    }
}

fn explain_binding(state: TransactionState, transmissions: u32) -> Option<(u16, String)> {
    match state {
        TransactionState::TimedOut => {
            Some((701, format!("no answer to {transmissions} Binding requests. {}", look_at(Transport::Udp))))
        }
        TransactionState::Unreachable => {
            Some((701, format!("the network says that it cannot be reached. {}", look_at(Transport::Udp))))
        }
        TransactionState::Refused(code) => Some((code, explain_code(code))),
        TransactionState::Pending | TransactionState::Succeeded | TransactionState::Cancelled => None,
    }
}

fn explain_allocation(
    state: AllocationState,
    reason: Option<Reason>,
    transport: Transport,
) -> Option<(u16, String)> {
    match state {
        AllocationState::Refused(code) => Some((code, explain_code(code))),
        AllocationState::Unanswered => {
            let why = reason.map_or("", |reason| reason.text().english);
            let look_at = look_at(transport);
            Some((701, format!("no answer to Allocate that can be trusted. {why} {look_at}")))
        }
        AllocationState::Expired => Some((701, "the allocation ended before it could be used.".to_owned())),
        AllocationState::Requested | AllocationState::Active | AllocationState::Released => None,
    }
}

/// What the codes that people meet mean for them.
fn explain_code(code: u16) -> String {
    let meaning = match code {
        300 => "the server wants another one to be used",
        400 => "the server did not understand the request",
        401 => "the server does not accept the name or the password",
        403 => "the server does not allow this",
        420 => "the server does not know an attribute that it would have to",
        437 => "the server has another allocation for this socket already",
        438 => "the server did not accept any of the nonces that it gave out itself",
        440 => "the server has no relayed addresses of this family",
        441 => "the allocation belongs to another user",
        442 => "the server does not relay over this transport",
        486 => "this user has as many allocations as the server allows",
        500 => "something went wrong inside the server; it may work later",
        508 => "the server has no room for another allocation",
        _ => "the server refused",
    };
    match usual_phrase(code) {
        "" => format!("{meaning}."),
        phrase => format!("{phrase}: {meaning}."),
    }
}

impl Gathering {
    /// The object for programs.
    pub fn to_json(&self) -> String {
        let candidates = self.candidates.iter().map(|found| {
            serde_json::json!({
                "at_ms": found.at.as_millis_f64(),
                "type": found.kind.word(),
                "address": found.address,
                "base": found.base,
                "priority": found.priority,
                "relay_protocol": found.relay_protocol.map(Transport::word),
                "candidate": found.line,
            })
        });
        let errors = self.errors.iter().map(|error| {
            serde_json::json!({
                "at_ms": error.at.as_millis_f64(),
                "server": error.server,
                "transport": error.transport.word(),
                "code": error.code,
                "text": error.explanation,
            })
        });
        let object = serde_json::json!({
            "candidates": candidates.collect::<Vec<_>>(),
            "errors": errors.collect::<Vec<_>>(),
            "ended_at_ms": self.ended_at.as_millis_f64(),
        });
        object.to_string()
    }
}

/// The page for people.
impl fmt::Display for Gathering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |base: SocketAddr| {
            let socket = self.sockets.iter().find(|socket| socket.address == base);
            socket.map_or_else(|| "relay".to_owned(), |socket| socket.name.to_string())
        };
        let of = |found: &Gathered| match found.relay_protocol.filter(|over| *over != Transport::Udp) {
            Some(over) => format!("{} over {}", names(found.base), over.word().to_uppercase()),
            None => names(found.base),
        };
        writeln!(f, "{:>12}  {:6} {:46} {:10}  interface", "time", "type", "address", "priority")?;
        for found in &self.candidates {
            writeln!(
                f,
                "{:>12}  {:6} {:46} {:10}  {}",
                found.at,
                found.kind.word(),
                found.address,
                found.priority,
                of(found)
            )?;
        }
        for error in &self.errors {
            writeln!(
                f,
                "{:>12}  error {} from {} over {}: {}",
                error.at,
                error.code,
                error.server,
                error.transport.word().to_uppercase(),
                error.explanation
            )?;
        }
        writeln!(f, "{:>12}  gathering is over", self.ended_at)
    }
}
