//! What a connection hands back: results of operations, changes to tell the application, and commands for the transports below.

use super::description::SessionDescription;
use super::error::JsepError;
use super::transceiver::{MediaParameters, Transceiver};
use super::types::{
    ConnectionState, DataChannelId, DtlsRole, IceCredentials, IceGatheringState, IceTransportPolicy,
    IceTransportState, OperationId, SignalingState, TransceiverId, TransportId,
};
use crate::reason::Reason;
use crate::sdp::{Candidate, Fingerprint};

/// One step of a connection's output, in the order in which things happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// An operation of the chain has ended.
    Settled {
        /// Which one.
        operation: OperationId,
        /// How. The outcome of `createOffer` and `createAnswer` is their description.
        result: Result<Option<SessionDescription>, JsepError>,
    },
    /// Something the application is told. Each state is whole, so the newest answers every question.
    Change {
        /// What.
        change: Change,
        /// Why.
        reason: Reason,
    },
    /// Something a transport has to do.
    Transport {
        /// Which one.
        transport: TransportId,
        /// What.
        command: TransportCommand,
        /// Why.
        reason: Reason,
    },
}

/// Which of the four descriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DescriptionSlot {
    /// In force, ours.
    CurrentLocal,
    /// Being negotiated, ours.
    PendingLocal,
    /// In force, the peer's.
    CurrentRemote,
    /// Being negotiated, the peer's.
    PendingRemote,
}

/// Something the application is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// `negotiationneeded`.
    NegotiationNeeded,
    /// `signalingstatechange`.
    Signaling(SignalingState),
    /// `icegatheringstatechange`.
    IceGathering(IceGatheringState),
    /// `iceconnectionstatechange`.
    IceConnection(IceTransportState),
    /// `connectionstatechange`.
    Connection(ConnectionState),
    /// One of the four descriptions; `None` when it is gone.
    Description(DescriptionSlot, Option<SessionDescription>),
    /// A transceiver, whole.
    Transceiver(Box<Transceiver>),
    /// A transceiver is not there any more.
    TransceiverRemoved(TransceiverId),
    /// `track`: the peer may send from now on.
    Track {
        /// The transceiver that receives it.
        transceiver: TransceiverId,
        /// The streams it belongs to.
        streams: Vec<String>,
    },
    /// The peer does not send any more: `mute`, and `removetrack` on the streams.
    TrackEnded {
        /// The transceiver that received it.
        transceiver: TransceiverId,
    },
    /// `icecandidate`.
    IceCandidate(IceCandidate),
    /// What it takes to send and receive a medium.
    Media(Box<MediaParameters>),
    /// A medium is neither sent nor received any more.
    MediaEnded(TransceiverId),
    /// Our answer rejects a medium; the reason says why.
    MediaRejected {
        /// Its index.
        section: usize,
        /// Its mid.
        mid: Option<String>,
    },
    /// A data channel has its stream in SCTP: it can be opened with DCEP, or used at once if it was negotiated otherwise.
    DataChannelStream {
        /// The channel.
        channel: DataChannelId,
        /// Its stream.
        stream: u16,
    },
}

/// A candidate, or the end of candidates, as signaling carries it (RFC 9429 §3.5.2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IceCandidate {
    /// From `candidate:` on; empty for the end of candidates.
    pub candidate: String,
    /// The medium's mid.
    pub sdp_mid: Option<String>,
    /// The medium's index.
    pub sdp_m_line_index: Option<usize>,
    /// The ICE session it belongs to.
    pub username_fragment: Option<String>,
}

/// Something a transport has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum TransportCommand {
    /// Begin, and gather.
    Gather {
        /// Our side of the ICE session.
        credentials: IceCredentials,
        /// Whether we nominate.
        controlling: bool,
        /// Which candidates may be used.
        policy: IceTransportPolicy,
        /// 1, or 2 if RTCP may need a port of its own.
        components: u8,
    },
    /// Gather anew under these credentials; the old session carries packets until the new one works.
    Restart {
        /// Our side of the new ICE session.
        credentials: IceCredentials,
    },
    /// Forget a restart that was taken back.
    AbandonRestart {
        /// Our side of the session that stays.
        credentials: IceCredentials,
    },
    /// The peer's side of the ICE session is known: checks can begin.
    SetRemote {
        /// Its credentials.
        credentials: IceCredentials,
        /// Whether the peer only answers checks.
        lite: bool,
        /// How many components there are now.
        components: u8,
    },
    /// A candidate of the peer.
    AddRemoteCandidate(Candidate),
    /// The peer has no more.
    EndOfRemoteCandidates,
    /// Begin a DTLS association once ICE has a path; an existing one is torn down.
    StartDtls {
        /// Who begins.
        role: DtlsRole,
        /// The peer has to show a certificate with one of these hashes.
        fingerprints: Vec<Fingerprint>,
    },
    /// Begin an SCTP association once DTLS is up; an existing one is torn down.
    StartSctp {
        /// Our port.
        local_port: u16,
        /// The peer's port.
        remote_port: u16,
        /// The largest message that the peer takes, in bytes; `None` is any.
        max_message_size: Option<u64>,
    },
    /// End the SCTP association.
    StopSctp,
    /// End.
    Discard,
}
