//! The calls of the socket interface as the classroom names them, written into the trace by the programs that make them.
//! Not here: what the calls do (`rtclab-net`).

use rtclab_net::Host;
use rtclab_trace::{EntryId, ProgramReason};

use super::tell;

/// Calls of one kind that are told one by one; of more, the last word of the program tells the sum.
const TOLD_MAX: u32 = 3;

/// Tells the calls of a program.
#[derive(Debug)]
pub(super) struct SocketCalls {
    program: &'static str,
    sends: u32,
    receives: u32,
}

impl SocketCalls {
    pub(super) const fn new(program: &'static str) -> SocketCalls {
        SocketCalls { program, sends: 0, receives: 0 }
    }

    /// A call that the program makes: `connect(192.0.2.1:7)`.
    pub(super) fn call(&self, host: &mut Host<'_>, words: impl Into<String>) -> Option<EntryId> {
        tell(host, self.program, words.into(), Some(ProgramReason::SocketCall.into()))
            .or_else(|| host.input())
    }

    /// What a call that had to wait came back with: `accept() = 192.0.2.1:50000`.
    pub(super) fn returned(&self, host: &mut Host<'_>, words: impl Into<String>) -> Option<EntryId> {
        tell(host, self.program, words.into(), Some(ProgramReason::SocketReturn.into()))
    }

    /// `send(12 bytes)`, the first few times. The entry is what the segments are because of.
    pub(super) fn send(&mut self, host: &mut Host<'_>, name: &str, bytes: usize) -> Option<EntryId> {
        self.sends = self.sends.saturating_add(1);
        if self.sends > TOLD_MAX {
            return host.input();
        }
        self.call(host, format!("{name}({bytes} bytes)"))
    }

    /// `recv() = 12 bytes`, the first few times.
    pub(super) fn receive(&mut self, host: &mut Host<'_>, name: &str, bytes: usize) {
        self.receives = self.receives.saturating_add(1);
        if self.receives <= TOLD_MAX {
            self.returned(host, format!("{name}() = {bytes} bytes"));
        }
    }

    /// What the program says last: how it stands.
    pub(super) fn stands(&self, host: &mut Host<'_>, words: impl Into<String>) {
        tell(host, self.program, words.into(), None);
    }
}
