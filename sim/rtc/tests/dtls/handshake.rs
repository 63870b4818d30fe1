//! Handshakes over a line that loses nothing.

use rtclab_rtc::dtls::{Config, Version, Versions};
use rtclab_rtc::jsep::DtlsTransportState;
use rtclab_rtc::{Reason, Time};

use crate::pair::Pair;

#[test]
fn each_choice_of_versions_ends_with_what_both_speak() {
    use Versions::{Auto, Only12, Only13};
    let cases = [
        ([Auto, Auto], Version::Dtls13),
        ([Only13, Auto], Version::Dtls13),
        ([Auto, Only13], Version::Dtls13),
        ([Only12, Auto], Version::Dtls12),
        ([Auto, Only12], Version::Dtls12),
        ([Only12, Only12], Version::Dtls12),
        ([Only13, Only13], Version::Dtls13),
    ];
    for (versions, expected) in cases {
        let mut pair = Pair::tuned(1, versions, |_, _| {});
        pair.run();
        assert!(pair.are_connected(), "{versions:?}: {:?}", pair.ends);
        for end in &pair.ends {
            assert_eq!(end.state().version, Some(expected), "{versions:?}");
            assert_eq!(end.state().group_name(), Some("x25519"), "{versions:?}");
            let suite = end.state().cipher_suite_name().expect("a cipher suite");
            assert_eq!(suite.contains("ECDHE_ECDSA"), expected == Version::Dtls12, "{suite}");
        }
    }
}

#[test]
fn one_dot_three_costs_a_round_trip_and_one_dot_two_costs_two() {
    let connected = |versions| {
        let mut pair = Pair::new(2, versions);
        pair.run();
        [pair.told[0].connected_at, pair.told[1].connected_at].map(|at| at.expect("connected"))
    };
    let ms = Time::from_millis;
    assert_eq!(connected(Versions::Only13), [ms(50), ms(75)]);
    assert_eq!(connected(Versions::Only12), [ms(100), ms(75)]);
}

#[test]
fn a_cookie_costs_a_round_trip_more() {
    for versions in [Versions::Only13, Versions::Only12, Versions::Auto] {
        let mut pair = Pair::tuned(3, [versions; 2], |_, config: &mut Config| config.cookie = true);
        pair.run();
        assert!(pair.are_connected(), "{versions:?}");
        let asked = pair.told[1].sent.first().map(|(_, _, reason)| *reason);
        assert_eq!(asked, Some(Reason::DtlsAsksAgain), "{versions:?}");
    }
}

#[test]
fn a_handshake_is_told_step_by_step() {
    let mut pair = Pair::new(4, Versions::Auto);
    pair.run();
    let client = [Reason::DtlsBegins, Reason::DtlsChosen, Reason::DtlsConnected];
    assert_eq!(pair.told[0].reasons(), client);
    let server = [Reason::DtlsClientHelloArrived, Reason::DtlsChosen, Reason::DtlsConnected];
    assert_eq!(pair.told[1].reasons(), server);
    let phases: Vec<_> = pair.told[0].states.iter().map(|(state, _)| state.phase).collect();
    let [connecting, connected] = [DtlsTransportState::Connecting, DtlsTransportState::Connected];
    assert_eq!(phases, [connecting, connecting, connected]);
}

#[test]
fn small_datagrams_split_messages_and_the_handshake_still_works() {
    for versions in [Versions::Auto, Versions::Only13, Versions::Only12] {
        let mut pair = Pair::tuned(5, [versions; 2], |_, config| config.mtu = 300);
        pair.run();
        assert!(pair.are_connected(), "{versions:?}: {:?}", pair.ends);
        let longest = pair.told.iter().flat_map(|told| &told.sent).map(|(_, bytes, _)| bytes.len()).max();
        assert!(longest <= Some(300), "{longest:?}");
    }
}

#[test]
fn data_goes_both_ways_and_a_closed_session_takes_no_more() {
    for versions in [Versions::Only13, Versions::Only12] {
        let mut pair = Pair::new(6, versions);
        assert!(pair.ends[0].send(b"too early", pair.now).is_err());
        pair.run();
        for end in 0..2 {
            pair.ends[end].send(&[end as u8; 1000], pair.now).expect("connected");
        }
        pair.drain();
        pair.run();
        assert_eq!(pair.told[1].data, [vec![0; 1000]]);
        assert_eq!(pair.told[0].data, [vec![1; 1000]]);
        let sent = pair.told[0].sent.last().map(|(_, _, reason)| *reason);
        assert_eq!(sent, Some(Reason::DtlsApplicationData));
        pair.ends[0].close(pair.now);
        pair.drain();
        pair.run();
        assert_eq!(pair.phases(), [DtlsTransportState::Closed; 2], "{versions:?}");
        assert_eq!(pair.told[0].sent.last().map(|(_, _, reason)| *reason), Some(Reason::DtlsCloseNotify));
        assert_eq!(pair.told[0].reasons().last(), Some(&Reason::DtlsClosed));
        assert_eq!(pair.told[1].reasons().last(), Some(&Reason::DtlsClosedByPeer));
        assert!(pair.ends[0].send(b"too late", pair.now).is_err());
    }
}
