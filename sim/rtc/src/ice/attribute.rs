//! The `candidate` attribute of RFC 8839 §5.1, as it stands in SDP and in trickled signaling. Not here: the rest of SDP.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use super::{Candidate, CandidateKind};

/// A candidate as it is signaled: the candidate and, where the line says so, the generation it belongs to.
///
/// `FromStr` takes the line with or without `a=` and `candidate:` in front. `Display` writes it from `candidate:` on.
/// Extensions that are not understood are skipped, as RFC 8839 §5.1 asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateLine {
    /// The candidate. Its base is its address: a peer's base is not signaled.
    pub candidate: Candidate,
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
    /// A transport other than UDP. The line is right, but this agent cannot use it.
    #[error("the transport {0:?} is not used by this agent, only UDP is")]
    Transport(String),
    /// A host name instead of an address, most often an mDNS name. The line is right, but someone else has to look it up.
    #[error("the address {0:?} is a name that would have to be looked up first")]
    Name(String),
}

impl From<Candidate> for CandidateLine {
    fn from(candidate: Candidate) -> CandidateLine {
        CandidateLine { candidate, ufrag: None }
    }
}

impl fmt::Display for CandidateLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Candidate { kind, address, related, foundation, priority, component, .. } = &self.candidate;
        write!(f, "candidate:{foundation} {component} udp {priority} {} {}", address.ip(), address.port())?;
        write!(f, " typ {}", kind.word())?;
        if let Some(related) = related {
            write!(f, " raddr {} rport {}", related.ip(), related.port())?;
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
        let (related, ufrag) = extensions(words)?;

        // The whole line is read before it is refused, so that a broken one is not taken for a foreign one.
        if !transport.eq_ignore_ascii_case("udp") {
            return Err(CandidateLineError::Transport(transport.to_owned()));
        }
        let ip: IpAddr = address.parse().map_err(|_| CandidateLineError::Name(address.to_owned()))?;
        let address = SocketAddr::new(ip, port as u16);
        let candidate = Candidate {
            kind,
            address,
            base: address,
            related,
            foundation: foundation.into(),
            priority: priority as u32,
            component: component as u16,
        };
        Ok(CandidateLine { candidate, ufrag })
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

/// Pairs of name and value behind the type. A related address that is hidden (a name, `0.0.0.0`, port 9 or 0) is no address.
fn extensions(mut words: Words<'_>) -> Result<(Option<SocketAddr>, Option<Arc<str>>), CandidateLineError> {
    let (mut related_ip, mut related_port, mut ufrag) = (None, None, None);
    while let Some(name) = words.next() {
        match name.to_ascii_lowercase().as_str() {
            "raddr" => related_ip = next(&mut words, "a related address")?.parse::<IpAddr>().ok(),
            "rport" => related_port = Some(number(&mut words, "a related port", 0, 65535)? as u16),
            "ufrag" => ufrag = Some(next(&mut words, "a username fragment")?.into()),
            _ => _ = next(&mut words, "the value of an extension")?,
        }
    }
    let hidden = |ip: IpAddr, port: u16| ip.is_unspecified() || port == 0 || port == 9;
    let related = related_ip.zip(related_port).filter(|(ip, port)| !hidden(*ip, *port));
    Ok((related.map(SocketAddr::from), ufrag))
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
        let CandidateLine { candidate, ufrag } = parse(line).expect("a candidate");
        assert_eq!(candidate.kind, CandidateKind::ServerReflexive);
        assert_eq!(candidate.address, "203.0.113.4:46154".parse().unwrap());
        assert_eq!(candidate.related, None, "0.0.0.0 hides the address");
        assert_eq!(ufrag.as_deref(), Some("EsAw"));
    }

    #[test]
    fn transports_and_names_that_cannot_be_used_are_told_from_broken_lines() {
        let tcp = parse("candidate:1 1 tcp 1518280447 10.0.0.1 9 typ host tcptype active");
        assert_eq!(tcp, Err(CandidateLineError::Transport("tcp".into())));
        let mdns = parse("candidate:1 1 udp 2130706431 f2f1.local 50000 typ host");
        assert_eq!(mdns, Err(CandidateLineError::Name("f2f1.local".into())));
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
