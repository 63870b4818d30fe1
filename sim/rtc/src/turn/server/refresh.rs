//! Refresh on the server (RFC 8656 §8.2), from another address, too (RFC 8016 §3.2.2).

use super::TurnServer;
use super::allocate::seconds;
use super::allocation::{FiveTuple, Ticket};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::stun::{AddressFamily, Attribute, Authenticated, Builder, ErrorCode, Message, Refusal};
use crate::time::Time;
use crate::turn::AllocationState;

impl TurnServer {
    /// RFC 8656 §8.2.
    pub(super) fn refresh(
        &mut self,
        number: u32,
        from: FiveTuple,
        request: &Message<'_>,
        by: &Authenticated,
        now: Time,
    ) -> Result<(), Refusal> {
        let mismatch = Refusal::new(ErrorCode::ALLOCATION_MISMATCH, Reason::TurnNoAllocation);
        let allocation = self.allocations.get(&number).ok_or(mismatch)?;
        let family = request.requested_address_family();
        let relays =
            |family| allocation.relays.all().any(|relayed| AddressFamily::of(&relayed.ip()) == family);
        if family.is_some_and(|family| !relays(family)) {
            let code = ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH;
            return Err(Refusal::new(code, Reason::TurnPeerFamily));
        }
        let two = allocation.relays.second.is_some();
        let moves = allocation.five_tuple != from;
        if moves {
            self.move_to(number, from);
        }
        match (request.lifetime(), family) {
            // RFC 8656 §8.2: of two relayed addresses, one can be given back.
            (Some(0), Some(family)) if two => self.release_family(number, family),
            (Some(0), _) => {
                self.end(number, AllocationState::Released, Reason::TurnReleased);
                let builder = Builder::success(request).attribute(&Attribute::Lifetime(0));
                let answer = self.finish(builder, Some(&by.key), request.has_fingerprint());
                self.send(from, answer, Because::Change(Subject::Allocation(number)), None);
                return Ok(());
            }
            _ => {}
        }
        let lifetime = self.config.granted_lifetime(request.lifetime());
        let Some(allocation) = self.allocations.get_mut(&number) else { return Ok(()) };
        if request.lifetime() != Some(0) {
            allocation.expires_at = Some(now + lifetime);
        }
        let granted = if request.lifetime() == Some(0) { 0 } else { seconds(lifetime) };
        let ticket = allocation.tickets.map(|(ticket, _)| ticket);
        let asked = request.mobility_ticket().is_some();
        let reason = if moves { Reason::TurnMoved } else { Reason::TurnRefreshed };
        self.tell(number, reason, Because::Input);
        let lifetime = Attribute::Lifetime(granted);
        match ticket.as_ref().filter(|_| asked) {
            Some(ticket) => {
                self.grant(number, request, &by.key, &[lifetime, Attribute::MobilityTicket(ticket)]);
            }
            None => self.grant(number, request, &by.key, &[lifetime]),
        }
        Ok(())
    }

    /// Closes the relayed address of one family; the other one stays.
    fn release_family(&mut self, number: u32, family: AddressFamily) {
        let Some(allocation) = self.allocations.get_mut(&number) else { return };
        allocation.drop_family(family);
        let (closed, peers_over) = (allocation.relays.remove(family), allocation.peers_over);
        if let Some(address) = closed {
            self.close_relay(peers_over, address);
        }
    }

    /// Which allocation a ticket is for, if whoever shows it may (RFC 8016 §3.2.2).
    pub(super) fn number_of_ticket(&self, ticket: &[u8], by: &Authenticated) -> Result<u32, Refusal> {
        if !self.config.mobility {
            return Err(Refusal::new(ErrorCode::MOBILITY_FORBIDDEN, Reason::TurnMobilityForbidden));
        }
        let known = Ticket::try_from(ticket).ok().and_then(|ticket| self.by_ticket.get(&ticket));
        let bad = Refusal::bad_request(Reason::TurnTicketUnknown);
        let number = *known.ok_or(bad.clone())?;
        let held = self.allocations.get(&number).ok_or(bad)?;
        if held.username == by.username {
            Ok(number)
        } else {
            Err(Refusal::new(ErrorCode::WRONG_CREDENTIALS, Reason::TurnOtherUser))
        }
    }

    pub(super) fn new_ticket(&mut self, number: u32) -> Ticket {
        let mut ticket = Ticket::default();
        self.randomness.fill(&mut ticket);
        self.by_ticket.insert(ticket, number);
        ticket
    }

    /// The client is somewhere else now. The ticket that brought it here stays good until the next one is used, because the answer with
    /// the next one may get lost.
    fn move_to(&mut self, number: u32, from: FiveTuple) {
        let fresh = self.new_ticket(number);
        let Some(allocation) = self.allocations.get_mut(&number) else { return };
        self.by_five_tuple.remove(&allocation.five_tuple);
        self.by_five_tuple.insert(from, number);
        allocation.five_tuple = from;
        // An Allocate that comes again from the old place is not ours any more.
        allocation.answer.clear();
        if let Some((used, before)) = allocation.tickets.replace((fresh, None)) {
            allocation.tickets = Some((fresh, Some(used)));
            before.map(|before| self.by_ticket.remove(&before));
        }
    }
}
