//! A Binding server that wants credentials, or sends its clients elsewhere (RFC 8489 §9, §10). Not here: the one for everybody
//! ([`BindingServer`](crate::stun::BindingServer)), which RFC 8489 §12 leaves without credentials.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::{LongTermServer, Refusal, ShortTermServer};
use crate::output::{Because, Output, Transmit};
use crate::reason::Reason;
use crate::stun::{Attribute, Builder, Class, ErrorCode, Message, Method, TransactionSnapshot};
use crate::time::Time;

/// How clients are recognised.
#[derive(Debug)]
pub enum Recognition {
    /// By a password that both sides know for this exchange (RFC 8489 §9.1).
    ShortTerm(ShortTermServer),
    /// By username and password of an account (RFC 8489 §9.2).
    LongTerm(Box<LongTermServer>),
}

/// Answers Binding requests of those who have credentials.
///
/// It has no timers: call [`handle_datagram`](CredentialedBindingServer::handle_datagram) and drain
/// [`poll_output`](CredentialedBindingServer::poll_output).
#[derive(Debug)]
pub struct CredentialedBindingServer {
    recognition: Recognition,
    alternate: Option<(SocketAddr, Option<String>)>,
    output: VecDeque<Output<TransactionSnapshot>>,
}

impl CredentialedBindingServer {
    /// A server that recognises its clients like this.
    pub fn new(recognition: Recognition) -> CredentialedBindingServer {
        CredentialedBindingServer { recognition, alternate: None, output: VecDeque::new() }
    }

    /// A server that sends its clients to another one (RFC 8489 §10), whose certificate has this name.
    #[must_use]
    pub fn with_alternate(mut self, server: SocketAddr, domain: Option<&str>) -> CredentialedBindingServer {
        self.alternate = Some((server, domain.map(str::to_owned)));
        self
    }

    /// Takes a datagram that arrived on the socket `to`; the answer leaves from there.
    pub fn handle_datagram(&mut self, to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        let request = Message::parse(payload).map_err(|_| Reason::StunMalformed);
        let answer = request.and_then(|request| match (request.method(), request.class()) {
            (Method::BINDING, Class::Request) => Ok(self.answer(&request, from, now)),
            (Method::BINDING, Class::Indication) => Err(Reason::StunIndication),
            _ => Err(Reason::StunUnexpected),
        });
        self.output.push_back(match answer {
            Ok((payload, reason)) => {
                Output::Transmit(Transmit { from: to, to: from, payload, because: Because::Input, reason })
            }
            Err(reason) => Output::Ignored { reason },
        });
    }

    /// What to do next, in order.
    pub fn poll_output(&mut self) -> Option<Output<TransactionSnapshot>> {
        self.output.pop_front()
    }

    fn answer(&self, request: &Message<'_>, from: SocketAddr, now: Time) -> (Vec<u8>, Option<Reason>) {
        let finish = |builder: Builder| {
            if request.has_fingerprint() { builder.finish() } else { builder.finish_without_fingerprint() }
        };
        let recognised = match &self.recognition {
            Recognition::ShortTerm(users) => users.authenticate(request),
            Recognition::LongTerm(users) => users.authenticate(request, from, now),
        };
        let by = match recognised {
            Ok(by) => by,
            Err(refusal) => {
                let mut builder = Builder::error(request, refusal.code);
                if let Recognition::LongTerm(users) = &self.recognition
                    && refusal.wants_challenge()
                {
                    builder = users.challenge(builder, from, now);
                }
                return (finish(builder), Some(refusal.reason));
            }
        };
        let (builder, reason) = match self.perform(request, from) {
            Ok(builder) => (builder, None),
            Err(refusal) => {
                let builder = Builder::error(request, refusal.code);
                let unknown = !refusal.unknown.is_empty();
                let builder = if unknown { builder.unknown_attributes(&refusal.unknown) } else { builder };
                let alternate = self.alternate.as_ref().filter(|_| !unknown);
                let builder = builder
                    .maybe(alternate.map(|(server, _)| Attribute::AlternateServer(*server)))
                    .maybe(alternate.and_then(|(_, name)| name.as_deref()).map(Attribute::AlternateDomain));
                (builder, Some(refusal.reason))
            }
        };
        (finish(builder.sign(&by.key)), reason)
    }

    fn perform(&self, request: &Message<'_>, from: SocketAddr) -> Result<Builder, Refusal> {
        let unknown = request.unknown_comprehension_required();
        if !unknown.is_empty() {
            return Err(Refusal::unknown(unknown, Reason::StunUnknownAttributes));
        }
        let fits = |(server, _): &&(SocketAddr, Option<String>)| server.is_ipv4() == from.is_ipv4();
        if self.alternate.as_ref().filter(fits).is_some() {
            return Err(Refusal::new(ErrorCode::TRY_ALTERNATE, Reason::StunAlternate));
        }
        Ok(Builder::success(request).attribute(&Attribute::XorMappedAddress(from)))
    }
}
