//! The agent: its state, how it is made and driven, and what it shows. Not here: the procedures, one file each beside this one.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::candidate::LocalCandidate;
use super::carrier::Carrier;
use super::check_list::CheckList;
use super::config::{AgentConfig, Credentials, LocalSocket};
use super::connection::Connection;
use super::foundation::Foundations;
use super::gathering::Gathering;
use super::relay::Relay;
use super::schedule::Pacer;
use super::session::{Session, Side};
use super::{
    AgentSnapshot, Candidate, Change, CheckListSnapshot, ComponentId, ConnectionState, ConsentState,
    GatheringState, HostRequest, PairSnapshot, Role,
};
use crate::output::{Because, Output};
use crate::randomness::{Randomness, SharedRandomness};
use crate::time::Time;

/// An ICE agent, full or lite, for the streams and components that its sockets name: usually one, as BUNDLE and rtcp-mux leave it.
///
/// # The order of calls
///
/// 1. [`Agent::new`]; signal [`Agent::local_credentials`].
/// 2. Commands, in any order: [`gather`](Agent::gather), [`set_remote_credentials`](Agent::set_remote_credentials),
///    [`add_remote_candidate`](Agent::add_remote_candidate), [`end_of_remote_candidates`](Agent::end_of_remote_candidates),
///    [`send`](Agent::send), [`restart`](Agent::restart), [`close`](Agent::close). With several streams, the `_of_stream` forms say
///    which one is meant; without, it is all of them, or the first component of the first one.
/// 3. Inputs as they come: [`handle_datagram`](Agent::handle_datagram), [`handle_unreachable`](Agent::handle_unreachable),
///    [`handle_timeout`](Agent::handle_timeout).
/// 4. After each of these: [`poll_output`](Agent::poll_output) until it is `None`, [`poll_request`](Agent::poll_request) likewise where
///    there are TCP sockets or mDNS names, then [`poll_timeout`](Agent::poll_timeout), which says
///    when to call [`handle_timeout`](Agent::handle_timeout) next. Where datagrams and a timer fall on the same instant, hand in the
///    datagrams first.
///
/// Time never goes back from one call to the next.
///
/// # What the owner signals
///
/// What [`Agent::candidate_line`] makes of each [`Change::Candidate`] about a [`LocalCandidate`](crate::Subject::LocalCandidate), as it
/// comes (trickle), and the end of candidates once a [`Change::Agent`] shows [`GatheringState::Complete`].
#[derive(Debug)]
pub struct Agent {
    pub(super) config: AgentConfig,
    pub(super) next_sockets: Option<Vec<LocalSocket>>,
    pub(super) randomness: SharedRandomness,
    pub(super) shown: AgentSnapshot,
    pub(super) session: Session,
    pub(super) previous: Option<Previous>,
    /// The session before a restart that may still be taken back, and how far it had gathered.
    pub(super) before_restart: Option<(Session, GatheringState)>,
    /// One for each component that has a selected pair, in the order of components.
    pub(super) carriers: Vec<Carrier>,
    /// The components that there are sockets for.
    pub(super) components: Vec<ComponentId>,
    /// The value of the newest nomination, ours or the peer's, where pairs may be nominated anew.
    pub(super) nominations: u32,
    /// Whether the owner lets the peer send no more (RFC 7675 §5.2).
    pub(super) consent_withdrawn: bool,
    pub(super) foundations: Foundations,
    pub(super) gathering: Gathering,
    pub(super) relays: Vec<Relay>,
    pub(super) pacer: Pacer,
    pub(super) numbers: Numbers,
    pub(super) outputs: VecDeque<Output<Change>>,
    pub(super) requests: VecDeque<HostRequest>,
    /// Connections of TCP candidates.
    pub(super) connections: Vec<Connection>,
    /// The mDNS names of our own addresses.
    pub(super) names: Vec<(IpAddr, Arc<str>)>,
    /// The peer has said that it is lite, as we are.
    pub(super) remote_lite: bool,
    pub(super) closed: bool,
}

/// Our side of the session before a restart, whose checks are still answered.
#[derive(Debug)]
pub(super) struct Previous {
    pub(super) local: Side,
}

/// The next number of each kind of subject. They count up for as long as the agent lives.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    local: u32,
    remote: u32,
    transaction: u32,
    allocation: u32,
    pub(super) pair: u32,
    check_list: u32,
    connection: u32,
}

/// Takes a number and counts on.
fn take(next: &mut u32) -> u32 {
    let number = *next;
    *next = number.wrapping_add(1);
    number
}

impl Numbers {
    pub(super) fn next_local(&mut self) -> u32 {
        take(&mut self.local)
    }

    pub(super) fn next_remote(&mut self) -> u32 {
        take(&mut self.remote)
    }

    pub(super) fn next_allocation(&mut self) -> u32 {
        take(&mut self.allocation)
    }

    /// The first of as many numbers as a session has check lists.
    pub(super) fn next_check_lists(&mut self, count: usize) -> u32 {
        let first = self.check_list;
        self.check_list = first.wrapping_add(u32::try_from(count).unwrap_or(u32::MAX));
        first
    }

    pub(super) fn next_connection(&mut self) -> u32 {
        take(&mut self.connection)
    }

    pub(super) fn next_transaction(&mut self) -> u32 {
        take(&mut self.transaction)
    }
}

/// Why data cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotConnected {
    /// No pair is selected.
    #[error("no pair is selected (RFC 8445 §12.1)")]
    NoPair,
    /// The peer has not answered for too long, or said that it wants nothing more.
    #[error("the peer's consent is lost (RFC 7675 §5.1)")]
    NoConsent,
}

/// The streams of these components, in order.
fn streams_of(components: &[ComponentId]) -> Vec<u32> {
    let mut streams: Vec<u32> = components.iter().map(|component| component.stream).collect();
    streams.dedup();
    streams
}

impl Agent {
    /// An agent that has not begun. All its randomness (credentials, tie-breaker, transaction ids) comes from `randomness`.
    pub fn new(config: AgentConfig, randomness: Box<dyn Randomness>) -> Agent {
        let mut randomness = SharedRandomness::new(randomness);
        let credentials = config.credentials.clone().unwrap_or_else(|| Credentials::random(&mut randomness));
        let shown = AgentSnapshot {
            role: config.role,
            tie_breaker: randomness.u64(),
            local_ufrag: credentials.ufrag().to_owned(),
            remote_ufrag: None,
            gathering: GatheringState::New,
            connection: ConnectionState::New,
            selected: None,
            consent: ConsentState::None,
        };
        let components = config.components();
        let streams = streams_of(&components);
        let mut numbers = Numbers::default();
        let first = numbers.next_check_lists(streams.len());
        Agent {
            pacer: Pacer::new(config.ta),
            config,
            next_sockets: None,
            randomness,
            shown,
            session: Session::new(first, credentials, &streams),
            previous: None,
            before_restart: None,
            carriers: Vec::new(),
            components,
            nominations: 0,
            consent_withdrawn: false,
            foundations: Foundations::default(),
            gathering: Gathering::default(),
            relays: Vec::new(),
            numbers,
            outputs: VecDeque::new(),
            requests: VecDeque::new(),
            connections: Vec::new(),
            names: Vec::new(),
            remote_lite: false,
            closed: false,
        }
    }

    /// Sends data of the application over the selected pair of the first component (RFC 8445 §12.1).
    ///
    /// # Errors
    /// No pair is selected yet, the peer's consent is lost, or the agent is closed.
    pub fn send(&mut self, payload: &[u8], now: Time) -> Result<(), NotConnected> {
        let first = self.components.first().copied().unwrap_or_default();
        self.send_on(first, payload, now)
    }

    /// The same over the selected pair of this component.
    ///
    /// # Errors
    /// As for [`Agent::send`].
    pub fn send_on(&mut self, component: ComponentId, payload: &[u8], now: Time) -> Result<(), NotConnected> {
        let carrier = self.carriers.iter().find(|carrier| carrier.component == component);
        let carrier = carrier.ok_or(NotConnected::NoPair)?;
        if !carrier.may_send() {
            return Err(NotConnected::NoConsent);
        }
        let (base, remote) = (carrier.base, carrier.remote);
        self.transmit(base, remote, payload, None, Because::Input, now);
        Ok(())
    }

    /// The time that [`Agent::poll_timeout`] gave has come. Calling it earlier does no harm.
    pub fn handle_timeout(&mut self, now: Time) {
        self.run_relays(now);
        if self.closed {
            return;
        }
        self.run_gathering(now);
        self.run_checks(now);
        self.run_consent(now);
        self.run_keepalive(now);
        self.settle(now);
    }

    /// What follows from any input, in this order: what is known is concluded, then the free slot is used.
    pub(super) fn settle(&mut self, now: Time) {
        if self.closed {
            return;
        }
        self.settle_gathering();
        self.settle_lite(now);
        self.run_nomination(now);
        self.run_schedule(now);
        self.settle_state(now);
        self.close_idle_connections();
    }

    /// The next output, in the order in which things happened.
    pub fn poll_output(&mut self) -> Option<Output<Change>> {
        self.outputs.pop_front()
    }

    /// What the host is asked to do besides sending datagrams, in order. Only an agent with TCP sockets, or a peer that hides its
    /// addresses, leads to any.
    pub fn poll_request(&mut self) -> Option<HostRequest> {
        self.requests.pop_front()
    }

    /// When [`Agent::handle_timeout`] is to be called, if ever.
    pub fn poll_timeout(&self) -> Option<Time> {
        let relays = self.relays_timeout();
        if self.closed {
            return relays;
        }
        let timers = [
            relays,
            self.gathering_timeout(),
            self.schedule_timeout(),
            self.check_timeout(),
            self.nomination_timeout(),
            self.failure_timeout(),
            self.consent_timeout(),
            self.keepalive_timeout(),
            self.silence_timeout(),
        ];
        timers.into_iter().flatten().min()
    }

    /// Username fragment and password of the running session, to be signaled.
    pub fn local_credentials(&self) -> &Credentials {
        &self.session.local.credentials
    }

    /// Who decides.
    pub fn role(&self) -> Role {
        self.shown.role
    }

    /// Where the connection stands.
    pub fn state(&self) -> ConnectionState {
        self.shown.connection
    }

    /// The agent as a whole: role, credentials, gathering, connection, selected pair.
    pub fn snapshot(&self) -> &AgentSnapshot {
        &self.shown
    }

    /// Our candidates with their numbers.
    pub fn local_candidates(&self) -> impl Iterator<Item = (u32, &Candidate)> {
        self.session.locals.iter().map(|local| (local.number, &local.candidate))
    }

    /// The peer's candidates with their numbers.
    pub fn remote_candidates(&self) -> impl Iterator<Item = (u32, &Candidate)> {
        self.session.remotes.iter().map(|remote| (remote.number, &remote.candidate))
    }

    /// Every pair of the running session with its number: those of the check list, those that stand only in the valid list, and those
    /// that were taken off when one was nominated.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, &PairSnapshot)> {
        self.session.lists.all().map(|pair| (pair.number, &pair.shown))
    }

    /// The check list of the first stream: order, triggered-check queue, valid list.
    pub fn check_list(&self) -> CheckListSnapshot {
        let first = self.session.lists.lists().first();
        first.map_or_else(CheckListSnapshot::default, CheckList::snapshot)
    }

    /// The check lists of all streams with their numbers (the check list set, RFC 8445 §6.1.2.1).
    pub fn check_lists(&self) -> impl Iterator<Item = (u32, CheckListSnapshot)> {
        self.session.lists.lists().iter().map(|list| (list.number, list.snapshot()))
    }

    /// The pair that carries data, with its number; of several components, that of the first one.
    pub fn selected(&self) -> Option<(u32, &Candidate, &Candidate)> {
        self.shown.selected.as_ref().map(|selected| (selected.pair, &selected.local, &selected.remote))
    }

    /// The number of the selected pair of each component that has one.
    pub fn selected_pairs(&self) -> impl Iterator<Item = (ComponentId, u32)> {
        self.carriers.iter().map(|carrier| (carrier.component, carrier.pair))
    }

    /// The streams that there are sockets for.
    pub(super) fn streams(&self) -> Vec<u32> {
        streams_of(&self.components)
    }

    /// The component that a socket or relayed address is for: whose data came, when an output names it.
    pub fn component_at(&self, address: SocketAddr) -> Option<ComponentId> {
        let here = |local: &&LocalCandidate| local.is_base() && local.candidate.address == address;
        let local = self.session.locals.iter().find(here)?;
        Some(ComponentId { stream: local.stream, component: local.candidate.component })
    }
}
