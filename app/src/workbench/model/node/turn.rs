//! TURN on a node: the allocations that it holds or grants, and what they may carry.

use rtclab_rtc::ice;
use rtclab_rtc::turn::AllocationState;
use rtclab_trace::{Change, Entity};

use super::reader::Reader;
use super::{Row, Section, Tone, exact, plain, quiet, state_cell};
use crate::workbench::model::describe::allocation_name;
use crate::workbench::words::Word;

impl Reader<'_> {
    pub(super) fn allocations(&self) -> Section {
        let found = self.all(
            |entity| matches!(entity, Entity::Allocation(..)),
            |change| match change {
                Change::Protocol(change) => match &**change {
                    ice::Change::Allocation(allocation) => Some(allocation),
                    _ => None,
                },
                _ => None,
            },
        );
        let rows = found.into_iter().map(|(entry, _, allocation)| {
            let tone = allocation_tone(allocation.state);
            let live = is_live(allocation.state);
            let cells = vec![
                state_cell(allocation_name(allocation.state), tone),
                exact(allocation.client.to_string()),
                exact(allocation.relayed.map_or_else(|| "–".into(), |relayed| relayed.to_string())),
                allocation.expires_at.filter(|_| live).map_or_else(|| quiet("–"), |at| self.countdown(at)),
            ];
            Row { cells, entry, over: !live }
        });
        let columns = &[Word::ColumnState, Word::ColumnClient, Word::ColumnRelayed, Word::ColumnExpires];
        Section { title: Word::SectionAllocations, columns, rows: rows.collect() }
    }

    /// Who may send to the allocations, and the channels that are bound, each until its time is up (RFC 8656 §9, §12).
    pub(super) fn grants(&self) -> Section {
        let found = self.all(
            |entity| matches!(entity, Entity::Allocation(..)),
            |change| match change {
                Change::Protocol(change) => match &**change {
                    ice::Change::Allocation(allocation) => Some(allocation),
                    _ => None,
                },
                _ => None,
            },
        );
        let mut rows = Vec::new();
        for (entry, _, allocation) in found.iter().filter(|(.., allocation)| is_live(allocation.state)) {
            let relayed = allocation.relayed.map_or_else(|| "–".into(), |relayed| relayed.to_string());
            let mut row = |word: Word, peer: String, until| {
                let over = until <= self.cursor.time;
                let left = if over { quiet("–") } else { self.countdown(until) };
                let cells = vec![plain(self.language.say(word)), exact(&relayed), exact(peer), left];
                rows.push(Row { cells, entry: *entry, over });
            };
            for (peer, until) in &allocation.permissions {
                row(Word::GrantPermission, peer.to_string(), *until);
            }
            for (number, peer, until) in &allocation.channels {
                row(Word::GrantChannel, format!("{number:#06x} {peer}"), *until);
            }
        }
        let columns = &[Word::ColumnType, Word::ColumnRelayed, Word::ColumnPeer, Word::ColumnExpires];
        Section { title: Word::SectionGrants, columns, rows }
    }
}

const fn is_live(state: AllocationState) -> bool {
    matches!(state, AllocationState::Requested | AllocationState::Active)
}

fn allocation_tone(state: AllocationState) -> Tone {
    match state {
        AllocationState::Requested => Tone::Busy,
        AllocationState::Active => Tone::Good,
        AllocationState::Released => Tone::Idle,
        AllocationState::Expired | AllocationState::Refused(_) | AllocationState::Unanswered => Tone::Bad,
    }
}
