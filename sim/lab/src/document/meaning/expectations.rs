//! What expectations refer to, and whether anything could meet them.

use rtclab_trace::{NetReason, ProgramReason};

use super::super::Expect;
use super::{Checker, top};
use crate::diagnosis::Code;
use crate::document::near::one_of;
use crate::document::report::Path;

/// What an expectation is of: the keys that say it.
const KINDS: [&str; 9] = [
    "call",
    "stream",
    "received_at",
    "route_at",
    "lookup_at",
    "dropped_at",
    "happened_at",
    "probe_at",
    "no_drops",
];

/// The other keys, with the kinds that they belong to.
const KEYS: [(&str, &[&str]); 31] = [
    ("state", &["call"]),
    ("path", &["call"]),
    ("transport", &["call"]),
    ("within_ms", &["call", "stream", "lookup_at"]),
    ("connected_at_ms", &["call"]),
    ("candidates", &["call"]),
    ("diagnosis", &["call"]),
    ("dtls", &["call"]),
    ("open_channels", &["call"]),
    ("messages", &["call"]),
    ("stream_state", &["stream"]),
    ("delivered_bytes", &["stream"]),
    ("returned_bytes", &["stream"]),
    ("retransmissions_at_least", &["stream"]),
    ("retransmissions_at_most", &["stream"]),
    ("loss_percent_at_most", &["received_at"]),
    ("round_trip_ms_at_most", &["received_at"]),
    ("round_trip_ms_at_least", &["received_at"]),
    ("hops", &["route_at"]),
    ("answers", &["lookup_at"]),
    ("failure", &["lookup_at"]),
    ("questions", &["lookup_at"]),
    ("reason", &["dropped_at", "happened_at"]),
    ("mapping", &["probe_at"]),
    ("filtering", &["probe_at"]),
    ("hairpin", &["probe_at"]),
    ("lifetime_s", &["probe_at"]),
    ("at_least", &["received_at", "dropped_at", "happened_at"]),
    ("at_most", &["received_at", "dropped_at", "happened_at"]),
    ("after_ms", &["received_at", "dropped_at", "happened_at", "no_drops"]),
    ("before_ms", &["received_at", "dropped_at", "happened_at", "no_drops"]),
];

/// Whether an expectation has a key.
fn has(expect: &Expect, key: &str) -> bool {
    match key {
        "call" => expect.call.is_some(),
        "stream" => expect.stream.is_some(),
        "stream_state" => expect.stream_state.is_some(),
        "delivered_bytes" => expect.delivered_bytes.is_some(),
        "returned_bytes" => expect.returned_bytes.is_some(),
        "retransmissions_at_least" => expect.retransmissions_at_least.is_some(),
        "retransmissions_at_most" => expect.retransmissions_at_most.is_some(),
        "received_at" => expect.received_at.is_some(),
        "round_trip_ms_at_most" => expect.round_trip_ms_at_most.is_some(),
        "round_trip_ms_at_least" => expect.round_trip_ms_at_least.is_some(),
        "route_at" => expect.route_at.is_some(),
        "hops" => expect.hops.is_some(),
        "lookup_at" => expect.lookup_at.is_some(),
        "answers" => expect.answers.is_some(),
        "failure" => expect.failure.is_some(),
        "questions" => expect.questions.is_some(),
        "dropped_at" => expect.dropped_at.is_some(),
        "probe_at" => expect.probe_at.is_some(),
        "mapping" => expect.mapping.is_some(),
        "filtering" => expect.filtering.is_some(),
        "hairpin" => expect.hairpin.is_some(),
        "lifetime_s" => expect.lifetime_s.is_some(),
        "no_drops" => expect.no_drops.is_some(),
        "state" => expect.state.is_some(),
        "path" => expect.path.is_some(),
        "transport" => expect.transport.is_some(),
        "within_ms" => expect.within_ms.is_some(),
        "connected_at_ms" => expect.connected_at_ms.is_some(),
        "candidates" => expect.candidates.is_some(),
        "diagnosis" => expect.diagnosis.is_some(),
        "dtls" => expect.dtls.is_some(),
        "open_channels" => expect.open_channels.is_some(),
        "messages" => expect.messages.is_some(),
        "happened_at" => expect.happened_at.is_some(),
        "loss_percent_at_most" => expect.loss_percent_at_most.is_some(),
        "reason" => expect.reason.is_some(),
        "at_least" => expect.at_least.is_some(),
        "at_most" => expect.at_most.is_some(),
        "after_ms" => expect.after_ms.is_some(),
        "before_ms" => expect.before_ms.is_some(),
        _ => false,
    }
}

impl Checker<'_, '_, '_> {
    pub(super) fn expectations(&mut self) {
        let scenario = self.scenario;
        for (index, expect) in scenario.expect.iter().enumerate() {
            let path = top("expect").index(index);
            self.one_kind(expect, &path);
            self.call(expect, &path);
            self.stream(expect, &path);
            self.counts(expect, &path);
            self.lookup_expected(expect, &path);
            self.route_expected(expect, &path);
            self.happened_expected(expect, &path);
            for (key, time) in [("within_ms", expect.within_ms), ("after_ms", expect.after_ms)] {
                if time.is_some_and(|time| time > scenario.end_ms()) {
                    let expected = format!("at most {}, when the run ends", scenario.end_ms());
                    self.wrong(&path.key(key), "the run has ended by then", expected);
                }
            }
        }
    }

    fn one_kind(&mut self, expect: &Expect, path: &Path) {
        let mut kinds = KINDS.iter().filter(|key| has(expect, key));
        let Some(kind) = kinds.next() else {
            self.wrong(path, "the expectation does not say of what", one_of(KINDS));
            return;
        };
        for other in kinds {
            let message = format!("`{other}` beside `{kind}`");
            self.misplaced(&path.key(other), message, "an `[[expect]]` for each".to_string());
        }
        let mut claims = 0;
        for (key, belongs) in KEYS.iter().filter(|(key, _)| has(expect, key)) {
            if belongs.contains(kind) {
                let says_nothing = matches!(*key, "after_ms" | "before_ms" | "reason");
                // That something happened for a reason is a claim of its own.
                claims += usize::from(!says_nothing || (*key == "reason" && *kind == "happened_at"));
            } else {
                let fitting = KEYS.iter().filter(|(_, belongs)| belongs.contains(kind)).map(|(key, _)| *key);
                let message = format!("`{key}` does not go with `{kind}`");
                self.misplaced(&path.key(key), message, one_of(fitting));
            }
        }
        if claims == 0 && *kind != "no_drops" && !self.report.is_damaged(path) {
            let fitting = KEYS
                .iter()
                .filter(|(key, belongs)| {
                    belongs.contains(kind) && !matches!(*key, "after_ms" | "before_ms" | "reason")
                })
                .map(|(key, _)| *key);
            self.wrong(path, "nothing is expected", one_of(fitting));
        }
        if expect.no_drops == Some(false) {
            let expected = "`true`, or `dropped_at` with `at_least`".to_string();
            self.wrong(&path.key("no_drops"), "this says nothing", expected);
        }
    }

    fn call(&mut self, expect: &Expect, path: &Path) {
        let Some([first, second]) = &expect.call else { return };
        let inner = path.key("call");
        let mut both = true;
        for (index, name) in [first, second].into_iter().enumerate() {
            both &= self.expect_program(&inner.index(index), name, "a `peer`", |run| run.peer.is_some());
        }
        let offers = |from: &str, to: &str| {
            let peer = self.run_of(from).and_then(|run| run.peer.as_ref());
            peer.is_some_and(|peer| peer.offers_to.as_deref() == Some(to))
        };
        let calls = offers(first, second) || offers(second, first);
        // A peer that calls nobody who exists has been complained about.
        let is_lost = |name: &str| {
            let peer = self.run_of(name).and_then(|run| run.peer.as_ref());
            let callee = peer.and_then(|peer| peer.offers_to.as_deref());
            callee.is_some_and(|callee| !self.scenario.node.contains_key(callee))
        };
        if both && !calls && !is_lost(first) && !is_lost(second) {
            let message = format!("neither of `{first}` and `{second}` calls the other");
            self.wrong(&inner, message, "two peers, one of which has the other in `offers_to`".to_string());
        }
        let timed = expect.connected_at_ms.iter().flat_map(|sides| sides.keys());
        let timed = timed.map(|name| ("connected_at_ms", name));
        let typed = expect.candidates.iter().flat_map(|sides| sides.keys()).map(|name| ("candidates", name));
        for (key, name) in timed.chain(typed) {
            if name != first && name != second {
                let message = format!("`{name}` is not a peer of this call");
                let known = [first.as_str(), second.as_str()];
                let inner = path.key(key).key(name);
                self.misplaced(&inner, message, one_of(known));
            }
        }
        if let Some(code) = &expect.diagnosis
            && Code::find(code).is_none()
        {
            let known = Code::ALL.iter().map(|code| code.text().code);
            self.unknown(&path.key("diagnosis"), format!("there is no diagnosis `{code}`"), code, known);
        }
    }

    /// A node or network that there is.
    fn expect_place(&mut self, path: &Path, name: &str) {
        let networks = self.networks.clone();
        if !self.scenario.node.contains_key(name) && !networks.contains(name) {
            let message = format!("there is no node or network `{name}`");
            let known = self.scenario.node.keys().map(String::as_str).chain(networks);
            self.unknown(path, message, name, known);
        }
    }

    /// A node or network that there is, and a reason that there is.
    fn happened_expected(&mut self, expect: &Expect, path: &Path) {
        let Some(name) = &expect.happened_at else { return };
        self.expect_place(&path.key("happened_at"), name);
        let codes = || {
            let rtc = rtclab_rtc::Reason::ALL.iter().map(|reason| reason.text().code);
            let net = NetReason::ALL.iter().map(|reason| reason.text().code);
            rtc.chain(net).chain(ProgramReason::ALL.iter().map(|reason| reason.text().code))
        };
        match &expect.reason {
            None => self.wrong(path, "`happened_at` without `reason`", "the code of a reason".to_string()),
            Some(code) if codes().all(|known| known != code) => {
                self.unknown(&path.key("reason"), format!("there is no reason `{code}`"), code, codes());
            }
            Some(_) => {}
        }
    }

    fn route_expected(&mut self, expect: &Expect, path: &Path) {
        if let Some(name) = &expect.route_at {
            self.expect_program(&path.key("route_at"), name, "a `traceroute`", |run| {
                run.traceroute.is_some()
            });
        }
        for (index, hop) in expect.hops.iter().flatten().enumerate() {
            if hop != "*" {
                self.target(hop, &path.key("hops").index(index));
            }
        }
        let pings = |name: &String| self.run_of(name).is_some_and(|run| run.ping.is_some());
        let timed = expect.round_trip_ms_at_most.or(expect.round_trip_ms_at_least);
        if let (Some(name), Some(_)) = (&expect.received_at, timed)
            && self.run_of(name).is_some()
            && !pings(name)
        {
            let message = format!("`{name}` measures no round trips");
            self.wrong(&path.key("received_at"), message, "a node with a `ping`".to_string());
        }
    }

    fn lookup_expected(&mut self, expect: &Expect, path: &Path) {
        if let Some(name) = &expect.lookup_at {
            self.expect_program(&path.key("lookup_at"), name, "a `dns-lookup`", |run| {
                run.dns_lookup.is_some()
            });
        }
        self.expected_answers(expect.answers.as_ref(), &path.key("answers"));
        if expect.answers.is_some() && expect.failure.is_some() {
            let expected = "what was found, or why nothing was".to_string();
            self.misplaced(&path.key("failure"), "`failure` beside `answers`", expected);
        }
    }

    fn stream(&mut self, expect: &Expect, path: &Path) {
        let Some([from, to]) = &expect.stream else { return };
        let inner = path.key("stream");
        if self.expect_program(&inner.index(0), from, "a `tcp-source`", |run| run.tcp_source.is_some()) {
            let source = self.run_of(from).and_then(|run| run.tcp_source.as_ref());
            if let Some(target) = source.map(|source| source.to.clone())
                && target != *to
            {
                let message = format!("`{from}` connects to `{target}`, not to `{to}`");
                self.wrong(&inner.index(1), message, format!("`{target}`"));
            }
        }
        if let (Some(least), Some(most)) = (expect.retransmissions_at_least, expect.retransmissions_at_most)
            && least > most
        {
            let message = format!("at least {least} and at most {most} cannot be met");
            self.wrong(&path.key("retransmissions_at_least"), message, format!("at most {most}"));
        }
    }

    fn counts(&mut self, expect: &Expect, path: &Path) {
        if let Some(name) = &expect.received_at {
            let what = "a `udp-sink`, a `udp-echo`, a `udp-source` with an echo, a `video-sink`, a `ping`, or a `peer`";
            self.expect_program(&path.key("received_at"), name, what, |run| {
                run.udp_sink.is_some()
                    || run.udp_echo.is_some()
                    || run.udp_source.is_some()
                    || run.video_sink.is_some()
                    || run.ping.is_some()
                    || run.peer.is_some()
            });
        }
        if let Some(name) = &expect.probe_at {
            self.expect_program(&path.key("probe_at"), name, "a `nat-probe`", |run| run.nat_probe.is_some());
        }
        if let Some(name) = &expect.dropped_at {
            self.expect_place(&path.key("dropped_at"), name);
        }
        if let (Some(reason), None) = (&expect.reason, &expect.happened_at) {
            let known: Vec<&str> = NetReason::ALL.iter().map(|reason| reason.text().code).collect();
            if !known.contains(&reason.as_str()) {
                self.unknown(&path.key("reason"), format!("there is no reason `{reason}`"), reason, known);
            }
        }
        if let (Some(least), Some(most)) = (expect.at_least, expect.at_most)
            && least > most
        {
            let message = format!("at least {least} and at most {most} cannot be met");
            self.wrong(&path.key("at_least"), message, format!("at most {most}"));
        }
        if let (Some(after), Some(before)) = (expect.after_ms, expect.before_ms)
            && after >= before
        {
            let message = "no time is after and before".to_string();
            self.wrong(&path.key("after_ms"), message, format!("less than {before}"));
        }
    }
}
