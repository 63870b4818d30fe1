//! A Binding server with two addresses and two ports (RFC 5780 §6). It keeps no state and has no timers.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::USAGE;
use crate::output::{Because, Output, Transmit};
use crate::reason::Reason;
use crate::stun::{Attribute, Builder, Class, ErrorCode, Message, Method, TransactionSnapshot};

/// The longest PADDING in an answer: a datagram that has to be cut for a link of 1500 bytes, and no more.
const PADDING_MAX: usize = 2048;

/// Why two addresses do not make a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BehaviorServerError {
    /// Not two of everything.
    #[error("the two addresses must be of one family and differ in address and port: {0} and {1}")]
    NotTwo(SocketAddr, SocketAddr),
    /// A wildcard says nothing to a client.
    #[error("{0} is no address that a client can send to")]
    Unspecified(SocketAddr),
}

/// Answers Binding requests on four sockets: both addresses with both ports.
///
/// Bind [`sockets`](BehaviorServer::sockets), call [`handle_datagram`](BehaviorServer::handle_datagram), drain
/// [`poll_output`](BehaviorServer::poll_output); answers leave from whichever of the four sockets the client asked for.
///
/// It sends one answer for a request, to the address the request came from, and hardly longer: of no use as an amplifier.
#[derive(Debug)]
pub struct BehaviorServer {
    first: SocketAddr,
    second: SocketAddr,
    software: Option<String>,
    output: VecDeque<Output<TransactionSnapshot>>,
}

impl BehaviorServer {
    /// A server on these two addresses, each with both ports.
    ///
    /// # Errors
    /// They share an address or a port, are of two families, or say "any".
    pub fn new(first: SocketAddr, second: SocketAddr) -> Result<BehaviorServer, BehaviorServerError> {
        for address in [first, second] {
            if address.ip().is_unspecified() || address.port() == 0 {
                return Err(BehaviorServerError::Unspecified(address));
            }
        }
        if first.is_ipv4() != second.is_ipv4() || first.ip() == second.ip() || first.port() == second.port() {
            return Err(BehaviorServerError::NotTwo(first, second));
        }
        Ok(BehaviorServer { first, second, software: None, output: VecDeque::new() })
    }

    /// A server that puts SOFTWARE into its answers.
    #[must_use]
    pub fn with_software(mut self, software: &str) -> BehaviorServer {
        self.software = Some(software.to_owned());
        self
    }

    /// The sockets it answers on: the first address, the first with the other port, the second with the first's port, the second.
    pub const fn sockets(&self) -> [SocketAddr; 4] {
        let (first, second) = (self.first, self.second);
        [
            first,
            SocketAddr::new(first.ip(), second.port()),
            SocketAddr::new(second.ip(), first.port()),
            second,
        ]
    }

    /// Takes a datagram that arrived on the socket `to`, one of [`sockets`](BehaviorServer::sockets).
    pub fn handle_datagram(&mut self, to: SocketAddr, from: SocketAddr, payload: &[u8]) {
        let answered = Message::parse(payload)
            .map_err(|_| Reason::StunMalformed)
            .and_then(|request| self.answer(&request, to, from));
        self.output.push_back(match answered {
            Ok(transmit) => Output::Transmit(transmit),
            Err(reason) => Output::Ignored { reason },
        });
    }

    /// What to do next, in order.
    pub fn poll_output(&mut self) -> Option<Output<TransactionSnapshot>> {
        self.output.pop_front()
    }

    /// Address and port that are not those of `to`.
    fn other(&self, to: SocketAddr) -> SocketAddr {
        let ip = if to.ip() == self.first.ip() { self.second.ip() } else { self.first.ip() };
        let port = if to.port() == self.first.port() { self.second.port() } else { self.first.port() };
        SocketAddr::new(ip, port)
    }

    fn answer(&self, request: &Message<'_>, to: SocketAddr, from: SocketAddr) -> Result<Transmit, Reason> {
        match (request.method(), request.class()) {
            (Method::BINDING, Class::Request) => {}
            (Method::BINDING, Class::Indication) => return Err(Reason::StunIndication),
            _ => return Err(Reason::StunUnexpected),
        }
        if !self.sockets().contains(&to) {
            return Err(Reason::StunUnexpected);
        }
        let other = self.other(to);
        let change = request.change_request().unwrap_or_default();
        // RFC 5780 §6.1, table 1.
        let origin = SocketAddr::new(
            if change.address { other.ip() } else { to.ip() },
            if change.port { other.port() } else { to.port() },
        );
        let send = |from, to, builder: Builder, reason| {
            let builder = builder.maybe(self.software.as_deref().map(Attribute::Software));
            let payload = if request.has_fingerprint() {
                builder.finish()
            } else {
                builder.finish_without_fingerprint()
            };
            Ok(Transmit { from, to, payload, because: Because::Input, reason })
        };
        let unknown = request.unknown_to(&USAGE);
        if !unknown.is_empty() {
            let refusal = Builder::error(request, ErrorCode::UNKNOWN_ATTRIBUTE).unknown_attributes(&unknown);
            return send(to, from, refusal, Some(Reason::StunUnknownAttributes));
        }
        let (padding, port) = (request.padding(), request.response_port());
        // RFC 5780 §6.1: the two together would be sent to somebody who did not ask, and be long.
        if port == Some(0) || port.is_some() && padding.is_some() {
            let refusal = Builder::error(request, ErrorCode::BAD_REQUEST);
            return send(to, from, refusal, Some(Reason::BehaviorPortRefused));
        }
        let zeros = [0; PADDING_MAX];
        let padding = padding.map(|asked| Attribute::Padding(&zeros[..asked.len().min(PADDING_MAX) & !3]));
        let answer = Builder::success(request)
            .attribute(&Attribute::XorMappedAddress(from))
            .attribute(&Attribute::MappedAddress(from))
            .attribute(&Attribute::ResponseOrigin(origin))
            .attribute(&Attribute::OtherAddress(other))
            .maybe(padding);
        let target = SocketAddr::new(from.ip(), port.unwrap_or(from.port()));
        let elsewhere = origin != to || target != from;
        send(origin, target, answer, elsewhere.then_some(Reason::BehaviorElsewhere))
    }
}
