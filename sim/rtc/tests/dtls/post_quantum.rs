//! X25519MLKEM768: a hello of two datagrams, and what it costs.

use std::time::Duration;

use rtclab_rtc::dtls::{Config, Versions};
use rtclab_rtc::{Randomness, Reason, Time};

use crate::pair::{DELAY, Fate, Pair, Seeded};

/// draft-ietf-tls-ecdhe-mlkem §4.
const X25519_MLKEM768: u16 = 0x11ec;
const X25519: u16 = 29;

fn pair(seed: u64, versions: [Versions; 2], has_it: [bool; 2]) -> Pair {
    Pair::tuned(seed, versions, |end, config| config.post_quantum = has_it[end])
}

fn groups(pair: &Pair) -> [Option<u16>; 2] {
    [pair.ends[0].state().group, pair.ends[1].state().group]
}

#[test]
fn two_ends_that_have_it_use_it_and_need_no_round_trip_more() {
    for versions in [[Versions::Auto; 2], [Versions::Only13; 2], [Versions::Auto, Versions::Only13]] {
        let mut pair = pair(61, versions, [true; 2]);
        pair.run();
        assert!(pair.are_connected(), "{versions:?}: {:?}", pair.ends);
        assert_eq!(groups(&pair), [Some(X25519_MLKEM768); 2]);
        assert!(!pair.told[1].sent.iter().any(|(_, _, reason)| *reason == Reason::DtlsAsksAgain));
        assert_eq!(pair.told[0].connected_at, Some(Time::ZERO + DELAY * 2), "{versions:?}");
        pair.ends[0].send(b"hello", pair.now).expect("connected");
        pair.drain();
        pair.run();
        assert_eq!(pair.told[1].data, [b"hello"]);
    }
}

#[test]
fn the_hello_of_a_client_takes_two_datagrams_that_fit() {
    for versions in [Versions::Auto, Versions::Only13] {
        let pair = pair(62, [versions; 2], [true; 2]);
        let lengths: Vec<usize> = pair.told[0].sent.iter().map(|(_, payload, _)| payload.len()).collect();
        assert!(matches!(lengths.as_slice(), [1190..=1200, 150..=500]), "{versions:?}: {lengths:?}");
    }
}

#[test]
fn a_server_without_it_asks_for_another_share_which_is_a_round_trip() {
    for versions in [Versions::Auto, Versions::Only13] {
        let mut pair = pair(63, [versions; 2], [true, false]);
        pair.run();
        assert!(pair.are_connected(), "{versions:?}: {:?}", pair.ends);
        assert_eq!(groups(&pair), [Some(X25519); 2]);
        assert!(pair.told[1].sent.iter().any(|(_, _, reason)| *reason == Reason::DtlsAsksAgain));
        assert_eq!(pair.told[0].connected_at, Some(Time::ZERO + DELAY * 4), "{versions:?}");
    }
}

#[test]
fn a_client_without_it_is_met_as_it_is() {
    let mut pair = pair(64, [Versions::Auto; 2], [false, true]);
    pair.run();
    assert!(pair.are_connected());
    assert_eq!(groups(&pair), [Some(X25519); 2]);
    assert_eq!(pair.told[0].connected_at, Some(Time::ZERO + DELAY * 2));
}

#[test]
fn dtls_1_2_has_no_such_exchange_and_goes_on_without() {
    for versions in [[Versions::Auto, Versions::Only12], [Versions::Only12, Versions::Auto]] {
        let mut pair = pair(65, versions, [true; 2]);
        pair.run();
        assert!(pair.are_connected(), "{versions:?}: {:?}", pair.ends);
        assert_eq!(groups(&pair), [Some(X25519); 2]);
    }
}

#[test]
fn a_cookie_and_another_share_are_asked_for_at_once() {
    for has_it in [[true; 2], [true, false]] {
        let mut pair = Pair::tuned(66, [Versions::Auto; 2], |end, config| {
            config.post_quantum = has_it[end];
            config.cookie = true;
        });
        pair.run();
        assert!(pair.are_connected(), "{has_it:?}: {:?}", pair.ends);
        assert_eq!(pair.told[0].connected_at, Some(Time::ZERO + DELAY * 4));
    }
}

#[test]
fn any_one_datagram_may_be_lost_or_overtaken() {
    for has_it in [[true; 2], [true, false]] {
        for versions in [Versions::Auto, Versions::Only13] {
            // The first two left before there was a line that loses.
            for number in 0..9 {
                for fate in [Fate::Lost, Fate::Late(40)] {
                    let mut pair = pair(67, [versions; 2], has_it);
                    if number < 2 {
                        pair.drop_or_delay(number, fate);
                    }
                    let mut pair =
                        pair.with_fate(move |count| if count == number { fate } else { Fate::Arrives });
                    pair.run();
                    assert!(
                        pair.are_connected(),
                        "{has_it:?} {versions:?} {number} {fate:?}: {:?}",
                        pair.ends
                    );
                }
            }
        }
    }
}

#[test]
fn bad_lines_keep_no_two_ends_apart() {
    let mut apart = Vec::new();
    for seed in 0..200 {
        let versions = [Versions::Auto, Versions::Only13][seed as usize % 2];
        let has_it = [true, seed % 4 < 2];
        let mut weather = Seeded(5000 + seed);
        let fate = move |_| match weather.below(10) {
            0 => Fate::Lost,
            1 => Fate::Twice,
            2 => Fate::Late(u64::from(weather.below(120))),
            _ => Fate::Arrives,
        };
        let mut pair = Pair::tuned(seed, [versions; 2], |end, config: &mut Config| {
            config.post_quantum = has_it[end];
            config.retransmissions_max = 12;
            config.handshake_timeout = Duration::from_secs(600);
        })
        .with_fate(fate);
        pair.run();
        if !pair.are_connected() {
            apart.push((seed, versions, has_it, pair.told[0].reasons(), pair.told[1].reasons()));
        }
    }
    assert!(apart.is_empty(), "{} of 200: {apart:?}", apart.len());
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let sent = |seed| {
        let mut pair = pair(seed, [Versions::Auto; 2], [true; 2]);
        pair.run();
        pair.told.map(|told| told.sent)
    };
    assert_eq!(sent(68), sent(68));
    assert_ne!(sent(68), sent(69));
}
