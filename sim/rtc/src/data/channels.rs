//! All channels of a connection, and the association under them: made, started, driven, read. Not here: what comes in (`receive`), what
//! goes out (`send`), and the end (`closing`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::channel::{Channel, ChannelId, ChannelInit, ChannelState, OpenedBy, ReadyState};
use super::dcep::{DcepMessage, Open};
use super::message::ppid;
use super::output::Output;
use crate::jsep::DtlsRole;
use crate::reason::Reason;
use crate::sctp::{Association, AssociationState, Message, Phase, Reliability, SendError};
use crate::time::Time;

/// The data channels of a connection.
///
/// - Channels are there before the association is: [`create`](Channels::create), then [`assign_stream`](Channels::assign_stream) when
///   it is known who opens which streams.
/// - [`start`](Channels::start) hands over the association, once DTLS is up; [`stop`](Channels::stop) ends it.
/// - Commands: [`send`](Channels::send), [`close`](Channels::close),
///   [`set_low_threshold`](Channels::set_low_threshold).
/// - Inputs: [`handle_packet`](Channels::handle_packet), [`handle_timeout`](Channels::handle_timeout).
/// - After each of these: [`poll_output`](Channels::poll_output) until `None`, then [`poll_timeout`](Channels::poll_timeout).
///
/// A channel is told with each change of its state; its counters are read with [`channel`](Channels::channel). A closed one is told once
/// and then forgotten.
#[derive(Debug, Default)]
pub struct Channels {
    pub(super) association: Option<Association>,
    pub(super) role: Option<DtlsRole>,
    pub(super) channels: BTreeMap<ChannelId, Channel>,
    pub(super) by_stream: BTreeMap<u16, ChannelId>,
    next: u32,
    /// Messages of DCEP that the association has not taken yet.
    pub(super) due: VecDeque<(u16, DcepMessage)>,
    /// Channels of which more waits than their threshold.
    pub(super) above: BTreeSet<ChannelId>,
    pub(super) outputs: VecDeque<Output>,
    /// Channels that were open once, and of them those that are closed.
    pub(super) opened: u32,
    pub(super) closed: u32,
}

impl Channels {
    /// No channels yet.
    pub fn new() -> Channels {
        Channels::default()
    }

    /// Makes a channel. It opens by itself when it has a stream and the association is up.
    pub fn create(&mut self, init: ChannelInit, now: Time) -> ChannelId {
        let id = self.fresh_id();
        let stream = init.negotiated;
        self.channels.insert(id, Channel::new(id, init, OpenedBy::Us));
        self.tell_channel(id, Reason::DataWanted);
        if let Some(stream) = stream {
            self.assign_stream(id, stream, now);
        }
        id
    }

    pub(super) fn fresh_id(&mut self) -> ChannelId {
        let id = ChannelId(self.next);
        self.next = self.next.wrapping_add(1);
        id
    }

    /// Gives a channel its stream: of those that its side may open, one that no channel has.
    pub fn assign_stream(&mut self, id: ChannelId, stream: u16, now: Time) {
        let taken = self.by_stream.get(&stream).is_some_and(|other| *other != id);
        let Some(channel) = self.channels.get_mut(&id).filter(|_| !taken) else { return };
        let is_news = channel.shown.stream.replace(stream) != Some(stream);
        self.by_stream.insert(stream, id);
        if is_news {
            self.tell_channel(id, Reason::DataStream);
        }
        self.open_if_possible(id);
        self.settle(now);
    }

    /// Runs this association, which begins to connect. An earlier one is ended first, with the channels on it.
    pub fn start(&mut self, association: Association, role: DtlsRole, now: Time) {
        self.stop(now);
        self.role = Some(role);
        let association = self.association.insert(association);
        association.connect(now);
        self.settle(now);
    }

    /// Ends the association, and with it every channel that has a stream.
    pub fn stop(&mut self, now: Time) {
        if let Some(association) = &mut self.association {
            association.abort(now);
        }
        self.settle(now);
        if self.association.take().is_some() {
            self.association_is_over();
        }
    }

    /// A packet of the association, as DTLS delivered it.
    pub fn handle_packet(&mut self, bytes: &[u8], now: Time) {
        let Some(association) = &mut self.association else {
            return self.outputs.push_back(Output::Ignored(Reason::SctpUnexpectedChunk));
        };
        association.handle_packet(bytes, now);
        self.settle(now);
    }

    /// The time that [`Channels::poll_timeout`] gave has come.
    pub fn handle_timeout(&mut self, now: Time) {
        if let Some(association) = &mut self.association {
            association.handle_timeout(now);
        }
        self.settle(now);
    }

    /// When [`Channels::handle_timeout`] is to be called, if ever.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.association.as_ref()?.poll_timeout()
    }

    /// The next output, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The largest message that the peer takes, in bytes.
    pub fn set_max_message_size(&mut self, bytes: usize) {
        if let Some(association) = &mut self.association {
            association.set_max_message_size(bytes);
        }
    }

    /// A channel, whole.
    pub fn channel(&self, id: ChannelId) -> Option<&ChannelState> {
        self.channels.get(&id).map(|channel| &channel.shown)
    }

    /// The channel of a stream.
    pub fn channel_on(&self, stream: u16) -> Option<&ChannelState> {
        self.channel(*self.by_stream.get(&stream)?)
    }

    /// All channels that are not closed, in the order in which they came.
    pub fn channels(&self) -> impl Iterator<Item = &ChannelState> {
        self.channels.values().map(|channel| &channel.shown)
    }

    /// The association, whole.
    pub fn association(&self) -> Option<AssociationState> {
        self.association.as_ref().map(Association::snapshot)
    }

    /// How many channels were open once, and how many of them are closed.
    pub fn counts(&self) -> (u32, u32) {
        (self.opened, self.closed)
    }

    // ---- for the other files ----

    pub(super) fn tell_channel(&mut self, id: ChannelId, reason: Reason) {
        let Some(channel) = self.channels.get(&id) else { return };
        self.outputs.push_back(Output::Channel { state: Box::new(channel.shown.clone()), reason });
    }

    /// Moves a channel on in its life.
    pub(super) fn enter(&mut self, id: ChannelId, ready: ReadyState, reason: Reason) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        if channel.shown.ready == ready {
            return;
        }
        if ready == ReadyState::Open {
            self.opened = self.opened.saturating_add(1);
        }
        if ready == ReadyState::Closed && channel.shown.ready != ReadyState::Connecting {
            self.closed = self.closed.saturating_add(1);
        }
        channel.shown.ready = ready;
        self.tell_channel(id, reason);
    }

    fn is_up(&self) -> bool {
        self.association.as_ref().is_some_and(|association| association.phase() == Phase::Established)
    }

    /// Opens a channel that waits for nothing any more (RFC 8832 §6: what sends OPEN may send messages at once, so it is open then).
    fn open_if_possible(&mut self, id: ChannelId) {
        let is_up = self.is_up();
        let Some(channel) = self.channels.get(&id) else { return };
        let Some(stream) = channel.shown.stream.filter(|_| is_up) else { return };
        if channel.shown.ready != ReadyState::Connecting {
            return;
        }
        let streams = self.association.as_ref().and_then(Association::streams).unwrap_or(0);
        if stream >= streams {
            return self.forget(id, Reason::DataNoStream);
        }
        if channel.shown.init.negotiated.is_some() {
            return self.enter(id, ReadyState::Open, Reason::DataNegotiated);
        }
        let init = &channel.shown.init;
        let open = Open {
            ordered: init.ordered,
            persistence: init.persistence,
            priority: init.priority,
            label: init.label.clone(),
            protocol: init.protocol.clone(),
        };
        self.due.push_back((stream, DcepMessage::Open(open)));
        self.enter(id, ReadyState::Open, Reason::DataOpen);
    }

    pub(super) fn open_all(&mut self) {
        let waiting: Vec<ChannelId> = self.channels.keys().copied().collect();
        for id in waiting {
            self.open_if_possible(id);
        }
    }

    /// What follows from any input: what the association says is taken in, and what is due is handed to it, until nothing is left.
    pub(super) fn settle(&mut self, now: Time) {
        loop {
            self.send_due(now);
            let Some(output) = self.association.as_mut().and_then(Association::poll_output) else { break };
            self.take_in(output, now);
        }
        self.look_at_thresholds();
    }

    /// Messages of DCEP go out in order and reliably (RFC 8832 §6).
    fn send_due(&mut self, now: Time) {
        if self.due.is_empty() || !self.is_up() {
            return;
        }
        for (stream, message) in std::mem::take(&mut self.due) {
            let Some(association) = &mut self.association else { return };
            let wire =
                Message { stream, protocol: ppid::DCEP, unordered: false, payload: message.to_bytes() };
            match association.send(wire, Reliability::default(), now) {
                // The peer has begun anew on the stream before its answer to our reset came; or too much waits.
                Err(SendError::Resetting(_) | SendError::BufferFull(_)) => {
                    self.due.push_back((stream, message));
                }
                Err(SendError::TooLong { .. } | SendError::Stream(_)) => {
                    if let Some(id) = self.by_stream.get(&stream).copied() {
                        self.forget(id, Reason::DataNoStream);
                    }
                }
                Ok(()) | Err(SendError::NotOpen(_) | SendError::Empty) => {}
            }
        }
    }
}
