//! A description with its type, and how gathered candidates are written into one (RFC 9429 §4.1.13 to §4.1.16).

use std::sync::Arc;

use super::types::SdpType;
use crate::sdp::{Attribute, Candidate, Content, Sdp};

/// A description as applications pass it along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionDescription {
    /// What it is for.
    pub kind: SdpType,
    /// Its text; empty for a rollback, and for "the one that was created last".
    pub sdp: String,
}

impl SessionDescription {
    /// A description with a text.
    pub fn new(kind: SdpType, sdp: impl Into<String>) -> SessionDescription {
        SessionDescription { kind, sdp: sdp.into() }
    }

    /// The description that takes an exchange back.
    pub fn rollback() -> SessionDescription {
        SessionDescription { kind: SdpType::Rollback, sdp: String::new() }
    }
}

/// A description that was applied.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Applied {
    pub(super) kind: SdpType,
    pub(super) sdp: Arc<Sdp>,
}

impl Applied {
    pub(super) fn new(kind: SdpType, sdp: Sdp) -> Applied {
        Applied { kind, sdp: Arc::new(sdp) }
    }

    pub(super) fn plain(&self) -> SessionDescription {
        SessionDescription::new(self.kind, self.sdp.text())
    }
}

/// What was gathered for a medium.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Gathered {
    pub(super) candidates: Vec<Candidate>,
    pub(super) complete: bool,
}

/// The candidate that an agent without ICE would use: relayed before reflexive before host, UDP, first component, with an address and
/// not a name (RFC 8839 §4.2.1.2).
pub(super) fn default_candidate(candidates: &[Candidate]) -> Option<&Candidate> {
    let rank = |candidate: &Candidate| match candidate.kind.as_str() {
        "relay" => 0,
        "srflx" => 1,
        "host" => 2,
        _ => 3,
    };
    let usable = candidates.iter().filter(|candidate| {
        candidate.component == 1
            && candidate.transport.eq_ignore_ascii_case("udp")
            && candidate.address.parse::<std::net::IpAddr>().is_ok()
    });
    usable.min_by_key(|candidate| rank(candidate))
}

/// The text with candidates added to media by their index, and with the default candidate in the `m=` and `c=` lines of those that are
/// not bundle-only or rejected.
pub(super) fn with_candidates(
    sdp: &Sdp,
    gathered: impl Fn(usize) -> Option<Gathered>,
    defaults: bool,
) -> String {
    let mut text = String::with_capacity(sdp.text().len() + 512);
    sdp.session().lines().iter().for_each(|line| push(&mut text, sdp.text_at(line.place)));
    for (index, section) in sdp.media().enumerate() {
        let gathered = gathered(index).unwrap_or_default();
        let in_use = section.media_line().is_some_and(|media| media.port != 0);
        let default = default_candidate(&gathered.candidates).filter(|_| defaults && in_use);
        for line in section.lines().iter().filter(|line| line.content != Content::Blank) {
            let replaced = default.and_then(|candidate| match &line.content {
                Content::Media(media) => {
                    let mut media = media.clone();
                    media.port = candidate.port;
                    Some(format!("m={media}"))
                }
                Content::Connection(_) => Some(format!("c=IN {}", typed_address(candidate))),
                _ => None,
            });
            push(&mut text, replaced.as_deref().unwrap_or_else(|| sdp.text_at(line.place)));
        }
        for candidate in &gathered.candidates {
            let attribute = Attribute::Candidate(candidate.clone());
            if !section.has(&attribute) {
                push(&mut text, &format!("a={attribute}"));
            }
        }
        if gathered.complete && !section.has(&Attribute::EndOfCandidates) {
            push(&mut text, "a=end-of-candidates");
        }
    }
    text
}

fn push(text: &mut String, line: &str) {
    if !line.is_empty() {
        text.push_str(line);
        text.push_str("\r\n");
    }
}

/// `IP4 192.0.2.1` or `IP6 2001:db8::1`.
pub(super) fn typed_address(candidate: &Candidate) -> String {
    let family = if candidate.address.contains(':') { "IP6" } else { "IP4" };
    format!("{family} {}", candidate.address)
}
