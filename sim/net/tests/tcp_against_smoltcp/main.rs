//! Our TCP against an independent one inside one world: ten thousand transfers with smoltcp, from seeds, as client and as server, over links that
//! lose, reorder and duplicate, and through windows smaller than a segment. Every byte has to arrive, both ways, and both ends have to close in
//! peace. smoltcp is a guest: a program that takes the packets of its host as they are.

mod guest;
mod ours;
mod script;
mod transfer;

use transfer::{Family, run};

/// Transfers of each test; with fourteen tests, 10,010 in all.
const TRANSFERS: u64 = 715;

const CLIENT: Family =
    Family { we_connect: true, loss: 0, reordering: false, duplication: 0, tiny_windows: false, ipv6: false };
const SERVER: Family = Family { we_connect: false, ..CLIENT };

fn transfers(family: Family) {
    (0..TRANSFERS).for_each(|seed| run(family, seed));
}

#[test]
fn as_client_over_a_clean_path() {
    transfers(CLIENT);
}

#[test]
fn as_server_over_a_clean_path() {
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
    transfers(Family { reordering: true, ..CLIENT });
}

#[test]
fn as_server_with_reordering() {
    transfers(Family { reordering: true, ..SERVER });
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
fn as_client_through_tiny_windows_with_loss_and_duplication() {
    transfers(Family { loss: 100, duplication: 200, tiny_windows: true, ..CLIENT });
}

#[test]
fn as_server_through_tiny_windows_with_loss_and_duplication() {
    transfers(Family { loss: 100, duplication: 200, tiny_windows: true, ..SERVER });
}

#[test]
fn as_client_with_everything_at_once_over_ipv6() {
    let all =
        Family { loss: 100, reordering: true, duplication: 200, tiny_windows: true, ipv6: true, ..CLIENT };
    transfers(all);
}

#[test]
fn as_server_with_everything_at_once_over_ipv6() {
    let all =
        Family { loss: 100, reordering: true, duplication: 200, tiny_windows: true, ipv6: true, ..SERVER };
    transfers(all);
}
