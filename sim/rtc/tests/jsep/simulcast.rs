//! Several encodings of one track.

use rtclab_rtc::jsep::{Change, JsepError, MediaKind, MediaParameters, PeerConnection, TransceiverInit};
use rtclab_rtc::sdp::RidDirection;

use super::duo::{answer, changes, drain, edited, offer, peer, sdp};

fn sender(rids: &[&str]) -> PeerConnection {
    let mut alice = peer(1);
    let send_encodings = rids.iter().map(|rid| (*rid).to_owned()).collect();
    let init = TransceiverInit { send_encodings, track: Some("camera".into()), ..TransceiverInit::default() };
    alice.add_transceiver(MediaKind::Video, init).expect("a transceiver");
    alice
}

fn sent(connection: &mut PeerConnection) -> Vec<String> {
    let outputs = drain(connection);
    let media: Vec<MediaParameters> = changes(&outputs)
        .into_iter()
        .filter_map(|(change, _)| match change {
            Change::Media(media) => Some((**media).clone()),
            _ => None,
        })
        .collect();
    media.last().map(|media| media.send_rids.clone()).expect("parameters")
}

#[test]
fn encodings_with_names_are_offered() {
    let offered = sdp(&offer(&mut sender(&["h", "m", "l"])));
    let video = offered.medium(0).expect("video");
    let rids: Vec<_> = video.rids().into_iter().map(|(rid, _)| (rid.id.as_str(), rid.direction)).collect();
    assert_eq!(rids, [("h", RidDirection::Send), ("m", RidDirection::Send), ("l", RidDirection::Send)]);
    assert_eq!(video.simulcast().map(ToString::to_string).as_deref(), Some("send h;m;l"));
}

#[test]
fn a_single_encoding_is_no_simulcast() {
    let named = sdp(&offer(&mut sender(&["only"])));
    assert_eq!(
        named.medium(0).map(|video| (video.rids().len(), video.simulcast().is_some())),
        Some((1, false))
    );
    let nameless = sdp(&offer(&mut sender(&[])));
    assert_eq!(nameless.medium(0).map(|video| video.rids().len()), Some(0));
}

#[test]
fn a_peer_that_says_nothing_gets_one_encoding() {
    let mut alice = sender(&["h", "l"]);
    let answered = answer(&mut peer(2), offer(&mut alice));
    assert!(!answered.sdp.contains("a=rid") && !answered.sdp.contains("simulcast"), "RFC 9429 §3.7");
    alice.set_remote_description(answered).expect("an answer");
    assert_eq!(sent(&mut alice), Vec::<String>::new());
}

#[test]
fn a_server_that_takes_some_of_the_encodings_gets_those() {
    let mut alice = sender(&["h", "m", "l"]);
    let answered = answer(&mut peer(2), offer(&mut alice));
    let lines = "a=rid:h recv\r\na=rid:l recv\r\na=simulcast:recv h;l\r\na=recvonly\r\n";
    let server = edited(&answered, "a=recvonly\r\n", lines);
    alice.set_remote_description(server).expect("an answer");
    assert_eq!(sent(&mut alice), ["h", "l"]);
    // It lasts over an offer of the server.
    let again = sdp(&offer(&mut alice));
    assert_eq!(again.medium(0).map(|video| video.rids().len()), Some(3), "rid lines stay the same");
}

#[test]
fn names_of_encodings_are_letters_and_digits_each_once() {
    for rids in [&["a b"][..], &["a", "a"], &["a_b"], &[""]] {
        let send_encodings = rids.iter().map(|rid| (*rid).to_owned()).collect();
        let init = TransceiverInit { send_encodings, ..TransceiverInit::default() };
        let refused = peer(1).add_transceiver(MediaKind::Video, init);
        assert!(matches!(refused, Err(JsepError::Argument(_))), "{rids:?}");
    }
}
