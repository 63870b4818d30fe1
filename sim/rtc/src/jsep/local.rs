//! Applying a local description (RFC 9429 §5.5, §5.9).

use std::sync::Arc;

use super::codec::codecs_of;
use super::connection::PeerConnection;
use super::continuity::credentials_of;
use super::description::{Applied, SessionDescription};
use super::drafts::Owner;
use super::error::JsepError;
use super::offer::OfferOptions;
use super::output::Change;
use super::session::{Session, Slot, SlotContent, Transport};
use super::types::{IceCredentials, MediaKind, SdpType, SignalingState, TransportId};
use crate::reason::Reason;
use crate::sdp::rules::transport_section;
use crate::sdp::{Sdp, Section};

impl PeerConnection {
    pub(super) fn apply_local(&mut self, description: Option<SessionDescription>) -> Result<(), JsepError> {
        let description = match description {
            Some(description) => description,
            None => SessionDescription::new(self.implied_type(), ""),
        };
        if description.kind == SdpType::Rollback {
            return self.roll_back(Reason::JsepRollback);
        }
        self.check_local_type(description.kind)?;
        let text = self.local_text(&description)?;
        let sdp = Sdp::parse(&text)?;
        let before = self.session.clone();
        let begins = self.session.signaling == SignalingState::Stable;
        let stable = begins.then(|| Box::new(self.session.clone()));
        if begins {
            self.stable = stable;
        }
        let result = self.install_local(description.kind, sdp);
        if let Err(error) = result {
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
        self.after_description(reason);
        Ok(())
    }

    /// The type that `setLocalDescription` without argument stands for.
    fn implied_type(&self) -> SdpType {
        match self.session.signaling {
            SignalingState::Stable | SignalingState::HaveLocalOffer | SignalingState::HaveRemotePranswer => {
                SdpType::Offer
            }
            _ => SdpType::Answer,
        }
    }

    fn check_local_type(&self, kind: SdpType) -> Result<(), JsepError> {
        use SignalingState::{HaveLocalOffer, HaveLocalPranswer, HaveRemoteOffer, Stable};
        let state = self.session.signaling;
        let allowed = match kind {
            SdpType::Offer => matches!(state, Stable | HaveLocalOffer),
            _ => matches!(state, HaveRemoteOffer | HaveLocalPranswer),
        };
        let what = match kind {
            SdpType::Offer => "setLocalDescription with an offer",
            _ => "setLocalDescription with an answer",
        };
        if allowed { Ok(()) } else { Err(JsepError::WrongState { what, state }) }
    }

    /// The text to apply: what was created last, or what is created now (RFC 9429 §5.4 forbids anything else).
    fn local_text(&mut self, description: &SessionDescription) -> Result<String, JsepError> {
        let is_offer = description.kind == SdpType::Offer;
        let last = if is_offer { self.drafts.last_offer.clone() } else { self.drafts.last_answer.clone() };
        if !description.sdp.is_empty() {
            return if last.as_deref() == Some(&description.sdp) {
                Ok(description.sdp.clone())
            } else {
                Err(JsepError::Modified)
            };
        }
        // Created anew, because something may have changed since the last time; if nothing has, it is the same text.
        let created = if is_offer { self.offer(OfferOptions::default()) } else { self.answer() };
        created.map(|description| description.sdp)
    }

    fn install_local(&mut self, kind: SdpType, sdp: Sdp) -> Result<(), JsepError> {
        let applied = Applied::new(kind, sdp);
        let sdp = Arc::clone(&applied.sdp);
        match kind {
            SdpType::Offer => {
                self.associate(&sdp)?;
                self.local_transports(&sdp, None);
                self.session.pending_local = Some(applied);
                self.session.signaling = SignalingState::HaveLocalOffer;
            }
            _ => {
                let offer = self.remote_offer().ok_or(JsepError::NoRemoteDescription)?;
                let verdicts = self.verdicts(&offer);
                self.local_transports(&sdp, Some(&verdicts.hosts));
                self.agree(&offer, &sdp, true)?;
                for (section, reason) in verdicts.rejected.iter().enumerate() {
                    let mid = offer.medium(section).and_then(|medium| medium.mid().map(str::to_owned));
                    if let Some(reason) = reason {
                        self.change(Change::MediaRejected { section, mid }, *reason);
                    }
                }
                if kind == SdpType::Pranswer {
                    self.session.pending_local = Some(applied);
                    self.session.signaling = SignalingState::HaveLocalPranswer;
                } else {
                    self.session.current_remote = self.session.pending_remote.take();
                    self.session.current_local = Some(applied);
                    self.session.pending_local = None;
                    self.conclude(&sdp);
                }
            }
        }
        self.learn(&sdp);
        Ok(())
    }

    /// Gives each medium of a local offer to the transceiver it was made for.
    fn associate(&mut self, sdp: &Sdp) -> Result<(), JsepError> {
        for (index, section) in sdp.media().enumerate() {
            let mid = section.mid().map(str::to_owned);
            let owner = self.drafts.sections.get(&index).copied();
            let content = match owner {
                Some(Owner::Transceiver(id)) => {
                    let transceiver = self.session.transceiver_mut(id).ok_or(JsepError::Modified)?;
                    transceiver.negotiated.mid.clone_from(&mid);
                    transceiver.negotiated.section = Some(index);
                    SlotContent::Transceiver(id)
                }
                Some(Owner::Data) => SlotContent::Data,
                None => {
                    // A medium that is being rejected stays with its transceiver until the answer.
                    let kept = self.session.slots.get(index).map(|slot| slot.content);
                    kept.unwrap_or(SlotContent::Nothing)
                }
            };
            self.place(index, mid, content, owner.is_some());
        }
        Ok(())
    }

    /// Puts a medium into its slot; a recycled one begins anew.
    pub(super) fn place(&mut self, index: usize, mid: Option<String>, content: SlotContent, live: bool) {
        match self.session.slots.get_mut(index) {
            Some(slot) if slot.mid == mid && slot.content == content => {}
            Some(slot) if !live => slot.content = content,
            Some(slot) => *slot = Slot::new(mid, content),
            None => self.session.slots.push(Slot::new(mid, content)),
        }
    }

    /// Creates, restarts and shares our transports as the description says. In an answer, `hosts` says who describes whose.
    fn local_transports(&mut self, sdp: &Sdp, hosts: Option<&Vec<usize>>) {
        let controlling = hosts.is_none();
        for (index, section) in sdp.media().enumerate().filter(|(_, section)| !section.is_rejected()) {
            let carrier = match hosts {
                Some(hosts) => {
                    let host = hosts.get(index).and_then(|host| sdp.medium(*host)).unwrap_or(section);
                    transport_section(sdp, host)
                }
                None => describer(sdp, section),
            };
            // A bundle-only medium gets its transport with the answer.
            if section.is_bundle_only() {
                continue;
            }
            let (Some(credentials), Some(at)) = (credentials_of(&carrier), carrier.index()) else { continue };
            let id = self.transport_for(index, at, &credentials, &carrier, controlling);
            if let Some(slot) = self.session.slots.get_mut(index) {
                slot.transport = Some(id);
            }
        }
        if hosts.is_some() {
            self.session.drop_unused_transports();
        }
    }

    /// The transport with these credentials: the one there is, one that restarts, one of the pool, or a new one.
    fn transport_for(
        &mut self,
        index: usize,
        host: usize,
        credentials: &IceCredentials,
        carrier: &Section<'_>,
        controlling: bool,
    ) -> TransportId {
        let known = self.session.transports.iter().find(|(_, transport)| transport.local == *credentials);
        if let Some(id) = known.map(|(id, _)| *id) {
            if let Some(transport) = self.session.transports.get_mut(&id) {
                transport.host = host;
            }
            return id;
        }
        let restarted =
            self.drafts.restarts.iter().find(|(_, fresh)| **fresh == *credentials).map(|(id, _)| *id);
        let restarted = restarted.or_else(|| self.session.slots.get(index).and_then(|slot| slot.transport));
        if let Some(transport) = restarted.and_then(|id| self.session.transports.get_mut(&id)) {
            transport.local = credentials.clone();
            transport.host = host;
            return restarted.unwrap_or(TransportId(0));
        }
        let pooled = self.pool.iter().position(|(_, pooled)| pooled == credentials);
        let id = match pooled.and_then(|at| self.pool.remove(at)) {
            Some((id, _)) => id,
            None => self.fresh_transport(),
        };
        let transport = Transport {
            host,
            controlling,
            local: credentials.clone(),
            remote: None,
            remote_lite: false,
            tls_id: carrier.tls_id().map(str::to_owned),
            dtls: None,
            rtcp_mux: true,
        };
        self.session.transports.insert(id, transport);
        id
    }

    /// Remembers the numbers that a description gives to codecs and extensions.
    pub(super) fn learn(&mut self, sdp: &Sdp) {
        for section in sdp.media().filter(|section| !section.is_rejected()) {
            let kind = match section.media() {
                "audio" => MediaKind::Audio,
                "video" => MediaKind::Video,
                _ => continue,
            };
            self.session.payload_types.learn(kind, &codecs_of(&section));
            for (extmap, _) in section.extmaps().iter().filter(|(extmap, _)| extmap.id <= 255) {
                self.session.extension_ids.learn(extmap.id, &extmap.uri);
            }
        }
    }

    /// After a description was applied: promises are void, and everything that changed is told.
    pub(super) fn after_description(&mut self, reason: Reason) {
        self.drafts.forget_promises();
        if self.session.signaling == SignalingState::Stable {
            self.drafts.forget_texts();
            self.stable = None;
            self.negotiation_needed = false;
            self.check_negotiation = true;
            self.forget_replaced_credentials();
            if reason == Reason::JsepAnswer {
                self.empty_pool();
            }
        }
        self.show(reason);
        self.assign_streams();
    }

    /// Once none of the credentials that had to go is in use, the wish to restart is fulfilled (webrtc-pc §4.4.1.5).
    fn forget_replaced_credentials(&mut self) {
        let in_use = |session: &Session, credentials: &IceCredentials| {
            session.transports.values().any(|transport| transport.local == *credentials)
        };
        let session = &self.session;
        if !self.credentials_to_replace.iter().any(|credentials| in_use(session, credentials)) {
            self.credentials_to_replace.clear();
        }
    }
}

/// The section that describes the transport of this one: where a bundle repeats its transport in every medium, the tag does.
fn describer<'a>(sdp: &'a Sdp, section: Section<'a>) -> Section<'a> {
    let carrier = transport_section(sdp, section);
    let Some(mid) = section.mid() else { return carrier };
    let bundle = sdp.bundles().into_iter().find(|mids| mids.iter().any(|found| found == mid));
    let tag = bundle.and_then(|mids| sdp.medium_with_mid(mids.first()?));
    tag.filter(|tag| tag.ice_ufrag() == carrier.ice_ufrag()).unwrap_or(carrier)
}
