//! The text of a signaling message in a frame of a WebSocket: JSON, as many applications have it. Not here: frames, and what the body
//! means.
//!
//! ```text
//! {"type":"hello","name":"alice"}                                                     session control
//! {"type":"welcome"}
//! {"type":"offer","number":4,"from":"alice","to":"bob","sdp":"…"}                     the same, and media capabilities
//! {"type":"candidate","number":6,"from":"alice","to":"bob","candidates":"…"}          network configuration
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Message, MessageKind};

/// The subprotocol of the WebSocket (RFC 6455 §1.9).
pub const SUBPROTOCOL: &str = "rtclab.signal";

/// What is asked for in the upgrade.
pub const TARGET: &str = "/signal";

/// The longest text that is read.
const TEXT_MAX: usize = 64 * 1024;

/// What a frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// A peer says its name.
    Hello {
        /// The name.
        name: String,
    },
    /// The server heard it.
    Welcome,
    /// A message between peers, on its way.
    Message(Message),
}

/// Why a text is not one of signaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// It is not JSON with the keys that are known here.
    #[error("it is not JSON with a known `type` and its keys")]
    Keys,
    /// A key that the type needs is missing.
    #[error("the key `{0}` is missing or has a value that is not allowed")]
    Key(&'static str),
    /// It is longer than is read here.
    #[error("it is longer than {TEXT_MAX} bytes")]
    TooLong,
}

/// The keys as they stand in the text.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    r#type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sdp: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    candidates: Option<String>,
}

impl fmt::Display for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = match self {
            Envelope::Hello { name } => {
                Keys { r#type: "hello".to_owned(), name: Some(name.clone()), ..Keys::default() }
            }
            Envelope::Welcome => Keys { r#type: "welcome".to_owned(), ..Keys::default() },
            Envelope::Message(message) => {
                let body = Some(message.body.clone());
                let (sdp, candidates) = if message.kind.is_needed() { (body, None) } else { (None, body) };
                Keys {
                    r#type: message.kind.word().to_owned(),
                    name: None,
                    number: Some(message.number),
                    from: Some(message.from.clone()),
                    to: Some(message.to.clone()),
                    sdp,
                    candidates,
                }
            }
        };
        f.write_str(&serde_json::to_string(&keys).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Envelope {
    type Err = EnvelopeError;

    fn from_str(text: &str) -> Result<Envelope, EnvelopeError> {
        if text.len() > TEXT_MAX {
            return Err(EnvelopeError::TooLong);
        }
        let keys: Keys = serde_json::from_str(text).map_err(|_| EnvelopeError::Keys)?;
        let name = |name: Option<String>, key| {
            name.filter(|name| super::datagram::is_name(name)).ok_or(EnvelopeError::Key(key))
        };
        match keys.r#type.as_str() {
            "hello" => Ok(Envelope::Hello { name: name(keys.name, "name")? }),
            "welcome" => Ok(Envelope::Welcome),
            word => {
                let kind = MessageKind::ALL.into_iter().find(|kind| kind.word() == word);
                let kind = kind.ok_or(EnvelopeError::Key("type"))?;
                let body = if kind.is_needed() { keys.sdp } else { keys.candidates };
                Ok(Envelope::Message(Message {
                    number: keys.number.ok_or(EnvelopeError::Key("number"))?,
                    from: name(keys.from, "from")?,
                    to: name(keys.to, "to")?,
                    kind,
                    body: body.ok_or(EnvelopeError::Key(if kind.is_needed() {
                        "sdp"
                    } else {
                        "candidates"
                    }))?,
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: MessageKind) -> Envelope {
        let body = "a=ice-ufrag:8hhY\n".to_owned();
        Envelope::Message(Message { number: 4, from: "alice".into(), to: "bob".into(), kind, body })
    }

    #[test]
    fn every_type_comes_back_as_it_was_written() {
        let mut all = vec![Envelope::Hello { name: "alice".into() }, Envelope::Welcome];
        all.extend(MessageKind::ALL.map(message));
        for envelope in all {
            assert_eq!(envelope.to_string().parse(), Ok(envelope));
        }
    }

    #[test]
    fn descriptions_and_candidates_stand_under_keys_of_their_own() {
        assert!(message(MessageKind::Offer).to_string().contains(r#""sdp":"a=ice-ufrag:8hhY\n""#));
        assert!(message(MessageKind::Candidate).to_string().contains(r#""candidates":""#));
    }

    #[test]
    fn what_is_missing_or_unknown_is_said() {
        let parse = |text: &str| text.parse::<Envelope>();
        assert_eq!(parse("[]"), Err(EnvelopeError::Keys));
        assert_eq!(parse(r#"{"type":"hello","nick":"a"}"#), Err(EnvelopeError::Keys));
        assert_eq!(parse(r#"{"type":"hello"}"#), Err(EnvelopeError::Key("name")));
        assert_eq!(parse(r#"{"type":"order"}"#), Err(EnvelopeError::Key("type")));
        let offer = r#"{"type":"offer","number":1,"from":"a","to":"b","candidates":""}"#;
        assert_eq!(parse(offer), Err(EnvelopeError::Key("sdp")));
        assert_eq!(parse(&" ".repeat(70_000)), Err(EnvelopeError::TooLong));
    }
}
