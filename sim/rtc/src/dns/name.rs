//! Domain names, without regard to case. Not here: what they stand for.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use hickory_proto::rr::Name;

/// The longest name as people write it (RFC 1035 §2.3.4: 255 bytes with the lengths of its labels).
const LENGTH_MAX: usize = 253;

/// A domain name in lower case and without the dot at its end: `stun.example.test`. The root is empty.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(Arc<str>);

/// Why a text is not a domain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// RFC 1035 §2.3.4.
    #[error("a domain name has at most 253 characters")]
    TooLong,
    /// RFC 1035 §2.3.4.
    #[error("each part of a domain name has 1 to 63 characters")]
    LabelLength,
    /// RFC 952, RFC 1123 §2.1; underscores begin the names of services (RFC 8552).
    #[error("a domain name is made of letters, digits, hyphens and underscores, with dots between")]
    Character,
}

impl FromStr for DomainName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<DomainName, NameError> {
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.len() > LENGTH_MAX {
            return Err(NameError::TooLong);
        }
        for label in text.split('.') {
            if label.is_empty() || label.len() > 63 {
                return Err(NameError::LabelLength);
            }
            if !label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
                return Err(NameError::Character);
            }
        }
        Ok(DomainName(text.to_ascii_lowercase().into()))
    }
}

impl DomainName {
    /// As text, without the dot at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This name below another label: `_stun._udp` and `example.test`. Nothing if it would be too long.
    pub fn below(&self, prefix: &str) -> Option<DomainName> {
        format!("{prefix}.{}", self.0).parse().ok()
    }

    /// The name above: `example.test` for `stun.example.test`; nothing above the last one.
    pub fn parent(&self) -> Option<DomainName> {
        self.0.split_once('.').map(|(_, parent)| DomainName(parent.into()))
    }

    /// Whether it is answered by multicast on the link (RFC 6762 §3).
    pub fn is_local(&self) -> bool {
        self.0.ends_with(".local")
    }

    /// The name that stands for an address in reverse lookups (RFC 1035 §3.5, RFC 3596 §2.5).
    pub fn reverse(address: IpAddr) -> DomainName {
        let name = match address {
            IpAddr::V4(v4) => {
                let [a, b, c, d] = v4.octets();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa")
            }
            IpAddr::V6(v6) => {
                let nibbles = v6.octets().into_iter().rev().flat_map(|byte| [byte & 15, byte >> 4]);
                let digits: Vec<String> = nibbles.map(|nibble| format!("{nibble:x}")).collect();
                format!("{}.ip6.arpa", digits.join("."))
            }
        };
        DomainName(name.into())
    }

    /// A name as it came in a message. What people cannot write is escaped (RFC 1035 §5.1).
    pub(super) fn from_wire(name: &Name) -> DomainName {
        let text = name.to_lowercase().to_ascii();
        DomainName(text.trim_end_matches('.').into())
    }

    /// For a message. A name that was parsed or read fits one.
    pub(super) fn to_wire(&self) -> Name {
        Name::from_ascii(format!("{}.", self.0)).unwrap_or_else(|_| Name::root())
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainName({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_a_final_dot_make_no_difference() {
        let name: DomainName = "STUN.Example.Test.".parse().unwrap();
        assert_eq!(name, "stun.example.test".parse().unwrap());
        assert_eq!(name.below("_stun._udp").unwrap().as_str(), "_stun._udp.stun.example.test");
        assert_eq!(name.parent().unwrap().as_str(), "example.test");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let parse = |text: &str| text.parse::<DomainName>();
        assert_eq!(parse("a..b"), Err(NameError::LabelLength));
        assert_eq!(parse(&"a".repeat(64)), Err(NameError::LabelLength));
        assert_eq!(parse("a b"), Err(NameError::Character));
        assert_eq!(parse(&"ab.".repeat(90)), Err(NameError::TooLong));
    }

    #[test]
    fn addresses_have_names_in_reverse() {
        let reverse = |text: &str| DomainName::reverse(text.parse().unwrap()).to_string();
        assert_eq!(reverse("192.0.2.1"), "1.2.0.192.in-addr.arpa");
        let expected = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
        assert_eq!(reverse("2001:db8::1"), expected);
    }
}
