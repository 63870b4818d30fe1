//! What lines say, as values; and values that write themselves.

use rtclab_rtc::sdp::{
    Attribute, Builder, Connection, Direction, MediaLine, Origin, RidDirection, Sdp, Setup, Simulcast,
};

use super::corpus;

fn sdp(name: &str) -> Sdp {
    Sdp::parse(corpus(name)).expect("a description")
}

#[test]
fn the_values_of_a_browsers_offer() {
    let sdp = sdp("chromium-156-media-offer");
    assert_eq!(sdp.session().origin().map(|origin| origin.session_version), Some(2));
    assert_eq!(sdp.bundles(), [["0", "1", "2"]]);
    let media: Vec<_> = sdp.media().map(|medium| (medium.media(), medium.mid().unwrap_or(""))).collect();
    assert_eq!(media, [("audio", "0"), ("video", "1"), ("application", "2")]);
    let audio = sdp.medium(0).expect("audio");
    assert_eq!(audio.direction(), Direction::SendRecv);
    assert_eq!(audio.setup(), Some(Setup::ActPass));
    assert_eq!(audio.ice_ufrag().map(str::len), Some(4));
    assert!(audio.has_ice_option("trickle") && !audio.has_ice_option("ice2"));
    assert_eq!(audio.fingerprints()[0].bytes.len(), 32);
    assert_eq!(audio.candidates()[1].related, Some(("192.168.10.2".into(), 50835)));
    assert_eq!(audio.candidates()[1].extension("network-id"), Some("1"));
    assert_eq!(sdp.medium(1).expect("video").rtpmaps().len(), 23);
    let data = sdp.medium(2).expect("data");
    assert_eq!((data.sctp_port(), data.max_message_size()), (Some(5000), Some(262_144)));
}

#[test]
fn attributes_of_the_session_are_inherited_by_media() {
    let sdp = sdp("forms-session-level");
    for medium in sdp.media() {
        assert_eq!(medium.fingerprints().len(), 1, "{:?}", medium.mid());
        assert!(medium.has_ice_option("trickle"));
    }
    let video = sdp.medium(1).expect("video");
    assert_eq!(video.rids()[1].0.restrictions[0], ("max-width".into(), Some("320".into())));
    assert_eq!(video.simulcast().map(|simulcast| simulcast.send.len()), Some(2));
}

#[test]
fn forms_of_old_software_are_read() {
    let sdp = sdp("forms-old");
    let video = sdp.medium(1).expect("video");
    let simulcast = video.simulcast().expect("the form of a draft");
    assert!(simulcast.send[1].alternatives[0].paused);
    assert_eq!(simulcast.to_string(), "send one;~two", "it is written in the form of RFC 8853");
    assert_eq!(video.fingerprints()[0].hash, "sha-1", "names of hashes have no case");
    let data = sdp.medium(2).expect("data");
    assert!(data.is_sctp());
    assert_eq!(data.sctp_port(), Some(5000));
}

#[test]
fn a_rejected_medium_is_told_from_a_bundle_only_one() {
    let text = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 0 UDP/TLS/RTP/SAVPF 0\r\n\
                c=IN IP4 0.0.0.0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=bundle-only\r\n";
    let sdp = Sdp::parse(text).expect("a description");
    let (audio, video) = (sdp.medium(0).expect("audio"), sdp.medium(1).expect("video"));
    assert!(audio.is_rejected() && !audio.is_bundle_only());
    assert!(video.is_bundle_only() && !video.is_rejected());
}

#[test]
fn directions_are_what_both_sides_allow() {
    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
    assert_eq!(SendOnly.reversed(), RecvOnly);
    assert_eq!(SendOnly.reversed().and(SendRecv), RecvOnly, "the example of RFC 9429 §5.3.1");
    assert_eq!(SendOnly.and(RecvOnly), Inactive);
}

#[test]
fn what_is_built_is_read_as_the_same_values() {
    let origin = Origin {
        username: "-".into(),
        session_id: 7,
        session_version: 1,
        network_type: "IN".into(),
        address_type: "IP4".into(),
        address: "0.0.0.0".into(),
    };
    let connection =
        Connection { network_type: "IN".into(), address_type: "IP4".into(), address: "0.0.0.0".into() };
    let media = MediaLine {
        media: "video".into(),
        port: 9,
        port_count: None,
        protocol: "UDP/TLS/RTP/SAVPF".into(),
        formats: vec!["96".into()],
    };
    let rids = ["h".to_owned(), "l".to_owned()];
    let attributes = [
        Attribute::Mid("a1".into()),
        Attribute::Direction(Direction::SendOnly),
        Attribute::Simulcast(Simulcast::of(&rids, RidDirection::Send)),
        Attribute::other("x-new", Some("value")),
    ];
    let text = Builder::new(&origin).media(&media, &connection).attributes(&attributes).finish();
    let sdp = Sdp::parse(&text).expect("what the builder writes is a description");
    let medium = sdp.medium(0).expect("a medium");
    assert_eq!(sdp.session().origin(), Some(&origin));
    assert_eq!((medium.media_line(), medium.connection()), (Some(&media), Some(&connection)));
    let read: Vec<_> = medium.attributes().map(|(attribute, _)| attribute.clone()).collect();
    assert_eq!(read, attributes);
}
