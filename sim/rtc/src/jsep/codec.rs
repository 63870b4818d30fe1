//! Codecs: what they are, and when a codec of ours is the one that a description means (fmtp match). Not here: which payload types they
//! get ([`super::payload_types`]).

use super::types::MediaKind;
use crate::sdp::{Fmtp, RtcpFeedback, RtpMap, Section};

/// A codec, or a format beside codecs such as `telephone-event`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codec {
    /// Its name; case does not matter.
    pub name: String,
    /// Ticks of the RTP timestamp per second.
    pub clock_rate: u32,
    /// The number of channels, if it is not one.
    pub channels: Option<u8>,
    /// The value of its `fmtp` line; empty for none.
    pub parameters: String,
    /// Feedback it can use.
    pub feedback: Vec<String>,
    /// The payload type that its software gives it if it is free.
    pub payload_type: Option<u8>,
    /// The payload type for retransmissions of it, if they are supported; 0 leaves the choice open.
    pub retransmission: Option<u8>,
}

impl Codec {
    /// A codec without parameters.
    pub fn new(name: &str, clock_rate: u32) -> Codec {
        Codec {
            name: name.to_owned(),
            clock_rate,
            channels: None,
            parameters: String::new(),
            feedback: Vec::new(),
            payload_type: None,
            retransmission: None,
        }
    }

    /// The same with this payload type preferred.
    #[must_use]
    pub fn at(mut self, payload_type: u8) -> Codec {
        self.payload_type = Some(payload_type);
        self
    }

    /// The same with parameters.
    #[must_use]
    pub fn with(mut self, parameters: &str) -> Codec {
        parameters.clone_into(&mut self.parameters);
        self
    }

    /// The same with so many channels.
    #[must_use]
    pub fn channels(mut self, channels: u8) -> Codec {
        self.channels = Some(channels);
        self
    }

    /// The same with feedback.
    #[must_use]
    pub fn feedback(mut self, feedback: &[&str]) -> Codec {
        self.feedback = feedback.iter().map(|kind| (*kind).to_owned()).collect();
        self
    }

    /// The same with retransmissions at this payload type.
    #[must_use]
    pub fn rtx(mut self, payload_type: u8) -> Codec {
        self.retransmission = Some(payload_type);
        self
    }

    /// Whether media can be sent with it alone: not repair, comfort noise, tones or redundancy.
    pub fn is_primary(&self) -> bool {
        let beside = ["rtx", "red", "ulpfec", "flexfec-03", "flexfec", "cn", "telephone-event"];
        !beside.iter().any(|name| self.name.eq_ignore_ascii_case(name))
    }

    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.parameters.split(';').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Its `rtpmap` under this payload type.
    pub fn rtpmap(&self, payload_type: u8) -> RtpMap {
        RtpMap {
            payload_type,
            encoding: self.name.clone(),
            clock_rate: self.clock_rate,
            parameters: self.channels.filter(|channels| *channels != 1).map(|channels| channels.to_string()),
        }
    }

    /// Its `fmtp` under this payload type, if it has parameters.
    pub fn fmtp(&self, payload_type: u8) -> Option<Fmtp> {
        let parameters = self.parameters.clone();
        (!parameters.is_empty()).then(|| Fmtp { format: payload_type.to_string(), parameters })
    }

    /// Its feedback under this payload type.
    pub fn rtcp_feedback(&self, payload_type: u8) -> impl Iterator<Item = RtcpFeedback> + '_ {
        let line = move |kind: &String| RtcpFeedback { payload_type: Some(payload_type), kind: kind.clone() };
        self.feedback.iter().map(line)
    }

    /// Whether `other` is the same codec, set up in a way that one of them can decode what the other sends (RFC 3264 §6.1 with the RFCs
    /// of the payload formats).
    pub fn matches(&self, other: &Codec) -> bool {
        let same_name = self.name.eq_ignore_ascii_case(&other.name);
        let channels = |codec: &Codec| codec.channels.unwrap_or(1);
        same_name
            && self.clock_rate == other.clock_rate
            && channels(self) == channels(other)
            && self.parameters_match(other)
    }

    fn parameters_match(&self, other: &Codec) -> bool {
        let same = |name: &str, default: &str| {
            let value = |codec: &Codec| codec.parameter(name).unwrap_or(default).to_ascii_lowercase();
            value(self) == value(other)
        };
        match self.name.to_ascii_lowercase().as_str() {
            // RFC 6184 §8.2.2: profile and packetization mode are symmetric, the level is not part of it.
            "h264" => same("packetization-mode", "0") && h264_profile(self) == h264_profile(other),
            // RFC 9628 §6: profile 0 is what nothing means.
            "vp9" => same("profile-id", "0"),
            // The AV1 payload format, §7.2.1.
            "av1" => same("profile", "0"),
            // RFC 7798 §7.2.2: profile, tier and transmission mode are symmetric.
            "h265" => same("profile-id", "1") && same("tier-flag", "0") && same("tx-mode", "srst"),
            _ => true,
        }
    }
}

/// Profile and constraints of `profile-level-id`, without the level. Baseline with all constraints is constrained baseline, however it is
/// written (RFC 6184 §8.1, table 5).
fn h264_profile(codec: &Codec) -> (u8, u8) {
    let id = codec.parameter("profile-level-id").unwrap_or("420010");
    let byte = |at: usize| id.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).unwrap_or(0);
    match (byte(0), byte(2) & 0xF0) {
        // Constraint set 1 of Baseline, and set 0 of Main or Extended, mean constrained baseline.
        (0x42, constraints) if constraints & 0x40 != 0 => (0x42, 0x40),
        (0x4D, constraints) if constraints & 0x80 != 0 => (0x42, 0x40),
        (0x58, constraints) if constraints & 0xC0 == 0xC0 => (0x42, 0x40),
        (0x42, _) => (0x42, 0),
        (0x4D, _) => (0x4D, 0),
        (profile, constraints) => (profile, constraints),
    }
}

/// A codec with the payload type it has in a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadCodec {
    /// The payload type.
    pub payload_type: u8,
    /// The codec.
    pub codec: Codec,
    /// The payload type of its retransmissions.
    pub retransmission: Option<u8>,
}

/// What a medium offers or answers, in its order: retransmissions stand with their codecs.
pub(super) fn codecs_of(section: &Section<'_>) -> Vec<PayloadCodec> {
    let listed = listed(section);
    let rtx = |payload_type: u8| {
        let is_rtx = |(_, codec): &&(u8, Codec)| {
            codec.name.eq_ignore_ascii_case("rtx")
                && codec.parameter("apt") == Some(&payload_type.to_string())
        };
        listed.iter().find(is_rtx).map(|(payload_type, _)| *payload_type)
    };
    let codecs = listed.iter().filter(|(_, codec)| !codec.name.eq_ignore_ascii_case("rtx"));
    let codecs = codecs.map(|(payload_type, codec)| PayloadCodec {
        payload_type: *payload_type,
        codec: codec.clone(),
        retransmission: rtx(*payload_type),
    });
    codecs.collect()
}

/// Every payload type of the `m=` line that is understood.
fn listed(section: &Section<'_>) -> Vec<(u8, Codec)> {
    let names = crate::sdp::rules::codec_names(section);
    let (fmtps, feedback, maps) = (section.fmtps(), section.feedback(), section.rtpmaps());
    let codecs = names.into_iter().map(|(payload_type, name)| {
        let map = maps.iter().find(|(map, _)| map.payload_type == payload_type).map(|(map, _)| *map);
        let encoding = map.map_or_else(|| name.encoding.to_ascii_uppercase(), |map| map.encoding.clone());
        let mut codec = Codec::new(&encoding, name.clock_rate).at(payload_type);
        codec.channels = name.parameters.parse().ok();
        let fmtp = fmtps.iter().find(|(fmtp, _)| fmtp.payload_type() == Some(payload_type));
        codec.parameters = fmtp.map(|(fmtp, _)| fmtp.parameters.clone()).unwrap_or_default();
        let mine =
            feedback.iter().filter(|(line, _)| line.payload_type.is_none_or(|found| found == payload_type));
        codec.feedback = mine.map(|(line, _)| line.kind.clone()).collect();
        (payload_type, codec)
    });
    codecs.collect()
}

/// The kind of a medium, if it is one of RTP that tracks have.
pub(super) fn kind_of(section: &Section<'_>) -> Option<MediaKind> {
    match section.media() {
        "audio" if section.is_rtp() => Some(MediaKind::Audio),
        "video" if section.is_rtp() => Some(MediaKind::Video),
        _ => None,
    }
}
