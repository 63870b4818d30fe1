//! Hardware addresses of groups. Not here: the header itself, which is `rtclab_trace::Frame`.

use std::net::{IpAddr, Ipv6Addr};

use rtclab_trace::{Frame, MacAddress};

/// All nodes of a link (RFC 4291 §2.7.1).
pub const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);

/// The hardware address that stands for a group.
pub fn group(address: IpAddr) -> MacAddress {
    match address {
        // RFC 1112 §6.4: the low 23 bits, so that 32 groups share one.
        IpAddr::V4(v4) => {
            let [_, b, c, d] = v4.octets();
            MacAddress([0x01, 0x00, 0x5e, b & 0x7f, c, d])
        }
        // RFC 2464 §7: the low 32 bits.
        IpAddr::V6(v6) => {
            let [.., a, b, c, d] = v6.octets();
            MacAddress([0x33, 0x33, a, b, c, d])
        }
    }
}

/// The group in which whoever has an address listens for those who look for it (RFC 4291 §2.7.1): shared with the few whose last 24 bits are
/// the same.
pub fn solicited_node(address: Ipv6Addr) -> Ipv6Addr {
    let [.., a, b, c] = address.octets();
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | u16::from(a), u16::from_be_bytes([b, c]))
}

/// The type of the frame that carries an IP packet.
pub fn type_of(packet: &[u8]) -> u16 {
    match packet.first().map(|first| first >> 4) {
        Some(6) => Frame::IPV6,
        _ => Frame::IPV4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mac_of(group_address: &str) -> String {
        group(group_address.parse().unwrap()).to_string()
    }

    #[test]
    fn a_group_of_ipv4_keeps_its_low_23_bits() {
        assert_eq!(mac_of("224.0.0.251"), "01:00:5e:00:00:fb");
        assert_eq!(mac_of("239.255.1.2"), "01:00:5e:7f:01:02");
    }

    #[test]
    fn a_group_of_ipv6_keeps_its_low_32_bits() {
        assert_eq!(mac_of("ff02::fb"), "33:33:00:00:00:fb");
        assert_eq!(mac_of("ff02::1:ff28:9c5a"), "33:33:ff:28:9c:5a");
    }

    #[test]
    fn the_solicited_node_group_is_that_of_rfc_4291() {
        let address = "4037::1:800:200e:8c6c".parse().unwrap();
        assert_eq!(solicited_node(address), "ff02::1:ff0e:8c6c".parse::<Ipv6Addr>().unwrap());
    }
}
