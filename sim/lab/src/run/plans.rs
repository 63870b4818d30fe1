//! From what a document says of a peer's session to what the peer is told. Not here: everything else that it is told (`stage`).

use rtclab_rtc::dtls::Versions;
use rtclab_rtc::jsep::{MediaKind, Profile};

use crate::document::{DtlsVersionWord, MediaWord, NegotiationWord, OneOrMany, ProfileWord, SessionSpec};
use crate::programs::peer::{Negotiation, SessionPlan};

pub(crate) fn session_plan(session: &SessionSpec) -> SessionPlan {
    SessionPlan {
        channel: (!session.channel.is_empty()).then(|| session.channel.clone()),
        says: session.says.iter().flat_map(OneOrMany::as_slice).cloned().collect(),
        media: session.media.iter().map(|word| media(*word)).collect(),
        codecs: session.codecs.clone(),
        profile: profile(session.profile),
        versions: match session.dtls {
            DtlsVersionWord::Auto => Versions::Auto,
            DtlsVersionWord::V13 => Versions::Only13,
            DtlsVersionWord::V12 => Versions::Only12,
        },
        post_quantum: session.post_quantum,
        negotiation: match session.negotiation {
            NegotiationWord::Plain => Negotiation::Plain,
            NegotiationWord::Polite => Negotiation::Polite,
            NegotiationWord::Impolite => Negotiation::Impolite,
        },
        wrong_certificate: session.wrong_certificate,
        keeps_early_candidates: session.keep_early_candidates,
        repeats_answers: session.repeat_answers,
    }
}

const fn media(word: MediaWord) -> MediaKind {
    match word {
        MediaWord::Audio => MediaKind::Audio,
        MediaWord::Video => MediaKind::Video,
    }
}

/// The profile of that name.
pub(crate) fn profile(word: ProfileWord) -> Profile {
    match word {
        ProfileWord::Rfc => Profile::rfc9429(),
        ProfileWord::Chromium => Profile::chromium(),
        ProfileWord::Firefox => Profile::firefox(),
        ProfileWord::Safari => Profile::safari(),
    }
}
