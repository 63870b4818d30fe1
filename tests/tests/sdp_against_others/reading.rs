//! One text in the eyes of four readers, brought into a form that can be compared: the lines as they stand for those that leave values as
//! text, and values for those that take them apart.

use std::io::Cursor;
use std::net::IpAddr;

use rtclab_rtc::sdp::{Attribute, Content, Sdp, SdpProblem, Section};
use webrtc_sdp::attribute_type::{SdpAttribute, SdpAttributeCandidate};
use webrtc_sdp::error::SdpParserError;

/// A reader that is not ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Other {
    /// Mozilla's, which takes the values of attributes apart.
    WebrtcSdp,
    /// A reader of lines.
    SdpTypes,
    /// A reader of lines, that of webrtc-rs.
    RtcSdp,
}

/// What a reader found: a text for each fact, in an order that all agree about.
pub(crate) type Facts = Vec<String>;

/// What a reader says of a text: its facts, or why it refuses.
pub(crate) type Verdict = Result<Facts, String>;

/// Ours: both forms at once, since it depends on the other reader which one is asked for.
pub(crate) fn ours(text: &str, other: Other) -> Verdict {
    let sdp = Sdp::parse(text).map_err(|error| {
        let line = text.lines().nth((error.place.line as usize).saturating_sub(1)).unwrap_or_default();
        kind(&error.problem, line.trim_start().starts_with("a="), line)
    })?;
    let sections = std::iter::once(sdp.session()).chain(sdp.media());
    Ok(match other {
        Other::WebrtcSdp => sections.flat_map(values).collect(),
        Other::SdpTypes | Other::RtcSdp => sections.flat_map(lines).collect(),
    })
}

/// What is wrong, without what was found.
fn kind(problem: &SdpProblem, in_attribute: bool, line: &str) -> String {
    match problem {
        SdpProblem::NotALine { .. } | SdpProblem::UnknownType { .. } => "no line".to_owned(),
        SdpProblem::OutOfOrder { .. } => "a line out of order".to_owned(),
        SdpProblem::Missing { missing } => format!("{missing}= is missing"),
        SdpProblem::Repeated { found } => format!("a second {found}="),
        SdpProblem::Expected { .. }
        | SdpProblem::Ends { .. }
        | SdpProblem::Trailing { .. }
        | SdpProblem::NotAFlag { .. }
        | SdpProblem::NeedsValue { .. } => match in_attribute {
            true => "value of an attribute".to_owned(),
            false => format!("value of {}", line.get(..2).unwrap_or_default()),
        },
        SdpProblem::TooLong { .. } | SdpProblem::Empty | SdpProblem::ForbiddenByte { .. } => {
            problem.to_string()
        }
    }
}

/// Media and attributes as they stand.
fn lines(section: Section<'_>) -> Facts {
    let mut facts = Vec::new();
    facts.extend(section.media_line().map(|_| section.text_of(&section.lines()[0])[2..].to_owned()));
    for line in section.lines() {
        if let Content::Attribute(_) = &line.content {
            facts.push(section.text_of(line)[2..].to_owned());
        }
    }
    facts
}

fn address(text: &str) -> String {
    text.parse::<IpAddr>().map_or_else(|_| text.to_owned(), |ip| ip.to_string())
}

/// The values that the layers above need.
fn values(section: Section<'_>) -> Facts {
    let at = section.index().map_or_else(|| "session".to_owned(), |index| index.to_string());
    let mut facts = Vec::new();
    if let Some(media) = section.media_line() {
        facts.push(format!("{at} m {} {}", media.media, media.port));
    }
    for (attribute, _) in section.attributes() {
        facts.extend(value(attribute).map(|value| format!("{at} {value}")));
    }
    facts
}

fn value(attribute: &Attribute) -> Option<String> {
    Some(match attribute {
        Attribute::Candidate(candidate) => {
            let related =
                candidate.related.as_ref().map(|(related, port)| format!("{} {port}", address(related)));
            format!(
                "candidate {} {} {} {} {} {} {} {} {}",
                candidate.foundation,
                candidate.component,
                candidate.transport.to_ascii_lowercase(),
                candidate.priority,
                address(&candidate.address),
                candidate.port,
                candidate.kind,
                related.unwrap_or_default(),
                candidate.extension("tcptype").unwrap_or_default(),
            )
        }
        Attribute::IceUfrag(ufrag) => format!("ice-ufrag {ufrag}"),
        Attribute::IcePwd(password) => format!("ice-pwd {password}"),
        Attribute::Mid(mid) => format!("mid {mid}"),
        Attribute::Setup(setup) => format!("setup {setup}"),
        Attribute::Fingerprint(fingerprint) => {
            format!("fingerprint {} {:?}", fingerprint.hash, fingerprint.bytes)
        }
        Attribute::RtpMap(map) => {
            let channels = map.parameters.clone().unwrap_or_default();
            format!("rtpmap {} {} {} {channels}", map.payload_type, map.encoding, map.clock_rate)
        }
        Attribute::SctpPort(port) => format!("sctp-port {port}"),
        Attribute::MaxMessageSize(size) => format!("max-message-size {size}"),
        Attribute::RtcpMux => "rtcp-mux".to_owned(),
        Attribute::Direction(direction) => direction.word().to_owned(),
        _ => return None,
    })
}

/// One of the others.
pub(crate) fn theirs(text: &str, other: Other) -> Verdict {
    match other {
        Other::WebrtcSdp => webrtc_sdp(text),
        Other::SdpTypes => sdp_types(text),
        Other::RtcSdp => rtc_sdp(text),
    }
}

fn webrtc_sdp(text: &str) -> Verdict {
    let sdp = webrtc_sdp::parse_sdp(text, false).map_err(|error| match error {
        SdpParserError::Line { error, .. } | SdpParserError::Unsupported { error, .. } => error.to_string(),
        SdpParserError::Sequence { message, .. } => message,
    })?;
    let mut facts: Facts =
        sdp.attribute.iter().filter_map(their_value).map(|value| format!("session {value}")).collect();
    for (index, media) in sdp.media.iter().enumerate() {
        facts.push(format!("{index} m {} {}", media.get_type(), media.get_port()));
        let values = media.get_attributes().iter().filter_map(their_value);
        facts.extend(values.map(|value| format!("{index} {value}")));
    }
    Ok(facts)
}

fn their_candidate(candidate: &SdpAttributeCandidate) -> String {
    let related = candidate.raddr.as_ref().zip(candidate.rport);
    let related = related.map(|(related, port)| format!("{} {port}", address(&related.to_string())));
    format!(
        "candidate {} {} {} {} {} {} {} {} {}",
        candidate.foundation,
        candidate.component,
        candidate.transport.to_string().to_ascii_lowercase(),
        candidate.priority,
        address(&candidate.address.to_string()),
        candidate.port,
        candidate.c_type,
        related.unwrap_or_default(),
        candidate.tcp_type.as_ref().map(ToString::to_string).unwrap_or_default(),
    )
}

fn their_value(attribute: &SdpAttribute) -> Option<String> {
    Some(match attribute {
        SdpAttribute::Candidate(candidate) => their_candidate(candidate),
        SdpAttribute::IceUfrag(ufrag) => format!("ice-ufrag {ufrag}"),
        SdpAttribute::IcePwd(password) => format!("ice-pwd {password}"),
        SdpAttribute::Mid(mid) => format!("mid {mid}"),
        SdpAttribute::Setup(setup) => format!("setup {setup}"),
        SdpAttribute::Fingerprint(fingerprint) => {
            format!("fingerprint {} {:?}", fingerprint.hash_algorithm, fingerprint.fingerprint)
        }
        SdpAttribute::Rtpmap(map) => {
            let channels = map.channels.map(|channels| channels.to_string()).unwrap_or_default();
            format!("rtpmap {} {} {} {channels}", map.payload_type, map.codec_name, map.frequency)
        }
        SdpAttribute::SctpPort(port) => format!("sctp-port {port}"),
        SdpAttribute::MaxMessageSize(size) => format!("max-message-size {size}"),
        SdpAttribute::RtcpMux => "rtcp-mux".to_owned(),
        SdpAttribute::Sendrecv => "sendrecv".to_owned(),
        SdpAttribute::Sendonly => "sendonly".to_owned(),
        SdpAttribute::Recvonly => "recvonly".to_owned(),
        SdpAttribute::Inactive => "inactive".to_owned(),
        _ => return None,
    })
}

fn sdp_types(text: &str) -> Verdict {
    let sdp = sdp_types::Session::parse(text.as_bytes()).map_err(|error| error.to_string())?;
    let attribute =
        |attribute: &sdp_types::Attribute| joined(&attribute.attribute, attribute.value.as_deref());
    let mut facts: Facts = sdp.attributes.iter().map(attribute).collect();
    for media in &sdp.medias {
        let ports = media.num_ports.map(|count| format!("/{count}")).unwrap_or_default();
        facts.push(format!("{} {}{ports} {} {}", media.media, media.port, media.proto, media.fmt));
        facts.extend(media.attributes.iter().map(attribute));
    }
    Ok(facts)
}

fn rtc_sdp(text: &str) -> Verdict {
    let mut reader = Cursor::new(text.as_bytes());
    let sdp = rtc_sdp::SessionDescription::unmarshal(&mut reader).map_err(|error| error.to_string())?;
    let attribute = |attribute: &rtc_sdp::description::common::Attribute| attribute.to_string();
    let mut facts: Facts = sdp.attributes.iter().map(attribute).collect();
    for media in &sdp.media_descriptions {
        facts.push(media.media_name.to_string());
        facts.extend(media.attributes.iter().map(attribute));
    }
    Ok(facts)
}

fn joined(name: &str, value: Option<&str>) -> String {
    value.map_or_else(|| name.to_owned(), |value| format!("{name}:{value}"))
}
