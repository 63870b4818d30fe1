//! Requests and responses (RFC 3261 §7), and how they are written. Not here: reading them (`parse`), making those of a dialog (`dialog`).

use std::fmt;

use super::{Headers, Uri};

/// What carries messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// A datagram a message.
    Udp,
    /// A stream of messages.
    Tcp,
    /// A message of a WebSocket a message (RFC 7118).
    Ws,
}

impl Transport {
    /// Its word in a Via.
    pub const fn word(self) -> &'static str {
        match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Ws => "WS",
        }
    }

    pub(super) fn of(word: &str) -> Option<Transport> {
        let all = [Transport::Udp, Transport::Tcp, Transport::Ws];
        all.into_iter().find(|transport| transport.word().eq_ignore_ascii_case(word))
    }

    /// Whether what is sent arrives, so that nothing has to be repeated (RFC 3261 §17).
    pub const fn is_reliable(self) -> bool {
        !matches!(self, Transport::Udp)
    }
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Begins or changes a session.
    Invite,
    /// Confirms that the final response to an INVITE has come.
    Ack,
    /// Ends a session.
    Bye,
    /// Takes an INVITE back that is not answered.
    Cancel,
    /// Says where a user can be reached.
    Register,
    /// Asks what the other side can do.
    Options,
    /// Confirms a provisional response (RFC 3262).
    Prack,
    /// Carries something for the application (RFC 6086).
    Info,
    /// Any other.
    Other(String),
}

impl Method {
    /// The method of that name; case matters (RFC 3261 §7.1).
    pub fn of(name: &str) -> Method {
        let known = [
            Method::Invite,
            Method::Ack,
            Method::Bye,
            Method::Cancel,
            Method::Register,
            Method::Options,
            Method::Prack,
            Method::Info,
        ];
        known
            .into_iter()
            .find(|method| method.name() == name)
            .unwrap_or_else(|| Method::Other(name.to_owned()))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Method::Invite => "INVITE",
            Method::Ack => "ACK",
            Method::Bye => "BYE",
            Method::Cancel => "CANCEL",
            Method::Register => "REGISTER",
            Method::Options => "OPTIONS",
            Method::Prack => "PRACK",
            Method::Info => "INFO",
            Method::Other(name) => name,
        }
    }
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub method: Method,
    /// Of whom.
    pub uri: Uri,
    /// The header fields.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Three digits.
    pub status: u16,
    /// What they mean, in words.
    pub phrase: String,
    /// The header fields.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A request.
    Request(Box<Request>),
    /// A response.
    Response(Box<Response>),
}

impl Request {
    /// A response to it (RFC 3261 §8.2.6.2): the fields that name the transaction are its own. A tag for To is set by whoever answers.
    pub fn respond(&self, status: u16) -> Response {
        let mut headers = Headers::default();
        for (name, value) in self.headers.iter() {
            let copied = ["Via", "From", "To", "Call-ID", "CSeq"];
            // A proxy's Record-Route comes back, so that the caller learns the way (§12.1.1).
            let route = name.eq_ignore_ascii_case("Record-Route") && status > 100 && status < 300;
            if route || copied.iter().any(|copied| name.eq_ignore_ascii_case(copied)) {
                headers.add(name, value);
            }
        }
        Response { status, phrase: phrase_of(status).to_owned(), headers, body: Vec::new() }
    }

    /// The bytes; Content-Length is that of the body.
    pub fn to_bytes(&self) -> Vec<u8> {
        let first = format!("{} {} SIP/2.0", self.method.name(), self.uri);
        write(&first, &self.headers, &self.body)
    }

    /// The body, if it is text of this media type.
    pub fn text_of(&self, media_type: &str) -> Option<&str> {
        text_of(&self.headers, &self.body, media_type)
    }
}

impl Response {
    /// The bytes; Content-Length is that of the body.
    pub fn to_bytes(&self) -> Vec<u8> {
        write(&format!("SIP/2.0 {:03} {}", self.status, self.phrase), &self.headers, &self.body)
    }

    /// Whether it is not the last word.
    pub const fn is_provisional(&self) -> bool {
        self.status < 200
    }

    /// Whether it says yes.
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The body, if it is text of this media type.
    pub fn text_of(&self, media_type: &str) -> Option<&str> {
        text_of(&self.headers, &self.body, media_type)
    }
}

impl Message {
    /// The bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Message::Request(request) => request.to_bytes(),
            Message::Response(response) => response.to_bytes(),
        }
    }

    /// The header fields.
    pub fn headers(&self) -> &Headers {
        match self {
            Message::Request(request) => &request.headers,
            Message::Response(response) => &response.headers,
        }
    }
}

/// `INVITE sip:bob@sig`, `180 Ringing`.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Message::Request(request) => write!(f, "{} {}", request.method.name(), request.uri),
            Message::Response(response) => write!(f, "{} {}", response.status, response.phrase),
        }
    }
}

fn text_of<'b>(headers: &Headers, body: &'b [u8], media_type: &str) -> Option<&'b str> {
    let found = headers.get("Content-Type")?.split(';').next()?.trim();
    found.eq_ignore_ascii_case(media_type).then(|| std::str::from_utf8(body).ok()).flatten()
}

fn write(first: &str, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{first}\r\n");
    for (name, value) in headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("Content-Length")) {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The usual phrase of a status (RFC 3261 §21).
pub const fn phrase_of(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        183 => "Session Progress",
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        415 => "Unsupported Media Type",
        420 => "Bad Extension",
        469 => "Bad Info Package",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        603 => "Decline",
        _ => "",
    }
}
