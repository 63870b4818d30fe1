//! Why a call of the API fails, under the names that the W3C API has for it. Not here: the rules of descriptions
//! ([`crate::sdp::rules`]).

use super::types::SignalingState;
use crate::reason::Reason;
use crate::sdp::SdpError;
use crate::sdp::rules::Violation;

/// Why an operation failed. Nothing has changed by it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsepError {
    /// The connection is closed.
    #[error("InvalidStateError: the connection is closed")]
    Closed,
    /// A description of this kind, or a call, does not belong into this state.
    #[error("InvalidStateError: {what} called in wrong state: {state}")]
    WrongState {
        /// What was called.
        what: &'static str,
        /// The state.
        state: SignalingState,
    },
    /// The text is no session description.
    #[error("RTCError sdp-syntax-error: {0}")]
    Syntax(#[from] SdpError),
    /// The description breaks rules; the first one is told.
    #[error("InvalidAccessError: {0}")]
    Rule(Box<Violation>),
    /// What is set locally is not what was created last.
    #[error("InvalidModificationError: the description is not the one that was created last")]
    Modified,
    /// A setting cannot be changed any more.
    #[error("InvalidModificationError: {0} cannot be changed now")]
    Frozen(&'static str),
    /// There is nothing with this name here.
    #[error("InvalidAccessError: {0}")]
    NotHere(&'static str),
    /// An argument is not what the call takes.
    #[error("TypeError: {0}")]
    Argument(&'static str),
    /// A number is out of range.
    #[error("RangeError: {0}")]
    Range(&'static str),
    /// The operation cannot be done with what is there.
    #[error("OperationError: {0}")]
    Operation(String),
    /// A remote description is needed first.
    #[error("InvalidStateError: the remote description is not set")]
    NoRemoteDescription,
}

impl JsepError {
    /// The name of the exception in the W3C API.
    pub fn name(&self) -> &'static str {
        match self {
            JsepError::Closed | JsepError::WrongState { .. } | JsepError::NoRemoteDescription => {
                "InvalidStateError"
            }
            JsepError::Syntax(_) => "RTCError",
            JsepError::Rule(_) | JsepError::NotHere(_) => "InvalidAccessError",
            JsepError::Modified | JsepError::Frozen(_) => "InvalidModificationError",
            JsepError::Argument(_) => "TypeError",
            JsepError::Range(_) => "RangeError",
            JsepError::Operation(_) => "OperationError",
        }
    }

    /// `sdpLineNumber` of the API: the line that is to blame, from 1.
    pub fn sdp_line_number(&self) -> Option<u32> {
        match self {
            JsepError::Syntax(error) => Some(error.place.line),
            JsepError::Rule(violation) => Some(violation.line()),
            _ => None,
        }
    }

    /// The rule behind it.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            JsepError::Rule(violation) => Some(violation.rule),
            JsepError::WrongState { .. } => Some(Reason::JsepWrongState),
            JsepError::Modified => Some(Reason::JsepModified),
            JsepError::Closed => Some(Reason::JsepClosed),
            JsepError::NoRemoteDescription => Some(Reason::JsepNothingRemote),
            _ => None,
        }
    }
}

impl From<Violation> for JsepError {
    fn from(violation: Violation) -> JsepError {
        JsepError::Rule(Box::new(violation))
    }
}
