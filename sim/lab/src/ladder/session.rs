//! Lines about what is above ICE: the connection's states, descriptions, DTLS, SCTP, data channels. Not here: their packets.

use rtclab_rtc::jsep::DtlsTransportState;
use rtclab_rtc::sctp::Phase;
use rtclab_trace::{Change, DataChannelState, EntryId, PeerConnectionState};

use super::events::Words;
use super::reader::Reader;
use super::style::Tone;

impl Reader<'_> {
    /// The words of such a change; none if it is not worth a line, or none of these.
    pub(super) fn session(&self, id: EntryId, change: &Change) -> Option<Words> {
        let before = self.before(id);
        match change {
            Change::PeerConnection(state) => {
                let before = match before {
                    Some(Change::PeerConnection(before)) => Some(before.as_ref()),
                    _ => None,
                };
                connection(state, before, self.trace.entry(id).reason.is_some())
            }
            Change::Description(state) => {
                state.description.as_ref()?;
                Words::new(state.to_string(), Tone::Faint)
            }
            Change::Dtls(state) => {
                let tone = match state.state {
                    DtlsTransportState::Connected => Tone::Good,
                    DtlsTransportState::Failed => Tone::Bad,
                    _ => Tone::Event,
                };
                Words::new(format!("DTLS {state}"), tone)
            }
            Change::Sctp(state) => {
                let same = match before {
                    Some(Change::Sctp(before)) => before.phase == state.phase,
                    _ => state.phase == Phase::Closed,
                };
                let tone = if state.phase == Phase::Established { Tone::Good } else { Tone::Event };
                if same { None } else { Words::new(format!("SCTP {}", state.phase), tone) }
            }
            Change::DataChannel(state) => {
                let before = match before {
                    Some(Change::DataChannel(before)) => Some(before.as_ref()),
                    _ => None,
                };
                channel(state, before)
            }
            _ => None,
        }
    }
}

fn connection(
    state: &PeerConnectionState,
    before: Option<&PeerConnectionState>,
    has_reason: bool,
) -> Option<Words> {
    if state.refused.is_some() && before.is_none_or(|before| before.refused != state.refused) {
        let refused = state.refused.clone().unwrap_or_default();
        return Words::new(format!("refused: {refused}"), Tone::Bad);
    }
    let mut words = Vec::new();
    if before.is_none_or(|before| before.signaling != state.signaling) {
        words.push(format!("signaling {}", state.signaling));
    }
    if before.is_none_or(|before| before.connection != state.connection) {
        words.push(format!("connection {}", state.connection));
    }
    if state.negotiation_needed && before.is_none_or(|before| !before.negotiation_needed) {
        words.push("negotiation needed".to_owned());
    }
    match before {
        // Nothing is different: something came that changed nothing, and the reason says why.
        Some(before) if before == state && has_reason => {
            Words::new(format!("signaling {}, unchanged", state.signaling), Tone::Event)
        }
        _ if words.is_empty() => None,
        _ => Words::new(words.join(", "), Tone::Event),
    }
}

fn channel(state: &DataChannelState, before: Option<&DataChannelState>) -> Option<Words> {
    let same = before.is_some_and(|before| before.state == state.state);
    if state.message.is_none() && same {
        return None;
    }
    let tone = if state.message.is_none() && state.state == "open" { Tone::Good } else { Tone::Event };
    Words::new(format!("channel {state}"), tone)
}
