//! Candidates on their way: from gathering into descriptions and signaling, and from signaling to transports.

use rtclab_rtc::Reason;
use rtclab_rtc::jsep::{
    Change, IceCandidate, IceGatheringState, IceTransportPolicy, JsepError, SessionDescription,
    TransportCommand,
};

use super::duo::{
    answer, av, caller, candidate, changes, commands, drain, edited, exchange, offer, peer, refused, sdp,
    with,
};

const LINE: &str = "candidate:1 1 udp 100 192.0.2.7 5000 typ host";

fn told(mid: &str, line: &str) -> IceCandidate {
    IceCandidate { candidate: line.into(), sdp_mid: Some(mid.into()), ..IceCandidate::default() }
}

#[test]
fn gathered_candidates_are_told_one_by_one_and_join_the_description() {
    let mut alice = caller(1);
    offer(&mut alice);
    drain(&mut alice);
    let (transport, _) = alice.transports().next().expect("a transport");
    alice.handle_gathering_state(transport, IceGatheringState::Gathering);
    alice.handle_local_candidate(transport, candidate("host", "192.0.2.7", 5000));
    alice.handle_local_candidate(transport, candidate("srflx", "203.0.113.7", 6000));
    alice.handle_gathering_state(transport, IceGatheringState::Complete);
    let outputs = drain(&mut alice);
    let told: Vec<IceCandidate> = changes(&outputs)
        .into_iter()
        .filter_map(|(change, _)| match change {
            Change::IceCandidate(candidate) => Some(candidate.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(told.len(), 3);
    assert_eq!(told[0].candidate, LINE);
    assert_eq!((told[0].sdp_mid.as_deref(), told[0].sdp_m_line_index), (Some("0"), Some(0)));
    assert_eq!(told[2].candidate, "", "the end of candidates");
    assert!(told[2].username_fragment.is_some());
    let local = sdp(&alice.local_description().expect("a description"));
    let audio = local.medium(0).expect("audio");
    assert_eq!(audio.candidates().len(), 2);
    assert_eq!(audio.media_line().expect("a line").port, 6000, "the reflexive one is the default");
    assert_eq!(audio.connection().expect("a line").address, "203.0.113.7");
    assert!(audio.has(&rtclab_rtc::sdp::Attribute::EndOfCandidates));
    assert!(local.medium(1).expect("video").candidates().is_empty());
}

#[test]
fn the_relay_policy_hides_everything_else() {
    let mut alice = with(1, |config| config.ice_transport_policy = IceTransportPolicy::Relay);
    av(&mut alice);
    offer(&mut alice);
    let outputs = drain(&mut alice);
    let policies = commands(&outputs).into_iter().filter(|(_, command, _)| {
        matches!(command, TransportCommand::Gather { policy: IceTransportPolicy::Relay, .. })
    });
    assert_eq!(policies.count(), 2);
    let (transport, _) = alice.transports().next().expect("a transport");
    alice.handle_local_candidate(transport, candidate("host", "192.0.2.7", 5000));
    assert_eq!(drain(&mut alice).len(), 0);
    alice.handle_local_candidate(transport, candidate("relay", "203.0.113.7", 5000));
    assert_eq!(drain(&mut alice).len(), 1);
}

#[test]
fn a_candidate_before_any_description_is_refused() {
    assert_eq!(refused(peer(1).add_ice_candidate(told("0", LINE))), Some(Reason::JsepNothingRemote));
}

#[test]
fn candidates_that_come_before_our_answer_wait_for_the_transport() {
    let (mut alice, mut bob) = (caller(1), peer(2));
    bob.set_remote_description(offer(&mut alice)).expect("an offer");
    bob.add_ice_candidate(told("0", LINE)).expect("a candidate");
    bob.add_ice_candidate(told("0", LINE)).expect("the same again");
    bob.add_ice_candidate(told("0", "")).expect("the end of candidates");
    assert!(commands(&drain(&mut bob)).is_empty());
    assert!(bob.remote_description().expect("an offer").sdp.contains("a=end-of-candidates"));
    bob.set_local_description(None).expect("an answer");
    let outputs = drain(&mut bob);
    let names: Vec<_> = commands(&outputs)
        .into_iter()
        .map(|(_, command, reason)| {
            let name = match command {
                TransportCommand::Gather { controlling: false, .. } => "gather",
                TransportCommand::SetRemote { lite: false, components: 1, .. } => "remote",
                TransportCommand::AddRemoteCandidate(_) => "candidate",
                TransportCommand::EndOfRemoteCandidates => "end",
                TransportCommand::StartDtls { .. } => "dtls",
                _ => "?",
            };
            (name, reason)
        })
        .collect();
    assert_eq!(
        names,
        [
            ("gather", Reason::JsepGather),
            ("remote", Reason::JsepRemoteIce),
            ("candidate", Reason::JsepRemoteCandidate),
            ("end", Reason::JsepRemoteCandidate),
            ("dtls", Reason::JsepDtls),
        ]
    );
}

#[test]
fn a_candidate_has_to_name_a_medium_and_a_session_that_exist() {
    let mut bob = peer(2);
    bob.set_remote_description(offer(&mut caller(1))).expect("an offer");
    let nameless = IceCandidate { candidate: LINE.into(), ..IceCandidate::default() };
    assert!(matches!(bob.add_ice_candidate(nameless), Err(JsepError::Argument(_))));
    assert!(matches!(bob.add_ice_candidate(told("9", LINE)), Err(JsepError::Operation(_))));
    assert!(matches!(bob.add_ice_candidate(told("0", "candidate:nonsense")), Err(JsepError::Operation(_))));
    let other = IceCandidate { username_fragment: Some("zzzz".into()), ..told("0", LINE) };
    assert!(matches!(bob.add_ice_candidate(other), Err(JsepError::Operation(_))));
    let inside = told("0", &format!("{LINE} ufrag zzzz"));
    assert!(matches!(bob.add_ice_candidate(inside), Err(JsepError::Operation(_))));
    let far = IceCandidate { candidate: LINE.into(), sdp_m_line_index: Some(9), ..IceCandidate::default() };
    assert!(matches!(bob.add_ice_candidate(far), Err(JsepError::Operation(_))));
}

#[test]
fn an_end_without_name_ends_all_media() {
    let mut bob = peer(2);
    bob.set_remote_description(offer(&mut caller(1))).expect("an offer");
    bob.add_ice_candidate(IceCandidate::default()).expect("the end of all");
    let remote = bob.remote_description().expect("an offer").sdp;
    assert_eq!(remote.matches("a=end-of-candidates").count(), 2);
}

#[test]
fn candidates_in_the_description_count_like_trickled_ones() {
    let mut alice = caller(1);
    offer(&mut alice);
    let (transport, _) = alice.transports().next().expect("a transport");
    alice.handle_local_candidate(transport, candidate("host", "192.0.2.7", 5000));
    alice.handle_gathering_state(transport, IceGatheringState::Complete);
    let complete = alice.local_description().expect("an offer");
    let mut bob = peer(2);
    answer(&mut bob, complete);
    let outputs = drain(&mut bob);
    let added = commands(&outputs)
        .into_iter()
        .filter(|(_, command, _)| {
            matches!(
                command,
                TransportCommand::AddRemoteCandidate(_) | TransportCommand::EndOfRemoteCandidates
            )
        })
        .count();
    assert_eq!(added, 2);
}

#[test]
fn whether_the_peer_takes_candidates_later_is_known_after_its_first_description() {
    let mut bob = peer(2);
    assert_eq!(bob.can_trickle_ice_candidates(), None);
    bob.set_remote_description(offer(&mut caller(1))).expect("an offer");
    assert_eq!(bob.can_trickle_ice_candidates(), Some(true));
}

#[test]
fn a_lite_peer_is_told_to_the_transport() {
    let offered = edited(&offer(&mut caller(1)), "t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n");
    let mut bob = peer(2);
    answer(&mut bob, offered);
    let outputs = drain(&mut bob);
    assert!(
        commands(&outputs)
            .iter()
            .any(|(_, command, _)| matches!(command, TransportCommand::SetRemote { lite: true, .. }))
    );
}

#[test]
fn other_servers_need_a_restart_and_frozen_settings_stay() {
    let (mut alice, mut bob) = (caller(1), peer(2));
    exchange(&mut alice, &mut bob);
    drain(&mut alice);
    let mut config = alice.configuration().clone();
    config.ice_servers.push("stun:198.51.100.1".into());
    alice.set_configuration(config.clone()).expect("other servers");
    assert_eq!(super::duo::needs_negotiation(&mut alice), Some(Reason::NeedRestart));
    config.bundle_policy = rtclab_rtc::jsep::BundlePolicy::MaxCompat;
    assert_eq!(alice.set_configuration(config.clone()), Err(JsepError::Frozen("bundlePolicy")));
    config.bundle_policy = alice.configuration().bundle_policy;
    config.ice_candidate_pool_size = 1;
    assert_eq!(alice.set_configuration(config), Err(JsepError::Frozen("iceCandidatePoolSize")));
    let _: SessionDescription = offer(&mut alice);
}
