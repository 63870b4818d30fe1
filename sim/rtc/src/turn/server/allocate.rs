//! Allocate and Refresh on the server (RFC 8656 §7.2, §8.2), and the dialogue with the host about relayed sockets.

use std::net::SocketAddr;
use std::time::Duration;

use super::allocation::{AllocateRequest, Allocation, FiveTuple};
use super::{ServerOutput, TurnServer};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::stun::{
    AddressErrorCode, AddressFamily, Attribute, AttributeType, Authenticated, Builder, Class, ErrorCode,
    Message, Method, Refusal,
};
use crate::time::Time;
use crate::turn::AllocationState;

/// The protocol number of UDP.
const UDP: u8 = 17;

/// LIFETIME has whole seconds.
pub(super) fn seconds(span: Duration) -> u32 {
    u32::try_from(span.as_secs()).unwrap_or(u32::MAX)
}

impl TurnServer {
    /// RFC 8656 §7.2, in its order; ends with asking the host for a socket.
    pub(super) fn allocate(
        &mut self,
        five_tuple: FiveTuple,
        request: &Message<'_>,
        by: &Authenticated,
    ) -> Result<(), Refusal> {
        if let Some(number) = self.by_five_tuple.get(&five_tuple).copied() {
            return self.allocate_again(number, request, by);
        }
        let family = self.requested_family(request)?;
        self.check_quotas(&by.username)?;
        let kept = AllocateRequest {
            id: request.transaction_id(),
            key: by.key.clone(),
            fingerprint: request.has_fingerprint(),
            wants_second: request.additional_address_family().is_some(),
        };
        let lifetime = self.config.granted_lifetime(request.lifetime());
        let number = self.opened;
        self.opened = self.opened.wrapping_add(1);
        self.allocations.insert(number, Allocation::new(five_tuple, by.username.clone(), lifetime, kept));
        self.by_five_tuple.insert(five_tuple, number);
        *self.by_user.entry(by.username.clone()).or_default() += 1;
        self.tell(number, Reason::TurnRelayWanted, Because::Input);
        let even_port = request.even_port().is_some();
        self.output.push_back(ServerOutput::OpenRelay { allocation: number, family, even_port });
        Ok(())
    }

    /// A repeated request gets the answer it got before; a new one on the same 5-tuple is a mistake (RFC 8656 §7.2).
    fn allocate_again(
        &mut self,
        number: u32,
        request: &Message<'_>,
        by: &Authenticated,
    ) -> Result<(), Refusal> {
        let taken = Refusal::new(ErrorCode::ALLOCATION_MISMATCH, Reason::TurnFiveTupleInUse);
        let allocation = self.allocations.get(&number).ok_or(taken.clone())?;
        if allocation.request.id != request.transaction_id() || allocation.username != by.username {
            return Err(taken);
        }
        if allocation.state == AllocationState::Requested {
            self.push(crate::output::Output::Ignored { reason: Reason::TurnAllocatePending });
            return Ok(());
        }
        let (five_tuple, answer) = (allocation.five_tuple, allocation.answer.clone());
        let because = Because::Change(Subject::Allocation(number));
        self.send(five_tuple, answer, because, Some(Reason::TurnAllocateRepeated));
        Ok(())
    }

    /// What kind of relayed address is asked for, if one can be given.
    fn requested_family(&self, request: &Message<'_>) -> Result<AddressFamily, Refusal> {
        let unsupported = |reason| Refusal::new(ErrorCode::INSUFFICIENT_CAPACITY, reason);
        match request.requested_transport() {
            None => return Err(Refusal::bad_request(Reason::TurnNoTransport)),
            Some(UDP) => {}
            Some(_) => {
                let code = ErrorCode::UNSUPPORTED_TRANSPORT_PROTOCOL;
                return Err(Refusal::new(code, Reason::TurnTransportUnsupported));
            }
        }
        if request.dont_fragment() {
            // RFC 8656 §7.2: who cannot set DF treats the attribute as unknown.
            return Err(Refusal::unknown(vec![AttributeType::DONT_FRAGMENT.0], Reason::TurnDontFragment));
        }
        let (family, second) = (request.requested_address_family(), request.additional_address_family());
        let reserves = request.even_port() == Some(true);
        if request.reservation_token().is_some() {
            if family.is_some() || second.is_some() || request.even_port().is_some() {
                return Err(Refusal::bad_request(Reason::TurnAttributesConflict));
            }
            return Err(unsupported(Reason::TurnReservationUnknown));
        }
        if second.is_some() && (family.is_some() || second == Some(AddressFamily::V4) || reserves) {
            return Err(Refusal::bad_request(Reason::TurnAttributesConflict));
        }
        if reserves {
            return Err(unsupported(Reason::TurnReservationUnsupported));
        }
        // RFC 8656 §7.2: without the attribute it is IPv4; a server that has IPv6 only says so with 440.
        let family = family.unwrap_or(AddressFamily::V4);
        if !self.config.families.contains(&family) {
            let code = ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED;
            return Err(Refusal::new(code, Reason::TurnFamilyUnsupported));
        }
        Ok(family)
    }

    fn check_quotas(&self, username: &str) -> Result<(), Refusal> {
        let limits = &self.config.limits;
        if self.by_user.get(username).copied().unwrap_or(0) >= limits.allocations_per_user {
            return Err(Refusal::new(ErrorCode::ALLOCATION_QUOTA_REACHED, Reason::TurnQuotaReached));
        }
        if self.allocations.len() >= limits.allocations {
            return Err(Refusal::new(ErrorCode::INSUFFICIENT_CAPACITY, Reason::TurnNoCapacity));
        }
        Ok(())
    }

    /// The host has opened the socket that [`ServerOutput::OpenRelay`] asked for.
    pub fn relay_opened(&mut self, allocation: u32, address: SocketAddr, now: Time) {
        let number = allocation;
        let waiting =
            self.allocations.get_mut(&number).filter(|held| held.state == AllocationState::Requested);
        let Some(allocation) = waiting else {
            // Nobody waits for it any more.
            return self.output.push_back(ServerOutput::CloseRelay { address });
        };
        allocation.state = AllocationState::Active;
        allocation.relayed = Some(address);
        allocation.expires_at = Some(now + allocation.lifetime);
        let (five_tuple, request) = (allocation.five_tuple, allocation.request.clone());
        let granted = Attribute::Lifetime(seconds(allocation.lifetime));
        self.by_relayed.insert(address, number);
        self.tell(number, Reason::TurnAllocated, Because::Input);
        // RFC 8656 §7.2: a second address is not given here, and the answer says so.
        let second = request.wants_second.then_some(AddressErrorCode {
            family: AddressFamily::V6,
            error: ErrorCode::usual(ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED),
        });
        let builder = Builder::new(Class::Success, Method::ALLOCATE, request.id)
            .attribute(&Attribute::XorRelayedAddress(address))
            .attribute(&granted)
            .attribute(&Attribute::XorMappedAddress(five_tuple.client))
            .maybe(second.map(Attribute::AddressErrorCode));
        let answer = self.finish(builder, Some(&request.key), request.fingerprint);
        if let Some(allocation) = self.allocations.get_mut(&number) {
            allocation.answer.clone_from(&answer);
        }
        self.send(five_tuple, answer, Because::Change(Subject::Allocation(number)), None);
    }

    /// The host cannot open the socket that [`ServerOutput::OpenRelay`] asked for.
    pub fn relay_refused(&mut self, allocation: u32) {
        let number = allocation;
        let waiting = self.allocations.get(&number).filter(|held| held.state == AllocationState::Requested);
        let Some(allocation) = waiting else { return };
        let (five_tuple, request) = (allocation.five_tuple, allocation.request.clone());
        let code = ErrorCode::INSUFFICIENT_CAPACITY;
        self.end(number, AllocationState::Refused(code), Reason::TurnRelayRefused);
        let builder = Builder::new(Class::Error, Method::ALLOCATE, request.id)
            .attribute(&Attribute::ErrorCode(ErrorCode::usual(code)));
        let answer = self.finish(builder, Some(&request.key), request.fingerprint);
        let because = Because::Change(Subject::Allocation(number));
        self.send(five_tuple, answer, because, Some(Reason::TurnRelayRefused));
    }

    /// RFC 8656 §8.2.
    pub(super) fn refresh(
        &mut self,
        number: u32,
        request: &Message<'_>,
        by: &Authenticated,
        now: Time,
    ) -> Result<(), Refusal> {
        let mismatch = Refusal::new(ErrorCode::ALLOCATION_MISMATCH, Reason::TurnNoAllocation);
        let allocation = self.allocations.get_mut(&number).ok_or(mismatch)?;
        let own = allocation.relayed.map(|relayed| AddressFamily::of(&relayed.ip()));
        if request.requested_address_family().is_some_and(|family| Some(family) != own) {
            let code = ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH;
            return Err(Refusal::new(code, Reason::TurnPeerFamily));
        }
        if request.lifetime() == Some(0) {
            let five_tuple = allocation.five_tuple;
            self.end(number, AllocationState::Released, Reason::TurnReleased);
            let builder = Builder::success(request).attribute(&Attribute::Lifetime(0));
            let answer = self.finish(builder, Some(&by.key), request.has_fingerprint());
            self.send(five_tuple, answer, Because::Change(Subject::Allocation(number)), None);
            return Ok(());
        }
        let lifetime = self.config.granted_lifetime(request.lifetime());
        allocation.expires_at = Some(now + lifetime);
        self.tell(number, Reason::TurnRefreshed, Because::Input);
        self.grant(number, request, &by.key, &[Attribute::Lifetime(seconds(lifetime))]);
        Ok(())
    }
}
