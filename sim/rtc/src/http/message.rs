//! Requests and responses, and how they are written (RFC 9112 §3, §4). Not here: reading them out of a stream (`reader`).

use super::headers::is_token;
use super::{Headers, HttpError};

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// What is asked for: `GET`, `POST`, `CONNECT`; case matters.
    pub method: String,
    /// What it is asked of, in one of the four forms of RFC 9112 §3.2, as it stands.
    pub target: String,
    /// The fields.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// Three digits.
    pub status: u16,
    /// What they mean, in words.
    pub phrase: String,
    /// The fields.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without a body.
    ///
    /// # Errors
    ///
    /// Method, target or host have characters that cannot stand in a head.
    pub fn new(method: &str, target: &str, host: &str) -> Result<Request, HttpError> {
        if !is_token(method) {
            return Err(HttpError::NotAField(method.to_owned()));
        }
        if target.is_empty() || !target.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(HttpError::NotAField(target.to_owned()));
        }
        let mut headers = Headers::default();
        headers.add("Host", host)?;
        Ok(Request { method: method.to_owned(), target: target.to_owned(), headers, body: Vec::new() })
    }

    /// The same with one field more.
    ///
    /// # Errors
    ///
    /// As [`Headers::add`].
    pub fn with(mut self, name: &str, value: &str) -> Result<Request, HttpError> {
        self.headers.add(name, value)?;
        Ok(self)
    }

    /// The same with a body of that media type.
    ///
    /// # Errors
    ///
    /// As [`Headers::add`].
    pub fn with_body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Result<Request, HttpError> {
        self.headers.add("Content-Type", media_type)?;
        self.body = body.into();
        Ok(self)
    }

    /// The bytes for the stream. Content-Length is written for what has a body, or is expected to have one (RFC 9110 §8.6).
    pub fn to_bytes(&self) -> Vec<u8> {
        let first = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        let expects = ["POST", "PUT", "PATCH"].contains(&self.method.as_str());
        write(first, &self.headers, &self.body, expects || !self.body.is_empty())
    }

    /// Whether the connection stays for another request (RFC 9112 §9.3).
    pub fn is_last(&self) -> bool {
        self.headers.has("Connection", "close")
    }
}

impl Response {
    /// A response without a body, with the usual phrase.
    pub fn new(status: u16) -> Response {
        Response { status, phrase: phrase_of(status).to_owned(), ..Response::default() }
    }

    /// The same with one field more.
    ///
    /// # Errors
    ///
    /// As [`Headers::add`].
    pub fn with(mut self, name: &str, value: &str) -> Result<Response, HttpError> {
        self.headers.add(name, value)?;
        Ok(self)
    }

    /// The same with a body of that media type.
    ///
    /// # Errors
    ///
    /// As [`Headers::add`].
    pub fn with_body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Result<Response, HttpError> {
        self.headers.add("Content-Type", media_type)?;
        self.body = body.into();
        Ok(self)
    }

    /// The answer to bytes that are not a request; the connection is to be closed after it.
    pub fn refusing(error: &HttpError) -> Response {
        let mut response = Response::new(error.status());
        response.headers.push("Connection", "close");
        response.headers.push("Content-Type", "text/plain; charset=utf-8");
        response.body = format!("{error}\n").into_bytes();
        response
    }

    /// Whether it says that the request was done.
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The bytes for the stream. Answers that never have a body get no length (RFC 9110 §8.6).
    pub fn to_bytes(&self) -> Vec<u8> {
        let first = format!("HTTP/1.1 {:03} {}\r\n", self.status, self.phrase);
        let bodiless = self.status < 200 || self.status == 204 || self.status == 304;
        write(first, &self.headers, if bodiless { &[] } else { &self.body }, !bodiless)
    }

    /// The bytes of a 2xx to CONNECT: a head, and then the tunnel (RFC 9110 §9.3.6).
    pub fn to_tunnel_bytes(&self) -> Vec<u8> {
        write(format!("HTTP/1.1 {:03} {}\r\n", self.status, self.phrase), &self.headers, &[], false)
    }
}

fn write(first: String, headers: &Headers, body: &[u8], with_length: bool) -> Vec<u8> {
    let mut text = first;
    let mut line = |name: &str, value: &str| {
        text.push_str(name);
        text.push_str(": ");
        text.push_str(value);
        text.push_str("\r\n");
    };
    for (name, value) in headers.iter() {
        // How long the body is, is known best here.
        let framing = ["Content-Length", "Transfer-Encoding"];
        if !framing.iter().any(|framing| framing.eq_ignore_ascii_case(name)) {
            line(name, value);
        }
    }
    if with_length {
        line("Content-Length", &body.len().to_string());
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The usual phrase of a status (RFC 9110 §15); empty for one that is not used here.
pub const fn phrase_of(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}
