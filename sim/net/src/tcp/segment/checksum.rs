//! The checksum of a segment with its pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1).

use std::net::IpAddr;

const PROTOCOL: u32 = 6;

/// The one's complement sum of a segment and its pseudo-header, folded to 16 bits and not yet complemented.
fn sum(source: IpAddr, destination: IpAddr, segment: &[u8]) -> u16 {
    let mut sum = u64::from(PROTOCOL) + segment.len() as u64;
    for address in [source, destination] {
        sum += match address {
            IpAddr::V4(address) => words(&address.octets()),
            IpAddr::V6(address) => words(&address.octets()),
        };
    }
    sum += words(segment);
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

fn words(bytes: &[u8]) -> u64 {
    let mut pairs = bytes.chunks_exact(2);
    let even: u64 = pairs.by_ref().map(|pair| u64::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    even + pairs.remainder().first().map_or(0, |last| u64::from(*last) << 8)
}

/// The checksum to be written into a segment whose checksum field is zero.
pub fn checksum(source: IpAddr, destination: IpAddr, segment: &[u8]) -> u16 {
    !sum(source, destination, segment)
}

/// Whether the checksum inside a segment is right.
pub fn is_intact(source: IpAddr, destination: IpAddr, segment: &[u8]) -> bool {
    sum(source, destination, segment) == 0xffff
}
