//! What an answer accepts, and what it rejects and why.

use rtclab_rtc::Reason;
use rtclab_rtc::jsep::{
    BundlePolicy, Change, Codec, MediaKind, PeerConnection, RtcpMuxPolicy, SessionDescription,
};
use rtclab_rtc::sdp::rules;
use rtclab_rtc::sdp::{Attribute, Direction, Setup};

use super::duo::{answer, av, caller, changes, drain, edited, offer, peer, refusal, sdp, with};

/// Why media were rejected, by index.
fn rejections(answerer: &mut PeerConnection, offered: SessionDescription) -> Vec<(usize, Reason)> {
    drain(answerer);
    let answered = answer(answerer, offered);
    let outputs = drain(answerer);
    let told = changes(&outputs).into_iter().filter_map(|(change, reason)| match change {
        Change::MediaRejected { section, .. } => Some((*section, reason)),
        _ => None,
    });
    let told: Vec<_> = told.collect();
    let answered = sdp(&answered);
    let by_port =
        answered.media().enumerate().filter(|(_, section)| section.is_rejected()).map(|(index, _)| index);
    assert_eq!(told.iter().map(|(index, _)| *index).collect::<Vec<_>>(), by_port.collect::<Vec<_>>());
    assert!(
        answered.media().all(|section| !section.has(&Attribute::BundleOnly)),
        "answers never say bundle-only"
    );
    told
}

#[test]
fn an_answer_follows_its_offer() {
    let (mut alice, mut bob) = (caller(1), caller(2));
    alice.create_data_channel("chat", Default::default()).expect("a channel");
    let offered = offer(&mut alice);
    let answered = answer(&mut bob, offered.clone());
    let (offer, answer) = (sdp(&offered), sdp(&answered));
    assert_eq!(rules::answer(&offer, &answer), []);
    assert_eq!(answer.bundles(), [["0", "1", "2"]]);
    assert_eq!(
        answer.medium(0).expect("audio").setup(),
        Some(Setup::Active),
        "RFC 9429 §5.3.1: active if there is a choice"
    );
    for section in answer.media().skip(1) {
        assert!(
            section.ice_ufrag().is_none() && section.fingerprints().is_empty(),
            "the tag says it for all"
        );
    }
    assert!(answered.sdp.contains("a=group:LS 0 1"), "both sides have one stream of both");
    assert!(answered.sdp.contains("a=ice-options:trickle ice2"));
}

#[test]
fn options_that_were_not_offered_are_not_answered() {
    let offered = edited(&offer(&mut caller(1)), "a=ice-options:trickle ice2\r\n", "");
    let mut bob = caller(2);
    assert!(!answer(&mut bob, offered).sdp.contains("ice-options"));
    assert_eq!(bob.can_trickle_ice_candidates(), Some(false));
}

#[test]
fn directions_are_intersected() {
    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
    for (offered, wanted, answered) in [
        (SendOnly, SendRecv, RecvOnly),
        (SendRecv, SendOnly, SendOnly),
        (RecvOnly, RecvOnly, Inactive),
        (Inactive, SendRecv, Inactive),
    ] {
        let (mut alice, mut bob) = (caller(1), peer(2));
        let audio = alice.transceivers()[0].id;
        alice.set_direction(audio, offered).expect("a transceiver");
        bob.set_remote_description(offer(&mut alice)).expect("an offer");
        let theirs = bob.transceivers()[0].id;
        bob.set_direction(theirs, wanted).expect("a transceiver");
        bob.set_local_description(None).expect("an answer");
        let sdp = sdp(&bob.local_description().expect("an answer"));
        assert_eq!(sdp.medium(0).expect("audio").direction(), answered, "{offered} meets {wanted}");
        assert_eq!(bob.transceivers()[0].negotiated.current_direction, Some(answered));
    }
}

#[test]
fn offered_roles_of_dtls_are_answered_with_the_other_one() {
    for (offered, answered) in [("active", Setup::Passive), ("passive", Setup::Active)] {
        let text = edited(&offer(&mut caller(1)), "setup:actpass", &format!("setup:{offered}"));
        assert_eq!(sdp(&answer(&mut peer(2), text)).medium(0).expect("audio").setup(), Some(answered));
    }
}

#[test]
fn a_medium_without_common_codec_is_rejected_with_the_reason() {
    let mut alice = caller(1);
    let video = alice.transceivers()[1].id;
    let vp8 = |codec: &Codec| codec.name == "VP8";
    let only: Vec<Codec> =
        alice.configuration().profile.video.iter().filter(|codec| vp8(codec)).cloned().collect();
    alice.set_codec_preferences(video, only).expect("a codec that is supported");
    let mut bob = with(2, |config| config.profile.video.retain(|codec| codec.name == "H264"));
    let offered = offer(&mut alice);
    assert_eq!(rejections(&mut bob, offered), [(1, Reason::JsepNoCommonCodec)]);
    assert_eq!(bob.transceivers().len(), 1, "its transceiver is over");
    let answered = bob.local_description().expect("an answer");
    assert_eq!(sdp(&answered).bundles(), [["0"]]);
    alice.set_remote_description(answered).expect("an answer");
    super::duo::assert_agreement(&alice, &bob);
}

#[test]
fn a_stopped_transceiver_rejects_its_medium() {
    let mut bob = peer(2);
    bob.set_remote_description(offer(&mut caller(1))).expect("an offer");
    let video = bob.transceivers()[1].id;
    bob.stop_transceiver(video).expect("a transceiver");
    drain(&mut bob);
    bob.set_local_description(None).expect("an answer");
    let outputs = drain(&mut bob);
    assert!(changes(&outputs).iter().any(|(change, reason)| {
        matches!(change, Change::MediaRejected { section: 1, .. }) && *reason == Reason::JsepStopped
    }));
}

#[test]
fn media_that_nobody_knows_are_rejected_and_keep_their_place() {
    let text = "m=text 9 UDP/TLS/RTP/SAVPF 120\r\nc=IN IP4 0.0.0.0\r\na=mid:t\r\na=rtpmap:120 t140/1000\r\n\
                a=ice-ufrag:tttt\r\na=ice-pwd:tttttttttttttttttttttttt\r\na=setup:actpass\r\na=rtcp-mux\r\n\
                a=fingerprint:sha-1 99:41:49:83:4A:97:0E:1F:EF:6D:F7:C9:C7:70:9D:1F:66:79:A8:07\r\n";
    let offered = offer(&mut caller(1));
    let offered = SessionDescription::new(offered.kind, format!("{}{text}", offered.sdp));
    assert_eq!(rejections(&mut peer(2), offered), [(2, Reason::JsepUnknownMedia)]);
}

#[test]
fn policies_reject_what_stands_outside_of_the_bundle() {
    let unbundled = |edit: &str| {
        let offered = offer(&mut with_max_compat());
        edited(&offered, "a=group:BUNDLE 0 1 2\r\n", edit)
    };
    let mut balanced = with(2, |config| config.bundle_policy = BundlePolicy::Balanced);
    // Audio, video, audio: the second audio is the one too many.
    assert_eq!(rejections(&mut balanced, unbundled("")), [(2, Reason::JsepOutsideBundle)]);
    let mut must_bundle = with(3, |config| config.bundle_policy = BundlePolicy::MustBundle);
    let both = [(1, Reason::JsepOutsideBundle), (2, Reason::JsepOutsideBundle)];
    assert_eq!(rejections(&mut must_bundle, unbundled("")), both);
    let mut compat = with(4, |config| config.bundle_policy = BundlePolicy::MaxCompat);
    assert_eq!(rejections(&mut compat, unbundled("")), []);
    assert_eq!(rejections(&mut with(5, |_| {}), offer(&mut with_max_compat())), []);
}

/// Audio, video and audio, all with transports of their own.
fn with_max_compat() -> PeerConnection {
    let mut alice = with(1, |config| config.bundle_policy = BundlePolicy::MaxCompat);
    av(&mut alice);
    alice.add_track(MediaKind::Audio, "second microphone", &[]).expect("a track");
    alice
}

#[test]
fn when_the_tag_is_rejected_the_whole_bundle_is() {
    let mut bob = with(2, |config| config.profile.audio.retain(|codec| codec.name == "PCMA"));
    let offered = edited(&offer(&mut caller(1)), "SAVPF 96 0 8 97 98", "SAVPF 96 0 97 98");
    let offered = edited(&offered, "a=rtpmap:8 PCMA/8000\r\n", "");
    let expected = [(0, Reason::JsepNoCommonCodec), (1, Reason::JsepTagRejected)];
    assert_eq!(rejections(&mut bob, offered), expected);
}

#[test]
fn an_answer_without_rtcp_on_the_same_port_is_refused_by_who_requires_it() {
    let mut alice = caller(1);
    let offered = offer(&mut alice);
    let mut bob = with(2, |config| {
        config.profile.rtcp_mux = false;
        config.rtcp_mux_policy = RtcpMuxPolicy::Negotiate;
    });
    let answered = answer(&mut bob, offered);
    let tag = sdp(&answered);
    assert!(tag.medium(0).expect("audio").attributes().any(|(line, _)| matches!(line, Attribute::Rtcp(_))));
    assert_eq!(refusal(&mut alice, answered), Some(Reason::SdpMissingRtcpMux));
}

#[test]
fn codecs_that_were_not_offered_stand_behind_those_that_were() {
    let mut alice = caller(1);
    let offered = edited(&offer(&mut alice), "SAVPF 96 0 8 97 98", "SAVPF 8 96 97 98");
    let offered = edited(&offered, "a=rtpmap:0 PCMU/8000\r\n", "");
    let answered = sdp(&answer(&mut caller(2), offered));
    let line = answered.medium(0).expect("audio").media_line().expect("a line").formats.join(" ");
    assert_eq!(line, "8 96 97 98 0");
}

#[test]
fn the_lower_level_of_h264_counts_without_asymmetry() {
    let offered = edited(&offer(&mut caller(1)), "profile-level-id=42e01f", "profile-level-id=42e00b");
    let answered = answer(&mut caller(2), offered);
    assert!(
        answered.sdp.contains("a=fmtp:101 packetization-mode=1;profile-level-id=42e00b"),
        "{}",
        answered.sdp
    );
}

#[test]
fn answers_that_break_a_rule_are_refused_with_it() {
    let cases = [
        ("a=setup:active", "a=setup:actpass", Reason::AnswerSetup),
        ("m=video", "m=text", Reason::AnswerMedia),
        ("a=mid:1\r\n", "a=mid:7\r\n", Reason::SdpUnknownMid),
        ("a=rtcp-fb:100 nack pli", "a=rtcp-fb:100 nack sli", Reason::AnswerFeedback),
        ("a=rtcp-mux\r\n", "", Reason::SdpMissingRtcpMux),
    ];
    for (from, to, rule) in cases {
        let mut alice = caller(1);
        let offered = offer(&mut alice);
        let answered = edited(&answer(&mut caller(2), offered), from, to);
        assert_eq!(refusal(&mut alice, answered), Some(rule), "{to}");
        assert_eq!(alice.signaling_state(), rtclab_rtc::jsep::SignalingState::HaveLocalOffer);
    }
}

#[test]
fn sdes_and_plan_b_are_refused() {
    let offered = offer(&mut caller(1));
    let sdes =
        edited(&offered, "a=mid:0\r\n", "a=mid:0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc\r\n");
    assert_eq!(refusal(&mut peer(2), sdes), Some(Reason::SdpSdes));
    let plan_b = edited(&offered, "a=mid:1\r\n", "a=mid:1\r\na=ssrc:1 msid:s one\r\na=ssrc:2 msid:s two\r\n");
    assert_eq!(refusal(&mut peer(2), plan_b), Some(Reason::SdpPlanB));
}

#[test]
fn old_names_of_profiles_are_accepted_and_answered_as_they_were_offered() {
    for profile in [
        "RTP/AVP",
        "RTP/AVPF",
        "RTP/SAVP",
        "RTP/SAVPF",
        "TCP/DTLS/RTP/SAVP",
        "TCP/DTLS/RTP/SAVPF",
        "UDP/TLS/RTP/SAVP",
    ] {
        let offered = edited(&offer(&mut caller(1)), "UDP/TLS/RTP/SAVPF", profile);
        let answered = sdp(&answer(&mut caller(2), offered));
        let found = answered.medium(0).expect("audio").media_line().expect("a line").protocol.clone();
        assert_eq!(found, profile);
    }
}
