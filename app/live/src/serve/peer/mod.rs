//! `rtclab serve peer`: a page for a browser, signaling over our own WebSocket, and a peer of ours at the other end that sends every
//! message back.
//!
//! | file | what lives there |
//! |---|---|
//! | `page.html` | what a browser shows |
//! | `client` | a connection that asks for the page, or for signaling |
//! | `signal` | what the page and we tell each other, as JSON |
//! | `call` | one call: a session, its sockets, its signaling |
//! | `servers` | connections of a call to TURN servers |
//! | `note` | what is told while it runs |
//!
//! Not here: the call itself ([`rtclab_rtc::session`]), HTTP and WebSocket.

mod call;
mod client;
mod note;
mod servers;
mod signal;

use std::collections::BTreeMap;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use rtclab_rtc::Time;
use rtclab_rtc::dtls::{Certificate, Versions};
use rtclab_rtc::ice::TurnServer;
use rtclab_rtc::jsep::Profile;

pub use note::PeerNote;

use super::{ServeError, listen};
use crate::interfaces::{self, Choice};
use crate::randomness::SystemRandomness;
use crate::wire::{Event, Trust, Wire};
use call::Call;
use client::{Client, Step};

/// Where the page is if nothing else is said: on this machine, for this machine.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// Connections that have not become a call yet.
const CLIENTS_MAX: usize = 64;
/// Calls at a time.
const CALLS_MAX: usize = 16;
/// Bytes that wait for a client before its connection is closed: many pages, and far less than one that never reads could ask for.
const QUEUE_MAX: usize = 256 * 1024;
/// How long what was said last may take to leave.
const FAREWELL: Duration = Duration::from_millis(200);

/// What the peer is told.
#[derive(Clone, Debug)]
pub struct PeerSettings {
    /// Where the page is. None is 127.0.0.1:8080.
    pub listen: Vec<SocketAddr>,
    /// Which addresses of this machine become candidates.
    pub interfaces: Choice,
    /// STUN servers.
    pub stun: Vec<SocketAddr>,
    /// TURN servers.
    pub turn: Vec<TurnServer>,
    /// Whose certificates are believed, of TURN servers over TLS.
    pub trust: Option<Trust>,
    /// As which software the peer describes itself.
    pub profile: Profile,
    /// Which versions of DTLS it speaks.
    pub versions: Versions,
    /// Whether it has the post-quantum key exchange.
    pub post_quantum: bool,
    /// Whether it makes a channel and offers it as soon as a page is there.
    pub offers: bool,
    /// Whether it gives way when offers meet; the page does the opposite.
    pub polite: bool,
    /// Another page than ours.
    pub page: Option<String>,
}

impl Default for PeerSettings {
    fn default() -> PeerSettings {
        PeerSettings {
            listen: Vec::new(),
            interfaces: Choice::All,
            stun: Vec::new(),
            turn: Vec::new(),
            trust: None,
            profile: Profile::chromium(),
            versions: Versions::Auto,
            post_quantum: false,
            offers: false,
            polite: true,
            page: None,
        }
    }
}

/// A peer that listens, and is ready to run.
#[derive(Debug)]
pub struct PeerService {
    wire: Wire,
    settings: PeerSettings,
    certificate: Certificate,
    listening: Vec<SocketAddr>,
    clients: BTreeMap<u32, Client>,
    calls: BTreeMap<u32, Call>,
    next_call: u32,
}

impl PeerService {
    /// Listens for browsers.
    ///
    /// # Errors
    /// A port cannot be had, the machine has no address of the kind that was asked for, or there is no randomness.
    pub fn start(settings: PeerSettings) -> Result<PeerService, ServeError> {
        let mut wire = Wire::new();
        let places = if settings.listen.is_empty() { vec![LISTEN] } else { settings.listen.clone() };
        let mut listening = Vec::new();
        for place in listen::expand(&places)? {
            listening.push(wire.listen(place, false).map_err(|error| listen::explain(place, "TCP", error))?);
        }
        let found = interfaces::interfaces(settings.interfaces).map_err(ServeError::Interfaces)?;
        if found.is_empty() {
            return Err(ServeError::NoAddress);
        }
        let certificate = Certificate::generate(&mut SystemRandomness::open()?);
        let (clients, calls) = (BTreeMap::new(), BTreeMap::new());
        Ok(PeerService { wire, settings, certificate, listening, clients, calls, next_call: 0 })
    }

    /// Where the page is.
    pub fn listening(&self) -> &[SocketAddr] {
        &self.listening
    }

    /// Serves until `stop` is done; then every page is told that it is over.
    pub async fn run(mut self, stop: impl Future<Output = ()>, mut tell: impl FnMut(&PeerNote)) {
        for address in &self.listening {
            tell(&PeerNote::Listening { url: format!("http://{address}/") });
        }
        tokio::pin!(stop);
        loop {
            self.carry(&mut tell).await;
            let event = tokio::select! {
                () = &mut stop => break,
                event = self.wire.next(self.deadline()) => event,
            };
            self.take(event, &mut tell);
        }
        let now = self.wire.now();
        let calls = self.calls.len();
        self.calls.values_mut().for_each(|call| call.end(now));
        self.carry(&mut tell).await;
        // What was written is on its way; what comes in the meantime is of no use any more.
        let until = self.wire.now() + FAREWELL;
        while self.wire.now() < until && self.calls.values().any(|call| call.is_writing(&self.wire)) {
            self.wire.next(Some(until)).await;
        }
        tell(&PeerNote::Stopped { calls });
    }

    fn deadline(&self) -> Option<Time> {
        let calls = self.calls.values().filter_map(Call::poll_timeout);
        calls.chain(self.clients.values().map(Client::deadline)).min()
    }

    /// Sends what calls want to be sent, tells what they want to be told, and forgets those that are over.
    async fn carry(&mut self, tell: &mut impl FnMut(&PeerNote)) {
        for call in self.calls.values_mut() {
            for note in call.carry(&mut self.wire).await {
                tell(&note);
            }
        }
        let over: Vec<u32> =
            self.calls.iter().filter(|(_, call)| call.is_over()).map(|(id, _)| *id).collect();
        for id in over {
            let Some(mut call) = self.calls.remove(&id) else { continue };
            call.close(&mut self.wire);
            tell(&PeerNote::Ended { call: id });
        }
    }

    fn take(&mut self, event: Event, tell: &mut impl FnMut(&PeerNote)) {
        let now = self.wire.now();
        match event {
            Event::Accepted { stream, local, remote, .. } => {
                if self.clients.len() < CLIENTS_MAX {
                    self.clients.insert(stream, Client::new(local, remote, now));
                } else {
                    self.wire.close_stream(stream);
                }
            }
            Event::StreamData { stream, bytes } => self.take_bytes(stream, &bytes, tell),
            Event::StreamClosed { stream, why } => {
                let mut calls = self.calls.values_mut();
                if calls.any(|call| call.server_lost(stream, why.as_deref(), now)) {
                    return;
                }
                self.clients.remove(&stream);
                if let Some(call) = self.call_of(stream) {
                    call.signaling_ended();
                }
            }
            Event::Datagram { to, from, payload } => {
                let mut calls = self.calls.values_mut();
                if let Some(call) = calls.find(|call| call.sockets().contains(&to)) {
                    call.session.handle_datagram(to, from, &payload, now);
                }
            }
            Event::Unreachable { local, remote } => {
                let mut calls = self.calls.values_mut();
                if let Some(call) = calls.find(|call| call.sockets().contains(&local)) {
                    call.session.handle_unreachable(local, remote, now);
                }
            }
            Event::Resolved { name, address } => {
                self.calls.values_mut().for_each(|call| call.resolved(&name, address, now));
            }
            Event::Timer => {
                self.calls.values_mut().for_each(|call| call.session.handle_timeout(now));
                let late: Vec<u32> = self
                    .clients
                    .iter()
                    .filter(|(_, client)| client.deadline() <= now)
                    .map(|(id, _)| *id)
                    .collect();
                late.into_iter().for_each(|stream| self.drop_client(stream));
            }
            Event::Connected { stream, .. } => {
                self.calls.values_mut().any(|call| call.server_connected(stream, now));
            }
        }
    }

    fn call_of(&mut self, stream: u32) -> Option<&mut Call> {
        self.calls.values_mut().find(|call| call.stream() == Some(stream))
    }

    fn drop_client(&mut self, stream: u32) {
        self.clients.remove(&stream);
        self.wire.close_stream(stream);
    }

    fn take_bytes(&mut self, stream: u32, bytes: &[u8], tell: &mut impl FnMut(&PeerNote)) {
        let now = self.wire.now();
        if self.calls.values_mut().any(|call| call.server_said(stream, bytes, now)) {
            return;
        }
        if let Some(call) = self.call_of(stream) {
            return call.take_bytes(bytes);
        }
        let Some(client) = self.clients.get_mut(&stream) else { return self.wire.close_stream(stream) };
        for step in client.take(bytes, self.settings.page.as_deref(), now) {
            if self.wire.queued(stream) > QUEUE_MAX {
                return self.drop_client(stream);
            }
            match step {
                Step::Answer(bytes) => self.wire.write(stream, bytes),
                Step::Close => self.drop_client(stream),
                Step::Upgrade { answer, rest, remote } => {
                    self.clients.remove(&stream);
                    self.wire.write(stream, answer);
                    self.begin(stream, &rest, remote, tell);
                }
            }
        }
    }

    /// A page is there: a call begins.
    fn begin(&mut self, stream: u32, rest: &[u8], remote: SocketAddr, tell: &mut impl FnMut(&PeerNote)) {
        let id = self.next_call;
        self.next_call = self.next_call.wrapping_add(1);
        let begun = if self.calls.len() < CALLS_MAX {
            Call::begin(id, stream, &self.settings, &self.certificate, &mut self.wire)
        } else {
            Err(format!("{CALLS_MAX} calls are under way already"))
        };
        match begun {
            Ok(mut call) => {
                tell(&PeerNote::Joined { call: id, from: remote });
                call.take_bytes(rest);
                self.calls.insert(id, call);
            }
            Err(problem) => {
                tell(&PeerNote::Problem { call: id, problem });
                self.wire.close_stream(stream);
            }
        }
    }
}
