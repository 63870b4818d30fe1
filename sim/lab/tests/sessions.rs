//! Peers with a whole session: what their calls come to, and how it is told.

use rtclab_lab::document::Scenario;
use rtclab_lab::ladder::{self, Style};
use rtclab_lab::run::{Options, Outcome, SessionReport, run};
use rtclab_trace::{Change, Entity};

fn outcome(name: &str, overrides: &[&str]) -> Outcome {
    let path = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name);
    let text = std::fs::read_to_string(path).expect("it can be read");
    let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
    let scenario = Scenario::parse(name, &text, &overrides).unwrap_or_else(|problems| panic!("{problems}"));
    run(&scenario, Options::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn page(outcome: &Outcome) -> String {
    ladder::text(outcome, &Style { width: 240, ..Style::default() })
}

fn session(outcome: &Outcome) -> &SessionReport {
    outcome.calls[0].session.as_ref().unwrap_or_else(|| panic!("{}", page(outcome)))
}

#[test]
fn every_shipped_session_comes_to_what_it_expects() {
    let mut unmet = String::new();
    for name in [
        "two-homes.toml",
        "session-trickle.toml",
        "session-glare.toml",
        "session-glare-perfect.toml",
        "session-answer-twice.toml",
        "session-early-candidate.toml",
        "session-no-codec.toml",
        "session-wrong-fingerprint.toml",
        "session-dtls-versions.toml",
        "post-quantum.toml",
    ] {
        let outcome = outcome(name, &[]);
        if !outcome.is_as_expected() {
            unmet += &format!("{name}\n{}", page(&outcome));
        }
    }
    assert!(unmet.is_empty(), "{unmet}");
}

#[test]
fn each_step_from_click_to_open_is_told_with_its_cost() {
    let outcome = outcome("two-homes.toml", &[]);
    let report = session(&outcome);
    let names: Vec<&str> = report.steps.iter().map(|step| step.name).collect();
    let expected = [
        "click",
        "signaling over TCP",
        "offer received",
        "answer received",
        "ICE has a pair",
        "DTLS connected",
        "SCTP established",
        "channel open",
        "first message",
    ];
    assert_eq!(names, expected);
    let json = outcome.to_json();
    let steps = json["calls"][0]["session"]["steps"].as_array().expect("a list");
    assert_eq!(steps.len(), expected.len());
    assert!(steps.iter().all(|step| step["round_trips"].is_number()), "{steps:?}");
    assert_eq!(json["calls"][0]["session"]["sides"]["bob"]["dtls"]["version"], "DTLS 1.3");
}

#[test]
fn an_older_dtls_costs_a_round_trip_more() {
    let dtls = |version: &str| {
        let old: Vec<String> = ["alice", "bob"]
            .iter()
            .map(|peer| format!("node.{peer}.run.peer.session.dtls={version:?}"))
            .collect();
        let outcome = outcome("two-homes.toml", &[&old[0], &old[1]]);
        assert!(outcome.is_as_expected(), "{}", page(&outcome));
        let at = |name: &str| {
            let steps = &session(&outcome).steps;
            steps.iter().find(|step| step.name == name).unwrap_or_else(|| panic!("{name}")).at
        };
        at("SCTP established").since(at("answer received")).as_secs_f64()
    };
    let round_trip = 0.0808;
    let more = dtls("1.2") - dtls("1.3");
    assert!((more - round_trip).abs() < 0.01, "{more}");
}

#[test]
fn the_ladder_says_what_is_inside_of_encrypted_packets() {
    for version in ["1.3", "1.2"] {
        let old: Vec<String> = ["alice", "bob"]
            .iter()
            .map(|peer| format!("node.{peer}.run.peer.session.dtls={version:?}"))
            .collect();
        let text = page(&outcome("two-homes.toml", &[&old[0], &old[1]]));
        for words in [
            "DTLS: ClientHello",
            "DTLS: Finished",
            "SCTP: INIT",
            "SCTP: COOKIE ECHO",
            "DATA_CHANNEL_OPEN \"chat\"",
            "text \"Hello, bob\"",
        ] {
            assert!(text.contains(words), "{version}: {words}\n{text}");
        }
    }
}

#[test]
fn a_session_is_the_same_to_the_byte_in_each_run() {
    let hash = |seed: &str| outcome("two-homes.toml", &[seed]).trace_hash();
    assert_eq!(hash("seed=5"), hash("seed=5"));
    assert_ne!(hash("seed=5"), hash("seed=6"));
}

#[test]
fn the_secrets_of_a_session_are_in_its_trace() {
    let outcome = outcome("two-homes.toml", &[]);
    let of = |node: usize| {
        let entity = Entity::Dtls(outcome.calls[0].nodes[node], 0);
        let last = outcome.trace.entries_of(entity).last().copied().expect("DTLS has begun");
        match &outcome.trace.entry(last).change {
            Change::Dtls(state) => {
                let mut log = state.key_log.clone();
                log.sort();
                log
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(of(0), of(1));
    assert_eq!(of(0).len(), 5);
}

#[test]
fn what_does_not_go_with_a_session_is_a_problem_of_the_document() {
    let problem = |overrides: &[&str]| {
        let path =
            std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/two-homes.toml");
        let text = std::fs::read_to_string(path).expect("it can be read");
        let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
        Scenario::parse("two-homes.toml", &text, &overrides).expect_err("a problem").to_string()
    };
    let codec = problem(&["node.alice.run.peer.session.codecs=[\"VP7\"]"]);
    assert!(codec.contains("the profile has no codec `VP7`"), "{codec}");
    let tcp = problem(&["node.alice.run.peer.tcp=true"]);
    assert!(tcp.contains("`tcp` beside `session`"), "{tcp}");
    let reason = problem(&["expect.1.reason=dtls-conected"]);
    assert!(reason.contains("there is no reason `dtls-conected`"), "{reason}");
}
