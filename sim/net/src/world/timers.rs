//! Timers of programs: one for each token, moved at will. Not here: the timers of NATs and firewalls, which are events of their own.

use std::collections::BTreeMap;

use rtclab_trace::{EntryId, NodeId, SimTime};

use super::{Call, Net, What};
use crate::packet::Event;
use crate::program::ProgramId;

#[derive(Clone, Copy, Debug)]
struct Timer {
    /// When the program wants to be called.
    at: SimTime,
    /// When an event looks after it: never later. So putting a timer off costs nothing until that event comes.
    queued_at: SimTime,
    cause: Option<EntryId>,
}

/// All timers that are set, by node: each looks at its own, however many nodes there are.
#[derive(Debug, Default)]
pub(super) struct Timers(Vec<BTreeMap<(ProgramId, u64), Timer>>);

impl Timers {
    fn of(&mut self, node: NodeId) -> &mut BTreeMap<(ProgramId, u64), Timer> {
        let place = usize::from(node.0);
        if self.0.len() <= place {
            self.0.resize_with(place + 1, BTreeMap::new);
        }
        &mut self.0[place]
    }
}

impl Net {
    pub(crate) fn set_timer(
        &mut self,
        node: NodeId,
        program: ProgramId,
        token: u64,
        at: SimTime,
        cause: Option<EntryId>,
    ) {
        let at = at.max(self.now);
        let queued = self.timers.of(node).get(&(program, token)).map(|timer| timer.queued_at);
        let queued_at = match queued {
            Some(queued_at) if queued_at <= at => queued_at,
            _ => {
                self.queue.push(at, Event::Timer { node, program, token });
                at
            }
        };
        self.timers.of(node).insert((program, token), Timer { at, queued_at, cause });
    }

    pub(crate) fn cancel_timer(&mut self, node: NodeId, program: ProgramId, token: u64) {
        self.timers.of(node).remove(&(program, token));
    }

    /// An event has come to look after a timer. Returns whether its program is to be called, and not if it was moved or cancelled.
    pub(super) fn look_after_timer(&mut self, node: NodeId, program: ProgramId, token: u64) -> bool {
        let (key, now) = ((program, token), self.now);
        let own = self.timers.of(node);
        let Some(&timer) = own.get(&key) else { return false };
        if timer.at <= now {
            own.remove(&key);
            self.call = Some(Call { node, program, input: timer.cause, what: What::Timer(token) });
            return true;
        }
        if timer.queued_at == self.now {
            self.queue.push(timer.at, Event::Timer { node, program, token });
            self.timers.of(node).insert(key, Timer { queued_at: timer.at, ..timer });
        }
        false
    }
}
