//! Messages that ask for a hardware address or name one: ARP and neighbor discovery. Not here: what nodes make of them (`rtclab-net`).

use std::fmt;
use std::net::IpAddr;

use rtclab_net::wire::arp::{Arp, Operation};
use rtclab_net::wire::discovery::Message;
use rtclab_net::wire::ip::Header;
use rtclab_trace::MacAddress;

/// A message of ARP (RFC 826) or of neighbor discovery (RFC 4861).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeighborReading {
    /// `ARP` or `ND`.
    pub protocol: &'static str,
    /// The address that it is about.
    pub target: IpAddr,
    /// Where that is, if the message says so and does not ask for it.
    pub mac: Option<MacAddress>,
    /// Whether it asks.
    pub asks: bool,
}

impl NeighborReading {
    /// Reads a frame of ARP, with the addresses of its sender and of whom it is for.
    pub(super) fn of_frame(frame: &[u8]) -> Option<(NeighborReading, [IpAddr; 2])> {
        let arp = Arp::parse(frame)?;
        let asks = arp.operation == Operation::Request && !arp.is_announcement();
        let (target, mac) = match asks {
            true => (arp.target.1, None),
            false => (arp.sender.1, Some(arp.sender.0)),
        };
        let ends = [arp.sender.1.into(), arp.target.1.into()];
        Some((NeighborReading { protocol: "ARP", target: target.into(), mac, asks }, ends))
    }

    /// Reads a packet of neighbor discovery.
    pub(super) fn of_packet(packet: &[u8], header: &Header) -> Option<NeighborReading> {
        let (target, mac, asks) = match Message::parse(packet, header)? {
            Message::Solicitation { target, .. } => (target, None, true),
            Message::Advertisement { target, target_mac, .. } => (target, target_mac, false),
        };
        Some(NeighborReading { protocol: "ND", target: target.into(), mac, asks })
    }
}

impl fmt::Display for NeighborReading {
    /// `ARP: who has 192.168.1.1?`, `ND: 2001:db8:1::10 is at 02:00:00:03:00:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NeighborReading { protocol, target, mac, asks } = self;
        match mac {
            _ if *asks => write!(f, "{protocol}: who has {target}?"),
            Some(mac) => write!(f, "{protocol}: {target} is at {mac}"),
            None => write!(f, "{protocol}: {target} is here"),
        }
    }
}
