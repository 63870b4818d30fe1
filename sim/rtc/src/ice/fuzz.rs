//! What a fuzzer, or a bounded test in its place, calls with any candidate line: everything that must hold for every input is asserted
//! here.

use super::CandidateLine;

/// A line is refused, or it comes back from what it is written as.
///
/// # Panics
/// If that does not hold; that is what a fuzzer looks for.
pub fn any_line(text: &str) {
    let Ok(line) = text.parse::<CandidateLine>() else { return };
    assert!((1..=256).contains(&line.candidate.component), "{text:?}");
    assert!(line.candidate.priority > 0, "{text:?}");
    let written = line.to_string();
    let again = written.parse::<CandidateLine>();
    assert_eq!(again.as_ref(), Ok(&line), "{text:?} was written as {written:?}");
}

/// The same for bytes, as fuzzers hand them over.
///
/// # Panics
/// As [`any_line`].
pub fn any_bytes(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        any_line(text);
    }
}
