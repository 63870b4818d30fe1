//! Running a scenario: from a document to what came of it.
//!
//! | file | what lives there |
//! |---|---|
//! | `options` | what a caller may choose, and what it is told on the way |
//! | `stage` | the world with its programs, each knowing its servers |
//! | `names` | name servers, and who asks them |
//! | `probes` | whom pings and traceroutes are for |
//! | `cast` | where each program is |
//! | `actions` | what happens at a given time |
//! | `calls` | what the agents and the signaling make of a call |
//! | `streams` | TCP connections |
//! | `ice` | agents: candidates, pairs, consent, allocations |
//! | `network` | links, firewalls and NATs |
//! | `outcome`, `json` | what came of it |
//!
//! This file: the loop.

mod actions;
mod calls;
mod carriers;
mod cast;
mod ice;
mod json;
mod names;
mod network;
mod options;
mod outcome;
mod plans;
mod probes;
mod session;
mod stage;
mod streams;

use std::collections::VecDeque;
use std::ops::ControlFlow;

use rtclab_net::{Host, World};
use rtclab_trace::SimTime;

use crate::build::{BuildError, TimedAction, build};
use crate::diagnosis;
use crate::document::Scenario;
use crate::expect;
use crate::programs::peer::InstantMessage;
use crate::programs::{Bell, Peer};
use calls::Watched;

pub use cast::{Actor, Cast, SourceActor};
pub use ice::{
    IceReport, PairReport, TransactionCounts, allocation_words, consent_word, pair_word, streams_of_pairs,
};
pub use network::{FirewallReport, LinkReport, NatReport, NeighborsReport, NetworkReport, SwitchReport};
pub use options::{Ended, Options, Progress};
pub use outcome::{CallReport, Outcome, outcome_word, path_word};
pub(crate) use plans::profile;
pub use session::{SessionReport, SessionSide, Step};
pub use streams::StreamReport;

/// How many events make a slice: after each, the caller is told and may cancel.
const SLICE_EVENTS: u32 = 10_000;

/// Runs a scenario to its end.
///
/// # Errors
///
/// The network cannot be made of it; see [`BuildError`].
pub fn run(scenario: &Scenario, options: Options) -> Result<Outcome, BuildError> {
    run_watched(scenario, options, |_| ControlFlow::Continue(()))
}

/// Runs a scenario, and tells how far it has come after every slice; whoever is told may cancel.
///
/// # Errors
///
/// The network cannot be made of it; see [`BuildError`].
pub fn run_watched(
    scenario: &Scenario,
    options: Options,
    mut watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Outcome, BuildError> {
    let mut build = build(scenario)?;
    let seed = options.seed.unwrap_or(scenario.seed);
    let until = options.until.unwrap_or(build.until);
    let actions = std::mem::take(&mut build.actions).into();
    let stage::Stage { world, cast, bell } = stage::set(scenario, build, seed, options.observe)?;
    let watched = Watched::all(&cast);
    let mut running = Running { world, cast, bell, watched, actions, until };
    let ended = running.drive(&mut watch);
    Ok(running.conclude(scenario, seed, ended))
}

/// A run under way.
struct Running {
    world: World,
    cast: Cast,
    bell: Bell,
    watched: Vec<Watched>,
    actions: VecDeque<TimedAction>,
    until: SimTime,
}

impl Running {
    fn drive(&mut self, watch: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Ended {
        let mut events = 0_u32;
        loop {
            let next_action = self.actions.front().map(|action| action.at).filter(|at| *at <= self.until);
            let limit = next_action.unwrap_or(self.until);
            while self.world.step_until(limit).is_some() {
                if self.bell.heard() {
                    self.attend();
                }
                events += 1;
                if events == SLICE_EVENTS {
                    events = 0;
                    if watch(self.progress()).is_break() {
                        return Ended::Cancelled;
                    }
                }
            }
            let Some(action) = next_action.and_then(|_| self.actions.pop_front()) else { break };
            // An action comes after everything else of its moment.
            self.world.run_until(action.at);
            actions::perform(&action, &mut self.world, &self.cast);
            self.attend();
        }
        if self.world.next_event_at().is_none() {
            return Ended::Idle;
        }
        self.world.run_until(self.until);
        Ended::Until
    }

    fn progress(&self) -> Progress {
        let entries = self.world.trace().counters().entries;
        Progress { now: self.world.now(), until: self.until, entries }
    }

    /// A peer rang: hands over messages that travel outside the network, and looks at the calls.
    fn attend(&mut self) {
        while self.hand_over() {}
        for watched in &mut self.watched {
            watched.look(&mut self.world, &self.cast);
        }
        // What was said while attending has been heard.
        let _ = self.bell.heard();
    }

    /// Hands over what every peer has to hand over. Whether there was anything.
    fn hand_over(&mut self) -> bool {
        let mut messages: Vec<InstantMessage> = Vec::new();
        for actor in &self.cast.peers {
            let peer: Option<&mut Peer> = self.world.program_mut(actor.node, actor.program);
            messages.extend(peer.map(Peer::take_instant_messages).unwrap_or_default());
        }
        let any = !messages.is_empty();
        for instant in messages {
            let reader = self.cast.peers.iter().find(|actor| actor.name == instant.message.to);
            let Some(reader) = reader else { continue };
            let sent = instant.sent;
            let take = |peer: &mut Peer, host: &mut Host<'_>| peer.receive_instant(host, instant);
            // The reader is a peer of this cast, so it is there.
            let _ = self.world.with_program(reader.node, reader.program, sent, take);
        }
        any
    }

    fn conclude(mut self, scenario: &Scenario, seed: u64, ended: Ended) -> Outcome {
        let calls: Vec<CallReport> = self.watched.iter().map(|watched| self.report(watched)).collect();
        let streams = streams::reports(&self.cast, &self.world);
        let expectations = expect::judge_all(scenario, (&calls, &streams), &self.world, &self.cast);
        let ended_at = self.world.now();
        self.world.tell_counters();
        let trace = self.world.into_trace();
        let hash = std::cell::OnceCell::new();
        let scenario = scenario.title.clone();
        Outcome { scenario, seed, trace, ended_at, ended, calls, streams, expectations, hash }
    }

    fn report(&self, watched: &Watched) -> CallReport {
        let actors = watched.sides.map(|place| &self.cast.peers[place]);
        let agents = watched.sides.map(|place| self.cast.peer(&self.world, place).and_then(Peer::agent));
        let evidence = diagnosis::Evidence {
            trace: self.world.trace(),
            number: watched.number,
            peers: actors.map(|actor| actor.name.as_str()),
            nodes: actors.map(|actor| actor.node),
            state: &watched.state,
            agents,
        };
        CallReport {
            number: watched.number,
            peers: actors.map(|actor| actor.name.clone()),
            nodes: actors.map(|actor| actor.node),
            connected_at: [0, 1].map(|side| watched.state.sides[side].connected_at),
            diagnosis: diagnosis::diagnose(&evidence),
            state: watched.state.clone(),
            session: SessionReport::of(self.world.trace(), actors.map(|actor| actor.node)),
        }
    }
}
