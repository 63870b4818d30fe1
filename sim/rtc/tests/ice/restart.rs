//! ICE restarts, and the end.

use std::time::Duration;

use rtclab_rtc::ice::{Change, CheckListState, ConnectionState, Credentials, Role};
use rtclab_rtc::stun::TransactionState;
use rtclab_rtc::{Reason, Subject, Time};

use crate::duo::{Duo, at, hosts, socket, wire};

fn connected() -> Duo {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    duo.run_until(Time::from_millis(1000));
    duo
}

fn restart_both(duo: &mut Duo) {
    for side in [0, 1] {
        duo.restart(side);
    }
    for side in [0, 1] {
        duo.exchange_credentials(side);
    }
}

#[test]
fn a_restart_changes_both_credentials_and_keeps_the_roles() {
    let mut duo = connected();
    let before = duo.sides[0].agent.local_credentials().clone();
    duo.restart(0);
    let after = duo.sides[0].agent.local_credentials();
    assert_ne!(before.ufrag(), after.ufrag());
    assert_ne!(before.password(), after.password());
    assert_eq!(duo.sides[0].agent.role(), Role::Controlling);
}

#[test]
fn a_restart_ends_the_checks_and_queries_that_are_under_way() {
    let mut configs = hosts(1);
    configs[0].stun_servers = vec![at("192.0.2.9:3478")];
    let mut duo = Duo::new(configs, Box::new(|_, _| None));
    duo.start();
    duo.run_until(Time::from_millis(100));
    assert_eq!(duo.sides[0].told.changes_for(Reason::SessionOver), []);
    duo.restart(0);
    let ended = duo.sides[0].told.changes_for(Reason::SessionOver);
    assert_eq!(ended.len(), 2, "a check and a query: {ended:?}");
    for (subject, change) in ended {
        let Change::Transaction(transaction) = change else { panic!("{subject:?}: {change:?}") };
        assert_eq!(transaction.state, TransactionState::Cancelled);
    }
}

#[test]
fn a_restart_finds_a_new_pair_as_fast_as_a_new_call() {
    let mut duo = connected();
    restart_both(&mut duo);
    assert!(duo.drive(Time::from_millis(1300)));
    assert!(duo.agrees());
    assert_eq!(duo.sides[0].agent.selected().expect("selected").0, 1, "a pair with a number of its own");
    assert!(duo.sides[0].told.newest.contains_key(&Subject::CheckList(1)));
}

#[test]
fn the_old_pair_carries_data_until_the_new_one_is_selected() {
    let mut duo = connected();
    let old = duo.sides[0].agent.selected().map(|selected| selected.0);
    restart_both(&mut duo);
    assert_eq!(duo.sides[0].agent.check_list().state, CheckListState::Running);
    assert_eq!(duo.sides[0].agent.selected().map(|selected| selected.0), old);
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Connected);
    let now = duo.now;
    duo.act(0, |agent| agent.send(b"still here", now)).expect("the old pair");
    duo.run_until(now + Duration::from_millis(50));
    assert_eq!(duo.sides[1].told.data.len(), 1);
}

#[test]
fn checks_of_the_old_session_are_answered_and_change_nothing() {
    let mut duo = connected();
    let old = duo.sent.iter().find(|(_, side, _)| *side == 1).expect("a check").2.clone();
    duo.restart(0);
    let pairs = duo.sides[0].pair_list();
    let sent = duo.sent.len();
    let now = duo.now;
    duo.act(0, |agent| agent.handle_datagram(old.to, old.from, &old.payload, now));
    assert_eq!(duo.sides[0].told.ignored.last(), Some(&Reason::OtherSession));
    assert_eq!(duo.sent.len(), sent + 1);
    assert_eq!(duo.sides[0].pair_list(), pairs);
}

#[test]
fn a_host_that_moved_is_reached_after_a_restart() {
    let mut duo = connected();
    duo.sides[0].agent.replace_sockets(vec![socket("10.7.0.1:6000", 65535)]);
    duo.sides[0].sockets = vec![at("10.7.0.1:6000")];
    restart_both(&mut duo);
    assert!(duo.drive(Time::from_millis(1300)));
    let (_, local, _) = duo.sides[0].agent.selected().expect("selected");
    assert_eq!(local.address, at("10.7.0.1:6000"));
    assert!(duo.agrees());
}

#[test]
fn a_restart_after_failure_connects() {
    let mut duo = Duo::new(hosts(1), Box::new(|_, _| None));
    duo.start();
    duo.run_until(Time::from_millis(40_000));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Failed);
    duo.path = wire(50);
    restart_both(&mut duo);
    assert!(duo.drive(Time::from_millis(41_000)));
}

#[test]
fn a_closed_agent_is_silent() {
    let mut duo = connected();
    let now = duo.now;
    duo.act(0, |agent| agent.close(now));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Closed);
    let changes = duo.sides[0].told.changes_for(Reason::ClosedByOwner);
    let [(Subject::Agent, Change::Agent(agent))] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(agent.connection, ConnectionState::Closed);
    assert_eq!(duo.sides[0].agent.poll_timeout(), None);
    let check = duo.sent.iter().find(|(_, side, _)| *side == 1).expect("a check").2.clone();
    let sent = duo.sent.len();
    duo.act(0, |agent| agent.handle_datagram(check.to, check.from, &check.payload, now));
    assert_eq!(duo.sent.len(), sent);
    assert_eq!(duo.sides[0].told.ignored.last(), Some(&Reason::ClosedByOwner));
    assert!(duo.act(0, |agent| agent.send(b"x", now)).is_err());
}

#[test]
fn credentials_may_come_from_the_owner() {
    let given = Credentials::new("8hhY", "asd88fgpdd777uzjYhagZg").unwrap();
    let mut configs = hosts(1);
    configs[0].credentials = Some(given.clone());
    let mut duo = Duo::new(configs, wire(50));
    assert_eq!(duo.sides[0].agent.local_credentials(), &given);
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    let next = Credentials::new("9uB6", "YH75Fviy6338Vbrhrlp8Yh").unwrap();
    let now = duo.now;
    duo.act(0, |agent| agent.restart_with(next.clone(), now));
    assert_eq!(duo.sides[0].agent.local_credentials(), &next);
}

#[test]
fn a_restart_that_is_taken_back_leaves_the_session_as_it_was() {
    let mut duo = connected();
    let before = duo.sides[0].agent.local_credentials().clone();
    let selected = duo.sides[0].agent.selected().map(|selected| selected.0);
    duo.restart(0);
    duo.run_until(Time::from_millis(1500));
    let now = duo.now;
    duo.act(0, |agent| agent.abandon_restart(now));
    assert_eq!(duo.sides[0].told.changes_for(Reason::RestartAbandoned).len(), 2, "agent and list");
    let agent = &duo.sides[0].agent;
    assert_eq!(agent.local_credentials(), &before);
    assert_eq!(agent.selected().map(|selected| selected.0), selected);
    assert_eq!(agent.check_list().state, CheckListState::Completed);
    // Long after: consent is asked for and given with the credentials that stayed.
    duo.run_until(Time::from_millis(60_000));
    let sides = duo.sides.each_ref().map(|side| side.agent.state());
    assert_eq!(sides, [ConnectionState::Completed; 2]);
}

#[test]
fn checks_that_a_restart_had_ended_begin_again_when_it_is_taken_back() {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.start();
    duo.run_until(Time::from_millis(60));
    duo.restart(0);
    duo.run_until(Time::from_millis(70));
    let now = duo.now;
    duo.act(0, |agent| agent.abandon_restart(now));
    assert!(duo.drive(Time::from_millis(3000)));
    assert!(duo.agrees());
}

#[test]
fn a_restart_that_the_peer_took_part_in_cannot_be_taken_back() {
    let mut duo = connected();
    restart_both(&mut duo);
    let restarted = duo.sides[0].agent.local_credentials().clone();
    let now = duo.now;
    duo.act(0, |agent| agent.abandon_restart(now));
    assert_eq!(duo.sides[0].agent.local_credentials(), &restarted);
}
