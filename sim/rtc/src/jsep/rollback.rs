//! Taking an exchange back (RFC 9429 §5.7). Not here: when that happens by itself ([`super::remote`]).

use super::connection::PeerConnection;
use super::error::JsepError;
use super::output::Change;
use super::transceiver::{Creation, Negotiated};
use super::types::SignalingState;
use crate::reason::Reason;
use crate::sdp::Direction;

impl PeerConnection {
    /// Back to what was agreed on before. What the application has done since stays done; transceivers that only the peer's offer made
    /// go, unless a track was added to them.
    pub(super) fn roll_back(&mut self, reason: Reason) -> Result<(), JsepError> {
        if self.session.signaling == SignalingState::Stable {
            return Err(JsepError::WrongState { what: "rollback", state: SignalingState::Stable });
        }
        let Some(stable) = self.stable.take() else {
            return Err(JsepError::Operation("there is nothing to take back".to_owned()));
        };
        let mut changes = Vec::new();
        let mut transceivers = std::mem::take(&mut self.session.transceivers);
        transceivers.retain_mut(|transceiver| {
            let known = stable.transceiver(transceiver.id);
            let negotiated = known.map_or_else(Negotiated::default, |known| known.negotiated.clone());
            let receives = |direction: Option<Direction>| direction.is_some_and(Direction::receives);
            let (now, then) =
                (receives(transceiver.negotiated.fired_direction), receives(negotiated.fired_direction));
            let id = transceiver.id;
            if now && !then {
                changes.push(Change::TrackEnded { transceiver: id });
            } else if then && !now {
                changes.push(Change::Track { transceiver: id, streams: negotiated.remote_streams.clone() });
            }
            transceiver.negotiated = negotiated;
            known.is_some() || transceiver.created_by != Creation::Remote || transceiver.used_by_add_track
        });
        // Meanings of payload types and extensions that were promised stay taken: a late packet must not mean something else.
        let (payload_types, extension_ids) = (
            std::mem::take(&mut self.session.payload_types),
            std::mem::take(&mut self.session.extension_ids),
        );
        self.session = *stable;
        self.session.transceivers = transceivers;
        self.session.payload_types = payload_types;
        self.session.extension_ids = extension_ids;
        changes.into_iter().for_each(|change| self.change(change, reason));
        self.after_description(reason);
        Ok(())
    }
}
