//! Opening: the first page, scenarios, captures, and files that are neither.

use std::path::PathBuf;

use rtclab_trace::{CallOutcome, Change, Entity};

use super::*;

#[test]
fn the_first_click_shows_two_homes_connecting() {
    let mut harness = harness(State::new());
    harness.get_by_label("Two homes behind port-restricted NATs").click();
    harness.run();
    let Some(document) = harness.state().document() else { panic!("a scenario is open") };
    let call = document.trace.latest_at(Entity::Call(0), document.trace.end()).expect("a call");
    let Change::Call(call) = &document.trace.entry(call).change else {
        panic!("a call has the state of a call")
    };
    assert_eq!(call.outcome, CallOutcome::Connected);
    for name in ["alice, ", "bob, ", "nat-a, ", "stun, "] {
        assert!(shows(&harness, name), "{name} is on the map");
    }
}

#[test]
fn every_shipped_scenario_opens() {
    for shipped in workbench::SHIPPED {
        let harness = opened(shipped.file);
        assert!(harness.state().document().is_some(), "{}", shipped.file);
    }
}

#[test]
fn a_mistake_in_a_scenario_is_shown_with_its_place() {
    let mut state = State::new();
    let text = b"title = \"broken\"\n[node.alice]\nnetwork = 7\n".to_vec();
    state.apply(Command::Open(Source::Bytes("broken.toml".into(), text)));
    let mut harness = harness(state);
    let notice = harness.state().notice().map(ToString::to_string).expect("a message");
    assert!(notice.contains("broken.toml:3"), "{notice}");
    assert!(shows(&harness, "broken.toml:3"));
    harness.get_by_label("Close").click();
    harness.run();
    assert!(harness.state().notice().is_none());
}

#[test]
fn what_is_neither_scenario_nor_capture_is_refused_in_words() {
    let mut state = State::new();
    state.apply(Command::Open(Source::Bytes("holiday.jpg".into(), vec![0xff, 0xd8, 0xff, 0xe0, 0, 16])));
    assert!(state.document().is_none());
    assert!(state.notice().is_some_and(|notice| notice.to_string().contains("holiday.jpg")));
}

#[test]
fn a_path_that_does_not_exist_is_refused_in_words() {
    let mut state = State::new();
    state.apply(Command::Open(Source::Path(PathBuf::from("no/such/file.toml"))));
    assert!(state.notice().is_some_and(|notice| notice.to_string().contains("no/such/file.toml")));
}

#[test]
fn a_capture_goes_through_the_same_views() {
    let mut state = State::new();
    state.apply(Command::Open(Source::Shipped("hole-punching.toml")));
    let mut file = Vec::new();
    let Some(document) = state.document() else { panic!("a scenario is open") };
    let about = rtclab_capture::About::default();
    rtclab_capture::write_pcapng(&document.trace, &mut file, about).expect("a vector takes what is written");
    state.apply(Command::Open(Source::Bytes("hole-punching.pcapng".into(), file)));
    state.apply(Command::Do(workbench::Action::End));
    let harness = harness(state);
    assert!(harness.state().notice().is_none(), "{:?}", harness.state().notice());
    assert!(shows(&harness, "203.0.113."));
}

#[test]
fn the_palette_runs_what_it_finds() {
    let mut harness = opened("hole-punching.toml");
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    harness.run();
    harness.get_by_label("Command palette").type_text("sequence");
    harness.run();
    harness.key_press(egui::Key::Enter);
    harness.run();
    assert_eq!(harness.state().stage(), workbench::Stage::Ladder);
}
