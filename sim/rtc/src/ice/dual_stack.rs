//! Local preferences of a host with several addresses (RFC 8421): IPv6 first, but never a long run of one family, which may be broken.
//! Not here: the rest of a priority ([`super::priority`]).

use std::net::IpAddr;

/// A local preference for each of these addresses, which stand in the order in which the host prefers them within each family.
///
/// RFC 8421 §4.2 spreads the IPv4 addresses evenly among the IPv6 ones, beginning with IPv6; of a family alone, the order stays.
pub fn dual_stack_preferences(addresses: &[IpAddr]) -> Vec<u16> {
    let (mut six, mut four): (Vec<usize>, Vec<usize>) =
        (0..addresses.len()).partition(|index| addresses.get(*index).is_some_and(IpAddr::is_ipv6));
    // Link-local and unique local addresses reach fewer peers (RFC 6724 §2.1), so they come after the others.
    six.sort_by_key(|index| addresses.get(*index).map_or(0, scope));
    // One IPv4 address for every so many in all.
    let every =
        if four.is_empty() { usize::MAX } else { (four.len() + six.len()).div_ceil(four.len()).max(2) };
    let mut order = Vec::with_capacity(addresses.len());
    let (mut six, mut four) = (six.drain(..), four.drain(..));
    for place in 1..=addresses.len() {
        let next = if place % every == 0 {
            four.next().or_else(|| six.next())
        } else {
            six.next().or_else(|| four.next())
        };
        order.extend(next);
    }
    let mut preferences = vec![0; addresses.len()];
    for (preference, index) in (0..=u16::MAX).rev().zip(order) {
        if let Some(slot) = preferences.get_mut(index) {
            *slot = preference;
        }
    }
    preferences
}

/// 0 for an address that reaches far, more for one that does not.
fn scope(address: &IpAddr) -> u8 {
    match address {
        IpAddr::V6(ip) if ip.is_unicast_link_local() => 2,
        IpAddr::V6(ip) if ip.is_unique_local() => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(addresses: &[&str]) -> Vec<String> {
        let parsed: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
        let preferences = dual_stack_preferences(&parsed);
        let mut order: Vec<usize> = (0..addresses.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(preferences[*index]));
        order.into_iter().map(|index| addresses[index].to_owned()).collect()
    }

    #[test]
    fn one_of_each_begins_with_ipv6() {
        assert_eq!(order(&["10.0.0.1", "2001:db8::1"]), ["2001:db8::1", "10.0.0.1"]);
    }

    #[test]
    fn families_take_turns_where_there_are_as_many_of_both() {
        let mixed = order(&["10.0.0.1", "10.0.0.2", "2001:db8::1", "2001:db8::2"]);
        assert_eq!(mixed, ["2001:db8::1", "10.0.0.1", "2001:db8::2", "10.0.0.2"]);
    }

    #[test]
    fn a_few_ipv4_addresses_are_spread_among_many_ipv6_ones() {
        let mixed = order(&["10.0.0.1", "2001:db8::1", "2001:db8::2", "2001:db8::3"]);
        assert_eq!(mixed, ["2001:db8::1", "2001:db8::2", "2001:db8::3", "10.0.0.1"]);
        let mixed =
            order(&["10.0.0.1", "10.0.0.2", "2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4"]);
        let families: Vec<bool> = mixed.iter().map(|address| address.contains(':')).collect();
        assert_eq!(families, [true, true, false, true, true, false]);
    }

    #[test]
    fn one_family_keeps_its_order_and_its_numbers() {
        let addresses: Vec<IpAddr> = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse().unwrap()).to_vec();
        assert_eq!(dual_stack_preferences(&addresses), [65535, 65534]);
    }

    #[test]
    fn addresses_that_reach_less_far_come_later() {
        assert_eq!(order(&["fe80::1", "fd00::1", "2001:db8::1"]), ["2001:db8::1", "fd00::1", "fe80::1"]);
    }
}
