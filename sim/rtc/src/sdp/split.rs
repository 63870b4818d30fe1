//! Cuts a text into lines. Not here: what the lines mean.

use std::ops::Range;

/// A line before it is read.
pub(super) struct RawLine {
    /// Its bytes without the line end.
    pub(super) text: Range<usize>,
    /// Its line end.
    pub(super) ending: Range<usize>,
}

/// All lines of a text; the ranges follow each other without gaps. RFC 8866 §5 wants CRLF and asks readers to take a line feed alone.
pub(super) fn lines(text: &str) -> Vec<RawLine> {
    let mut lines = Vec::new();
    let mut start = 0;
    for piece in text.split_inclusive('\n') {
        let end = start + piece.len();
        let body = piece.strip_suffix('\n').unwrap_or(piece);
        // A carriage return at the end of a text without line feed is no line end: it stays a forbidden byte.
        let body = if body.len() < piece.len() { body.strip_suffix('\r').unwrap_or(body) } else { body };
        let text_end = start + body.len();
        lines.push(RawLine { text: start..text_end, ending: text_end..end });
        start = end;
    }
    lines
}
