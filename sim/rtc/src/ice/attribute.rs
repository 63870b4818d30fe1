//! The `candidate` attribute of RFC 8839 §5.1, as it stands in SDP and in trickled signaling. Not here: the rest of SDP.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use super::{Candidate, CandidateKind, CandidateTransport};

/// A candidate as it is signaled: the candidate and, where the line says so, the generation it belongs to.
///
/// `FromStr` takes the line with or without `a=` and `candidate:` in front. `Display` writes it from `candidate:` on.
/// Extensions that are not understood are skipped, as RFC 8839 §5.1 asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateLine {
    /// The candidate. Its base is its address: a peer's base is not signaled. Where the line has a name, the address is unspecified but
    /// for its port.
    pub candidate: Candidate,
    /// A host name in place of the address, most often an mDNS name, which someone has to look up (RFC 8839 §5.1).
    pub name: Option<Arc<str>>,
    /// What its network costs, from the `network-cost` extension of browsers.
    pub cost: Option<u16>,
    /// The username fragment of the ICE session it belongs to, from the `ufrag` extension.
    pub ufrag: Option<Arc<str>>,
}

/// Why a line is not a candidate that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CandidateLineError {
    /// The line ends where a field was expected.
    #[error("the line ends where {0} was expected")]
    Missing(&'static str),
    /// A field is not what the grammar allows.
    #[error("{field} was expected, not {found:?}")]
    Wrong {
        /// What was expected.
        field: &'static str,
        /// What stands there.
        found: String,
    },
    /// A transport other than UDP and TCP. The line is right, but this agent cannot use it.
    #[error("the transport {0:?} is not used by this agent, only UDP and TCP are")]
    Transport(String),
}

impl From<Candidate> for CandidateLine {
    fn from(candidate: Candidate) -> CandidateLine {
        CandidateLine { candidate, name: None, cost: None, ufrag: None }
    }
}

impl fmt::Display for CandidateLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Candidate { kind, transport, address, related, foundation, priority, component, .. } =
            &self.candidate;
        let protocol = if transport.is_tcp() { "tcp" } else { "udp" };
        write!(f, "candidate:{foundation} {component} {protocol} {priority} ")?;
        match &self.name {
            Some(name) => write!(f, "{name} {}", address.port())?,
            None => write!(f, "{} {}", address.ip(), address.port())?,
        }
        write!(f, " typ {}", kind.word())?;
        if let Some(related) = related {
            write!(f, " raddr {} rport {}", related.ip(), related.port())?;
        }
        if let Some(part) = transport.tcp_type() {
            write!(f, " tcptype {part}")?;
        }
        if let Some(cost) = self.cost {
            write!(f, " network-cost {cost}")?;
        }
        if let Some(ufrag) = &self.ufrag {
            write!(f, " ufrag {ufrag}")?;
        }
        Ok(())
    }
}

impl FromStr for CandidateLine {
    type Err = CandidateLineError;

    fn from_str(line: &str) -> Result<CandidateLine, CandidateLineError> {
        let line = line.trim();
        let line = line.strip_prefix("a=").unwrap_or(line);
        let line = line.strip_prefix("candidate:").unwrap_or(line);
        let mut words = line.split_ascii_whitespace();

        let foundation = foundation(next(&mut words, "a foundation")?)?;
        let component = number(&mut words, "a component from 1 to 256", 1, 256)?;
        let transport = next(&mut words, "a transport")?;
        let priority = number(&mut words, "a priority from 1 to 4294967295", 1, u64::from(u32::MAX))?;
        let address = next(&mut words, "an address")?;
        let port = number(&mut words, "a port", 0, 65535)?;
        keyword(&mut words, "typ")?;
        let kind = kind(next(&mut words, "a candidate type")?)?;
        let extensions = Extensions::read(words)?;

        // The whole line is read before it is refused, so that a broken one is not taken for a foreign one.
        let transport = self::transport(transport, extensions.tcp_type)?;
        let (ip, name) = host(address)?;
        let address = SocketAddr::new(ip, port as u16);
        let candidate = Candidate {
            kind,
            transport,
            address,
            base: address,
            related: extensions.related(),
            relay_protocol: None,
            foundation: foundation.into(),
            priority: priority as u32,
            component: component as u16,
        };
        Ok(CandidateLine { candidate, name, cost: extensions.cost, ufrag: extensions.ufrag })
    }
}

type Words<'a> = std::str::SplitAsciiWhitespace<'a>;

fn next<'a>(words: &mut Words<'a>, field: &'static str) -> Result<&'a str, CandidateLineError> {
    words.next().ok_or(CandidateLineError::Missing(field))
}

fn keyword(words: &mut Words<'_>, expected: &'static str) -> Result<(), CandidateLineError> {
    let found = next(words, expected)?;
    if found.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(CandidateLineError::Wrong { field: expected, found: found.to_owned() })
}

fn number(
    words: &mut Words<'_>,
    field: &'static str,
    low: u64,
    high: u64,
) -> Result<u64, CandidateLineError> {
    let found = next(words, field)?;
    let wrong = || CandidateLineError::Wrong { field, found: found.to_owned() };
    // `u64::from_str` takes a leading plus; the grammar does not.
    if !found.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let number: u64 = found.parse().map_err(|_| wrong())?;
    if (low..=high).contains(&number) { Ok(number) } else { Err(wrong()) }
}

/// 1 to 32 ice-chars.
fn foundation(found: &str) -> Result<&str, CandidateLineError> {
    let ice_char = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    if (1..=32).contains(&found.len()) && found.bytes().all(ice_char) {
        return Ok(found);
    }
    Err(CandidateLineError::Wrong { field: "a foundation of 1 to 32 ice-chars", found: found.to_owned() })
}

fn kind(found: &str) -> Result<CandidateKind, CandidateLineError> {
    let kinds = [
        CandidateKind::Host,
        CandidateKind::ServerReflexive,
        CandidateKind::PeerReflexive,
        CandidateKind::Relayed,
    ];
    let kind = kinds.into_iter().find(|kind| found.eq_ignore_ascii_case(kind.word()));
    kind.ok_or_else(|| CandidateLineError::Wrong {
        field: "a candidate type (host, srflx, prflx or relay)",
        found: found.to_owned(),
    })
}

/// UDP, or TCP with its `tcptype` (RFC 6544 §4.5).
fn transport(found: &str, tcp_type: Option<&str>) -> Result<CandidateTransport, CandidateLineError> {
    if found.eq_ignore_ascii_case("udp") {
        return Ok(CandidateTransport::Udp);
    }
    if !found.eq_ignore_ascii_case("tcp") {
        return Err(CandidateLineError::Transport(found.to_owned()));
    }
    let tcp_type = tcp_type.ok_or(CandidateLineError::Missing("tcptype of a TCP candidate"))?;
    let parts = [
        CandidateTransport::TcpActive,
        CandidateTransport::TcpPassive,
        CandidateTransport::TcpSimultaneousOpen,
    ];
    let is = |part: &CandidateTransport| part.tcp_type().is_some_and(|w| tcp_type.eq_ignore_ascii_case(w));
    parts.into_iter().find(is).ok_or_else(|| CandidateLineError::Wrong {
        field: "a tcptype (active, passive or so)",
        found: tcp_type.to_owned(),
    })
}

/// An address, or a name and the unspecified address.
fn host(found: &str) -> Result<(IpAddr, Option<Arc<str>>), CandidateLineError> {
    if let Ok(ip) = found.parse() {
        return Ok((ip, None));
    }
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if found.len() <= NAME_MAX && found.bytes().all(letter) {
        return Ok((Ipv4Addr::UNSPECIFIED.into(), Some(found.into())));
    }
    Err(CandidateLineError::Wrong { field: "an address or a host name", found: found.to_owned() })
}

/// Longest host name (RFC 1035 §2.3.4).
const NAME_MAX: usize = 253;

/// What stands behind the type, in pairs of name and value.
#[derive(Default)]
struct Extensions<'a> {
    related_ip: Option<IpAddr>,
    related_port: Option<u16>,
    tcp_type: Option<&'a str>,
    cost: Option<u16>,
    ufrag: Option<Arc<str>>,
}

impl<'a> Extensions<'a> {
    fn read(mut words: Words<'a>) -> Result<Extensions<'a>, CandidateLineError> {
        let mut read = Extensions::default();
        while let Some(name) = words.next() {
            match name.to_ascii_lowercase().as_str() {
                "raddr" => read.related_ip = next(&mut words, "a related address")?.parse::<IpAddr>().ok(),
                "rport" => read.related_port = Some(number(&mut words, "a related port", 0, 65535)? as u16),
                "tcptype" => read.tcp_type = Some(next(&mut words, "a tcptype")?),
                "network-cost" => {
                    read.cost = Some(number(&mut words, "a network cost from 0 to 999", 0, 999)? as u16);
                }
                "ufrag" => read.ufrag = Some(next(&mut words, "a username fragment")?.into()),
                _ => _ = next(&mut words, "the value of an extension")?,
            }
        }
        Ok(read)
    }

    /// A related address that is hidden (a name, `0.0.0.0`, port 9 or 0) is no address.
    fn related(&self) -> Option<SocketAddr> {
        let (ip, port) = self.related_ip.zip(self.related_port)?;
        let hidden = ip.is_unspecified() || port == 0 || port == 9;
        (!hidden).then_some(SocketAddr::new(ip, port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<CandidateLine, CandidateLineError> {
        line.parse()
    }

    #[test]
    fn a_line_comes_back_as_it_was_written() {
        for line in [
            "candidate:1 1 udp 2130706431 10.0.0.1 8998 typ host",
            "candidate:2 1 udp 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.0.1 rport 8998",
            "candidate:3 1 udp 16777215 2001:db8::7 3478 typ relay raddr 192.0.2.3 rport 45664 ufrag 8hhY",
        ] {
            assert_eq!(parse(line).expect("a candidate").to_string(), line);
        }
    }

    #[test]
    fn what_a_browser_writes_is_read() {
        let line = "a=candidate:842163049 1 udp 1677729535 203.0.113.4 46154 typ srflx raddr 0.0.0.0 rport 0 \
                    generation 0 ufrag EsAw network-cost 999";
        let CandidateLine { candidate, ufrag, cost, .. } = parse(line).expect("a candidate");
        assert_eq!(candidate.kind, CandidateKind::ServerReflexive);
        assert_eq!(candidate.address, "203.0.113.4:46154".parse().unwrap());
        assert_eq!(candidate.related, None, "0.0.0.0 hides the address");
        assert_eq!((ufrag.as_deref(), cost), (Some("EsAw"), Some(999)));
    }

    #[test]
    fn connections_and_names_come_back_as_they_were_written() {
        for line in [
            "candidate:1 1 tcp 1518280447 10.0.0.1 9 typ host tcptype active",
            "candidate:1 2 tcp 1518280446 10.0.0.1 5000 typ host tcptype passive ufrag 8hhY",
            "candidate:1 1 tcp 1518280447 10.0.0.1 5000 typ host tcptype so network-cost 10",
            "candidate:1 1 udp 2130706431 f2f1-a.local 50000 typ host",
        ] {
            assert_eq!(parse(line).expect("a candidate").to_string(), line);
        }
    }

    #[test]
    fn a_transport_that_cannot_be_used_is_told_from_a_broken_line() {
        let sctp = parse("candidate:1 1 sctp 1518280447 10.0.0.1 9 typ host");
        assert_eq!(sctp, Err(CandidateLineError::Transport("sctp".into())));
        let untyped = parse("candidate:1 1 tcp 1518280447 10.0.0.1 9 typ host");
        assert_eq!(untyped, Err(CandidateLineError::Missing("tcptype of a TCP candidate")));
        assert_eq!(
            parse("candidate:1 1 udp"),
            Err(CandidateLineError::Missing("a priority from 1 to 4294967295"))
        );
    }

    #[test]
    fn fields_out_of_range_are_refused() {
        for line in [
            "candidate:1 0 udp 1 10.0.0.1 1 typ host",
            "candidate:1 257 udp 1 10.0.0.1 1 typ host",
            "candidate:1 1 udp 0 10.0.0.1 1 typ host",
            "candidate:1 1 udp 4294967296 10.0.0.1 1 typ host",
            "candidate:1 1 udp +1 10.0.0.1 1 typ host",
            "candidate:1 1 udp 1 10.0.0.1 65536 typ host",
            "candidate:1 1 udp 1 10.0.0.1 1 typ guest",
            "candidate:1 1 udp 1 10.0.0.1 1 typ host network-cost 1000",
            "candidate:1 1 tcp 1 10.0.0.1 1 typ host tcptype busy",
            "candidate:1 1 udp 1 10,0,0,1 1 typ host",
            "candidate:1 1 udp 1 10.0.0.1 1 kind host",
            "candidate:a_b 1 udp 1 10.0.0.1 1 typ host",
            "candidate:123456789012345678901234567890123 1 udp 1 10.0.0.1 1 typ host",
        ] {
            assert!(matches!(parse(line), Err(CandidateLineError::Wrong { .. })), "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(line in "\\PC{0,120}") {
            let _ = parse(&line);
        }
    }
}
