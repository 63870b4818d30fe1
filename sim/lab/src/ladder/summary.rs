//! What a run came to: each call with its times and steps, packets by what became of them, expectations.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rtclab_trace::{CallOutcome, Change, Entity, SimTime};

use super::columns::{pad, pad_left, width_of, wrap};
use super::rows::{ROWS_MAX, heading, say, write_rows};
use super::style::{Style, Tone};
use super::{ice, network};
use crate::Language;
use crate::run::{CallReport, Ended, Outcome, SessionReport, outcome_word, path_word};

pub(super) fn write_title(out: &mut String, outcome: &Outcome, style: &Style) {
    let seed = format!("{} {}", say(style, "seed", "시드"), outcome.seed);
    let title = style.paint(Tone::Heading, &outcome.scenario);
    let _ = writeln!(out, "{title}  {}", style.paint(Tone::Faint, &seed));
}

pub(super) fn write(out: &mut String, outcome: &Outcome, style: &Style) {
    for call in &outcome.calls {
        write_call(out, outcome, call, style);
    }
    write_streams(out, outcome, style);
    write_programs(out, outcome, style);
    network::write(out, &outcome.network(), style);
    write_packets(out, outcome, style);
    write_expectations(out, outcome, style);
    write_end(out, outcome, style);
}

fn write_call(out: &mut String, outcome: &Outcome, call: &CallReport, style: &Style) {
    let [caller, callee] = &call.peers;
    let state = call.state.outcome;
    let mut words = vec![outcome_word(state).to_owned()];
    words.extend(
        call.state.path.filter(|_| state == CallOutcome::Connected).map(|path| path_word(path).into()),
    );
    words.extend(call.both_connected_at().map(|at| match style.language {
        Language::English => format!("after {at}"),
        Language::Korean => format!("{at} 뒤"),
    }));
    let tone = match state {
        CallOutcome::Connected => Tone::Good,
        CallOutcome::Failed | CallOutcome::Disconnected => Tone::Bad,
        CallOutcome::Connecting => Tone::Plain,
    };
    let title = format!("{} {caller} ⇄ {callee}: ", say(style, "call", "통화"));
    let _ = writeln!(out, "\n{}{}", style.paint(Tone::Heading, &title), style.paint(tone, &words.join(", ")));
    let diagnosis = format!("{}: {}", call.diagnosis.code.text().code, call.diagnosis.text(style.language));
    for line in wrap(&diagnosis, style.width.saturating_sub(2)) {
        let _ = writeln!(out, "  {line}");
    }
    let name = call.peers.iter().map(|name| width_of(name)).max().unwrap_or(0);
    for (side, peer) in call.peers.iter().enumerate() {
        let at = call.connected_at[side].map_or_else(|| "–".to_owned(), |at: SimTime| at.to_string());
        let pair = call.state.sides[side].selected.as_ref();
        let pair = pair.map_or_else(
            || say(style, "no selected pair", "선택된 쌍 없음").to_owned(),
            |(local, remote)| format!("{local} → {remote}"),
        );
        let _ = writeln!(out, "  {}  {}  {pair}", pad(peer, name), pad_left(&at, 14));
    }
    if let Some(session) = &call.session {
        write_session(out, call, session, style);
    }
    ice::write(out, outcome, call, style);
}

/// From click to open: what each step cost, and how both sides stand.
fn write_session(out: &mut String, call: &CallReport, session: &SessionReport, style: &Style) {
    let korean = style.language == Language::Korean;
    let steps = session.steps.iter().map(|step| {
        let cost = session.round_trip.map(|round_trip| format!("{:.1} RTT", step.round_trips(round_trip)));
        let took = format!("+{:.1} ms", step.took.as_secs_f64() * 1e3);
        let name = if korean { step.korean } else { step.name };
        [name.to_owned(), step.at.to_string(), took, cost.unwrap_or_default()]
    });
    let steps: Vec<[String; 4]> = steps.collect();
    let words = match style.language {
        Language::English => ["steps", "at", "after", "round trips"],
        Language::Korean => ["단계", "시각", "걸린 시간", "왕복"],
    };
    write_rows(out, style, words, &steps);
    let sides = call.peers.iter().zip(&session.sides).map(|(name, side)| {
        let dtls = side.dtls.as_ref().map(|dtls| {
            let words = [Some(dtls.state.word().to_owned()), dtls.version.clone(), dtls.cipher.clone()];
            words.into_iter().flatten().collect::<Vec<String>>().join(", ")
        });
        let channels: Vec<String> =
            side.channels.iter().map(|channel| format!("{:?} {}", channel.label, channel.state)).collect();
        [
            name.clone(),
            side.connection.as_ref().map_or_else(String::new, |state| state.signaling.to_string()),
            dtls.unwrap_or_else(|| "–".to_owned()),
            side.sctp.map_or("–", |phase| phase.word()).to_owned(),
            channels.join(", "),
        ]
    });
    let sides: Vec<[String; 5]> = sides.collect();
    let words = match style.language {
        Language::English => ["session", "signaling", "DTLS", "SCTP", "channels"],
        Language::Korean => ["세션", "시그널링", "DTLS", "SCTP", "채널"],
    };
    write_rows(out, style, words, &sides);
}

/// The TCP connections: what came of each.
fn write_streams(out: &mut String, outcome: &Outcome, style: &Style) {
    let number = |value: Option<u64>| value.map_or_else(|| "–".to_owned(), |value| value.to_string());
    let rows = outcome.streams.iter().map(|stream| {
        let [from, to] = &stream.ends;
        let at = stream.connected_at.map_or_else(|| "–".to_owned(), |at| at.to_string());
        [
            format!("{from} → {to}"),
            stream.state.word().to_owned(),
            at,
            stream.written.to_string(),
            number(stream.delivered),
            stream.returned.to_string(),
            number(stream.retransmissions),
        ]
    });
    let rows: Vec<[String; 7]> = rows.collect();
    let words = match style.language {
        Language::English => {
            ["connection", "state", "connected", "written", "delivered", "returned", "sent again"]
        }
        Language::Korean => ["연결", "상태", "연결된 시각", "쓴 바이트", "전달", "되돌아옴", "재전송"],
    };
    write_rows(out, style, words, &rows);
}

/// What sources, sinks and servers last said of themselves.
fn write_programs(out: &mut String, outcome: &Outcome, style: &Style) {
    let trace = &outcome.trace;
    let told = trace.entities().filter_map(|entity| {
        let Entity::Program(node, _) = entity else { return None };
        let last = trace.latest_at(entity, SimTime::MAX)?;
        let Change::Program(state) = &trace.entry(last).change else { return None };
        Some([trace.topology().node(node).name.clone(), state.name.clone(), state.status.clone()])
    });
    let rows: Vec<[String; 3]> = told.take(ROWS_MAX).collect();
    let words = match style.language {
        Language::English => ["node", "program", "at the end"],
        Language::Korean => ["노드", "프로그램", "끝났을 때"],
    };
    write_rows(out, style, words, &rows);
}

fn write_packets(out: &mut String, outcome: &Outcome, style: &Style) {
    let counters = outcome.counters();
    let (sent, delivered, dropped, hops) =
        (counters.packets_sent, counters.packets_delivered, counters.packets_dropped, counters.hops);
    let under_way = sent.saturating_sub(delivered + dropped);
    let mut text = match style.language {
        Language::English => format!("{sent} sent, {delivered} delivered, {dropped} dropped, {hops} hops"),
        Language::Korean => format!("보냄 {sent}, 도착 {delivered}, 버려짐 {dropped}, 홉 {hops}"),
    };
    if under_way > 0 {
        text.push_str(&match style.language {
            Language::English => format!(", {under_way} under way"),
            Language::Korean => format!(", 가는 중 {under_way}"),
        });
    }
    heading(out, style, say(style, "packets", "패킷"));
    let _ = writeln!(out, "  {text}");
    let mut drops: BTreeMap<(String, String, &str), u64> = BTreeMap::new();
    for (_, entry) in outcome.trace.entries() {
        if let Change::Dropped(dropped) = &entry.change {
            let place = outcome.trace.topology().place_name(dropped.place);
            let code = entry.reason.map_or("", |reason| reason.text().code);
            *drops.entry((place, law(&dropped.rule).to_owned(), code)).or_default() += 1;
        }
    }
    let rows: Vec<[String; 4]> = drops
        .into_iter()
        .map(|((place, rule, code), count)| [count.to_string(), place, code.to_owned(), rule])
        .collect();
    let words = match style.language {
        Language::English => ["dropped", "at", "why", "rule"],
        Language::Korean => ["버려짐", "어디서", "왜", "규칙"],
    };
    write_rows(out, style, words, &rows);
}

/// A rule without what it says of the one packet: `waited 20.1ms: CoDel, target 5ms` is CoDel.
fn law(rule: &str) -> &str {
    rule.split_once(": ").filter(|(about, _)| about.starts_with("waited ")).map_or(rule, |(_, law)| law)
}

fn write_expectations(out: &mut String, outcome: &Outcome, style: &Style) {
    if outcome.expectations.is_empty() {
        return;
    }
    heading(out, style, say(style, "expectations", "기대"));
    for judgement in &outcome.expectations {
        let (sign, tone) = match judgement.met {
            Some(true) => ("✓", Tone::Good),
            Some(false) => ("✗", Tone::Bad),
            None => ("?", Tone::Faint),
        };
        let _ = writeln!(out, "  {} {}", style.paint(tone, sign), judgement.text);
        if let Some(instead) = &judgement.instead {
            for line in wrap(instead, style.width.saturating_sub(4)) {
                let _ = writeln!(out, "    {}", style.paint(tone, &line));
            }
        }
    }
}

fn write_end(out: &mut String, outcome: &Outcome, style: &Style) {
    let why = match outcome.ended {
        Ended::Until => say(style, "its time was up", "정해진 시각이 되었습니다"),
        Ended::Idle => say(style, "nothing was left to happen", "더 일어날 일이 없습니다"),
        Ended::Cancelled => say(style, "cancelled", "취소되었습니다"),
    };
    let mut line = match style.language {
        Language::English => format!("ended at {}: {why}", outcome.ended_at),
        Language::Korean => format!("{}에 끝남: {why}", outcome.ended_at),
    };
    if let Some(hash) = outcome.trace_hash() {
        let _ = write!(line, "; {} {hash}", say(style, "trace", "트레이스"));
    }
    let _ = writeln!(out, "\n{}", style.paint(Tone::Faint, &line));
}
