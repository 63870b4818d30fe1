//! Names in place of addresses.

use rtclab_rtc::ice::{CandidateKind, CandidateLine, ConnectionState, HostRequest};
use rtclab_rtc::{Reason, Time};

use crate::duo::{Duo, at, hosts, through_nats, wire};

/// The second side hides its addresses; the first one can look them up.
fn hiding() -> Duo {
    let [left, mut right] = hosts(1);
    right.hide_addresses = true;
    let mut duo = Duo::new([left, right], wire(50));
    duo.signaling = false;
    duo.start();
    let names: Vec<_> = duo.sides[1].agent.names().map(|(name, ip)| (name.to_owned(), ip)).collect();
    assert_eq!(names.len(), 1);
    duo.wires.directory.extend(names);
    duo.signaling = true;
    duo.signal();
    duo
}

#[test]
fn a_hidden_address_is_looked_up_and_then_used() {
    let mut duo = hiding();
    assert!(matches!(&duo.wires.asked[..], [(0, HostRequest::Resolve { name })] if name.ends_with(".local")));
    assert!(duo.sides[0].told.ignored.contains(&Reason::NameToResolve));
    assert!(duo.drive(Time::from_millis(2000)));
    assert!(duo.sides[0].told.reasons().contains(&Reason::NameResolved));
}

#[test]
fn no_line_of_a_hiding_agent_shows_a_private_address() {
    let [left, mut right] = hosts(2);
    right.hide_addresses = true;
    right.stun_servers = vec![at("192.0.2.9:3478")];
    let nat = [("10.2.0.1:5000", "203.0.113.2:40000"), ("10.2.1.1:5001", "203.0.113.2:40001")];
    let mut duo = Duo::new([left, right], through_nats(20, &nat));
    duo.stun = Some(at("192.0.2.9:3478"));
    duo.start();
    duo.run_until(Time::from_millis(500));
    let agent = &duo.sides[1].agent;
    let numbers: Vec<u32> = agent.local_candidates().map(|(number, _)| number).collect();
    let lines: Vec<CandidateLine> =
        numbers.iter().filter_map(|number| agent.candidate_line(*number)).collect();
    assert!(lines.iter().any(|line| line.candidate.kind == CandidateKind::ServerReflexive));
    for line in &lines {
        let text = line.to_string();
        assert!(!text.contains("10.2."), "{text}");
        let again: CandidateLine = text.parse().expect("a candidate");
        assert_eq!(again.name, line.name);
    }
}

#[test]
fn a_name_that_nobody_answers_to_is_no_candidate_and_is_not_waited_for() {
    let [left, mut right] = hosts(1);
    right.hide_addresses = true;
    let mut duo = Duo::new([left, right], Box::new(|_, _| None));
    duo.start();
    duo.run_until(Time::from_millis(1000));
    assert!(duo.sides[0].told.ignored.contains(&Reason::NameNotResolved));
    assert_eq!(duo.sides[0].agent.remote_candidates().count(), 0);
    duo.run_until(Time::from_millis(60_000));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Failed);
}

#[test]
fn a_peer_that_checks_before_its_name_is_known_is_peer_reflexive_until_then() {
    let mut duo = hiding();
    duo.run_until(Time::from_millis(2000));
    let kinds: Vec<_> = duo.sides[0].agent.remote_candidates().map(|(_, candidate)| candidate.kind).collect();
    assert_eq!(kinds, [CandidateKind::Host], "signaling tells what it truly is (RFC 8445 §7.3.1.3)");
}

#[test]
fn a_peer_cannot_make_us_look_up_names_without_end() {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.start();
    let now = duo.now;
    duo.sides[0].told.ignored.clear();
    let mut duo = Duo::new(hosts(1), wire(50));
    for index in 0..1000 {
        let line: CandidateLine = format!("candidate:1 1 udp 2130706431 n{index}.local 5000 typ host")
            .parse()
            .expect("a candidate");
        duo.act(0, |agent| agent.add_remote_candidate(line, now));
    }
    assert!(duo.wires.asked.len() <= 32, "{}", duo.wires.asked.len());
}
