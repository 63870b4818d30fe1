//! Perfect negotiation (webrtc-pc §10.7): both sides may offer at any time; when offers meet, the polite side takes its own back, and
//! the impolite side ignores the other one. Not here: the rollback itself ([`super::rollback`]).

use super::connection::PeerConnection;
use super::description::SessionDescription;
use super::error::JsepError;
use super::output::IceCandidate;
use super::types::{SdpType, SignalingState};
use crate::reason::Reason;

/// What the two sides tell each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A description.
    Description(SessionDescription),
    /// A candidate, or the end of candidates.
    Candidate(IceCandidate),
}

/// What came of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It was applied, and there is nothing to say.
    Applied,
    /// It was applied, and this is the answer.
    Answered(SessionDescription),
    /// It was ignored.
    Ignored(Reason),
}

/// One side of the pattern. It belongs to one connection, whose offers all go through it.
#[derive(Clone, Copy, Debug)]
pub struct PerfectNegotiation {
    polite: bool,
    ignore_offer: bool,
}

impl PerfectNegotiation {
    /// Exactly one of two sides is polite.
    pub fn new(polite: bool) -> PerfectNegotiation {
        PerfectNegotiation { polite, ignore_offer: false }
    }

    /// Whether this side gives way.
    pub fn is_polite(&self) -> bool {
        self.polite
    }

    /// When negotiation is needed: the offer to send. `None` if the state has moved on meanwhile; then it will be needed again.
    pub fn negotiate(
        &mut self,
        connection: &mut PeerConnection,
    ) -> Result<Option<SessionDescription>, JsepError> {
        if connection.signaling_state() != SignalingState::Stable {
            return Ok(None);
        }
        connection.set_local_description(None)?;
        Ok(connection.local_description())
    }

    /// When a message has arrived.
    pub fn hear(&mut self, connection: &mut PeerConnection, message: Message) -> Result<Heard, JsepError> {
        match message {
            Message::Candidate(candidate) => match connection.add_ice_candidate(candidate) {
                Ok(()) => Ok(Heard::Applied),
                // It belongs to the offer that was ignored.
                Err(_) if self.ignore_offer => Ok(Heard::Ignored(Reason::GlareIgnored)),
                Err(error) => Err(error),
            },
            Message::Description(description) => {
                let is_offer = description.kind == SdpType::Offer;
                let collides = is_offer && connection.signaling_state() != SignalingState::Stable;
                self.ignore_offer = !self.polite && collides;
                if self.ignore_offer {
                    return Ok(Heard::Ignored(Reason::GlareIgnored));
                }
                connection.set_remote_description(description)?;
                if !is_offer {
                    return Ok(Heard::Applied);
                }
                connection.set_local_description(None)?;
                let answer = connection.local_description().unwrap_or_default();
                Ok(Heard::Answered(answer))
            }
        }
    }
}
