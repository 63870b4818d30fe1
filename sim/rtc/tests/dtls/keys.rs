//! Keys for SRTP and lines of the key log: both ends have the same.

use rtclab_rtc::Reason;
use rtclab_rtc::dtls::{KeyLog, KeyLogLine, Passing, Versions, wire::ContentType};

use crate::pair::{Fate, Pair};

#[test]
fn both_ends_export_the_same_keys_for_srtp() {
    for versions in [Versions::Only13, Versions::Only12, Versions::Auto] {
        let mut pair = Pair::new(41, versions);
        pair.run();
        let [client, server] = [0, 1].map(|end| pair.told[end].srtp.clone().expect("keys"));
        assert!(client == server, "{versions:?}");
        assert!(client.client_key != client.server_key && client.client_salt != client.server_salt);
    }
}

#[test]
fn both_ends_log_the_same_secrets_under_the_same_random() {
    let expected = |versions| match versions {
        Versions::Only12 => vec!["CLIENT_RANDOM"],
        _ => vec![
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            "CLIENT_TRAFFIC_SECRET_0",
            "EXPORTER_SECRET",
            "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            "SERVER_TRAFFIC_SECRET_0",
        ],
    };
    for versions in [Versions::Only13, Versions::Only12, Versions::Auto] {
        let mut pair = Pair::tuned(42, [versions; 2], |_, config| config.cookie = true);
        pair.run();
        let mut secrets = [0, 1].map(|end| pair.told[end].secrets.clone());
        secrets.iter_mut().for_each(|lines| lines.sort());
        assert!(secrets[0] == secrets[1], "{versions:?}");
        let labels: Vec<_> = secrets[0].iter().map(|line| line.label).collect();
        assert_eq!(labels, expected(versions), "{versions:?}");
        let random = &pair.told[0].sent[0].1[13 + 12 + 2..][..32];
        assert!(secrets[0].iter().all(|line| line.client_random == random));
        let text = secrets[0][0].to_string();
        let words: Vec<usize> = text.split(' ').map(str::len).collect();
        assert!(words[1] == 64 && [64, 96].contains(&words[2]), "{text}");
    }
}

#[test]
fn with_the_key_log_a_session_is_read_from_outside() {
    for versions in [Versions::Only13, Versions::Only12, Versions::Auto] {
        let mut pair = Pair::new(43, versions);
        pair.run();
        for end in 0..2 {
            pair.ends[end].send(format!("from {end}").as_bytes(), pair.now).expect("connected");
        }
        pair.drain();
        let mut log = KeyLog::default();
        let text: Vec<String> = pair.told[0].secrets.iter().map(KeyLogLine::to_string).collect();
        log.add_text(&format!("# a comment\n{}\nUNKNOWN 00 00\n", text.join("\n")));
        let mut sent: Vec<_> =
            (0..2).flat_map(|end| pair.told[end].sent.iter().map(move |sent| (end, sent))).collect();
        sent.sort_by_key(|(_, (at, ..))| *at);
        let (mut passing, mut names, mut data) = (Passing::default(), Vec::new(), Vec::new());
        for (end, (_, payload, _)) in sent {
            for opened in passing.read(payload, &log) {
                assert!(opened.from_client.is_none_or(|client| client == (end == 0)));
                if opened.content == ContentType::ApplicationData {
                    data.push(String::from_utf8(opened.text.clone()).expect("text"));
                }
                names.extend(opened.names());
            }
        }
        assert_eq!(data, ["from 0", "from 1"], "{versions:?}");
        let count = |name| names.iter().filter(|found| **found == name).count();
        assert_eq!(
            (count("Certificate"), count("CertificateVerify") > 0, count("Finished")),
            (2, true, 2),
            "{names:?}"
        );
        assert!(passing.read(&[23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 1, 7], &log).is_empty());
    }
}

#[test]
fn a_state_says_what_the_newest_flight_is() {
    let mut pair = Pair::new(44, Versions::Only13);
    assert_eq!(pair.ends[0].state().flight.to_string(), "sent ClientHello");
    pair.step();
    let flight =
        "sent ServerHello, EncryptedExtensions, CertificateRequest, Certificate, CertificateVerify, Finished";
    assert_eq!(pair.ends[1].state().flight.to_string(), flight);
    pair.step();
    assert_eq!(pair.ends[0].state().flight.to_string(), "sent Certificate, CertificateVerify, Finished");
}

#[test]
fn what_is_only_acknowledged_is_not_told_as_sent_again() {
    // The second datagram of the server's flight is lost, so the client acknowledges the first one.
    let mut pair = Pair::tuned(45, [Versions::Only13; 2], |_, config| config.mtu = 400)
        .with_fate(|number| if number == 2 { Fate::Lost } else { Fate::Arrives });
    for _ in 0..12 {
        pair.step();
    }
    assert!(
        pair.told[0].sent.iter().any(|(_, _, reason)| *reason == Reason::DtlsAck),
        "{:?}",
        pair.told[0].reasons()
    );
    let again = pair.told[0].sent.iter().filter(|(_, _, reason)| *reason == Reason::DtlsRetransmit).count();
    assert_eq!(pair.ends[0].state().retransmissions as usize, again);
}
