//! Messages out of a stream. Not here: bodies (`body`), what a message says.
//!
//! Call order: `push` what has arrived, then `next_request` or `next_response` until there is none. After an error the stream is lost: where
//! the next message begins cannot be known.

use super::body::{Body, Framing};
use super::{FIELDS_MAX, HEAD_MAX, Headers, HttpError, Request, Response};

/// Bytes that have come, up to a head and through a body.
#[derive(Debug, Default)]
struct Incoming {
    bytes: Vec<u8>,
    /// So many of them have been looked at, and no head ends among them.
    looked_at: usize,
    body: Option<Body>,
    ended: bool,
    failed: Option<HttpError>,
}

impl Incoming {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The length of the head, once it is whole.
    fn head(&mut self) -> Result<Option<usize>, HttpError> {
        for at in self.looked_at..self.bytes.len() {
            if at >= HEAD_MAX {
                return Err(HttpError::HeadTooLong);
            }
            if self.bytes[at] != b'\n' {
                continue;
            }
            let line = &self.bytes[..at];
            if line.last() != Some(&b'\r') {
                return Err(HttpError::BareLineFeed { at });
            }
            if line.ends_with(b"\r\n\r") {
                self.looked_at = 0;
                return Ok(Some(at + 1));
            }
        }
        self.looked_at = self.bytes.len();
        if self.ended && !self.bytes.is_empty() { Err(HttpError::Ended) } else { Ok(None) }
    }

    /// The body of the message whose head was read last, once it is whole.
    fn take_body(&mut self) -> Result<Option<Vec<u8>>, HttpError> {
        let Some(body) = &mut self.body else { return Ok(None) };
        let mut whole = body.take(&mut self.bytes)?;
        if whole.is_none() && self.ended {
            whole = Some(body.end().ok_or(HttpError::Ended)?);
        }
        if whole.is_some() {
            self.body = None;
        }
        Ok(whole)
    }

    fn fail<T>(&mut self, error: HttpError) -> Result<T, HttpError> {
        self.failed = Some(error.clone());
        Err(error)
    }

    fn take_rest(&mut self) -> Vec<u8> {
        self.looked_at = 0;
        std::mem::take(&mut self.bytes)
    }
}

/// Requests out of a stream: a server's side.
#[derive(Debug, Default)]
pub struct RequestReader {
    incoming: Incoming,
    head: Option<Request>,
    /// Whether the empty line before the next request has been skipped.
    has_skipped: bool,
}

impl RequestReader {
    /// A reader at the beginning of a stream.
    pub fn new() -> RequestReader {
        RequestReader::default()
    }

    /// Takes bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.incoming.push(bytes);
    }

    /// The stream is over: nothing more comes.
    pub fn end(&mut self) {
        self.incoming.ended = true;
    }

    /// The next request that is whole.
    ///
    /// # Errors
    ///
    /// What came is no request; the same is said again from then on.
    pub fn next_request(&mut self) -> Result<Option<Request>, HttpError> {
        if let Some(error) = &self.incoming.failed {
            return Err(error.clone());
        }
        self.read().or_else(|error| self.incoming.fail(error))
    }

    /// What has come behind the last message: after an upgrade or a CONNECT it is not HTTP any more.
    pub fn take_rest(&mut self) -> Vec<u8> {
        self.incoming.take_rest()
    }

    fn read(&mut self) -> Result<Option<Request>, HttpError> {
        if self.head.is_none() {
            // RFC 9112 §2.2: an empty line before a request is skipped. One, however the stream is cut.
            if !self.has_skipped && self.incoming.bytes.starts_with(b"\r\n") {
                self.incoming.bytes.drain(..2);
                self.incoming.looked_at = 0;
                self.has_skipped = true;
            }
            let Some(length) = self.incoming.head()? else { return Ok(None) };
            self.has_skipped = false;
            let request = request_head(&self.incoming.bytes[..length])?;
            self.incoming.bytes.drain(..length);
            // RFC 9112 §6.3, the seventh: a request that says nothing has no body.
            let framing = Framing::of(&request.headers)?.unwrap_or(Framing::Length(0));
            self.incoming.body = Some(Body::new(framing));
            self.head = Some(request);
        }
        let Some(body) = self.incoming.take_body()? else { return Ok(None) };
        Ok(self.head.take().map(|head| Request { body, ..head }))
    }
}

/// Responses out of a stream: a client's side.
#[derive(Debug, Default)]
pub struct ResponseReader {
    incoming: Incoming,
    head: Option<Response>,
    /// The methods of requests that wait for their final responses, in order.
    asked: std::collections::VecDeque<String>,
}

impl ResponseReader {
    /// A reader at the beginning of a stream.
    pub fn new() -> ResponseReader {
        ResponseReader::default()
    }

    /// A request of that method has been sent: its method decides whether the response has a body (RFC 9112 §6.3).
    pub fn expect(&mut self, method: &str) {
        self.asked.push_back(method.to_owned());
    }

    /// Takes bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.incoming.push(bytes);
    }

    /// The stream is over, which may be the end of a body.
    pub fn end(&mut self) {
        self.incoming.ended = true;
    }

    /// The next response that is whole; those of 1xx come before the final one.
    ///
    /// # Errors
    ///
    /// What came is no response; the same is said again from then on.
    pub fn next_response(&mut self) -> Result<Option<Response>, HttpError> {
        if let Some(error) = &self.incoming.failed {
            return Err(error.clone());
        }
        self.read().or_else(|error| self.incoming.fail(error))
    }

    /// What has come behind the last message: after an upgrade or a CONNECT it is not HTTP any more.
    pub fn take_rest(&mut self) -> Vec<u8> {
        self.incoming.take_rest()
    }

    fn read(&mut self) -> Result<Option<Response>, HttpError> {
        if self.head.is_none() {
            let Some(length) = self.incoming.head()? else { return Ok(None) };
            let response = response_head(&self.incoming.bytes[..length])?;
            self.incoming.bytes.drain(..length);
            let asked = self.asked.front().map_or("GET", String::as_str);
            self.incoming.body = Some(Body::new(framing_of(&response, asked)?));
            self.head = Some(response);
        }
        let Some(body) = self.incoming.take_body()? else { return Ok(None) };
        let response = self.head.take().map(|head| Response { body, ..head });
        // 101 is final for its request; other answers of 1xx announce the final one (RFC 9110 §15.2).
        if response.as_ref().is_some_and(|response| response.status >= 200 || response.status == 101) {
            self.asked.pop_front();
        }
        Ok(response)
    }
}

/// RFC 9112 §6.3, in its order.
fn framing_of(response: &Response, asked: &str) -> Result<Framing, HttpError> {
    let status = response.status;
    let bodiless = asked == "HEAD" || status < 200 || status == 204 || status == 304;
    if bodiless || (asked == "CONNECT" && response.is_success()) {
        return Ok(Framing::Length(0));
    }
    Ok(Framing::of(&response.headers)?.unwrap_or(Framing::UntilClosed))
}

fn request_head(bytes: &[u8]) -> Result<Request, HttpError> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut parsed = httparse::Request::new(&mut fields);
    match parsed.parse(bytes).map_err(syntax)? {
        httparse::Status::Complete(_) => {}
        httparse::Status::Partial => return Err(HttpError::Ended),
    }
    if parsed.version != Some(1) {
        return Err(HttpError::Version);
    }
    let headers = headers(parsed.headers)?;
    if headers.all("Host").count() != 1 {
        return Err(HttpError::Host);
    }
    let (method, target) = (parsed.method.unwrap_or_default(), parsed.path.unwrap_or_default());
    Ok(Request { method: method.to_owned(), target: target.to_owned(), headers, body: Vec::new() })
}

fn response_head(bytes: &[u8]) -> Result<Response, HttpError> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut parsed = httparse::Response::new(&mut fields);
    match parsed.parse(bytes).map_err(syntax)? {
        httparse::Status::Complete(_) => {}
        httparse::Status::Partial => return Err(HttpError::Ended),
    }
    if parsed.version != Some(1) {
        return Err(HttpError::Version);
    }
    let headers = headers(parsed.headers)?;
    let phrase = parsed.reason.unwrap_or_default().to_owned();
    Ok(Response { status: parsed.code.unwrap_or_default(), phrase, headers, body: Vec::new() })
}

fn headers(parsed: &[httparse::Header<'_>]) -> Result<Headers, HttpError> {
    let mut headers = Headers::default();
    for field in parsed {
        let value =
            std::str::from_utf8(field.value).map_err(|_| HttpError::NotText(field.name.to_owned()))?;
        headers.push(field.name, value);
    }
    Ok(headers)
}

fn syntax(error: httparse::Error) -> HttpError {
    match error {
        httparse::Error::TooManyHeaders => HttpError::TooManyFields,
        httparse::Error::Version => HttpError::Version,
        other => HttpError::Syntax(other),
    }
}
