//! IPv4 and IPv6 headers: a checked view over both, and builders. Not here: what they carry.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::checksum;
use super::fragment::{self, Fragment};

/// Length of an IPv4 header without options.
pub const IPV4_HEADER: usize = 20;
/// Length of an IPv6 header.
pub const IPV6_HEADER: usize = 40;
/// TTL or hop limit of packets that a node makes (RFC 1700, "IP TIME TO LIVE PARAMETER").
pub const DEFAULT_TTL: u8 = 64;

/// Protocol number of ICMP.
pub const ICMP: u8 = 1;
/// Protocol number of TCP.
pub const TCP: u8 = 6;
/// Protocol number of UDP.
pub const UDP: u8 = 17;
/// Next header number of ICMPv6.
pub const ICMPV6: u8 = 58;

/// What is wrong with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Shorter than its headers say.
    #[error("cut short")]
    Short,
    /// Neither IPv4 nor IPv6.
    #[error("IP version is neither 4 nor 6")]
    Version,
    /// The IPv4 header is shorter than 20 bytes, or longer than the packet.
    #[error("IPv4 header length is impossible")]
    HeaderLength,
    /// The header checksum is wrong.
    #[error("wrong IPv4 header checksum")]
    HeaderChecksum,
    /// The checksum of what it carries is wrong.
    #[error("wrong checksum")]
    Checksum,
}

/// What the two ECN bits of a packet say (RFC 3168 §5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ecn {
    /// Its endpoints do not know ECN.
    #[default]
    NotEct,
    /// They do: ECT(1), of low-latency congestion controls (RFC 9331 §4.1).
    Ect1,
    /// They do: ECT(0), of all others.
    Ect0,
    /// A router on the way met congestion: CE.
    CongestionExperienced,
}

impl Ecn {
    /// Whether its endpoints know ECN, so that a router may mark it instead of dropping it.
    pub const fn is_capable(self) -> bool {
        !matches!(self, Ecn::NotEct)
    }

    /// From the two lowest bits of the traffic class.
    pub const fn from_bits(bits: u8) -> Ecn {
        match bits & 3 {
            0 => Ecn::NotEct,
            1 => Ecn::Ect1,
            2 => Ecn::Ect0,
            _ => Ecn::CongestionExperienced,
        }
    }

    /// As bits of the traffic class.
    pub const fn bits(self) -> u8 {
        match self {
            Ecn::NotEct => 0,
            Ecn::Ect1 => 1,
            Ecn::Ect0 => 2,
            Ecn::CongestionExperienced => 3,
        }
    }
}

/// The header of an IP packet, checked: every index that it gives lies inside the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// From.
    pub source: IpAddr,
    /// To.
    pub destination: IpAddr,
    /// What it carries, by protocol number.
    pub protocol: u8,
    /// TTL or hop limit.
    pub ttl: u8,
    /// Where the payload begins.
    pub payload: usize,
    /// Where the packet ends.
    pub end: usize,
    /// Whether it is a fragment that does not begin the packet: then its payload has no header.
    pub later_fragment: bool,
    /// Which part of a packet it is, if it is not a whole one.
    pub fragment: Option<Fragment>,
}

impl Header {
    /// Reads and checks the header at the start of a packet.
    pub fn parse(bytes: &[u8]) -> Result<Header, Malformed> {
        Header::read(bytes, true)
    }

    /// Reads the header of a packet that is quoted in an ICMP error: cut short, and with a TTL and checksum as some router left them.
    pub fn parse_quoted(bytes: &[u8]) -> Result<Header, Malformed> {
        Header::read(bytes, false)
    }

    #[inline]
    fn read(bytes: &[u8], whole: bool) -> Result<Header, Malformed> {
        match bytes.first().ok_or(Malformed::Short)? >> 4 {
            4 => read_v4(bytes, whole),
            6 => read_v6(bytes, whole),
            _ => Err(Malformed::Version),
        }
    }

    /// Whether it is of IPv4.
    pub fn is_ipv4(&self) -> bool {
        self.source.is_ipv4()
    }

    /// The part of the checksum of UDP and ICMPv6 that covers addresses, protocol and length (RFC 768, RFC 8200 §8.1).
    pub fn pseudo_sum(&self) -> checksum::Sum {
        pseudo_sum(self.source, self.destination, self.protocol, self.end - self.payload)
    }
}

#[inline]
fn read_v4(bytes: &[u8], whole: bool) -> Result<Header, Malformed> {
    let fixed: &[u8; IPV4_HEADER] = bytes.first_chunk().ok_or(Malformed::Short)?;
    let payload = usize::from(fixed[0] & 0x0f) * 4;
    let length = usize::from(u16::from_be_bytes([fixed[2], fixed[3]]));
    if payload < IPV4_HEADER || length < payload {
        return Err(Malformed::HeaderLength);
    }
    if bytes.len() < payload || (whole && bytes.len() < length) {
        return Err(Malformed::Short);
    }
    if whole && checksum::of(&bytes[..payload]) != 0 {
        return Err(Malformed::HeaderChecksum);
    }
    let fragment = Fragment::of_v4(fixed);
    Ok(Header {
        source: IpAddr::V4(Ipv4Addr::new(fixed[12], fixed[13], fixed[14], fixed[15])),
        destination: IpAddr::V4(Ipv4Addr::new(fixed[16], fixed[17], fixed[18], fixed[19])),
        protocol: fixed[9],
        ttl: fixed[8],
        payload,
        end: length.min(bytes.len()),
        later_fragment: fragment.is_some_and(|fragment| fragment.offset > 0),
        fragment,
    })
}

#[inline]
fn read_v6(bytes: &[u8], whole: bool) -> Result<Header, Malformed> {
    let fixed: &[u8; IPV6_HEADER] = bytes.first_chunk().ok_or(Malformed::Short)?;
    let length = IPV6_HEADER + usize::from(u16::from_be_bytes([fixed[4], fixed[5]]));
    if whole && bytes.len() < length {
        return Err(Malformed::Short);
    }
    let address = |at: usize| -> IpAddr {
        let octets: [u8; 16] = std::array::from_fn(|index| fixed[at + index]);
        IpAddr::V6(Ipv6Addr::from(octets))
    };
    let mut header = Header {
        source: address(8),
        destination: address(24),
        protocol: fixed[6],
        ttl: fixed[7],
        payload: IPV6_HEADER,
        end: length.min(bytes.len()),
        later_fragment: false,
        fragment: None,
    };
    if header.protocol == fragment::IPV6_FRAGMENT {
        let extension = bytes.get(IPV6_HEADER..header.end).and_then(<[u8]>::first_chunk);
        let extension: &[u8; fragment::IPV6_FRAGMENT_HEADER] = extension.ok_or(Malformed::Short)?;
        header.protocol = extension[0];
        header.payload += fragment::IPV6_FRAGMENT_HEADER;
        header.fragment = Fragment::of_v6(extension);
        header.later_fragment = header.fragment.is_some_and(|fragment| fragment.offset > 0);
    }
    Ok(header)
}

/// See [`Header::pseudo_sum`].
pub fn pseudo_sum(source: IpAddr, destination: IpAddr, protocol: u8, length: usize) -> checksum::Sum {
    let sum = checksum::Sum::default().number(u32::from(protocol)).number(length as u32);
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            sum.number(u32::from(source)).number(u32::from(destination))
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            sum.bytes(&source.octets()).bytes(&destination.octets())
        }
        _ => sum,
    }
}

/// Writes an IP header in front of `payload_length` bytes that follow; returns where they begin.
///
/// IPv4 packets do not allow fragments: a path that is too narrow is told by ICMP, as hosts do today (RFC 1191 §6).
pub fn build(
    out: &mut Vec<u8>,
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    ttl: u8,
    payload_length: usize,
) -> usize {
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let total = (IPV4_HEADER + payload_length) as u16;
            let mut header = [0u8; IPV4_HEADER];
            header[0] = 0x45;
            header[2..4].copy_from_slice(&total.to_be_bytes());
            header[6] = 0x40; // RFC 791 §3.1: may not be fragmented; identification is then free to be zero (RFC 6864 §4.1)
            header[8] = ttl;
            header[9] = protocol;
            header[12..16].copy_from_slice(&source.octets());
            header[16..20].copy_from_slice(&destination.octets());
            let sum = checksum::of(&header);
            header[10..12].copy_from_slice(&sum.to_be_bytes());
            out.extend_from_slice(&header);
            IPV4_HEADER
        }
        (source, destination) => {
            let mut header = [0u8; IPV6_HEADER];
            header[0] = 0x60;
            header[4..6].copy_from_slice(&(payload_length as u16).to_be_bytes());
            header[6] = protocol;
            header[7] = ttl;
            header[8..24].copy_from_slice(&v6_octets(source));
            header[24..40].copy_from_slice(&v6_octets(destination));
            out.extend_from_slice(&header);
            IPV6_HEADER
        }
    }
}

fn v6_octets(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V6(address) => address.octets(),
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
    }
}

/// Where a packet goes, if its header is there.
pub fn destination(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.first()? >> 4 {
        4 => Some(IpAddr::from(<[u8; 4]>::try_from(bytes.get(16..20)?).ok()?)),
        6 => Some(IpAddr::from(<[u8; 16]>::try_from(bytes.get(24..40)?).ok()?)),
        _ => None,
    }
}

/// What the ECN bits of a packet say; nothing if it has none.
#[inline]
pub fn ecn(bytes: &[u8]) -> Ecn {
    match bytes {
        [first, second, ..] if first >> 4 == 4 => Ecn::from_bits(*second),
        [first, second, ..] if first >> 4 == 6 => Ecn::from_bits(second >> 4),
        _ => Ecn::NotEct,
    }
}

/// Sets the ECN bits, and updates the header checksum by the difference.
pub fn set_ecn(bytes: &mut [u8], ecn: Ecn) {
    let bits = ecn.bits();
    match bytes.first().map(|first| first >> 4) {
        Some(4) if bytes.len() >= IPV4_HEADER => {
            let old = [bytes[0], bytes[1]];
            bytes[1] = bytes[1] & !3 | bits;
            let new = [bytes[0], bytes[1]];
            checksum::Difference::default().bytes(&old, &new).apply_at(bytes, 10);
        }
        Some(6) if bytes.len() >= IPV6_HEADER => bytes[1] = bytes[1] & !0x30 | bits << 4,
        _ => {}
    }
}

/// Lowers TTL or hop limit by one. The caller has seen that it is not zero.
#[inline]
pub fn decrement_ttl(bytes: &mut [u8]) {
    if let Some(ttl) = rtclab_trace::packets::ttl_of(bytes) {
        rtclab_trace::packets::set_ttl(bytes, ttl.saturating_sub(1));
    }
}

/// Whether a packet may be answered with an error at all, as far as its addresses go (RFC 1122 §3.2.2, RFC 4443 §2.4 (e)).
pub fn addresses_allow_error(source: IpAddr, destination: IpAddr) -> bool {
    let one_host = |address: IpAddr| {
        let broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
        !(address.is_multicast() || address.is_unspecified() || broadcast)
    };
    one_host(source) && !source.is_loopback() && one_host(destination)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(source: &str, destination: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        build(&mut bytes, source.parse().unwrap(), destination.parse().unwrap(), UDP, 64, 4);
        bytes.extend_from_slice(&[1, 2, 3, 4]);
        bytes
    }

    #[test]
    fn what_is_built_is_read_back() {
        for (source, destination) in [("10.0.0.1", "10.0.0.2"), ("2001:db8::1", "2001:db8::2")] {
            let bytes = packet(source, destination);
            let header = Header::parse(&bytes).unwrap();
            assert_eq!(header.source.to_string(), source);
            assert_eq!(header.destination.to_string(), destination);
            assert_eq!((header.protocol, header.ttl), (UDP, 64));
            assert_eq!(&bytes[header.payload..header.end], &[1, 2, 3, 4]);
        }
    }

    #[test]
    fn a_wrong_header_checksum_is_seen_and_a_lower_ttl_keeps_it_right() {
        let mut bytes = packet("10.0.0.1", "10.0.0.2");
        decrement_ttl(&mut bytes);
        assert_eq!(Header::parse(&bytes).map(|header| header.ttl), Ok(63));
        bytes[15] ^= 1;
        assert_eq!(Header::parse(&bytes), Err(Malformed::HeaderChecksum));
    }

    #[test]
    fn every_ecn_codepoint_is_read_as_it_was_set_and_nothing_else_changes() {
        for (source, destination) in [("10.0.0.1", "10.0.0.2"), ("2001:db8::1", "2001:db8::2")] {
            let mut bytes = packet(source, destination);
            let before = Header::parse(&bytes);
            for codepoint in [Ecn::CongestionExperienced, Ecn::Ect0, Ecn::Ect1, Ecn::NotEct] {
                set_ecn(&mut bytes, codepoint);
                assert_eq!(ecn(&bytes), codepoint);
                assert_eq!(Header::parse(&bytes), before);
            }
            assert_eq!(bytes, packet(source, destination));
        }
        assert_eq!(ecn(&[0x45]), Ecn::NotEct);
    }

    #[test]
    fn a_quoted_header_may_be_cut_short_and_carry_a_wrong_checksum() {
        let mut bytes = packet("10.0.0.1", "10.0.0.2");
        bytes[8] = 1;
        bytes.truncate(22);
        assert_eq!(Header::parse(&bytes), Err(Malformed::Short));
        assert_eq!(Header::parse_quoted(&bytes).map(|header| header.end), Ok(22));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic_or_point_outside(bytes in prop::collection::vec(any::<u8>(), 0..80), first in 0x44u8..0x70) {
            let mut bytes = bytes;
            if let Some(byte) = bytes.first_mut() {
                *byte = first;
            }
            for header in [Header::parse(&bytes), Header::parse_quoted(&bytes)].into_iter().flatten() {
                prop_assert!(header.payload <= header.end && header.end <= bytes.len());
            }
        }
    }
}
