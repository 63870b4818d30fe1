//! SCTP and data channels in the session: when the association begins and ends, and which channel of the connection is which here.

use std::collections::BTreeMap;

use super::call::Session;
use super::output::Output;
use crate::data::{self, ChannelId, ChannelInit, ChannelState, Channels, OpenedBy, Persistence, ReadyState};
use crate::jsep::{
    DataChannelId, DataChannelInit, DtlsTransportState, PeerConnection, SctpTransportState, TransportId,
};
use crate::reason::Reason;
use crate::sctp::{self, Association, Phase};
use crate::time::Time;

/// What SCTP is to be, once DTLS is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SctpWanted {
    pub(super) transport: TransportId,
    pub(super) local_port: u16,
    pub(super) remote_port: u16,
    pub(super) max_message_size: Option<u64>,
}

/// Channels, and what is known about their association.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub(super) channels: Channels,
    wanted: Option<SctpWanted>,
    /// What runs, if anything does.
    running: Option<SctpWanted>,
    /// The connection counts the channels that it makes; channels of the peer are counted here, too.
    numbers: BTreeMap<DataChannelId, ChannelId>,
}

impl Data {
    /// A channel that the connection has made.
    pub(super) fn create(
        &mut self,
        negotiated: DataChannelId,
        label: &str,
        init: DataChannelInit,
        now: Time,
    ) -> ChannelId {
        let persistence = match (init.max_retransmits, init.max_packet_life_time_ms) {
            (Some(count), _) => Persistence::Retransmissions(u32::from(count)),
            (None, Some(span)) => Persistence::LifetimeMs(u32::from(span)),
            (None, None) => Persistence::Reliable,
        };
        let init = ChannelInit {
            protocol: init.protocol,
            ordered: init.ordered,
            persistence,
            negotiated: init.negotiated,
            ..ChannelInit::new(label)
        };
        let channel = self.channels.create(init, now);
        self.numbers.insert(negotiated, channel);
        channel
    }

    pub(super) fn assign_stream(&mut self, channel: DataChannelId, stream: u16, now: Time) {
        if let Some(channel) = self.numbers.get(&channel) {
            self.channels.assign_stream(*channel, stream, now);
        }
    }

    /// The transport that carries data, or is to.
    pub(super) fn transport(&self) -> Option<TransportId> {
        self.wanted.or(self.running).map(|wanted| wanted.transport)
    }

    /// Ports or the transport may be others than before: an association that has other ones ends (RFC 8841 §9.3).
    pub(super) fn want(&mut self, wanted: SctpWanted, now: Time) {
        self.wanted = Some(wanted);
        let Some(running) = &mut self.running else { return };
        running.max_message_size = wanted.max_message_size;
        if *running == wanted {
            self.channels.set_max_message_size(size(wanted.max_message_size));
        } else {
            self.end_association(now);
        }
    }

    /// The association ends; it begins again with the next DTLS association.
    pub(super) fn end_association(&mut self, now: Time) {
        self.running = None;
        self.channels.stop(now);
    }

    /// The association ends for good.
    pub(super) fn stop(&mut self, now: Time) {
        self.end_association(now);
        self.wanted = None;
    }
}

fn size(signaled: Option<u64>) -> usize {
    signaled.map_or(usize::MAX, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX))
}

impl Session {
    /// Begins SCTP if it is wanted on this transport, DTLS is up there, and it does not run yet.
    pub(super) fn begin_sctp(&mut self, id: TransportId, now: Time) {
        let Some(wanted) = self.data.wanted.filter(|wanted| wanted.transport == id) else { return };
        let dtls = self.transports.get(&id).and_then(|transport| transport.dtls.as_ref());
        let Some(state) = dtls.map(crate::dtls::Dtls::state) else { return };
        if state.phase != DtlsTransportState::Connected || self.data.running.is_some() {
            return;
        }
        let role = state.role;
        let config = sctp::Config {
            port: wanted.local_port,
            peer_port: wanted.remote_port,
            max_message_size: size(wanted.max_message_size),
            ..self.config.sctp.clone()
        };
        let association = Association::new(config, Box::new(self.randomness.clone()));
        self.data.channels.start(association, role, now);
        // Set after the start, which ends what ran before.
        self.data.running = Some(wanted);
    }

    /// A packet of SCTP that DTLS has delivered.
    pub(super) fn take_packet(&mut self, id: TransportId, packet: &[u8], now: Time) {
        if self.data.transport() == Some(id) {
            self.data.channels.handle_packet(packet, now);
        } else {
            self.ignore(Reason::SctpUnexpectedChunk);
        }
    }

    /// Takes in what channels and their association say.
    pub(super) fn drain_data(&mut self, now: Time) -> bool {
        let mut moved = false;
        while let Some(output) = self.data.channels.poll_output() {
            moved = true;
            match output {
                data::Output::Packet { bytes, reason } => self.send_packet(&bytes, reason, now),
                data::Output::Association { state, reason } => {
                    self.connection.handle_sctp_state(match state.phase {
                        Phase::Closed => SctpTransportState::Closed,
                        Phase::CookieWait | Phase::CookieEchoed => SctpTransportState::Connecting,
                        _ => SctpTransportState::Connected,
                    });
                    self.outputs.push_back(Output::Sctp { state, reason });
                }
                data::Output::Channel { state, reason } => {
                    self.data.report(&mut self.connection, &state, reason);
                    self.outputs.push_back(Output::Channel { state, reason });
                }
                data::Output::Message { channel, message } => {
                    self.outputs.push_back(Output::Message { channel, message });
                }
                data::Output::BufferedAmountLow { channel } => {
                    self.outputs.push_back(Output::BufferedAmountLow { channel });
                }
                data::Output::Abandoned { channel, reason } => {
                    self.outputs.push_back(Output::Abandoned { channel, reason });
                }
                data::Output::Ignored(reason) => self.ignore(reason),
            }
        }
        moved
    }

    fn send_packet(&mut self, bytes: &[u8], reason: Reason, now: Time) {
        let id = self.data.transport();
        let Some(id) = id else { return self.ignore(Reason::SessionNoPath) };
        let dtls = self.transports.get_mut(&id).and_then(|transport| transport.dtls.as_mut());
        match dtls.map(|dtls| dtls.send(bytes, now)) {
            Some(Ok(())) => drop(self.drain_dtls(id, Some(reason), now)),
            // The last word of an association whose DTLS is over already.
            Some(Err(_)) | None => self.ignore(Reason::SessionNoPath),
        }
    }
}

impl Data {
    /// Tells the connection which streams are in use.
    fn report(&mut self, connection: &mut PeerConnection, state: &ChannelState, reason: Reason) {
        let Some(stream) = state.stream else { return self.forget_closed(connection, state) };
        match (state.opened_by, state.ready) {
            (OpenedBy::Peer, ReadyState::Open) if reason == Reason::DataOpened => {
                // It was free: the channels know every stream that the connection has given away.
                let _ = connection.handle_remote_data_channel(stream);
            }
            (OpenedBy::Peer, ReadyState::Closed) => connection.handle_remote_data_channel_closed(stream),
            _ => self.forget_closed(connection, state),
        }
    }

    fn forget_closed(&mut self, connection: &mut PeerConnection, state: &ChannelState) {
        if state.ready != ReadyState::Closed {
            return;
        }
        let number =
            self.numbers.iter().find(|(_, channel)| **channel == state.id).map(|(number, _)| *number);
        if let Some(number) = number {
            self.numbers.remove(&number);
            connection.handle_data_channel_closed(number);
        }
    }
}
