//! Reading the state of a node's things out of a trace. Not here: which things, and what is said about them.

use rtclab_trace::{Change, Entity, EntryId, NodeId, SimTime};

use super::{Cell, Tone};
use crate::workbench::language::Language;
use crate::workbench::model::cursor::Cursor;
use crate::workbench::model::document::Document;
use crate::workbench::words::Word;

/// A node at a place of a trace.
pub(super) struct Reader<'a> {
    pub(super) document: &'a Document,
    pub(super) node: NodeId,
    pub(super) cursor: Cursor,
    pub(super) language: Language,
}

impl<'a> Reader<'a> {
    /// The newest change of a thing, and the entry that holds it.
    pub(super) fn latest(&self, entity: Entity) -> Option<(EntryId, &'a Change)> {
        let trace = &self.document.trace;
        let id = trace.latest_before(entity, self.cursor.count)?;
        Some((id, &trace.entry(id).change))
    }

    /// The newest state of everything on the node that `pick` recognises, in the order of its number.
    pub(super) fn all<T: 'a>(
        &self,
        kind: impl Fn(Entity) -> bool,
        pick: impl Fn(&'a Change) -> Option<T>,
    ) -> Vec<(EntryId, Entity, T)> {
        self.document
            .entities_on(self.node)
            .iter()
            .copied()
            .filter(|entity| kind(*entity))
            .filter_map(|entity| {
                let (id, change) = self.latest(entity)?;
                Some((id, entity, pick(change)?))
            })
            .collect()
    }

    /// What is left of a timer.
    pub(super) fn countdown(&self, expires_at: SimTime) -> Cell {
        if expires_at == SimTime::MAX {
            return Cell { text: "–".into(), tone: Tone::Quiet, aside: None };
        }
        let left = expires_at.since(self.cursor.time).as_secs_f64();
        let tone = if left < 5.0 { Tone::Busy } else { Tone::Exact };
        Cell { text: self.language.fill(Word::Seconds, &[&format!("{left:.1}")]), tone, aside: None }
    }
}
