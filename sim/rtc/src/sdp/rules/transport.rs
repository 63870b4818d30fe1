//! Rules about what a medium needs to have a transport: ICE, DTLS, RTCP on the same port, SCTP (RFC 9429 §5.8.3). A bundled medium may
//! leave all of it to the tag of its bundle (RFC 9143 §7.1.3).

use super::super::section::Section;
use super::super::tree::Sdp;
use super::super::value::{Attribute, Setup};
use super::Violation;
use crate::reason::Reason;

/// The section that says how the transport of this one is set up: itself, or the tag of its bundle if it says nothing.
pub fn transport_section<'a>(sdp: &'a Sdp, section: Section<'a>) -> Section<'a> {
    let own = section.first(|attribute| matches!(attribute, Attribute::IceUfrag(_)).then_some(())).is_some();
    if own {
        return section;
    }
    let Some(mid) = section.mid() else { return section };
    let tag = sdp.bundles().into_iter().find(|mids| mids.iter().any(|found| found == mid));
    let tag = tag.and_then(|mids| sdp.medium_with_mid(mids.first()?));
    tag.unwrap_or(section)
}

/// The places where a medium in use does not share the port of RTP with RTCP, although the policy demands it.
pub fn requires_rtcp_mux(sdp: &Sdp) -> Vec<Violation> {
    let lacks = sdp.media().filter(|section| {
        let carrier = transport_section(sdp, *section);
        let muxed = section.has(&Attribute::RtcpMux) || carrier.has(&Attribute::RtcpMux);
        // A medium bundled into a data medium has no line of its own, and RTCP could go nowhere else.
        let bundled = carrier.index() != section.index();
        section.is_rtp() && !section.is_rejected() && !section.is_bundle_only() && !bundled && !muxed
    });
    lacks
        .map(|section| Violation::new(Reason::SdpMissingRtcpMux, &section, Vec::new(), name(&section)))
        .collect()
}

pub(super) fn name(section: &Section<'_>) -> String {
    section.mid().map_or_else(|| section.media().to_owned(), str::to_owned)
}

pub(super) fn check(sdp: &Sdp, found: &mut Vec<Violation>) {
    for section in sdp.media().filter(|section| !section.is_rejected()) {
        let carrier = transport_section(sdp, section);
        let mut missing = |rule| found.push(Violation::new(rule, &section, Vec::new(), name(&section)));
        if carrier.ice_ufrag().is_none() || carrier.ice_password().is_none() {
            missing(Reason::SdpMissingIce);
        }
        if carrier.fingerprints().is_empty() {
            missing(Reason::SdpMissingFingerprint);
        }
        match carrier.setup() {
            None => missing(Reason::SdpMissingSetup),
            Some(Setup::HoldConn) => missing(Reason::SdpHoldConn),
            Some(_) => {}
        }
        if section.has(&Attribute::RtcpMuxOnly) && !section.has(&Attribute::RtcpMux) {
            missing(Reason::SdpMuxOnlyWithoutMux);
        }
        if section.is_sctp() && section.sctp_port().is_none() {
            missing(Reason::SdpMissingSctpPort);
        }
    }
}
