//! How transceivers find their media.

use rtclab_rtc::Reason;
use rtclab_rtc::jsep::{Change, Creation, JsepError, MediaKind, TransceiverInit};
use rtclab_rtc::sdp::Direction;

use super::duo::{answer, av, caller, changes, drain, edited, exchange, offer, peer};

#[test]
fn a_track_takes_an_offered_medium_and_a_transceiver_does_not() {
    let mut with_tracks = peer(2);
    av(&mut with_tracks);
    answer(&mut with_tracks, offer(&mut caller(1)));
    assert_eq!(with_tracks.transceivers().len(), 2);

    let mut with_transceiver = peer(3);
    with_transceiver.add_transceiver(MediaKind::Audio, TransceiverInit::default()).expect("a transceiver");
    answer(&mut with_transceiver, offer(&mut caller(1)));
    let created: Vec<_> = with_transceiver
        .transceivers()
        .iter()
        .map(|found| (found.created_by, found.is_associated()))
        .collect();
    assert_eq!(
        created,
        [(Creation::AddTransceiver, false), (Creation::Remote, true), (Creation::Remote, true)]
    );
    assert_eq!(with_transceiver.transceivers()[1].direction, Direction::RecvOnly);
}

#[test]
fn a_track_does_not_take_a_medium_that_would_not_receive_it() {
    let mut alice = caller(1);
    let audio = alice.transceivers()[0].id;
    alice.set_direction(audio, Direction::SendOnly).expect("a transceiver");
    let mut bob = peer(2);
    av(&mut bob);
    bob.set_remote_description(offer(&mut alice)).expect("an offer");
    assert_eq!(bob.transceivers().len(), 3, "the microphone waits for a medium of its own");
}

#[test]
fn a_second_track_uses_a_transceiver_that_never_sent() {
    let mut bob = peer(2);
    bob.set_remote_description(offer(&mut caller(1))).expect("an offer");
    bob.add_track(MediaKind::Audio, "mine", &["t"]).expect("a track");
    assert_eq!(bob.transceivers().len(), 2);
    assert_eq!(bob.transceivers()[0].direction, Direction::SendRecv);
    assert!(matches!(bob.add_track(MediaKind::Audio, "mine", &[]), Err(JsepError::NotHere(_))));
}

#[test]
fn a_removed_track_stops_sending_and_a_new_one_does_not_reuse_what_has_sent() {
    let (mut alice, mut bob) = (caller(1), caller(2));
    exchange(&mut alice, &mut bob);
    let audio = alice.transceivers()[0].id;
    alice.remove_track(audio).expect("a sender");
    assert_eq!(alice.transceivers()[0].direction, Direction::RecvOnly);
    let added = alice.add_track(MediaKind::Audio, "new", &[]).expect("a track");
    assert_ne!(added, audio);
    exchange(&mut alice, &mut bob);
    // Without negotiation, the old one can be given another track.
    alice.replace_track(audio, Some("replacement")).expect("a sender");
}

#[test]
fn a_stopped_transceiver_takes_nothing_any_more() {
    let mut alice = caller(1);
    let audio = alice.transceivers()[0].id;
    alice.stop_transceiver(audio).expect("a transceiver");
    assert!(alice.set_direction(audio, Direction::SendRecv).is_err());
    assert!(alice.replace_track(audio, None).is_err());
    drain(&mut alice);
    assert_eq!(
        super::duo::sdp(&offer(&mut alice)).media_count(),
        1,
        "it was never told, so it is not in the offer"
    );
}

#[test]
fn commands_tell_the_whole_transceiver() {
    let mut alice = caller(1);
    drain(&mut alice);
    let audio = alice.transceivers()[0].id;
    alice.set_direction(audio, Direction::SendOnly).expect("a transceiver");
    let outputs = drain(&mut alice);
    let told = changes(&outputs).into_iter().find_map(|(change, reason)| match change {
        Change::Transceiver(transceiver) => Some((transceiver.direction, reason)),
        _ => None,
    });
    assert_eq!(told, Some((Direction::SendOnly, Reason::JsepApplicationChange)));
}

#[test]
fn a_peer_without_mids_can_be_talked_to() {
    let offered = offer(&mut caller(1));
    let offered = edited(&offered, "a=mid:0\r\n", "");
    let offered = edited(&offered, "a=mid:1\r\n", "");
    let offered = edited(&offered, "a=group:BUNDLE 0 1\r\na=group:LS 0 1\r\n", "");
    let mut bob = caller(2);
    let answered = answer(&mut bob, offered);
    assert!(!answered.sdp.contains("a=mid") && !answered.sdp.contains("BUNDLE"));
    assert!(bob.transceivers().iter().all(|transceiver| transceiver.negotiated.mid.is_some()));
    assert_eq!(bob.transports().count(), 2);
}
