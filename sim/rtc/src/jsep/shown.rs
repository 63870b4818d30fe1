//! What was told last, and telling what differs from it. So each change is told once, whatever procedure made it.

use std::collections::BTreeMap;

use super::connection::PeerConnection;
use super::description::SessionDescription;
use super::output::{Change, DescriptionSlot};
use super::session::SlotContent;
use super::state::States;
use super::transceiver::{MediaParameters, Transceiver};
use super::types::{SignalingState, TransceiverId};
use super::{transports::Told, types::TransportId};
use crate::reason::Reason;
use crate::sdp::Direction;

/// What was told last.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) signaling: Option<SignalingState>,
    pub(super) states: Option<States>,
    pub(super) descriptions: BTreeMap<DescriptionSlot, SessionDescription>,
    pub(super) transceivers: BTreeMap<TransceiverId, Transceiver>,
    pub(super) media: BTreeMap<TransceiverId, MediaParameters>,
    pub(super) transports: BTreeMap<TransportId, Told>,
}

impl PeerConnection {
    /// Tells whatever differs from what was told last: descriptions, signaling, transceivers, transports, media, combined states.
    pub(super) fn show(&mut self, reason: Reason) {
        self.show_descriptions(reason);
        let signaling = self.session.signaling;
        if self.shown.signaling.replace(signaling).unwrap_or(SignalingState::Stable) != signaling
            && !self.closed
        {
            self.change(Change::Signaling(signaling), reason);
        }
        self.show_transceivers(reason);
        self.tell_transports();
        self.show_media(reason);
        self.show_states(reason);
    }

    fn show_states(&mut self, reason: Reason) {
        use super::types::{ConnectionState, IceGatheringState, IceTransportState};
        let now = self.states();
        let initial = States {
            gathering: IceGatheringState::New,
            ice: IceTransportState::New,
            connection: ConnectionState::New,
        };
        let before = self.shown.states.replace(now).unwrap_or(initial);
        if before.gathering != now.gathering {
            self.change(Change::IceGathering(now.gathering), reason);
        }
        if before.ice != now.ice {
            self.change(Change::IceConnection(now.ice), reason);
        }
        if before.connection != now.connection {
            self.change(Change::Connection(now.connection), reason);
        }
    }

    /// Candidates that join a description are told as candidates, not as a new description: only the applied text counts here.
    fn show_descriptions(&mut self, reason: Reason) {
        let session = &self.session;
        let now = [
            (DescriptionSlot::CurrentLocal, &session.current_local),
            (DescriptionSlot::PendingLocal, &session.pending_local),
            (DescriptionSlot::CurrentRemote, &session.current_remote),
            (DescriptionSlot::PendingRemote, &session.pending_remote),
        ];
        let now: Vec<_> = now
            .into_iter()
            .map(|(slot, applied)| (slot, applied.as_ref().map(|applied| applied.plain())))
            .collect();
        for (slot, description) in now {
            if self.shown.descriptions.get(&slot) == description.as_ref() {
                continue;
            }
            match &description {
                Some(description) => drop(self.shown.descriptions.insert(slot, description.clone())),
                None => drop(self.shown.descriptions.remove(&slot)),
            }
            self.change(Change::Description(slot, description), reason);
        }
    }

    fn show_transceivers(&mut self, reason: Reason) {
        let now = self.session.transceivers.clone();
        let gone: Vec<TransceiverId> = self
            .shown
            .transceivers
            .keys()
            .filter(|id| !now.iter().any(|transceiver| transceiver.id == **id))
            .copied()
            .collect();
        for id in gone {
            self.shown.transceivers.remove(&id);
            self.change(Change::TransceiverRemoved(id), reason);
        }
        for transceiver in now {
            if self.shown.transceivers.get(&transceiver.id) == Some(&transceiver) {
                continue;
            }
            self.shown.transceivers.insert(transceiver.id, transceiver.clone());
            self.change(Change::Transceiver(Box::new(transceiver)), reason);
        }
    }

    fn show_media(&mut self, reason: Reason) {
        let now: BTreeMap<TransceiverId, MediaParameters> = (0..self.session.slots.len())
            .filter_map(|index| self.media_parameters(index))
            .map(|media| (media.transceiver, media))
            .collect();
        let gone: Vec<TransceiverId> =
            self.shown.media.keys().filter(|id| !now.contains_key(id)).copied().collect();
        for id in gone {
            self.shown.media.remove(&id);
            self.change(Change::MediaEnded(id), reason);
        }
        for (id, media) in now {
            if self.shown.media.get(&id) != Some(&media) {
                self.shown.media.insert(id, media.clone());
                self.change(Change::Media(Box::new(media)), reason);
            }
        }
    }

    fn media_parameters(&self, index: usize) -> Option<MediaParameters> {
        let slot = self.session.slots.get(index)?;
        let SlotContent::Transceiver(id) = slot.content else { return None };
        let transceiver = self.session.transceiver(id)?;
        let negotiated = &transceiver.negotiated;
        let direction = negotiated.current_direction.filter(|_| !self.closed && !negotiated.stopped)?;
        let (transport, parameters) = self.session.transport_of(index)?;
        let silent = direction == Direction::Inactive;
        Some(MediaParameters {
            transceiver: id,
            mid: negotiated.mid.clone()?,
            kind: transceiver.kind,
            direction,
            transport,
            rtcp_mux: parameters.rtcp_mux,
            codecs: if silent { Vec::new() } else { negotiated.codecs.clone() },
            extensions: negotiated.extensions.clone(),
            send_rids: negotiated.send_rids.clone(),
            ssrcs: transceiver.sender.ssrcs,
        })
    }
}
