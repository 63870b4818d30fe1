//! Why a call that came about is direct, or relayed.

use rtclab_rtc::ice::{Candidate, CandidateKind};
use rtclab_trace::NetReason;

use super::facts::{self, Drops, TwoMappings};
use super::{Code, Diagnosis, Evidence};

/// Direct: between the peers' own addresses, or through mappings that let it.
pub(super) fn direct(evidence: &Evidence<'_>) -> Diagnosis {
    let [caller, callee] = evidence.peers;
    let pairs = evidence.state.sides.each_ref().map(|side| side.selected.as_ref());
    let (Some((own, remote)), Some((other_own, other_remote))) = (pairs[0], pairs[1]) else {
        return Diagnosis::plain(Code::DirectHost);
    };
    let is_host = |candidate: &Candidate| candidate.kind == CandidateKind::Host;
    if [own, remote, other_own, other_remote].into_iter().all(is_host) {
        let (here, there) = (own.address, remote.address);
        return Diagnosis::with(
            Code::DirectHost,
            format!(
                "{caller} at {here} and {callee} at {there} reach each other at their own addresses; nothing on the way translates them."
            ),
            format!(
                "{caller}({here})와 {callee}({there})가 서로의 주소로 바로 닿으며, 중간에 주소를 바꾸는 것이 없습니다."
            ),
            [],
        );
    }
    through_nat(evidence, remote, other_remote)
}

/// Each side is reached at an address that a NAT gave it: which NAT, and which address.
fn through_nat(evidence: &Evidence<'_>, of_callee: &Candidate, of_caller: &Candidate) -> Diagnosis {
    let reached = [(0, of_caller), (1, of_callee)];
    let (mut english, mut korean, mut facts) = (Vec::new(), Vec::new(), Vec::new());
    for (side, candidate) in reached {
        let (peer, address) = (evidence.peers[side], candidate.address);
        match facts::mapping_at(evidence, side, address) {
            Some(mapping) => {
                facts.push(mapping.entry);
                english
                    .push(format!("{peer} is reached at {address}, which {} keeps open for it", mapping.nat));
                korean.push(format!("{peer}에는 {}이(가) 열어 둔 {address}(으)로 닿습니다", mapping.nat));
            }
            None => {
                english.push(format!("{peer} is reached at {address}"));
                korean.push(format!("{peer}에는 {address}(으)로 닿습니다"));
            }
        }
    }
    if facts.is_empty() {
        return Diagnosis::plain(Code::DirectThroughNat);
    }
    let english = format!("{}: a reflexive address works for the other peer too.", english.join("; "));
    let korean = format!("{}. 반사 주소가 상대 피어에게도 통합니다.", korean.join(", "));
    Diagnosis::with(Code::DirectThroughNat, english, korean, facts)
}

/// Relayed: why no direct pair would do.
pub(super) fn relayed(evidence: &Evidence<'_>) -> Diagnosis {
    for (side, peer) in evidence.peers.into_iter().enumerate() {
        let own = facts::local_candidates(evidence, side);
        if !own.is_empty() && own.iter().all(|candidate| candidate.kind == CandidateKind::Relayed) {
            return Diagnosis::with(
                Code::RelayedByPolicy,
                format!("{peer} has relayed candidates only, as its policy says, so nothing else was tried."),
                format!(
                    "{peer}은(는) 정책에 따라 릴레이 후보만 가지고 있어 다른 경로는 시도하지 않았습니다."
                ),
                [],
            );
        }
    }
    if let Some(over_tcp) = over_tcp(evidence) {
        return over_tcp;
    }
    let why = no_direct_path(evidence);
    let code = match why.code {
        Code::NatMapping => Code::RelayedNatMapping,
        Code::NatFiltering => Code::RelayedNatFiltering,
        Code::FirewallDenied => Code::RelayedFirewall,
        _ if why.facts.is_empty() => return Diagnosis::plain(Code::RelayedNoDirectPath),
        _ => Code::RelayedNoDirectPath,
    };
    why.recoded(code)
}

/// A peer reaches its relay by a connection, because a firewall keeps its datagrams in.
fn over_tcp(evidence: &Evidence<'_>) -> Option<Diagnosis> {
    [0, 1].into_iter().find_map(|side| {
        let (local, _) = evidence.state.sides[side].selected.as_ref()?;
        let protocol = local.relay_protocol.filter(|protocol| protocol.is_stream())?;
        let sent = facts::sent(evidence, side);
        let mut denied = sent.all_drops.iter().filter(|drops| drops.reason == NetReason::DeniedByFirewall);
        let Drops { place, rule, count, entry, .. } = denied.next()?;
        let relay = facts::relay_of(evidence, side, local.address)?;
        let (peer, server, over) = (evidence.peers[side], &relay.server, protocol.word().to_uppercase());
        let through = relay.through.as_deref();
        let by_english = through.map_or(String::new(), |proxy| format!(" through {proxy}"));
        let by_korean = through.map_or(String::new(), |proxy| format!(" {proxy}을(를) 거쳐"));
        Some(Diagnosis::with(
            Code::RelayedOverTcp,
            format!(
                "UDP is blocked for {peer}: {place} denied {count} packets ({rule}). {peer} reaches {server} over {over}{by_english}, and {server} relays its datagrams from {}.",
                local.address
            ),
            format!(
                "{peer}의 UDP가 막혀 있습니다. {place}이(가) 패킷 {count}개를 거부했습니다({rule}). {peer}은(는){by_korean} {server}에 {over}로 닿고, {server}이(가) {}에서 데이터그램을 중계합니다.",
                local.address
            ),
            [relay.entry, *entry],
        ))
    })
}

/// What kept direct checks from working, as the code that a call without a relay would have failed with.
pub(super) fn no_direct_path(evidence: &Evidence<'_>) -> Diagnosis {
    let sent = [0, 1].map(|side| facts::sent(evidence, side));
    let drops: Vec<(usize, &Drops)> = sent
        .iter()
        .enumerate()
        .flat_map(|(side, sent)| sent.direct_drops.iter().map(move |drops| (side, drops)))
        .collect();
    let most = |wanted: &dyn Fn(NetReason) -> bool| {
        let fitting = drops.iter().filter(|(_, drops)| wanted(drops.reason));
        fitting.max_by_key(|(side, drops)| (drops.count, std::cmp::Reverse(*side))).copied()
    };
    let is_filter =
        |reason| matches!(reason, NetReason::FilteredByNat | NetReason::NoMapping | NetReason::NoHairpin);
    if let Some((side, filter)) = most(&is_filter) {
        // The side whose checks were kept out is the one whose mapping counts; failing that, the other.
        let mapping = [side, 1 - side]
            .into_iter()
            .find_map(|moved| Some((moved, facts::two_mappings(evidence, moved, &filter.rule)?)));
        return match mapping {
            Some((moved, mapping)) => nat_mapping(evidence, moved, &mapping, side, filter),
            None => dropped(evidence, Code::NatFiltering, side, filter),
        };
    }
    let order: [(Code, &dyn Fn(NetReason) -> bool); 4] = [
        (Code::FirewallDenied, &|reason| reason == NetReason::DeniedByFirewall),
        (Code::LinkDown, &|reason| reason == NetReason::LinkDown),
        (Code::PacketLoss, &|reason| matches!(reason, NetReason::LinkLoss | NetReason::QueueFull)),
        (Code::NoRoute, &|_| true),
    ];
    for (code, wanted) in order {
        if let Some((side, drops)) = most(wanted) {
            return dropped(evidence, code, side, drops);
        }
    }
    Diagnosis::plain(Code::NoAnswer)
}

fn nat_mapping(
    evidence: &Evidence<'_>,
    moved: usize,
    mapping: &TwoMappings,
    side: usize,
    filter: &Drops,
) -> Diagnosis {
    let TwoMappings { nat, ports: [(first, toward_first), (second, toward_second)], entries, .. } = mapping;
    let (peer, sender) = (evidence.peers[moved], evidence.peers[side]);
    let Drops { place, rule, count, entry, .. } = filter;
    let english = format!(
        "{nat} gave {peer}'s socket {first} toward {toward_first}, but {second} toward {toward_second}; {place} dropped {count} of {sender}'s packets ({rule})."
    );
    let korean = format!(
        "{nat}이(가) {peer}의 소켓에 {toward_first} 쪽으로는 {first}, {toward_second} 쪽으로는 {second}을(를) 주었고, {place}이(가) {sender}의 패킷 {count}개를 버렸습니다({rule})."
    );
    Diagnosis::with(Code::NatMapping, english, korean, [entries[1], entries[0], *entry])
}

/// One place kept one side's packets from the other.
pub(super) fn dropped(evidence: &Evidence<'_>, code: Code, side: usize, drops: &Drops) -> Diagnosis {
    let Drops { place, rule, count, entry, reason } = drops;
    let (from, to) = (evidence.peers[side], evidence.peers[1 - side]);
    let why = reason.text();
    let packets = if *count == 1 { "1 packet".to_owned() } else { format!("{count} packets") };
    let english =
        format!("{packets} from {from} to {to} ended at {place} ({rule}): {}", lower_first(why.english));
    let korean =
        format!("{from}에서 {to}(으)로 가던 패킷 {count}개가 {place}에서 끝났습니다({rule}): {}", why.korean);
    Diagnosis::with(code, english, korean, [*entry])
}

/// A sentence that goes on after a colon; names that are capital letters stay so.
pub(super) fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let (Some(first), second) = (letters.next(), letters.clone().next()) else { return String::new() };
    if second.is_some_and(char::is_uppercase) {
        return sentence.to_owned();
    }
    first.to_lowercase().chain(letters).collect()
}
