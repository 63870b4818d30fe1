//! The lines of a ladder laid out in columns: entry, time, from, arrow, to, what, why.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use rtclab_trace::Reason;

use super::columns::{pad, pad_left, width_of, wrap};
use super::row::Row;
use super::style::{Style, Tone};
use crate::Language;

/// Between two columns.
const GAP: usize = 2;
/// "what" gets at least so much, and "why" too; where there is less room, "why" goes under "what".
const COLUMN_MIN: usize = 34;
/// The longest name that a column makes room for.
const NAME_MAX: usize = 20;

struct Widths {
    entry: usize,
    at: usize,
    from: usize,
    to: usize,
    what: usize,
    /// None: under "what".
    why: Option<usize>,
}

impl Widths {
    fn of(rows: &[Row], style: &Style) -> Widths {
        let widest =
            |text: &dyn Fn(&Row) -> usize, least: usize| rows.iter().map(text).fold(least, usize::max);
        let entry = widest(&|row| row.entry.index().to_string().len() + 1, 2);
        let at = widest(&|row| row.at.to_string().len(), 7);
        let from = widest(&|row| width_of(&row.from).min(NAME_MAX), 4);
        let to = widest(&|row| width_of(&row.to).min(NAME_MAX), 2);
        let what = widest(&|row| width_of(&what(row, style.language)), 4);
        let left = entry + at + from + 1 + to + 4 * GAP + 2;
        let room = style.width.saturating_sub(left);
        if room < 2 * COLUMN_MIN + GAP {
            return Widths { entry, at, from, to, what: room.max(COLUMN_MIN), why: None };
        }
        // "what" is the story: it gets what it needs, up to a bit more than half of the room, so that "why" does not become a strip.
        let what = what.min(room * 11 / 20).min(room - COLUMN_MIN - GAP);
        Widths { entry, at, from, to, what, why: Some(room - what - GAP) }
    }
}

/// Writes the heading and the lines.
pub(super) fn write(out: &mut String, rows: &[Row], style: &Style) {
    let widths = Widths::of(rows, style);
    let words = match style.language {
        Language::English => ["#", "time", "from", "to", "what", "why"],
        Language::Korean => ["#", "시각", "보낸 곳", "받는 곳", "무엇", "왜"],
    };
    let heading = format!(
        "{}  {}  {} {} {}  {}  {}",
        pad_left(words[0], widths.entry),
        pad_left(words[1], widths.at),
        pad(words[2], widths.from),
        " ",
        pad(words[3], widths.to),
        if widths.why.is_some() { pad(words[4], widths.what) } else { words[4].into() },
        if widths.why.is_some() { words[5] } else { "" },
    );
    let _ = writeln!(out, "{}", style.paint(Tone::Heading, heading.trim_end()));
    let mut told = BTreeSet::new();
    for row in rows {
        write_row(out, row, &widths, style, &mut told);
    }
}

fn write_row(out: &mut String, row: &Row, widths: &Widths, style: &Style, told: &mut BTreeSet<Reason>) {
    let why = why(row, style.language, told);
    let what = what(row, style.language);
    let mut lines: Vec<(String, String)> = match widths.why {
        Some(room) => {
            let (mut left, mut right) = (wrap(&what, widths.what), wrap(&why, room));
            let count = left.len().max(right.len());
            left.resize(count, String::new());
            right.resize(count, String::new());
            left.into_iter().zip(right).collect()
        }
        None => {
            let under = (!why.is_empty()).then(|| wrap(&why, widths.what.saturating_sub(2)));
            let what = wrap(&what, widths.what).into_iter().map(|line| (line, String::new()));
            let under = under.into_iter().flatten().map(|line| (String::new(), format!("  {line}")));
            what.chain(under).collect()
        }
    };
    let first = lines.remove(0);
    let ends = format!("{} {} {}", pad(&row.from, widths.from), row.arrow.sign(), pad(&row.to, widths.to),);
    let lead = format!(
        "{}  {}  {}",
        style.paint(Tone::Faint, &pad_left(&format!("#{}", row.entry.index()), widths.entry)),
        pad_left(&row.at.to_string(), widths.at),
        style.paint(row.tone, &ends),
    );
    let indent = " ".repeat(widths.entry + widths.at + widths.from + widths.to + 2 * GAP + 3);
    write_line(out, &lead, &first, widths, row.tone, style);
    for line in &lines {
        write_line(out, &indent, line, widths, row.tone, style);
    }
}

fn write_line(
    out: &mut String,
    lead: &str,
    (what, why): &(String, String),
    widths: &Widths,
    tone: Tone,
    style: &Style,
) {
    let what = match (widths.why, why.is_empty()) {
        (_, true) => style.paint(tone, what),
        (Some(_), false) => style.paint(tone, &pad(what, widths.what)),
        (None, false) => String::new(),
    };
    let gap = if widths.why.is_some() && !why.is_empty() { "  " } else { "" };
    let line = format!("{lead}  {what}{gap}{}", style.paint(Tone::Faint, why));
    let _ = writeln!(out, "{}", line.trim_end());
}

/// A reason is told in a sentence the first time, and by its name from then on.
fn why(row: &Row, language: Language, told: &mut BTreeSet<Reason>) -> String {
    let Some(reason) = row.reason else { return row.remark.clone() };
    let text = reason.text();
    if !told.insert(reason) {
        return text.code.to_owned();
    }
    let sentence = language.sentence(text).trim_end_matches('.');
    match text.section {
        "" => format!("{}: {sentence}", text.code),
        section => format!("{}: {sentence} ({section})", text.code),
    }
}

/// What happened, and how often, if the line stands for several.
fn what(row: &Row, language: Language) -> Cow<'_, str> {
    let Some((count, last)) = row.collapsed else { return Cow::Borrowed(&row.what) };
    let (what, more) = (&row.what, count - 1);
    Cow::Owned(match language {
        Language::English => format!("{what}, and {more} more like it until {last}"),
        Language::Korean => format!("{what}, {last}까지 같은 것 {more}개 더"),
    })
}
