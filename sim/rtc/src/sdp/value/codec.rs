//! What payload types mean, how they are set up, and what feedback they get: `rtpmap`, `fmtp`, `rtcp-fb` (RFC 8866 §6, RFC 4585 §4.2).

use std::fmt;

use super::super::cursor::{Cursor, Read};

/// What a payload type means (RFC 8866 §6.6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RtpMap {
    /// 0 to 127.
    pub payload_type: u8,
    /// The name of the codec; case does not matter.
    pub encoding: String,
    /// Ticks of the RTP timestamp per second.
    pub clock_rate: u32,
    /// For audio, the number of channels.
    pub parameters: Option<String>,
}

/// Parameters of a format (RFC 8866 §6.15).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fmtp {
    /// The payload type, or the format of another medium.
    pub format: String,
    /// Everything behind it.
    pub parameters: String,
}

impl Fmtp {
    /// The parameters one by one: names, and values where there are any.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let pieces = self.parameters.split(';').map(str::trim).filter(|piece| !piece.is_empty());
        pieces.map(|piece| match piece.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (piece, None),
        })
    }

    /// The value of a parameter; its name in any case.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value)
    }

    /// The payload type, in RTP.
    pub fn payload_type(&self) -> Option<u8> {
        self.format.parse().ok()
    }
}

/// Feedback that may be sent about a payload type (RFC 4585 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RtcpFeedback {
    /// The payload type; `None` is `*`, all of them.
    pub payload_type: Option<u8>,
    /// What kind, with its parameters: `nack pli`.
    pub kind: String,
}

impl fmt::Display for RtpMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.payload_type, self.encoding, self.clock_rate)?;
        self.parameters.iter().try_for_each(|parameters| write!(f, "/{parameters}"))
    }
}

impl fmt::Display for Fmtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.format, self.parameters)
    }
}

impl fmt::Display for RtcpFeedback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.payload_type {
            Some(payload_type) => write!(f, "{payload_type} {}", self.kind),
            None => write!(f, "* {}", self.kind),
        }
    }
}

pub(super) fn rtpmap(line: &mut Cursor<'_>) -> Read<RtpMap> {
    let payload_type = line.number("payload type", 0, 127)? as u8;
    line.space("an encoding name")?;
    let encoding = line.token("encoding name")?.to_owned();
    line.expect("/", "a slash and a clock rate")?;
    let clock_rate = line.number("clock rate", 1, u64::from(u32::MAX))? as u32;
    let parameters = if line.take("/") { Some(line.word("encoding parameters")?.to_owned()) } else { None };
    line.end()?;
    Ok(RtpMap { payload_type, encoding, clock_rate, parameters })
}

pub(super) fn fmtp(line: &mut Cursor<'_>) -> Read<Fmtp> {
    let format = line.token("format")?.to_owned();
    line.space("parameters of the format")?;
    let parameters = line.rest("parameters").trim_end_matches(' ').to_owned();
    Ok(Fmtp { format, parameters })
}

pub(super) fn feedback(line: &mut Cursor<'_>) -> Read<RtcpFeedback> {
    let payload_type = payload_type_or_all(line)?;
    line.space("a kind of feedback")?;
    let kind = line.rest("kind of feedback").trim_end_matches(' ');
    if !kind.split(' ').all(|word| !word.is_empty()) {
        return line.wrong(kind, "words with one space between");
    }
    Ok(RtcpFeedback { payload_type, kind: kind.to_owned() })
}

pub(super) fn payload_type_or_all(line: &mut Cursor<'_>) -> Read<Option<u8>> {
    if line.take("*") {
        return Ok(None);
    }
    line.number("payload type", 0, 127).map(|number| Some(number as u8))
}
