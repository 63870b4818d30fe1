//! Fragments of IPv4 (RFC 791 §2.3, §3.2) and IPv6 (RFC 8200 §4.5) packets: reading, splitting and joining their bytes. Not here: who
//! splits when (`world`), and what waits for the rest (`host::reassembly`).

use super::checksum;
use super::ip::{IPV4_HEADER, IPV6_HEADER};

/// Next header number of the Fragment header.
pub const IPV6_FRAGMENT: u8 = 44;
/// Length of the Fragment header.
pub const IPV6_FRAGMENT_HEADER: usize = 8;
/// Fragments begin at multiples of this, in both families.
const UNIT: usize = 8;
/// "Don't fragment" and "more fragments", in the byte of the IPv4 flags.
const DONT_FRAGMENT: u8 = 0x40;
const MORE_FRAGMENTS: u8 = 0x20;

/// Which part of a packet a fragment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// What the fragments of one packet have in common.
    pub identification: u32,
    /// Where its payload belongs, in bytes.
    pub offset: usize,
    /// Whether more follows behind it.
    pub more: bool,
}

impl Fragment {
    #[inline]
    pub(crate) fn of_v4(header: &[u8; IPV4_HEADER]) -> Option<Fragment> {
        let word = u16::from_be_bytes([header[6], header[7]]);
        // Neither an offset nor more fragments: a whole packet.
        if word & 0x3fff == 0 {
            return None;
        }
        let identification = u32::from(u16::from_be_bytes([header[4], header[5]]));
        let offset = usize::from(word & 0x1fff) * UNIT;
        Some(Fragment { identification, offset, more: header[6] & MORE_FRAGMENTS != 0 })
    }

    /// RFC 6946 §4: a fragment that is all there is, is a whole packet.
    pub(crate) fn of_v6(extension: &[u8; IPV6_FRAGMENT_HEADER]) -> Option<Fragment> {
        let [_, _, high, low, a, b, c, d] = *extension;
        let offset = usize::from(u16::from_be_bytes([high, low]) & 0xfff8);
        let more = low & 1 != 0;
        (offset > 0 || more).then(|| Fragment {
            identification: u32::from_be_bytes([a, b, c, d]),
            offset,
            more,
        })
    }
}

/// Whether routers may fragment a packet: only IPv4 knows that, and its sender can forbid it.
pub fn is_allowed(bytes: &[u8]) -> bool {
    matches!(bytes, [first, _, _, _, _, _, flags, ..] if first >> 4 == 4 && flags & DONT_FRAGMENT == 0)
}

/// Lets routers fragment an IPv4 packet, and gives it the identification that its fragments will have in common. Nothing happens to IPv6.
pub fn allow(bytes: &mut [u8], identification: u16) {
    if bytes.len() < IPV4_HEADER || bytes[0] >> 4 != 4 {
        return;
    }
    let old = [bytes[4], bytes[5], bytes[6], bytes[7]];
    bytes[4..6].copy_from_slice(&identification.to_be_bytes());
    bytes[6] &= !DONT_FRAGMENT;
    let new = [bytes[4], bytes[5], bytes[6], bytes[7]];
    checksum::Difference::default().bytes(&old, &new).apply_at(bytes, 10);
}

/// Splits a packet, or a fragment, into fragments of at most `mtu` bytes; none if that is not possible. `identification` is for IPv6, whose
/// packets have none of their own. The caller has seen that the packet may be fragmented.
pub fn split(bytes: &[u8], mtu: usize, identification: u32) -> Option<Vec<Vec<u8>>> {
    match bytes.first()? >> 4 {
        4 => split_v4(bytes, mtu),
        6 => split_v6(bytes, mtu, identification),
        _ => None,
    }
}

fn split_v4(bytes: &[u8], mtu: usize) -> Option<Vec<Vec<u8>>> {
    let fixed: &[u8; IPV4_HEADER] = bytes.first_chunk()?;
    let header = usize::from(fixed[0] & 0x0f) * 4;
    let end = usize::from(u16::from_be_bytes([fixed[2], fixed[3]]));
    let payload = bytes.get(header..end)?;
    let size = mtu.checked_sub(header)? / UNIT * UNIT;
    let own = Fragment::of_v4(fixed);
    let (base, more) = own.map_or((0, false), |own| (own.offset, own.more));
    if header < IPV4_HEADER || size == 0 || base + payload.len() > usize::from(u16::MAX) {
        return None;
    }
    let later_header = later_v4_header(&bytes[..header]);
    let count = payload.len().div_ceil(size);
    let parts = payload.chunks(size).enumerate().map(|(index, part)| {
        let mut out = if index == 0 { bytes[..header].to_vec() } else { later_header.clone() };
        let total = (out.len() + part.len()) as u16;
        out[2..4].copy_from_slice(&total.to_be_bytes());
        let offset = ((base + index * size) / UNIT) as u16;
        out[6..8].copy_from_slice(&offset.to_be_bytes());
        if more || index + 1 < count {
            out[6] |= MORE_FRAGMENTS;
        }
        write_checksum(&mut out);
        out.extend_from_slice(part);
        out
    });
    Some(parts.collect())
}

/// The header of every fragment but the first: options are left out unless they ask to be copied (RFC 791 §3.1, "copied flag").
fn later_v4_header(header: &[u8]) -> Vec<u8> {
    let mut later = header[..IPV4_HEADER].to_vec();
    let mut options = &header[IPV4_HEADER..];
    while let [kind, rest @ ..] = options {
        let length = match (kind, rest) {
            (0, _) => break,
            (1, _) => 1,
            (_, [length, ..]) => usize::from(*length),
            _ => break,
        };
        // An option whose length is impossible ends the list: nothing behind it can be read.
        let Some((option, behind)) =
            options.split_at_checked(length).filter(|(option, _)| !option.is_empty())
        else {
            break;
        };
        if kind & 0x80 != 0 {
            later.extend_from_slice(option);
        }
        options = behind;
    }
    later.resize(later.len().next_multiple_of(4), 0);
    later[0] = 0x40 | (later.len() / 4) as u8;
    later
}

fn split_v6(bytes: &[u8], mtu: usize, identification: u32) -> Option<Vec<Vec<u8>>> {
    let fixed: &[u8; IPV6_HEADER] = bytes.first_chunk()?;
    let end = IPV6_HEADER + usize::from(u16::from_be_bytes([fixed[4], fixed[5]]));
    let payload = bytes.get(IPV6_HEADER..end)?;
    let size = mtu.checked_sub(IPV6_HEADER + IPV6_FRAGMENT_HEADER)? / UNIT * UNIT;
    // A packet that is a fragment already was made by another host: only sources fragment.
    if size == 0 || fixed[6] == IPV6_FRAGMENT {
        return None;
    }
    let count = payload.len().div_ceil(size);
    let parts = payload.chunks(size).enumerate().map(|(index, part)| {
        let mut out = fixed.to_vec();
        out[4..6].copy_from_slice(&((IPV6_FRAGMENT_HEADER + part.len()) as u16).to_be_bytes());
        out[6] = IPV6_FRAGMENT;
        let [high, low] = ((index * size) as u16).to_be_bytes();
        let more = u8::from(index + 1 < count);
        out.extend_from_slice(&[fixed[6], 0, high, low | more]);
        out.extend_from_slice(&identification.to_be_bytes());
        out.extend_from_slice(part);
        out
    });
    Some(parts.collect())
}

/// Joins the payloads of fragments to the packet that they were: `first` is the whole first fragment, `payload` all payloads in order. None if
/// the result would be longer than a packet can be.
pub fn join(first: &[u8], payload: &[u8]) -> Option<Vec<u8>> {
    match first.first()? >> 4 {
        4 => {
            let header = usize::from(first[0] & 0x0f) * 4;
            let mut out = first.get(..header).filter(|header| header.len() >= IPV4_HEADER)?.to_vec();
            let total = u16::try_from(header + payload.len()).ok()?;
            out[2..4].copy_from_slice(&total.to_be_bytes());
            out[6..8].copy_from_slice(&[0, 0]);
            write_checksum(&mut out);
            out.extend_from_slice(payload);
            Some(out)
        }
        6 => {
            let mut out = first.get(..IPV6_HEADER)?.to_vec();
            out[4..6].copy_from_slice(&u16::try_from(payload.len()).ok()?.to_be_bytes());
            out[6] = *first.get(IPV6_HEADER)?;
            out.extend_from_slice(payload);
            Some(out)
        }
        _ => None,
    }
}

fn write_checksum(header: &mut [u8]) {
    header[10..12].copy_from_slice(&[0, 0]);
    let sum = checksum::of(header);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::ip::Header;
    use crate::wire::udp;

    const PAIRS: [(&str, &str); 2] = [("10.0.0.1:1", "10.0.0.2:2"), ("[2001:db8::1]:1", "[2001:db8::2]:2")];

    fn datagram(pair: (&str, &str), length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let payload: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
        udp::build(&mut bytes, pair.0.parse().unwrap(), pair.1.parse().unwrap(), 64, &payload);
        allow(&mut bytes, 77);
        bytes
    }

    fn parts(packet: &[u8], mtu: usize) -> Vec<(Header, Vec<u8>)> {
        let parts = split(packet, mtu, 77).expect("it can be split");
        parts.into_iter().map(|part| (Header::parse(&part).unwrap(), part)).collect()
    }

    /// All of a packet, from its fragments in order.
    fn joined(parts: &[(Header, Vec<u8>)]) -> Vec<u8> {
        let payload: Vec<u8> =
            parts.iter().flat_map(|(header, part)| part[header.payload..header.end].to_vec()).collect();
        join(&parts[0].1, &payload).expect("not too long")
    }

    proptest! {
        #[test]
        fn fragments_fit_the_mtu_follow_each_other_and_join_to_what_was_split(
            family in 0usize..2, length in 1usize..4_000, mtu in 68usize..1_600
        ) {
            let packet = datagram(PAIRS[family], length);
            let parts = parts(&packet, mtu);
            let mut next = 0;
            for (index, (header, part)) in parts.iter().enumerate() {
                prop_assert!(part.len() <= mtu && part.len() == header.end);
                let fragment = header.fragment;
                if parts.len() > 1 {
                    let fragment = fragment.expect("a part");
                    prop_assert_eq!((fragment.identification, fragment.offset), (77, next));
                    prop_assert_eq!(fragment.more, index + 1 < parts.len());
                    prop_assert_eq!(header.later_fragment, index > 0);
                } else {
                    prop_assert_eq!(fragment, None);
                }
                next += header.end - header.payload;
            }
            prop_assert_eq!(joined(&parts), packet);
        }

        #[test]
        fn a_fragment_can_be_split_again(length in 600usize..3_000, first in 200usize..1_500, second in 68usize..300) {
            let packet = datagram(PAIRS[0], length);
            let again: Vec<(Header, Vec<u8>)> = split(&packet, first, 0)
                .unwrap()
                .iter()
                .flat_map(|part| split(part, second, 0).unwrap())
                .map(|part| (Header::parse(&part).unwrap(), part))
                .collect();
            prop_assert_eq!(joined(&again), packet);
            let last = again.len() - 1;
            for (index, (header, _)) in again.iter().enumerate() {
                prop_assert_eq!(header.fragment.is_some_and(|fragment| fragment.more), index < last);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..120), first in 0x44u8..0x70, mtu in 0usize..200) {
            if let Some(byte) = bytes.first_mut() {
                *byte = first;
            }
            let _ = split(&bytes, mtu, 1);
            let _ = join(&bytes, &[0; 9]);
            let _ = is_allowed(&bytes);
            allow(&mut bytes, 1);
        }
    }

    #[test]
    fn only_options_that_ask_for_it_are_in_later_fragments() {
        // A router alert (copied), a "no operation" and a record route (not copied).
        let options = [0x94, 4, 0, 0, 1, 7, 3, 4];
        let mut packet = datagram(PAIRS[0], 100);
        packet.splice(20..20, options);
        packet[0] = 0x47;
        let total = packet.len() as u16;
        packet[2..4].copy_from_slice(&total.to_be_bytes());
        write_checksum(&mut packet[..28]);
        let parts = parts(&packet, 76);
        assert_eq!(parts[0].1[20..28], options);
        assert_eq!(parts[1].0.payload, 24);
        assert_eq!(parts[1].1[20..24], options[..4]);
        assert_eq!(joined(&parts), packet);
    }

    #[test]
    fn a_packet_may_be_fragmented_once_that_is_allowed() {
        let mut bytes = Vec::new();
        udp::build(&mut bytes, PAIRS[0].0.parse().unwrap(), PAIRS[0].1.parse().unwrap(), 64, b"payload");
        assert!(!is_allowed(&bytes));
        allow(&mut bytes, 5);
        assert!(is_allowed(&bytes));
        assert!(Header::parse(&bytes).is_ok(), "the checksum follows");
        assert!(!is_allowed(&datagram(PAIRS[1], 10)), "IPv6 routers never fragment");
    }

    #[test]
    fn what_would_be_longer_than_a_packet_is_not_joined() {
        for pair in PAIRS {
            let parts = parts(&datagram(pair, 3_000), 1_400);
            assert_eq!(join(&parts[0].1, &vec![0; 70_000]), None);
        }
    }
}
