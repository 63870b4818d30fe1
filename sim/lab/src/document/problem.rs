//! What is wrong with a document, where, and what was expected; and how that looks as text. Finding it is elsewhere.

use std::fmt::{self, Display, Formatter};

/// One thing that is wrong. Displayed like a compiler's message, over several lines, without colours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    /// The file, or `--set` for an override.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters, from 1.
    pub column: usize,
    /// The whole line.
    pub source_line: String,
    /// The offending text; empty where something is missing.
    pub text: String,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// What was expected there.
    pub expected: Option<String>,
    /// A word close to the offending one that would be right.
    pub suggestion: Option<String>,
}

/// Notes are broken at this column.
const NOTE_WIDTH: usize = 100;

/// Lines longer than this are shown in part.
const WIDTH_MAX: usize = 160;

impl Display for Problem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        writeln!(f, "error: {}", self.message)?;
        writeln!(f, "{margin}--> {}:{}:{}", self.file, self.line, self.column)?;
        let (shown, start) = window(&self.source_line, self.column - 1);
        let room = shown.chars().count().saturating_sub(start).max(1);
        let carets = "^".repeat(self.text.chars().count().clamp(1, room));
        writeln!(f, "{margin} |")?;
        writeln!(f, "{number} | {}", shown.trim_end())?;
        write!(f, "{margin} | {}{carets}", " ".repeat(start))?;
        if let Some(expected) = &self.expected {
            write!(f, "\n{margin} = {}", wrap(&format!("expected {expected}"), number.len() + 3))?;
        }
        if let Some(suggestion) = &self.suggestion {
            write!(f, "\n{margin} = did you mean `{suggestion}`?")?;
        }
        Ok(())
    }
}

/// Breaks a note between words, and indents what follows under its second word.
fn wrap(note: &str, indent: usize) -> String {
    let mut shown = String::new();
    let mut column = indent;
    for (index, word) in note.split(' ').enumerate() {
        let width = word.chars().count();
        if index > 0 && column + 1 + width > NOTE_WIDTH {
            let under = indent + "expected ".len();
            shown.push('\n');
            shown.push_str(&" ".repeat(under));
            column = under;
        } else if index > 0 {
            shown.push(' ');
            column += 1;
        }
        shown.push_str(word);
        column += width;
    }
    shown
}

/// The part of a line around a column that is shown, without control characters, and where the column is in it.
fn window(line: &str, column: usize) -> (String, usize) {
    let from = if column + 20 > WIDTH_MAX { column - WIDTH_MAX / 2 } else { 0 };
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    (line.chars().skip(from).take(WIDTH_MAX).map(clean).collect(), column - from)
}

/// Everything that is wrong with a document, in the order of the text; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problems {
    /// The problems, at most [`Problems::MAX`].
    pub list: Vec<Problem>,
    /// How many more there are.
    pub more: usize,
}

impl Problems {
    /// More problems than this are counted, not told.
    pub const MAX: usize = 50;
}

impl Display for Problems {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            if index > 0 {
                write!(f, "\n\n")?;
            }
            write!(f, "{problem}")?;
        }
        if self.more > 0 {
            write!(f, "\n\n… and {} more", self.more)?;
        }
        Ok(())
    }
}
