//! Which transaction a message belongs to (RFC 3261 §17.1.3, §17.2.3), and the timers of all of them. Not here: what a transaction does with it.

use std::collections::{BTreeMap, VecDeque};

use super::client::{self, Client};
use super::server::{self, Server};
use super::{Flow, Transmit};
use crate::Time;
use crate::sip::{Message, Method, Request, Response, SipError};

/// Transactions of each kind at most.
const TRANSACTIONS_MAX: usize = 4096;

/// What names a client transaction: the branch, and the method of CSeq.
pub(crate) type ClientKey = (String, Method);

/// What names a server transaction: the branch, who made it, and the method, with INVITE for ACK.
pub(crate) type ServerKey = (String, String, Method);

/// What is new to the user of transactions.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A request, with a transaction to answer it.
    Request(ServerKey, Box<Request>, Flow),
    /// An ACK of a 2xx: it belongs to no transaction (§17).
    Ack(Box<Request>),
    /// A response to a request of ours.
    Response(ClientKey, Box<Response>),
    /// A response to nothing that is known here.
    Stray,
}

/// What a timer has brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// A request has no final response (§8.1.3.1: as if it were 408).
    Request(ClientKey),
    /// A final response to INVITE was not acknowledged.
    Response(ServerKey),
}

/// All transactions of an endpoint.
#[derive(Debug)]
pub(crate) struct Layer {
    clients: BTreeMap<ClientKey, Client>,
    servers: BTreeMap<ServerKey, Server>,
    transmits: VecDeque<Transmit>,
    /// Whether this is the end of the way, that repeats a 2xx until it is acknowledged.
    is_end: bool,
}

impl Layer {
    pub(crate) fn new(is_end: bool) -> Layer {
        Layer { clients: BTreeMap::new(), servers: BTreeMap::new(), transmits: VecDeque::new(), is_end }
    }

    /// Sends a request whose top Via is ours. Nothing is sent if there are too many already.
    pub(crate) fn request(&mut self, request: Request, flow: Flow, now: Time) -> Result<ClientKey, SipError> {
        let branch = branch_of(&request)?;
        let key = (branch, request.method.clone());
        if self.clients.len() >= TRANSACTIONS_MAX {
            return Err(SipError::new(0, "there are too many transactions", "RFC 3261 §21.5.4"));
        }
        self.transmit(flow, request.to_bytes(), false);
        self.clients.insert(key.clone(), Client::new(request, flow, now));
        Ok(key)
    }

    /// Sends what needs no transaction: an ACK of a 2xx.
    pub(crate) fn transmit(&mut self, flow: Flow, bytes: Vec<u8>, again: bool) {
        self.transmits.push_back(Transmit { flow, bytes, again });
    }

    /// Answers a request.
    pub(crate) fn respond(&mut self, key: &ServerKey, response: &Response, now: Time) {
        let Some(server) = self.servers.get_mut(key) else { return };
        let flow = server.flow;
        if let Some(bytes) = server.respond(response, now) {
            self.transmit(flow, bytes, false);
        }
    }

    /// Sends a provisional response again (RFC 3262 §3).
    pub(crate) fn repeat(&mut self, key: &ServerKey, bytes: &[u8]) {
        if let Some(server) = self.servers.get(key).filter(|server| !server.is_answered()) {
            let flow = server.flow;
            self.transmit(flow, bytes.to_vec(), true);
        }
    }

    /// The 2xx of this transaction was acknowledged.
    pub(crate) fn acknowledge(&mut self, key: &ServerKey, now: Time) {
        if let Some(server) = self.servers.get_mut(key) {
            server.acknowledge(now);
        }
    }

    /// The request of a server transaction, while it lasts.
    pub(crate) fn asked(&self, key: &ServerKey) -> Option<&Request> {
        self.servers.get(key).map(|server| &server.request)
    }

    /// Whether a final response to it was sent.
    pub(crate) fn is_answered(&self, key: &ServerKey) -> bool {
        self.servers.get(key).is_none_or(Server::is_answered)
    }

    /// The request of a client transaction, where it went, and whether somebody works on it.
    pub(crate) fn sent(&self, key: &ClientKey) -> Option<(&Request, Flow, bool)> {
        self.clients.get(key).map(|client| (&client.request, client.flow, client.is_proceeding()))
    }

    /// Takes a message. What only concerns its transaction is dealt with here.
    pub(crate) fn handle(&mut self, flow: Flow, message: Message, now: Time) -> Option<Incoming> {
        match message {
            Message::Response(response) => self.take_response(*response, now),
            Message::Request(request) => self.take_request(*request, flow, now),
        }
    }

    fn take_response(&mut self, response: Response, now: Time) -> Option<Incoming> {
        let branch = response.headers.vias().ok()?.first()?.branch().map(str::to_owned);
        let (_, method) = response.headers.cseq().ok()?;
        let key = branch.map(|branch| (branch, method));
        let Some((key, client)) = key.and_then(|key| {
            let client = self.clients.get_mut(&key)?;
            Some((key, client))
        }) else {
            return Some(Incoming::Stray);
        };
        let (flow, taken) = (client.flow, client.take(&response, now));
        if let Some(ack) = taken.ack {
            self.transmit(flow, ack, !taken.pass_up);
        }
        taken.pass_up.then(|| Incoming::Response(key, Box::new(response)))
    }

    fn take_request(&mut self, mut request: Request, flow: Flow, now: Time) -> Option<Incoming> {
        note_source(&mut request, flow);
        let via = request.headers.vias().ok()?.into_iter().next()?;
        let sent_by = format!("{}:{}", via.host, via.port.unwrap_or_default());
        let method = if request.method == Method::Ack { Method::Invite } else { request.method.clone() };
        let key = (via.branch()?.to_owned(), sent_by, method);
        if let Some(server) = self.servers.get_mut(&key) {
            if request.method == Method::Ack {
                server.acknowledge(now);
            } else if let Some(bytes) = server.take_again() {
                let flow = server.flow;
                self.transmit(flow, bytes, true);
            }
            return None;
        }
        if request.method == Method::Ack {
            return Some(Incoming::Ack(Box::new(request)));
        }
        if self.servers.len() >= TRANSACTIONS_MAX {
            return None;
        }
        self.servers.insert(key.clone(), Server::new(request.clone(), flow, self.is_end));
        Some(Incoming::Request(key, Box::new(request), flow))
    }

    pub(crate) fn handle_timeout(&mut self, now: Time) -> Vec<Unanswered> {
        let mut unanswered = Vec::new();
        let mut transmits = Vec::new();
        self.clients.retain(|key, client| match client.timeout(now) {
            client::Due::Nothing => true,
            client::Due::Repeat(bytes) => {
                transmits.push(Transmit { flow: client.flow, bytes, again: true });
                true
            }
            client::Due::GiveUp => {
                unanswered.push(Unanswered::Request(key.clone()));
                false
            }
            client::Due::Over => false,
        });
        self.servers.retain(|key, server| match server.timeout(now) {
            server::Due::Nothing => true,
            server::Due::Repeat(bytes) => {
                transmits.push(Transmit { flow: server.flow, bytes, again: true });
                true
            }
            server::Due::GiveUp => {
                unanswered.push(Unanswered::Response(key.clone()));
                false
            }
            server::Due::Over => false,
        });
        self.transmits.extend(transmits);
        unanswered
    }

    pub(crate) fn next_at(&self) -> Option<Time> {
        let clients = self.clients.values().filter_map(Client::next_at);
        clients.chain(self.servers.values().filter_map(Server::next_at)).min()
    }

    pub(crate) fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }
}

fn branch_of(request: &Request) -> Result<String, SipError> {
    let vias = request.headers.vias()?;
    let branch = vias.first().and_then(|via| via.branch());
    branch.map(str::to_owned).ok_or(SipError::new(0, "the request has no Via of ours", "RFC 3261 §8.1.1.7"))
}

/// RFC 3261 §18.2.1, RFC 3581 §4: where a datagram really came from is written into its Via.
fn note_source(request: &mut Request, flow: Flow) {
    let Flow::Datagram(from) = flow else { return };
    let Ok(mut vias) = request.headers.vias() else { return };
    let Some(top) = vias.first_mut() else { return };
    let asks = top.params.get("rport") == Some("");
    if asks {
        top.params.set("rport", Some(&from.port().to_string()));
    }
    if asks || top.host != from.ip().to_string() {
        top.params.set("received", Some(&from.ip().to_string()));
    }
    request.headers.set_vias(&vias);
}
