//! UDP, TCP and ICMP: ports, flags and where their payload is.

use std::ops::Range;

use super::network::{Network, protocol};
use super::{be16, be32};

/// The flags of a TCP header (RFC 9293 §3.1, RFC 3168 §23.2).
pub mod flags {
    /// No more data from the sender.
    pub const FIN: u8 = 0x01;
    /// Synchronise sequence numbers.
    pub const SYN: u8 = 0x02;
    /// Reset the connection.
    pub const RST: u8 = 0x04;
    /// Push.
    pub const PSH: u8 = 0x08;
    /// The acknowledgment number counts.
    pub const ACK: u8 = 0x10;
    /// The urgent pointer counts.
    pub const URG: u8 = 0x20;
    /// Congestion was seen.
    pub const ECE: u8 = 0x40;
    /// The congestion window was reduced.
    pub const CWR: u8 = 0x80;

    /// Flags by their names, in the order in which people say them.
    pub const NAMES: [(u8, &str); 8] = [
        (SYN, "SYN"),
        (FIN, "FIN"),
        (RST, "RST"),
        (PSH, "PSH"),
        (ACK, "ACK"),
        (URG, "URG"),
        (ECE, "ECE"),
        (CWR, "CWR"),
    ];
}

/// A TCP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// From which port.
    pub source: u16,
    /// To which port.
    pub destination: u16,
    /// The sequence number of its first byte.
    pub sequence: u32,
    /// What it acknowledges.
    pub acknowledgment: u32,
    /// See [`flags`].
    pub flags: u8,
    /// The window, without scaling.
    pub window: u16,
    /// Bytes of the header, options included.
    pub header_length: usize,
    /// Where it begins in the packet.
    pub start: usize,
}

/// The header behind IP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// UDP.
    Udp {
        /// From which port.
        source: u16,
        /// To which port.
        destination: u16,
        /// Its length, header included, as it says itself.
        length: u16,
        /// Where it begins in the packet.
        start: usize,
    },
    /// TCP.
    Tcp(Segment),
    /// ICMP for either version of IP.
    Icmp {
        /// 4 or 6.
        version: u8,
        /// Its type.
        kind: u8,
        /// Its code.
        code: u8,
        /// Where it begins in the packet.
        start: usize,
    },
}

/// Bytes of a UDP header.
pub(crate) const UDP_LENGTH: usize = 8;
/// Bytes of a TCP header without options.
pub(crate) const TCP_LENGTH: usize = 20;
/// Bytes of an ICMP header up to what it quotes or echoes.
pub(crate) const ICMP_LENGTH: usize = 8;

/// Whether an ICMP message quotes the packet that it is about.
pub(crate) const fn is_icmp_error(version: u8, kind: u8) -> bool {
    match version {
        4 => matches!(kind, 3 | 4 | 5 | 11 | 12),
        // RFC 4443 §2.1: errors are the types below 128; those from 1 to 4 are assigned.
        _ => matches!(kind, 1..=4),
    }
}

pub(super) fn read(number: u8, bytes: &[u8], range: Range<usize>) -> Option<Transport> {
    let header = bytes.get(range.clone())?;
    let start = range.start;
    match number {
        protocol::UDP => Some(Transport::Udp {
            source: be16(header, 0)?,
            destination: be16(header, 2)?,
            length: be16(header, 4)?,
            start,
        }),
        protocol::TCP => {
            let (offset, flags) = (*header.get(12)?, *header.get(13)?);
            Some(Transport::Tcp(Segment {
                source: be16(header, 0)?,
                destination: be16(header, 2)?,
                sequence: be32(header, 4)?,
                acknowledgment: be32(header, 8)?,
                flags,
                window: be16(header, 14)?,
                header_length: usize::from(offset >> 4) * 4,
                start,
            }))
        }
        protocol::ICMP | protocol::ICMPV6 => Some(Transport::Icmp {
            version: if number == protocol::ICMP { 4 } else { 6 },
            kind: *header.first()?,
            code: *header.get(1)?,
            start,
        }),
        _ => None,
    }
}

impl Transport {
    /// The ports, where there are some.
    pub const fn ports(&self) -> Option<(u16, u16)> {
        match self {
            Transport::Udp { source, destination, .. } => Some((*source, *destination)),
            Transport::Tcp(segment) => Some((segment.source, segment.destination)),
            Transport::Icmp { .. } => None,
        }
    }

    /// What it carries, inside of the IP payload.
    pub(super) fn payload(&self, network: &Network) -> Range<usize> {
        let end = network.payload.end;
        let (header_end, last) = match self {
            Transport::Udp { length, start, .. } => {
                let header_end = start + UDP_LENGTH;
                // A length of zero is a jumbogram (RFC 2675 §4) or was left to the network card: then IP decides.
                let says = if *length == 0 { end } else { start + usize::from(*length) };
                (header_end, says)
            }
            Transport::Tcp(segment) => (segment.start + segment.header_length.max(TCP_LENGTH), end),
            Transport::Icmp { start, .. } => (start + ICMP_LENGTH, end),
        };
        let header_end = header_end.min(end);
        header_end..last.clamp(header_end, end)
    }
}
