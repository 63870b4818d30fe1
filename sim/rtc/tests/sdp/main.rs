//! Session descriptions from outside: what others wrote, mutations, errors with their places, rules, differences.

mod difference;
mod errors;
mod explained;
mod lossless;
mod mutations;
mod rules;
mod values;

/// Descriptions that other software, or a hand, wrote.
const CORPUS: [(&str, &str); 11] = [
    ("chromium-156-media-offer", include_str!("../../../../tests/sdp/chromium-156-media-offer.sdp")),
    ("chromium-156-media-answer", include_str!("../../../../tests/sdp/chromium-156-media-answer.sdp")),
    (
        "chromium-156-media-offer-ipv6",
        include_str!("../../../../tests/sdp/chromium-156-media-offer-ipv6.sdp"),
    ),
    (
        "chromium-156-media-answer-relay",
        include_str!("../../../../tests/sdp/chromium-156-media-answer-relay.sdp"),
    ),
    ("chromium-156-data-offer", include_str!("../../../../tests/sdp/chromium-156-data-offer.sdp")),
    ("chromium-156-data-answer", include_str!("../../../../tests/sdp/chromium-156-data-answer.sdp")),
    (
        "chromium-156-data-offer-without-candidates",
        include_str!("../../../../tests/sdp/chromium-156-data-offer-without-candidates.sdp"),
    ),
    ("chromium-156-offer-to-aiortc", include_str!("../../../../tests/sdp/chromium-156-offer-to-aiortc.sdp")),
    ("aiortc-answer-to-chromium", include_str!("../../../../tests/sdp/aiortc-answer-to-chromium.sdp")),
    ("forms-session-level", include_str!("../../../../tests/sdp/forms-session-level.sdp")),
    ("forms-old", include_str!("../../../../tests/sdp/forms-old.sdp")),
];

/// One of them by its name.
fn corpus(name: &str) -> &'static str {
    CORPUS.iter().find(|(found, _)| *found == name).map(|(_, text)| *text).expect("a file of the corpus")
}
