//! A client transaction: RFC 3261 §17.1.1 for INVITE, §17.1.2 for the others. Not here: finding it by its branch (`layer`).

use std::time::Duration;

use super::super::{Method, Request, Response};
use super::{Flow, PATIENCE, T1, T2, T4};
use crate::Time;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing has come: `Calling`, or `Trying`.
    Calling,
    /// Something provisional has.
    Proceeding,
    /// A final response has; repetitions of it are absorbed.
    Completed,
    /// A 2xx to INVITE has; every one is passed on (RFC 6026 §7.2).
    Accepted,
}

/// What to do with a response.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// It is news for the user of the transaction.
    pub(super) pass_up: bool,
    /// It is acknowledged with this.
    pub(super) ack: Option<Vec<u8>>,
}

/// What a timer asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Repeat(Vec<u8>),
    GiveUp,
    Over,
}

#[derive(Debug)]
pub(super) struct Client {
    pub(super) request: Request,
    pub(super) flow: Flow,
    state: State,
    interval: Duration,
    repeat_at: Option<Time>,
    ends_at: Option<Time>,
    ack: Option<Vec<u8>>,
}

impl Client {
    pub(super) fn new(request: Request, flow: Flow, now: Time) -> Client {
        let repeat_at = (!flow.transport().is_reliable()).then(|| now + T1);
        Client {
            request,
            flow,
            state: State::Calling,
            interval: T1,
            repeat_at,
            ends_at: Some(now + PATIENCE),
            ack: None,
        }
    }

    fn is_invite(&self) -> bool {
        self.request.method == Method::Invite
    }

    /// Whether something provisional has come, so that it can be cancelled (RFC 3261 §9.1).
    pub(super) fn is_proceeding(&self) -> bool {
        self.state == State::Proceeding
    }

    pub(super) fn take(&mut self, response: &Response, now: Time) -> Taken {
        let reliable = self.flow.transport().is_reliable();
        match (self.state, response.status) {
            (State::Calling | State::Proceeding, 100..=199) => {
                self.state = State::Proceeding;
                if self.is_invite() {
                    // §17.1.1.2: neither repeated nor given up, once somebody works on it.
                    (self.repeat_at, self.ends_at) = (None, None);
                } else {
                    self.interval = T2;
                }
                Taken { pass_up: true, ack: None }
            }
            (State::Calling | State::Proceeding, 200..=299) if self.is_invite() => {
                self.state = State::Accepted;
                (self.repeat_at, self.ends_at) = (None, Some(now + PATIENCE));
                Taken { pass_up: true, ack: None }
            }
            (State::Calling | State::Proceeding, _) => {
                self.state = State::Completed;
                self.repeat_at = None;
                let linger = match (reliable, self.is_invite()) {
                    (true, _) => Duration::ZERO,
                    (false, true) => PATIENCE,
                    (false, false) => T4,
                };
                self.ends_at = Some(now + linger);
                self.ack = self.is_invite().then(|| self.acknowledgment(response).to_bytes());
                Taken { pass_up: true, ack: self.ack.clone() }
            }
            (State::Completed, 300..) => Taken { pass_up: false, ack: self.ack.clone() },
            (State::Accepted, 200..=299) => Taken { pass_up: true, ack: None },
            (State::Completed | State::Accepted, _) => Taken::default(),
        }
    }

    /// §17.1.1.3: the ACK of a response that is not 2xx is part of the transaction.
    fn acknowledgment(&self, response: &Response) -> Request {
        let mut ack = self.request.clone();
        ack.method = Method::Ack;
        ack.body.clear();
        for name in
            ["Content-Type", "Supported", "Require", "Contact", "Recv-Info", "Authorization", "Expires"]
        {
            ack.headers.remove(name);
        }
        let top: Vec<_> = ack.headers.vias().unwrap_or_default().into_iter().take(1).collect();
        ack.headers.set_vias(&top);
        if let Some(to) = response.headers.get("To") {
            ack.headers.set("To", to);
        }
        let number = self.request.headers.cseq().map_or(1, |(number, _)| number);
        ack.headers.set("CSeq", format!("{number} ACK"));
        ack
    }

    pub(super) fn next_at(&self) -> Option<Time> {
        self.repeat_at.into_iter().chain(self.ends_at).min()
    }

    pub(super) fn timeout(&mut self, now: Time) -> Due {
        if self.ends_at.is_some_and(|at| at <= now) {
            return match self.state {
                State::Calling | State::Proceeding => Due::GiveUp,
                State::Completed | State::Accepted => Due::Over,
            };
        }
        if self.repeat_at.is_some_and(|at| at <= now) {
            // Timer A doubles without end, timer E up to T2.
            let doubled = self.interval.saturating_mul(2);
            self.interval = if self.is_invite() { doubled } else { doubled.min(T2) };
            self.repeat_at = Some(now + self.interval);
            return Due::Repeat(self.request.to_bytes());
        }
        Due::Nothing
    }
}
