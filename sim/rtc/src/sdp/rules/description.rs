//! Rules inside one description: names, groups, repeated and misplaced attributes, forbidden features. Not here: transports
//! ([`super::transport`]), codecs and extensions ([`super::codecs`]).

use std::collections::BTreeMap;

use super::super::place::Place;
use super::super::registry::{Level, about};
use super::super::section::Section;
use super::super::tree::Sdp;
use super::super::value::Attribute;
use super::{Kind, Violation, codecs, transport};
use crate::reason::Reason;

/// Every rule that this description breaks by itself (RFC 9429 §5.8).
pub fn description(sdp: &Sdp, kind: Kind) -> Vec<Violation> {
    let mut found = Vec::new();
    duplicate_mids(sdp, &mut found);
    groups(sdp, &mut found);
    for section in std::iter::once(sdp.session()).chain(sdp.media()) {
        repeated(&section, &mut found);
        wrong_level(&section, &mut found);
        forbidden(&section, &mut found);
    }
    transport::check(sdp, &mut found);
    codecs::check(sdp, kind, &mut found);
    found
}

fn duplicate_mids(sdp: &Sdp, found: &mut Vec<Violation>) {
    let mut seen = BTreeMap::<&str, Place>::new();
    for section in sdp.media() {
        let mid = section.attributes().find_map(|(attribute, place)| match attribute {
            Attribute::Mid(mid) => Some((mid.as_str(), place)),
            _ => None,
        });
        let Some((mid, place)) = mid else { continue };
        if let Some(first) = seen.insert(mid, place) {
            found.push(Violation::new(Reason::SdpDuplicateMid, &section, vec![first, place], mid));
        }
    }
}

fn groups(sdp: &Sdp, found: &mut Vec<Violation>) {
    let mids: std::collections::BTreeSet<&str> = sdp.media().filter_map(|section| section.mid()).collect();
    let mut bundled = BTreeMap::<&str, Place>::new();
    let session = sdp.session();
    for (group, place) in session.groups() {
        for mid in &group.mids {
            if !mids.contains(mid.as_str()) {
                found.push(Violation::new(Reason::SdpUnknownMid, &session, vec![place], mid));
            }
            if group.is_bundle()
                && let Some(first) = bundled.insert(mid, place)
            {
                let places = if first == place { vec![place] } else { vec![first, place] };
                found.push(Violation::new(Reason::SdpTwoBundles, &session, places, mid));
            }
        }
    }
}

/// Attributes that a section has once at most.
const ONCE: [&str; 22] = [
    "mid",
    "ice-ufrag",
    "ice-pwd",
    "ice-options",
    "ice-lite",
    "ice-pacing",
    "end-of-candidates",
    "setup",
    "tls-id",
    "sctp-port",
    "max-message-size",
    "sctpmap",
    "bundle-only",
    "rtcp",
    "rtcp-mux",
    "rtcp-mux-only",
    "rtcp-rsize",
    "simulcast",
    "ptime",
    "maxptime",
    "extmap-allow-mixed",
    "msid-semantic",
];

fn repeated(section: &Section<'_>, found: &mut Vec<Violation>) {
    let mut seen = BTreeMap::<&str, Place>::new();
    let mut direction = None;
    for (attribute, place) in section.attributes() {
        if let Attribute::Direction(word) = attribute {
            if let Some(first) = direction.replace(place) {
                let places = vec![first, place];
                found.push(Violation::new(Reason::SdpTwoDirections, section, places, word.word()));
            }
        } else if let Some(name) = ONCE.into_iter().find(|name| *name == attribute.name())
            && let Some(first) = seen.insert(name, place)
        {
            found.push(Violation::new(Reason::SdpRepeatedAttribute, section, vec![first, place], name));
        }
    }
}

fn wrong_level(section: &Section<'_>, found: &mut Vec<Violation>) {
    let here = if section.index().is_some() { Level::Media } else { Level::Session };
    for (attribute, place) in section.attributes() {
        let level = about(attribute.name()).map_or(Level::Both, |about| about.level);
        if level != Level::Both && level != here {
            found.push(Violation::new(Reason::SdpWrongLevel, section, vec![place], attribute.name()));
        }
    }
}

fn forbidden(section: &Section<'_>, found: &mut Vec<Violation>) {
    for (attribute, place) in section.attributes() {
        if matches!(attribute.name(), "crypto" | "key-mgmt") {
            found.push(Violation::new(Reason::SdpSdes, section, vec![place], attribute.name()));
        }
    }
    plan_b(section, found);
}

/// Tracks that one medium carries; more than one is Plan B.
fn plan_b(section: &Section<'_>, found: &mut Vec<Violation>) {
    let mut tracks = BTreeMap::<&str, Place>::new();
    for (attribute, place) in section.attributes() {
        let track = match attribute {
            Attribute::Msid(msid) => msid.track.as_deref(),
            Attribute::Ssrc(ssrc) if ssrc.attribute == "msid" => {
                ssrc.value.as_deref().and_then(|value| value.split(' ').nth(1))
            }
            _ => None,
        };
        if let Some(track) = track {
            tracks.entry(track).or_insert(place);
        }
    }
    if tracks.len() > 1 {
        let mut places: Vec<Place> = tracks.values().copied().collect();
        places.sort();
        found.push(Violation::new(Reason::SdpPlanB, section, places, format!("{} tracks", tracks.len())));
    }
}
