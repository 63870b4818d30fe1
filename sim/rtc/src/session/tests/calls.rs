//! Calls from the first description to the last message.

use std::time::Duration;

use super::line::{Line, config};
use crate::data::Message;
use crate::dtls::Versions;
use crate::jsep::{
    ConnectionState, DtlsTransportState, IceTransportState, MediaKind, Profile, SctpTransportState,
    SignalingState, TransportId,
};
use crate::session::{Layer, Output, StatsValue};

#[test]
fn a_channel_opens_whoever_offers_it() {
    for offerer in [0, 1] {
        let line = Line::call(1, offerer);
        assert!(line.is_peaceful());
        let stream = line.ends.each_ref().map(|end| end.channel("first").and_then(|channel| channel.stream));
        // The answerer is the DTLS client, so the offerer has the odd streams.
        assert_eq!(stream, [Some(1); 2]);
    }
}

#[test]
fn all_state_attributes_are_told_and_right() {
    let line = Line::call(2, 0);
    for end in &line.ends {
        let connection = end.session.connection();
        assert_eq!(connection.signaling_state(), SignalingState::Stable);
        assert_eq!(connection.ice_connection_state(), IceTransportState::Completed);
        assert_eq!(connection.connection_state(), ConnectionState::Connected);
        assert_eq!(connection.sctp_state(), Some(SctpTransportState::Connected));
        let dtls = end.session.dtls(TransportId(0)).expect("begun");
        assert_eq!(dtls.phase, DtlsTransportState::Connected);
    }
    assert_eq!(
        line.ends[0].states(),
        [
            "signaling have-local-offer",
            "gathering gathering",
            "gathering complete",
            "signaling stable",
            "ice checking",
            "connection connecting",
            // The peer has told the end of its candidates, so nothing is left to check.
            "ice completed",
            "connection connected",
        ]
    );
}

#[test]
fn messages_of_all_sizes_arrive_both_ways_on_a_bad_line() {
    for (seed, version) in [(3, Versions::Only13), (4, Versions::Only12), (5, Versions::Auto)] {
        let mut configs = [0, 1].map(|end| config(end, seed, Profile::rfc9429()));
        for config in &mut configs {
            config.versions = version;
            config.connection.max_message_size = 262_144;
        }
        let mut line = Line::with(seed, configs);
        line.loss = 5;
        line.create(0, "first");
        line.run(30_000);
        for size in [1, 1000, 200_000] {
            line.send(0, "first", vec![1; size]);
            line.send(1, "first", vec![2; size]);
        }
        line.run(120_000);
        for (end, byte) in [(0, 2), (1, 1)] {
            let seen: Vec<Message> =
                line.ends[end].messages().into_iter().map(|(_, message)| message).collect();
            assert_eq!(seen, [1, 1000, 200_000].map(|size| Message::from(vec![byte; size])));
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_datagrams() {
    let datagrams = |seed: u64| {
        let mut line = Line::call(seed, 0);
        line.send(0, "first", vec![7; 5000]);
        line.run(1000);
        let sent = line.ends[0].outputs.iter().filter_map(|(at, output)| match output {
            Output::Transmit { transmit, .. } => Some((*at, transmit.payload.clone())),
            _ => None,
        });
        sent.collect::<Vec<_>>()
    };
    assert_eq!(datagrams(6), datagrams(6));
    assert_ne!(datagrams(6), datagrams(7));
}

#[test]
fn each_datagram_says_which_layer_wanted_it() {
    let line = Line::call(8, 0);
    for layer in [Layer::Ice, Layer::Dtls, Layer::Sctp] {
        assert!(line.ends.iter().all(|end| end.sent(layer) > 1), "{layer:?}");
    }
    let unexplained = line.ends[0].outputs.iter().filter(|(_, output)| {
        matches!(output, Output::Transmit { layer: Layer::Dtls | Layer::Sctp, transmit, .. } if transmit.reason.is_none())
    });
    assert_eq!(unexplained.count(), 0);
}

#[test]
fn sound_and_data_share_a_transport_and_packets_of_media_come_out_as_they_are() {
    let mut line = Line::new(9);
    let now = line.now;
    line.ends[0].session.with(now, |connection| connection.add_track(MediaKind::Audio, "a", &["s"])).unwrap();
    line.create(0, "first");
    line.run(5000);
    line.both_open("first");
    let packet = [0x80, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 1, 2, 3];
    let (now, transport) = (line.now, line.ends[0].session.transports().next().expect("one"));
    assert_eq!(line.ends[0].session.transports().count(), 1);
    line.ends[0].session.send_media(transport, &packet, now).expect("a path");
    line.run(100);
    let media = line.ends[1].outputs.iter().find_map(|(_, output)| match output {
        Output::Media { payload, .. } => Some(payload.clone()),
        _ => None,
    });
    assert_eq!(media.as_deref(), Some(&packet[..]));
    assert_eq!(line.ends[0].sent(Layer::Media), 1);
}

#[test]
fn all_profiles_call_each_other() {
    let profiles = [Profile::rfc9429(), Profile::chromium(), Profile::firefox(), Profile::safari()];
    for (number, offerer) in profiles.iter().enumerate() {
        for answerer in &profiles {
            let seed = 10 + number as u64;
            let configs = [config(0, seed, offerer.clone()), config(1, seed, answerer.clone())];
            let mut line = Line::with(seed, configs);
            line.create(0, "first");
            line.run(4000);
            assert!(line.is_peaceful(), "{} calls {}: {:?}", offerer.name, answerer.name, line.ends[1].heard);
            line.both_open("first");
        }
    }
}

#[test]
fn the_report_has_the_names_of_the_specification() {
    let mut line = Line::call(11, 0);
    line.send(0, "first", "hello");
    line.run(1000);
    let report = line.ends[1].session.get_stats();
    let of = |kind: &str| report.iter().find(|stats| stats.kind == kind).expect("there is one");
    let transport = of("transport");
    assert_eq!(transport.word("iceRole"), Some("controlled"));
    assert_eq!(transport.word("iceState"), Some("completed"));
    assert_eq!(transport.word("dtlsState"), Some("connected"));
    assert_eq!(transport.word("dtlsRole"), Some("client"));
    assert_eq!(transport.word("tlsVersion"), Some("FEFC"));
    let pair =
        report.iter().find(|stats| Some(stats.id.as_str()) == transport.word("selectedCandidatePairId"));
    let pair = pair.expect("the selected one");
    assert_eq!((pair.kind, pair.word("state")), ("candidate-pair", Some("succeeded")));
    let local = report.iter().find(|stats| Some(stats.id.as_str()) == pair.word("localCandidateId"));
    assert_eq!(local.and_then(|local| local.word("address")), Some("10.0.0.2"));
    assert_eq!(of("remote-candidate").word("candidateType"), Some("host"));
    let remote = report.iter().find(|stats| Some(stats.id.as_str()) == transport.word("remoteCertificateId"));
    assert_eq!(remote.and_then(|remote| remote.word("fingerprintAlgorithm")), Some("sha-256"));
    let channel = of("data-channel");
    assert_eq!(channel.word("label"), Some("first"));
    assert_eq!(channel.get("bytesReceived").map(ToString::to_string).as_deref(), Some("5"));
    assert_eq!(
        of("peer-connection").get("dataChannelsOpened").map(ToString::to_string).as_deref(),
        Some("1")
    );
}

#[test]
fn the_report_tells_how_long_round_trips_take() {
    let mut line = Line::call(12, 0);
    line.run(60_000);
    for end in &line.ends {
        let report = end.session.get_stats();
        let selected = report.iter().find_map(|stats| stats.word("selectedCandidatePairId")).expect("a pair");
        let pair = report.iter().find(|stats| stats.id == selected).expect("the selected one");
        let number = |name: &str| match pair.get(name) {
            Some(StatsValue::Number(number)) => *number,
            other => panic!("{name}: {other:?}"),
        };
        // One way is 20 ms, and nothing is lost.
        let round_trip = Duration::from_millis(40);
        assert_eq!(pair.get("currentRoundTripTime"), Some(&StatsValue::Seconds(round_trip)));
        let total = round_trip * u32::try_from(number("responsesReceived")).expect("a few");
        assert_eq!(pair.get("totalRoundTripTime"), Some(&StatsValue::Seconds(total)));
        // RFC 7675 §5.1: every 5 s, give or take a fifth.
        assert!((9..=16).contains(&number("consentRequestsSent")), "{}", number("consentRequestsSent"));
        let sent = number("requestsSent") + number("consentRequestsSent");
        assert!(sent >= number("responsesReceived") && number("responsesReceived") + 1 >= sent);
        assert_eq!(number("requestsReceived"), number("responsesSent"));
        let sctp = report.iter().find(|stats| stats.kind == "sctp-transport").expect("an association");
        let Some(StatsValue::Seconds(smoothed)) = sctp.get("smoothedRoundTripTime") else {
            panic!("{sctp:?}");
        };
        // The peer may wait 200 ms before it acknowledges (RFC 9260 §6.2).
        assert!(*smoothed >= round_trip && *smoothed < Duration::from_millis(300), "{smoothed:?}");
    }
}
