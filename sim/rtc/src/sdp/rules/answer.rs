//! Rules between an answer and the offer it answers (RFC 3264 §6, RFC 9429 §5.8.3 and §5.11, RFC 9143 §7.3).

use std::collections::BTreeSet;

use super::super::section::Section;
use super::super::tree::Sdp;
use super::super::value::{Attribute, Setup};
use super::codecs::codec_names;
use super::transport::{name, transport_section};
use super::{Kind, Violation, description};
use crate::reason::Reason;

/// Every rule that this answer breaks, by itself or against its offer.
pub fn answer(offer: &Sdp, answer: &Sdp) -> Vec<Violation> {
    let mut found = description(answer, Kind::Answer);
    if offer.media_count() != answer.media_count() {
        let about = format!("{} instead of {}", answer.media_count(), offer.media_count());
        found.push(Violation::new(Reason::AnswerCount, &answer.session(), Vec::new(), about));
    }
    for (offered, answered) in offer.media().zip(answer.media()) {
        let pair = Pair { offer, answer, offered, answered };
        pair.check(&mut found);
    }
    bundles(offer, answer, &mut found);
    found
}

/// A medium of the offer and the one that answers it.
struct Pair<'a> {
    offer: &'a Sdp,
    answer: &'a Sdp,
    offered: Section<'a>,
    answered: Section<'a>,
}

impl Pair<'_> {
    fn check(&self, found: &mut Vec<Violation>) {
        let (Some(old), Some(new)) = (self.offered.media_line(), self.answered.media_line()) else { return };
        if old.media != new.media || old.protocol != new.protocol {
            let about = format!("{} {} instead of {} {}", new.media, new.protocol, old.media, old.protocol);
            found.push(self.violation(Reason::AnswerMedia, about));
            return;
        }
        if self.offered.mid() != self.answered.mid() && self.answered.mid().is_some() {
            found.push(self.violation(Reason::AnswerMid, self.answered.mid().unwrap_or_default()));
        }
        if self.answered.is_rejected() {
            return;
        }
        if self.offered.is_rejected() {
            found.push(self.violation(Reason::AnswerToRejected, name(&self.answered)));
            return;
        }
        self.setup(found);
        if self.offered.is_rtp() {
            self.media(found);
        }
    }

    fn violation(&self, rule: Reason, about: impl Into<String>) -> Violation {
        Violation::new(rule, &self.answered, Vec::new(), about)
    }

    fn setup(&self, found: &mut Vec<Violation>) {
        let offered = transport_section(self.offer, self.offered).setup();
        let answered = transport_section(self.answer, self.answered).setup();
        let (Some(offered), Some(answered)) = (offered, answered) else { return };
        let fits = match offered {
            Setup::ActPass => matches!(answered, Setup::Active | Setup::Passive),
            Setup::Active => answered == Setup::Passive,
            Setup::Passive => answered == Setup::Active,
            Setup::HoldConn => answered == Setup::HoldConn,
        };
        if !fits {
            found.push(self.violation(Reason::AnswerSetup, format!("{answered} to {offered}")));
        }
    }

    fn media(&self, found: &mut Vec<Violation>) {
        let (offered, answered) = (self.offered.direction(), self.answered.direction());
        // What the answer sends, the offer has to receive, and the other way round (RFC 3264 §6.1).
        if offered.reversed().and(answered) != answered {
            found.push(self.violation(Reason::AnswerDirection, format!("{answered} to {offered}")));
        }
        let names = |section: &Section<'_>| -> BTreeSet<_> {
            codec_names(section).into_iter().map(|(_, name)| (name.encoding, name.clock_rate)).collect()
        };
        if names(&self.offered).is_disjoint(&names(&self.answered)) {
            found.push(self.violation(Reason::AnswerNoCommonFormat, name(&self.answered)));
        }
        if self.answered.has(&Attribute::RtcpMux) && !self.offers_rtcp_mux() {
            found.push(self.violation(Reason::AnswerRtcpMux, name(&self.answered)));
        }
        self.feedback(found);
        self.encodings(found);
    }

    fn offers_rtcp_mux(&self) -> bool {
        self.offered.has(&Attribute::RtcpMux)
            || self.offered.is_bundle_only()
            || transport_section(self.offer, self.offered).index() != self.offered.index()
    }

    /// Feedback is compared by codec, because the answer may use other payload types.
    fn feedback(&self, found: &mut Vec<Violation>) {
        let of = |section: &Section<'_>| -> BTreeSet<(Option<(String, u32)>, String)> {
            let codecs = codec_names(section);
            let name = |payload_type| {
                let codec = codecs.iter().find(|(found, _)| *found == payload_type);
                codec.map(|(_, name)| (name.encoding.clone(), name.clock_rate))
            };
            let feedback = section.feedback().into_iter();
            feedback.map(|(line, _)| (line.payload_type.and_then(name), line.kind.clone())).collect()
        };
        let offered = of(&self.offered);
        let offered_codecs: BTreeSet<_> = codec_names(&self.offered)
            .into_iter()
            .map(|(_, name)| (name.encoding, name.clock_rate))
            .collect();
        for (codec, kind) in of(&self.answered) {
            // Formats that were not offered may bring feedback of their own (RFC 9429 §5.11).
            let new = codec.as_ref().is_some_and(|codec| !offered_codecs.contains(codec));
            let all = offered.contains(&(None, kind.clone()));
            let any = codec.is_none() && offered.iter().any(|(_, offered)| *offered == kind);
            if !new && !all && !any && !offered.contains(&(codec, kind.clone())) {
                found.push(self.violation(Reason::AnswerFeedback, kind));
            }
        }
    }

    fn encodings(&self, found: &mut Vec<Violation>) {
        let offered = self.offered.rids();
        for (rid, place) in self.answered.rids() {
            let known = offered
                .iter()
                .any(|(offered, _)| offered.id == rid.id && offered.direction == rid.direction.reversed());
            if !known {
                let rule = Reason::AnswerSimulcast;
                found.push(Violation::new(rule, &self.answered, vec![place], rid.id.clone()));
            }
        }
    }
}

fn bundles(offer: &Sdp, answer: &Sdp, found: &mut Vec<Violation>) {
    let offered = offer.bundles();
    let session = answer.session();
    let mut bundled = BTreeSet::new();
    for (group, place) in session.groups().into_iter().filter(|(group, _)| group.is_bundle()) {
        let home = offered.iter().find(|mids| group.mids.first().is_some_and(|mid| mids.contains(mid)));
        for mid in &group.mids {
            let offered_here = home.is_some_and(|mids| mids.contains(mid));
            let rejected = answer.medium_with_mid(mid).is_some_and(|section| section.is_rejected());
            if !offered_here || rejected {
                found.push(Violation::new(Reason::AnswerBundle, &session, vec![place], mid));
            }
            bundled.insert(mid.as_str());
        }
    }
    for (old, new) in offer.media().zip(answer.media()) {
        let inside = new.mid().is_some_and(|mid| bundled.contains(mid));
        if old.is_bundle_only() && !new.is_rejected() && !inside {
            found.push(Violation::new(Reason::AnswerBundleOnly, &new, Vec::new(), name(&new)));
        }
    }
}
