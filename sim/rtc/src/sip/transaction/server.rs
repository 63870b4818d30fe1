//! A server transaction: RFC 3261 §17.2.1 for INVITE, §17.2.2 for the others. Not here: finding it by its branch (`layer`).

use std::time::Duration;

use super::super::{Method, Request, Response};
use super::{Flow, PATIENCE, T1, T2, T4};
use crate::Time;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No final response has been sent.
    Proceeding,
    /// One has, and it is repeated: to INVITE until it is acknowledged, to others when they are repeated.
    Completed,
    /// A 2xx to INVITE has been sent (RFC 6026 §7.1).
    Accepted,
    /// The final response to INVITE was acknowledged.
    Confirmed,
}

/// What a timer asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Repeat(Vec<u8>),
    /// No ACK came.
    GiveUp,
    Over,
}

#[derive(Debug)]
pub(super) struct Server {
    pub(super) request: Request,
    pub(super) flow: Flow,
    state: State,
    last: Option<Vec<u8>>,
    interval: Duration,
    repeat_at: Option<Time>,
    ends_at: Option<Time>,
    /// Whether a 2xx is repeated until it is acknowledged: at the end of the way, and not at a proxy (§13.3.1.4).
    repeats_success: bool,
}

impl Server {
    pub(super) fn new(request: Request, flow: Flow, repeats_success: bool) -> Server {
        Server {
            request,
            flow,
            state: State::Proceeding,
            last: None,
            interval: T1,
            repeat_at: None,
            ends_at: None,
            repeats_success,
        }
    }

    fn is_invite(&self) -> bool {
        self.request.method == Method::Invite
    }

    /// Whether a final response has been sent.
    pub(super) fn is_answered(&self) -> bool {
        self.state != State::Proceeding
    }

    /// Sends a response; what is to be put on the wire.
    pub(super) fn respond(&mut self, response: &Response, now: Time) -> Option<Vec<u8>> {
        let again = self.state == State::Accepted && response.is_success();
        if self.is_answered() && !again {
            return None;
        }
        let bytes = response.to_bytes();
        self.last = Some(bytes.clone());
        if response.is_provisional() {
            return Some(bytes);
        }
        let reliable = self.flow.transport().is_reliable();
        if !self.is_invite() {
            self.state = State::Completed;
            self.ends_at = Some(now + if reliable { Duration::ZERO } else { PATIENCE });
        } else if response.is_success() {
            self.state = State::Accepted;
            self.ends_at = Some(now + PATIENCE);
            // §13.3.1.4: over every transport, because the next hop may be another.
            self.repeat_at = self.repeats_success.then(|| now + T1);
        } else {
            self.state = State::Completed;
            self.ends_at = Some(now + PATIENCE);
            self.repeat_at = (!reliable).then(|| now + T1);
        }
        Some(bytes)
    }

    /// The request came again: what is answered.
    pub(super) fn take_again(&self) -> Option<Vec<u8>> {
        let absorbs = matches!(self.state, State::Accepted | State::Confirmed);
        self.last.clone().filter(|_| !absorbs)
    }

    /// An ACK: of this transaction, or of the 2xx that it was answered with.
    pub(super) fn acknowledge(&mut self, now: Time) {
        self.repeat_at = None;
        if self.state == State::Completed {
            self.state = State::Confirmed;
            let linger = if self.flow.transport().is_reliable() { Duration::ZERO } else { T4 };
            self.ends_at = Some(now + linger);
        }
        if self.state == State::Accepted {
            self.repeats_success = false;
        }
    }

    pub(super) fn next_at(&self) -> Option<Time> {
        self.repeat_at.into_iter().chain(self.ends_at).min()
    }

    pub(super) fn timeout(&mut self, now: Time) -> Due {
        if self.ends_at.is_some_and(|at| at <= now) {
            let waited = self.state == State::Completed && self.is_invite();
            let unconfirmed = self.state == State::Accepted && self.repeats_success;
            return if waited || unconfirmed { Due::GiveUp } else { Due::Over };
        }
        if self.repeat_at.is_some_and(|at| at <= now) {
            self.interval = self.interval.saturating_mul(2).min(T2);
            self.repeat_at = Some(now + self.interval);
            return self.last.clone().map_or(Due::Nothing, Due::Repeat);
        }
        Due::Nothing
    }
}
