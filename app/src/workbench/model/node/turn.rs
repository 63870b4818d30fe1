//! TURN on a node: the allocations that it holds or grants.

use rtclab_rtc::ice;
use rtclab_rtc::turn::AllocationState;
use rtclab_trace::{Change, Entity};

use super::reader::Reader;
use super::{Row, Section, Tone, exact, quiet, state_cell};
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
            let permissions: Vec<String> =
                allocation.permissions.iter().map(|(address, _)| address.to_string()).collect();
            let channels: Vec<String> =
                allocation.channels.iter().map(|(number, peer, _)| format!("{number:#06x} {peer}")).collect();
            let live = matches!(allocation.state, AllocationState::Requested | AllocationState::Active);
            let cells = vec![
                state_cell(allocation_name(allocation.state), tone),
                exact(allocation.client.to_string()),
                exact(allocation.relayed.map_or_else(|| "–".into(), |relayed| relayed.to_string())),
                exact(permissions.join(", ")),
                exact(channels.join(", ")),
                allocation.expires_at.filter(|_| live).map_or_else(|| quiet("–"), |at| self.countdown(at)),
            ];
            Row { cells, entry, over: !live }
        });
        let columns = &[
            Word::ColumnState,
            Word::ColumnClient,
            Word::ColumnRelayed,
            Word::ColumnPermissions,
            Word::ColumnChannels,
            Word::ColumnExpires,
        ];
        Section { title: Word::SectionAllocations, columns, rows: rows.collect() }
    }
}

fn allocation_tone(state: AllocationState) -> Tone {
    match state {
        AllocationState::Requested => Tone::Busy,
        AllocationState::Active => Tone::Good,
        AllocationState::Released => Tone::Idle,
        AllocationState::Expired | AllocationState::Refused(_) | AllocationState::Unanswered => Tone::Bad,
    }
}
