//! Reads the value of one line from left to right and notes where each field stands. Not here: the grammar of any line.

use super::error::{SdpError, SdpProblem};
use super::place::{Field, Place};

/// A reader of one line.
pub(crate) struct Cursor<'a> {
    /// The whole text; places count from its start.
    text: &'a str,
    /// Where the next byte is.
    at: usize,
    /// Where the line ends.
    end: usize,
    /// Where the line begins, for columns.
    line_start: usize,
    line: u32,
    /// The section whose grammar is being read.
    section: &'static str,
    fields: Vec<Field>,
}

pub(crate) type Read<T> = Result<T, SdpError>;

impl<'a> Cursor<'a> {
    /// At the start of a line.
    pub(crate) fn new(text: &'a str, range: std::ops::Range<usize>, line: u32) -> Cursor<'a> {
        let std::ops::Range { start, end } = range;
        Cursor { text, at: start, end, line_start: start, line, section: "RFC 8866 §5", fields: Vec::new() }
    }

    /// From here on, the grammar of this section is read.
    pub(crate) fn under(&mut self, section: &'static str) {
        self.section = section;
    }

    /// What was noted.
    pub(crate) fn into_fields(self) -> Vec<Field> {
        self.fields
    }

    /// What has not been read.
    pub(crate) fn left(&self) -> &'a str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.end
    }

    /// The place of these bytes of the line.
    pub(crate) fn place(&self, start: usize, end: usize) -> Place {
        let before = self.text.get(self.line_start..start).unwrap_or_default();
        let column = u32::try_from(before.chars().count()).unwrap_or(u32::MAX).saturating_add(1);
        Place { start, end, line: self.line, column }
    }

    /// An error about the `length` bytes that were read last.
    pub(crate) fn wrong<T>(&self, found: &str, expected: &'static str) -> Read<T> {
        let place = self.place(self.at.saturating_sub(found.len()), self.at);
        let problem = SdpProblem::Expected { expected, found: shortened(found) };
        Err(SdpError { place, problem, section: self.section })
    }

    /// An error about what comes next.
    pub(crate) fn fail<T>(&self, expected: &'static str) -> Read<T> {
        let left = self.left();
        let word = left.split(' ').next().unwrap_or_default();
        let problem = if left.is_empty() {
            SdpProblem::Ends { expected }
        } else {
            SdpProblem::Expected { expected, found: shortened(if word.is_empty() { left } else { word }) }
        };
        Err(SdpError { place: self.place(self.at, self.end), problem, section: self.section })
    }

    pub(crate) fn fail_with<T>(&self, problem: SdpProblem) -> Read<T> {
        Err(SdpError { place: self.place(self.line_start, self.end), problem, section: self.section })
    }

    fn note(&mut self, name: &'static str, start: usize, end: usize) {
        let place = self.place(start, end);
        self.fields.push(Field { name, place });
    }

    /// Reads the bytes as long as `wanted` takes their characters, at least one; what follows is left.
    pub(crate) fn run(&mut self, name: &'static str, wanted: impl Fn(char) -> bool) -> Read<&'a str> {
        let left = self.left();
        let length = left.find(|letter| !wanted(letter)).unwrap_or(left.len());
        let found = left.get(..length).unwrap_or_default();
        if found.is_empty() {
            return self.fail(name);
        }
        self.note(name, self.at, self.at + length);
        self.at += length;
        Ok(found)
    }

    /// A word: everything up to the next space.
    pub(crate) fn word(&mut self, name: &'static str) -> Read<&'a str> {
        self.run(name, |letter| letter != ' ')
    }

    /// A token of RFC 8866 §9.
    pub(crate) fn token(&mut self, name: &'static str) -> Read<&'a str> {
        self.run(name, is_token_char)
    }

    /// Everything that is left; may be empty.
    pub(crate) fn rest(&mut self, name: &'static str) -> &'a str {
        let found = self.left();
        self.note(name, self.at, self.end);
        self.at = self.end;
        found
    }

    /// One or more spaces. The grammars have exactly one; some senders align columns.
    pub(crate) fn space(&mut self, expected: &'static str) -> Read<()> {
        let spaces = self.left().len() - self.left().trim_start_matches(' ').len();
        if spaces == 0 {
            return self.fail(expected);
        }
        self.at += spaces;
        if self.is_at_end() { self.fail(expected) } else { Ok(()) }
    }

    /// Takes this text if it comes next.
    pub(crate) fn take(&mut self, wanted: &str) -> bool {
        let found = self.left().starts_with(wanted);
        self.at += if found { wanted.len() } else { 0 };
        found
    }

    /// Takes spaces, and says whether something follows them.
    pub(crate) fn more(&mut self) -> bool {
        let spaces = self.left().len() - self.left().trim_start_matches(' ').len();
        if spaces == self.left().len() {
            self.at = self.end;
            return false;
        }
        self.at += spaces;
        spaces > 0
    }

    /// This text has to come next.
    pub(crate) fn expect(&mut self, wanted: &str, expected: &'static str) -> Read<()> {
        if self.take(wanted) { Ok(()) } else { self.fail(expected) }
    }

    /// A number without sign, between these.
    pub(crate) fn number(&mut self, name: &'static str, least: u64, most: u64) -> Read<u64> {
        let digits = self.run(name, |letter| letter.is_ascii_digit())?;
        match digits.parse() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ => self.wrong(digits, name),
        }
    }

    /// The line has to end here, apart from spaces.
    pub(crate) fn end(&mut self) -> Read<()> {
        if !self.more() && self.is_at_end() {
            return Ok(());
        }
        let problem = SdpProblem::Trailing { found: shortened(self.left()) };
        Err(SdpError { place: self.place(self.at, self.end), problem, section: self.section })
    }
}

/// The characters of a token (RFC 8866 §9).
pub(crate) fn is_token_char(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`{|}~".contains(letter)
}

/// As much of a text as an error message needs.
fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    if text.chars().count() <= CHARS_MAX {
        return text.to_owned();
    }
    text.chars().take(CHARS_MAX).chain("…".chars()).collect()
}
