//! TURN over TCP in the lab: past a firewall, through a proxy, for peers of ICE alone and for whole sessions.

mod common;

use common::{run, scenario, shipped};
use rtclab_lab::diagnosis::Code;
use rtclab_lab::document::Scenario;
use rtclab_lab::run::Outcome;
use rtclab_rtc::stun::Transport;
use rtclab_trace::{CallOutcome, CallPath, Entry, ProgramReason, Reason};

fn entries(outcome: &Outcome, reason: impl Into<Reason>) -> Vec<&Entry> {
    let reason = Some(reason.into());
    outcome.trace.entries().map(|(_, entry)| entry).filter(|entry| entry.reason == reason).collect()
}

/// An office behind this firewall, where alice is, with these keys; bob outside with his, and a TURN server with others.
fn office(firewall: &str, alice: &str, bob: &str, server: &str) -> Outcome {
    office_and(firewall, alice, bob, server, "")
}

fn office_and(firewall: &str, alice: &str, bob: &str, server: &str, rest: &str) -> Outcome {
    run(&scenario(&format!(
        "until_ms = 20000\n\
         [network.office]\n[network.internet]\nlatency_ms = 20\n\
         [node.wall]\nfirewall = \"{firewall}\"\ninside = \"office\"\noutside = \"internet\"\n\
         [node.turn]\nnetwork = \"internet\"\nrun.turn-server = {{ {server} }}\n\
         [node.proxy]\nnetwork = \"internet\"\nrun.http-proxy = {{}}\n\
         [node.alice]\nnetwork = \"office\"\nrun.peer = {{ offers_to = \"bob\", {alice} }}\n\
         [node.bob]\nnetwork = \"internet\"\nrun.peer = {{ {bob} }}\n{rest}"
    )))
}

const OVER_TCP: &str = "turn = { server = \"turn\", transport = \"tcp\" }";

#[test]
fn where_udp_is_blocked_a_call_is_relayed_over_tcp_and_the_diagnosis_says_so() {
    let outcome = office("block-udp", OVER_TCP, "", "");
    let call = &outcome.calls[0];
    assert_eq!((call.state.outcome, call.state.path), (CallOutcome::Connected, Some(CallPath::Relayed)));
    assert_eq!(call.transport(), Some(Transport::Tcp));
    assert_eq!(call.diagnosis.code, Code::RelayedOverTcp);
    assert!(
        call.diagnosis.english.starts_with("UDP is blocked for alice: wall denied"),
        "{}",
        call.diagnosis.english
    );
    assert!(call.diagnosis.english.contains("alice reaches turn over TCP,"), "{}", call.diagnosis.english);
}

#[test]
fn what_is_sent_through_the_relay_arrives() {
    let sends = format!("{OVER_TCP}, sends = {{ every_ms = 10, count = 50, bytes = 333 }}");
    let rest = "[[expect]]\nreceived_at = \"bob\"\nat_least = 50\nloss_percent_at_most = 0\n";
    let outcome = office_and("block-udp", &sends, "", "", rest);
    assert_eq!(outcome.calls[0].state.outcome, CallOutcome::Connected);
    assert_eq!(outcome.expectations[0].met, Some(true), "{:?}", outcome.expectations);
}

#[test]
fn a_whole_session_takes_the_same_way() {
    let session = format!("{OVER_TCP}, session = {{}}");
    let outcome = office("web-only", &session, "session = {}", "tcp_port = 443");
    let call = &outcome.calls[0];
    assert_eq!((call.state.outcome, call.transport()), (CallOutcome::Connected, Some(Transport::Tcp)));
}

#[test]
fn through_a_proxy_the_server_sees_the_proxy() {
    let alice = format!("{OVER_TCP}, proxy = \"proxy\"");
    let outcome = office("http-proxy-only", &alice, "", "tcp_port = 443");
    let call = &outcome.calls[0];
    assert_eq!((call.state.outcome, call.transport()), (CallOutcome::Connected, Some(Transport::Tcp)));
    assert!(call.diagnosis.english.contains("over TCP through proxy"), "{}", call.diagnosis.english);
    assert_eq!(entries(&outcome, ProgramReason::ProxyAsked).len(), 1);
}

#[test]
fn a_proxy_that_does_not_open_the_port_ends_the_attempt_at_once() {
    let alice = format!("{OVER_TCP}, proxy = \"proxy\"");
    let outcome = office("http-proxy-only", &alice, "", "");
    assert_eq!(entries(&outcome, ProgramReason::ProxyRefuses).len(), 1);
    assert_ne!(outcome.calls[0].state.outcome, CallOutcome::Connected);
    let ended = entries(&outcome, rtclab_rtc::Reason::TurnStreamClosed);
    assert!(!ended.is_empty() && ended[0].at.as_millis_f64() < 500.0);
}

#[test]
fn where_udp_passes_it_is_preferred() {
    let both = "policy = \"relay\", turn = [{ server = \"turn\", transport = \"tcp\" }, \"turn\"]";
    let outcome = office("stateful", both, "", "");
    assert_eq!(outcome.calls[0].transport(), Some(Transport::Udp));
}

#[test]
fn a_server_can_be_given_by_its_uri() {
    let alice = "turn = \"turn:198.51.100.1:443?transport=tcp\"";
    let outcome = office("block-udp", alice, "", "tcp_port = 443");
    assert!(!entries(&outcome, rtclab_rtc::Reason::TurnAllocate).is_empty());
}

#[test]
fn a_proxy_is_for_servers_over_tcp() {
    let text = "[network.lan]\n[node.proxy]\nnetwork = \"lan\"\nrun.http-proxy = {}\n\
                [node.turn]\nnetwork = \"lan\"\nrun.turn-server = {}\n\
                [node.alice]\nnetwork = \"lan\"\nrun.peer = { turn = \"turn\", proxy = \"proxy\" }\n";
    let problems =
        Scenario::parse("test.toml", text, &[]).expect_err("a proxy carries no datagrams").to_string();
    assert!(problems.contains("a proxy carries no datagrams"), "{problems}");
}

#[test]
fn the_shipped_scenarios_are_as_they_say() {
    for name in ["turn-over-tcp.toml", "turn-through-proxy.toml", "udp-blocked.toml"] {
        let outcome = run(&shipped(name, &[]));
        for judgement in &outcome.expectations {
            assert_eq!(judgement.met, Some(true), "{name}: {judgement:?} {:?}", outcome.calls);
        }
    }
}
