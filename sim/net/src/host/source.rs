//! Which of its addresses a packet leaves from, where nobody has said so (RFC 6724 §5). Not here: by which interface (`routing`).
//!
//! | rule | done |
//! |---|---|
//! | 1 the destination itself; 2 appropriate scope; 6 matching label; 8 longest prefix | yes |
//! | 3 deprecated, 4 home, 7 temporary addresses | there are none |
//! | 5 the outgoing interface | the addresses are those of that interface |
//!
//! §6, which orders destinations, is for whoever has several: `rtclab_rtc::dns` gives IPv6 addresses first.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv6Addr};

/// The address of these that suits a destination best; none if none is of its family. Addresses come with the length of their prefix.
pub(crate) fn select(own: &[(IpAddr, u8)], destination: IpAddr) -> Option<IpAddr> {
    let usable = own.iter().filter(|(address, _)| address.is_ipv4() == destination.is_ipv4());
    // The first of equals, which `max_by` would give as the last.
    let best = usable.rev().max_by(|a, b| compare(**a, **b, destination))?;
    Some(best.0)
}

/// How two source addresses compare: the greater is the better.
fn compare(a: (IpAddr, u8), b: (IpAddr, u8), to: IpAddr) -> Ordering {
    let is_same = |own: (IpAddr, u8)| own.0 == to;
    is_same(a)
        .cmp(&is_same(b))
        .then_with(|| by_scope(scope(a.0), scope(b.0), scope(to)))
        .then_with(|| (label(a.0) == label(to)).cmp(&(label(b.0) == label(to))))
        .then_with(|| common(a, to).cmp(&common(b, to)))
}

/// Rule 2: the smallest scope that is large enough; where none is, the largest.
fn by_scope(a: u8, b: u8, to: u8) -> Ordering {
    match a.cmp(&b) {
        Ordering::Equal => Ordering::Equal,
        // The smaller loses if it does not reach.
        Ordering::Less if a < to => Ordering::Less,
        Ordering::Less => Ordering::Greater,
        Ordering::Greater if b < to => Ordering::Greater,
        Ordering::Greater => Ordering::Less,
    }
}

/// RFC 6724 §3.1, §3.2: link-local, and global; loopback counts as link-local. IPv4 private addresses are global.
fn scope(address: IpAddr) -> u8 {
    const LINK: u8 = 0x2;
    const GLOBAL: u8 = 0xe;
    match address {
        IpAddr::V4(v4) if v4.is_loopback() || v4.is_link_local() => LINK,
        IpAddr::V4(_) => GLOBAL,
        IpAddr::V6(v6) if v6.is_multicast() => (v6.segments()[0] & 0xf) as u8,
        IpAddr::V6(v6) if v6.is_loopback() || v6.is_unicast_link_local() => LINK,
        IpAddr::V6(_) => GLOBAL,
    }
}

/// RFC 6724 §2.1: the policy table's labels.
fn label(address: IpAddr) -> u8 {
    let IpAddr::V6(v6) = address else { return 4 };
    let under = |prefix: [u16; 2], length: u32| {
        let bits = u128::from(v6) >> (128 - length);
        let prefix = Ipv6Addr::new(prefix[0], prefix[1], 0, 0, 0, 0, 0, 0);
        bits == u128::from(prefix) >> (128 - length)
    };
    if v6 == Ipv6Addr::LOCALHOST {
        0
    } else if under([0x2002, 0], 16) {
        2
    } else if under([0x2001, 0], 32) {
        5
    } else if under([0xfc00, 0], 7) {
        13
    } else if under([0xfec0, 0], 10) {
        11
    } else {
        1
    }
}

/// Rule 8: how many bits two addresses share, up to the length of the source's prefix (§2.2).
fn common((own, length): (IpAddr, u8), to: IpAddr) -> u32 {
    let shared = match (own, to) {
        (IpAddr::V4(own), IpAddr::V4(to)) => (u32::from(own) ^ u32::from(to)).leading_zeros(),
        (IpAddr::V6(own), IpAddr::V6(to)) => (u128::from(own) ^ u128::from(to)).leading_zeros(),
        _ => 0,
    };
    shared.min(length.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(own: &[&str], to: &str) -> String {
        let parse = |text: &&str| {
            let (address, length) = text.split_once('/').expect("an address with a length");
            (address.parse().expect("an address"), length.parse().expect("a length"))
        };
        let own: Vec<(IpAddr, u8)> = own.iter().map(parse).collect();
        select(&own, to.parse().expect("an address")).map_or("none".to_owned(), |own| own.to_string())
    }

    #[test]
    fn the_examples_of_rfc_6724_section_10_1() {
        // Destination, candidates, result; those about deprecated, home and temporary addresses left out.
        for (to, own, expected) in [
            ("2001:db8:1::1", &["2001:db8:3::1/64", "fe80::1/64"][..], "2001:db8:3::1"),
            ("ff05::1", &["2001:db8:3::1/64", "fe80::1/64"], "2001:db8:3::1"),
            ("fe80::2", &["fe80::1/64", "2001:db8:1::1/64"], "fe80::1"),
            ("2001:db8:1::1", &["2001:db8:1::2/64", "2001:db8:3::2/64"], "2001:db8:1::2"),
            (
                "2002:c633:6401::1",
                &["2002:c633:6401::d5e3:7953:13eb:22e8/64", "2001:db8:1::2/64"],
                "2002:c633:6401:0:d5e3:7953:13eb:22e8",
            ),
        ] {
            assert_eq!(
                selected(own, to),
                expected.parse::<IpAddr>().expect("an address").to_string(),
                "{to}"
            );
        }
    }

    #[test]
    fn a_unique_local_address_talks_to_its_like_and_a_global_one_to_the_world() {
        let own = ["fd00:1::5/64", "2001:db8:1::5/64"];
        assert_eq!(selected(&own, "fd00:2::7"), "fd00:1::5");
        assert_eq!(selected(&own, "2001:db8:9::7"), "2001:db8:1::5");
    }

    #[test]
    fn of_equals_the_first_is_taken_and_of_the_other_family_none() {
        assert_eq!(selected(&["192.0.2.1/24", "192.0.2.2/24"], "198.51.100.1"), "192.0.2.1");
        assert_eq!(selected(&["192.0.2.1/24", "192.0.2.2/24"], "192.0.2.2"), "192.0.2.2");
        assert_eq!(selected(&["192.0.2.1/24"], "2001:db8::1"), "none");
    }

    #[test]
    fn the_longer_prefix_wins_but_no_further_than_it_reaches() {
        assert_eq!(selected(&["10.0.0.1/8", "10.9.0.1/16"], "10.9.3.4"), "10.9.0.1");
        assert_eq!(
            selected(&["2001:db8:1::a/48", "2001:db8:1:5::a/64"], "2001:db8:1:5::9"),
            "2001:db8:1:5::a"
        );
    }
}
