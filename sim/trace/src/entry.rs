//! One line of the log.

use crate::{Change, Entity, EntryId, Reason, SimTime};

/// What happened: 48 bytes, because a long run has millions of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When.
    pub at: SimTime,
    /// To what.
    pub entity: Entity,
    /// The entry that made it happen; none for what the scenario itself started.
    pub cause: Option<EntryId>,
    /// Why, in the words of the registry.
    pub reason: Option<Reason>,
    /// The new state of the entity.
    pub change: Change,
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_entry_stays_within_48_bytes() {
        assert!(size_of::<super::Entry>() <= 48, "{}", size_of::<super::Entry>());
    }
}
