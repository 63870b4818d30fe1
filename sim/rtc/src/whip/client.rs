//! The client: it offers, learns of its session by the answer, tells candidates, and ends it. Not here: the server.
//!
//! Call order: `offer`, `trickle`, `delete`, and `handle_bytes` with what came; after each, `poll_transmit` and `poll_event` until they are empty.

use std::collections::VecDeque;

use super::{FRAGMENT, NOTE, SDP};
use crate::http::{HttpError, Request, Response, ResponseReader};

/// Fragments that wait for the session.
const WAITING_MAX: usize = 64;

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientEvent {
    /// The session is there.
    Answered {
        /// The answer.
        sdp: String,
        /// The application's own field.
        note: Option<String>,
    },
    /// The server took the candidates.
    Trickled,
    /// The session is over.
    Deleted,
    /// A request was refused.
    Refused {
        /// Its method.
        method: &'static str,
        /// The status.
        status: u16,
    },
}

/// A client of WHIP or WHEP, on one connection.
#[derive(Debug)]
pub struct WhipClient {
    host: String,
    endpoint: String,
    token: Option<String>,
    responses: ResponseReader,
    asked: VecDeque<&'static str>,
    /// Where the session is, once the server said so.
    session: Option<String>,
    tag: Option<String>,
    waiting: VecDeque<(String, Option<String>)>,
    transmits: VecDeque<Vec<u8>>,
    events: VecDeque<ClientEvent>,
}

impl WhipClient {
    /// A client of the endpoint at that path of that host.
    pub fn new(host: &str, endpoint: &str, token: Option<&str>) -> WhipClient {
        WhipClient {
            host: host.to_owned(),
            endpoint: endpoint.to_owned(),
            token: token.map(str::to_owned),
            responses: ResponseReader::new(),
            asked: VecDeque::new(),
            session: None,
            tag: None,
            waiting: VecDeque::new(),
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Where the session is, once there is one.
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// Offers.
    ///
    /// # Errors
    ///
    /// Host, path or note cannot stand in a head of HTTP.
    pub fn offer(&mut self, sdp: &str, note: Option<&str>) -> Result<(), HttpError> {
        let request = self.request("POST", &self.endpoint, note)?.with_body(SDP, sdp)?;
        self.send("POST", &request);
        Ok(())
    }

    /// Tells candidates, as soon as there is a session to tell them to.
    ///
    /// # Errors
    ///
    /// The note cannot stand in a head of HTTP.
    pub fn trickle(&mut self, fragment: &str, note: Option<&str>) -> Result<(), HttpError> {
        if self.session.is_none() {
            if self.waiting.len() < WAITING_MAX {
                self.waiting.push_back((fragment.to_owned(), note.map(str::to_owned)));
            }
            return Ok(());
        }
        let session = self.session.clone().unwrap_or_default();
        let mut request = self.request("PATCH", &session, note)?;
        // RFC 9725 §4.3.1: so that candidates of an older ICE session are told apart.
        if let Some(tag) = &self.tag {
            request = request.with("If-Match", tag)?;
        }
        let request = request.with_body(FRAGMENT, fragment)?;
        self.send("PATCH", &request);
        Ok(())
    }

    /// Ends the session.
    ///
    /// # Errors
    ///
    /// The session's place cannot stand in a head of HTTP.
    pub fn delete(&mut self) -> Result<(), HttpError> {
        let Some(session) = self.session.take() else { return Ok(()) };
        let request = self.request("DELETE", &session, None)?;
        self.send("DELETE", &request);
        Ok(())
    }

    /// Takes bytes of the connection.
    ///
    /// # Errors
    ///
    /// What came is not HTTP: the connection is to be closed.
    pub fn handle_bytes(&mut self, bytes: &[u8]) -> Result<(), HttpError> {
        self.responses.push(bytes);
        while let Some(response) = self.responses.next_response()? {
            if response.status >= 200 {
                self.take(&response)?;
            }
        }
        Ok(())
    }

    /// The next bytes for the connection.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.transmits.pop_front()
    }

    /// What has come of the inputs so far.
    pub fn poll_event(&mut self) -> Option<ClientEvent> {
        self.events.pop_front()
    }

    fn request(&self, method: &str, target: &str, note: Option<&str>) -> Result<Request, HttpError> {
        let mut request = Request::new(method, target, &self.host)?;
        if let Some(token) = &self.token {
            request = request.with("Authorization", &format!("Bearer {token}"))?;
        }
        note.map_or(Ok(request.clone()), |note| request.with(NOTE, note))
    }

    fn send(&mut self, method: &'static str, request: &Request) {
        self.responses.expect(method);
        self.asked.push_back(method);
        self.transmits.push_back(request.to_bytes());
    }

    fn take(&mut self, response: &Response) -> Result<(), HttpError> {
        let Some(method) = self.asked.pop_front() else { return Ok(()) };
        let location = response.headers.get("Location").filter(|location| location.starts_with('/'));
        match (method, response.status, location) {
            ("POST", 201, Some(location)) => {
                self.session = Some(location.to_owned());
                self.tag = response.headers.get("ETag").map(str::to_owned);
                let sdp = String::from_utf8_lossy(&response.body).into_owned();
                let note = response.headers.get(NOTE).map(str::to_owned);
                self.events.push_back(ClientEvent::Answered { sdp, note });
                for (fragment, note) in std::mem::take(&mut self.waiting) {
                    self.trickle(&fragment, note.as_deref())?;
                }
            }
            ("PATCH", 200..=299, _) => self.events.push_back(ClientEvent::Trickled),
            ("DELETE", 200..=299, _) => self.events.push_back(ClientEvent::Deleted),
            (method, status, _) => self.events.push_back(ClientEvent::Refused { method, status }),
        }
        Ok(())
    }
}
