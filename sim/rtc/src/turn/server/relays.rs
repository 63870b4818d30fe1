//! The dialogue with the host about relayed sockets, and the answer to Allocate once they are open (RFC 8656 §7.2). Not here: what may
//! be asked for (`allocate`).

use std::net::SocketAddr;

use super::allocate::seconds;
use super::timers::Wake;
use super::{ServerOutput, TurnServer};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::stun::{AddressErrorCode, AddressFamily, Attribute, Builder, Class, ErrorCode, Method};
use crate::time::Time;
use crate::turn::{AllocationState, PeerTransport, RESERVATION_LIFETIME};

/// What an Allocate request comes down to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) peers_over: PeerTransport,
    pub(super) first: AddressFamily,
    pub(super) second: Option<AddressFamily>,
    /// A family that was asked for as well and is not given, and why.
    pub(super) refused: Option<(AddressFamily, u16)>,
    pub(super) even: bool,
    /// An even port with the next one reserved.
    pub(super) pair: bool,
    /// A port that was reserved before.
    pub(super) token: Option<[u8; 8]>,
}

/// A port that waits for its token.
#[derive(Clone, Debug)]
pub(super) struct Reservation {
    pub(super) address: SocketAddr,
    /// Only who got the token may use it.
    pub(super) username: String,
    until: Time,
}

impl TurnServer {
    /// Asks the host for what an allocation needs.
    pub(super) fn want_relays(&mut self, number: u32, wanted: Wanted, now: Time) {
        let Wanted { peers_over, first, second, refused, even, pair, token } = wanted;
        let Some(allocation) = self.allocations.get_mut(&number) else { return };
        allocation.relays.awaited = std::iter::once(first).chain(second).collect();
        allocation.relays.refused = refused;
        allocation.relays.pair = pair;
        if let Some(reservation) = token.and_then(|token| self.take_reservation(&token)) {
            return self.relay_opened(number, reservation.address, now);
        }
        if pair {
            return self.output.push_back(ServerOutput::OpenRelayPair { allocation: number, family: first });
        }
        for family in std::iter::once(first).chain(second) {
            self.output.push_back(match peers_over {
                PeerTransport::Udp => ServerOutput::OpenRelay { allocation: number, family, even_port: even },
                PeerTransport::Tcp => ServerOutput::OpenListener { allocation: number, family },
            });
        }
    }

    /// A reserved port becomes part of an allocation.
    fn take_reservation(&mut self, token: &[u8; 8]) -> Option<Reservation> {
        let reservation = self.reservations.remove(token)?;
        self.wakes.remove(&(reservation.until, Wake::Reservation(*token)));
        self.one_less_of(&reservation.username);
        Some(reservation)
    }

    /// Whether a port waits for its token.
    pub(super) fn is_reserved(&self, address: SocketAddr) -> bool {
        self.reservations.values().any(|reservation| reservation.address == address)
    }

    /// The host has opened the socket, or the listener, that was asked for.
    pub fn relay_opened(&mut self, allocation: u32, address: SocketAddr, now: Time) {
        let family = AddressFamily::of(&address.ip());
        let waiting = self
            .allocations
            .get_mut(&allocation)
            .filter(|held| held.state == AllocationState::Requested && held.relays.awaited.contains(&family));
        let Some(held) = waiting else {
            // Nobody waits for it any more.
            return self.output.push_back(ServerOutput::CloseRelay { address });
        };
        held.relays.awaited.retain(|awaited| *awaited != family);
        held.relays.add(address);
        match held.peers_over {
            PeerTransport::Udp => self.by_relayed.insert(address, allocation),
            PeerTransport::Tcp => self.by_listener.insert(address, allocation),
        };
        self.finish_relays(allocation, now);
    }

    /// The host has opened an even port and the one after it.
    pub fn relays_opened(&mut self, allocation: u32, address: SocketAddr, next: SocketAddr, now: Time) {
        let held = self.allocations.get_mut(&allocation).filter(|held| {
            held.state == AllocationState::Requested && held.relays.pair && !held.relays.awaited.is_empty()
        });
        let Some(held) = held else {
            self.output.push_back(ServerOutput::CloseRelay { address });
            return self.output.push_back(ServerOutput::CloseRelay { address: next });
        };
        let mut token = [0; 8];
        self.randomness.fill(&mut token);
        held.relays.token = Some(token);
        let (username, until) = (held.username.clone(), now + RESERVATION_LIFETIME);
        *self.by_user.entry(username.clone()).or_default() += 1;
        self.reservations.insert(token, Reservation { address: next, username, until });
        self.wakes.insert((until, Wake::Reservation(token)));
        self.relay_opened(allocation, address, now);
    }

    /// The host cannot open what was asked for: of two families, the one that was asked for first.
    pub fn relay_refused(&mut self, allocation: u32) {
        let waiting =
            self.allocations.get_mut(&allocation).filter(|held| held.state == AllocationState::Requested);
        let Some(held) = waiting else { return };
        if held.relays.awaited.is_empty() {
            return;
        }
        let family = held.relays.awaited.remove(0);
        held.relays.refused = Some((family, ErrorCode::INSUFFICIENT_CAPACITY));
        let at = held.request.at;
        self.finish_relays(allocation, at);
    }

    /// Answers the request once the host has said everything.
    fn finish_relays(&mut self, number: u32, now: Time) {
        let Some(allocation) = self.allocations.get_mut(&number) else { return };
        if !allocation.relays.awaited.is_empty() {
            return;
        }
        let (five_tuple, request) = (allocation.five_tuple, allocation.request.clone());
        let because = Because::Change(Subject::Allocation(number));
        if allocation.relays.first.is_none() {
            let code = ErrorCode::INSUFFICIENT_CAPACITY;
            self.end(number, AllocationState::Refused(code), Reason::TurnRelayRefused);
            let builder = Builder::new(Class::Error, Method::ALLOCATE, request.id)
                .attribute(&Attribute::ErrorCode(ErrorCode::usual(code)));
            let answer = self.finish(builder, Some(&request.key), request.fingerprint);
            return self.send(five_tuple, answer, because, Some(Reason::TurnRelayRefused));
        }
        allocation.state = AllocationState::Active;
        allocation.expires_at = Some(now + allocation.lifetime);
        let lifetime = Attribute::Lifetime(seconds(allocation.lifetime));
        let (relays, tickets) = (allocation.relays.clone(), allocation.tickets);
        self.tell(number, Reason::TurnAllocated, Because::Input);
        let refused =
            relays.refused.map(|(family, code)| AddressErrorCode { family, error: ErrorCode::usual(code) });
        let builder = Builder::new(Class::Success, Method::ALLOCATE, request.id);
        let builder = relays
            .all()
            .fold(builder, |builder, relayed| builder.attribute(&Attribute::XorRelayedAddress(relayed)))
            .attribute(&lifetime)
            .attribute(&Attribute::XorMappedAddress(five_tuple.client))
            .maybe(relays.token.as_ref().map(Attribute::ReservationToken))
            .maybe(refused.map(Attribute::AddressErrorCode))
            .maybe(tickets.as_ref().map(|(ticket, _)| Attribute::MobilityTicket(ticket)));
        let answer = self.finish(builder, Some(&request.key), request.fingerprint);
        if let Some(allocation) = self.allocations.get_mut(&number) {
            allocation.answer.clone_from(&answer);
        }
        self.send(five_tuple, answer, because, None);
    }
}
