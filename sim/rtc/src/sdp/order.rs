//! Which line may follow which (RFC 8866 §9). Not here: what the lines say.

use super::error::SdpProblem;
use super::line::LineType;

/// Walks along the lines of a description, and says what may not stand where it stands.
#[derive(Debug, Default)]
pub(super) struct Order {
    before: Option<LineType>,
    in_media: bool,
    connections: Connections,
}

/// Where `c=` lines were seen: each medium needs one, its own or the session's (RFC 8866 §5.7).
#[derive(Debug, Default)]
struct Connections {
    session: bool,
    media: bool,
}

/// The place of a type among the others; types with one place may follow each other.
fn rank(kind: LineType, in_media: bool) -> u8 {
    match kind {
        LineType::Version => 0,
        LineType::Origin => 1,
        LineType::SessionName => 2,
        LineType::Media => 0,
        LineType::Information => 3,
        LineType::Uri => 4,
        LineType::Email => 5,
        LineType::Phone => 6,
        LineType::Connection => 7,
        LineType::Bandwidth => 8,
        // RFC 8866 puts `z=` behind the repeats of each time, RFC 4566 behind all times: both are taken.
        LineType::Time | LineType::Repeat | LineType::Zone => 9,
        LineType::Key => 10,
        LineType::Attribute if in_media => 11,
        LineType::Attribute => 12,
    }
}

impl Order {
    /// Takes the next line. `Some` says what is wrong, with the line that decides whether a medium lacks its `c=` line left to [`Self::lacks_connection`].
    pub(super) fn next(&mut self, kind: LineType) -> Option<SdpProblem> {
        let problem = self.judge(kind);
        match kind {
            LineType::Media => {
                self.in_media = true;
                self.connections.media = false;
            }
            LineType::Connection if self.in_media => self.connections.media = true,
            LineType::Connection => self.connections.session = true,
            _ => {}
        }
        self.before = Some(kind);
        problem
    }

    /// Whether the medium that ends here has no `c=` line, and neither has the session.
    pub(super) fn lacks_connection(&self) -> bool {
        self.in_media && !self.connections.media && !self.connections.session
    }

    /// What is missing although the session part ends here.
    pub(super) fn missing_at_end(&self) -> Option<LineType> {
        if self.in_media {
            return None;
        }
        match self.before {
            None => Some(LineType::Version),
            Some(before) => missing_between(before, None),
        }
    }

    fn judge(&self, kind: LineType) -> Option<SdpProblem> {
        let Some(before) = self.before else {
            let missing = SdpProblem::Missing { missing: LineType::Version };
            return (kind != LineType::Version).then_some(missing);
        };
        if kind == LineType::Media {
            let missing = (!self.in_media).then(|| missing_between(before, None)).flatten();
            return missing.map(|missing| SdpProblem::Missing { missing });
        }
        let only_in_session = matches!(
            kind,
            LineType::Version
                | LineType::Origin
                | LineType::SessionName
                | LineType::Uri
                | LineType::Email
                | LineType::Phone
                | LineType::Time
                | LineType::Repeat
                | LineType::Zone
        );
        let out_of_order = SdpProblem::OutOfOrder { found: kind, before };
        if self.in_media && only_in_session {
            return Some(out_of_order);
        }
        let (rank_before, rank_now) = (rank(before, self.in_media), rank(kind, self.in_media));
        if rank_now < rank_before {
            return Some(out_of_order);
        }
        if kind == before && self.stands_once(kind) {
            return Some(SdpProblem::Repeated { found: kind });
        }
        if matches!(kind, LineType::Repeat | LineType::Zone) && rank_before < rank_now {
            return Some(SdpProblem::Missing { missing: LineType::Time });
        }
        let missing = (!self.in_media).then(|| missing_between(before, Some(kind))).flatten();
        missing.map(|missing| SdpProblem::Missing { missing })
    }

    fn stands_once(&self, kind: LineType) -> bool {
        match kind {
            LineType::Connection => !self.in_media,
            LineType::Email
            | LineType::Phone
            | LineType::Bandwidth
            | LineType::Time
            | LineType::Repeat
            | LineType::Attribute => false,
            _ => true,
        }
    }
}

/// A line that has to stand between these two and does not; `None` as the second is the end of the session part.
fn missing_between(before: LineType, next: Option<LineType>) -> Option<LineType> {
    let from = rank(before, false);
    let to = next.map_or(u8::MAX, |kind| rank(kind, false));
    let required = [LineType::Origin, LineType::SessionName, LineType::Time];
    required.into_iter().find(|kind| {
        let rank = rank(*kind, false);
        from < rank && rank < to
    })
}
