//! WHIP from the client to the server and back, and what a server refuses.

use rtclab_rtc::http::{Request, ResponseReader};
use rtclab_rtc::whip::{ClientEvent, FRAGMENT, SDP, ServerEvent, WhipClient, WhipServer};

use super::websocket_oracle::Counter;

fn pair() -> (WhipClient, WhipServer) {
    let server = WhipServer::new("/whip", Some("t0ken"), Box::new(Counter(5)));
    (WhipClient::new("media.example", "/whip", Some("t0ken")), server)
}

/// Everything that is to be said goes to the other side, until nobody has anything to say.
fn talk(client: &mut WhipClient, server: &mut WhipServer) -> Vec<ServerEvent> {
    let mut events = Vec::new();
    loop {
        let mut quiet = true;
        while let Some(bytes) = client.poll_transmit() {
            server.handle_bytes(1, &bytes);
            quiet = false;
        }
        while let Some((_, bytes)) = server.poll_transmit() {
            client.handle_bytes(&bytes).expect("HTTP");
            quiet = false;
        }
        events.extend(std::iter::from_fn(|| server.poll_event()));
        if quiet {
            return events;
        }
    }
}

#[test]
fn a_session_is_offered_answered_trickled_and_deleted() {
    let (mut client, mut server) = pair();
    client.offer("offer\r\n", Some("4")).expect("fit");
    client.trickle("a=candidate:1\r\n", None).expect("fit");
    let events = talk(&mut client, &mut server);
    let [ServerEvent::Offered { session, sdp, note }] = &events[..] else { panic!("{events:?}") };
    assert_eq!((sdp.as_str(), note.as_deref()), ("offer\r\n", Some("4")));
    server.answer(session, "answer\r\n", Some("5"));
    let events = talk(&mut client, &mut server);
    assert!(
        matches!(&events[..], [ServerEvent::Trickled { fragment, .. }] if fragment == "a=candidate:1\r\n")
    );
    assert_eq!(client.session(), Some(format!("/whip/{session}").as_str()));
    client.delete().expect("fit");
    assert_eq!(talk(&mut client, &mut server), [ServerEvent::Deleted { session: session.clone() }]);
    let told: Vec<ClientEvent> = std::iter::from_fn(|| client.poll_event()).collect();
    let answered = ClientEvent::Answered { sdp: "answer\r\n".into(), note: Some("5".into()) };
    assert_eq!(told, [answered, ClientEvent::Trickled, ClientEvent::Deleted]);
}

#[test]
fn what_is_not_whip_is_refused_with_the_status_that_says_why() {
    let (mut client, mut server) = pair();
    client.offer("offer\r\n", None).expect("fit");
    let Some(ServerEvent::Offered { session, .. }) = talk(&mut client, &mut server).pop() else { panic!() };
    server.answer(&session, "answer\r\n", None);
    talk(&mut client, &mut server);
    let mut ask = |method: &str, target: &str, fields: &[(&str, &str)], media: &str| {
        let mut request = Request::new(method, target, "media.example").expect("fit");
        for (name, value) in fields {
            request.headers.add(*name, *value).expect("fit");
        }
        let request = request.with_body(media, "x").expect("fit");
        server.handle_bytes(2, &request.to_bytes());
        let mut responses = ResponseReader::new();
        responses.expect(method);
        let (_, bytes) = server.poll_transmit().expect("an answer");
        responses.push(&bytes);
        responses.next_response().expect("HTTP").expect("whole").status
    };
    let may = ("Authorization", "Bearer t0ken");
    let at = format!("/whip/{session}");
    assert_eq!(ask("POST", "/whip", &[], SDP), 401);
    assert_eq!(ask("OPTIONS", "/whip", &[], SDP), 200);
    assert_eq!(ask("POST", "/whip", &[may], "text/plain"), 415);
    assert_eq!(ask("GET", "/whip", &[may], SDP), 405);
    assert_eq!(ask("PATCH", "/whip/other", &[may], FRAGMENT), 404);
    assert_eq!(ask("PATCH", &at, &[may], FRAGMENT), 428);
    assert_eq!(ask("PATCH", &at, &[may, ("If-Match", "\"x\"")], FRAGMENT), 412);
    assert_eq!(ask("PATCH", &at, &[may, ("If-Match", "*")], FRAGMENT), 422);
    assert_eq!(ask("PATCH", &at, &[may, ("If-Match", "*")], SDP), 415);
    assert_eq!(ask("PUT", &at, &[may], SDP), 405);
}

#[test]
fn bytes_that_are_not_http_end_the_stream() {
    let (_, mut server) = pair();
    server.handle_bytes(3, b"HELLO\r\n\r\n");
    let (_, bytes) = server.poll_transmit().expect("an answer");
    assert!(bytes.starts_with(b"HTTP/1.1 400 "));
    assert_eq!(server.poll_close(), Some(3));
}
