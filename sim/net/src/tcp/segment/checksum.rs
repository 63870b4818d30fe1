//! The checksum of a segment with its pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1).

use std::net::IpAddr;

use crate::wire::ip;

/// The checksum to be written into a segment whose checksum field is zero; zero if it stands there and is right.
pub fn checksum(source: IpAddr, destination: IpAddr, segment: &[u8]) -> u16 {
    ip::pseudo_sum(source, destination, ip::TCP, segment.len()).bytes(segment).checksum()
}

/// Whether the checksum inside a segment is right.
pub fn is_intact(source: IpAddr, destination: IpAddr, segment: &[u8]) -> bool {
    checksum(source, destination, segment) == 0
}
