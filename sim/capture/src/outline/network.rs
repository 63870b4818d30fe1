//! IPv4 and IPv6 with their extension headers, by etherparse's lenient slices; here their places in the packet are kept.

use std::net::IpAddr;
use std::ops::Range;

use etherparse::LaxIpSlice;

use super::be16;

/// Which part of a datagram a fragment is (RFC 791 §3.2, RFC 8200 §4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Fragments of one datagram share it.
    pub identification: u32,
    /// Where in the datagram it belongs, in bytes.
    pub offset: u32,
    /// Whether more follow.
    pub more: bool,
}

/// An IP header with its extension headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// 4 or 6.
    pub version: u8,
    /// From whom.
    pub source: IpAddr,
    /// To whom.
    pub destination: IpAddr,
    /// TTL or hop limit.
    pub hop_limit: u8,
    /// What it carries, behind the extension headers.
    pub protocol: u8,
    /// The header, extension headers included.
    pub header: Range<usize>,
    /// What follows it, up to the end that its length tells (or the end of what was captured).
    pub payload: Range<usize>,
    /// Which part it is, if it is a fragment.
    pub fragment: Option<Fragment>,
    /// Whether its length tells more than was captured.
    pub cut: bool,
}

/// Reads the IP header at the start of the range.
pub(super) fn read(bytes: &[u8], range: Range<usize>) -> Option<Network> {
    let slice = bytes.get(range.clone())?;
    let (ip, _) = LaxIpSlice::from_slice(slice).ok()?;
    let payload = ip.payload();
    // The payload is a part of the slice; its place follows from where it ends up in memory.
    let offset = payload.payload.as_ptr() as usize - slice.as_ptr() as usize;
    let start = range.start + offset;
    let (version, hop_limit) = match &ip {
        LaxIpSlice::Ipv4(ipv4) => (4, ipv4.header().ttl()),
        LaxIpSlice::Ipv6(ipv6) => (6, ipv6.header().hop_limit()),
    };
    Some(Network {
        version,
        source: ip.source_addr(),
        destination: ip.destination_addr(),
        hop_limit,
        protocol: payload.ip_number.0,
        header: range.start..start,
        payload: start..start + payload.payload.len(),
        fragment: fragment(&ip),
        cut: payload.incomplete,
    })
}

fn fragment(ip: &LaxIpSlice<'_>) -> Option<Fragment> {
    if !ip.is_fragmenting_payload() {
        return None;
    }
    match ip {
        LaxIpSlice::Ipv4(ipv4) => {
            let header = ipv4.header();
            Some(Fragment {
                identification: u32::from(header.identification()),
                offset: u32::from(header.fragments_offset().value()) * 8,
                more: header.more_fragments(),
            })
        }
        LaxIpSlice::Ipv6(ipv6) => {
            let extensions = ipv6.extensions().slice();
            let at = fragment_header(ipv6.header().next_header().0, extensions)?;
            let bits = be16(extensions, at + 2)?;
            Some(Fragment {
                identification: super::be32(extensions, at + 4)?,
                offset: u32::from(bits & !7),
                more: bits & 1 != 0,
            })
        }
    }
}

/// The place of the fragment header among the extension headers (RFC 8200 §4).
fn fragment_header(first: u8, extensions: &[u8]) -> Option<usize> {
    let (mut kind, mut at) = (first, 0);
    while kind != protocol::IPV6_FRAGMENT {
        let (next, length) = (*extensions.get(at)?, *extensions.get(at + 1)?);
        at += protocol::extension_length(kind, length);
        kind = next;
    }
    (at < extensions.len()).then_some(at)
}

/// The IP protocol numbers that are understood.
pub(crate) mod protocol {
    pub(crate) const HOP_BY_HOP: u8 = 0;
    pub(crate) const ICMP: u8 = 1;
    pub(crate) const TCP: u8 = 6;
    pub(crate) const UDP: u8 = 17;
    pub(crate) const IPV6_ROUTING: u8 = 43;
    pub(crate) const IPV6_FRAGMENT: u8 = 44;
    pub(crate) const AUTHENTICATION: u8 = 51;
    pub(crate) const ICMPV6: u8 = 58;
    pub(crate) const NO_NEXT_HEADER: u8 = 59;
    pub(crate) const DESTINATION_OPTIONS: u8 = 60;
    pub(crate) const MOBILITY: u8 = 135;
    pub(crate) const HIP: u8 = 139;
    pub(crate) const SHIM6: u8 = 140;

    /// Bytes of an IPv6 extension header, by its kind and its own length byte.
    pub(crate) const fn extension_length(kind: u8, length: u8) -> usize {
        match kind {
            IPV6_FRAGMENT => 8,
            // RFC 4302 §2.2 counts in words of four, less two.
            AUTHENTICATION => (length as usize + 2) * 4,
            _ => (length as usize + 1) * 8,
        }
    }

    /// The name of a protocol, or its number.
    pub(crate) fn name(number: u8) -> std::borrow::Cow<'static, str> {
        let name = match number {
            HOP_BY_HOP => "hop-by-hop options",
            ICMP => "ICMP",
            2 => "IGMP",
            4 => "IPv4",
            TCP => "TCP",
            UDP => "UDP",
            41 => "IPv6",
            IPV6_ROUTING => "routing header",
            IPV6_FRAGMENT => "fragment header",
            47 => "GRE",
            50 => "ESP",
            AUTHENTICATION => "AH",
            ICMPV6 => "ICMPv6",
            NO_NEXT_HEADER => "no next header",
            DESTINATION_OPTIONS => "destination options",
            89 => "OSPF",
            103 => "PIM",
            112 => "VRRP",
            132 => "SCTP",
            MOBILITY => "mobility header",
            HIP => "HIP",
            SHIM6 => "shim6",
            other => return format!("protocol {other}").into(),
        };
        name.into()
    }
}
