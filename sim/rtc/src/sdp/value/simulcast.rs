//! Several encodings of one source: `rid` and `simulcast` (RFC 8851, RFC 8853).

use std::fmt;

use super::super::cursor::{Cursor, Read};

/// Which way an encoding goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RidDirection {
    /// From the writer.
    Send,
    /// To the writer.
    Recv,
}

impl RidDirection {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            RidDirection::Send => "send",
            RidDirection::Recv => "recv",
        }
    }

    /// The same, seen from the other side.
    pub fn reversed(self) -> RidDirection {
        match self {
            RidDirection::Send => RidDirection::Recv,
            RidDirection::Recv => RidDirection::Send,
        }
    }

    fn from_word(word: &str) -> Option<RidDirection> {
        [RidDirection::Send, RidDirection::Recv].into_iter().find(|direction| direction.word() == word)
    }
}

/// An encoding and its limits (RFC 8851 §4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rid {
    /// Its name.
    pub id: String,
    /// Which way it goes.
    pub direction: RidDirection,
    /// `pt=`: the payload types it may use; empty for all.
    pub payload_types: Vec<u8>,
    /// Limits, such as `max-width=1280`; a value may be missing.
    pub restrictions: Vec<(String, Option<String>)>,
}

/// Encodings that are sent or received at once (RFC 8853 §5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Simulcast {
    /// Streams that the writer sends.
    pub send: Vec<SimulcastStream>,
    /// Streams that the writer receives.
    pub recv: Vec<SimulcastStream>,
}

/// One stream of a simulcast: encodings, one of which is used at a time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SimulcastStream {
    /// The alternatives, the preferred one first.
    pub alternatives: Vec<SimulcastEncoding>,
}

/// One encoding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SimulcastEncoding {
    /// Its name in a `rid` line.
    pub rid: String,
    /// Whether it begins paused: `~`.
    pub paused: bool,
}

impl Simulcast {
    /// The names of all encodings.
    pub fn rids(&self) -> impl Iterator<Item = &str> {
        let streams = self.send.iter().chain(&self.recv);
        streams.flat_map(|stream| stream.alternatives.iter().map(|encoding| encoding.rid.as_str()))
    }

    /// Streams of one encoding each, none of them paused.
    pub fn of(rids: &[String], direction: RidDirection) -> Simulcast {
        let stream = |rid: &String| SimulcastStream {
            alternatives: vec![SimulcastEncoding { rid: rid.clone(), paused: false }],
        };
        let streams = rids.iter().map(stream).collect();
        match direction {
            RidDirection::Send => Simulcast { send: streams, recv: Vec::new() },
            RidDirection::Recv => Simulcast { send: Vec::new(), recv: streams },
        }
    }
}

impl fmt::Display for Rid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.direction.word())?;
        let mut separator = ' ';
        if !self.payload_types.is_empty() {
            let list: Vec<String> = self.payload_types.iter().map(u8::to_string).collect();
            write!(f, " pt={}", list.join(","))?;
            separator = ';';
        }
        for (name, value) in &self.restrictions {
            write!(f, "{separator}{name}")?;
            value.iter().try_for_each(|value| write!(f, "={value}"))?;
            separator = ';';
        }
        Ok(())
    }
}

impl fmt::Display for SimulcastStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, encoding) in self.alternatives.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{}{}", if encoding.paused { "~" } else { "" }, encoding.rid)?;
        }
        Ok(())
    }
}

impl fmt::Display for Simulcast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = [(RidDirection::Send, &self.send), (RidDirection::Recv, &self.recv)];
        let mut space = "";
        for (direction, streams) in lists.into_iter().filter(|(_, streams)| !streams.is_empty()) {
            let list: Vec<String> = streams.iter().map(SimulcastStream::to_string).collect();
            write!(f, "{space}{} {}", direction.word(), list.join(";"))?;
            space = " ";
        }
        Ok(())
    }
}

/// RFC 8851 §10 has letters, digits, hyphens and underscores; RFC 8852 carries only letters and digits in RTP.
fn is_rid_char(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

pub(super) fn rid(line: &mut Cursor<'_>) -> Read<Rid> {
    let id = line.run("rid-id", is_rid_char)?.to_owned();
    line.space("send or recv")?;
    let word = line.token("direction")?;
    let Some(direction) = RidDirection::from_word(word) else { return line.wrong(word, "send or recv") };
    let mut rid = Rid { id, direction, payload_types: Vec::new(), restrictions: Vec::new() };
    if !line.more() {
        line.end()?;
        return Ok(rid);
    }
    loop {
        let name = line.run("restriction", |letter| !"=; ".contains(letter))?;
        if name == "pt" {
            line.expect("=", "an equals sign")?;
            rid.payload_types.push(line.number("payload type", 0, 127)? as u8);
            while line.take(",") {
                rid.payload_types.push(line.number("payload type", 0, 127)? as u8);
            }
        } else {
            let value = if line.take("=") {
                Some(line.run("value", |letter| !"; ".contains(letter))?.to_owned())
            } else {
                None
            };
            rid.restrictions.push((name.to_owned(), value));
        }
        if !line.take(";") {
            line.end()?;
            return Ok(rid);
        }
        let _ = line.more();
    }
}

/// Besides RFC 8853, the form of its third draft: `simulcast: send rid=a;b`, which Firefox wrote.
pub(super) fn simulcast(line: &mut Cursor<'_>) -> Read<Simulcast> {
    let _ = line.more();
    let mut simulcast = Simulcast::default();
    loop {
        let word = line.token("direction")?;
        let Some(direction) = RidDirection::from_word(word) else { return line.wrong(word, "send or recv") };
        let list = match direction {
            RidDirection::Send => &mut simulcast.send,
            RidDirection::Recv => &mut simulcast.recv,
        };
        if !list.is_empty() {
            return line.wrong(word, "each direction once");
        }
        line.space("a list of encodings")?;
        let _ = line.take("rid=");
        list.push(stream(line)?);
        while line.take(";") {
            list.push(stream(line)?);
        }
        if !line.more() {
            line.end()?;
            return Ok(simulcast);
        }
    }
}

fn stream(line: &mut Cursor<'_>) -> Read<SimulcastStream> {
    let mut alternatives = Vec::new();
    loop {
        let paused = line.take("~");
        let rid = line.run("rid-id", is_rid_char)?.to_owned();
        alternatives.push(SimulcastEncoding { rid, paused });
        if !line.take(",") {
            return Ok(SimulcastStream { alternatives });
        }
    }
}
