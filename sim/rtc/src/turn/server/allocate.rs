//! Allocate on the server: what is asked for, and whether it can be given (RFC 8656 §7.2, RFC 6062 §5.1). Not here: the sockets
//! (`relays`).

use std::time::Duration;

use super::TurnServer;
use super::allocation::{AllocateRequest, Allocation, FiveTuple};
use super::relays::Wanted;
use crate::output::{Because, Output, Subject};
use crate::reason::Reason;
use crate::stun::{AddressFamily, AttributeType, Authenticated, ErrorCode, Message, Refusal};
use crate::time::Time;
use crate::turn::{AllocationState, PeerTransport};

/// LIFETIME has whole seconds.
pub(super) fn seconds(span: Duration) -> u32 {
    u32::try_from(span.as_secs()).unwrap_or(u32::MAX)
}

impl TurnServer {
    /// RFC 8656 §7.2, in its order; ends with asking the host for sockets.
    pub(super) fn allocate(
        &mut self,
        five_tuple: FiveTuple,
        request: &Message<'_>,
        by: &Authenticated,
        now: Time,
    ) -> Result<(), Refusal> {
        if let Some(number) = self.by_five_tuple.get(&five_tuple).copied() {
            return self.allocate_again(number, request, by);
        }
        let wanted = self.wanted(five_tuple, request, by)?;
        let ticket = match request.mobility_ticket() {
            None => false,
            Some(_) if self.config.mobility => true,
            Some(_) => {
                return Err(Refusal::new(ErrorCode::MOBILITY_FORBIDDEN, Reason::TurnMobilityForbidden));
            }
        };
        if let Some((alternate, _)) = &self.config.alternate
            && alternate.is_ipv4() == five_tuple.server.is_ipv4()
        {
            return Err(Refusal::new(ErrorCode::TRY_ALTERNATE, Reason::TurnTryAlternate));
        }
        self.check_quotas(&by.username, wanted.pair)?;
        let kept = AllocateRequest {
            id: request.transaction_id(),
            key: by.key.clone(),
            fingerprint: request.has_fingerprint(),
            at: now,
        };
        let lifetime = self.config.granted_lifetime(request.lifetime());
        let number = self.opened;
        self.opened = self.opened.wrapping_add(1);
        let mut allocation = Allocation::new(five_tuple, by.username.clone(), lifetime, kept);
        allocation.peers_over = wanted.peers_over;
        if ticket {
            allocation.tickets = Some((self.new_ticket(number), None));
        }
        self.allocations.insert(number, allocation);
        self.by_five_tuple.insert(five_tuple, number);
        *self.by_user.entry(by.username.clone()).or_default() += 1;
        self.tell(number, Reason::TurnRelayWanted, Because::Input);
        self.want_relays(number, wanted, now);
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
            self.push(Output::Ignored { reason: Reason::TurnAllocatePending });
            return Ok(());
        }
        let (five_tuple, answer) = (allocation.five_tuple, allocation.answer.clone());
        let because = Because::Change(Subject::Allocation(number));
        self.send(five_tuple, answer, because, Some(Reason::TurnAllocateRepeated));
        Ok(())
    }

    /// What is asked for, if it can be given.
    fn wanted(
        &self,
        five_tuple: FiveTuple,
        request: &Message<'_>,
        by: &Authenticated,
    ) -> Result<Wanted, Refusal> {
        let conflict = || Refusal::bad_request(Reason::TurnAttributesConflict);
        let peers_over = self.peer_transport(five_tuple, request)?;
        if request.dont_fragment() && !self.config.sets_dont_fragment {
            // RFC 8656 §7.2: who cannot set DF treats the attribute as unknown.
            return Err(Refusal::unknown(vec![AttributeType::DONT_FRAGMENT.0], Reason::TurnDontFragment));
        }
        let (family, second) = (request.requested_address_family(), request.additional_address_family());
        let pair = request.even_port() == Some(true);
        if let Some(token) = request.reservation_token() {
            if family.is_some() || second.is_some() || request.even_port().is_some() {
                return Err(conflict());
            }
            let unknown = Refusal::new(ErrorCode::INSUFFICIENT_CAPACITY, Reason::TurnReservationUnknown);
            let held = self.reservations.get(token).filter(|held| held.username == by.username);
            let address = held.ok_or(unknown)?.address;
            let first = AddressFamily::of(&address.ip());
            let token = Some(*token);
            return Ok(Wanted { peers_over, first, second: None, refused: None, even: false, pair, token });
        }
        if second.is_some() && (family.is_some() || second != Some(AddressFamily::V6) || pair) {
            return Err(conflict());
        }
        if pair && !self.config.reserves_ports {
            let code = ErrorCode::INSUFFICIENT_CAPACITY;
            return Err(Refusal::new(code, Reason::TurnReservationUnsupported));
        }
        let (first, second, refused) = self.families(family, second)?;
        let even = request.even_port().is_some();
        Ok(Wanted { peers_over, first, second, refused, even, pair, token: None })
    }

    fn peer_transport(&self, five_tuple: FiveTuple, request: &Message<'_>) -> Result<PeerTransport, Refusal> {
        let number = request.requested_transport().ok_or(Refusal::bad_request(Reason::TurnNoTransport))?;
        let tcp = number == PeerTransport::Tcp.number() && self.config.relays_tcp;
        if number == PeerTransport::Udp.number() {
            return Ok(PeerTransport::Udp);
        }
        if !tcp {
            let code = ErrorCode::UNSUPPORTED_TRANSPORT_PROTOCOL;
            return Err(Refusal::new(code, Reason::TurnTransportUnsupported));
        }
        // RFC 6062 §5.1: over UDP, or with what only datagrams have, it cannot be meant.
        if !five_tuple.transport.is_stream()
            || request.dont_fragment()
            || request.even_port().is_some()
            || request.reservation_token().is_some()
        {
            return Err(Refusal::bad_request(Reason::TurnAttributesConflict));
        }
        Ok(PeerTransport::Tcp)
    }

    /// The families that are given, and the one that is not (RFC 8656 §7.2): who asks for none gets IPv4.
    #[expect(clippy::type_complexity, reason = "first, second, and the refused one with its code")]
    fn families(
        &self,
        family: Option<AddressFamily>,
        second: Option<AddressFamily>,
    ) -> Result<(AddressFamily, Option<AddressFamily>, Option<(AddressFamily, u16)>), Refusal> {
        let code = ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED;
        let has = |family: AddressFamily| self.config.families.contains(&family);
        let first = family.unwrap_or(AddressFamily::V4);
        match (has(first), second) {
            (true, Some(second)) if has(second) => Ok((first, Some(second), None)),
            (true, second) => Ok((first, None, second.map(|second| (second, code)))),
            // RFC 8656 §7.2: one of the two is enough.
            (false, Some(second)) if has(second) => Ok((second, None, Some((first, code)))),
            (false, _) => Err(Refusal::new(code, Reason::TurnFamilyUnsupported)),
        }
    }

    fn check_quotas(&self, username: &str, pair: bool) -> Result<(), Refusal> {
        let limits = &self.config.limits;
        // A reserved port counts like an allocation: it is one in the making.
        let more = if pair { 2 } else { 1 };
        if self.by_user.get(username).copied().unwrap_or(0) + more > limits.allocations_per_user {
            return Err(Refusal::new(ErrorCode::ALLOCATION_QUOTA_REACHED, Reason::TurnQuotaReached));
        }
        if self.allocations.len() + self.reservations.len() + more > limits.allocations {
            return Err(Refusal::new(ErrorCode::INSUFFICIENT_CAPACITY, Reason::TurnNoCapacity));
        }
        Ok(())
    }
}
