//! The states of a session, as readers see them: a peer connection with its descriptions, and what runs above its ICE: DTLS, SCTP and data
//! channels. Not here: what moves them (`rtclab-rtc`), and ICE, whose own snapshots are used as they are.

use std::fmt;

use rtclab_rtc::dtls::KeyLogLine;
use rtclab_rtc::jsep::{
    ConnectionState, DescriptionSlot, DtlsRole, DtlsTransportState, IceGatheringState, IceTransportState,
    SdpType, SignalingState,
};
use serde_json::{Value, json};

/// A peer connection by the state attributes of the W3C API (RFC 9429 §4.1; webrtc-pc §4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerConnectionState {
    /// Where the exchange of offer and answer stands.
    pub signaling: SignalingState,
    /// Whether candidates are being gathered.
    pub gathering: IceGatheringState,
    /// How ICE stands, over all transports.
    pub ice: IceTransportState,
    /// How ICE and DTLS stand together.
    pub connection: ConnectionState,
    /// Whether something waits to be offered.
    pub negotiation_needed: bool,
    /// The newest call of the API that was refused: the name of its exception, and what was wrong.
    pub refused: Option<String>,
}

impl fmt::Display for PeerConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PeerConnectionState { signaling, gathering, ice, connection, negotiation_needed, refused } = self;
        let needed = if *negotiation_needed { ", negotiation needed" } else { "" };
        write!(f, "{connection}, signaling {signaling}, gathering {gathering}, ICE {ice}{needed}")?;
        refused.as_ref().map_or(Ok(()), |refused| write!(f, "; refused: {refused}"))
    }
}

impl PeerConnectionState {
    pub(crate) fn json(&self) -> Value {
        json!({ "signaling": self.signaling.word(), "gathering": self.gathering.word(), "ice": self.ice.word(),
            "connection": self.connection.word(), "negotiation_needed": self.negotiation_needed, "refused": self.refused })
    }
}

/// One of the four descriptions of a peer connection (RFC 9429 §4.1.13 to §4.1.16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescriptionState {
    /// Which of the four.
    pub slot: DescriptionSlot,
    /// What it is for, and its text; nothing when it is gone.
    pub description: Option<(SdpType, String)>,
}

/// The name of a slot in the W3C API.
pub(crate) const fn slot_word(slot: DescriptionSlot) -> &'static str {
    match slot {
        DescriptionSlot::CurrentLocal => "currentLocalDescription",
        DescriptionSlot::PendingLocal => "pendingLocalDescription",
        DescriptionSlot::CurrentRemote => "currentRemoteDescription",
        DescriptionSlot::PendingRemote => "pendingRemoteDescription",
    }
}

impl fmt::Display for DescriptionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.description {
            None => write!(f, "{}: none", slot_word(self.slot)),
            Some((kind, text)) => {
                write!(f, "{}: {kind}, {} lines", slot_word(self.slot), text.lines().count())
            }
        }
    }
}

impl DescriptionState {
    pub(crate) fn json(&self) -> Value {
        let (kind, text) =
            self.description.as_ref().map_or((None, None), |(kind, text)| (Some(kind.word()), Some(text)));
        json!({ "slot": slot_word(self.slot), "type": kind, "sdp": text })
    }
}

/// A DTLS association (RFC 9147, RFC 6347), from the side of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DtlsState {
    /// Its state in the W3C API.
    pub state: DtlsTransportState,
    /// Which side this node is: the active one sends ClientHello (RFC 8842 §5).
    pub role: DtlsRole,
    /// The version, once agreed: `DTLS 1.3`.
    pub version: Option<String>,
    /// The cipher suite, once agreed, as the registry spells it.
    pub cipher: Option<String>,
    /// Where the handshake is: the flight that was sent or came last, in words.
    pub flight: String,
    /// How often a flight was sent again.
    pub retransmissions: u32,
    /// The fingerprint of the peer's certificate, as SDP writes it, once seen.
    pub peer_fingerprint: Option<String>,
    /// Its secrets, with which the packets can be read.
    pub key_log: Vec<KeyLogLine>,
}

impl fmt::Display for DtlsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.state)?;
        for word in [&self.version, &self.cipher].into_iter().flatten() {
            write!(f, ", {word}")?;
        }
        if !self.flight.is_empty() {
            write!(f, ", {}", self.flight)?;
        }
        Ok(())
    }
}

impl DtlsState {
    pub(crate) fn json(&self) -> Value {
        let key_log: Vec<String> = self.key_log.iter().map(ToString::to_string).collect();
        json!({ "state": self.state.word(), "role": self.role.word(), "version": self.version, "cipher": self.cipher,
            "flight": self.flight, "retransmissions": self.retransmissions, "peer_fingerprint": self.peer_fingerprint,
            "key_log": key_log })
    }
}

/// A message of a data channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelMessage {
    /// Whether this node sent it.
    pub outgoing: bool,
    /// Whether it is a string (RFC 8831 §6.6); otherwise it is binary.
    pub text: bool,
    /// How long it is, in bytes.
    pub bytes: usize,
    /// How it begins, for people.
    pub preview: String,
}

/// A data channel (RFC 8831), from the side of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataChannelState {
    /// Its label.
    pub label: String,
    /// Its subprotocol; often empty.
    pub protocol: String,
    /// Its stream in SCTP, once it has one.
    pub stream: Option<u16>,
    /// Its state in the W3C API: `connecting`, `open`, `closing`, `closed`.
    pub state: String,
    /// How it delivers, in words: `ordered, reliable`.
    pub delivery: String,
    /// Messages and bytes that this node sent.
    pub sent: (u64, u64),
    /// Messages and bytes that came.
    pub received: (u64, u64),
    /// Bytes that wait to be sent (`bufferedAmount`).
    pub buffered: u64,
    /// The message that this entry is about, if it is about one.
    pub message: Option<ChannelMessage>,
}

impl fmt::Display for DataChannelState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" {}", self.label, self.state)?;
        match &self.message {
            None => write!(f, ", {}", self.delivery),
            Some(message) => {
                let verb = if message.outgoing { "sends" } else { "receives" };
                write!(f, ", {verb} {} bytes: {}", message.bytes, message.preview)
            }
        }
    }
}

impl DataChannelState {
    pub(crate) fn json(&self) -> Value {
        let message = self.message.as_ref().map(|message| {
            json!({ "outgoing": message.outgoing, "text": message.text, "bytes": message.bytes, "preview": message.preview })
        });
        json!({ "label": self.label, "protocol": self.protocol, "stream": self.stream, "state": self.state, "delivery": self.delivery,
            "messages_sent": self.sent.0, "bytes_sent": self.sent.1, "messages_received": self.received.0,
            "bytes_received": self.received.1, "buffered": self.buffered, "message": message })
    }
}
