//! The flows of RFC 9429 §7, with the properties that its descriptions have.

use rtclab_rtc::jsep::{
    BundlePolicy, DtlsRole, IceGatheringState, IceTransportPolicy, MediaKind, OfferOptions, PeerConnection,
    TransceiverInit, TransportCommand,
};
use rtclab_rtc::sdp::{Attribute, Direction, Setup};

use super::duo::{
    answer, assert_agreement, av, caller, candidate, commands, drain, exchange, offer, sdp, with,
};

fn gather(connection: &mut PeerConnection, address: &str) {
    let transports: Vec<_> = connection.transports().map(|(transport, _)| transport).collect();
    for (number, transport) in transports.into_iter().enumerate() {
        connection.handle_gathering_state(transport, IceGatheringState::Gathering);
        connection.handle_local_candidate(transport, candidate("host", address, 10_100 + number as u16));
        connection.handle_gathering_state(transport, IceGatheringState::Complete);
    }
}

#[test]
fn section_7_1_a_call_without_trickle() {
    let (mut alice, mut bob) = (caller(1), caller(2));
    offer(&mut alice);
    gather(&mut alice, "203.0.113.100");
    assert_eq!(alice.ice_gathering_state(), IceGatheringState::Complete);
    let offer_a1 = alice.local_description().expect("the pending offer");
    let text = sdp(&offer_a1);
    // Balanced: both media could stand alone, so both have candidates, ports and ends of candidates.
    let ports: Vec<_> = text.media().map(|section| section.media_line().expect("a line").port).collect();
    assert_eq!(ports, [10_100, 10_101]);
    assert_eq!(offer_a1.sdp.matches("a=end-of-candidates").count(), 2);
    assert_eq!(offer_a1.sdp.matches("a=rtcp-mux-only").count(), 2);
    assert!(offer_a1.sdp.contains("a=group:LS 0 1"));

    let first = answer(&mut bob, offer_a1);
    assert!(!first.sdp.contains("a=candidate"));
    gather(&mut bob, "203.0.113.200");
    let answer_a1 = bob.local_description().expect("the answer");
    let text = sdp(&answer_a1);
    assert_eq!(text.medium(0).expect("audio").candidates().len(), 1);
    assert!(text.medium(1).expect("video").candidates().is_empty(), "bundled");
    alice.set_remote_description(answer_a1).expect("the answer");
    assert_agreement(&alice, &bob);
}

#[test]
fn section_7_2_must_bundle_then_video_with_simulcast() {
    let must_bundle = |seed| with(seed, |config| config.bundle_policy = BundlePolicy::MustBundle);
    let (mut alice, mut bob) = (must_bundle(1), must_bundle(2));
    alice.add_track(MediaKind::Audio, "a", &["s"]).expect("a track");
    alice.create_data_channel("chat", Default::default()).expect("a channel");
    bob.add_track(MediaKind::Audio, "b", &["t"]).expect("a track");
    let offer_b1 = offer(&mut alice);
    let text = sdp(&offer_b1);
    assert!(text.medium(1).expect("data").is_bundle_only());
    let answered = answer(&mut bob, offer_b1);
    alice.set_remote_description(answered).expect("an answer");
    gather(&mut alice, "203.0.113.100");
    gather(&mut bob, "203.0.113.200");

    // Bob adds a camera with three encodings, and his screen.
    let send_encodings = ["1", "2", "3"].map(str::to_owned).to_vec();
    let camera =
        TransceiverInit { send_encodings, track: Some("camera".into()), ..TransceiverInit::default() };
    bob.add_transceiver(MediaKind::Video, camera).expect("a transceiver");
    bob.add_track(MediaKind::Video, "screen", &["u"]).expect("a track");
    drain(&mut bob);
    let offer_b2 = offer(&mut bob);
    let text = sdp(&offer_b2);
    assert_eq!(text.bundles(), [["0", "1", "2", "3"]]);
    assert_eq!(text.session().origin().map(|origin| origin.session_version), Some(2));
    let first = text.medium(0).expect("audio");
    assert_eq!(first.connection().map(|connection| connection.address.as_str()), Some("203.0.113.200"));
    assert_eq!(first.candidates().len(), 1);
    let camera = text.medium(2).expect("the camera");
    assert_eq!(camera.simulcast().map(|simulcast| simulcast.send.len()), Some(3));
    assert!(camera.ice_ufrag().is_none() && !camera.has(&Attribute::BundleOnly));
    let answer_b2 = answer(&mut alice, offer_b2);
    let text = sdp(&answer_b2);
    assert_eq!(text.medium(0).and_then(|tag| tag.setup()), Some(Setup::Passive), "the roles stay");
    let directions: Vec<_> = text.media().skip(2).map(|section| section.direction()).collect();
    assert_eq!(directions, [Direction::RecvOnly, Direction::RecvOnly]);
    drain(&mut bob);
    bob.set_remote_description(answer_b2).expect("an answer");
    assert_agreement(&bob, &alice);
    let outputs = drain(&mut bob);
    let gathers = commands(&outputs).into_iter().filter(|(_, command, _)| {
        matches!(command, TransportCommand::Gather { .. } | TransportCommand::Restart { .. })
    });
    assert_eq!(gathers.count(), 0, "nothing is gathered, because of the bundle");
}

#[test]
fn section_7_3_early_warm_up_with_a_second_offer_from_the_callee() {
    let relay = |seed| with(seed, |config| config.ice_transport_policy = IceTransportPolicy::Relay);
    let (mut alice, mut bob) = (relay(1), relay(2));
    av(&mut alice);
    let offer_c1 = offer(&mut alice);
    bob.set_remote_description(offer_c1).expect("an offer");
    // Both media are accepted at once, but only towards the caller, and without tracks yet.
    let media: Vec<_> = bob.transceivers().iter().map(|transceiver| transceiver.id).collect();
    for transceiver in &media {
        bob.set_direction(*transceiver, Direction::SendOnly).expect("a transceiver");
    }
    bob.set_local_description(None).expect("the early answer");
    let answer_c1 = bob.local_description().expect("the early answer");
    assert!(sdp(&answer_c1).media().all(|section| section.direction() == Direction::SendOnly));
    alice.set_remote_description(answer_c1).expect("the early answer");
    let outputs = drain(&mut alice);
    let roles: Vec<_> = commands(&outputs)
        .into_iter()
        .filter_map(|(_, command, _)| match command {
            TransportCommand::StartDtls { role, .. } => Some(*role),
            _ => None,
        })
        .collect();
    assert_eq!(roles, [DtlsRole::Server], "DTLS can begin while it still rings");
    // Bob picks up.
    for (transceiver, track) in media.iter().zip(["b-audio", "b-video"]) {
        bob.replace_track(*transceiver, Some(track)).expect("a sender");
        bob.set_direction(*transceiver, Direction::SendRecv).expect("a transceiver");
    }
    exchange(&mut bob, &mut alice);
    assert!(
        alice
            .transceivers()
            .iter()
            .all(|found| found.negotiated.current_direction == Some(Direction::SendRecv))
    );
}

#[test]
fn a_forked_call_takes_the_answer_of_the_last_one() {
    let (mut alice, mut first, mut second) = (caller(1), caller(2), caller(3));
    let offered = alice.create_offer(OfferOptions::default()).expect("an offer");
    alice.set_local_description(Some(offered.clone())).expect("our offer");
    let early = answer(&mut first, offered.clone());
    let last = answer(&mut second, offered);
    alice.set_remote_description(super::duo::as_pranswer(&early)).expect("a provisional answer");
    drain(&mut alice);
    alice.set_remote_description(last).expect("the final answer of another device");
    let outputs = drain(&mut alice);
    let told = commands(&outputs);
    assert!(told.iter().any(|(_, command, _)| matches!(command, TransportCommand::SetRemote { .. })));
    assert!(told.iter().any(|(_, command, _)| matches!(
        command,
        TransportCommand::StartDtls { fingerprints, .. } if fingerprints[0].bytes[0] == 3
    )));
    assert_agreement(&alice, &second);
}
