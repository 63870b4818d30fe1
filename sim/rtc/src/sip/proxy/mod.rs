//! A registrar and stateful proxy for one domain (RFC 3261 §10.3, §16): knows where its users are, asks for their passwords, passes requests on
//! and responses back. Not here: user agents, transactions.
//!
//! Call order: `handle_datagram`, `handle_message`, `handle_stream`, `stream_closed` or `handle_timeout`; after each, `poll_transmit` and `poll_event` until
//! they are empty, and `poll_timeout` for the next timer.

mod forward;
mod registrar;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use super::parse::Framer;
use super::transaction::{ClientKey, Flow, Incoming, Layer, ServerKey, Transmit, Unanswered};
use super::{Message, Method, SipError, Transport};
use crate::{Randomness, Time};
use registrar::{Binding, Nonces};

/// What a proxy is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyConfig {
    /// Its domain, which is its own name, too.
    pub host: String,
    /// Passwords by user. If there are none, nobody is asked.
    pub accounts: BTreeMap<String, String>,
    /// Whether a call is asked for a password, too (§22.3), and not only a registration.
    pub challenges_calls: bool,
    /// How long a registration holds at most, in seconds.
    pub expires_s_max: u32,
}

/// What happened at a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyEvent {
    /// It knows where a user is.
    Registered {
        /// The user.
        user: String,
        /// Where.
        contact: String,
    },
    /// It does not know any more.
    Unregistered {
        /// The user.
        user: String,
    },
    /// It asked for a password.
    Challenged {
        /// The user.
        user: String,
    },
    /// It passed a request on, or a response back.
    Forwarded {
        /// The message, in words.
        message: String,
    },
    /// It answered a request on its own.
    Refused {
        /// The request, in words.
        message: String,
        /// The status.
        status: u16,
    },
}

/// A registrar and proxy.
#[derive(Debug)]
pub struct Proxy {
    config: ProxyConfig,
    layer: Layer,
    framers: BTreeMap<Flow, Framer>,
    bindings: BTreeMap<String, Binding>,
    nonces: Nonces,
    /// Which request of ours passes on which one of somebody else.
    pairs: BTreeMap<ClientKey, ServerKey>,
    /// Requests of ours that are to be cancelled as soon as they can be.
    cancelled: Vec<ClientKey>,
    events: VecDeque<ProxyEvent>,
    randomness: Box<dyn Randomness>,
}

impl Proxy {
    /// A proxy that knows nobody yet.
    pub fn new(config: ProxyConfig, randomness: Box<dyn Randomness>) -> Proxy {
        Proxy {
            config,
            layer: Layer::new(false),
            framers: BTreeMap::new(),
            bindings: BTreeMap::new(),
            nonces: Nonces::default(),
            pairs: BTreeMap::new(),
            cancelled: Vec::new(),
            events: VecDeque::new(),
            randomness,
        }
    }

    /// The users that it knows the place of.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.bindings.keys().map(String::as_str)
    }

    /// Takes a datagram.
    ///
    /// # Errors
    ///
    /// It is no message.
    pub fn handle_datagram(&mut self, from: SocketAddr, bytes: &[u8], now: Time) -> Result<(), SipError> {
        self.handle_message(Flow::Datagram(from), bytes, now)
    }

    /// Takes a message that came whole: a datagram, or a message of a WebSocket.
    ///
    /// # Errors
    ///
    /// It is no message.
    pub fn handle_message(&mut self, flow: Flow, bytes: &[u8], now: Time) -> Result<(), SipError> {
        // What keeps a NAT open says nothing (RFC 5626 §3.5.1).
        if bytes.iter().all(|byte| *byte == b'\r' || *byte == b'\n') {
            return Ok(());
        }
        let message = Message::parse(bytes)?;
        self.take(flow, message, now);
        Ok(())
    }

    /// Takes bytes of a TCP stream, by a number of the owner's.
    ///
    /// # Errors
    ///
    /// What came is no message: the stream is to be closed.
    pub fn handle_stream(&mut self, stream: u64, bytes: &[u8], now: Time) -> Result<(), SipError> {
        let flow = Flow::Stream(Transport::Tcp, stream);
        self.framers.entry(flow).or_default().push(bytes);
        while let Some(framer) = self.framers.get_mut(&flow) {
            let Some(message) = framer.next_message()? else { break };
            self.take(flow, message, now);
        }
        Ok(())
    }

    /// A stream is over: whoever was reached through it is not any more (RFC 5626 §5.1).
    pub fn stream_closed(&mut self, flow: Flow) {
        self.framers.remove(&flow);
        let gone: Vec<String> = self
            .bindings
            .iter()
            .filter(|(_, binding)| binding.flow == flow)
            .map(|(user, _)| user.clone())
            .collect();
        for user in gone {
            self.bindings.remove(&user);
            self.events.push_back(ProxyEvent::Unregistered { user });
        }
    }

    /// The time of `poll_timeout` has come.
    pub fn handle_timeout(&mut self, now: Time) {
        for unanswered in self.layer.handle_timeout(now) {
            let Unanswered::Request(key) = unanswered else { continue };
            let Some(asked) = self.pairs.remove(&key) else { continue };
            // §16.8: as if it had been answered with 408.
            if let Some(request) = self.layer.asked(&asked).cloned() {
                self.refuse(&asked, &request, 408, now);
            }
        }
        self.expire(now);
        self.pairs.retain(|key, _| self.layer.sent(key).is_some());
        self.cancelled.retain(|key| self.layer.sent(key).is_some());
    }

    /// When `handle_timeout` wants to be called.
    pub fn poll_timeout(&self) -> Option<Time> {
        let expiry = self.bindings.values().map(|binding| binding.expires_at).min();
        self.layer.next_at().into_iter().chain(expiry).min()
    }

    /// The next bytes for a neighbor.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.layer.poll_transmit()
    }

    /// What has come of the inputs so far.
    pub fn poll_event(&mut self) -> Option<ProxyEvent> {
        self.events.pop_front()
    }

    fn take(&mut self, flow: Flow, message: Message, now: Time) {
        match self.layer.handle(flow, message, now) {
            Some(Incoming::Request(key, request, flow)) => match request.method {
                Method::Cancel => self.take_cancel(&key, &request, now),
                Method::Register if self.is_ours(&request.uri) => {
                    self.take_register(&key, &request, flow, now)
                }
                _ => self.take_request(&key, *request, now),
            },
            Some(Incoming::Ack(request)) => self.pass_ack(*request),
            Some(Incoming::Response(key, response)) => self.pass_back(&key, *response, now),
            // RFC 6026 §7.3: what belongs to nothing is dropped.
            Some(Incoming::Stray) | None => {}
        }
    }
}
