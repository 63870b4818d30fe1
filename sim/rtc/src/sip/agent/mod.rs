//! A user agent (RFC 3261 §8): registers, calls and is called, through one proxy that it has a way to. Not here: the sessions that are
//! described in the bodies, transactions.
//!
//! Call order: `register`, `call` and the other commands, and `handle_datagram`, `handle_stream` or `handle_timeout`; after each,
//! `poll_transmit` and `poll_event` until they are empty, and `poll_timeout` for the next timer.
//!
//! The way of a call that trickles (RFC 8840 §4.3, with reliable provisional responses of RFC 3262):
//!
//! ```text
//! caller                      callee
//!   INVITE (offer) ─────────────►       Supported: 100rel, trickle-ice
//!   ◄───────────────── 180 Ringing
//!   ◄───── 183 Session Progress (answer)   Require: 100rel; repeated until PRACK
//!   PRACK ──────────────────────►       from here on both sides may trickle
//!   INFO (candidates) ──────────►       one after the other, because CSeq has to grow on arrival
//!   ◄─────────────────────── 200 OK
//!   ACK ────────────────────────►
//! ```

mod call;
mod incoming;
mod outgoing;
mod registration;
mod responses;

use std::collections::{BTreeMap, VecDeque};

use super::digest::Account;
use super::message::Method;
use super::parse::Framer;
use super::transaction::{ClientKey, Flow, Incoming, Layer, Transmit, Unanswered};
use super::{Headers, Message, NameAddr, Request, SipError, Transport, Uri, Via};
use crate::{Randomness, Time};
pub(super) use outgoing::cancel_of;

use call::{Call, Phase};
use registration::Registration;

/// Calls at most.
const CALLS_MAX: usize = 64;

/// The media type of descriptions.
pub const SDP: &str = "application/sdp";

/// The media type of candidates on their own (RFC 8840 §9).
pub const TRICKLE: &str = "application/trickle-ice-sdpfrag";

/// What a user agent is told.
#[derive(Clone, Debug)]
pub struct AgentConfig {
    /// Who it is: `sip:alice@example.test`, the address of record.
    pub who: Uri,
    /// Its account at the registrar, if that asks.
    pub account: Option<Account>,
    /// What it calls itself in Via and Contact: an address, or a made-up name where it cannot be connected to (RFC 7118 §5).
    pub host: String,
    /// Its port, with an address.
    pub port: Option<u16>,
    /// The way to its proxy.
    pub flow: Flow,
    /// How long its registration is to hold, in seconds.
    pub expires_s: u32,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentEvent {
    /// The registrar knows where we are.
    Registered,
    /// It does not: the status of its answer, 408 if none came.
    NotRegistered(u16),
    /// Somebody calls; or, in a call that stands, offers anew.
    Offered {
        /// The call.
        call: u32,
        /// Who, by the user of From.
        from: String,
        /// The offer.
        sdp: String,
        /// A field of the application's own beside it.
        note: Option<String>,
    },
    /// It rings at the other side.
    Ringing {
        /// The call.
        call: u32,
    },
    /// The other side answered with a description.
    Answered {
        /// The call.
        call: u32,
        /// The answer.
        sdp: String,
        /// A field of the application's own beside it.
        note: Option<String>,
    },
    /// The call stands: the final answer was given, and acknowledged.
    Confirmed {
        /// The call.
        call: u32,
    },
    /// Candidates came.
    Trickled {
        /// The call.
        call: u32,
        /// The fragment.
        fragment: String,
        /// A field of the application's own beside it.
        note: Option<String>,
    },
    /// A request of ours was refused, or not answered (408); the call is as it was before it.
    Refused {
        /// The call.
        call: u32,
        /// What was asked for.
        method: Method,
        /// The status.
        status: u16,
    },
    /// The call is over; with a status, it never stood.
    Ended {
        /// The call.
        call: u32,
        /// Why it never stood.
        status: Option<u16>,
    },
}

/// The name of the application's own field.
pub const NOTE: &str = "Rtclab-Signal";

/// A user agent.
#[derive(Debug)]
pub struct Agent {
    config: AgentConfig,
    layer: Layer,
    framer: Framer,
    registration: Registration,
    calls: BTreeMap<u32, Call>,
    next_call: u32,
    /// Which call a request of ours is about.
    asked: BTreeMap<ClientKey, u32>,
    events: VecDeque<AgentEvent>,
    randomness: Box<dyn Randomness>,
}

impl Agent {
    /// A user agent that has done nothing yet.
    pub fn new(config: AgentConfig, mut randomness: Box<dyn Randomness>) -> Agent {
        let registration = Registration::new(&mut randomness);
        Agent {
            config,
            layer: Layer::new(true),
            framer: Framer::new(),
            registration,
            calls: BTreeMap::new(),
            next_call: 0,
            asked: BTreeMap::new(),
            events: VecDeque::new(),
            randomness,
        }
    }

    /// Takes a datagram, or a message of a WebSocket.
    ///
    /// # Errors
    ///
    /// It is no message.
    pub fn handle_message(&mut self, bytes: &[u8], now: Time) -> Result<(), SipError> {
        // What keeps a NAT open says nothing (RFC 5626 §3.5.1).
        if bytes.iter().all(|byte| *byte == b'\r' || *byte == b'\n') {
            return Ok(());
        }
        let message = Message::parse(bytes)?;
        self.take(message, now);
        Ok(())
    }

    /// Takes bytes of a stream.
    ///
    /// # Errors
    ///
    /// What came is no message: the stream is to be closed.
    pub fn handle_stream(&mut self, bytes: &[u8], now: Time) -> Result<(), SipError> {
        self.framer.push(bytes);
        while let Some(message) = self.framer.next_message()? {
            self.take(message, now);
        }
        Ok(())
    }

    /// A new way to the proxy takes the place of the old one, under this name and port. It is to be registered again.
    pub fn move_to(&mut self, flow: Flow, host: &str, port: Option<u16>) {
        (self.config.flow, self.config.host, self.config.port) = (flow, host.to_owned(), port);
        self.framer = Framer::new();
    }

    /// The time of `poll_timeout` has come.
    pub fn handle_timeout(&mut self, now: Time) {
        for unanswered in self.layer.handle_timeout(now) {
            match unanswered {
                Unanswered::Request(key) => self.take_silence(&key, now),
                // RFC 3261 §13.3.1.4: without an ACK the session is ended.
                Unanswered::Response(key) => {
                    let call = self.calls.iter().find(|(_, call)| call.is_answered_with(&key));
                    if let Some(number) = call.map(|(number, _)| *number) {
                        self.hang_up(number, now);
                    }
                }
            }
        }
        if self.registration.due_at().is_some_and(|at| at <= now) {
            self.register(now);
        }
        self.repeat_provisional(now);
        self.asked.retain(|key, _| self.layer.sent(key).is_some());
    }

    /// Whether there is room for a call; those that are over make room.
    fn has_room(&mut self) -> bool {
        if self.calls.len() >= CALLS_MAX {
            self.calls.retain(|_, call| call.phase != Phase::Over);
        }
        self.calls.len() < CALLS_MAX
    }

    /// When `handle_timeout` wants to be called.
    pub fn poll_timeout(&self) -> Option<Time> {
        let provisional = self.calls.values().filter_map(Call::next_at).min();
        self.layer.next_at().into_iter().chain(self.registration.due_at()).chain(provisional).min()
    }

    /// The next bytes for the proxy.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.layer.poll_transmit()
    }

    /// What has come of the inputs so far.
    pub fn poll_event(&mut self) -> Option<AgentEvent> {
        self.events.pop_front()
    }

    fn take(&mut self, message: Message, now: Time) {
        match self.layer.handle(self.config.flow, message, now) {
            Some(Incoming::Request(key, request, _)) => self.take_request(key, *request, now),
            Some(Incoming::Ack(request)) => self.take_ack(&request, now),
            Some(Incoming::Response(key, response)) => self.take_response(key, *response, now),
            Some(Incoming::Stray) | None => {}
        }
    }

    /// Sends a request with a Via of ours on top.
    fn send(&mut self, mut request: Request, call: Option<u32>, now: Time) -> Option<ClientKey> {
        let via = self.via();
        request.headers.add_first("Via", via);
        let key = self.layer.request(request, self.config.flow, now).ok()?;
        if let Some(call) = call {
            self.asked.insert(key.clone(), call);
        }
        Some(key)
    }

    fn via(&mut self) -> Via {
        let random = token(&mut self.randomness);
        Via::new(self.config.flow.transport(), &self.config.host, self.config.port, &random)
    }

    /// Where we can be reached.
    fn contact(&self) -> NameAddr {
        let mut uri = self.config.who.clone();
        uri.host.clone_from(&self.config.host);
        uri.port = self.config.port;
        match self.config.flow.transport() {
            Transport::Udp => {}
            Transport::Tcp => uri.params.set("transport", Some("tcp")),
            Transport::Ws => uri.params.set("transport", Some("ws")),
        }
        NameAddr::new(uri)
    }

    /// A request outside of a dialog (RFC 3261 §8.1.1), without Via.
    fn request(&mut self, method: Method, uri: Uri, to: NameAddr, call_id: &str, sequence: u32) -> Request {
        let tag = token(&mut self.randomness);
        let mut headers = Headers::default();
        headers.add("Max-Forwards", 70);
        headers.add("From", NameAddr::new(self.config.who.clone()).with_tag(&tag));
        headers.add("To", to);
        headers.add("Call-ID", call_id);
        headers.add("CSeq", format!("{sequence} {}", method.name()));
        headers.add("Contact", self.contact());
        Request { method, uri, headers, body: Vec::new() }
    }
}

/// A random token: more than 64 bits, as tags need (RFC 3261 §19.3 wants 32 at least).
fn token(randomness: &mut dyn Randomness) -> String {
    format!("{:016x}", randomness.u64())
}
