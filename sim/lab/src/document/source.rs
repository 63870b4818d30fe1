//! The values of a document with the place of each: from TOML text to a tree. Not here: what the values mean.

use indexmap::IndexMap;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Problems};

/// Longer texts are refused; what a person writes is a thousandth of it.
pub(super) const TEXT_BYTES_MAX: usize = 2 << 20;

/// Where something stands: bytes of one of the sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Which source, by index: the file is 0, overrides follow.
    pub source: usize,
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub place: Place,
    pub data: Data,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Data {
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Date,
    List(Vec<Value>),
    Table(Table),
}

/// Entries in the order of the text.
pub(super) type Table = IndexMap<String, Entry>;

/// An entry of a table.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Where its key stands.
    pub key: Place,
    pub value: Value,
}

impl Value {
    /// With its article, as messages name it.
    pub(super) fn kind(&self) -> &'static str {
        match self.data {
            Data::Text(_) => "a string",
            Data::Integer(_) => "an integer",
            Data::Float(_) => "a number with a fraction",
            Data::Bool(_) => "a boolean",
            Data::Date => "a date",
            Data::List(_) => "a list",
            Data::Table(_) => "a table",
        }
    }

    /// The same for the deserializer, which needs no places.
    pub(super) fn to_toml(&self) -> toml::Value {
        match &self.data {
            Data::Text(text) => toml::Value::String(text.clone()),
            Data::Integer(number) => toml::Value::Integer(*number),
            Data::Float(number) => toml::Value::Float(*number),
            Data::Bool(value) => toml::Value::Boolean(*value),
            Data::Date => toml::Value::String(String::new()),
            Data::List(values) => toml::Value::Array(values.iter().map(Value::to_toml).collect()),
            Data::Table(table) => toml::Value::Table(
                table.iter().map(|(key, entry)| (key.clone(), entry.value.to_toml())).collect(),
            ),
        }
    }
}

/// The texts that a document is made of.
#[derive(Debug)]
pub(super) struct Sources {
    /// Name and text of each.
    texts: Vec<(String, String)>,
}

impl Sources {
    /// With the file alone.
    pub(super) fn new(file_name: &str, text: &str) -> Sources {
        Sources { texts: vec![(file_name.to_string(), text.to_string())] }
    }

    /// Adds another and says its index.
    pub(super) fn add(&mut self, name: &str, text: &str) -> usize {
        self.texts.push((name.to_string(), text.to_string()));
        self.texts.len() - 1
    }

    /// A problem at a place.
    pub(super) fn problem(&self, place: Place, message: impl Into<String>) -> Problem {
        let (file, text) = &self.texts[place.source];
        let start = floor(text, place.start);
        let end = floor(text, place.end.max(start));
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        Problem {
            file: file.clone(),
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            source_line: text[line_start..line_end].trim_end_matches('\r').to_string(),
            text: text[start..end.min(line_end)].trim_end().to_string(),
            message: message.into(),
            expected: None,
            suggestion: None,
        }
    }

    /// Reads a source as a document.
    pub(super) fn read_document(&self, source: usize) -> (Table, Vec<(Place, Problem)>) {
        let text = &self.texts[source].1;
        if text.len() > TEXT_BYTES_MAX {
            let place = Place { source, start: 0, end: 0 };
            let problem = self.problem(place, "the document is too long");
            let expected = Some(format!("at most {TEXT_BYTES_MAX} bytes"));
            return (Table::new(), vec![(place, Problem { expected, ..problem })]);
        }
        let (document, errors) = DeTable::parse_recoverable(text);
        let mut reader = Reader { sources: self, source, offset: 0, problems: Vec::new() };
        reader.syntax(&errors);
        let table = reader.table(document.get_ref());
        (table, reader.problems)
    }

    /// Reads a source from `offset` on as a value.
    pub(super) fn read_value(&self, source: usize, offset: usize) -> (Option<Value>, Vec<(Place, Problem)>) {
        let mut reader = Reader { sources: self, source, offset, problems: Vec::new() };
        match DeValue::parse(&self.texts[source].1[offset..]) {
            Ok(value) => (Some(reader.value(&value)), reader.problems),
            Err(error) => {
                reader.syntax(&[error]);
                (None, reader.problems)
            }
        }
    }
}

/// The largest boundary of a character up to an index.
fn floor(text: &str, index: usize) -> usize {
    text.floor_char_boundary(index.min(text.len()))
}

/// Whether a problem is in the line that begins a table.
fn is_header(problem: &Problem) -> bool {
    problem.source_line.trim_start().starts_with('[')
}

fn defined_twice(problem: Problem) -> Problem {
    let message = format!("`{}` is there already", problem.text);
    Problem { message, expected: Some("every key and every table once".to_string()), ..problem }
}

/// Turns what the TOML parser gives into a tree.
struct Reader<'a> {
    sources: &'a Sources,
    source: usize,
    offset: usize,
    problems: Vec<(Place, Problem)>,
}

impl Reader<'_> {
    fn place(&self, span: std::ops::Range<usize>) -> Place {
        Place { source: self.source, start: span.start + self.offset, end: span.end + self.offset }
    }

    /// Errors of syntax, the first one of each line: the others follow from it as a rule.
    fn syntax(&mut self, errors: &[toml::de::Error]) {
        let mut lines = Vec::new();
        let mut errors: Vec<_> = errors.iter().map(|error| (error.span().unwrap_or(0..0), error)).collect();
        errors.sort_by_key(|(span, _)| span.start);
        let mut in_duplicate_table = false;
        // A problem is looked up in the text, so a text of nothing else is not looked through to its end.
        for (span, error) in errors.into_iter().take(8 * Problems::MAX) {
            let place = self.place(span);
            let (message, expected) = match error.message().split_once(", expected ") {
                Some((message, expected)) => (message, Some(expected.to_string())),
                None => (error.message(), None),
            };
            let problem = Problem { expected, ..self.sources.problem(place, message) };
            let is_duplicate = message == "duplicate key";
            // The keys of a table that is there twice are not what is wrong.
            if lines.contains(&problem.line) || (is_duplicate && in_duplicate_table && !is_header(&problem)) {
                continue;
            }
            in_duplicate_table = is_duplicate && is_header(&problem);
            lines.push(problem.line);
            self.problems.push((place, if is_duplicate { defined_twice(problem) } else { problem }));
        }
    }

    fn table(&mut self, table: &DeTable<'_>) -> Table {
        let mut entries = Table::new();
        for (key, value) in table {
            let entry = Entry { key: self.place(key.span()), value: self.value(value) };
            entries.insert(key.get_ref().to_string(), entry);
        }
        // `[node.a]`, `[link]`, `[node.b]` may be mixed: the order is that of the keys in the text.
        entries.sort_by(|_, first, _, second| first.key.cmp(&second.key));
        entries
    }

    fn value(&mut self, value: &toml::Spanned<DeValue<'_>>) -> Value {
        let place = self.place(value.span());
        let data = match value.get_ref() {
            DeValue::String(text) => Data::Text(text.to_string()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Data::Integer(number),
                Err(_) => self.out_of_range(place, Data::Integer(0)),
            },
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) if number.is_finite() => Data::Float(number),
                _ => self.out_of_range(place, Data::Float(0.0)),
            },
            DeValue::Boolean(value) => Data::Bool(*value),
            DeValue::Datetime(_) => Data::Date,
            DeValue::Array(values) => Data::List(values.iter().map(|value| self.value(value)).collect()),
            DeValue::Table(table) => Data::Table(self.table(table)),
        };
        Value { place, data }
    }

    fn out_of_range(&mut self, place: Place, instead: Data) -> Data {
        let problem = self.sources.problem(place, "this is not a number that can be used");
        let expected = Some("a finite number, integers between -2^63 and 2^63 - 1".to_string());
        self.problems.push((place, Problem { expected, ..problem }));
        instead
    }
}
