//! What a packet is wrapped in on an Ethernet link. Not here: what comes before a frame can be sent (`rtclab-net`), and how frames of a capture
//! are read (`rtclab-capture`).

use std::fmt;

/// Bytes of an Ethernet II header: two addresses and a type.
pub const FRAME_HEADER: usize = 14;

/// A hardware address of 48 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// Everybody.
    pub const BROADCAST: MacAddress = MacAddress([0xff; 6]);

    /// Whether it stands for several: the lowest bit of the first byte, which is the first on the wire.
    pub const fn is_group(self) -> bool {
        self.0[0] & 1 != 0
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, last] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{last:02x}")
    }
}

impl fmt::Debug for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The header of an Ethernet II frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The station that it is for, or a group of them.
    pub to: MacAddress,
    /// The station that sent it.
    pub from: MacAddress,
    /// What it carries, by EtherType.
    pub ether_type: u16,
}

impl Frame {
    /// EtherType of IPv4 (RFC 894).
    pub const IPV4: u16 = 0x0800;
    /// EtherType of ARP (RFC 826).
    pub const ARP: u16 = 0x0806;
    /// EtherType of IPv6 (RFC 2464 §3).
    pub const IPV6: u16 = 0x86dd;

    /// As bytes.
    pub fn header(&self) -> [u8; FRAME_HEADER] {
        let mut header = [0; FRAME_HEADER];
        header[..6].copy_from_slice(&self.to.0);
        header[6..12].copy_from_slice(&self.from.0);
        header[12..].copy_from_slice(&self.ether_type.to_be_bytes());
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_destination_source_and_type() {
        let frame =
            Frame { to: MacAddress::BROADCAST, from: MacAddress([2, 0, 0, 1, 0, 3]), ether_type: Frame::ARP };
        assert_eq!(frame.header(), [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 1, 0, 3, 8, 6]);
        assert_eq!(frame.from.to_string(), "02:00:00:01:00:03");
        assert!(frame.to.is_group() && !frame.from.is_group());
    }
}
