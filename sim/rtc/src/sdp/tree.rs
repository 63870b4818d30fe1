//! A description as a tree that prints back byte for byte: the text, its lines, and its sections. Not here: the grammar of a line
//! ([`super::value`]), and what sections have to do with each other ([`super::rules`]).

use std::fmt;
use std::str::FromStr;

use super::cursor::{Cursor, Read};
use super::error::{SdpError, SdpProblem, TEXT_BYTES_MAX};
use super::line::{Content, Line, LineType};
use super::order::Order;
use super::place::Place;
use super::section::Section;
use super::split;
use super::value::{self, session};

/// A session description as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Sdp {
    text: String,
    lines: Vec<Line>,
    /// Where the `m=` lines are among the lines.
    media: Vec<usize>,
}

impl Sdp {
    /// Reads a description; stops at the first line that the grammar does not allow, even if its value would not be used
    /// (RFC 9429 §5.8). Attributes that nobody knows are kept.
    pub fn parse(text: &str) -> Result<Sdp, SdpError> {
        let (sdp, problems) = Sdp::parse_tolerant(text);
        match problems.into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok(sdp),
        }
    }

    /// Reads as much as can be read, for views: lines that the grammar does not allow are kept as [`Content::Malformed`], and what
    /// is wrong with them is listed in the order of the text.
    pub fn parse_tolerant(text: &str) -> (Sdp, Vec<SdpError>) {
        let mut reader = Reader::new(text);
        if text.len() > TEXT_BYTES_MAX {
            let problem = SdpProblem::TooLong { length: text.len() };
            let place = Place { start: 0, end: 0, line: 1, column: 1 };
            let sdp = Sdp { text: String::new(), lines: Vec::new(), media: Vec::new() };
            return (sdp, vec![SdpError { place, problem, section: "RFC 8866 §5" }]);
        }
        let raw = split::lines(text);
        let last = raw.iter().rposition(|line| !line.text.is_empty());
        for (index, line) in raw.into_iter().enumerate() {
            let blank = last.is_none_or(|last| index > last);
            reader.line(index, line, blank);
        }
        reader.finish()
    }

    /// The text as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text at a place.
    pub fn text_at(&self, place: Place) -> &str {
        self.text.get(place.range()).unwrap_or_default()
    }

    /// All lines.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The lines before the first medium.
    pub fn session(&self) -> Section<'_> {
        let end = self.media.first().copied().unwrap_or(self.lines.len());
        Section::new(self, None, self.lines.get(..end).unwrap_or_default())
    }

    /// How many media there are.
    pub fn media_count(&self) -> usize {
        self.media.len()
    }

    /// A medium by its index.
    pub fn medium(&self, index: usize) -> Option<Section<'_>> {
        let start = *self.media.get(index)?;
        let end = self.media.get(index + 1).copied().unwrap_or(self.lines.len());
        Some(Section::new(self, Some(index), self.lines.get(start..end)?))
    }

    /// All media in order.
    pub fn media(&self) -> impl DoubleEndedIterator<Item = Section<'_>> {
        (0..self.media.len()).filter_map(|index| self.medium(index))
    }

    /// The medium with this mid.
    pub fn medium_with_mid(&self, mid: &str) -> Option<Section<'_>> {
        self.media().find(|section| section.mid() == Some(mid))
    }

    /// The bundles: the mids of each, its tag first (RFC 9143 §5).
    pub fn bundles(&self) -> Vec<Vec<String>> {
        let groups = self.session().groups();
        groups
            .into_iter()
            .filter(|(group, _)| group.is_bundle())
            .map(|(group, _)| group.mids.clone())
            .collect()
    }
}

/// The text, byte for byte.
impl fmt::Display for Sdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Sdp {
    type Err = SdpError;

    fn from_str(text: &str) -> Result<Sdp, SdpError> {
        Sdp::parse(text)
    }
}

/// Reads line after line.
struct Reader<'a> {
    text: &'a str,
    order: Order,
    lines: Vec<Line>,
    media: Vec<usize>,
    problems: Vec<SdpError>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Reader<'a> {
        let (lines, media, problems) = (Vec::new(), Vec::new(), Vec::new());
        Reader { text, order: Order::default(), lines, media, problems }
    }

    fn line(&mut self, index: usize, raw: split::RawLine, blank: bool) {
        let number = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
        let mut cursor = Cursor::new(self.text, raw.text.clone(), number);
        let place = cursor.place(raw.text.start, raw.text.end);
        let content = if blank { Ok(Content::Blank) } else { self.content(&mut cursor, place) };
        let content = content.unwrap_or_else(|problem| {
            self.problems.push(problem);
            Content::Malformed
        });
        self.lines.push(Line { place, ending: raw.ending, fields: cursor.into_fields(), content });
    }

    fn content(&mut self, line: &mut Cursor<'_>, place: Place) -> Read<Content> {
        let kind = line_type(line)?;
        line.under(kind.section());
        let before = self.lines.last().map_or(place, |line| line.place);
        if kind == LineType::Media {
            self.check_connection(before);
            self.media.push(self.lines.len());
        }
        if let Some(problem) = self.order.next(kind) {
            self.problems.push(SdpError { place, problem, section: "RFC 8866 §5" });
        }
        read(kind, line)
    }

    /// At the end of a medium.
    fn check_connection(&mut self, place: Place) {
        if self.order.lacks_connection() {
            let problem = SdpProblem::Missing { missing: LineType::Connection };
            self.problems.push(SdpError { place, problem, section: "RFC 8866 §5.7" });
        }
    }

    fn finish(mut self) -> (Sdp, Vec<SdpError>) {
        let end = self.lines.iter().rev().find(|line| line.content != Content::Blank).map(|line| line.place);
        let place = end.unwrap_or(Place { start: 0, end: 0, line: 1, column: 1 });
        self.check_connection(place);
        if end.is_none() {
            self.problems.push(SdpError { place, problem: SdpProblem::Empty, section: "RFC 8866 §5" });
        } else if let Some(missing) = self.order.missing_at_end() {
            let problem = SdpProblem::Missing { missing };
            self.problems.push(SdpError { place, problem, section: missing.section() });
        }
        self.problems.sort_by_key(|problem| problem.place.line);
        (Sdp { text: self.text.to_owned(), lines: self.lines, media: self.media }, self.problems)
    }
}

/// The letter and the equals sign.
fn line_type(line: &mut Cursor<'_>) -> Read<LineType> {
    let text = line.left();
    let forbidden = [('\0', "a NUL byte"), ('\r', "a carriage return without a line feed")];
    if let Some((_, found)) = forbidden.into_iter().find(|(letter, _)| text.contains(*letter)) {
        return line.fail_with(SdpProblem::ForbiddenByte { found });
    }
    let mut letters = text.chars();
    let (Some(letter), Some('=')) = (letters.next(), letters.next()) else {
        return line.fail_with(SdpProblem::NotALine { found: text.chars().take(20).collect() });
    };
    let Some(kind) = LineType::of(letter) else {
        return line.fail_with(SdpProblem::UnknownType { found: letter });
    };
    line.run("type", |found| found == letter)?;
    line.expect("=", "an equals sign")?;
    Ok(kind)
}

fn read(kind: LineType, line: &mut Cursor<'_>) -> Read<Content> {
    Ok(match kind {
        LineType::Version => {
            let version = line.number("version 0", 0, 0)?;
            line.end()?;
            Content::Version(version)
        }
        LineType::Origin => Content::Origin(session::origin(line)?),
        LineType::SessionName => match line.rest("session name") {
            "" => return line.fail("a session name; a dash stands for none"),
            name => Content::SessionName(name.to_owned()),
        },
        LineType::Connection => Content::Connection(session::connection(line)?),
        LineType::Bandwidth => Content::Bandwidth(session::bandwidth(line)?),
        LineType::Time => Content::Time(session::timing(line)?),
        LineType::Media => Content::Media(session::media(line)?),
        LineType::Attribute => Content::Attribute(value::attribute(line)?),
        LineType::Repeat | LineType::Zone => {
            let letters = |letter: char| letter.is_ascii_digit() || "dhms- ".contains(letter);
            line.run("times", letters)?;
            line.end()?;
            Content::Other(kind)
        }
        LineType::Information | LineType::Uri | LineType::Email | LineType::Phone | LineType::Key => {
            if line.rest("text").is_empty() {
                return line.fail("a text");
            }
            Content::Other(kind)
        }
    })
}
