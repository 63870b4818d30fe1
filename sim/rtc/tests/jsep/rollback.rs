//! Taking an exchange back.

use rtclab_rtc::Reason;
use rtclab_rtc::jsep::{Change, MediaKind, SessionDescription, SignalingState, TransportCommand};

use super::duo::{answer, av, caller, changes, commands, drain, exchange, offer, peer, refused};

#[test]
fn a_rolled_back_offer_leaves_no_trace_in_the_session() {
    let mut alice = caller(1);
    let _ = alice.create_offer(Default::default());
    drain(&mut alice);
    offer(&mut alice);
    drain(&mut alice);
    alice.set_local_description(Some(SessionDescription::rollback())).expect("a rollback");
    assert_eq!(alice.signaling_state(), SignalingState::Stable);
    assert!(alice.local_description().is_none());
    assert!(alice.transceivers().iter().all(|transceiver| transceiver.negotiated.mid.is_none()));
    assert_eq!(alice.transports().count(), 0);
    let outputs = drain(&mut alice);
    let discarded =
        commands(&outputs).into_iter().filter(|(_, command, _)| **command == TransportCommand::Discard);
    assert_eq!(discarded.count(), 2);
    let told: Vec<_> =
        changes(&outputs).into_iter().map(|(change, reason)| (change.clone(), reason)).collect();
    assert!(told.contains(&(Change::Signaling(SignalingState::Stable), Reason::JsepRollback)));
    assert!(told.contains(&(Change::NegotiationNeeded, Reason::NeedTransceiver)), "still needed");
}

#[test]
fn a_rollback_in_the_stable_state_is_refused() {
    let refused = refused(peer(1).set_local_description(Some(SessionDescription::rollback())));
    assert_eq!(refused, Some(Reason::JsepWrongState));
}

#[test]
fn either_call_takes_an_exchange_back() {
    for local in [true, false] {
        let mut bob = peer(2);
        bob.set_remote_description(offer(&mut caller(1))).expect("an offer");
        let rollback = SessionDescription::rollback();
        let result = if local {
            bob.set_local_description(Some(rollback))
        } else {
            bob.set_remote_description(rollback)
        };
        assert_eq!(result, Ok(()));
        assert!(bob.remote_description().is_none() && bob.transceivers().is_empty());
    }
}

#[test]
fn transceivers_of_the_peers_offer_go_unless_a_track_was_added_to_them() {
    let mut bob = peer(2);
    bob.set_remote_description(offer(&mut caller(1))).expect("an offer");
    drain(&mut bob);
    bob.add_track(MediaKind::Audio, "mine", &[]).expect("a track for the transceiver that is there");
    assert_eq!(bob.transceivers().len(), 2);
    bob.set_remote_description(SessionDescription::rollback()).expect("a rollback");
    let left: Vec<_> = bob
        .transceivers()
        .iter()
        .map(|transceiver| (transceiver.kind, transceiver.is_associated()))
        .collect();
    assert_eq!(left, [(MediaKind::Audio, false)]);
    let outputs = drain(&mut bob);
    let ended = changes(&outputs)
        .into_iter()
        .filter(|(change, _)| matches!(change, Change::TrackEnded { .. }))
        .count();
    assert_eq!(ended, 2, "both tracks of the peer are over");
    // It takes part in the next offer.
    assert_eq!(super::duo::sdp(&offer(&mut bob)).media_count(), 1);
}

#[test]
fn what_the_application_did_meanwhile_stays() {
    let (mut alice, mut bob) = (caller(1), caller(2));
    exchange(&mut alice, &mut bob);
    offer(&mut alice);
    let audio = alice.transceivers()[0].id;
    alice.set_direction(audio, rtclab_rtc::sdp::Direction::Inactive).expect("a transceiver");
    alice.add_track(MediaKind::Audio, "new", &[]).expect("a track");
    alice.set_local_description(Some(SessionDescription::rollback())).expect("a rollback");
    assert_eq!(alice.transceivers()[0].direction, rtclab_rtc::sdp::Direction::Inactive);
    assert_eq!(alice.transceivers()[0].negotiated.mid.as_deref(), Some("0"));
    assert_eq!(alice.transceivers().len(), 3);
}

#[test]
fn an_offer_meets_our_own_and_ours_gives_way_by_itself() {
    let (mut alice, mut bob) = (caller(1), caller(2));
    let from_alice = offer(&mut alice);
    offer(&mut bob);
    drain(&mut bob);
    let answered = answer(&mut bob, from_alice);
    let outputs = drain(&mut bob);
    let reasons: Vec<_> = changes(&outputs)
        .into_iter()
        .filter(|(change, _)| matches!(change, Change::Signaling(_)))
        .map(|(_, reason)| reason)
        .collect();
    assert_eq!(reasons, [Reason::JsepImplicitRollback, Reason::JsepOffer, Reason::JsepAnswer]);
    alice.set_remote_description(answered).expect("an answer");
    super::duo::assert_agreement(&alice, &bob);
}

#[test]
fn a_broken_offer_does_not_take_ours_back() {
    let mut bob = caller(2);
    offer(&mut bob);
    let broken = super::duo::edited(&offer(&mut caller(1)), "a=mid:1", "a=mid:0");
    assert_eq!(super::duo::refusal(&mut bob, broken), Some(Reason::SdpDuplicateMid));
    assert_eq!(bob.signaling_state(), SignalingState::HaveLocalOffer);
}

#[test]
fn a_provisional_answer_can_be_taken_back_too() {
    let (mut alice, mut bob) = (caller(1), peer(2));
    av(&mut bob);
    let answered = answer(&mut bob, offer(&mut alice));
    alice.set_remote_description(super::duo::as_pranswer(&answered)).expect("a provisional answer");
    alice.set_remote_description(SessionDescription::rollback()).expect("a rollback");
    assert_eq!((alice.signaling_state(), alice.transports().count()), (SignalingState::Stable, 0));
}
