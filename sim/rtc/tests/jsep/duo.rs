//! Two connections and what tests ask of them.

use rtclab_rtc::jsep::{
    Change, Configuration, JsepError, MediaKind, OfferOptions, Output, PeerConnection, Profile, SdpType,
    SessionDescription, SignalingState, TransportCommand, TransportId,
};
use rtclab_rtc::sdp::{Candidate, Fingerprint, Sdp};
use rtclab_rtc::{Randomness, Reason};

/// Numbers from a seed.
#[derive(Debug)]
pub(crate) struct Seeded(pub(crate) u64);

impl Randomness for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 56) as u8;
        }
    }
}

pub(crate) fn fingerprint(seed: u8) -> Fingerprint {
    Fingerprint { hash: "sha-256".into(), bytes: vec![seed; 32] }
}

pub(crate) fn with(seed: u8, edit: impl FnOnce(&mut Configuration)) -> PeerConnection {
    let mut config = Configuration::new(fingerprint(seed));
    edit(&mut config);
    PeerConnection::new(config, Box::new(Seeded(u64::from(seed)))).expect("a configuration that is allowed")
}

pub(crate) fn peer(seed: u8) -> PeerConnection {
    with(seed, |_| {})
}

pub(crate) fn browser(seed: u8, profile: Profile) -> PeerConnection {
    let config = Configuration::with_profile(fingerprint(seed), profile);
    PeerConnection::new(config, Box::new(Seeded(u64::from(seed)))).expect("a configuration that is allowed")
}

/// Two connections as the RFC describes them.
pub(crate) fn duo() -> (PeerConnection, PeerConnection) {
    (peer(1), peer(2))
}

/// A connection with a microphone and a camera in one stream.
pub(crate) fn caller(seed: u8) -> PeerConnection {
    let mut caller = peer(seed);
    av(&mut caller);
    caller
}

pub(crate) fn av(connection: &mut PeerConnection) {
    connection.add_track(MediaKind::Audio, "microphone", &["s"]).expect("a track");
    connection.add_track(MediaKind::Video, "camera", &["s"]).expect("a track");
}

/// All outputs until there are no more.
pub(crate) fn drain(connection: &mut PeerConnection) -> Vec<Output> {
    std::iter::from_fn(|| connection.poll_output()).collect()
}

/// The changes among outputs, with their reasons.
pub(crate) fn changes(outputs: &[Output]) -> Vec<(&Change, Reason)> {
    let of = |output| match output {
        &Output::Change { ref change, reason } => Some((change, reason)),
        _ => None,
    };
    outputs.iter().filter_map(of).collect()
}

/// The commands among outputs, with their reasons.
pub(crate) fn commands(outputs: &[Output]) -> Vec<(TransportId, &TransportCommand, Reason)> {
    let of = |output| match output {
        &Output::Transport { transport, ref command, reason } => Some((transport, command, reason)),
        _ => None,
    };
    outputs.iter().filter_map(of).collect()
}

pub(crate) fn needs_negotiation(connection: &mut PeerConnection) -> Option<Reason> {
    let outputs = drain(connection);
    let needed = changes(&outputs).into_iter().find(|(change, _)| **change == Change::NegotiationNeeded);
    needed.map(|(_, reason)| reason)
}

/// Creates and applies an offer.
pub(crate) fn offer(connection: &mut PeerConnection) -> SessionDescription {
    let offer = connection.create_offer(OfferOptions::default()).expect("an offer");
    connection.set_local_description(Some(offer)).expect("our own offer");
    connection.local_description().expect("a local description")
}

/// Takes an offer and answers it.
pub(crate) fn answer(connection: &mut PeerConnection, offer: SessionDescription) -> SessionDescription {
    connection.set_remote_description(offer).unwrap_or_else(|error| panic!("{error}"));
    let answer = connection.create_answer().expect("an answer");
    connection.set_local_description(Some(answer)).expect("our own answer");
    connection.local_description().expect("a local description")
}

/// A whole exchange, from offer to answer.
pub(crate) fn exchange(offerer: &mut PeerConnection, answerer: &mut PeerConnection) {
    let offered = offer(offerer);
    let answered = answer(answerer, offered);
    offerer.set_remote_description(answered).unwrap_or_else(|error| panic!("{error}"));
    assert_agreement(offerer, answerer);
}

pub(crate) fn sdp(description: &SessionDescription) -> Sdp {
    Sdp::parse(&description.sdp).unwrap_or_else(|error| panic!("{error}\n{}", description.sdp))
}

/// A description with a changed text.
pub(crate) fn edited(description: &SessionDescription, from: &str, to: &str) -> SessionDescription {
    let text = description.sdp.replace(from, to);
    assert_ne!(text, description.sdp, "{from:?} is not in\n{text}");
    SessionDescription::new(description.kind, text)
}

pub(crate) fn as_pranswer(answer: &SessionDescription) -> SessionDescription {
    SessionDescription::new(SdpType::Pranswer, answer.sdp.clone())
}

/// The rule because of which a remote description is refused.
pub(crate) fn refusal(connection: &mut PeerConnection, description: SessionDescription) -> Option<Reason> {
    match connection.set_remote_description(description) {
        Ok(()) => panic!("the description is taken"),
        Err(error) => error.reason(),
    }
}

pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, JsepError>) -> Option<Reason> {
    result.expect_err("a call that is refused").reason()
}

pub(crate) fn candidate(kind: &str, address: &str, port: u16) -> Candidate {
    let related = (kind != "host").then(|| ("192.0.2.9".to_owned(), 9));
    Candidate {
        foundation: "1".into(),
        component: 1,
        transport: "udp".into(),
        priority: 100,
        address: address.into(),
        port,
        kind: kind.into(),
        related,
        extensions: Vec::new(),
    }
}

/// There is one truth: both are stable, and whatever one says about a medium, the other says from its side.
pub(crate) fn assert_agreement(a: &PeerConnection, b: &PeerConnection) {
    assert_eq!((a.signaling_state(), b.signaling_state()), (SignalingState::Stable, SignalingState::Stable));
    let describe = |connection: &PeerConnection| {
        let mut media: Vec<_> = connection
            .transceivers()
            .iter()
            .filter_map(|transceiver| {
                let negotiated = &transceiver.negotiated;
                let numbers: Vec<_> = negotiated.codecs.iter().map(|codec| codec.payload_type).collect();
                Some((
                    negotiated.section?,
                    negotiated.mid.clone(),
                    transceiver.kind,
                    negotiated.current_direction,
                    numbers,
                ))
            })
            .collect();
        media.sort_by_key(|(section, ..)| *section);
        media
    };
    let (ours, theirs) = (describe(a), describe(b));
    assert_eq!(ours.len(), theirs.len(), "{ours:?}\n{theirs:?}");
    for (mine, other) in ours.iter().zip(&theirs) {
        assert_eq!((mine.0, &mine.1, mine.2), (other.0, &other.1, other.2));
        assert_eq!(mine.3, other.3.map(rtclab_rtc::sdp::Direction::reversed), "{:?}", mine.1);
        let (mut left, mut right) = (mine.4.clone(), other.4.clone());
        left.sort_unstable();
        right.sort_unstable();
        assert_eq!(left, right, "payload types of {:?}", mine.1);
    }
    let local = |connection: &PeerConnection| {
        let sdp = sdp(&connection.local_description()?);
        Some(
            sdp.media()
                .map(|section| (section.mid().map(str::to_owned), section.is_rejected()))
                .collect::<Vec<_>>(),
        )
    };
    if let (Some(ours), Some(theirs)) = (local(a), local(b)) {
        assert_eq!(ours.len(), theirs.len());
        for (mine, other) in ours.iter().zip(&theirs) {
            assert_eq!(mine.0, other.0);
        }
    }
}
