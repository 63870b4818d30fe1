//! What happens when nothing happens.

use std::time::Duration;

use rtclab_rtc::ice::ConnectionState;
use rtclab_rtc::stun::{Class, Message, Method};
use rtclab_rtc::{Reason, Time};

use crate::duo::{Duo, hosts, wire};

/// Connected, and nobody asks for consent, which would keep the pair busy.
fn connected() -> Duo {
    let mut configs = hosts(1);
    for config in &mut configs {
        config.consent = false;
    }
    let mut duo = Duo::new(configs, wire(50));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    duo
}

#[test]
fn an_idle_pair_gets_a_bare_binding_indication_every_15_seconds() {
    let mut duo = connected();
    duo.run_until(Time::from_millis(1000));
    duo.sent.clear();
    duo.run_until(Time::from_millis(31_000));
    let sent: Vec<_> = duo.sent.iter().filter(|(_, side, _)| *side == 0).collect();
    assert_eq!(sent.len(), 2, "at 15 and 30 s after the last check");
    assert_eq!(sent[1].0.since(sent[0].0), Duration::from_secs(15));
    assert_eq!(sent[0].2.reason, Some(Reason::Keepalive));
    let message = Message::parse(&sent[0].2.payload).expect("STUN");
    assert_eq!((message.class(), message.method()), (Class::Indication, Method::BINDING));
    assert!(message.has_fingerprint());
    assert_eq!(message.attributes().count(), 1, "RFC 8445 §11: nothing but FINGERPRINT");
}

#[test]
fn data_keeps_the_pair_alive_without_indications() {
    let mut duo = connected();
    duo.run_until(Time::from_millis(1000));
    duo.sent.clear();
    for second in 1..60 {
        duo.run_until(Time::from_millis(1000 * second));
        let now = duo.now;
        duo.act(0, |agent| agent.send(b"frame", now)).expect("connected");
    }
    let indications =
        duo.sent.iter().filter(|(_, side, transmit)| *side == 0 && transmit.payload != b"frame");
    assert_eq!(indications.count(), 0);
}

#[test]
fn without_consent_checks_silence_is_what_no_keepalive_breaks() {
    let mut duo = connected();
    duo.path = Box::new(|_, _| None);
    duo.run_until(Time::from_millis(34_000));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Completed);
    duo.run_until(Time::from_millis(36_000));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Disconnected);
    duo.path = wire(50);
    duo.run_until(Time::from_millis(60_000));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Completed);
}

#[test]
fn an_idle_agent_wakes_up_for_keepalives_alone() {
    let mut duo = connected();
    duo.run_until(Time::from_millis(1000));
    let mut steps = 0;
    while duo.now < Time::from_millis(601_000) {
        assert!(duo.step());
        steps += 1;
    }
    assert!(steps <= 40 * 2 * 2 + 2, "{steps} events in ten minutes");
}

#[test]
fn valid_pairs_that_may_be_nominated_later_are_kept_open_next_to_the_selected_one() {
    let mut configs = hosts(2);
    for config in &mut configs {
        config.renomination = true;
    }
    let mut duo = Duo::new(configs, wire(50));
    duo.start();
    duo.run_until(Time::from_millis(2000));
    let kept = duo.sides[0].agent.check_list().valid.len();
    assert!(kept > 1, "{kept} valid pairs");
    duo.sent.clear();
    duo.run_until(Time::from_millis(17_000));
    let mut paths: Vec<_> = duo
        .sent
        .iter()
        .filter(|(_, side, transmit)| *side == 0 && transmit.reason == Some(Reason::Keepalive))
        .map(|(.., transmit)| (transmit.from, transmit.to))
        .collect();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), kept - 1, "the selected one has its consent checks");
}
