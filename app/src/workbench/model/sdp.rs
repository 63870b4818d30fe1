//! A text of signaling as lines that explain themselves: what each is about, what it says, whether it is new against the text it answers, and
//! what is wrong with it. The meaning is `rtclab_rtc::sdp`'s; no painting.

use rtclab_rtc::sdp::registry;
use rtclab_rtc::sdp::{Area, Change, LineType, Sdp, difference};

/// A line of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextLine {
    /// As it stands there, without its end.
    pub(crate) text: String,
    /// What it is about; nothing for a line that is not of SDP.
    pub(crate) area: Option<Area>,
    /// What it says, in English and Korean.
    pub(crate) meaning: Option<[&'static str; 2]>,
    /// Who says so.
    pub(crate) section: Option<&'static str>,
    /// How it stands to the other text; `Same` if there is none.
    pub(crate) change: Change,
    /// What is wrong with it.
    pub(crate) problem: Option<String>,
}

/// The lines of a text, held against the one before it if both are whole descriptions.
pub(crate) fn lines(text: &str, before: Option<&str>) -> Vec<TextLine> {
    let mut lines: Vec<TextLine> = text.lines().map(line).collect();
    if !is_description(text) {
        return lines;
    }
    let (sdp, problems) = Sdp::parse_tolerant(text);
    for problem in problems {
        if let Some(line) = lines.get_mut(problem.place.line.saturating_sub(1) as usize) {
            line.problem = Some(format!("{} ({})", problem.problem, problem.section));
        }
    }
    let Some(before) = before.filter(|before| is_description(before)) else { return lines };
    let (before, _) = Sdp::parse_tolerant(before);
    for changed in difference(&before, &sdp) {
        let place = changed.after.and_then(|place| lines.get_mut(place.line.saturating_sub(1) as usize));
        if let Some(line) = place {
            line.change = changed.change;
        }
    }
    lines
}

/// Whether it is a whole description, not a fragment or something else.
pub(crate) fn is_description(text: &str) -> bool {
    text.starts_with("v=")
}

fn line(text: &str) -> TextLine {
    let text = text.trim_end().to_owned();
    let is_sdp = text.as_bytes().get(1) == Some(&b'=') && text.as_bytes()[0].is_ascii_lowercase();
    let (meaning, section) = if is_sdp { meaning(&text) } else { (None, None) };
    let area = is_sdp.then(|| Area::of_line(&text));
    TextLine { area, meaning, section, change: Change::Same, problem: None, text }
}

fn meaning(text: &str) -> (Option<[&'static str; 2]>, Option<&'static str>) {
    if let Some(attribute) = text.strip_prefix("a=") {
        let name = attribute.split(':').next().unwrap_or(attribute);
        let about = registry::about(name);
        return (about.map(|about| [about.english, about.korean]), about.map(|about| about.section));
    }
    let letter = text.chars().next();
    let kind = LineType::ALL.into_iter().find(|kind| Some(kind.letter()) == letter);
    let words = kind.map(registry::line);
    (words.map(|(english, korean)| [english, korean]), words.map(|_| "RFC 8866 §5"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\n\
        c=IN IP4 0.0.0.0\r\na=setup:actpass\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\na=sendrecv\r\n";

    #[test]
    fn an_answer_is_held_against_its_offer() {
        let answer = OFFER.replace("actpass", "active").replace("111 0\r", "111\r").replace("- 1 1", "- 2 1");
        let lines = lines(&answer, Some(OFFER));
        let changed: Vec<&str> =
            lines.iter().filter(|line| line.change != Change::Same).map(|line| line.text.as_str()).collect();
        assert_eq!(
            changed,
            ["o=- 2 1 IN IP4 127.0.0.1", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=setup:active"]
        );
    }

    #[test]
    fn every_line_says_what_it_is_about_and_a_broken_one_what_is_wrong() {
        let broken = OFFER.replace("a=setup:actpass", "a=setup:sideways");
        let lines = lines(&broken, None);
        assert!(lines.iter().all(|line| line.meaning.is_some() && line.section.is_some()));
        let setup = lines.iter().find(|line| line.text.contains("sideways")).expect("it is there");
        assert_eq!(setup.area, Some(Area::Security));
        assert!(setup.problem.is_some(), "{setup:?}");
        assert_eq!(lines.iter().filter(|line| line.problem.is_some()).count(), 1);
    }

    #[test]
    fn a_fragment_is_explained_and_other_text_is_left_alone() {
        let lines = lines("a=ice-ufrag:8hhY\na=nobody-knows\n{\"type\": \"bye\"}", Some(OFFER));
        assert_eq!(lines[0].area, Some(Area::Network));
        assert!(lines[0].meaning.is_some() && lines[1].meaning.is_none());
        assert_eq!((lines[2].area, lines[2].change), (None, Change::Same));
    }
}
