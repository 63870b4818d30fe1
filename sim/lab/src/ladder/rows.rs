//! Small tables of the summary. Not here: what they say.

use std::fmt::Write as _;

use super::columns::{pad, width_of};
use super::style::{Style, Tone};
use crate::Language;

/// Rows of one table at most; a call with more candidates than this is read in the window.
pub(super) const ROWS_MAX: usize = 40;

/// Picks the word of a language.
pub(super) fn say<'a>(style: &Style, english: &'a str, korean: &'a str) -> &'a str {
    match style.language {
        Language::English => english,
        Language::Korean => korean,
    }
}

pub(super) fn heading(out: &mut String, style: &Style, text: &str) {
    let _ = writeln!(out, "\n{}", style.paint(Tone::Heading, text));
}

/// A small table, indented, with a heading; nothing if there are no rows.
pub(super) fn write_rows<const N: usize>(
    out: &mut String,
    style: &Style,
    words: [&str; N],
    rows: &[[String; N]],
) {
    if rows.is_empty() {
        return;
    }
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().take(ROWS_MAX).map(|row| width_of(&row[column]));
        cells.fold(width_of(words[column]), usize::max)
    });
    let line = |cells: [&str; N]| {
        let cells: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| pad(cell, width)).collect();
        format!("  {}", cells.join("  ").trim_end())
    };
    let _ = writeln!(out, "\n{}", style.paint(Tone::Faint, &line(words)));
    for row in rows.iter().take(ROWS_MAX) {
        let _ = writeln!(out, "{}", line(row.each_ref().map(String::as_str)));
    }
    if rows.len() > ROWS_MAX {
        let _ = writeln!(out, "  … {} {}", rows.len() - ROWS_MAX, say(style, "more", "개 더"));
    }
}
