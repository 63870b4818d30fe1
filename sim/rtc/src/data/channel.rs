//! A channel: what it was made with, and its state in the words of the W3C API. Not here: what moves it.

use std::fmt;
use std::time::Duration;

use super::dcep;
use crate::sctp::Reliability;

/// A channel, by the count of its connection: both those that were made here and those that the peer opened. Never reused, and not its
/// stream in SCTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub u32);

/// How hard a message is tried (RFC 8831 §6.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Persistence {
    /// Until it arrives.
    #[default]
    Reliable,
    /// It is sent again so often at most.
    Retransmissions(u32),
    /// It is sent again for so long at most, in milliseconds.
    LifetimeMs(u32),
}

/// What a channel is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelInit {
    /// Its name, for the application.
    pub label: String,
    /// The protocol of the application.
    pub protocol: String,
    /// Whether messages arrive in the order in which they were sent.
    pub ordered: bool,
    /// How hard a message is tried.
    pub persistence: Persistence,
    /// Its priority, as it is told to the peer.
    pub priority: u16,
    /// The stream, if both sides have agreed on the channel by other means.
    pub negotiated: Option<u16>,
}

impl ChannelInit {
    /// An ordered, reliable channel, to be opened by its protocol.
    pub fn new(label: impl Into<String>) -> ChannelInit {
        ChannelInit {
            label: label.into(),
            protocol: String::new(),
            ordered: true,
            persistence: Persistence::Reliable,
            priority: dcep::PRIORITY_NORMAL,
            negotiated: None,
        }
    }

    pub(super) fn reliability(&self) -> Reliability {
        match self.persistence {
            Persistence::Reliable => Reliability::default(),
            Persistence::Retransmissions(count) => {
                Reliability { retransmissions_max: Some(count), lifetime: None }
            }
            Persistence::LifetimeMs(span) => Reliability {
                retransmissions_max: None,
                lifetime: Some(Duration::from_millis(u64::from(span))),
            },
        }
    }
}

/// Where a channel is in its life: `readyState` of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadyState {
    /// It waits for the association, or for its stream.
    Connecting,
    /// It carries messages.
    Open,
    /// What waits still goes out; then its stream is reset.
    Closing,
    /// It is over.
    Closed,
}

impl ReadyState {
    /// Its word in the API.
    pub const fn word(self) -> &'static str {
        match self {
            ReadyState::Connecting => "connecting",
            ReadyState::Open => "open",
            ReadyState::Closing => "closing",
            ReadyState::Closed => "closed",
        }
    }
}

impl fmt::Display for ReadyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Whose channel it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OpenedBy {
    /// Ours: it was made here.
    Us,
    /// The peer's.
    Peer,
}

/// A channel, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelState {
    /// Which one.
    pub id: ChannelId,
    /// What it was made with.
    pub init: ChannelInit,
    /// Whose it is.
    pub opened_by: OpenedBy,
    /// Its stream in both directions, once it has one.
    pub stream: Option<u16>,
    /// Where it is in its life.
    pub ready: ReadyState,
    /// Whether the peer is known to have it: it has acknowledged it, opened it, or sent on it.
    pub confirmed: bool,
    /// `bufferedAmountLowThreshold`, in bytes.
    pub low_threshold: usize,
    /// Messages that were sent.
    pub messages_sent: u64,
    /// Bytes of them.
    pub bytes_sent: u64,
    /// Messages that arrived.
    pub messages_received: u64,
    /// Bytes of them.
    pub bytes_received: u64,
}

impl fmt::Display for ChannelState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.init.label, self.ready)?;
        match self.stream {
            Some(stream) => write!(f, ", stream {stream}"),
            None => Ok(()),
        }
    }
}

/// A channel as it is kept.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) shown: ChannelState,
    /// The peer sends nothing more: its stream is reset.
    pub(super) peer_reset: bool,
    /// Our reset was answered.
    pub(super) reset_answered: bool,
    /// The answer to the reset of the channel that had the stream before is still on its way.
    pub(super) former_reset: bool,
    /// More waited than the threshold when it was looked at last.
    pub(super) above_threshold: bool,
}

impl Channel {
    pub(super) fn new(id: ChannelId, init: ChannelInit, opened_by: OpenedBy) -> Channel {
        let shown = ChannelState {
            id,
            stream: init.negotiated,
            // There is nothing to confirm of what was agreed on by other means.
            confirmed: init.negotiated.is_some(),
            init,
            opened_by,
            ready: ReadyState::Connecting,
            low_threshold: 0,
            messages_sent: 0,
            bytes_sent: 0,
            messages_received: 0,
            bytes_received: 0,
        };
        Channel {
            shown,
            peer_reset: false,
            reset_answered: false,
            former_reset: false,
            above_threshold: false,
        }
    }
}
