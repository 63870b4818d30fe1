//! What changed between two descriptions.

use rtclab_rtc::sdp::{Change, ChangedLine, Sdp, difference};

use super::corpus;

fn changes(before: &str, after: &str) -> Vec<ChangedLine> {
    let (before, after) =
        (Sdp::parse(before).expect("a description"), Sdp::parse(after).expect("a description"));
    difference(&before, &after)
}

#[test]
fn an_answer_changes_the_role_and_keeps_the_codecs() {
    let lines = changes(corpus("chromium-156-media-offer"), corpus("chromium-156-media-answer"));
    let of = |name: &str| {
        lines.iter().filter(|line| line.name == name).map(|line| line.change).collect::<Vec<_>>()
    };
    assert_eq!(of("setup"), [Change::Changed; 3]);
    assert_eq!(of("mid"), [Change::Same; 3]);
    assert!(of("rtpmap").iter().all(|change| *change == Change::Same));
    assert_eq!(of("o"), [Change::Changed]);
}

#[test]
fn a_line_that_only_one_side_has_is_added_or_removed_with_its_meaning() {
    let before = corpus("chromium-156-data-offer");
    let after =
        before.replace("a=max-message-size:262144\r\n", "a=tls-id:91bbf309c0990a6bec11e38ba2933cee\r\n");
    let lines = changes(before, &after);
    let changed: Vec<_> = lines.iter().filter(|line| line.change != Change::Same).collect();
    assert_eq!(changed.len(), 2);
    assert_eq!((changed[0].name.as_str(), changed[0].change), ("max-message-size", Change::Removed));
    assert_eq!((changed[1].name.as_str(), changed[1].change), ("tls-id", Change::Added));
    assert!(changed[1].english.contains("DTLS") && !changed[1].korean.is_empty());
    assert_eq!(changed[1].section, Some(0));
}

#[test]
fn the_four_directions_are_one_thing_that_changes() {
    let before = corpus("chromium-156-media-offer");
    let after = before.replacen("a=sendrecv", "a=recvonly", 1);
    let lines = changes(before, &after);
    let changed: Vec<_> = lines.iter().filter(|line| line.change != Change::Same).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!((changed[0].name.as_str(), changed[0].change), ("recvonly", Change::Changed));
}

#[test]
fn a_new_medium_is_added_as_a_whole() {
    let before = corpus("chromium-156-data-offer");
    let after = format!("{before}m=audio 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\n");
    let lines = changes(before, &after);
    let added: Vec<_> = lines.iter().filter(|line| line.section == Some(1)).map(|line| line.change).collect();
    assert_eq!(added, [Change::Added; 2]);
}
