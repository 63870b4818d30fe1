//! What is expected of a call.

use rtclab_rtc::ice::CandidateKind;
use rtclab_rtc::jsep::DtlsTransportState;
use rtclab_rtc::stun::Transport;
use rtclab_trace::{CallOutcome, CallPath, Observe, SimTime};

use super::Clauses;
use crate::document::{
    CandidateTypes, CandidateWord, DtlsStateWord, Expect, PathWord, StateWord, TransportWord,
};
use crate::run::{CallReport, outcome_word, path_word};

/// An exact time is met to within half a millisecond.
const TOLERANCE_MS: f64 = 0.5;

pub(super) fn judge(expect: &Expect, calls: &[CallReport], observe: Observe) -> Clauses {
    let [first, second] = expect.call.clone().unwrap_or_default();
    let mut clauses = Clauses::about(format!("{first} ⇄ {second}"));
    let both = |call: &&CallReport| call.side_of(&first).is_some() && call.side_of(&second).is_some();
    let Some(call) = calls.iter().find(both) else {
        clauses.expect("is a call", false, || format!("neither {first} nor {second} calls the other"));
        return clauses;
    };
    let before = clauses.said.len();
    state_and_path(expect, call, &mut clauses);
    times(expect, call, &mut clauses);
    for (peer, types) in expect.candidates.iter().flatten() {
        candidates(peer, types, call, &mut clauses);
    }
    session(expect, call, observe, &mut clauses);
    if let Some(code) = &expect.diagnosis {
        let found = call.diagnosis.code.text().code;
        // Without a trace there is little to diagnose from.
        clauses.unknown = observe == Observe::Summary;
        let met = found == code || clauses.unknown;
        clauses.expect(format!("because of {code}"), met, || what_happened(call));
    }
    if clauses.said.len() == before {
        clauses.expect("is a call", true, String::new);
    }
    clauses
}

fn state_and_path(expect: &Expect, call: &CallReport, clauses: &mut Clauses) {
    if let Some(wanted) = expect.state {
        let wanted = outcome(wanted);
        let met = call.state.outcome == wanted;
        clauses.expect(outcome_word(wanted), met, || what_happened(call));
    }
    if let Some(wanted) = expect.path {
        let wanted = path(wanted);
        clauses.expect(path_word(wanted), call.state.path == Some(wanted), || what_happened(call));
    }
    if let Some(wanted) = expect.transport {
        let wanted = match wanted {
            TransportWord::Udp => Transport::Udp,
            TransportWord::Tcp => Transport::Tcp,
            TransportWord::Tls => Transport::Tls,
        };
        let over = |transport: Transport| format!("over {}", transport.word().to_uppercase());
        clauses.expect(over(wanted), call.transport() == Some(wanted), || match call.transport() {
            Some(found) => format!("it goes {}", over(found)),
            None => what_happened(call),
        });
    }
}

/// What is above ICE. Only a full trace knows it.
fn session(expect: &Expect, call: &CallReport, observe: Observe, clauses: &mut Clauses) {
    let unknown = observe == Observe::Summary;
    if expect.dtls.is_some() || expect.open_channels.is_some() || expect.messages.is_some() {
        clauses.unknown |= unknown;
    }
    let sides = call.session.as_ref().map(|session| &session.sides);
    if let Some(wanted) = expect.dtls {
        let wanted = dtls(wanted);
        let found: Vec<&str> = sides
            .iter()
            .flat_map(|sides| sides.iter())
            .map(|side| side.dtls.as_ref().map_or("new", |dtls| dtls.state.word()))
            .collect();
        let met = unknown || (!found.is_empty() && found.iter().all(|word| *word == wanted.word()));
        clauses.expect(format!("with DTLS {wanted}"), met, || format!("DTLS is {}", found.join(" and ")));
    }
    let open = |side: &crate::run::SessionSide| {
        side.channels.iter().filter(|channel| channel.state == "open").count() as u64
    };
    if let Some(wanted) = expect.open_channels {
        let found: Vec<u64> = sides.iter().flat_map(|sides| sides.iter()).map(open).collect();
        let met = unknown || (!found.is_empty() && found.iter().all(|count| *count == wanted));
        let said = format!("with {}", counted(wanted, "open data channel"));
        clauses.expect(said, met, || format!("{found:?} data channels are open"));
    }
    if let Some(wanted) = expect.messages {
        let channels = sides.iter().flat_map(|sides| sides.iter()).flat_map(|side| &side.channels);
        let found: u64 = channels.map(|channel| channel.received.0).sum();
        let met = unknown || found == wanted;
        clauses
            .expect(format!("with {}", counted(wanted, "message")), met, || format!("{found} messages came"));
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

const fn dtls(word: DtlsStateWord) -> DtlsTransportState {
    match word {
        DtlsStateWord::New => DtlsTransportState::New,
        DtlsStateWord::Connecting => DtlsTransportState::Connecting,
        DtlsStateWord::Connected => DtlsTransportState::Connected,
        DtlsStateWord::Closed => DtlsTransportState::Closed,
        DtlsStateWord::Failed => DtlsTransportState::Failed,
    }
}

fn times(expect: &Expect, call: &CallReport, clauses: &mut Clauses) {
    if let Some(within) = expect.within_ms {
        let at = call.both_connected_at();
        let met = at.is_some_and(|at| at.as_millis_f64() <= within);
        clauses.expect(format!("within {within} ms"), met, || match at {
            Some(at) => format!("it took until {at}"),
            None => what_happened(call),
        });
    }
    for (peer, wanted) in expect.connected_at_ms.iter().flatten() {
        let at = call.side_of(peer).and_then(|side| call.connected_at[side]);
        let near = |at: SimTime| (at.as_millis_f64() - wanted).abs() <= TOLERANCE_MS;
        clauses.expect(format!("{peer} after {wanted} ms"), at.is_some_and(near), || match at {
            Some(at) => format!("{peer} was connected at {at}"),
            None => what_happened(call),
        });
    }
}

fn candidates(peer: &str, types: &CandidateTypes, call: &CallReport, clauses: &mut Clauses) {
    let pair = call.side_of(peer).and_then(|side| call.state.sides[side].selected.as_ref());
    let words = |word: Option<CandidateWord>| word.map_or("any", |word| kind(word).word());
    let said = format!("{peer} over {} → {}", words(types.local), words(types.remote));
    let fits = |wanted: Option<CandidateWord>, found: CandidateKind| {
        wanted.is_none_or(|wanted| kind(wanted) == found)
    };
    let met =
        pair.is_some_and(|(local, remote)| fits(types.local, local.kind) && fits(types.remote, remote.kind));
    clauses.expect(said, met, || match pair {
        Some((local, remote)) => format!("{peer} uses {local} → {remote}"),
        None => what_happened(call),
    });
}

/// What became of a call, and why.
fn what_happened(call: &CallReport) -> String {
    let path = call.state.path.filter(|_| call.state.outcome == CallOutcome::Connected);
    let path = path.map_or(String::new(), |path| format!(", {}", path_word(path)));
    let state = outcome_word(call.state.outcome);
    let code = call.diagnosis.code.text().code;
    format!("it is {state}{path} ({code}): {}", call.diagnosis.english)
}

const fn outcome(word: StateWord) -> CallOutcome {
    match word {
        StateWord::Connecting => CallOutcome::Connecting,
        StateWord::Connected => CallOutcome::Connected,
        StateWord::Disconnected => CallOutcome::Disconnected,
        StateWord::Failed => CallOutcome::Failed,
    }
}

const fn path(word: PathWord) -> CallPath {
    match word {
        PathWord::Direct => CallPath::Direct,
        PathWord::Relayed => CallPath::Relayed,
    }
}

const fn kind(word: CandidateWord) -> CandidateKind {
    match word {
        CandidateWord::Host => CandidateKind::Host,
        CandidateWord::Srflx => CandidateKind::ServerReflexive,
        CandidateWord::Prflx => CandidateKind::PeerReflexive,
        CandidateWord::Relay => CandidateKind::Relayed,
    }
}
