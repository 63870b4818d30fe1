//! The Internet checksum (RFC 1071): verified, told from one that was left to the network card, or not verifiable at all.

use std::net::IpAddr;

use crate::outline::{Network, Outline, Transport};

/// What became of verifying a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It matches.
    Right,
    /// It does not.
    Wrong {
        /// What the bytes give.
        expected: u16,
    },
    /// It holds what a host leaves there for the network card to finish: the sum of the pseudo-header, or zero.
    NotFilledIn,
    /// There is none, and there need not be one (UDP over IPv4).
    Absent,
    /// There is none, but there must be one (UDP over IPv6, RFC 8200 §8.1).
    Missing,
    /// Not all bytes that it covers are there.
    Unverifiable,
}

impl Verdict {
    /// In brackets behind the number.
    pub const fn words(self) -> &'static str {
        match self {
            Verdict::Right => "right",
            Verdict::Wrong { .. } => "wrong",
            Verdict::NotFilledIn => "not verified: not filled in yet (offload)",
            Verdict::Absent => "none",
            Verdict::Missing => "missing",
            Verdict::Unverifiable => "not verified: not all bytes are there",
        }
    }
}

/// A ones'-complement sum in the making.
#[derive(Clone, Copy, Debug, Default)]
struct Sum(u64);

impl Sum {
    fn bytes(self, bytes: &[u8]) -> Sum {
        let pairs = bytes.chunks_exact(2);
        let odd = pairs.remainder().first().map_or(0, |byte| u64::from(*byte) << 8);
        let even: u64 = pairs.map(|pair| u64::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
        Sum(self.0 + even + odd)
    }

    const fn number(self, number: u64) -> Sum {
        Sum(self.0 + number)
    }

    fn address(self, address: IpAddr) -> Sum {
        match address {
            IpAddr::V4(address) => self.bytes(&address.octets()),
            IpAddr::V6(address) => self.bytes(&address.octets()),
        }
    }

    const fn folded(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        sum as u16
    }
}

/// The checksum of an IPv4 header (RFC 791 §3.1).
pub fn ipv4_header(header: &[u8]) -> Verdict {
    let Some(found) = crate::outline::be16(header, 10) else { return Verdict::Unverifiable };
    let sum = Sum::default().bytes(header).folded();
    match (sum, found) {
        (0xffff, _) => Verdict::Right,
        (_, 0) => Verdict::NotFilledIn,
        _ => Verdict::Wrong { expected: !Sum::default().bytes(header).number(u64::from(!found)).folded() },
    }
}

/// The number in the checksum field of UDP, TCP or ICMP, and where in the packet it stands.
fn field(outline: &Outline<'_>) -> Option<(u16, usize, u8)> {
    let (at, protocol) = match outline.transport.as_ref()? {
        Transport::Udp { start, .. } => (start + 6, 17),
        Transport::Tcp(segment) => (segment.start + 16, 6),
        Transport::Icmp { version: 4, start, .. } => (start + 2, 1),
        Transport::Icmp { start, .. } => (start + 2, 58),
    };
    Some((crate::outline::be16(outline.bytes, at)?, at, protocol))
}

/// The checksum of UDP (RFC 768), TCP (RFC 9293 §3.1) or ICMP (RFC 792, RFC 4443 §2.3): what is there, and what it is worth.
pub fn transport(outline: &Outline<'_>) -> Option<(u16, Verdict)> {
    let (found, _, protocol) = field(outline)?;
    let network = outline.network.as_ref()?;
    if protocol == 17 && found == 0 {
        return Some((found, if network.version == 4 { Verdict::Absent } else { Verdict::Missing }));
    }
    if network.cut || network.fragment.is_some() {
        return Some((found, Verdict::Unverifiable));
    }
    let covered = covered(outline, network)?;
    let length = covered.len() as u64;
    let pseudo = if protocol == 1 {
        Sum::default()
    } else {
        Sum::default().address(network.source).address(network.destination).number(u64::from(protocol))
    };
    let whole = pseudo.number(if protocol == 1 { 0 } else { length });
    let sum = whole.bytes(covered).folded();
    if sum == 0xffff {
        return Some((found, Verdict::Right));
    }
    // Linux leaves the sum of the pseudo-header in the field; where the card also cuts segments, the length may be missing from it.
    let is_left = protocol != 1 && (found == whole.folded() || found == pseudo.folded());
    if is_left || (protocol == 6 && found == 0) {
        return Some((found, Verdict::NotFilledIn));
    }
    let expected = !whole.bytes(covered).number(u64::from(!found)).folded();
    // RFC 768: a sum of zero is sent as all ones.
    let expected = if protocol == 17 && expected == 0 { 0xffff } else { expected };
    Some((found, Verdict::Wrong { expected }))
}

/// The bytes that the checksum covers besides the pseudo-header; none if they are not all there.
fn covered<'a>(outline: &Outline<'a>, network: &Network) -> Option<&'a [u8]> {
    let end = match outline.transport.as_ref()? {
        Transport::Udp { start, length, .. } if *length >= 8 => start + usize::from(*length),
        _ => network.payload.end,
    };
    outline.bytes.get(network.payload.start..end.min(network.payload.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::outline;
    use rtclab_trace::Encapsulation;

    /// A DNS-sized datagram from 192.0.2.1:4000 to 192.0.2.2:5000 with a right checksum everywhere.
    fn datagram() -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 33, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
        packet.extend([0x0f, 0xa0, 0x13, 0x88, 0, 13, 0, 0]);
        packet.extend(b"hello");
        let header = !Sum::default().bytes(&packet[..20]).folded();
        packet[10..12].copy_from_slice(&header.to_be_bytes());
        let sum = !Sum::default().bytes(&packet[12..]).number(17 + 13).folded();
        packet[26..28].copy_from_slice(&sum.to_be_bytes());
        packet
    }

    fn verdict(packet: &[u8]) -> Verdict {
        transport(&outline(Encapsulation::Ip, packet)).unwrap().1
    }

    #[test]
    fn right_and_wrong_are_told_apart() {
        let mut packet = datagram();
        assert_eq!(ipv4_header(&packet[..20]), Verdict::Right);
        assert_eq!(verdict(&packet), Verdict::Right);
        let right = u16::from_be_bytes([packet[26], packet[27]]);
        packet[26] ^= 0x40;
        assert_eq!(verdict(&packet), Verdict::Wrong { expected: right });
        packet[11] ^= 1;
        assert!(matches!(ipv4_header(&packet[..20]), Verdict::Wrong { .. }));
    }

    #[test]
    fn the_sum_of_the_pseudo_header_alone_is_offload_and_not_an_error() {
        let mut packet = datagram();
        let partial = Sum::default().bytes(&packet[12..20]).number(17 + 13).folded();
        packet[26..28].copy_from_slice(&partial.to_be_bytes());
        assert_eq!(verdict(&packet), Verdict::NotFilledIn);
    }

    #[test]
    fn no_checksum_is_fine_over_ipv4_only() {
        let mut packet = datagram();
        packet[26..28].copy_from_slice(&[0, 0]);
        assert_eq!(verdict(&packet), Verdict::Absent);
        let mut six = vec![0x60, 0, 0, 0, 0, 13, 17, 64];
        six.extend([0; 31]);
        six.push(1);
        six.extend([0x0f, 0xa0, 0x13, 0x88, 0, 13, 0, 0]);
        six.extend(b"hello");
        assert_eq!(verdict(&six), Verdict::Missing);
    }

    #[test]
    fn a_cut_packet_cannot_be_verified() {
        let packet = datagram();
        assert_eq!(verdict(&packet[..30]), Verdict::Unverifiable);
    }
}
