//! A transaction that we started: the bytes to send again, its timer, and what a reader sees of it.
//! Not here: who may answer and how an answer is judged; that differs between STUN, TURN and ICE.

use std::net::SocketAddr;
use std::time::Duration;

use super::{Method, Retransmission, TimeoutAction, TransactionId};
use crate::output::{Because, Subject, Transmit};
use crate::reason::Reason;
use crate::time::Time;

/// Where a transaction that we started stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// Sent, and not answered yet.
    Pending,
    /// Answered with a success response.
    Succeeded,
    /// Answered with an error response of this code.
    Refused(u16),
    /// Never answered.
    TimedOut,
    /// An ICMP error came back instead of an answer.
    Unreachable,
    /// Given up by its owner before an answer came (RFC 8445 §7.3.1.4).
    Cancelled,
}

/// A transaction as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionSnapshot {
    /// The 96-bit id on the wire.
    pub id: [u8; 12],
    /// The method's name in the RFC's words: `Binding`, `Allocate`, …
    pub method: &'static str,
    /// To whom.
    pub to: SocketAddr,
    /// How often the request has been sent so far.
    pub transmissions: u32,
    /// Where it stands.
    pub state: TransactionState,
    /// Why it was started or ended, if there is more to say.
    pub reason: Option<Reason>,
}

/// A request on its way.
#[derive(Clone, Debug)]
pub struct Transaction {
    number: u32,
    id: TransactionId,
    method: Method,
    from: SocketAddr,
    to: SocketAddr,
    request: Vec<u8>,
    timer: Retransmission,
    state: TransactionState,
    reason: Option<Reason>,
}

/// What a new transaction is about.
#[derive(Clone, Copy, Debug)]
pub struct TransactionStart {
    /// Its number inside the endpoint ([`Subject::Transaction`]).
    pub number: u32,
    /// Its id on the wire.
    pub id: TransactionId,
    /// What is asked for.
    pub method: Method,
    /// The socket it leaves from.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// Why.
    pub reason: Option<Reason>,
}

impl Transaction {
    /// A request that is sent for the first time now.
    pub fn new(start: TransactionStart, request: Vec<u8>, now: Time, rto: Duration) -> Transaction {
        Transaction::with_timer(start, request, Retransmission::new(now, rto))
    }

    /// The same with a timer of its own.
    pub fn with_timer(start: TransactionStart, request: Vec<u8>, timer: Retransmission) -> Transaction {
        let TransactionStart { number, id, method, from, to, reason } = start;
        let state = TransactionState::Pending;
        Transaction { number, id, method, from, to, request, timer, state, reason }
    }

    /// Its number inside the endpoint, as a subject.
    pub const fn subject(&self) -> Subject {
        Subject::Transaction(self.number)
    }

    /// Its id on the wire.
    pub const fn id(&self) -> TransactionId {
        self.id
    }

    /// What is asked for.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// The socket it leaves from.
    pub const fn from(&self) -> SocketAddr {
        self.from
    }

    /// Who has to answer.
    pub const fn to(&self) -> SocketAddr {
        self.to
    }

    /// Where it stands.
    pub const fn state(&self) -> TransactionState {
        self.state
    }

    /// When to call [`Transaction::handle_timeout`] next; `None` once it has ended.
    pub fn deadline(&self) -> Option<Time> {
        (self.state == TransactionState::Pending).then(|| self.timer.next_deadline())
    }

    /// The request, to be sent (again); the newest change of the transaction is what makes it necessary.
    pub fn transmit(&self) -> Transmit {
        Transmit {
            from: self.from,
            to: self.to,
            payload: self.request.clone(),
            because: Because::Change(self.subject()),
            reason: self.reason,
        }
    }

    /// Serves the timer (RFC 8489 §6.2.1). After [`TimeoutAction::Resend`] the caller tells the change and sends; after
    /// [`TimeoutAction::GiveUp`] the state is [`TransactionState::TimedOut`].
    pub fn handle_timeout(&mut self, now: Time) -> TimeoutAction {
        if self.state != TransactionState::Pending {
            return TimeoutAction::Wait;
        }
        let action = self.timer.on_timeout(now);
        match action {
            TimeoutAction::Wait => {}
            TimeoutAction::Resend => self.reason = Some(Reason::RetransmissionTimeout),
            TimeoutAction::GiveUp => self.end(TransactionState::TimedOut, Some(Reason::TransactionTimeout)),
        }
        action
    }

    /// Ends it.
    pub fn end(&mut self, state: TransactionState, reason: Option<Reason>) {
        self.state = state;
        self.reason = reason;
    }

    /// What a reader sees.
    pub fn snapshot(&self) -> TransactionSnapshot {
        TransactionSnapshot {
            id: self.id.0,
            method: self.method.name(),
            to: self.to,
            transmissions: self.timer.transmissions(),
            state: self.state,
            reason: self.reason,
        }
    }
}
