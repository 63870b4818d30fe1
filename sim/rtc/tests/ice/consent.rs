//! Whether the peer still wants to be sent to, and what is done when it does not (RFC 7675).

use std::time::Duration;

use rtclab_rtc::ice::{Change, CheckListState, ConnectionState, ConsentState, NotConnected};
use rtclab_rtc::stun::{Class, Message};
use rtclab_rtc::{Reason, Time, Transmit};

use crate::duo::{Duo, hosts, wire};

fn connected() -> Duo {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    duo
}

fn nobody_hears(duo: &mut Duo) {
    duo.path = Box::new(|_, _| None);
}

/// When the first side asked for consent.
fn asked(duo: &Duo) -> Vec<Time> {
    let asks = |transmit: &Transmit| transmit.reason == Some(Reason::ConsentCheck);
    duo.sent.iter().filter(|(_, side, transmit)| *side == 0 && asks(transmit)).map(|(at, ..)| *at).collect()
}

#[test]
fn consent_is_asked_for_every_five_seconds_give_or_take_a_fifth() {
    let mut duo = connected();
    duo.run_until(Time::from_millis(600_000));
    let times = asked(&duo);
    assert!((100..=150).contains(&times.len()), "{}", times.len());
    let gaps: Vec<Duration> = times.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    assert!(gaps.iter().all(|gap| (4000..=6000).contains(&gap.as_millis())), "{gaps:?}");
    assert!(gaps.iter().any(|gap| gap.as_millis() < 4500) && gaps.iter().any(|gap| gap.as_millis() > 5500));
    assert_eq!(duo.sides[0].agent.snapshot().consent, ConsentState::Granted);
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Completed);
}

#[test]
fn a_consent_check_is_a_transaction_of_its_own_and_never_sent_again() {
    let mut duo = connected();
    nobody_hears(&mut duo);
    duo.sent.clear();
    duo.run_until(Time::from_millis(25_000));
    let requests = duo.sent.iter().filter(|(_, side, _)| *side == 0);
    let mut ids: Vec<_> = requests
        .filter_map(|(.., transmit)| Message::parse(&transmit.payload).ok())
        .filter(|message| message.class() == Class::Request)
        .map(|message| message.transaction_id().0)
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    assert!(duo.sides[0].told.reasons().contains(&Reason::ConsentUnanswered));
}

#[test]
fn five_seconds_after_an_unanswered_check_the_connection_counts_as_disconnected() {
    let mut duo = connected();
    nobody_hears(&mut duo);
    let broken = duo.now;
    duo.run_until(Time::from_millis(15_000));
    let first = asked(&duo).into_iter().find(|at| *at >= broken).expect("asked");
    let changes = &duo.sides[0].told.changes;
    let disconnected = changes.iter().find_map(|(at, _, change, reason, _)| match change {
        Change::Agent(agent) if agent.connection == ConnectionState::Disconnected => Some((*at, *reason)),
        _ => None,
    });
    assert_eq!(disconnected, Some((first + Duration::from_secs(5), Some(Reason::PeerSilent))));
}

#[test]
fn an_answer_after_silence_brings_the_connection_back() {
    let mut duo = connected();
    nobody_hears(&mut duo);
    duo.run_until(Time::from_millis(15_000));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Disconnected);
    duo.path = wire(50);
    duo.run_until(Time::from_millis(22_000));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Completed);
    assert!(duo.sides[0].told.reasons().contains(&Reason::PeerHeardAgain));
}

#[test]
fn thirty_seconds_after_the_last_answer_nothing_is_sent_any_more() {
    let mut duo = connected();
    duo.run_until(Time::from_millis(20_000));
    let last =
        duo.sides[0].told.changes.iter().rev().find(|(.., reason, _)| *reason == Some(Reason::ConsentGiven));
    let last = last.expect("an answer").0;
    nobody_hears(&mut duo);
    let lost = last + Duration::from_secs(30);
    duo.run_until(lost - Duration::from_millis(1));
    assert_ne!(duo.sides[0].agent.state(), ConnectionState::Failed);
    duo.run_until(lost);
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Failed);
    assert_eq!(duo.sides[0].agent.snapshot().consent, ConsentState::Expired);
    assert!(duo.sides[0].told.reasons().contains(&Reason::ConsentExpired));
    let now = duo.now;
    let sent = duo.act(0, |agent| agent.send(b"frame", now));
    assert_eq!(sent, Err(NotConnected::NoConsent));
    duo.sent.retain(|(_, side, _)| *side == 1);
    duo.run_until(Time::from_millis(200_000));
    assert!(duo.sent.iter().all(|(_, side, _)| *side == 1), "the side that lost it is still");
}

#[test]
fn what_was_known_stays_to_be_looked_at_after_the_end() {
    let mut duo = connected();
    nobody_hears(&mut duo);
    duo.run_until(Time::from_millis(60_000));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Failed);
    assert!(duo.sides[0].agent.selected().is_some());
    assert_eq!(duo.sides[0].agent.check_list().state, CheckListState::Completed);
    assert_eq!(duo.sides[0].agent.pairs().count(), 1);
}

#[test]
fn checks_of_the_peer_are_answered_after_consent_is_lost() {
    let mut duo = connected();
    let first = Transmit::clone(&duo.first_sent(0));
    let from_second = first.to;
    // Only what the second side asks for gets through, and no answer does.
    duo.path = Box::new(move |_, transmit| {
        let request =
            Message::parse(&transmit.payload).is_ok_and(|message| message.class() == Class::Request);
        (request && transmit.from == from_second).then(|| (Duration::from_millis(50), transmit.clone()))
    });
    duo.run_until(Time::from_millis(29_000));
    duo.sent.clear();
    duo.run_until(Time::from_millis(60_000));
    assert_eq!(duo.sides[0].agent.snapshot().consent, ConsentState::Expired);
    let answers = duo.sent.iter().filter(|(at, side, transmit)| {
        *side == 0 && *at > Time::from_millis(31_000) && transmit.reason == Some(Reason::CheckAnswered)
    });
    // The second side hears no answer either, so its own consent ends as soon; until then it asks.
    assert!(answers.count() <= 2);
}

#[test]
fn a_peer_that_withdraws_its_consent_is_not_sent_to_any_more() {
    let mut duo = connected();
    duo.act(1, |agent| agent.withdraw_consent());
    duo.run_until(Time::from_millis(8_000));
    assert_eq!(duo.sides[0].agent.snapshot().consent, ConsentState::Revoked);
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Failed);
    assert!(duo.sides[0].told.reasons().contains(&Reason::ConsentRefused));
    let answered = duo.sent.iter().any(|(.., transmit)| transmit.reason == Some(Reason::ConsentWithdrawn));
    assert!(answered);
}

#[test]
fn an_authenticated_end_above_ends_consent_at_once() {
    let mut duo = connected();
    let now = duo.now;
    duo.act(0, |agent| agent.consent_revoked(now));
    assert_eq!(duo.sides[0].agent.snapshot().consent, ConsentState::Revoked);
    assert!(duo.sides[0].told.reasons().contains(&Reason::ConsentRevoked));
    let sent = duo.act(0, |agent| agent.send(b"frame", now));
    assert_eq!(sent, Err(NotConnected::NoConsent));
}

#[test]
fn a_forged_answer_renews_nothing() {
    let mut duo = connected();
    // Every response is broken on its way; the fingerprint is repaired, the integrity cannot be.
    duo.path = Box::new(|_, transmit| {
        let message = Message::parse(&transmit.payload).ok()?;
        if message.class() == Class::Request {
            return Some((Duration::from_millis(50), transmit.clone()));
        }
        let forged = rtclab_rtc::stun::Builder::success(&message)
            .sign(&rtclab_rtc::stun::IntegrityKey::short_term("not the password of this call"))
            .finish();
        Some((Duration::from_millis(50), Transmit { payload: forged, ..transmit.clone() }))
    });
    duo.run_until(Time::from_millis(40_000));
    assert_eq!(duo.sides[0].agent.snapshot().consent, ConsentState::Expired);
}

#[test]
fn during_a_restart_the_old_pair_is_asked_about_in_the_old_name() {
    let mut duo = connected();
    duo.signaling = false;
    // The new session of the first side gets nowhere: nothing is signaled.
    duo.restart(0);
    duo.sent.clear();
    duo.run_until(Time::from_millis(60_000));
    let given = duo.sides[0].told.changes.iter().filter(|(at, .., reason, _)| {
        *reason == Some(Reason::ConsentGiven) && *at > Time::from_millis(30_000)
    });
    assert!(given.count() > 3);
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Connected);
}

#[test]
fn a_restart_after_lost_consent_begins_anew() {
    let mut duo = connected();
    nobody_hears(&mut duo);
    duo.run_until(Time::from_millis(60_000));
    duo.path = wire(50);
    for side in [0, 1] {
        duo.restart(side);
    }
    for side in [0, 1] {
        duo.exchange_credentials(side);
    }
    assert!(duo.drive(Time::from_millis(62_000)));
    for side in &duo.sides {
        assert_eq!(side.agent.snapshot().consent, ConsentState::Granted);
    }
}
