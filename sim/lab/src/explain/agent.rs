//! One side of a call: its candidates with where they came from, its pairs with the formula of their priority and every decision about
//! them, and why one of them won or none did.

use rtclab_rtc::ice::{self, Candidate, CandidatePriority, PairPriority, PairSnapshot, PairState, Role};
use rtclab_trace::{Change, Entity, EntryId, NodeId, Reason};

use super::Page;
use crate::run::CallReport;

/// Pairs that are told in full; the others are counted.
const PAIRS_MAX: usize = 24;

/// A pair of this side: its number, its newest state, and every entry about it.
struct Pair<'a> {
    number: u32,
    newest: &'a PairSnapshot,
    entries: &'a [EntryId],
}

/// Writes what one side did.
pub(super) fn write(page: &mut Page<'_>, call: &CallReport, side: usize) {
    let (peer, node) = (call.peers[side].clone(), call.nodes[side]);
    let Some(agent) = newest_agent(page, node) else {
        page.heading(&peer);
        return page.say("It never began.", "시작하지 않았습니다.");
    };
    let role = match agent.role {
        Role::Controlling => page.pick("controlling", "제어하는 쪽"),
        Role::Controlled => page.pick("controlled", "제어받는 쪽"),
    };
    let title = format!("{peer} ({role})");
    page.heading(&title);
    write_candidates(page, node);
    write_pairs(page, node, agent.role);
    write_end(page, node);
}

fn newest_agent<'a>(page: &Page<'a>, node: NodeId) -> Option<&'a ice::AgentSnapshot> {
    let trace = &page.outcome.trace;
    let newest = *trace.entries_of(Entity::Agent(node)).last()?;
    match protocol(&trace.entry(newest).change)? {
        ice::Change::Agent(agent) => Some(agent),
        _ => None,
    }
}

fn protocol(change: &Change) -> Option<&ice::Change> {
    match change {
        Change::Protocol(change) => Some(change),
        _ => None,
    }
}

fn write_candidates(page: &mut Page<'_>, node: NodeId) {
    let trace = &page.outcome.trace;
    let told: Vec<(EntryId, &Candidate, bool)> = trace
        .entities_on(node)
        .filter_map(|entity| {
            let own = match entity {
                Entity::LocalCandidate(..) => true,
                Entity::RemoteCandidate(..) => false,
                _ => return None,
            };
            let first = *trace.entries_of(entity).first()?;
            match protocol(&trace.entry(first).change)? {
                ice::Change::Candidate(candidate) => Some((first, candidate, own)),
                _ => None,
            }
        })
        .collect();
    for (own, english, korean) in [(true, "its candidates", "자기 후보"), (false, "the peer's", "상대 후보")]
    {
        let title = page.pick(english, korean).to_owned();
        page.line(2, &format!("{title}:"));
        let mut any = false;
        for (entry, candidate, _) in told.iter().filter(|told| told.2 == own) {
            any = true;
            let at = trace.entry(*entry).at;
            let priority = CandidatePriority::of(candidate.priority);
            let why = sentence(page, trace.entry(*entry).reason);
            page.line(4, &format!("{candidate}  {at}  {priority}  {why}"));
        }
        if !any {
            page.line(4, "–");
        }
    }
}

/// A reason in the language of the page.
fn sentence(page: &Page<'_>, reason: Option<Reason>) -> String {
    let Some(text) = reason.map(Reason::text) else { return String::new() };
    let sentence = page.style.language.sentence(text);
    if text.section.is_empty() { sentence.to_owned() } else { format!("{sentence} [{}]", text.section) }
}

fn pairs_of<'a>(page: &Page<'a>, node: NodeId) -> Vec<Pair<'a>> {
    let trace = &page.outcome.trace;
    let mut pairs: Vec<Pair<'a>> = trace
        .entities_on(node)
        .filter_map(|entity| {
            let Entity::Pair(_, number) = entity else { return None };
            let entries = trace.entries_of(entity);
            match protocol(&trace.entry(*entries.last()?).change)? {
                ice::Change::Pair(newest) => Some(Pair { number, newest, entries }),
                _ => None,
            }
        })
        .collect();
    pairs.sort_by_key(|pair| (std::cmp::Reverse(pair.newest.priority), pair.number));
    pairs
}

fn write_pairs(page: &mut Page<'_>, node: NodeId, role: Role) {
    let pairs = pairs_of(page, node);
    let title = page.pick("pairs, the best first", "쌍, 좋은 것부터").to_owned();
    page.line(2, &format!("{title}:"));
    for pair in pairs.iter().take(PAIRS_MAX) {
        write_pair(page, pair, role);
    }
    let more = pairs.len().saturating_sub(PAIRS_MAX);
    if more > 0 {
        page.line(4, &format!("… +{more}"));
    }
    if let Some(won) = pairs.iter().find(|pair| pair.newest.nominated) {
        write_why_it_won(page, &pairs, won, role);
    }
}

fn write_pair(page: &mut Page<'_>, pair: &Pair<'_>, role: Role) {
    let PairSnapshot { local, remote, .. } = pair.newest;
    let formula = PairPriority::new(role, local.priority, remote.priority);
    page.line(4, &format!("#{} {local} → {remote}  {formula}", pair.number));
    let mut before = None;
    for &entry in pair.entries {
        let trace = &page.outcome.trace;
        let Some(ice::Change::Pair(state)) = protocol(&trace.entry(entry).change) else { continue };
        let shown = (state.state, state.valid, state.nominated, trace.entry(entry).reason);
        // The same decision again tells nothing new.
        if before.replace(shown) == Some(shown) {
            continue;
        }
        let at = trace.entry(entry).at;
        let because = waits_for(page, entry);
        let why = sentence(page, trace.entry(entry).reason);
        page.line(8, &format!("{at}  {}: {why}{because}", state_word(state)));
    }
}

fn state_word(pair: &PairSnapshot) -> &'static str {
    match (pair.nominated, pair.state) {
        (true, PairState::Succeeded) => "Nominated",
        (_, PairState::Frozen) => "Frozen",
        (_, PairState::Waiting) => "Waiting",
        (_, PairState::InProgress) => "In-Progress",
        (_, PairState::Succeeded) => "Succeeded",
        (_, PairState::Failed) => "Failed",
    }
}

/// The other pair that a decision about a pair was made because of, if it was.
fn waits_for(page: &Page<'_>, entry: EntryId) -> String {
    let trace = &page.outcome.trace;
    let own = trace.entry(entry).entity;
    let other = trace.causes_of(entry).next().map(|cause| trace.entry(cause).entity);
    match other {
        Some(Entity::Pair(_, number)) if other != Some(own) => format!(" (#{number})"),
        _ => String::new(),
    }
}

/// The pairs above the one that won, and what became of each.
fn write_why_it_won(page: &mut Page<'_>, pairs: &[Pair<'_>], won: &Pair<'_>, role: Role) {
    let PairSnapshot { local, remote, .. } = won.newest;
    let formula = PairPriority::new(role, local.priority, remote.priority);
    let trace = &page.outcome.trace;
    let chosen = pairs.iter().flat_map(|pair| pair.entries).copied().find(|&entry| {
        let reason = trace.entry(entry).reason;
        matches!(
            reason,
            Some(Reason::Rtc(
                rtclab_rtc::Reason::BestPossible
                    | rtclab_rtc::Reason::WaitedLongEnough
                    | rtclab_rtc::Reason::NominatedByPeer
                    | rtclab_rtc::Reason::NominationCompleted
            ))
        )
    });
    let why = chosen.map(|entry| sentence(page, trace.entry(entry).reason)).unwrap_or_default();
    let title = page.pick("why it won", "이긴 까닭").to_owned();
    page.line(2, &format!("{title}: #{} {local} → {remote}, {formula}. {why}", won.number));
    let better = pairs.iter().filter(|pair| {
        pair.newest.priority > won.newest.priority
            && (pair.newest.local.base, &pair.newest.remote) != (local.base, remote)
    });
    for pair in better {
        let fate =
            pair.entries.last().map(|&entry| sentence(page, trace.entry(entry).reason)).unwrap_or_default();
        let word = state_word(pair.newest);
        let title = page.pick("better, but", "더 좋았지만").to_owned();
        page.line(4, &format!("{title} {word}: #{} {fate}", pair.number));
    }
}

/// What the agent as a whole came to, where it came to nothing.
fn write_end(page: &mut Page<'_>, node: NodeId) {
    let trace = &page.outcome.trace;
    let told = trace.entries_of(Entity::Agent(node)).iter().rev().copied();
    let end = told.into_iter().find(|&entry| {
        matches!(
            protocol(&trace.entry(entry).change),
            Some(ice::Change::Agent(agent)) if agent.connection == ice::ConnectionState::Failed
        )
    });
    let Some(end) = end else { return };
    let cause = trace.causes_of(end).next();
    let title = page.pick("why it failed", "실패한 까닭").to_owned();
    page.line(2, &format!("{title}:"));
    page.entry(4, end);
    if let Some(cause) = cause {
        page.entry(4, cause);
    }
}
