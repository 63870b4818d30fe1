//! Messages in SIP, through a registrar and proxy, over UDP, TCP or WebSocket: an offer is an INVITE, an answer its reliable provisional response,
//! candidates are INFO. Not here: SIP itself (`rtclab-rtc`), the way to the proxy (`sip_way`).

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_net::Host;
use rtclab_rtc::sip::{Account, Agent, AgentConfig, AgentEvent, Method, NOTE, Transmit, Transport, Uri};
use rtclab_trace::{EntryId, ProgramReason, SimTime};

use super::sip_way::{Way, WayEvent};
use super::{Carrier, CarrierEvent, CarrierInput, told};
use crate::programs::signaling::{Message, MessageKind, sdp};

/// How long a registration is to hold, in seconds.
const EXPIRES_S: u32 = 3600;
/// Messages that wait for the registration, or for an offer to be answered.
const WAITING_MAX: usize = 256;
/// Between what keeps NATs open (RFC 5626 §3.5.1).
const KEEPALIVE: Duration = Duration::from_secs(25);

/// What a carrier of SIP is told.
#[derive(Clone, Debug)]
pub(crate) struct SipSettings {
    /// The peer's name.
    pub(crate) name: String,
    /// The proxy.
    pub(crate) server: SocketAddr,
    /// Its domain.
    pub(crate) domain: String,
    /// What carries the messages.
    pub(crate) transport: Transport,
    /// The password of the account.
    pub(crate) password: String,
}

/// A SIP user agent.
#[derive(Debug)]
pub(crate) struct SipCarrier {
    settings: SipSettings,
    way: Way,
    agent: Option<Agent>,
    registered: bool,
    call: Option<u32>,
    /// The other side of the call.
    remote: Option<String>,
    /// The number of the offer that began the call, while it is not answered.
    offered: Option<u32>,
    waiting: VecDeque<(Message, Option<EntryId>)>,
    /// The entries of messages that are on their way, by their numbers.
    causes: BTreeMap<u32, EntryId>,
    events: VecDeque<CarrierEvent>,
    keepalive_at: Option<SimTime>,
}

impl SipCarrier {
    pub(crate) fn new(settings: SipSettings) -> SipCarrier {
        SipCarrier {
            way: Way::new(settings.transport, settings.server, &settings.domain),
            settings,
            agent: None,
            registered: false,
            call: None,
            remote: None,
            offered: None,
            waiting: VecDeque::new(),
            causes: BTreeMap::new(),
            events: VecDeque::new(),
            keepalive_at: None,
        }
    }

    /// The way to the proxy is there: from here on there is somebody to talk to.
    fn opened(&mut self, host: &mut Host<'_>) {
        let (host_name, port, flow) = self.way.identity(host);
        let now = host.now();
        match &mut self.agent {
            Some(agent) => agent.move_to(flow, &host_name, port),
            None => {
                let Ok(who) = Uri::new(&self.settings.name, &self.settings.domain) else {
                    let words =
                        format!("{}@{} is no address of SIP", self.settings.name, self.settings.domain);
                    told(host, words, ProgramReason::SignalingConnectionLost);
                    return;
                };
                let (username, password) = (self.settings.name.clone(), self.settings.password.clone());
                let account = Some(Account { username, password });
                let config = AgentConfig { who, account, host: host_name, port, flow, expires_s: EXPIRES_S };
                self.agent = Some(Agent::new(config, host.randomness()));
            }
        }
        let cause = told(host, "registers with the proxy", ProgramReason::SipRegister);
        if let Some(agent) = &mut self.agent {
            agent.register(now);
        }
        self.keepalive_at = Some(now + KEEPALIVE);
        self.drain(host, cause);
    }

    fn drain(&mut self, host: &mut Host<'_>, cause: Option<EntryId>) {
        loop {
            if let Some(transmit) = self.agent.as_mut().and_then(Agent::poll_transmit) {
                self.transmit(host, &transmit, cause);
            } else if let Some(event) = self.agent.as_mut().and_then(Agent::poll_event) {
                self.take_event(host, event);
            } else {
                return;
            }
        }
    }

    fn transmit(&mut self, host: &mut Host<'_>, transmit: &Transmit, cause: Option<EntryId>) {
        // What carries a message is because of that message, even if it had to wait.
        let noted = note_of(&transmit.bytes).and_then(|number| self.causes.get(&number).copied());
        let reason = if transmit.again { Some(ProgramReason::SipRetransmission) } else { None };
        self.way.send(host, &transmit.bytes, reason, noted.or(cause));
    }

    fn take_event(&mut self, host: &mut Host<'_>, event: AgentEvent) {
        match event {
            AgentEvent::Registered => {
                if !std::mem::replace(&mut self.registered, true) {
                    told(host, "is registered with the proxy", ProgramReason::SipRegister);
                }
                self.send_waiting(host);
            }
            AgentEvent::NotRegistered(status) => {
                let words = format!("the registrar refuses: {status}");
                told(host, words, ProgramReason::SignalingConnectionLost);
            }
            AgentEvent::Offered { call, from, sdp, note } => {
                self.call = Some(call);
                self.remote = Some(from);
                self.hear(host, MessageKind::Offer, sdp, note);
            }
            AgentEvent::Answered { sdp, note, .. } => {
                self.offered = None;
                self.hear(host, MessageKind::Answer, sdp, note);
            }
            AgentEvent::Trickled { fragment, note, .. } => {
                self.hear(host, sdp::kind_of(&fragment), fragment, note);
            }
            AgentEvent::Ringing { .. } => {
                told(host, "it rings at the other side", ProgramReason::SipCall);
            }
            AgentEvent::Confirmed { .. } => {
                told(host, "the call stands: its answer is acknowledged", ProgramReason::SipCall);
                self.send_waiting(host);
            }
            AgentEvent::Refused { method, status, .. } => {
                let words = format!("{} was refused: {status}", method.name());
                told(host, words, ProgramReason::SipCall);
                if method == Method::Invite {
                    self.events.extend(self.offered.take().map(CarrierEvent::Lost));
                }
            }
            AgentEvent::Ended { call, status } => {
                let why = status.map_or("hung up".to_owned(), |status| status.to_string());
                told(host, format!("the call is over: {why}"), ProgramReason::SipCall);
                if self.call == Some(call) {
                    self.call = None;
                }
                self.events.extend(self.offered.take().map(CarrierEvent::Lost));
            }
        }
    }

    fn hear(&mut self, host: &Host<'_>, kind: MessageKind, body: String, note: Option<String>) {
        let Some(from) = self.remote.clone() else { return };
        let number = note.and_then(|note| note.parse().ok()).unwrap_or_default();
        let message = Message { number, from, to: self.settings.name.clone(), kind, body };
        self.events.push_back(CarrierEvent::Message(message, host.input()));
    }

    fn send_waiting(&mut self, host: &mut Host<'_>) {
        for (message, cause) in std::mem::take(&mut self.waiting) {
            self.say(host, message, cause);
        }
    }

    /// Says a message, or keeps it until it can be said.
    fn say(&mut self, host: &mut Host<'_>, message: Message, cause: Option<EntryId>) {
        let now = host.now();
        let Some(agent) = self.agent.as_mut().filter(|_| self.registered) else {
            return self.keep(message, cause);
        };
        let note = message.number.to_string();
        let number = message.number;
        self.causes.extend(cause.map(|cause| (number, cause)));
        let said = match (message.kind, self.call) {
            (MessageKind::Offer, None) => {
                let description = sdp::session(&message.body, number, "sendrecv");
                let whom = Uri::new(&message.to, &self.settings.domain).ok();
                self.call = whom.and_then(|whom| agent.call(&whom, &description, Some(&note), now));
                (self.remote, self.offered) = (Some(message.to.clone()), Some(number));
                true
            }
            (MessageKind::Offer, Some(call)) => {
                let description = sdp::session(&message.body, number, "sendrecv");
                let said = agent.reoffer(call, &description, Some(&note), now);
                self.offered = self.offered.or(Some(number).filter(|_| said));
                said
            }
            (MessageKind::Answer, Some(call)) => {
                agent.answer(call, &sdp::session(&message.body, number, "sendrecv"), Some(&note), now);
                true
            }
            (MessageKind::Candidate | MessageKind::EndOfCandidates, Some(call)) => {
                agent.trickle(call, &sdp::fragment(&message.body), Some(&note), now)
            }
            (_, None) => true,
        };
        if said {
            if Some(number) != self.offered {
                self.events.push_back(CarrierEvent::Acknowledged(number));
            }
            self.drain(host, cause);
        } else {
            self.keep(message, cause);
        }
    }

    fn keep(&mut self, message: Message, cause: Option<EntryId>) {
        if self.waiting.len() == WAITING_MAX {
            self.events.push_back(CarrierEvent::Lost(message.number));
        } else {
            self.waiting.push_back((message, cause));
        }
    }
}

impl Carrier for SipCarrier {
    fn begin(&mut self, host: &mut Host<'_>) {
        self.registered = false;
        if self.way.begin(host) == WayEvent::Opened {
            self.opened(host);
        }
    }

    fn send(&mut self, host: &mut Host<'_>, message: Message, cause: Option<EntryId>) {
        self.say(host, message, cause);
    }

    fn handle(&mut self, host: &mut Host<'_>, input: CarrierInput<'_>) -> bool {
        let Some(event) = self.way.handle(host, input) else { return false };
        match event {
            WayEvent::Nothing => {}
            WayEvent::Opened => self.opened(host),
            WayEvent::Lost => {
                self.registered = false;
                self.keepalive_at = None;
            }
            WayEvent::Messages(messages) => {
                for bytes in messages {
                    let (now, stream) = (host.now(), self.settings.transport == Transport::Tcp);
                    let Some(agent) = &mut self.agent else { continue };
                    let taken = if stream {
                        agent.handle_stream(&bytes, now)
                    } else {
                        agent.handle_message(&bytes, now)
                    };
                    if let Err(error) = taken {
                        told(
                            host,
                            format!("ignored what is not SIP: {error}"),
                            ProgramReason::SignalingRejected,
                        );
                    }
                    let cause = host.input();
                    self.drain(host, cause);
                }
            }
        }
        true
    }

    fn handle_timeout(&mut self, host: &mut Host<'_>) {
        let now = host.now();
        if self.way.retry(host) == WayEvent::Opened {
            self.opened(host);
        }
        if self.keepalive_at.is_some_and(|at| at <= now) {
            self.keepalive_at = Some(now + KEEPALIVE);
            let cause = host.input();
            self.way.send(host, b"\r\n\r\n", Some(ProgramReason::SignalingKeepalive), cause);
        }
        if let Some(agent) = &mut self.agent {
            agent.handle_timeout(now);
        }
        let cause = host.input();
        self.drain(host, cause);
    }

    fn next_at(&self) -> SimTime {
        let agent = self.agent.as_ref().and_then(Agent::poll_timeout);
        agent.into_iter().chain(self.keepalive_at).chain(self.way.next_at()).min().unwrap_or(SimTime::MAX)
    }

    fn poll_event(&mut self) -> Option<CarrierEvent> {
        self.events.pop_front()
    }
}

/// The number of the message that a text of SIP carries.
fn note_of(bytes: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(bytes).ok()?;
    let head = text.split("\r\n\r\n").next()?;
    let value = head.lines().find_map(|line| line.strip_prefix(NOTE)?.strip_prefix(": "));
    value?.trim().parse().ok()
}
