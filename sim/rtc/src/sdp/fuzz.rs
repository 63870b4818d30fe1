//! What a fuzzer, or a bounded test in its place, calls with any text: everything that must hold for every input is asserted here.
//! Not here: where the texts come from.

use super::difference::{Change, difference};
use super::explain::explain;
use super::rules;
use super::tree::Sdp;

/// Reads a text in both ways and checks what must be true of every text. Panics are findings.
pub fn any_text(text: &str) {
    let (sdp, problems) = Sdp::parse_tolerant(text);
    let strict = Sdp::parse(text);
    assert_eq!(strict.is_ok(), problems.is_empty(), "both ways agree about what is wrong");
    if sdp.text().len() != text.len() {
        return; // Too long to be read.
    }
    assert_eq!(sdp.to_string(), text, "what is read prints back byte for byte");
    let mut end = 0;
    for line in sdp.lines() {
        assert_eq!(line.place.start, end, "lines follow each other without gaps");
        assert!(line.ending.start == line.place.end && line.ending.end >= line.ending.start);
        for field in &line.fields {
            let inside = line.place.start <= field.place.start && field.place.end <= line.place.end;
            assert!(
                inside && text.is_char_boundary(field.place.start) && text.is_char_boundary(field.place.end)
            );
        }
        end = line.ending.end;
        if let Some(attribute) = line.attribute() {
            let again = Sdp::parse_tolerant(&format!("a={attribute}\r\n")).0;
            let found = again.lines().first().and_then(|line| line.attribute()).cloned();
            assert_eq!(found.as_ref(), Some(attribute), "a value that is written is read as the same value");
        }
    }
    assert_eq!(end, text.len(), "lines cover the whole text");
    let _ = rules::description(&sdp, rules::Kind::Offer);
    let _ = rules::answer(&sdp, &sdp);
    let _ = rules::reoffer(&sdp, &sdp);
    assert!(
        difference(&sdp, &sdp).iter().all(|line| line.change == Change::Same),
        "nothing differs from itself"
    );
    for kind in [None, Some(rules::Kind::Offer), Some(rules::Kind::Answer)] {
        explained(text, kind);
    }
}

/// Every line is explained, as it stands there, and what is wrong stands at a line that there is.
fn explained(text: &str, kind: Option<rules::Kind>) {
    let lines = explain(text, Some(text), kind);
    assert!(lines.iter().map(|line| line.text.as_str()).eq(text.lines().map(str::trim_end)));
    for problem in lines.iter().flat_map(|line| &line.problems) {
        assert!(problem.line >= 1 && problem.column >= 1, "{problem:?}");
        assert!(problem.words.iter().all(|words| !words.is_empty()), "{problem:?}");
    }
}

/// The same for bytes, as fuzzers hand them over.
pub fn any_bytes(bytes: &[u8]) {
    any_text(&String::from_utf8_lossy(bytes));
}
