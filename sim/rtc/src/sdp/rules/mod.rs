//! What must hold between the lines of a description ([`description`]), between an answer and its offer ([`answer`]), and between a
//! description and what was negotiated before ([`reoffer`]). Each broken rule is a [`Violation`] with the rule's text, section and places.
//!
//! | RFC | rule | where |
//! |---|---|---|
//! | 9429 §5.8.2, §5.8.3 | repeated attributes, mandatory ICE, DTLS and SCTP values, rtcp-mux, rids, forbidden SDES | `description`, `transport` |
//! | 5888, 9143 | mids, groups, bundles; payload types and extension ids inside a bundle | `description`, `codecs` |
//! | 8866, 8285, 4588, 8851 | directions, rtpmaps, extension ids, retransmissions, encodings | `codecs` |
//! | 3264 §6, 9143 §7.3, 8842, 8853 | answers | `answer` |
//! | 3264 §8, 9429 §5.2.2 | later offers and answers | `reoffer` |
//!
//! Rules that need the state of a session besides texts (whether ICE was restarted, which DTLS role is in use) are checked by
//! [`crate::jsep`] with the same reasons.

mod answer;
mod codecs;
mod description;
mod reoffer;
mod transport;

use std::fmt;

pub use answer::answer;
pub(crate) use codecs::codec_names;
pub use description::description;
pub use reoffer::{reoffer, reoffer_with};
pub use transport::{requires_rtcp_mux, transport_section};

use super::place::Place;
use super::section::Section;
use crate::reason::Reason;

/// Whether a description offers or answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It offers.
    Offer,
    /// It answers, provisionally or finally.
    Answer,
}

/// A rule that a description breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which rule, with its code, section and sentences.
    pub rule: Reason,
    /// The medium; `None` for the session part.
    pub section: Option<usize>,
    /// The lines that break it; if something is missing, the line that begins the section where it is missed.
    pub places: Vec<Place>,
    /// What it is about: a mid, a payload type, a name.
    pub about: String,
}

impl Violation {
    pub(crate) fn new(
        rule: Reason,
        section: &Section<'_>,
        places: Vec<Place>,
        about: impl Into<String>,
    ) -> Violation {
        let places = if places.is_empty() { vec![section.place()] } else { places };
        Violation { rule, section: section.index(), places, about: about.into() }
    }

    /// The line it is about, from 1.
    pub fn line(&self) -> u32 {
        self.places.last().map_or(1, |place| place.line)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.rule.text();
        write!(f, "line {}: {}", self.line(), text.english)?;
        if !self.about.is_empty() {
            write!(f, " [{}]", self.about)?;
        }
        write!(f, " ({})", text.section)
    }
}

impl std::error::Error for Violation {}
