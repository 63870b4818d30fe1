//! A connection of a browser that asks for the page, or for signaling. Not here: what becomes of signaling.

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::Time;
use rtclab_rtc::http::{Request, RequestReader, Response};
use rtclab_rtc::websocket::respond;

/// The page.
const PAGE: &str = include_str!("page.html");
/// Where signaling is.
const SIGNALING: &str = "/signaling";
/// How long a connection may be silent.
const IDLE: Duration = Duration::from_secs(30);

/// What follows from what a client asked for.
#[derive(Debug)]
pub(super) enum Step {
    /// This is written.
    Answer(Vec<u8>),
    /// This is written, and what follows is a WebSocket.
    Upgrade { answer: Vec<u8>, rest: Vec<u8>, remote: SocketAddr },
    /// It is over.
    Close,
}

/// A client.
#[derive(Debug)]
pub(super) struct Client {
    local: SocketAddr,
    remote: SocketAddr,
    reader: RequestReader,
    deadline: Time,
}

impl Client {
    pub(super) fn new(local: SocketAddr, remote: SocketAddr, now: Time) -> Client {
        Client { local, remote, reader: RequestReader::new(), deadline: now + IDLE }
    }

    /// When it has been silent for too long.
    pub(super) fn deadline(&self) -> Time {
        self.deadline
    }

    /// Takes bytes in.
    pub(super) fn take(&mut self, bytes: &[u8], page: Option<&str>, now: Time) -> Vec<Step> {
        self.deadline = now + IDLE;
        self.reader.push(bytes);
        let mut steps = Vec::new();
        loop {
            match self.reader.next_request() {
                Ok(None) => return steps,
                Err(error) => {
                    steps.extend([Step::Answer(Response::refusing(&error).to_bytes()), Step::Close]);
                    return steps;
                }
                Ok(Some(request)) if path(&request) == SIGNALING => {
                    steps.extend(self.upgrade(&request));
                    return steps;
                }
                Ok(Some(request)) => {
                    let is_last = request.is_last();
                    steps.push(Step::Answer(answer(&request, page)));
                    if is_last {
                        steps.push(Step::Close);
                        return steps;
                    }
                }
            }
        }
    }

    fn upgrade(&mut self, request: &Request) -> Vec<Step> {
        if !self.is_our_page(request) {
            let refused = text(403, "signaling is for the page of this server only\n");
            return vec![Step::Answer(refused.to_bytes()), Step::Close];
        }
        match respond(request, &[]) {
            Ok(accepted) => {
                let rest = self.reader.take_rest();
                vec![Step::Upgrade { answer: accepted.response.to_bytes(), rest, remote: self.remote }]
            }
            Err(refused) => vec![Step::Answer(refused.response.to_bytes()), Step::Close],
        }
    }

    /// A page of somebody else must not talk to a server on this machine through its visitor's browser (RFC 6455 §10.2). What is no
    /// browser sends no Origin.
    fn is_our_page(&self, request: &Request) -> bool {
        let Some(origin) = request.headers.get("Origin") else { return true };
        let asked = request.headers.get("Host").unwrap_or_default();
        let is_here = |authority: &str| {
            authority == asked
                && (authority == self.local.to_string()
                    || authority == format!("localhost:{}", self.local.port())
                    || !self.local.ip().is_loopback())
        };
        origin.strip_prefix("http://").is_some_and(is_here)
    }
}

fn path(request: &Request) -> &str {
    request.target.split(['?', '#']).next().unwrap_or_default()
}

fn answer(request: &Request, page: Option<&str>) -> Vec<u8> {
    let response = match (request.method.as_str(), path(request)) {
        ("GET", "/") => {
            let page = page.unwrap_or(PAGE);
            html(page)
        }
        // Browsers ask for one by themselves.
        ("GET", "/favicon.ico") => Response::new(204),
        ("GET", _) => text(404, "there is one page here: /\n"),
        _ => text(405, "only GET is answered here\n"),
    };
    response.to_bytes()
}

fn html(page: &str) -> Response {
    let response = Response::new(200).with("Cache-Control", "no-store");
    response.and_then(|response| response.with_body("text/html; charset=utf-8", page)).unwrap_or_default()
}

fn text(status: u16, words: &str) -> Response {
    Response::new(status).with_body("text/plain; charset=utf-8", words).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Client::new(at(8080), at(50_000), Time::ZERO)
    }

    fn first_line(steps: &[Step]) -> String {
        let bytes = match steps.first() {
            Some(Step::Answer(bytes) | Step::Upgrade { answer: bytes, .. }) => bytes.clone(),
            other => panic!("an answer, not {other:?}"),
        };
        String::from_utf8_lossy(&bytes).lines().next().unwrap_or_default().to_owned()
    }

    fn ask(target: &str, fields: &str) -> Vec<Step> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n{fields}\r\n");
        client().take(request.as_bytes(), None, Time::ZERO)
    }

    const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    #[test]
    fn the_page_is_served_and_nothing_else() {
        assert_eq!(first_line(&ask("/", "")), "HTTP/1.1 200 OK");
        assert_eq!(first_line(&ask("/?test", "")), "HTTP/1.1 200 OK");
        assert_eq!(first_line(&ask("/etc/passwd", "")), "HTTP/1.1 404 Not Found");
        let post =
            client().take(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", None, Time::ZERO);
        assert_eq!(first_line(&post), "HTTP/1.1 405 Method Not Allowed");
        let junk = client().take(b"\x16\x03\x01 what\r\n\r\n", None, Time::ZERO);
        assert!(matches!(junk.last(), Some(Step::Close)), "{junk:?}");
    }

    #[test]
    fn signaling_is_for_our_page_only() {
        let ours = format!("{UPGRADE}Origin: http://127.0.0.1:8080\r\n");
        assert_eq!(first_line(&ask(SIGNALING, &ours)), "HTTP/1.1 101 Switching Protocols");
        assert_eq!(first_line(&ask(SIGNALING, UPGRADE)), "HTTP/1.1 101 Switching Protocols");
        for origin in ["http://evil.example", "http://127.0.0.1:80800", "https://127.0.0.1:8080", "null"] {
            let theirs = format!("{UPGRADE}Origin: {origin}\r\n");
            assert_eq!(first_line(&ask(SIGNALING, &theirs)), "HTTP/1.1 403 Forbidden", "{origin}");
        }
    }

    #[test]
    fn a_name_that_was_pointed_at_this_machine_is_not_our_page() {
        let request = format!(
            "GET {SIGNALING} HTTP/1.1\r\nHost: rebound.example:8080\r\nOrigin: http://rebound.example:8080\r\n{UPGRADE}\r\n"
        );
        let steps = client().take(request.as_bytes(), None, Time::ZERO);
        assert_eq!(first_line(&steps), "HTTP/1.1 403 Forbidden");
    }
}
