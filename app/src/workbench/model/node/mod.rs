//! The state of a node at a place of the trace: sections of rows, ready to be listed, each row with the entry that made it so.
//! Here: the types, and which sections there are. What each section says is in the files beside this one.

mod ethernet;
mod ice;
mod network;
mod reader;
mod turn;

use std::borrow::Cow;

use rtclab_trace::{EntryId, NodeId};

use super::cursor::Cursor;
use super::document::Document;
use crate::workbench::language::Language;
use crate::workbench::words::Word;
use reader::Reader;

/// How a cell is to be read; views turn it into colour and shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Text.
    Plain,
    /// An address, a number: monospaced.
    Exact,
    /// Secondary.
    Quiet,
    /// A state that is good.
    Good,
    /// A state that waits or is in progress.
    Busy,
    /// A state that is not there yet.
    Idle,
    /// A state that is bad.
    Bad,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// What it says.
    pub(crate) text: String,
    /// How it is to be read.
    pub(crate) tone: Tone,
    /// More about it, for who points at it.
    pub(crate) aside: Option<String>,
}

/// A row: one thing on the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its cells, one for each column of the section.
    pub(crate) cells: Vec<Cell>,
    /// The entry that made it so.
    pub(crate) entry: EntryId,
    /// Whether it is over: listed last, shown dimmed.
    pub(crate) over: bool,
}

/// A table about one kind of thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    /// What it lists.
    pub(crate) title: Word,
    /// Heads of the columns.
    pub(crate) columns: &'static [Word],
    /// What there is.
    pub(crate) rows: Vec<Row>,
}

/// The state of a node after `cursor.count` entries, with timers as they stand at `cursor.time`.
pub(crate) fn sections(
    document: &Document,
    node: NodeId,
    cursor: Cursor,
    language: Language,
) -> Vec<Section> {
    let reader = Reader { document, node, cursor, language };
    let mut sections = vec![
        reader.agent(),
        reader.check_list(),
        reader.candidates(),
        reader.mappings(),
        reader.flows(),
        reader.neighbors(),
        reader.stations(),
        reader.counters(),
        reader.allocations(),
        reader.grants(),
        reader.transactions(),
        reader.queries(),
        reader.sockets(),
        reader.programs(),
        reader.addresses(),
        reader.rules(),
        reader.routes(),
    ];
    sections.retain(|section| !section.rows.is_empty());
    for section in &mut sections {
        section.rows.sort_by_key(|row| row.over);
    }
    sections
}

/// The state of a node's check lists in a word each, for the head of its section.
pub(crate) fn check_list_state(document: &Document, node: NodeId, cursor: Cursor) -> Option<String> {
    Reader { document, node, cursor, language: Language::English }.list_state()
}

fn lines(lines: &[String], entry: EntryId) -> Vec<Row> {
    lines.iter().map(|line| Row { cells: vec![exact(line)], entry, over: false }).collect()
}

fn plain(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), tone: Tone::Plain, aside: None }
}

fn exact(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), tone: Tone::Exact, aside: None }
}

fn quiet(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), tone: Tone::Quiet, aside: None }
}

fn state_cell(text: impl Into<Cow<'static, str>>, tone: Tone) -> Cell {
    Cell { text: text.into().into_owned(), tone, aside: None }
}
