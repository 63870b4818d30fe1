//! What ends a handshake, and what does not: strangers' bytes, versions without overlap.

use rtclab_rtc::dtls::{Versions, wire};
use rtclab_rtc::jsep::DtlsTransportState;
use rtclab_rtc::{Randomness, Reason, Time};

use crate::pair::{DELAY, Pair, Seeded};

#[test]
fn what_is_not_dtls_is_not_looked_at() {
    let mut pair = Pair::new(51, Versions::Auto);
    pair.ends[1].handle_datagram(&[0, 1, 0, 8], Time::ZERO);
    pair.ends[1].handle_datagram(&[22; 5000], Time::ZERO);
    pair.drain();
    assert_eq!(pair.told[1].ignored, [Reason::DtlsNotDtls, Reason::DtlsTooLong]);
    pair.run();
    assert!(pair.are_connected());
}

#[test]
fn a_strangers_answer_does_not_end_what_has_begun() {
    let mut pair = Pair::new(52, Versions::Auto);
    let stray = [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 9, 9, 9];
    pair.ends[0].handle_datagram(&stray, Time::ZERO);
    pair.drain();
    assert_eq!(pair.told[0].ignored, [Reason::DtlsUnexpected]);
    pair.run();
    assert!(pair.are_connected());
}

#[test]
fn two_ends_without_a_version_in_common_know_it_after_half_a_round_trip() {
    for versions in [[Versions::Only12, Versions::Only13], [Versions::Only13, Versions::Only12]] {
        let mut pair = Pair::tuned(53, versions, |_, _| {});
        pair.run();
        assert_eq!(pair.phases(), [DtlsTransportState::Failed; 2], "{versions:?}");
        // RFC 8446 §4.2.1: protocol_version.
        assert_eq!([0, 1].map(|end: usize| pair.ends[end].state().alert), [Some(70); 2], "{versions:?}");
        assert_eq!(pair.told[0].reasons().last(), Some(&Reason::DtlsPeerAlert), "{versions:?}");
        assert_eq!(pair.told[1].reasons().last(), Some(&Reason::DtlsProtocolViolation), "{versions:?}");
        assert_eq!(pair.now, Time::ZERO + DELAY * 2, "{versions:?}");
    }
}

#[test]
fn a_signature_that_was_changed_on_its_way_ends_the_handshake_with_an_alert() {
    let mut pair = Pair::new(56, Versions::Only12);
    pair.step();
    // The last datagram of the server's flight ends with ServerHelloDone, 25 bytes; CertificateRequest stands before it. The signature is
    // the end of the ServerKeyExchange, which is found by its type.
    pair.change_line(|payload| {
        let exchange = wire::records(payload).into_iter().find_map(|record| {
            let message =
                wire::fragments(record.handshake()?).into_iter().find(|message| message.kind == 12)?;
            Some(record.end() - record.handshake()?.len() + message.at + 12 + message.length)
        });
        let end = exchange.expect("the server's key exchange");
        payload[end - 3] ^= 1;
    });
    pair.run();
    assert_eq!(pair.told[0].reasons().last(), Some(&Reason::DtlsProtocolViolation));
    assert_eq!(pair.told[0].sent.last().map(|(_, _, reason)| *reason), Some(Reason::DtlsAlert));
    assert_eq!(pair.told[1].reasons().last(), Some(&Reason::DtlsPeerAlert));
}

#[test]
fn where_there_is_a_clock_an_end_does_not_fail_for_want_of_one() {
    let pair = Pair::new(57, Versions::Auto);
    assert!(pair.told.iter().all(|told| !told.reasons().contains(&Reason::DtlsNoClock)));
    assert_eq!(pair.phases(), [DtlsTransportState::Connecting, DtlsTransportState::New]);
}

#[test]
fn after_the_end_nothing_is_acted_on() {
    let mut pair = Pair::new(54, Versions::Auto);
    pair.run();
    pair.ends[0].close(pair.now);
    pair.ends[0].handle_datagram(&[23, 0xfe, 0xfd], pair.now);
    pair.drain();
    assert_eq!(pair.told[0].ignored.last(), Some(&Reason::DtlsOver));
    assert!(pair.ends[0].poll_timeout().is_none());
}

#[test]
fn bytes_that_were_changed_on_their_way_break_nothing() {
    for seed in 0..60 {
        let versions = [Versions::Auto, Versions::Only13, Versions::Only12][seed as usize % 3];
        let mut source = Seeded(seed);
        let mut pair = Pair::new(55, versions);
        for step in 0..40 {
            let Some((_, bytes, _)) = pair.told[step % 2].sent.last().cloned() else {
                pair.step();
                continue;
            };
            let mut changed = bytes;
            for _ in 0..=source.below(3) {
                let at = source.below(changed.len() as u32) as usize;
                changed[at] = source.below(256) as u8;
            }
            let now = pair.now;
            pair.ends[1 - step % 2].handle_datagram(&changed, now);
            for field in wire::fields(&changed) {
                assert!(field.range.end <= changed.len());
            }
            pair.drain();
            pair.step();
        }
    }
}
