//! When negotiation is needed, and how two sides that both offer come together.

use rtclab_rtc::Reason;
use rtclab_rtc::jsep::{
    Change, Heard, MediaKind, Message, OfferOptions, Operation, PeerConnection, PerfectNegotiation,
    SignalingState, TransceiverInit,
};
use rtclab_rtc::sdp::Direction;

use super::duo::{assert_agreement, caller, changes, drain, exchange, needs_negotiation, peer};

fn connected() -> (PeerConnection, PeerConnection) {
    let (mut alice, mut bob) = (caller(1), caller(2));
    exchange(&mut alice, &mut bob);
    drain(&mut alice);
    drain(&mut bob);
    (alice, bob)
}

#[test]
fn each_condition_makes_negotiation_necessary() {
    let (mut alice, _) = connected();
    alice.add_transceiver(MediaKind::Audio, TransceiverInit::default()).expect("a transceiver");
    assert_eq!(needs_negotiation(&mut alice), Some(Reason::NeedTransceiver));

    let (mut alice, _) = connected();
    let audio = alice.transceivers()[0].id;
    alice.stop_transceiver(audio).expect("a transceiver");
    assert_eq!(needs_negotiation(&mut alice), Some(Reason::NeedStop));

    let (mut alice, mut bob) = connected();
    for connection in [&mut alice, &mut bob] {
        let audio = connection.transceivers()[0].id;
        connection.set_direction(audio, Direction::RecvOnly).expect("a transceiver");
        assert_eq!(needs_negotiation(connection), Some(Reason::NeedDirection), "for offerer and answerer");
    }

    let (mut alice, _) = connected();
    let audio = alice.transceivers()[0].id;
    alice.set_streams(audio, &["other"]).expect("a sender");
    assert_eq!(needs_negotiation(&mut alice), Some(Reason::NeedStreams));
}

#[test]
fn after_an_exchange_nothing_is_needed() {
    let (mut alice, mut bob) = (caller(1), peer(2));
    assert_eq!(needs_negotiation(&mut alice), Some(Reason::NeedTransceiver));
    exchange(&mut alice, &mut bob);
    assert_eq!((needs_negotiation(&mut alice), needs_negotiation(&mut bob)), (None, None));
}

#[test]
fn a_direction_that_the_offer_does_not_allow_is_no_reason() {
    let (mut alice, mut bob) = (caller(1), peer(2));
    let audio = alice.transceivers()[0].id;
    alice.set_direction(audio, Direction::RecvOnly).expect("a transceiver");
    exchange(&mut alice, &mut bob);
    drain(&mut bob);
    let theirs = bob.transceivers()[0].id;
    bob.set_direction(theirs, Direction::Inactive).expect("a transceiver");
    assert_eq!(needs_negotiation(&mut bob), None, "the answer would be the same");
}

#[test]
fn the_need_is_told_once_and_only_when_the_state_is_stable_and_the_chain_empty() {
    let mut alice = caller(1);
    alice.enqueue(Operation::CreateOffer(OfferOptions::default()));
    let outputs = drain(&mut alice);
    let needed = |outputs: &[rtclab_rtc::jsep::Output]| {
        changes(outputs).into_iter().filter(|(change, _)| **change == Change::NegotiationNeeded).count()
    };
    assert_eq!(needed(&outputs), 1);
    assert!(matches!(
        outputs.last(),
        Some(rtclab_rtc::jsep::Output::Change { change: Change::NegotiationNeeded, .. })
    ));
    alice.add_track(MediaKind::Audio, "more", &[]).expect("a track");
    assert_eq!(needed(&drain(&mut alice)), 0, "it was told");
    super::duo::offer(&mut alice);
    alice.add_track(MediaKind::Audio, "even more", &[]).expect("a track");
    assert_eq!(needed(&drain(&mut alice)), 0, "the state is not stable");
    let answered = super::duo::answer(&mut peer(2), alice.local_description().expect("an offer"));
    alice.set_remote_description(answered).expect("an answer");
    assert_eq!(needed(&drain(&mut alice)), 1, "now it is");
}

/// Both offer at once, and their messages cross.
#[test]
fn glare_is_resolved_by_perfect_negotiation() {
    let (mut alice, mut bob) = connected();
    let (mut impolite, mut polite) = (PerfectNegotiation::new(false), PerfectNegotiation::new(true));
    alice.add_track(MediaKind::Audio, "second", &[]).expect("a track");
    bob.create_data_channel("chat", Default::default()).expect("a channel");
    let from_alice = impolite.negotiate(&mut alice).expect("an offer").expect("an offer");
    let from_bob = polite.negotiate(&mut bob).expect("an offer").expect("an offer");
    let ignored = impolite.hear(&mut alice, Message::Description(from_bob)).expect("ignored");
    assert_eq!(ignored, Heard::Ignored(Reason::GlareIgnored));
    drain(&mut bob);
    let Heard::Answered(answer) = polite.hear(&mut bob, Message::Description(from_alice)).expect("an answer")
    else {
        panic!("the polite side answers");
    };
    let outputs = drain(&mut bob);
    assert!(
        changes(&outputs)
            .contains(&(&Change::Signaling(SignalingState::Stable), Reason::JsepImplicitRollback))
    );
    assert_eq!(impolite.hear(&mut alice, Message::Description(answer)), Ok(Heard::Applied));
    assert_agreement(&alice, &bob);
    // Bob's wish is not forgotten.
    let needed = changes(&outputs).into_iter().find(|(change, _)| **change == Change::NegotiationNeeded);
    assert_eq!(needed.map(|(_, reason)| reason), Some(Reason::NeedData));
    let again = polite.negotiate(&mut bob).expect("an offer").expect("an offer");
    let Heard::Answered(answer) = impolite.hear(&mut alice, Message::Description(again)).expect("an answer")
    else {
        panic!("nobody else offers now");
    };
    polite.hear(&mut bob, Message::Description(answer)).expect("an answer");
    assert_agreement(&alice, &bob);
}

#[test]
fn without_the_pattern_glare_ends_in_an_error() {
    let (mut alice, mut bob) = connected();
    alice.add_track(MediaKind::Audio, "second", &[]).expect("a track");
    bob.add_track(MediaKind::Audio, "third", &[]).expect("a track");
    let from_alice = super::duo::offer(&mut alice);
    let from_bob = super::duo::offer(&mut bob);
    // Both give way, so both answers come too late.
    let from_bob = super::duo::answer(&mut alice, from_bob);
    let from_alice = super::duo::answer(&mut bob, from_alice);
    assert_eq!(super::duo::refusal(&mut alice, from_alice), Some(Reason::JsepWrongState));
    assert_eq!(super::duo::refusal(&mut bob, from_bob), Some(Reason::JsepWrongState));
}

#[test]
fn candidates_of_an_ignored_offer_are_ignored_too() {
    let (mut alice, mut bob) = connected();
    let (mut impolite, mut polite) = (PerfectNegotiation::new(false), PerfectNegotiation::new(true));
    alice.restart_ice().expect("a restart");
    bob.restart_ice().expect("a restart");
    impolite.negotiate(&mut alice).expect("an offer");
    let from_bob = polite.negotiate(&mut bob).expect("an offer").expect("an offer");
    let ufrag = super::duo::sdp(&from_bob).medium(0).and_then(|tag| tag.ice_ufrag().map(str::to_owned));
    impolite.hear(&mut alice, Message::Description(from_bob)).expect("ignored");
    let candidate = rtclab_rtc::jsep::IceCandidate {
        candidate: "candidate:1 1 udp 1 192.0.2.1 5000 typ host".into(),
        sdp_mid: Some("0".into()),
        sdp_m_line_index: Some(0),
        username_fragment: ufrag,
    };
    let heard = impolite.hear(&mut alice, Message::Candidate(candidate));
    assert_eq!(heard, Ok(Heard::Ignored(Reason::GlareIgnored)));
}
