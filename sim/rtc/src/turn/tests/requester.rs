//! A server alone, and requests to it made by hand: what no well-behaved client would send.

use std::net::SocketAddr;

use super::Counting;
use super::lab::{client_address, relayed_address, server_address};
use crate::output::Output;
use crate::reason::Reason;
use crate::stun::{
    AddressFamily, Attribute, Builder, ErrorCode, IntegrityKey, Message, Method, PasswordAlgorithm,
    TransactionId,
};
use crate::time::Time;
use crate::turn::{Credentials, ServerOutput, TurnServer, TurnServerConfig};

pub(super) struct Requester {
    pub(super) server: TurnServer,
    pub(super) now: Time,
    pub(super) from: SocketAddr,
    pub(super) user: Credentials,
    pub(super) nonce: String,
    ids: u8,
    next_port: u16,
}

/// What a server did with a message.
#[derive(Debug, Default)]
pub(super) struct Reaction {
    /// The answer: its error code, 0 for success.
    pub(super) code: Option<u16>,
    pub(super) answer: Vec<u8>,
    pub(super) reason: Option<Reason>,
    /// Datagrams that were relayed.
    pub(super) relayed: usize,
}

impl Requester {
    pub(super) fn new(config: TurnServerConfig, user: Credentials) -> Requester {
        let server = TurnServer::new(config, Box::new(Counting::default()));
        let from = client_address();
        let next_port = relayed_address().port();
        let mut requester =
            Requester { server, now: Time::ZERO, from, user, nonce: String::new(), ids: 0, next_port };
        requester.learn_nonce();
        requester
    }

    /// Asks without credentials, as a client does at first.
    pub(super) fn learn_nonce(&mut self) {
        let wire = Builder::request(Method::ALLOCATE, self.id()).finish();
        let challenge = self.send(&wire);
        assert_eq!(challenge.code, Some(ErrorCode::UNAUTHENTICATED));
        self.nonce = Message::parse(&challenge.answer).unwrap().nonce().unwrap().to_owned();
    }

    fn id(&mut self) -> TransactionId {
        self.ids += 1;
        TransactionId([self.ids; 12])
    }

    pub(super) fn key(&self) -> IntegrityKey {
        IntegrityKey::long_term(
            &self.user.username,
            "example.org",
            &self.user.password,
            PasswordAlgorithm::Md5,
        )
    }

    /// A request with these attributes, username, realm, nonce and signature.
    pub(super) fn signed(&mut self, method: Method, attributes: &[Attribute<'_>]) -> Vec<u8> {
        attributes
            .iter()
            .fold(Builder::request(method, self.id()), Builder::attribute)
            .attribute(&Attribute::Username(&self.user.username))
            .attribute(&Attribute::Realm("example.org"))
            .attribute(&Attribute::Nonce(&self.nonce))
            .sign(&self.key())
            .finish()
    }

    pub(super) fn request(&mut self, method: Method, attributes: &[Attribute<'_>]) -> Reaction {
        let wire = self.signed(method, attributes);
        self.send(&wire)
    }

    pub(super) fn allocate(&mut self) {
        let reaction = self.request(Method::ALLOCATE, &[Attribute::RequestedTransport(17)]);
        assert_eq!(reaction.code, Some(0), "{:?}", reaction.reason);
    }

    /// An Allocate request with these attributes, which must succeed.
    pub(super) fn request_opening(&mut self, method: Method, attributes: &[Attribute<'_>]) {
        let reaction = self.request(method, attributes);
        assert_eq!(reaction.code, Some(0), "{:?}", reaction.reason);
    }

    pub(super) fn send(&mut self, wire: &[u8]) -> Reaction {
        self.send_to(server_address(), self.from, wire)
    }

    pub(super) fn send_to(&mut self, to: SocketAddr, from: SocketAddr, wire: &[u8]) -> Reaction {
        self.server.handle_datagram(to, from, wire, self.now);
        let mut reaction = Reaction::default();
        while let Some(output) = self.server.poll_output() {
            match output {
                ServerOutput::Endpoint(Output::Transmit(transmit)) if transmit.from != server_address() => {
                    reaction.relayed += 1;
                }
                ServerOutput::Endpoint(Output::Transmit(transmit)) => {
                    let code = Message::parse(&transmit.payload)
                        .ok()
                        .map(|message| message.error_code().map_or(0, |error| error.code));
                    reaction.code = code;
                    reaction.reason = transmit.reason;
                    reaction.answer = transmit.payload;
                }
                ServerOutput::Endpoint(Output::Ignored { reason }) => reaction.reason = Some(reason),
                ServerOutput::OpenRelay { allocation, family, .. } => {
                    let v6 = family == AddressFamily::V6;
                    let ip = if v6 { "2001:db8:1::1".parse().unwrap() } else { relayed_address().ip() };
                    let address = SocketAddr::new(ip, self.next_port);
                    self.next_port += 1;
                    self.server.relay_opened(allocation, address, self.now);
                }
                _ => {}
            }
        }
        reaction
    }
}
