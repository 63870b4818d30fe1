//! Attributes of RTP besides codecs: header extensions, sources, RTCP, direction (RFC 8285, RFC 5576, RFC 3605, RFC 8866 §6.7).

use std::fmt;

use super::super::cursor::{Cursor, Read, is_token_char};
use super::session::{Connection, connection};

/// Which way media may flow, seen from the writer (RFC 8866 §6.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Both ways; what a section without direction means.
    #[default]
    SendRecv,
    /// From the writer.
    SendOnly,
    /// To the writer.
    RecvOnly,
    /// Neither way.
    Inactive,
}

impl Direction {
    /// From its two halves.
    pub fn of(sends: bool, receives: bool) -> Direction {
        match (sends, receives) {
            (true, true) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (false, true) => Direction::RecvOnly,
            (false, false) => Direction::Inactive,
        }
    }

    /// Whether the writer may send.
    pub fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }

    /// Whether the writer may receive.
    pub fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }

    /// The same, seen from the reader.
    pub fn reversed(self) -> Direction {
        Direction::of(self.receives(), self.sends())
    }

    /// What both allow.
    pub fn and(self, other: Direction) -> Direction {
        Direction::of(self.sends() && other.sends(), self.receives() && other.receives())
    }

    /// Its attribute.
    pub fn word(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }

    /// The direction with this word.
    pub fn from_word(word: &str) -> Option<Direction> {
        let all = [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive];
        all.into_iter().find(|direction| direction.word() == word)
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A number for a header extension (RFC 8285 §7).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Extmap {
    /// 1 to 14 in one-byte headers, to 255 in two-byte headers.
    pub id: u16,
    /// Which way it is used, where the line says so.
    pub direction: Option<Direction>,
    /// Which extension.
    pub uri: String,
    /// What the extension needs to know.
    pub attributes: Option<String>,
}

/// Something about one source of RTP (RFC 5576 §4.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SsrcAttribute {
    /// The synchronization source.
    pub ssrc: u32,
    /// `cname`, `msid`, …
    pub attribute: String,
    /// Its value.
    pub value: Option<String>,
}

/// Sources that belong together (RFC 5576 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SsrcGroup {
    /// `FID`: the second one retransmits the first; `SIM`: layers; `FEC-FR`: repair.
    pub semantics: String,
    /// The sources.
    pub ssrcs: Vec<u32>,
}

/// Where RTCP goes when it does not go one port above RTP (RFC 3605 §2.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rtcp {
    /// The port.
    pub port: u16,
    /// The address, if it differs.
    pub connection: Option<Connection>,
}

impl fmt::Display for Extmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        self.direction.iter().try_for_each(|direction| write!(f, "/{direction}"))?;
        write!(f, " {}", self.uri)?;
        self.attributes.iter().try_for_each(|attributes| write!(f, " {attributes}"))
    }
}

impl fmt::Display for SsrcAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.ssrc, self.attribute)?;
        self.value.iter().try_for_each(|value| write!(f, ":{value}"))
    }
}

impl fmt::Display for SsrcGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.semantics)?;
        self.ssrcs.iter().try_for_each(|ssrc| write!(f, " {ssrc}"))
    }
}

impl fmt::Display for Rtcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.port)?;
        self.connection.iter().try_for_each(|connection| write!(f, " {connection}"))
    }
}

pub(super) fn extmap(line: &mut Cursor<'_>) -> Read<Extmap> {
    let id = line.number("extension id", 0, 65_535)? as u16;
    let mut direction = None;
    if line.take("/") {
        let word = line.token("direction")?;
        direction = Direction::from_word(word);
        if direction.is_none() {
            return line.wrong(word, "sendrecv, sendonly, recvonly or inactive");
        }
    }
    line.space("the URI of an extension")?;
    let uri = line.word("extension URI")?.to_owned();
    let attributes = if line.more() { Some(line.rest("extension attributes").to_owned()) } else { None };
    Ok(Extmap { id, direction, uri, attributes })
}

pub(super) fn ssrc(line: &mut Cursor<'_>) -> Read<SsrcAttribute> {
    let ssrc = line.number("SSRC", 0, u64::from(u32::MAX))? as u32;
    line.space("an attribute of the source")?;
    let attribute = line.token("attribute of the source")?.to_owned();
    let value = if line.take(":") { Some(line.rest("value").to_owned()) } else { None };
    line.end()?;
    Ok(SsrcAttribute { ssrc, attribute, value })
}

pub(super) fn ssrc_group(line: &mut Cursor<'_>) -> Read<SsrcGroup> {
    let semantics = line.token("semantics")?.to_owned();
    let mut ssrcs = Vec::new();
    while line.more() {
        ssrcs.push(line.number("SSRC", 0, u64::from(u32::MAX))? as u32);
    }
    line.end()?;
    Ok(SsrcGroup { semantics, ssrcs })
}

pub(super) fn rtcp(line: &mut Cursor<'_>) -> Read<Rtcp> {
    let port = line.number("port", 0, 65_535)? as u16;
    let connection = if line.more() { Some(connection(line)?) } else { None };
    line.end()?;
    Ok(Rtcp { port, connection })
}

/// A length of time in milliseconds: an integer or a decimal fraction above zero (RFC 8866 §6.4).
pub(super) fn milliseconds(line: &mut Cursor<'_>) -> Read<String> {
    let text = line.word("milliseconds")?;
    let digits = text.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    let positive = text.parse::<f64>().is_ok_and(|number| number > 0.0);
    if !(digits && positive && text.len() <= 20) {
        return line.wrong(text, "a number of milliseconds above zero");
    }
    line.end()?;
    Ok(text.to_owned())
}

pub(super) fn token_line(line: &mut Cursor<'_>, name: &'static str) -> Read<String> {
    let token = line.run(name, is_token_char)?.to_owned();
    line.end()?;
    Ok(token)
}
