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

/// All timers that are set.
#[derive(Debug, Default)]
pub(super) struct Timers(BTreeMap<(NodeId, ProgramId, u64), Timer>);

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
        let queued = self.timers.0.get(&(node, program, token)).map(|timer| timer.queued_at);
        let queued_at = match queued {
            Some(queued_at) if queued_at <= at => queued_at,
            _ => {
                self.queue.push(at, Event::Timer { node, program, token });
                at
            }
        };
        self.timers.0.insert((node, program, token), Timer { at, queued_at, cause });
    }

    pub(crate) fn cancel_timer(&mut self, node: NodeId, program: ProgramId, token: u64) {
        self.timers.0.remove(&(node, program, token));
    }

    /// An event has come to look after a timer. Returns whether its program is to be called, and not if it was moved or cancelled.
    pub(super) fn look_after_timer(&mut self, node: NodeId, program: ProgramId, token: u64) -> bool {
        let key = (node, program, token);
        let Some(&timer) = self.timers.0.get(&key) else { return false };
        if timer.at <= self.now {
            self.timers.0.remove(&key);
            self.call = Some(Call { node, program, input: timer.cause, what: What::Timer(token) });
            return true;
        }
        if timer.queued_at == self.now {
            self.queue.push(timer.at, Event::Timer { node, program, token });
            self.timers.0.insert(key, Timer { queued_at: timer.at, ..timer });
        }
        false
    }
}
