//! DNS64: IPv6 addresses for names that have none, which lead to a NAT64 (RFC 6147, RFC 6052). Not here: the NAT64.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::zone::Looked;
use super::{Code, DomainName, Question, Record, RecordData, RecordKind, Zone};

/// The prefix that everybody knows (RFC 6052 §2.1).
pub const WELL_KNOWN_PREFIX: Ipv6Addr = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0);

/// A name that has these addresses and no others, so that a host can find out the prefix (RFC 7050 §2.2, §8.2).
pub(super) const IPV4_ONLY: &str = "ipv4only.arpa";
pub(super) const IPV4_ONLY_ADDRESSES: [Ipv4Addr; 2] =
    [Ipv4Addr::new(192, 0, 0, 170), Ipv4Addr::new(192, 0, 0, 171)];

/// The prefix of a NAT64: a 96-bit one, in whose last 32 bits the IPv4 address stands (RFC 6052 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dns64 {
    prefix: Ipv6Addr,
}

impl Default for Dns64 {
    fn default() -> Dns64 {
        Dns64::new(WELL_KNOWN_PREFIX)
    }
}

impl Dns64 {
    /// With a prefix of 96 bits; the bits behind it do not count.
    pub fn new(prefix: Ipv6Addr) -> Dns64 {
        Dns64 { prefix: Ipv6Addr::from(u128::from(prefix) & !u128::from(u32::MAX)) }
    }

    /// The address that leads through the NAT64 to an IPv4 address.
    pub fn embed(&self, address: Ipv4Addr) -> Ipv6Addr {
        Ipv6Addr::from(u128::from(self.prefix) | u128::from(u32::from(address)))
    }

    /// The IPv4 address in an address of the prefix.
    pub fn extract(&self, address: Ipv6Addr) -> Option<Ipv4Addr> {
        let bits = u128::from(address);
        (bits & !u128::from(u32::MAX) == u128::from(self.prefix)).then(|| Ipv4Addr::from(bits as u32))
    }

    /// Looks up a question, and says whether the answer had to be made.
    pub(super) fn look_up(&self, zone: &Zone, question: &Question) -> (Looked, bool) {
        match question.kind {
            RecordKind::Aaaa => self.addresses(zone, question),
            RecordKind::Ptr => self.reverse(zone, question),
            _ => (zone.look_up(question), false),
        }
    }

    fn addresses(&self, zone: &Zone, question: &Question) -> (Looked, bool) {
        let mut looked = zone.look_up(question);
        // RFC 6147 §5.1.4: addresses that only stand for IPv4 count as none.
        let stands_for_ipv4 =
            |record: &Record| matches!(&record.data, RecordData::Aaaa(v6) if v6.to_ipv4_mapped().is_some());
        looked.answers.retain(|record| !stands_for_ipv4(record));
        let has_own = looked.answers.iter().any(|record| record.data.kind() == RecordKind::Aaaa);
        // RFC 6147 §5.1.2: a name that does not exist is not given addresses.
        if has_own || looked.code == Code::NoSuchName {
            return (looked, false);
        }
        let ipv4 = zone.look_up(&Question { kind: RecordKind::A, ..question.clone() });
        if !ipv4.answers.iter().any(|record| record.data.kind() == RecordKind::A) {
            return (looked, false);
        }
        // RFC 6147 §5.1.7: no longer than the lack of own addresses may be believed.
        let ttl_s = looked.authorities.iter().map(|record| record.ttl_s).min().unwrap_or(600);
        let answers = ipv4.answers.into_iter().map(|record| match record.data {
            RecordData::A(v4) => {
                let data = RecordData::Aaaa(self.embed(v4));
                Record { data, ttl_s: record.ttl_s.min(ttl_s), ..record }
            }
            _ => record,
        });
        (Looked { answers: answers.collect(), ..Looked::default() }, true)
    }

    /// RFC 6147 §5.3.1: the reverse name of an address that was made is an alias of that of its IPv4 address.
    fn reverse(&self, zone: &Zone, question: &Question) -> (Looked, bool) {
        let Some(v4) = self.address_of_reverse(&question.name) else {
            return (zone.look_up(question), false);
        };
        let target = DomainName::reverse(IpAddr::V4(v4));
        let mut looked = zone.look_up(&Question { name: target.clone(), ..question.clone() });
        let alias = Record::new(question.name.clone(), 600, RecordData::Cname(target));
        looked.answers.insert(0, alias);
        (looked, true)
    }

    fn address_of_reverse(&self, name: &DomainName) -> Option<Ipv4Addr> {
        let digits = name.as_str().strip_suffix(".ip6.arpa")?;
        let nibbles: Vec<u8> = digits
            .split('.')
            .map(|digit| u8::from_str_radix(digit, 16).ok().filter(|nibble| digit.len() == 1 && *nibble < 16))
            .collect::<Option<_>>()?;
        if nibbles.len() != 32 {
            return None;
        }
        let bits = nibbles.iter().rev().fold(0_u128, |bits, nibble| bits << 4 | u128::from(*nibble));
        self.extract(Ipv6Addr::from(bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DomainName {
        text.parse().unwrap()
    }

    fn zone() -> Zone {
        let mut zone = Zone::new(60);
        let (v4, v6): (IpAddr, IpAddr) = ("192.0.2.33".parse().unwrap(), "2001:db8::1".parse().unwrap());
        zone.add(Record::new(name("old.test"), 300, v4));
        zone.add(Record::new(name("both.test"), 300, v4));
        zone.add(Record::new(name("both.test"), 300, v6));
        zone.add(Record::new(name("alias.test"), 300, RecordData::Cname(name("old.test"))));
        zone.add(Record::new(DomainName::reverse(v4), 300, RecordData::Ptr(name("old.test"))));
        zone
    }

    fn aaaa(text: &str) -> (Vec<String>, bool) {
        let question = Question::new(name(text), RecordKind::Aaaa);
        let (looked, made) = Dns64::default().look_up(&zone(), &question);
        (looked.answers.iter().map(|record| record.data.to_string()).collect(), made)
    }

    #[test]
    fn a_name_without_ipv6_is_given_the_address_that_rfc_6052_embeds() {
        assert_eq!(aaaa("old.test"), (vec!["64:ff9b::c000:221".to_string()], true));
        assert_eq!(aaaa("alias.test"), (vec!["old.test".to_string(), "64:ff9b::c000:221".to_string()], true));
    }

    #[test]
    fn a_name_with_ipv6_keeps_it_and_one_that_does_not_exist_gets_none() {
        assert_eq!(aaaa("both.test"), (vec!["2001:db8::1".to_string()], false));
        assert_eq!(aaaa("nobody.test"), (vec![], false));
    }

    #[test]
    fn the_reverse_name_leads_to_that_of_ipv4() {
        let made = Dns64::default().embed("192.0.2.33".parse().unwrap());
        let question = Question::new(DomainName::reverse(made.into()), RecordKind::Ptr);
        let (looked, _) = Dns64::default().look_up(&zone(), &question);
        let said: Vec<String> = looked.answers.iter().map(|record| record.data.to_string()).collect();
        assert_eq!(said, ["33.2.0.192.in-addr.arpa", "old.test"]);
    }
}
