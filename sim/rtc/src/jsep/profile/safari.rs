//! Safari: libwebrtc as WebKit builds it, so the lines are Chromium's; the codecs come from `Source/ThirdParty/libwebrtc` and
//! `Source/WebCore/platform/mediastream/libwebrtc/LibWebRTCProvider.cpp` (WebKit).

use super::chromium;
use super::{Codec, Profile};

fn video(name: &str, payload_type: u8, retransmission: u8) -> Codec {
    let feedback = ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"];
    Codec::new(name, 90_000).at(payload_type).feedback(&feedback).rtx(retransmission)
}

pub(super) fn profile() -> Profile {
    // H264 leads, because VideoToolbox does it in hardware: constrained high, then constrained baseline.
    let h264 =
        |profile: &str| format!("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile}");
    Profile {
        name: "Safari",
        video: vec![
            video("H264", 96, 97).with(&h264("640c1f")),
            video("H264", 98, 99).with(&h264("42e01f")),
            // H265 is on by default since Safari 18.
            video("H265", 100, 101).with("level-id=93;tx-mode=SRST"),
            video("VP8", 102, 103),
            // VP9 is on by default since Safari 16; profile 0 only.
            video("VP9", 104, 105).with("profile-id=0"),
            Codec::new("red", 90_000).at(106).rtx(107),
            Codec::new("ulpfec", 90_000).at(108),
        ],
        ..chromium::profile()
    }
}
