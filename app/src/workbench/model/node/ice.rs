//! ICE on a node: the agent, its candidates, its check list, and the STUN transactions it started.

use std::collections::BTreeMap;

use rtclab_lab::run::{consent_word, streams_of_pairs};
use rtclab_rtc::Reason;
use rtclab_rtc::ice::{self, CheckListSnapshot, ConsentState, PairPriority, PairSnapshot};
use rtclab_rtc::stun::TransactionState;
use rtclab_trace::{Change, Entity};

use super::reader::Reader;
use super::{Cell, Row, Section, Tone, exact, plain, quiet, state_cell};
use crate::workbench::model::describe::{
    connection_name, gathering_name, list_name, pair_state_name, role_word, transaction_name,
};
use crate::workbench::words::Word;

impl Reader<'_> {
    pub(super) fn agent(&self) -> Section {
        let mut rows = Vec::new();
        if let Some((entry, Change::Protocol(change))) = self.latest(Entity::Agent(self.node))
            && let ice::Change::Agent(agent) = &**change
        {
            let say = |word| self.language.say(word);
            let mut row = |name: &str, cell: Cell| {
                rows.push(Row { cells: vec![quiet(name), cell], entry, over: false });
            };
            row(say(Word::AgentRole), plain(role_word(agent.role)));
            row(say(Word::AgentGathering), plain(gathering_name(agent.gathering)));
            row(
                say(Word::AgentConnection),
                state_cell(connection_name(agent.connection), connection_tone(agent.connection)),
            );
            if let Some(pair) = &agent.selected {
                row(say(Word::AgentSelected), exact(format!("{} → {}", pair.local, pair.remote)));
                let priority = PairPriority::new(agent.role, pair.local.priority, pair.remote.priority);
                row(say(Word::AgentPriority), exact(priority.to_string()));
            }
            if agent.consent != ConsentState::None {
                row(say(Word::AgentConsent), self.consent(agent.consent));
            }
            row(
                say(Word::AgentUfrag),
                exact(match &agent.remote_ufrag {
                    Some(remote) => format!("{} : {remote}", agent.local_ufrag),
                    None => agent.local_ufrag.clone(),
                }),
            );
        }
        Section { title: Word::SectionAgent, columns: &[], rows }
    }

    /// Whether the peer agrees to be sent to, and how long that lasts if it is not heard of any more (RFC 7675 §5.1).
    fn consent(&self, state: ConsentState) -> Cell {
        let tone = if state == ConsentState::Granted { Tone::Good } else { Tone::Bad };
        let mut cell = state_cell(consent_word(state), tone);
        let given = self.all(
            |entity| matches!(entity, Entity::Transaction(..)),
            |change| match change {
                Change::Protocol(change) => match &**change {
                    ice::Change::Transaction(transaction) => Some(transaction),
                    _ => None,
                },
                _ => None,
            },
        );
        let given = given.iter().filter(|(.., check)| check.reason == Some(Reason::ConsentGiven));
        let last = given.map(|(entry, ..)| self.document.trace.entry(*entry).at).max();
        if let Some(last) = last.filter(|_| state == ConsentState::Granted) {
            let left = self.countdown(last + CONSENT_LIFETIME);
            cell.text = format!("{}, {}", cell.text, left.text);
        }
        cell
    }

    pub(super) fn candidates(&self) -> Section {
        let is_candidate =
            |entity| matches!(entity, Entity::LocalCandidate(..) | Entity::RemoteCandidate(..));
        let found = self.all(is_candidate, |change| match change {
            Change::Protocol(change) => match &**change {
                ice::Change::Candidate(candidate) => Some(candidate),
                _ => None,
            },
            _ => None,
        });
        let rows = found.into_iter().map(|(entry, entity, candidate)| {
            let side = match entity {
                Entity::RemoteCandidate(..) => Word::SideRemote,
                _ => Word::SideLocal,
            };
            let related = candidate.related.map_or_else(String::new, |address| address.to_string());
            let cells = vec![
                quiet(self.language.say(side)),
                plain(candidate.kind.word()),
                exact(candidate.address.to_string()),
                exact(related),
                exact(candidate.priority.to_string()),
            ];
            Row { cells, entry, over: false }
        });
        let columns = &[
            Word::ColumnSide,
            Word::ColumnType,
            Word::ColumnAddress,
            Word::ColumnRelated,
            Word::ColumnPriority,
        ];
        Section { title: Word::SectionCandidates, columns, rows: rows.collect() }
    }

    pub(super) fn check_list(&self) -> Section {
        let mut found = self.all(
            |entity| matches!(entity, Entity::Pair(..)),
            |change| match change {
                Change::Protocol(change) => match &**change {
                    ice::Change::Pair(pair) => Some(pair),
                    _ => None,
                },
                _ => None,
            },
        );
        found.sort_by_key(|(_, _, pair)| std::cmp::Reverse(pair.priority));
        let lists = self.check_lists();
        let several = lists.len() > 1 || found.iter().any(|(.., pair)| pair.local.component > 1);
        let role = self.role();
        let streams =
            if several { streams_of_pairs(&self.document.trace, self.node) } else { BTreeMap::new() };
        let rows = found.into_iter().map(|(entry, entity, pair)| {
            let flag = match (pair.nominated, pair.valid) {
                (true, _) => self.language.say(Word::PairNominated),
                (false, true) => self.language.say(Word::PairValid),
                _ => "",
            };
            let cells = vec![
                state_cell(pair_state_name(pair.state), pair_tone(pair.state)),
                exact(pair.local.to_string()),
                exact(pair.remote.to_string()),
                plain(flag),
                formula_cell(pair, role),
            ];
            let number = if let Entity::Pair(_, number) = entity { number } else { 0 };
            let stream = streams.get(&number).copied().unwrap_or(0);
            let place = exact(format!("{stream}.{}", pair.local.component));
            let cells = if several { std::iter::once(place).chain(cells).collect() } else { cells };
            Row { cells, entry, over: false }
        });
        let columns = if several { PAIR_COLUMNS } else { &PAIR_COLUMNS[1..] };
        Section { title: Word::SectionCheckList, columns, rows: rows.collect() }
    }

    fn role(&self) -> ice::Role {
        match self.latest(Entity::Agent(self.node)) {
            Some((_, Change::Protocol(change))) => match &**change {
                ice::Change::Agent(agent) => agent.role,
                _ => ice::Role::Controlled,
            },
            _ => ice::Role::Controlled,
        }
    }

    fn check_lists(&self) -> Vec<&CheckListSnapshot> {
        let lists = self.all(
            |entity| matches!(entity, Entity::CheckList(..)),
            |change| match change {
                Change::Protocol(change) => match &**change {
                    ice::Change::CheckList(list) => Some(list),
                    _ => None,
                },
                _ => None,
            },
        );
        lists.into_iter().map(|(.., list)| list).collect()
    }

    /// The states of the check lists themselves, for the head of their section.
    pub(super) fn list_state(&self) -> Option<String> {
        let lists = self.check_lists();
        let state = |list: &&CheckListSnapshot| match lists.len() {
            1 => list_name(list.state).to_owned(),
            _ => format!("{} {}", list.stream, list_name(list.state)),
        };
        let states: Vec<String> = lists.iter().map(state).collect();
        (!states.is_empty()).then(|| states.join(" · "))
    }

    pub(super) fn transactions(&self) -> Section {
        let mut found = self.all(
            |entity| matches!(entity, Entity::Transaction(..)),
            |change| match change {
                Change::Protocol(change) => match &**change {
                    ice::Change::Transaction(transaction) => Some(transaction),
                    _ => None,
                },
                _ => None,
            },
        );
        // The newest first: that is what a reader looks for.
        found.reverse();
        let rows = found.into_iter().map(|(entry, _, transaction)| {
            let over = transaction.state != TransactionState::Pending;
            let id: String = transaction.id.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            let cells = vec![
                state_cell(transaction_name(transaction.state), transaction_tone(transaction.state)),
                plain(transaction.method),
                exact(transaction.to.to_string()),
                exact(format!("{}×", transaction.transmissions)),
                exact(format!("{id}…")),
            ];
            Row { cells, entry, over }
        });
        let columns = &[
            Word::ColumnState,
            Word::ColumnMethod,
            Word::ColumnTo,
            Word::ColumnSent,
            Word::ColumnTransaction,
        ];
        Section { title: Word::SectionTransactions, columns, rows: rows.collect() }
    }
}

/// The columns of pairs; that of stream and component only where there are several.
const PAIR_COLUMNS: &[Word] = &[
    Word::ColumnStream,
    Word::ColumnState,
    Word::ColumnLocal,
    Word::ColumnRemote,
    Word::ColumnFlags,
    Word::ColumnPriority,
];

/// How long consent lasts after an answer (RFC 7675 §5.1).
const CONSENT_LIFETIME: std::time::Duration = std::time::Duration::from_secs(30);

/// The priority of a pair, and the formula behind it.
fn formula_cell(pair: &PairSnapshot, role: ice::Role) -> Cell {
    let formula = PairPriority::new(role, pair.local.priority, pair.remote.priority);
    Cell { aside: Some(formula.to_string()), ..exact(pair.priority.to_string()) }
}

fn pair_tone(state: ice::PairState) -> Tone {
    match state {
        ice::PairState::Frozen | ice::PairState::Waiting => Tone::Idle,
        ice::PairState::InProgress => Tone::Busy,
        ice::PairState::Succeeded => Tone::Good,
        ice::PairState::Failed => Tone::Bad,
    }
}

fn connection_tone(state: ice::ConnectionState) -> Tone {
    match state {
        ice::ConnectionState::New | ice::ConnectionState::Closed => Tone::Idle,
        ice::ConnectionState::Checking | ice::ConnectionState::Disconnected => Tone::Busy,
        ice::ConnectionState::Connected | ice::ConnectionState::Completed => Tone::Good,
        ice::ConnectionState::Failed => Tone::Bad,
    }
}

fn transaction_tone(state: TransactionState) -> Tone {
    match state {
        TransactionState::Pending => Tone::Busy,
        TransactionState::Succeeded => Tone::Good,
        TransactionState::Refused(_) | TransactionState::TimedOut | TransactionState::Unreachable => {
            Tone::Bad
        }
        TransactionState::Cancelled => Tone::Idle,
    }
}
