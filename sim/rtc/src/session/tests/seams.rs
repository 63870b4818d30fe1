//! The seams between the layers, one by one.

use super::line::{Line, address};
use crate::jsep::TransportId;
use crate::reason::Reason;
use crate::session::transport::WAITING_MAX;
use crate::session::{Kind, Layer, Output, kind_of};

#[test]
fn the_first_byte_tells_what_shares_a_port() {
    let kinds = [(0, Kind::Stun), (3, Kind::Stun), (4, Kind::Unknown), (16, Kind::Zrtp), (19, Kind::Zrtp)];
    let more = [(20, Kind::Dtls), (63, Kind::Dtls), (64, Kind::TurnChannel), (79, Kind::TurnChannel)];
    let last = [
        (80, Kind::Unknown),
        (127, Kind::Unknown),
        (128, Kind::Srtp),
        (191, Kind::Srtp),
        (192, Kind::Unknown),
    ];
    for (byte, kind) in kinds.into_iter().chain(more).chain(last) {
        assert_eq!(kind_of(&[byte, 1, 2]), kind, "{byte}");
    }
    assert_eq!(kind_of(&[]), Kind::Unknown);
}

#[test]
fn dtls_that_comes_before_the_answer_waits_for_it() {
    let mut line = Line::new(1);
    line.create(0, "first");
    line.signaling_ms = 10_000;
    line.run(100);
    // What the peer will send first, as if it came over a path that the peer knows already.
    for _ in 0..=WAITING_MAX {
        line.ends[0].session.keep_for_dtls(TransportId(0), vec![22, 254, 253]);
    }
    line.run(1);
    assert!(line.ends[0].has_reason(Reason::SessionEarlyDtls));
    assert!(line.ends[0].has_reason(Reason::SessionTooEarly));
    assert_eq!(line.ends[0].session.transports[&TransportId(0)].early.len(), WAITING_MAX);
    line.run(60_000);
    line.both_open("first");
    assert!(line.ends[0].session.transports[&TransportId(0)].early.is_empty());
}

#[test]
fn what_is_not_for_anybody_is_dropped_with_its_reason() {
    let mut line = Line::call(2, 0);
    let now = line.now;
    line.ends[0].session.handle_datagram("192.0.2.1:9".parse().unwrap(), address(1, 0), b"?", now);
    line.ends[0].session.handle_datagram(address(0, 0), address(1, 0), &[200, 1, 2], now);
    line.ends[0].session.handle_datagram(address(0, 0), address(1, 0), &[22, 1, 2], now);
    line.run(100);
    assert!(line.ends[0].has_reason(Reason::SessionNoTransport));
    assert!(line.ends[0].has_reason(Reason::SessionUnknownDatagram));
    line.send(1, "first", "nothing is broken");
    line.run(500);
    assert_eq!(line.ends[0].messages().len(), 1);
}

#[test]
fn what_cannot_be_sent_is_dropped_with_its_reason() {
    let mut line = Line::call(3, 0);
    line.loss = 100;
    line.run(40_000);
    line.send(0, "first", "into the void");
    line.run(1000);
    assert!(line.ends[0].has_reason(Reason::SessionNoPath));
}

#[test]
fn media_and_secrets_are_told() {
    let line = Line::call(4, 0);
    for end in &line.ends {
        assert!(end.outputs.iter().any(|(_, output)| matches!(output, Output::Secret { .. })));
        assert!(end.outputs.iter().any(|(_, output)| matches!(output, Output::SrtpKeys { .. })));
        assert!(!end.has_reason(Reason::SessionMedia));
        assert_eq!(end.sent(Layer::Media), 0);
    }
}
