//! What ICE came to in a call, as tables: candidates, pairs of each check list, what runs out and when. Not here: where it is read from
//! (`run::ice`); the story of each decision (`explain`).

use rtclab_trace::SimTime;

use super::rows::{say, write_rows};
use super::style::Style;
use crate::Language;
use crate::run::{CallReport, IceReport, Outcome, allocation_words, consent_word, pair_word};

pub(super) fn write(out: &mut String, outcome: &Outcome, call: &CallReport, style: &Style) {
    let sides: Vec<(&String, IceReport)> =
        call.peers.iter().zip(call.nodes.map(|node| outcome.ice(node))).collect();
    write_candidates(out, &sides, style);
    write_pairs(out, &sides, style);
    write_transactions(out, &sides, style);
    write_allocations(out, &sides, style);
}

fn write_candidates(out: &mut String, sides: &[(&String, IceReport)], style: &Style) {
    let rows = sides.iter().flat_map(|(name, side)| {
        side.candidates.iter().map(move |(at, candidate)| {
            let base = (candidate.base != candidate.address).then(|| candidate.base.to_string());
            [
                (*name).clone(),
                candidate.kind.word().to_owned(),
                candidate.address.to_string(),
                base.unwrap_or_default(),
                candidate.priority.to_string(),
                at.to_string(),
            ]
        })
    });
    let rows: Vec<[String; 6]> = rows.collect();
    let words = match style.language {
        Language::English => ["candidates", "type", "address", "base", "priority", "found at"],
        Language::Korean => ["후보", "종류", "주소", "기반 주소", "우선순위", "찾은 시각"],
    };
    write_rows(out, style, words, &rows);
}

fn write_pairs(out: &mut String, sides: &[(&String, IceReport)], style: &Style) {
    let several = sides.iter().any(|(_, side)| {
        side.check_lists.len() > 1 || side.pairs.iter().any(|pair| pair.pair.local.component > 1)
    });
    let mut rows = Vec::new();
    for (name, side) in sides {
        for report in &side.pairs {
            let pair = &report.pair;
            let nominated = if pair.nominated { say(style, ", nominated", ", 지명됨") } else { "" };
            let of = format!("{name} {}.{}", report.stream, pair.local.component);
            rows.push([
                if several { of } else { (*name).clone() },
                format!("{}{nominated}", pair_word(pair.state)),
                pair.local.to_string(),
                "→".to_owned(),
                pair.remote.to_string(),
                pair.priority.to_string(),
                report.reason.map_or("", |reason| reason.text().code).to_owned(),
            ]);
        }
    }
    let first = match several {
        true => say(style, "pairs of stream.component", "스트림.컴포넌트의 쌍"),
        false => say(style, "pairs", "쌍"),
    };
    let words = match style.language {
        Language::English => [first, "state", "local", "", "remote", "priority", "why"],
        Language::Korean => [first, "상태", "로컬", "", "원격", "우선순위", "왜"],
    };
    write_rows(out, style, words, &rows);
}

fn write_transactions(out: &mut String, sides: &[(&String, IceReport)], style: &Style) {
    let told = sides.iter().filter(|(_, side)| side.transactions.started > 0);
    let rows = told.map(|(name, side)| {
        let counts = side.transactions;
        let until = side.consent_until.filter(|until| *until > side.ended_at);
        let left = until.map_or_else(String::new, |until| format!(", {}", left(side, until)));
        [
            (*name).clone(),
            counts.started.to_string(),
            counts.retransmissions.to_string(),
            counts.succeeded.to_string(),
            counts.refused.to_string(),
            counts.timed_out.to_string(),
            format!("{}{left}", consent_word(side.consent)),
        ]
    });
    let rows: Vec<[String; 7]> = rows.collect();
    let words = match style.language {
        Language::English => {
            ["transactions", "started", "sent again", "succeeded", "refused", "timed out", "consent"]
        }
        Language::Korean => ["트랜잭션", "시작", "재전송", "성공", "거절", "시간 초과", "동의"],
    };
    write_rows(out, style, words, &rows);
}

fn left(side: &IceReport, until: SimTime) -> String {
    format!("{:.1} s", until.since(side.ended_at).as_secs_f64())
}

/// Allocations, and beneath each what it may carry and for how long.
fn write_allocations(out: &mut String, sides: &[(&String, IceReport)], style: &Style) {
    let mut rows = Vec::new();
    for (name, side) in sides {
        for allocation in &side.allocations {
            let row = |what: &str, which: String, until: Option<SimTime>| {
                let until = until.map_or_else(String::new, |until| left(side, until));
                [(*name).clone(), what.to_owned(), which, until]
            };
            let relayed = allocation.relayed.map_or_else(|| "–".to_owned(), |relayed| relayed.to_string());
            let state = allocation_words(allocation.state);
            rows.push(row(
                say(style, "allocation", "할당"),
                format!("{relayed} {state}"),
                allocation.expires_at,
            ));
            for (peer, until) in &allocation.permissions {
                rows.push(row(say(style, "permission", "허가"), peer.to_string(), Some(*until)));
            }
            for (number, peer, until) in &allocation.channels {
                rows.push(row(say(style, "channel", "채널"), format!("{number:#06x} {peer}"), Some(*until)));
            }
        }
    }
    let words = match style.language {
        Language::English => ["TURN", "what", "which", "time left"],
        Language::Korean => ["TURN", "무엇", "어느 것", "남은 시간"],
    };
    write_rows(out, style, words, &rows);
}
