//! What comes again and again takes one line: keepalives, data, retransmissions, drops of one rule.

use std::collections::{BTreeMap, BTreeSet};

use super::row::{RepeatKey, Row};

/// How many lines a ladder has at most; a longer story is for the window, or for the trace.
const ROWS_MAX: usize = 5000;

/// Takes lines in order of time and keeps those that are worth reading.
#[derive(Debug, Default)]
pub(super) struct Collapse {
    rows: Vec<Row>,
    left_out: usize,
    shown: BTreeSet<RepeatKey>,
    /// Repetitions since the last line that was not one.
    pending: BTreeMap<RepeatKey, Row>,
}

impl Collapse {
    pub(super) fn push(&mut self, row: Row) {
        let Some(key) = row.repeats.clone() else {
            self.flush();
            self.keep(row);
            return;
        };
        if self.shown.insert(key.clone()) {
            self.flush();
            self.keep(row);
            return;
        }
        match self.pending.get_mut(&key) {
            Some(first) => {
                let (count, _) = first.collapsed.unwrap_or((1, first.at));
                first.collapsed = Some((count + 1, row.at));
            }
            None => {
                self.pending.insert(key, row);
            }
        }
    }

    fn flush(&mut self) {
        let mut rows: Vec<Row> = std::mem::take(&mut self.pending).into_values().collect();
        rows.sort_by_key(|row| row.entry);
        for row in rows {
            self.keep(row);
        }
    }

    fn keep(&mut self, row: Row) {
        if self.rows.len() < ROWS_MAX {
            self.rows.push(row);
        } else {
            self.left_out += 1;
        }
    }

    /// The lines, and how many there was no room for.
    pub(super) fn finish(mut self) -> (Vec<Row>, usize) {
        self.flush();
        (self.rows, self.left_out)
    }
}
