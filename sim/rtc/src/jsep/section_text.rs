//! The lines of one medium in a description of ours (RFC 9429 §5.2.1, §5.3.1). Not here: what is decided about the medium
//! ([`super::offer`], [`super::answer`]).

use super::codec::PayloadCodec;
use super::description::default_candidate;
use super::profile::Profile;
use super::types::{IceCredentials, MediaKind};
use crate::sdp::{
    Attribute, Candidate, Connection, Direction, Extmap, Fingerprint, Fmtp, MediaLine, Msid, Rid,
    RidDirection, Rtcp, RtpMap, Setup, Simulcast, SsrcAttribute, SsrcGroup,
};

/// A medium as it is to be written.
#[derive(Clone, Debug)]
pub(super) struct SectionText {
    pub(super) media: MediaLine,
    pub(super) connection: Connection,
    pub(super) attributes: Vec<Attribute>,
}

/// What a medium of RTP says besides its transport.
#[derive(Clone, Debug)]
pub(super) struct RtpText {
    pub(super) kind: MediaKind,
    pub(super) mid: Option<String>,
    pub(super) protocol: String,
    pub(super) direction: Direction,
    /// Whether the transceiver wants to send, even if the other side does not receive.
    pub(super) sends: bool,
    pub(super) codecs: Vec<PayloadCodec>,
    pub(super) extensions: Vec<(u16, String)>,
    /// Encodings to send, by name.
    pub(super) rids: Vec<String>,
    pub(super) streams: Vec<String>,
    pub(super) track: String,
    pub(super) ssrcs: (u32, u32),
    pub(super) cname: String,
}

/// What a medium says about its transport.
#[derive(Clone, Debug)]
pub(super) enum TransportText {
    /// It describes one.
    Own(Box<OwnTransport>),
    /// It uses that of its bundle, and has this port: that of the bundle's default candidate.
    Bundled(Vec<Candidate>),
    /// It is offered inside the bundle only.
    BundleOnly,
    /// It is in the bundle and repeats what the tag says, except for candidates.
    Repeated(Box<OwnTransport>),
}

/// A transport as its medium describes it.
#[derive(Clone, Debug)]
pub(super) struct OwnTransport {
    pub(super) credentials: IceCredentials,
    pub(super) setup: Setup,
    pub(super) tls_id: Option<String>,
    pub(super) fingerprints: Vec<Fingerprint>,
    pub(super) candidates: Vec<Candidate>,
    pub(super) complete: bool,
    pub(super) rtcp: RtcpText,
    /// `ice-options` at this level.
    pub(super) ice_options: Vec<String>,
}

/// How RTCP is carried.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RtcpText {
    pub(super) mux: bool,
    pub(super) mux_only: bool,
    pub(super) rsize: bool,
    pub(super) line: bool,
}

pub(super) fn unspecified() -> Connection {
    connection("IP4", "0.0.0.0")
}

fn connection(family: &str, address: &str) -> Connection {
    Connection { network_type: "IN".to_owned(), address_type: family.to_owned(), address: address.to_owned() }
}

/// Port and address of the default candidate; port 9 and no address while there is none (RFC 8840 §4.1.1).
fn defaults(candidates: &[Candidate]) -> (u16, Connection) {
    match default_candidate(candidates) {
        Some(candidate) => {
            let family = if candidate.address.contains(':') { "IP6" } else { "IP4" };
            (candidate.port, connection(family, &candidate.address))
        }
        None => (9, unspecified()),
    }
}

/// A medium with port 0: what stands in its `m=` line otherwise is kept.
pub(super) fn rejected(media: &MediaLine, mid: Option<&str>) -> SectionText {
    let media = MediaLine { port: 0, port_count: None, ..media.clone() };
    let mut attributes: Vec<Attribute> = mid.map(|mid| Attribute::Mid(mid.to_owned())).into_iter().collect();
    if media.is_rtp() {
        attributes.push(Attribute::Direction(Direction::Inactive));
    }
    SectionText { media, connection: unspecified(), attributes }
}

/// A medium of RTP.
pub(super) fn rtp(profile: &Profile, text: &RtpText, transport: &TransportText) -> SectionText {
    let (port, connection) = port_and_address(transport);
    let numbers =
        text.codecs.iter().flat_map(|codec| std::iter::once(codec.payload_type).chain(codec.retransmission));
    let media = MediaLine {
        media: text.kind.word().to_owned(),
        port,
        port_count: None,
        protocol: text.protocol.clone(),
        formats: numbers.map(|number| number.to_string()).collect(),
    };
    let mut attributes = Vec::new();
    attributes.extend(text.mid.clone().map(Attribute::Mid));
    attributes.push(Attribute::Direction(text.direction));
    codecs(text, &mut attributes);
    if text.kind == MediaKind::Audio {
        attributes.extend(profile.maxptime_ms.map(|maxptime| Attribute::MaxPtime(maxptime.to_string())));
    }
    attributes.extend(text.extensions.iter().map(|(id, uri)| {
        Attribute::Extmap(Extmap { id: *id, direction: None, uri: uri.clone(), attributes: None })
    }));
    if text.sends {
        sending(profile, text, &mut attributes);
    }
    transport_lines(transport, true, &mut attributes);
    SectionText { media, connection, attributes }
}

fn codecs(text: &RtpText, attributes: &mut Vec<Attribute>) {
    for PayloadCodec { payload_type, codec, retransmission } in &text.codecs {
        attributes.push(Attribute::RtpMap(codec.rtpmap(*payload_type)));
        attributes.extend(codec.rtcp_feedback(*payload_type).map(Attribute::RtcpFeedback));
        attributes.extend(codec.fmtp(*payload_type).map(Attribute::Fmtp));
        if let Some(retransmission) = retransmission {
            let (encoding, clock_rate) = ("rtx".to_owned(), codec.clock_rate);
            let map = RtpMap { payload_type: *retransmission, encoding, clock_rate, parameters: None };
            let fmtp = Fmtp { format: retransmission.to_string(), parameters: format!("apt={payload_type}") };
            attributes.extend([Attribute::RtpMap(map), Attribute::Fmtp(fmtp)]);
        }
    }
}

/// Streams, sources and encodings of what is sent.
fn sending(profile: &Profile, text: &RtpText, attributes: &mut Vec<Attribute>) {
    let track = profile.msid_track.then(|| text.track.clone());
    let none = ["-".to_owned()];
    let streams = if text.streams.is_empty() { &none[..] } else { &text.streams[..] };
    let msids = streams.iter().map(|stream| Msid { stream: stream.clone(), track: track.clone() });
    attributes.extend(msids.map(Attribute::Msid));
    for rid in &text.rids {
        let (payload_types, restrictions) = (Vec::new(), Vec::new());
        let direction = RidDirection::Send;
        attributes.push(Attribute::Rid(Rid { id: rid.clone(), direction, payload_types, restrictions }));
    }
    if text.rids.len() > 1 {
        attributes.push(Attribute::Simulcast(Simulcast::of(&text.rids, RidDirection::Send)));
    }
    // Sources of encodings with names are told apart by those names, not by lines.
    if profile.ssrc_lines && text.rids.is_empty() {
        let repaired = text.codecs.iter().any(|codec| codec.retransmission.is_some());
        if repaired {
            let ssrcs = vec![text.ssrcs.0, text.ssrcs.1];
            attributes.push(Attribute::SsrcGroup(SsrcGroup { semantics: "FID".to_owned(), ssrcs }));
        }
        let ssrcs = std::iter::once(text.ssrcs.0).chain(repaired.then_some(text.ssrcs.1));
        attributes.extend(ssrcs.map(|ssrc| {
            let (attribute, value) = ("cname".to_owned(), Some(text.cname.clone()));
            Attribute::Ssrc(SsrcAttribute { ssrc, attribute, value })
        }));
    }
}

/// The medium of data channels.
pub(super) fn data(
    (protocol, formats): (String, Vec<String>),
    mid: Option<String>,
    (sctp_port, max_message_size): (u16, u64),
    old_form: bool,
    transport: &TransportText,
) -> SectionText {
    let (port, connection) = port_and_address(transport);
    let media = MediaLine { media: "application".to_owned(), port, port_count: None, protocol, formats };
    let mut attributes: Vec<Attribute> = mid.map(Attribute::Mid).into_iter().collect();
    if old_form {
        let application = "webrtc-datachannel".to_owned();
        let map = crate::sdp::SctpMap { port: sctp_port, application, streams: Some(1024) };
        attributes.push(Attribute::SctpMap(map));
    } else {
        attributes.push(Attribute::SctpPort(sctp_port));
    }
    attributes.push(Attribute::MaxMessageSize(max_message_size));
    transport_lines(transport, false, &mut attributes);
    SectionText { media, connection, attributes }
}

fn port_and_address(transport: &TransportText) -> (u16, Connection) {
    match transport {
        TransportText::Own(own) => defaults(&own.candidates),
        TransportText::Bundled(candidates) => defaults(candidates),
        TransportText::BundleOnly => (0, unspecified()),
        TransportText::Repeated(_) => (9, unspecified()),
    }
}

fn transport_lines(transport: &TransportText, is_rtp: bool, attributes: &mut Vec<Attribute>) {
    let (own, repeated) = match transport {
        TransportText::Own(own) => (own, false),
        TransportText::Repeated(own) => (own, true),
        TransportText::Bundled(_) => return,
        TransportText::BundleOnly => {
            attributes.push(Attribute::BundleOnly);
            return;
        }
    };
    attributes.push(Attribute::IceUfrag(own.credentials.ufrag.clone()));
    attributes.push(Attribute::IcePwd(own.credentials.password.clone()));
    if !own.ice_options.is_empty() {
        attributes.push(Attribute::IceOptions(own.ice_options.clone()));
    }
    attributes.extend(own.fingerprints.iter().cloned().map(Attribute::Fingerprint));
    attributes.push(Attribute::Setup(own.setup));
    attributes.extend(own.tls_id.clone().map(Attribute::TlsId));
    if is_rtp {
        rtcp(&own.rtcp, attributes);
    }
    if !repeated {
        attributes.extend(own.candidates.iter().cloned().map(Attribute::Candidate));
        if own.complete {
            attributes.push(Attribute::EndOfCandidates);
        }
    }
}

fn rtcp(rtcp: &RtcpText, attributes: &mut Vec<Attribute>) {
    if rtcp.line {
        attributes.push(Attribute::Rtcp(Rtcp { port: 9, connection: Some(unspecified()) }));
    }
    if rtcp.mux {
        attributes.push(Attribute::RtcpMux);
    }
    if rtcp.mux_only {
        attributes.push(Attribute::RtcpMuxOnly);
    }
    if rtcp.rsize {
        attributes.push(Attribute::RtcpRsize);
    }
}
