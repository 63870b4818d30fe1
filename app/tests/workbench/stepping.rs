//! Stepping forwards and back: what is shown is the state at that place of the trace, whichever way the reader came.

use egui::{Key, Modifiers};

use super::*;

/// Presses a key until the panel shows some words.
fn press_until(harness: &mut Harness<'_, State>, modifiers: Modifiers, key: Key, words: &str) {
    for _ in 0..500 {
        if shows(harness, words) {
            return;
        }
        harness.key_press_modifiers(modifiers, key);
        harness.run();
    }
    panic!("never came to {words}");
}

#[test]
fn stepping_back_takes_the_first_server_reflexive_candidate_away_again() {
    let mut harness = opened("hole-punching.toml");
    let candidate = "Candidates: local, srflx";
    assert!(!shows(&harness, candidate));
    press_until(&mut harness, Modifiers::SHIFT, Key::ArrowRight, candidate);
    let count = harness.state().cursor().count;
    harness.key_press(Key::ArrowLeft);
    harness.run();
    assert!(harness.state().cursor().count < count);
    assert!(!shows(&harness, candidate), "the state went back, too");
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert_eq!(harness.state().cursor().count, count);
    assert!(shows(&harness, candidate), "and forward again");
}

#[test]
fn a_place_looks_the_same_from_both_sides() {
    let mut harness = opened("hole-punching.toml");
    // The list scrolls only when it must, so what is in sight of it may differ; everything else may not.
    let without_list = |harness: &Harness<'_, State>| -> Vec<String> {
        labels(harness).into_iter().filter(|label| !label.contains(" ms, ")).collect()
    };
    harness.state_mut().apply(Command::SeekTime(rtclab_trace::SimTime::from_millis(120)));
    let alice = harness.state().document().and_then(|document| document.trace.topology().find("alice"));
    harness.state_mut().apply(Command::SelectNode(alice.expect("alice is there")));
    for _ in 0..3 {
        harness.key_press(Key::ArrowRight);
        harness.run();
    }
    let from_before = without_list(&harness);
    let place = harness.state().cursor();
    for key in [Key::ArrowRight, Key::ArrowRight, Key::ArrowLeft, Key::ArrowLeft] {
        harness.key_press(key);
        harness.run();
    }
    assert_eq!(harness.state().cursor(), place);
    assert_eq!(without_list(&harness), from_before);
}

#[test]
fn home_and_end_go_to_the_two_ends_of_the_trace() {
    let mut harness = opened("hole-punching.toml");
    harness.key_press(Key::End);
    harness.run();
    let length = harness.state().document().map(|document| document.trace.len());
    assert_eq!(Some(harness.state().cursor().count), length);
    harness.key_press(Key::Home);
    harness.run();
    assert_eq!(harness.state().cursor().count, 0);
    assert!(shows(&harness, "Play"));
}

#[test]
fn the_buttons_do_what_the_keys_do() {
    let mut by_key = opened("hole-punching.toml");
    let mut by_button = opened("hole-punching.toml");
    for (key, button) in [
        ((Modifiers::NONE, Key::ArrowRight), "Next event"),
        ((Modifiers::SHIFT, Key::ArrowRight), "Next state change"),
        ((Modifiers::NONE, Key::ArrowLeft), "Previous event"),
        ((Modifiers::SHIFT, Key::ArrowLeft), "Previous state change"),
    ] {
        by_key.key_press_modifiers(key.0, key.1);
        by_key.run();
        by_button.get_by_label(button).click();
        by_button.run();
        assert_eq!(by_key.state().cursor(), by_button.state().cursor(), "{button}");
    }
}

#[test]
fn playing_moves_time_on_and_stops_at_the_end() {
    let mut harness = opened("two-hosts-lan.toml");
    harness.key_press(Key::Space);
    harness.run_steps(3);
    assert!(harness.state().is_playing());
    let early = harness.state().cursor().time;
    assert!(early > rtclab_trace::SimTime::ZERO);
    // A wall clock of minutes passes in these steps.
    for _ in 0..4_000 {
        harness.state_mut().apply(Command::Advance(std::time::Duration::from_secs(1)));
    }
    harness.run();
    assert!(!harness.state().is_playing());
    assert_eq!(Some(harness.state().cursor().time), harness.state().document().map(|d| d.trace.end()));
}

#[test]
fn a_typed_time_is_gone_to() {
    let mut harness = opened("hole-punching.toml");
    harness.key_press(Key::G);
    harness.run();
    harness.get_by_label("Go to time").type_text("100 ms");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().cursor().time, rtclab_trace::SimTime::from_millis(100));
}

#[test]
fn timers_count_down_in_simulated_time() {
    let mut harness = opened("hole-punching.toml");
    let nat = harness.state().document().and_then(|document| document.trace.topology().find("nat-a"));
    harness.state_mut().apply(Command::SelectNode(nat.expect("nat-a is there")));
    let mut left = Vec::new();
    for millis in [400, 1_400] {
        harness.state_mut().apply(Command::SeekTime(rtclab_trace::SimTime::from_millis(millis)));
        harness.run();
        let row = labels(&harness).into_iter().find(|label| label.starts_with("NAT table: UDP"));
        let row = row.expect("a mapping");
        let seconds = row.trim_end_matches(" (changed by this event)").trim_end_matches(" s");
        let seconds = seconds.rsplit(", ").next().and_then(|text| text.parse::<f64>().ok());
        left.push(seconds.unwrap_or_else(|| panic!("no timer in {row}")));
    }
    assert!(left[0] > left[1], "{left:?}");
}
