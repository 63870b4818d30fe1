//! What comes out of data channels, and why a message is not taken.

use super::channel::{ChannelId, ChannelState, ReadyState};
use super::message::Message;
use crate::reason::Reason;
use crate::sctp::AssociationState;

/// One step of the output, in the order in which things happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// An SCTP packet for DTLS to carry.
    Packet {
        /// Its bytes.
        bytes: Vec<u8>,
        /// Why.
        reason: Reason,
    },
    /// The association is now like this.
    Association {
        /// All of it.
        state: Box<AssociationState>,
        /// Why, where there is more to say than what came in.
        reason: Option<Reason>,
    },
    /// A channel is now like this. One that the peer opened is told for the first time with this.
    Channel {
        /// All of it.
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
    /// What waits has fallen to the threshold: `bufferedamountlow` of the API.
    BufferedAmountLow {
        /// On this channel.
        channel: ChannelId,
    },
    /// A message of ours was given up, because it was tried as hard as the channel allows.
    Abandoned {
        /// On this channel.
        channel: ChannelId,
        /// Why.
        reason: Reason,
    },
    /// Something that came in was not acted on, or was refused.
    Ignored(Reason),
}

/// Why a message is not sent. The names are those of the W3C API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// There is no such channel, or not any more.
    #[error("InvalidStateError: there is no such channel")]
    NoChannel,
    /// The channel is not open.
    #[error("InvalidStateError: the channel is {0}")]
    NotOpen(ReadyState),
    /// The peer does not take messages as long as that (RFC 8841 §6).
    #[error("TypeError: the message has {length} bytes, and the peer takes {limit} at most")]
    TooLong {
        /// Its length.
        length: usize,
        /// What the peer takes.
        limit: usize,
    },
    /// Too much waits already.
    #[error("OperationError: {0} bytes wait to be sent already")]
    BufferFull(usize),
}
