//! TCP: the state diagram with the way that a socket took, and the table of sockets.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::SnapshotOptions;
use rtclab_trace::{Change, TcpConnectionState};

use super::*;

fn tcp() -> Harness<'static, State> {
    let mut harness = opened("tcp-handshake.toml");
    harness.state_mut().apply(Command::SeekTime(rtclab_trace::SimTime::from_millis(50)));
    harness.run();
    harness.key_press(Key::C);
    harness.run();
    harness
}

#[test]
fn the_diagram_shows_the_state_now_and_the_states_before() {
    let harness = tcp();
    assert_eq!(harness.state().stage(), workbench::Stage::Tcp);
    assert!(shows(&harness, "FIN-WAIT-1: the state now"), "{:?}", labels(&harness));
    assert!(shows(&harness, "SYN-SENT: was here before"));
    assert!(shows(&harness, "TIME-WAIT: not entered"));
}

#[test]
fn a_click_on_a_state_goes_to_the_moment_when_it_was_entered() {
    let mut harness = tcp();
    harness.get_by_label_contains("SYN-SENT: was here before").click();
    harness.run();
    let state = harness.state();
    let trace = &state.document().expect("a scenario is open").trace;
    let last = state.cursor().last_index().and_then(|index| trace.id_at(index)).expect("something happened");
    let Change::Tcp(socket) = &trace.entry(last).change else { panic!("{:?}", trace.entry(last)) };
    assert_eq!(socket.state, TcpConnectionState::SynSent);
}

#[test]
fn the_sockets_of_a_node_are_listed_with_their_windows() {
    let harness = tcp();
    assert!(shows(&harness, "TCP sockets: FIN-WAIT-1"), "{:?}", labels(&harness));
}

#[test]
fn a_run_without_tcp_has_no_such_picture() {
    let mut harness = opened("two-hosts-lan.toml");
    assert!(harness.query_by_role_and_label(Role::RadioButton, "TCP").is_none());
    harness.key_press(Key::C);
    harness.run();
    assert_eq!(harness.state().stage(), workbench::Stage::Map);
}

#[test]
fn the_picture_of_tcp_in_the_readme_is_what_the_window_shows() {
    let mut harness = opened("tcp-loss.toml");
    harness.state_mut().apply(Command::SeekTime(rtclab_trace::SimTime::from_millis(400)));
    harness.state_mut().apply(Command::Do(workbench::Action::ShowTcp));
    harness.state_mut().apply(Command::SetSplit(workbench::Split::Left, 0.6));
    harness.run();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/picture");
    let options = SnapshotOptions::new().output_path(folder).threshold(1.0).max_failed_pixels(64);
    harness.snapshot_options("tcp", &options);
}
