//! Chromium 156, as it wrote the recordings in `tests/sdp/chromium-156-*.sdp`; what is not from there says where it is from.

use super::{Codec, MsidSemanticHabit, NominationHabit, Profile, uri};

fn h264(profile: &str, mode: u8, payload_type: u8, retransmission: u8) -> Codec {
    let parameters =
        format!("level-asymmetry-allowed=1;packetization-mode={mode};profile-level-id={profile}");
    video("H264", payload_type, retransmission).with(&parameters)
}

fn video(name: &str, payload_type: u8, retransmission: u8) -> Codec {
    let feedback = ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"];
    Codec::new(name, 90_000).at(payload_type).feedback(&feedback).rtx(retransmission)
}

/// The codecs for sound, which Safari shares.
pub(super) fn audio() -> Vec<Codec> {
    vec![
        Codec::new("opus", 48_000)
            .channels(2)
            .at(111)
            .with("minptime=10;useinbandfec=1")
            .feedback(&["transport-cc"]),
        Codec::new("red", 48_000).channels(2).at(63).with("111/111"),
        Codec::new("G722", 8000).at(9),
        Codec::new("PCMU", 8000).at(0),
        Codec::new("PCMA", 8000).at(8),
        Codec::new("CN", 8000).at(13),
        Codec::new("telephone-event", 48_000).at(110),
        Codec::new("telephone-event", 8000).at(126),
    ]
}

fn pictures() -> Vec<Codec> {
    let mut codecs = vec![
        video("VP8", 96, 97),
        h264("42001f", 1, 102, 103),
        h264("42001f", 0, 104, 107),
        h264("42e01f", 1, 108, 109),
        h264("42e01f", 0, 114, 115),
        h264("4d001f", 1, 116, 117),
        h264("4d001f", 0, 39, 40),
        video("AV1", 45, 46).with("level-idx=5;profile=0;tier=0"),
        video("VP9", 98, 99).with("profile-id=0"),
        video("VP9", 100, 101).with("profile-id=2"),
    ];
    codecs.push(Codec::new("red", 90_000).at(118).rtx(119));
    codecs.push(Codec::new("ulpfec", 90_000).at(120));
    codecs
}

pub(super) fn profile() -> Profile {
    Profile {
        name: "Chromium",
        audio: audio(),
        video: pictures(),
        audio_extensions: vec![
            (1, uri::AUDIO_LEVEL),
            (2, uri::SEND_TIME),
            (3, uri::TRANSPORT_CC),
            (4, uri::MID),
        ],
        video_extensions: vec![
            (14, uri::TIME_OFFSET),
            (2, uri::SEND_TIME),
            (13, uri::ORIENTATION),
            (3, uri::TRANSPORT_CC),
            (5, uri::PLAYOUT_DELAY),
            (6, uri::CONTENT_TYPE),
            (7, uri::TIMING),
            (8, uri::COLOR_SPACE),
            (4, uri::MID),
            (10, uri::RID),
            (11, uri::REPAIRED_RID),
        ],
        origin_username: "-",
        origin_address: "127.0.0.1",
        // The recordings begin with 2.
        first_version: 2,
        bundle: true,
        // In the recordings, every medium of the bundle has the credentials, fingerprint and role of the transport, and none is
        // bundle-only.
        marks_bundle_only: false,
        repeats_transport: true,
        rtcp_mux: true,
        rtcp_mux_only: false,
        trickle: true,
        // `a=ice-options:trickle`, without ice2.
        ice2: false,
        tls_id: false,
        rtcp_line: true,
        session_level: false,
        extmap_allow_mixed: true,
        msid_semantic: MsidSemanticHabit::Streams,
        msid_track: true,
        ssrc_lines: true,
        answers_with_all_codecs: false,
        maxptime_ms: None,
        max_message_size: 262_144,
        // draft-ietf-mmusic-mdns-ice-candidates; pages with camera permission get addresses. The recordings were made with that off.
        mdns: true,
        // `tcptype active` candidates in the recordings.
        ice_tcp: true,
        // USE-CANDIDATE goes out with each check of the best pair so far: `captures/`, p2p recordings.
        nomination: NominationHabit::Continual,
    }
}
