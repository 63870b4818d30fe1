//! Firefox: codecs and their numbers from `dom/media/webrtc/jsep/JsepCodecDescription.h`, lines from `JsepSessionImpl.cpp` and
//! `SdpHelper.cpp` in the same folder (mozilla-central).

use super::{Codec, MsidSemanticHabit, NominationHabit, Profile, uri};

fn video(name: &str, payload_type: u8, retransmission: u8) -> Codec {
    let feedback = ["nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"];
    Codec::new(name, 90_000).at(payload_type).feedback(&feedback).rtx(retransmission)
}

pub(super) fn profile() -> Profile {
    let h264 =
        |mode: u8| format!("profile-level-id=42e01f;level-asymmetry-allowed=1;packetization-mode={mode}");
    Profile {
        name: "Firefox",
        audio: vec![
            Codec::new("opus", 48_000)
                .channels(2)
                .at(109)
                .with("maxplaybackrate=48000;stereo=1;useinbandfec=1"),
            Codec::new("G722", 8000).at(9),
            Codec::new("PCMU", 8000).at(0),
            Codec::new("PCMA", 8000).at(8),
            Codec::new("telephone-event", 8000).at(101).with("0-15"),
        ],
        video: vec![
            video("VP8", 120, 124).with("max-fs=12288;max-fr=60"),
            video("VP9", 121, 125).with("max-fs=12288;max-fr=60"),
            // OpenH264 is baseline only.
            video("H264", 126, 127).with(&h264(1)),
            video("H264", 97, 98).with(&h264(0)),
            video("AV1", 99, 100),
            Codec::new("ulpfec", 90_000).at(123),
            Codec::new("red", 90_000).at(122).rtx(119),
        ],
        audio_extensions: vec![(1, uri::AUDIO_LEVEL), (2, uri::CSRC_AUDIO_LEVEL), (3, uri::MID)],
        video_extensions: vec![
            (3, uri::MID),
            (4, uri::SEND_TIME),
            (5, uri::TIME_OFFSET),
            (6, uri::PLAYOUT_DELAY),
            (7, uri::TRANSPORT_CC),
            (8, uri::RID),
            (9, uri::REPAIRED_RID),
        ],
        // `mozilla...THIS_IS_SDPARTA-99.0`, since the version stopped to be told.
        origin_username: "mozilla...THIS_IS_SDPARTA-99.0",
        origin_address: "0.0.0.0",
        first_version: 0,
        bundle: true,
        // JsepSessionImpl::CreateOffer sets bundle-only by policy.
        marks_bundle_only: true,
        // ICE attributes are repeated in every medium; fingerprint and options stand in the session part.
        repeats_transport: true,
        rtcp_mux: true,
        rtcp_mux_only: true,
        trickle: true,
        ice2: false,
        tls_id: false,
        rtcp_line: false,
        session_level: true,
        extmap_allow_mixed: true,
        msid_semantic: MsidSemanticHabit::Star,
        msid_track: true,
        ssrc_lines: true,
        answers_with_all_codecs: false,
        maxptime_ms: None,
        // WEBRTC_DATACHANNEL_MAX_MESSAGE_SIZE of `netwerk/sctp/datachannel`.
        max_message_size: 1_073_741_823,
        mdns: true,
        ice_tcp: true,
        // nICEr nominates once a pair has succeeded and the grace period is over.
        nomination: NominationHabit::Regular,
    }
}
