//! Codecs, payload types, header extensions, streams: what is agreed on for a medium.

use rtclab_rtc::jsep::{Change, MediaKind, PeerConnection};
use rtclab_rtc::sdp::Direction;

use super::duo::{answer, av, caller, changes, drain, edited, exchange, offer, peer, sdp};

fn parameters(connection: &mut PeerConnection) -> Vec<rtclab_rtc::jsep::MediaParameters> {
    let outputs = drain(connection);
    let media = changes(&outputs).into_iter().filter_map(|(change, _)| match change {
        Change::Media(media) => Some((**media).clone()),
        _ => None,
    });
    media.collect()
}

#[test]
fn payload_types_of_the_offer_are_taken_over() {
    let offered = edited(&offer(&mut caller(1)), "SAVPF 96 0 8 97 98", "SAVPF 111 0 8 97 98");
    let offered = edited(&offered, "a=rtpmap:96 opus", "a=rtpmap:111 opus");
    let mut bob = caller(2);
    answer(&mut bob, offered);
    let media = parameters(&mut bob);
    assert_eq!(media[0].codecs[0].payload_type, 111);
    assert_eq!(media[0].codecs[0].codec.name, "opus");
    assert_eq!(media[1].codecs[0].retransmission, Some(102));
    // Our own next offer keeps the number.
    assert!(offer(&mut bob).sdp.contains("a=rtpmap:111 opus/48000/2"));
}

#[test]
fn a_payload_type_never_means_two_codecs() {
    // The peer uses our number of opus for something else.
    let offered = edited(&offer(&mut caller(1)), "SAVPF 100 102 101 103", "SAVPF 96 102 101 103");
    let offered = edited(&offered, "a=rtpmap:100 VP8", "a=rtpmap:96 VP8");
    let offered = edited(&offered, ":100 ", ":96 ");
    let offered = edited(&offered, "apt=100", "apt=96");
    let offered = edited(&offered, "SAVPF 96 0 8 97 98", "SAVPF 0 8 97 98");
    let offered = edited(&offered, "a=rtpmap:96 opus/48000/2\r\n", "");
    let mut bob = caller(2);
    let answered = sdp(&answer(&mut bob, offered));
    let line = answered.medium(0).expect("audio").media_line().expect("a line").formats.join(" ");
    assert_eq!(line, "0 8 97 98 99", "opus stands behind, under another number");
    assert_eq!(rtclab_rtc::sdp::rules::description(&answered, rtclab_rtc::sdp::rules::Kind::Answer), []);
}

#[test]
fn h264_matches_by_profile_and_mode_and_not_by_level() {
    let answered = |parameters: &str| {
        let offered =
            edited(&offer(&mut caller(1)), "packetization-mode=1;profile-level-id=42e01f", parameters);
        answer(&mut caller(2), offered).sdp
    };
    let takes = |parameters: &str| answered(parameters).contains("UDP/TLS/RTP/SAVPF 100 102 101 103");
    assert!(takes("packetization-mode=1;profile-level-id=42e033"));
    assert!(takes("packetization-mode=1;profile-level-id=42c01f"), "both ways to write constrained baseline");
    assert!(takes("packetization-mode=1;profile-level-id=4d801f"), "main with constraint 0 is it, too");
    assert!(!takes("packetization-mode=0;profile-level-id=42e01f"));
    assert!(!takes("packetization-mode=1;profile-level-id=64001f"));
}

#[test]
fn header_extensions_keep_the_offered_ids_and_unknown_ones_are_left_out() {
    let offered = edited(
        &offer(&mut caller(1)),
        "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=extmap:1 urn:unknown",
    );
    let mut bob = caller(2);
    let answered = answer(&mut bob, offered);
    assert!(answered.sdp.contains("a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid"));
    assert!(!answered.sdp.contains("urn:unknown"));
    let media = parameters(&mut bob);
    assert!(media[0].extensions.contains(&(9, "urn:ietf:params:rtp-hdrext:sdes:mid".into())));
}

#[test]
fn extensions_have_one_id_in_all_media() {
    let sdp = sdp(&offer(&mut caller(1)));
    let id = |index: usize| {
        let maps = sdp.medium(index).expect("a medium").extmaps();
        maps.into_iter().find(|(map, _)| map.uri.ends_with("sdes:mid")).map(|(map, _)| map.id)
    };
    assert_eq!(id(0), id(1));
}

#[test]
fn codec_preferences_order_and_exclude() {
    let mut alice = caller(1);
    let audio = alice.transceivers()[0].id;
    let supported = alice.configuration().profile.audio.clone();
    let named = |name: &str| supported.iter().find(|codec| codec.name == name).cloned().expect("a codec");
    alice
        .set_codec_preferences(audio, vec![named("PCMA"), named("opus")])
        .expect("codecs that are supported");
    let sdp = sdp(&offer(&mut alice));
    assert_eq!(sdp.medium(0).expect("audio").media_line().expect("a line").formats, ["8", "96"]);
    let foreign = rtclab_rtc::jsep::Codec::new("speex", 16_000);
    assert!(alice.set_codec_preferences(audio, vec![foreign]).is_err());
    assert!(
        alice.set_codec_preferences(audio, vec![named("telephone-event")]).is_err(),
        "tones carry no media"
    );
}

#[test]
fn tracks_are_told_with_their_streams_and_end_when_the_peer_stops_sending() {
    let (mut alice, mut bob) = (caller(1), peer(2));
    exchange(&mut alice, &mut bob);
    let outputs = drain(&mut bob);
    let tracks: Vec<_> = changes(&outputs)
        .into_iter()
        .filter_map(|(change, _)| match change {
            Change::Track { streams, .. } => Some(streams.join(",")),
            _ => None,
        })
        .collect();
    assert_eq!(tracks, ["s", "s"]);
    let audio = alice.transceivers()[0].id;
    alice.remove_track(audio).expect("a sender");
    exchange(&mut alice, &mut bob);
    let outputs = drain(&mut bob);
    assert_eq!(
        changes(&outputs).iter().filter(|(change, _)| matches!(change, Change::TrackEnded { .. })).count(),
        1
    );
}

#[test]
fn a_peer_without_msid_gets_a_stream_of_its_own() {
    let offered = edited(&offer(&mut caller(1)), "a=msid:s\r\n", "");
    let mut bob = peer(2);
    bob.set_remote_description(offered).expect("an offer");
    assert_eq!(bob.transceivers()[0].negotiated.remote_streams, ["default"]);
}

#[test]
fn media_parameters_fit_on_both_sides() {
    let (mut alice, mut bob) = (caller(1), peer(2));
    av(&mut bob);
    exchange(&mut alice, &mut bob);
    let (ours, theirs) = (parameters(&mut alice), parameters(&mut bob));
    assert_eq!(ours.len(), 2);
    for (mine, other) in ours.iter().zip(&theirs) {
        assert_eq!((&mine.mid, mine.kind), (&other.mid, other.kind));
        assert_eq!(mine.direction, Direction::SendRecv);
        assert!(mine.rtcp_mux && mine.ssrcs != other.ssrcs);
        let numbers = |media: &rtclab_rtc::jsep::MediaParameters| {
            media.codecs.iter().map(|codec| codec.payload_type).collect::<Vec<_>>()
        };
        assert_eq!(numbers(mine), numbers(other));
    }
    assert_eq!(ours[0].kind, MediaKind::Audio);
}
