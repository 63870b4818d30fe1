//! ICMP (RFC 792) and ICMPv6 (RFC 4443): the messages that a world needs, in one vocabulary. Not here: who sends them when.

use std::net::IpAddr;

use super::checksum::{self, Sum};
use super::ip::{self, Header, Malformed};

/// Length of the header in front of a quoted packet or of an echo's data.
pub const HEADER: usize = 8;
/// An IPv4 error quotes as much as fits this (RFC 1812 §4.3.2.3).
const LONGEST_V4_ERROR: usize = 576;
/// An IPv6 error quotes as much as fits this (RFC 4443 §2.4 (c)).
const LONGEST_V6_ERROR: usize = 1_280;

/// What an error says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// There is no route to the destination.
    NetworkUnreachable,
    /// The destination's network has nobody of that address.
    HostUnreachable,
    /// The destination does not speak the protocol.
    ProtocolUnreachable,
    /// Nobody listens on the port.
    PortUnreachable,
    /// A rule forbids it.
    Prohibited,
    /// TTL or hop limit reached zero.
    TimeExceeded,
    /// Fragments waited for others that did not come.
    ReassemblyTimeExceeded,
    /// The next link takes packets up to `mtu` bytes.
    TooBig {
        /// That many.
        mtu: u32,
    },
    /// Any other error.
    Other,
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// A question whether somebody is there.
    EchoRequest {
        /// Tells askers on one host apart.
        identifier: u16,
        /// Counts the questions of one asker.
        sequence: u16,
    },
    /// Its answer.
    EchoReply {
        /// As in the request.
        identifier: u16,
        /// As in the request.
        sequence: u16,
    },
    /// An error about a packet, which it quotes.
    Error(ErrorKind),
    /// Something else, which nothing in a world acts on.
    Other,
}

/// A message inside an IP packet, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icmp {
    /// What it says.
    pub message: Message,
    /// Where its data, or the packet that it quotes, begins.
    pub body: usize,
    /// Where it ends.
    pub end: usize,
}

/// Whether a packet carries ICMP of its family.
pub fn is_icmp(header: &Header) -> bool {
    header.protocol == if header.is_ipv4() { ip::ICMP } else { ip::ICMPV6 }
}

/// Reads and checks a message.
pub fn parse(bytes: &[u8], header: &Header) -> Result<Icmp, Malformed> {
    let icmp = read(bytes, header)?;
    let sum = if header.is_ipv4() { Sum::default() } else { header.pseudo_sum() };
    match sum.bytes(&bytes[header.payload..header.end]).checksum() {
        0 => Ok(icmp),
        _ => Err(Malformed::Checksum),
    }
}

/// Reads a message whatever its checksum says, as routers do.
pub fn read(bytes: &[u8], header: &Header) -> Result<Icmp, Malformed> {
    let fixed: &[u8; HEADER] = bytes[header.payload..header.end].first_chunk().ok_or(Malformed::Short)?;
    let [kind, code, _, _, a, b, c, d] = *fixed;
    let (identifier, sequence) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    let message = match (header.is_ipv4(), kind) {
        (true, 8) | (false, 128) => Message::EchoRequest { identifier, sequence },
        (true, 0) | (false, 129) => Message::EchoReply { identifier, sequence },
        // RFC 1812 §4.3: errors are these; the rest of IPv4's types are queries.
        (true, 3 | 4 | 5 | 11 | 12) => Message::Error(error_v4(kind, code, sequence)),
        // RFC 4443 §2.1: types below 128 are errors.
        (false, 0..128) => Message::Error(error_v6(kind, code, u32::from_be_bytes([a, b, c, d]))),
        _ => Message::Other,
    };
    Ok(Icmp { message, body: header.payload + HEADER, end: header.end })
}

fn error_v4(kind: u8, code: u8, mtu: u16) -> ErrorKind {
    match (kind, code) {
        (3, 0 | 6) => ErrorKind::NetworkUnreachable,
        (3, 1 | 7) => ErrorKind::HostUnreachable,
        (3, 2) => ErrorKind::ProtocolUnreachable,
        (3, 3) => ErrorKind::PortUnreachable,
        (3, 4) => ErrorKind::TooBig { mtu: mtu.into() },
        (3, 9 | 10 | 13) => ErrorKind::Prohibited,
        (11, 0) => ErrorKind::TimeExceeded,
        (11, 1) => ErrorKind::ReassemblyTimeExceeded,
        _ => ErrorKind::Other,
    }
}

fn error_v6(kind: u8, code: u8, argument: u32) -> ErrorKind {
    match (kind, code) {
        (1, 0) => ErrorKind::NetworkUnreachable,
        (1, 1) => ErrorKind::Prohibited,
        (1, 3) => ErrorKind::HostUnreachable,
        (1, 4) => ErrorKind::PortUnreachable,
        (2, _) => ErrorKind::TooBig { mtu: argument },
        (3, 0) => ErrorKind::TimeExceeded,
        (3, 1) => ErrorKind::ReassemblyTimeExceeded,
        (4, 1) => ErrorKind::ProtocolUnreachable,
        _ => ErrorKind::Other,
    }
}

/// Type, code and the four bytes behind the checksum.
fn numbers(kind: ErrorKind, ipv4: bool) -> (u8, u8, u32) {
    match (kind, ipv4) {
        (ErrorKind::NetworkUnreachable, true) => (3, 0, 0),
        (ErrorKind::HostUnreachable, true) => (3, 1, 0),
        (ErrorKind::ProtocolUnreachable, true) => (3, 2, 0),
        (ErrorKind::PortUnreachable, true) => (3, 3, 0),
        (ErrorKind::TooBig { mtu }, true) => (3, 4, mtu.min(0xffff)),
        (ErrorKind::Prohibited, true) => (3, 13, 0),
        (ErrorKind::TimeExceeded, true) => (11, 0, 0),
        (ErrorKind::ReassemblyTimeExceeded, true) => (11, 1, 0),
        (ErrorKind::Other, true) => (12, 0, 0),
        (ErrorKind::NetworkUnreachable, false) => (1, 0, 0),
        (ErrorKind::Prohibited, false) => (1, 1, 0),
        (ErrorKind::HostUnreachable, false) => (1, 3, 0),
        (ErrorKind::PortUnreachable, false) => (1, 4, 0),
        (ErrorKind::TooBig { mtu }, false) => (2, 0, mtu),
        (ErrorKind::TimeExceeded, false) => (3, 0, 0),
        (ErrorKind::ReassemblyTimeExceeded, false) => (3, 1, 0),
        // RFC 4443 §3.4: points at the Next Header field that was not understood.
        (ErrorKind::ProtocolUnreachable, false) => (4, 1, 6),
        (ErrorKind::Other, false) => (4, 0, 0),
    }
}

/// Writes a whole packet with an error about `quoted`, of which it carries as much as the family allows.
pub fn build_error(out: &mut Vec<u8>, from: IpAddr, to: IpAddr, kind: ErrorKind, quoted: &[u8]) {
    let ipv4 = from.is_ipv4();
    let longest = if ipv4 {
        LONGEST_V4_ERROR - ip::IPV4_HEADER - HEADER
    } else {
        LONGEST_V6_ERROR - ip::IPV6_HEADER - HEADER
    };
    let quoted = &quoted[..quoted.len().min(longest)];
    let (kind, code, argument) = numbers(kind, ipv4);
    build(out, from, to, ip::DEFAULT_TTL, [kind, code], argument, quoted);
}

/// Writes a whole packet with an echo request or reply.
pub fn build_echo(out: &mut Vec<u8>, from: IpAddr, to: IpAddr, ttl: u8, echo: Message, data: &[u8]) {
    let (kinds, identifier, sequence) = match echo {
        Message::EchoRequest { identifier, sequence } => ([8, 128], identifier, sequence),
        Message::EchoReply { identifier, sequence } => ([0, 129], identifier, sequence),
        Message::Error(_) | Message::Other => return,
    };
    let kind = if from.is_ipv4() { kinds[0] } else { kinds[1] };
    let argument = (u32::from(identifier) << 16) | u32::from(sequence);
    build(out, from, to, ttl, [kind, 0], argument, data);
}

/// Writes a whole packet with a message of a type and code, the four bytes behind its checksum, and what follows them.
pub(super) fn build(
    out: &mut Vec<u8>,
    from: IpAddr,
    to: IpAddr,
    ttl: u8,
    kind: [u8; 2],
    argument: u32,
    body: &[u8],
) {
    let protocol = if from.is_ipv4() { ip::ICMP } else { ip::ICMPV6 };
    let start = out.len() + ip::build(out, from, to, protocol, ttl, HEADER + body.len());
    out.extend_from_slice(&[kind[0], kind[1], 0, 0]);
    out.extend_from_slice(&argument.to_be_bytes());
    out.extend_from_slice(body);
    let sum =
        if from.is_ipv4() { Sum::default() } else { ip::pseudo_sum(from, to, protocol, HEADER + body.len()) };
    let checksum: checksum::Sum = sum.bytes(&out[start..]);
    out[start + 2..start + 4].copy_from_slice(&checksum.checksum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: [(&str, &str); 2] = [("10.0.0.1", "10.0.0.2"), ("2001:db8::1", "2001:db8::2")];

    fn addresses(pair: (&str, &str)) -> (IpAddr, IpAddr) {
        (pair.0.parse().unwrap(), pair.1.parse().unwrap())
    }

    #[test]
    fn every_error_reads_back_as_itself_in_both_families() {
        use ErrorKind::*;
        let kinds = [
            NetworkUnreachable,
            HostUnreachable,
            ProtocolUnreachable,
            PortUnreachable,
            Prohibited,
            TimeExceeded,
            ReassemblyTimeExceeded,
            TooBig { mtu: 1_280 },
            Other,
        ];
        for pair in PAIRS {
            let (from, to) = addresses(pair);
            for kind in kinds {
                let mut bytes = Vec::new();
                build_error(&mut bytes, from, to, kind, &[9; 40]);
                let header = Header::parse(&bytes).unwrap();
                let icmp = parse(&bytes, &header).unwrap();
                assert_eq!(icmp.message, Message::Error(kind));
                assert_eq!(&bytes[icmp.body..icmp.end], &[9; 40]);
            }
        }
    }

    #[test]
    fn an_error_quotes_no_more_than_its_family_allows() {
        for (pair, longest) in PAIRS.into_iter().zip([576, 1_280]) {
            let (from, to) = addresses(pair);
            let mut bytes = Vec::new();
            build_error(&mut bytes, from, to, ErrorKind::TimeExceeded, &[0; 1_500]);
            assert_eq!(bytes.len(), longest);
        }
    }

    #[test]
    fn an_echo_carries_its_identifier_sequence_and_data() {
        for pair in PAIRS {
            let (from, to) = addresses(pair);
            for echo in [
                Message::EchoRequest { identifier: 7, sequence: 9 },
                Message::EchoReply { identifier: 7, sequence: 9 },
            ] {
                let mut bytes = Vec::new();
                build_echo(&mut bytes, from, to, 64, echo, b"data");
                let header = Header::parse(&bytes).unwrap();
                let icmp = parse(&bytes, &header).unwrap();
                assert_eq!(icmp.message, echo);
                assert_eq!(&bytes[icmp.body..icmp.end], b"data");
                bytes[icmp.body] ^= 1;
                assert_eq!(parse(&bytes, &header), Err(Malformed::Checksum));
            }
        }
    }
}
