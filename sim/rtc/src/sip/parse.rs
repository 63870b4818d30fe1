//! Messages out of bytes (RFC 3261 §7, §25): strict, with the place and the rule of what is wrong. Not here: what a message means.

use super::headers::{Field, long_name};
use super::message::{Message, Method, Request, Response};
use super::scan::is_token_char;
use super::{Headers, SipError, Uri};

/// The longest head of a message, in bytes.
pub(super) const HEAD_MAX: usize = 16 * 1024;

/// The longest body, in bytes.
pub(super) const BODY_MAX: usize = 64 * 1024;

/// Header fields of a message at most.
const FIELDS_MAX: usize = 128;

impl Message {
    /// Reads a datagram, or a message of a WebSocket. Without Content-Length the body is the rest; bytes behind it are ignored (RFC 3261 §18.3).
    ///
    /// # Errors
    ///
    /// It is no message, or less of one than it says.
    pub fn parse(bytes: &[u8]) -> Result<Message, SipError> {
        let head = head_of(bytes, 0)?.ok_or(SipError::new(
            bytes.len(),
            "the empty line that ends the head is missing",
            "RFC 3261 §7",
        ))?;
        let message = parse_head(&bytes[..head])?;
        let rest = &bytes[head..];
        let length = message.headers().number("Content-Length")?.map_or(rest.len(), |length| length as usize);
        let short =
            SipError::new(bytes.len(), "the body is shorter than Content-Length says", "RFC 3261 §18.3");
        if length > BODY_MAX {
            return Err(SipError::new(head, "the body is longer than is taken here", "RFC 3261 §21.5.7"));
        }
        let body = rest.get(..length).ok_or(short)?;
        Ok(with_body(message, body))
    }
}

/// A stream of messages cut apart (RFC 3261 §18.3): over TCP, each says how long its body is.
#[derive(Debug, Default)]
pub struct Framer {
    bytes: Vec<u8>,
    /// So many of them have been looked at, and no head ends among them.
    looked_at: usize,
    failed: Option<SipError>,
}

impl Framer {
    /// At the beginning of a stream.
    pub fn new() -> Framer {
        Framer::default()
    }

    /// Takes bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next message that is whole. Empty lines between messages keep a connection open (RFC 5626 §3.5.1).
    ///
    /// # Errors
    ///
    /// What came is no message, and where the next begins cannot be known: the same is said from then on.
    pub fn next_message(&mut self) -> Result<Option<Message>, SipError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let next = self.read();
        if let Err(error) = next {
            self.failed = Some(error);
        }
        next
    }

    fn read(&mut self) -> Result<Option<Message>, SipError> {
        let blank = self.bytes.iter().take_while(|byte| **byte == b'\r' || **byte == b'\n').count();
        if blank > 0 {
            self.bytes.drain(..blank);
            self.looked_at = 0;
        }
        let Some(head) = head_of(&self.bytes, self.looked_at)? else {
            self.looked_at = self.bytes.len().saturating_sub(3);
            return Ok(None);
        };
        let message = parse_head(&self.bytes[..head])?;
        let missing = SipError::new(head, "a message in a stream says its Content-Length", "RFC 3261 §18.3");
        let length = message.headers().number("Content-Length")?.ok_or(missing)? as usize;
        if length > BODY_MAX {
            return Err(SipError::new(head, "the body is longer than is taken here", "RFC 3261 §21.5.7"));
        }
        let Some(body) = self.bytes.get(head..head + length) else { return Ok(None) };
        let message = with_body(message, body);
        self.bytes.drain(..head + length);
        self.looked_at = 0;
        Ok(Some(message))
    }
}

/// The length of the head with its empty line, once that is there.
fn head_of(bytes: &[u8], from: usize) -> Result<Option<usize>, SipError> {
    let within = &bytes[..bytes.len().min(HEAD_MAX)];
    let unseen = within.get(from..).unwrap_or_default();
    let end = unseen.windows(4).position(|window| window == b"\r\n\r\n").map(|end| end + from);
    if end.is_none() && bytes.len() > HEAD_MAX {
        return Err(SipError::new(HEAD_MAX, "the head is longer than is taken here", "RFC 3261 §21.5.7"));
    }
    Ok(end.map(|end| end + 4))
}

/// The length of the body has done its work, and is written anew with the message.
fn with_body(message: Message, body: &[u8]) -> Message {
    let body = body.to_vec();
    match message {
        Message::Request(mut request) => {
            request.headers.remove("Content-Length");
            Message::Request(Box::new(Request { body, ..*request }))
        }
        Message::Response(mut response) => {
            response.headers.remove("Content-Length");
            Message::Response(Box::new(Response { body, ..*response }))
        }
    }
}

fn parse_head(bytes: &[u8]) -> Result<Message, SipError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| SipError::new(error.valid_up_to(), "the head is not UTF-8", "RFC 3261 §7"))?;
    if let Some(at) = bare_line_break(bytes) {
        return Err(SipError::new(at, "a line ends in CR and LF", "RFC 3261 §7"));
    }
    let (first, rest) = text.split_once("\r\n").unwrap_or((text, ""));
    let headers = headers(rest, first.len() + 2)?;
    let message = match first.strip_prefix("SIP/2.0 ") {
        Some(status) => Message::Response(Box::new(status_line(status, headers)?)),
        None => Message::Request(Box::new(request_line(first, headers)?)),
    };
    check(&message)?;
    Ok(message)
}

fn bare_line_break(bytes: &[u8]) -> Option<usize> {
    (0..bytes.len()).find(|&at| match bytes[at] {
        b'\n' => at == 0 || bytes[at - 1] != b'\r',
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        0 => true,
        _ => false,
    })
}

fn request_line(line: &str, headers: Headers) -> Result<Request, SipError> {
    const RULE: &str = "RFC 3261 §7.1";
    let mut words = line.split(' ');
    let (method, uri, version) = (words.next().unwrap_or_default(), words.next(), words.next());
    if method.is_empty() || !method.chars().all(is_token_char) {
        return Err(SipError::new(0, "a method is expected", RULE));
    }
    let uri = uri.ok_or(SipError::new(method.len(), "the URI is missing", RULE))?;
    let behind = method.len() + 1;
    if version != Some("SIP/2.0") || words.next().is_some() {
        return Err(SipError::new(behind + uri.len(), "the line ends in ` SIP/2.0`", RULE));
    }
    let uri = Uri::parse(uri).map_err(|error| error.behind(behind))?;
    Ok(Request { method: Method::of(method), uri, headers, body: Vec::new() })
}

fn status_line(rest: &str, headers: Headers) -> Result<Response, SipError> {
    const RULE: &str = "RFC 3261 §7.2";
    const BEHIND: usize = "SIP/2.0 ".len();
    let error = SipError::new(BEHIND, "a status from 100 to 699 is expected, a space and a phrase", RULE);
    let (digits, phrase) = rest.split_once(' ').ok_or(error)?;
    let valid = digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let status = digits.parse().ok().filter(|status| valid && (100..700).contains(status)).ok_or(error)?;
    Ok(Response { status, phrase: phrase.to_owned(), headers, body: Vec::new() })
}

/// The fields; a line that begins with white space goes on with the one before (RFC 3261 §7.3.1).
fn headers(text: &str, base: usize) -> Result<Headers, SipError> {
    let mut headers = Headers::default();
    let mut at = base;
    for line in text.split("\r\n") {
        let begins = at;
        at += line.len() + 2;
        if line.is_empty() {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            let before = headers.0.last_mut();
            let before =
                before.ok_or(SipError::new(begins, "there is no line to go on with", "RFC 3261 §7.3.1"))?;
            before.value.push(' ');
            before.value.push_str(line.trim());
            continue;
        }
        let colon = line.find(':');
        let colon = colon.ok_or(SipError::new(begins, "`name: value` is expected", "RFC 3261 §7.3.1"))?;
        let (name, value) = (line[..colon].trim_end_matches([' ', '\t']), &line[colon + 1..]);
        if name.is_empty() || !name.chars().all(is_token_char) {
            return Err(SipError::new(begins, "the name of a field is a token", "RFC 3261 §25.1"));
        }
        if headers.0.len() == FIELDS_MAX {
            return Err(SipError::new(
                begins,
                "there are more fields than are taken here",
                "RFC 3261 §21.5.7",
            ));
        }
        let space = value.len() - value.trim_start().len();
        headers.0.push(Field {
            name: long_name(name).to_owned(),
            value: value.trim().to_owned(),
            at: begins + colon + 1 + space,
        });
    }
    Ok(headers)
}

/// What every message has (RFC 3261 §8.1.1), once each, and of a form that can be read.
fn check(message: &Message) -> Result<(), SipError> {
    let headers = message.headers();
    for name in ["From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length", "Content-Type", "Expires"]
    {
        if headers.count(name) > 1 {
            return Err(SipError::new(0, "a field that stands once stands twice", "RFC 3261 §7.3.1"));
        }
    }
    let from = headers.from()?;
    headers.to()?;
    headers.call_id()?;
    let (_, method) = headers.cseq()?;
    let vias = headers.vias()?;
    if vias.is_empty() {
        return Err(SipError::new(0, "Via is missing", "RFC 3261 §8.1.1.7"));
    }
    for name in ["Max-Forwards", "Content-Length", "Expires"] {
        headers.number(name)?;
    }
    for name in ["Route", "Record-Route"] {
        headers.addresses(name)?;
    }
    if headers.get("Contact") != Some("*") {
        headers.addresses("Contact")?;
    }
    if let Message::Request(request) = message {
        if request.method != method {
            return Err(SipError::new(0, "CSeq names another method", "RFC 3261 §8.1.1.5"));
        }
        if from.tag().is_none() {
            return Err(SipError::new(0, "From has no tag", "RFC 3261 §8.1.1.3"));
        }
        if vias[0].branch().is_none() {
            return Err(SipError::new(0, "the branch does not begin with z9hG4bK", "RFC 3261 §8.1.1.7"));
        }
    }
    Ok(())
}
