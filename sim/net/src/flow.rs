//! What a NAT or a firewall sees in a packet: who talks to whom. Not here: what it decides.

use std::net::{IpAddr, SocketAddr, SocketAddrV4};

use rtclab_trace::Protocol;

use crate::wire::icmp::{self, Message};
use crate::wire::ip::{self, Header};
use crate::wire::udp;

/// A session in the direction of a packet. Of an ICMP query, the identifier is the port of the side that asks, and the other has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Flow {
    pub(crate) protocol: Protocol,
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
}

/// Control bits of TCP (RFC 9293 §3.1).
pub(crate) mod control {
    pub(crate) const FIN: u8 = 1;
    pub(crate) const SYN: u8 = 2;
    pub(crate) const RST: u8 = 4;
    pub(crate) const ACK: u8 = 16;
}

/// A packet, as far as it can be told to belong to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Of a session, in the direction of the packet.
    Session {
        flow: Flow,
        /// Whether it may begin one: an answer to an echo does not, nor does a TCP segment that is no SYN.
        begins: bool,
        /// The control bits of a TCP segment ([`control`]).
        flags: u8,
    },
    /// An ICMP error about a packet of a session, in the direction of that packet: the other way.
    Error { quoted: Flow, icmp_at: usize },
    /// Neither.
    Other,
}

impl Seen {
    /// Whether it is a question to whoever has the address: no NAT passes an echo request in, because a mapping of queries lets answers
    /// in and nothing else.
    pub(crate) fn is_echo_request(&self) -> bool {
        matches!(self, Seen::Session { flow: Flow { protocol: Protocol::Icmp, .. }, begins: true, .. })
    }
}

impl Flow {
    /// The other way.
    pub(crate) fn reverse(self) -> Flow {
        Flow { source: self.destination, destination: self.source, ..self }
    }

    /// Both ends, if they are of IPv4.
    pub(crate) fn v4(&self) -> Option<(SocketAddrV4, SocketAddrV4)> {
        match (self.source, self.destination) {
            (SocketAddr::V4(source), SocketAddr::V4(destination)) => Some((source, destination)),
            _ => None,
        }
    }
}

/// Looks at a packet.
pub(crate) fn see(bytes: &[u8], header: &Header) -> Seen {
    let has_ports = matches!(header.protocol, ip::UDP | ip::TCP);
    if has_ports || (icmp::is_icmp(header) && !header.later_fragment) {
        match session(bytes, header) {
            Some((flow, begins, flags)) => return Seen::Session { flow, begins, flags },
            None if has_ports => return Seen::Other,
            None => {}
        }
        if let Ok(icmp) = icmp::read(bytes, header)
            && let Message::Error(_) = icmp.message
        {
            let quoted = &bytes[icmp.body..icmp.end];
            let inner = Header::parse_quoted(quoted).ok();
            let same_family = inner.filter(|inner| inner.is_ipv4() == header.is_ipv4());
            if let Some((flow, _, _)) = same_family.and_then(|inner| session(quoted, &inner)) {
                return Seen::Error { quoted: flow, icmp_at: header.payload };
            }
        }
    }
    Seen::Other
}

/// The session of a packet, whether the packet may begin it, and its control bits.
fn session(bytes: &[u8], header: &Header) -> Option<(Flow, bool, u8)> {
    if header.later_fragment {
        return None;
    }
    let flow = |protocol, source: (IpAddr, u16), destination: (IpAddr, u16)| Flow {
        protocol,
        source: source.into(),
        destination: destination.into(),
    };
    let (from, to) = (header.source, header.destination);
    if header.protocol == ip::UDP {
        let (source, destination) = udp::ports(bytes, header)?;
        return Some((flow(Protocol::Udp, (from, source), (to, destination)), true, 0));
    }
    if header.protocol == ip::TCP {
        let (source, destination) = udp::ports(bytes, header)?;
        // A quotation may end before the flags.
        let flags = bytes.get(header.payload + 13).copied().unwrap_or(0);
        let begins = flags & (control::SYN | control::ACK | control::RST) == control::SYN;
        return Some((flow(Protocol::Tcp, (from, source), (to, destination)), begins, flags));
    }
    if !icmp::is_icmp(header) {
        return None;
    }
    match icmp::read(bytes, header).ok()?.message {
        Message::EchoRequest { identifier, .. } => {
            Some((flow(Protocol::Icmp, (from, identifier), (to, 0)), true, 0))
        }
        Message::EchoReply { identifier, .. } => {
            Some((flow(Protocol::Icmp, (from, 0), (to, identifier)), false, 0))
        }
        Message::Error(_) | Message::Other => None,
    }
}
