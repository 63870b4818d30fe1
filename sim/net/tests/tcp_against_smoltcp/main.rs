//! Our TCP against an independent one: ten thousand transfers with smoltcp, from seeds, as client and as server, over channels that lose, reorder
//! and duplicate, and through windows smaller than a segment. Every byte has to arrive, both ways, and both ends have to close in peace.

mod ends;
mod transfer;

use transfer::{Family, run};

/// Transfers of each test; with twelve tests, 10,008 in all.
const TRANSFERS: u64 = 834;

const CLIENT: Family =
    Family { we_connect: true, loss: 0, reordering: 0, duplication: 0, tiny_windows: false, ipv6: false };
const SERVER: Family = Family { we_connect: false, ..CLIENT };

fn transfers(family: Family) {
    (0..TRANSFERS).for_each(|seed| run(family, seed));
}

#[test]
fn as_client_over_a_clean_channel() {
    transfers(CLIENT);
}

#[test]
fn as_server_over_a_clean_channel() {
    transfers(SERVER);
}

#[test]
fn as_client_with_loss() {
    transfers(Family { loss: 150, ..CLIENT });
}

#[test]
fn as_server_with_loss() {
    transfers(Family { loss: 150, ..SERVER });
}

#[test]
fn as_client_with_reordering() {
    transfers(Family { reordering: 500, ..CLIENT });
}

#[test]
fn as_server_with_reordering() {
    transfers(Family { reordering: 500, ..SERVER });
}

#[test]
fn as_client_with_duplication() {
    transfers(Family { duplication: 500, ..CLIENT });
}

#[test]
fn as_server_with_duplication() {
    transfers(Family { duplication: 500, ..SERVER });
}

#[test]
fn as_client_through_tiny_windows() {
    transfers(Family { tiny_windows: true, ..CLIENT });
}

#[test]
fn as_server_through_tiny_windows() {
    transfers(Family { tiny_windows: true, ..SERVER });
}

#[test]
fn as_client_with_everything_at_once_over_ipv6() {
    let all =
        Family { loss: 100, reordering: 300, duplication: 200, tiny_windows: true, ipv6: true, ..CLIENT };
    transfers(all);
}

#[test]
fn as_server_with_everything_at_once_over_ipv6() {
    let all =
        Family { loss: 100, reordering: 300, duplication: 200, tiny_windows: true, ipv6: true, ..SERVER };
    transfers(all);
}
