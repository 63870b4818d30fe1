//! A peer: one side of a call. It owns an ICE agent, a UDP socket for each address of its host, and a way to signal.
//!
//! | file | what lives there |
//! |---|---|
//! | `config` | what a peer is told at its start |
//! | `session` | offers, answers, candidates: what is signaled, and what is done with what comes |
//! | `post` | how messages leave and arrive: through the server, or at once; their entries in the trace |
//! | `servers` | servers that it knows by name |
//! | `data` | what is sent over the selected pair |
//! | `connections` | TCP connections of candidates |
//! | `mapping` | ports that its gateway maps |
//! | `local_names` | names in place of addresses, over multicast DNS |
//! | `whole` | a peer that runs a whole session, and not ICE alone |
//!
//! This file: the peer's state, and what the world calls. Not here: ICE (`rtclab-rtc`), the datagrams of signaling.

mod config;
mod connections;
mod data;
mod local_names;
mod mapping;
mod post;
mod servers;
mod session;
mod whole;

use rtclab_net::tcp::TcpError;
use rtclab_net::{Datagram, Host, ListenerId, Program, StreamId, Unreachable};
use rtclab_rtc::ice::{self, Agent, ComponentId, ConnectionState, LocalSocket};
use rtclab_rtc::{Output, Subject, Transmit};
use rtclab_trace::{Change, Entity, EntryId, Reason, SimTime};

use super::alarm::Alarm;
use super::carrier::CarrierInput;
use super::names::Names;
use super::recorder::Recorder;
use super::sockets::{Bound, Sockets};
use super::tally::Tally;
use crate::document::{TcpUse, TcpUseWord};
use connections::Connections;
use data::Sending;
use local_names::LocalNames;
use mapping::PortMapping;
use post::Post;
use servers::ServerNames;
use session::{Session, StreamLine};
use whole::Whole;

pub use config::{Data, Directory, NamedServer, PeerConfig, SignalNumbers, Signaling};
pub use post::InstantMessage;
pub use whole::{Negotiation, SessionPlan};

/// Timer tokens of a peer.
const START: u64 = 0;
const AGENT: u64 = 1;
const POST: u64 = 2;
const DATA: u64 = 3;
const NAMES: u64 = 4;
const MAPPING: u64 = 5;
const RESPONDER: u64 = 6;
const LOOKUPS: u64 = 7;

/// One side of a call.
#[derive(Debug)]
pub struct Peer {
    config: PeerConfig,
    /// What runs in a peer that is about ICE alone.
    agent: Option<Agent>,
    /// What runs in a peer with a whole session, in its place.
    whole: Option<Box<Whole>>,
    sockets: Sockets,
    connections: Connections,
    server_names: Option<ServerNames>,
    mapping: PortMapping,
    local_names: LocalNames,
    recorder: Recorder,
    session: Session,
    post: Post,
    sending: Sending,
    tally: Tally,
    agent_alarm: Alarm,
    post_alarm: Alarm,
    data_alarm: Alarm,
}

impl Peer {
    /// A peer that begins at the time that its configuration says.
    pub fn new(config: PeerConfig) -> Peer {
        let named = !config.named_servers.is_empty();
        Peer {
            server_names: named.then(|| ServerNames::new(Names::new(config.resolver.clone(), NAMES))),
            agent: None,
            whole: None,
            sockets: Sockets::default(),
            connections: Connections::default(),
            mapping: PortMapping::default(),
            local_names: LocalNames::default(),
            recorder: Recorder::default(),
            session: Session::default(),
            post: Post::new(&config),
            sending: Sending::new(config.data),
            tally: Tally::new(config.windows.iter().copied()),
            agent_alarm: Alarm::new(AGENT),
            post_alarm: Alarm::new(POST),
            data_alarm: Alarm::new(DATA),
            config,
        }
    }

    /// Its name, by which others call it.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Its agent, once it has begun.
    pub fn agent(&self) -> Option<&Agent> {
        self.agent.as_ref().or_else(|| self.whole.as_ref()?.agent())
    }

    fn has_begun(&self) -> bool {
        self.agent.is_some() || self.whole.is_some()
    }

    /// Where its connection stands; `New` before it has begun.
    pub fn connection(&self) -> ConnectionState {
        match &self.whole {
            Some(whole) => whole.connection(),
            None => self.agent.as_ref().map_or(ConnectionState::New, Agent::state),
        }
    }

    /// The newest entry about the agent as a whole.
    pub fn agent_entry(&self) -> Option<EntryId> {
        self.recorder.newest(rtclab_rtc::Subject::Agent).or_else(|| self.whole_entry())
    }

    /// The entry that says that an offer or answer of this peer was lost, or a note that one was if nothing is recorded.
    pub fn signaling_lost(&self) -> Option<Option<EntryId>> {
        self.post.lost()
    }

    /// Messages that came over the selected pair.
    pub fn received(&self) -> &Tally {
        &self.tally
    }

    /// How many messages it sent over the selected pair.
    pub fn sent(&self) -> u64 {
        self.sending.sent()
    }

    /// Restarts ICE (RFC 8445 §9): an action of the scenario.
    pub fn restart_ice(&mut self, host: &mut Host<'_>) {
        self.recorder.begin(host.input());
        if self.whole.is_some() {
            self.restart_whole(host);
        } else {
            self.restart_and_offer(host);
        }
        self.settle(host);
    }

    /// Begins: sockets, agent, signaling, and the offer if this is the side that calls.
    fn begin(&mut self, host: &mut Host<'_>) {
        if self.has_begun() || self.look_up_servers(host) {
            return;
        }
        self.recorder.begin(host.input());
        let sockets = self.bind(host);
        if let Some(plan) = self.config.session.clone() {
            self.post.begin(host);
            self.begin_whole(host, *plan, sockets);
            self.take_waiting(host);
            return self.settle(host);
        }
        let agent_config = self.config.agent(sockets);
        self.agent = Some(Agent::new(agent_config, host.randomness()));
        self.post.begin(host);
        self.take_waiting(host);
        if let Some(callee) = self.config.offers_to.clone() {
            self.call(host, callee);
        }
        self.settle(host);
    }

    /// Binds a UDP socket for each address, and TCP sockets if they are wanted.
    fn bind(&mut self, host: &mut Host<'_>) -> Vec<LocalSocket> {
        let components = self.config.components();
        let bound = self.sockets.bind_each(host, 0, components.len());
        let mut sockets = local_sockets(bound, &components);
        if self.config.tcp.is_any() {
            let punches = self.config.tcp == TcpUse::Word(TcpUseWord::SimultaneousOpen);
            let tcp = self.connections.bind(host, &sockets, punches);
            sockets.extend(tcp);
        }
        sockets
    }

    /// Lets everything out that an input has led to, and sets the timers.
    fn settle(&mut self, host: &mut Host<'_>) {
        self.drain_agent(host);
        self.take_post_events(host);
        self.settle_whole(host);
        self.register_names(host);
        self.say_what_is_due(host);
        // What the agent has to say of its own is out, so what comes next is the data.
        self.drain_agent(host);
        self.send_data_if_due(host);
        self.post.flush(host);
        let agent_at = match &self.whole {
            Some(whole) => whole.poll_timeout(),
            None => self.agent.as_ref().and_then(Agent::poll_timeout),
        };
        self.agent_alarm.set(host, agent_at);
        self.post_alarm.set(host, Some(self.post.next_at()));
        self.data_alarm.set(host, Some(self.sending.next_at()));
    }

    fn drain_agent(&mut self, host: &mut Host<'_>) {
        self.drain_agent_for(host, None);
    }

    /// Lets out what the agent has to say; a datagram that it gives no reason for is sent for this one.
    fn drain_agent_for(&mut self, host: &mut Host<'_>, usual: Option<Reason>) {
        if self.whole.is_some() {
            return self.drain_whole(host);
        }
        while let Some(output) = self.agent.as_mut().and_then(Agent::poll_output) {
            match output {
                Output::Transmit(transmit) => self.transmit(host, &transmit, usual),
                Output::Change { subject, change, reason, because } => {
                    let line = match subject {
                        Subject::LocalCandidate(number) => self.line_of(number),
                        _ => None,
                    };
                    self.session.notice(subject, &change, line);
                    if let ice::Change::Agent(agent) = &change {
                        self.config.bell.ring();
                        self.sending.notice(agent.selected.is_some(), host.now());
                    }
                    let entry = self.recorder.change(host, subject, change, reason, because);
                    self.session.recorded(entry);
                }
                Output::Data { payload, .. } => self.take_data(host, &payload),
                Output::Ignored { reason } => self.note_ignored(host, reason),
            }
        }
        self.serve_requests(host);
    }

    /// What the peer is told about a candidate of ours, if it may be told.
    fn line_of(&self, number: u32) -> Option<StreamLine> {
        let agent = self.agent.as_ref()?;
        Some((agent.component_of_candidate(number)?.stream, agent.candidate_line(number)?))
    }

    fn transmit(&mut self, host: &mut Host<'_>, transmit: &Transmit, usual: Option<Reason>) {
        let Some(socket) = self.sockets.at(transmit.from) else { return };
        let cause = self.recorder.cause(transmit.because);
        let reason = transmit.reason.map(Reason::from).or(usual);
        // A datagram that cannot leave is in the trace, dropped here; the agent learns of it by the silence.
        let _ = host.send_udp(socket, transmit.to, &transmit.payload, reason, cause);
    }

    /// The agent did nothing with an input, and says why: its state is told again, unchanged, with that reason.
    fn note_ignored(&mut self, host: &mut Host<'_>, reason: rtclab_rtc::Reason) {
        let Some(agent) = &self.agent else { return };
        let entity = Entity::Agent(host.node());
        let change = Change::protocol(ice::Change::Agent(agent.snapshot().clone()));
        let cause = self.recorder.cause(rtclab_rtc::Because::Input);
        host.record(entity, change, Some(reason.into()), cause);
    }
}

/// Sockets as an agent is told of them: distinct preferences, in the order of interfaces (RFC 8445 §5.1.2.1), families mixed (RFC 8421).
/// Each address has a socket for every component, and they share its preference.
fn local_sockets(bound: Vec<Bound>, components: &[ComponentId]) -> Vec<LocalSocket> {
    let addresses: Vec<_> = bound.chunks(components.len()).map(|bound| bound[0].address.ip()).collect();
    let preferences = ice::dual_stack_preferences(&addresses);
    let each =
        preferences.into_iter().flat_map(|preference| components.iter().map(move |of| (preference, *of)));
    let sockets = bound.into_iter().zip(each);
    sockets
        .map(|(Bound { address, interface }, (preference, of))| {
            LocalSocket::new(address, interface, preference).for_component(of)
        })
        .collect()
}

impl Program for Peer {
    fn start(&mut self, host: &mut Host<'_>) {
        if self.config.start_at > host.now() {
            host.set_timer(self.config.start_at, START);
        } else {
            self.begin(host);
        }
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        if let Some(servers) =
            self.server_names.as_mut().filter(|servers| servers.names.owns(datagram.socket))
        {
            let finished = servers.names.datagram(host, datagram);
            return self.take_servers(host, finished);
        }
        self.recorder.begin(host.input());
        if self.is_for_mapping(datagram.socket) {
            self.take_mapping(host, datagram);
        } else if self.local_names.owns(datagram.socket) {
            self.local_names_datagram(host, datagram);
        } else if self.post.handle(host, CarrierInput::Datagram(datagram)) {
            self.take_post_events(host);
        } else if let Some(local) = self.sockets.address_of(datagram.socket) {
            match (&mut self.whole, &mut self.agent) {
                (Some(whole), _) => whole.handle_datagram(local, datagram, host.now()),
                (None, Some(agent)) => {
                    agent.handle_datagram(local, datagram.from, datagram.payload, host.now());
                }
                (None, None) => {}
            }
        }
        self.settle(host);
    }

    fn timer(&mut self, host: &mut Host<'_>, token: u64) {
        let now: SimTime = host.now();
        if token == START {
            self.begin(host);
            return;
        }
        if let (NAMES, Some(servers)) = (token, &mut self.server_names) {
            let finished = servers.names.timer(host);
            return self.take_servers(host, finished);
        }
        self.recorder.begin(host.input());
        match token {
            AGENT => {
                self.agent_alarm.fired();
                if let Some(whole) = &mut self.whole {
                    whole.handle_timeout(now);
                }
                if let Some(agent) = self.agent.as_mut() {
                    agent.handle_timeout(now);
                }
            }
            MAPPING => self.mapping_timeout(host),
            RESPONDER => self.responder_timeout(host),
            LOOKUPS => self.lookups_timeout(host),
            POST => {
                self.post_alarm.fired();
                self.post.handle_timeout(host);
            }
            // What is due is sent by `settle`.
            _ => self.data_alarm.fired(),
        }
        self.settle(host);
    }

    fn unreachable(&mut self, host: &mut Host<'_>, report: &Unreachable) {
        if let Some(servers) = self.server_names.as_mut().filter(|servers| servers.names.owns(report.socket))
        {
            let finished = servers.names.unreachable(host, report);
            return self.take_servers(host, finished);
        }
        self.recorder.begin(host.input());
        if self.is_for_mapping(report.socket) {
            self.mapping_unreachable(host, report);
        } else if self.local_names.owns(report.socket) {
            self.local_names_unreachable(host, report);
        } else if let Some(local) = self.sockets.address_of(report.socket) {
            match (&mut self.whole, &mut self.agent) {
                (Some(whole), _) => whole.handle_unreachable(local, report.to, host.now()),
                (None, Some(agent)) => agent.handle_unreachable(local, report.to, host.now()),
                (None, None) => {}
            }
        }
        self.settle(host);
    }

    fn stream_waiting(&mut self, host: &mut Host<'_>, listener: ListenerId) {
        self.recorder.begin(host.input());
        if self.post.handle(host, CarrierInput::Waiting(listener)) {
            return self.settle(host);
        }
        while let Some((stream, peer)) = host.accept(listener) {
            self.take_connection(host, listener, stream, peer);
        }
        self.settle(host);
    }

    fn stream_opened(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.recorder.begin(host.input());
        if !self.post.handle(host, CarrierInput::Opened(stream)) {
            self.connection_opened(host, stream);
        }
        self.settle(host);
    }

    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.recorder.begin(host.input());
        if !self.post.handle(host, CarrierInput::Readable(stream)) {
            self.read_connection(host, stream);
        }
        self.settle(host);
    }

    fn stream_writable(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if !self.post.handle(host, CarrierInput::Writable(stream)) {
            self.write_connection(host, stream);
        }
    }

    fn stream_ended(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.recorder.begin(host.input());
        if !self.post.handle(host, CarrierInput::Ended(stream)) {
            host.close_stream(stream);
            self.lose_connection(host, stream);
        }
        self.settle(host);
    }

    fn stream_closed(&mut self, host: &mut Host<'_>, stream: StreamId, error: Option<TcpError>) {
        self.recorder.begin(host.input());
        if !self.post.handle(host, CarrierInput::Closed(stream, error)) {
            self.lose_connection(host, stream);
        }
        self.settle(host);
    }

    fn addresses_changed(&mut self, host: &mut Host<'_>) {
        if !self.has_begun() {
            return;
        }
        self.recorder.begin(host.input());
        self.forget_gateways(host);
        if self.whole.is_some() {
            self.move_whole(host);
        } else {
            self.move_to_new_addresses(host);
        }
        self.settle(host);
    }
}
