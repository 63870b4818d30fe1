//! Certificates that are, or are not, those that signaling announced.

use rtclab_rtc::Reason;
use rtclab_rtc::dtls::{Certificate, Config, Versions};
use rtclab_rtc::jsep::DtlsTransportState;
use rtclab_rtc::sdp::Fingerprint;

use crate::pair::{Pair, Seeded};

fn strange() -> Vec<Fingerprint> {
    vec![Certificate::generate(&mut Seeded(99)).fingerprint()]
}

#[test]
fn whoever_sees_a_wrong_certificate_gives_up_before_the_handshake_is_complete_and_says_so() {
    for versions in [Versions::Only13, Versions::Only12, Versions::Auto] {
        for deceived in 0..2 {
            let mut pair = Pair::tuned(11, [versions; 2], |end, config: &mut Config| {
                if end == deceived {
                    config.peer_fingerprints = strange();
                }
            });
            pair.run();
            assert_eq!(pair.phases()[deceived], DtlsTransportState::Failed, "{versions:?} {deceived}");
            let told = &pair.told[deceived];
            assert_eq!(told.reasons().last(), Some(&Reason::DtlsWrongFingerprint));
            assert!(told.connected_at.is_none() && told.srtp.is_none());
            assert_eq!(told.sent.last().map(|(_, _, reason)| *reason), Some(Reason::DtlsAlert));
            let state = pair.ends[deceived].state();
            assert_eq!(state.alert_name(), Some("bad_certificate"));
            let shown = state.peer_fingerprint.clone().expect("what the peer showed is told");
            assert_ne!(shown, strange()[0]);
            let other = &pair.told[1 - deceived];
            assert_eq!(other.reasons().last(), Some(&Reason::DtlsPeerAlert), "{versions:?} {deceived}");
            assert_eq!(pair.ends[1 - deceived].state().alert_name(), Some("bad_certificate"));
        }
    }
}

#[test]
fn one_right_hash_among_wrong_ones_is_enough() {
    let mut pair = Pair::tuned(12, [Versions::Auto; 2], |_, config| {
        config.peer_fingerprints.splice(0..0, strange());
    });
    pair.run();
    assert!(pair.are_connected());
}

#[test]
fn without_a_hash_there_is_no_session() {
    let nothing = Pair::tuned(13, [Versions::Auto; 2], |_, config| config.peer_fingerprints.clear());
    assert_eq!(nothing.phases(), [DtlsTransportState::Failed; 2]);
    assert_eq!(nothing.told[0].reasons(), [Reason::DtlsNoFingerprint]);
    let mut weak = Pair::tuned(14, [Versions::Auto; 2], |_, config| {
        for fingerprint in &mut config.peer_fingerprints {
            *fingerprint = Fingerprint { hash: "sha-1".to_owned(), bytes: vec![1; 20] };
        }
    });
    weak.run();
    assert_eq!(weak.told[0].reasons().last(), Some(&Reason::DtlsNoFingerprint));
}

#[test]
fn a_certificate_is_a_function_of_its_randomness_and_its_hash_is_in_the_form_of_sdp() {
    let of = |seed| Certificate::generate(&mut Seeded(seed));
    assert_eq!(of(1).der(), of(1).der());
    assert_ne!(of(1).fingerprint(), of(2).fingerprint());
    let text = of(1).fingerprint().to_string();
    assert!(text.starts_with("sha-256 ") && text.matches(':').count() == 31, "{text}");
}
