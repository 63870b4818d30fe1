//! Every shipped scenario meets its own expectations; a broken expectation says what happened instead.

use rtclab_lab::document::Scenario;
use rtclab_lab::run::{Options, Outcome, run};
use rtclab_tests::{files_below, from_top, root, text_of};

fn outcome(name: &str, text: &str, overrides: &[String]) -> Outcome {
    let scenario = Scenario::parse(name, text, overrides).unwrap_or_else(|problems| panic!("{problems}"));
    run(&scenario, Options::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_shipped_scenario_meets_its_expectations() {
    let mut unmet = Vec::new();
    for path in files_below(&root().join("scenarios"), ".toml") {
        let outcome = outcome(&from_top(&path), &text_of(&path), &[]).to_json();
        let judgements = outcome["expectations"].as_array().expect("a list").clone();
        assert!(!judgements.is_empty(), "{} expects nothing", from_top(&path));
        let failed = judgements.into_iter().filter(|judgement| judgement["met"] != true);
        unmet.extend(failed.map(|judgement| format!("{}: {judgement}", from_top(&path))));
    }
    assert!(unmet.is_empty(), "{}", unmet.join("\n"));
}

#[test]
fn every_scenario_begins_with_a_lesson() {
    for path in files_below(&root().join("scenarios"), ".toml") {
        let text = text_of(&path);
        let lesson: Vec<&str> = text.lines().take_while(|line| line.starts_with('#')).collect();
        assert!(lesson.len() >= 3, "{} begins without a lesson", from_top(&path));
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_and_another_seed_another() {
    let path = root().join("scenarios/hole-punching.toml");
    let text = text_of(&path);
    let hash = |seed: &str| outcome("hole-punching.toml", &text, &[format!("seed={seed}")]).trace_hash();
    assert_eq!(hash("7"), hash("7"));
    assert_ne!(hash("7"), hash("8"));
}
