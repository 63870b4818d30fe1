//! Link types by their registered numbers, and how packets of each begin. Not here: what follows the first header.

use std::fmt;

use rtclab_trace::Encapsulation;

/// A link type by its LINKTYPE number (the registry of tcpdump.org, which pcap and pcapng share).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: a family in the byte order of the capturing host.
    pub const NULL: LinkType = LinkType(0);
    /// Ethernet.
    pub const ETHERNET: LinkType = LinkType(1);
    /// Raw IP, version by the first four bits.
    pub const RAW: LinkType = LinkType(101);
    /// OpenBSD loopback: a family in network byte order.
    pub const LOOP: LinkType = LinkType(108);
    /// Linux "cooked" capture, version 1.
    pub const LINUX_SLL: LinkType = LinkType(113);
    /// Raw IPv4.
    pub const IPV4: LinkType = LinkType(228);
    /// Raw IPv6.
    pub const IPV6: LinkType = LinkType(229);
    /// Linux "cooked" capture, version 2.
    pub const LINUX_SLL2: LinkType = LinkType(276);

    /// How packets of this type begin, if they can be dissected.
    pub const fn encapsulation(self) -> Encapsulation {
        match self {
            // 12 and 14 are what some systems write for raw IP: their own DLT number instead of the registered one.
            LinkType::RAW | LinkType::IPV4 | LinkType::IPV6 | LinkType(12 | 14) => Encapsulation::Ip,
            LinkType::ETHERNET => Encapsulation::Ethernet,
            LinkType::LINUX_SLL => Encapsulation::LinuxSll,
            LinkType::LINUX_SLL2 => Encapsulation::LinuxSll2,
            LinkType::NULL | LinkType::LOOP => Encapsulation::Null,
            LinkType(other) => Encapsulation::Other(other),
        }
    }

    /// The type that says how packets begin, for writing.
    pub const fn of(encapsulation: Encapsulation) -> LinkType {
        match encapsulation {
            Encapsulation::Ip => LinkType::RAW,
            Encapsulation::Ethernet => LinkType::ETHERNET,
            Encapsulation::LinuxSll => LinkType::LINUX_SLL,
            Encapsulation::LinuxSll2 => LinkType::LINUX_SLL2,
            Encapsulation::Null => LinkType::NULL,
            Encapsulation::Other(number) => LinkType(number),
        }
    }

    /// Whether packets of this type can be dissected.
    pub const fn is_supported(self) -> bool {
        !matches!(self.encapsulation(), Encapsulation::Other(_))
    }
}

/// `Ethernet`, or `link type 105` where it cannot be dissected.
impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.encapsulation() {
            Encapsulation::Ip => f.pad("raw IP"),
            Encapsulation::Ethernet => f.pad("Ethernet"),
            Encapsulation::LinuxSll => f.pad("Linux SLL"),
            Encapsulation::LinuxSll2 => f.pad("Linux SLL2"),
            Encapsulation::Null => f.pad("BSD loopback"),
            Encapsulation::Other(number) => write!(f, "link type {number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_and_reading_a_link_type_agree() {
        for number in 0..=300 {
            let encapsulation = LinkType(number).encapsulation();
            assert_eq!(LinkType::of(encapsulation).encapsulation(), encapsulation);
        }
    }
}
