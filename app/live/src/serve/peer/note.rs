//! What the peer tells while it runs: a line for people, an object for programs.

use std::fmt;
use std::net::SocketAddr;

use serde::Serialize;

/// Something worth telling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum PeerNote {
    /// The page is here.
    Listening {
        /// Its URL.
        url: String,
    },
    /// A page has come.
    Joined {
        /// Its call.
        call: u32,
        /// From where.
        from: SocketAddr,
    },
    /// A description went one way or the other.
    Description {
        /// The call.
        call: u32,
        /// Whether it is ours.
        ours: bool,
        /// `offer` or `answer`.
        kind: &'static str,
    },
    /// A description of the page was ignored: offers have met, and ours goes on.
    Glare {
        /// The call.
        call: u32,
    },
    /// A state of our side has changed.
    State {
        /// The call.
        call: u32,
        /// Which state: `signaling`, `ice`, `connection`, `dtls`.
        what: &'static str,
        /// What it is now.
        state: String,
        /// Why, where there is more to say.
        why: Option<&'static str>,
    },
    /// A channel has changed.
    Channel {
        /// The call.
        call: u32,
        /// Its label.
        label: String,
        /// `connecting`, `open`, `closing` or `closed`.
        state: &'static str,
        /// Why.
        why: &'static str,
    },
    /// A message has come.
    Message {
        /// The call.
        call: u32,
        /// The channel's label.
        label: String,
        /// How long it is, in bytes.
        bytes: usize,
    },
    /// The page has something to say.
    Said {
        /// The call.
        call: u32,
        /// What.
        words: String,
    },
    /// The page is gone, or its signaling; the call goes on while its path lives.
    SignalingEnded {
        /// The call.
        call: u32,
    },
    /// Something went wrong.
    Problem {
        /// The call.
        call: u32,
        /// What.
        problem: String,
    },
    /// A call is over.
    Ended {
        /// Which one.
        call: u32,
    },
    /// The peer has stopped.
    Stopped {
        /// How many calls there were when it did.
        calls: usize,
    },
}

impl PeerNote {
    /// The object for programs, on one line.
    pub fn to_json(&self) -> String {
        // Numbers and texts always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The line for people.
impl fmt::Display for PeerNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PeerNote::Listening { url } => write!(f, "open {url} in a browser"),
            PeerNote::Joined { call, from } => write!(f, "call {call}: a page joins from {from}"),
            PeerNote::Description { call, ours, kind } => {
                write!(f, "call {call}: {} {kind}", if *ours { "our" } else { "the page's" })
            }
            PeerNote::Glare { call } => {
                write!(f, "call {call}: offers have met; the page's is ignored, and it takes it back")
            }
            PeerNote::State { call, what, state, why } => {
                write!(f, "call {call}: {what} {state}")?;
                why.map_or(Ok(()), |why| write!(f, ": {why}"))
            }
            PeerNote::Channel { call, label, state, why } => {
                write!(f, "call {call}: channel {label:?} {state}: {why}")
            }
            PeerNote::Message { call, label, bytes } => {
                write!(f, "call {call}: channel {label:?}: a message of {bytes} bytes, which goes back")
            }
            PeerNote::Said { call, words } => write!(f, "call {call}: the page says: {words}"),
            PeerNote::SignalingEnded { call } => {
                write!(f, "call {call}: signaling has ended; the call goes on while its path lives")
            }
            PeerNote::Problem { call, problem } => write!(f, "call {call}: {problem}"),
            PeerNote::Ended { call } => write!(f, "call {call}: over"),
            PeerNote::Stopped { calls } => write!(f, "stopped with {calls} calls under way"),
        }
    }
}
