//! A STUN message, as far as a reader of calls wants to know it.

use std::net::SocketAddr;

use rtclab_rtc::stun::{Class, Message, Method, TransactionId};

use super::Content;
use super::packet::content_of_inner;

/// A STUN message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StunReading {
    /// Request, indication or response.
    pub class: Class,
    /// What is asked.
    pub method: Method,
    /// Which transaction it belongs to.
    pub transaction: TransactionId,
    /// Whether it is authenticated with a short-term name, as connectivity checks are (RFC 8445 §7.2.2).
    pub is_check: bool,
    /// Whether it nominates.
    pub use_candidate: bool,
    /// The address that a response shows its receiver.
    pub mapped: Option<SocketAddr>,
    /// The relayed address that a response grants.
    pub relayed: Option<SocketAddr>,
    /// The peer that a TURN request is about.
    pub peer: Option<SocketAddr>,
    /// The channel that a TURN request binds.
    pub channel: Option<u16>,
    /// The lifetime that a TURN message asks for or grants, in seconds.
    pub lifetime_s: Option<u32>,
    /// Why a request is refused: code and phrase.
    pub error: Option<(u16, String)>,
}

impl StunReading {
    /// Reads a message; nothing if it is not one.
    pub fn of(payload: &[u8]) -> Option<StunReading> {
        Some(StunReading::of_message(&Message::parse(payload).ok()?))
    }

    fn of_message(message: &Message<'_>) -> StunReading {
        let error = message.error_code();
        StunReading {
            class: message.class(),
            method: message.method(),
            transaction: message.transaction_id(),
            is_check: message.method() == Method::BINDING
                && message.class() == Class::Request
                && message.username().is_some(),
            use_candidate: message.use_candidate(),
            mapped: message.xor_mapped_address().or_else(|| message.mapped_address()),
            relayed: message.xor_relayed_address(),
            peer: message.xor_peer_address(),
            channel: message.channel_number(),
            lifetime_s: message.lifetime(),
            error: error.map(|error| (error.code, error.phrase.to_owned())),
        }
    }
}

/// A message, or the datagram that it carries through a TURN server.
pub(super) fn content_of(payload: &[u8]) -> Option<Content> {
    let message = Message::parse(payload).ok()?;
    let wrapping = match message.method() {
        Method::SEND => "Send indication",
        Method::DATA => "Data indication",
        _ => return Some(Content::Stun(Box::new(StunReading::of_message(&message)))),
    };
    let inner = Box::new(content_of_inner(message.data().unwrap_or_default()));
    Some(Content::Relayed { wrapping, peer: message.xor_peer_address(), channel: None, inner })
}
