//! The two ways into the log besides time: by entity and by cause. Built once, when a reader first asks.

use crate::{Entity, Entry, EntryId};

/// Entry ids grouped by entity, and entry ids grouped by their cause; both as runs in one sorted list.
#[derive(Debug)]
pub(crate) struct Index {
    /// Sorted by entity; each names the start of its run in `by_entity`.
    entities: Vec<(Entity, u32)>,
    by_entity: Vec<EntryId>,
    /// For each entry the start of its run in `by_cause`; one more at the end.
    effect_starts: Vec<u32>,
    by_cause: Vec<EntryId>,
}

impl Index {
    pub(crate) fn build(entries: &[Entry]) -> Index {
        let mut by_entity: Vec<EntryId> = (0..entries.len()).map(EntryId::from_index).collect();
        by_entity.sort_by_key(|id| entries[id.index()].entity);
        let mut entities: Vec<(Entity, u32)> = Vec::new();
        for (place, id) in by_entity.iter().enumerate() {
            let entity = entries[id.index()].entity;
            if entities.last().is_none_or(|(last, _)| *last != entity) {
                entities.push((entity, place as u32));
            }
        }
        let (effect_starts, by_cause) = group_by_cause(entries);
        Index { entities, by_entity, effect_starts, by_cause }
    }

    pub(crate) fn of(&self, entity: Entity) -> &[EntryId] {
        let Ok(place) = self.entities.binary_search_by_key(&entity, |(entity, _)| *entity) else {
            return &[];
        };
        let start = self.entities[place].1 as usize;
        let end = self.entities.get(place + 1).map_or(self.by_entity.len(), |(_, next)| *next as usize);
        &self.by_entity[start..end]
    }

    pub(crate) fn entities(&self) -> impl Iterator<Item = Entity> + '_ {
        self.entities.iter().map(|(entity, _)| *entity)
    }

    pub(crate) fn effects(&self, id: EntryId) -> &[EntryId] {
        let start = self.effect_starts[id.index()] as usize;
        let end = self.effect_starts[id.index() + 1] as usize;
        &self.by_cause[start..end]
    }
}

/// A counting sort of all caused entries by their cause.
fn group_by_cause(entries: &[Entry]) -> (Vec<u32>, Vec<EntryId>) {
    let mut starts = vec![0u32; entries.len() + 1];
    for cause in entries.iter().filter_map(|entry| entry.cause) {
        starts[cause.index() + 1] += 1;
    }
    for place in 1..starts.len() {
        starts[place] += starts[place - 1];
    }
    let mut next = starts.clone();
    let caused = starts.last().map_or(0, |&count| count as usize);
    let mut grouped = vec![EntryId::from_index(0); caused];
    for (index, entry) in entries.iter().enumerate() {
        if let Some(cause) = entry.cause {
            let place = &mut next[cause.index()];
            grouped[*place as usize] = EntryId::from_index(index);
            *place += 1;
        }
    }
    (starts, grouped)
}
