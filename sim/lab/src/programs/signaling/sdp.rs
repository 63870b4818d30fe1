//! Descriptions of a peer as whole session descriptions and as fragments of them: what SIP and WHIP carry. Not here: how they travel.
//!
//! A peer that only has ICE says what it would carry: one audio stream of PCMU, whose 160 bytes every 20 ms its data look like. A body that is a session
//! description already goes as it is.

use super::MessageKind;

/// The only medium.
const MEDIUM: &str = "m=audio 9 RTP/AVP 0\r\n";

/// A description as `application/sdp`. `number` makes the origin unique, and `direction` says which way media are to flow.
pub(crate) fn session(body: &str, number: u32, direction: &str) -> String {
    if body.starts_with("v=") {
        return body.to_owned();
    }
    let mut text = format!(
        "v=0\r\no=- {} 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
        4_611_731_400_430_051_336_u64 + u64::from(number)
    );
    text.push_str(MEDIUM);
    text.push_str("c=IN IP4 0.0.0.0\r\na=mid:0\r\n");
    text.push_str(&format!("a={direction}\r\na=rtpmap:0 PCMU/8000\r\na=ice-options:trickle\r\n"));
    lines(&mut text, body.lines());
    text
}

/// Candidates as `application/trickle-ice-sdpfrag` (RFC 8840 §9): what holds for the session first, then the medium that they belong to.
pub(crate) fn fragment(body: &str) -> String {
    if body.contains("m=") {
        return body.to_owned();
    }
    let of_session = |line: &&str| line.starts_with("a=ice-ufrag:") || line.starts_with("a=ice-pwd:");
    let mut text = String::new();
    lines(&mut text, body.lines().filter(of_session));
    text.push_str(MEDIUM);
    text.push_str("a=mid:0\r\n");
    lines(&mut text, body.lines().filter(|line| !of_session(line)));
    text
}

/// Whether a fragment has candidates, or only says that no more come.
pub(crate) fn kind_of(fragment: &str) -> MessageKind {
    if fragment.lines().any(|line| line.starts_with("a=candidate:")) {
        MessageKind::Candidate
    } else {
        MessageKind::EndOfCandidates
    }
}

fn lines<'a>(text: &mut String, lines: impl Iterator<Item = &'a str>) {
    for line in lines {
        text.push_str(line.trim_end());
        text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use rtclab_rtc::sdp::Sdp;

    use super::*;
    use crate::programs::signaling::Description;

    const BODY: &str = "a=ice-ufrag:8hhY\na=ice-pwd:asd88fgpdd777uzjYhagZg\n\
                        a=candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host ufrag 8hhY\n";

    #[test]
    fn a_description_becomes_a_session_that_can_be_read_as_both() {
        let text = session(BODY, 3, "sendrecv");
        assert!(Sdp::parse(&text).is_ok(), "{:?}", Sdp::parse(&text).err());
        assert_eq!(Description::parse(&text), Description::parse(BODY));
        assert_eq!(session(&text, 4, "sendonly"), text, "what is one already stays as it is");
    }

    #[test]
    fn a_fragment_has_the_session_before_the_medium() {
        let text = fragment("a=ice-ufrag:8hhY\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\n");
        assert!(text.starts_with("a=ice-ufrag:8hhY\r\nm=audio"), "{text}");
        assert_eq!(kind_of(&text), MessageKind::Candidate);
        assert_eq!(
            kind_of(&fragment("a=ice-ufrag:8hhY\na=end-of-candidates\n")),
            MessageKind::EndOfCandidates
        );
    }
}
