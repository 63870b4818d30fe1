//! Random calls on two connections, with messages that are delayed and overtake each other: the two sides end in agreement, and every
//! error on the way is one that the specification asks for. Nothing ever panics.

use proptest::prelude::*;
use rtclab_rtc::jsep::{
    DataChannelInit, Heard, IceCandidate, JsepError, MediaKind, Message, OfferOptions, PeerConnection,
    PerfectNegotiation, Profile, SdpType, SessionDescription, SignalingState, TransceiverInit,
};
use rtclab_rtc::sdp::Direction;
use rtclab_rtc::sdp::rules::{self, Kind};

use super::duo::{assert_agreement, browser, candidate, drain, sdp};

/// What happens next, and to whom.
#[derive(Clone, Copy, Debug)]
enum Step {
    AddTrack(u8),
    AddTransceiver(u8),
    RemoveTrack(u8),
    Direction(u8, u8),
    Stop(u8),
    DataChannel,
    RestartIce,
    Gather(u8),
    Negotiate,
    RollBack,
    CreateAndForget,
    /// Takes a message out of the queue towards this side: the oldest, or one that overtakes.
    Deliver(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => any::<u8>().prop_map(Step::AddTrack),
        1 => any::<u8>().prop_map(Step::AddTransceiver),
        1 => any::<u8>().prop_map(Step::RemoveTrack),
        2 => any::<(u8, u8)>().prop_map(|(which, to)| Step::Direction(which, to)),
        2 => any::<u8>().prop_map(Step::Stop),
        1 => Just(Step::DataChannel),
        1 => Just(Step::RestartIce),
        1 => any::<u8>().prop_map(Step::Gather),
        4 => Just(Step::Negotiate),
        1 => Just(Step::RollBack),
        1 => Just(Step::CreateAndForget),
        8 => any::<u8>().prop_map(Step::Deliver),
    ]
}

struct Side {
    connection: PeerConnection,
    pattern: PerfectNegotiation,
    /// Messages on their way to this side.
    inbox: Vec<Message>,
    tracks: u32,
}

impl Side {
    fn new(seed: u8, profile: Profile, polite: bool) -> Side {
        let connection = browser(seed, profile);
        Side { connection, pattern: PerfectNegotiation::new(polite), inbox: Vec::new(), tracks: 0 }
    }

    fn transceiver(&self, number: u8) -> Option<rtclab_rtc::jsep::TransceiverId> {
        let all = self.connection.transceivers();
        let index = usize::from(number) % all.len().max(1);
        all.get(index).map(|transceiver| transceiver.id)
    }

    /// Calls of the application that need no peer.
    fn command(&mut self, step: Step) -> Result<(), JsepError> {
        let kind = |number: u8| if number.is_multiple_of(2) { MediaKind::Audio } else { MediaKind::Video };
        self.tracks += 1;
        let name = format!("track-{}", self.tracks);
        let crowded = self.connection.transceivers().len() >= 6;
        match step {
            Step::AddTrack(number) if !crowded => {
                self.connection.add_track(kind(number), &name, &["s"]).map(drop)
            }
            Step::AddTransceiver(number) if !crowded => {
                self.connection.add_transceiver(kind(number), TransceiverInit::default()).map(drop)
            }
            Step::RemoveTrack(number) => match self.transceiver(number) {
                Some(id) => self.connection.remove_track(id),
                None => Ok(()),
            },
            Step::Direction(number, to) => {
                let all =
                    [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive];
                match self.transceiver(number) {
                    Some(id) => self.connection.set_direction(id, all[usize::from(to) % 4]),
                    None => Ok(()),
                }
            }
            Step::Stop(number) => match self.transceiver(number) {
                Some(id) => self.connection.stop_transceiver(id),
                None => Ok(()),
            },
            Step::DataChannel => {
                self.connection.create_data_channel("chat", DataChannelInit::default()).map(drop)
            }
            Step::RestartIce => self.connection.restart_ice(),
            Step::CreateAndForget => self.connection.create_offer(OfferOptions::default()).map(drop),
            Step::RollBack if self.connection.signaling_state() == SignalingState::HaveLocalOffer => Ok(()),
            _ => Ok(()),
        }
    }

    fn gather(&mut self, port: u8) -> Vec<IceCandidate> {
        let transports: Vec<_> = self.connection.transports().map(|(transport, _)| transport).collect();
        for transport in transports {
            let found = candidate("host", "192.0.2.1", 5000 + u16::from(port));
            self.connection.handle_local_candidate(transport, found);
        }
        let outputs = drain(&mut self.connection);
        let told = super::duo::changes(&outputs).into_iter().filter_map(|(change, _)| match change {
            rtclab_rtc::jsep::Change::IceCandidate(candidate) => Some(candidate.clone()),
            _ => None,
        });
        told.collect()
    }
}

/// Errors that may come of a call in the wrong moment; anything else is a fault of ours.
fn allowed(error: &JsepError) -> bool {
    matches!(
        error,
        JsepError::WrongState { .. }
            | JsepError::NotHere(_)
            | JsepError::NoRemoteDescription
            | JsepError::Operation(_)
    )
}

fn deliver(sides: &mut [Side; 2], to: usize, overtakes: u8) -> Result<(), TestCaseError> {
    let side = &mut sides[to];
    if side.inbox.is_empty() {
        return Ok(());
    }
    // Descriptions keep their order, as on any sane channel of signaling; candidates overtake them.
    let candidates = side.inbox.iter().position(|message| matches!(message, Message::Candidate(_)));
    let at = candidates.filter(|_| overtakes.is_multiple_of(3)).unwrap_or(0);
    let message = side.inbox.remove(at);
    let is_candidate = matches!(message, Message::Candidate(_));
    match side.pattern.hear(&mut side.connection, message) {
        Ok(Heard::Answered(answer)) => {
            check(&answer)?;
            sides[1 - to].inbox.push(Message::Description(answer));
        }
        Ok(_) => {}
        // A candidate that overtakes its description has no place yet.
        Err(error) if is_candidate => prop_assert!(allowed(&error), "{error}"),
        Err(error) => prop_assert!(matches!(error, JsepError::WrongState { .. }), "{error}"),
    }
    Ok(())
}

fn check(description: &SessionDescription) -> Result<(), TestCaseError> {
    let kind = if description.kind == SdpType::Offer { Kind::Offer } else { Kind::Answer };
    let found = rules::description(&sdp(description), kind);
    prop_assert!(found.is_empty(), "{found:?}\n{}", description.sdp);
    Ok(())
}

fn negotiate(sides: &mut [Side; 2], who: usize) -> Result<(), TestCaseError> {
    let side = &mut sides[who];
    let offer = side.pattern.negotiate(&mut side.connection);
    match offer {
        Ok(Some(offer)) => {
            check(&offer)?;
            sides[1 - who].inbox.push(Message::Description(offer));
        }
        Ok(None) => {}
        Err(error) => prop_assert!(false, "{error}"),
    }
    Ok(())
}

/// Lets all messages arrive and negotiates as long as someone needs it.
fn settle(sides: &mut [Side; 2]) -> Result<(), TestCaseError> {
    for _ in 0..60 {
        for to in [0, 1] {
            while !sides[to].inbox.is_empty() {
                deliver(sides, to, 1)?;
            }
        }
        if sides.iter().any(|side| !side.inbox.is_empty()) {
            continue;
        }
        let needy = (0..2).find(|who| {
            let connection = &sides[*who].connection;
            connection.signaling_state() == SignalingState::Stable
                && connection.why_negotiation_is_needed().is_some()
        });
        match needy {
            Some(who) => negotiate(sides, who)?,
            None => return Ok(()),
        }
    }
    let why: Vec<_> = sides.iter().map(|side| side.connection.why_negotiation_is_needed()).collect();
    prop_assert!(false, "they never come to an end: {why:?}");
    Ok(())
}

fn run(steps: &[(bool, Step)], profiles: (Profile, Profile)) -> Result<(), TestCaseError> {
    let mut sides = [Side::new(1, profiles.0, false), Side::new(2, profiles.1, true)];
    for (second, step) in steps {
        let who = usize::from(*second);
        match step {
            Step::Deliver(overtakes) => deliver(&mut sides, who, *overtakes)?,
            Step::Negotiate => negotiate(&mut sides, who)?,
            Step::Gather(port) => {
                let told = sides[who].gather(*port);
                sides[1 - who].inbox.extend(told.into_iter().map(Message::Candidate));
            }
            other => {
                if let Err(error) = sides[who].command(*other) {
                    prop_assert!(allowed(&error), "{other:?}: {error}");
                }
            }
        }
        drain(&mut sides[who].connection);
    }
    settle(&mut sides)?;
    let [first, second] = &sides;
    assert_agreement(&first.connection, &second.connection);
    prop_assert!(first.connection.transports().count() == second.connection.transports().count());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn two_sides_always_come_to_one_truth(steps in proptest::collection::vec((any::<bool>(), step()), 1..60)) {
        run(&steps, (Profile::rfc9429(), Profile::rfc9429()))?;
    }

    #[test]
    fn browsers_of_two_kinds_do_too(
        steps in proptest::collection::vec((any::<bool>(), step()), 1..40),
        kinds in (0..3usize, 0..3usize),
    ) {
        let kind = |number| match number {
            0 => Profile::chromium(),
            1 => Profile::firefox(),
            _ => Profile::safari(),
        };
        run(&steps, (kind(kinds.0), kind(kinds.1)))?;
    }

    #[test]
    fn calls_in_any_order_without_any_pattern_end_in_errors_that_have_a_name(
        calls in proptest::collection::vec((any::<bool>(), 0..8u8), 1..40),
    ) {
        let mut sides = [super::duo::caller(1), super::duo::caller(2)];
        let mut seen: Vec<SessionDescription> = vec![SessionDescription::rollback()];
        for (second, call) in calls {
            let connection = &mut sides[usize::from(second)];
            let description = seen[usize::from(call) % seen.len()].clone();
            let result = match call {
                0 | 1 => connection.create_offer(OfferOptions { ice_restart: call == 1 }).map(|offer| seen.push(offer)),
                2 => connection.create_answer().map(|answer| seen.push(answer)),
                3 => connection.set_local_description(None),
                4 => connection.set_local_description(Some(description)),
                5 => connection.set_remote_description(description),
                6 => connection.set_remote_description(SessionDescription::rollback()),
                _ => connection.add_ice_candidate(IceCandidate::default()),
            };
            if let Err(error) = result {
                prop_assert!(!error.name().is_empty());
            }
            drain(connection);
        }
    }
}
