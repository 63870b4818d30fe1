//! Who has a transport, under which policy, and what becomes of the others.

use rtclab_rtc::Reason;
use rtclab_rtc::jsep::{BundlePolicy, Missing, PeerConnection, Profile, TransportCommand};

use super::duo::{
    answer, assert_agreement, av, browser, caller, commands, drain, exchange, offer, peer, sdp, with,
};

/// Audio, video, and another audio.
fn three(policy: BundlePolicy) -> PeerConnection {
    let mut connection = with(1, |config| config.bundle_policy = policy);
    av(&mut connection);
    connection.add_track(rtclab_rtc::jsep::MediaKind::Audio, "other", &[]).expect("a track");
    connection
}

/// Which media of the offer are bundle-only.
fn bundle_only(policy: BundlePolicy) -> Vec<bool> {
    let sdp = sdp(&offer(&mut three(policy)));
    for section in sdp.media() {
        assert_eq!(
            section.is_bundle_only(),
            section.ice_ufrag().is_none(),
            "bundle-only media have no credentials"
        );
    }
    sdp.media().map(|section| section.is_bundle_only()).collect()
}

#[test]
fn each_policy_marks_its_media_bundle_only() {
    assert_eq!(bundle_only(BundlePolicy::Balanced), [false, false, true]);
    assert_eq!(bundle_only(BundlePolicy::MaxCompat), [false, false, false]);
    assert_eq!(bundle_only(BundlePolicy::MustBundle), [false, true, true]);
    assert_eq!(
        bundle_only(BundlePolicy::MaxBundle),
        [false, true, true],
        "the deprecated name means the same"
    );
}

#[test]
fn transports_gather_for_media_that_could_stand_alone_and_are_discarded_once_they_are_bundled() {
    let (mut alice, mut bob) = (three(BundlePolicy::Balanced), peer(2));
    let offered = offer(&mut alice);
    let outputs = drain(&mut alice);
    let gathering: Vec<_> = commands(&outputs)
        .into_iter()
        .filter(|(_, command, _)| {
            matches!(command, TransportCommand::Gather { controlling: true, components: 1, .. })
        })
        .map(|(transport, _, reason)| (transport.0, reason))
        .collect();
    assert_eq!(gathering, [(0, Reason::JsepGather), (1, Reason::JsepGather)]);
    let answered = answer(&mut bob, offered);
    alice.set_remote_description(answered).expect("an answer");
    let outputs = drain(&mut alice);
    let discarded: Vec<_> = commands(&outputs)
        .into_iter()
        .filter(|(_, command, _)| **command == TransportCommand::Discard)
        .map(|(transport, _, reason)| (transport.0, reason))
        .collect();
    assert_eq!(discarded, [(1, Reason::JsepDiscard)]);
    assert_eq!((alice.transports().count(), bob.transports().count()), (1, 1));
    assert_agreement(&alice, &bob);
}

#[test]
fn without_bundle_on_the_other_side_each_medium_keeps_its_transport_and_bundle_only_ones_are_lost() {
    let mut alice = three(BundlePolicy::Balanced);
    let mut old = browser(2, Profile::old(&[Missing::Bundle]));
    av(&mut old);
    exchange(&mut alice, &mut old);
    let answer = sdp(&old.local_description().expect("an answer"));
    assert_eq!(answer.bundles().len(), 0);
    assert!(answer.medium(2).expect("the bundle-only one").is_rejected());
    assert_eq!((alice.transports().count(), old.transports().count()), (2, 2));
}

#[test]
fn new_media_join_the_bundle_without_a_transport_of_their_own() {
    let (mut alice, mut bob) = (peer(1), peer(2));
    alice.create_data_channel("chat", Default::default()).expect("a channel");
    exchange(&mut alice, &mut bob);
    av(&mut bob);
    drain(&mut bob);
    let offered = sdp(&offer(&mut bob));
    assert_eq!(offered.bundles(), [["0", "1", "2"]]);
    assert!(!offered.text().contains("bundle-only"));
    assert!(offered.medium(1).expect("audio").ice_ufrag().is_none());
    assert_eq!(commands(&drain(&mut bob)).len(), 0, "nothing is gathered");
}

#[test]
fn when_the_tag_is_stopped_another_medium_describes_the_same_transport() {
    let (mut alice, mut bob) = (caller(1), caller(2));
    exchange(&mut alice, &mut bob);
    let before = alice.transports().next().expect("a transport").0;
    let ufrag = sdp(&alice.local_description().expect("a description"))
        .medium(0)
        .and_then(|tag| tag.ice_ufrag().map(str::to_owned));
    let audio = alice.transceivers()[0].id;
    alice.stop_transceiver(audio).expect("a transceiver");
    drain(&mut alice);
    exchange(&mut alice, &mut bob);
    let now = sdp(&alice.local_description().expect("a description"));
    assert_eq!(now.bundles(), [["1"]]);
    assert_eq!(now.medium(1).and_then(|tag| tag.ice_ufrag().map(str::to_owned)), ufrag);
    assert_eq!(alice.transports().collect::<Vec<_>>(), [(before, 1)]);
    let told = drain(&mut alice);
    assert_eq!(commands(&told).len(), 0, "the transport does not notice");
}

#[test]
fn the_pool_gathers_before_and_is_used_first_and_what_is_left_is_discarded() {
    let mut alice = with(1, |config| config.ice_candidate_pool_size = 3);
    let outputs = drain(&mut alice);
    let pooled: Vec<_> =
        commands(&outputs).into_iter().map(|(transport, _, reason)| (transport.0, reason)).collect();
    assert_eq!(pooled, [(0, Reason::JsepPool), (1, Reason::JsepPool), (2, Reason::JsepPool)]);
    let first = outputs.iter().find_map(|output| match output {
        rtclab_rtc::jsep::Output::Transport { transport, .. } => Some(*transport),
        _ => None,
    });
    alice.handle_local_candidate(
        first.expect("a transport"),
        super::duo::candidate("host", "192.0.2.1", 5000),
    );
    assert_eq!(drain(&mut alice).len(), 0, "nobody is told before it is needed");
    av(&mut alice);
    let offered = offer(&mut alice);
    assert!(offered.sdp.contains("192.0.2.1 5000 typ host"));
    let outputs = drain(&mut alice);
    assert!(commands(&outputs).is_empty(), "both transports gather already");
    assert!(super::duo::changes(&outputs).iter().any(|(_, reason)| *reason == Reason::JsepCandidate));
    let answered = answer(&mut peer(2), offered);
    alice.set_remote_description(answered).expect("an answer");
    let outputs = drain(&mut alice);
    let discarded: Vec<_> = commands(&outputs)
        .into_iter()
        .filter(|(_, command, _)| **command == TransportCommand::Discard)
        .map(|(transport, _, _)| transport.0)
        .collect();
    assert_eq!(discarded.len(), 2, "the pool's rest, and what was bundled");
}
