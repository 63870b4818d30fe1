//! A description, or a fragment of one, as lines that explain themselves: what each is about, what it says, whether it is new against the text it
//! answers, and what is wrong with it. What windows and command lines show; not here: grammar, meaning and rules themselves.

use super::line::LineType;
use super::rules::{self, Kind, Violation};
use super::{Area, Change, Sdp, difference, registry};

/// A line with what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedLine {
    /// As it stands there, without its end.
    pub text: String,
    /// What it is about; nothing for a line that is not of SDP.
    pub area: Option<Area>,
    /// What it says, in English and Korean; nothing if nobody has registered it.
    pub meaning: Option<[&'static str; 2]>,
    /// Who says so.
    pub section: Option<&'static str>,
    /// How it stands to the other text; `Same` if there is none.
    pub change: Change,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// What is wrong, in English and Korean. What the grammar refuses is told in English only.
    pub words: [String; 2],
    /// Whose rule it is.
    pub section: &'static str,
}

/// The lines of a text. Held against the one before it if both are whole descriptions: an answer against its offer, an offer against its
/// writer's description before it. The rules of `kind` are applied if it is given.
pub fn explain(text: &str, before: Option<&str>, kind: Option<Kind>) -> Vec<ExplainedLine> {
    let mut lines: Vec<ExplainedLine> = text.lines().map(line).collect();
    if !is_description(text) {
        return lines;
    }
    let (sdp, errors) = Sdp::parse_tolerant(text);
    for error in &errors {
        let words = error.problem.to_string();
        put(
            &mut lines,
            Problem {
                line: error.place.line,
                column: error.place.column,
                words: [words.clone(), words],
                section: error.section,
            },
        );
    }
    let before = before.filter(|before| is_description(before)).map(|before| Sdp::parse_tolerant(before).0);
    let broken = match (kind, &before) {
        (Some(Kind::Answer), Some(offer)) => rules::answer(offer, &sdp),
        (Some(kind), _) => rules::description(&sdp, kind),
        (None, _) => Vec::new(),
    };
    for violation in broken {
        put(&mut lines, problem(&violation));
    }
    for changed in before.iter().flat_map(|before| difference(before, &sdp)) {
        let place = changed.after.and_then(|place| lines.get_mut(place.line.saturating_sub(1) as usize));
        if let Some(line) = place {
            line.change = changed.change;
        }
    }
    lines
}

/// Whether a text is a whole description, not a fragment or something else.
pub fn is_description(text: &str) -> bool {
    text.starts_with("v=")
}

fn put(lines: &mut [ExplainedLine], problem: Problem) {
    let last = lines.len().saturating_sub(1);
    // What is missing at the end of a text is missed behind its last line.
    if let Some(line) = lines.get_mut((problem.line.saturating_sub(1) as usize).min(last)) {
        line.problems.push(problem);
    }
}

fn problem(violation: &Violation) -> Problem {
    let text = violation.rule.text();
    let about = if violation.about.is_empty() { String::new() } else { format!(" [{}]", violation.about) };
    let words = [text.english, text.korean].map(|words| format!("{words}{about}"));
    let column = violation.places.last().map_or(1, |place| place.column);
    Problem { line: violation.line(), column, words, section: text.section }
}

fn line(text: &str) -> ExplainedLine {
    let text = text.trim_end().to_owned();
    let is_sdp = text.as_bytes().get(1) == Some(&b'=') && text.as_bytes()[0].is_ascii_lowercase();
    let (meaning, section) = if is_sdp { meaning(&text) } else { (None, None) };
    let area = is_sdp.then(|| Area::of_line(&text));
    ExplainedLine { area, meaning, section, change: Change::Same, problems: Vec::new(), text }
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
        let lines = explain(&answer, Some(OFFER), None);
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
        let lines = explain(&broken, None, None);
        assert!(lines.iter().all(|line| line.meaning.is_some() && line.section.is_some()));
        let setup = lines.iter().find(|line| line.text.contains("sideways")).expect("it is there");
        assert_eq!(setup.area, Some(Area::Security));
        assert!(!setup.problems.is_empty(), "{setup:?}");
        assert_eq!(lines.iter().filter(|line| !line.problems.is_empty()).count(), 1);
    }

    #[test]
    fn a_fragment_is_explained_and_other_text_is_left_alone() {
        let lines = explain("a=ice-ufrag:8hhY\na=nobody-knows\n{\"type\": \"bye\"}", Some(OFFER), None);
        assert_eq!(lines[0].area, Some(Area::Network));
        assert!(lines[0].meaning.is_some() && lines[1].meaning.is_none());
        assert_eq!((lines[2].area, lines[2].change), (None, Change::Same));
    }
}
