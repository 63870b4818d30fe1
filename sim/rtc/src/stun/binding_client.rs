//! A client that asks a STUN server for its own address: a Binding request (RFC 8489 §6), with credentials where the server wants some
//! (§9), and again elsewhere where the server says so (§10). Not here: connectivity checks ([`crate::ice`]).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::{
    Builder, Class, Credentials, ErrorCode, LongTermClient, Message, Method, RTO, Retransmission,
    ShortTermClient, TimeoutAction, Transaction, TransactionId, TransactionSnapshot, TransactionStart,
    TransactionState, Transport,
};
use crate::output::{Because, Output};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::time::Time;

/// How often the client goes elsewhere or follows a new nonce before it gives up.
const TRIES_MAX: u8 = 3;

/// What a client can show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientCredentials {
    /// A password for this exchange (RFC 8489 §9.1).
    ShortTerm(Credentials),
    /// An account (RFC 8489 §9.2): shown when the server asks for it.
    LongTerm(Credentials),
}

/// The state of a mechanism.
#[derive(Debug)]
enum Mechanism {
    None,
    ShortTerm(ShortTermClient),
    LongTerm(LongTermClient),
}

impl Mechanism {
    fn sign(&self, builder: Builder) -> Builder {
        match self {
            Mechanism::None => builder,
            Mechanism::ShortTerm(client) => client.sign(builder),
            Mechanism::LongTerm(client) => client.sign(builder),
        }
    }
}

/// One question to one STUN server, from one socket.
///
/// Call [`start`](BindingClient::start), then [`handle_datagram`](BindingClient::handle_datagram) and
/// [`handle_timeout`](BindingClient::handle_timeout) as they come; drain [`poll_output`](BindingClient::poll_output) after each.
/// Over a stream, hand in one message at a time (a [`StreamFramer`](super::StreamFramer) cuts them out).
#[derive(Debug)]
pub struct BindingClient {
    local: SocketAddr,
    server: SocketAddr,
    transport: Transport,
    rto: Duration,
    randomness: Box<dyn Randomness>,
    mechanism: Mechanism,
    started: u32,
    transaction: Option<Transaction>,
    /// Whether the pending request carries credentials.
    signed: bool,
    /// An answer came that nobody who knows the password has signed.
    distrusted: bool,
    stale_nonces: u8,
    /// Servers that were asked: going round in circles ends here.
    asked: Vec<SocketAddr>,
    alternate: Option<(SocketAddr, Option<String>)>,
    mapped: Option<SocketAddr>,
    output: VecDeque<Output<TransactionSnapshot>>,
}

impl BindingClient {
    /// A client on the socket `local` that will ask `server`.
    pub fn new(local: SocketAddr, server: SocketAddr, randomness: Box<dyn Randomness>) -> BindingClient {
        BindingClient {
            local,
            server,
            transport: Transport::Udp,
            rto: RTO,
            randomness,
            mechanism: Mechanism::None,
            started: 0,
            transaction: None,
            signed: false,
            distrusted: false,
            stale_nonces: 0,
            asked: Vec::new(),
            alternate: None,
            mapped: None,
            output: VecDeque::new(),
        }
    }

    /// With another initial retransmission timeout than 500 ms.
    #[must_use]
    pub fn with_rto(mut self, rto: Duration) -> BindingClient {
        self.rto = rto;
        self
    }

    /// Over something else than UDP. Over a stream nothing is sent twice, and an alternate server is not followed but told
    /// ([`alternate`](BindingClient::alternate)), because it takes another stream.
    #[must_use]
    pub fn with_transport(mut self, transport: Transport) -> BindingClient {
        self.transport = transport;
        self
    }

    /// With credentials.
    #[must_use]
    pub fn with_credentials(mut self, credentials: ClientCredentials) -> BindingClient {
        self.mechanism = match credentials {
            ClientCredentials::ShortTerm(credentials) => {
                Mechanism::ShortTerm(ShortTermClient::new(&credentials))
            }
            ClientCredentials::LongTerm(credentials) => Mechanism::LongTerm(LongTermClient::new(credentials)),
        };
        self
    }

    /// The address that the server saw, once it has answered.
    pub const fn mapped_address(&self) -> Option<SocketAddr> {
        self.mapped
    }

    /// The server that is asked: another than at first, if that one said so.
    pub const fn server_address(&self) -> SocketAddr {
        self.server
    }

    /// The server that the last answer named instead of itself, and the name in its certificate.
    pub fn alternate(&self) -> Option<(SocketAddr, Option<&str>)> {
        self.alternate.as_ref().map(|(server, domain)| (*server, domain.as_deref()))
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
        self.stale_nonces = 0;
        self.asked = vec![self.server];
        self.send(None, now);
    }

    fn send(&mut self, reason: Option<Reason>, now: Time) {
        let id = TransactionId::random(&mut *self.randomness);
        let request = self.mechanism.sign(Builder::request(Method::BINDING, id)).finish();
        let (number, method) = (self.started, Method::BINDING);
        let start = TransactionStart { number, id, method, from: self.local, to: self.server, reason };
        self.started = self.started.wrapping_add(1);
        self.distrusted = false;
        self.signed = match &self.mechanism {
            Mechanism::None => false,
            Mechanism::ShortTerm(_) => true,
            Mechanism::LongTerm(client) => client.is_challenged(),
        };
        let timer = if self.transport.is_stream() {
            Retransmission::reliable(now)
        } else {
            Retransmission::new(now, self.rto)
        };
        let transaction = Transaction::with_timer(start, request, timer);
        self.tell(&transaction);
        self.output.push_back(Output::Transmit(transaction.transmit()));
        self.transaction = Some(transaction);
    }

    /// Takes a datagram that arrived on the socket.
    pub fn handle_datagram(&mut self, from: SocketAddr, payload: &[u8], now: Time) {
        if let Err(reason) = self.judge(from, payload, now) {
            self.output.push_back(Output::Ignored { reason });
        }
    }

    fn judge(&mut self, from: SocketAddr, payload: &[u8], now: Time) -> Result<(), Reason> {
        let message = Message::parse(payload).map_err(|_| Reason::StunMalformed)?;
        if !message.class().is_response() {
            return Err(Reason::StunUnexpected);
        }
        // RFC 8489 §6.3.3: the id ties it to the request; only who was asked may answer.
        let ours = |pending: &&Transaction| {
            pending.state() == TransactionState::Pending
                && pending.id() == message.transaction_id()
                && message.method() == Method::BINDING
                && pending.to() == from
        };
        self.transaction.as_ref().filter(ours).ok_or(Reason::StunNoTransaction)?;
        let code = message.error_code().map_or(0, |error| error.code);
        let refused = message.class() == Class::Error;
        let long_term = matches!(self.mechanism, Mechanism::LongTerm(_));
        if refused && long_term && matches!(code, ErrorCode::UNAUTHENTICATED | ErrorCode::STALE_NONCE) {
            self.take_challenge(&message, code, now);
            return Ok(());
        }
        if let Err(reason) = self.check(&message) {
            self.distrusted = true;
            return Err(reason);
        }
        let Some(pending) = self.transaction.take() else { return Ok(()) };
        if !message.unknown_comprehension_required().is_empty() {
            // RFC 8489 §6.3.3: such a response is dropped and the transaction has failed.
            self.end(pending, TransactionState::Cancelled, Some(Reason::StunUnknownInResponse));
        } else if refused && code == ErrorCode::TRY_ALTERNATE {
            self.take_alternate(pending, &message, now);
        } else if refused {
            self.end(pending, TransactionState::Refused(code), None);
        } else {
            // RFC 8489 §6.3.3: an RFC 3489 server would have sent MAPPED-ADDRESS only.
            self.mapped = message.xor_mapped_address().or(message.mapped_address());
            self.end(pending, TransactionState::Succeeded, None);
        }
        Ok(())
    }

    /// RFC 8489 §9.1.4, §9.2.5: an answer to a signed request is signed, or was never there.
    fn check(&mut self, response: &Message<'_>) -> Result<(), Reason> {
        match &mut self.mechanism {
            Mechanism::ShortTerm(client) => client.accept(response),
            Mechanism::LongTerm(client) if self.signed && !client.trusts(response) => {
                Err(Reason::StunUntrusted)
            }
            _ => Ok(()),
        }
    }

    /// 401 and 438 (RFC 8489 §9.2.5): once more, with credentials or a new nonce.
    fn take_challenge(&mut self, response: &Message<'_>, code: u16, now: Time) {
        let (Some(pending), Mechanism::LongTerm(client)) = (self.transaction.take(), &mut self.mechanism)
        else {
            return;
        };
        let stale = code == ErrorCode::STALE_NONCE;
        let again = if stale { Reason::StunStaleNonce } else { Reason::StunChallenged };
        let learnt = if stale && self.stale_nonces >= TRIES_MAX {
            Err(Reason::StunNonceLoop)
        } else if !stale && self.signed {
            Err(Reason::StunCredentialsRefused)
        } else {
            client.learn(response)
        };
        self.stale_nonces += u8::from(stale);
        let reason = learnt.err().unwrap_or(again);
        self.end(pending, TransactionState::Refused(code), Some(reason));
        if learnt.is_ok() {
            self.send(Some(again), now);
        }
    }

    /// 300 (RFC 8489 §10).
    fn take_alternate(&mut self, pending: Transaction, response: &Message<'_>, now: Time) {
        let fits = |server: &SocketAddr| {
            server.is_ipv4() == self.server.is_ipv4()
                && server.port() != 0
                && !self.asked.contains(server)
                && self.asked.len() <= usize::from(TRIES_MAX)
        };
        let alternate = response.alternate_server().filter(fits);
        self.alternate = alternate.map(|server| (server, response.alternate_domain().map(str::to_owned)));
        let reason = if alternate.is_some() { Reason::StunAlternate } else { Reason::StunAlternateUseless };
        self.end(pending, TransactionState::Refused(ErrorCode::TRY_ALTERNATE), Some(reason));
        if let Some(server) = alternate.filter(|_| !self.transport.is_stream()) {
            self.asked.push(server);
            self.server = server;
            self.send(Some(Reason::StunAlternate), now);
        }
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
            TimeoutAction::GiveUp => {
                // RFC 8489 §9.1.4: answers came, but none that could be trusted.
                if self.distrusted {
                    transaction.end(TransactionState::TimedOut, Some(Reason::StunIntegrityViolated));
                }
                self.tell(&transaction);
            }
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
