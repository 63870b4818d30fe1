//! Ping and traceroute in scenarios.

mod common;

use common::{run, scenario};
use rtclab_lab::run::Outcome;
use rtclab_trace::{ProgramReason, Reason};

/// Three links in a row with a program at their beginning, and what is expected.
fn chain(program: &str, more: &str) -> Outcome {
    let text = format!(
        r#"
seed = 5
[node.here]
run = {{ {program} }}
[node.router]
router = true
[node.there]
[[link]]
between = ["here", "router"]
latency_ms = 10
[[link]]
between = ["router", "there"]
latency_ms = 20
{more}
"#
    );
    run(&scenario(&text))
}

fn is_met(outcome: &Outcome) {
    assert!(outcome.is_as_expected(), "{:#?}", outcome.expectations);
}

fn count(outcome: &Outcome, reason: ProgramReason) -> usize {
    outcome.trace.entries().filter(|(_, entry)| entry.reason == Some(Reason::Program(reason))).count()
}

#[test]
fn a_ping_measures_the_round_trip_to_the_nanosecond() {
    let expect = "[[expect]]\nreceived_at = \"here\"\nat_least = 4\nat_most = 4\nround_trip_ms_at_least = 60\nround_trip_ms_at_most = 60";
    let outcome = chain("ping = { to = \"there\", count = 4, interval_ms = 100 }", expect);
    is_met(&outcome);
    assert_eq!(count(&outcome, ProgramReason::PingSchedule), 4);
    assert_eq!(count(&outcome, ProgramReason::PingAnswered), 4);
}

#[test]
fn requests_without_answer_are_missing() {
    let more = "loss_percent = 50\n[[expect]]\nreceived_at = \"here\"\nat_least = 1\nat_most = 999";
    is_met(&chain("ping = { to = \"there\", count = 1000, interval_ms = 5 }", more));
}

#[test]
fn a_traceroute_names_each_router_and_the_end() {
    let expect = "[[expect]]\nroute_at = \"here\"\nhops = [\"router\", \"there\"]";
    let outcome = chain("traceroute = { to = \"there\" }", expect);
    is_met(&outcome);
    assert_eq!(count(&outcome, ProgramReason::TracerouteProbe), 2);
    assert_eq!(count(&outcome, ProgramReason::TracerouteHop), 2);
}

#[test]
fn a_step_without_answer_is_a_star() {
    let more = "[[action]]\nat_ms = 0\nlink_down = \"router-there\"\n[[expect]]\nroute_at = \"here\"\nhops = [\"router\", \"*\", \"*\"]";
    let outcome = chain("traceroute = { to = \"there\", hops_max = 3, timeout_ms = 100 }", more);
    is_met(&outcome);
    assert_eq!(count(&outcome, ProgramReason::TracerouteSilence), 2);
}

#[test]
fn an_expectation_that_is_not_met_says_what_came_instead() {
    let expect = "[[expect]]\nroute_at = \"here\"\nhops = [\"there\"]";
    let outcome = chain("traceroute = { to = \"there\" }", expect);
    assert_eq!(outcome.expectations[0].instead.as_deref(), Some("it found router, there"));
}
