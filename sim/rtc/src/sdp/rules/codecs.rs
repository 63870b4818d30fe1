//! Rules about payload types, header extensions and encodings, in one medium and across a bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::super::place::Place;
use super::super::section::Section;
use super::super::tree::Sdp;
use super::super::value::RidDirection;
use super::{Kind, Violation};
use crate::reason::Reason;

/// What a payload type means, as far as it has to be the same in a bundle: names in lower case, and the parameters that make it another
/// codec for receivers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CodecName {
    pub(crate) media: String,
    pub(crate) encoding: String,
    pub(crate) clock_rate: u32,
    pub(crate) parameters: String,
    pub(crate) configuration: Vec<(String, String)>,
}

impl fmt::Display for CodecName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.encoding, self.clock_rate)
    }
}

/// Parameters that choose between codecs of one name: which primary is repaired, which profile, which packetization.
const CONFIGURATION: [&str; 5] = ["apt", "packetization-mode", "profile-level-id", "profile-id", "profile"];

/// Payload types that mean something without an rtpmap (RFC 3551 §6), as far as WebRTC meets them.
fn static_codec(payload_type: u8) -> Option<(&'static str, u32)> {
    Some(match payload_type {
        0 => ("pcmu", 8000),
        3 => ("gsm", 8000),
        4 => ("g723", 8000),
        8 => ("pcma", 8000),
        9 => ("g722", 8000),
        13 => ("cn", 8000),
        15 => ("g728", 8000),
        18 => ("g729", 8000),
        26 => ("jpeg", 90_000),
        31 => ("h261", 90_000),
        32 => ("mpv", 90_000),
        34 => ("h263", 90_000),
        _ => return None,
    })
}

/// What each payload type of a medium means, in the order of its `m=` line; those without meaning are left out.
pub(crate) fn codec_names(section: &Section<'_>) -> Vec<(u8, CodecName)> {
    let Some(media) = section.media_line().filter(|media| media.is_rtp()) else { return Vec::new() };
    let maps: BTreeMap<u8, _> =
        section.rtpmaps().into_iter().rev().map(|(map, _)| (map.payload_type, map)).collect();
    let fmtps = section.fmtps();
    let mut parameters: BTreeMap<u8, _> = BTreeMap::new();
    for (fmtp, _) in fmtps {
        fmtp.payload_type().map(|payload_type| parameters.entry(payload_type).or_insert(fmtp));
    }
    let named = media.payload_types().filter_map(|payload_type| {
        let (encoding, clock_rate, channels) = match maps.get(&payload_type) {
            Some(map) => (map.encoding.to_ascii_lowercase(), map.clock_rate, map.parameters.clone()),
            None => {
                let (encoding, clock_rate) = static_codec(payload_type)?;
                (encoding.to_owned(), clock_rate, None)
            }
        };
        // One channel is what no number means.
        let channels = channels.filter(|channels| channels != "1").unwrap_or_default();
        let mut name = CodecName {
            media: section.media().to_owned(),
            encoding,
            clock_rate,
            parameters: channels,
            configuration: Vec::new(),
        };
        if let Some(fmtp) = parameters.get(&payload_type) {
            let chosen = |key: &&str| Some(((*key).to_owned(), fmtp.value(key)?.to_ascii_lowercase()));
            name.configuration = CONFIGURATION.iter().filter_map(chosen).collect();
        }
        Some((payload_type, name))
    });
    named.collect()
}

pub(super) fn check(sdp: &Sdp, kind: Kind, found: &mut Vec<Violation>) {
    for section in sdp.media().filter(|section| !section.is_rejected()) {
        encodings(&section, found);
        if section.is_rtp() {
            payload_types(&section, found);
            extension_ids(&section, kind, found);
        }
    }
    let bundles = sdp.bundles();
    let mut bundled = BTreeSet::new();
    for mids in bundles {
        let sections: Vec<Section<'_>> = mids.iter().filter_map(|mid| sdp.medium_with_mid(mid)).collect();
        bundled.extend(sections.iter().filter_map(Section::index));
        clashes(&sections, found);
    }
    for section in
        sdp.media().filter(|section| section.index().is_some_and(|index| !bundled.contains(&index)))
    {
        clashes(&[section], found);
    }
}

fn payload_types(section: &Section<'_>, found: &mut Vec<Violation>) {
    let Some(media) = section.media_line() else { return };
    let mut mapped = BTreeMap::<u8, Place>::new();
    for (map, place) in section.rtpmaps() {
        if let Some(first) = mapped.insert(map.payload_type, place) {
            let about = map.payload_type.to_string();
            found.push(Violation::new(Reason::SdpPayloadTypeTwice, section, vec![first, place], about));
        }
    }
    let mut listed = BTreeSet::new();
    for payload_type in media.payload_types() {
        let about = payload_type.to_string();
        if !listed.insert(payload_type) {
            found.push(Violation::new(Reason::SdpPayloadTypeTwice, section, Vec::new(), about));
        } else if !mapped.contains_key(&payload_type) && (96..=127).contains(&payload_type) {
            found.push(Violation::new(Reason::SdpPayloadTypeUnmapped, section, Vec::new(), about));
        }
    }
    retransmissions(section, &listed, found);
}

/// RFC 4588 §8.6: a format for retransmissions names its primary with `apt`.
fn retransmissions(section: &Section<'_>, listed: &BTreeSet<u8>, found: &mut Vec<Violation>) {
    let fmtps = section.fmtps();
    for (map, place) in section.rtpmaps() {
        if !map.encoding.eq_ignore_ascii_case("rtx") || !listed.contains(&map.payload_type) {
            continue;
        }
        let fmtp = fmtps.iter().find(|(fmtp, _)| fmtp.payload_type() == Some(map.payload_type));
        let primary = fmtp.and_then(|(fmtp, _)| fmtp.value("apt")?.parse::<u8>().ok());
        if !primary.is_some_and(|primary| listed.contains(&primary)) {
            let places = fmtp.map_or_else(|| vec![place], |(_, fmtp)| vec![place, *fmtp]);
            let about = map.payload_type.to_string();
            found.push(Violation::new(Reason::SdpRtxWithoutPrimary, section, places, about));
        }
    }
}

fn extension_ids(section: &Section<'_>, kind: Kind, found: &mut Vec<Violation>) {
    for (extmap, place) in section.extmaps() {
        // An offer may name more extensions than there are ids, with ids that the answerer replaces (RFC 8285 §7).
        let provisional = kind == Kind::Offer && (4096..=4351).contains(&extmap.id);
        if !(1..=255).contains(&extmap.id) && !provisional {
            found.push(Violation::new(Reason::SdpExtensionId, section, vec![place], extmap.id.to_string()));
        }
    }
}

fn encodings(section: &Section<'_>, found: &mut Vec<Violation>) {
    let mut known = BTreeMap::<&str, (RidDirection, Place)>::new();
    for (rid, place) in section.rids() {
        if let Some((_, first)) = known.insert(&rid.id, (rid.direction, place)) {
            found.push(Violation::new(Reason::SdpDuplicateRid, section, vec![first, place], rid.id.clone()));
        }
    }
    let Some(simulcast) = section.simulcast() else { return };
    let lists = [(RidDirection::Send, &simulcast.send), (RidDirection::Recv, &simulcast.recv)];
    for (direction, streams) in lists {
        for encoding in streams.iter().flat_map(|stream| &stream.alternatives) {
            if known.get(encoding.rid.as_str()).is_none_or(|(found, _)| *found != direction) {
                found.push(Violation::new(Reason::SdpUnknownRid, section, Vec::new(), encoding.rid.clone()));
            }
        }
    }
}

/// Payload types and extension ids that mean two things among media of one transport.
fn clashes(sections: &[Section<'_>], found: &mut Vec<Violation>) {
    let mut codecs = BTreeMap::<u8, CodecName>::new();
    let mut extensions = BTreeMap::<u16, String>::new();
    for section in sections.iter().filter(|section| !section.is_rejected() && section.is_rtp()) {
        for (payload_type, name) in codec_names(section) {
            let first = codecs.entry(payload_type).or_insert_with(|| name.clone());
            if *first != name {
                let about = format!("{payload_type}: {first} and {name}");
                found.push(Violation::new(Reason::SdpPayloadTypeClash, section, Vec::new(), about));
            }
        }
        for (extmap, place) in section.extmaps() {
            let first = extensions.entry(extmap.id).or_insert_with(|| extmap.uri.clone());
            if *first != extmap.uri {
                let about = format!("{}: {first} and {}", extmap.id, extmap.uri);
                found.push(Violation::new(Reason::SdpExtensionIdClash, section, vec![place], about));
            }
        }
    }
}
