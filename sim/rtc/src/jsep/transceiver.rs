//! A transceiver: a sender and a receiver that share a medium (RFC 9429 §3.4.1). Not here: how it finds its medium ([`super::remote`]).

use super::codec::{Codec, PayloadCodec};
use super::types::{MediaKind, TransceiverId, TransportId};
use crate::sdp::Direction;

/// How a transceiver came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creation {
    /// By `addTrack`.
    AddTrack,
    /// By `addTransceiver`.
    AddTransceiver,
    /// By a description of the peer.
    Remote,
}

/// One encoding of what is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// Its name; `None` while there is only one and the application named none.
    pub rid: Option<String>,
}

/// The sending half.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sender {
    /// The track's name, if there is one.
    pub track: Option<String>,
    /// The streams it belongs to, by their ids.
    pub streams: Vec<String>,
    /// The encodings that are sent; at least one.
    pub encodings: Vec<Encoding>,
    /// The source, and that of its retransmissions.
    pub ssrcs: (u32, u32),
}

/// What the exchange of descriptions has settled; a rollback restores it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Negotiated {
    /// The name of its medium.
    pub mid: Option<String>,
    /// The index of its medium.
    pub section: Option<usize>,
    /// The direction that was agreed on.
    pub current_direction: Option<Direction>,
    /// The direction for which tracks were told last.
    pub fired_direction: Option<Direction>,
    /// The streams of the peer's track.
    pub remote_streams: Vec<String>,
    /// The codecs that were agreed on, in the order of preference of the side that receives.
    pub codecs: Vec<PayloadCodec>,
    /// The header extensions that were agreed on.
    pub extensions: Vec<(u16, String)>,
    /// The names of the encodings that the peer takes; empty if it takes one without a name.
    pub send_rids: Vec<String>,
    /// Whether it is over.
    pub stopped: bool,
}

/// A transceiver as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Transceiver {
    /// Its number.
    pub id: TransceiverId,
    /// Its kind.
    pub kind: MediaKind,
    /// How it came to be.
    pub created_by: Creation,
    /// Whether `addTrack` has given it a track, however it came to be.
    pub used_by_add_track: bool,
    /// The direction that the application wants.
    pub direction: Direction,
    /// Whether it is to end with the next exchange.
    pub stopping: bool,
    /// The sending half.
    pub sender: Sender,
    /// The codecs that the application wants, in its order; empty for all.
    pub codec_preferences: Vec<Codec>,
    /// What was agreed on.
    pub negotiated: Negotiated,
}

impl Transceiver {
    /// Whether it is over, or about to be.
    pub fn is_stopping(&self) -> bool {
        self.stopping || self.negotiated.stopped
    }

    /// Whether it has a medium.
    pub fn is_associated(&self) -> bool {
        self.negotiated.section.is_some()
    }

    /// Codecs that may be used, in their order, out of those that the software supports.
    pub(super) fn allowed(&self, supported: &[Codec]) -> Vec<Codec> {
        if self.codec_preferences.is_empty() {
            return supported.to_vec();
        }
        let supported_one = |wanted: &Codec| supported.iter().find(|codec| codec.matches(wanted)).cloned();
        self.codec_preferences.iter().filter_map(supported_one).collect()
    }

    /// The names of its encodings as they stand in a description: none for a single encoding without a name.
    pub(super) fn rids(&self) -> Vec<String> {
        let named: Vec<String> =
            self.sender.encodings.iter().filter_map(|encoding| encoding.rid.clone()).collect();
        named
    }
}

/// Everything that sending and receiving a medium takes; told whenever it changes.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaParameters {
    /// The transceiver.
    pub transceiver: TransceiverId,
    /// Its mid.
    pub mid: String,
    /// Its kind.
    pub kind: MediaKind,
    /// Which way media may flow.
    pub direction: Direction,
    /// The transport below.
    pub transport: TransportId,
    /// Whether RTCP shares it; if not, RTCP has the second component.
    pub rtcp_mux: bool,
    /// The codecs, with their payload types; the first is the one to send with.
    pub codecs: Vec<PayloadCodec>,
    /// The header extensions, with their numbers.
    pub extensions: Vec<(u16, String)>,
    /// The encodings to send at once; empty for a single one.
    pub send_rids: Vec<String>,
    /// The source of what is sent, and of its retransmissions.
    pub ssrcs: (u32, u32),
}
