//! What a peer with a whole session is told at its start. Not here: where it is read from (`build`).

use rtclab_rtc::dtls::Versions;
use rtclab_rtc::jsep::{MediaKind, Profile};

/// How a side behaves when both offer at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Negotiation {
    /// It applies what comes, whatever its state.
    #[default]
    Plain,
    /// It follows perfect negotiation, and takes its own offer back (webrtc-pc §10.7).
    Polite,
    /// It follows perfect negotiation, and ignores the other offer.
    Impolite,
}

/// What a peer with a whole session is told at its start.
#[derive(Clone, Debug)]
pub struct SessionPlan {
    /// The data channel that the calling side makes.
    pub channel: Option<String>,
    /// What it says on every channel, once it is open.
    pub says: Vec<String>,
    /// The media that it wants to send.
    pub media: Vec<MediaKind>,
    /// The codecs that it allows, by name; all that the profile has, if there are none here.
    pub codecs: Vec<String>,
    /// Which software it is like.
    pub profile: Profile,
    /// Which versions of DTLS it speaks.
    pub versions: Versions,
    /// Whether its key exchange is post-quantum, if the other side's is.
    pub post_quantum: bool,
    /// How it behaves when both offer at once.
    pub negotiation: Negotiation,
    /// Whether DTLS shows another certificate than the description announces.
    pub wrong_certificate: bool,
    /// Whether candidates that come before their description are kept until it is there.
    pub keeps_early_candidates: bool,
    /// Whether it says its answers twice.
    pub repeats_answers: bool,
}

impl Default for SessionPlan {
    fn default() -> SessionPlan {
        SessionPlan {
            channel: Some("data".to_owned()),
            says: Vec::new(),
            media: Vec::new(),
            codecs: Vec::new(),
            profile: Profile::rfc9429(),
            versions: Versions::Auto,
            post_quantum: false,
            negotiation: Negotiation::Plain,
            wrong_certificate: false,
            keeps_early_candidates: true,
            repeats_answers: false,
        }
    }
}
