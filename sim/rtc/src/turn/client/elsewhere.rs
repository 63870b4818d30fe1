//! Another server, another address, and less than what was asked for: 300 (RFC 8489 §10), mobility (RFC 8016), and what is left out
//! after 405 and 420. Also the stream to the server.

use std::net::SocketAddr;

use super::TurnClient;
use super::requests::{Operation, Request};
use super::responses::granted_lifetime;
use crate::output::Because;
use crate::reason::Reason;
use crate::stun::{AttributeType, ErrorCode, Message, StreamError, StreamFramer};
use crate::time::Time;
use crate::turn::AllocationState;

/// How many servers may send us elsewhere before we give up.
const LEFT_MAX: usize = 3;

impl TurnClient {
    /// The server that the last one named instead of itself (300), and the name in its certificate. Over UDP it is asked at once; over a
    /// stream it takes another one, from another client.
    pub fn alternate(&self) -> Option<(SocketAddr, Option<&str>)> {
        self.alternate.as_ref().map(|(server, domain)| (*server, domain.as_deref()))
    }

    /// Whether a refused Allocate request can be made again in another way; then it has been.
    pub(super) fn try_otherwise(
        &mut self,
        request: &Request,
        response: &Message<'_>,
        code: u16,
        now: Time,
    ) -> bool {
        if request.operation != Operation::Allocate {
            return false;
        }
        let reason = match code {
            ErrorCode::TRY_ALTERNATE => {
                if !self.go_elsewhere(response) {
                    return false;
                }
                Reason::StunAlternate
            }
            // RFC 8016 §3.1.4, RFC 8656 §7.4: without what the server does not do.
            ErrorCode::MOBILITY_FORBIDDEN if self.options.mobility => {
                self.options.mobility = false;
                Reason::TurnMobilityForbidden
            }
            ErrorCode::UNKNOWN_ATTRIBUTE if self.options.dont_fragment => {
                let named = response.unknown_attributes();
                if !named.is_some_and(|types| types.iter().any(|kind| kind == AttributeType::DONT_FRAGMENT)) {
                    return false;
                }
                self.options.dont_fragment = false;
                Reason::TurnDontFragment
            }
            _ => return false,
        };
        let because = Because::Change(request.transaction.subject());
        self.start_with(request.operation, request.stale_nonces_left, Some(reason), because, now);
        true
    }

    /// RFC 8489 §10: of the same family, and not where we come from.
    fn go_elsewhere(&mut self, response: &Message<'_>) -> bool {
        let Some(server) = response.alternate_server() else { return false };
        let useless = server.is_ipv4() != self.server.is_ipv4()
            || server.port() == 0
            || server == self.server
            || self.left.contains(&server)
            || self.left.len() >= LEFT_MAX;
        if useless {
            return false;
        }
        self.alternate = Some((server, response.alternate_domain().map(str::to_owned)));
        if self.options.transport.is_stream() {
            return false;
        }
        self.left.push(self.server);
        self.server = server;
        // Another server has other nonces, and perhaps another realm.
        self.authentication.forget();
        true
    }

    /// The host has another address now: the allocation is taken along (RFC 8016). Over a stream, the new one has been opened.
    pub fn move_to(&mut self, local: SocketAddr, now: Time) {
        let ticket = self.active().is_some_and(|holding| holding.ticket.is_some());
        if !ticket {
            return self.ignore(Reason::TurnTicketUnknown);
        }
        self.local = local;
        self.framer = StreamFramer::new();
        self.cancel_requests(Reason::TurnMoved, Because::Input);
        self.start(Operation::Move, Some(Reason::TurnMoved), Because::Input, now);
    }

    pub(super) fn grant_move(&mut self, response: &Message<'_>, because: Because, now: Time) {
        if let Some(holding) = &mut self.holding {
            // RFC 8016 §3.2.3: the next move takes the new ticket.
            if let Some(ticket) = response.mobility_ticket() {
                holding.ticket = Some(ticket.to_vec());
            }
            // What was cancelled by the move is asked for again when it is due.
            let soon = |at: &mut Option<Time>| *at = at.or(Some(now));
            holding.permissions.values_mut().for_each(|permission| soon(&mut permission.refresh_at));
            holding.channels.values_mut().for_each(|channel| soon(&mut channel.refresh_at));
        }
        self.prolong(granted_lifetime(response), now);
        self.tell_allocation(Some(Reason::TurnMoved), because);
    }

    /// Takes bytes that were read from the stream to the server.
    ///
    /// # Errors
    /// What arrived is not TURN; the stream is of no use any more and should be closed.
    pub fn handle_stream(&mut self, bytes: &[u8], now: Time) -> Result<(), StreamError> {
        self.framer.push(bytes);
        loop {
            let message = match self.framer.next_frame() {
                Ok(Some(frame)) => frame.bytes().to_vec(),
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.ignore(Reason::TurnStreamBroken);
                    self.handle_stream_closed();
                    return Err(error);
                }
            };
            self.handle_datagram(self.server, &message, now);
        }
    }

    /// The stream to the server has ended. The allocation has, too, unless it can be moved to another stream (RFC 8016).
    pub fn handle_stream_closed(&mut self) {
        if self.active().is_some_and(|holding| holding.ticket.is_some()) {
            return self.cancel_requests(Reason::TurnStreamClosed, Because::Input);
        }
        let state = match self.state() {
            Some(AllocationState::Requested) => AllocationState::Unanswered,
            Some(AllocationState::Active) => AllocationState::Expired,
            _ => return,
        };
        self.end_allocation(state, Reason::TurnStreamClosed, Because::Input);
    }
}
