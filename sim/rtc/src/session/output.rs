//! What comes out of a session.

use crate::data::{ChannelId, ChannelState, Message};
use crate::dtls;
use crate::ice::{self, HostRequest};
use crate::jsep::{self, JsepError, OperationId, SessionDescription, TransportId};
use crate::output::{Because, Subject, Transmit};
use crate::reason::Reason;
use crate::sctp::AssociationState;

/// Who wanted a datagram to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// ICE, or TURN and STUN beneath it.
    Ice,
    /// DTLS itself: its handshake, alerts.
    Dtls,
    /// SCTP, inside DTLS.
    Sctp,
    /// The owner, with a packet of media.
    Media,
}

/// One step of a session's output, in the order in which things happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send this datagram.
    Transmit {
        /// Of this transport.
        transport: TransportId,
        /// Who wanted it; its reason is this layer's.
        layer: Layer,
        /// The datagram. What it is because of is a subject of the transport's ICE agent.
        transmit: Transmit,
    },
    /// A wish of an ICE agent: a name, or a TCP connection. Answered with [`with_agent`](super::Session::with_agent).
    Request {
        /// Of this transport.
        transport: TransportId,
        /// What it is.
        request: HostRequest,
    },
    /// The connection has changed, or something is to be signaled.
    Connection {
        /// What.
        change: jsep::Change,
        /// Why.
        reason: Reason,
    },
    /// An operation of the chain has ended.
    Settled {
        /// Which one.
        operation: OperationId,
        /// How.
        result: Result<Option<SessionDescription>, JsepError>,
    },
    /// ICE of a transport has changed.
    Ice {
        /// Which transport.
        transport: TransportId,
        /// What of it.
        subject: Subject,
        /// Its whole state.
        change: Box<ice::Change>,
        /// Why.
        reason: Option<Reason>,
        /// What made it happen.
        because: Because,
    },
    /// DTLS of a transport has changed.
    Dtls {
        /// Which transport.
        transport: TransportId,
        /// Its whole state.
        state: Box<dtls::State>,
        /// Why.
        reason: Option<Reason>,
    },
    /// The SCTP association has changed.
    Sctp {
        /// Its whole state.
        state: Box<AssociationState>,
        /// Why.
        reason: Option<Reason>,
    },
    /// A data channel has changed; one that the peer opened is told for the first time with this.
    Channel {
        /// Its whole state.
        state: Box<ChannelState>,
        /// Why.
        reason: Reason,
    },
    /// A message arrived.
    Message {
        /// On this channel.
        channel: ChannelId,
        /// What it says.
        message: Message,
    },
    /// What waits on a channel has fallen to its threshold.
    BufferedAmountLow {
        /// On this channel.
        channel: ChannelId,
    },
    /// A message of ours was given up.
    Abandoned {
        /// On this channel.
        channel: ChannelId,
        /// Why.
        reason: Reason,
    },
    /// A packet of SRTP or SRTCP arrived, protected as it is.
    Media {
        /// On this transport.
        transport: TransportId,
        /// The packet.
        payload: Vec<u8>,
    },
    /// A secret of DTLS, for whoever wants to read a capture of the session.
    Secret {
        /// Of this transport.
        transport: TransportId,
        /// As a line of a key log.
        line: dtls::KeyLogLine,
    },
    /// Keys for media are there.
    SrtpKeys {
        /// Of this transport.
        transport: TransportId,
        /// The keys.
        keys: dtls::SrtpKeys,
    },
    /// Something that came in was not acted on.
    Ignored {
        /// Why.
        reason: Reason,
    },
}
