//! The values of lines as types that write themselves back. Not here: where they stand in the text ([`super::line`]), and what they mean
//! to a reader ([`super::registry`]).

mod codec;
mod dtls;
mod group;
mod ice;
mod image;
mod read;
mod rtp;
pub(super) mod session;
mod simulcast;

use std::fmt;

pub use codec::{Fmtp, RtcpFeedback, RtpMap};
pub use dtls::{Fingerprint, Setup};
pub use group::{Group, Msid, MsidSemantic, SctpMap};
pub use ice::{Candidate, RemoteCandidate};
pub use image::{ImageAttr, ImageSizes};
pub(in crate::sdp) use read::attribute;
pub use rtp::{Direction, Extmap, Rtcp, SsrcAttribute, SsrcGroup};
pub use session::{Bandwidth, Connection, MediaLine, Origin, Timing};
pub use simulcast::{Rid, RidDirection, Simulcast, SimulcastEncoding, SimulcastStream};

/// An attribute: what stands behind `a=`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Attribute {
    /// `candidate`
    Candidate(Candidate),
    /// `remote-candidates`
    RemoteCandidates(Vec<RemoteCandidate>),
    /// `ice-ufrag`
    IceUfrag(String),
    /// `ice-pwd`
    IcePwd(String),
    /// `ice-options`
    IceOptions(Vec<String>),
    /// `ice-pacing`, in milliseconds
    IcePacing(u64),
    /// `ice-lite`
    IceLite,
    /// `ice-mismatch`
    IceMismatch,
    /// `end-of-candidates`
    EndOfCandidates,
    /// `fingerprint`
    Fingerprint(Fingerprint),
    /// `setup`
    Setup(Setup),
    /// `tls-id`
    TlsId(String),
    /// `sctp-port`
    SctpPort(u16),
    /// `max-message-size`, in bytes; 0 is any size
    MaxMessageSize(u64),
    /// `sctpmap`
    SctpMap(SctpMap),
    /// `group`
    Group(Group),
    /// `mid`
    Mid(String),
    /// `bundle-only`
    BundleOnly,
    /// `msid`
    Msid(Msid),
    /// `msid-semantic`
    MsidSemantic(MsidSemantic),
    /// `rtpmap`
    RtpMap(RtpMap),
    /// `fmtp`
    Fmtp(Fmtp),
    /// `rtcp-fb`
    RtcpFeedback(RtcpFeedback),
    /// `rtcp`
    Rtcp(Rtcp),
    /// `rtcp-mux`
    RtcpMux,
    /// `rtcp-mux-only`
    RtcpMuxOnly,
    /// `rtcp-rsize`
    RtcpRsize,
    /// `extmap`
    Extmap(Extmap),
    /// `extmap-allow-mixed`
    ExtmapAllowMixed,
    /// `sendrecv`, `sendonly`, `recvonly` or `inactive`
    Direction(Direction),
    /// `ssrc`
    Ssrc(SsrcAttribute),
    /// `ssrc-group`
    SsrcGroup(SsrcGroup),
    /// `rid`
    Rid(Rid),
    /// `simulcast`
    Simulcast(Simulcast),
    /// `imageattr`
    ImageAttr(ImageAttr),
    /// `ptime`, in milliseconds
    Ptime(String),
    /// `maxptime`, in milliseconds
    MaxPtime(String),
    /// Any other attribute, known to the registry or not; readers ignore what they do not know (RFC 8866 §5.13).
    Other {
        /// Its name.
        name: String,
        /// Its value.
        value: Option<String>,
    },
}

impl Attribute {
    /// An attribute without a type of its own.
    pub fn other(name: &str, value: Option<&str>) -> Attribute {
        Attribute::Other { name: name.to_owned(), value: value.map(str::to_owned) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Attribute::Candidate(_) => "candidate",
            Attribute::RemoteCandidates(_) => "remote-candidates",
            Attribute::IceUfrag(_) => "ice-ufrag",
            Attribute::IcePwd(_) => "ice-pwd",
            Attribute::IceOptions(_) => "ice-options",
            Attribute::IcePacing(_) => "ice-pacing",
            Attribute::IceLite => "ice-lite",
            Attribute::IceMismatch => "ice-mismatch",
            Attribute::EndOfCandidates => "end-of-candidates",
            Attribute::Fingerprint(_) => "fingerprint",
            Attribute::Setup(_) => "setup",
            Attribute::TlsId(_) => "tls-id",
            Attribute::SctpPort(_) => "sctp-port",
            Attribute::MaxMessageSize(_) => "max-message-size",
            Attribute::SctpMap(_) => "sctpmap",
            Attribute::Group(_) => "group",
            Attribute::Mid(_) => "mid",
            Attribute::BundleOnly => "bundle-only",
            Attribute::Msid(_) => "msid",
            Attribute::MsidSemantic(_) => "msid-semantic",
            Attribute::RtpMap(_) => "rtpmap",
            Attribute::Fmtp(_) => "fmtp",
            Attribute::RtcpFeedback(_) => "rtcp-fb",
            Attribute::Rtcp(_) => "rtcp",
            Attribute::RtcpMux => "rtcp-mux",
            Attribute::RtcpMuxOnly => "rtcp-mux-only",
            Attribute::RtcpRsize => "rtcp-rsize",
            Attribute::Extmap(_) => "extmap",
            Attribute::ExtmapAllowMixed => "extmap-allow-mixed",
            Attribute::Direction(direction) => direction.word(),
            Attribute::Ssrc(_) => "ssrc",
            Attribute::SsrcGroup(_) => "ssrc-group",
            Attribute::Rid(_) => "rid",
            Attribute::Simulcast(_) => "simulcast",
            Attribute::ImageAttr(_) => "imageattr",
            Attribute::Ptime(_) => "ptime",
            Attribute::MaxPtime(_) => "maxptime",
            Attribute::Other { name, .. } => name,
        }
    }

    /// Its value as text; `None` for a flag.
    pub fn value(&self) -> Option<String> {
        Some(match self {
            Attribute::Candidate(value) => value.to_string(),
            Attribute::RemoteCandidates(list) => joined(list),
            Attribute::IceOptions(list) => list.join(" "),
            Attribute::IcePacing(value) | Attribute::MaxMessageSize(value) => value.to_string(),
            Attribute::Fingerprint(value) => value.to_string(),
            Attribute::Setup(value) => value.to_string(),
            Attribute::SctpPort(port) => port.to_string(),
            Attribute::SctpMap(value) => value.to_string(),
            Attribute::Group(value) => value.to_string(),
            Attribute::IceUfrag(value)
            | Attribute::IcePwd(value)
            | Attribute::TlsId(value)
            | Attribute::Mid(value)
            | Attribute::Ptime(value)
            | Attribute::MaxPtime(value) => value.clone(),
            Attribute::Msid(value) => value.to_string(),
            Attribute::MsidSemantic(value) => value.to_string(),
            Attribute::RtpMap(value) => value.to_string(),
            Attribute::Fmtp(value) => value.to_string(),
            Attribute::RtcpFeedback(value) => value.to_string(),
            Attribute::Rtcp(value) => value.to_string(),
            Attribute::Extmap(value) => value.to_string(),
            Attribute::Ssrc(value) => value.to_string(),
            Attribute::SsrcGroup(value) => value.to_string(),
            Attribute::Rid(value) => value.to_string(),
            Attribute::Simulcast(value) => value.to_string(),
            Attribute::ImageAttr(value) => value.to_string(),
            Attribute::Other { value, .. } => return value.clone(),
            Attribute::IceLite
            | Attribute::IceMismatch
            | Attribute::EndOfCandidates
            | Attribute::BundleOnly
            | Attribute::RtcpMux
            | Attribute::RtcpMuxOnly
            | Attribute::RtcpRsize
            | Attribute::ExtmapAllowMixed
            | Attribute::Direction(_) => return None,
        })
    }
}

fn joined<T: ToString>(list: &[T]) -> String {
    list.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

/// As it stands behind `a=`.
impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        self.value().iter().try_for_each(|value| write!(f, ":{value}"))
    }
}
