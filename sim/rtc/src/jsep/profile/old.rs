//! Browsers of former days: what they lacked can be chosen. Not a browser of one version, but the differences that mattered.

use super::{Codec, Profile, chromium};

/// What an old browser lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// One transport for several media (RFC 9143); Edge before 2017 in its first versions.
    Bundle,
    /// RTCP on the port of RTP (RFC 5761); gateways to telephone networks.
    RtcpMux,
    /// Candidates after the description (RFC 8840); half of all SIP equipment.
    Trickle,
    /// H.264; Chromium before 50, and builds without codecs.
    H264,
    /// VP8 and everything newer; Safari before 12.1.
    Vp8,
    /// Opus; telephones.
    Opus,
}

/// Chromium's way of writing with the codecs of 2014, less what is missing.
pub(super) fn profile(missing: &[Missing]) -> Profile {
    let mut profile = chromium::profile();
    profile.name = "an old browser";
    profile.video.retain(|codec| codec.name == "VP8" || codec.name == "H264");
    profile.extmap_allow_mixed = false;
    profile.mdns = false;
    for missing in missing {
        match missing {
            Missing::Bundle => profile.bundle = false,
            Missing::RtcpMux => profile.rtcp_mux = false,
            Missing::Trickle => profile.trickle = false,
            Missing::H264 => lose(&mut profile.video, "H264"),
            Missing::Vp8 => lose(&mut profile.video, "VP8"),
            Missing::Opus => {
                lose(&mut profile.audio, "opus");
                lose(&mut profile.audio, "red");
            }
        }
    }
    profile
}

fn lose(codecs: &mut Vec<Codec>, name: &str) {
    codecs.retain(|codec| codec.name != name);
}
