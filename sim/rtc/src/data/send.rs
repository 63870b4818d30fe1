//! Messages of the application go out, and `bufferedAmount` says what of them waits (webrtc-pc §6.2).

use super::channel::{ChannelId, ReadyState};
use super::channels::Channels;
use super::message::{Message, ppid};
use super::output::{Output, SendError};
use crate::sctp::{self, Association};
use crate::time::Time;

impl Channels {
    /// Sends a message.
    ///
    /// # Errors
    /// If it cannot be taken; nothing was changed then.
    pub fn send(&mut self, id: ChannelId, message: impl Into<Message>, now: Time) -> Result<(), SendError> {
        let channel = self.channels.get(&id).ok_or(SendError::NoChannel)?;
        let ready = channel.shown.ready;
        let (Some(stream), Some(association), ReadyState::Open) =
            (channel.shown.stream, &mut self.association, ready)
        else {
            return Err(SendError::NotOpen(ready));
        };
        let message = message.into();
        let length = message.bytes().len();
        let (protocol, payload) = message.into_payload();
        // RFC 8832 §6: until the peer is known to have the channel, its messages must not overtake the one that opens it.
        let unordered = !channel.shown.init.ordered && channel.shown.confirmed;
        let reliability = channel.shown.init.reliability();
        let waited = waiting(association, stream);
        let wire = sctp::Message { stream, protocol, unordered, payload };
        association.send(wire, reliability, now).map_err(|error| refused(error, ready))?;
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.shown.messages_sent += 1;
            channel.shown.bytes_sent += length as u64;
            if waited + length > channel.shown.low_threshold {
                channel.above_threshold = true;
                self.above.insert(id);
            }
        }
        self.settle(now);
        Ok(())
    }

    /// `bufferedAmount`: bytes of messages that have not gone out yet.
    pub fn buffered_amount(&self, id: ChannelId) -> usize {
        let stream = self.channels.get(&id).and_then(|channel| channel.shown.stream);
        match (stream, &self.association) {
            (Some(stream), Some(association)) => waiting(association, stream),
            _ => 0,
        }
    }

    /// `bufferedAmountLowThreshold`: when so many bytes or fewer wait, after it were more, that is told.
    pub fn set_low_threshold(&mut self, id: ChannelId, bytes: usize) {
        let waiting = self.buffered_amount(id);
        let Some(channel) = self.channels.get_mut(&id) else { return };
        channel.shown.low_threshold = bytes;
        channel.above_threshold = waiting > bytes;
        if channel.above_threshold {
            self.above.insert(id);
        } else {
            self.above.remove(&id);
        }
    }

    /// Tells of channels whose buffer has run low.
    pub(super) fn look_at_thresholds(&mut self) {
        let watched: Vec<ChannelId> = self.above.iter().copied().collect();
        for id in watched {
            let waiting = self.buffered_amount(id);
            let Some(channel) = self.channels.get_mut(&id) else {
                self.above.remove(&id);
                continue;
            };
            if waiting <= channel.shown.low_threshold {
                channel.above_threshold = false;
                self.above.remove(&id);
                self.outputs.push_back(Output::BufferedAmountLow { channel: id });
            }
        }
    }
}

fn waiting(association: &Association, stream: u16) -> usize {
    association.waiting_without(stream, ppid::UNCOUNTED)
}

fn refused(error: sctp::SendError, ready: ReadyState) -> SendError {
    match error {
        sctp::SendError::TooLong { length, limit } => SendError::TooLong { length, limit },
        sctp::SendError::BufferFull(waiting) => SendError::BufferFull(waiting),
        // The stream is still being reset from its former life: for the application, it is not there yet.
        sctp::SendError::Resetting(_) => SendError::NotOpen(ReadyState::Connecting),
        sctp::SendError::NotOpen(_) | sctp::SendError::Empty | sctp::SendError::Stream(_) => {
            SendError::NotOpen(ready)
        }
    }
}
