//! Creating an answer: which media are accepted, with what, on which transport (RFC 9429 §5.3).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::codec::{Codec, PayloadCodec, codecs_of, kind_of};
use super::connection::PeerConnection;
use super::description::SessionDescription;
use super::error::JsepError;
use super::section_text::{RtcpText, RtpText, SectionText, TransportText, data, rejected, rtp};
use super::session::SlotContent;
use super::session_text::GroupText;
use super::transceiver::Transceiver;
use super::types::{BundlePolicy, DtlsRole, MediaKind, SdpType, SignalingState, TransceiverId};
use crate::reason::Reason;
use crate::sdp::{Attribute, RidDirection, Sdp, Section, Setup, rules};

/// What the answer does with each offered medium.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdicts {
    /// Why a medium is rejected; `None` accepts it.
    pub(super) rejected: Vec<Option<Reason>>,
    /// For each medium, the one that describes its transport.
    pub(super) hosts: Vec<usize>,
    /// The bundles that are accepted.
    pub(super) bundles: Vec<Vec<String>>,
}

impl PeerConnection {
    pub(super) fn answer(&mut self) -> Result<SessionDescription, JsepError> {
        let state = self.session.signaling;
        if !matches!(state, SignalingState::HaveRemoteOffer | SignalingState::HaveLocalPranswer) {
            return Err(JsepError::WrongState { what: "createAnswer", state });
        }
        let offer = self.remote_offer().ok_or(JsepError::NoRemoteDescription)?;
        let verdicts = self.verdicts(&offer);
        let mut sections = Vec::new();
        for (index, section) in offer.media().enumerate() {
            let text = self.answered_section(&offer, &section, index, &verdicts);
            sections.push(text);
        }
        let trickles = offer
            .media()
            .chain([offer.session()])
            .any(|section| section.has_ice_option("trickle") || section.has_ice_option("ice2"));
        let lip_sync = self.answered_lip_sync(&offer, &verdicts);
        let groups = GroupText { bundles: verdicts.bundles, lip_sync };
        let text = self.session_text(groups, sections, trickles);
        self.drafts.last_answer = Some(text.clone());
        Ok(SessionDescription::new(SdpType::Answer, text))
    }

    pub(super) fn remote_offer(&self) -> Option<Arc<Sdp>> {
        let pending = self.session.pending_remote.as_ref().filter(|applied| applied.kind == SdpType::Offer);
        pending.map(|applied| Arc::clone(&applied.sdp))
    }

    /// RFC 9429 §5.3.1, the list of what leads to a rejection.
    pub(super) fn verdicts(&self, offer: &Sdp) -> Verdicts {
        let count = offer.media_count();
        let bundles = if self.config.profile.bundle { offer.bundles() } else { Vec::new() };
        let group_of: Vec<Option<usize>> = offer
            .media()
            .map(|section| {
                let mid = section.mid()?;
                bundles.iter().position(|mids| mids.iter().any(|found| found == mid))
            })
            .collect();
        let mut rejected: Vec<Option<Reason>> =
            offer.media().enumerate().map(|(index, section)| self.unacceptable(index, &section)).collect();
        self.apply_policy(offer, &group_of, &mut rejected);
        let tags: Vec<Option<usize>> =
            bundles.iter().map(|mids| offer.medium_with_mid(mids.first()?)?.index()).collect();
        for (group, tag) in tags.iter().enumerate() {
            // Without its tag, nothing of the bundle has a transport.
            if tag.is_none_or(|tag| rejected.get(tag).is_none_or(Option::is_some)) {
                for (index, verdict) in rejected.iter_mut().enumerate() {
                    if group_of.get(index) == Some(&Some(group)) && verdict.is_none() {
                        *verdict = Some(Reason::JsepTagRejected);
                    }
                }
            }
        }
        let hosts = (0..count).map(|index| {
            let tag =
                group_of.get(index).copied().flatten().and_then(|group| tags.get(group).copied().flatten());
            tag.unwrap_or(index)
        });
        let hosts = hosts.collect();
        let accepted = |mid: &String| {
            let index = offer.medium_with_mid(mid).and_then(|section| section.index());
            index.is_some_and(|index| rejected.get(index) == Some(&None))
        };
        let mut answered: Vec<Vec<String>> =
            bundles.into_iter().map(|mids| mids.into_iter().filter(accepted).collect()).collect();
        answered.retain(|mids| !mids.is_empty());
        Verdicts { rejected, hosts, bundles: answered }
    }

    fn unacceptable(&self, index: usize, section: &Section<'_>) -> Option<Reason> {
        let bundle_only = section.is_bundle_only() && self.config.profile.bundle;
        if section.media_line().is_none_or(|media| media.port == 0) && !bundle_only {
            return Some(Reason::JsepStopped);
        }
        match self.session.slots.get(index).map(|slot| slot.content) {
            Some(SlotContent::Data) => None,
            Some(SlotContent::Transceiver(id)) => {
                let transceiver =
                    self.session.transceiver(id).filter(|transceiver| !transceiver.is_stopping());
                match transceiver {
                    None => Some(Reason::JsepStopped),
                    Some(transceiver) => {
                        let common = self.common_codecs(transceiver, section);
                        let usable = common.iter().any(|codec| codec.codec.is_primary());
                        (!usable).then_some(Reason::JsepNoCommonCodec)
                    }
                }
            }
            _ => Some(Reason::JsepUnknownMedia),
        }
    }

    /// Media that the bundle policy leaves out because they are not bundled with the first one (of their kind).
    fn apply_policy(&self, offer: &Sdp, group_of: &[Option<usize>], rejected: &mut [Option<Reason>]) {
        let policy = self.config.bundle_policy.effective();
        // A medium that is offered with port 0 is nobody's first.
        let kind = |section: Section<'_>| (!section.is_rejected()).then(|| section.media().to_owned());
        let kinds: Vec<Option<String>> = offer.media().map(kind).collect();
        for (index, verdict) in rejected.iter_mut().enumerate().filter(|(_, verdict)| verdict.is_none()) {
            let first = match policy {
                BundlePolicy::MaxCompat => continue,
                BundlePolicy::Balanced => kinds.iter().position(|kind| Some(kind) == kinds.get(index)),
                BundlePolicy::MustBundle | BundlePolicy::MaxBundle => kinds.iter().position(Option::is_some),
            };
            let first = first.unwrap_or(index);
            let bundled = group_of
                .get(index)
                .is_some_and(|group| group.is_some() && group_of.get(first) == Some(group));
            // A medium that has been running on a transport of its own goes on.
            let running = self.session.was_accepted(index);
            if first != index && !bundled && !running {
                *verdict = Some(Reason::JsepOutsideBundle);
            }
        }
    }

    /// Codecs of both sides, with the payload types of the offer; in the order of the offer, or of the preferences if there are some.
    pub(super) fn common_codecs(
        &self,
        transceiver: &Transceiver,
        section: &Section<'_>,
    ) -> Vec<PayloadCodec> {
        let offered = codecs_of(section);
        let allowed = transceiver.allowed(self.config.profile.codecs(transceiver.kind));
        let pair = |ours: &Codec, theirs: &PayloadCodec| {
            let mut codec = ours.clone();
            codec.parameters = answered_parameters(ours, &theirs.codec);
            codec.feedback.retain(|kind| theirs.codec.feedback.contains(kind));
            let retransmission = theirs.retransmission.filter(|_| ours.retransmission.is_some());
            PayloadCodec { payload_type: theirs.payload_type, codec, retransmission }
        };
        if transceiver.codec_preferences.is_empty() {
            let ours =
                |theirs: &PayloadCodec| allowed.iter().find(|codec| codec.matches(&theirs.codec)).cloned();
            offered.iter().filter_map(|theirs| Some(pair(&ours(theirs)?, theirs))).collect()
        } else {
            let theirs = |ours: &Codec| offered.iter().find(|theirs| ours.matches(&theirs.codec));
            allowed.iter().filter_map(|ours| Some(pair(ours, theirs(ours)?))).collect()
        }
    }

    fn answered_section(
        &mut self,
        offer: &Sdp,
        section: &Section<'_>,
        index: usize,
        verdicts: &Verdicts,
    ) -> SectionText {
        let Some(media) = section.media_line() else { return rejected_line(section) };
        if verdicts.rejected.get(index).is_none_or(Option::is_some) {
            return rejected(media, section.mid());
        }
        let host = verdicts.hosts.get(index).copied().unwrap_or(index);
        let carrier = rules::transport_section(offer, offer.medium(host).unwrap_or(*section));
        let setup = self.answered_setup(host, carrier.setup());
        let mut own = self.own_transport(host, true, setup, None);
        if self.dtls_is_replaced(host, &carrier) {
            own.tls_id = self.promised_tls_id(host);
        }
        own.rtcp = self.answered_rtcp(section, offer);
        let transport = if host == index {
            TransportText::Own(Box::new(own))
        } else if self.config.profile.repeats_transport {
            TransportText::Repeated(Box::new(own))
        } else {
            TransportText::Bundled(own.candidates)
        };
        match self.session.slots.get(index).map(|slot| slot.content) {
            Some(SlotContent::Transceiver(id)) => self.answered_rtp(id, section, &transport),
            _ => {
                let profile = (media.protocol.clone(), media.formats.clone());
                let sctp = (self.config.sctp_port, self.config.max_message_size);
                let old =
                    section.attributes().any(|(attribute, _)| matches!(attribute, Attribute::SctpMap(_)));
                data(profile, section.mid().map(str::to_owned), sctp, old, &transport)
            }
        }
    }

    fn answered_rtcp(&self, section: &Section<'_>, offer: &Sdp) -> RtcpText {
        let bundled = rules::transport_section(offer, *section).index() != section.index();
        let mux = (section.has(&Attribute::RtcpMux) || bundled || section.is_bundle_only())
            && self.config.profile.rtcp_mux;
        let rsize = section.has(&Attribute::RtcpRsize);
        RtcpText {
            mux,
            mux_only: false,
            rsize,
            line: !mux || self.config.profile.rtcp_line && self.config.profile.repeats_transport,
        }
    }

    /// RFC 9429 §5.3.1: active if there is a choice, and the role in use while the association goes on.
    fn answered_setup(&self, host: usize, offered: Option<Setup>) -> Setup {
        let running = self.session.transport_of(host).and_then(|(_, transport)| transport.dtls.as_ref());
        match offered {
            Some(Setup::Active) => Setup::Passive,
            Some(Setup::Passive) => Setup::Active,
            _ => match running.map(|dtls| dtls.role) {
                Some(DtlsRole::Server) => Setup::Passive,
                _ => Setup::Active,
            },
        }
    }

    fn answered_rtp(
        &mut self,
        id: TransceiverId,
        section: &Section<'_>,
        transport: &TransportText,
    ) -> SectionText {
        let Some(transceiver) = self.session.transceiver(id).cloned() else { return rejected_line(section) };
        let mut codecs = self.common_codecs(&transceiver, section);
        if self.config.profile.answers_with_all_codecs {
            self.add_unoffered(&transceiver, section, &mut codecs);
        }
        let supported = self.config.profile.extensions(transceiver.kind);
        let offered = section.extmaps();
        let known = offered.iter().filter(|(extmap, _)| supported.iter().any(|(_, uri)| *uri == extmap.uri));
        // Ids above 255 only say that the offerer had none left (RFC 8285 §7).
        let extensions =
            known.filter(|(extmap, _)| extmap.id <= 255).map(|(extmap, _)| (extmap.id, extmap.uri.clone()));
        let extensions = extensions.collect();
        let text = RtpText {
            kind: transceiver.kind,
            mid: section.mid().map(str::to_owned),
            protocol: section.media_line().map_or_else(String::new, |media| media.protocol.clone()),
            direction: section.direction().reversed().and(transceiver.direction),
            sends: transceiver.direction.sends(),
            codecs,
            extensions,
            rids: accepted_rids(&transceiver, section),
            streams: self.told_streams(&transceiver),
            track: transceiver.sender.track.clone().unwrap_or_else(|| format!("t{}", id.0)),
            ssrcs: transceiver.sender.ssrcs,
            cname: self.cname(),
        };
        rtp(&self.config.profile, &text, transport)
    }

    /// Codecs that were not offered stand behind those that were (RFC 9429 §5.3.1). Their retransmissions are left out.
    fn add_unoffered(
        &mut self,
        transceiver: &Transceiver,
        section: &Section<'_>,
        codecs: &mut Vec<PayloadCodec>,
    ) {
        let offered = codecs_of(section);
        let rtx_offered = offered.iter().any(|codec| codec.retransmission.is_some());
        for mut codec in transceiver.allowed(self.config.profile.codecs(transceiver.kind)) {
            if codecs.iter().any(|known| known.codec.matches(&codec)) {
                continue;
            }
            if !rtx_offered {
                codec.retransmission = None;
            }
            codecs.extend(self.session.payload_types.assign(transceiver.kind, &codec));
        }
    }

    /// RFC 9429 §5.3.1: offered groups are kept for media whose streams we do not tell apart.
    fn answered_lip_sync(&self, offer: &Sdp, verdicts: &Verdicts) -> Vec<Vec<String>> {
        let mut groups = Vec::new();
        for (group, _) in offer.session().groups().into_iter().filter(|(group, _)| group.semantics == "LS") {
            let mut by_stream: BTreeMap<Option<&str>, Vec<String>> = BTreeMap::new();
            for mid in &group.mids {
                let index = offer.medium_with_mid(mid).and_then(|section| section.index());
                let Some(index) = index.filter(|index| verdicts.rejected.get(*index) == Some(&None)) else {
                    continue;
                };
                let Some(transceiver) = self.session.transceiver_at(index) else { continue };
                let stream = transceiver.sender.streams.first().map(String::as_str);
                by_stream.entry(stream).or_default().push(mid.clone());
            }
            let without = by_stream.remove(&None).unwrap_or_default();
            match by_stream.len() {
                0 => groups.push(without),
                _ => groups.extend(by_stream.into_values().map(|mids| {
                    let kept = |mid: &&String| mids.contains(mid) || without.contains(mid);
                    group.mids.iter().filter(kept).cloned().collect()
                })),
            }
        }
        groups.retain(|mids: &Vec<String>| mids.len() > 1);
        groups
    }
}

fn rejected_line(section: &Section<'_>) -> SectionText {
    let media = section.media_line().cloned().unwrap_or(crate::sdp::MediaLine {
        media: section.media().to_owned(),
        port: 0,
        port_count: None,
        protocol: "UDP/TLS/RTP/SAVPF".to_owned(),
        formats: vec!["0".to_owned()],
    });
    rejected(&media, section.mid())
}

/// Our parameters of a codec as the answer to theirs. For H.264 without level asymmetry, the lower level counts (RFC 6184 §8.2.2).
fn answered_parameters(ours: &Codec, theirs: &Codec) -> String {
    let asymmetric = |codec: &Codec| codec.parameter("level-asymmetry-allowed") == Some("1");
    if !ours.name.eq_ignore_ascii_case("h264") || (asymmetric(ours) && asymmetric(theirs)) {
        return ours.parameters.clone();
    }
    let level = |codec: &Codec| {
        let digits = codec.parameter("profile-level-id").and_then(|id| id.get(4..6));
        digits.and_then(|digits| u8::from_str_radix(digits, 16).ok())
    };
    match (ours.parameter("profile-level-id"), level(ours), level(theirs)) {
        (Some(id), Some(our_level), Some(their_level))
            if their_level < our_level && id.is_char_boundary(4) =>
        {
            let lower = format!("{}{their_level:02x}", &id[..4]);
            ours.parameters.replace(id, &lower)
        }
        _ => ours.parameters.clone(),
    }
}

/// Our encodings that the peer is willing to receive (RFC 9429 §3.7: an offer to send several is answered with one).
pub(super) fn accepted_rids(transceiver: &Transceiver, section: &Section<'_>) -> Vec<String> {
    let Some(simulcast) = section.simulcast() else { return Vec::new() };
    let wanted = |rid: &String| {
        let described =
            section.rids().iter().any(|(found, _)| found.id == *rid && found.direction == RidDirection::Recv);
        let listed =
            simulcast.recv.iter().flat_map(|stream| &stream.alternatives).any(|found| found.rid == *rid);
        described && listed
    };
    transceiver.rids().into_iter().filter(wanted).collect()
}

/// The kind of a medium that a transceiver could have.
pub(super) fn transceiver_kind(section: &Section<'_>) -> Option<MediaKind> {
    kind_of(section)
}
