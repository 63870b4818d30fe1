//! Handshakes over lines that lose, delay and double.

use rtclab_rtc::dtls::{Config, Versions};
use rtclab_rtc::jsep::DtlsTransportState;
use rtclab_rtc::{Randomness, Reason, Time};

use crate::pair::{Fate, Pair, Seeded};

#[test]
fn a_lost_client_hello_goes_out_again_when_its_timer_expires() {
    for versions in [Versions::Auto, Versions::Only13, Versions::Only12] {
        let mut pair = Pair::new(21, versions);
        pair.forget_line();
        pair.run();
        assert!(pair.are_connected(), "{versions:?}");
        assert_eq!(pair.ends[0].state().retransmissions, 1);
        let (at, _, reason) = &pair.told[0].sent[1];
        assert_eq!(*reason, Reason::DtlsRetransmit);
        // RFC 9147 §5.8.2: one second, here with a quarter of jitter.
        assert!((Time::from_millis(750)..=Time::from_millis(1250)).contains(at), "{at}");
        assert!(pair.told[0].reasons().contains(&Reason::DtlsRetransmit), "it is told as a change");
    }
}

#[test]
fn every_single_loss_is_made_up_for() {
    for versions in [Versions::Only13, Versions::Only12, Versions::Auto] {
        for lost in 1..7 {
            let mut pair = Pair::new(22, versions)
                .with_fate(move |number| if number == lost { Fate::Lost } else { Fate::Arrives });
            pair.run();
            assert!(pair.are_connected(), "{versions:?}, datagram {lost}: {:?}", pair.ends);
        }
    }
}

#[test]
fn a_flight_that_the_peer_repeats_is_answered_again() {
    // The server's flight of DTLS 1.2 is lost: the client's timer is first, and its repeated ClientHello shows what happened.
    let mut pair = Pair::tuned(23, [Versions::Only12; 2], |end, config| {
        if end == 1 {
            config.initial_timeout = std::time::Duration::from_secs(5);
        }
    })
    .with_fate(|number| if number == 1 { Fate::Lost } else { Fate::Arrives });
    pair.run();
    assert!(pair.are_connected());
    assert!(pair.told[1].sent.iter().any(|(_, _, reason)| *reason == Reason::DtlsRetransmitAsked));
}

#[test]
fn bad_lines_of_all_kinds_do_not_keep_two_ends_apart() {
    for seed in 0..60 {
        let versions = [Versions::Auto, Versions::Only13, Versions::Only12][seed as usize % 3];
        let mut weather = Seeded(1000 + seed);
        let fate = move |_| match weather.below(10) {
            0 | 1 => Fate::Lost,
            2 => Fate::Twice,
            3 | 4 => Fate::Late(u64::from(weather.below(120))),
            _ => Fate::Arrives,
        };
        let mut pair = Pair::tuned(seed, [versions; 2], |_, config: &mut Config| {
            // Flights of DTLS 1.3 that span datagrams are not made up for by the library beneath.
            config.mtu = if versions == Versions::Only12 { 400 } else { 1200 };
            config.retransmissions_max = 12;
            config.handshake_timeout = std::time::Duration::from_secs(600);
        })
        .with_fate(fate);
        pair.run();
        assert!(pair.are_connected(), "seed {seed}, {versions:?}: {:?}", pair.ends);
        assert!(pair.told.iter().all(|told| !told.secrets.is_empty()));
    }
}

#[test]
fn a_peer_that_is_not_there_is_given_up_after_the_last_timer() {
    for versions in [Versions::Only13, Versions::Only12, Versions::Auto] {
        let mut pair = Pair::new(24, versions).with_fate(|_| Fate::Lost);
        pair.forget_line();
        pair.run();
        assert_eq!(pair.phases()[0], DtlsTransportState::Failed);
        assert_eq!(pair.told[0].reasons().last(), Some(&Reason::DtlsTimedOut));
        assert_eq!(pair.phases()[1], DtlsTransportState::New, "it has heard nothing");
        assert_eq!(pair.ends[0].poll_timeout(), None);
    }
}
