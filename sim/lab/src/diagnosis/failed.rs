//! Why a call did not come about, broke off, or has come to nothing yet.

use std::time::Duration;

use rtclab_rtc::turn::AllocationState;
use rtclab_trace::{
    CallOutcome, Change, Entity, EntryId, NetReason, ProgramReason, Reason, SignalMessage, SignalPhase,
    SimTime,
};

use super::connected::{dropped, lower_first, no_direct_path};
use super::facts::{self, Drops, Grouped};
use super::{Code, Diagnosis, Evidence};

/// How long before a call counted as broken off something may have happened that broke it.
const BEFORE: Duration = Duration::from_secs(60);

pub(super) fn failed(evidence: &Evidence<'_>) -> Diagnosis {
    signaling(evidence)
        .or_else(|| no_candidates(evidence))
        .or_else(|| udp_blocked(evidence))
        .or_else(|| turn(evidence))
        .or_else(|| no_common_family(evidence))
        .unwrap_or_else(|| no_direct_path(evidence))
}

/// The run ended too early to say; what has happened so far may still tell a lot.
pub(super) fn not_settled(evidence: &Evidence<'_>) -> Diagnosis {
    let mut so_far = failed(evidence);
    let is_telling = !so_far.facts.is_empty();
    so_far.code = Code::NotSettled;
    if !is_telling {
        return Diagnosis::plain(Code::NotSettled);
    }
    so_far.english = format!("The run ended before the call came to anything. So far: {}", so_far.english);
    so_far.korean = format!("통화가 결론에 이르기 전에 실행이 끝났습니다. 지금까지: {}", so_far.korean);
    so_far
}

/// A message that the call needs was given up, or has not arrived.
fn signaling(evidence: &Evidence<'_>) -> Option<Diagnosis> {
    let trace = evidence.trace;
    let signals = trace.entities().filter(|entity| matches!(entity, Entity::Signal(_)));
    for signal in signals {
        let entries = trace.entries_of(signal);
        let last = *entries.last()?;
        let Change::Signal(message) = &trace.entry(last).change else { continue };
        let ours = evidence.nodes.contains(&message.from) && evidence.nodes.contains(&message.to);
        let needed = matches!(message.kind.as_str(), "offer" | "answer");
        if !ours || !needed || message.phase == SignalPhase::Received {
            continue;
        }
        return Some(signal_missing(evidence, last, entries, message));
    }
    None
}

fn signal_missing(
    evidence: &Evidence<'_>,
    last: EntryId,
    entries: &[EntryId],
    message: &SignalMessage,
) -> Diagnosis {
    let trace = evidence.trace;
    let name = |node| trace.topology().node(node).name.as_str();
    let (from, to, kind) = (name(message.from), name(message.to), &message.kind);
    if trace.entry(last).reason == Some(Reason::Program(ProgramReason::SignalingNoSuchPeer)) {
        return Diagnosis::with(
            Code::SignalingNoPeer,
            format!("{from}'s {kind} waited at the signaling server for {to}, who never came."),
            format!("{from}의 {kind}이(가) 시그널링 서버에서 {to}을(를) 기다렸지만 오지 않았습니다."),
            [last],
        );
    }
    let mut carried = Grouped::default();
    for &entry in entries {
        for &effect in trace.effects_of(entry) {
            if let Entity::Packet(packet) = trace.entry(effect).entity {
                carried.add(trace, packet);
            }
        }
    }
    let drops = carried.finish();
    let (mut english, mut korean, mut facts) = (
        format!("{from}'s {kind} did not reach {to}"),
        format!("{from}의 {kind}이(가) {to}에게 닿지 못했습니다"),
        vec![last],
    );
    if let Some(Drops { place, rule, count, entry, .. }) = drops.first() {
        english.push_str(&format!(": {place} dropped it {count} times ({rule})"));
        korean.push_str(&format!(": {place}이(가) {count}번 버렸습니다({rule})"));
        facts.insert(0, *entry);
    }
    Diagnosis::with(Code::SignalingLost, english + ".", korean + ".", facts)
}

fn no_candidates(evidence: &Evidence<'_>) -> Option<Diagnosis> {
    let side = [0, 1]
        .into_iter()
        .find(|&side| evidence.agents[side].is_some_and(|agent| agent.local_candidates().next().is_none()))?;
    let peer = evidence.peers[side];
    let (refusal_english, refusal_korean, facts) = match allocation_trouble(evidence, side) {
        Some((_, english, korean, facts)) => (format!(": {english}"), format!(": {korean}"), facts),
        None => (String::new(), String::new(), Vec::new()),
    };
    Some(Diagnosis::with(
        Code::NoCandidates,
        format!("{peer} has no candidate that it may use{refusal_english}."),
        format!("{peer}에 쓸 수 있는 후보가 없습니다{refusal_korean}."),
        facts,
    ))
}

/// Nothing that a peer sent arrived anywhere, and a firewall saw to it.
fn udp_blocked(evidence: &Evidence<'_>) -> Option<Diagnosis> {
    for side in [0, 1] {
        let sent = facts::sent(evidence, side);
        let denied: Vec<&Drops> =
            sent.all_drops.iter().filter(|drops| drops.reason == NetReason::DeniedByFirewall).collect();
        let count: usize = denied.iter().map(|drops| drops.count).sum();
        let Some(Drops { place, rule, entry, .. }) = denied.first().filter(|_| sent.arrived == 0) else {
            continue;
        };
        let peer = evidence.peers[side];
        return Some(Diagnosis::with(
            Code::UdpBlocked,
            format!("Nothing that {peer} sent arrived anywhere: {place} denied {count} packets ({rule})."),
            format!(
                "{peer}이(가) 보낸 것은 어디에도 닿지 못했습니다. {place}이(가) 패킷 {count}개를 거부했습니다({rule})."
            ),
            [*entry],
        ));
    }
    None
}

/// A relay was asked for and not given; the direct paths failed too.
fn turn(evidence: &Evidence<'_>) -> Option<Diagnosis> {
    let trouble = [0, 1].into_iter().find_map(|side| allocation_trouble(evidence, side));
    let (code, english, korean, mut facts) = trouble?;
    let direct = no_direct_path(evidence);
    facts.extend(&direct.facts);
    let english = format!("No relay: {english}. No direct path: {}", lower_first(&direct.english));
    let korean = format!("릴레이 없음: {korean}. 직접 경로 없음: {}", direct.korean);
    Some(Diagnosis::with(code, english, korean, facts))
}

/// Why a side that asked for an allocation has none, if it has none.
fn allocation_trouble(evidence: &Evidence<'_>, side: usize) -> Option<(Code, String, String, Vec<EntryId>)> {
    let allocations = facts::allocations(evidence, side);
    if allocations.iter().any(|allocation| allocation.state == AllocationState::Active) {
        return None;
    }
    let peer = evidence.peers[side];
    allocations.into_iter().find_map(|allocation| {
        let server = allocation.server;
        match allocation.state {
            AllocationState::Refused(code) => {
                let phrase = rtclab_rtc::stun::usual_phrase(code);
                Some((
                    Code::TurnRefused,
                    format!("{server} refused {peer}'s allocation with {code} {phrase}"),
                    format!("{server}이(가) {peer}의 할당을 {code} {phrase}(으)로 거부했습니다"),
                    vec![allocation.entry],
                ))
            }
            AllocationState::Requested | AllocationState::Unanswered => Some((
                Code::TurnUnreachable,
                format!("{server} did not answer {peer}"),
                format!("{server}이(가) {peer}에게 응답하지 않았습니다"),
                vec![allocation.entry],
            )),
            AllocationState::Active | AllocationState::Released | AllocationState::Expired => None,
        }
    })
}

fn no_common_family(evidence: &Evidence<'_>) -> Option<Diagnosis> {
    let [Some(caller), Some(callee)] = evidence.agents else { return None };
    let families = [caller, callee].map(|agent| {
        let own = || agent.local_candidates().map(|(_, candidate)| candidate.address);
        (own().any(|address| address.is_ipv4()), own().any(|address| address.is_ipv6()))
    });
    let shared = (families[0].0 && families[1].0) || (families[0].1 && families[1].1);
    if shared || caller.local_candidates().next().is_none() || callee.local_candidates().next().is_none() {
        return None;
    }
    let word = |(v4, _): (bool, bool)| if v4 { "IPv4" } else { "IPv6" };
    let [caller, callee] = evidence.peers;
    let [first, second] = families.map(word);
    Some(Diagnosis::with(
        Code::NoCommonFamily,
        format!(
            "{caller} has {first} candidates only and {callee} {second} ones only, so there is no pair to check."
        ),
        format!("{caller}에는 {first} 후보만, {callee}에는 {second} 후보만 있어 검사할 쌍이 없습니다."),
        [],
    ))
}

/// It was connected: what the scenario did then, and where packets have ended since.
pub(super) fn interrupted(evidence: &Evidence<'_>) -> Diagnosis {
    let trace = evidence.trace;
    let broken_at = broken_off_at(evidence).unwrap_or(SimTime::ZERO);
    let since = broken_at - BEFORE;
    let actions = trace.entries_of(Entity::World);
    let action = actions.iter().rev().copied().find(|&id| (since..=broken_at).contains(&trace.entry(id).at));
    let since = action.map_or(since, |id| trace.entry(id).at);
    let drops = [0, 1].into_iter().flat_map(|side| {
        facts::drops_since(evidence, side, since).into_iter().map(move |drops| (side, drops))
    });
    let worst = drops.max_by_key(|(side, drops)| (drops.count, std::cmp::Reverse(*side)));
    let (mut english, mut korean, mut facts) = (
        "The call was connected; then nothing answered on the selected pair any more".to_owned(),
        "통화가 연결된 뒤 선택된 쌍에서 더는 응답이 없었습니다".to_owned(),
        Vec::new(),
    );
    if let Some(id) = action {
        let (at, words) = (trace.entry(id).at, trace.describe(id));
        english = format!("The call was connected until, at {at}, {words}");
        korean = format!("{at}에 '{words}' 일이 일어날 때까지 통화가 연결되어 있었습니다");
        facts.push(id);
    }
    if let Some((side, drops)) = worst {
        let cause = dropped(evidence, Code::Interrupted, side, &drops);
        english.push_str(&format!("; {}", lower_first(&cause.english)));
        korean.push_str(&format!(". {}", cause.korean));
        facts.push(drops.entry);
    } else {
        english.push('.');
        korean.push('.');
    }
    Diagnosis::with(Code::Interrupted, english, korean, facts)
}

/// When the call was last seen to break off.
fn broken_off_at(evidence: &Evidence<'_>) -> Option<SimTime> {
    let trace = evidence.trace;
    let entries = trace.entries_of(Entity::Call(evidence.number));
    let broken = entries.iter().rev().find(|&&id| match &trace.entry(id).change {
        Change::Call(state) => {
            matches!(state.outcome, CallOutcome::Disconnected | CallOutcome::Failed)
        }
        _ => false,
    });
    broken.map(|&id| trace.entry(id).at)
}
