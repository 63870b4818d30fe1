//! How values are written for people, in one place: hardware addresses, bytes, names of numbers.

use crate::outline::ether_type;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Both hex digits of a byte. By table, because a field tree has many of them and formatting each costs ten times as much.
fn push_byte(out: &mut String, byte: u8) {
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// `0a:1b:…`.
pub(crate) fn hardware_address(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 3);
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            out.push(':');
        }
        push_byte(&mut out, *byte);
    }
    out
}

/// Lower-case hex digits without anything between them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    bytes.iter().for_each(|byte| push_byte(&mut out, *byte));
    out
}

/// The first bytes in hex, and how many there are.
pub(crate) fn some_hex(bytes: &[u8]) -> String {
    const SHOWN: usize = 16;
    match bytes.get(..SHOWN) {
        Some(first) if bytes.len() > SHOWN => format!("{}… ({})", hex(first), count(bytes.len(), "byte")),
        _ => hex(bytes),
    }
}

/// `1 byte`, `2 bytes`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// Bytes as text, where they are text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().map(|c| if c.is_control() { '.' } else { c }).collect()
}

/// `IPv4 (0x0800)`.
pub(crate) fn ether_type_words(number: u16) -> String {
    let name = match number {
        ether_type::IPV4 => "IPv4",
        ether_type::ARP => "ARP",
        ether_type::VLAN => "VLAN tag",
        ether_type::IPV6 => "IPv6",
        ether_type::PROVIDER_BRIDGING => "service VLAN tag",
        ether_type::DOUBLE_TAG_OLD => "VLAN tag (before 802.1ad)",
        0x8847 => "MPLS",
        0x8863 => "PPPoE discovery",
        0x8864 => "PPPoE session",
        0x888e => "802.1X",
        0x88cc => "LLDP",
        _ => "unknown",
    };
    format!("{name} ({number:#06x})")
}

/// The name of an ICMP type and code.
pub(crate) fn icmp(version: u8, kind: u8, code: u8) -> &'static str {
    match (version, kind, code) {
        (4, 0, _) | (6, 129, _) => "echo reply",
        (4, 8, _) | (6, 128, _) => "echo request",
        (4, 3, 0) => "network unreachable",
        (4, 3, 1) => "host unreachable",
        (4, 3, 2) => "protocol unreachable",
        (4, 3, 3) | (6, 1, 4) => "port unreachable",
        (4, 3, 4) => "fragmentation needed",
        (4, 3, 9 | 10 | 13) | (6, 1, 1) => "administratively prohibited",
        (4, 3, _) | (6, 1, _) => "destination unreachable",
        (4, 5, _) | (6, 137, _) => "redirect",
        (4, 9, _) | (6, 134, _) => "router advertisement",
        (4, 10, _) | (6, 133, _) => "router solicitation",
        (4, 11, 0) | (6, 3, 0) => "time exceeded",
        (4, 11, _) | (6, 3, _) => "reassembly time exceeded",
        (4, 12, _) | (6, 4, _) => "parameter problem",
        (6, 2, _) => "packet too big",
        (6, 130, _) => "multicast listener query",
        (6, 131, _) => "multicast listener report",
        (6, 135, _) => "neighbor solicitation",
        (6, 136, _) => "neighbor advertisement",
        (6, 143, _) => "multicast listener report, version 2",
        _ => "message",
    }
}

/// The name of an RTCP packet type (RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611 §2).
pub(crate) const fn rtcp(kind: u8) -> &'static str {
    match kind {
        200 => "sender report",
        201 => "receiver report",
        202 => "source description",
        203 => "goodbye",
        204 => "application-defined",
        205 => "transport feedback",
        206 => "payload-specific feedback",
        207 => "extended report",
        _ => "unknown",
    }
}

/// The name of a DTLS or TLS content type (RFC 9147 §4, RFC 8446 §5.1).
pub(crate) const fn tls_content(kind: u8) -> &'static str {
    match kind {
        20 => "change cipher spec",
        21 => "alert",
        22 => "handshake",
        23 => "application data",
        24 => "heartbeat",
        25 => "record with connection id",
        26 => "acknowledgment",
        _ => "unknown",
    }
}
