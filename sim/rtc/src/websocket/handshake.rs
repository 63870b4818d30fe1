//! The opening handshake (RFC 6455 §4): a request of HTTP that asks to speak WebSocket from then on, and its answer. Not here: reading
//! them out of the stream ([`crate::http`]), frames.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest as _, Sha1};

use crate::Randomness;
use crate::http::{HttpError, Request, Response};

/// RFC 6455 §1.3: no server that does not know WebSocket answers with this.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The only version there is (§4.4).
const VERSION: &str = "13";

/// What a server answers to a key (§4.2.2): Base64 of SHA-1 of the key and a fixed text.
pub fn accept_key(key: &str) -> String {
    let hash = Sha1::new().chain_update(key.as_bytes()).chain_update(GUID).finalize();
    BASE64.encode(hash)
}

/// Why a client does not take the answer (§4.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// It is not HTTP.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The server did not switch.
    #[error("the server answers {0} instead of 101")]
    Status(u16),
    /// A field of the answer is not what it must be.
    #[error("the field `{0}` of the answer is missing or wrong")]
    Field(&'static str),
    /// The server chose a subprotocol that was not offered.
    #[error("the server chose the subprotocol `{0}`, which was not offered")]
    Subprotocol(String),
    /// The stream ended before the handshake did.
    #[error("the stream ended in the middle of the handshake")]
    Ended,
}

/// The client's half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHandshake {
    request: Request,
    key: String,
    offered: Vec<String>,
}

impl ClientHandshake {
    /// Asks for `target` at `host` (with the port, if it is not that of the scheme); `subprotocols` in the order of preference.
    ///
    /// # Errors
    ///
    /// A value cannot stand in a head of HTTP.
    pub fn new(
        host: &str,
        target: &str,
        subprotocols: &[&str],
        randomness: &mut dyn Randomness,
    ) -> Result<ClientHandshake, HttpError> {
        // §4.1: 16 bytes that are chosen at random for each connection.
        let mut nonce = [0; 16];
        randomness.fill(&mut nonce);
        let key = BASE64.encode(nonce);
        let mut request = Request::new("GET", target, host)?
            .with("Upgrade", "websocket")?
            .with("Connection", "Upgrade")?
            .with("Sec-WebSocket-Key", &key)?
            .with("Sec-WebSocket-Version", VERSION)?;
        if !subprotocols.is_empty() {
            request = request.with("Sec-WebSocket-Protocol", &subprotocols.join(", "))?;
        }
        let offered = subprotocols.iter().map(|&name| name.to_owned()).collect();
        Ok(ClientHandshake { request, key, offered })
    }

    /// The request. Fields may be added to it before it is sent: `Origin`, `Authorization`, `Cookie`.
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// The same request with one field more.
    ///
    /// # Errors
    ///
    /// As [`Headers::add`](crate::http::Headers::add).
    pub fn with(mut self, name: &str, value: &str) -> Result<ClientHandshake, HttpError> {
        self.request.headers.add(name, value)?;
        Ok(self)
    }

    /// Judges the answer. Returns the subprotocol that the server chose.
    ///
    /// # Errors
    ///
    /// The answer breaks a rule of §4.1: the connection is to be closed.
    pub fn judge(&self, response: &Response) -> Result<Option<String>, HandshakeError> {
        if response.status != 101 {
            return Err(HandshakeError::Status(response.status));
        }
        let headers = &response.headers;
        if !headers.get("Upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket")) {
            return Err(HandshakeError::Field("Upgrade"));
        }
        if !headers.has("Connection", "upgrade") {
            return Err(HandshakeError::Field("Connection"));
        }
        if headers.get("Sec-WebSocket-Accept") != Some(accept_key(&self.key).as_str()) {
            return Err(HandshakeError::Field("Sec-WebSocket-Accept"));
        }
        // None was offered.
        if headers.list("Sec-WebSocket-Extensions").next().is_some() {
            return Err(HandshakeError::Field("Sec-WebSocket-Extensions"));
        }
        if headers.all("Sec-WebSocket-Protocol").count() > 1 {
            return Err(HandshakeError::Field("Sec-WebSocket-Protocol"));
        }
        match headers.get("Sec-WebSocket-Protocol") {
            Some(chosen) if self.offered.iter().any(|offered| offered == chosen) => {
                Ok(Some(chosen.to_owned()))
            }
            Some(chosen) => Err(HandshakeError::Subprotocol(chosen.to_owned())),
            None => Ok(None),
        }
    }
}

/// A request that a server agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The answer, with status 101.
    pub response: Response,
    /// The subprotocol that was chosen.
    pub subprotocol: Option<String>,
}

/// A request that a server did not agree to, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Refused {
    /// The answer.
    pub response: Response,
    /// What is wrong with the request.
    pub why: &'static str,
}

/// A server's answer to a request (§4.2): the first of the client's subprotocols that is among `supported` is chosen. Whether its target
/// is served here is for the caller to look at.
///
/// # Errors
///
/// The request does not ask for a WebSocket of version 13; the error has the answer that says so.
pub fn respond(request: &Request, supported: &[&str]) -> Result<Accepted, Box<Refused>> {
    let refuse = |status: u16, why: &'static str| {
        let mut response = Response::new(status);
        if status == 426 {
            // §4.2.2: the versions that are spoken here.
            response.headers.push("Sec-WebSocket-Version", VERSION);
            response.headers.push("Upgrade", "websocket");
            response.headers.push("Connection", "Upgrade");
        }
        response.headers.push("Content-Type", "text/plain; charset=utf-8");
        response.body = format!("{why}\n").into_bytes();
        Err(Box::new(Refused { response, why }))
    };
    let headers = &request.headers;
    if request.method != "GET" {
        return refuse(405, "a WebSocket is asked for with GET");
    }
    if !headers.has("Upgrade", "websocket") || !headers.has("Connection", "upgrade") {
        return refuse(426, "the request does not ask for an upgrade to WebSocket");
    }
    if headers.get("Sec-WebSocket-Version") != Some(VERSION) {
        return refuse(426, "only version 13 of WebSocket is spoken here");
    }
    let mut keys = headers.all("Sec-WebSocket-Key");
    let (Some(key), None) = (keys.next(), keys.next()) else {
        return refuse(400, "the request has no Sec-WebSocket-Key, or several");
    };
    if !BASE64.decode(key).is_ok_and(|nonce| nonce.len() == 16) {
        return refuse(400, "the Sec-WebSocket-Key is not 16 bytes in Base64");
    }
    let wanted = headers.list("Sec-WebSocket-Protocol").find(|wanted| supported.contains(wanted));
    let subprotocol = wanted.map(str::to_owned);
    let mut response = Response::new(101);
    response.headers.push("Upgrade", "websocket");
    response.headers.push("Connection", "Upgrade");
    response.headers.push("Sec-WebSocket-Accept", accept_key(key));
    if let Some(chosen) = &subprotocol {
        response.headers.push("Sec-WebSocket-Protocol", chosen);
    }
    Ok(Accepted { response, subprotocol })
}
