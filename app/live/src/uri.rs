//! The URIs of STUN and TURN servers (RFC 7064, RFC 7065), and what they mean as addresses.

use std::fmt;
use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// The port of STUN and TURN over UDP and TCP (RFC 8489 §8.1, RFC 8656 §4).
const PORT: u16 = 3478;
/// The port of STUN and TURN over TLS and DTLS.
const SECURE_PORT: u16 = 5349;

/// What a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `stun`.
    Stun,
    /// `stuns`: STUN over TLS or DTLS.
    Stuns,
    /// `turn`.
    Turn,
    /// `turns`: TURN over TLS or DTLS.
    Turns,
}

impl Scheme {
    /// As it stands in a URI.
    pub const fn word(self) -> &'static str {
        match self {
            Scheme::Stun => "stun",
            Scheme::Stuns => "stuns",
            Scheme::Turn => "turn",
            Scheme::Turns => "turns",
        }
    }

    /// Whether the server relays.
    pub const fn is_turn(self) -> bool {
        matches!(self, Scheme::Turn | Scheme::Turns)
    }

    /// Whether the way to the server is encrypted.
    pub const fn is_secure(self) -> bool {
        matches!(self, Scheme::Stuns | Scheme::Turns)
    }
}

/// What carries the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriTransport {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
}

/// A server, as people write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUri {
    /// What it is.
    pub scheme: Scheme,
    /// A name or an address (IPv6 without brackets).
    pub host: String,
    /// Its port, given or usual.
    pub port: u16,
    /// `?transport=`, if given (TURN only).
    pub transport: Option<UriTransport>,
}

/// Why a text is no URI of a server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// The scheme is missing or another one.
    #[error("{0:?} does not begin with stun:, stuns:, turn: or turns: (RFC 7064, RFC 7065)")]
    Scheme(String),
    /// There is no host, or something that cannot be one.
    #[error("{0:?} names no host: expected {1}:HOST or {1}:HOST:PORT, an IPv6 address in brackets")]
    Host(String, &'static str),
    /// The port is none.
    #[error("{0:?} is no port: expected a number from 1 to 65535")]
    Port(String),
    /// What stands behind the question mark is none of what RFC 7065 has.
    #[error(
        "{0:?} is not understood: expected transport=udp or transport=tcp, of a TURN server (RFC 7065 §3.1)"
    )]
    Query(String),
}

impl FromStr for ServerUri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<ServerUri, UriError> {
        let schemes = [Scheme::Stun, Scheme::Stuns, Scheme::Turn, Scheme::Turns];
        let (word, rest) = text.split_once(':').ok_or_else(|| UriError::Scheme(text.to_owned()))?;
        let scheme = schemes
            .into_iter()
            .find(|scheme| word.eq_ignore_ascii_case(scheme.word()))
            .ok_or_else(|| UriError::Scheme(text.to_owned()))?;
        let (place, query) = match rest.split_once('?') {
            Some((place, query)) => (place, Some(query)),
            None => (rest, None),
        };
        let transport = match query {
            None => None,
            Some("transport=udp") if scheme.is_turn() => Some(UriTransport::Udp),
            Some("transport=tcp") if scheme.is_turn() => Some(UriTransport::Tcp),
            Some(other) => return Err(UriError::Query(other.to_owned())),
        };
        let no_host = || UriError::Host(text.to_owned(), scheme.word());
        let (host, port) = match place.strip_prefix('[') {
            Some(bracketed) => {
                let (host, after) = bracketed.split_once(']').ok_or_else(no_host)?;
                host.parse::<Ipv6Addr>().map_err(|_| no_host())?;
                match after.strip_prefix(':') {
                    Some(port) => (host, Some(port)),
                    None if after.is_empty() => (host, None),
                    None => return Err(no_host()),
                }
            }
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        let letter = |c: char| c.is_ascii_alphanumeric() || "-._~:".contains(c);
        if host.is_empty() || host.len() > 253 || !host.chars().all(letter) {
            return Err(no_host());
        }
        let usual = if scheme.is_secure() { SECURE_PORT } else { PORT };
        let port = match port {
            None => usual,
            Some(port) => {
                port.parse().ok().filter(|port| *port > 0).ok_or_else(|| UriError::Port(port.to_owned()))?
            }
        };
        Ok(ServerUri { scheme, host: host.to_owned(), port, transport })
    }
}

/// With its port, whether it was given or not.
impl fmt::Display for ServerUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.scheme.word();
        if self.host.contains(':') {
            write!(f, "{word}:[{}]:{}", self.host, self.port)?;
        } else {
            write!(f, "{word}:{}:{}", self.host, self.port)?;
        }
        match self.transport {
            None => Ok(()),
            Some(UriTransport::Udp) => f.write_str("?transport=udp"),
            Some(UriTransport::Tcp) => f.write_str("?transport=tcp"),
        }
    }
}

impl ServerUri {
    /// The server's addresses, as this machine's resolver knows them (RFC 8489 §8, without SRV records: the port is given or usual).
    ///
    /// # Errors
    /// The name is not known, or the resolver cannot be asked.
    pub async fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        let mut addresses: Vec<SocketAddr> =
            tokio::net::lookup_host((self.host.as_str(), self.port)).await?.collect();
        addresses.dedup();
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, UriError> {
        text.parse::<ServerUri>().map(|uri| uri.to_string())
    }

    #[test]
    fn the_usual_port_is_filled_in() {
        assert_eq!(read("stun:example.org").unwrap(), "stun:example.org:3478");
        assert_eq!(read("TURNS:example.org?transport=tcp").unwrap(), "turns:example.org:5349?transport=tcp");
        assert_eq!(read("turn:192.0.2.1:80?transport=udp").unwrap(), "turn:192.0.2.1:80?transport=udp");
        assert_eq!(read("stun:[2001:db8::1]").unwrap(), "stun:[2001:db8::1]:3478");
        assert_eq!(read("stun:[::1]:3479").unwrap(), "stun:[::1]:3479");
    }

    #[test]
    fn what_is_no_server_is_refused_with_what_was_expected() {
        assert!(matches!(read("example.org"), Err(UriError::Scheme(_))));
        assert!(matches!(read("http:example.org"), Err(UriError::Scheme(_))));
        assert!(matches!(read("stun:"), Err(UriError::Host(..))));
        assert!(matches!(read("stun://example.org"), Err(UriError::Host(..))));
        assert!(matches!(read("stun:[::1"), Err(UriError::Host(..))));
        assert!(matches!(read("stun:[example]"), Err(UriError::Host(..))));
        assert!(matches!(read("stun:host:0"), Err(UriError::Port(_))));
        assert!(matches!(read("stun:host:70000"), Err(UriError::Port(_))));
        assert!(matches!(read("stun:host?transport=udp"), Err(UriError::Query(_))));
        assert!(matches!(read("turn:host?transport=sctp"), Err(UriError::Query(_))));
    }
}
