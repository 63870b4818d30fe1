//! What comes out of a whole session, as entries of the trace: states with their reasons, and datagrams with what they are because of. Not here: what
//! is signaled (`negotiation`).

use rtclab_net::Host;
use rtclab_rtc::data::{ChannelId, ChannelState, Message, ReadyState};
use rtclab_rtc::jsep::{self, DescriptionSlot, JsepError, TransportId};
use rtclab_rtc::sctp::AssociationState;
use rtclab_rtc::session::{Layer, Output};
use rtclab_rtc::{Because, Reason, dtls, ice};
use rtclab_trace::{
    Change, ChannelMessage, DataChannelState, DescriptionState, DtlsState, Entity, EntryId,
    PeerConnectionState,
};

use super::super::Peer;

/// How much of a message is shown.
const PREVIEW_MAX: usize = 40;

/// The newest entries: what others are because of.
#[derive(Debug, Default)]
pub(super) struct Newest {
    pub(super) connection: Option<EntryId>,
    pub(super) local_description: Option<EntryId>,
    state: Option<PeerConnectionState>,
}

impl Peer {
    /// Lets out what the session has to say.
    pub(in super::super) fn drain_whole(&mut self, host: &mut Host<'_>) {
        while let Some(output) = self.whole.as_mut().and_then(|whole| whole.session.poll_output()) {
            self.take_output(host, output);
        }
    }

    fn take_output(&mut self, host: &mut Host<'_>, output: Output) {
        match output {
            Output::Transmit { layer, transmit, .. } => {
                let because = if layer == Layer::Ice { transmit.because } else { Because::Input };
                self.transmit(host, &rtclab_rtc::Transmit { because, ..transmit }, None);
            }
            Output::Connection { change, reason } => self.take_connection_change(host, change, reason),
            Output::Ice { subject, change, reason, because, .. } => {
                if let ice::Change::Agent(_) = &*change {
                    self.config.bell.ring();
                }
                self.recorder.change(host, subject, *change, reason, because);
            }
            Output::Dtls { transport, state, reason } => self.record_dtls(host, transport, &state, reason),
            Output::Sctp { state, reason } => self.record_sctp(host, *state, reason),
            Output::Channel { state, reason } => self.take_channel(host, *state, reason),
            Output::Message { channel, message } => self.take_channel_message(host, channel, &message),
            Output::Secret { transport, line } => {
                if let Some(whole) = &mut self.whole {
                    whole.key_log.entry(transport).or_default().push(line);
                }
            }
            Output::Ignored { reason } => self.note(host, reason),
            Output::Request { transport, request } => self.serve_request(host, Some(transport), request),
            // The end of an operation shows in the states; media is not sent here.
            Output::Settled { .. }
            | Output::BufferedAmountLow { .. }
            | Output::Abandoned { .. }
            | Output::Media { .. }
            | Output::SrtpKeys { .. } => {}
        }
    }

    fn take_connection_change(&mut self, host: &mut Host<'_>, change: jsep::Change, reason: Reason) {
        match change {
            jsep::Change::NegotiationNeeded => {
                if let Some(whole) = &mut self.whole {
                    whole.needs_offer = true;
                }
                self.record_connection(host, Some(reason));
            }
            jsep::Change::Signaling(_)
            | jsep::Change::IceGathering(_)
            | jsep::Change::IceConnection(_)
            | jsep::Change::Connection(_) => {
                self.config.bell.ring();
                // Several attributes that change at once are told one by one, and are one change here.
                if self.connection_state() != self.whole.as_ref().and_then(|whole| whole.newest.state.clone())
                {
                    self.record_connection(host, Some(reason));
                }
            }
            jsep::Change::MediaRejected { .. } => self.record_connection(host, Some(reason)),
            jsep::Change::Description(slot, description) => {
                let entity = Entity::Description(host.node(), slot);
                let description = description.map(|description| (description.kind, description.sdp));
                let change = Change::Description(Box::new(DescriptionState { slot, description }));
                let cause = self.recorder.cause(Because::Input);
                let entry = host.record(entity, change, Some(reason.into()), cause);
                if let (Some(whole), DescriptionSlot::CurrentLocal | DescriptionSlot::PendingLocal) =
                    (&mut self.whole, slot)
                {
                    whole.newest.local_description = entry.or(whole.newest.local_description);
                }
            }
            jsep::Change::IceCandidate(candidate) => {
                let cause = self.newest_candidate(&candidate).or_else(|| self.agent_entry());
                self.say_candidate(host, &candidate, cause);
            }
            jsep::Change::Transceiver(_)
            | jsep::Change::TransceiverRemoved(_)
            | jsep::Change::Track { .. }
            | jsep::Change::TrackEnded { .. }
            | jsep::Change::Media(_)
            | jsep::Change::MediaEnded(_)
            | jsep::Change::DataChannelStream { .. } => {}
        }
    }

    /// The entry of the candidate that is told: the newest one of ours.
    fn newest_candidate(&self, candidate: &jsep::IceCandidate) -> Option<EntryId> {
        if candidate.candidate.is_empty() {
            return None;
        }
        let agent = self.agent()?;
        let numbers = agent.local_candidates().map(|(number, _)| number);
        numbers.filter_map(|number| self.recorder.newest(rtclab_rtc::Subject::LocalCandidate(number))).max()
    }

    /// The state attributes of the connection, as they are now.
    pub(super) fn record_connection(&mut self, host: &mut Host<'_>, reason: Option<Reason>) {
        let state = self.connection_state();
        let (Some(whole), Some(state)) = (&mut self.whole, state) else { return };
        whole.newest.state = Some(state.clone());
        let cause = self.recorder.cause(Because::Input);
        let entity = Entity::PeerConnection(host.node());
        let change = Change::PeerConnection(Box::new(state));
        let entry = host.record(entity, change, reason.map(Into::into), cause);
        whole.newest.connection = entry.or(whole.newest.connection);
    }

    fn connection_state(&self) -> Option<PeerConnectionState> {
        let whole = self.whole.as_ref()?;
        let connection = whole.session.connection();
        Some(PeerConnectionState {
            signaling: connection.signaling_state(),
            gathering: connection.ice_gathering_state(),
            ice: connection.ice_connection_state(),
            connection: connection.connection_state(),
            negotiation_needed: whole.needs_offer,
            refused: whole.refused.clone(),
        })
    }

    /// The connection refused something: what, and by which rule.
    pub(super) fn refuse(&mut self, host: &mut Host<'_>, error: &JsepError) {
        if let Some(whole) = &mut self.whole {
            whole.refused = Some(error.to_string());
        }
        self.config.bell.ring();
        self.record_connection(host, error.reason());
    }

    /// Something came that changed nothing, and why.
    pub(super) fn note(&mut self, host: &mut Host<'_>, reason: Reason) {
        self.record_connection(host, Some(reason));
    }

    fn record_dtls(
        &mut self,
        host: &mut Host<'_>,
        transport: TransportId,
        state: &dtls::State,
        reason: Option<Reason>,
    ) {
        let Some(whole) = &mut self.whole else { return };
        let told = DtlsState {
            state: state.phase,
            role: state.role,
            version: state.version.map(|version| version.to_string()),
            cipher: state.cipher_suite_name().map(str::to_owned),
            flight: state.flight.to_string(),
            retransmissions: state.retransmissions,
            peer_fingerprint: state.peer_fingerprint.as_ref().map(ToString::to_string),
            key_log: whole.key_log.get(&transport).cloned().unwrap_or_default(),
        };
        let cause = self.recorder.cause(Because::Input);
        let change = Change::Dtls(Box::new(told));
        host.record(Entity::Dtls(host.node(), transport.0), change, reason.map(Into::into), cause);
        self.config.bell.ring();
    }

    fn record_sctp(&mut self, host: &mut Host<'_>, state: AssociationState, reason: Option<Reason>) {
        let cause = self.recorder.cause(Because::Input);
        let change = Change::Sctp(Box::new(state));
        host.record(Entity::Sctp(host.node(), 0), change, reason.map(Into::into), cause);
    }

    /// A channel has changed. Once it is open, what there is to say is said.
    fn take_channel(&mut self, host: &mut Host<'_>, state: ChannelState, reason: Reason) {
        self.record_channel(host, &state, None, Some(reason));
        let Some(whole) = &mut self.whole else { return };
        if state.ready != ReadyState::Open || !whole.greeted.insert(state.id) {
            return;
        }
        for text in whole.plan.says.clone() {
            self.say_on_channel(host, state.id, text);
        }
    }

    fn say_on_channel(&mut self, host: &mut Host<'_>, channel: ChannelId, text: String) {
        let now = host.now();
        let Some(whole) = &mut self.whole else { return };
        let message = Message::Text(text);
        if whole.session.send(channel, message.clone(), now).is_err() {
            return;
        }
        whole.messages.1 += 1;
        let Some(state) = whole.session.channels().channel(channel).cloned() else { return };
        self.record_channel(host, &state, Some((true, &message)), None);
    }

    fn take_channel_message(&mut self, host: &mut Host<'_>, channel: ChannelId, message: &Message) {
        let Some(whole) = &mut self.whole else { return };
        whole.messages.0 += 1;
        let Some(state) = whole.session.channels().channel(channel).cloned() else { return };
        self.record_channel(host, &state, Some((false, message)), None);
    }

    fn record_channel(
        &mut self,
        host: &mut Host<'_>,
        state: &ChannelState,
        message: Option<(bool, &Message)>,
        reason: Option<Reason>,
    ) {
        let Some(whole) = &mut self.whole else { return };
        let told = DataChannelState {
            label: state.init.label.clone(),
            protocol: state.init.protocol.clone(),
            stream: state.stream,
            state: state.ready.word().to_owned(),
            delivery: delivery(state),
            sent: (state.messages_sent, state.bytes_sent),
            received: (state.messages_received, state.bytes_received),
            buffered: whole.session.channels().buffered_amount(state.id) as u64,
            message: message.map(|(outgoing, message)| ChannelMessage {
                outgoing,
                text: matches!(message, Message::Text(_)),
                bytes: message.bytes().len(),
                preview: preview(message),
            }),
        };
        let cause = self.recorder.cause(Because::Input);
        let entity = Entity::DataChannel(host.node(), state.id.0);
        let change = Change::DataChannel(Box::new(told));
        host.record(entity, change, reason.map(Into::into), cause);
    }
}

fn delivery(state: &ChannelState) -> String {
    let order = if state.init.ordered { "ordered" } else { "unordered" };
    match state.init.persistence {
        rtclab_rtc::data::Persistence::Reliable => format!("{order}, reliable"),
        rtclab_rtc::data::Persistence::Retransmissions(count) => {
            format!("{order}, sent again {count} times at most")
        }
        rtclab_rtc::data::Persistence::LifetimeMs(span) => {
            format!("{order}, sent again for {span} ms at most")
        }
    }
}

fn preview(message: &Message) -> String {
    match message {
        Message::Text(text) => text.chars().take(PREVIEW_MAX).filter(|c| !c.is_control()).collect(),
        Message::Binary(bytes) => {
            bytes.iter().take(PREVIEW_MAX / 2).map(|byte| format!("{byte:02x}")).collect()
        }
    }
}
