//! The profile of a connection that does what RFC 9429 says and nothing else.

use super::{Codec, MsidSemanticHabit, NominationHabit, Profile, uri};

/// RFC 9429 §5.2.1 for the lines, RFC 7874 and RFC 7742 for the codecs that must be there, RFC 8834 §5.2 for header extensions; payload
/// types as in the examples of RFC 9429 §7.
pub(super) fn profile() -> Profile {
    let feedback = ["ccm fir", "nack", "nack pli"];
    Profile {
        name: "RFC 9429",
        audio: vec![
            Codec::new("opus", 48_000).channels(2).at(96),
            Codec::new("PCMU", 8000).at(0),
            Codec::new("PCMA", 8000).at(8),
            Codec::new("telephone-event", 8000).at(97).with("0-15"),
            Codec::new("telephone-event", 48_000).at(98).with("0-15"),
        ],
        video: vec![
            Codec::new("VP8", 90_000).at(100).feedback(&feedback).rtx(102),
            Codec::new("H264", 90_000)
                .at(101)
                .with("packetization-mode=1;profile-level-id=42e01f")
                .feedback(&feedback)
                .rtx(103),
        ],
        audio_extensions: vec![(1, uri::MID), (2, uri::AUDIO_LEVEL)],
        video_extensions: vec![(1, uri::MID), (3, uri::RID), (4, uri::REPAIRED_RID)],
        origin_username: "-",
        origin_address: "0.0.0.0",
        first_version: 1,
        bundle: true,
        marks_bundle_only: true,
        repeats_transport: false,
        rtcp_mux: true,
        rtcp_mux_only: true,
        trickle: true,
        ice2: true,
        tls_id: true,
        rtcp_line: true,
        session_level: false,
        extmap_allow_mixed: false,
        msid_semantic: MsidSemanticHabit::None,
        msid_track: false,
        ssrc_lines: false,
        answers_with_all_codecs: true,
        maxptime_ms: Some(120),
        max_message_size: 65_536,
        mdns: false,
        ice_tcp: false,
        nomination: NominationHabit::Regular,
    }
}
