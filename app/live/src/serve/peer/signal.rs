//! What the page and we tell each other, as JSON: descriptions and candidates as the W3C API writes them, and a few wishes of the page.

use rtclab_rtc::jsep::{IceCandidate, Message, SdpType, SessionDescription};
use serde_json::{Value, json};

/// The most bytes that a page may ask us to send at once.
pub(super) const SEND_MAX: u64 = 262_144;

/// What a page tells us.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Heard {
    /// A description or a candidate.
    Signal(Message),
    /// A wish.
    Wish(Wish),
    /// Words for whoever watches.
    Said(String),
}

/// What a page may want of us.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wish {
    /// A channel of ours, with this label; an offer follows if one is needed.
    Channel(String),
    /// A transceiver for sound: an offer follows.
    Media,
    /// An ICE restart.
    Restart,
    /// So many bytes on the channel with this label.
    Send(String, usize),
    /// The end of the channel with this label.
    Close(String),
}

/// Reads what a page said.
pub(super) fn read(text: &str) -> Result<Heard, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"))?;
    if let Some(description) = value.get("description") {
        return read_description(description);
    }
    if let Some(candidate) = value.get("candidate") {
        return Ok(Heard::Signal(Message::Candidate(read_candidate(candidate))));
    }
    if let Some(said) = value.get("say") {
        return Ok(Heard::Said(said.as_str().map_or_else(|| said.to_string(), str::to_owned)));
    }
    let label = || value.get("label").and_then(Value::as_str).unwrap_or_default().to_owned();
    let wish = match value.get("do").and_then(Value::as_str) {
        Some("channel") => Wish::Channel(label()),
        Some("media") => Wish::Media,
        Some("restart") => Wish::Restart,
        Some("close") => Wish::Close(label()),
        Some("send") => {
            let bytes = value.get("bytes").and_then(Value::as_u64).filter(|bytes| *bytes <= SEND_MAX);
            let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok());
            Wish::Send(label(), bytes.ok_or_else(|| format!("\"bytes\" is a number up to {SEND_MAX}"))?)
        }
        _ => {
            return Err(
                "expected \"description\", \"candidate\", \"say\", or \"do\" with channel, media, restart, send or close"
                    .to_owned(),
            );
        }
    };
    Ok(Heard::Wish(wish))
}

fn read_description(value: &Value) -> Result<Heard, String> {
    let word = value.get("type").and_then(Value::as_str).unwrap_or_default();
    let kind = SdpType::ALL.iter().find(|kind| kind.word() == word);
    let kind =
        kind.ok_or_else(|| format!("\"type\" is offer, answer, pranswer or rollback, not {word:?}"))?;
    let sdp = value.get("sdp").and_then(Value::as_str).unwrap_or_default();
    Ok(Heard::Signal(Message::Description(SessionDescription::new(*kind, sdp))))
}

/// `null` is the end of all candidates.
fn read_candidate(value: &Value) -> IceCandidate {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let index = value.get("sdpMLineIndex").and_then(Value::as_u64);
    IceCandidate {
        candidate: text("candidate").unwrap_or_default(),
        sdp_mid: text("sdpMid"),
        sdp_m_line_index: index.and_then(|index| usize::try_from(index).ok()),
        username_fragment: text("usernameFragment"),
    }
}

/// A description for the page.
pub(super) fn description(description: &SessionDescription) -> String {
    json!({ "description": { "type": description.kind.word(), "sdp": description.sdp } }).to_string()
}

/// A candidate for the page.
pub(super) fn candidate(candidate: &IceCandidate) -> String {
    json!({ "candidate": {
        "candidate": candidate.candidate,
        "sdpMid": candidate.sdp_mid,
        "sdpMLineIndex": candidate.sdp_m_line_index,
        "usernameFragment": candidate.username_fragment,
    } })
    .to_string()
}

/// The first thing that the page hears: whether it is the one that gives way.
pub(super) fn hello(page_is_polite: bool) -> String {
    json!({ "hello": { "polite": page_is_polite } }).to_string()
}

/// Where our side stands, for people.
pub(super) fn state(what: &str, state: &str) -> String {
    json!({ "ours": { what: state } }).to_string()
}

/// What went wrong here.
pub(super) fn error(problem: &str) -> String {
    json!({ "error": problem }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let described = SessionDescription::new(SdpType::Offer, "v=0\r\n");
        assert_eq!(read(&description(&described)), Ok(Heard::Signal(Message::Description(described))));
        let found = IceCandidate {
            candidate: "candidate:1 1 udp 1 10.0.0.1 9 typ host".to_owned(),
            sdp_mid: Some("0".to_owned()),
            sdp_m_line_index: Some(0),
            username_fragment: Some("8hhY".to_owned()),
        };
        assert_eq!(read(&candidate(&found)), Ok(Heard::Signal(Message::Candidate(found))));
    }

    #[test]
    fn the_end_of_candidates_may_be_null() {
        let end = Heard::Signal(Message::Candidate(IceCandidate::default()));
        assert_eq!(read(r#"{"candidate":null}"#), Ok(end));
    }

    #[test]
    fn wishes_are_read_and_others_refused() {
        let send = Heard::Wish(Wish::Send("a".to_owned(), 5));
        assert_eq!(read(r#"{"do":"send","label":"a","bytes":5}"#), Ok(send));
        assert_eq!(read(r#"{"do":"restart"}"#), Ok(Heard::Wish(Wish::Restart)));
        for wrong in
            ["", "[]", r#"{"do":"shutdown"}"#, r#"{"do":"send","bytes":1e9}"#, r#"{"description":{}}"#]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
