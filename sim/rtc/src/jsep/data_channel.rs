//! Data channels as the API makes them: labels, reliability, and which stream of SCTP each gets (RFC 8831, RFC 8832 §6). Not here: their
//! bytes.

use std::collections::BTreeMap;

use super::connection::PeerConnection;
use super::error::JsepError;
use super::output::Change;
use super::types::{DataChannelId, DtlsRole};
use crate::reason::Reason;

/// Streams of an association (RFC 8831 §6.2); 65535 is no stream.
const STREAM_LAST: u16 = 65_534;
/// Most channels of a connection: half of the streams are ours to give.
const CHANNELS_MAX: usize = 32_767;

/// What `createDataChannel` may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataChannelInit {
    /// Whether messages arrive in the order in which they were sent.
    pub ordered: bool,
    /// For how long a message is sent again, in milliseconds.
    pub max_packet_life_time_ms: Option<u16>,
    /// How often a message is sent again.
    pub max_retransmits: Option<u16>,
    /// The application protocol.
    pub protocol: String,
    /// The stream, if both sides have agreed on the channel by other means.
    pub negotiated: Option<u16>,
}

impl Default for DataChannelInit {
    fn default() -> DataChannelInit {
        DataChannelInit {
            ordered: true,
            max_packet_life_time_ms: None,
            max_retransmits: None,
            protocol: String::new(),
            negotiated: None,
        }
    }
}

/// A data channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataChannel {
    /// Its number.
    pub id: DataChannelId,
    /// Its label.
    pub label: String,
    /// What it was made with.
    pub init: DataChannelInit,
    /// Its stream, once that is known.
    pub stream: Option<u16>,
}

/// All data channels.
#[derive(Debug, Default)]
pub(super) struct DataChannels {
    channels: BTreeMap<DataChannelId, DataChannel>,
    next: u32,
    /// Streams that the peer has opened.
    taken: std::collections::BTreeSet<u16>,
}

impl DataChannels {
    /// Whether the application wants data at all.
    pub(super) fn wanted(&self) -> bool {
        self.next > 0
    }
}

impl PeerConnection {
    /// `createDataChannel`. The first one makes negotiation necessary (RFC 9429 §4.1.6).
    pub fn create_data_channel(
        &mut self,
        label: &str,
        init: DataChannelInit,
    ) -> Result<DataChannelId, JsepError> {
        self.check_open()?;
        if label.len() > 65_535 || init.protocol.len() > 65_535 {
            return Err(JsepError::Argument("label and protocol have 65535 bytes at most"));
        }
        if init.max_packet_life_time_ms.is_some() && init.max_retransmits.is_some() {
            return Err(JsepError::Argument("a channel is limited by time or by number, not by both"));
        }
        if init.negotiated == Some(u16::MAX) {
            return Err(JsepError::Argument("there is no stream 65535"));
        }
        if init.negotiated.is_some_and(|stream| self.stream_is_taken(stream))
            || self.data.channels.len() >= CHANNELS_MAX
        {
            return Err(JsepError::Operation("the stream is taken".to_owned()));
        }
        let first = !self.data.wanted();
        let id = DataChannelId(self.data.next);
        self.data.next += 1;
        let channel = DataChannel { id, label: label.to_owned(), stream: init.negotiated, init };
        let stream = channel.stream;
        self.data.channels.insert(id, channel);
        if first {
            self.check_negotiation = true;
        }
        match stream {
            Some(stream) => {
                self.change(Change::DataChannelStream { channel: id, stream }, Reason::JsepApplicationChange);
            }
            None => self.assign_streams(),
        }
        Ok(id)
    }

    /// A channel.
    pub fn data_channel(&self, id: DataChannelId) -> Option<&DataChannel> {
        self.data.channels.get(&id)
    }

    /// All channels, in the order of their making.
    pub fn data_channels(&self) -> impl Iterator<Item = &DataChannel> {
        self.data.channels.values()
    }

    /// A channel is closed for good: its stream can be used again.
    pub fn handle_data_channel_closed(&mut self, id: DataChannelId) {
        self.data.channels.remove(&id);
    }

    /// The peer has opened a channel on this stream; it is not given to ours. A stream that is in use is a mistake of the peer.
    pub fn handle_remote_data_channel(&mut self, stream: u16) -> Result<(), JsepError> {
        if self.stream_is_taken(stream) {
            return Err(JsepError::Operation("the stream is taken".to_owned()));
        }
        self.data.taken.insert(stream);
        Ok(())
    }

    /// The peer's channel on this stream is closed.
    pub fn handle_remote_data_channel_closed(&mut self, stream: u16) {
        self.data.taken.remove(&stream);
    }

    fn stream_is_taken(&self, stream: u16) -> bool {
        let ours = self.data.channels.values().any(|channel| channel.stream == Some(stream));
        ours || self.data.taken.contains(&stream)
    }

    /// Gives streams to channels that have none, once the DTLS role is known: the client has the even ones (RFC 8832 §6).
    pub(super) fn assign_streams(&mut self) {
        let association = self.session.sctp.and_then(|sctp| self.session.transports.get(&sctp.transport));
        let Some(dtls) = association.and_then(|transport| transport.dtls.as_ref()) else { return };
        let mut stream = match dtls.role {
            DtlsRole::Client => 0,
            DtlsRole::Server => 1,
        };
        let waiting: Vec<DataChannelId> = self
            .data
            .channels
            .values()
            .filter(|channel| channel.stream.is_none())
            .map(|channel| channel.id)
            .collect();
        for id in waiting {
            while self.stream_is_taken(stream) && stream < STREAM_LAST - 1 {
                stream += 2;
            }
            if self.stream_is_taken(stream) {
                return;
            }
            if let Some(channel) = self.data.channels.get_mut(&id) {
                channel.stream = Some(stream);
            }
            self.change(Change::DataChannelStream { channel: id, stream }, Reason::JsepSctp);
        }
    }
}
