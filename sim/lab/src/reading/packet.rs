//! What a packet carries: signaling, STUN, something relayed, data, a TCP segment, an ICMP error.

use std::net::SocketAddr;

use rtclab_net::wire::{icmp, ip, udp};
use rtclab_rtc::dns;
use rtclab_rtc::pcp;
use rtclab_rtc::stun;

use super::{Carried, DtlsReading, NeighborReading, PortMappingReading, StunReading, TcpReading};
use crate::programs::signaling::Datagram;
use crate::programs::{NUMBERED_MAGIC, numbered};

/// RFC 6762 §3.
const MULTICAST_DNS_PORT: u16 = 5_353;

/// A packet, as far as a reader of calls wants to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// From; port 0 where there is none.
    pub source: SocketAddr,
    /// To; port 0 where there is none.
    pub destination: SocketAddr,
    /// What it carries.
    pub content: Content,
}

/// What a packet carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A signaling datagram.
    Signaling(Box<Datagram>),
    /// A message of SIP.
    Sip(Box<Carried>),
    /// A STUN message that does not carry another datagram.
    Stun(Box<StunReading>),
    /// A datagram on its way through a TURN server, between it and its client (RFC 8656 §11, §12).
    Relayed {
        /// How it is wrapped: `Send indication`, `Data indication`, `ChannelData`.
        wrapping: &'static str,
        /// The peer behind the server, where the wrapping names it.
        peer: Option<SocketAddr>,
        /// The channel, where it is the channel that names the peer.
        channel: Option<u16>,
        /// What is inside.
        inner: Box<Content>,
    },
    /// A numbered datagram of a call or a source.
    Numbered {
        /// Its number.
        number: u32,
        /// Its length in bytes.
        length: usize,
    },
    /// Records of DTLS.
    Dtls(Box<DtlsReading>),
    /// A UDP payload that is none of these.
    Data {
        /// What its first byte says (RFC 7983 §7): `RTP`, `DTLS`, or just `UDP`.
        protocol: &'static str,
        /// Its length in bytes.
        length: usize,
    },
    /// A DNS message, or one of multicast DNS.
    Dns {
        /// Whether it goes to or comes from the port of multicast DNS (RFC 6762 §3).
        multicast: bool,
        /// What it says.
        message: Box<dns::Message>,
    },
    /// A message of PCP or NAT-PMP (RFC 6887, RFC 6886).
    PortMapping(PortMappingReading),
    /// A message of ARP or of neighbor discovery.
    Neighbor(NeighborReading),
    /// An ICMP echo request, or the answer to one.
    Echo {
        /// Whether it asks.
        request: bool,
        /// The number of the request.
        sequence: u16,
        /// Its data in bytes.
        length: usize,
    },
    /// A TCP segment.
    Tcp(Box<TcpReading>),
    /// An ICMP error about another packet.
    IcmpError {
        /// What it says.
        kind: icmp::ErrorKind,
        /// Where that packet was going.
        about: Option<SocketAddr>,
    },
    /// A part of a packet; what it carries is told of the whole.
    Fragment {
        /// Where it begins in the payload of the whole, in bytes.
        from: usize,
        /// Where it ends.
        to: usize,
        /// Whether more follows behind it.
        more: bool,
    },
    /// Something else.
    Other {
        /// Its IP protocol number.
        protocol: u8,
    },
}

impl Reading {
    /// Reads an IP packet, or a frame of ARP; nothing if it is neither.
    pub fn of(bytes: &[u8]) -> Option<Reading> {
        if let Some((reading, [source, destination])) = NeighborReading::of_frame(bytes) {
            let [source, destination] = [source, destination].map(|address| SocketAddr::new(address, 0));
            return Some(Reading { source, destination, content: Content::Neighbor(reading) });
        }
        let header = ip::Header::parse_quoted(bytes).ok()?;
        let carried = bytes.get(header.payload..header.end)?;
        let (mut source, mut destination) = (0, 0);
        let content = if let Some(fragment) = header.fragment {
            Content::Fragment {
                from: fragment.offset,
                to: fragment.offset + carried.len(),
                more: fragment.more,
            }
        } else if header.protocol == ip::UDP {
            (source, destination) = udp::ports(bytes, &header)?;
            let payload = carried.get(udp::HEADER..).unwrap_or_default();
            let known = dns_content(source, destination, payload);
            let known = known.or_else(|| port_mapping_content(source, destination, payload));
            known.unwrap_or_else(|| content_of(payload))
        } else if let Some(segment) = (header.protocol == ip::TCP).then(|| TcpReading::of(carried)).flatten()
        {
            (source, destination) = udp::ports(bytes, &header)?;
            Content::Tcp(Box::new(segment))
        } else if let Some(neighbor) = NeighborReading::of_packet(bytes, &header) {
            Content::Neighbor(neighbor)
        } else if let Some(Ok(message)) = icmp::is_icmp(&header).then(|| icmp::read(bytes, &header)) {
            icmp_content(bytes, &header, message)
        } else {
            Content::Other { protocol: header.protocol }
        };
        Some(Reading {
            source: SocketAddr::new(header.source, source),
            destination: SocketAddr::new(header.destination, destination),
            content,
        })
    }
}

fn icmp_content(bytes: &[u8], header: &ip::Header, message: icmp::Icmp) -> Content {
    let length = message.end.saturating_sub(message.body);
    let kind = match message.message {
        icmp::Message::Error(kind) => kind,
        icmp::Message::EchoRequest { sequence, .. } => {
            return Content::Echo { request: true, sequence, length };
        }
        icmp::Message::EchoReply { sequence, .. } => {
            return Content::Echo { request: false, sequence, length };
        }
        icmp::Message::Other => return Content::Other { protocol: header.protocol },
    };
    let quoted = bytes.get(message.body..message.end).unwrap_or_default();
    let about = ip::Header::parse_quoted(quoted).ok().map(|quoted_header| {
        let port = udp::ports(quoted, &quoted_header).map_or(0, |(_, destination)| destination);
        SocketAddr::new(quoted_header.destination, port)
    });
    Content::IcmpError { kind, about }
}

/// Reads a payload whose ports say that it is DNS: it has no other mark.
fn dns_content(source: u16, destination: u16, payload: &[u8]) -> Option<Content> {
    let has = |port: u16| source == port || destination == port;
    let multicast = has(MULTICAST_DNS_PORT);
    if !multicast && !has(dns::PORT) {
        return None;
    }
    let message = Box::new(dns::Message::parse(payload).ok()?);
    Some(Content::Dns { multicast, message })
}

/// The same for PCP and NAT-PMP.
fn port_mapping_content(source: u16, destination: u16, payload: &[u8]) -> Option<Content> {
    let known = source == pcp::SERVER_PORT || destination == pcp::SERVER_PORT;
    known.then(|| PortMappingReading::of(payload)).flatten().map(Content::PortMapping)
}

/// Reads a UDP payload, and what is wrapped in it.
pub(super) fn content_of(payload: &[u8]) -> Content {
    if Datagram::is_signaling(payload)
        && let Ok(datagram) = Datagram::parse(payload)
    {
        return Content::Signaling(Box::new(datagram));
    }
    if let Some(carried) = super::carried::sip(payload) {
        return Content::Sip(Box::new(carried));
    }
    if stun::is_stun(payload)
        && let Some(content) = super::stun::content_of(payload)
    {
        return content;
    }
    if let Some(content) = channel_data(payload) {
        return content;
    }
    match numbered(payload) {
        Some(number) => Content::Numbered { number, length: payload.len() },
        None => plain(payload),
    }
}

fn plain(payload: &[u8]) -> Content {
    let dtls = rtclab_rtc::dtls::is_dtls(payload).then(|| DtlsReading::of(payload)).flatten();
    match dtls {
        Some(reading) => Content::Dtls(Box::new(reading)),
        None => Content::Data { protocol: protocol_of(payload), length: payload.len() },
    }
}

/// RFC 7983 §7: the first byte tells the protocols of a call apart.
fn protocol_of(payload: &[u8]) -> &'static str {
    match payload.first() {
        Some(20..=63) => "DTLS",
        Some(128..=191) => "RTP",
        _ => "UDP",
    }
}

/// RFC 8656 §12.4: channel number from 0x4000 to 0x4FFF, length, data; padding may follow.
fn channel_data(payload: &[u8]) -> Option<Content> {
    let (head, rest) = payload.split_first_chunk::<4>()?;
    let channel = u16::from_be_bytes([head[0], head[1]]);
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    if !(0x4000..=0x4fff).contains(&channel) {
        return None;
    }
    let inner = content_of_inner(rest.get(..length)?);
    Some(Content::Relayed {
        wrapping: "ChannelData",
        peer: None,
        channel: Some(channel),
        inner: Box::new(inner),
    })
}

/// As [`content_of`], but one level of wrapping is all that is unwrapped: nothing on the wire nests them further.
pub(super) fn content_of_inner(payload: &[u8]) -> Content {
    if stun::is_stun(payload)
        && let Some(reading) = StunReading::of(payload)
    {
        return Content::Stun(Box::new(reading));
    }
    match numbered(payload) {
        Some(number) => Content::Numbered { number, length: payload.len() },
        None => plain(payload),
    }
}

impl Content {
    /// The content, or what is wrapped in it.
    pub fn unwrapped(&self) -> &Content {
        match self {
            Content::Relayed { inner, .. } => inner,
            other => other,
        }
    }

    /// The STUN message that it is or carries.
    pub fn stun(&self) -> Option<&StunReading> {
        match self.unwrapped() {
            Content::Stun(reading) => Some(reading),
            _ => None,
        }
    }
}

const _: () = assert!(NUMBERED_MAGIC[0] > 0x4f, "RFC 7983 §7: neither STUN nor a TURN channel begins so");
