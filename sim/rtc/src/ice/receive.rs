//! What comes in from the network, and where it goes: STUN to its procedures, ICMP errors to what they end, data to the owner.

use std::net::SocketAddr;

use super::Base;
use super::agent::Agent;
use crate::output::{Because, Output};
use crate::reason::Reason;
use crate::stun::{Class, Message, Method, is_stun};
use crate::time::Time;

impl Agent {
    /// A datagram that arrived at the socket `to_local`.
    pub fn handle_datagram(&mut self, to_local: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        if self.closed && !self.is_releasing() {
            return self.ignore(Reason::ClosedByOwner);
        }
        if !self.handle_from_relay(to_local, from, payload, now) {
            self.receive(Base::udp(to_local), from, payload, now);
        }
        self.settle(now);
    }

    /// What arrived at one of our bases: at a socket, in a connection, or, through TURN, at a relayed address.
    pub(super) fn receive(&mut self, base: Base, from: SocketAddr, payload: &[u8], now: Time) {
        if self.closed {
            return self.ignore(Reason::ClosedByOwner);
        }
        if !is_stun(payload) {
            return self.receive_data(base, from, payload, now);
        }
        let Ok(message) = Message::parse(payload) else { return self.ignore(Reason::StunMalformed) };
        if message.method() != Method::BINDING {
            return self.ignore(Reason::StunUnexpected);
        }
        match message.class() {
            Class::Request => self.handle_request(base, from, &message, now),
            // RFC 8445 §11: it keeps NAT bindings alive and does nothing else.
            Class::Indication => {
                self.heard_from(base, from, now);
                self.ignore(Reason::StunIndication);
            }
            Class::Success | Class::Error if self.is_query(&message) => {
                self.handle_query_response(base.address, from, &message, now);
            }
            Class::Success | Class::Error => {
                if !self.handle_consent_response(base, from, &message, now) {
                    self.handle_response(base, from, &message, now);
                }
            }
        }
    }

    /// Data is taken from an address that the check list knows (RFC 8445 §12.2), and from the selected pair. Whether it is
    /// authentic is for the layer above to say.
    fn receive_data(&mut self, base: Base, from: SocketAddr, payload: &[u8], now: Time) {
        let carried = self.carriers.iter().any(|carrier| carrier.is(base, from));
        let known = carried || self.session.lists.all().any(|pair| pair.path() == (base, from));
        if !known {
            return self.ignore(Reason::DataFromStranger);
        }
        self.heard_from(base, from, now);
        self.outputs.push_back(Output::Data { to: base.address, from, payload: payload.to_vec() });
    }

    /// An ICMP error says that what was sent from `local` does not reach `remote`. It ends what waits for an answer from there
    /// (RFC 8445 §7.2.5.2.2, RFC 8489 §6.2.1); anyone could have forged it, so it never does more than that.
    pub fn handle_unreachable(&mut self, local: SocketAddr, remote: SocketAddr, now: Time) {
        if self.closed {
            return self.ignore(Reason::ClosedByOwner);
        }
        let mut acted = self.query_unreachable(local, remote);
        acted |= self.relay_unreachable(local, remote, now);
        let base = Base::udp(local);
        acted |= self.check_unreachable(base, remote);
        for carrier in self.carriers.iter_mut().filter(|carrier| carrier.is(base, remote)) {
            carrier.unreachable = true;
            acted = true;
        }
        if !acted {
            self.ignore(Reason::NothingPendingThere);
        }
        self.settle(now);
    }

    /// Sends from one of our bases.
    pub(super) fn transmit(
        &mut self,
        from: Base,
        to: SocketAddr,
        payload: &[u8],
        reason: Option<Reason>,
        because: Because,
        now: Time,
    ) {
        for carrier in self.carriers.iter_mut().filter(|carrier| carrier.is(from, to)) {
            carrier.last_sent = now;
        }
        if from.tcp {
            return self.write_to_connection(from, to, payload, reason, because);
        }
        self.transmit_from_base(from.address, to, payload, reason, because, now);
    }
}
