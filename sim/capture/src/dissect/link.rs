//! Link headers as fields: Ethernet, VLAN tags, both Linux cooked headers, BSD loopback, ARP.

use std::net::Ipv4Addr;
use std::ops::Range;

use rtclab_trace::Encapsulation;

use super::Field;
use super::scribe::{Scribe, decimal};
use crate::outline::{ETHER_TYPE_MIN, Link, ether_type, null_family};
use crate::words::{ether_type_words, hardware_address, some_hex};

/// The link layers of a packet, outermost first.
pub(super) fn layers(bytes: &[u8], link: &Link) -> Vec<Field> {
    let whole = 0..bytes.len();
    let first = match link.encapsulation {
        Encapsulation::Ethernet => Some(ethernet(bytes, whole)),
        Encapsulation::LinuxSll => Some(sll(bytes, whole)),
        Encapsulation::LinuxSll2 => Some(sll2(bytes, whole)),
        Encapsulation::Null => Some(null(bytes, whole)),
        Encapsulation::Ip | Encapsulation::Other(_) => None,
    };
    let mut layers: Vec<Field> = first.into_iter().collect();
    for tag in (0..link.tags).rev() {
        let start = link.end.saturating_sub((tag + 1) * 4);
        layers.push(vlan(bytes, start..start + 4));
    }
    layers
}

fn ethernet(bytes: &[u8], range: Range<usize>) -> Field {
    let mut scribe = Scribe::new("Ethernet", bytes, range);
    let value = (|| {
        let destination = hardware_address(scribe.take("Destination", 6, hardware_address)?);
        let source = hardware_address(scribe.take("Source", 6, hardware_address)?);
        scribe.u16("Type", type_or_length)?;
        Some(format!("{source} → {destination}"))
    })();
    scribe.finish(value.unwrap_or_default())
}

fn type_or_length(number: u16) -> String {
    if number < ETHER_TYPE_MIN { format!("length {number} (IEEE 802.3)") } else { ether_type_words(number) }
}

fn vlan(bytes: &[u8], range: Range<usize>) -> Field {
    let mut scribe = Scribe::new("VLAN tag", bytes, range);
    let value = (|| {
        let control = scribe.u16("Tag control", |number| format!("{number:#06x}"))?;
        scribe.part("Priority", decimal(control >> 13));
        scribe.part("Drop eligible", decimal(control >> 12 & 1));
        scribe.part("VLAN", decimal(control & 0xfff));
        scribe.u16("Type", ether_type_words)?;
        Some(format!("VLAN {}", control & 0xfff))
    })();
    scribe.finish(value.unwrap_or_default())
}

/// What the capturing host had to do with the packet.
fn packet_type(number: u16) -> String {
    let words = match number {
        0 => "to this host",
        1 => "broadcast",
        2 => "multicast",
        3 => "to another host",
        4 => "sent by this host",
        _ => "unknown",
    };
    format!("{words} ({number})")
}

/// The hardware types that captures usually have (if_arp.h).
fn hardware_type(number: u16) -> String {
    let words = match number {
        1 => "Ethernet",
        512 => "PPP",
        772 => "loopback",
        0xfffe => "none",
        _ => "other",
    };
    format!("{words} ({number})")
}

fn sll(bytes: &[u8], range: Range<usize>) -> Field {
    let mut scribe = Scribe::new("Linux cooked capture", bytes, range);
    let value = (|| {
        let kind = scribe.u16("Packet type", packet_type)?;
        scribe.u16("Hardware type", hardware_type)?;
        let length = usize::from(scribe.u16("Address length", decimal)?);
        scribe.take("Address", 8, |field| hardware_address(field.get(..length).unwrap_or(field)))?;
        scribe.u16("Protocol", ether_type_words)?;
        Some(packet_type(kind))
    })();
    scribe.finish(value.unwrap_or_default())
}

fn sll2(bytes: &[u8], range: Range<usize>) -> Field {
    let mut scribe = Scribe::new("Linux cooked capture v2", bytes, range);
    let value = (|| {
        scribe.u16("Protocol", ether_type_words)?;
        scribe.u16("Reserved", decimal)?;
        let interface = scribe.u32("Interface index", decimal)?;
        scribe.u16("Hardware type", hardware_type)?;
        let kind = scribe.u8("Packet type", |kind| packet_type(u16::from(kind)))?;
        let length = usize::from(scribe.u8("Address length", decimal)?);
        scribe.take("Address", 8, |field| hardware_address(field.get(..length).unwrap_or(field)))?;
        Some(format!("{} on interface {interface}", packet_type(u16::from(kind))))
    })();
    scribe.finish(value.unwrap_or_default())
}

fn null(bytes: &[u8], range: Range<usize>) -> Field {
    let mut scribe = Scribe::new("BSD loopback", bytes, range);
    let family = null_family(bytes).unwrap_or(0);
    let words = match family {
        2 => "IPv4",
        10 | 23 | 24 | 28 | 30 => "IPv6",
        _ => "unknown",
    };
    let value = scribe.take("Family", 4, |_| format!("{words} ({family})")).map(|_| words);
    scribe.finish(value.unwrap_or_default())
}

/// ARP (RFC 826), for IPv4 over Ethernet; other kinds show their fixed part.
pub(super) fn arp(bytes: &[u8], range: Range<usize>) -> Field {
    let mut scribe = Scribe::new("ARP", bytes, range.clone());
    let value = (|| {
        scribe.u16("Hardware type", hardware_type)?;
        scribe.u16("Protocol type", ether_type_words)?;
        let hardware = usize::from(scribe.u8("Hardware length", decimal)?);
        let protocol = usize::from(scribe.u8("Protocol length", decimal)?);
        scribe.u16("Operation", |operation| format!("{} ({operation})", arp_operation(operation)))?;
        scribe.take("Sender hardware address", hardware, hardware_address)?;
        scribe.take("Sender protocol address", protocol, address_words)?;
        scribe.take("Target hardware address", hardware, hardware_address)?;
        scribe.take("Target protocol address", protocol, address_words)?;
        Some(())
    })();
    let words = value.and_then(|()| arp_words(bytes.get(range)?));
    scribe.finish(words.unwrap_or_default())
}

fn arp_operation(operation: u16) -> &'static str {
    match operation {
        1 => "request",
        2 => "reply",
        _ => "unknown",
    }
}

fn address_words(field: &[u8]) -> String {
    field.try_into().map_or_else(|_| some_hex(field), |octets: [u8; 4]| Ipv4Addr::from(octets).to_string())
}

/// The two addresses of an ARP message for IPv4: of the sender, and the one that is asked for or answered.
pub(crate) fn arp_addresses(message: &[u8]) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let address = |at: usize| message.get(at..)?.first_chunk::<4>().map(|octets| Ipv4Addr::from(*octets));
    let for_ipv4 =
        crate::outline::be16(message, 2) == Some(ether_type::IPV4) && message.get(4..6) == Some(&[6, 4]);
    Some((address(14).filter(|_| for_ipv4)?, address(24)?))
}

/// `who has 192.168.1.1? tell 192.168.1.2`.
pub(crate) fn arp_words(message: &[u8]) -> Option<String> {
    let (sender, target) = arp_addresses(message)?;
    match crate::outline::be16(message, 6)? {
        1 => Some(format!("who has {target}? tell {sender}")),
        2 => Some(format!("{sender} is at {}", hardware_address(message.get(8..14)?))),
        other => Some(format!("operation {other}")),
    }
}
