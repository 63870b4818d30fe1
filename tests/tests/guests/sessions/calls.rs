//! Calls between makes of peer connections: who opens a data channel to whom, and what arrives.

use std::time::Duration;

use rtclab_rtc::Time;

use super::super::table::{Setting, Table};
use super::talk::{Handshake, LENGTHS, Make};

/// How long a call may take, on the virtual clock.
const UNTIL: Duration = Duration::from_secs(60);

/// A home on each side.
const HOMES: [&[&str]; 2] = [&["port-restricted"], &["port-restricted"]];

fn setting(nats: [&'static [&'static str]; 2], loss_percent: u32) -> Setting {
    // Two links are on the way, so each loses half.
    let link = format!("latency_ms = 10\nloss_percent = {}", f64::from(loss_percent) / 2.0);
    Setting { nats, networks: 1, link, turn: true, ..Setting::default() }
}

/// Whether the first one's offer leads to a channel on which everything arrives at both ends; what went wrong, if not.
fn call(
    setting: &Setting,
    makes: [Make; 2],
    handshake: Handshake,
    seed: u64,
) -> Result<&'static str, String> {
    let peers = [makes[0].peer(true, handshake, 2 * seed + 1), makes[1].peer(false, handshake, 2 * seed + 2)];
    let (table, mut world) = Table::lay(setting, peers, seed);
    table.run(&mut world, Time::ZERO + UNTIL, Duration::ZERO, |seat| seat.heard().len() == LENGTHS.len());
    let heard = [0, 1].map(|side| table.seat(&world, side).heard().to_vec());
    let panicked = [0, 1].map(|side| table.seat(&world, side).panicked);
    if heard.iter().all(|heard| *heard == LENGTHS) && panicked == [false; 2] {
        Ok(if table.is_relayed(&world) { "relayed" } else { "direct" })
    } else {
        let names = makes.map(Make::name);
        Err(format!("{names:?}, {handshake:?}, seed {seed}: heard {heard:?}, panicked {panicked:?}"))
    }
}

/// Each role and each direction of DTLS, with what has to come of it.
fn calls(guest: Make, setting: &Setting, seeds: u64, path: &str) {
    for makes in [[Make::Ours, guest], [guest, Make::Ours]] {
        for handshake in [Handshake::Answerer, Handshake::Offerer] {
            for seed in 0..seeds {
                assert_eq!(call(setting, makes, handshake, seed), Ok(path), "{makes:?} {handshake:?}");
            }
        }
    }
}

#[test]
fn str0m_and_we_open_a_channel_between_two_homes_whoever_offers() {
    calls(Make::Str0m, &setting(HOMES, 0), 2, "direct");
}

#[test]
fn rtc_and_we_open_a_channel_between_two_homes_whoever_offers() {
    calls(Make::Rtc, &setting(HOMES, 0), 2, "direct");
}

#[test]
fn str0m_and_we_open_a_channel_through_a_relay() {
    calls(Make::Str0m, &setting([&["symmetric"], &["symmetric"]], 0), 1, "relayed");
}

#[test]
fn rtc_and_we_open_a_channel_through_a_relay() {
    calls(Make::Rtc, &setting([&["symmetric"], &["symmetric"]], 0), 1, "relayed");
}

#[test]
fn str0m_and_we_open_a_channel_over_a_line_that_loses_packets() {
    calls(Make::Str0m, &setting(HOMES, 5), 10, "direct");
}

#[test]
fn rtc_and_we_open_a_channel_over_a_line_that_loses_packets() {
    calls(Make::Rtc, &setting(HOMES, 5), 10, "direct");
}
