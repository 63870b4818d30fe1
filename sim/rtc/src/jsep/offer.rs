//! Creating an offer: which medium stands where, and which of them describes a transport (RFC 9429 §5.2). Not here: the lines of a
//! medium ([`super::section_text`]), and those of the session part ([`super::session_text`]).

use super::connection::PeerConnection;
use super::description::SessionDescription;
use super::drafts::Owner;
use super::error::JsepError;
use super::section_text::{RtcpText, RtpText, SectionText, TransportText, data, rejected, rtp};
use super::session::SlotContent;
use super::session_text::GroupText;
use super::transceiver::Transceiver;
use super::types::{BundlePolicy, RtcpMuxPolicy, SdpType, SignalingState, TransceiverId};
use crate::sdp::{MediaLine, Setup};

/// What `createOffer` may be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfferOptions {
    /// Restart ICE, whether or not `restartIce` was called (RFC 9429 §5.2.3.1).
    pub ice_restart: bool,
}

/// A medium of an offer before it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Planned {
    pub(super) mid: Option<String>,
    pub(super) content: PlannedContent,
    /// Whether the medium is not that of the session at this index.
    pub(super) new: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum PlannedContent {
    Transceiver(TransceiverId),
    Data,
    Rejected(MediaLine),
}

impl Planned {
    fn is_live(&self) -> bool {
        !matches!(self.content, PlannedContent::Rejected(_))
    }
}

/// Where the transport of a medium is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    /// In its own section.
    Own,
    /// In that of the bundle's tag, and the bundle was agreed on.
    Joined(usize),
    /// In that of a section it can only be bundled with.
    BundleOnly(usize),
}

impl PeerConnection {
    pub(super) fn offer(&mut self, options: OfferOptions) -> Result<SessionDescription, JsepError> {
        let state = self.session.signaling;
        if !matches!(state, SignalingState::Stable | SignalingState::HaveLocalOffer) {
            return Err(JsepError::WrongState { what: "createOffer", state });
        }
        let plan = self.plan();
        let carriers = self.carriers(&plan);
        let mut sections = Vec::new();
        for (index, planned) in plan.iter().enumerate() {
            let section = self.offered_section(index, planned, &plan, &carriers, options)?;
            sections.push(section);
        }
        let groups = self.offered_groups(&plan, &carriers);
        let text = self.session_text(groups, sections, true);
        self.drafts.last_offer = Some(text.clone());
        Ok(SessionDescription::new(SdpType::Offer, text))
    }

    /// Which medium stands where: those of the session at their places, new ones in places of rejected ones, the rest at the end, data
    /// last (RFC 9429 §5.2.1, §5.2.2).
    fn plan(&mut self) -> Vec<Planned> {
        let mut waiting: Vec<TransceiverId> = self
            .session
            .transceivers
            .iter()
            .filter(|transceiver| !transceiver.is_associated() && !transceiver.is_stopping())
            .map(|transceiver| transceiver.id)
            .rev()
            .collect();
        let mut plan = Vec::new();
        self.drafts.sections.clear();
        for index in 0..self.session.slots.len() {
            let kept = self.kept(index);
            let recycled = kept.is_none() && self.session.was_rejected(index);
            let planned = match kept {
                Some(planned) => planned,
                None if recycled && !waiting.is_empty() => self.fresh_medium(&mut waiting),
                None => self.dead(index),
            };
            plan.push(planned);
        }
        while !waiting.is_empty() {
            let planned = self.fresh_medium(&mut waiting);
            plan.push(planned);
        }
        if self.data.wanted() && self.session.data_section().is_none() {
            let mid = Some(self.mid_for(Owner::Data));
            plan.push(Planned { mid, content: PlannedContent::Data, new: true });
        }
        for (index, planned) in plan.iter().enumerate() {
            let owner = match planned.content {
                PlannedContent::Transceiver(id) => Owner::Transceiver(id),
                PlannedContent::Data => Owner::Data,
                PlannedContent::Rejected(_) => continue,
            };
            self.drafts.sections.insert(index, owner);
        }
        plan
    }

    /// A medium of the session that stays as it is.
    fn kept(&self, index: usize) -> Option<Planned> {
        let slot = self.session.slots.get(index)?;
        let content = match slot.content {
            SlotContent::Data if !self.session.was_rejected(index) => PlannedContent::Data,
            SlotContent::Transceiver(id) => {
                self.session.transceiver(id).filter(|transceiver| !transceiver.is_stopping())?;
                PlannedContent::Transceiver(id)
            }
            _ => return None,
        };
        Some(Planned { mid: slot.mid.clone(), content, new: false })
    }

    fn dead(&self, index: usize) -> Planned {
        let line = |applied: Option<&super::description::Applied>| {
            applied.and_then(|applied| applied.sdp.medium(index)?.media_line().cloned())
        };
        let media = line(self.session.local()).or_else(|| line(self.session.remote()));
        let media = media.unwrap_or(MediaLine {
            media: "audio".to_owned(),
            port: 0,
            port_count: None,
            protocol: "UDP/TLS/RTP/SAVPF".to_owned(),
            formats: vec!["0".to_owned()],
        });
        let mid = self.session.slots.get(index).and_then(|slot| slot.mid.clone());
        Planned { mid, content: PlannedContent::Rejected(media), new: false }
    }

    fn fresh_medium(&mut self, waiting: &mut Vec<TransceiverId>) -> Planned {
        let id = waiting.pop().unwrap_or(TransceiverId(u32::MAX));
        let mid = Some(self.mid_for(Owner::Transceiver(id)));
        Planned { mid, content: PlannedContent::Transceiver(id), new: true }
    }

    /// The mid that was promised, or the next number that no medium has: it says nothing about the user, and fits into three bytes for
    /// a long time.
    pub(super) fn mid_for(&mut self, owner: Owner) -> String {
        if let Some(mid) = self.drafts.mids.get(&owner)
            && !self.session.slots.iter().any(|slot| slot.mid.as_ref() == Some(mid))
        {
            return mid.clone();
        }
        loop {
            let mid = self.drafts.next_mid.to_string();
            self.drafts.next_mid += 1;
            let promised = self.drafts.mids.values().any(|found| *found == mid);
            if !promised && !self.session.slots.iter().any(|slot| slot.mid.as_deref() == Some(&mid)) {
                self.drafts.mids.insert(owner, mid.clone());
                return mid;
            }
        }
    }

    /// Which section describes the transport of each medium.
    fn carriers(&self, plan: &[Planned]) -> Vec<Carrier> {
        let policy = self.config.bundle_policy.effective();
        let mut carriers: Vec<Carrier> = Vec::new();
        let mut first_new_of: Vec<(&'static str, usize)> = Vec::new();
        for (index, planned) in plan.iter().enumerate() {
            let kind = match &planned.content {
                PlannedContent::Rejected(_) => {
                    carriers.push(Carrier::Own);
                    continue;
                }
                PlannedContent::Data => "application",
                PlannedContent::Transceiver(id) => {
                    self.session.transceiver(*id).map_or("audio", |transceiver| transceiver.kind.word())
                }
            };
            let carrier = if let Some(host) = self.established_host(index, plan, planned.new) {
                if host == index { Carrier::Own } else { Carrier::Joined(host) }
            } else {
                let same_kind = first_new_of.iter().find(|(found, _)| *found == kind).map(|(_, at)| *at);
                let first = first_new_of.first().map(|(_, at)| *at);
                let host = match policy {
                    BundlePolicy::MaxCompat => None,
                    BundlePolicy::Balanced => same_kind,
                    BundlePolicy::MustBundle | BundlePolicy::MaxBundle => first,
                };
                first_new_of.push((kind, index));
                host.filter(|_| self.config.profile.bundle).map_or(Carrier::Own, Carrier::BundleOnly)
            };
            carriers.push(carrier);
        }
        carriers
    }

    /// The section that describes the agreed transport of this medium: the first live one that uses it. New media join the first
    /// bundle that was agreed on (RFC 9143 §7.5.1).
    fn established_host(&self, index: usize, plan: &[Planned], new: bool) -> Option<usize> {
        self.session.current_remote.as_ref()?;
        let of = |at: usize| {
            let live = plan.get(at).is_some_and(|planned| planned.is_live() && !planned.new);
            self.session.slots.get(at).and_then(|slot| slot.transport).filter(|_| live)
        };
        let bundled = || {
            let answer = self.agreed_answer()?;
            let mids = answer.bundles().into_iter().next()?;
            (0..plan.len()).find_map(|at| {
                let mid = plan.get(at)?.mid.as_ref()?;
                if mids.contains(mid) { of(at) } else { None }
            })
        };
        let transport = if new { bundled()? } else { of(index)? };
        let tag = self.session.transports.get(&transport)?.host;
        if of(tag) == Some(transport) {
            return Some(tag);
        }
        (0..plan.len()).find(|at| of(*at) == Some(transport))
    }

    /// The answer that is in force, whoever gave it.
    pub(super) fn agreed_answer(&self) -> Option<&crate::sdp::Sdp> {
        let of = |applied: &'_ Option<super::description::Applied>| {
            applied.as_ref().is_some_and(|applied| applied.kind == SdpType::Answer)
        };
        if of(&self.session.current_local) {
            return self.session.current_local.as_ref().map(|applied| &*applied.sdp);
        }
        self.session.current_remote.as_ref().map(|applied| &*applied.sdp)
    }

    fn offered_section(
        &mut self,
        index: usize,
        planned: &Planned,
        plan: &[Planned],
        carriers: &[Carrier],
        options: OfferOptions,
    ) -> Result<SectionText, JsepError> {
        if let PlannedContent::Rejected(media) = &planned.content {
            return Ok(rejected(media, planned.mid.as_deref()));
        }
        let carrier = carriers.get(index).copied().unwrap_or(Carrier::Own);
        let host = match carrier {
            Carrier::Own => index,
            Carrier::Joined(host) | Carrier::BundleOnly(host) => host,
        };
        let existing = plan.get(host).is_some_and(|planned| !planned.new);
        let own = self.own_transport(host, existing, Setup::ActPass, Some(options.ice_restart));
        let mut own = own;
        own.rtcp = self.offered_rtcp(index, planned.new);
        let profile = &self.config.profile;
        let transport = match carrier {
            Carrier::Own => TransportText::Own(Box::new(own)),
            _ if profile.repeats_transport
                && (carrier != Carrier::BundleOnly(host) || !profile.marks_bundle_only) =>
            {
                TransportText::Repeated(Box::new(own))
            }
            Carrier::Joined(_) => TransportText::Bundled(own.candidates),
            Carrier::BundleOnly(_) => TransportText::BundleOnly,
        };
        match planned.content {
            PlannedContent::Transceiver(id) => self.offered_rtp(id, planned, &transport),
            _ => {
                let profile = ("UDP/DTLS/SCTP".to_owned(), vec!["webrtc-datachannel".to_owned()]);
                let sctp = (self.config.sctp_port, self.config.max_message_size);
                Ok(data(profile, planned.mid.clone(), sctp, false, &transport))
            }
        }
    }

    /// RFC 9429 §5.2.2: a medium of the session keeps what was agreed on; only a new one insists on a single port.
    fn offered_rtcp(&self, index: usize, new: bool) -> RtcpText {
        let profile = &self.config.profile;
        let agreed =
            self.session.transport_of(index).filter(|_| !new && self.session.current_remote.is_some());
        let mux = match agreed {
            Some((_, transport)) => transport.rtcp_mux,
            None => profile.rtcp_mux,
        };
        let insists = self.config.rtcp_mux_policy == RtcpMuxPolicy::Require && profile.rtcp_mux_only;
        let answer =
            self.agreed_answer().and_then(|answer| answer.medium(index)).filter(|_| agreed.is_some());
        let rsize = answer.is_none_or(|section| section.has(&crate::sdp::Attribute::RtcpRsize));
        RtcpText {
            mux,
            mux_only: mux && insists && agreed.is_none(),
            rsize,
            line: profile.rtcp_line && !(mux && agreed.is_some()),
        }
    }

    fn offered_rtp(
        &mut self,
        id: TransceiverId,
        planned: &Planned,
        transport: &TransportText,
    ) -> Result<SectionText, JsepError> {
        let transceiver = self
            .session
            .transceiver(id)
            .cloned()
            .ok_or(JsepError::NotHere("there is no such transceiver"))?;
        let codecs = self.offered_codecs(&transceiver);
        if codecs.is_empty() {
            return Err(JsepError::Operation("no codec is left to offer".to_owned()));
        }
        let mixed = self.config.profile.extmap_allow_mixed;
        let supported = self.config.profile.extensions(transceiver.kind).to_vec();
        let ids = &mut self.session.extension_ids;
        let extensions = supported
            .into_iter()
            .filter_map(|(wish, uri)| Some((ids.assign(uri, wish, mixed)?, uri.to_owned())));
        let extensions = extensions.collect();
        let text = RtpText {
            kind: transceiver.kind,
            mid: planned.mid.clone(),
            protocol: "UDP/TLS/RTP/SAVPF".to_owned(),
            direction: transceiver.direction,
            sends: transceiver.direction.sends(),
            codecs,
            extensions,
            rids: transceiver.rids(),
            streams: self.told_streams(&transceiver),
            track: transceiver.sender.track.clone().unwrap_or_else(|| format!("t{}", transceiver.id.0)),
            ssrcs: transceiver.sender.ssrcs,
            cname: self.cname(),
        };
        Ok(rtp(&self.config.profile, &text, transport))
    }

    /// Codecs in the order of the last answer, new ones behind; or in the order of the preferences (RFC 9429 §5.2.2).
    fn offered_codecs(&mut self, transceiver: &Transceiver) -> Vec<super::codec::PayloadCodec> {
        let mut allowed = transceiver.allowed(self.config.profile.codecs(transceiver.kind));
        if transceiver.codec_preferences.is_empty() {
            let agreed = &transceiver.negotiated.codecs;
            allowed.sort_by_key(|codec| {
                agreed.iter().position(|known| known.codec.matches(codec)).unwrap_or(usize::MAX)
            });
        }
        let kind = transceiver.kind;
        allowed.iter().filter_map(|codec| self.session.payload_types.assign(kind, codec)).collect()
    }

    /// One bundle of everything; after an agreement, of what was bundled and is new (RFC 9429 §5.2.2).
    fn offered_groups(&self, plan: &[Planned], carriers: &[Carrier]) -> GroupText {
        let agreed: Option<Vec<String>> =
            self.agreed_answer().map(|answer| answer.bundles().into_iter().flatten().collect());
        let takes_part = |planned: &Planned| {
            let bundled = |mid: &String| agreed.as_ref().is_none_or(|mids| mids.contains(mid) || planned.new);
            planned.is_live() && planned.mid.as_ref().is_some_and(bundled)
        };
        let hosts: Vec<usize> =
            (0..plan.len()).filter(|index| carriers.get(*index) == Some(&Carrier::Own)).collect();
        let mut members: Vec<(bool, usize, String)> = Vec::new();
        for (index, planned) in plan.iter().enumerate().filter(|(_, planned)| takes_part(planned)) {
            // The tag describes the transport, so a medium that does so comes first.
            members.push((!hosts.contains(&index), index, planned.mid.clone().unwrap_or_default()));
        }
        if members.first().is_some_and(|(not_host, _, _)| *not_host) {
            members.sort();
        }
        let bundle: Vec<String> = members.into_iter().map(|(_, _, mid)| mid).collect();
        let bundles =
            if self.config.profile.bundle && !bundle.is_empty() { vec![bundle] } else { Vec::new() };
        GroupText { bundles, lip_sync: self.offered_lip_sync(plan) }
    }

    /// A group for each stream of several media (RFC 9429 §5.2.1). Lip synchronization that was agreed on before is of the same streams,
    /// because streams of a sender are never forgotten here.
    fn offered_lip_sync(&self, plan: &[Planned]) -> Vec<Vec<String>> {
        let mut streams: Vec<(String, Vec<String>)> = Vec::new();
        for planned in plan {
            let PlannedContent::Transceiver(id) = planned.content else { continue };
            let Some(transceiver) = self.session.transceiver(id) else { continue };
            for stream in &transceiver.sender.streams {
                let mid = planned.mid.clone().unwrap_or_default();
                match streams.iter_mut().find(|(found, _)| found == stream) {
                    Some((_, mids)) => mids.push(mid),
                    None => streams.push((stream.clone(), vec![mid])),
                }
            }
        }
        let mut groups: Vec<Vec<String>> =
            streams.into_iter().map(|(_, mids)| mids).filter(|mids| mids.len() > 1).collect();
        groups.sort();
        groups.dedup();
        groups
    }
}
