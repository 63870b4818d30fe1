//! A run as text: a line for each thing that mattered (when, from, to, what, why), then what it came to. What `rtclab run` prints, and the
//! text twin of the window.
//!
//! | file | what lives there |
//! |---|---|
//! | `reader` | walks the trace; which entry becomes a line |
//! | `packets`, `events` | the words of a line |
//! | `collapse` | repetitions take one line |
//! | `row`, `table`, `columns`, `style` | the line, and how it is laid out |
//! | `summary` | calls, packets, expectations |
//! | `ice` | candidates, pairs, transactions, what a TURN server holds |
//! | `network` | links with queue and loss, mappings of NATs, what firewalls have counted and remember |
//! | `rows` | the tables of these |
//!
//! Every line is one entry of the trace and begins with its number, so that `--trace` and the window show the same one.

mod collapse;
pub(crate) mod columns;
mod events;
mod ice;
mod network;
mod packets;
mod reader;
mod row;
mod rows;
mod session;
mod style;
mod summary;
mod table;
mod tcp;

use std::fmt::Write as _;

use rtclab_trace::Observe;

use crate::Language;
use crate::run::Outcome;
use collapse::Collapse;
use reader::Reader;

pub use style::{Style, Tone};

/// The whole text of a run: title, ladder, summary.
pub fn text(outcome: &Outcome, style: &Style) -> String {
    let mut out = String::new();
    summary::write_title(&mut out, outcome, style);
    if outcome.trace.observe() == Observe::Full {
        let _ = writeln!(out);
        write_ladder(&mut out, outcome, style);
    }
    summary::write(&mut out, outcome, style);
    out
}

fn write_ladder(out: &mut String, outcome: &Outcome, style: &Style) {
    let mut reader = Reader::new(&outcome.trace);
    let mut collapse = Collapse::default();
    for (id, _) in outcome.trace.entries() {
        if let Some(row) = reader.read(id) {
            collapse.push(row);
        }
    }
    let (rows, left_out) = collapse.finish();
    table::write(out, &rows, style);
    if left_out > 0 {
        let _ = match style.language {
            Language::English => writeln!(out, "… and {left_out} more lines; the trace has them all"),
            Language::Korean => writeln!(out, "… {left_out}줄 더 있으며, 트레이스에 모두 있습니다"),
        };
    }
}
