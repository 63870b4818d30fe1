//! One question under way: which server is asked next, when, and how often. Not here: what is done with the answer.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::resolver::Failure;
use super::{Question, RecordKind};
use crate::time::Time;

/// Where a question stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueryPhase {
    /// It waits for an answer.
    Pending,
    /// It was answered.
    Answered,
    /// Nothing came of it.
    Failed(Failure),
}

/// A question, as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuerySnapshot {
    /// Of what name.
    pub name: String,
    /// Which records.
    pub kind: RecordKind,
    /// Who was asked last; nobody if the answer was known.
    pub server: Option<SocketAddr>,
    /// How often it was sent.
    pub transmissions: u32,
    /// Where it stands.
    pub phase: QueryPhase,
    /// What the answer says: `192.0.2.1`, `stun.example.test:3478`.
    pub answers: Vec<String>,
    /// For how long the answer may be believed, in seconds.
    pub ttl_s: Option<u32>,
}

/// `A www.example.test: 192.0.2.1`, `A www.example.test: asked 192.0.2.53:53, sent 2 times`.
impl fmt::Display for QuerySnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.kind, self.name)?;
        match self.phase {
            QueryPhase::Pending => match self.server {
                Some(server) => write!(f, "asks {server}, sent {} times", self.transmissions),
                None => f.write_str("asks nobody"),
            },
            QueryPhase::Answered => f.write_str(&self.answers.join(", ")),
            QueryPhase::Failed(failure) => write!(f, "{failure}"),
        }
    }
}

/// A server and how it has served so far.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    server: SocketAddr,
    asked: u32,
    /// It has said that it cannot.
    failed: bool,
}

/// What to do when nothing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Ask this server, the same as before or another.
    Ask { server: SocketAddr, again: bool },
    /// All have been asked as often as may be.
    GiveUp,
}

/// A question under way.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) number: u32,
    pub(super) id: u16,
    pub(super) question: Question,
    pub(super) payload: Vec<u8>,
    pub(super) deadline: Time,
    pub(super) shown: QuerySnapshot,
    /// Everyone on the link is asked, and anyone may answer.
    pub(super) is_multicast: bool,
    servers: Vec<Candidate>,
    attempts_max: u32,
    timeout: Duration,
}

impl Query {
    pub(super) fn new(
        number: u32,
        id: u16,
        question: Question,
        payload: Vec<u8>,
        servers: &[SocketAddr],
        (attempts_max, timeout): (u32, Duration),
    ) -> Query {
        let shown = QuerySnapshot {
            name: question.name.to_string(),
            kind: question.kind,
            server: None,
            transmissions: 0,
            phase: QueryPhase::Pending,
            answers: Vec::new(),
            ttl_s: None,
        };
        let candidate = |server: &SocketAddr| Candidate { server: *server, asked: 0, failed: false };
        let servers = servers.iter().map(candidate).collect();
        // A time that never passes would have the same server asked without end.
        let timeout = timeout.max(Duration::from_millis(1));
        Query {
            number,
            id,
            question,
            payload,
            deadline: Time::MAX,
            shown,
            is_multicast: false,
            servers,
            attempts_max,
            timeout,
        }
    }

    /// Chooses the next server: each of them once before any of them again (RFC 1035 §7.2), and none more often than allowed. The
    /// time that an answer may take doubles with each round.
    pub(super) fn next(&mut self, now: Time) -> Next {
        let usable = self.servers.iter_mut().filter(|candidate| !candidate.failed);
        let Some(candidate) = usable.min_by_key(|candidate| candidate.asked) else { return Next::GiveUp };
        if candidate.asked >= self.attempts_max {
            return Next::GiveUp;
        }
        let factor = 1_u32.checked_shl(candidate.asked).unwrap_or(u32::MAX);
        self.deadline = now + self.timeout.saturating_mul(factor);
        candidate.asked += 1;
        let server = candidate.server;
        let again = self.shown.server == Some(server);
        self.shown.server = Some(server);
        self.shown.transmissions += 1;
        Next::Ask { server, again }
    }

    /// Whether this server was asked: who was not has nothing to say (RFC 5452 §9.1).
    pub(super) fn has_asked(&self, server: SocketAddr) -> bool {
        self.servers.iter().any(|candidate| candidate.server == server && candidate.asked > 0)
    }

    /// A server has said that it cannot answer. Says whether another one is left.
    pub(super) fn rule_out(&mut self, server: SocketAddr) -> bool {
        for candidate in self.servers.iter_mut().filter(|candidate| candidate.server == server) {
            candidate.failed = true;
        }
        self.servers.iter().any(|candidate| !candidate.failed && candidate.asked < self.attempts_max)
    }
}
