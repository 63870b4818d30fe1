//! What the software behind a connection supports, and how it writes session descriptions. Not here: how that is negotiated
//! ([`super::offer`], [`super::answer`]).
//!
//! Each profile stands in a file of its own, with the source of each trait in a comment.

mod chromium;
mod firefox;
mod old;
mod rfc;
mod safari;

pub use old::Missing;

use super::codec::Codec;
use super::types::MediaKind;

/// How an agent nominates, for whoever builds its ICE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NominationHabit {
    /// One pair, once (RFC 8445 §8.1.1).
    Regular,
    /// With each check that it likes best so far, again and again; RFC 5245 called it aggressive.
    Continual,
}

/// What `msid-semantic` line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MsidSemanticHabit {
    /// None, as RFC 8830 has it.
    None,
    /// The streams by name.
    Streams,
    /// A star.
    Star,
}

/// A piece of software.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Its name.
    pub name: &'static str,
    /// Its codecs for sound, the preferred one first.
    pub audio: Vec<Codec>,
    /// Its codecs for pictures.
    pub video: Vec<Codec>,
    /// Header extensions for sound, with the number each prefers.
    pub audio_extensions: Vec<(u16, &'static str)>,
    /// Header extensions for pictures.
    pub video_extensions: Vec<(u16, &'static str)>,
    /// The first field of `o=`.
    pub origin_username: &'static str,
    /// The last field of `o=`.
    pub origin_address: &'static str,
    /// The version in its first description.
    pub first_version: u64,
    /// Whether it knows BUNDLE.
    pub bundle: bool,
    /// Whether it marks media `bundle-only`. If not, it repeats the attributes of the transport instead.
    pub marks_bundle_only: bool,
    /// Whether bundled media repeat the attributes of their transport, which RFC 9429 §5.2.1 forbids.
    pub repeats_transport: bool,
    /// Whether RTCP may share the port of RTP.
    pub rtcp_mux: bool,
    /// Whether it says `rtcp-mux-only`.
    pub rtcp_mux_only: bool,
    /// Whether candidates may follow later.
    pub trickle: bool,
    /// Whether it says that its ICE is that of RFC 8445.
    pub ice2: bool,
    /// Whether it names DTLS associations.
    pub tls_id: bool,
    /// Whether it writes `rtcp:9 IN IP4 0.0.0.0`.
    pub rtcp_line: bool,
    /// Whether fingerprints and ICE options stand in the session part.
    pub session_level: bool,
    /// Whether one-byte and two-byte header extensions may be mixed.
    pub extmap_allow_mixed: bool,
    /// Its `msid-semantic` line.
    pub msid_semantic: MsidSemanticHabit,
    /// Whether `msid` names the track, too.
    pub msid_track: bool,
    /// Whether it lists its sources.
    pub ssrc_lines: bool,
    /// Whether answers list codecs that were not offered (RFC 9429 §5.3.1 wants that).
    pub answers_with_all_codecs: bool,
    /// `maxptime` of sound, in milliseconds.
    pub maxptime_ms: Option<u32>,
    /// The largest data channel message it takes, in bytes.
    pub max_message_size: u64,
    /// Whether host candidates hide their address behind a name of mDNS.
    pub mdns: bool,
    /// Whether it gathers TCP candidates.
    pub ice_tcp: bool,
    /// How it nominates.
    pub nomination: NominationHabit,
}

impl Profile {
    /// What RFC 9429 asks for, to the letter.
    pub fn rfc9429() -> Profile {
        rfc::profile()
    }

    /// Chromium 156.
    pub fn chromium() -> Profile {
        chromium::profile()
    }

    /// Firefox.
    pub fn firefox() -> Profile {
        firefox::profile()
    }

    /// Safari.
    pub fn safari() -> Profile {
        safari::profile()
    }

    /// A browser of former days that lacks something.
    pub fn old(missing: &[Missing]) -> Profile {
        old::profile(missing)
    }

    /// Its codecs for a kind.
    pub fn codecs(&self, kind: MediaKind) -> &[Codec] {
        match kind {
            MediaKind::Audio => &self.audio,
            MediaKind::Video => &self.video,
        }
    }

    /// Its header extensions for a kind.
    pub fn extensions(&self, kind: MediaKind) -> &[(u16, &'static str)] {
        match kind {
            MediaKind::Audio => &self.audio_extensions,
            MediaKind::Video => &self.video_extensions,
        }
    }
}

/// Header extensions by their URIs.
pub(super) mod uri {
    pub(crate) const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
    pub(crate) const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
    pub(crate) const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
    pub(crate) const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    pub(crate) const CSRC_AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:csrc-audio-level";
    pub(crate) const TIME_OFFSET: &str = "urn:ietf:params:rtp-hdrext:toffset";
    pub(crate) const ORIENTATION: &str = "urn:3gpp:video-orientation";
    pub(crate) const SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
    pub(crate) const TRANSPORT_CC: &str =
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    pub(crate) const PLAYOUT_DELAY: &str = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
    pub(crate) const CONTENT_TYPE: &str = "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type";
    pub(crate) const TIMING: &str = "http://www.webrtc.org/experiments/rtp-hdrext/video-timing";
    pub(crate) const COLOR_SPACE: &str = "http://www.webrtc.org/experiments/rtp-hdrext/color-space";
}
