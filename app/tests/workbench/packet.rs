//! The packet: a field highlights its bytes, and a byte its field.

use egui::Key;
use egui::accesskit::Role;

use super::*;

/// A window in which a STUN packet is selected.
fn with_packet() -> Harness<'static, State> {
    let mut harness = opened("hole-punching.toml");
    for _ in 0..200 {
        if shows(&harness, "Magic Cookie") {
            return harness;
        }
        harness.key_press(Key::ArrowRight);
        harness.run();
    }
    panic!("no STUN packet in the first 200 events");
}

#[test]
fn a_click_on_a_field_highlights_it_and_a_second_click_lets_go() {
    let mut harness = with_packet();
    harness.get_by_label_contains("Magic Cookie").click();
    harness.run();
    assert!(harness.state().highlighted_field().is_some());
    harness.get_by_label_contains("Magic Cookie").click();
    harness.remove_cursor();
    harness.run();
    assert_eq!(harness.state().highlighted_field(), None);
}

#[test]
fn a_click_on_a_byte_highlights_the_field_that_holds_it() {
    let mut harness = with_packet();
    // The first byte of an IPv4 packet is version and header length.
    let row = harness.get_by_label_contains("0000: 45");
    let at = row.rect().left_center() + egui::vec2(12.0 + 6.5 * 6.0, 0.0);
    harness.hover_at(at);
    harness.run();
    harness.drag_at(at);
    harness.drop_at(at);
    harness.run();
    assert!(harness.state().highlighted_field().is_some());
    let selected = harness
        .query_all_by_role(Role::TreeItem)
        .filter(|node| node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True));
    assert_eq!(selected.count(), 1, "one line of the tree is highlighted");
}

#[test]
fn a_packet_on_the_map_is_selected_by_a_click() {
    let mut harness = opened("hole-punching.toml");
    harness.state_mut().apply(Command::SeekTime(rtclab_trace::SimTime::from_millis(10)));
    harness.run();
    let packet = harness
        .query_all_by_label_contains("Packet ")
        .find(|node| node.accesskit_node().role() == Role::Button);
    packet.expect("a packet is on its way").click();
    harness.run();
    assert!(shows(&harness, "Internet Protocol") || shows(&harness, "IPv4"), "{:?}", labels(&harness));
}
