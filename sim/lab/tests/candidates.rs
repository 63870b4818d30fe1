//! Candidates beyond the usual ones: reflexive ones over TCP, and names in place of addresses.

mod common;

use common::{run, scenario, shipped};
use rtclab_lab::document::Scenario;
use rtclab_lab::run::Outcome;
use rtclab_rtc::ice::{self, Candidate, CandidateKind, CandidateTransport};
use rtclab_rtc::stun::Transport;
use rtclab_trace::{CallOutcome, Change, Entity, Reason};

/// Every candidate of its own that an agent of this run told.
fn candidates(outcome: &Outcome) -> Vec<&Candidate> {
    let locals =
        outcome.trace.entries().filter(|(_, entry)| matches!(entry.entity, Entity::LocalCandidate(..)));
    locals
        .filter_map(|(_, entry)| match &entry.change {
            Change::Protocol(change) => match change.as_ref() {
                ice::Change::Candidate(candidate) => Some(candidate),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

fn count(outcome: &Outcome, reason: rtclab_rtc::Reason) -> usize {
    let reason = Some(Reason::from(reason));
    outcome.trace.entries().filter(|(_, entry)| entry.reason == reason).count()
}

#[test]
fn sockets_that_wait_for_connections_learn_their_mapping_over_tcp() {
    let outcome = run(&shipped("tcp-hole-punching.toml", &[]));
    let reflexive: Vec<_> = candidates(&outcome)
        .into_iter()
        .filter(|candidate| candidate.kind == CandidateKind::ServerReflexive && candidate.transport.is_tcp())
        .collect();
    for transport in [CandidateTransport::TcpPassive, CandidateTransport::TcpSimultaneousOpen] {
        assert_eq!(reflexive.iter().filter(|found| found.transport == transport).count(), 2, "{reflexive:?}");
    }
    assert!(reflexive.iter().all(|found| found.address.ip() != found.base.ip()), "a NAT is on the way");
}

#[test]
fn a_nat_with_a_port_for_each_destination_cannot_be_opened_from_both_sides() {
    let outcome = run(&shipped("tcp-hole-punching.toml", &["node.nat-a.nat=symmetric"]));
    assert_ne!(outcome.calls[0].state.outcome, CallOutcome::Connected);
}

#[test]
fn who_only_waits_is_not_reached_behind_a_nat() {
    let outcome = run(&shipped("tcp-hole-punching.toml", &["node.bob.run.peer.tcp=true"]));
    assert_ne!(outcome.calls[0].transport(), Some(Transport::Tcp));
}

/// Two peers with these keys on one LAN.
fn on_one_lan(keys: &str) -> Outcome {
    run(&scenario(&format!(
        "until_ms = 5000\n[network.lan]\npreset = \"lan\"\n\
         [node.alice]\nnetwork = \"lan\"\nrun.peer = {{ mdns = true, offers_to = \"bob\"{keys} }}\n\
         [node.bob]\nnetwork = \"lan\"\nrun.peer = {{ mdns = true{keys} }}\n"
    )))
}

#[test]
fn peers_on_one_link_find_each_other_by_name() {
    for keys in ["", ", session = {}"] {
        let outcome = on_one_lan(keys);
        assert_eq!(outcome.calls[0].state.outcome, CallOutcome::Connected, "{keys}");
        assert!(count(&outcome, rtclab_rtc::Reason::MdnsAnnounced) >= 2);
    }
}

#[test]
fn what_is_signaled_names_no_address_of_the_host() {
    let outcome = on_one_lan("");
    let said: Vec<String> = outcome
        .trace
        .entries()
        .filter_map(|(_, entry)| match &entry.change {
            Change::Signal(message) => Some(message.text.clone()),
            _ => None,
        })
        .collect();
    assert!(said.iter().any(|body| body.contains(".local")), "{said:?}");
    let held: Vec<_> = candidates(&outcome).into_iter().map(|found| found.address.ip().to_string()).collect();
    assert!(!held.is_empty() && !said.iter().any(|body| held.iter().any(|ip| body.contains(ip.as_str()))));
}

#[test]
fn a_name_of_another_link_is_given_up() {
    let outcome = run(&shipped("mdns-candidates.toml", &[]));
    assert!(count(&outcome, rtclab_rtc::Reason::NameNotResolved) >= 2);
    assert!(count(&outcome, rtclab_rtc::Reason::NameResolved) >= 1);
}

#[test]
fn a_host_answers_on_the_port_of_multicast_dns_once() {
    let text = "[network.lan]\n[node.alice]\nnetwork = \"lan\"\n\
                run = { peer = { mdns = true }, mdns = { name = \"alice.local\" } }\n";
    let problems = Scenario::parse("test.toml", text, &[]).expect_err("two responders").to_string();
    assert!(problems.contains("answers on the port of multicast DNS itself"), "{problems}");
}
