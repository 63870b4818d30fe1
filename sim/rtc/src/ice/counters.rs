//! What STUN has told about a path since the session began, in the terms of webrtc-stats: requests, responses, round trips. Not here: what
//! follows from them.

use std::net::SocketAddr;
use std::time::Duration;

use super::Base;
use super::agent::Agent;
use crate::time::Time;

/// The STUN traffic of a path. Pairs that have a path in common have these in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PathCounters {
    /// Connectivity checks that were started; what was sent again does not count.
    pub requests_sent: u64,
    /// Authentic checks that came in, for connectivity or consent, and whether they were sent again or not: they cannot be told apart.
    pub requests_received: u64,
    /// Answers to these, refusals among them.
    pub responses_sent: u64,
    /// Authentic answers to checks, for connectivity or consent.
    pub responses_received: u64,
    /// Checks for consent (RFC 7675).
    pub consent_requests_sent: u64,
    /// How long the last exchange took whose request was sent once only; an answer to one that was sent again says nothing about either (Karn's
    /// rule, RFC 6298 §3).
    pub current_round_trip: Option<Duration>,
    /// How long all such exchanges took together.
    pub total_round_trip: Duration,
    /// How many there were, so that there is a mean.
    pub round_trips: u64,
}

impl PathCounters {
    fn answered(&mut self, took: Option<Duration>) {
        self.responses_received += 1;
        if let Some(took) = took {
            self.current_round_trip = Some(took);
            self.total_round_trip += took;
            self.round_trips += 1;
        }
    }
}

impl Agent {
    /// The STUN traffic of a pair of the running session.
    pub fn counters(&self, pair: u32) -> Option<PathCounters> {
        self.session.lists.get(pair).map(|pair| pair.counters)
    }

    fn count(&mut self, base: Base, remote: SocketAddr, note: impl Fn(&mut PathCounters)) {
        let on_path = self.session.lists.all_mut().filter(|pair| pair.path() == (base, remote));
        on_path.for_each(|pair| note(&mut pair.counters));
    }

    /// A check was started.
    pub(super) fn count_check(&mut self, base: Base, remote: SocketAddr) {
        self.count(base, remote, |counters| counters.requests_sent += 1);
    }

    /// Consent was asked for.
    pub(super) fn count_consent_check(&mut self, base: Base, remote: SocketAddr) {
        self.count(base, remote, |counters| counters.consent_requests_sent += 1);
    }

    /// An authentic answer came to what was sent so many times, the first time at `sent`.
    pub(super) fn count_response(
        &mut self,
        path: (Base, SocketAddr),
        transmissions: u32,
        sent: Time,
        now: Time,
    ) {
        let took = (transmissions == 1).then(|| now.since(sent));
        self.count(path.0, path.1, |counters| counters.answered(took));
    }

    /// An authentic request came in, and was answered one way or another.
    pub(super) fn count_request(&mut self, base: Base, remote: SocketAddr) {
        self.count(base, remote, |counters| {
            counters.requests_received += 1;
            counters.responses_sent += 1;
        });
    }
}
