//! The picture of the window in the README. `UPDATE_SNAPSHOTS=true cargo test -p rtclab --test workbench picture` takes it anew.

use egui_kittest::SnapshotOptions;

use super::*;

#[test]
fn the_picture_in_the_readme_is_what_the_window_shows() {
    let mut harness = opened("hole-punching.toml");
    harness.state_mut().apply(Command::SeekTime(rtclab_trace::SimTime::from_millis(210)));
    harness.run();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/picture");
    // Another software rasteriser may round the edge of a letter another way.
    let options = SnapshotOptions::new().output_path(folder).threshold(1.0).max_failed_pixels(64);
    harness.snapshot_options("workbench", &options);
}
