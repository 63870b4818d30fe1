//! The two messages of neighbor discovery that find a hardware address (RFC 4861 §4.3, §4.4). Not here: routers and prefixes, which a plan gives,
//! and what nodes do with a message.

use std::net::{IpAddr, Ipv6Addr};

use rtclab_trace::MacAddress;

use super::icmp;
use super::ip::{self, Header};

/// RFC 4861 §7.1: whatever comes with less has passed a router, and is not from this link.
const HOP_LIMIT: u8 = 255;
const SOLICITATION: u8 = 135;
const ADVERTISEMENT: u8 = 136;
/// Options with the hardware address of the sender and of the target.
const SOURCE_LINK_LAYER_ADDRESS: u8 = 1;
const TARGET_LINK_LAYER_ADDRESS: u8 = 2;

/// What an advertisement says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags {
    /// Its sender is a router.
    pub router: bool,
    /// It answers a solicitation.
    pub solicited: bool,
    /// It counts more than what is known.
    pub overrides: bool,
}

impl Flags {
    fn bits(self) -> u32 {
        let bit = |set: bool, place: u32| u32::from(set) << place;
        bit(self.router, 31) | bit(self.solicited, 30) | bit(self.overrides, 29)
    }
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// Who has this address? Or: do you still have it?
    Solicitation {
        /// The address.
        target: Ipv6Addr,
        /// Where the one who asks is.
        source_mac: Option<MacAddress>,
    },
    /// This address is there.
    Advertisement {
        /// The address.
        target: Ipv6Addr,
        /// There.
        target_mac: Option<MacAddress>,
        /// How it is meant.
        flags: Flags,
    },
}

impl Message {
    /// Writes a whole packet.
    pub fn build(&self, out: &mut Vec<u8>, from: Ipv6Addr, to: Ipv6Addr) {
        let (kind, argument, target, option, mac) = match *self {
            Message::Solicitation { target, source_mac } => {
                (SOLICITATION, 0, target, SOURCE_LINK_LAYER_ADDRESS, source_mac)
            }
            Message::Advertisement { target, target_mac, flags } => {
                (ADVERTISEMENT, flags.bits(), target, TARGET_LINK_LAYER_ADDRESS, target_mac)
            }
        };
        let mut body = target.octets().to_vec();
        if let Some(mac) = mac {
            // The length counts in units of eight bytes.
            body.extend_from_slice(&[option, 1]);
            body.extend_from_slice(&mac.0);
        }
        icmp::build(out, from.into(), to.into(), HOP_LIMIT, [kind, 0], argument, &body);
    }

    /// Reads a packet; nothing if it carries no such message, or one that RFC 4861 §7.1 does not let count.
    pub fn parse(packet: &[u8], header: &Header) -> Option<Message> {
        if header.is_ipv4() || header.protocol != ip::ICMPV6 || header.ttl != HOP_LIMIT {
            return None;
        }
        let icmp = icmp::parse(packet, header).ok()?;
        let [kind, code, _, _, flags, ..] = packet[header.payload..icmp.body] else { return None };
        let body = &packet[icmp.body..icmp.end];
        let (target, options) = body.split_first_chunk::<16>()?;
        let target = Ipv6Addr::from(*target);
        if code != 0 || target.is_multicast() || !options_are_sound(options) {
            return None;
        }
        match kind {
            SOLICITATION => {
                let source_mac = option(options, SOURCE_LINK_LAYER_ADDRESS);
                // RFC 4861 §7.1.1: whoever has no address yet does not say where it is.
                let nameless = header.source.is_unspecified();
                (!nameless || source_mac.is_none()).then_some(Message::Solicitation { target, source_mac })
            }
            ADVERTISEMENT => {
                let bit = |place: u8| flags >> place & 1 == 1;
                let flags = Flags { router: bit(7), solicited: bit(6), overrides: bit(5) };
                // RFC 4861 §7.1.2: what is said to a group answers nobody.
                let to_group = matches!(header.destination, IpAddr::V6(to) if to.is_multicast());
                let target_mac = option(options, TARGET_LINK_LAYER_ADDRESS);
                (!to_group || !flags.solicited).then_some(Message::Advertisement {
                    target,
                    target_mac,
                    flags,
                })
            }
            _ => None,
        }
    }
}

/// Whether a packet may be such a message: looked at before anything else, so it looks at two bytes.
pub fn is_likely(packet: &[u8]) -> bool {
    packet.get(6) == Some(&ip::ICMPV6)
        && matches!(packet.get(ip::IPV6_HEADER), Some(&(SOLICITATION | ADVERTISEMENT)))
}

/// RFC 4861 §7.1.1: every option has a length, and it is not zero.
fn options_are_sound(mut options: &[u8]) -> bool {
    while let [_, units, ..] = *options {
        match options.get(usize::from(units) * 8..) {
            Some(rest) if units > 0 => options = rest,
            _ => return false,
        }
    }
    options.is_empty()
}

/// The hardware address in an option of this kind.
fn option(mut options: &[u8], wanted: u8) -> Option<MacAddress> {
    while let [kind, units, ref value @ ..] = *options {
        if kind == wanted && units == 1 {
            return value.first_chunk().copied().map(MacAddress);
        }
        options = options.get(usize::from(units).max(1) * 8..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: MacAddress = MacAddress([2, 0, 0, 7, 0, 1]);

    fn address(text: &str) -> Ipv6Addr {
        text.parse().unwrap()
    }

    fn packet(message: Message, to: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        message.build(&mut bytes, address("2001:db8::1"), address(to));
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Message> {
        assert!(is_likely(bytes));
        Message::parse(bytes, &Header::parse(bytes).unwrap())
    }

    fn advertisement(solicited: bool) -> Message {
        let flags = Flags { router: true, solicited, overrides: true };
        Message::Advertisement { target: address("2001:db8::2"), target_mac: Some(MAC), flags }
    }

    #[test]
    fn messages_read_back_as_themselves() {
        let solicitation = Message::Solicitation { target: address("2001:db8::2"), source_mac: Some(MAC) };
        let bare = Message::Solicitation { target: address("2001:db8::2"), source_mac: None };
        for message in [solicitation, bare, advertisement(true), advertisement(false)] {
            assert_eq!(read(&packet(message, "2001:db8::2")), Some(message));
        }
    }

    #[test]
    fn what_has_passed_a_router_does_not_count() {
        let mut bytes = packet(advertisement(true), "2001:db8::2");
        bytes[7] = 254;
        assert_eq!(read(&bytes), None);
    }

    #[test]
    fn an_answer_to_a_group_does_not_count() {
        assert_eq!(read(&packet(advertisement(true), "ff02::1")), None);
        assert_eq!(read(&packet(advertisement(false), "ff02::1")), Some(advertisement(false)));
    }

    #[test]
    fn an_option_without_length_spoils_the_message() {
        let message = Message::Solicitation { target: address("2001:db8::2"), source_mac: Some(MAC) };
        let bytes = packet(message, "2001:db8::2");
        let options = &bytes[ip::IPV6_HEADER + icmp::HEADER + 16..];
        assert!(options_are_sound(options));
        assert!(!options_are_sound(&[1, 0, 0, 0, 0, 0, 0, 0]));
        assert!(!options_are_sound(&options[..7]));
        assert!(!options_are_sound(&[1]));
    }
}
