//! A line of the ladder, before it is laid out: one entry of the trace in the words of its readers.

use rtclab_trace::{EntryId, Reason, SimTime};

use super::style::Tone;

/// How the line points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrow {
    /// A packet that arrived.
    Packet,
    /// A packet that did not arrive; where and why is a line of its own.
    LostPacket,
    /// Something handed over without packets.
    Instant,
    /// The end of a packet, at the place named first.
    Drop,
    /// Something that happened at one place.
    Event,
}

impl Arrow {
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Arrow::Packet => "→",
            Arrow::LostPacket => "⇥",
            Arrow::Instant => "⇢",
            Arrow::Drop => "✗",
            Arrow::Event => "·",
        }
    }
}

/// Which lines are repetitions of each other: same kind, same ends.
pub(super) type RepeatKey = (RepeatKind, String, String, u64);

/// What may come again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RepeatKind {
    Keepalive,
    Data,
    Retransmission,
    Refresh,
    Signaling,
    Drop,
    Told,
}

/// A line.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) entry: EntryId,
    pub(super) at: SimTime,
    pub(super) from: String,
    pub(super) arrow: Arrow,
    pub(super) to: String,
    pub(super) what: String,
    pub(super) reason: Option<Reason>,
    /// What stands under "why" where there is no reason.
    pub(super) remark: String,
    pub(super) tone: Tone,
    /// Set for what is collapsed when it comes again.
    pub(super) repeats: Option<RepeatKey>,
    /// How many lines like this one it stands for, and when the last of them was.
    pub(super) collapsed: Option<(usize, SimTime)>,
}
