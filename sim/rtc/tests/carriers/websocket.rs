//! The handshake, frames and end of a WebSocket, against what RFC 6455 shows and demands.

use rtclab_rtc::Randomness;
use rtclab_rtc::http::Request;
use rtclab_rtc::websocket::{
    ClientHandshake, CloseCode, Event, Frame, FrameError, HandshakeError, Limits, Opcode, Output, Role,
    State, WebSocket, accept_key, respond,
};

/// The bytes of RFC 6455's example mask, over and over.
#[derive(Debug)]
pub(crate) struct ExampleMask;

impl Randomness for ExampleMask {
    fn fill(&mut self, out: &mut [u8]) {
        for (byte, from) in out.iter_mut().zip([0x37, 0xfa, 0x21, 0x3d].into_iter().cycle()) {
            *byte = from;
        }
    }
}

fn opened(role: Role) -> WebSocket {
    WebSocket::opened(role, Limits::default(), Box::new(ExampleMask))
}

fn transmitted(socket: &mut WebSocket) -> Vec<u8> {
    let outputs = std::iter::from_fn(|| socket.poll_output());
    outputs
        .filter_map(|output| if let Output::Transmit(bytes) = output { Some(bytes) } else { None })
        .flatten()
        .collect()
}

fn events(socket: &mut WebSocket) -> Vec<Event> {
    let outputs = std::iter::from_fn(|| socket.poll_output());
    outputs.filter_map(|output| if let Output::Event(event) = output { Some(event) } else { None }).collect()
}

fn closed(code: CloseCode, words: &str, error: Option<FrameError>) -> Event {
    Event::Closed { code, words: words.to_owned(), error }
}

#[test]
fn the_answer_to_a_key_is_that_of_the_rfc() {
    assert_eq!(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

#[test]
fn frames_are_the_examples_of_the_rfc() {
    let mut server = opened(Role::Server);
    server.send_text("Hello").expect("open");
    assert_eq!(transmitted(&mut server), [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
    let mut client = opened(Role::Client);
    client.send_text("Hello").expect("open");
    assert_eq!(transmitted(&mut client), [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    let binary =
        |length| Frame { fin: true, opcode: Opcode::Binary, mask: None, payload: vec![0; length] }.to_bytes();
    assert_eq!(binary(256)[..4], [0x82, 0x7E, 0x01, 0x00]);
    assert_eq!(binary(65_536)[..10], [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0]);
}

#[test]
fn fragments_become_one_message_even_with_a_ping_between_them() {
    let mut client = opened(Role::Client);
    client.handle_bytes(&[0x01, 0x03, 0x48, 0x65, 0x6c, 0x89, 0x02, b'h', b'i', 0x80, 0x02, 0x6c, 0x6f]);
    let found: Vec<Output> = std::iter::from_fn(|| client.poll_output()).collect();
    let pong = Frame {
        fin: true,
        opcode: Opcode::Pong,
        mask: Some([0x37, 0xfa, 0x21, 0x3d]),
        payload: b"hi".to_vec(),
    };
    assert_eq!(
        found,
        [
            Output::Transmit(pong.to_bytes()),
            Output::Event(Event::Ping(b"hi".to_vec())),
            Output::Event(Event::Text("Hello".to_owned()))
        ]
    );
}

#[test]
fn a_character_may_be_cut_by_a_fragment_but_not_by_the_end() {
    let cut = |last: &[u8]| {
        let mut client = opened(Role::Client);
        client.handle_bytes(&[&[0x01, 0x02, 0xEA, 0xB0][..], last].concat());
        events(&mut client)
    };
    assert_eq!(cut(&[0x80, 0x01, 0x80]), [Event::Text("가".to_owned())]);
    let error = FrameError::NotText;
    let expected = closed(CloseCode::INVALID_DATA, "the text is not UTF-8", Some(error));
    assert_eq!(cut(&[0x80, 0x00]), std::slice::from_ref(&expected));
    assert_eq!(cut(&[0x00, 0x01, 0x41]), [expected], "and it is known as soon as it cannot become text");
}

#[test]
fn what_breaks_a_rule_of_framing_ends_the_connection_with_the_rule() {
    let broken = |bytes: &[u8]| {
        let mut client = opened(Role::Client);
        client.handle_bytes(bytes);
        match events(&mut client).pop() {
            Some(Event::Closed { code, error: Some(error), .. }) => (code, error),
            other => panic!("not closed: {other:?}"),
        }
    };
    let protocol = |error| (CloseCode::PROTOCOL_ERROR, error);
    assert_eq!(broken(&[0xC1, 0x00]), protocol(FrameError::ReservedBit));
    assert_eq!(broken(&[0x83, 0x00]), protocol(FrameError::ReservedOpcode(3)));
    assert_eq!(broken(&[0x09, 0x00]), protocol(FrameError::Control));
    assert_eq!(broken(&[0x89, 0x7E]), protocol(FrameError::Control));
    assert_eq!(broken(&[0x82, 0x7E, 0x00, 0x7D]), protocol(FrameError::Length));
    assert_eq!(broken(&[0x82, 0x7F, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]), protocol(FrameError::Length));
    assert_eq!(broken(&[0x80, 0x00]), protocol(FrameError::Fragments));
    assert_eq!(broken(&[0x01, 0x00, 0x01, 0x00]), protocol(FrameError::Fragments));
    assert_eq!(broken(&[0x81, 0x80, 1, 2, 3, 4]), protocol(FrameError::Masking));
    assert_eq!(broken(&[0x88, 0x01, 0x03]), protocol(FrameError::CloseCode));
    assert_eq!(broken(&[0x88, 0x02, 0x03, 0xED]), protocol(FrameError::CloseCode));
    let too_long = FrameError::TooLong(0x20_0000);
    assert_eq!(broken(&[0x82, 0x7F, 0, 0, 0, 0, 0, 0x20, 0, 0]), (CloseCode::TOO_BIG, too_long));
}

#[test]
fn fragments_that_add_up_to_too_much_are_refused() {
    let limits = Limits { message_max: 8, ..Limits::default() };
    let mut client = WebSocket::opened(Role::Client, limits, Box::new(ExampleMask));
    client.handle_bytes(&[0x02, 0x05, 1, 2, 3, 4, 5, 0x80, 0x04, 6, 7, 8, 9]);
    let expected = "the payload of 9 bytes is too long";
    assert_eq!(events(&mut client), [closed(CloseCode::TOO_BIG, expected, Some(FrameError::TooLong(9)))]);
}

#[test]
fn both_sides_close_with_one_close_each() {
    let (mut client, mut server) = (opened(Role::Client), opened(Role::Server));
    client.close(CloseCode::GOING_AWAY, "bye");
    assert_eq!(client.state(), State::Closing);
    assert!(client.send_text("late").is_err());
    server.handle_bytes(&transmitted(&mut client));
    let mut answer = Vec::new();
    let mut found = Vec::new();
    while let Some(output) = server.poll_output() {
        match output {
            Output::Transmit(bytes) => answer.extend(bytes),
            other => found.push(other),
        }
    }
    assert_eq!(found, [Output::Event(closed(CloseCode::GOING_AWAY, "bye", None)), Output::CloseStream]);
    client.handle_bytes(&answer);
    assert_eq!(events(&mut client), [closed(CloseCode::GOING_AWAY, "", None)]);
    assert_eq!((client.state(), server.state()), (State::Closed, State::Closed));
}

#[test]
fn a_stream_that_just_ends_is_told_as_abnormal() {
    let mut client = opened(Role::Client);
    client.handle_ended();
    assert_eq!(events(&mut client), [closed(CloseCode::ABNORMAL, "", None)]);
}

#[test]
fn a_handshake_chooses_the_first_subprotocol_that_both_speak() {
    let handshake =
        ClientHandshake::new("sig.example", "/signal", &["sip", "rtclab.signal"], &mut ExampleMask)
            .expect("fit");
    let mut client = WebSocket::client(handshake, Limits::default(), Box::new(ExampleMask));
    let mut server = WebSocket::server(&["rtclab.signal", "other"], Limits::default(), Box::new(ExampleMask));
    let request = transmitted(&mut client);
    for byte in request {
        server.handle_bytes(&[byte]);
    }
    server.send_text("first").expect("open");
    client.handle_bytes(&transmitted(&mut server));
    let subprotocol = Some("rtclab.signal".to_owned());
    assert_eq!(
        events(&mut client),
        [Event::Opened { subprotocol, request: None }, Event::Text("first".to_owned())]
    );
}

#[test]
fn a_client_takes_no_answer_that_was_not_made_for_its_key() {
    let handshake = ClientHandshake::new("a", "/", &[], &mut ExampleMask).expect("fit");
    let other =
        ClientHandshake::new("a", "/", &["x"], &mut super::websocket_oracle::Counter(7)).expect("fit");
    let answer = respond(other.request(), &["x"]).expect("well-formed").response;
    assert_eq!(handshake.judge(&answer), Err(HandshakeError::Field("Sec-WebSocket-Accept")));
    let mut answer = respond(handshake.request(), &[]).expect("well-formed").response;
    answer.headers.add("Sec-WebSocket-Protocol", "x").expect("fit");
    assert_eq!(handshake.judge(&answer), Err(HandshakeError::Subprotocol("x".to_owned())));
}

#[test]
fn a_server_says_what_it_does_not_understand() {
    let ask = |method: &str, fields: &[(&str, &str)]| {
        let mut request = Request::new(method, "/", "a").expect("fit");
        for (name, value) in fields {
            request.headers.add(*name, *value).expect("fit");
        }
        respond(&request, &[]).expect_err("refused").response
    };
    let upgrade = [("Upgrade", "websocket"), ("Connection", "keep-alive, Upgrade")];
    assert_eq!(ask("GET", &[]).status, 426);
    assert_eq!(ask("POST", &upgrade).status, 405);
    let version = ask("GET", &[upgrade[0], upgrade[1], ("Sec-WebSocket-Version", "8")]);
    assert_eq!((version.status, version.headers.get("Sec-WebSocket-Version")), (426, Some("13")));
    let short = ("Sec-WebSocket-Key", "AAAA");
    assert_eq!(ask("GET", &[upgrade[0], upgrade[1], ("Sec-WebSocket-Version", "13"), short]).status, 400);
}
