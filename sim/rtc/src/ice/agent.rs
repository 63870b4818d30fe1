//! The agent: its state, how it is made and driven, and what it shows. Not here: the procedures, one file each beside this one.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::config::{AgentConfig, Credentials, LocalSocket};
use super::foundation::Foundations;
use super::gathering::Gathering;
use super::relay::Relay;
use super::schedule::Pacer;
use super::session::{Session, Side};
use super::{
    AgentSnapshot, Candidate, Change, CheckListSnapshot, ConnectionState, GatheringState, PairSnapshot, Role,
};
use crate::output::{Because, Output};
use crate::randomness::{Randomness, SharedRandomness};
use crate::time::Time;

/// A full ICE agent for one data stream with one component, as BUNDLE and rtcp-mux leave it.
///
/// # The order of calls
///
/// 1. [`Agent::new`]; signal [`Agent::local_credentials`].
/// 2. Commands, in any order: [`gather`](Agent::gather), [`set_remote_credentials`](Agent::set_remote_credentials),
///    [`add_remote_candidate`](Agent::add_remote_candidate), [`end_of_remote_candidates`](Agent::end_of_remote_candidates),
///    [`send`](Agent::send), [`restart`](Agent::restart), [`close`](Agent::close).
/// 3. Inputs as they come: [`handle_datagram`](Agent::handle_datagram), [`handle_unreachable`](Agent::handle_unreachable),
///    [`handle_timeout`](Agent::handle_timeout).
/// 4. After each of these: [`poll_output`](Agent::poll_output) until it is `None`, then [`poll_timeout`](Agent::poll_timeout), which says
///    when to call [`handle_timeout`](Agent::handle_timeout) next. Where datagrams and a timer fall on the same instant, hand in the
///    datagrams first.
///
/// Time never goes back from one call to the next.
///
/// # What the owner signals
///
/// Each [`Change::Candidate`] about a [`LocalCandidate`](crate::Subject::LocalCandidate) that is not peer-reflexive, as it comes (trickle),
/// and the end of candidates once a [`Change::Agent`] shows [`GatheringState::Complete`].
#[derive(Debug)]
pub struct Agent {
    pub(super) config: AgentConfig,
    pub(super) next_sockets: Option<Vec<LocalSocket>>,
    pub(super) randomness: SharedRandomness,
    pub(super) shown: AgentSnapshot,
    pub(super) session: Session,
    pub(super) previous: Option<Previous>,
    pub(super) carrier: Option<Carrier>,
    pub(super) foundations: Foundations,
    pub(super) gathering: Gathering,
    pub(super) relays: Vec<Relay>,
    pub(super) pacer: Pacer,
    pub(super) numbers: Numbers,
    pub(super) outputs: VecDeque<Output<Change>>,
    pub(super) closed: bool,
}

/// Our side of the session before a restart, whose checks are still answered.
#[derive(Debug)]
pub(super) struct Previous {
    pub(super) local: Side,
}

/// The path that carries data. It outlives the session that found it, until the next one finds another.
#[derive(Debug)]
pub(super) struct Carrier {
    pub(super) base: SocketAddr,
    pub(super) remote: SocketAddr,
    pub(super) last_sent: Time,
    pub(super) last_heard: Time,
    /// An ICMP error came back, and nothing has been heard since.
    pub(super) unreachable: bool,
}

/// The next number of each kind of subject. They count up for as long as the agent lives.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    local: u32,
    remote: u32,
    transaction: u32,
    allocation: u32,
    pub(super) pair: u32,
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

    pub(super) fn next_transaction(&mut self) -> u32 {
        take(&mut self.transaction)
    }
}

/// Data cannot be sent: no pair is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no pair is selected (RFC 8445 §12.1)")]
pub struct NotConnected;

impl Agent {
    /// An agent that has not begun. All its randomness (credentials, tie-breaker, transaction ids) comes from `randomness`.
    pub fn new(config: AgentConfig, randomness: Box<dyn Randomness>) -> Agent {
        let mut randomness = SharedRandomness::new(randomness);
        let credentials = Credentials::random(&mut randomness);
        let shown = AgentSnapshot {
            role: config.role,
            tie_breaker: randomness.u64(),
            local_ufrag: credentials.ufrag().to_owned(),
            remote_ufrag: None,
            gathering: GatheringState::New,
            connection: ConnectionState::New,
            selected: None,
        };
        Agent {
            pacer: Pacer::new(config.ta),
            config,
            next_sockets: None,
            randomness,
            shown,
            session: Session::new(0, credentials),
            previous: None,
            carrier: None,
            foundations: Foundations::default(),
            gathering: Gathering::default(),
            relays: Vec::new(),
            numbers: Numbers::default(),
            outputs: VecDeque::new(),
            closed: false,
        }
    }

    /// Sends data of the application over the selected pair (RFC 8445 §12.1).
    ///
    /// # Errors
    /// No pair is selected yet, or the agent is closed.
    pub fn send(&mut self, payload: &[u8], now: Time) -> Result<(), NotConnected> {
        let carrier = self.carrier.as_ref().ok_or(NotConnected)?;
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
        self.run_keepalive(now);
        self.settle(now);
    }

    /// What follows from any input, in this order: what is known is concluded, then the free slot is used.
    pub(super) fn settle(&mut self, now: Time) {
        if self.closed {
            return;
        }
        self.settle_gathering();
        self.run_nomination(now);
        self.run_schedule(now);
        self.settle_state(now);
    }

    /// The next output, in the order in which things happened.
    pub fn poll_output(&mut self) -> Option<Output<Change>> {
        self.outputs.pop_front()
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
        self.session.list.all().map(|pair| (pair.number, &pair.shown))
    }

    /// The check list: order, triggered-check queue, valid list.
    pub fn check_list(&self) -> CheckListSnapshot {
        self.session.list.snapshot()
    }

    /// The pair that carries data, with its number.
    pub fn selected(&self) -> Option<(u32, &Candidate, &Candidate)> {
        self.shown.selected.as_ref().map(|selected| (selected.pair, &selected.local, &selected.remote))
    }
}
