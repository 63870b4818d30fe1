//! What a client asks for with its Allocate request (RFC 8656 §7.1). Not here: what it gets (`holding`).

use std::net::SocketAddr;
use std::time::Duration;

use super::TurnClient;
use crate::stun::{AddressFamily, Attribute, Builder, RTO, Transport};
use crate::turn::PeerTransport;

/// How a client differs from the usual one.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) transport: Transport,
    pub(super) peers_over: PeerTransport,
    family: Option<AddressFamily>,
    /// IPv4 and IPv6 both.
    pub(super) second: bool,
    even_port: Option<bool>,
    reservation: Option<[u8; 8]>,
    pub(super) dont_fragment: bool,
    pub(super) mobility: bool,
    pub(super) lifetime: Option<Duration>,
    pub(super) rto: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            transport: Transport::Udp,
            peers_over: PeerTransport::Udp,
            family: None,
            second: false,
            even_port: None,
            reservation: None,
            dont_fragment: false,
            mobility: false,
            lifetime: None,
            rto: RTO,
        }
    }
}

impl Options {
    /// The attributes of an Allocate request.
    pub(super) fn describe(&self, builder: Builder) -> Builder {
        let second = self.second.then_some(Attribute::AdditionalAddressFamily(AddressFamily::V6));
        builder
            .attribute(&Attribute::RequestedTransport(self.peers_over.number()))
            .maybe(self.family.map(Attribute::RequestedAddressFamily))
            .maybe(second)
            .maybe(self.even_port.map(Attribute::EvenPort))
            .maybe(self.reservation.as_ref().map(Attribute::ReservationToken))
            .maybe(self.dont_fragment.then_some(Attribute::DontFragment))
            .maybe(self.mobility.then_some(Attribute::MobilityTicket(&[])))
    }

    /// Whether a relayed address is of a family that was asked for. With a token, the family is that of the reserved port.
    pub(super) fn accepts(&self, relayed: SocketAddr) -> bool {
        self.family.is_none_or(|family| AddressFamily::of(&relayed.ip()) == family)
    }
}

impl TurnClient {
    /// Over something else than UDP. Over a stream nothing is sent twice.
    #[must_use]
    pub fn with_transport(mut self, transport: Transport) -> TurnClient {
        self.options.transport = transport;
        self
    }

    /// Asks for connections to peers instead of datagrams (RFC 6062); the client itself has to be over TCP or TLS then.
    #[must_use]
    pub fn with_tcp_peers(mut self) -> TurnClient {
        self.options.peers_over = PeerTransport::Tcp;
        self
    }

    /// Asks for a relayed address of this family (RFC 8656 §18.6) instead of leaving it to the server, which then gives IPv4.
    #[must_use]
    pub fn with_family(mut self, family: AddressFamily) -> TurnClient {
        self.options.family = Some(family);
        self.options.second = false;
        self
    }

    /// Asks for a relayed address of either family (RFC 8656 §18.11); one is enough for the allocation to succeed.
    #[must_use]
    pub fn with_both_families(mut self) -> TurnClient {
        self.options.family = None;
        self.options.second = true;
        self
    }

    /// Asks for an even port and, if `reserve_next`, for the one after it to be kept (RFC 8656 §18.7), as RTP and RTCP want them.
    #[must_use]
    pub fn with_even_port(mut self, reserve_next: bool) -> TurnClient {
        self.options.even_port = Some(reserve_next);
        self
    }

    /// Asks for the port that was reserved with this token.
    #[must_use]
    pub fn with_reservation(mut self, token: [u8; 8]) -> TurnClient {
        self.options.reservation = Some(token);
        self
    }

    /// Asks whether the server can set the DF bit (RFC 8656 §18.9). If it cannot, the allocation is asked for without.
    #[must_use]
    pub fn with_dont_fragment(mut self) -> TurnClient {
        self.options.dont_fragment = true;
        self
    }

    /// Asks for a ticket with which the allocation can be taken along to another address (RFC 8016); without one if the server does
    /// not allow that.
    #[must_use]
    pub fn with_mobility(mut self) -> TurnClient {
        self.options.mobility = true;
        self
    }

    /// Asks for this lifetime instead of the server's default.
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: Duration) -> TurnClient {
        self.options.lifetime = Some(lifetime);
        self
    }

    /// With another initial retransmission timeout than 500 ms.
    #[must_use]
    pub fn with_rto(mut self, rto: Duration) -> TurnClient {
        self.options.rto = rto;
        self
    }

    /// What carries TURN to the server.
    pub const fn transport(&self) -> Transport {
        self.options.transport
    }
}
