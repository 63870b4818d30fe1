//! What the association hands over: its own changes, messages of the establishment protocol, messages of the application.

use super::channel::{Channel, ChannelId, ChannelInit, OpenedBy, ReadyState};
use super::channels::Channels;
use super::dcep::{DcepError, DcepMessage, Open};
use super::message::{Message, ppid};
use super::output::Output;
use crate::jsep::DtlsRole;
use crate::reason::Reason;
use crate::sctp::{self, AssociationState, Phase};
use crate::time::Time;

/// Most channels that a peer may have open at a time; as many as browsers use streams.
const PEER_CHANNELS_MAX: usize = 1024;
/// Most bytes of labels and protocols that are kept for a peer's channels.
const PEER_TEXT_MAX: usize = 1 << 20;

impl Channels {
    pub(super) fn take_in(&mut self, output: sctp::Output, now: Time) {
        match output {
            sctp::Output::Packet { bytes, reason } => {
                self.outputs.push_back(Output::Packet { bytes, reason });
            }
            sctp::Output::Change { state, reason } => self.on_association(state, reason),
            sctp::Output::Message(message) if message.protocol == ppid::DCEP => {
                self.on_dcep(message.stream, &message.payload, now);
            }
            sctp::Output::Message(message) => self.on_message(message, now),
            sctp::Output::StreamsReset(streams) => self.on_streams_reset(&streams, now),
            sctp::Output::ResetAnswered { streams, outcome } => self.on_reset_answered(&streams, outcome),
            sctp::Output::Abandoned { stream, reason } => {
                if let Some(channel) = self.by_stream.get(&stream).copied() {
                    self.outputs.push_back(Output::Abandoned { channel, reason });
                }
            }
            sctp::Output::Ignored(reason) => self.outputs.push_back(Output::Ignored(reason)),
        }
    }

    fn on_association(&mut self, state: Box<AssociationState>, reason: Option<Reason>) {
        let phase = state.phase;
        self.outputs.push_back(Output::Association { state, reason });
        match phase {
            Phase::Established => self.open_all(),
            Phase::Closed => self.association_is_over(),
            _ => {}
        }
    }

    fn on_dcep(&mut self, stream: u16, payload: &[u8], now: Time) {
        match DcepMessage::parse(payload) {
            Ok(DcepMessage::Open(open)) => self.on_open(stream, open, now),
            Ok(DcepMessage::Ack) => self.on_ack(stream),
            Err(DcepError::UnknownType(_)) => self.refuse(stream, Reason::DataUnknownMessage, now),
            Err(_) => self.refuse(stream, Reason::DataMalformed, now),
        }
    }

    /// RFC 8832 §6: an unused stream, of the peer's kind, with valid parameters; anything else is closed.
    fn on_open(&mut self, stream: u16, open: Open, now: Time) {
        let former = self.by_stream.get(&stream).copied();
        if let Some(id) = former {
            // Our reset is performed, or the peer could not begin anew: only its answer is still on its way.
            let is_over = self
                .channels
                .get(&id)
                .is_some_and(|old| old.peer_reset && old.shown.ready == ReadyState::Closing);
            if !is_over {
                return self.refuse(stream, Reason::DataStreamInUse, now);
            }
            self.forget(id, Reason::DataClosed);
        }
        if self.role.is_some_and(|role| is_ours(stream, role)) {
            return self.refuse(stream, Reason::DataWrongParity, now);
        }
        if !self.has_room_for(&open) {
            return self.refuse(stream, Reason::DataTooMany, now);
        }
        let id = self.fresh_id();
        let init = ChannelInit {
            label: open.label,
            protocol: open.protocol,
            ordered: open.ordered,
            persistence: open.persistence,
            priority: open.priority,
            negotiated: None,
        };
        let mut channel = Channel::new(id, init, OpenedBy::Peer);
        channel.shown.stream = Some(stream);
        channel.shown.confirmed = true;
        channel.former_reset = former.is_some();
        self.channels.insert(id, channel);
        self.by_stream.insert(stream, id);
        self.due.push_back((stream, DcepMessage::Ack));
        self.enter(id, ReadyState::Open, Reason::DataOpened);
    }

    fn has_room_for(&self, open: &Open) -> bool {
        let theirs = || self.channels().filter(|channel| channel.opened_by == OpenedBy::Peer);
        let text: usize =
            theirs().map(|channel| channel.init.label.len() + channel.init.protocol.len()).sum();
        theirs().count() < PEER_CHANNELS_MAX && text + open.label.len() + open.protocol.len() <= PEER_TEXT_MAX
    }

    fn on_ack(&mut self, stream: u16) {
        let id = self.by_stream.get(&stream).copied();
        let channel = id.and_then(|id| self.channels.get_mut(&id));
        let waits = |channel: &&mut Channel| {
            channel.shown.opened_by == OpenedBy::Us
                && channel.shown.init.negotiated.is_none()
                && channel.shown.ready != ReadyState::Connecting
        };
        let Some(channel) = channel.filter(waits) else {
            return self.outputs.push_back(Output::Ignored(Reason::DataUnexpectedAck));
        };
        let id = channel.shown.id;
        self.confirm(id);
    }

    /// The peer is known to have the channel.
    fn confirm(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        if !std::mem::replace(&mut channel.shown.confirmed, true) {
            self.tell_channel(id, Reason::DataAcknowledged);
        }
    }

    fn on_message(&mut self, message: sctp::Message, now: Time) {
        let sctp::Message { stream, protocol, payload, .. } = message;
        let known = self.by_stream.get(&stream).copied();
        let Some(id) = known
            .filter(|id| self.channel(*id).is_some_and(|channel| channel.ready != ReadyState::Connecting))
        else {
            return self.refuse(stream, Reason::DataUnusedStream, now);
        };
        let Some(message) = Message::of_payload(protocol, payload) else {
            return self.outputs.push_back(Output::Ignored(Reason::DataUnknownPayload));
        };
        self.confirm(id);
        let Some(channel) = self.channels.get_mut(&id) else { return };
        if channel.shown.ready != ReadyState::Open {
            return self.outputs.push_back(Output::Ignored(Reason::DataNotOpen));
        }
        channel.shown.messages_received += 1;
        channel.shown.bytes_received += message.bytes().len() as u64;
        self.outputs.push_back(Output::Message { channel: id, message });
    }
}

/// Whether a stream is one that this side opens: the DTLS client has the even ones (RFC 8832 §6).
fn is_ours(stream: u16, role: DtlsRole) -> bool {
    match role {
        DtlsRole::Client => stream.is_multiple_of(2),
        DtlsRole::Server => !stream.is_multiple_of(2),
    }
}
