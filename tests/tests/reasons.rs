//! The registry of reasons: every variant is reached by a shipped scenario or named by a test.

use std::collections::BTreeSet;

use rtclab_lab::document::Scenario;
use rtclab_lab::run::{Options, run};
use rtclab_tests::{files_below, from_top, root, text_of};
use rtclab_trace::{NetReason, ProgramReason, ReasonText};

/// RFCs without numbered sections: they are cited whole.
const WITHOUT_SECTIONS: [&str; 3] = ["RFC 792", "RFC 826", "RFC 862"];

/// Variant name and texts of every reason there is.
fn registry() -> Vec<(String, ReasonText)> {
    let net = NetReason::ALL.iter().map(|reason| (format!("{reason:?}"), reason.text()));
    let program = ProgramReason::ALL.iter().map(|reason| (format!("{reason:?}"), reason.text()));
    let rtc = rtclab_rtc::Reason::ALL.iter().map(|reason| (format!("{reason:?}"), reason.text()));
    net.chain(program).chain(rtc).collect()
}

/// Codes of the reasons that the shipped scenarios reach.
fn reached_by_scenarios() -> BTreeSet<&'static str> {
    let mut reached = BTreeSet::new();
    for path in files_below(&root().join("scenarios"), ".toml") {
        let scenario = Scenario::parse(&from_top(&path), &text_of(&path), &[])
            .unwrap_or_else(|problems| panic!("{problems}"));
        let outcome =
            run(&scenario, Options::default()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        reached.extend(
            outcome.trace.entries().filter_map(|(_, entry)| entry.reason).map(|reason| reason.text().code),
        );
    }
    reached
}

/// The text of all test code: files of tests, and test modules at the end of other files.
fn test_code() -> String {
    let mut code = String::new();
    for path in files_below(&root(), ".rs") {
        let name = from_top(&path);
        let text = text_of(&path);
        if name == "tests/tests/reasons.rs" {
            continue;
        }
        if name.contains("/tests/") || name.ends_with("/tests.rs") {
            code.push_str(&text);
        } else if let Some((_, tests)) = text.split_once("#[cfg(test)]") {
            code.push_str(tests);
        }
    }
    code
}

#[test]
fn every_reason_is_reached_by_a_scenario_or_named_by_a_test() {
    let reached = reached_by_scenarios();
    let code = test_code();
    let unreached: Vec<String> = registry()
        .into_iter()
        .filter(|(variant, text)| {
            let named =
                code.contains(&format!("Reason::{variant}")) || code.contains(&format!("\"{}\"", text.code));
            !reached.contains(text.code) && !named
        })
        .map(|(variant, text)| format!("{variant} ({})", text.code))
        .collect();
    assert!(unreached.is_empty(), "reasons that nothing reaches:\n  {}", unreached.join("\n  "));
}

#[test]
fn codes_are_unique_and_sentences_are_written_in_both_languages() {
    let mut codes = BTreeSet::new();
    for (variant, text) in registry() {
        assert!(codes.insert(text.code), "two reasons share the code {}", text.code);
        assert!(text.english.ends_with(['.', '?', '!']), "{variant}: {}", text.english);
        assert!(
            text.korean.chars().any(|letter| ('가'..='힣').contains(&letter)),
            "{variant}: {}",
            text.korean
        );
        let cited =
            text.section.is_empty() || text.section.contains('§') || WITHOUT_SECTIONS.contains(&text.section);
        assert!(cited, "{variant}: {}", text.section);
    }
}
