//! What the server's answers mean: challenges, grants and refusals (RFC 8489 §9.2.5, RFC 8656 §7.3, §7.4, §8.3, §10.3, §12.3).

use std::net::IpAddr;
use std::time::Duration;

use super::holding::refresh_at;
use super::requests::{Operation, Request};
use super::{ALLOCATION, TurnClient, USAGE};
use crate::output::Because;
use crate::reason::Reason;
use crate::stun::{Attribute, Class, ErrorCode, Message, TransactionState};
use crate::time::Time;
use crate::turn::{AllocationState, CHANNEL_LIFETIME, LIFETIME, PERMISSION_LIFETIME};

/// Why an operation did not succeed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure {
    /// The code, if the server gave one.
    pub(super) code: Option<u16>,
    pub(super) reason: Reason,
}

impl TurnClient {
    pub(super) fn take_response(&mut self, response: &Message<'_>, now: Time) -> Result<(), Reason> {
        let position = self.position(response).ok_or(Reason::StunNoTransaction)?;
        let code = (response.class() == Class::Error)
            .then(|| response.error_code().map_or(ErrorCode::SERVER_ERROR, |error| error.code));
        match code {
            Some(ErrorCode::UNAUTHENTICATED) => {
                let request = self.requests.remove(position);
                self.take_challenge(request, response, now);
                return Ok(());
            }
            Some(ErrorCode::STALE_NONCE) => {
                let request = self.requests.remove(position);
                self.take_stale_nonce(request, response, now);
                return Ok(());
            }
            _ => {}
        }
        let request = &mut self.requests[position];
        // RFC 8489 §9.2.5: what is not signed with our password is dropped as if it had never come, and retransmissions go on. A
        // refusal of a request that was not signed either is all a server can say, except for 400.
        let unsigned_refusal = !request.signed && code.is_some_and(|code| code != ErrorCode::BAD_REQUEST);
        if !unsigned_refusal && !self.authentication.trusts(response) {
            request.distrusted = true;
            return Err(Reason::StunUntrusted);
        }
        let mut request = self.requests.remove(position);
        if !response.unknown_to(&USAGE).is_empty() {
            let reason = Reason::StunUnknownInResponse;
            self.finish(&mut request, TransactionState::Cancelled, Some(reason));
            self.fail(&request, Failure { code: None, reason });
        } else if let Some(code) = code {
            let reason = refusal(code, request.operation);
            self.finish(&mut request, TransactionState::Refused(code), Some(reason));
            if !self.try_otherwise(&request, response, code, now) {
                self.fail(&request, Failure { code: Some(code), reason });
            }
        } else {
            self.finish(&mut request, TransactionState::Succeeded, None);
            self.grant(&request, response, now);
        }
        Ok(())
    }

    fn finish(&mut self, request: &mut Request, state: TransactionState, reason: Option<Reason>) {
        request.transaction.end(state, reason);
        self.tell_transaction(&request.transaction, Because::Input);
    }

    /// 401: say who we are, once. A second 401 to the same credentials is final (RFC 8489 §9.2.5).
    fn take_challenge(&mut self, mut request: Request, response: &Message<'_>, now: Time) {
        let code = ErrorCode::UNAUTHENTICATED;
        let learnt = if request.signed {
            Err(Reason::StunCredentialsRefused)
        } else {
            self.authentication.learn(response)
        };
        let reason = learnt.err().unwrap_or(Reason::StunChallenged);
        self.finish(&mut request, TransactionState::Refused(code), Some(reason));
        match learnt {
            Ok(()) => self.retry(&request, request.stale_nonces_left, Reason::StunChallenged, now),
            Err(reason) => self.fail(&request, Failure { code: Some(code), reason }),
        }
    }

    /// 438: the same again with the new nonce (RFC 8489 §9.2.5).
    fn take_stale_nonce(&mut self, mut request: Request, response: &Message<'_>, now: Time) {
        let code = ErrorCode::STALE_NONCE;
        let left = request.stale_nonces_left.checked_sub(1).ok_or(Reason::StunNonceLoop);
        let learnt = left.and_then(|left| self.authentication.learn(response).map(|()| left));
        let reason = learnt.err().unwrap_or(Reason::StunStaleNonce);
        self.finish(&mut request, TransactionState::Refused(code), Some(reason));
        match learnt {
            Ok(left) => self.retry(&request, left, Reason::StunStaleNonce, now),
            Err(reason) => self.fail(&request, Failure { code: Some(code), reason }),
        }
    }

    fn retry(&mut self, request: &Request, stale_nonces_left: u8, reason: Reason, now: Time) {
        let because = Because::Change(request.transaction.subject());
        self.start_with(request.operation, stale_nonces_left, Some(reason), because, now);
    }

    /// The server did what was asked.
    fn grant(&mut self, request: &Request, response: &Message<'_>, now: Time) {
        let because = Because::Change(request.transaction.subject());
        match request.operation {
            Operation::Allocate => self.grant_allocation(request, response, now),
            Operation::Refresh => {
                let lifetime = granted_lifetime(response);
                self.prolong(lifetime, now);
                self.tell_allocation(Some(Reason::TurnRefreshed), because);
            }
            Operation::Release => {
                self.end_allocation(AllocationState::Released, Reason::TurnReleased, because);
            }
            Operation::CreatePermission(peer) => {
                self.permit(peer, now);
                self.tell_allocation(Some(Reason::TurnPermitted), because);
            }
            Operation::ChannelBind { channel, peer } => {
                if let Some(channel) = self.holding.as_mut().and_then(|held| held.channels.get_mut(&channel))
                {
                    channel.expires_at = Some(now + CHANNEL_LIFETIME);
                    channel.refresh_at = Some(refresh_at(now, CHANNEL_LIFETIME));
                }
                // RFC 8656 §12.2: binding a channel installs or refreshes the permission, too.
                self.permit(peer.ip(), now);
                self.tell_allocation(Some(Reason::TurnChannelBound), because);
            }
            Operation::Move => self.grant_move(response, because, now),
            Operation::Connect(peer) => self.grant_connect(peer, response, because),
            Operation::ConnectionBind { connection, .. } => self.grant_connection(connection, because),
        }
    }

    /// RFC 8656 §7.3.
    fn grant_allocation(&mut self, request: &Request, response: &Message<'_>, now: Time) {
        let mut relayed = response.attributes().filter_map(|attribute| match attribute {
            Attribute::XorRelayedAddress(relayed) if self.options.accepts(relayed) => Some(relayed),
            _ => None,
        });
        let Some(first) = relayed.next() else {
            return self.fail(request, Failure { code: None, reason: Reason::TurnNoRelayedAddress });
        };
        let second = relayed.find(|second| self.options.second && second.is_ipv4() != first.is_ipv4());
        if let Some(holding) = &mut self.holding {
            holding.state = AllocationState::Active;
            holding.relayed = Some(first);
            holding.second_relayed = second;
            holding.reservation = response.reservation_token().copied();
            holding.ticket = response.mobility_ticket().map(<[u8]>::to_vec);
            holding.client = response.xor_mapped_address().unwrap_or(holding.client);
        }
        self.prolong(granted_lifetime(response), now);
        self.tell_allocation(Some(Reason::TurnAllocated), Because::Change(request.transaction.subject()));
    }

    pub(super) fn prolong(&mut self, lifetime: Duration, now: Time) {
        if let Some(holding) = &mut self.holding {
            holding.expires_at = Some(now + lifetime);
            holding.refresh_at = Some(refresh_at(now, lifetime));
        }
    }

    fn permit(&mut self, peer: IpAddr, now: Time) {
        if let Some(holding) = &mut self.holding {
            let permission = holding.permissions.entry(peer).or_default();
            permission.refused = false;
            permission.expires_at = Some(now + PERMISSION_LIFETIME);
            permission.refresh_at = Some(refresh_at(now, PERMISSION_LIFETIME));
        }
    }

    /// The server did not do what was asked, or nobody knows whether it did.
    pub(super) fn fail(&mut self, request: &Request, failure: Failure) {
        let because = Because::Change(request.transaction.subject());
        // RFC 8656 §5, §8.3: the server knows no allocation of ours.
        let gone = failure.code == Some(ErrorCode::ALLOCATION_MISMATCH);
        match request.operation {
            Operation::Allocate => {
                let state = failure.code.map_or(AllocationState::Unanswered, AllocationState::Refused);
                self.end_allocation(state, failure.reason, because);
            }
            // RFC 8656 §8.3: 437 is what we wanted; and what nobody answers ends by itself.
            Operation::Release => {
                self.end_allocation(AllocationState::Released, failure.reason, because);
            }
            _ if gone => self.end_allocation(AllocationState::Expired, failure.reason, because),
            // It lives on until its time is over, unless something else refreshes it.
            Operation::Refresh | Operation::Move => {}
            Operation::Connect(_) => {}
            Operation::ConnectionBind { connection, .. } => self.lose_connection(connection, failure.reason),
            Operation::CreatePermission(peer) => {
                let Some(holding) = &mut self.holding else { return };
                match holding.permissions.get_mut(&peer) {
                    Some(permission) if failure.code.is_some() => permission.refused = true,
                    // Nobody answered: the next datagram to the peer may ask again.
                    Some(permission) if permission.expires_at.is_none() => {
                        holding.permissions.remove(&peer);
                    }
                    _ => {}
                }
            }
            Operation::ChannelBind { channel, .. } => {
                let Some(holding) = &mut self.holding else { return };
                if holding.peer_of(channel).is_none() {
                    holding.channels.remove(&channel);
                }
            }
        }
    }

    /// Asks the server to keep the allocation.
    pub(super) fn refresh(&mut self, now: Time) {
        if let Some(holding) = &mut self.holding {
            holding.refresh_at = None;
        }
        self.start(Operation::Refresh, Some(Reason::TurnRefreshDue), Because::Change(ALLOCATION), now);
    }
}

/// What a server must say and the client goes by (RFC 8656 §7.3, §8.3); a server that does not gets the default.
pub(super) fn granted_lifetime(response: &Message<'_>) -> Duration {
    response.lifetime().map_or(LIFETIME, |seconds| Duration::from_secs(seconds.into()))
}

/// What a code means to the client that gets it.
fn refusal(code: u16, operation: Operation) -> Reason {
    match (code, operation) {
        (ErrorCode::TRY_ALTERNATE, _) => Reason::TurnTryAlternate,
        (ErrorCode::FORBIDDEN, Operation::Allocate) => Reason::TurnRefused,
        (ErrorCode::FORBIDDEN, _) => Reason::TurnPeerForbidden,
        (ErrorCode::MOBILITY_FORBIDDEN, _) => Reason::TurnMobilityForbidden,
        (ErrorCode::UNKNOWN_ATTRIBUTE, _) => Reason::StunUnknownAttributes,
        (ErrorCode::ALLOCATION_MISMATCH, Operation::Allocate) => Reason::TurnFiveTupleInUse,
        (ErrorCode::ALLOCATION_MISMATCH, _) => Reason::TurnAllocationGone,
        (ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED, _) => Reason::TurnFamilyUnsupported,
        (ErrorCode::WRONG_CREDENTIALS, _) => Reason::TurnOtherUser,
        (ErrorCode::UNSUPPORTED_TRANSPORT_PROTOCOL, _) => Reason::TurnTransportUnsupported,
        (ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH, _) => Reason::TurnPeerFamily,
        (ErrorCode::CONNECTION_ALREADY_EXISTS, _) => Reason::TurnConnectionExists,
        (ErrorCode::CONNECTION_TIMEOUT_OR_FAILURE, _) => Reason::TurnConnectFailed,
        (ErrorCode::ALLOCATION_QUOTA_REACHED, _) => Reason::TurnQuotaReached,
        (ErrorCode::INSUFFICIENT_CAPACITY, _) => Reason::TurnNoCapacity,
        (ErrorCode::BAD_REQUEST, Operation::Move) => Reason::TurnTicketUnknown,
        (ErrorCode::BAD_REQUEST, Operation::ConnectionBind { .. }) => Reason::TurnConnectionUnknown,
        _ => Reason::TurnRefused,
    }
}
