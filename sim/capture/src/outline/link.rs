//! What stands before the network layer: Ethernet with its VLAN tags, both Linux cooked headers, BSD loopback, or nothing.

use rtclab_trace::Encapsulation;

use super::be16;

/// The EtherTypes that are understood.
pub(crate) mod ether_type {
    pub(crate) const IPV4: u16 = 0x0800;
    pub(crate) const ARP: u16 = 0x0806;
    pub(crate) const VLAN: u16 = 0x8100;
    pub(crate) const IPV6: u16 = 0x86dd;
    pub(crate) const PROVIDER_BRIDGING: u16 = 0x88a8;
    /// What switches wrote for a second tag before 802.1ad.
    pub(crate) const DOUBLE_TAG_OLD: u16 = 0x9100;

    /// Whether a tag of four bytes follows.
    pub(crate) const fn is_tag(number: u16) -> bool {
        matches!(number, VLAN | PROVIDER_BRIDGING | DOUBLE_TAG_OLD)
    }
}

/// Bytes of an Ethernet header.
pub(crate) const ETHERNET_LENGTH: usize = 14;
/// Bytes of a Linux cooked header, version 1.
pub(crate) const SLL_LENGTH: usize = 16;
/// Bytes of a Linux cooked header, version 2.
pub(crate) const SLL2_LENGTH: usize = 20;
/// Bytes of the family of BSD loopback.
pub(crate) const NULL_LENGTH: usize = 4;
/// Values below are lengths (IEEE 802.3), from here on they are types.
pub(crate) const ETHER_TYPE_MIN: u16 = 0x0600;
/// Tags that are followed; more are left alone.
pub(crate) const TAGS_MAX: usize = 8;

/// Packets that the capturing host sent, by the packet type of a Linux cooked header.
const SLL_OUTGOING: u16 = 4;

/// The link headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Which kind of header comes first.
    pub encapsulation: Encapsulation,
    /// Where the headers end, VLAN tags included.
    pub end: usize,
    /// What follows, as an EtherType; none where the header does not tell.
    pub ether_type: Option<u16>,
    /// Sender and receiver by hardware address (the receiver only on Ethernet).
    pub hardware: (Option<[u8; 6]>, Option<[u8; 6]>),
    /// How many VLAN tags there are.
    pub tags: usize,
    /// Whether the capturing host sent it, where the header tells.
    pub outgoing: Option<bool>,
    /// The interface number of a Linux cooked header, version 2.
    pub interface: Option<u32>,
}

impl Link {
    /// No link header: IP begins at `start`.
    pub(super) const fn none(start: usize) -> Link {
        Link {
            encapsulation: Encapsulation::Ip,
            end: start,
            ether_type: None,
            hardware: (None, None),
            tags: 0,
            outgoing: None,
            interface: None,
        }
    }

    /// Whether IP follows.
    pub const fn carries_ip(&self) -> bool {
        match self.ether_type {
            Some(kind) => matches!(kind, ether_type::IPV4 | ether_type::IPV6),
            None => matches!(self.encapsulation, Encapsulation::Ip),
        }
    }
}

pub(super) fn read(encapsulation: Encapsulation, bytes: &[u8]) -> Link {
    let mut link = Link { encapsulation, ..Link::none(0) };
    match encapsulation {
        Encapsulation::Ip => {}
        Encapsulation::Ethernet => {
            link.hardware = (hardware(bytes, 6), hardware(bytes, 0));
            link.ether_type = be16(bytes, 12).filter(|kind| *kind >= ETHER_TYPE_MIN);
            link.end = ETHERNET_LENGTH;
        }
        Encapsulation::LinuxSll => {
            link.outgoing = be16(bytes, 0).map(|kind| kind == SLL_OUTGOING);
            link.hardware = (hardware(bytes, 6).filter(|_| be16(bytes, 4) == Some(6)), None);
            link.ether_type = be16(bytes, 14).filter(|kind| *kind >= ETHER_TYPE_MIN);
            link.end = SLL_LENGTH;
        }
        Encapsulation::LinuxSll2 => {
            link.ether_type = be16(bytes, 0).filter(|kind| *kind >= ETHER_TYPE_MIN);
            link.interface = super::be32(bytes, 4);
            link.outgoing = bytes.get(10).map(|kind| u16::from(*kind) == SLL_OUTGOING);
            link.hardware = (hardware(bytes, 12).filter(|_| bytes.get(11) == Some(&6)), None);
            link.end = SLL2_LENGTH;
        }
        Encapsulation::Null => {
            link.ether_type = null_family(bytes).and_then(family_ether_type);
            link.end = NULL_LENGTH;
        }
        Encapsulation::Other(_) => {}
    }
    while link.ether_type.is_some_and(ether_type::is_tag) && link.tags < TAGS_MAX {
        link.ether_type = be16(bytes, link.end + 2);
        link.end += 4;
        link.tags += 1;
    }
    link
}

fn hardware(bytes: &[u8], at: usize) -> Option<[u8; 6]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// The family of BSD loopback. It has the byte order of the host that captured (NULL) or of the network (LOOP); families are small
/// numbers, so the order shows.
pub(crate) fn null_family(bytes: &[u8]) -> Option<u32> {
    let big = super::be32(bytes, 0)?;
    Some(if big > 0xffff { big.swap_bytes() } else { big })
}

/// AF_INET is 2 everywhere; AF_INET6 is 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS, 10 on Linux, 23 on Windows.
fn family_ether_type(family: u32) -> Option<u16> {
    match family {
        2 => Some(ether_type::IPV4),
        10 | 23 | 24 | 28 | 30 => Some(ether_type::IPV6),
        _ => None,
    }
}
