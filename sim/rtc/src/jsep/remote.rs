//! Applying a remote description (RFC 9429 §5.6, §5.8, §5.10): checks, transceivers for what the peer offers, tracks.

use std::sync::Arc;

use super::answer::transceiver_kind;
use super::commands::TransceiverInit;
use super::connection::PeerConnection;
use super::description::{Applied, SessionDescription};
use super::error::JsepError;
use super::output::Change;
use super::session::SlotContent;
use super::transceiver::{Creation, Transceiver};
use super::types::{MediaKind, RtcpMuxPolicy, SdpType, SignalingState, TransceiverId};
use crate::reason::Reason;
use crate::sdp::rules::{self, Kind, Violation};
use crate::sdp::{Attribute, Direction, Sdp, Section};

impl PeerConnection {
    pub(super) fn apply_remote(&mut self, description: &SessionDescription) -> Result<(), JsepError> {
        if description.kind == SdpType::Rollback {
            return self.roll_back(Reason::JsepRollback);
        }
        // Our offer gives way to the peer's, once that one turns out to be good (webrtc-pc §4.4.1.5).
        let yields =
            description.kind == SdpType::Offer && self.session.signaling == SignalingState::HaveLocalOffer;
        if !yields {
            self.check_remote_type(description.kind)?;
        }
        let sdp = Sdp::parse(&description.sdp)?;
        self.check_rules(description.kind, &sdp, yields)?;
        if yields {
            self.check_offer_continuity(&sdp)?;
            self.roll_back(Reason::JsepImplicitRollback)?;
        }
        let before = self.session.clone();
        let begins = self.session.signaling == SignalingState::Stable;
        if begins {
            self.stable = Some(Box::new(self.session.clone()));
        }
        if let Err(error) = self.install_remote(description.kind, sdp) {
            self.session = before;
            if begins {
                self.stable = None;
            }
            return Err(error);
        }
        let reason = match description.kind {
            SdpType::Offer => Reason::JsepOffer,
            SdpType::Pranswer => Reason::JsepPranswer,
            SdpType::Answer | SdpType::Rollback => Reason::JsepAnswer,
        };
        self.tell_tracks(reason);
        self.after_description(reason);
        Ok(())
    }

    fn check_remote_type(&self, kind: SdpType) -> Result<(), JsepError> {
        use SignalingState::{HaveLocalOffer, HaveRemoteOffer, HaveRemotePranswer, Stable};
        let state = self.session.signaling;
        let (allowed, what) = match kind {
            SdpType::Offer => {
                (matches!(state, Stable | HaveRemoteOffer), "setRemoteDescription with an offer")
            }
            _ => {
                (matches!(state, HaveLocalOffer | HaveRemotePranswer), "setRemoteDescription with an answer")
            }
        };
        if allowed { Ok(()) } else { Err(JsepError::WrongState { what, state }) }
    }

    /// RFC 9429 §5.8.3.
    fn check_rules(&self, kind: SdpType, sdp: &Sdp, yields: bool) -> Result<(), JsepError> {
        let is_offer = kind == SdpType::Offer;
        let mut violations = if is_offer {
            rules::description(sdp, Kind::Offer)
        } else {
            let offer = self.session.pending_local.as_ref().map(|applied| Arc::clone(&applied.sdp));
            offer.map_or_else(Vec::new, |offer| rules::answer(&offer, sdp))
        };
        if self.config.rtcp_mux_policy == RtcpMuxPolicy::Require {
            violations.extend(rules::requires_rtcp_mux(sdp));
        }
        let session = match (&self.stable, yields) {
            (Some(stable), true) => stable.as_ref(),
            _ => &self.session,
        };
        if let (Some(remote), Some(local)) = (&session.current_remote, &session.current_local) {
            violations.extend(rules::reoffer_with(&remote.sdp, &local.sdp, sdp));
        }
        let rejected = |violation: &Violation| {
            let section = violation.section.and_then(|index| sdp.medium(index));
            section.is_some_and(|section| section.is_rejected())
        };
        // Whatever a rejected medium says is of no consequence, except for its name and place.
        let counts = |violation: &Violation| {
            let place =
                matches!(violation.rule, Reason::SdpDuplicateMid | Reason::AnswerMedia | Reason::AnswerMid);
            place || !rejected(violation)
        };
        match violations.into_iter().find(counts) {
            Some(violation) => Err(violation.into()),
            None => Ok(()),
        }
    }

    fn install_remote(&mut self, kind: SdpType, sdp: Sdp) -> Result<(), JsepError> {
        let applied = Applied::new(kind, sdp);
        let sdp = Arc::clone(&applied.sdp);
        let trickles = sdp.media().chain([sdp.session()]).any(|section| section.has_ice_option("trickle"));
        self.session.can_trickle = Some(trickles);
        if kind == SdpType::Offer {
            self.check_offer_continuity(&sdp)?;
            self.adopt_media(&sdp)?;
            self.session.pending_remote = Some(applied);
            self.session.signaling = SignalingState::HaveRemoteOffer;
            self.learn(&sdp);
        } else {
            let offer = self.session.pending_local.as_ref().map(|applied| Arc::clone(&applied.sdp));
            let offer = offer.ok_or(JsepError::NoRemoteDescription)?;
            self.check_answer_continuity(&offer, &sdp)?;
            self.agree(&offer, &sdp, false)?;
            self.note_streams(&sdp);
            if kind == SdpType::Pranswer {
                self.session.pending_remote = Some(applied);
                self.session.signaling = SignalingState::HaveRemotePranswer;
            } else {
                self.session.current_local = self.session.pending_local.take();
                self.session.current_remote = Some(applied);
                self.session.pending_remote = None;
                self.conclude(&sdp);
            }
            self.learn(&sdp);
        }
        self.note_candidates(&sdp);
        Ok(())
    }

    /// RFC 9429 §5.10: each offered medium finds its transceiver, or gets one.
    fn adopt_media(&mut self, sdp: &Sdp) -> Result<(), JsepError> {
        for (index, section) in sdp.media().enumerate() {
            let mid = section.mid().map(str::to_owned);
            if section.is_rejected() {
                self.adopt_rejected(index, mid);
                continue;
            }
            let slot = self.session.slots.get(index);
            let same = slot.is_some_and(|slot| slot.mid == mid && slot.content != SlotContent::Nothing);
            let content = if same && !self.session.was_rejected(index) {
                continue;
            } else if let Some(kind) = transceiver_kind(&section) {
                self.disassociate(index);
                let id = self.transceiver_for(kind, &section)?;
                // A medium without mid gets a name of ours.
                let name = match &mid {
                    Some(mid) => mid.clone(),
                    None => self.mid_for(super::drafts::Owner::Transceiver(id)),
                };
                if let Some(transceiver) = self.session.transceiver_mut(id) {
                    transceiver.negotiated.mid = Some(name);
                    transceiver.negotiated.section = Some(index);
                }
                SlotContent::Transceiver(id)
            } else if section.is_sctp()
                && section.media() == "application"
                && self.session.data_section().is_none()
            {
                SlotContent::Data
            } else {
                SlotContent::Nothing
            };
            self.place(index, mid, content, true);
        }
        self.note_streams(sdp);
        Ok(())
    }

    /// A medium that the peer offers with port 0: what it was for ends with the answer.
    fn adopt_rejected(&mut self, index: usize, mid: Option<String>) {
        match self.session.slots.get(index).map(|slot| slot.content) {
            Some(SlotContent::Transceiver(id)) => {
                if let Some(transceiver) = self.session.transceiver_mut(id) {
                    transceiver.negotiated.stopped = true;
                }
            }
            Some(_) => {}
            None => self.place(index, mid, SlotContent::Nothing, true),
        }
    }

    /// Before a medium is recycled, whoever had it loses it.
    fn disassociate(&mut self, index: usize) {
        for transceiver in &mut self.session.transceivers {
            if transceiver.negotiated.section == Some(index) {
                transceiver.negotiated.section = None;
                transceiver.negotiated.mid = None;
            }
        }
    }

    /// The first transceiver of `addTrack` that waits for a medium, if the peer would receive what it sends; otherwise a new one.
    fn transceiver_for(
        &mut self,
        kind: MediaKind,
        section: &Section<'_>,
    ) -> Result<TransceiverId, JsepError> {
        let waiting = |transceiver: &&Transceiver| {
            transceiver.kind == kind
                && transceiver.used_by_add_track
                && !transceiver.is_associated()
                && !transceiver.is_stopping()
        };
        let found = self.session.transceivers.iter().find(waiting).map(|transceiver| transceiver.id);
        match found.filter(|_| section.direction().receives()) {
            Some(id) => Ok(id),
            None => {
                let init = TransceiverInit { direction: Direction::RecvOnly, ..TransceiverInit::default() };
                self.new_transceiver(kind, Creation::Remote, init)
            }
        }
    }

    /// Which streams the peer's tracks belong to.
    fn note_streams(&mut self, sdp: &Sdp) {
        for (index, section) in sdp.media().enumerate() {
            let Some(id) = self.session.transceiver_at(index).map(|transceiver| transceiver.id) else {
                continue;
            };
            let msids = section.msids();
            let mut streams: Vec<String> = msids.iter().map(|(msid, _)| msid.stream.clone()).collect();
            streams.dedup();
            // Without any msid, everything belongs to one stream of its own name.
            if msids.is_empty() && section.direction().sends() {
                streams.push("default".to_owned());
            }
            streams.retain(|stream| stream != "-");
            if let Some(transceiver) = self.session.transceiver_mut(id) {
                transceiver.negotiated.remote_streams = streams;
            }
        }
    }

    /// Candidates inside the description count as told.
    fn note_candidates(&mut self, sdp: &Sdp) {
        for (index, section) in sdp.media().enumerate().filter(|(_, section)| !section.is_rejected()) {
            let Some(ufrag) = rules::transport_section(sdp, section).ice_ufrag().map(str::to_owned) else {
                continue;
            };
            let ended =
                section.has(&Attribute::EndOfCandidates) || sdp.session().has(&Attribute::EndOfCandidates);
            for candidate in section.candidates().into_iter().cloned() {
                self.keep_remote_candidate(index, &ufrag, candidate);
            }
            if ended {
                self.keep_remote_end(index, &ufrag);
            }
        }
    }

    /// `track` for what the peer begins to send, and its end (webrtc-pc §4.4.1.5, RFC 9429 §5.10).
    pub(super) fn tell_tracks(&mut self, reason: Reason) {
        let mut changes = Vec::new();
        let Some(remote) = self.session.remote().map(|applied| Arc::clone(&applied.sdp)) else { return };
        for transceiver in &mut self.session.transceivers {
            let section = transceiver.negotiated.section.and_then(|index| remote.medium(index));
            let Some(section) = section else { continue };
            let theirs = if section.is_rejected() { Direction::Inactive } else { section.direction() };
            let ours = theirs.reversed();
            let before = transceiver.negotiated.fired_direction.replace(ours);
            let id = transceiver.id;
            if ours.receives() && !before.is_some_and(Direction::receives) {
                let streams = transceiver.negotiated.remote_streams.clone();
                changes.push(Change::Track { transceiver: id, streams });
            } else if !ours.receives() && before.is_some_and(Direction::receives) {
                changes.push(Change::TrackEnded { transceiver: id });
            }
        }
        changes.into_iter().for_each(|change| self.change(change, reason));
    }
}
