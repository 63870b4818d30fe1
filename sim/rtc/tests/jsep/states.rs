//! Signaling states and the states that are combined from transports.

use rtclab_rtc::Reason;
use rtclab_rtc::jsep::{
    Change, ConnectionState, DtlsTransportState as Dtls, IceGatheringState as Gathering,
    IceTransportState as Ice, JsepError, OfferOptions, Operation, Output, SctpTransportState,
    SessionDescription, SignalingState, combined_connection, combined_gathering, combined_ice,
};

use super::duo::{answer, as_pranswer, caller, changes, drain, duo, exchange, offer, peer, refusal, refused};

#[test]
fn an_exchange_goes_through_the_states_on_both_sides() {
    let (mut alice, mut bob) = (caller(1), peer(2));
    let offered = offer(&mut alice);
    assert_eq!(alice.signaling_state(), SignalingState::HaveLocalOffer);
    bob.set_remote_description(offered).expect("an offer");
    assert_eq!(bob.signaling_state(), SignalingState::HaveRemoteOffer);
    let answered = bob.create_answer().expect("an answer");
    bob.set_local_description(Some(as_pranswer(&answered))).expect("a provisional answer");
    assert_eq!(bob.signaling_state(), SignalingState::HaveLocalPranswer);
    alice.set_remote_description(as_pranswer(&answered)).expect("a provisional answer");
    assert_eq!(alice.signaling_state(), SignalingState::HaveRemotePranswer);
    let last = bob.create_answer().expect("an answer");
    bob.set_local_description(Some(last.clone())).expect("the final answer");
    alice.set_remote_description(last).expect("the final answer");
    assert_eq!(
        (alice.signaling_state(), bob.signaling_state()),
        (SignalingState::Stable, SignalingState::Stable)
    );
    let outputs = drain(&mut alice);
    let states: Vec<_> = changes(&outputs)
        .into_iter()
        .filter_map(|(change, reason)| match change {
            Change::Signaling(state) => Some((*state, reason)),
            _ => None,
        })
        .collect();
    assert_eq!(
        states,
        [
            (SignalingState::HaveLocalOffer, Reason::JsepOffer),
            (SignalingState::HaveRemotePranswer, Reason::JsepPranswer),
            (SignalingState::Stable, Reason::JsepAnswer),
        ]
    );
}

#[test]
fn descriptions_in_the_wrong_state_are_refused() {
    let (mut alice, mut bob) = (caller(1), peer(2));
    let offered = offer(&mut alice);
    let answered = answer(&mut bob, offered.clone());
    // An answer without an offer of ours.
    assert_eq!(refusal(&mut bob, answered.clone()), Some(Reason::JsepWrongState));
    alice.set_remote_description(answered.clone()).expect("the answer");
    // The same answer twice: the mistake that most newcomers make.
    assert_eq!(refusal(&mut alice, answered), Some(Reason::JsepWrongState));
    // An answer of ours without a remote offer.
    assert_eq!(refused(alice.create_answer()), Some(Reason::JsepWrongState));
    // An offer of ours while the peer's waits.
    let mut carol = peer(3);
    carol.set_remote_description(offered).expect("an offer");
    assert_eq!(refused(carol.create_offer(OfferOptions::default())), Some(Reason::JsepWrongState));
    let error = carol.set_remote_description(SessionDescription::default()).map(|()| carol.signaling_state());
    assert_eq!(error, Ok(SignalingState::Stable), "a rollback is fine");
}

#[test]
fn a_refused_description_changes_nothing_and_says_where_it_is_wrong() {
    let (mut alice, mut bob) = (caller(1), peer(2));
    let offered = offer(&mut alice);
    let broken = super::duo::edited(&offered, "a=setup:actpass", "a=setup:maybe");
    drain(&mut bob);
    let error = bob.set_remote_description(broken).expect_err("a broken line");
    assert_eq!((error.name(), error.sdp_line_number()), ("RTCError", Some(26)), "{error}");
    assert!(bob.transceivers().is_empty() && bob.remote_description().is_none());
    assert_eq!(bob.signaling_state(), SignalingState::Stable);
    answer(&mut bob, offered);
}

#[test]
fn operations_run_in_the_order_of_their_calls() {
    let (mut alice, mut bob) = (caller(1), peer(2));
    let first = alice.enqueue(Operation::CreateOffer(OfferOptions::default()));
    let second = alice.enqueue(Operation::SetLocalDescription(None));
    let third = alice.enqueue(Operation::CreateAnswer);
    let outputs = drain(&mut alice);
    let settled: Vec<_> = outputs
        .iter()
        .filter_map(|output| match output {
            Output::Settled { operation, result } => Some((*operation, result.is_ok())),
            _ => None,
        })
        .collect();
    assert_eq!(settled, [(first, true), (second, true), (third, false)]);
    let offered = alice.local_description().expect("an offer");
    // A candidate that is enqueued behind the description it belongs to finds it there.
    let candidate = rtclab_rtc::jsep::IceCandidate {
        candidate: "candidate:1 1 udp 1 192.0.2.1 5000 typ host".into(),
        sdp_m_line_index: Some(0),
        ..Default::default()
    };
    bob.enqueue(Operation::SetRemoteDescription(offered));
    bob.enqueue(Operation::AddIceCandidate(candidate));
    let outputs = drain(&mut bob);
    let errors =
        outputs.iter().filter(|output| matches!(output, Output::Settled { result: Err(_), .. })).count();
    assert_eq!(errors, 0);
}

#[test]
fn a_closed_connection_refuses_everything() {
    let (mut alice, mut bob) = duo();
    alice.create_data_channel("chat", Default::default()).expect("a channel");
    exchange(&mut alice, &mut bob);
    drain(&mut alice);
    alice.close();
    let outputs = drain(&mut alice);
    let discards =
        super::duo::commands(&outputs).into_iter().map(|(_, _, reason)| reason).collect::<Vec<_>>();
    assert_eq!(discards, [Reason::JsepClosed]);
    assert_eq!(alice.signaling_state(), SignalingState::Closed);
    assert_eq!(alice.connection_state(), ConnectionState::Closed);
    assert_eq!(alice.ice_connection_state(), Ice::Closed);
    assert_eq!(alice.sctp_state(), Some(SctpTransportState::Closed));
    assert_eq!(refused(alice.create_offer(OfferOptions::default())), Some(Reason::JsepClosed));
    assert_eq!(alice.add_track(rtclab_rtc::jsep::MediaKind::Audio, "t", &[]), Err(JsepError::Closed));
    alice.enqueue(Operation::CreateAnswer);
    assert!(matches!(drain(&mut alice)[..], [Output::Settled { result: Err(JsepError::Closed), .. }]));
}

#[test]
fn gathering_is_combined_from_all_transports() {
    assert_eq!(combined_gathering(&[]), Gathering::New);
    assert_eq!(combined_gathering(&[Gathering::Complete, Gathering::New]), Gathering::New);
    assert_eq!(combined_gathering(&[Gathering::Complete, Gathering::Gathering]), Gathering::Gathering);
    assert_eq!(combined_gathering(&[Gathering::Complete, Gathering::Complete]), Gathering::Complete);
}

#[test]
fn ice_is_combined_from_all_transports() {
    assert_eq!(combined_ice(&[]), Ice::New);
    assert_eq!(combined_ice(&[Ice::New, Ice::Closed]), Ice::New);
    assert_eq!(combined_ice(&[Ice::New, Ice::Connected]), Ice::Checking);
    assert_eq!(combined_ice(&[Ice::Completed, Ice::Connected]), Ice::Connected);
    assert_eq!(combined_ice(&[Ice::Completed, Ice::Closed]), Ice::Completed);
    assert_eq!(combined_ice(&[Ice::Completed, Ice::Disconnected]), Ice::Disconnected);
    assert_eq!(combined_ice(&[Ice::Disconnected, Ice::Failed]), Ice::Failed);
}

#[test]
fn the_connection_is_combined_from_ice_and_dtls() {
    assert_eq!(combined_connection(&[]), ConnectionState::New);
    assert_eq!(combined_connection(&[(Ice::New, Dtls::New)]), ConnectionState::New);
    assert_eq!(combined_connection(&[(Ice::Checking, Dtls::New)]), ConnectionState::Connecting);
    assert_eq!(combined_connection(&[(Ice::Connected, Dtls::New)]), ConnectionState::Connecting);
    assert_eq!(combined_connection(&[(Ice::Connected, Dtls::Connecting)]), ConnectionState::Connecting);
    assert_eq!(combined_connection(&[(Ice::Completed, Dtls::Connected)]), ConnectionState::Connected);
    assert_eq!(combined_connection(&[(Ice::Disconnected, Dtls::Connected)]), ConnectionState::Disconnected);
    assert_eq!(combined_connection(&[(Ice::Connected, Dtls::Failed)]), ConnectionState::Failed);
}

#[test]
fn reports_from_transports_move_the_states_and_each_move_is_told_once() {
    let (mut alice, mut bob) = (caller(1), peer(2));
    exchange(&mut alice, &mut bob);
    drain(&mut alice);
    let (transport, _) = alice.transports().next().expect("a transport");
    alice.handle_gathering_state(transport, Gathering::Gathering);
    alice.handle_ice_state(transport, Ice::Checking);
    alice.handle_ice_state(transport, Ice::Checking);
    alice.handle_ice_state(transport, Ice::Connected);
    alice.handle_dtls_state(transport, Dtls::Connected);
    let outputs = drain(&mut alice);
    let told: Vec<_> = changes(&outputs).into_iter().map(|(change, _)| change.clone()).collect();
    assert_eq!(
        told,
        [
            Change::IceGathering(Gathering::Gathering),
            Change::IceConnection(Ice::Checking),
            Change::Connection(ConnectionState::Connecting),
            Change::IceConnection(Ice::Connected),
            Change::Connection(ConnectionState::Connected),
        ]
    );
    assert!(changes(&outputs).iter().all(|(_, reason)| *reason == Reason::JsepTransports));
}
