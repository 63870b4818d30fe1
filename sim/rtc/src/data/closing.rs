//! The end of a channel: both directions of its stream are reset (RFC 8831 §6.7); or the association ends, and everything on it.

use super::channel::{ChannelId, ReadyState};
use super::channels::Channels;
use super::output::Output;
use crate::reason::Reason;
use crate::sctp::ResetOutcome;
use crate::time::Time;

impl Channels {
    /// Closes a channel: what waits still goes out, then its stream is reset. It is closed when the peer has done the same.
    pub fn close(&mut self, id: ChannelId, now: Time) {
        self.begin_to_close(id, Reason::DataClose, now);
        self.settle(now);
    }

    pub(super) fn begin_to_close(&mut self, id: ChannelId, reason: Reason, now: Time) {
        let Some(channel) = self.channels.get(&id) else { return };
        match (channel.shown.ready, channel.shown.stream) {
            (ReadyState::Open, Some(stream)) => {
                self.enter(id, ReadyState::Closing, reason);
                if let Some(association) = &mut self.association {
                    association.reset_stream(stream, now);
                }
            }
            // The peer has not heard of it.
            (ReadyState::Connecting | ReadyState::Open, _) => {
                self.enter(id, ReadyState::Closing, reason);
                self.forget(id, reason);
            }
            (ReadyState::Closing | ReadyState::Closed, _) => {}
        }
    }

    /// The peer begins anew on streams that it sends on; none named means all of them (RFC 6525 §4.1).
    pub(super) fn on_streams_reset(&mut self, streams: &[u16], now: Time) {
        let named: Vec<u16> =
            if streams.is_empty() { self.by_stream.keys().copied().collect() } else { streams.to_vec() };
        for stream in named {
            let Some(id) = self.by_stream.get(&stream).copied() else { continue };
            let Some(channel) = self.channels.get_mut(&id) else { continue };
            if channel.shown.ready == ReadyState::Connecting {
                continue;
            }
            channel.peer_reset = true;
            self.begin_to_close(id, Reason::DataPeerCloses, now);
            self.close_if_both_are_reset(id);
        }
    }

    /// Our own reset was answered.
    pub(super) fn on_reset_answered(&mut self, streams: &[u16], outcome: ResetOutcome) {
        for stream in streams {
            let Some(id) = self.by_stream.get(stream).copied() else { continue };
            let Some(channel) = self.channels.get_mut(&id) else { continue };
            if std::mem::take(&mut channel.former_reset) {
                continue;
            }
            match outcome {
                ResetOutcome::Performed | ResetOutcome::NothingToDo => {
                    channel.reset_answered = true;
                    self.close_if_both_are_reset(id);
                }
                // A peer that refuses to reset will not send a reset of its own.
                _ => self.forget(id, Reason::DataNoReset),
            }
        }
    }

    fn close_if_both_are_reset(&mut self, id: ChannelId) {
        let both = |channel: &super::channel::Channel| channel.peer_reset && channel.reset_answered;
        if self.channels.get(&id).is_some_and(both) {
            self.forget(id, Reason::DataClosed);
        }
    }

    /// A channel is closed, and its stream is free.
    pub(super) fn forget(&mut self, id: ChannelId, reason: Reason) {
        self.enter(id, ReadyState::Closed, reason);
        self.above.remove(&id);
        let Some(channel) = self.channels.remove(&id) else { return };
        if let Some(stream) = channel.shown.stream.filter(|stream| self.by_stream.get(stream) == Some(&id)) {
            self.by_stream.remove(&stream);
            self.due.retain(|(due, _)| *due != stream);
        }
    }

    /// The association is over: every channel that has a stream goes with it. One without waits for the next association.
    pub(super) fn association_is_over(&mut self) {
        let lost: Vec<ChannelId> = self.by_stream.values().copied().collect();
        for id in lost {
            self.forget(id, Reason::DataAssociationOver);
        }
        self.due.clear();
    }

    /// What the peer does on this stream breaks a rule: it is told so by a reset (RFC 8832 §6).
    pub(super) fn refuse(&mut self, stream: u16, reason: Reason, now: Time) {
        self.outputs.push_back(Output::Ignored(reason));
        match self.by_stream.get(&stream).copied() {
            Some(id) => self.begin_to_close(id, reason, now),
            None => {
                if let Some(association) = &mut self.association {
                    association.reset_stream(stream, now);
                }
            }
        }
    }
}
