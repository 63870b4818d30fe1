//! The filter: chips and text decide what is listed, and what stepping stops at.

use egui::Key;
use rtclab_trace::Change;

use super::*;

fn shown_changes(harness: &Harness<'_, State>) -> Vec<Change> {
    let Some(document) = harness.state().document() else { return Vec::new() };
    let entries = harness.state().shown().iter().filter_map(|index| document.trace.id_at(*index as usize));
    entries.map(|id| document.trace.entry(id).change.clone()).collect()
}

#[test]
fn a_chip_lists_only_its_topic() {
    let mut harness = opened("hole-punching.toml");
    harness.get_by_role_and_label(egui::accesskit::Role::CheckBox, "NAT").click();
    harness.run();
    let changes = shown_changes(&harness);
    assert!(!changes.is_empty());
    assert!(changes.iter().all(|change| matches!(change, Change::Mapping(_))), "{changes:?}");
    harness.get_by_role_and_label(egui::accesskit::Role::CheckBox, "NAT").click();
    harness.run();
    assert!(harness.state().filter().is_open());
}

#[test]
fn the_drops_chip_lists_only_drops() {
    let mut harness = opened("hole-punching.toml");
    harness.get_by_role_and_label(egui::accesskit::Role::CheckBox, "Drops").click();
    harness.run();
    let changes = shown_changes(&harness);
    assert!(!changes.is_empty());
    assert!(changes.iter().all(|change| matches!(change, Change::Dropped(_))), "{changes:?}");
}

#[test]
fn typed_words_filter_and_clearing_brings_everything_back() {
    let mut harness = opened("hole-punching.toml");
    let all = harness.state().shown().len();
    harness.key_press(Key::F);
    harness.run();
    harness.get_by_label("Filter by text").type_text("nat-a mapping");
    harness.run();
    let listed = harness.state().shown().len();
    assert!(listed > 0 && listed < all, "{listed} of {all}");
    harness.get_by_label("Clear the filter").click();
    harness.run();
    assert_eq!(harness.state().shown().len(), all);
}

#[test]
fn letters_typed_into_the_filter_are_no_commands() {
    let mut harness = opened("hole-punching.toml");
    harness.key_press(Key::F);
    harness.run();
    harness.get_by_label("Filter by text").type_text("d");
    harness.key_press(Key::D);
    harness.key_press(Key::Space);
    harness.run();
    assert_eq!(harness.state().theme(), workbench::Theme::Dark);
    assert!(!harness.state().is_playing());
}

#[test]
fn stepping_stops_only_at_what_is_listed() {
    let mut harness = opened("hole-punching.toml");
    harness.get_by_role_and_label(egui::accesskit::Role::CheckBox, "Drops").click();
    harness.run();
    harness.key_press(Key::ArrowRight);
    harness.run();
    let Some(document) = harness.state().document() else { panic!("a scenario is open") };
    let last = harness.state().cursor().last_index().and_then(|index| document.trace.id_at(index));
    let entry = document.trace.entry(last.expect("something happened"));
    assert!(matches!(entry.change, Change::Dropped(_)), "{entry:?}");
}

#[test]
fn a_filter_that_nothing_passes_says_so() {
    let mut harness = opened("hole-punching.toml");
    let filter = workbench::Filter { text: "no such words".into(), ..workbench::Filter::default() };
    harness.state_mut().apply(Command::SetFilter(filter));
    harness.run();
    assert!(harness.state().shown().is_empty());
}
