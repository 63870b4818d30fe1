//! Messages in HTTP (WHIP, WHEP): the caller's offer is a POST to the callee's node, the answer its response, candidates of the caller are PATCH. The callee
//! is the server itself, and has no way to tell candidates later: its answer waits for all of them. Not here: WHIP itself (`rtclab-rtc`).

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rtclab_net::{Host, ListenerId, StreamId};
use rtclab_rtc::whip::{ClientEvent, ServerEvent, WhipClient, WhipServer};
use rtclab_trace::{EntryId, ProgramReason, SimTime};

use super::{Carrier, CarrierEvent, CarrierInput, Line, line_config, told};
use crate::programs::signaling::{Message, MessageKind, sdp};

/// Connections that wait to be taken.
const BACKLOG: usize = 16;

/// What a carrier of WHIP is told.
#[derive(Clone, Debug)]
pub(crate) struct WhipSettings {
    /// The peer's name.
    pub(crate) name: String,
    /// The name of the peer that is the server.
    pub(crate) server_name: String,
    /// The name of the peer that calls it.
    pub(crate) client_name: String,
    /// Where it is.
    pub(crate) server: SocketAddr,
    /// `/whip` or `/whep`.
    pub(crate) endpoint: &'static str,
}

/// A client, or the server.
#[derive(Debug)]
enum End {
    Client(Box<WhipClient>, Option<Line>),
    Server {
        server: Option<Box<WhipServer>>,
        listener: Option<ListenerId>,
        lines: BTreeMap<StreamId, (u64, Line)>,
        next: u64,
    },
}

/// One end of WHIP.
#[derive(Debug)]
pub(crate) struct WhipCarrier {
    settings: WhipSettings,
    end: End,
    /// Offers of ours that are not answered.
    offered: Option<u32>,
    /// At the server: the session that the call goes by, and the client's peer.
    session: Option<String>,
    waiting: VecDeque<(Message, Option<EntryId>)>,
    opened: bool,
    events: VecDeque<CarrierEvent>,
}

impl WhipCarrier {
    pub(crate) fn new(settings: WhipSettings) -> WhipCarrier {
        let end = if settings.name == settings.server_name {
            End::Server { server: None, listener: None, lines: BTreeMap::new(), next: 0 }
        } else {
            let host_name = format!("{}:{}", settings.server_name, settings.server.port());
            End::Client(Box::new(WhipClient::new(&host_name, settings.endpoint, None)), None)
        };
        WhipCarrier {
            settings,
            end,
            offered: None,
            session: None,
            waiting: VecDeque::new(),
            opened: false,
            events: VecDeque::new(),
        }
    }

    /// `sendonly` for who publishes, `recvonly` for who watches; the other way round for the server.
    fn direction(&self) -> &'static str {
        let publishes = self.settings.endpoint == "/whip";
        if publishes == matches!(self.end, End::Client(..)) { "sendonly" } else { "recvonly" }
    }

    fn say(&mut self, host: &mut Host<'_>, message: &Message, cause: Option<EntryId>) {
        let note = message.number.to_string();
        let direction = self.direction();
        match (&mut self.end, message.kind) {
            (End::Client(client, _), MessageKind::Offer) => {
                if client.session().is_some() || self.offered.is_some() {
                    // RFC 9725 §4.3.3: a restart would be a PATCH, which is not done here.
                    self.events.push_back(CarrierEvent::Lost(message.number));
                    return;
                }
                self.offered = Some(message.number);
                let _ = client.offer(&sdp::session(&message.body, message.number, direction), Some(&note));
            }
            (End::Client(client, _), MessageKind::Candidate | MessageKind::EndOfCandidates) => {
                let _ = client.trickle(&sdp::fragment(&message.body), Some(&note));
            }
            (End::Server { server: Some(server), .. }, MessageKind::Answer) => {
                if let Some(session) = &self.session {
                    let description = sdp::session(&message.body, message.number, direction);
                    server.answer(session, &description, Some(&note));
                }
            }
            _ => {}
        }
        if self.offered != Some(message.number) {
            self.events.push_back(CarrierEvent::Acknowledged(message.number));
        }
        self.drain(host, cause);
    }

    fn drain(&mut self, host: &mut Host<'_>, cause: Option<EntryId>) {
        match &mut self.end {
            End::Client(client, line) => {
                while let Some(bytes) = client.poll_transmit() {
                    if let Some(line) = line {
                        line.write(host, &bytes, cause);
                    }
                }
                let events: Vec<ClientEvent> = std::iter::from_fn(|| client.poll_event()).collect();
                events.into_iter().for_each(|event| self.take_client_event(host, event));
            }
            End::Server { server: Some(server), lines, .. } => {
                while let Some((number, bytes)) = server.poll_transmit() {
                    if let Some((_, line)) = lines.values_mut().find(|(own, _)| *own == number) {
                        line.write(host, &bytes, cause);
                    }
                }
                while let Some(number) = server.poll_close() {
                    let stream = lines.iter().find(|(_, (own, _))| *own == number).map(|(stream, _)| *stream);
                    if let Some((_, line)) = stream.and_then(|stream| lines.remove(&stream)) {
                        line.close(host);
                    }
                }
                let events: Vec<ServerEvent> = std::iter::from_fn(|| server.poll_event()).collect();
                events.into_iter().for_each(|event| self.take_server_event(host, event));
            }
            End::Server { server: None, .. } => {}
        }
    }

    fn take_client_event(&mut self, host: &mut Host<'_>, event: ClientEvent) {
        match event {
            ClientEvent::Answered { sdp, note } => {
                self.offered = None;
                let from = self.settings.server_name.clone();
                self.hear(host, from, MessageKind::Answer, (sdp, note));
            }
            ClientEvent::Trickled => {}
            ClientEvent::Deleted => {
                told(host, "the session is deleted", ProgramReason::WhipSession);
            }
            ClientEvent::Refused { method, status } => {
                told(host, format!("{method} was refused: {status}"), ProgramReason::WhipSession);
                if method == "POST" {
                    self.events.extend(self.offered.take().map(CarrierEvent::Lost));
                }
            }
        }
    }

    fn take_server_event(&mut self, host: &mut Host<'_>, event: ServerEvent) {
        match event {
            ServerEvent::Offered { session, sdp, note } if self.session.is_none() => {
                told(host, format!("session {session} is offered"), ProgramReason::WhipSession);
                self.session = Some(session);
                let from = self.waiting_client();
                self.hear(host, from, MessageKind::Offer, (sdp, note));
            }
            ServerEvent::Offered { session, .. } => {
                // One call a peer.
                if let End::Server { server: Some(server), .. } = &mut self.end {
                    server.refuse(&session, 503);
                }
            }
            ServerEvent::Trickled { session, fragment, note } if self.session.as_ref() == Some(&session) => {
                let from = self.waiting_client();
                let kind = sdp::kind_of(&fragment);
                self.hear(host, from, kind, (fragment, note));
            }
            ServerEvent::Trickled { .. } => {}
            ServerEvent::Deleted { session } => {
                told(host, format!("session {session} is deleted"), ProgramReason::WhipSession);
            }
            ServerEvent::Refused { what, status } => {
                told(host, format!("{what}: {status}"), ProgramReason::WhipSession);
            }
        }
    }

    /// WHIP has no names for those who publish; the peer that calls us is the only one there is.
    fn waiting_client(&self) -> String {
        self.settings.client_name.clone()
    }

    fn hear(
        &mut self,
        host: &Host<'_>,
        from: String,
        kind: MessageKind,
        (body, note): (String, Option<String>),
    ) {
        let number = note.and_then(|note| note.parse().ok()).unwrap_or_default();
        let message = Message { number, from, to: self.settings.name.clone(), kind, body };
        self.events.push_back(CarrierEvent::Message(message, host.input()));
    }

    fn lose(&mut self, host: &mut Host<'_>, why: &str) {
        self.opened = false;
        told(host, format!("no connection to the server: {why}"), ProgramReason::SignalingConnectionLost);
        let lost = std::mem::take(&mut self.waiting);
        self.events.extend(lost.into_iter().map(|(message, _)| CarrierEvent::Lost(message.number)));
        self.events.extend(self.offered.take().map(CarrierEvent::Lost));
    }

    fn handle_as_server(&mut self, host: &mut Host<'_>, input: CarrierInput<'_>) -> bool {
        let End::Server { server, listener, lines, next } = &mut self.end else { return false };
        let cause = host.input();
        if let CarrierInput::Waiting(waiting) = input {
            if *listener != Some(waiting) {
                return false;
            }
            while let Some((stream, _)) = host.accept(waiting) {
                *next += 1;
                lines.insert(stream, (*next, Line::new(stream)));
            }
            return true;
        }
        let Some(stream) = input.stream().filter(|stream| lines.contains_key(stream)) else { return false };
        match input {
            CarrierInput::Readable(_) => {
                if let (Some((number, line)), Some(server)) = (lines.get(&stream), server) {
                    let bytes = line.read(host);
                    server.handle_bytes(*number, &bytes);
                }
                self.drain(host, cause);
            }
            CarrierInput::Writable(_) => {
                if let Some((_, line)) = lines.get_mut(&stream) {
                    line.flush(host, cause);
                }
            }
            CarrierInput::Ended(_) | CarrierInput::Closed(..) => {
                if let (Some((number, line)), Some(server)) = (lines.remove(&stream), server) {
                    server.stream_closed(number);
                    if matches!(input, CarrierInput::Ended(_)) {
                        line.close(host);
                    }
                }
            }
            CarrierInput::Opened(_) | CarrierInput::Datagram(_) | CarrierInput::Waiting(_) => {}
        }
        true
    }

    fn handle_as_client(&mut self, host: &mut Host<'_>, input: CarrierInput<'_>) -> bool {
        let End::Client(client, line) = &mut self.end else { return false };
        let ours = |line: &Line| input.stream() == Some(line.stream());
        if !line.as_ref().is_some_and(ours) {
            return false;
        }
        let cause = host.input();
        match input {
            CarrierInput::Opened(_) => {
                self.opened = true;
                for (message, cause) in std::mem::take(&mut self.waiting) {
                    self.say(host, &message, cause);
                }
            }
            CarrierInput::Readable(_) => {
                let bytes = line.as_ref().map(|line| line.read(host)).unwrap_or_default();
                let taken = client.handle_bytes(&bytes);
                self.drain(host, cause);
                if let Err(error) = taken {
                    told(
                        host,
                        format!("ignored what is not HTTP: {error}"),
                        ProgramReason::SignalingRejected,
                    );
                }
            }
            CarrierInput::Writable(_) => {
                if let Some(line) = line {
                    line.flush(host, cause);
                }
            }
            CarrierInput::Ended(_) => {
                if let Some(line) = line.take() {
                    line.close(host);
                }
                self.lose(host, "the server has closed it");
            }
            CarrierInput::Closed(_, error) => {
                *line = None;
                let why = error.map_or_else(|| "closed".to_owned(), |error| error.to_string());
                self.lose(host, &why);
            }
            CarrierInput::Datagram(_) | CarrierInput::Waiting(_) => {}
        }
        true
    }
}

impl Carrier for WhipCarrier {
    fn begin(&mut self, host: &mut Host<'_>) {
        let at = self.settings.server;
        match &mut self.end {
            End::Client(_, line) => {
                if let Some(line) = line.take() {
                    line.abort(host);
                }
                let cause = told(host, format!("connects to {at}"), ProgramReason::SignalingConnect);
                match host.connect_tcp(at, line_config(), cause) {
                    Ok(stream) => *line = Some(Line::new(stream)),
                    Err(error) => self.lose(host, &error.to_string()),
                }
            }
            End::Server { server, listener, .. } => {
                if server.is_none() {
                    *server =
                        Some(Box::new(WhipServer::new(self.settings.endpoint, None, host.randomness())));
                    let any: IpAddr = if at.is_ipv4() {
                        Ipv4Addr::UNSPECIFIED.into()
                    } else {
                        Ipv6Addr::UNSPECIFIED.into()
                    };
                    *listener = host.listen_tcp(any, at.port(), BACKLOG, line_config()).ok();
                }
            }
        }
    }

    fn send(&mut self, host: &mut Host<'_>, message: Message, cause: Option<EntryId>) {
        let is_client = matches!(self.end, End::Client(..));
        if is_client && !self.opened {
            self.waiting.push_back((message, cause));
        } else {
            self.say(host, &message, cause);
        }
    }

    fn handle(&mut self, host: &mut Host<'_>, input: CarrierInput<'_>) -> bool {
        self.handle_as_server(host, input) || self.handle_as_client(host, input)
    }

    fn handle_timeout(&mut self, _host: &mut Host<'_>) {}

    fn next_at(&self) -> SimTime {
        SimTime::MAX
    }

    fn poll_event(&mut self) -> Option<CarrierEvent> {
        self.events.pop_front()
    }
}
