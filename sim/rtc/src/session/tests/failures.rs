//! How calls fail and end, and what is said about it.

use super::line::{Line, config};
use crate::jsep::{
    self, ConnectionState, DtlsTransportState, IceTransportState, MediaKind, Profile, SignalingState,
    TransportId,
};
use crate::reason::Reason;

/// Other digits in the first fingerprint of a description.
fn forge(message: &mut jsep::Message) {
    let jsep::Message::Description(description) = message else { return };
    let at = description.sdp.find("sha-256 ").expect("a fingerprint") + "sha-256 ".len();
    let digit = if description.sdp.as_bytes()[at] == b'0' { "1" } else { "0" };
    description.sdp.replace_range(at..=at, digit);
}

#[test]
fn a_wrong_fingerprint_fails_the_call_with_its_reason() {
    let mut line = Line::new(1);
    line.tamper = Some(forge);
    line.create(0, "first");
    line.run(10_000);
    assert!(line.ends.iter().any(|end| end.has_reason(Reason::DtlsWrongFingerprint)));
    for end in &line.ends {
        assert_eq!(end.session.connection().connection_state(), ConnectionState::Failed);
        assert!(end.channel("first").is_none());
        // ICE knows nothing of certificates.
        assert_eq!(end.session.connection().ice_connection_state(), IceTransportState::Completed);
    }
}

#[test]
fn closing_tells_the_peer_and_ends_its_channels() {
    let mut line = Line::call(2, 0);
    let now = line.now;
    line.ends[0].session.close(now);
    line.run(1000);
    let closed = line.ends[0].session.connection();
    assert_eq!(closed.signaling_state(), SignalingState::Closed);
    assert_eq!(closed.connection_state(), ConnectionState::Closed);
    assert_eq!(line.ends[0].session.transports().count(), 0);
    assert_eq!(line.ends[0].session.poll_timeout(), None, "nothing is left to do");
    assert!(line.ends[1].has_reason(Reason::DataAssociationOver));
    let dtls = line.ends[1].session.dtls(TransportId(0)).expect("it was there");
    assert_eq!(dtls.phase, DtlsTransportState::Closed);
    // Nobody answers any more.
    line.run(60_000);
    assert_eq!(line.ends[1].session.connection().connection_state(), ConnectionState::Failed);
    assert!(line.ends[1].has_reason(Reason::ConsentExpired));
}

#[test]
fn a_line_that_goes_dead_disconnects_and_then_fails() {
    let mut line = Line::call(3, 0);
    line.loss = 100;
    line.run(15_000);
    for end in &line.ends {
        assert_eq!(end.session.connection().connection_state(), ConnectionState::Disconnected);
    }
    line.run(30_000);
    for end in &line.ends {
        assert_eq!(end.session.connection().connection_state(), ConnectionState::Failed);
    }
}

#[test]
fn a_call_that_failed_comes_back_with_a_restart() {
    let mut line = Line::call(4, 0);
    line.loss = 100;
    line.run(40_000);
    line.loss = 0;
    let now = line.now;
    line.ends[0].session.restart_ice(now).expect("open");
    line.run(5000);
    for end in &line.ends {
        assert_eq!(end.session.connection().connection_state(), ConnectionState::Connected);
    }
    line.send(0, "first", "hello again");
    line.run(5000);
    assert_eq!(line.ends[1].messages().len(), 1);
}

#[test]
fn a_transport_without_sockets_says_so() {
    let mut configs = [0, 1].map(|end| config(end, 5, Profile::rfc9429()));
    configs[0].sockets.truncate(1);
    let mut line = Line::with(5, configs);
    let now = line.now;
    line.ends[0].session.with(now, |connection| connection.add_track(MediaKind::Audio, "a", &["s"])).unwrap();
    line.ends[0].session.with(now, |connection| connection.add_track(MediaKind::Video, "v", &["s"])).unwrap();
    line.run(5000);
    assert!(line.ends[0].has_reason(Reason::SessionNoSockets));
    let connection = line.ends[0].session.connection();
    assert_eq!(connection.ice_connection_state(), IceTransportState::Completed, "the bundle needs one set");
}
