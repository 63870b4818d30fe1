//! The session part or one medium of a description, and what it says about itself. Not here: how sections are checked against each
//! other ([`super::rules`]).

use super::line::{Content, Line};
use super::place::Place;
use super::tree::Sdp;
use super::value::{
    Attribute, Candidate, Connection, Direction, Extmap, Fingerprint, Fmtp, Group, MediaLine, Msid, Origin,
    Rid, RtcpFeedback, RtpMap, Setup, Simulcast,
};

/// The session part, or a medium.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    sdp: &'a Sdp,
    index: Option<usize>,
    lines: &'a [Line],
}

impl<'a> Section<'a> {
    pub(super) fn new(sdp: &'a Sdp, index: Option<usize>, lines: &'a [Line]) -> Section<'a> {
        Section { sdp, index, lines }
    }

    /// Its index among the media; `None` for the session part.
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    /// Its lines.
    pub fn lines(&self) -> &'a [Line] {
        self.lines
    }

    /// A line of it as text, without its end.
    pub fn text_of(&self, line: &Line) -> &'a str {
        self.sdp.text_at(line.place)
    }

    /// Where it begins: its first line.
    pub fn place(&self) -> Place {
        self.lines.first().map_or(Place { start: 0, end: 0, line: 1, column: 1 }, |line| line.place)
    }

    /// Its attributes with their places.
    pub fn attributes(&self) -> impl DoubleEndedIterator<Item = (&'a Attribute, Place)> + use<'a> {
        self.lines.iter().filter_map(|line| line.attribute().map(|attribute| (attribute, line.place)))
    }

    /// Attributes that `pick` takes, with their places.
    pub fn all<T>(&self, pick: impl Fn(&'a Attribute) -> Option<T>) -> Vec<(T, Place)> {
        self.attributes().filter_map(|(attribute, place)| Some((pick(attribute)?, place))).collect()
    }

    /// The first attribute that `pick` takes.
    pub fn first<T>(&self, pick: impl Fn(&'a Attribute) -> Option<T>) -> Option<T> {
        self.attributes().find_map(|(attribute, _)| pick(attribute))
    }

    /// The first that `pick` takes here or, if there is none, in the session part: attributes of both levels are inherited.
    pub fn inherited<T>(&self, pick: impl Fn(&'a Attribute) -> Option<T>) -> Option<T> {
        self.first(&pick).or_else(|| self.sdp.session().first(&pick))
    }

    /// All that `pick` takes here or, if there are none, in the session part.
    pub fn all_inherited<T>(&self, pick: impl Fn(&'a Attribute) -> Option<T>) -> Vec<(T, Place)> {
        let own = self.all(&pick);
        if own.is_empty() { self.sdp.session().all(&pick) } else { own }
    }

    /// Whether this very attribute is here.
    pub fn has(&self, attribute: &Attribute) -> bool {
        self.attributes().any(|(found, _)| found == attribute)
    }

    /// Its `m=` line.
    pub fn media_line(&self) -> Option<&'a MediaLine> {
        self.lines.iter().find_map(|line| match &line.content {
            Content::Media(media) => Some(media),
            _ => None,
        })
    }

    /// Its `c=` line.
    pub fn connection(&self) -> Option<&'a Connection> {
        self.lines.iter().find_map(|line| match &line.content {
            Content::Connection(connection) => Some(connection),
            _ => None,
        })
    }

    /// The `o=` line of the session part.
    pub fn origin(&self) -> Option<&'a Origin> {
        self.lines.iter().find_map(|line| match &line.content {
            Content::Origin(origin) => Some(origin),
            _ => None,
        })
    }

    /// `audio`, `video`, `application`, …; empty for the session part.
    pub fn media(&self) -> &'a str {
        self.media_line().map_or("", |media| media.media.as_str())
    }

    /// Whether its port is 0 and that is not because it is bundle-only.
    pub fn is_rejected(&self) -> bool {
        self.media_line().is_some_and(|media| media.port == 0) && !self.has(&Attribute::BundleOnly)
    }

    /// Whether it is offered inside the bundle only (RFC 9143 §6).
    pub fn is_bundle_only(&self) -> bool {
        self.media_line().is_some_and(|media| media.port == 0) && self.has(&Attribute::BundleOnly)
    }

    /// Whether it is RTP.
    pub fn is_rtp(&self) -> bool {
        self.media_line().is_some_and(MediaLine::is_rtp)
    }

    /// Whether it is SCTP over DTLS.
    pub fn is_sctp(&self) -> bool {
        self.media_line().is_some_and(MediaLine::is_sctp)
    }

    /// Its name.
    pub fn mid(&self) -> Option<&'a str> {
        self.first(|attribute| match attribute {
            Attribute::Mid(mid) => Some(mid.as_str()),
            _ => None,
        })
    }

    /// Its direction; both ways if nothing is said.
    pub fn direction(&self) -> Direction {
        let direction = self.inherited(|attribute| match attribute {
            Attribute::Direction(direction) => Some(*direction),
            _ => None,
        });
        direction.unwrap_or_default()
    }

    /// The groups of the session part.
    pub fn groups(&self) -> Vec<(&'a Group, Place)> {
        self.all(|attribute| match attribute {
            Attribute::Group(group) => Some(group),
            _ => None,
        })
    }

    /// Its user name fragment, or the session's.
    pub fn ice_ufrag(&self) -> Option<&'a str> {
        self.inherited(|attribute| match attribute {
            Attribute::IceUfrag(ufrag) => Some(ufrag.as_str()),
            _ => None,
        })
    }

    /// Its ICE password, or the session's.
    pub fn ice_password(&self) -> Option<&'a str> {
        self.inherited(|attribute| match attribute {
            Attribute::IcePwd(password) => Some(password.as_str()),
            _ => None,
        })
    }

    /// Whether this option of ICE is named here or in the session part.
    pub fn has_ice_option(&self, option: &str) -> bool {
        let options = self.all_inherited(|attribute| match attribute {
            Attribute::IceOptions(options) => Some(options),
            _ => None,
        });
        options.iter().any(|(options, _)| options.iter().any(|found| found == option))
    }

    /// Its candidates.
    pub fn candidates(&self) -> Vec<&'a Candidate> {
        let candidates = self.all(|attribute| match attribute {
            Attribute::Candidate(candidate) => Some(candidate),
            _ => None,
        });
        candidates.into_iter().map(|(candidate, _)| candidate).collect()
    }

    /// Its fingerprints, or the session's, sorted.
    pub fn fingerprints(&self) -> Vec<Fingerprint> {
        let found = self.all_inherited(|attribute| match attribute {
            Attribute::Fingerprint(fingerprint) => Some(fingerprint.clone()),
            _ => None,
        });
        let mut fingerprints: Vec<Fingerprint> =
            found.into_iter().map(|(fingerprint, _)| fingerprint).collect();
        fingerprints.sort();
        fingerprints.dedup();
        fingerprints
    }

    /// Its DTLS role, or the session's.
    pub fn setup(&self) -> Option<Setup> {
        self.inherited(|attribute| match attribute {
            Attribute::Setup(setup) => Some(*setup),
            _ => None,
        })
    }

    /// The name of its DTLS association, or the session's.
    pub fn tls_id(&self) -> Option<&'a str> {
        self.inherited(|attribute| match attribute {
            Attribute::TlsId(id) => Some(id.as_str()),
            _ => None,
        })
    }

    /// The port of its SCTP association, in the form of RFC 8841 or in that of its drafts.
    pub fn sctp_port(&self) -> Option<u16> {
        self.first(|attribute| match attribute {
            Attribute::SctpPort(port) => Some(*port),
            Attribute::SctpMap(map) => Some(map.port),
            _ => None,
        })
    }

    /// The largest message its writer takes; `None` if nothing is said.
    pub fn max_message_size(&self) -> Option<u64> {
        self.first(|attribute| match attribute {
            Attribute::MaxMessageSize(size) => Some(*size),
            _ => None,
        })
    }

    /// What its payload types mean, as it says.
    pub fn rtpmaps(&self) -> Vec<(&'a RtpMap, Place)> {
        self.all(|attribute| match attribute {
            Attribute::RtpMap(map) => Some(map),
            _ => None,
        })
    }

    /// The parameters of its formats.
    pub fn fmtps(&self) -> Vec<(&'a Fmtp, Place)> {
        self.all(|attribute| match attribute {
            Attribute::Fmtp(fmtp) => Some(fmtp),
            _ => None,
        })
    }

    /// Its feedback.
    pub fn feedback(&self) -> Vec<(&'a RtcpFeedback, Place)> {
        self.all(|attribute| match attribute {
            Attribute::RtcpFeedback(feedback) => Some(feedback),
            _ => None,
        })
    }

    /// Its header extensions, or the session's.
    pub fn extmaps(&self) -> Vec<(&'a Extmap, Place)> {
        self.all_inherited(|attribute| match attribute {
            Attribute::Extmap(extmap) => Some(extmap),
            _ => None,
        })
    }

    /// Its streams.
    pub fn msids(&self) -> Vec<(&'a Msid, Place)> {
        self.all(|attribute| match attribute {
            Attribute::Msid(msid) => Some(msid),
            _ => None,
        })
    }

    /// Its encodings.
    pub fn rids(&self) -> Vec<(&'a Rid, Place)> {
        self.all(|attribute| match attribute {
            Attribute::Rid(rid) => Some(rid),
            _ => None,
        })
    }

    /// Its simulcast.
    pub fn simulcast(&self) -> Option<&'a Simulcast> {
        self.first(|attribute| match attribute {
            Attribute::Simulcast(simulcast) => Some(simulcast),
            _ => None,
        })
    }
}
