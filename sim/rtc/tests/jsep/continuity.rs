//! ICE restarts, and DTLS associations that go on or begin anew.

use rtclab_rtc::Reason;
use rtclab_rtc::jsep::{DtlsRole, OfferOptions, PeerConnection, SessionDescription, TransportCommand};

use super::duo::{answer, caller, commands, drain, edited, exchange, needs_negotiation, offer, refusal, sdp};

fn connected() -> (PeerConnection, PeerConnection) {
    let (mut alice, mut bob) = (caller(1), caller(2));
    exchange(&mut alice, &mut bob);
    drain(&mut alice);
    drain(&mut bob);
    (alice, bob)
}

fn ufrag(connection: &PeerConnection) -> String {
    let sdp = sdp(&connection.local_description().expect("a description"));
    sdp.media().find_map(|section| section.ice_ufrag().map(str::to_owned)).expect("a ufrag")
}

/// The names of commands, with their reasons.
fn names(connection: &mut PeerConnection) -> Vec<(&'static str, Reason)> {
    let outputs = drain(connection);
    let name = |command: &TransportCommand| match command {
        TransportCommand::Restart { .. } => "restart",
        TransportCommand::AbandonRestart { .. } => "abandon",
        TransportCommand::SetRemote { .. } => "remote",
        TransportCommand::StartDtls { .. } => "dtls",
        _ => "other",
    };
    commands(&outputs).into_iter().map(|(_, command, reason)| (name(command), reason)).collect()
}

#[test]
fn an_ice_restart_renews_the_credentials_of_both_sides_and_keeps_dtls() {
    let (mut alice, mut bob) = connected();
    let before = (ufrag(&alice), ufrag(&bob));
    alice.restart_ice().expect("a restart");
    assert_eq!(needs_negotiation(&mut alice), Some(Reason::NeedRestart));
    exchange(&mut alice, &mut bob);
    assert!(ufrag(&alice) != before.0 && ufrag(&bob) != before.1);
    let expected = [("restart", Reason::JsepRestart), ("remote", Reason::JsepRemoteIce)];
    assert_eq!((names(&mut alice), names(&mut bob)), (expected.to_vec(), expected.to_vec()));
    assert_eq!(needs_negotiation(&mut alice), None, "the wish is fulfilled");
}

#[test]
fn a_restart_can_be_asked_of_one_offer() {
    let (mut alice, mut bob) = connected();
    let before = ufrag(&alice);
    let options = OfferOptions { ice_restart: true };
    let offered = alice.create_offer(options).expect("an offer");
    alice.set_local_description(Some(offered.clone())).expect("our offer");
    assert_ne!(ufrag(&alice), before);
    let answered = answer(&mut bob, offered);
    alice.set_remote_description(answered).expect("an answer");
}

#[test]
fn a_restart_that_is_taken_back_leaves_the_old_session_and_the_wish() {
    let (mut alice, _) = connected();
    let before = ufrag(&alice);
    alice.restart_ice().expect("a restart");
    offer(&mut alice);
    alice.set_local_description(Some(SessionDescription::rollback())).expect("a rollback");
    assert_eq!(names(&mut alice), [("restart", Reason::JsepRestart), ("abandon", Reason::JsepRollback)]);
    assert_eq!(ufrag(&alice), before);
    alice.restart_ice().expect("still wanted");
    offer(&mut alice);
    assert_ne!(ufrag(&alice), before);
}

#[test]
fn the_answer_has_to_follow_the_restart_and_not_to_restart_alone() {
    let (mut alice, mut bob) = connected();
    let old = sdp(&bob.local_description().expect("a description"));
    let old_line = format!("a=ice-ufrag:{}", old.medium(0).and_then(|tag| tag.ice_ufrag()).expect("a ufrag"));
    let old_password =
        format!("a=ice-pwd:{}", old.medium(0).and_then(|tag| tag.ice_password()).expect("a password"));
    let offered = alice.create_offer(OfferOptions { ice_restart: true }).expect("an offer");
    alice.set_local_description(Some(offered.clone())).expect("our offer");
    let answered = answer(&mut bob, offered);
    let new = sdp(&answered);
    let new_line = format!("a=ice-ufrag:{}", new.medium(0).and_then(|tag| tag.ice_ufrag()).expect("a ufrag"));
    let new_password =
        format!("a=ice-pwd:{}", new.medium(0).and_then(|tag| tag.ice_password()).expect("a password"));
    let unchanged = edited(&edited(&answered, &new_line, &old_line), &new_password, &old_password);
    assert_eq!(refusal(&mut alice, unchanged), Some(Reason::AnswerWithoutRestart));
    alice.set_remote_description(answered).expect("the true answer");

    let (mut alice, mut bob) = connected();
    let offered = offer(&mut alice);
    let answered = answer(&mut bob, offered);
    let alone = edited(&answered, "a=ice-ufrag:", "a=ice-ufrag:x");
    assert_eq!(refusal(&mut alice, alone), Some(Reason::AnswerRestartsAlone));
}

#[test]
fn dtls_begins_with_the_answer_and_the_roles_fit() {
    let (mut alice, mut bob) = (caller(1), caller(2));
    exchange(&mut alice, &mut bob);
    let role = |connection: &mut PeerConnection| {
        let outputs = drain(connection);
        let commands = commands(&outputs);
        commands.into_iter().find_map(|(_, command, _)| match command {
            TransportCommand::StartDtls { role, fingerprints } => Some((*role, fingerprints[0].bytes[0])),
            _ => None,
        })
    };
    assert_eq!(role(&mut alice), Some((DtlsRole::Server, 2)), "the peer's certificate is expected");
    assert_eq!(role(&mut bob), Some((DtlsRole::Client, 1)));
}

#[test]
fn roles_stay_when_the_other_side_offers_next() {
    let (mut alice, mut bob) = connected();
    exchange(&mut bob, &mut alice);
    let answered = sdp(&alice.local_description().expect("an answer"));
    assert_eq!(answered.medium(0).and_then(|tag| tag.setup()), Some(rtclab_rtc::sdp::Setup::Passive));
    assert_eq!((names(&mut alice), names(&mut bob)), (Vec::new(), Vec::new()), "transports do not notice");
}

#[test]
fn another_role_on_the_same_association_is_refused() {
    let (mut alice, mut bob) = connected();
    let offered = offer(&mut bob);
    let answered = edited(&answer(&mut alice, offered), "a=setup:passive", "a=setup:active");
    assert_eq!(refusal(&mut bob, answered), Some(Reason::ReofferSetup));
    let (mut alice, mut bob) = connected();
    let turned = edited(&offer(&mut alice), "a=setup:actpass", "a=setup:active");
    assert_eq!(refusal(&mut bob, turned), Some(Reason::ReofferSetup));
}

#[test]
fn another_certificate_needs_an_ice_restart() {
    let (mut alice, mut bob) = connected();
    let other = edited(&offer(&mut alice), "sha-256 01:01", "sha-256 07:01");
    assert_eq!(refusal(&mut bob, other), Some(Reason::ReofferDtls));

    let (mut alice, mut bob) = connected();
    let offered = alice.create_offer(OfferOptions { ice_restart: true }).expect("an offer");
    let other = edited(&offered, "sha-256 01:01", "sha-256 07:01");
    answer(&mut bob, other);
    let expected =
        [("restart", Reason::JsepRestart), ("remote", Reason::JsepRemoteIce), ("dtls", Reason::JsepDtls)];
    assert_eq!(names(&mut bob), expected);
}

#[test]
fn an_answer_with_another_certificate_is_refused_on_the_same_ice_session() {
    let (mut alice, mut bob) = connected();
    let offered = offer(&mut alice);
    // The rule between descriptions finds it when the answer repeats its credentials; this one is about the running association.
    let answered = edited(&answer(&mut bob, offered), "sha-256 02:02", "sha-256 08:02");
    let rule = refusal(&mut alice, answered);
    assert!(matches!(rule, Some(Reason::ReofferDtls | Reason::ReofferNewDtls)), "{rule:?}");
}
