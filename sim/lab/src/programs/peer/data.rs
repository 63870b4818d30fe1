//! What is sent over the selected pair, and what comes over it. Not here: which pair that is.

use rtclab_net::Host;
use rtclab_trace::{ProgramReason, SimTime};

use super::{Data, Peer};
use crate::programs::{numbered, numbered_payload};

/// The messages that a peer still has to send.
#[derive(Debug)]
pub(super) struct Sending {
    data: Option<Data>,
    sent: u32,
    next_at: SimTime,
}

impl Sending {
    pub(super) fn new(data: Option<Data>) -> Sending {
        Sending { data, sent: 0, next_at: SimTime::MAX }
    }

    /// The agent has a selected pair, or not: messages begin with the first one, and pause while there is none.
    pub(super) fn notice(&mut self, connected: bool, now: SimTime) {
        if !connected {
            self.next_at = SimTime::MAX;
        } else if self.next_at == SimTime::MAX && self.has_more() {
            self.next_at = now;
        }
    }

    fn has_more(&self) -> bool {
        self.data.is_some_and(|data| data.count.is_none_or(|count| self.sent < count))
    }

    pub(super) fn next_at(&self) -> SimTime {
        self.next_at
    }

    pub(super) fn sent(&self) -> u64 {
        u64::from(self.sent)
    }

    /// The next payload, if its time has come.
    fn due(&mut self, now: SimTime) -> Option<Vec<u8>> {
        let data = self.data?;
        if self.next_at > now {
            return None;
        }
        let payload = numbered_payload(self.sent, data.bytes);
        self.sent = self.sent.saturating_add(1);
        self.next_at = if self.has_more() { now + data.every } else { SimTime::MAX };
        Some(payload)
    }
}

impl Peer {
    pub(super) fn send_data_if_due(&mut self, host: &mut Host<'_>) {
        let now = host.now();
        let Some(payload) = self.sending.due(now) else { return };
        if let Some(agent) = &mut self.agent {
            // Without a selected pair there is nowhere to send it; `notice` has paused the sending then.
            let _ = agent.send(&payload, now);
        }
        self.drain_agent_for(host, Some(ProgramReason::CallData.into()));
    }

    pub(super) fn take_data(&mut self, host: &mut Host<'_>, payload: &[u8]) {
        self.tally.count(host.now(), numbered(payload));
    }
}
