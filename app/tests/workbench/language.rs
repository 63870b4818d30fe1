//! The language switch: the whole window changes, reasons too, and the fonts have every letter of both.

use super::*;

#[test]
fn the_switch_changes_the_whole_window_and_back() {
    let mut harness = opened("hole-punching.toml");
    assert!(shows(&harness, "Next event"));
    harness.get_by_label("한국어").click();
    harness.run();
    assert_eq!(harness.state().language(), workbench::Language::Korean);
    assert!(shows(&harness, "다음 이벤트"));
    assert!(!shows(&harness, "Next event"));
    harness.get_by_label("English").click();
    harness.run();
    assert!(shows(&harness, "Next event"));
}

#[test]
fn reasons_are_told_in_the_language_of_the_window() {
    let mut harness = opened("hole-punching.toml");
    let Some(document) = harness.state().document() else { panic!("a scenario is open") };
    let created = rtclab_trace::Reason::from(rtclab_trace::NetReason::MappingCreated);
    let entry = document.trace.entries().find(|(_, entry)| entry.reason == Some(created)).map(|(id, _)| id);
    harness.state_mut().apply(Command::SeekEntry(entry.expect("a NAT made a mapping")));
    harness.run();
    assert!(shows(&harness, created.text().english));
    harness.state_mut().apply(Command::Do(workbench::Action::Language));
    harness.run();
    assert!(shows(&harness, created.text().korean));
}

/// The harness panics on a letter that no font has, so opening every scenario in Korean and going through it is the test.
#[test]
fn every_scenario_can_be_read_in_korean_at_its_end() {
    for shipped in workbench::SHIPPED {
        let mut state = State::new();
        state.apply(Command::Do(workbench::Action::Language));
        state.apply(Command::Open(Source::Shipped(shipped.file)));
        state.apply(Command::Do(workbench::Action::End));
        harness(state);
    }
}
