//! The outline of a packet: which headers it has, where they are, and who talks to whom. Nothing is allocated, so that a million
//! packets can be indexed. Not here: every single field (`dissect`), and what several packets mean together (`infer`).

mod application;
mod link;
mod network;
mod stun;
mod transport;

pub(crate) use link::{ETHER_TYPE_MIN, ether_type, null_family};
pub(crate) use network::protocol;
pub(crate) use transport::is_icmp_error;

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use rtclab_trace::Encapsulation;

pub use application::{Application, DtlsRecord, RtpHeader, over_tcp, over_udp};
pub use link::Link;
pub use network::{Fragment, Network};
pub use stun::StunView;
pub use transport::{Segment, Transport, flags};

/// The headers of a packet and their places. All ranges count from the first byte of `bytes`.
#[derive(Clone, Debug)]
pub struct Outline<'a> {
    /// The packet.
    pub bytes: &'a [u8],
    /// What stands before the network layer.
    pub link: Link,
    /// The outermost IP header with its extensions.
    pub network: Option<Network>,
    /// UDP, TCP or ICMP.
    pub transport: Option<Transport>,
    /// What the innermost header that was understood carries.
    pub payload: Range<usize>,
    /// What that seems to be.
    pub application: Application,
}

/// Takes a packet apart as far as its headers go.
pub fn outline(encapsulation: Encapsulation, bytes: &[u8]) -> Outline<'_> {
    let link = link::read(encapsulation, bytes);
    let rest = link.end.min(bytes.len())..bytes.len();
    if link.carries_ip() {
        return of_ip(bytes, link, rest);
    }
    Outline { bytes, link, network: None, transport: None, payload: rest, application: Application::None }
}

/// The part behind the link headers, if it is IP.
fn of_ip(bytes: &[u8], link: Link, range: Range<usize>) -> Outline<'_> {
    let none = Application::None;
    let Some(network) = network::read(bytes, range.clone()) else {
        return Outline { bytes, link, network: None, transport: None, payload: range, application: none };
    };
    let inside = network.payload.clone();
    // Only the first fragment has the header of the transport; the rest is the middle of something.
    let first = network.fragment.is_none_or(|fragment| fragment.offset == 0);
    let transport = if first { transport::read(network.protocol, bytes, inside.clone()) } else { None };
    let payload = transport.as_ref().map_or(inside, |transport| transport.payload(&network));
    let whole = network.fragment.is_none();
    let content = &bytes[payload.clone()];
    let application = match &transport {
        Some(Transport::Udp { source, destination, .. }) if whole => over_udp(content, *source, *destination),
        Some(Transport::Tcp(segment)) if whole && segment.flags & flags::SYN == 0 => over_tcp(content),
        _ => none,
    };
    Outline { bytes, link, network: Some(network), transport, payload, application }
}

impl<'a> Outline<'a> {
    /// What the innermost header carries.
    pub fn content(&self) -> &'a [u8] {
        self.bytes.get(self.payload.clone()).unwrap_or(&[])
    }

    /// Sender and receiver, where there are ports.
    pub fn sockets(&self) -> Option<(SocketAddr, SocketAddr)> {
        let network = self.network.as_ref()?;
        let (source, destination) = self.transport.as_ref()?.ports()?;
        Some((SocketAddr::new(network.source, source), SocketAddr::new(network.destination, destination)))
    }

    /// Sender and receiver, where there is IP.
    pub fn addresses(&self) -> Option<(IpAddr, IpAddr)> {
        self.network.as_ref().map(|network| (network.source, network.destination))
    }

    /// The packet that an ICMP error quotes (RFC 792, RFC 4443 §2.4): as much of it as there is.
    pub fn quoted(&self) -> Option<Outline<'a>> {
        match self.transport {
            Some(Transport::Icmp { kind, version, .. }) if transport::is_icmp_error(version, kind) => {
                let link = Link::none(self.payload.start);
                let quoted = of_ip(self.bytes, link, self.payload.clone());
                quoted.network.is_some().then_some(quoted)
            }
            _ => None,
        }
    }

    /// The TCP header, if it is TCP.
    pub fn segment(&self) -> Option<&Segment> {
        match &self.transport {
            Some(Transport::Tcp(segment)) => Some(segment),
            _ => None,
        }
    }
}

/// Whether it is an ICMP message that quotes a packet.
pub(crate) const fn is_icmp_quote(outline: &Outline<'_>) -> bool {
    match outline.transport {
        Some(Transport::Icmp { kind, version, .. }) => is_icmp_error(version, kind),
        _ => false,
    }
}

/// A 16-bit number in network byte order.
pub(crate) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|field| u16::from_be_bytes(*field))
}

/// A 32-bit number in network byte order.
pub(crate) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|field| u32::from_be_bytes(*field))
}
