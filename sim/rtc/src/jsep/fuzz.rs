//! What a fuzzer, or a bounded test in its place, calls with any text that a peer might signal: everything that must hold for every input
//! is asserted here. Not here: where the texts come from, and what holds for the text alone ([`crate::sdp::fuzz`]).

use super::{
    Configuration, DataChannelInit, IceCandidate, MediaKind, OfferOptions, PeerConnection, SdpType,
    SessionDescription, SignalingState,
};
use crate::randomness::Randomness;
use crate::sdp::rules::{self, Kind};
use crate::sdp::{Fingerprint, Sdp};

/// A sequence that is always the same: what is drawn must not decide what is found.
#[derive(Debug)]
struct Counting(u8);

impl Randomness for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

/// A connection with a microphone, a camera and a data channel.
fn connection(seed: u8) -> PeerConnection {
    let config = Configuration::new(Fingerprint { hash: "sha-256".to_owned(), bytes: vec![seed; 32] });
    let made = PeerConnection::new(config, Box::new(Counting(seed)));
    let mut connection = made.unwrap_or_else(|error| panic!("a plain configuration: {error}"));
    let tracks = [(MediaKind::Audio, "microphone"), (MediaKind::Video, "camera")];
    for (kind, track) in tracks {
        assert!(connection.add_track(kind, track, &["stream"]).is_ok());
    }
    assert!(connection.create_data_channel("chat", DataChannelInit::default()).is_ok());
    connection
}

/// The offer that [`any_text`] takes its text for an answer to.
pub fn offer() -> String {
    offerer().local_description().map(|offer| offer.sdp).unwrap_or_default()
}

/// The answer of somebody who likes all of it.
pub fn answer() -> String {
    let mut answerer = connection(2);
    let taken = answerer.set_remote_description(SessionDescription::new(SdpType::Offer, offer()));
    assert_eq!(taken, Ok(()));
    assert_eq!(answerer.set_local_description(None), Ok(()));
    answerer.local_description().map(|answer| answer.sdp).unwrap_or_default()
}

fn offerer() -> PeerConnection {
    let mut offerer = connection(1);
    let offer = offerer.create_offer(OfferOptions::default());
    assert!(offer.is_ok_and(|offer| offerer.set_local_description(Some(offer)).is_ok()));
    offerer
}

/// Takes the text for an offer, for an answer to an offer of ours, and its candidates one by one. Panics are findings.
pub fn any_text(text: &str) {
    as_offer(text);
    as_answer(text, SdpType::Answer);
    as_answer(text, SdpType::Pranswer);
}

/// The same for bytes, as fuzzers hand them over.
pub fn any_bytes(bytes: &[u8]) {
    any_text(&String::from_utf8_lossy(bytes));
}

/// An offer is refused and changes nothing, or it is answered by the rules; and what was there before can be had back.
fn as_offer(text: &str) {
    let mut answerer = connection(2);
    let before = answerer.transceivers().to_vec();
    let taken = answerer.set_remote_description(SessionDescription::new(SdpType::Offer, text));
    if let Err(error) = taken {
        assert!(!error.name().is_empty());
        assert_eq!(answerer.signaling_state(), SignalingState::Stable);
        assert_eq!(answerer.remote_description(), None);
        assert_eq!(answerer.transceivers(), before, "what is refused changes nothing: {error}");
        return;
    }
    assert_eq!(answerer.signaling_state(), SignalingState::HaveRemoteOffer);
    candidates(&mut answerer, text);
    let Ok(answer) = answerer.create_answer() else {
        assert_eq!(answerer.set_remote_description(SessionDescription::rollback()), Ok(()));
        assert_eq!(answerer.signaling_state(), SignalingState::Stable);
        return;
    };
    let (offered, answered) = (Sdp::parse(text), Sdp::parse(&answer.sdp));
    let (Ok(offered), Ok(answered)) = (offered, answered) else {
        panic!("an offer that is no description was taken, or an answer is none:\n{}", answer.sdp);
    };
    assert_eq!(rules::description(&answered, Kind::Answer), [], "\n{}", answer.sdp);
    assert_eq!(rules::answer(&offered, &answered), [], "\n{}", answer.sdp);
    assert_eq!(answerer.set_local_description(Some(answer)), Ok(()), "our own answer");
    assert_eq!(answerer.signaling_state(), SignalingState::Stable);
    let next = answerer.create_offer(OfferOptions::default());
    let next = next.unwrap_or_else(|error| panic!("the next offer: {error}"));
    assert!(Sdp::parse(&next.sdp).is_ok(), "{}", next.sdp);
    assert_eq!(answerer.set_local_description(Some(next)), Ok(()), "our own offer");
    while answerer.poll_output().is_some() {}
}

/// An answer is refused, and the offer stands; or it is taken, and another exchange can follow.
fn as_answer(text: &str, kind: SdpType) {
    let mut offerer = offerer();
    let before = offerer.transceivers().to_vec();
    if let Err(error) = offerer.set_remote_description(SessionDescription::new(kind, text)) {
        assert!(!error.name().is_empty());
        assert_eq!(offerer.signaling_state(), SignalingState::HaveLocalOffer);
        assert_eq!(offerer.transceivers(), before, "what is refused changes nothing: {error}");
        return;
    }
    candidates(&mut offerer, text);
    if kind == SdpType::Answer {
        assert_eq!(offerer.signaling_state(), SignalingState::Stable);
        let next = offerer.create_offer(OfferOptions { ice_restart: true });
        let next = next.unwrap_or_else(|error| panic!("the next offer: {error}"));
        assert!(Sdp::parse(&next.sdp).is_ok(), "{}", next.sdp);
        assert_eq!(offerer.set_local_description(Some(next)), Ok(()), "our own offer");
    } else {
        assert_eq!(offerer.signaling_state(), SignalingState::HaveRemotePranswer);
    }
    while offerer.poll_output().is_some() {}
}

/// Lines that might be candidates, trickled: each is taken or refused with a name.
fn candidates(connection: &mut PeerConnection, text: &str) {
    for line in text.lines().filter_map(|line| line.strip_prefix("a=")).take(16) {
        let candidate =
            IceCandidate { candidate: line.to_owned(), sdp_m_line_index: Some(0), ..IceCandidate::default() };
        if let Err(error) = connection.add_ice_candidate(candidate) {
            assert!(!error.name().is_empty());
        }
    }
}
