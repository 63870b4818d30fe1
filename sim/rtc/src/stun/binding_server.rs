//! A server that tells who asks what their address is (RFC 8489 §6.3.1). It keeps no state at all.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::{Attribute, Builder, Class, ErrorCode, Message, Method, TransactionSnapshot};
use crate::output::{Because, Output, Transmit};
use crate::reason::Reason;

/// Answers Binding requests, without credentials.
///
/// It has no timers: call [`handle_datagram`](BindingServer::handle_datagram) and drain [`poll_output`](BindingServer::poll_output).
#[derive(Debug, Default)]
pub struct BindingServer {
    software: Option<String>,
    output: VecDeque<Output<TransactionSnapshot>>,
}

impl BindingServer {
    /// A server that does not say what it runs.
    pub fn new() -> BindingServer {
        BindingServer::default()
    }

    /// A server that puts SOFTWARE into its answers (RFC 8489 §14.14).
    #[must_use]
    pub fn with_software(mut self, software: &str) -> BindingServer {
        self.software = Some(software.to_owned());
        self
    }

    /// Takes a datagram that arrived on the socket `to`; the answer leaves from there.
    pub fn handle_datagram(&mut self, to: SocketAddr, from: SocketAddr, payload: &[u8]) {
        let answer = Message::parse(payload)
            .map_err(|_| Reason::StunMalformed)
            .and_then(|request| answer_binding(&request, from, self.software.as_deref()));
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
}

/// The answer to a Binding request from `from`, and why if it refuses; or why there is none.
pub(crate) fn answer_binding(
    request: &Message<'_>,
    from: SocketAddr,
    software: Option<&str>,
) -> Result<(Vec<u8>, Option<Reason>), Reason> {
    match (request.method(), request.class()) {
        (Method::BINDING, Class::Request) => {}
        // RFC 8489 §6.3.2: an indication keeps a NAT mapping alive and wants no answer.
        (Method::BINDING, Class::Indication) => return Err(Reason::StunIndication),
        _ => return Err(Reason::StunUnexpected),
    }
    let unknown = request.unknown_comprehension_required();
    let (builder, reason) = if unknown.is_empty() {
        (Builder::success(request).attribute(&Attribute::XorMappedAddress(from)), None)
    } else {
        // RFC 8489 §6.3.1: say which ones, so that the client can leave them out.
        let refusal = Builder::error(request, ErrorCode::UNKNOWN_ATTRIBUTE).unknown_attributes(&unknown);
        (refusal, Some(Reason::StunUnknownAttributes))
    };
    let builder = builder.maybe(software.map(Attribute::Software));
    // RFC 8489 §7: who uses FINGERPRINT expects it back, and who does not may be older than it.
    let payload =
        if request.has_fingerprint() { builder.finish() } else { builder.finish_without_fingerprint() };
    Ok((payload, reason))
}
