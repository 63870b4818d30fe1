//! The session: states over time, what was said, and what each line of it means.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::SnapshotOptions;

use super::*;

fn session() -> Harness<'static, State> {
    let mut harness = opened("hole-punching.toml");
    harness.state_mut().apply(Command::Do(workbench::Action::End));
    harness.run();
    harness.key_press(Key::J);
    harness.run();
    harness
}

#[test]
fn states_stand_on_one_time_axis() {
    let harness = session();
    assert_eq!(harness.state().stage(), workbench::Stage::Session);
    assert!(shows(&harness, "ICE checking, since"), "{:?}", labels(&harness));
    assert!(shows(&harness, "Gathering complete, since"));
}

#[test]
fn what_runs_above_ice_has_its_states_on_the_same_axis() {
    let mut harness = opened("two-homes.toml");
    harness.state_mut().apply(Command::Do(workbench::Action::End));
    harness.key_press(Key::J);
    harness.run();
    for words in [
        "Signaling stable, since",
        "DTLS connected, since",
        "SCTP ESTABLISHED, since",
        "\"chat\" open, since",
    ] {
        assert!(shows(&harness, words), "{words}: {:?}", labels(&harness));
    }
}

#[test]
fn an_answer_is_read_line_by_line_against_its_offer() {
    let mut harness = opened("two-homes.toml");
    harness.state_mut().apply(Command::Do(workbench::Action::End));
    harness.key_press(Key::J);
    harness.run();
    harness.state_mut().apply(Command::SetSplit(workbench::Split::Left, 0.85));
    harness.run();
    let answer = labels(&harness).into_iter().find(|label| label.ends_with("bob → alice: answer"));
    harness.get_by_role_and_label(Role::Row, &answer.expect("bob answers")).click();
    harness.run();
    let shown = labels(&harness);
    assert!(shown.iter().any(|label| label.ends_with(": a=setup:active")), "{shown:?}");
    assert!(!shown.iter().any(|label| label.ends_with(": a=setup:actpass")), "{shown:?}");
}

#[test]
fn what_was_said_is_listed_and_a_click_goes_there() {
    let mut harness = session();
    let offer = labels(&harness).into_iter().find(|label| label.ends_with("alice → bob: offer"));
    harness.get_by_role_and_label(Role::Row, &offer.expect("alice offers")).click();
    harness.run();
    let shown = labels(&harness);
    assert!(shown.iter().any(|label| label.contains("a=ice-ufrag:")), "{shown:?}");
}

#[test]
fn a_run_without_peers_has_no_such_picture() {
    let mut harness = opened("tcp-handshake.toml");
    assert!(harness.query_by_role_and_label(Role::RadioButton, "Session").is_none());
    harness.key_press(Key::J);
    harness.run();
    assert_eq!(harness.state().stage(), workbench::Stage::Map);
}

#[test]
fn the_picture_of_a_session_in_the_readme_is_what_the_window_shows() {
    let mut harness = opened("two-homes.toml");
    harness.state_mut().apply(Command::SeekTime(rtclab_trace::SimTime::from_millis(600)));
    harness.state_mut().apply(Command::Do(workbench::Action::ShowSession));
    harness.state_mut().apply(Command::SetSplit(workbench::Split::Left, 0.66));
    harness.run();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/picture");
    let options = SnapshotOptions::new().output_path(folder).threshold(1.0).max_failed_pixels(64);
    harness.snapshot_options("session", &options);
}
