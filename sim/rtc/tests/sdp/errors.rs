//! A text that is refused says where, what was expected, and whose grammar it is.

use rtclab_rtc::sdp::{Content, LineType, Sdp, SdpError, SdpProblem, TEXT_BYTES_MAX};

const HEAD: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
const MEDIUM: &str = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\n";

fn error(text: &str) -> SdpError {
    Sdp::parse(text).expect_err("this is no description")
}

/// The error about a line of the medium, which is line 7.
fn about_line(line: &str) -> SdpError {
    error(&format!("{HEAD}{MEDIUM}{line}\r\n"))
}

#[test]
fn an_error_prints_line_column_expectation_and_section() {
    let error = about_line("a=candidate:1 1 udp 2130706431 10.0.0.1 port typ host");
    assert_eq!(error.to_string(), "line 7, column 41: port was expected, not \"port\" (RFC 8839 §5.1)");
}

#[test]
fn values_that_the_grammar_does_not_allow_are_refused_with_its_section() {
    let cases = [
        ("a=ice-ufrag:abc", "RFC 8839 §5.4", 13),
        ("a=ice-pwd:tooshort", "RFC 8839 §5.4", 11),
        ("a=fingerprint:sha-256 AA:BB", "RFC 8122 §5", 23),
        ("a=fingerprint:sha-1 nothex", "RFC 8122 §5", 21),
        ("a=setup:sometimes", "RFC 4145 §4", 9),
        ("a=tls-id:short", "RFC 8842 §5.1", 10),
        ("a=sctp-port:65536", "RFC 8841 §5", 13),
        ("a=max-message-size:many", "RFC 8841 §6", 20),
        ("a=rtpmap:128 opus/48000", "RFC 8866 §6.6", 10),
        ("a=rtpmap:111 opus", "RFC 8866 §6.6", 18),
        ("a=extmap:1/both urn:x", "RFC 8285 §5", 12),
        ("a=ssrc:one cname:x", "RFC 5576 §4.1", 8),
        ("a=rid:1 sendrecv", "RFC 8851 §4", 9),
        ("a=simulcast:send 1 send 2", "RFC 8853 §5.1", 20),
        ("a=imageattr:97 send [x=1", "RFC 6236 §3.1", 25),
        ("a=ptime:0", "RFC 8866 §6.4", 9),
        ("a=candidate:1 0 udp 1 10.0.0.1 1 typ host", "RFC 8839 §5.1", 15),
        ("a=candidate:1 1 udp 1 10.0.0.1 1 typ guest", "RFC 8839 §5.1", 38),
        ("a=candidate:1 1 udp 1 10.0.0.1 1 typ host tcptype", "RFC 8839 §5.1", 50),
        ("a=group:BUNDLE 0 1\u{20}/", "RFC 5888 §5", 20),
    ];
    for (line, section, column) in cases {
        let error = about_line(line);
        assert_eq!(
            (error.section, error.place.line, error.place.column),
            (section, 7, column),
            "{line}: {error}"
        );
    }
}

#[test]
fn flags_have_no_value_and_values_are_needed() {
    assert!(matches!(about_line("a=rtcp-mux:yes").problem, SdpProblem::NotAFlag { .. }));
    assert!(matches!(about_line("a=mid").problem, SdpProblem::NeedsValue { .. }));
    assert!(matches!(about_line("a=mid:").problem, SdpProblem::NeedsValue { .. }));
}

#[test]
fn what_stands_behind_the_end_of_a_value_is_refused() {
    let error = about_line("a=mid:0 1");
    assert_eq!(error.problem, SdpProblem::Trailing { found: "1".into() });
}

#[test]
fn lines_are_one_letter_and_an_equals_sign() {
    assert!(matches!(about_line("audio").problem, SdpProblem::NotALine { .. }));
    assert_eq!(about_line("y=1").problem, SdpProblem::UnknownType { found: 'y' });
    assert!(matches!(about_line("a=x:\0").problem, SdpProblem::ForbiddenByte { .. }));
    assert!(matches!(about_line("a=x:\rb").problem, SdpProblem::ForbiddenByte { .. }));
}

#[test]
fn an_empty_line_is_only_allowed_at_the_end() {
    let error = error(&format!("{HEAD}\r\n{MEDIUM}"));
    assert_eq!((error.place.line, error.problem), (5, SdpProblem::NotALine { found: String::new() }));
}

#[test]
fn lines_keep_their_order() {
    let late = error(&format!("{HEAD}m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\nc=IN IP4 0.0.0.0\r\n"));
    let problem = SdpProblem::OutOfOrder { found: LineType::Connection, before: LineType::Attribute };
    assert_eq!((late.place.line, late.problem), (7, problem));
    let session_line = error(&format!("{HEAD}{MEDIUM}t=0 0\r\n"));
    assert!(matches!(session_line.problem, SdpProblem::OutOfOrder { found: LineType::Time, .. }));
}

#[test]
fn lines_that_must_be_there_are_missed() {
    let missing = |text: &str| match error(text).problem {
        SdpProblem::Missing { missing } => missing,
        other => panic!("{other}"),
    };
    assert_eq!(missing("o=- 1 1 IN IP4 0.0.0.0\r\n"), LineType::Version);
    assert_eq!(missing("v=0\r\ns=-\r\nt=0 0\r\n"), LineType::Origin);
    assert_eq!(missing("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nt=0 0\r\n"), LineType::SessionName);
    assert_eq!(missing("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\n"), LineType::Time);
    assert_eq!(missing(&format!("{HEAD}m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n")), LineType::Connection);
    assert_eq!(missing("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nr=7d 1h 0\r\n"), LineType::Time);
}

#[test]
fn a_second_origin_is_refused() {
    let error = error("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n");
    assert_eq!(error.problem, SdpProblem::Repeated { found: LineType::Origin });
}

#[test]
fn nothing_and_too_much_are_refused() {
    assert_eq!(error("").problem, SdpProblem::Empty);
    assert_eq!(error("\r\n").problem, SdpProblem::Empty);
    let long = "x".repeat(TEXT_BYTES_MAX + 1);
    assert_eq!(error(&long).problem, SdpProblem::TooLong { length: TEXT_BYTES_MAX + 1 });
}

#[test]
fn a_tolerant_reader_keeps_the_broken_line_and_reads_on() {
    let text = format!("{HEAD}{MEDIUM}a=setup:sometimes\r\na=mid:0\r\na=ptime:x\r\n");
    let (sdp, problems) = Sdp::parse_tolerant(&text);
    assert_eq!(problems.iter().map(|problem| problem.place.line).collect::<Vec<_>>(), [7, 9]);
    assert_eq!(sdp.medium(0).and_then(|medium| medium.mid()), Some("0"));
    assert_eq!(sdp.lines()[6].content, Content::Malformed);
    assert_eq!(sdp.to_string(), text);
}
