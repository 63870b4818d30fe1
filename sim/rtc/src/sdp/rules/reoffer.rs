//! Rules between a description and those that were in force before (RFC 3264 §8, RFC 9429 §5.2.2 and §5.8.3).

use std::collections::BTreeMap;

use super::super::section::Section;
use super::super::tree::Sdp;
use super::super::value::Attribute;
use super::Violation;
use super::codecs::codec_names;
use super::transport::{name, transport_section};
use crate::reason::Reason;

/// Every rule that a later description breaks. `previous` is the last one in force of the same side, `other` that of the other side:
/// a medium that either of them rejected may be recycled.
pub fn reoffer_with(previous: &Sdp, other: &Sdp, now: &Sdp) -> Vec<Violation> {
    let mut found = Vec::new();
    if now.media_count() < previous.media_count() {
        let about = format!("{} instead of {}", now.media_count(), previous.media_count());
        found.push(Violation::new(Reason::ReofferCount, &now.session(), Vec::new(), about));
    }
    for (index, (old, new)) in previous.media().zip(now.media()).enumerate() {
        let rejected = old.is_rejected() || other.medium(index).is_some_and(|section| section.is_rejected());
        if rejected || new.is_rejected() {
            continue;
        }
        let mut broken = |rule, about: String| found.push(Violation::new(rule, &new, Vec::new(), about));
        if old.media() != new.media() {
            broken(Reason::ReofferMedia, new.media().to_owned());
            continue;
        }
        if old.mid() != new.mid() {
            broken(Reason::ReofferMid, new.mid().unwrap_or_default().to_owned());
        }
        if has_rtcp_mux(other, index) && has_rtcp_mux(previous, index) && !has_rtcp_mux(now, index) {
            broken(Reason::ReofferRtcpMux, name(&new));
        }
        if replaces_dtls(transport_section(previous, old), transport_section(now, new)) {
            broken(Reason::ReofferDtls, name(&new));
        }
        for about in remapped(&old, &new) {
            broken(Reason::ReofferPayloadType, about);
        }
    }
    found
}

/// The same when only one side is known.
pub fn reoffer(previous: &Sdp, now: &Sdp) -> Vec<Violation> {
    reoffer_with(previous, previous, now)
}

/// Whether RTCP shares the port: said so, or bundled, or no RTP at all.
fn has_rtcp_mux(sdp: &Sdp, index: usize) -> bool {
    let Some(section) = sdp.medium(index) else { return true };
    let carrier = transport_section(sdp, section);
    !section.is_rtp()
        || section.is_bundle_only()
        || carrier.index() != section.index()
        || section.has(&Attribute::RtcpMux)
}

/// Whether a new DTLS association is asked for on the old ICE session.
fn replaces_dtls(old: Section<'_>, new: Section<'_>) -> bool {
    let other_id = old.tls_id().zip(new.tls_id()).is_some_and(|(old, new)| old != new);
    let other_certificate = old.fingerprints() != new.fingerprints();
    let same_ice = old.ice_ufrag() == new.ice_ufrag() && old.ice_password() == new.ice_password();
    same_ice && (other_id || other_certificate)
}

fn remapped(old: &Section<'_>, new: &Section<'_>) -> Vec<String> {
    let before: BTreeMap<u8, _> = codec_names(old).into_iter().collect();
    let changed = codec_names(new).into_iter().filter_map(|(payload_type, name)| {
        let old = before.get(&payload_type)?;
        let other = (&old.encoding, old.clock_rate) != (&name.encoding, name.clock_rate);
        other.then(|| format!("{payload_type}: {old} and {name}"))
    });
    changed.collect()
}
