//! The text of a signaling datagram, written and read. Not here: repetition, and what the body means.
//!
//! The first line says what it is and carries a number; lines of `key: value` follow; a message has a body after an empty line.
//!
//! ```text
//! RTCLAB-SIGNAL/1 hello 1          a peer says its name; the server learns where it can be reached
//! name: alice
//!
//! RTCLAB-SIGNAL/1 welcome 1        the server's answer to hello 1
//!
//! RTCLAB-SIGNAL/1 message 4        either way; (from, number) names the message from end to end
//! from: alice
//! to: bob
//! kind: offer
//!
//! a=ice-ufrag:8hhY
//!
//! RTCLAB-SIGNAL/1 received 4       the acknowledgement of message 4 that `from` wrote, hop by hop
//! from: alice
//! ```

use std::fmt;
use std::fmt::Write as _;

/// The longest body of a message: a full description with many media. What is longer than a link carries goes in fragments.
pub const MESSAGE_BODY_MAX: usize = 16_000;

/// The longest fragment of a description. With the lines above it, a datagram stays within 1,280 bytes of IP, which every IPv6 link carries
/// whole (RFC 8200 §5).
pub const FRAGMENT_MAX: usize = 1000;

/// The longest name of a peer.
const NAME_MAX: usize = 64;

const MAGIC: &str = "RTCLAB-SIGNAL/1";

/// What a message between peers is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// The caller's credentials, and the candidates that it has so far.
    Offer,
    /// The same of the side that was called.
    Answer,
    /// More candidates (RFC 8838 §11).
    Candidate,
    /// No more candidates come (RFC 8838 §14).
    EndOfCandidates,
}

impl MessageKind {
    /// Every kind there is.
    pub const ALL: [MessageKind; 4] =
        [MessageKind::Offer, MessageKind::Answer, MessageKind::Candidate, MessageKind::EndOfCandidates];

    /// Its word in a datagram and in the trace.
    pub const fn word(self) -> &'static str {
        match self {
            MessageKind::Offer => "offer",
            MessageKind::Answer => "answer",
            MessageKind::Candidate => "candidate",
            MessageKind::EndOfCandidates => "end-of-candidates",
        }
    }

    /// What it is about: which of the three things that signaling is for (RFC 8825 §3).
    pub const fn subject(self) -> &'static str {
        match self {
            MessageKind::Offer | MessageKind::Answer => "session control, media capabilities",
            MessageKind::Candidate | MessageKind::EndOfCandidates => "network configuration",
        }
    }

    /// Whether a call comes to nothing without it. Candidates can be missed: checks teach them too (RFC 8445 §7.3.1.3).
    pub const fn is_needed(self) -> bool {
        matches!(self, MessageKind::Offer | MessageKind::Answer)
    }
}

/// A message from one peer to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Counts up at its writer; together with `from` it names the message.
    pub number: u32,
    /// The peer that wrote it.
    pub from: String,
    /// The peer it is for.
    pub to: String,
    /// What it is.
    pub kind: MessageKind,
    /// What it says: lines of an SDP fragment.
    pub body: String,
}

/// A datagram between a peer and the signaling server, or the other way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datagram {
    /// A peer says its name.
    Hello {
        /// Counts up; the answer carries it.
        number: u32,
        /// The peer's name.
        name: String,
    },
    /// The server heard it.
    Welcome {
        /// The number of the hello.
        number: u32,
    },
    /// A message between peers, on its way.
    Message(Message),
    /// It arrived at this hop.
    Received {
        /// The number of the message.
        number: u32,
        /// The peer that wrote it.
        from: String,
    },
}

/// Why a datagram is not one of signaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatagramError {
    /// It is not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// The first line is not one of the four.
    #[error("the first line is not `{MAGIC}`, a known verb and a number")]
    FirstLine,
    /// A key that the verb needs is missing, or its value is not allowed.
    #[error("the line `{0}:` is missing or has a value that is not allowed")]
    Key(&'static str),
    /// The body is longer than [`MESSAGE_BODY_MAX`].
    #[error("the body is longer than {MESSAGE_BODY_MAX} bytes")]
    TooLong,
}

impl fmt::Display for Datagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Datagram::Hello { number, name } => write!(f, "{MAGIC} hello {number}\nname: {name}\n"),
            Datagram::Welcome { number } => writeln!(f, "{MAGIC} welcome {number}"),
            Datagram::Received { number, from } => write!(f, "{MAGIC} received {number}\nfrom: {from}\n"),
            Datagram::Message(message) => {
                let Message { number, from, to, kind, body } = message;
                write!(f, "{MAGIC} message {number}\nfrom: {from}\nto: {to}\nkind: {}\n\n{body}", kind.word())
            }
        }
    }
}

impl Datagram {
    /// The bytes that go into a UDP datagram.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = write!(text, "{self}");
        text.into_bytes()
    }

    /// Whether a UDP payload looks like one of ours, without reading all of it.
    pub fn is_signaling(payload: &[u8]) -> bool {
        payload.starts_with(MAGIC.as_bytes())
    }

    /// Reads a UDP payload.
    pub fn parse(payload: &[u8]) -> Result<Datagram, DatagramError> {
        let text = std::str::from_utf8(payload).map_err(|_| DatagramError::NotText)?;
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let (verb, number) = lines.next().and_then(first_line).ok_or(DatagramError::FirstLine)?;
        let keys: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(": ")).collect();
        let key = |name: &'static str| {
            let found = keys.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            found.ok_or(DatagramError::Key(name))
        };
        let peer = |name| Some(key(name)?).filter(|peer| is_name(peer)).ok_or(DatagramError::Key(name));
        match verb {
            "hello" => Ok(Datagram::Hello { number, name: peer("name")?.to_owned() }),
            "welcome" => Ok(Datagram::Welcome { number }),
            "received" => Ok(Datagram::Received { number, from: peer("from")?.to_owned() }),
            "message" if body.len() > MESSAGE_BODY_MAX => Err(DatagramError::TooLong),
            "message" => {
                let word = key("kind")?;
                let kind = MessageKind::ALL.into_iter().find(|kind| kind.word() == word);
                Ok(Datagram::Message(Message {
                    number,
                    from: peer("from")?.to_owned(),
                    to: peer("to")?.to_owned(),
                    kind: kind.ok_or(DatagramError::Key("kind"))?,
                    body: body.to_owned(),
                }))
            }
            _ => Err(DatagramError::FirstLine),
        }
    }
}

fn first_line(line: &str) -> Option<(&str, u32)> {
    let mut words = line.split(' ');
    let (magic, verb, number) = (words.next()?, words.next()?, words.next()?);
    (magic == MAGIC && words.next().is_none()).then_some(())?;
    Some((verb, number.parse().ok()?))
}

/// Names of nodes: no spaces or line ends that could pretend to be structure.
pub(super) fn is_name(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.chars().count())
        && !name.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Datagram {
        Datagram::Message(Message {
            number: 4,
            from: "alice".into(),
            to: "bob".into(),
            kind: MessageKind::Offer,
            body: "a=ice-ufrag:8hhY\na=ice-pwd:asd88fgpdd777uzjYhagZg\n".into(),
        })
    }

    #[test]
    fn every_verb_comes_back_as_it_was_written() {
        let all = [
            Datagram::Hello { number: 1, name: "alice".into() },
            Datagram::Welcome { number: 1 },
            message(),
            Datagram::Received { number: 4, from: "alice".into() },
        ];
        for datagram in all {
            assert!(Datagram::is_signaling(&datagram.to_bytes()));
            assert_eq!(Datagram::parse(&datagram.to_bytes()), Ok(datagram));
        }
    }

    #[test]
    fn a_cut_or_foreign_datagram_is_refused_with_what_is_wrong() {
        let bytes = message().to_bytes();
        let text = String::from_utf8(bytes.clone()).expect("text");
        let parse = |text: &str| Datagram::parse(text.as_bytes());
        assert_eq!(Datagram::parse(&[0x00, 0x01, 0xff]), Err(DatagramError::NotText));
        assert_eq!(parse("hello"), Err(DatagramError::FirstLine));
        assert_eq!(parse(&text.replace("message 4", "message four")), Err(DatagramError::FirstLine));
        assert_eq!(parse(&text.replace("kind: offer", "kind: order")), Err(DatagramError::Key("kind")));
        assert_eq!(parse(&text.replace("to: bob", "to: bob and all")), Err(DatagramError::Key("to")));
        assert_eq!(parse(&text.replace("from: alice\n", "")), Err(DatagramError::Key("from")));
        assert_eq!(parse(&format!("{text}{}", "a".repeat(MESSAGE_BODY_MAX))), Err(DatagramError::TooLong));
        for cut in 0..bytes.len() {
            let _ = Datagram::parse(&bytes[..cut]);
        }
    }
}
