//! Nomination as browsers have it, and nominating anew.

use rtclab_rtc::ice::{CannotNominate, ConnectionState, NominationMode};
use rtclab_rtc::stun::{Attribute, AttributeType, Message};
use rtclab_rtc::{Reason, Time, Transmit};

use crate::duo::{Duo, at, hosts, wire};

fn says_use_candidate(transmit: &Transmit) -> bool {
    Message::parse(&transmit.payload).is_ok_and(|message| message.use_candidate())
}

fn nomination_of(transmit: &Transmit) -> Option<u32> {
    let message = Message::parse(&transmit.payload).ok()?;
    message.attributes().find_map(|attribute| match attribute {
        Attribute::Unknown { kind: AttributeType(0xC001), value } => {
            Some(u32::from_be_bytes(value.try_into().ok()?))
        }
        _ => None,
    })
}

fn aggressive(count: u16) -> Duo {
    let [mut left, right] = hosts(count);
    left.nomination = NominationMode::Aggressive;
    let mut duo = Duo::new([left, right], wire(50));
    duo.start();
    duo
}

#[test]
fn an_aggressive_agent_knows_its_pair_after_one_round_trip() {
    let mut duo = aggressive(1);
    assert!(duo.drive(Time::from_millis(1000)));
    assert_eq!(duo.sides[0].connected_at(), Some(Time::from_millis(100)));
    assert_eq!(duo.sides[1].connected_at(), Some(Time::from_millis(100)));
}

#[test]
fn every_check_of_an_aggressive_agent_nominates_and_no_check_of_a_controlled_one_does() {
    let mut duo = aggressive(3);
    duo.run_until(Time::from_millis(2000));
    let checks = duo.sent.iter().filter(|(.., transmit)| {
        matches!(
            transmit.reason,
            Some(Reason::OrdinaryCheck | Reason::TriggeredCheck | Reason::NominatingCheck)
        )
    });
    for (_, side, transmit) in checks {
        assert_eq!(says_use_candidate(transmit), *side == 0);
    }
}

#[test]
fn of_what_an_aggressive_agent_nominated_the_best_counts_on_both_sides() {
    // The best pair answers late; a worse one has been selected by then.
    let [mut left, right] = hosts(2);
    left.nomination = NominationMode::Aggressive;
    let mut duo = Duo::new([left, right], wire(50));
    duo.path = Box::new(|_, transmit| {
        let best = transmit.from == at("10.1.0.1:5000") || transmit.to == at("10.1.0.1:5000");
        let delay = if best { 150 } else { 30 };
        Some((std::time::Duration::from_millis(delay), transmit.clone()))
    });
    duo.start();
    duo.run_until(Time::from_millis(200));
    let before = duo.sides[0].agent.selected().map(|(_, local, _)| local.address);
    assert_eq!(before, Some(at("10.1.1.1:5001")));
    duo.run_until(Time::from_millis(3000));
    assert!(duo.agrees());
    let after = duo.sides[0].agent.selected().map(|(_, local, _)| local.address);
    assert_eq!(after, Some(at("10.1.0.1:5000")));
}

fn renominating() -> Duo {
    let mut configs = hosts(2);
    for config in &mut configs {
        config.renomination = true;
    }
    let mut duo = Duo::new(configs, wire(50));
    duo.start();
    duo.run_until(Time::from_millis(2000));
    duo
}

/// A valid pair of the first side that does not carry data.
fn other(duo: &Duo) -> u32 {
    let agent = &duo.sides[0].agent;
    let selected = agent.selected().map(|selected| selected.0);
    let valid = agent.check_list().valid;
    valid.into_iter().find(|number| Some(*number) != selected).expect("another valid pair")
}

#[test]
fn another_valid_pair_can_be_nominated_without_a_restart() {
    let mut duo = renominating();
    let other = other(&duo);
    let now = duo.now;
    duo.act(0, |agent| agent.renominate(other, now)).expect("it may");
    duo.run_until(Time::from_millis(3000));
    assert_eq!(duo.sides[0].agent.selected().map(|selected| selected.0), Some(other));
    assert!(duo.agrees(), "the controlled side followed");
    assert!(duo.sides[0].told.reasons().contains(&Reason::NominatedAnew));
}

#[test]
fn the_controlled_side_follows_the_newest_nomination_in_whatever_order_they_come() {
    let mut duo = renominating();
    let old = duo.sent.iter().find(|(_, side, transmit)| *side == 0 && nomination_of(transmit) == Some(1));
    let old = old.expect("the first nomination").2.clone();
    let other = other(&duo);
    let now = duo.now;
    duo.act(0, |agent| agent.renominate(other, now)).expect("it may");
    duo.run_until(Time::from_millis(3000));
    let before = duo.sides[1].agent.selected().map(|selected| selected.0);
    let now = duo.now;
    duo.act(1, |agent| agent.handle_datagram(old.to, old.from, &old.payload, now));
    assert_eq!(duo.sides[1].agent.selected().map(|selected| selected.0), before);
    assert!(duo.sides[1].told.ignored.contains(&Reason::NominationOutdated));
}

#[test]
fn a_silent_pair_is_left_for_the_best_other_one() {
    let mut duo = renominating();
    let broken = duo.sides[0].agent.selected().map(|(_, local, _)| local.address).expect("a pair");
    duo.path = Box::new(move |_, transmit| {
        let lost = transmit.from == broken || transmit.to == broken;
        (!lost).then(|| (std::time::Duration::from_millis(50), transmit.clone()))
    });
    duo.run_until(Time::from_millis(20_000));
    assert!(duo.sides[0].told.reasons().contains(&Reason::NominatedFromSilence));
    assert_ne!(duo.sides[0].agent.selected().map(|(_, local, _)| local.address), Some(broken));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Completed);
    assert!(duo.agrees());
}

#[test]
fn nominating_anew_is_refused_where_it_was_not_agreed_or_makes_no_sense() {
    let mut duo = Duo::new(hosts(2), wire(50));
    duo.start();
    duo.run_until(Time::from_millis(2000));
    let now = duo.now;
    assert_eq!(duo.act(0, |agent| agent.renominate(0, now)), Err(CannotNominate::NotAgreed));
    let mut duo = renominating();
    let now = duo.now;
    assert_eq!(duo.act(1, |agent| agent.renominate(0, now)), Err(CannotNominate::NotControlling));
    assert_eq!(duo.act(0, |agent| agent.renominate(999, now)), Err(CannotNominate::NotValid));
}
