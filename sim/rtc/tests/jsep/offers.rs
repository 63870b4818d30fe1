//! What an offer says.

use rtclab_rtc::Reason;
use rtclab_rtc::jsep::{MediaKind, OfferOptions, SessionDescription};
use rtclab_rtc::sdp::rules::{self, Kind};
use rtclab_rtc::sdp::{Attribute, Direction, Sdp, Setup};

use super::duo::{answer, av, caller, drain, duo, edited, exchange, offer, peer, refused, sdp};

#[test]
fn an_initial_offer_has_the_lines_that_the_rfc_wants() {
    let mut alice = caller(1);
    alice.create_data_channel("chat", Default::default()).expect("a channel");
    let offered = alice.create_offer(OfferOptions::default()).expect("an offer");
    let sdp = sdp(&offered);
    let origin = sdp.session().origin().expect("an origin").clone();
    assert_eq!(
        (origin.username.as_str(), origin.address.as_str(), origin.session_version),
        ("-", "0.0.0.0", 1)
    );
    assert!(origin.session_id < i64::MAX as u64);
    assert!(offered.sdp.contains(
        "\r\ns=-\r\nt=0 0\r\na=ice-options:trickle ice2\r\na=group:BUNDLE 0 1 2\r\na=group:LS 0 1\r\n"
    ));
    let media: Vec<_> =
        sdp.media().map(|section| section.media_line().expect("an m= line").to_string()).collect();
    assert_eq!(media[0], "audio 9 UDP/TLS/RTP/SAVPF 96 0 8 97 98");
    assert_eq!(media[1], "video 9 UDP/TLS/RTP/SAVPF 100 102 101 103");
    assert_eq!(media[2], "application 9 UDP/DTLS/SCTP webrtc-datachannel");
    for section in sdp.media() {
        assert_eq!(section.connection().map(|connection| connection.address.as_str()), Some("0.0.0.0"));
        assert_eq!(section.setup(), Some(Setup::ActPass));
        assert_eq!(section.fingerprints().len(), 1);
        assert!(section.tls_id().is_some_and(|id| id.len() >= 20));
        assert!(section.ice_ufrag().is_some());
    }
    let audio = sdp.medium(0).expect("audio");
    assert!(
        audio.has(&Attribute::RtcpMux)
            && audio.has(&Attribute::RtcpMuxOnly)
            && audio.has(&Attribute::RtcpRsize)
    );
    assert!(audio.has(&Attribute::MaxPtime("120".into())));
    assert_eq!(audio.msids()[0].0.to_string(), "s", "the appdata field is left out");
    for forbidden in ["a=crypto", "a=key-mgmt", "a=ice-lite"] {
        assert!(!offered.sdp.contains(forbidden));
    }
    assert_eq!(rules::description(&sdp, Kind::Offer), []);
}

#[test]
fn every_medium_with_a_transport_has_credentials_of_its_own() {
    let sdp = sdp(&offer(&mut caller(1)));
    let ufrags: Vec<_> = sdp.media().map(|section| section.ice_ufrag().map(str::to_owned)).collect();
    assert_ne!(ufrags[0], ufrags[1]);
}

#[test]
fn nothing_to_negotiate_makes_an_offer_without_media() {
    let sdp = sdp(&offer(&mut peer(1)));
    assert_eq!((sdp.media_count(), sdp.bundles().len()), (0, 0));
}

#[test]
fn an_offer_that_is_created_again_is_the_same_until_something_changes() {
    let mut alice = caller(1);
    let first = alice.create_offer(OfferOptions::default()).expect("an offer");
    assert_eq!(alice.create_offer(OfferOptions::default()).as_ref(), Ok(&first));
    alice.add_track(MediaKind::Audio, "another", &[]).expect("a track");
    let second = alice.create_offer(OfferOptions::default()).expect("an offer");
    let version = |description: &SessionDescription| {
        sdp(description).session().origin().expect("origin").session_version
    };
    assert_eq!(version(&second), version(&first) + 1);
    let id =
        |description: &SessionDescription| sdp(description).session().origin().expect("origin").session_id;
    assert_eq!(id(&second), id(&first));
}

#[test]
fn versions_are_not_used_twice_after_a_rollback() {
    let (mut alice, mut bob) = (caller(1), peer(2));
    exchange(&mut alice, &mut bob);
    let version = |description: SessionDescription| {
        sdp(&description).session().origin().expect("origin").session_version
    };
    let in_force = version(alice.local_description().expect("a description"));
    alice.create_data_channel("chat", Default::default()).expect("a channel");
    let taken_back = version(offer(&mut alice));
    alice.set_local_description(Some(SessionDescription::rollback())).expect("a rollback");
    alice.add_track(MediaKind::Audio, "another", &[]).expect("a track");
    assert_eq!((taken_back, version(offer(&mut alice))), (in_force + 1, in_force + 2));
}

#[test]
fn what_is_set_locally_must_be_what_was_created() {
    let mut alice = caller(1);
    let created = alice.create_offer(OfferOptions::default()).expect("an offer");
    let munged = edited(&created, "a=sendrecv", "a=sendonly");
    assert_eq!(refused(alice.set_local_description(Some(munged))), Some(Reason::JsepModified));
    alice.set_local_description(Some(created)).expect("the offer as it was created");
}

#[test]
fn a_later_offer_keeps_what_was_agreed_on() {
    let (mut alice, mut bob) = (caller(1), caller(2));
    exchange(&mut alice, &mut bob);
    let before = sdp(&alice.local_description().expect("a description"));
    let again = sdp(&offer(&mut alice));
    for index in 0..2 {
        let (old, new) = (before.medium(index).expect("old"), again.medium(index).expect("new"));
        assert_eq!(old.mid(), new.mid());
        assert_eq!(old.msids()[0].0, new.msids()[0].0);
    }
    let tag = again.medium(0).expect("the tag");
    assert_eq!(tag.ice_ufrag(), before.medium(0).expect("the tag").ice_ufrag());
    assert_eq!(tag.tls_id(), before.medium(0).expect("the tag").tls_id());
    assert_eq!(tag.setup(), Some(Setup::ActPass));
    assert!(tag.has(&Attribute::RtcpMux) && !tag.has(&Attribute::RtcpMuxOnly), "RFC 9429 §5.2.2");
    assert!(!again.text().contains("a=rtcp:") && !again.text().contains("bundle-only"));
    // What was bundled says nothing about its transport any more.
    let video = again.medium(1).expect("video");
    assert!(video.ice_ufrag().is_none() && video.fingerprints().is_empty() && video.setup().is_none());
    assert_eq!(again.bundles(), [["0", "1"]]);
}

#[test]
fn codecs_of_a_later_offer_stand_in_the_order_of_the_answer() {
    let (mut alice, mut bob) = (caller(1), caller(2));
    let preferred = |name: &str, bob: &rtclab_rtc::jsep::PeerConnection| {
        let mut codecs = bob.configuration().profile.video.clone();
        codecs.sort_by_key(|codec| codec.name != name);
        codecs
    };
    let offered = offer(&mut alice);
    bob.set_remote_description(offered).expect("an offer");
    let video = bob.transceivers().iter().find(|found| found.kind == MediaKind::Video).expect("video").id;
    bob.set_codec_preferences(video, preferred("H264", &bob)).expect("codecs that are supported");
    bob.set_local_description(None).expect("an answer");
    let answered = bob.local_description().expect("an answer");
    let order = |sdp: &Sdp| sdp.medium(1).expect("video").media_line().expect("a line").formats.join(" ");
    assert_eq!(order(&sdp(&answered)), "101 103 100 102", "preferences decide the order of an answer");
    alice.set_remote_description(answered).expect("an answer");
    assert_eq!(order(&sdp(&offer(&mut alice))), "101 103 100 102");
}

#[test]
fn a_stopped_medium_is_offered_with_port_zero_and_its_place_is_recycled() {
    let (mut alice, mut bob) = (caller(1), caller(2));
    exchange(&mut alice, &mut bob);
    let video = alice.transceivers()[1].id;
    alice.stop_transceiver(video).expect("a transceiver");
    let stopped = offer(&mut alice);
    let section = sdp(&stopped);
    let section = section.medium(1).expect("video");
    assert!(section.is_rejected() && section.msids().is_empty());
    assert_eq!(section.mid(), Some("1"));
    assert_eq!(sdp(&stopped).bundles(), [["0"]]);
    let answered = answer(&mut bob, stopped);
    alice.set_remote_description(answered).expect("an answer");
    assert_eq!((alice.transceivers().len(), bob.transceivers().len()), (1, 1), "both have lost it");

    // The next medium takes its place, whatever its kind, under a new name.
    bob.add_track(MediaKind::Audio, "second microphone", &["t"]).expect("a track");
    exchange(&mut bob, &mut alice);
    let recycled = sdp(&bob.local_description().expect("an offer"));
    assert_eq!(recycled.media_count(), 2);
    let section = recycled.medium(1).expect("the place");
    assert_eq!(section.media(), "audio");
    assert!(section.mid().is_some_and(|mid| mid != "1" && mid != "0"));
}

#[test]
fn directions_of_transceivers_are_offered() {
    let mut alice = caller(1);
    let audio = alice.transceivers()[0].id;
    alice.set_direction(audio, Direction::RecvOnly).expect("a transceiver");
    let sdp = sdp(&offer(&mut alice));
    let section = sdp.medium(0).expect("audio");
    assert_eq!(section.direction(), Direction::RecvOnly);
    assert!(section.msids().is_empty(), "who does not send names no streams");
}

#[test]
fn a_data_channel_comes_last_in_the_first_offer_and_stays_where_it_is() {
    let (mut alice, mut bob) = duo();
    alice.create_data_channel("chat", Default::default()).expect("a channel");
    exchange(&mut alice, &mut bob);
    av(&mut alice);
    let later = sdp(&offer(&mut alice));
    let kinds: Vec<_> = later.media().map(|section| section.media().to_owned()).collect();
    assert_eq!(kinds, ["application", "audio", "video"]);
    drain(&mut alice);
}
