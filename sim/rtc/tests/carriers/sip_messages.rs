//! Texts of SIP: what is read, what is refused and where, and the passwords of RFC 7616.

use rtclab_rtc::sip::{Account, Authorization, Challenge, Framer, Message, NameAddr, Uri, Via};

const INVITE: &str = "INVITE sip:bob@example.test SIP/2.0\r\n\
    v: SIP/2.0/UDP 203.0.113.11:5060;rport;branch=z9hG4bK776asdhds , SIP/2.0/TCP [2001:db8::1];branch=z9hG4bKa\r\n\
    Max-Forwards: 70\r\n\
    t: \"Bob \\\"the builder\\\", Inc.\" <sip:bob@example.test;transport=tcp>\r\n\
    f: sip:alice@example.test;tag=1928301774\r\n\
    i: a84b4c76e66710@pc33.example.test\r\n\
    CSeq: 314159\r\n INVITE\r\n\
    m: <sip:alice@203.0.113.11>\r\n\
    c: application/sdp\r\n\
    l: 5\r\n\r\nv=0\r\n";

fn parse(text: &str) -> Message {
    Message::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

/// Where it is found that a text is wrong, as what stands there, and the rule.
fn refused(text: &str) -> (&str, &'static str) {
    let error = Message::parse(text.as_bytes()).expect_err("it is refused");
    (text.get(error.at..).unwrap_or_default(), error.rule)
}

#[test]
fn short_names_folded_lines_lists_and_quotation_marks_are_understood() {
    let message = parse(INVITE);
    let headers = message.headers();
    assert_eq!(headers.cseq().expect("a CSeq").0, 314_159);
    assert_eq!(headers.to().expect("a To").display.as_deref(), Some("Bob \"the builder\", Inc."));
    assert_eq!(headers.to().expect("a To").uri.params.get("transport"), Some("tcp"));
    assert_eq!(headers.from().expect("a From").tag(), Some("1928301774"));
    let vias = headers.vias().expect("two steps");
    assert_eq!((vias.len(), vias[1].host.as_str()), (2, "[2001:db8::1]"));
    let Message::Request(request) = &message else { panic!("a request") };
    assert_eq!(request.text_of("application/sdp"), Some("v=0\r\n"));
    assert_eq!(parse(&String::from_utf8(message.to_bytes()).expect("text")), message);
}

#[test]
fn a_mistake_is_told_with_its_place_and_its_rule() {
    let at = |from: &str, to: &str| INVITE.replace(from, to);
    let text = at("SIP/2.0\r\n    v", "SIP/2.0\r\nv").replace("sip:bob@example.test SIP", "tel:bob SIP");
    assert_eq!(refused(&text).1, "RFC 3261 §19.1.1");
    assert!(refused(&text).0.starts_with(":bob SIP/2.0"), "{}", refused(&text).0);
    let text = at("z9hG4bK776asdhds", "776asdhds");
    assert_eq!(refused(&text).1, "RFC 3261 §8.1.1.7");
    let text = at("sip:alice@example.test;tag", "sip:alice@:99;tag");
    assert!(refused(&text).0.starts_with(":99;tag"), "{}", refused(&text).0);
    assert_eq!(refused(&at("314159\r\n INVITE", "314159 OPTIONS")).1, "RFC 3261 §8.1.1.5");
    assert_eq!(refused(&at("314159", "4294967296")).1, "RFC 3261 §25.1");
    assert_eq!(refused(&at("l: 5", "l: 6")).1, "RFC 3261 §18.3");
    assert_eq!(refused(&at("l: 5\r\n", "l: 5\r\nl: 5\r\n")).1, "RFC 3261 §7.3.1");
    assert_eq!(refused(&at("Max-Forwards: 70\r\n", "Max-Forwards: 70\n")).1, "RFC 3261 §7");
    assert_eq!(refused(&at(" SIP/2.0\r\n", " SIP/3.0\r\n")).1, "RFC 3261 §7.1");
    assert_eq!(refused("SIP/2.0 99 Low\r\n\r\n").1, "RFC 3261 §7.2");
    assert_eq!(
        refused(&at("m: <sip:alice@203.0.113.11>", "m: <sip:alice@203.0.113.11")).1,
        "RFC 3261 §20.10"
    );
}

#[test]
fn a_stream_is_cut_into_messages_by_their_lengths_and_blank_lines_between_them_mean_nothing() {
    let stream = format!("{INVITE}\r\n\r\n{INVITE}");
    for piece in [1, 10, 5000] {
        let mut framer = Framer::new();
        let mut count = 0;
        for bytes in stream.as_bytes().chunks(piece) {
            framer.push(bytes);
            while framer.next_message().expect("well-formed").is_some() {
                count += 1;
            }
        }
        assert_eq!(count, 2);
    }
    let mut framer = Framer::new();
    framer.push(INVITE.replace("l: 5\r\n", "").as_bytes());
    assert_eq!(framer.next_message().expect_err("it does not say its length").rule, "RFC 3261 §18.3");
}

#[test]
fn values_print_as_they_are_read() {
    for text in ["sip:alice@example.test", "sips:a:b@[2001:db8::1]:5061;lr;transport=tcp?subject=x", "sip:h"]
    {
        assert_eq!(Uri::parse(text).expect("a URI").to_string(), text);
    }
    for text in ["<sip:a@b>;tag=x", "\"A \\\\ B\" <sip:a@b;lr>;expires=60"] {
        assert_eq!(NameAddr::parse(text).expect("an address").to_string(), text);
    }
    let via = "SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks;received=203.0.113.1";
    assert_eq!(Via::parse(via).expect("a Via").to_string(), via);
    for text in [
        "sip:",
        "sip:a@",
        "sip:@b",
        "sip:a@b:0",
        "sip:a@b:70000",
        "sip:a@[::g]",
        "sip:a@b;x=1;x=2",
        "mailto:a@b",
    ] {
        assert!(Uri::parse(text).is_err(), "{text}");
    }
}

#[test]
fn answers_to_a_challenge_are_those_of_rfc_7616() {
    let account = Account { username: "Mufasa".into(), password: "Circle of Life".into() };
    let answer = |algorithm: &str| {
        let challenge = format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\""
        );
        let challenge = Challenge::parse(&challenge).expect("a challenge");
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        challenge.answer(&account, "GET", "/dir/index.html", cnonce)
    };
    assert_eq!(answer("MD5").response, "8ca523f5e9506fed4657c9700eebdbec");
    let sha = answer("SHA-256");
    assert_eq!(sha.response, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
    let read = Authorization::parse(&sha.to_string()).expect("an answer");
    assert_eq!(read, sha);
    assert!(read.is_of("Circle of Life", "GET"));
    assert!(!read.is_of("circle of life", "GET") && !read.is_of("Circle of Life", "PUT"));
    assert!(
        Challenge::parse("Digest realm=\"a\", nonce=\"b\", qop=\"auth\", algorithm=SHA-512-256").is_err()
    );
    assert!(Challenge::parse("Basic realm=\"a\"").is_err());
}
