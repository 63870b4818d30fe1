//! Watching calls: what the two agents and the signaling together make of a call, recorded whenever it changes.

use rtclab_net::World;
use rtclab_rtc::ice::{Agent, Candidate, CandidateKind, ConnectionState};
use rtclab_trace::{
    CallOutcome, CallPath, CallSide, CallState, Change, Entity, EntryId, ProgramReason, Reason,
};

use super::cast::Cast;
use crate::programs::Peer;

/// A call that is watched.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) number: u32,
    /// Caller and callee, by their place in the cast.
    pub(super) sides: [usize; 2],
    pub(super) state: CallState,
}

impl Watched {
    pub(super) fn all(cast: &Cast) -> Vec<Watched> {
        let side =
            |place: usize| CallSide { node: cast.peers[place].node, connected_at: None, selected: None };
        let calls = cast.calls.iter().zip(0..);
        calls
            .map(|(&sides, number)| {
                let state =
                    CallState { sides: sides.map(side), outcome: CallOutcome::Connecting, path: None };
                Watched { number, sides, state }
            })
            .collect()
    }

    /// Looks at both sides, and records the call if it is not as it was.
    pub(super) fn look(&mut self, world: &mut World, cast: &Cast) {
        let mut state = self.state.clone();
        for (side, &place) in state.sides.iter_mut().zip(&self.sides) {
            let selected = cast.peer(world, place).and_then(Peer::agent).and_then(selected);
            if selected.is_some() && side.connected_at.is_none() {
                side.connected_at = Some(world.now());
            }
            side.selected = selected;
        }
        let lost = self.signaling_lost(world, cast);
        state.outcome = self.outcome(world, cast, lost.is_some());
        state.path = path(&state);
        if state == self.state {
            return;
        }
        // The message's own entry knows best why it was lost; in summary mode there is none.
        let loss = lost.map(|entry| {
            let told = entry.and_then(|entry| world.trace().entry(entry).reason);
            told.unwrap_or(ProgramReason::SignalingGivenUp.into())
        });
        let reason = reason(&self.state, &state, loss);
        let cause = if state.outcome == CallOutcome::Failed && lost.is_some() {
            lost.flatten()
        } else {
            self.newest_agent_entry(world, cast)
        };
        self.state = state;
        let change = Change::Call(Box::new(self.state.clone()));
        world.record(Entity::Call(self.number), change, reason, cause);
    }

    fn outcome(&self, world: &World, cast: &Cast, signaling_lost: bool) -> CallOutcome {
        let connections =
            self.sides.map(|place| cast.peer(world, place).map_or(ConnectionState::New, Peer::connection));
        let connected = |state: &ConnectionState| {
            matches!(state, ConnectionState::Connected | ConnectionState::Completed)
        };
        let was_connected = self.state.sides.iter().all(|side| side.connected_at.is_some());
        if connections.contains(&ConnectionState::Failed) {
            CallOutcome::Failed
        } else if connections.iter().all(connected) {
            CallOutcome::Connected
        } else if was_connected && connections.contains(&ConnectionState::Disconnected) {
            CallOutcome::Disconnected
        } else if was_connected {
            // A restart checks anew while the old pair still carries data.
            self.state.outcome
        } else if signaling_lost {
            CallOutcome::Failed
        } else {
            CallOutcome::Connecting
        }
    }

    /// The entry that says that an offer or answer of this call was lost, by its writer or by the server.
    fn signaling_lost(&self, world: &World, cast: &Cast) -> Option<Option<EntryId>> {
        let peers = self.sides.iter().filter_map(|&place| cast.peer(world, place));
        let by_peer = peers.into_iter().find_map(Peer::signaling_lost);
        let names = self.sides.map(|place| cast.peers[place].name.as_str());
        by_peer.or_else(|| {
            let lost = cast.signaling_servers(world).flat_map(|server| server.lost());
            lost.filter(|(message, _)| message.kind.is_needed() && names.contains(&message.from.as_str()))
                .map(|(_, entry)| *entry)
                .next()
        })
    }

    fn newest_agent_entry(&self, world: &World, cast: &Cast) -> Option<EntryId> {
        let entries = self.sides.iter().filter_map(|&place| cast.peer(world, place)?.agent_entry());
        entries.max()
    }
}

fn selected(agent: &Agent) -> Option<(Candidate, Candidate)> {
    agent.selected().map(|(_, local, remote)| (local.clone(), remote.clone()))
}

/// Relayed if either side sends through its relay, or to what the other side calls its relay: labels differ, the path does not.
fn path(state: &CallState) -> Option<CallPath> {
    let pairs: Vec<&(Candidate, Candidate)> =
        state.sides.iter().filter_map(|side| side.selected.as_ref()).collect();
    if pairs.len() < 2 {
        return None;
    }
    let relayed = |candidate: &Candidate| candidate.kind == CandidateKind::Relayed;
    let relayed = pairs.iter().any(|(local, remote)| relayed(local) || relayed(remote));
    Some(if relayed { CallPath::Relayed } else { CallPath::Direct })
}

/// Why the call is what it is now; `loss` says why an offer or answer was lost.
fn reason(before: &CallState, after: &CallState, loss: Option<Reason>) -> Option<Reason> {
    if before.outcome == after.outcome {
        return None;
    }
    match after.outcome {
        CallOutcome::Connected => Some(ProgramReason::CallConnected.into()),
        CallOutcome::Failed => loss.or(Some(ProgramReason::CallFailed.into())),
        CallOutcome::Disconnected => Some(ProgramReason::CallInterrupted.into()),
        CallOutcome::Connecting => None,
    }
}
