//! A client that asks a STUN server for its own address: one Binding request, without credentials (RFC 8489 §6).
//! Not here: connectivity checks ([`crate::ice`]).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::{
    Builder, Class, Message, Method, RTO, TimeoutAction, Transaction, TransactionId, TransactionSnapshot,
    TransactionStart, TransactionState,
};
use crate::output::{Because, Output};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::time::Time;

/// One question to one STUN server, from one socket.
///
/// Call [`start`](BindingClient::start), then [`handle_datagram`](BindingClient::handle_datagram) and
/// [`handle_timeout`](BindingClient::handle_timeout) as they come; drain [`poll_output`](BindingClient::poll_output) after each.
#[derive(Debug)]
pub struct BindingClient {
    local: SocketAddr,
    server: SocketAddr,
    rto: Duration,
    randomness: Box<dyn Randomness>,
    started: u32,
    transaction: Option<Transaction>,
    mapped: Option<SocketAddr>,
    output: VecDeque<Output<TransactionSnapshot>>,
}

impl BindingClient {
    /// A client on the socket `local` that will ask `server`.
    pub fn new(local: SocketAddr, server: SocketAddr, randomness: Box<dyn Randomness>) -> BindingClient {
        let output = VecDeque::new();
        BindingClient {
            local,
            server,
            rto: RTO,
            randomness,
            started: 0,
            transaction: None,
            mapped: None,
            output,
        }
    }

    /// With another initial retransmission timeout than 500 ms.
    #[must_use]
    pub fn with_rto(mut self, rto: Duration) -> BindingClient {
        self.rto = rto;
        self
    }

    /// The address that the server saw, once it has answered.
    pub const fn mapped_address(&self) -> Option<SocketAddr> {
        self.mapped
    }

    /// Where the newest transaction stands; `None` before the first.
    pub fn state(&self) -> Option<TransactionState> {
        self.transaction.as_ref().map(Transaction::state)
    }

    /// Sends a new Binding request. One that is still pending is cancelled.
    pub fn start(&mut self, now: Time) {
        if let Some(pending) = self.transaction.take_if(|old| old.state() == TransactionState::Pending) {
            self.end(pending, TransactionState::Cancelled, None);
        }
        let id = TransactionId::random(&mut *self.randomness);
        let request = Builder::request(Method::BINDING, id).finish();
        let start = TransactionStart {
            number: self.started,
            id,
            method: Method::BINDING,
            from: self.local,
            to: self.server,
            reason: None,
        };
        self.started += 1;
        let transaction = Transaction::new(start, request, now, self.rto);
        self.tell(&transaction);
        self.output.push_back(Output::Transmit(transaction.transmit()));
        self.transaction = Some(transaction);
    }

    /// Takes a datagram that arrived on the socket.
    pub fn handle_datagram(&mut self, from: SocketAddr, payload: &[u8], _now: Time) {
        if let Err(reason) = self.judge(from, payload) {
            self.output.push_back(Output::Ignored { reason });
        }
    }

    fn judge(&mut self, from: SocketAddr, payload: &[u8]) -> Result<(), Reason> {
        let message = Message::parse(payload).map_err(|_| Reason::StunMalformed)?;
        if !message.class().is_response() {
            return Err(Reason::StunUnexpected);
        }
        // RFC 8489 §6.3.3: the id ties it to the request; only who was asked may answer.
        let ours = |pending: &mut Transaction| {
            pending.state() == TransactionState::Pending
                && pending.id() == message.transaction_id()
                && message.method() == Method::BINDING
                && pending.to() == from
        };
        let pending = self.transaction.take_if(ours).ok_or(Reason::StunNoTransaction)?;
        if !message.unknown_comprehension_required().is_empty() {
            // RFC 8489 §6.3.3: such a response is dropped and the transaction has failed.
            self.end(pending, TransactionState::Cancelled, Some(Reason::StunUnknownInResponse));
        } else if message.class() == Class::Error {
            let code = message.error_code().map_or(0, |error| error.code);
            self.end(pending, TransactionState::Refused(code), None);
        } else {
            // RFC 8489 §6.3.3: an RFC 3489 server would have sent MAPPED-ADDRESS only.
            self.mapped = message.xor_mapped_address().or(message.mapped_address());
            self.end(pending, TransactionState::Succeeded, None);
        }
        Ok(())
    }

    /// Serves the timer.
    pub fn handle_timeout(&mut self, now: Time) {
        let Some(mut transaction) = self.transaction.take() else { return };
        match transaction.handle_timeout(now) {
            TimeoutAction::Wait => {}
            TimeoutAction::Resend => {
                self.tell(&transaction);
                self.output.push_back(Output::Transmit(transaction.transmit()));
            }
            TimeoutAction::GiveUp => self.tell(&transaction),
        }
        self.transaction = Some(transaction);
    }

    /// What to do next, in order.
    pub fn poll_output(&mut self) -> Option<Output<TransactionSnapshot>> {
        self.output.pop_front()
    }

    /// When to call [`BindingClient::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Time> {
        self.transaction.as_ref().and_then(Transaction::deadline)
    }

    fn end(&mut self, mut transaction: Transaction, state: TransactionState, reason: Option<Reason>) {
        transaction.end(state, reason);
        self.tell(&transaction);
        self.transaction = Some(transaction);
    }

    fn tell(&mut self, transaction: &Transaction) {
        let change = transaction.snapshot();
        let (subject, reason) = (transaction.subject(), change.reason);
        self.output.push_back(Output::Change { subject, change, reason, because: Because::Input });
    }
}
