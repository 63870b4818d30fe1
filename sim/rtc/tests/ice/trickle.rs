//! Candidates and credentials in any order.

use rtclab_rtc::ice::{
    CandidateKind, CandidateLine, CheckListState, ConnectionState, Credentials, GatheringState,
};
use rtclab_rtc::{Reason, Time};

use crate::duo::{Duo, hosts, wire};

fn lines(duo: &Duo, side: usize) -> Vec<CandidateLine> {
    duo.sides[side].agent.local_candidates().map(|(_, candidate)| candidate.clone().into()).collect()
}

#[test]
fn a_candidate_that_comes_late_is_paired_and_checked() {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.signaling = false;
    duo.start();
    duo.run_until(Time::from_millis(5000));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::New);
    duo.signaling = true;
    duo.signal();
    assert!(duo.drive(Time::from_millis(5300)));
}

#[test]
fn candidates_may_come_before_credentials() {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.act(0, |agent| agent.gather(Time::ZERO));
    duo.act(1, |agent| agent.gather(Time::ZERO));
    assert!(duo.sent.is_empty(), "nothing can be signed yet");
    assert_eq!(duo.sides[0].agent.check_list().pairs.len(), 1);
    duo.exchange_credentials(0);
    duo.exchange_credentials(1);
    assert!(duo.drive(Time::from_millis(300)));
}

#[test]
fn a_check_that_comes_before_the_credentials_is_answered_and_remembered() {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.signaling = false;
    duo.act(0, |agent| agent.gather(Time::ZERO));
    duo.act(1, |agent| agent.gather(Time::ZERO));
    // Only the controlled side knows the other one so far.
    duo.exchange_credentials(0);
    for line in lines(&duo, 0) {
        duo.act(1, |agent| agent.add_remote_candidate(line, Time::ZERO));
    }
    duo.run_until(Time::from_millis(120));
    let remotes: Vec<_> = duo.sides[0].agent.remote_candidates().map(|(_, known)| known.kind).collect();
    assert_eq!(remotes, [CandidateKind::PeerReflexive]);
    assert_eq!(duo.sides[0].agent.check_list().triggered.len(), 1);
    let answered = duo.sides[1].agent.check_list().valid.len();
    assert_eq!(answered, 1, "the peer got its answer");
    duo.exchange_credentials(1);
    assert!(duo.drive(Time::from_millis(500)));
}

#[test]
fn a_candidate_learned_from_a_check_gets_its_name_when_it_is_signaled() {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.signaling = false;
    duo.start();
    for line in lines(&duo, 0) {
        duo.act(1, |agent| agent.add_remote_candidate(line, Time::ZERO));
    }
    duo.run_until(Time::from_millis(60));
    for line in lines(&duo, 1) {
        let now = duo.now;
        duo.act(0, |agent| agent.add_remote_candidate(line, now));
    }
    let remotes: Vec<_> = duo.sides[0].agent.remote_candidates().map(|(_, known)| known.clone()).collect();
    assert_eq!(remotes.len(), 1);
    assert_eq!(remotes[0].kind, CandidateKind::Host);
    assert_eq!(remotes[0].foundation.as_ref(), "1");
    assert!(duo.sides[0].told.reasons().contains(&Reason::LearnedBeforeSignaled));
    assert!(duo.drive(Time::from_millis(500)));
}

#[test]
fn candidates_of_another_session_are_dropped_when_the_credentials_tell() {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.signaling = false;
    duo.act(0, |agent| agent.gather(Time::ZERO));
    let line: CandidateLine =
        "candidate:1 1 udp 5 10.2.0.9 9000 typ host ufrag former".parse().expect("a candidate");
    duo.act(0, |agent| agent.add_remote_candidate(line.clone(), Time::ZERO));
    assert_eq!(duo.sides[0].pair_list().len(), 1);
    duo.exchange_credentials(1);
    assert_eq!(duo.sides[0].pair_list().len(), 0);
    duo.act(0, |agent| agent.add_remote_candidate(line, Time::ZERO));
    assert_eq!(duo.sides[0].told.ignored, [Reason::OtherSession]);
}

#[test]
fn nothing_fails_while_the_peer_may_still_signal() {
    let mut duo = Duo::new(hosts(1), Box::new(|_, _| None));
    duo.signaling = false;
    duo.start();
    for line in lines(&duo, 1) {
        duo.act(0, |agent| agent.add_remote_candidate(line, Time::ZERO));
    }
    duo.run_until(Time::from_millis(600_000));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Checking);
    let now = duo.now;
    duo.act(0, |agent| agent.end_of_remote_candidates(now));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Failed);
}

#[test]
fn after_the_end_of_candidates_no_candidate_is_taken() {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.start();
    let line: CandidateLine = "candidate:1 1 udp 5 10.2.0.9 9000 typ host".parse().expect("a candidate");
    duo.act(0, |agent| agent.add_remote_candidate(line, Time::ZERO));
    assert_eq!(duo.sides[0].told.ignored, [Reason::AfterEndOfCandidates]);
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
}

#[test]
fn credentials_are_changed_by_a_restart_alone() {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.start();
    let other = Credentials::new("wxyz", "abcdefghijklmnopqrstuv").expect("right");
    duo.act(0, |agent| agent.set_remote_credentials(other, Time::ZERO));
    assert_eq!(duo.sides[0].told.ignored, [Reason::CredentialsAlreadySet]);
    assert!(duo.drive(Time::from_millis(300)));
    assert_eq!(duo.sides[0].agent.check_list().state, CheckListState::Completed);
}
