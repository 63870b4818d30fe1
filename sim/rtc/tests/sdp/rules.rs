//! Each rule between lines is broken once, in an otherwise good description, and is named with its place.

use rtclab_rtc::Reason;
use rtclab_rtc::sdp::rules::{self, Kind, Violation};
use rtclab_rtc::sdp::{Change, Sdp, difference};

use super::{CORPUS, corpus};

const OFFER: &str = "v=0
o=- 1 1 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE a v d
m=audio 9 UDP/TLS/RTP/SAVPF 96 0
c=IN IP4 0.0.0.0
a=mid:a
a=sendrecv
a=rtpmap:96 opus/48000/2
a=rtpmap:0 PCMU/8000
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-1 99:41:49:83:4A:97:0E:1F:EF:6D:F7:C9:C7:70:9D:1F:66:79:A8:07
a=setup:actpass
a=tls-id:91bbf309c0990a6bec11e38ba2933cee
a=rtcp-mux
m=video 0 UDP/TLS/RTP/SAVPF 100 101
c=IN IP4 0.0.0.0
a=mid:v
a=sendonly
a=rtpmap:100 VP8/90000
a=rtpmap:101 rtx/90000
a=fmtp:101 apt=100
a=rtcp-fb:100 nack
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=rid:h send
a=rid:l send
a=simulcast:send h;l
a=bundle-only
m=application 0 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=mid:d
a=sctp-port:5000
a=bundle-only
";

fn good_answer() -> String {
    let accepted = OFFER.replace(" 0 UDP", " 9 UDP").replace("a=bundle-only\n", "");
    let turned =
        accepted.replace("sendonly", "recvonly").replace(" send\n", " recv\n").replace(":send h", ":recv h");
    turned.replace("actpass", "active").replace("abcd", "efgh")
}

fn read(text: &str) -> Sdp {
    Sdp::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The text with one change, which has to be one.
fn edited(text: &str, from: &str, to: &str) -> String {
    let edited = text.replacen(from, to, 1);
    assert_ne!(edited, text, "{from:?} is not there");
    edited
}

fn broken(violations: &[Violation]) -> Vec<Reason> {
    let mut rules: Vec<Reason> = violations.iter().map(|violation| violation.rule).collect();
    rules.dedup();
    rules
}

#[test]
fn good_descriptions_break_no_rule() {
    assert_eq!(rules::description(&read(OFFER), Kind::Offer), []);
    assert_eq!(rules::requires_rtcp_mux(&read(OFFER)), []);
    assert_eq!(rules::answer(&read(OFFER), &read(&good_answer())), []);
    assert_eq!(rules::reoffer(&read(OFFER), &read(OFFER)), []);
}

#[test]
fn what_browsers_wrote_breaks_no_rule() {
    for (name, text) in CORPUS.iter().filter(|(name, _)| !name.starts_with("forms-old")) {
        let kind = if name.contains("answer") { Kind::Answer } else { Kind::Offer };
        assert_eq!(rules::description(&read(text), kind), [], "{name}");
    }
    for (offer, answer) in [
        ("chromium-156-media-offer", "chromium-156-media-answer"),
        ("chromium-156-data-offer", "chromium-156-data-answer"),
        ("chromium-156-offer-to-aiortc", "aiortc-answer-to-chromium"),
    ] {
        assert_eq!(rules::answer(&read(corpus(offer)), &read(corpus(answer))), [], "{answer}");
    }
}

#[test]
fn each_rule_of_one_description_is_named_when_it_is_broken() {
    let crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\na=rtcp-mux";
    let cases = [
        ("a=mid:v", "a=mid:a", Reason::SdpDuplicateMid),
        ("a=rtcp-mux", "a=rtcp-mux\na=rtcp-mux", Reason::SdpRepeatedAttribute),
        ("a=sendrecv", "a=sendrecv\na=recvonly", Reason::SdpTwoDirections),
        ("t=0 0", "t=0 0\na=mid:x", Reason::SdpWrongLevel),
        ("BUNDLE a v d", "BUNDLE a v d x", Reason::SdpUnknownMid),
        ("BUNDLE a v d", "BUNDLE a v d a", Reason::SdpTwoBundles),
        ("a=group:BUNDLE a v d", "a=group:BUNDLE a v d\na=group:BUNDLE v", Reason::SdpTwoBundles),
        ("a=rtcp-mux", crypto, Reason::SdpSdes),
        ("a=rtcp-mux", "a=rtcp-mux\na=msid:s one\na=msid:s two", Reason::SdpPlanB),
        ("a=rtcp-mux", "a=rtcp-mux\na=ssrc:1 msid:s one\na=ssrc:2 msid:s two", Reason::SdpPlanB),
        ("a=ice-pwd:abcdefghijklmnopqrstuvwx\n", "", Reason::SdpMissingIce),
        ("a=fingerprint", "a=x-fingerprint", Reason::SdpMissingFingerprint),
        ("a=setup:actpass\n", "", Reason::SdpMissingSetup),
        ("a=setup:actpass", "a=setup:holdconn", Reason::SdpHoldConn),
        ("a=rtcp-mux", "a=rtcp-mux-only", Reason::SdpMuxOnlyWithoutMux),
        ("simulcast:send h;l", "simulcast:send h;x", Reason::SdpUnknownRid),
        ("simulcast:send h;l", "simulcast:recv h;l", Reason::SdpUnknownRid),
        ("a=rid:l send", "a=rid:l send\na=rid:l send", Reason::SdpDuplicateRid),
        ("a=extmap:1", "a=extmap:0", Reason::SdpExtensionId),
        ("a=extmap:1", "a=extmap:256", Reason::SdpExtensionId),
        (
            "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
            "a=extmap:1 urn:other",
            Reason::SdpExtensionIdClash,
        ),
        ("a=rtpmap:96 opus", "a=rtpmap:100 L16/48000\na=rtpmap:96 opus", Reason::SdpPayloadTypeTwice),
        ("SAVPF 100 101", "SAVPF 100 101 100", Reason::SdpPayloadTypeTwice),
        ("SAVPF 96 0", "SAVPF 96 0 97", Reason::SdpPayloadTypeUnmapped),
        ("apt=100", "apt=102", Reason::SdpRtxWithoutPrimary),
        ("a=fmtp:101 apt=100\n", "", Reason::SdpRtxWithoutPrimary),
        ("a=sctp-port:5000\n", "", Reason::SdpMissingSctpPort),
    ];
    for (from, to, rule) in cases {
        // The last case of payload types is about one medium that maps a type twice.
        let text = match to {
            "a=rtpmap:100 L16/48000\na=rtpmap:96 opus" => {
                edited(OFFER, "a=rtpmap:96 opus", "a=rtpmap:96 L16/48000\na=rtpmap:96 opus")
            }
            _ => edited(OFFER, from, to),
        };
        let found = rules::description(&read(&text), Kind::Offer);
        assert!(broken(&found).contains(&rule), "{to:?}: {found:?}");
        assert!(
            found.iter().all(|violation| violation.places.iter().all(|place| place.line > 1)),
            "{found:?}"
        );
    }
}

#[test]
fn a_payload_type_means_one_codec_in_a_bundle_and_may_mean_two_outside() {
    let clash = edited(OFFER, "SAVPF 96 0\n", "SAVPF 96 0 100\n");
    let clash = edited(&clash, "a=rtpmap:96 opus", "a=rtpmap:100 L16/48000\na=rtpmap:96 opus");
    let found = rules::description(&read(&clash), Kind::Offer);
    assert_eq!(broken(&found), [Reason::SdpPayloadTypeClash]);
    let apart = edited(&clash, "BUNDLE a v d", "BUNDLE a d").replace("a=bundle-only\n", "");
    assert_eq!(rules::description(&read(&apart), Kind::Offer), []);
}

#[test]
fn ids_beyond_255_are_for_offers_only() {
    let text = OFFER.replace("a=extmap:1", "a=extmap:4096");
    assert_eq!(rules::description(&read(&text), Kind::Offer), []);
    assert_eq!(broken(&rules::description(&read(&text), Kind::Answer)), [Reason::SdpExtensionId]);
}

#[test]
fn rtcp_on_the_port_of_rtp_can_be_demanded() {
    let found = rules::requires_rtcp_mux(&read(&edited(OFFER, "a=rtcp-mux\n", "")));
    assert_eq!(broken(&found), [Reason::SdpMissingRtcpMux]);
}

#[test]
fn each_rule_of_answers_is_named_when_it_is_broken() {
    let cases = [
        ("m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 RTP/SAVPF", Reason::AnswerMedia),
        ("m=video", "m=text", Reason::AnswerMedia),
        ("a=mid:v\n", "a=mid:w\n", Reason::AnswerMid),
        ("recvonly", "sendrecv", Reason::AnswerDirection),
        ("setup:active", "setup:actpass", Reason::AnswerSetup),
        ("SAVPF 96 0\n", "SAVPF 8\n", Reason::AnswerNoCommonFormat),
        ("a=rtcp-fb:100 nack", "a=rtcp-fb:100 goog-remb", Reason::AnswerFeedback),
        ("BUNDLE a v d", "BUNDLE a d", Reason::AnswerBundleOnly),
        ("m=video 9", "m=video 0", Reason::AnswerBundle),
        ("a=rid:l recv", "a=rid:l recv\na=rid:x recv", Reason::AnswerSimulcast),
    ];
    for (from, to, rule) in cases {
        let found = rules::answer(&read(OFFER), &read(&edited(&good_answer(), from, to)));
        assert!(broken(&found).contains(&rule), "{to:?}: {found:?}");
    }
}

#[test]
fn an_answer_has_as_many_media_as_its_offer() {
    let answer = good_answer();
    let shorter = answer.split("m=application").next().expect("a start").replace(" d\n", "\n");
    let found = rules::answer(&read(OFFER), &read(&shorter));
    assert_eq!(broken(&found), [Reason::AnswerCount]);
}

#[test]
fn what_was_offered_with_port_zero_is_not_accepted() {
    let offer = edited(OFFER, "BUNDLE a v d", "BUNDLE a v");
    let offer = offer.trim_end_matches("a=bundle-only\n").to_owned();
    let found = rules::answer(&read(&offer), &read(&good_answer()));
    assert!(broken(&found).contains(&Reason::AnswerToRejected), "{found:?}");
}

#[test]
fn an_answer_does_not_share_the_port_unasked() {
    let found = rules::answer(&read(&edited(OFFER, "a=rtcp-mux\n", "")), &read(&good_answer()));
    assert_eq!(broken(&found), [Reason::AnswerRtcpMux]);
}

#[test]
fn each_rule_of_later_offers_is_named_when_it_is_broken() {
    let shorter = OFFER.split("m=application").next().expect("a start").replace(" d\n", "\n");
    assert_eq!(broken(&rules::reoffer(&read(OFFER), &read(&shorter))), [Reason::ReofferCount]);
    let cases = [
        ("a=mid:v\n", "a=mid:w\n", Reason::ReofferMid),
        ("m=video", "m=audio", Reason::ReofferMedia),
        ("a=rtcp-mux\n", "", Reason::ReofferRtcpMux),
        ("99:41", "98:41", Reason::ReofferDtls),
        ("91bb", "92bb", Reason::ReofferDtls),
        ("a=rtpmap:96 opus/48000/2", "a=rtpmap:96 L16/48000/2", Reason::ReofferPayloadType),
    ];
    for (from, to, rule) in cases {
        let found = rules::reoffer(&read(OFFER), &read(&edited(OFFER, from, to)));
        assert!(broken(&found).contains(&rule), "{to:?}: {found:?}");
    }
}

#[test]
fn a_new_certificate_is_fine_when_ice_restarts_and_a_rejected_medium_may_be_recycled() {
    let restarted = OFFER.replace("99:41", "98:41").replace("a=ice-ufrag:abcd", "a=ice-ufrag:wxyz");
    assert_eq!(rules::reoffer(&read(OFFER), &read(&restarted)), []);
    let rejected = edited(&good_answer(), "m=video 9", "m=video 0");
    let recycled = OFFER.replace("a=mid:v\n", "a=mid:w\n").replace("BUNDLE a v d", "BUNDLE a w d");
    assert_eq!(rules::reoffer_with(&read(OFFER), &read(&rejected), &read(&recycled)), []);
}

#[test]
fn a_violation_prints_its_line_rule_and_section() {
    let found = rules::description(&read(&edited(OFFER, "a=mid:v", "a=mid:a")), Kind::Offer);
    let first = found.first().expect("a violation").to_string();
    assert_eq!(
        first,
        "line 21: Two media have the same mid, so nothing that names it is clear. [a] (RFC 5888 §4)"
    );
}

#[test]
fn an_edit_shows_as_a_difference() {
    let changed = edited(OFFER, "a=setup:actpass", "a=setup:active");
    let lines = difference(&read(OFFER), &read(&changed));
    assert_eq!(lines.iter().filter(|line| line.change == Change::Changed).count(), 1);
}
