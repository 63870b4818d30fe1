//! UDP datagrams (RFC 768). Not here: sockets.

use std::net::SocketAddr;

use super::ip::{self, Header, Malformed};

/// Length of a UDP header.
pub const HEADER: usize = 8;
/// Longest payload over IPv4; IPv6 could carry 20 bytes more, which nobody relies on.
pub const LONGEST_PAYLOAD: usize = 65_507;

/// A datagram inside an IP packet, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Udp {
    /// Source port.
    pub source: u16,
    /// Destination port.
    pub destination: u16,
    /// Where its payload begins in the packet.
    pub payload: usize,
    /// Where it ends.
    pub end: usize,
}

/// Reads the ports of a datagram, whatever its checksum and its length say.
pub fn ports(bytes: &[u8], header: &Header) -> Option<(u16, u16)> {
    let port = |at: usize| bytes.get(at..at + 2).map(|two| u16::from_be_bytes([two[0], two[1]]));
    Some((port(header.payload)?, port(header.payload + 2)?))
}

/// Reads and checks a datagram.
pub fn parse(bytes: &[u8], header: &Header) -> Result<Udp, Malformed> {
    let datagram = &bytes[header.payload..header.end];
    let fixed: &[u8; HEADER] = datagram.first_chunk().ok_or(Malformed::Short)?;
    let length = usize::from(u16::from_be_bytes([fixed[4], fixed[5]]));
    if length < HEADER || length > datagram.len() {
        return Err(Malformed::Short);
    }
    // A checksum of zero means that the sender made none (RFC 768); IPv6 does not allow that (RFC 8200 §8.1).
    let unchecked = header.is_ipv4() && fixed[6..8] == [0, 0];
    if !unchecked {
        let sum = ip::pseudo_sum(header.source, header.destination, ip::UDP, length);
        if fixed[6..8] == [0, 0] || sum.bytes(&datagram[..length]).checksum() != 0 {
            return Err(Malformed::Checksum);
        }
    }
    Ok(Udp {
        source: u16::from_be_bytes([fixed[0], fixed[1]]),
        destination: u16::from_be_bytes([fixed[2], fixed[3]]),
        payload: header.payload + HEADER,
        end: header.payload + length,
    })
}

/// Writes a whole packet: IP header, UDP header, payload. Both addresses are of one family; the payload is not longer than
/// [`LONGEST_PAYLOAD`].
pub fn build(out: &mut Vec<u8>, from: SocketAddr, to: SocketAddr, ttl: u8, payload: &[u8]) {
    let length = HEADER + payload.len();
    out.reserve(ip::IPV6_HEADER + length);
    ip::build(out, from.ip(), to.ip(), ip::UDP, ttl, length);
    let mut header = [0u8; HEADER];
    header[0..2].copy_from_slice(&from.port().to_be_bytes());
    header[2..4].copy_from_slice(&to.port().to_be_bytes());
    header[4..6].copy_from_slice(&(length as u16).to_be_bytes());
    let sum = ip::pseudo_sum(from.ip(), to.ip(), ip::UDP, length).bytes(&header).bytes(payload);
    // RFC 768: a checksum that comes out as zero is sent as its other form, all ones.
    let checksum = match sum.checksum() {
        0 => 0xffff,
        checksum => checksum,
    };
    header[6..8].copy_from_slice(&checksum.to_be_bytes());
    out.extend_from_slice(&header);
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(from: &str, to: &str, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        build(&mut bytes, from.parse().unwrap(), to.parse().unwrap(), 64, payload);
        bytes
    }

    proptest! {
        #[test]
        fn what_is_built_is_read_back(payload in prop::collection::vec(any::<u8>(), 0..100), ports in any::<(u16, u16)>()) {
            for (from, to) in [("10.0.0.1", "10.0.0.2"), ("[2001:db8::1]", "[2001:db8::2]")] {
                let bytes = packet(&format!("{from}:{}", ports.0), &format!("{to}:{}", ports.1), &payload);
                let header = Header::parse(&bytes).unwrap();
                let udp = parse(&bytes, &header).unwrap();
                prop_assert_eq!((udp.source, udp.destination), ports);
                prop_assert_eq!(&bytes[udp.payload..udp.end], &payload[..]);
            }
        }

        #[test]
        fn any_flipped_bit_of_the_datagram_is_seen(bit in 0usize..12 * 8) {
            let mut bytes = packet("10.0.0.1:1", "10.0.0.2:2", &[1, 2, 3, 4]);
            bytes[20 + bit / 8] ^= 1 << (bit % 8);
            let header = Header::parse(&bytes).unwrap();
            prop_assert!(parse(&bytes, &header).is_err());
        }
    }

    #[test]
    fn no_checksum_is_allowed_in_ipv4_only() {
        for (from, to, payload, allowed) in
            [("10.0.0.1:1", "10.0.0.2:2", 26, true), ("[::1]:1", "[::2]:2", 46, false)]
        {
            let mut bytes = packet(from, to, &[1]);
            bytes[payload..payload + 2].copy_from_slice(&[0, 0]);
            let header = Header::parse(&bytes).unwrap();
            assert_eq!(parse(&bytes, &header).is_ok(), allowed);
        }
    }
}
