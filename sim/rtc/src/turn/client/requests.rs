//! The requests of a client: what each asks for, and how it is started, sent and cancelled.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::{Change, TurnClient};
use crate::output::{Because, Output};
use crate::reason::Reason;
use crate::stun::{
    Attribute, Builder, Message, Method, Retransmission, Transaction, TransactionId, TransactionStart,
    TransactionState,
};
use crate::time::Time;

/// How often one operation follows a new nonce before it gives up: a server that never likes its own nonces is broken.
const STALE_NONCES_MAX: u8 = 3;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Allocate,
    Refresh,
    Release,
    CreatePermission(IpAddr),
    ChannelBind {
        channel: u16,
        peer: SocketAddr,
    },
    /// A Refresh from another address (RFC 8016 §3.2).
    Move,
    Connect(SocketAddr),
    /// From the stream of a connection of its own.
    ConnectionBind {
        connection: u32,
        local: SocketAddr,
    },
}

impl Operation {
    const fn method(self) -> Method {
        match self {
            Operation::Allocate => Method::ALLOCATE,
            Operation::Refresh | Operation::Release | Operation::Move => Method::REFRESH,
            Operation::CreatePermission(_) => Method::CREATE_PERMISSION,
            Operation::ChannelBind { .. } => Method::CHANNEL_BIND,
            Operation::Connect(_) => Method::CONNECT,
            Operation::ConnectionBind { .. } => Method::CONNECTION_BIND,
        }
    }
}

/// A request on its way.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) operation: Operation,
    pub(super) transaction: Transaction,
    /// Whether it carries our credentials.
    pub(super) signed: bool,
    /// How many more nonces may turn out stale.
    pub(super) stale_nonces_left: u8,
    /// A response came that nobody who knows the password has signed.
    pub(super) distrusted: bool,
}

impl TurnClient {
    /// Starts an operation.
    pub(super) fn start(
        &mut self,
        operation: Operation,
        reason: Option<Reason>,
        because: Because,
        now: Time,
    ) {
        self.start_with(operation, STALE_NONCES_MAX, reason, because, now);
    }

    /// Starts an operation (again, after a challenge or a stale nonce).
    pub(super) fn start_with(
        &mut self,
        operation: Operation,
        stale_nonces_left: u8,
        reason: Option<Reason>,
        because: Because,
        now: Time,
    ) {
        let id = TransactionId::random(&mut *self.randomness);
        let builder = self.describe(operation, Builder::request(operation.method(), id));
        let request = self.authentication.sign(builder).finish();
        let start = TransactionStart {
            number: self.started,
            id,
            method: operation.method(),
            from: match operation {
                Operation::ConnectionBind { local, .. } => local,
                _ => self.local,
            },
            to: self.server,
            reason,
        };
        self.started = self.started.wrapping_add(1);
        let timer = if self.options.transport.is_stream() {
            Retransmission::reliable(now)
        } else {
            Retransmission::new(now, self.options.rto)
        };
        let transaction = Transaction::with_timer(start, request, timer);
        self.tell_transaction(&transaction, because);
        self.output.push_back(Output::Transmit(transaction.transmit()));
        let signed = self.authentication.is_challenged();
        self.requests.push(Request { operation, transaction, signed, stale_nonces_left, distrusted: false });
    }

    /// The attributes that say what is asked for.
    fn describe(&self, operation: Operation, builder: Builder) -> Builder {
        let seconds = |span: Duration| u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
        let lifetime = self.options.lifetime.map(|span| Attribute::Lifetime(seconds(span)));
        let ticket = self.holding.as_ref().and_then(|holding| holding.ticket.as_deref());
        match operation {
            Operation::Allocate => self.options.describe(builder.maybe(lifetime)),
            Operation::Refresh => builder.maybe(lifetime),
            Operation::Move => builder.maybe(lifetime).maybe(ticket.map(Attribute::MobilityTicket)),
            Operation::Connect(peer) => builder.attribute(&Attribute::XorPeerAddress(peer)),
            Operation::ConnectionBind { connection, .. } => {
                builder.attribute(&Attribute::ConnectionId(connection))
            }
            Operation::Release => builder.attribute(&Attribute::Lifetime(0)),
            // RFC 8656 §9: a permission is for an address; the port is carried and ignored.
            Operation::CreatePermission(peer) => {
                builder.attribute(&Attribute::XorPeerAddress(SocketAddr::new(peer, 0)))
            }
            Operation::ChannelBind { channel, peer } => builder
                .attribute(&Attribute::ChannelNumber(channel))
                .attribute(&Attribute::XorPeerAddress(peer)),
        }
    }

    /// Which pending request a response answers.
    pub(super) fn position(&self, response: &Message<'_>) -> Option<usize> {
        self.requests.iter().position(|request| {
            request.transaction.id() == response.transaction_id()
                && request.transaction.method() == response.method()
        })
    }

    /// Cancels everything that is on its way.
    pub(super) fn cancel_requests(&mut self, reason: Reason, because: Because) {
        for mut request in std::mem::take(&mut self.requests) {
            request.transaction.end(TransactionState::Cancelled, Some(reason));
            self.tell_transaction(&request.transaction, because);
        }
    }

    pub(super) fn tell_transaction(&mut self, transaction: &Transaction, because: Because) {
        let snapshot = transaction.snapshot();
        let (subject, reason) = (transaction.subject(), snapshot.reason);
        let change = Change::Transaction(snapshot);
        self.output.push_back(Output::Change { subject, change, reason, because });
    }
}
