//! Browsers among each other, and descriptions that real ones wrote.

use rtclab_rtc::Reason;
use rtclab_rtc::jsep::{
    Change, Missing, PeerConnection, Profile, SdpType, SessionDescription, TransportCommand,
};
use rtclab_rtc::sdp::rules::{self, Kind};

use super::duo::{answer, av, browser, changes, commands, drain, exchange, offer, sdp};

fn all() -> Vec<Profile> {
    vec![Profile::rfc9429(), Profile::chromium(), Profile::firefox(), Profile::safari(), Profile::old(&[])]
}

fn with_media(seed: u8, profile: Profile) -> PeerConnection {
    let mut connection = browser(seed, profile);
    av(&mut connection);
    connection.create_data_channel("chat", Default::default()).expect("a channel");
    connection
}

#[test]
fn every_profile_talks_to_every_other_in_both_directions_and_again() {
    for left in all() {
        for right in all() {
            let (mut alice, mut bob) = (with_media(1, left.clone()), with_media(2, right.clone()));
            exchange(&mut alice, &mut bob);
            exchange(&mut bob, &mut alice);
            exchange(&mut alice, &mut bob);
            assert_eq!(alice.transports().count(), 1, "{} and {}", left.name, right.name);
            for connection in [&alice, &bob] {
                let sdp = sdp(&connection.local_description().expect("a description"));
                assert_eq!(rules::description(&sdp, Kind::Offer), [], "{} and {}", left.name, right.name);
            }
        }
    }
}

#[test]
fn chromium_writes_what_chromium_wrote() {
    let recorded = include_str!("../../../../tests/sdp/chromium-156-media-offer.sdp");
    let ours = sdp(&offer(&mut with_media(1, Profile::chromium())));
    let recorded = rtclab_rtc::sdp::Sdp::parse(recorded).expect("a recording");
    for (ours, theirs) in ours.media().zip(recorded.media()) {
        let formats =
            |section: &rtclab_rtc::sdp::Section<'_>| section.media_line().expect("a line").formats.clone();
        assert_eq!(formats(&ours), formats(&theirs));
        let set = |section: &rtclab_rtc::sdp::Section<'_>| {
            let mut lines: Vec<String> = section
                .attributes()
                .filter(|(line, _)| {
                    matches!(
                        line.name(),
                        "rtpmap" | "fmtp" | "rtcp-fb" | "extmap" | "setup" | "mid" | "ice-options"
                    )
                })
                .map(|(line, _)| line.to_string())
                .collect();
            lines.sort();
            lines
        };
        assert_eq!(set(&ours), set(&theirs));
    }
    assert_eq!(ours.session().origin().map(|origin| origin.session_version), Some(2));
}

#[test]
fn recorded_offers_of_browsers_are_answered() {
    let offers = [
        include_str!("../../../../tests/sdp/chromium-156-media-offer.sdp"),
        include_str!("../../../../tests/sdp/chromium-156-media-offer-ipv6.sdp"),
        include_str!("../../../../tests/sdp/chromium-156-data-offer.sdp"),
        include_str!("../../../../tests/sdp/chromium-156-offer-to-aiortc.sdp"),
        include_str!("../../../../tests/sdp/forms-session-level.sdp"),
    ];
    for text in offers {
        let mut bob = browser(2, Profile::rfc9429());
        let offered = SessionDescription::new(SdpType::Offer, text);
        let answered = sdp(&answer(&mut bob, offered.clone()));
        assert_eq!(rules::answer(&sdp(&offered), &answered), []);
        assert!(answered.media().all(|section| !section.is_rejected()));
        assert_eq!(bob.transports().count(), 1);
        let outputs = drain(&mut bob);
        assert!(
            commands(&outputs)
                .iter()
                .any(|(_, command, _)| matches!(command, TransportCommand::StartDtls { .. }))
        );
    }
}

#[test]
fn two_profiles_without_a_common_codec_fail_with_the_reason() {
    let mut alice = browser(1, Profile::old(&[Missing::H264]));
    let mut bob = browser(2, Profile::old(&[Missing::Vp8]));
    av(&mut alice);
    drain(&mut bob);
    answer(&mut bob, offer(&mut alice));
    let outputs = drain(&mut bob);
    let rejected: Vec<_> = changes(&outputs)
        .into_iter()
        .filter(|(change, _)| matches!(change, Change::MediaRejected { .. }))
        .map(|(_, reason)| reason)
        .collect();
    assert_eq!(rejected, [Reason::JsepNoCommonCodec]);
}

#[test]
fn telephones_without_opus_are_heard() {
    let mut alice = browser(1, Profile::chromium());
    let mut telephone = browser(2, Profile::old(&[Missing::Opus, Missing::Trickle]));
    av(&mut alice);
    exchange(&mut alice, &mut telephone);
    assert_eq!(alice.can_trickle_ice_candidates(), Some(false));
    let first = &alice.transceivers()[0].negotiated.codecs[0];
    assert_eq!(first.codec.name, "G722");
}
