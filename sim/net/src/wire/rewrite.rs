//! Rewriting the addresses and ports of IPv4 packets in place, with every checksum updated by difference (RFC 1624), so that what came
//! in wrong goes out wrong and what came in right goes out right. Not here: the decision what to rewrite (`nat`).

use std::net::SocketAddrV4;

use super::checksum::Difference;
use super::{icmp, ip};

/// How far into a quoted transport header something changes: to the end of the checksum of TCP, rounded up.
const CHANGING: usize = 20;

/// Which end of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Where it comes from.
    Source,
    /// Where it goes.
    Destination,
}

/// Rewrites one end of the packet whose IPv4 header begins at `at`. For an ICMP query the port is its identifier. Bytes that a quoted
/// packet does not have are left out.
pub fn set_end(bytes: &mut [u8], at: usize, end: End, to: SocketAddrV4) {
    let Some(payload) = set_address(bytes, at, end, to) else { return };
    let Payload { start, protocol, address_difference } = payload;
    let (port_at, checksum_at, difference) = match protocol {
        ip::UDP => {
            let port_at = if end == End::Source { start } else { start + 2 };
            (port_at, start + 6, address_difference)
        }
        ip::TCP => {
            let port_at = if end == End::Source { start } else { start + 2 };
            (port_at, start + 16, address_difference)
        }
        // RFC 3022 §2.2: the query identifier takes the place of the port; ICMP has no pseudo header.
        ip::ICMP => (start + 4, start + 2, Difference::default()),
        _ => return,
    };
    if bytes.len() < port_at + 2 {
        return;
    }
    let difference = difference.bytes(&bytes[port_at..port_at + 2], &to.port().to_be_bytes());
    bytes[port_at..port_at + 2].copy_from_slice(&to.port().to_be_bytes());
    if bytes.len() < checksum_at + 2 {
        return;
    }
    let udp = protocol == ip::UDP;
    // RFC 3022 §4.1: a UDP checksum of zero means none, and stays none.
    if udp && bytes[checksum_at..checksum_at + 2] == [0, 0] {
        return;
    }
    difference.apply_at(bytes, checksum_at);
    if udp && bytes[checksum_at..checksum_at + 2] == [0, 0] {
        bytes[checksum_at..checksum_at + 2].copy_from_slice(&[0xff, 0xff]);
    }
}

/// Rewrites one address of the packet whose header begins at 0, and nothing behind the header.
pub fn set_outer_address(bytes: &mut [u8], end: End, to: std::net::Ipv4Addr) {
    let _ = set_address(bytes, 0, end, SocketAddrV4::new(to, 0));
}

/// Rewrites one end of the packet that an ICMP error quotes (RFC 5508 §4.2), and the error's own checksum.
pub fn set_quoted_end(bytes: &mut [u8], icmp_at: usize, end: End, to: SocketAddrV4) {
    let quoted = icmp_at + icmp::HEADER;
    if bytes.len() < quoted + ip::IPV4_HEADER {
        return;
    }
    let header = usize::from(bytes[quoted] & 0x0f) * 4;
    // Everything that changes lies in the quoted headers; whole words, because checksums are made of them.
    let length = (header + CHANGING).min(bytes.len() - quoted) & !1;
    let mut before = [0u8; 60 + CHANGING];
    let before = &mut before[..length];
    before.copy_from_slice(&bytes[quoted..quoted + length]);
    set_end(bytes, quoted, end, to);
    let difference = Difference::default().bytes(before, &bytes[quoted..quoted + length]);
    difference.apply_at(bytes, icmp_at + 2);
}

struct Payload {
    start: usize,
    protocol: u8,
    /// What the new address changes under a checksum with a pseudo header.
    address_difference: Difference,
}

fn set_address(bytes: &mut [u8], at: usize, end: End, to: SocketAddrV4) -> Option<Payload> {
    let header = bytes.get_mut(at..at + ip::IPV4_HEADER)?;
    let place = if end == End::Source { 12 } else { 16 };
    let new = to.ip().octets();
    let difference = Difference::default().bytes(&header[place..place + 4], &new);
    header[place..place + 4].copy_from_slice(&new);
    difference.apply_at(header, 10);
    let later_fragment = u16::from_be_bytes([header[6], header[7]]) & 0x1fff != 0;
    let start = at + usize::from(header[0] & 0x0f) * 4;
    (!later_fragment).then_some(Payload { start, protocol: header[9], address_difference: difference })
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use proptest::prelude::*;

    use super::*;
    use crate::wire::ip::Header;
    use crate::wire::udp;

    fn datagram(from: SocketAddrV4, to: SocketAddrV4, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        udp::build(&mut bytes, from.into(), to.into(), 64, payload);
        bytes
    }

    fn endpoint() -> impl Strategy<Value = SocketAddrV4> {
        any::<(u32, u16)>().prop_map(|(address, port)| SocketAddrV4::new((address | 1).into(), port))
    }

    proptest! {
        #[test]
        fn a_rewritten_datagram_is_the_one_that_would_have_been_built(
            from in endpoint(), to in endpoint(), new in endpoint(), payload in prop::collection::vec(any::<u8>(), 0..40)
        ) {
            let mut bytes = datagram(from, to, &payload);
            set_end(&mut bytes, 0, End::Source, new);
            prop_assert_eq!(&bytes, &datagram(new, to, &payload));
            set_end(&mut bytes, 0, End::Destination, from);
            prop_assert_eq!(&bytes, &datagram(new, from, &payload));
        }

        #[test]
        fn a_rewritten_quotation_keeps_all_three_checksums_right(
            from in endpoint(), to in endpoint(), new in endpoint(), payload in prop::collection::vec(any::<u8>(), 0..40)
        ) {
            let error = |quoted: &[u8]| {
                let mut bytes = Vec::new();
                let (router, to) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
                icmp::build_error(&mut bytes, router, to, icmp::ErrorKind::PortUnreachable, quoted);
                bytes
            };
            let mut bytes = error(&datagram(from, to, &payload));
            set_quoted_end(&mut bytes, 20, End::Source, new);
            prop_assert_eq!(bytes, error(&datagram(new, to, &payload)));
        }

        #[test]
        fn no_bytes_make_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..60), at in 0usize..60, new in endpoint()) {
            set_end(&mut bytes, at, End::Source, new);
            if bytes.len() >= at + 4 {
                set_quoted_end(&mut bytes, at, End::Destination, new);
            }
        }
    }

    #[test]
    fn a_missing_checksum_stays_missing() {
        let (from, to) = ("10.0.0.1:1".parse().unwrap(), "10.0.0.2:2".parse().unwrap());
        let mut bytes = datagram(from, to, b"payload");
        bytes[26..28].copy_from_slice(&[0, 0]);
        set_end(&mut bytes, 0, End::Source, "203.0.113.1:9".parse().unwrap());
        assert_eq!(bytes[26..28], [0, 0]);
        assert!(Header::parse(&bytes).is_ok());
    }

    #[test]
    fn the_identifier_of_an_echo_is_its_port() {
        let (from, to): (SocketAddr, SocketAddr) =
            ("10.0.0.1:0".parse().unwrap(), "10.0.0.2:0".parse().unwrap());
        let echo = |from: SocketAddr, identifier| {
            let mut bytes = Vec::new();
            let message = icmp::Message::EchoRequest { identifier, sequence: 1 };
            icmp::build_echo(&mut bytes, from.ip(), to.ip(), 64, message, b"data");
            bytes
        };
        let mut bytes = echo(from, 7);
        let outside: SocketAddrV4 = "203.0.113.1:9".parse().unwrap();
        set_end(&mut bytes, 0, End::Source, outside);
        assert_eq!(bytes, echo(outside.into(), 9));
    }
}
