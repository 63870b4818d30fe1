//! RE-CONFIG (RFC 6525): the reset of streams, with which a data channel is closed (RFC 8831 §6.7). Requests that data channels do not use
//! are read as unknown, and denied.

use super::{Reader, write_parameter};

const OUTGOING_RESET: u16 = 13;
const RESPONSE: u16 = 16;

/// The sender asks to begin anew with the numbers of streams that it sends on (RFC 6525 §4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetRequest {
    /// Counts the requests of this sender.
    pub number: u32,
    /// The request of the peer that this one answers; otherwise the last one that was seen.
    pub answers: u32,
    /// The last TSN that the sender has used for these streams.
    pub last_tsn: u32,
    /// The streams; none means all.
    pub streams: Vec<u16>,
}

/// How a request went (RFC 6525 §4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResetResponse {
    /// Which request.
    pub number: u32,
    /// How.
    pub outcome: ResetOutcome,
}

/// The result of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetOutcome {
    /// 0: there was nothing to do.
    NothingToDo,
    /// 1: done.
    Performed,
    /// 2: refused.
    Denied,
    /// 3, 4 and 5, or a number that is not known: an error.
    Error(u32),
    /// 6: not yet: data of these streams is missing.
    InProgress,
}

impl ResetOutcome {
    fn of(number: u32) -> ResetOutcome {
        match number {
            0 => ResetOutcome::NothingToDo,
            1 => ResetOutcome::Performed,
            2 => ResetOutcome::Denied,
            6 => ResetOutcome::InProgress,
            other => ResetOutcome::Error(other),
        }
    }

    pub(super) fn number(self) -> u32 {
        match self {
            ResetOutcome::NothingToDo => 0,
            ResetOutcome::Performed => 1,
            ResetOutcome::Denied => 2,
            ResetOutcome::InProgress => 6,
            ResetOutcome::Error(other) => other,
        }
    }

    /// As RFC 6525 §4.4 says it.
    pub const fn word(self) -> &'static str {
        match self {
            ResetOutcome::NothingToDo => "nothing to do",
            ResetOutcome::Performed => "performed",
            ResetOutcome::Denied => "denied",
            ResetOutcome::Error(3) => "wrong SSN",
            ResetOutcome::Error(4) => "a request is already in progress",
            ResetOutcome::Error(5) => "bad sequence number",
            ResetOutcome::Error(_) => "unknown result",
            ResetOutcome::InProgress => "in progress",
        }
    }
}

/// A parameter of a RE-CONFIG chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Parameter {
    Request(ResetRequest),
    Response(ResetResponse),
    /// A request of another kind: its number.
    Other(u32),
}

pub(crate) fn parse(value: &[u8]) -> Option<Vec<Parameter>> {
    let mut reader = Reader(value);
    let mut parameters = Vec::new();
    while !reader.0.is_empty() {
        let (kind, value) = reader.parameter()?;
        let mut inner = Reader(value);
        parameters.push(match kind {
            OUTGOING_RESET => {
                let (number, answers, last_tsn) = (inner.u32()?, inner.u32()?, inner.u32()?);
                let mut streams = Vec::new();
                while let Some(stream) = inner.u16() {
                    streams.push(stream);
                }
                Parameter::Request(ResetRequest { number, answers, last_tsn, streams })
            }
            RESPONSE => {
                let (number, outcome) = (inner.u32()?, inner.u32()?);
                Parameter::Response(ResetResponse { number, outcome: ResetOutcome::of(outcome) })
            }
            _ => Parameter::Other(inner.u32()?),
        });
    }
    // At most two (RFC 6525 §3.1).
    (1..=2).contains(&parameters.len()).then_some(parameters)
}

pub(crate) fn write(parameters: &[Parameter], out: &mut Vec<u8>) {
    let mut written = Vec::new();
    for parameter in parameters {
        let mut value = Vec::new();
        match parameter {
            Parameter::Request(request) => {
                for number in [request.number, request.answers, request.last_tsn] {
                    value.extend(number.to_be_bytes());
                }
                for stream in &request.streams {
                    value.extend(stream.to_be_bytes());
                }
                write_parameter(&mut written, OUTGOING_RESET, &value);
            }
            Parameter::Response(response) => {
                value.extend(response.number.to_be_bytes());
                value.extend(response.outcome.number().to_be_bytes());
                write_parameter(&mut written, RESPONSE, &value);
            }
            // Nothing here makes one.
            Parameter::Other(_) => {}
        }
    }
    out.extend(written);
}
