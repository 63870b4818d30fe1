//! The body of a signaling message: lines of an SDP fragment (RFC 8840 §9), credentials and candidates. Not here: full SDP.

use rtclab_rtc::ice::{CandidateLine, Credentials};

use super::FRAGMENT_MAX;

/// How many candidates a description may list; more are not read.
const CANDIDATES_MAX: usize = 64;

/// What a peer tells the other about its side of one ICE session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The credentials of the session, in an offer or answer.
    pub credentials: Option<Credentials>,
    /// The username fragment of the session that the candidates belong to, where credentials are not repeated.
    pub ufrag: String,
    /// Candidates, each with the data stream that it is for; behind a line `a=mid:` unless it is the first (RFC 8840 §9).
    pub candidates: Vec<(u32, CandidateLine)>,
    /// Whether no more candidates come.
    pub end_of_candidates: bool,
    /// Whether the side that describes itself is a lite agent (RFC 8839 §5.3).
    pub lite: bool,
}

/// Why a body cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DescriptionError {
    /// No `a=ice-ufrag:` line.
    #[error("it has no line a=ice-ufrag")]
    NoUfrag,
    /// The credentials are not allowed by RFC 8839 §5.4.
    #[error("its credentials are not those of RFC 8839 §5.4")]
    Credentials,
}

impl Description {
    /// A description with credentials and no candidates yet.
    pub fn with_credentials(credentials: &Credentials) -> Description {
        let ufrag = credentials.ufrag().to_owned();
        Description {
            credentials: Some(credentials.clone()),
            ufrag,
            candidates: Vec::new(),
            end_of_candidates: false,
            lite: false,
        }
    }

    /// A description of more candidates for a session that the other side knows, or will.
    pub fn more(ufrag: &str) -> Description {
        Description {
            credentials: None,
            ufrag: ufrag.to_owned(),
            candidates: Vec::new(),
            end_of_candidates: false,
            lite: false,
        }
    }

    /// Adds a candidate if the body then still fits a message.
    pub fn try_add(&mut self, stream: u32, candidate: &CandidateLine) -> bool {
        self.candidates.push((stream, candidate.clone()));
        // The end may still have to be said.
        let fits = self.to_text().len() + END.len() < FRAGMENT_MAX && self.candidates.len() <= CANDIDATES_MAX;
        if !fits {
            self.candidates.pop();
        }
        fits
    }

    /// The lines.
    pub fn to_text(&self) -> String {
        let mut text = format!("a=ice-ufrag:{}\n", self.ufrag);
        if let Some(credentials) = &self.credentials {
            text.push_str(&format!("a=ice-pwd:{}\n", credentials.password()));
        }
        if self.lite {
            text.push_str(LITE);
        }
        let mut current = 0;
        for (stream, candidate) in &self.candidates {
            if current != *stream {
                current = *stream;
                text.push_str(&format!("{MID}{stream}\n"));
            }
            text.push_str(&format!("a={candidate}\n"));
        }
        if self.end_of_candidates {
            text.push_str(END);
        }
        text
    }

    /// Reads the lines. Lines that are not understood are skipped, candidates that cannot be used too (RFC 8839 §5.1).
    pub fn parse(text: &str) -> Result<Description, DescriptionError> {
        let value = |key: &str| text.lines().find_map(|line| line.trim_end().strip_prefix(key));
        let ufrag = value("a=ice-ufrag:").ok_or(DescriptionError::NoUfrag)?;
        let credentials = value("a=ice-pwd:").map(|password| Credentials::new(ufrag, password));
        Ok(Description {
            credentials: credentials.transpose().map_err(|_| DescriptionError::Credentials)?,
            ufrag: ufrag.to_owned(),
            candidates: candidates(text),
            end_of_candidates: text.lines().any(|line| line.trim_end() == END.trim_end()),
            lite: text.lines().any(|line| line.trim_end() == LITE.trim_end()),
        })
    }
}

/// The lines of candidates, each with the stream that the last `a=mid:` before it names.
fn candidates(text: &str) -> Vec<(u32, CandidateLine)> {
    let mut stream = Some(0);
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(mid) = line.strip_prefix(MID) {
            stream = mid.trim_end().parse().ok();
        } else if let (Some(stream), true) = (stream, line.starts_with("a=candidate:")) {
            found.extend(line.parse().ok().map(|candidate| (stream, candidate)));
        }
    }
    found.truncate(CANDIDATES_MAX);
    found
}

const MID: &str = "a=mid:";
const END: &str = "a=end-of-candidates\n";
const LITE: &str = "a=ice-lite\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials::new("8hhY", "asd88fgpdd777uzjYhagZg").expect("allowed")
    }

    fn candidate(port: u16) -> CandidateLine {
        let line = format!("candidate:1 1 udp 2130706431 192.168.1.2 {port} typ host ufrag 8hhY");
        line.parse().expect("a candidate")
    }

    #[test]
    fn a_description_comes_back_as_it_was_written() {
        let mut description = Description::with_credentials(&credentials());
        assert!(description.try_add(0, &candidate(50_000)));
        description.end_of_candidates = true;
        description.lite = true;
        assert_eq!(Description::parse(&description.to_text()), Ok(description));
    }

    #[test]
    fn candidates_of_other_streams_stand_behind_the_mid_of_theirs() {
        let mut description = Description::with_credentials(&credentials());
        for (stream, port) in [(0, 50_000), (1, 50_001), (1, 50_002), (0, 50_003)] {
            assert!(description.try_add(stream, &candidate(port)));
        }
        assert_eq!(description.to_text().matches("a=mid:").count(), 2);
        assert_eq!(Description::parse(&description.to_text()), Ok(description));
    }

    #[test]
    fn a_candidate_that_no_longer_fits_a_message_is_not_added() {
        let mut description = Description::with_credentials(&credentials());
        let added = (50_000..50_100).filter(|&port| description.try_add(0, &candidate(port))).count();
        assert!(added > 5 && added < 20, "{added}");
        description.end_of_candidates = true;
        assert!(description.to_text().len() <= FRAGMENT_MAX);
    }

    #[test]
    fn what_cannot_be_used_is_skipped_and_what_is_needed_is_demanded() {
        let text = "a=ice-ufrag:8hhY\na=candidate:1 1 sctp 1 10.0.0.1 9 typ host\na=ice-options:trickle\n";
        let description = Description::parse(text).expect("readable");
        assert_eq!((description.candidates.len(), description.credentials), (0, None));
        assert_eq!(Description::parse("a=ice-pwd:x"), Err(DescriptionError::NoUfrag));
        assert_eq!(
            Description::parse("a=ice-ufrag:8hhY\na=ice-pwd:short"),
            Err(DescriptionError::Credentials)
        );
    }
}
