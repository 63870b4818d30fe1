//! The server: it takes offers, keeps sessions, takes candidates for them, and forgets them. Not here: the client.
//!
//! Call order: `handle_bytes` with what came on a stream, `stream_closed`, `answer` or `refuse` for each offer; after each, `poll_transmit` and `poll_event`
//! until they are empty.

use std::collections::{BTreeMap, VecDeque};

use super::{FRAGMENT, NOTE, SDP};
use crate::Randomness;
use crate::http::{Request, RequestReader, Response};

/// Sessions at most.
const SESSIONS_MAX: usize = 1024;

/// Streams at most.
const STREAMS_MAX: usize = 4096;

/// What clients ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerEvent {
    /// A session is offered; it is to be answered or refused.
    Offered {
        /// Its name.
        session: String,
        /// The offer.
        sdp: String,
        /// The application's own field.
        note: Option<String>,
    },
    /// Candidates for a session.
    Trickled {
        /// Its name.
        session: String,
        /// The fragment.
        fragment: String,
        /// The application's own field.
        note: Option<String>,
    },
    /// A session was ended.
    Deleted {
        /// Its name.
        session: String,
    },
    /// Something else was asked, and answered so.
    Refused {
        /// The method and what it was for.
        what: String,
        /// The status.
        status: u16,
    },
}

#[derive(Debug)]
struct Session {
    tag: String,
    /// The stream on which its offer waits for the answer.
    waits: Option<u64>,
}

/// A server of WHIP or WHEP.
#[derive(Debug)]
pub struct WhipServer {
    endpoint: String,
    token: Option<String>,
    streams: BTreeMap<u64, RequestReader>,
    sessions: BTreeMap<String, Session>,
    transmits: VecDeque<(u64, Vec<u8>)>,
    /// Streams that are to be closed after what was transmitted.
    closing: VecDeque<u64>,
    events: VecDeque<ServerEvent>,
    randomness: Box<dyn Randomness>,
}

impl WhipServer {
    /// A server whose endpoint is at that path; with a token, it is asked for.
    pub fn new(endpoint: &str, token: Option<&str>, randomness: Box<dyn Randomness>) -> WhipServer {
        WhipServer {
            endpoint: endpoint.to_owned(),
            token: token.map(str::to_owned),
            streams: BTreeMap::new(),
            sessions: BTreeMap::new(),
            transmits: VecDeque::new(),
            closing: VecDeque::new(),
            events: VecDeque::new(),
            randomness,
        }
    }

    /// Takes bytes of a stream, by a number of the owner's.
    pub fn handle_bytes(&mut self, stream: u64, bytes: &[u8]) {
        if self.streams.len() >= STREAMS_MAX && !self.streams.contains_key(&stream) {
            self.closing.push_back(stream);
            return;
        }
        self.streams.entry(stream).or_default().push(bytes);
        loop {
            let Some(reader) = self.streams.get_mut(&stream) else { return };
            match reader.next_request() {
                Ok(Some(request)) => self.take(stream, &request),
                Ok(None) => return,
                Err(error) => {
                    self.transmits.push_back((stream, Response::refusing(&error).to_bytes()));
                    self.streams.remove(&stream);
                    self.closing.push_back(stream);
                    return;
                }
            }
        }
    }

    /// A stream is over. Sessions go on without it.
    pub fn stream_closed(&mut self, stream: u64) {
        self.streams.remove(&stream);
        for session in self.sessions.values_mut().filter(|session| session.waits == Some(stream)) {
            session.waits = None;
        }
    }

    /// Answers an offer: 201 with where the session is from now on (RFC 9725 §4.2).
    pub fn answer(&mut self, session: &str, sdp: &str, note: Option<&str>) {
        let Some(found) = self.sessions.get_mut(session) else { return };
        let Some(stream) = found.waits.take() else { return };
        let mut response = Response::new(201);
        response.headers.push("Location", format!("{}/{session}", self.endpoint));
        response.headers.push("ETag", found.tag.clone());
        response.headers.push("Accept-Patch", FRAGMENT);
        response.headers.push("Content-Type", SDP);
        if let Some(note) = note {
            // A note that cannot stand in a head is left out.
            let _ = response.headers.add(NOTE, note);
        }
        response.body = sdp.as_bytes().to_vec();
        self.transmits.push_back((stream, response.to_bytes()));
    }

    /// Refuses an offer.
    pub fn refuse(&mut self, session: &str, status: u16) {
        let waits = self.sessions.remove(session).and_then(|session| session.waits);
        if let Some(stream) = waits {
            self.transmits.push_back((stream, Response::new(status).to_bytes()));
        }
    }

    /// The next bytes, and their stream.
    pub fn poll_transmit(&mut self) -> Option<(u64, Vec<u8>)> {
        self.transmits.pop_front()
    }

    /// The next stream that is to be closed; after what was to be transmitted.
    pub fn poll_close(&mut self) -> Option<u64> {
        self.closing.pop_front()
    }

    /// What has come of the inputs so far.
    pub fn poll_event(&mut self) -> Option<ServerEvent> {
        self.events.pop_front()
    }

    fn take(&mut self, stream: u64, request: &Request) {
        let outcome = if self.may(request) { self.serve(stream, request) } else { Some(self.unauthorized()) };
        if let Some(response) = outcome {
            if response.status >= 400 {
                let what = format!("{} {}", request.method, request.target);
                self.events.push_back(ServerEvent::Refused { what, status: response.status });
            }
            self.transmits.push_back((stream, response.to_bytes()));
        }
    }

    /// RFC 9725 §4.7, RFC 6750.
    fn may(&self, request: &Request) -> bool {
        let Some(token) = &self.token else { return true };
        let given = request.headers.get("Authorization").and_then(|value| value.strip_prefix("Bearer "));
        given == Some(token.as_str()) || request.method == "OPTIONS"
    }

    fn unauthorized(&self) -> Response {
        let mut response = Response::new(401);
        response.headers.push("WWW-Authenticate", "Bearer");
        response
    }

    /// The answer; none, if the offer waits for its own.
    fn serve(&mut self, stream: u64, request: &Request) -> Option<Response> {
        let path = request.target.split('?').next().unwrap_or_default();
        if path == self.endpoint {
            return self.at_endpoint(stream, request);
        }
        let name = path.strip_prefix(&self.endpoint).and_then(|rest| rest.strip_prefix('/'));
        let name = name.filter(|name| self.sessions.contains_key(*name)).map(str::to_owned);
        let Some(name) = name else { return Some(Response::new(404)) };
        Some(match request.method.as_str() {
            "PATCH" => self.patch(&name, request),
            "DELETE" => {
                self.sessions.remove(&name);
                self.events.push_back(ServerEvent::Deleted { session: name });
                Response::new(200)
            }
            _ => not_allowed("PATCH, DELETE"),
        })
    }

    fn at_endpoint(&mut self, stream: u64, request: &Request) -> Option<Response> {
        match request.method.as_str() {
            "POST" => {}
            "OPTIONS" => {
                let mut response = Response::new(200);
                response.headers.push("Accept-Post", SDP);
                return Some(response);
            }
            _ => return Some(not_allowed("POST, OPTIONS")),
        }
        if !is_of(request, SDP) {
            return Some(Response::new(415));
        }
        let Ok(sdp) = std::str::from_utf8(&request.body) else { return Some(Response::new(400)) };
        if self.sessions.len() >= SESSIONS_MAX {
            return Some(Response::new(503));
        }
        let session = format!("{:016x}", self.randomness.u64());
        let tag = format!("\"{:08x}\"", self.randomness.u64() >> 32);
        self.sessions.insert(session.clone(), Session { tag, waits: Some(stream) });
        let (sdp, note) = (sdp.to_owned(), request.headers.get(NOTE).map(str::to_owned));
        self.events.push_back(ServerEvent::Offered { session, sdp, note });
        None
    }

    /// RFC 9725 §4.3.1: the tag says which ICE session the candidates belong to.
    fn patch(&mut self, name: &str, request: &Request) -> Response {
        if !is_of(request, FRAGMENT) {
            return Response::new(415);
        }
        let tag = self.sessions.get(name).map(|session| session.tag.as_str());
        match request.headers.get("If-Match") {
            None => return Response::new(428),
            // §4.3.3: a restart, which is not done here.
            Some("*") => return Response::new(422),
            Some(given) if Some(given) != tag => return Response::new(412),
            Some(_) => {}
        }
        let Ok(fragment) = std::str::from_utf8(&request.body) else { return Response::new(400) };
        let (fragment, note) = (fragment.to_owned(), request.headers.get(NOTE).map(str::to_owned));
        self.events.push_back(ServerEvent::Trickled { session: name.to_owned(), fragment, note });
        Response::new(204)
    }
}

fn is_of(request: &Request, media_type: &str) -> bool {
    let given = request.headers.get("Content-Type").and_then(|value| value.split(';').next());
    given.is_some_and(|given| given.trim().eq_ignore_ascii_case(media_type))
}

fn not_allowed(allowed: &str) -> Response {
    let mut response = Response::new(405);
    response.headers.push("Allow", allowed);
    response
}
