//! Links: what packets met on each, and the queue of the chosen one.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::SnapshotOptions;

use super::*;

#[test]
fn links_with_a_queue_or_a_loss_are_listed() {
    let mut harness = opened("bufferbloat.toml");
    harness.key_press(Key::Q);
    harness.run();
    assert_eq!(harness.state().stage(), workbench::Stage::Links);
    assert!(shows(&harness, "queue up to"), "{:?}", labels(&harness));
}

#[test]
fn a_run_in_which_links_only_delay_has_no_such_picture() {
    let harness = opened("two-hosts-lan.toml");
    assert!(harness.query_by_role_and_label(Role::RadioButton, "Links").is_none());
}

#[test]
fn the_picture_of_links_in_the_readme_is_what_the_window_shows() {
    let mut harness = opened("bufferbloat.toml");
    harness.state_mut().apply(Command::SeekTime(rtclab_trace::SimTime::from_millis(1500)));
    harness.state_mut().apply(Command::Do(workbench::Action::ShowLinks));
    harness.run();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/picture");
    let options = SnapshotOptions::new().output_path(folder).threshold(1.0).max_failed_pixels(64);
    harness.snapshot_options("links", &options);
}
