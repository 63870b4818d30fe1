//! Packets of one family made packets of the other (RFC 7915): headers, checksums by difference, ICMP and what its errors quote. Not here: to and
//! from whom (`nat`), addresses inside addresses (`nat::Prefix64`).
//!
//! Fragments and IPv6 extension headers are not translated.

use std::net::{IpAddr, SocketAddr};

use rtclab_trace::packets::set_ttl;

use super::checksum::Difference;
use super::icmp::{self, ErrorKind, Message};
use super::ip::{self, Header};

/// What the IPv6 header has more than the IPv4 header.
pub const GROWTH: u32 = (ip::IPV6_HEADER - ip::IPV4_HEADER) as u32;
/// Every IPv6 link carries packets of this length (RFC 8200 §5).
const IPV6_LEAST_MTU: u32 = 1_280;
/// Longer IPv4 packets may not be fragmented (RFC 7915 §5.1).
const LONGEST_FRAGMENTABLE: usize = 1_260;

/// The ends of a packet in the other family. Of an ICMP query, the identifier is the port of the side that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// From.
    pub source: SocketAddr,
    /// To.
    pub destination: SocketAddr,
}

/// Translates a packet of UDP, TCP or an ICMP query, or as much of it as an error quotes; none if it is something else.
pub fn translate(bytes: &[u8], header: &Header, ends: Ends, identification: u16) -> Option<Vec<u8>> {
    if header.later_fragment || header.is_ipv4() == ends.source.is_ipv4() {
        return None;
    }
    let transport = bytes.get(header.payload..header.end)?;
    let length = declared_length(bytes, header)?;
    let (from, to) = (ends.source.ip(), ends.destination.ip());
    let (protocol, mut payload) = match header.protocol {
        ip::UDP | ip::TCP => (header.protocol, ported(transport, header, ends, length)?),
        _ if icmp::is_icmp(header) => query(transport, header, ends, length)?,
        _ => return None,
    };
    let mut out = Vec::with_capacity(ip::IPV6_HEADER + payload.len());
    ip::build(&mut out, from, to, protocol, header.ttl, length);
    set_class(&mut out, class_of(bytes));
    if from.is_ipv4() && out.len() + length <= LONGEST_FRAGMENTABLE {
        allow_fragments(&mut out, identification);
    }
    out.append(&mut payload);
    Some(out)
}

/// Translates an ICMP error whose checksum is right; none if the other family has no such error, or what it quotes cannot be translated.
pub fn translate_error(
    bytes: &[u8],
    header: &Header,
    (from, to): (IpAddr, IpAddr),
    quoted: Ends,
) -> Option<Vec<u8>> {
    let icmp = icmp::parse(bytes, header).ok()?;
    let Message::Error(kind) = icmp.message else { return None };
    let kind = match kind {
        // RFC 7915 §4.2, §5.2: the header is longer by twenty bytes on one side.
        ErrorKind::TooBig { mtu } if header.is_ipv4() => {
            ErrorKind::TooBig { mtu: (mtu + GROWTH).max(IPV6_LEAST_MTU) }
        }
        ErrorKind::TooBig { mtu } => ErrorKind::TooBig { mtu: mtu.saturating_sub(GROWTH) },
        ErrorKind::Other => return None,
        kind => kind,
    };
    let inner = &bytes[icmp.body..icmp.end];
    let inner_header = Header::parse_quoted(inner).ok()?;
    let inner = translate(inner, &inner_header, quoted, 0)?;
    let mut out = Vec::new();
    icmp::build_error(&mut out, from, to, kind, &inner);
    set_ttl(&mut out, header.ttl);
    Some(out)
}

/// How long the transport of a packet is by its header, which for a quoted one is more than there is.
fn declared_length(bytes: &[u8], header: &Header) -> Option<usize> {
    let field = |at: usize| Some(usize::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])));
    if header.is_ipv4() { field(2)?.checked_sub(header.payload) } else { field(4) }
}

/// What other addresses change under a checksum with a pseudo header.
fn addresses(header: &Header, ends: Ends) -> Difference {
    let mut difference = Difference::default();
    for old in [header.source, header.destination] {
        words(old).for_each(|word| difference = difference.word(word, 0));
    }
    for new in [ends.source.ip(), ends.destination.ip()] {
        words(new).for_each(|word| difference = difference.word(0, word));
    }
    difference
}

fn words(address: IpAddr) -> impl Iterator<Item = u16> {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    (0..octets.len() / 2).map(move |at| u16::from_be_bytes([octets[2 * at], octets[2 * at + 1]]))
}

/// UDP or TCP with other ports and addresses.
fn ported(transport: &[u8], header: &Header, ends: Ends, length: usize) -> Option<Vec<u8>> {
    let mut out = transport.to_vec();
    let ports = [ends.source.port().to_be_bytes(), ends.destination.port().to_be_bytes()].concat();
    let difference = addresses(header, ends).bytes(out.get(..4)?, &ports);
    out[..4].copy_from_slice(&ports);
    let udp = header.protocol == ip::UDP;
    let at = if udp { 6 } else { 16 };
    if out.len() < at + 2 {
        return Some(out);
    }
    if udp && out[at..at + 2] == [0, 0] {
        // RFC 7915 §4.5: IPv6 has no UDP without a checksum, so it is made, if all that it covers is there.
        if ends.source.is_ipv4() || out.len() < length {
            return ends.source.is_ipv4().then_some(out);
        }
        let (source, destination) = (ends.source.ip(), ends.destination.ip());
        let sum = ip::pseudo_sum(source, destination, ip::UDP, out.len()).bytes(&out).checksum();
        out[at..at + 2].copy_from_slice(&(if sum == 0 { 0xffff } else { sum }).to_be_bytes());
        return Some(out);
    }
    difference.apply_at(&mut out, at);
    if udp && out[at..at + 2] == [0, 0] {
        out[at..at + 2].copy_from_slice(&[0xff, 0xff]);
    }
    Some(out)
}

/// An echo request or reply: other type, other identifier, and a pseudo header in IPv6 only.
fn query(transport: &[u8], header: &Header, ends: Ends, length: usize) -> Option<(u8, Vec<u8>)> {
    let mut out = transport.to_vec();
    let fixed: &[u8; icmp::HEADER] = out.first_chunk()?;
    let to_v4 = ends.source.is_ipv4();
    let (kind, identifier) = match (fixed[0], to_v4) {
        (128, true) => (8, ends.source.port()),
        (129, true) => (0, ends.destination.port()),
        (8, false) => (128, ends.source.port()),
        (0, false) => (129, ends.destination.port()),
        _ => return None,
    };
    let mut difference = Difference::default()
        .bytes(&[fixed[0], fixed[1]], &[kind, fixed[1]])
        .bytes(&fixed[4..6], &identifier.to_be_bytes());
    let v6 =
        if to_v4 { [header.source, header.destination] } else { [ends.source.ip(), ends.destination.ip()] };
    let length = u16::try_from(length).ok()?;
    let pseudo = v6.into_iter().flat_map(words).chain([length, u16::from(ip::ICMPV6)]);
    for word in pseudo {
        difference = if to_v4 { difference.word(word, 0) } else { difference.word(0, word) };
    }
    out[0] = kind;
    out[4..6].copy_from_slice(&identifier.to_be_bytes());
    difference.apply_at(&mut out, 2);
    Some((if to_v4 { ip::ICMP } else { ip::ICMPV6 }, out))
}

/// Type of service, or traffic class.
fn class_of(bytes: &[u8]) -> u8 {
    match bytes {
        [first, class, ..] if first >> 4 == 4 => *class,
        [first, second, ..] => (first << 4) | (second >> 4),
        _ => 0,
    }
}

fn set_class(bytes: &mut [u8], class: u8) {
    if bytes.len() < ip::IPV4_HEADER {
        return;
    }
    if bytes[0] >> 4 == 4 {
        let old = [bytes[0], bytes[1]];
        bytes[1] = class;
        let new = [bytes[0], bytes[1]];
        Difference::default().bytes(&old, &new).apply_at(bytes, 10);
    } else {
        bytes[0] = 0x60 | (class >> 4);
        bytes[1] = (bytes[1] & 0x0f) | (class << 4);
    }
}

/// RFC 7915 §5.1: a short packet may be fragmented further on, and has an identification for it.
fn allow_fragments(bytes: &mut [u8], identification: u16) {
    let old = [bytes[4], bytes[5], bytes[6], bytes[7]];
    bytes[4..6].copy_from_slice(&identification.to_be_bytes());
    bytes[6] &= !0x40;
    let new = [bytes[4], bytes[5], bytes[6], bytes[7]];
    Difference::default().bytes(&old, &new).apply_at(bytes, 10);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::udp;

    const V6: [&str; 2] = ["[2001:db8::a]:4000", "[64:ff9b::c000:221]:53"];
    const V4: [&str; 2] = ["203.0.113.1:2000", "192.0.2.33:53"];

    fn ends(pair: [&str; 2]) -> Ends {
        Ends { source: pair[0].parse().unwrap(), destination: pair[1].parse().unwrap() }
    }

    fn datagram(pair: [&str; 2], payload: &[u8]) -> Vec<u8> {
        let Ends { source, destination } = ends(pair);
        let mut bytes = Vec::new();
        udp::build(&mut bytes, source, destination, 64, payload);
        bytes
    }

    fn segment(pair: [&str; 2]) -> Vec<u8> {
        let Ends { source, destination } = ends(pair);
        let header = crate::tcp::Header {
            source_port: source.port(),
            destination_port: destination.port(),
            flags: crate::tcp::Flags::SYN,
            ..Default::default()
        };
        let segment = header.emit(b"x", source.ip(), destination.ip());
        let mut bytes = Vec::new();
        ip::build(&mut bytes, source.ip(), destination.ip(), ip::TCP, 64, segment.len());
        bytes.extend_from_slice(&segment);
        bytes
    }

    fn echo(pair: [&str; 2], message: Message) -> Vec<u8> {
        let Ends { source, destination } = ends(pair);
        let mut bytes = Vec::new();
        icmp::build_echo(&mut bytes, source.ip(), destination.ip(), 64, message, b"data");
        bytes
    }

    fn to(pair: [&str; 2], bytes: &[u8]) -> Vec<u8> {
        let header = Header::parse(bytes).unwrap();
        let mut out = translate(bytes, &header, ends(pair), 0).unwrap();
        // What the builders of this crate write forbids fragments.
        if out[0] >> 4 == 4 {
            assert_eq!(Header::parse(&out).map(|header| header.end), Ok(out.len()));
            out[6] |= 0x40;
            let sum = crate::wire::checksum::of(&[&out[..10], &[0, 0], &out[12..20]].concat());
            out[10..12].copy_from_slice(&sum.to_be_bytes());
        }
        out
    }

    proptest! {
        #[test]
        fn a_datagram_becomes_the_one_that_would_have_been_built(payload in prop::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(to(V4, &datagram(V6, &payload)), datagram(V4, &payload));
            prop_assert_eq!(to(V6, &datagram(V4, &payload)), datagram(V6, &payload));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), first in 0x44u8..0x70) {
            let mut bytes = bytes;
            if let Some(byte) = bytes.first_mut() {
                *byte = first;
            }
            for header in [Header::parse(&bytes), Header::parse_quoted(&bytes)].into_iter().flatten() {
                for pair in [V4, V6] {
                    let _ = translate(&bytes, &header, ends(pair), 1);
                    let addresses = (ends(pair).source.ip(), ends(pair).destination.ip());
                    let _ = translate_error(&bytes, &header, addresses, ends(pair));
                }
            }
        }
    }

    #[test]
    fn a_segment_keeps_its_checksum_right_both_ways() {
        assert_eq!(to(V4, &segment(V6)), segment(V4));
        assert_eq!(to(V6, &segment(V4)), segment(V6));
    }

    #[test]
    fn an_echo_gets_the_type_and_the_checksum_of_its_family() {
        let [v6, v4] = [4_000, 2_000].map(|identifier| Message::EchoRequest { identifier, sequence: 3 });
        assert_eq!(to(V4, &echo(V6, v6)), echo(V4, v4));
        assert_eq!(to(V6, &echo(V4, v4)), echo(V6, v6));
    }

    #[test]
    fn a_datagram_without_a_checksum_gets_one_in_ipv6() {
        let mut bytes = datagram(V4, b"payload");
        bytes[26..28].copy_from_slice(&[0, 0]);
        assert_eq!(to(V6, &bytes), datagram(V6, b"payload"));
    }

    #[test]
    fn a_wrong_checksum_stays_wrong() {
        let mut bytes = datagram(V6, b"payload");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        let out = to(V4, &bytes);
        let header = Header::parse(&out).unwrap();
        assert_eq!(udp::parse(&out, &header), Err(ip::Malformed::Checksum));
    }

    #[test]
    fn an_error_and_what_it_quotes_change_family_together() {
        let router: [IpAddr; 2] = ["198.51.100.1".parse().unwrap(), "64:ff9b::198.51.100.1".parse().unwrap()];
        let error = |from: IpAddr, to: &str, mtu: u32, quoted: &[u8]| {
            let to: SocketAddr = to.parse().unwrap();
            let mut bytes = Vec::new();
            icmp::build_error(&mut bytes, from, to.ip(), ErrorKind::TooBig { mtu }, quoted);
            bytes
        };
        let outside = error(router[0], V4[0], 1_300, &datagram(V4, b"payload"));
        let header = Header::parse(&outside).unwrap();
        let host = ends(V6).source.ip();
        let inside = translate_error(&outside, &header, (router[1], host), ends(V6)).unwrap();
        assert_eq!(inside, error(router[1], V6[0], 1_320, &datagram(V6, b"payload")));
    }
}
