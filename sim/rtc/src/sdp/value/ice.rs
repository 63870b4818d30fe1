//! Attributes of ICE (RFC 8839, RFC 8840). Not here: what the ICE agent makes of them ([`crate::ice`]).

use std::fmt;

use super::super::cursor::{Cursor, Read, is_token_char};

/// A candidate of any transport, its address a number or a name (RFC 8839 §5.1, RFC 6544 §4.5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// Same for candidates of one type, base, protocol and server.
    pub foundation: String,
    /// 1 for RTP and everything that shares its port, 2 for RTCP.
    pub component: u16,
    /// `udp` or `tcp`, as it was written.
    pub transport: String,
    /// Higher is tried earlier.
    pub priority: u32,
    /// An IP address, or a host name such as `….local`.
    pub address: String,
    /// The port; 9 for a TCP candidate that only connects.
    pub port: u16,
    /// `host`, `srflx`, `prflx` or `relay`.
    pub kind: String,
    /// `raddr` and `rport`.
    pub related: Option<(String, u16)>,
    /// What else is said, in order: `tcptype active`, `generation 0`, `ufrag …`.
    pub extensions: Vec<(String, String)>,
}

impl Candidate {
    /// The value of an extension.
    pub fn extension(&self, name: &str) -> Option<&str> {
        self.extensions.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A candidate of the peer that the offerer uses (RFC 8839 §5.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RemoteCandidate {
    /// Its component.
    pub component: u16,
    /// Its address.
    pub address: String,
    /// Its port.
    pub port: u16,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Candidate { foundation, component, transport, priority, address, port, kind, .. } = self;
        write!(f, "{foundation} {component} {transport} {priority} {address} {port} typ {kind}")?;
        if let Some((address, port)) = &self.related {
            write!(f, " raddr {address} rport {port}")?;
        }
        self.extensions.iter().try_for_each(|(name, value)| write!(f, " {name} {value}"))
    }
}

impl fmt::Display for RemoteCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.component, self.address, self.port)
    }
}

pub(crate) fn is_ice_char(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '+' || letter == '/'
}

fn ice_chars(line: &mut Cursor<'_>, name: &'static str, least: usize, most: usize) -> Read<String> {
    let found = line.run(name, is_ice_char)?;
    if (least..=most).contains(&found.len()) { Ok(found.to_owned()) } else { line.wrong(found, name) }
}

fn address(line: &mut Cursor<'_>) -> Read<String> {
    let letters = |letter: char| letter.is_ascii_alphanumeric() || ".:-_%".contains(letter);
    line.run("connection address", letters).map(str::to_owned)
}

pub(super) fn candidate(line: &mut Cursor<'_>) -> Read<Candidate> {
    let foundation = ice_chars(line, "foundation of 1 to 32 ice-chars", 1, 32)?;
    line.space("a component")?;
    let component = line.number("component from 1 to 256", 1, 256)? as u16;
    line.space("a transport")?;
    let transport = line.token("transport")?.to_owned();
    line.space("a priority")?;
    let priority = line.number("priority from 1 to 4294967295", 1, u64::from(u32::MAX))? as u32;
    line.space("an address")?;
    let address = address(line)?;
    line.space("a port")?;
    let port = line.number("port", 0, 65_535)? as u16;
    line.space("typ")?;
    line.expect("typ", "typ")?;
    line.space("a candidate type")?;
    let kind = line.token("candidate type")?;
    if !matches!(kind, "host" | "srflx" | "prflx" | "relay") {
        return line.wrong(kind, "a candidate type (host, srflx, prflx or relay)");
    }
    let kind = kind.to_owned();
    let mut candidate = Candidate {
        foundation,
        component,
        transport,
        priority,
        address,
        port,
        kind,
        related: None,
        extensions: Vec::new(),
    };
    extensions(line, &mut candidate)?;
    Ok(candidate)
}

fn extensions(line: &mut Cursor<'_>, candidate: &mut Candidate) -> Read<()> {
    let (mut related_address, mut related_port) = (None, None);
    while line.more() {
        match line.word("extension name")? {
            "raddr" => {
                line.space("a related address")?;
                related_address = Some(address(line)?);
            }
            "rport" => {
                line.space("a related port")?;
                related_port = Some(line.number("related port", 0, 65_535)? as u16);
            }
            name => {
                line.space("the value of an extension")?;
                let value = line.word("extension value")?.to_owned();
                candidate.extensions.push((name.to_owned(), value));
            }
        }
    }
    candidate.related = related_address.zip(related_port);
    line.end()
}

pub(super) fn remote_candidates(line: &mut Cursor<'_>) -> Read<Vec<RemoteCandidate>> {
    let mut candidates = Vec::new();
    loop {
        let component = line.number("component from 1 to 256", 1, 256)? as u16;
        line.space("an address")?;
        let address = address(line)?;
        line.space("a port")?;
        let port = line.number("port", 0, 65_535)? as u16;
        candidates.push(RemoteCandidate { component, address, port });
        if !line.more() {
            line.end()?;
            return Ok(candidates);
        }
    }
}

pub(super) fn ufrag(line: &mut Cursor<'_>) -> Read<String> {
    let ufrag = ice_chars(line, "4 to 256 ice-chars", 4, 256)?;
    line.end()?;
    Ok(ufrag)
}

pub(super) fn password(line: &mut Cursor<'_>) -> Read<String> {
    let password = ice_chars(line, "22 to 256 ice-chars", 22, 256)?;
    line.end()?;
    Ok(password)
}

/// Tags are ice-chars; `google-ice` and others with a hyphen are older than that rule.
pub(super) fn options(line: &mut Cursor<'_>) -> Read<Vec<String>> {
    let tag = |letter: char| is_ice_char(letter) || is_token_char(letter);
    let mut options = vec![line.run("option tag", tag)?.to_owned()];
    while line.more() {
        options.push(line.run("option tag", tag)?.to_owned());
    }
    line.end()?;
    Ok(options)
}
