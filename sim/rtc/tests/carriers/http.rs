//! Messages of HTTP/1.1 out of streams, and what is refused.

use rtclab_rtc::http::{BODY_MAX, HttpError, Request, RequestReader, Response, ResponseReader};

fn read(bytes: &str) -> Result<Option<Request>, HttpError> {
    let mut reader = RequestReader::new();
    reader.push(bytes.as_bytes());
    reader.next_request()
}

fn status_of(bytes: &str) -> u16 {
    read(bytes).expect_err("this is refused").status()
}

#[test]
fn a_request_that_is_written_is_read_as_the_same_byte_by_byte() {
    let written = Request::new("POST", "/whip/live", "media.example:8080")
        .and_then(|request| request.with("Authorization", "Bearer x"))
        .and_then(|request| request.with_body("application/sdp", "v=0\r\n"))
        .expect("fit for a head");
    let mut reader = RequestReader::new();
    let mut found = Vec::new();
    for byte in [written.to_bytes(), written.to_bytes()].concat() {
        reader.push(&[byte]);
        found.extend(reader.next_request().expect("well-formed"));
    }
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].body, b"v=0\r\n");
    assert_eq!(found[1].headers.get("content-length"), Some("5"));
    assert_eq!(found[1].target, "/whip/live");
}

#[test]
fn chunks_are_put_together_and_their_trailers_read_over() {
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
                   3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\nExpires: never\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n";
    for piece in [1, 7, 1000] {
        let mut reader = RequestReader::new();
        let mut found = Vec::new();
        for bytes in chunked.as_bytes().chunks(piece) {
            reader.push(bytes);
            while let Some(request) = reader.next_request().expect("well-formed") {
                found.push(request);
            }
        }
        assert_eq!(found[0].body, b"abc0123456789");
        assert_eq!(found[1].headers.get("Host"), Some("b"));
    }
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    let with = |fields: &str| format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n");
    assert_eq!(status_of(&with("Content-Length: 1\r\nTransfer-Encoding: chunked")), 400);
    assert_eq!(status_of(&with("Content-Length: 1\r\nContent-Length: 2")), 400);
    assert_eq!(status_of(&with("Content-Length: +1")), 400);
    assert_eq!(status_of(&with("Transfer-Encoding: gzip, chunked")), 501);
    assert_eq!(status_of(&with("Name : value")), 400);
    assert_eq!(status_of(&with("A: b\r\n folded")), 400);
    assert_eq!(status_of(&with("Host: b")), 400);
    assert_eq!(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
    assert_eq!(status_of("GET / HTTP/1.0\r\nHost: a\r\n\r\n"), 505);
    assert_eq!(read("GET / HTTP/1.1\nHost: a\n\n"), Err(HttpError::BareLineFeed { at: 14 }));
}

#[test]
fn empty_lines_before_a_request_are_skipped_or_refused_however_the_stream_is_cut() {
    let cut = |text: &str, piece: usize| {
        let mut reader = RequestReader::new();
        let mut found = Ok(None);
        for bytes in text.as_bytes().chunks(piece) {
            reader.push(bytes);
            found = reader.next_request();
        }
        found.map(|request| request.is_some())
    };
    for lines in 0..5 {
        for end in ["\r\nHost: a\r\n\r\n", "\nHost: a\n\n"] {
            let text = format!("{}GET / HTTP/1.1{end}", "\r\n".repeat(lines));
            let at_once = cut(&text, text.len());
            assert_eq!(at_once == Ok(true), lines < 3 && end.starts_with('\r'), "{lines} {at_once:?}");
            for piece in 1..8 {
                assert_eq!(cut(&text, piece), at_once, "{lines} lines in pieces of {piece}");
            }
        }
    }
}

#[test]
fn limits_are_kept() {
    let long = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    assert_eq!(status_of(&long), 431);
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(80));
    assert_eq!(status_of(&many), 431);
    let big = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", BODY_MAX + 1);
    assert_eq!(status_of(&big), 413);
    let chunk = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n";
    assert_eq!(status_of(chunk), 413);
}

#[test]
fn the_method_of_the_request_decides_whether_a_response_has_a_body() {
    let mut reader = ResponseReader::new();
    reader.expect("CONNECT");
    reader.push(b"HTTP/1.1 200 Connection established\r\nContent-Length: 9\r\n\r\n\x16\x03\x01");
    let response = reader.next_response().expect("well-formed").expect("whole");
    assert!(response.is_success() && response.body.is_empty());
    assert_eq!(reader.take_rest(), [0x16, 3, 1]);
}

#[test]
fn an_interim_answer_comes_before_the_final_one_and_a_body_may_end_with_the_stream() {
    let mut reader = ResponseReader::new();
    reader.expect("HEAD");
    reader.expect("GET");
    reader.push(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhel");
    let statuses: Vec<u16> = std::iter::from_fn(|| reader.next_response().expect("well-formed"))
        .map(|found| found.status)
        .collect();
    assert_eq!(statuses, [103, 200]);
    reader.push(b"lo");
    assert_eq!(reader.next_response(), Ok(None));
    reader.end();
    assert_eq!(reader.next_response().expect("well-formed").expect("whole").body, b"hello");
}

#[test]
fn a_stream_that_ends_within_a_message_is_an_error() {
    let mut reader = RequestReader::new();
    reader.push(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
    assert_eq!(reader.next_request(), Ok(None));
    reader.end();
    assert_eq!(reader.next_request(), Err(HttpError::Ended));
    assert_eq!(reader.next_request(), Err(HttpError::Ended), "and stays one");
}

#[test]
fn a_value_cannot_smuggle_a_field_in() {
    assert!(Request::new("GET", "/", "a").expect("fit").with("X", "1\r\nY: 2").is_err());
    assert!(Request::new("GET", "/ HTTP/1.1\r\n", "a").is_err());
    assert!(Response::new(200).with("X Y", "1").is_err());
}
