//! `stun:`, `stuns:`, `turn:` and `turns:` URIs (RFC 7064, RFC 7065). Not here: how their host becomes addresses (`server_discovery`).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::Transport;

/// Longest name of a host (RFC 1035 §2.3.4).
const NAME_MAX: usize = 253;

/// The host of a URI.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UriHost {
    /// A name, to be looked up.
    Name(String),
    /// An address.
    Address(IpAddr),
}

/// The scheme of a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// `stun:`
    Stun,
    /// `stuns:`, over TLS or DTLS.
    Stuns,
    /// `turn:`
    Turn,
    /// `turns:`, over TLS or DTLS.
    Turns,
}

impl Scheme {
    /// The word before the colon.
    pub const fn word(self) -> &'static str {
        match self {
            Scheme::Stun => "stun",
            Scheme::Stuns => "stuns",
            Scheme::Turn => "turn",
            Scheme::Turns => "turns",
        }
    }

    /// Whether it asks for a relay.
    pub const fn is_turn(self) -> bool {
        matches!(self, Scheme::Turn | Scheme::Turns)
    }

    /// Whether it asks for TLS or DTLS.
    pub const fn is_secure(self) -> bool {
        matches!(self, Scheme::Stuns | Scheme::Turns)
    }

    /// The port where a URI names none (RFC 8489 §18.6).
    pub const fn default_port(self) -> u16 {
        if self.is_secure() { 5349 } else { 3478 }
    }
}

/// A server, as configurations name it: `turn:relay.example.org:3478?transport=tcp`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerUri {
    /// What is wanted of it.
    pub scheme: Scheme,
    /// Where it is.
    pub host: UriHost,
    /// At which port, if the URI says so.
    pub port: Option<u16>,
    /// Over what, if the URI says so: TLS for `turns:…?transport=tcp`, DTLS for `turns:…?transport=udp`.
    pub transport: Option<Transport>,
}

/// Why text is not such a URI. Offsets count bytes from its beginning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// None of the four schemes.
    #[error("expected `stun:`, `stuns:`, `turn:` or `turns:` at the beginning")]
    Scheme,
    /// `stun://…`: these URIs have no authority part.
    #[error("byte {at}: there are no slashes behind the scheme of this URI")]
    Slashes {
        /// Where they stand.
        at: usize,
    },
    /// `turn:user@host`: credentials are given apart.
    #[error("byte {at}: a user does not belong into this URI (RFC 7065 §3.1); give the username apart")]
    User {
        /// Where the `@` stands.
        at: usize,
    },
    /// No host, or none that can be one.
    #[error("byte {at}: expected the name or the address of a host, IPv6 in brackets")]
    Host {
        /// Where it begins.
        at: usize,
    },
    /// Not a port.
    #[error("byte {at}: expected a port from 1 to 65535")]
    Port {
        /// Where it begins.
        at: usize,
    },
    /// Not a query that means anything.
    #[error("byte {at}: expected `?transport=udp` or `?transport=tcp`, and only for `turn:` and `turns:`")]
    Query {
        /// Where it begins.
        at: usize,
    },
}

impl FromStr for ServerUri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<ServerUri, UriError> {
        let (word, rest) = text.split_once(':').ok_or(UriError::Scheme)?;
        let schemes = [Scheme::Stun, Scheme::Stuns, Scheme::Turn, Scheme::Turns];
        let scheme = schemes.into_iter().find(|scheme| word.eq_ignore_ascii_case(scheme.word()));
        let scheme = scheme.ok_or(UriError::Scheme)?;
        let begin = word.len() + 1;
        if rest.starts_with("//") {
            return Err(UriError::Slashes { at: begin });
        }
        if let Some(at) = rest.find('@') {
            return Err(UriError::User { at: begin + at });
        }
        let (place, query) = match rest.split_once('?') {
            Some((place, query)) => (place, Some((query, begin + place.len()))),
            None => (rest, None),
        };
        let (host, port) = split_port(place, begin)?;
        let host = parse_host(host).ok_or(UriError::Host { at: begin })?;
        let port = match port {
            // RFC 3986 §3.2.3: an empty port is the default one.
            None | Some(("", _)) => None,
            Some((digits, at)) => Some(parse_port(digits).ok_or(UriError::Port { at })?),
        };
        let transport = query.map(|(query, at)| parse_transport(scheme, query, at)).transpose()?;
        Ok(ServerUri { scheme, host, port, transport })
    }
}

/// The port's text, and where it stands.
type PortText<'a> = Option<(&'a str, usize)>;

fn split_port(place: &str, begin: usize) -> Result<(&str, PortText<'_>), UriError> {
    let end = match place.strip_prefix('[') {
        Some(inner) => inner.find(']').ok_or(UriError::Host { at: begin })? + 2,
        None => place.find(':').unwrap_or(place.len()),
    };
    let (host, rest) = place.split_at(end);
    match rest.strip_prefix(':') {
        Some(port) => Ok((host, Some((port, begin + end + 1)))),
        None if rest.is_empty() => Ok((host, None)),
        None => Err(UriError::Host { at: begin }),
    }
}

fn parse_port(digits: &str) -> Option<u16> {
    let plain = digits.len() <= 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| plain && *port != 0)
}

fn parse_host(text: &str) -> Option<UriHost> {
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().ok().map(|ip| UriHost::Address(ip.into()));
    }
    if let Ok(ip) = text.parse::<Ipv4Addr>() {
        return Some(UriHost::Address(ip.into()));
    }
    let labels = text.strip_suffix('.').unwrap_or(text).split('.');
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    // What is all digits and dots, but no address, is a mistake, and no name.
    let number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (text.len() <= NAME_MAX && !number && labels.clone().all(label_fits))
        .then(|| UriHost::Name(text.to_ascii_lowercase()))
}

fn parse_transport(scheme: Scheme, query: &str, at: usize) -> Result<Transport, UriError> {
    let refused = UriError::Query { at };
    let word = query.strip_prefix("transport=").filter(|_| scheme.is_turn()).ok_or(refused.clone())?;
    match (word.to_ascii_lowercase().as_str(), scheme.is_secure()) {
        ("udp", false) => Ok(Transport::Udp),
        ("tcp", false) => Ok(Transport::Tcp),
        ("udp", true) => Ok(Transport::Dtls),
        ("tcp", true) => Ok(Transport::Tls),
        _ => Err(refused),
    }
}

impl fmt::Display for UriHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UriHost::Name(name) => f.write_str(name),
            UriHost::Address(IpAddr::V4(ip)) => write!(f, "{ip}"),
            UriHost::Address(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

/// The URI again.
impl fmt::Display for ServerUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme.word(), self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        match self.transport {
            None => Ok(()),
            Some(Transport::Udp | Transport::Dtls) => f.write_str("?transport=udp"),
            Some(Transport::Tcp | Transport::Tls) => f.write_str("?transport=tcp"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<ServerUri, UriError> {
        text.parse()
    }

    #[test]
    fn the_examples_of_the_rfcs_are_read_and_written_again() {
        for text in [
            "stun:example.org",
            "stuns:example.org",
            "stun:example.org:8000",
            "turn:example.org",
            "turns:example.org",
            "turn:example.org:8000",
            "turn:example.org?transport=udp",
            "turn:example.org?transport=tcp",
            "turns:example.org?transport=tcp",
            "turn:192.0.2.7:3478",
            "turn:[2001:db8::7]:3478?transport=udp",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_a_uri_leaves_out_has_a_default() {
        let uri = parse("TURNS:Relay.Example.ORG:?transport=UDP").unwrap();
        assert_eq!(uri.host, UriHost::Name("relay.example.org".to_owned()));
        assert_eq!((uri.port, uri.transport), (None, Some(Transport::Dtls)));
        assert_eq!(uri.scheme.default_port(), 5349);
        assert_eq!(parse("stun:example.org").unwrap().scheme.default_port(), 3478);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, error) in [
            ("example.org", UriError::Scheme),
            ("http:example.org", UriError::Scheme),
            ("stun://example.org", UriError::Slashes { at: 5 }),
            ("turn:alice@example.org", UriError::User { at: 10 }),
            ("turn:", UriError::Host { at: 5 }),
            ("turn:exa mple.org", UriError::Host { at: 5 }),
            ("turn:2001:db8::7", UriError::Host { at: 5 }),
            ("turn:[2001:db8::7", UriError::Host { at: 5 }),
            ("turn:[2001:db8::7]3478", UriError::Host { at: 5 }),
            ("turn:300.1.2.3", UriError::Host { at: 5 }),
            ("stun:example.org:0", UriError::Port { at: 17 }),
            ("stun:example.org:65536", UriError::Port { at: 17 }),
            ("stun:example.org:+1", UriError::Port { at: 17 }),
            ("stun:example.org?transport=tcp", UriError::Query { at: 16 }),
            ("turn:example.org?transport=sctp", UriError::Query { at: 16 }),
            ("turn:example.org?foo", UriError::Query { at: 16 }),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_written_so_that_it_is_read_alike(text in "(stun|turns?):[a-z0-9.:\\[\\]@?=]{0,30}") {
            if let Ok(uri) = parse(&text) {
                prop_assert_eq!(parse(&uri.to_string()), Ok(uri));
            }
        }
    }
}
