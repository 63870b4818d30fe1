//! The texts that all readers get: what others wrote, what we write, and seeded mutations of both. Not here: how they are read.

use rtclab_rtc::Randomness;
use rtclab_rtc::jsep::{Configuration, MediaKind, OfferOptions, PeerConnection, Profile};
use rtclab_rtc::sdp::Fingerprint;

/// Descriptions that other software, or a hand, wrote.
const RECORDED: [(&str, &str); 11] = [
    ("chromium-156-media-offer", include_str!("../../sdp/chromium-156-media-offer.sdp")),
    ("chromium-156-media-answer", include_str!("../../sdp/chromium-156-media-answer.sdp")),
    ("chromium-156-media-offer-ipv6", include_str!("../../sdp/chromium-156-media-offer-ipv6.sdp")),
    ("chromium-156-media-answer-relay", include_str!("../../sdp/chromium-156-media-answer-relay.sdp")),
    ("chromium-156-data-offer", include_str!("../../sdp/chromium-156-data-offer.sdp")),
    ("chromium-156-data-answer", include_str!("../../sdp/chromium-156-data-answer.sdp")),
    (
        "chromium-156-data-offer-without-candidates",
        include_str!("../../sdp/chromium-156-data-offer-without-candidates.sdp"),
    ),
    ("chromium-156-offer-to-aiortc", include_str!("../../sdp/chromium-156-offer-to-aiortc.sdp")),
    ("aiortc-answer-to-chromium", include_str!("../../sdp/aiortc-answer-to-chromium.sdp")),
    ("forms-session-level", include_str!("../../sdp/forms-session-level.sdp")),
    ("forms-old", include_str!("../../sdp/forms-old.sdp")),
];

/// How many mutations there are of each text.
const MUTATIONS: usize = 120;

/// A small generator with fixed constants, so that every run mutates alike.
#[derive(Debug)]
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }
}

impl Randomness for Numbers {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill_with(|| self.below(256) as u8);
    }
}

/// An offer of ours in the manner of a browser.
fn generated(profile: Profile) -> String {
    let fingerprint = Fingerprint { hash: "sha-256".to_owned(), bytes: (0..32).collect() };
    let configuration = Configuration::with_profile(fingerprint, profile);
    let mut connection =
        PeerConnection::new(configuration, Box::new(Numbers(8866))).expect("a configuration");
    connection.add_track(MediaKind::Audio, "microphone", &["s"]).expect("a track");
    connection.add_track(MediaKind::Video, "camera", &["s"]).expect("a track");
    connection.create_offer(OfferOptions::default()).expect("an offer").sdp
}

/// The texts as they are.
pub(crate) fn texts() -> Vec<(String, String)> {
    let recorded = RECORDED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let ours = [("ours-chromium", Profile::chromium()), ("ours-firefox", Profile::firefox())];
    let ours = ours.into_iter().map(|(name, profile)| (name.to_owned(), generated(profile)));
    recorded.chain(ours).collect()
}

/// What one word of a line may become.
const WORDS: [&str; 12] =
    ["", "0", "-1", "65536", "4294967296", "udp", "IN", "IP6", "::1", "256.1.1.1", "*", "가"];

/// One change: a word, a byte, or a line.
fn mutate(text: &str, numbers: &mut Numbers) -> String {
    let mut lines: Vec<String> = text.split("\r\n").map(str::to_owned).collect();
    let at = numbers.below(lines.len().saturating_sub(1));
    let other = numbers.below(lines.len().saturating_sub(1));
    match numbers.below(8) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => lines.swap(at, other),
        3 => {
            let cut = lines[at].chars().count() / 2;
            lines[at] = lines[at].chars().take(cut).collect();
        }
        4 => {
            let place = numbers.below(lines[at].chars().count());
            let byte = char::from(b" :=/,;0aZ\t"[numbers.below(10)]);
            lines[at] =
                lines[at].chars().enumerate().map(|(i, c)| if i == place { byte } else { c }).collect();
        }
        _ => {
            let mut words: Vec<&str> = lines[at].split(' ').collect();
            let word = numbers.below(words.len());
            words[word] = WORDS[numbers.below(WORDS.len())];
            lines[at] = words.join(" ");
        }
    }
    lines.join("\r\n")
}

/// Mutations of every text, the same ones in every run: name, text before, text after.
pub(crate) fn mutations() -> Vec<(String, String, String)> {
    let mut numbers = Numbers(8866);
    let mut all = Vec::new();
    for (name, text) in texts() {
        for number in 0..MUTATIONS {
            all.push((format!("{name}, mutation {number}"), text.clone(), mutate(&text, &mut numbers)));
        }
    }
    all
}
