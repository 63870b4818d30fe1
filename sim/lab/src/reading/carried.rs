//! What a segment of TCP carries, as far as its bytes tell on their own: HTTP, SIP, TURN, frames of WebSocket. Not here: following streams.

use rtclab_rtc::http::{RequestReader, ResponseReader};
use rtclab_rtc::sip;
use rtclab_rtc::stun::StreamFramer;
use rtclab_rtc::websocket::{CloseCode, Frame, Opcode};

use super::packet::content_of;
use crate::programs::signaling::Envelope;

/// Frames of a segment that are told; more are counted.
const FRAMES_MAX: usize = 8;

/// A payload that is looked at.
const PAYLOAD_MAX: usize = 64 * 1024;

/// Something that a segment carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Whose form it has: `HTTP`, `SIP`, `TURN`, `WebSocket`.
    pub protocol: &'static str,
    /// What it says.
    pub words: String,
}

/// What these bytes are, if they are whole and of a form that is known.
pub(super) fn carried(payload: &[u8]) -> Vec<Carried> {
    if payload.is_empty() || payload.len() > PAYLOAD_MAX {
        return Vec::new();
    }
    if let Some(carried) = sip(payload) {
        return vec![carried];
    }
    if let Some(words) = http(payload) {
        return vec![Carried { protocol: "HTTP", words }];
    }
    let messages = turn(payload);
    if messages.is_empty() { frames(payload) } else { messages }
}

/// Messages of STUN and TURN (RFC 8656 §2.1), if there is nothing else.
fn turn(payload: &[u8]) -> Vec<Carried> {
    let mut framer = StreamFramer::new();
    framer.push(payload);
    let mut found = Vec::new();
    loop {
        let content = match framer.next_frame() {
            Ok(message) => message.map(|message| content_of(message.bytes())),
            Err(_) => return Vec::new(),
        };
        match content {
            Some(_) if found.len() == FRAMES_MAX => {}
            Some(content) => found.push(Carried { protocol: "TURN", words: content.to_string() }),
            // A message that is cut off is for whoever follows the stream.
            None if framer.waiting() > 0 => return Vec::new(),
            None => return found,
        }
    }
}

/// A message of SIP that is whole: a datagram, a segment, or what is in a frame.
pub(super) fn sip(payload: &[u8]) -> Option<Carried> {
    let first = payload.get(..300).unwrap_or(payload);
    let looks_like = payload.starts_with(b"SIP/2.0 ") || contains(first, b" SIP/2.0\r\n");
    let message = looks_like.then(|| sip::Message::parse(payload).ok()).flatten()?;
    let (_, method) = message.headers().cseq().ok()?;
    let of = match &message {
        sip::Message::Request(_) => String::new(),
        sip::Message::Response(_) => format!(" to {}", method.name()),
    };
    let about = match media(message.headers().get("Content-Type")) {
        "" => " (session control)",
        about => about,
    };
    Some(Carried { protocol: "SIP", words: format!("{message}{of}{about}") })
}

fn http(payload: &[u8]) -> Option<String> {
    if payload.starts_with(b"HTTP/1.1 ") {
        let mut reader = ResponseReader::new();
        reader.push(payload);
        reader.end();
        let response = reader.next_response().ok()??;
        let upgraded = response.headers.get("Upgrade").filter(|_| response.status == 101);
        let upgraded = upgraded.map_or(String::new(), |to| format!(", speaks {to} from here on"));
        return Some(format!(
            "{} {}{upgraded}{}",
            response.status,
            response.phrase,
            media(response.headers.get("Content-Type"))
        ));
    }
    let is_request =
        payload.first().is_some_and(u8::is_ascii_uppercase) && contains(payload, b" HTTP/1.1\r\n");
    if !is_request {
        return None;
    }
    let mut reader = RequestReader::new();
    reader.push(payload);
    reader.end();
    let request = reader.next_request().ok()??;
    let upgrade = request.headers.get("Upgrade");
    let upgrade = upgrade.map_or(String::new(), |to| format!(", asks to speak {to}"));
    Some(format!(
        "{} {}{upgrade}{}",
        request.method,
        request.target,
        media(request.headers.get("Content-Type"))
    ))
}

/// What a body is about: which of the three things that signaling is for (RFC 8825 §3).
fn media(media_type: Option<&str>) -> &'static str {
    match media_type {
        Some(sip::SDP) => ", with a description (media capabilities)",
        Some(sip::TRICKLE) => ", with candidates (network configuration)",
        _ => "",
    }
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// The frames, if there is nothing else; without the stream before them, only those of one frame a message are known.
fn frames(payload: &[u8]) -> Vec<Carried> {
    let mut rest = payload;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let Ok(Some((frame, taken))) = Frame::parse(rest, PAYLOAD_MAX) else { return Vec::new() };
        let Some(words) = frame_words(&frame) else { return Vec::new() };
        if found.len() < FRAMES_MAX {
            found.push(Carried { protocol: "WebSocket", words });
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    found
}

fn frame_words(frame: &Frame) -> Option<String> {
    let masked = if frame.mask.is_some() { ", masked" } else { "" };
    let length = frame.payload.len();
    Some(match frame.opcode {
        Opcode::Text if frame.fin => {
            let text = std::str::from_utf8(&frame.payload).ok()?;
            if let Some(Carried { words, .. }) = sip(&frame.payload) {
                return Some(format!("SIP {words}{masked}"));
            }
            let what = match text.parse::<Envelope>().ok()? {
                Envelope::Hello { name } => format!("hello, I am {name} (session control)"),
                Envelope::Welcome => "welcome (session control)".to_owned(),
                Envelope::Message(message) => {
                    format!("{} for {} ({})", message.kind.word(), message.to, message.kind.subject())
                }
            };
            format!("{what}, {length} bytes{masked}")
        }
        Opcode::Close => {
            let code = frame.payload.first_chunk::<2>().map(|code| CloseCode(u16::from_be_bytes(*code)));
            code.map_or_else(|| "Close".to_owned(), |code| format!("Close, {code}"))
        }
        Opcode::Ping => format!("Ping{masked}"),
        Opcode::Pong => format!("Pong{masked}"),
        Opcode::Text | Opcode::Binary | Opcode::Continuation => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(payload: &[u8]) -> Vec<String> {
        carried(payload)
            .into_iter()
            .map(|carried| format!("{}: {}", carried.protocol, carried.words))
            .collect()
    }

    #[test]
    fn a_segment_of_http_and_one_of_frames_are_told_apart() {
        let request = b"GET /signal HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n";
        assert_eq!(words(request), ["HTTP: GET /signal, asks to speak websocket"]);
        let answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
        assert_eq!(words(answer), ["HTTP: 101 Switching Protocols, speaks websocket from here on"]);
        let text = Envelope::Hello { name: "alice".into() }.to_string().into_bytes();
        let hello = Frame { fin: true, opcode: Opcode::Text, mask: Some([1; 4]), payload: text };
        let ping = Frame { fin: true, opcode: Opcode::Ping, mask: None, payload: Vec::new() };
        assert_eq!(
            words(&[hello.to_bytes(), ping.to_bytes()].concat()),
            ["WebSocket: hello, I am alice (session control), 31 bytes, masked", "WebSocket: Ping"]
        );
    }

    #[test]
    fn other_bytes_are_nothing_that_is_known() {
        assert_eq!(words(b"abcdefgh"), Vec::<String>::new());
        assert_eq!(words(b"GET of the alphabet"), Vec::<String>::new());
        assert_eq!(words(&[0x16, 0x03, 0x01, 0x00]), Vec::<String>::new());
    }
}
